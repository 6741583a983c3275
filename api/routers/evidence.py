"""Evidence: one file that proves the history of a lot, a receivable, or a participant's."""

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Response

from api.dependencies import CallerDep, ReadContextDep, ServiceDep
from api.files import answers_with
from api.recording import RecordingRoute
from api.schemas import Number
from chainfin.services.context import Caller, Context
from chainfin.services.evidence import (
    RootWanted,
    evidence_subject,
    export_evidence,
    print_evidence,
)

router = APIRouter(tags=["evidence"], route_class=RecordingRoute)


@dataclass(frozen=True, slots=True)
class Export:
    """What every export is given.

    Attributes:
        context: The unit of work.
        caller: Who asks.
        service: The process's service.
        root: What the reader trusts: a checkpoint, or the validators of a sealed network.
        form: The file itself, or a document for people.
        language: Of the document.
    """

    context: Context
    caller: Caller
    service: ServiceDep
    root: RootWanted
    form: Literal["json", "pdf"]
    language: Literal["en", "zh"]

    def answer(self, kind: str, identifier: str, from_block: Number = 0) -> Response:
        """The evidence about a lot, a receivable or a participant."""
        subject = evidence_subject(kind, identifier, from_block)
        decoder = self.service.runtime.decoder
        content = export_evidence(self.context, decoder, self.caller, subject, self.root)
        name = f"evidence-{kind}-{identifier}.{self.form}"
        headers = {"content-disposition": f'attachment; filename="{name}"'}
        if self.form == "json":
            return Response(content, media_type="application/json", headers=headers)
        paper = print_evidence(self.context, content, self.language)
        return Response(paper, media_type="application/pdf", headers=headers)


def get_export(
    context: ReadContextDep,
    caller: CallerDep,
    service: ServiceDep,
    checkpoint: Number | None = None,
    validators_at: Number | None = None,
    epoch_length: Number | None = None,
    form: Literal["json", "pdf"] = "json",
    language: Literal["en", "zh"] = "en",
) -> Export:
    """The parts of a request that every export has."""
    root = RootWanted(checkpoint, validators_at, epoch_length)
    return Export(context, caller, service, root, form, language)


ExportDep = Annotated[Export, Depends(get_export, scope="function")]


@router.get("/lots/{lot_id}/evidence", responses=answers_with("application/pdf"))
def read_lot_evidence(lot_id: str, export: ExportDep) -> Response:
    """One file that proves a lot's history offline, up to a block its reader trusts."""
    return export.answer("lot", lot_id)


@router.get("/receivables/{receivable_id}/evidence", responses=answers_with("application/pdf"))
def read_receivable_evidence(receivable_id: str, export: ExportDep) -> Response:
    """One file that proves the history of a receivable and how all its lots stand."""
    return export.answer("receivable", receivable_id)


@router.get("/participants/{organisation}/evidence", responses=answers_with("application/pdf"))
def read_participant_evidence(
    organisation: str, export: ExportDep, from_block: Number = 0
) -> Response:
    """One file with every receivable an organisation is a party to that moved since a block."""
    return export.answer("participant", organisation, from_block)
