// Lays the lots of a receivable out as a graph. The cards are the page's own list: this script
// gives them places, and Cytoscape draws the lines between them, zooms and pans.
"use strict";

(() => {
  const GAP = { x: 132, y: 18 }; // between cards side by side; a line's label stands in x
  const STEP = { x: 22, y: 12, most: 5 }; // between cards one below the other, on narrow screens
  const PADDING = 20;
  const NARROW = 700;
  const HEIGHT = { least: 170, most: 720 };
  const ZOOM = { least: 0.7, most: 1.6, factor: 1.25 };

  // A branch beside the one before it; a lot stands at the middle of what was taken off it.
  function treePlaces(lots, size) {
    const rows = new Map();
    const places = new Map();
    let free = 0;
    const place = (lot, depth) => {
      const children = lots.filter((other) => other.parent === lot.id);
      children.forEach((child) => place(child, depth + 1));
      const ends = [children[0], children[children.length - 1]].filter(Boolean);
      const row = ends.length ? (rows.get(ends[0].id) + rows.get(ends[1].id)) / 2 : free++;
      rows.set(lot.id, row);
      places.set(lot.id, { x: depth * (size.width + GAP.x), y: row * (size.height + GAP.y) });
    };
    lots.filter((lot) => !lot.parent).forEach((root) => place(root, 0));
    return places;
  }

  // One below the other, indented by depth, every lot before what was taken off it.
  function outlinePlaces(lots, heights) {
    const places = new Map();
    let y = 0;
    const place = (lot, depth) => {
      places.set(lot.id, { x: Math.min(depth, STEP.most) * STEP.x, y });
      y += heights.get(lot.id) + STEP.y;
      lots.filter((other) => other.parent === lot.id).forEach((child) => place(child, depth + 1));
    };
    lots.filter((lot) => !lot.parent).forEach((root) => place(root, 0));
    return places;
  }

  class Graph {
    constructor(figure) {
      this.figure = figure;
      this.stage = figure.querySelector(".lineage-stage");
      this.layer = figure.querySelector(".lineage-cards");
      this.tools = figure.querySelector(".lineage-tools");
      this.lots = [...this.layer.children].map((card) => ({
        id: card.dataset.lot,
        parent: card.dataset.parent,
        card,
      }));
      this.cy = window.cytoscape({
        container: figure.querySelector(".lineage-canvas"),
        elements: this.elements(),
        layout: { name: "preset" },
        minZoom: 0.1,
        maxZoom: ZOOM.most,
        userZoomingEnabled: false,
        boxSelectionEnabled: false,
        autoungrabify: true,
        autounselectify: true,
      });
      figure.classList.add("is-drawn");
      this.listen();
      this.arrange();
    }

    elements() {
      const nodes = this.lots.map(({ id }) => ({ data: { id } }));
      const edges = this.lots.filter((lot) => lot.parent).map((lot) => ({
        data: { id: `${lot.parent}>${lot.id}`, source: lot.parent, target: lot.id },
      }));
      return { nodes, edges };
    }

    listen() {
      this.cy.on("viewport", () => this.follow());
      for (const { id, card } of this.lots) {
        for (const event of ["pointerenter", "focusin"]) {
          card.addEventListener(event, () => this.trace(id));
        }
        for (const event of ["pointerleave", "focusout"]) {
          card.addEventListener(event, () => this.trace(null));
        }
        card.addEventListener("focusin", () => this.reveal(id));
      }
      for (const button of this.tools.querySelectorAll("button")) {
        button.addEventListener("click", () => this.view(button.dataset.view));
      }
      const scheme = window.matchMedia("(prefers-color-scheme: dark)");
      scheme.addEventListener("change", () => this.paint());
      let width = this.stage.clientWidth;
      new ResizeObserver(() => {
        if (this.stage.clientWidth === width) return;
        width = this.stage.clientWidth;
        this.arrange();
      }).observe(this.stage);
    }

    arrange() {
      this.isOutline = this.stage.clientWidth < NARROW;
      this.figure.classList.toggle("is-outline", this.isOutline);
      this.tools.hidden = this.isOutline;
      this.widen();
      const sizes = new Map(
        this.lots.map(({ id, card }) => [
          id,
          { width: card.offsetWidth, height: card.offsetHeight },
        ]),
      );
      if (this.isOutline) this.arrangeOutline(sizes);
      else this.arrangeTree(sizes);
      this.paint();
      this.figure.dataset.drawn = String(this.lots.length);
    }

    // An outline's cards share the right edge; a graph's all have the style sheet's width.
    widen() {
      for (const { id, card } of this.lots) {
        const depth = Math.min(this.cy.getElementById(id).predecessors("node").length, STEP.most);
        const width = this.stage.clientWidth - depth * STEP.x;
        card.style.width = this.isOutline ? `${width}px` : "";
      }
    }

    arrangeTree(sizes) {
      const size = {
        width: Math.max(...[...sizes.values()].map((one) => one.width)),
        height: Math.max(...[...sizes.values()].map((one) => one.height)),
      };
      const places = treePlaces(this.lots, size);
      this.put(places, (place) => ({
        x: place.x + size.width / 2,
        y: place.y + size.height / 2,
      }));
      this.size = this.extent(places, sizes);
      const zoom = this.fittingZoom();
      const height = this.size.height * zoom + 2 * PADDING;
      this.resize(Math.min(Math.max(height, HEIGHT.least), HEIGHT.most));
      this.cy.userPanningEnabled(true);
      this.show(zoom);
    }

    arrangeOutline(sizes) {
      const heights = new Map([...sizes].map(([id, size]) => [id, size.height]));
      const places = outlinePlaces(this.lots, heights);
      this.put(places, (place, id) => ({ x: place.x + 11, y: place.y + heights.get(id) / 2 }));
      this.size = this.extent(places, sizes);
      this.resize(this.size.height + 1); // the browser rounds the heights it tells
      this.cy.userPanningEnabled(false);
      this.cy.viewport({ zoom: 1, pan: { x: 0, y: 0 } });
      this.follow();
    }

    // The card at its place; the node where the lines of the card begin and end.
    put(places, anchor) {
      for (const { id, card } of this.lots) {
        const place = places.get(id);
        card.style.transform = `translate(${place.x}px, ${place.y}px)`;
        this.cy.getElementById(id).position(anchor(place, id));
      }
    }

    extent(places, sizes) {
      let [width, height] = [0, 0];
      for (const [id, place] of places) {
        width = Math.max(width, place.x + sizes.get(id).width);
        height = Math.max(height, place.y + sizes.get(id).height);
      }
      return { width, height };
    }

    resize(height) {
      const border = this.stage.offsetHeight - this.stage.clientHeight;
      this.stage.style.minHeight = `${Math.ceil(height) + border}px`;
      this.cy.resize();
    }

    fittingZoom() {
      const across = (this.stage.clientWidth - 2 * PADDING) / this.size.width;
      const down = (HEIGHT.most - 2 * PADDING) / this.size.height;
      return Math.max(ZOOM.least, Math.min(1, across, down));
    }

    // In the middle; where there is no room, from the root on, which is at half the height.
    show(zoom) {
      const room = {
        x: this.stage.clientWidth - this.size.width * zoom,
        y: this.stage.clientHeight - this.size.height * zoom,
      };
      this.cy.viewport({ zoom, pan: { x: Math.max(PADDING, room.x / 2), y: room.y / 2 } });
      this.follow();
    }

    follow() {
      const { x, y } = this.cy.pan();
      this.layer.style.transform = `translate(${x}px, ${y}px) scale(${this.cy.zoom()})`;
    }

    view(wanted) {
      if (wanted === "fit") {
        const down = (this.stage.clientHeight - 2 * PADDING) / this.size.height;
        const across = (this.stage.clientWidth - 2 * PADDING) / this.size.width;
        this.show(Math.min(1, down, across));
        return;
      }
      const factor = wanted === "larger" ? ZOOM.factor : 1 / ZOOM.factor;
      const middle = { x: this.stage.clientWidth / 2, y: this.stage.clientHeight / 2 };
      this.cy.zoom({ level: this.cy.zoom() * factor, renderedPosition: middle });
    }

    // The way from the root to a lot.
    trace(id) {
      const way = id === null ? this.cy.collection() : this.cy.getElementById(id).predecessors();
      this.cy.edges().toggleClass("traced", false);
      way.edges().toggleClass("traced", true);
      const traced = new Set(way.nodes().map((node) => node.id()));
      for (const lot of this.lots) lot.card.classList.toggle("is-traced", traced.has(lot.id));
    }

    // Brings a card that has the keyboard's focus into view.
    reveal(id) {
      if (this.isOutline) return;
      const frame = this.stage.getBoundingClientRect();
      const card = this.lots.find((lot) => lot.id === id).card.getBoundingClientRect();
      const shift = (from, to, least, most) =>
        from < least ? least - from + PADDING : to > most ? most - to - PADDING : 0;
      this.cy.panBy({
        x: shift(card.left, card.right, frame.left, frame.right),
        y: shift(card.top, card.bottom, frame.top, frame.bottom),
      });
    }

    paint() {
      const colours = getComputedStyle(this.figure);
      const colour = (name) => colours.getPropertyValue(name).trim();
      this.cy.style([
        { selector: "node", style: { width: 1, height: 1, opacity: 0 } },
        {
          selector: "edge",
          style: {
            width: 1.5,
            "line-color": colour("--wire"),
            "curve-style": "round-taxi",
            "taxi-radius": 8,
            "taxi-direction": this.isOutline ? "downward" : "rightward",
            // At 100% an outline's line turns only at the height of the lot it leads to.
            "taxi-turn": this.isOutline ? "100%" : this.turn(),
            "taxi-turn-min-distance": 0,
          },
        },
        { selector: "edge.traced", style: { width: 2.5, "line-color": colour("--accent") } },
      ]);
    }

    // Lines begin in the middle of a card and turn a little to the right of it.
    turn() {
      return this.lots[0].card.offsetWidth / 2 + 22;
    }
  }

  for (const figure of document.querySelectorAll("[data-lineage]")) new Graph(figure);
})();
