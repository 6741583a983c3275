"""What moved for one organisation within a period: payments on lots, payments made, fundings."""

from collections.abc import Sequence

from sqlalchemy import or_
from sqlmodel import Session, col, select

from chainfin.domain.financing import FinancingStatus
from chainfin.models.financings import FinancingRequestRow
from chainfin.models.receivables import ReceivableRow
from chainfin.models.settlements import LotPaymentRow, SettlementRow


def payments_received(
    session: Session, payee: int, *, from_at: int, to_at: int, limit: int
) -> Sequence[LotPaymentRow]:
    """Payments on lots to an organisation, from an instant up to before another, in order."""
    row = LotPaymentRow
    wanted = select(row).where(row.payee == payee, row.paid_at >= from_at, row.paid_at < to_at)
    ordered = wanted.order_by(col(row.paid_at), col(row.receivable_id), col(row.lot_sequence))
    return session.exec(ordered.limit(limit)).all()


def payments_made(
    session: Session, obligor: int, *, from_at: int, to_at: int, limit: int
) -> Sequence[SettlementRow]:
    """Payments of an anchor on its receivables, likewise."""
    row = SettlementRow
    wanted = (
        select(row)
        .join(ReceivableRow, col(ReceivableRow.receivable_id) == row.receivable_id)
        .where(ReceivableRow.obligor == obligor, row.settled_at >= from_at, row.settled_at < to_at)
    )
    return session.exec(
        wanted.order_by(col(row.settled_at), col(row.receivable_id)).limit(limit)
    ).all()


def fundings_of(
    session: Session, organisation: int, *, from_at: int, to_at: int, limit: int
) -> Sequence[FinancingRequestRow]:
    """Fundings an organisation received or gave, likewise."""
    row = FinancingRequestRow
    wanted = select(row).where(
        row.status == FinancingStatus.FUNDED,
        or_(col(row.holder) == organisation, col(row.funder) == organisation),
        col(row.ended_at) >= from_at,
        col(row.ended_at) < to_at,
    )
    return session.exec(wanted.order_by(col(row.ended_at), col(row.request_id)).limit(limit)).all()
