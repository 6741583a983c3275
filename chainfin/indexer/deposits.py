"""Projections: accounts with settlement banks, and their statements."""

from chainfin.domain import events as said
from chainfin.domain.events import RawLog
from chainfin.indexer.rows import Rows, advance, line, staged
from chainfin.models.deposits import DepositAccountRow, DepositEntryKind, DepositEntryRow

# Rows in the making: see `rows.staged`.
_Account = staged(DepositAccountRow)
_Entry = line(DepositEntryRow)


def _book(
    rows: Rows,
    log: RawLog,
    organisation: int,
    sequence: int,
    kind: DepositEntryKind,
    *,
    free: int = 0,
    set_aside: int = 0,
    counterparty: int | None = None,
    receivable_id: int | None = None,
    reference_hash: str | None = None,
) -> None:
    """Change an account and write the line of its statement."""
    key = (log.address, organisation)
    if not rows.covers(DepositAccountRow, *key):
        return
    account = advance(rows, DepositAccountRow, key, sequence)
    account.balance_minor += free
    account.earmarked_minor += set_aside
    rows.append(
        _Entry(
            deposit=log.address,
            organisation=organisation,
            sequence=sequence,
            kind=kind,
            amount_minor=free + set_aside,
            balance_minor=account.balance_minor,
            earmarked_minor=account.earmarked_minor,
            counterparty=counterparty,
            receivable_id=receivable_id,
            reference_hash=reference_hash,
            booked_at=log.position.block_timestamp,
            block_number=log.position.block_number,
            log_index=log.position.log_index,
            transaction_hash=log.position.transaction_hash,
        )
    )


def deposit_account_opened(rows: Rows, log: RawLog, event: said.DepositAccountOpened) -> None:
    """An account is opened, empty."""
    if not rows.covers(DepositAccountRow, log.address, event.organisation):
        return
    rows.add(
        _Account(
            deposit=log.address,
            organisation=event.organisation,
            balance_minor=0,
            earmarked_minor=0,
            sequence=0,
            opened_at=log.position.block_timestamp,
        )
    )
    _book(rows, log, event.organisation, event.sequence, DepositEntryKind.OPENED)


def deposit_earmarked(rows: Rows, log: RawLog, event: said.DepositEarmarked) -> None:
    """Money is set aside; it stays the owner's."""
    _book(
        rows,
        log,
        event.organisation,
        event.sequence,
        DepositEntryKind.EARMARKED,
        free=-event.amount,
        set_aside=event.amount,
        receivable_id=event.receivable_id,
    )


def deposit_reserved(rows: Rows, log: RawLog, event: said.DepositReserved) -> None:
    """Money is set aside for a quote; it stays the owner's."""
    _book(
        rows,
        log,
        event.organisation,
        event.sequence,
        DepositEntryKind.RESERVED,
        free=-event.amount,
        set_aside=event.amount,
        reference_hash=event.quote,
    )


def reserve_released(rows: Rows, log: RawLog, event: said.ReserveReleased) -> None:
    """Money set aside for a quote is free again."""
    _book(
        rows,
        log,
        event.organisation,
        event.sequence,
        DepositEntryKind.RESERVE_RELEASED,
        free=event.amount,
        set_aside=-event.amount,
        reference_hash=event.quote,
    )


def deposit_minted(rows: Rows, log: RawLog, event: said.DepositMinted) -> None:
    """The bank credits an account."""
    _book(
        rows,
        log,
        event.organisation,
        event.sequence,
        DepositEntryKind.MINTED,
        free=event.amount,
        reference_hash=event.reference_hash,
    )


def deposit_paid(rows: Rows, log: RawLog, event: said.DepositPaid) -> None:
    """A price goes from one account to another: the payer's line first, as the contract does."""
    _book(
        rows,
        log,
        event.payer,
        event.payer_sequence,
        DepositEntryKind.PRICE_PAID,
        free=-event.amount,
        counterparty=event.payee,
        reference_hash=event.order_hash,
    )
    _book(
        rows,
        log,
        event.payee,
        event.payee_sequence,
        DepositEntryKind.PRICE_RECEIVED,
        free=event.amount,
        counterparty=event.payer,
        reference_hash=event.order_hash,
    )


def deposit_redeemed(rows: Rows, log: RawLog, event: said.DepositRedeemed) -> None:
    """An owner gives money back to the bank."""
    _book(
        rows,
        log,
        event.organisation,
        event.sequence,
        DepositEntryKind.REDEEMED,
        free=-event.amount,
        reference_hash=event.reference_hash,
    )


def earmark_paid(rows: Rows, log: RawLog, event: said.EarmarkPaid) -> None:
    """Money set aside reaches holders: the payees' lines first, as the contract does."""
    for payment in event.payments:
        _book(
            rows,
            log,
            payment.payee,
            payment.payee_sequence,
            DepositEntryKind.LOT_PAYMENT_RECEIVED,
            free=payment.amount,
            counterparty=event.payer,
            receivable_id=event.receivable_id,
        )
    _book(
        rows,
        log,
        event.payer,
        event.payer_sequence,
        DepositEntryKind.EARMARK_PAID,
        set_aside=-sum(payment.amount for payment in event.payments),
        receivable_id=event.receivable_id,
    )
