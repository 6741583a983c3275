"""Issue, singly and in batches, and the supplier's answer: builders of those orders.

Contracts have no calendar. The instants an order names (due, end of grace) are computed here from
the market's working days, zone and cut-off, shown, and signed.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any

import msgspec

from chainfin.codec import merkle
from chainfin.codec.commitments import file_commitment
from chainfin.codec.hashing import NO_HASH, from_hash, to_hex
from chainfin.codec.orders import row_leaf
from chainfin.domain.calendar import (
    cut_off_at,
    maturity_date,
    next_working_day,
    utc_day,
    working_day_after,
)
from chainfin.domain.documents import DocumentType
from chainfin.domain.errors import CurrencyMismatch, MaturityInThePast
from chainfin.domain.receivable import ReceivableStatus
from chainfin.domain.refusals import NotObligor, ReceivableNotOffered
from chainfin.domain.service_errors import FieldMalformed, NotFound
from chainfin.interchange.calendars import working_days
from chainfin.models.participants import get_programme
from chainfin.models.private_documents import TradeDocumentRow
from chainfin.models.receivables import ReceivableRow, find_receivable, list_receivables
from chainfin.services.context import Built, Context, read_fields
from chainfin.services.document_names import live_fingerprints
from chainfin.services.documents import (
    DOCUMENT_TYPE_NUMBERS,
    attest_documents,
    documents_for_issue,
)

ATTESTATION_SECONDS = 30 * 86_400
MOST_OFFERS = 200
"""Offers one acceptance may carry: about half the gas one transaction may use."""


@dataclass(frozen=True, slots=True)
class Market:
    """What fixes the instants of a currency's home market."""

    calendar: str
    zone: str
    cut_off: time


MARKETS = {
    "CNY": Market("CN", "Asia/Shanghai", time(16, 30)),
    "GBP": Market("GB", "Europe/London", time(16, 30)),
    "EUR": Market("TARGET", "Europe/Berlin", time(16, 30)),
    "USD": Market("US", "America/New_York", time(16, 30)),
}
_SALT_BYTES = 32
_ELSEWHERE = Market("TARGET", "UTC", time(16, 30))


class IssueReceivableFields(msgspec.Struct, forbid_unknown_fields=True):
    """Either `tenor_days` from today or a `maturity_date`; a working day follows from both."""

    programme_id: int
    document_fingerprint: str
    face_value_minor: int | None = None
    tenor_days: int | None = None
    maturity_date: date | None = None
    grace_days: int = 3


class BatchRowFields(msgspec.Struct, forbid_unknown_fields=True):
    """One receivable of a batch."""

    document_fingerprint: str
    face_value_minor: int | None = None
    tenor_days: int | None = None
    maturity_date: date | None = None


class IssueBatchFields(msgspec.Struct, forbid_unknown_fields=True):
    """Many receivables under one signature; the market's calendar, zone and cut-off unless named.

    `file_sha256` is the ledger's hash; the chain sees it only with a salt.
    """

    programme_id: int
    file_sha256: str
    rows: list[BatchRowFields]
    grace_days: int = 3
    calendar: str | None = None
    zone: str | None = None
    cut_off: time | None = None


class AcceptReceivableFields(msgspec.Struct, forbid_unknown_fields=True):
    """The offers to accept; all that wait for this supplier in a currency if none is named."""

    receivable_ids: list[int] = []
    currency: str | None = None


class EndOfferFields(msgspec.Struct, forbid_unknown_fields=True):
    """The offer to refuse or take back."""

    receivable_id: int
    reason_hash: str = NO_HASH


class CancelReceivableFields(msgspec.Struct, forbid_unknown_fields=True):
    """What to take off: all of it unless an amount is named (a credit note).

    What the other party proposed is agreed to as it was proposed unless the fields differ.
    """

    receivable_id: int
    amount_minor: int | None = None
    reason_hash: str | None = None


def build_issue_receivable(context: Context, organisation: int, fields: Mapping[str, Any]) -> Built:
    """One receivable on one recorded document."""
    wanted = read_fields(IssueReceivableFields, fields)
    programme = get_programme(context.session, wanted.programme_id)
    if programme is None:
        raise NotFound("programme", str(wanted.programme_id))
    tag = wanted.document_fingerprint
    documents = documents_for_issue(context, organisation, [tag], wanted.programme_id)
    names = live_fingerprints(context, documents.values())
    market = MARKETS.get(programme.currency, _ELSEWHERE)
    schedule = _Schedule(context, programme.currency, wanted.grace_days, market)
    row = _row(schedule, documents[tag], names, wanted)
    root = merkle.root([row_leaf(0, row)])
    attachments = attest_documents(
        context,
        obligor=organisation,
        currency=programme.currency,
        count=1,
        root=root,
        deadline_at=schedule.now_at + ATTESTATION_SECONDS,
    )
    return Built(
        fields={
            "programmeId": wanted.programme_id,
            "currency": programme.currency.encode(),
            "row": row,
        },
        attachments=attachments,
        currency=programme.currency,
        amount_minor=row["faceValue"],
        notes={"supplier": row["supplier"], "maturity_at": row["maturityAt"]},
    )


def build_issue_batch(context: Context, organisation: int, fields: Mapping[str, Any]) -> Built:
    """Many receivables, each on its own recorded document, under one signature."""
    wanted = read_fields(IssueBatchFields, fields)
    programme = get_programme(context.session, wanted.programme_id)
    if programme is None:
        raise NotFound("programme", str(wanted.programme_id))
    if not wanted.rows:
        raise FieldMalformed("rows", "[]", "at least one row")
    documents = documents_for_issue(
        context,
        organisation,
        [row.document_fingerprint for row in wanted.rows],
        wanted.programme_id,
    )
    names = live_fingerprints(context, documents.values())
    market = MARKETS.get(programme.currency, _ELSEWHERE)
    market = Market(
        wanted.calendar or market.calendar,
        wanted.zone or market.zone,
        wanted.cut_off or market.cut_off,
    )
    schedule = _Schedule(context, programme.currency, wanted.grace_days, market)
    rows = [_row(schedule, documents[row.document_fingerprint], names, row) for row in wanted.rows]
    root = merkle.root([row_leaf(index, row) for index, row in enumerate(rows)])
    total = sum(row["faceValue"] for row in rows)
    salt = secrets.token_bytes(_SALT_BYTES)
    attachments = attest_documents(
        context,
        obligor=organisation,
        currency=programme.currency,
        count=len(rows),
        root=root,
        deadline_at=schedule.now_at + ATTESTATION_SECONDS,
    )
    return Built(
        fields={
            "programmeId": wanted.programme_id,
            "currency": programme.currency.encode(),
            "count": len(rows),
            "totalFaceValue": total,
            "fileHash": file_commitment(salt, from_hash(wanted.file_sha256)),
            "root": root,
        },
        attachments=attachments
        | {"fileSalt": to_hex(salt), "rows": [row_to_json(row) for row in rows]},
        currency=programme.currency,
        amount_minor=total,
        notes={"count": len(rows), "total_face_value_minor": total},
    )


def build_accept_receivable(
    context: Context, organisation: int, fields: Mapping[str, Any]
) -> Built:
    """A list of offers to this supplier, in one currency, each in full."""
    wanted = read_fields(AcceptReceivableFields, fields)
    if wanted.receivable_ids:
        found = [_offer(context, organisation, entry) for entry in wanted.receivable_ids]
    else:
        found = _offers_to(context, organisation, wanted.currency)
    if not found:
        raise NotFound("offer", f"to organisation {organisation}")
    currency = _one_currency(found)
    total = sum(entry.face_value_minor for entry in found)
    offers = [
        {
            "receivableId": entry.receivable_id,
            "obligor": entry.obligor,
            "programmeId": entry.programme_id,
            "faceValue": entry.face_value_minor,
            "maturityAt": entry.maturity_at,
            "graceEndsAt": entry.grace_ends_at,
        }
        for entry in found
    ]
    return Built(
        fields={"currency": currency.encode(), "totalFaceValue": total, "offers": offers},
        attachments={},
        currency=currency,
        amount_minor=total,
        notes={"count": len(offers), "total_face_value_minor": total},
    )


def build_refuse_receivable(
    context: Context, organisation: int, fields: Mapping[str, Any]
) -> Built:
    """The supplier's refusal; the document's use is given back."""
    wanted = read_fields(EndOfferFields, fields)
    return _end_of(_offer(context, organisation, wanted.receivable_id), wanted)


def build_withdraw_receivable(
    context: Context, organisation: int, fields: Mapping[str, Any]
) -> Built:
    """The anchor's withdrawal of an offer; the document's use is given back."""
    wanted = read_fields(EndOfferFields, fields)
    receivable = _of_party(context, organisation, wanted.receivable_id)
    if receivable.obligor != organisation:
        raise NotObligor(receivable.receivable_id, receivable.obligor, organisation)
    return _end_of(receivable, wanted)


def build_cancel_receivable(
    context: Context, organisation: int, fields: Mapping[str, Any]
) -> Built:
    """A cancellation or credit note: proposed, or agreed to."""
    wanted = read_fields(CancelReceivableFields, fields)
    receivable = _of_party(context, organisation, wanted.receivable_id)
    amount, reason_hash = _proposed_to(organisation, receivable)
    if wanted.amount_minor is not None:
        amount = wanted.amount_minor
    return Built(
        fields={
            "receivableId": wanted.receivable_id,
            "faceValue": receivable.face_value_minor,
            "amount": amount,
            "documentFingerprint": from_hash(receivable.document_fingerprint),
            "reasonHash": from_hash(wanted.reason_hash or reason_hash),
        },
        attachments={},
        currency=receivable.currency,
        amount_minor=amount,
    )


def _of_party(context: Context, organisation: int, receivable_id: int) -> ReceivableRow:
    """A receivable of its anchor or its first supplier; to all others there is none."""
    receivable = find_receivable(context.session, receivable_id)
    if receivable is None or organisation not in {receivable.obligor, receivable.supplier}:
        raise NotFound("receivable", str(receivable_id))
    return receivable


def _end_of(receivable: ReceivableRow, wanted: EndOfferFields) -> Built:
    return Built(
        fields={
            "receivableId": wanted.receivable_id,
            "faceValue": receivable.face_value_minor,
            "documentFingerprint": from_hash(receivable.document_fingerprint),
            "reasonHash": from_hash(wanted.reason_hash),
        },
        attachments={},
        currency=receivable.currency,
        amount_minor=receivable.face_value_minor,
    )


def _proposed_to(organisation: int, receivable: ReceivableRow) -> tuple[int, str]:
    """Amount and reason of what the other party proposed; all of it, without one, otherwise."""
    proposer = receivable.cancellation_proposed_by
    if proposer is None or proposer == organisation:
        return receivable.face_value_minor, NO_HASH
    return (
        receivable.cancellation_amount_minor or receivable.face_value_minor,
        receivable.cancellation_reason_hash or NO_HASH,
    )


class _Schedule:
    """Turns tenors and dates into the instants of one market, counted from the head block."""

    def __init__(self, context: Context, currency: str, grace_days: int, market: Market) -> None:
        self.now_at = context.as_of().block_timestamp
        self.currency = currency
        self._grace_days = grace_days
        self._market = market
        self._calendar = working_days(self._market.calendar)
        self.today = utc_day(self.now_at)
        self._known: dict[tuple[int | None, date | None], tuple[int, int]] = {}

    def instants(self, tenor_days: int | None, due_date: date | None) -> tuple[int, int]:
        """When a receivable falls due and when its grace ends, UTC seconds."""
        if (tenor_days is None) == (due_date is None):
            raise FieldMalformed(
                "tenor_days", str(tenor_days), "either tenor_days or maturity_date"
            )
        wanted = (tenor_days, due_date)
        if wanted not in self._known:
            self._known[wanted] = self._compute(*wanted)
        return self._known[wanted]

    def _compute(self, tenor_days: int | None, due_date: date | None) -> tuple[int, int]:
        if due_date is not None:
            due = next_working_day(due_date, self._calendar)
        else:
            due = maturity_date(self.today, tenor_days or 0, self._calendar)
        grace = working_day_after(due, self._grace_days, self._calendar)
        due_at = cut_off_at(due, self._market.zone, self._market.cut_off)
        if due_at <= self.now_at:
            raise MaturityInThePast(due_at, self.now_at)
        return due_at, cut_off_at(grace, self._market.zone, self._market.cut_off)


def _row(
    schedule: _Schedule,
    document: TradeDocumentRow,
    names: Mapping[str, str],
    wanted: IssueReceivableFields | BatchRowFields,
) -> dict[str, Any]:
    if document.currency != schedule.currency:
        raise CurrencyMismatch(schedule.currency, document.currency)
    due_at, grace_ends_at = schedule.instants(wanted.tenor_days, wanted.maturity_date)
    face = wanted.face_value_minor
    return {
        "supplier": document.seller,
        "faceValue": document.amount_minor if face is None else face,
        "maturityAt": due_at,
        "graceEndsAt": grace_ends_at,
        "documentType": DOCUMENT_TYPE_NUMBERS[DocumentType(document.document_type)],
        "documentAmount": document.amount_minor,
        "documentFingerprint": from_hash(names[document.fingerprint]),
        "documentCommitment": from_hash(document.commitment),
    }


_ROW_NUMBERS = (
    "supplier",
    "faceValue",
    "maturityAt",
    "graceEndsAt",
    "documentType",
    "documentAmount",
)
_ROW_HASHES = ("documentFingerprint", "documentCommitment")


def row_to_json(row: Mapping[str, Any]) -> list[Any]:
    """A batch row as attachments hold it: numbers, then hashes, in the order of IssueRow."""
    return [row[name] for name in _ROW_NUMBERS] + [to_hex(row[name]) for name in _ROW_HASHES]


def row_from_json(entry: Sequence[Any]) -> dict[str, Any]:
    """A batch row from attachments.

    Raises:
        FieldMalformed: It does not have the members of an IssueRow.
    """
    count = len(_ROW_NUMBERS)
    if len(entry) != count + len(_ROW_HASHES):
        raise FieldMalformed("rows", str(entry)[:80], "six numbers and two hashes")
    numbers = {
        name: _number(name, value) for name, value in zip(_ROW_NUMBERS, entry[:count], strict=True)
    }
    hashes = {
        name: from_hash(value) for name, value in zip(_ROW_HASHES, entry[count:], strict=True)
    }
    return numbers | hashes


def _number(name: str, value: Any) -> int:
    if type(value) is not int or value < 0:
        raise FieldMalformed(name, str(value)[:40], "a number from 0")
    return value


def _offer(context: Context, organisation: int, receivable_id: int) -> ReceivableRow:
    receivable = find_receivable(context.session, receivable_id)
    if receivable is None or receivable.supplier != organisation:
        raise NotFound("receivable", str(receivable_id))
    if receivable.status is not ReceivableStatus.OFFERED:
        raise ReceivableNotOffered(receivable_id, receivable.status.name.lower())
    return receivable


def _offers_to(context: Context, organisation: int, currency: str | None) -> list[ReceivableRow]:
    """The oldest offers that wait for a supplier; of one currency, the first one's unless named."""
    waiting = list_receivables(
        context.session,
        supplier=organisation,
        statuses=[ReceivableStatus.OFFERED],
        limit=MOST_OFFERS,
    )
    wanted = currency or (waiting[0].currency if waiting else "")
    return [entry for entry in waiting if entry.currency == wanted]


def _one_currency(receivables: Sequence[ReceivableRow]) -> str:
    currencies = sorted({entry.currency for entry in receivables})
    if len(currencies) != 1:
        raise CurrencyMismatch(currencies[0], currencies[-1])
    return currencies[0]
