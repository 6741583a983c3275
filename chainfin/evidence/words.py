"""What the contracts keep, one storage word each, as values of the domain."""

from dataclasses import dataclass
from enum import IntEnum
from typing import TypeVar

from chainfin.codec.hashing import ADDRESS_BYTES, to_address, to_hex
from chainfin.codec.interfaces import read_word
from chainfin.domain.participant import KeyKind, KeyRole, ParticipantKey
from chainfin.domain.receivable import Arrears, Encumbrance, Lot, LotId, ReceivableStatus
from chainfin.evidence.errors import StateMismatch

_Code = TypeVar("_Code", bound=IntEnum)
_PERSON_BYTES = 15
_CURRENCY_BYTES = 3
_TAG_BYTES = 7


@dataclass(frozen=True, slots=True)
class Undertaking:
    """What an anchor undertook, in the ledger's own word.

    Attributes:
        document_tag: First 7 bytes of its document's fingerprint.
    """

    supplier: int
    maturity_at: int
    grace_ends_at: int
    face_value_minor: int
    document_tag: str
    programme_id: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How a receivable stands, in the ledger's own word.

    Attributes:
        has_attested: Whether any of its lots was paid outside the chain.
    """

    status: ReceivableStatus
    paid_minor: int
    cleared_minor: int
    lot_count: int
    programme_id: int
    sequence: int
    arrears: Arrears
    has_attested: bool


@dataclass(frozen=True, slots=True)
class ProgrammeRules:
    """What never changes of a programme and every fact depends on.

    Attributes:
        deposit: Address of the tokenised deposit its money moves in.
        anchor: Who owes.
        currency: ISO 4217 code.
    """

    deposit: str
    anchor: int
    currency: str


def read_undertaking(word: int) -> Undertaking:
    """What the ledger keeps under `_undertakings`."""
    fields = read_word("UndertakingWord", word)
    return Undertaking(
        supplier=fields["supplier"],
        maturity_at=fields["maturityAt"],
        grace_ends_at=fields["graceEndsAt"],
        face_value_minor=fields["faceValue"],
        document_tag=to_hex(fields["documentTag"].to_bytes(_TAG_BYTES, "big")),
        programme_id=fields["programmeId"],
    )


def read_standing(word: int, undertaking: Undertaking) -> Standing:
    """What the ledger keeps under `_standings`; it writes nothing there at issue."""
    if not word:
        return Standing(
            status=ReceivableStatus.OFFERED,
            paid_minor=0,
            cleared_minor=0,
            lot_count=1,
            programme_id=undertaking.programme_id,
            sequence=1,
            arrears=Arrears.NONE,
            has_attested=False,
        )
    fields = read_word("StandingWord", word)
    return Standing(
        status=_code(ReceivableStatus, fields["status"]),
        paid_minor=fields["paid"],
        cleared_minor=fields["cleared"],
        lot_count=fields["lotCount"],
        programme_id=fields["programmeId"],
        sequence=fields["sequence"],
        arrears=_code(Arrears, fields["arrears"]),
        has_attested=fields["hasAttested"] != 0,
    )


def read_programme(word: int) -> ProgrammeRules:
    """The first word of what the ledger keeps under `_programmes`."""
    fields = read_word("ProgrammeWord", word)
    currency = fields["currency"].to_bytes(_CURRENCY_BYTES, "big")
    return ProgrammeRules(
        deposit=to_address(fields["deposit"].to_bytes(ADDRESS_BYTES, "big")),
        anchor=fields["anchor"],
        currency=currency.decode("ascii", "replace"),
    )


def read_lot(lot_id: LotId, word: int) -> Lot:
    """What the ledger keeps under `_lots`."""
    fields = read_word("LotWord", word)
    return Lot(
        receivable_id=lot_id.receivable_id,
        lot_sequence=lot_id.lot_sequence,
        holder=fields["holder"],
        face_value_minor=fields["faceValue"],
        paid_minor=fields["paid"],
        parent_sequence=fields["parent"],
        tier=fields["tier"],
        transfer_count=fields["transferCount"],
        encumbrance=_code(Encumbrance, fields["encumbrance"]),
        is_settled=fields["isSettled"] != 0,
        is_indivisible=fields["isIndivisible"] != 0,
    )


def read_key(key: str, word: int) -> ParticipantKey:
    """What the registry keeps under `_keys`.

    A key's word is written when it is registered, once for ever, and changed once at most: when
    it is revoked, `valid_until` becomes that instant. So the word at the checkpoint says of every
    earlier instant whether the key was valid.
    """
    fields = read_word("KeyWord", word)
    return ParticipantKey(
        key=key,
        organisation=fields["organisation"],
        roles=KeyRole(fields["roles"]),
        kind=_code(KeyKind, fields["kind"]),
        valid_from=fields["validFrom"],
        valid_until=fields["validUntil"],
        person=to_hex(fields["person"].to_bytes(_PERSON_BYTES, "big")),
    )


def _code(kind: type[_Code], value: int) -> _Code:
    try:
        return kind(value)
    except ValueError as error:
        raise StateMismatch(str(error)) from None
