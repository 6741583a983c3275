"""What the contracts keep, one storage word each, read into the words of the domain.

The layouts are those of contracts/src/types/Words.sol: fields from the lowest bit upwards.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import TypeVar

from chainfin.codec.hashing import ADDRESS_BYTES, to_address, to_hex
from chainfin.domain.participant import KeyKind, KeyRole, ParticipantKey
from chainfin.domain.receivable import Encumbrance, Lot, LotId, ReceivableStatus
from chainfin.evidence.errors import StateMismatch

_Code = TypeVar("_Code", bound=IntEnum)
_PERSON_BYTES = 15
_CURRENCY_BYTES = 3


@dataclass(frozen=True, slots=True)
class Standing:
    """How a receivable stands, in the ledger's own word."""

    status: ReceivableStatus
    paid_minor: int
    cleared_minor: int
    lot_count: int
    programme_id: int
    sequence: int


@dataclass(frozen=True, slots=True)
class ProgrammeRules:
    """What every act asks of a programme; it never changes.

    Attributes:
        deposit: Address of the tokenised deposit its money moves in.
        anchor: Who owes.
        currency: ISO 4217 code.
        acceptance_required: Whether a receiver must accept a lot.
        maximum_tier: How many hands down the supply chain a lot may go.
    """

    deposit: str
    anchor: int
    currency: str
    acceptance_required: bool
    maximum_tier: int


def read_standing(word: int) -> Standing:
    """Status 8, paid 64, cleared 64, lotCount 32, programmeId 32, sequence 32."""
    status, paid, cleared, lot_count, programme_id, sequence = _fields(word, 8, 64, 64, 32, 32, 32)
    return Standing(
        status=_code(ReceivableStatus, status),
        paid_minor=paid,
        cleared_minor=cleared,
        lot_count=lot_count,
        programme_id=programme_id,
        sequence=sequence,
    )


def read_programme(word: int) -> ProgrammeRules:
    """Deposit 160, anchor 32, currency 24, acceptanceRequired 8, maximumTier 8."""
    deposit, anchor, currency, acceptance, tier = _fields(word, 160, 32, 24, 8, 8)
    return ProgrammeRules(
        deposit=to_address(deposit.to_bytes(ADDRESS_BYTES, "big")),
        anchor=anchor,
        currency=currency.to_bytes(_CURRENCY_BYTES, "big").decode("ascii", "replace"),
        acceptance_required=acceptance != 0,
        maximum_tier=tier,
    )


def read_lot(lot_id: LotId, word: int) -> Lot:
    """Holder 32, face 64, paid 64, parent 32, tier 8, transferCount 16, encumbrance 8, settled."""
    holder, face, paid, parent, tier, count, encumbrance, settled = _fields(
        word, 32, 64, 64, 32, 8, 16, 8, 8
    )
    return Lot(
        receivable_id=lot_id.receivable_id,
        lot_sequence=lot_id.lot_sequence,
        holder=holder,
        face_value_minor=face,
        paid_minor=paid,
        parent_sequence=parent,
        tier=tier,
        transfer_count=count,
        encumbrance=_code(Encumbrance, encumbrance),
        is_settled=settled != 0,
    )


def read_key(key: str, word: int) -> ParticipantKey:
    """Organisation 32, roles 16, kind 8, validFrom 40, validUntil 40, person 120.

    A key's word is written when it is registered, once for ever, and changed once at most: when
    it is revoked, `valid_until` becomes that instant. So the word at the checkpoint says of every
    earlier instant whether the key was valid.
    """
    organisation, roles, kind, valid_from, valid_until, person = _fields(
        word, 32, 16, 8, 40, 40, 120
    )
    return ParticipantKey(
        key=key,
        organisation=organisation,
        roles=KeyRole(roles),
        kind=_code(KeyKind, kind),
        valid_from=valid_from,
        valid_until=valid_until,
        person=to_hex(person.to_bytes(_PERSON_BYTES, "big")),
    )


def _code(kind: type[_Code], value: int) -> _Code:
    try:
        return kind(value)
    except ValueError as error:
        raise StateMismatch(str(error)) from None


def _fields(word: int, *widths: int) -> list[int]:
    values = []
    for width in widths:
        values.append(word & ((1 << width) - 1))
        word >>= width
    if word:
        raise StateMismatch("a storage word has bits beyond its fields")
    return values
