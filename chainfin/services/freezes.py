"""Freezes and holds: ordered by courts and authorities, read by those they concern."""

from collections.abc import Mapping
from typing import Any

import msgspec

from chainfin.codec.hashing import from_hash
from chainfin.domain.freezes import Freeze
from chainfin.domain.receivable import LotId
from chainfin.domain.rules import check_freeze, usual_end_of_freeze
from chainfin.models.freezes import FreezeRow, freezes_of_lot, list_freezes
from chainfin.services.audit import require_reader
from chainfin.services.context import Built, Caller, Context, place_of, read_fields


class FreezeLotsFields(msgspec.Struct, forbid_unknown_fields=True):
    """Whose lots of which receivable, by which order; no lots named are all the holder has."""

    receivable_id: int
    holder: int
    reference_hash: str
    lot_sequences: list[int] = []
    expires_at: int | None = None
    to_court: bool = True


class HoldLotsFields(msgspec.Struct, forbid_unknown_fields=True):
    """The same for a hold; money waits."""

    receivable_id: int
    holder: int
    reference_hash: str
    lot_sequences: list[int] = []
    expires_at: int | None = None


class RenewFreezeFields(msgspec.Struct, forbid_unknown_fields=True):
    """Which order of the court holds on, and until when; no lots named are all under it."""

    receivable_id: int
    reference_hash: str
    expires_at: int
    lot_sequences: list[int] = []


class LiftFreezeFields(msgspec.Struct, forbid_unknown_fields=True):
    """Which order ends; no lots named are all under it."""

    receivable_id: int
    reference_hash: str
    lot_sequences: list[int] = []


_Fields = FreezeLotsFields | HoldLotsFields | RenewFreezeFields | LiftFreezeFields


def build_freeze_lots(context: Context, organisation: int, fields: Mapping[str, Any]) -> Built:  # noqa: ARG001
    """A court's freeze."""
    wanted = read_fields(FreezeLotsFields, fields)
    until = _until(context, wanted.expires_at, is_hold=False)
    more = {"holder": wanted.holder, "expiresAt": until, "toCourt": wanted.to_court}
    return _built(wanted, more)


def build_hold_lots(context: Context, organisation: int, fields: Mapping[str, Any]) -> Built:  # noqa: ARG001
    """An authority's hold."""
    wanted = read_fields(HoldLotsFields, fields)
    until = _until(context, wanted.expires_at, is_hold=True)
    return _built(wanted, {"holder": wanted.holder, "expiresAt": until})


def build_renew_freeze(context: Context, organisation: int, fields: Mapping[str, Any]) -> Built:  # noqa: ARG001
    """A court's freeze holds longer."""
    wanted = read_fields(RenewFreezeFields, fields)
    until = _until(context, wanted.expires_at, is_hold=False)
    return _built(wanted, {"expiresAt": until})


def build_lift_freeze(context: Context, organisation: int, fields: Mapping[str, Any]) -> Built:  # noqa: ARG001
    """Whoever froze or held lots lets them go."""
    return _built(read_fields(LiftFreezeFields, fields), {})


# --- reads -----------------------------------------------------------------------------------


def freeze_views(
    context: Context, caller: Caller, *, after: str | None, limit: int
) -> list[dict[str, Any]]:
    """Freezes a court ordered, or over lots a holder had; all of them for those who read all.

    Raises:
        FieldMalformed: The cursor is none that was given out.
    """
    party = None if caller.reads_all else caller.organisation
    now_at = context.as_of().block_timestamp
    rows = list_freezes(context.session, party=party, after=place_of(after, 2), limit=limit)
    return [freeze_view(row, now_at) for row in rows]


def freezes_of_lot_views(context: Context, caller: Caller, lot_id: LotId) -> list[dict[str, Any]]:
    """Every freeze of a lot, in the order they came, for those who may read the lot."""
    require_reader(context, caller, lot_id.receivable_id)
    now_at = context.as_of().block_timestamp
    return [freeze_view(row, now_at) for row in freezes_of_lot(context.session, lot_id)]


def freeze_view(row: FreezeRow, now_at: int) -> dict[str, Any]:
    """A freeze as JSON; `cursor` is where a list goes on after it."""
    freeze: Freeze = row.to_domain()
    return {
        "lot_id": str(freeze.lot_id),
        "reference_hash": freeze.reference_hash,
        "holder": freeze.holder,
        "court": freeze.court,
        "is_hold": freeze.is_hold,
        "to_court": freeze.to_court,
        "started_at": freeze.started_at,
        "expires_at": freeze.expires_at,
        "lifted_at": freeze.lifted_at,
        "holds": freeze.holds_at(now_at),
        "cursor": f"{row.receivable_id}-{row.sequence}",
    }


def _until(context: Context, wanted: int | None, *, is_hold: bool) -> int:
    now_at = context.as_of().block_timestamp
    until = usual_end_of_freeze(now_at, is_hold=is_hold) if wanted is None else wanted
    check_freeze(expires_at=until, now_at=now_at, is_hold=is_hold)
    return until


def _built(wanted: _Fields, more: Mapping[str, Any]) -> Built:
    return Built(
        fields={
            "receivableId": wanted.receivable_id,
            "referenceHash": from_hash(wanted.reference_hash),
            **more,
            "lotSequences": wanted.lot_sequences,
        },
        attachments={},
    )
