"""The console's evidence: downloads, and a place to drop a file and read its verdicts."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, File, Form, Response, UploadFile

from api.web.names import Names
from api.web.pages import PageRoute, lot_id_in, page
from api.web.viewing import Visit, VisitDep, is_same_site
from chainfin.domain.errors import ChainfinError, Language
from chainfin.domain.service_errors import RequestMalformed
from chainfin.evidence.paper_words import WORDS
from chainfin.evidence.report import Report, Verdict
from chainfin.evidence.stated import Statement
from chainfin.services.evidence import (
    Verification,
    evidence_subject,
    export_evidence,
    print_evidence,
    print_verification,
    verify_here,
)
from chainfin.services.onboarding import names_by_number

MOST_BYTES = 16 << 20
"""Of an evidence file that is checked here; larger ones are for the command."""
_MOST_TRUST_BYTES = 1 << 20
_MOST_RECEIVABLES = 20

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/lots/{lot_id}/evidence")
def download_evidence(
    lot_id: str, visit: VisitDep, form: Literal["json", "pdf"] = "json"
) -> Response:
    """The evidence of a lot, for whoever may see the page it is on; or a document made of it."""
    wanted = lot_id_in(lot_id)
    subject = evidence_subject("lot", str(wanted))
    content = export_evidence(visit.context, visit.decoder, visit.viewer.caller, subject)
    if form == "pdf":
        paper = print_evidence(visit.context, content, visit.words.language)
        return _attachment(paper, f"evidence-{wanted}.pdf", "application/pdf")
    return _attachment(content, f"evidence-{wanted}.json", "application/json")


@router.get("/evidence")
def show_verifier(visit: VisitDep) -> Response:
    """The form to drop files into."""
    return page(visit, "evidence.html", problem=None, outcome=None)


@router.post("/evidence")
def verify_dropped(
    visit: VisitDep,
    file: Annotated[UploadFile, File()],
    trust: Annotated[UploadFile | None, File()] = None,
    form: Annotated[Literal["html", "pdf"], Form()] = "html",
) -> Response:
    """Check the dropped file against the dropped trust file, or against this service's node."""
    if not is_same_site(visit.request):
        problem = visit.words("session.foreign")
        return page(visit, "evidence.html", HTTPStatus.FORBIDDEN, problem=problem, outcome=None)
    try:
        content = _read(file, MOST_BYTES)
        trusted = _read(trust, _MOST_TRUST_BYTES) if trust and trust.filename else None
        verification = verify_here(visit.context, content, trusted)
    except ChainfinError as error:
        problem = error.message(visit.words.language)
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return page(visit, "evidence.html", status, problem=problem, outcome=None)
    if form == "pdf":
        paper = print_verification(visit.context, content, verification, visit.words.language)
        return _attachment(paper, "verification.pdf", "application/pdf")
    return page(visit, "evidence.html", problem=None, outcome=_outcome(visit, verification))


@dataclass(frozen=True, slots=True)
class Line:
    """A verdict in words."""

    name: str
    state: Literal["holds", "fails", "unknown"]
    text: str
    count: str


def _outcome(visit: Visit, verification: Verification) -> dict[str, Any]:
    report, language = verification.report, visit.words.language
    statement = report.statement
    return {
        "holds": report.holds,
        "facts": f"{report.facts:,}",
        "is_own_trust": verification.is_own_trust,
        "lines": [_line(verdict, language) for verdict in report.verdicts],
        "as_of": statement["chain"] if statement else None,
        "lots": _lots(visit, statement) if statement else [],
        "claims": _claims(report, language),
    }


def _line(verdict: Verdict, language: Language) -> Line:
    name = WORDS[verdict.name][language]
    if verdict.holds:
        none = WORDS.get(f"{verdict.name}_none") if not verdict.count else None
        return Line(name, "holds", none[language] if none else "", f"{verdict.count:,}")
    if not verdict.is_failure:
        return Line(name, "unknown", WORDS["not_reached"][language], "")
    return Line(name, "fails", str(verdict.reason), "")


def _lots(visit: Visit, statement: Statement) -> list[list[str]]:
    """Number, holder, face value and what was paid of the lots that the file proves."""
    shown = statement["receivables"][:_MOST_RECEIVABLES]
    lots = [(lot, receivable["currency"]) for receivable in shown for lot in receivable["lots"]]
    holders = {lot["holder"] for lot, _ in lots}
    names = Names(names_by_number(visit.context, holders), visit.words)
    return [
        [
            lot["lot_id"],
            names(lot["holder"]),
            names.money(int(lot["face_value_minor"]), currency),
            names.money(int(lot["paid_minor"]), currency),
        ]
        for lot, currency in lots
    ]


def _claims(report: Report, language: Language) -> list[tuple[str, list[str]]]:
    if report.statement is None:
        return []
    claims = report.statement["claims"]
    return [
        (WORDS["proves"][language], [each[language] for each in claims["proves"]]),
        (WORDS["does_not_prove"][language], [each[language] for each in claims["does_not_prove"]]),
    ]


def _read(file: UploadFile, limit: int) -> bytes:
    content = file.file.read(limit + 1)
    if len(content) > limit:
        raise RequestMalformed(f"{file.filename} is larger than {limit >> 20} MiB")
    if not content:
        raise RequestMalformed("no file was given")
    return content


def _attachment(content: bytes, name: str, kind: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=kind, headers=headers)
