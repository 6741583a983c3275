"""Splitting lots and passing them on: builders of those orders."""

from collections.abc import Mapping
from typing import Any

import msgspec

from chainfin.codec.hashing import NO_HASH, from_hash
from chainfin.domain.receivable import Lot, LotId
from chainfin.domain.refusals import LotIsRoot, NotHolder, TransferNotPending
from chainfin.domain.service_errors import NotFound
from chainfin.models.receivables import find_receivable, get_lot
from chainfin.models.transfers import transfers_of_lot
from chainfin.services.context import Built, Context, lot_id_of, read_fields

OFFER_SECONDS = 7 * 86_400
"""How long a receiver may take to answer unless the sender says otherwise."""


class PartFields(msgspec.Struct, forbid_unknown_fields=True):
    """A part to take off a lot: kept, or for another organisation."""

    face_value_minor: int
    to: int | None = None


class SplitLotFields(msgspec.Struct, forbid_unknown_fields=True):
    """The lot and its parts."""

    lot_id: str
    parts: list[PartFields]
    expires_at: int | None = None


class ProposeTransferFields(msgspec.Struct, forbid_unknown_fields=True):
    """A whole lot and who shall have it."""

    lot_id: str
    to: int
    expires_at: int | None = None
    remark_hash: str = NO_HASH


class TransferAnswerFields(msgspec.Struct, forbid_unknown_fields=True):
    """The lot under offer, or to give back."""

    lot_id: str


def build_split_lot(context: Context, organisation: int, fields: Mapping[str, Any]) -> Built:
    """Parts off a lot; one for another organisation is offered to it."""
    wanted = read_fields(SplitLotFields, fields)
    lot = held_lot(context, organisation, wanted.lot_id)
    parts = [
        {"to": organisation if part.to is None else part.to, "faceValue": part.face_value_minor}
        for part in wanted.parts
    ]
    return Built(
        fields=as_signed(lot) | {"expiresAt": _expiry(context, wanted.expires_at), "parts": parts},
        attachments={},
        currency=currency_of(context, lot.receivable_id),
        amount_minor=lot.face_value_minor,
    )


def build_unsplit_lot(context: Context, organisation: int, fields: Mapping[str, Any]) -> Built:
    """A lot back into the one it was split from."""
    wanted = read_fields(TransferAnswerFields, fields)
    lot = held_lot(context, organisation, wanted.lot_id)
    if not lot.parent_sequence:
        raise LotIsRoot(str(lot.lot_id))
    parent = held_lot(context, organisation, str(LotId(lot.receivable_id, lot.parent_sequence)))
    return Built(
        fields=as_signed(lot) | {"parentFaceValue": parent.face_value_minor},
        attachments={},
        currency=currency_of(context, lot.receivable_id),
        amount_minor=lot.face_value_minor,
    )


def build_propose_transfer(context: Context, organisation: int, fields: Mapping[str, Any]) -> Built:
    """A whole lot for another organisation."""
    wanted = read_fields(ProposeTransferFields, fields)
    lot = held_lot(context, organisation, wanted.lot_id)
    return Built(
        fields=as_signed(lot)
        | {
            "to": wanted.to,
            "expiresAt": _expiry(context, wanted.expires_at),
            "remarkHash": from_hash(wanted.remark_hash),
        },
        attachments={},
        currency=currency_of(context, lot.receivable_id),
        amount_minor=lot.face_value_minor,
    )


def build_transfer_answer(context: Context, organisation: int, fields: Mapping[str, Any]) -> Built:
    """Acceptance, rejection or revocation of the offer a lot waits under."""
    wanted = read_fields(TransferAnswerFields, fields)
    lot_id = lot_id_of(wanted.lot_id)
    lot = get_lot(context.session, lot_id)
    hop = next(
        (entry for entry in transfers_of_lot(context.session, lot_id) if entry.is_open),
        None,
    )
    if lot is None or hop is None or organisation not in {hop.sender, hop.receiver}:
        raise TransferNotPending(str(lot_id))
    return Built(
        fields=as_signed(lot) | {"offer": from_hash(hop.offer_hash or "")},
        attachments={},
        currency=currency_of(context, lot.receivable_id),
        amount_minor=lot.face_value_minor,
    )


def held_lot(context: Context, organisation: int, text: str) -> Lot:
    """A lot its holder wants to act on.

    Raises:
        NotFound: There is no such lot.
        NotHolder: Another organisation holds it.
    """
    lot = get_lot(context.session, lot_id_of(text))
    if lot is None:
        raise NotFound("lot", text)
    if lot.holder != organisation:
        raise NotHolder(str(lot.lot_id), lot.holder, organisation)
    return lot


def as_signed(lot: Lot) -> dict[str, int]:
    """What every order about a lot names, so that what moves is what was signed."""
    return {
        "lotId": lot.lot_id.token_id,
        "faceValue": lot.face_value_minor,
        "paid": lot.paid_minor,
    }


def currency_of(context: Context, receivable_id: int) -> str:
    """The currency a receivable is owed in.

    Raises:
        NotFound: There is no such receivable.
    """
    row = find_receivable(context.session, receivable_id)
    if row is None:
        raise NotFound("receivable", str(receivable_id))
    return row.currency


def _expiry(context: Context, wanted: int | None) -> int:
    return wanted if wanted is not None else context.as_of().block_timestamp + OFFER_SECONDS
