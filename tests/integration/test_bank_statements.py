"""Statements and their matches in both databases."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from sqlmodel import Session

from chainfin.bench.statements import SampleEntry, sample_statement
from chainfin.domain.events import BlockRef
from chainfin.domain.money import Money
from chainfin.domain.receivable import LotId, ReceivableStatus
from chainfin.domain.statements import payment_reference
from chainfin.interchange.xml import DEFAULT_LIMITS
from chainfin.models.bulk import insert_rows
from chainfin.models.chain_index import bind_chain
from chainfin.models.deposits import DepositAccountRow
from chainfin.models.participants import ProgrammeRow, SettlementBankRow
from chainfin.models.positions import AnchorSums, OpenLot, anchor_sums, open_lots
from chainfin.models.receivables import LotRow, ReceivableRow
from chainfin.models.schema import create_tables
from chainfin.models.session import create_engine_for
from chainfin.services.bank_statements import import_statements, record_account
from chainfin.services.context import Caller, Context
from chainfin.services.matching import match_statements, reconciliation_view
from chainfin.services.proposals import proposal_views
from tests.queries import counted_queries
from tests.rows import lot_values, receivable_values

ANCHOR, SUPPLIER, BANK = Caller(1), Caller(2), Caller(3)
OWN = "GB33BUKB20201555555555"
DAY = date(2026, 11, 20)
MATURITY_AT = 1_795_132_800
FACE = 1_000_00
LATE_INTEREST = 50
"""Of five days at 3.65 % a year."""
ZERO = "0x" + "00" * 32
GENESIS = BlockRef(0, ZERO, ZERO, MATURITY_AT)
REGISTRY, DEPOSIT = "0x" + "11" * 20, "0x" + "22" * 20


@pytest.fixture
def session(database_url: str) -> Any:
    engine = create_engine_for(database_url)
    create_tables(engine)
    with Session(engine) as opened:
        bind_chain(opened, chain_id=1, genesis_hash=ZERO, registry=REGISTRY, start=GENESIS)
        yield opened
    engine.dispose()


def context_of(session: Session, reads: list[str] | None = None) -> Context:
    """No chain: statements and matches need the tables alone, and a node that is no further.

    The one thing read of the chain, noted in `reads`, is the bank of a deposit.
    """

    def read(_: str, function: str, *, address: str) -> int:
        if reads is not None:
            reads.append(f"{function} of {address}")
        return BANK.organisation

    network: Any = SimpleNamespace(node=SimpleNamespace(at_least=lambda _: None), read=read)
    return Context(session, network, None, 1_795_000_000)


def issue(session: Session, number: int) -> None:
    receivable = receivable_values(
        receivable_id=number,
        obligor=ANCHOR.organisation,
        supplier=SUPPLIER.organisation,
        face_value_minor=FACE,
        maturity_at=MATURITY_AT,
    )
    lot = lot_values(
        receivable_id=number, lot_sequence=1, holder=SUPPLIER.organisation, face_value_minor=FACE
    )
    insert_rows(session, ReceivableRow, [receivable])
    insert_rows(session, LotRow, [lot])


def test_statement__imported_and_matched_twice__counted_once(session: Session) -> None:
    context = context_of(session)
    for number in (1, 2, 3):
        issue(session, number)
    record_account(context, SUPPLIER, account=OWN, currency="CNY", holder_name="Harbour")
    paid = [
        SampleEntry(Money(FACE, "CNY"), payment_reference(LotId(number, 1)), DAY, f"B-{number}")
        for number in (1, 2)
    ]
    content = sample_statement(paid)

    for _ in range(2):
        import_statements(context, SUPPLIER, content, DEFAULT_LIMITS)
        session.commit()
    first = match_statements(context, SUPPLIER)
    session.commit()
    second = match_statements(context, SUPPLIER)

    assert (first["exact"], first["open"]) == (2, 1)
    assert (second["exact"], second["open"]) == (0, 1)
    view = reconciliation_view(context, SUPPLIER)
    assert view["lines"] == {"exact": 2}
    assert [entry["lot_id"] for entry in view["open"]] == ["3-1"]


def test_payment_in_two_instalments__recognised_when_both_are_there(session: Session) -> None:
    context = context_of(session)
    issue(session, 1)
    record_account(context, SUPPLIER, account=OWN, currency="CNY", holder_name="Harbour")
    reference = payment_reference(LotId(1, 1))
    parts = [
        SampleEntry(Money(amount, "CNY"), reference, DAY, f"B-{amount}")
        for amount in (610_00, 390_00)
    ]

    found = []
    for number, part in enumerate(parts):
        content = sample_statement([part]).replace(b"SAMPLE-1", f"S-{number}".encode())
        import_statements(context, SUPPLIER, content, DEFAULT_LIMITS)
        found.append(match_statements(context, SUPPLIER))

    assert (found[0]["exception"], found[0]["aggregate"]) == (1, 0)
    assert (found[1]["exception"], found[1]["aggregate"]) == (0, 2)


def test_positions__of_two_receivables__whole_numbers_from_both_sides(session: Session) -> None:
    for number in (1, 2):
        issue(session, number)
    owed, held = ANCHOR.organisation, SUPPLIER.organisation

    (sums,) = anchor_sums(session)
    lots = sorted(open_lots(session, party=held))

    assert sums == AnchorSums(owed, "CNY", 2, 2 * FACE, 0, 0, 2, 2 * FACE, 0)
    status = ReceivableStatus.ACTIVE
    assert lots == [
        OpenLot(number, owed, held, "CNY", FACE, MATURITY_AT, MATURITY_AT, status)
        for number in (1, 2)
    ]
    assert not list(open_lots(session, party=9))


# --- statements of thousands of lines


def banked(session: Session) -> None:
    """The supplier's bank is named, and keeps the anchor's deposit; the programme agreed a rate."""
    named = {"next_from": 0, "bank": 0}
    session.add(SettlementBankRow(organisation=2, currency="CNY", next_bank=3, **named))
    session.add(SettlementBankRow(organisation=1, currency="CNY", next_bank=4, **named))
    session.add(
        DepositAccountRow(
            deposit=DEPOSIT,
            organisation=1,
            balance_minor=0,
            earmarked_minor=0,
            sequence=1,
            opened_at=0,
        )
    )
    rules = dict.fromkeys(ProgrammeRow.model_fields, 0) | {"currency": "CNY"}
    agreed = {"programme_id": 1, "late_interest_bps": 365, "replaced_by": None}
    session.add(ProgrammeRow(**rules | agreed | {"deposit": DEPOSIT, "transfer_rules": DEPOSIT}))
    session.flush()


def shown_as_paid(session: Session, receivables: int) -> Context:
    """A supplier's statement with a late payment of each of so many receivables, matched.

    What is expected is asked for together, however many lines there are.
    """
    context = context_of(session)
    banked(session)
    for number in range(1, receivables + 1):
        issue(session, number)
    record_account(context, SUPPLIER, account=OWN, currency="CNY", holder_name="Harbour")
    late = date(2026, 11, 25)
    paid = [
        SampleEntry(
            Money(FACE + LATE_INTEREST, "CNY"),
            payment_reference(LotId(number, 1)),
            late,
            f"B-{number}",
        )
        for number in range(1, receivables + 1)
    ]
    import_statements(context, SUPPLIER, sample_statement(paid), DEFAULT_LIMITS)
    session.commit()
    session.expunge_all()
    with counted_queries(session) as asked:
        assert match_statements(context, SUPPLIER)["exact"] == receivables
    assert len(asked) == 13
    session.commit()
    return context


@pytest.mark.parametrize("receivables", [3, 60])
def test_proposals__of_many_lines__take_a_fixed_number_of_questions(
    session: Session, receivables: int
) -> None:
    shown_as_paid(session, receivables)
    reads: list[str] = []
    context = context_of(session, reads)
    session.expunge_all()

    with counted_queries(session) as asked:
        views = proposal_views(context, SUPPLIER, limit=1_000)

    assert [view["lot_id"] for view in views] == [f"{n}-1" for n in range(1, receivables + 1)]
    for view in views:
        assert view["late_interest"]["amount_minor"] == LATE_INTEREST
        assert (view["bank"], view["needs_confirmation"], view["refusal"]) == (3, True, None)
    assert len(asked) == 12
    assert reads == [f"bank of {DEPOSIT}"]


def test_proposals__page_by_page__are_those_of_one_page(session: Session) -> None:
    context = shown_as_paid(session, 5)
    whole = proposal_views(context, SUPPLIER, limit=100)

    pages, after = [], None
    while page := proposal_views(context, SUPPLIER, after=after, limit=2):
        pages.append(page)
        after = page[-1]["cursor"]

    assert [len(page) for page in pages] == [2, 2, 1]
    assert [view for page in pages for view in page] == whole
    assert proposal_views(context, ANCHOR, limit=100) == []
