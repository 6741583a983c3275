"""Projections: the Council, its decisions and their votes."""

from chainfin.domain import events as said
from chainfin.domain.council import DecisionStatus
from chainfin.domain.events import RawLog
from chainfin.indexer.rows import Rows, check_next, staged
from chainfin.models.council import (
    THE_COUNCIL,
    CouncilMemberRow,
    CouncilRow,
    DecisionRow,
    DecisionVoteRow,
)

_Council = staged(CouncilRow)
_Decision = staged(DecisionRow)
_Member = staged(CouncilMemberRow)
_Vote = staged(DecisionVoteRow)


def council_changed(rows: Rows, _log: RawLog, event: said.CouncilChanged) -> None:
    """A new term begins with these members."""
    row = rows.find(CouncilRow, THE_COUNCIL)
    if row is None:
        check_next(CouncilRow, (THE_COUNCIL,), 0, event.sequence)
        row = _Council(
            council=THE_COUNCIL, term=event.term, threshold=event.threshold, sequence=event.sequence
        )
        rows.add(row)
    else:
        _advance(rows, event)
        row.term, row.threshold = event.term, event.threshold
    for organisation in event.members:
        rows.add(_Member(term=event.term, organisation=organisation))


def decision_proposed(rows: Rows, _log: RawLog, event: said.DecisionProposed) -> None:
    """A member puts a decision forward."""
    council = _advance(rows, event)
    rows.add(
        _Decision(
            decision=event.decision,
            subject=event.subject,
            salt=event.salt,
            status=DecisionStatus.OPEN,
            term=council.term,
            executable_at=0,
            proposed_sequence=event.sequence,
            calldata=event.data,
        )
    )


def decision_voted(rows: Rows, _log: RawLog, event: said.DecisionVoted) -> None:
    """A member votes, or changes its vote."""
    _advance(rows, event)
    row = rows.find(DecisionVoteRow, event.decision, event.organisation)
    if row is None:
        rows.add(
            _Vote(
                decision=event.decision,
                organisation=event.organisation,
                in_favour=event.in_favour,
            )
        )
    else:
        row.in_favour = event.in_favour


def decision_scheduled(rows: Rows, _log: RawLog, event: said.DecisionScheduled) -> None:
    """Enough are in favour; it waits."""
    row = _moved(rows, event, DecisionStatus.SCHEDULED)
    row.executable_at = event.executable_at


def decision_executed(rows: Rows, _log: RawLog, event: said.DecisionExecuted) -> None:
    """It is done."""
    _moved(rows, event, DecisionStatus.EXECUTED)


def decision_cancelled(rows: Rows, _log: RawLog, event: said.DecisionCancelled) -> None:
    """Too many object."""
    _moved(rows, event, DecisionStatus.CANCELLED)


def _moved(
    rows: Rows,
    event: said.DecisionScheduled | said.DecisionExecuted | said.DecisionCancelled,
    status: DecisionStatus,
) -> DecisionRow:
    _advance(rows, event)
    row = rows.get(DecisionRow, event.decision)
    row.status = status
    return row


def _advance(rows: Rows, event: said.CouncilEvent) -> CouncilRow:
    council = rows.get(CouncilRow, THE_COUNCIL)
    check_next(CouncilRow, (THE_COUNCIL,), council.sequence, event.sequence)
    council.sequence = event.sequence
    return council
