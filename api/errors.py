"""Broken rules as HTTP answers: RFC 9457 problem details, in English or Chinese.

A problem's type ends in the rule's name; docs/problems.md lists them all and is written by
`python -m api.errors`. What is no rule of ours (a malformed body, an unknown path, a fault) is
answered in the same form.
"""

import logging
import sqlite3
import sys
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DataError, InterfaceError, OperationalError
from starlette.exceptions import HTTPException

from chainfin.codec.errors import CodecError
from chainfin.domain import errors, refusals, service_errors
from chainfin.domain.errors import ChainfinError, Language
from chainfin.models.session import was_given_up

MEDIA_TYPE = "application/problem+json"

_LARGEST_NUMBER = 2**63 - 1
"""Integers beyond the largest amount are text in JSON, as everywhere in the API."""

_DISK_FULL = "53100"
"""PostgreSQL's SQLSTATE."""

_MOST_DETAILS = 100
"""A body of many rows may be wrong in each."""

_logger = logging.getLogger(__name__)

_BY_STATUS: Mapping[HTTPStatus, Iterable[type[ChainfinError]]] = {
    HTTPStatus.BAD_REQUEST: (service_errors.IdempotencyKeyMissing,),
    HTTPStatus.UNAUTHORIZED: (service_errors.NotAuthenticated, service_errors.SignInRefused),
    # Not these keys, not this organisation, not this caller.
    HTTPStatus.FORBIDDEN: (
        refusals.AccessManagedUnauthorized,
        refusals.CheckerRequired,
        refusals.CompanionRequired,
        refusals.IssuerUnknown,
        refusals.KeyNotValid,
        refusals.KindRequired,
        refusals.LicenceLapsed,
        refusals.NonceOfAnotherKey,
        refusals.NotAMember,
        refusals.NotFreezer,
        refusals.NotFunder,
        refusals.NotPledgee,
        refusals.PledgeeRefused,
        refusals.NotHolder,
        refusals.NotSeller,
        refusals.NotObligor,
        refusals.NotPayeesBank,
        refusals.NotParty,
        refusals.NotReceiver,
        refusals.NotTheBank,
        refusals.OnlyByOrder,
        refusals.ParticipantBlocked,
        refusals.ParticipantSuspended,
        refusals.PowerMissing,
        refusals.ProgrammeNotOwned,
        refusals.RoleRequired,
        refusals.SamePerson,
        refusals.SignatureInvalid,
        refusals.SignerUnknown,
        refusals.VenueIsCaller,
        refusals.VenueUnknown,
        service_errors.AnchorNotAdmitted,
        service_errors.BuyerNotCaller,
        service_errors.DevelopmentKeyRefused,
        service_errors.DevelopmentOnly,
        service_errors.RightRequired,
    ),
    # There is no such thing.
    HTTPStatus.NOT_FOUND: (
        refusals.AccountUnknown,
        refusals.DocumentUnknown,
        refusals.DepositUnknown,
        refusals.LotUnknown,
        refusals.ParticipantUnknown,
        refusals.ProgrammeUnknown,
        refusals.ReceivableUnknown,
        refusals.RequestUnknown,
        service_errors.NotFound,
    ),
    # Well formed and not possible as things stand.
    HTTPStatus.CONFLICT: (
        refusals.AccountAlreadyOpen,
        refusals.AnchorOverdue,
        refusals.ArrearsAlreadyNoted,
        refusals.AttestedAmountDiffers,
        refusals.BatchCountExceeded,
        refusals.BatchTotalExceeded,
        refusals.ConfirmationMissing,
        refusals.ContractFault,
        refusals.CourtAccountMissing,
        refusals.CreditLineExceeded,
        refusals.CreditLineExpired,
        refusals.CreditLineMissing,
        refusals.DecisionClosed,
        refusals.DecisionNotReady,
        refusals.DecisionNotScheduled,
        refusals.DecisionOfAnotherTerm,
        refusals.DepositTooLarge,
        refusals.DepositTooSmall,
        refusals.DocumentAlreadyUsed,
        refusals.DocumentMismatch,
        refusals.DocumentCarriedBefore,
        refusals.DocumentsNotCarried,
        refusals.FingerprintTaken,
        refusals.EpochClosed,
        refusals.FreezeRepeated,
        refusals.FreezeUnknown,
        refusals.HoldNotRenewable,
        refusals.IdentityAlreadyAdmitted,
        refusals.IdentityOfAnother,
        refusals.IssueRefused,
        refusals.KeyAlreadyRegistered,
        refusals.LateInterestTooLow,
        refusals.KeyNotWaiting,
        refusals.LotAlreadySettled,
        refusals.LotChanged,
        refusals.LotEncumbered,
        refusals.LotFrozen,
        refusals.LotIsRoot,
        refusals.LotsApart,
        refusals.LotPartlyPaid,
        refusals.LotIndivisible,
        refusals.EarlyPaymentWithTerms,
        refusals.FundedAmountDiffers,
        refusals.FundingAwaitedUntil,
        refusals.FundingNotAwaited,
        refusals.HoldbackStanding,
        refusals.InterestAlreadyBorne,
        refusals.InterestBinding,
        refusals.InterestChanged,
        refusals.InterestNotBorne,
        refusals.PartByTransfer,
        refusals.PaymentShared,
        refusals.SettlementBankMissing,
        refusals.NothingToFreeze,
        refusals.NotInDefault,
        refusals.NotYetOverdue,
        refusals.MemberRefused,
        refusals.OfferChanged,
        refusals.OfferExpired,
        refusals.OfferNotExpired,
        refusals.OrderAlreadyUsed,
        refusals.OrderExpired,
        refusals.ParentIsControlled,
        refusals.PaymentBeforeMaturity,
        refusals.PledgeExpired,
        refusals.PledgeNotDue,
        refusals.PledgeUnknown,
        refusals.ProgrammeClosed,
        refusals.AlreadyReserved,
        refusals.FundedQuoteBinding,
        refusals.FundedQuoteExpired,
        refusals.QuoteAlreadyFunded,
        refusals.QuoteMismatch,
        refusals.QuoteNotFunded,
        refusals.ReceivableChanged,
        refusals.ReceivableDue,
        refusals.ReceivableNotActive,
        refusals.OfferLapsed,
        refusals.OfferNotLapsed,
        refusals.ReceivableNotOffered,
        refusals.ReceivableTouched,
        refusals.ReceiverHasNoAccount,
        refusals.ReceiverNotAdmitted,
        refusals.RecourseAlreadyClaimed,
        refusals.RecourseMissing,
        refusals.FilingMissing,
        refusals.RemainingTenorTooShort,
        refusals.RequestChanged,
        refusals.TransitionEnded,
        refusals.RequestExpired,
        refusals.RequestNotExpired,
        refusals.RequestNotOpen,
        refusals.RowAlreadyUsed,
        refusals.StatementLineChanged,
        refusals.StatementLineUsed,
        refusals.StatusChangeRefused,
        refusals.SupplierNotAdmitted,
        refusals.TermsNotNarrower,
        refusals.TierLimitReached,
        refusals.TooManyFreezes,
        refusals.TransferNotPending,
        refusals.TransferRefused,
        refusals.UnknownRefusal,
        refusals.VoteUnchanged,
        refusals.WrongOffer,
        service_errors.AccountMissing,
        service_errors.LineNotAttestable,
        service_errors.TooManyCredentials,
        service_errors.CurrencyWithoutProgramme,
        service_errors.DocumentDisputed,
        service_errors.DocumentUnnamed,
        service_errors.DocumentUsedElsewhere,
        service_errors.EvidenceUnavailable,
        service_errors.ExportNotDone,
        service_errors.ThreeWayMatchMissing,
        service_errors.IdempotencyKeyInProgress,
        service_errors.StatementChanged,
        service_errors.TooManyEndpoints,
    ),
    # Malformed, or values that no state of things would allow.
    HTTPStatus.UNPROCESSABLE_ENTITY: (
        errors.AmountNotPositive,
        errors.AmountTooLarge,
        errors.BusinessRuleFailed,
        errors.CalendarNotPublished,
        errors.CalendarUnknown,
        errors.CellEmpty,
        errors.CreditNoteRefused,
        errors.CreditNoteRow,
        errors.CurrencyMismatch,
        errors.CurrencyMissing,
        errors.CurrencyUnknown,
        errors.DateMalformed,
        errors.DatesOutOfOrder,
        errors.DiscountExceedsFace,
        errors.DocumentFieldMalformed,
        errors.DocumentFieldMissing,
        errors.DocumentNumberEmpty,
        errors.DocumentTypeUnknown,
        errors.FeesMalformed,
        errors.FileTooLarge,
        errors.DueDateMissing,
        errors.FileNotRecognised,
        errors.FileUnsafe,
        errors.IdentifierMalformed,
        errors.GoodsDocumentMalformed,
        errors.InvoiceDuplicated,
        errors.InvoiceMalformed,
        errors.InvoiceOverdue,
        errors.LedgerMalformed,
        errors.MappingMalformed,
        errors.MaturityInThePast,
        errors.PayeeNotSeller,
        errors.PaymentMalformed,
        errors.ProceedsNotPositive,
        errors.RowMalformed,
        errors.RowUnreadable,
        errors.StatementMalformed,
        errors.SummaryRow,
        errors.TenorReasonRequired,
        errors.TenorTooLong,
        errors.TenorTooShort,
        errors.TimeZoneUnknown,
        errors.TotalsDoNotAddUp,
        errors.UnknownColumn,
        errors.OrderMismatch,
        errors.PartyMismatch,
        errors.QuantityExceeded,
        errors.ValueExceeded,
        errors.WrongDecimal,
        errors.XmlDeclaresTypes,
        errors.XmlMalformed,
        errors.XmlTooDeep,
        refusals.AmountMissing,
        refusals.ApprovalsMalformed,
        refusals.AttestationMismatch,
        refusals.ChunkMalformed,
        refusals.CouncilMalformed,
        refusals.CurrencyMalformed,
        refusals.FaceValueAboveDocument,
        refusals.FaceValueMissing,
        refusals.FingerprintMissing,
        refusals.GraceBeforeMaturity,
        refusals.IdentityMissing,
        refusals.PledgeNotFiled,
        refusals.FreezeTooLong,
        refusals.InstantOutOfRange,
        refusals.BankOfItself,
        refusals.ReferenceMissing,
        refusals.StatementLineMissing,
        refusals.KeyKindUnknown,
        refusals.KindsUnknown,
        refusals.LimitTooLarge,
        refusals.LotTooSmall,
        refusals.OffersMissing,
        refusals.PartTooLarge,
        refusals.PartsMissing,
        refusals.PaymentTooLarge,
        refusals.PriceAboveFaceValue,
        refusals.InterestShareMalformed,
        refusals.TenorLimitsMalformed,
        refusals.ProgrammeMalformed,
        refusals.ProofMalformed,
        refusals.ReceiverIsObligor,
        refusals.ReceiverIsSender,
        refusals.RolesUnknown,
        refusals.RowNotInBatch,
        refusals.RunTooLarge,
        refusals.SupplierIsObligor,
        refusals.TotalMismatch,
        refusals.WrongCurrency,
        refusals.WrongTarget,
        service_errors.AccountNotYours,
        service_errors.ActUnknown,
        service_errors.AttachmentMismatch,
        service_errors.BeneficiaryUnknown,
        service_errors.FieldMalformed,
        service_errors.FieldMissingInDraft,
        service_errors.FieldUnknownInDraft,
        service_errors.IdempotencyKeyReused,
        service_errors.OrderMalformed,
        service_errors.PeriodTooLong,
        service_errors.RequestMalformed,
        service_errors.SupportingDocuments,
        service_errors.TransactionImpossible,
        service_errors.WebhookEventUnknown,
        service_errors.WebhookUrlRefused,
    ),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (service_errors.RequestTooLarge,),
    HTTPStatus.TOO_MANY_REQUESTS: (
        service_errors.TooManyExports,
        service_errors.TooManyQuestions,
        service_errors.TooManyRequests,
    ),
    # There was such a thing.
    HTTPStatus.GONE: (service_errors.DocumentErased,),
    HTTPStatus.INTERNAL_SERVER_ERROR: (errors.RulesUnusable, service_errors.ServiceFault),
    HTTPStatus.INSUFFICIENT_STORAGE: (service_errors.StorageFull,),
    # What the service stands on is away, behind, or not its own.
    HTTPStatus.SERVICE_UNAVAILABLE: (
        service_errors.AnswerTooSlow,
        refusals.VenueIsPaused,
        service_errors.DatabaseOfAnotherChain,
        service_errors.EpochKeyMissing,
        service_errors.RegistryUnavailable,
        service_errors.NodeBehind,
        service_errors.NodeRefused,
        service_errors.DatabaseNeedsMigration,
        service_errors.DatabaseNotBound,
        service_errors.DatabaseRevisionUnknown,
        service_errors.DatabaseUnavailable,
        service_errors.ReorganisationTooDeep,
        service_errors.LogGap,
        service_errors.RowMissing,
        service_errors.LogsRefused,
        service_errors.KeyExposed,
        service_errors.ProviderUnavailable,
        service_errors.SignerMalformed,
        service_errors.SignerRefused,
        service_errors.SignerUnavailable,
        service_errors.SettingOpen,
        service_errors.SigningKeyMissing,
        service_errors.SigningKeyUnusable,
        service_errors.HomeInUse,
        service_errors.LeaseLost,
        service_errors.NodeUnavailable,
        service_errors.StampUnavailable,
        service_errors.OutboxFull,
        service_errors.WrongChain,
        service_errors.WrongGenesis,
        service_errors.WrongNetworkContracts,
    ),
}

STATUS: dict[type[ChainfinError], HTTPStatus] = {
    rule: status for status, rules in _BY_STATUS.items() for rule in rules
}
"""The HTTP status of every rule."""


def problem(
    error: ChainfinError,
    request_id: str,
    language: Language = "en",
    details: Sequence[Mapping[str, str]] = (),
) -> dict[str, Any]:
    """A broken rule as problem details.

    Args:
        error: What was refused.
        request_id: Under which the request is in the log.
        language: Of detail and remedy; the title is the rule as docs/problems.md has it.
        details: `{pointer, detail}` of each faulty value of the request.
    """
    rule = type(error)
    status = STATUS[rule]
    document: dict[str, Any] = {
        "type": f"/problems/{rule.code}",
        "title": rule.rule,
        "status": status.value,
        "detail": error.detail(language),
        "remedy": error.remedy(language),
        "code": rule.code,
        "fields": {name: _json(value) for name, value in error.fields.items()},
        "request_id": request_id,
        "retryable": _is_retryable(rule),
    }
    return document | ({"errors": list(details)} if details else {})


def recorded_refusal(
    request: Request, reason: Mapping[str, Any], order: Mapping[str, Any]
) -> JSONResponse:
    """The answer to an order that was refused and recorded so.

    Args:
        request: What asked.
        reason: The refusal as orders keep it.
        order: The order as its readers see it.
    """
    rule = (refusals.catalogue() | service_errors.catalogue())[reason["name"]]
    language = language_of(request.headers.get("accept-language", ""))
    document = {
        "type": f"/problems/{rule.code}",
        "title": rule.rule,
        "status": STATUS[rule].value,
        "detail": reason["detail_zh" if language == "zh" else "detail"],
        "code": rule.code,
        "fields": reason["fields"],
        "request_id": _request_id(request),
        "retryable": False,
        "order": dict(order),
    }
    headers = {"Content-Language": language, "Location": f"/v1/orders/{order['order_hash']}"}
    return _json_answer(request, document, headers)


def install(app: FastAPI) -> None:
    """Answer every error of an application as problem details.

    The request's id is `request.state.request_id` where a middleware has set it, otherwise a new
    one; either way it is in the header X-Request-Id.
    """
    app.add_exception_handler(ChainfinError, _refuse)
    app.add_exception_handler(CodecError, _refuse_bytes)
    app.add_exception_handler(RequestValidationError, _refuse_form)
    app.add_exception_handler(HTTPException, _refuse_path)
    app.add_exception_handler(OperationalError, _refuse_for_database)
    app.add_exception_handler(InterfaceError, _refuse_for_database)
    app.add_exception_handler(OverflowError, _refuse_number)
    app.add_exception_handler(DataError, _refuse_number)
    app.add_exception_handler(Exception, _confess)


def language_of(accept_language: str) -> Language:
    """The language of ours that an Accept-Language header likes best; English on a draw."""
    weights: dict[str, float] = {"en": 0.0, "zh": 0.0}
    for item in accept_language.split(","):
        tag, _, parameter = item.partition(";")
        primary = tag.strip().partition("-")[0].lower()
        if primary in weights:
            weights[primary] = max(weights[primary], _weight(parameter))
    return "zh" if weights["zh"] > weights["en"] else "en"


def as_markdown() -> str:
    """docs/problems.md: every problem type with its status, rule and remedy."""
    rules = sorted(STATUS, key=lambda rule: rule.code)
    rows = [
        f"| `{rule.code}` | {STATUS[rule].value} | {rule.rule} | {rule.remedy_en} |"
        for rule in rules
    ]
    return "\n".join([_MARKDOWN_HEAD, *rows, ""])


_MARKDOWN_HEAD = """\
# Problems

Every refusal of the service, as the `type` of an RFC 9457 answer (`/problems/<code>`). The names
are those of the contracts' errors and of the classes in `chainfin/domain`: `lot-encumbered` is
`LotEncumbered`. In a remedy, `{name}` stands for a value of the answer's `fields`. `retryable` is
true for status 503 and for `idempotency-key-in-progress`: the same request may succeed later.
`errors[].pointer` is a path into the request: `/body/amount_minor`, `/query/limit`.

Written by `python -m api.errors > docs/problems.md`; a test compares the two.

| Code | HTTP status | Rule | Remedy |
|---|---|---|---|"""


# --- the answers ------------------------------------------------------------------------------


def refusal(
    request: Request, error: ChainfinError, details: Sequence[Mapping[str, str]]
) -> JSONResponse:
    """The answer to a document with findings: the first one's rule, and where each of them is."""
    return _answer(request, error, details[:_MOST_DETAILS])


def refused_early(request: Request, error: ChainfinError) -> JSONResponse:
    """The answer to a request that nothing has looked at yet."""
    return _answer(request, error)


async def _refuse(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, ChainfinError):  # Starlette calls this for ChainfinError alone.
        raise error
    if STATUS[type(error)] >= HTTPStatus.INTERNAL_SERVER_ERROR:
        _logger.warning("request %s: %s", _request_id(request), error)
    return _answer(request, error)


async def _refuse_bytes(request: Request, error: Exception) -> JSONResponse:
    return _answer(request, service_errors.RequestMalformed(str(error)))


async def _refuse_for_database(request: Request, error: Exception) -> JSONResponse:
    """The database is slow, away, full, or ended the transaction: nothing was recorded."""
    if isinstance(error, OperationalError) and was_given_up(error):
        return _answer(request, service_errors.AnswerTooSlow())
    _logger.warning("request %s: database: %s", _request_id(request), _first_line(error))
    if _is_full(error):
        return _answer(request, service_errors.StorageFull())
    return _answer(request, service_errors.DatabaseUnavailable())


async def _refuse_form(request: Request, error: Exception) -> JSONResponse:
    faults = error.errors() if isinstance(error, RequestValidationError) else []
    details = [
        {"pointer": _pointer(fault["loc"]), "detail": fault["msg"]}
        for fault in faults[:_MOST_DETAILS]
    ]
    reason = "; ".join(f"{detail['pointer']}: {detail['detail']}" for detail in details[:3])
    return _answer(request, service_errors.RequestMalformed(reason), details)


async def _refuse_path(request: Request, error: Exception) -> JSONResponse:
    """What the framework itself refuses: an unknown path, a wrong method."""
    if not isinstance(error, HTTPException):
        raise error
    if error.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return _answer(request, service_errors.RequestTooLarge(int(error.detail)))
    phrase = HTTPStatus(error.status_code).phrase
    document = {
        "type": "about:blank",
        "title": phrase,
        "status": error.status_code,
        "detail": error.detail,
        "code": phrase.lower().replace(" ", "-"),
        "request_id": _request_id(request),
        "retryable": False,
    }
    return _json_answer(request, document, error.headers or {})


async def _refuse_number(request: Request, error: Exception) -> JSONResponse:
    """A number, or a text, that no column can hold: there is nothing it could mean."""
    _logger.warning("request %s: %s", _request_id(request), type(error).__name__)
    return _answer(request, service_errors.RequestMalformed("a value is larger than any can be"))


async def _confess(request: Request, error: Exception) -> JSONResponse:
    """What nobody foresaw: the log has it all, the answer only the request's id."""
    request_id = _request_id(request)
    _logger.error(
        "request %s: unexpected fault", request_id, exc_info=error, extra={"request_id": request_id}
    )
    return _answer(request, service_errors.ServiceFault(request_id))


def _answer(
    request: Request, error: ChainfinError, details: Sequence[Mapping[str, str]] = ()
) -> JSONResponse:
    language = language_of(request.headers.get("accept-language", ""))
    document = problem(error, _request_id(request), language, details)
    headers = {"Content-Language": language, "Vary": "Accept-Language"}
    if document["status"] == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"  # RFC 9110 wants it.
    if isinstance(error, service_errors.TooManyRequests):
        headers["Retry-After"] = str(error.fields["seconds"])
    return _json_answer(request, document, headers)


def _json_answer(
    request: Request, document: Mapping[str, Any], headers: Mapping[str, str]
) -> JSONResponse:
    return JSONResponse(
        document,
        status_code=document["status"],
        headers={**headers, "X-Request-Id": _request_id(request)},
        media_type=MEDIA_TYPE,
    )


def _request_id(request: Request) -> str:
    if not hasattr(request.state, "request_id"):
        request.state.request_id = uuid4().hex
    return str(request.state.request_id)


def _is_full(error: Exception) -> bool:
    """Whether a database has no room: SQLite's code and PostgreSQL's state for it."""
    said = getattr(error, "orig", None)
    code, state = getattr(said, "sqlite_errorcode", None), getattr(said, "sqlstate", None)
    return code == sqlite3.SQLITE_FULL or state == _DISK_FULL


def _first_line(error: Exception) -> str:
    """What a database said; the statement and its values come after it, and stay out of logs."""
    return str(getattr(error, "orig", error)).partition("\n")[0]


def _is_retryable(rule: type[ChainfinError]) -> bool:
    away = STATUS[rule] is HTTPStatus.SERVICE_UNAVAILABLE
    return away or rule is service_errors.IdempotencyKeyInProgress


def _json(value: object) -> object:
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, int) and abs(value) <= _LARGEST_NUMBER:
        return value
    return str(value)


def _pointer(location: Iterable[str | int]) -> str:
    """RFC 6901 over the parts of a request: body, query, path, header, cookie."""
    escaped = (str(step).replace("~", "~0").replace("/", "~1") for step in location)
    return "".join(f"/{step}" for step in escaped)


def _weight(parameter: str) -> float:
    """The q of a language range: 1 unless it says otherwise, 0 where it is no number."""
    name, _, value = parameter.strip().partition("=")
    try:
        return float(value) if name == "q" else 1.0
    except ValueError:
        return 0.0


if __name__ == "__main__":
    sys.stdout.write(as_markdown())
