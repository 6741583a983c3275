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
from chainfin.models.positions import AnchorSums, OpenLot, anchor_sums, open_lots
from chainfin.models.receivables import LotRow, ReceivableRow
from chainfin.models.schema import create_tables
from chainfin.models.session import create_engine_for
from chainfin.services.bank_statements import import_statements, record_account
from chainfin.services.context import Caller, Context
from chainfin.services.matching import match_statements, reconciliation_view
from tests.rows import lot_values, receivable_values

ANCHOR, SUPPLIER = Caller(1), Caller(2)
OWN = "GB33BUKB20201555555555"
DAY = date(2026, 11, 20)
MATURITY_AT = 1_795_132_800
FACE = 1_000_00
ZERO = "0x" + "00" * 32
GENESIS = BlockRef(0, ZERO, ZERO, MATURITY_AT)
REGISTRY = "0x" + "11" * 20


@pytest.fixture
def session(database_url: str) -> Any:
    engine = create_engine_for(database_url)
    create_tables(engine)
    with Session(engine) as opened:
        bind_chain(opened, chain_id=1, genesis_hash=ZERO, registry=REGISTRY, start=GENESIS)
        yield opened
    engine.dispose()


def context_of(session: Session) -> Context:
    """No chain: statements and matches need the tables alone, and a node that is no further."""
    network: Any = SimpleNamespace(node=SimpleNamespace(at_least=lambda _: None))
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
