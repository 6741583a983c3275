"""Private tables of orders: the outbox, batches under way, idempotent answers.

An order is written in the transaction that answers the request, before anything is sent. What is
here is never rebuilt from the chain.
"""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from sqlalchemy import BigInteger, Column, Index, LargeBinary, Text, func, or_, tuple_
from sqlmodel import Field, Session, SQLModel, col, delete, select, update

from chainfin.domain.order import OrderStatus
from chainfin.models.receivables import BatchRowResultRow, ReceivableRow

LARGEST_COLUMN = 2**63 - 1
_HASHES_A_QUERY = 500


class OrderRow(SQLModel, table=True):
    """A signed order and where it stands.

    Attributes:
        calldata: The call that runs it; None of a batch, which has a call for each run.
        gas: The most the call, or one run of a batch, may use.
    """

    __tablename__: ClassVar[str] = "order"
    __table_args__ = (Index("ix_order_status_id", "status", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    order_hash: str = Field(unique=True)
    act: str
    organisation: int = Field(sa_type=BigInteger, index=True)
    submitted_by: int = Field(sa_type=BigInteger)
    maker_key: str = Field(index=True)
    checker_key: str | None = None
    nonce: int = Field(sa_type=BigInteger)
    deadline_at: int = Field(sa_type=BigInteger)
    typed_data: str = Field(sa_column=Column(Text, nullable=False))
    approvals: str = Field(sa_column=Column(Text, nullable=False))
    attachments: str = Field(sa_column=Column(Text, nullable=False))
    target: str
    calldata: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    gas: int = Field(default=0, sa_type=BigInteger)
    status: str
    reason: str | None = Field(default=None, sa_column=Column(Text))
    received_at: int = Field(sa_type=BigInteger)
    transaction_hash: str | None = None
    block_number: int | None = Field(default=None, sa_type=BigInteger)


class OrderStepRow(SQLModel, table=True):
    """One step in an order's history."""

    __tablename__: ClassVar[str] = "order_step"

    id: int | None = Field(default=None, primary_key=True)
    order_hash: str = Field(index=True)
    status: str
    at: int = Field(sa_type=BigInteger)
    reason: str | None = Field(default=None, sa_column=Column(Text))


class BatchRunRow(SQLModel, table=True):
    """One run of a batch order: an aligned piece of its rows that one transaction carries."""

    __tablename__: ClassVar[str] = "batch_run"

    order_hash: str = Field(primary_key=True)
    run_index: int = Field(primary_key=True)
    level: int
    is_done: bool = False


class DocumentClaimRow(SQLModel, table=True):
    """A document that a live issue order is about to use."""

    __tablename__: ClassVar[str] = "document_claim"

    fingerprint: str = Field(primary_key=True)
    order_hash: str = Field(primary_key=True, index=True)


class AdministrationRow(SQLModel, table=True):
    """A call of the consortium's administration that waits for its transaction."""

    __tablename__: ClassVar[str] = "administration"

    id: int | None = Field(default=None, primary_key=True)
    description: str
    contract: str
    calldata: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    status: str
    reason: str | None = Field(default=None, sa_column=Column(Text))
    recorded_at: int = Field(sa_type=BigInteger)
    transaction_hash: str | None = None


class IdempotencyRow(SQLModel, table=True):
    """The first answer to a request, given again to every repetition of it."""

    __tablename__: ClassVar[str] = "idempotency"

    caller: int = Field(primary_key=True, sa_type=BigInteger)
    key: str = Field(primary_key=True)
    request_hash: str
    recorded: str
    """What the request recorded: an order's hash, or a bulk request's number."""
    created_at: int = Field(sa_type=BigInteger)


class BulkRequestRow(SQLModel, table=True):
    """Many orders in one request."""

    __tablename__: ClassVar[str] = "bulk_request"

    bulk_request_id: str = Field(primary_key=True)
    caller: int = Field(sa_type=BigInteger)
    received_at: int = Field(sa_type=BigInteger)
    count: int


class BulkRequestItemRow(SQLModel, table=True):
    """One order of a bulk request: which it became, or why it is none."""

    __tablename__: ClassVar[str] = "bulk_request_item"

    bulk_request_id: str = Field(primary_key=True)
    position: int = Field(primary_key=True)
    order_hash: str | None = None
    reason: str | None = Field(default=None, sa_column=Column(Text))


def answered_before(session: Session, instant: int, limit: int) -> Sequence[tuple[int, str]]:
    """Requests that were answered before an instant: caller and Idempotency-Key."""
    row = IdempotencyRow
    wanted = select(row.caller, row.key).where(row.created_at < instant)
    return session.exec(wanted.limit(limit)).all()


def drop_answers(session: Session, requests: Sequence[tuple[int, str]]) -> None:
    """Forget the first answers to requests."""
    key = tuple_(col(IdempotencyRow.caller), col(IdempotencyRow.key))
    session.exec(delete(IdempotencyRow).where(key.in_(requests)))


def get_order(session: Session, order_hash: str) -> OrderRow | None:
    """An order by its hash."""
    return session.exec(select(OrderRow).where(OrderRow.order_hash == order_hash)).first()


def take_orders(session: Session, status: OrderStatus, limit: int) -> Sequence[OrderRow]:
    """The oldest orders in a status that no other worker is busy with, until the commit."""
    wanted = select(OrderRow).where(OrderRow.status == status).order_by(col(OrderRow.id))
    return session.exec(wanted.limit(limit).with_for_update(skip_locked=True)).all()


def has_waiting_with(session: Session, administration: str, order: OrderStatus) -> bool:
    """Whether there is a call of the administration, or an order, in these statuses."""
    call = select(AdministrationRow.id).where(AdministrationRow.status == administration)
    waiting = select(OrderRow.id).where(OrderRow.status == order)
    return bool(session.exec(select(or_(call.exists(), waiting.exists()))).one())


def count_waiting(session: Session, at_most: int) -> int:
    """How many orders wait for a block, counted no further than `at_most`."""
    waiting = [OrderStatus.RECEIVED, OrderStatus.SUBMITTED]
    some = select(OrderRow.id).where(col(OrderRow.status).in_(waiting)).limit(at_most).subquery()
    return int(session.exec(select(func.count()).select_from(some)).one())


def count_by_status(session: Session) -> dict[str, int]:
    """How many orders stand where."""
    wanted = select(OrderRow.status, func.count()).group_by(OrderRow.status)
    return {status: int(count) for status, count in session.exec(wanted).all()}


def orders_of(
    session: Session, organisation: int | None, *, before_id: int | None, limit: int
) -> Sequence[OrderRow]:
    """An organisation's orders (or everybody's), newest first, from a key on."""
    wanted = select(OrderRow).order_by(col(OrderRow.id).desc()).limit(limit)
    if organisation is not None:
        wanted = wanted.where(
            (OrderRow.organisation == organisation) | (OrderRow.submitted_by == organisation)
        )
    if before_id is not None:
        wanted = wanted.where(col(OrderRow.id) < before_id)
    return session.exec(wanted).all()


def orders_in_transaction(
    session: Session, organisation: int, act: str, transaction_hash: str
) -> Sequence[OrderRow]:
    """An organisation's orders of an act that ran in one transaction."""
    row = OrderRow
    wanted = select(row).where(
        row.organisation == organisation,
        row.act == act,
        row.transaction_hash == transaction_hash,
    )
    return session.exec(wanted).all()


def expiring_orders(session: Session, block_time: int) -> Sequence[OrderRow]:
    """Orders whose deadline is past and that have not ended."""
    open_states = [OrderStatus.RECEIVED, OrderStatus.SUBMITTED, OrderStatus.REVERTED]
    wanted = select(OrderRow).where(
        col(OrderRow.status).in_(open_states), OrderRow.deadline_at < block_time
    )
    return session.exec(wanted).all()


def orders_by_hash(session: Session, hashes: Iterable[str]) -> dict[str, OrderRow]:
    """Orders by hash, those we know of."""
    wanted = list(hashes)
    found: dict[str, OrderRow] = {}
    for start in range(0, len(wanted), _HASHES_A_QUERY):
        some = wanted[start : start + _HASHES_A_QUERY]
        for row in session.exec(select(OrderRow).where(col(OrderRow.order_hash).in_(some))):
            found[row.order_hash] = row
    return found


def bulk_items(
    session: Session, bulk_request_id: str, *, after: int, limit: int
) -> Sequence[BulkRequestItemRow]:
    """The orders of a bulk request in its order, from a position on."""
    wanted = select(BulkRequestItemRow).where(
        BulkRequestItemRow.bulk_request_id == bulk_request_id,
        col(BulkRequestItemRow.position) > after,
    )
    return session.exec(wanted.order_by(col(BulkRequestItemRow.position)).limit(limit)).all()


def steps_of(session: Session, order_hash: str) -> Sequence[OrderStepRow]:
    """An order's history, oldest first."""
    wanted = select(OrderStepRow).where(OrderStepRow.order_hash == order_hash)
    return session.exec(wanted.order_by(col(OrderStepRow.id))).all()


def highest_number(session: Session, maker_key: str) -> int:
    """The highest running number of a maker's key in an order that may still run; -1 for none."""
    wanted = select(func.coalesce(func.max(OrderRow.nonce), -1)).where(
        OrderRow.maker_key == maker_key, OrderRow.status != OrderStatus.REJECTED
    )
    return int(session.exec(wanted).one())


def open_runs(session: Session, order_hash: str) -> Sequence[BatchRunRow]:
    """Runs of a batch that are not known to be done."""
    wanted = select(BatchRunRow).where(
        BatchRunRow.order_hash == order_hash, col(BatchRunRow.is_done).is_(other=False)
    )
    return session.exec(wanted.order_by(col(BatchRunRow.run_index))).all()


def mark_runs_done(session: Session, order_hash: str, run_indexes: Iterable[int]) -> None:
    """Note that runs of a batch have been through the chain."""
    wanted = list(run_indexes)
    if wanted:
        session.exec(
            update(BatchRunRow)
            .where(
                col(BatchRunRow.order_hash) == order_hash, col(BatchRunRow.run_index).in_(wanted)
            )
            .values(is_done=True)
        )


def claims_on(session: Session, fingerprints: Iterable[str]) -> set[str]:
    """Those of these documents that a live issue order claims."""
    wanted = list(fingerprints)
    found: set[str] = set()
    for start in range(0, len(wanted), _HASHES_A_QUERY):
        some = wanted[start : start + _HASHES_A_QUERY]
        found |= set(
            session.exec(
                select(DocumentClaimRow.fingerprint).where(
                    col(DocumentClaimRow.fingerprint).in_(some)
                )
            )
        )
    return found


def drop_claims(session: Session, order_hashes: Sequence[str]) -> None:
    """Give up ended orders' claims on documents."""
    for start in range(0, len(order_hashes), _HASHES_A_QUERY):
        some = order_hashes[start : start + _HASHES_A_QUERY]
        session.exec(delete(DocumentClaimRow).where(col(DocumentClaimRow.order_hash).in_(some)))


def administration_with_status(
    session: Session, status: str, limit: int
) -> Sequence[AdministrationRow]:
    """The oldest calls of the administration in a status."""
    wanted = select(AdministrationRow).where(AdministrationRow.status == status)
    wanted = wanted.order_by(col(AdministrationRow.id)).limit(limit)
    return session.exec(wanted.with_for_update(skip_locked=True)).all()


def administration_count(session: Session, prefix: str, statuses: Iterable[str]) -> int:
    """How many calls of the administration described so are in one of these statuses."""
    row = AdministrationRow
    wanted = select(func.count()).where(
        col(row.description).startswith(prefix), col(row.status).in_(list(statuses))
    )
    return int(session.exec(wanted).one())


def known_descriptions(session: Session, descriptions: Iterable[str]) -> set[str]:
    """Which of these calls of the administration were recorded before."""
    row = AdministrationRow
    wanted = select(row.description).where(col(row.description).in_(list(descriptions)))
    return set(session.exec(wanted).all())


def reopen_runs(session: Session, order_hash: str) -> None:
    """Forget that runs of a batch were done: a reorganisation took them away."""
    session.exec(
        update(BatchRunRow).where(col(BatchRunRow.order_hash) == order_hash).values(is_done=False)
    )


def batch_face_issued(session: Session, order_hash: str) -> int:
    """The face of all receivables a batch has issued so far, minor units."""
    wanted = (
        select(func.coalesce(func.sum(ReceivableRow.face_value_minor), 0))
        .join(
            BatchRowResultRow,
            col(BatchRowResultRow.receivable_id) == ReceivableRow.receivable_id,
        )
        .where(BatchRowResultRow.order_hash == order_hash)
    )
    return int(session.exec(wanted).one())
