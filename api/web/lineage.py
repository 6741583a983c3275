"""A receivable's lots as cards of a graph and rows of a table.

The graph shows the first lots by number. Parents have lower numbers than what was taken off them,
so these are one connected tree; what is left out is counted on the card it hangs on.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.web.formats import money_text
from api.web.texts import Words

MOST_CARDS = 120
"""More is no picture any more."""

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
        outstanding: What its holder is still owed.
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
    outstanding: str
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
        left_out: How many lots the graph leaves out, by the card they hang on.
    """

    lots: tuple[LotCard, ...]
    left_out: Mapping[str, int]

    @property
    def cards(self) -> Sequence[LotCard]:
        """The lots of the graph."""
        return self.lots[:MOST_CARDS]

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
    lots = tuple(_card(lot, view["receivable"], hops, names) for lot in view["lots"])
    return Lineage(lots, _left_out(lots))


@dataclass(frozen=True, slots=True)
class Names:
    """Organisations by number, and what stands for one without a name."""

    by_number: Mapping[int, str]
    words: Words

    def __call__(self, organisation: int) -> str:
        """An organisation's name."""
        known = self.by_number.get(organisation)
        return known or self.words("item.unnamed", number=organisation)

    def money(self, amount_minor: int, currency: str) -> str:
        """An amount with its currency."""
        return money_text(amount_minor, currency, self.words("item.minor_units"))


@dataclass(frozen=True, slots=True)
class _Hops:
    """How the lots of a receivable changed hands."""

    senders: Mapping[str, list[int]]
    offers: Mapping[str, int]
    financed: frozenset[str]
    passed_on: frozenset[str]


def _hops_by_lot(view: Mapping[str, Any]) -> _Hops:
    transfers = [hop for hop in view["transfers"] if hop["status"] in _HOPS_DONE]
    fundings = [
        {**hop, "lot_id": hop["delivered_lot_id"]}
        for hop in view["financings"]
        if hop["status"] == "funded"
    ]
    senders: dict[str, list[int]] = {}
    for hop in sorted((*transfers, *fundings), key=lambda hop: int(hop["sequence"])):
        senders.setdefault(hop["lot_id"], []).append(hop["from"])
    open_offers = (hop for hop in view["transfers"] if hop["status"] == "proposed")
    return _Hops(
        senders=senders,
        offers={hop["lot_id"]: hop["to"] for hop in open_offers},
        financed=frozenset(hop["lot_id"] for hop in fundings),
        passed_on=frozenset(hop["lot_id"] for hop in transfers if hop["status"] == "direct"),
    )


def _card(
    lot: Mapping[str, Any], receivable: Mapping[str, Any], hops: _Hops, names: Names
) -> LotCard:
    lot_id, currency = lot["lot_id"], receivable["face_value"]["currency"]
    offered_to = hops.offers.get(lot_id)
    face, paid = lot["face_value_minor"], lot["paid_minor"]
    return LotCard(
        lot_id=lot_id,
        parent=lot["parent"],
        holder=names(lot["holder"]),
        earlier=tuple(names(sender) for sender in hops.senders.get(lot_id, ())),
        offered_to=None if offered_to is None else names(offered_to),
        face=names.money(face, currency),
        paid=names.money(paid, currency),
        outstanding=names.money(0 if lot["is_settled"] else face - paid, currency),
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
    return "financing" if lot["lot_id"] in hops.financed else "split"


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


def _left_out(lots: Sequence[LotCard]) -> dict[str, int]:
    """How many lots beyond the graph hang, directly or not, on each of its cards."""
    card_of = {lot.lot_id: lot.lot_id for lot in lots[:MOST_CARDS]}
    counts: Counter[str] = Counter()
    for lot in _with_parent(lots[MOST_CARDS:]):
        card_of[lot.lot_id] = card_of[str(lot.parent)]
        counts[card_of[lot.lot_id]] += 1
    return dict(counts)


def _with_parent(lots: Iterable[LotCard]) -> list[LotCard]:
    return [lot for lot in lots if lot.parent is not None]
