"""A receivable's lots as cards of a graph and rows of a table.

The graph shows a lot only with its parent, a few lots of each parent, and so many in all; what is
left out is counted on the card it hangs on.
"""

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.web.names import Names
from api.web.texts import Words

MOST_CARDS = 60
"""Of a graph: more is no picture any more."""
MOST_CHILDREN = 6
"""Shown of one lot; the last may take the place of a card that would count only it."""

_CLOCK_STATES = frozenset({"due", "overdue", "defaulted"})
_HOPS_DONE = frozenset({"accepted", "direct"})


@dataclass(frozen=True, slots=True)
class LotCard:
    """A lot as it is shown.

    Attributes:
        lot_id: Its number.
        parent: The lot it was taken off; None for the root.
        holder: Who owns it.
        earlier: Who owned it before, the first first.
        offered_to: Who is asked to accept it, while an offer is open.
        face: Its face value, with the currency.
        paid: What was paid on it.
        original_face: Its face value when it was made.
        face_minor: The face value in minor units, for the bar.
        paid_minor: What was paid in minor units, for the bar.
        state: Key of its state: `state.<state>` is its text.
        made_by: Key of what made it, under `graph.`; None for the root.
        tier: How many hands down the supply chain.
        transfer_count: How often it changed hands.
    """

    lot_id: str
    parent: str | None
    holder: str
    earlier: tuple[str, ...]
    offered_to: str | None
    face: str
    paid: str
    original_face: str
    face_minor: int
    paid_minor: int
    state: str
    made_by: str | None
    tier: int
    transfer_count: int


@dataclass(frozen=True, slots=True)
class Lineage:
    """A receivable's lots.

    Attributes:
        lots: All of them by number.
        cards: Those the graph shows, by number.
        left_out: How many others hang on each card.
    """

    lots: tuple[LotCard, ...]
    cards: tuple[LotCard, ...]
    left_out: Mapping[str, int]

    @property
    def states(self) -> list[str]:
        """The states the graph shows, in the order of the lots: its legend."""
        return list(dict.fromkeys(lot.state for lot in self.cards))

    def find(self, lot_id: str) -> LotCard | None:
        """A lot by its number."""
        return next((lot for lot in self.lots if lot.lot_id == lot_id), None)

    def ancestors(self, lot: LotCard) -> list[LotCard]:
        """What a lot was taken off: the root first, the lot itself not among them."""
        by_number = {entry.lot_id: entry for entry in self.lots}
        line: list[LotCard] = []
        while lot.parent is not None:
            lot = by_number[lot.parent]
            line.insert(0, lot)
        return line


def lineage_of(view: Mapping[str, Any], words: Words) -> Lineage:
    """The lots of `audit.read_lineage`."""
    names = Names(view["names"], words)
    hops = _hops_by_lot(view)
    line_of = _earlier_holders(view["lots"], hops)
    lots = tuple(
        _card(lot, view["receivable"], hops, line_of[lot["lot_id"]], names) for lot in view["lots"]
    )
    return Lineage(lots, *_graph_of(lots))


@dataclass(frozen=True, slots=True)
class _Hops:
    """How the lots of a receivable changed hands.

    Attributes:
        senders: Who passed a lot on, each behind the number of the event, in order.
        offers: Who is asked to accept a lot.
        made_by_financing: Lots that a financing took off another.
    """

    senders: Mapping[str, list[tuple[int, int]]]
    offers: Mapping[str, int]
    made_by_financing: frozenset[str]


def _hops_by_lot(view: Mapping[str, Any]) -> _Hops:
    funded = [hop for hop in view["financings"] if hop["status"] == "funded"]
    done = [
        (hop["sequence"], hop["lot_id"], hop["from"])
        for hop in view["transfers"]
        if hop["status"] in _HOPS_DONE
    ]
    done += [(hop["sequence"], hop["delivered_lot_id"], hop["from"]) for hop in funded]
    senders: dict[str, list[tuple[int, int]]] = {}
    for sequence, lot_id, sender in sorted(done):
        senders.setdefault(lot_id, []).append((sequence, sender))
    return _Hops(
        senders=senders,
        offers={
            hop["lot_id"]: hop["to"] for hop in view["transfers"] if hop["status"] == "proposed"
        },
        made_by_financing=frozenset(
            hop["delivered_lot_id"] for hop in funded if hop["delivered_lot_id"] != hop["lot_id"]
        ),
    )


def _earlier_holders(lots: Sequence[Mapping[str, Any]], hops: _Hops) -> dict[str, list[int]]:
    """Who held each lot before: those of its parent until it was taken off, then its own."""
    lines: dict[str | None, list[tuple[int, int]]] = {None: []}
    for lot in lots:
        inherited = [hop for hop in lines[lot["parent"]] if hop[0] < lot["created_sequence"]]
        lines[lot["lot_id"]] = inherited + hops.senders.get(lot["lot_id"], [])
    return {str(lot_id): [sender for _, sender in line] for lot_id, line in lines.items()}


def _card(
    lot: Mapping[str, Any],
    receivable: Mapping[str, Any],
    hops: _Hops,
    earlier: Sequence[int],
    names: Names,
) -> LotCard:
    lot_id, currency = lot["lot_id"], receivable["face_value"]["currency"]
    offered_to = hops.offers.get(lot_id)
    face, paid = lot["face_value_minor"], lot["paid_minor"]
    return LotCard(
        lot_id=lot_id,
        parent=lot["parent"],
        holder=names(lot["holder"]),
        earlier=tuple(map(names, earlier)),
        offered_to=None if offered_to is None else names(offered_to),
        face=names.money(face, currency),
        paid=names.money(paid, currency),
        original_face=names.money(lot["original_face_value_minor"], currency),
        face_minor=face,
        paid_minor=paid,
        state=_state_of(lot, receivable),
        made_by=_made_by(lot, hops),
        tier=lot["tier"],
        transfer_count=lot["transfer_count"],
    )


def _made_by(lot: Mapping[str, Any], hops: _Hops) -> str | None:
    if lot["parent"] is None:
        return None
    return "financing" if lot["lot_id"] in hops.made_by_financing else "split"


def _state_of(lot: Mapping[str, Any], receivable: Mapping[str, Any]) -> str:
    """A lot's state in one word: its end first, then what holds it, then the clock."""
    ended = {"void": "void", "cancelled": "cancelled", "written_off": "written_off"}
    if receivable["status"] in ended:
        return ended[receivable["status"]]
    if lot["is_settled"]:
        return "settled"
    if lot["encumbrance"] != "none":
        return str(lot["encumbrance"])
    if receivable["state"] in _CLOCK_STATES | {"offered"}:
        return str(receivable["state"])
    return "partly_paid" if lot["paid_minor"] else "active"


def _graph_of(lots: Sequence[LotCard]) -> tuple[tuple[LotCard, ...], dict[str, int]]:
    """The cards of the graph, and how many lots hang, directly or not, on each beside them."""
    children: dict[str | None, list[LotCard]] = {}
    for lot in lots:
        children.setdefault(lot.parent, []).append(lot)
    sizes = _sizes(lots)
    left_out: dict[str, int] = {}
    shown = {lot.lot_id: lot for lot in children.get(None, ())}
    queue = deque(shown)
    while queue:
        parent = queue.popleft()
        room = max(MOST_CARDS - len(shown), 0)
        chosen, rest = _chosen(children.get(parent, []), children, min(room, MOST_CHILDREN))
        if rest:
            left_out[parent] = sum(sizes[lot.lot_id] for lot in rest)
        shown |= {lot.lot_id: lot for lot in chosen}
        queue.extend(lot.lot_id for lot in chosen)
    return tuple(lot for lot in lots if lot.lot_id in shown), left_out


def _chosen(
    siblings: Sequence[LotCard], children: Mapping[str | None, object], room: int
) -> tuple[Sequence[LotCard], Sequence[LotCard]]:
    """Those shown and those left out: parts that were divided again go first."""
    ranked = sorted(siblings, key=lambda lot: lot.lot_id not in children)
    count = len(ranked) if 0 < room >= len(ranked) - 1 else room
    return ranked[:count], ranked[count:]


def _sizes(lots: Sequence[LotCard]) -> Mapping[str, int]:
    """How many lots descend from each, itself included: parents have lower numbers."""
    sizes: Counter[str] = Counter()
    for lot in reversed(lots):
        sizes[lot.lot_id] += 1
        if lot.parent is not None:
            sizes[lot.parent] += sizes[lot.lot_id]
    return sizes
