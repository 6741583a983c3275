"""Evidence: one file that proves the history of a lot, a receivable, or a participant's."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from api.dependencies import CallerDep, ReadContextDep, ServiceDep
from chainfin.services.evidence import RootWanted, evidence_subject, export_evidence

router = APIRouter(tags=["evidence"])


def get_root(
    checkpoint: int | None = None,
    validators_at: int | None = None,
    epoch_length: int | None = None,
) -> RootWanted:
    """What the reader trusts: a checkpoint, or the validators of a sealed network at a block."""
    return RootWanted(checkpoint, validators_at, epoch_length)


RootDep = Annotated[RootWanted, Depends(get_root, scope="function")]


@router.get("/lots/{lot_id}/evidence")
def read_lot_evidence(
    lot_id: str, context: ReadContextDep, caller: CallerDep, service: ServiceDep, root: RootDep
) -> Response:
    """One file that proves a lot's history offline, up to a block its reader trusts."""
    subject = evidence_subject("lot", lot_id)
    return _file(export_evidence(context, service.runtime.decoder, caller, subject, root))


@router.get("/receivables/{receivable_id}/evidence")
def read_receivable_evidence(
    receivable_id: str,
    context: ReadContextDep,
    caller: CallerDep,
    service: ServiceDep,
    root: RootDep,
) -> Response:
    """One file that proves the history of a receivable and how all its lots stand."""
    subject = evidence_subject("receivable", receivable_id)
    return _file(export_evidence(context, service.runtime.decoder, caller, subject, root))


@router.get("/participants/{organisation}/evidence")
def read_participant_evidence(
    organisation: str,
    context: ReadContextDep,
    caller: CallerDep,
    service: ServiceDep,
    root: RootDep,
    from_block: int = 0,
) -> Response:
    """One file with every receivable an organisation is a party to that moved since a block."""
    subject = evidence_subject("participant", organisation, from_block)
    return _file(export_evidence(context, service.runtime.decoder, caller, subject, root))


def _file(content: bytes) -> Response:
    return Response(content, media_type="application/json")
