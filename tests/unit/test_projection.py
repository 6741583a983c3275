import dataclasses

import pytest
from sqlmodel import Session

from chainfin.domain import events as said
from chainfin.domain.council import DecisionStatus
from chainfin.domain.events import LogPosition, LotPayment, RawLog
from chainfin.domain.financing import FinancingStatus
from chainfin.domain.participant import ParticipantKind, ParticipantStatus
from chainfin.domain.pledges import PledgeStatus
from chainfin.domain.receivable import (
    Arrears,
    Encumbrance,
    LotId,
    ReceivableStatus,
    TransferStatus,
    conserves_value,
)
from chainfin.domain.service_errors import LogGap, RowMissing
from chainfin.indexer.projection import PROJECTIONS, ignore, project_all
from chainfin.indexer.reorg import TAKEN_BACK
from chainfin.indexer.rows import Rows, staged
from chainfin.models.attestations import amounts_attested_by, confirmations_of, list_attestations
from chainfin.models.chain_index import ChainBlockRow, ChainCursorRow
from chainfin.models.columns import IndexTable
from chainfin.models.council import council_members, get_council, list_decisions, votes_on
from chainfin.models.credit_lines import credit_lines_of, utilisations_of
from chainfin.models.deposits import (
    DepositAccountRow,
    DepositEntryKind,
    DepositEntryRow,
    get_deposit_account,
)
from chainfin.models.documents import (
    DocumentRow,
    count_uncarried,
    documents_now,
    fingerprints_of,
    live_epoch,
    uncarried,
)
from chainfin.models.financings import (
    awarded_requests,
    filings_on,
    find_borne_interest,
    find_financing_request,
    find_funded_quote,
    find_funding_attestation,
    funded_quotes_on,
    lines_confirmed,
    open_financing_requests,
    open_requests_on_debt_of,
    releasable_interests,
    releasable_quotes,
    requests_to_lapse,
)
from chainfin.models.freezes import freezes_of_lot, has_frozen, list_freezes
from chainfin.models.holdbacks import has_held_back, list_holdbacks
from chainfin.models.participants import (
    ExecutedOrderRow,
    ParticipantRow,
    VenueRow,
    dual_control_limit_at,
    get_key,
    get_participant,
    get_programme,
    get_standing,
    keys_of,
    settlement_bank_at,
)
from chainfin.models.pledges import is_pledgee, list_pledges, pledge_of_lot
from chainfin.models.receivables import (
    BatchRowResultRow,
    LotRow,
    ReceivableRow,
    find_lot,
    find_receivable,
    get_lot,
    get_receivable,
    lots_due,
    lots_of,
)
from chainfin.models.schema import create_tables
from chainfin.models.session import create_engine_for
from chainfin.models.settlements import (
    LotPaymentRow,
    SettlementRow,
    arrears_of,
    defaults_of_party,
)
from chainfin.models.transfers import transfers_of_lot, transfers_of_receivable
from tests.fake_chain import (
    ADDRESS,
    ANCHOR,
    BANK,
    DEPOSIT,
    FUNDER,
    NO_ADDRESS,
    SUPPLIERS,
    Ledger,
    digest,
)
from tests.rows import rows_of

SUPPLIER, SUBSUPPLIER, THIRD = SUPPLIERS
WITH_ACCEPTANCE, DIRECT = 1, 2


class Index:
    """A database in memory that events are projected into, one pass at a time."""

    def __init__(self) -> None:
        engine = create_engine_for("sqlite://")
        create_tables(engine)
        self.session = Session(engine)
        self.ledger = Ledger()
        self.logs = 0

    def apply(self, *events: said.Event) -> None:
        rows = Rows(self.session)
        project_all(rows, [(self.log_of(event), event) for event in events])
        rows.flush()
        self.session.expire_all()

    def log_of(self, event: said.Event) -> RawLog:
        self.logs += 1
        address = DEPOSIT if isinstance(event, said.DepositEvent) else ADDRESS["ReceivableLedger"]
        position = LogPosition(
            1, digest("block"), self.ledger.time, digest("transaction"), 0, self.logs
        )
        return RawLog(address, (), "0x", position)

    def agrees_with_the_contracts(self) -> bool:
        numbers = list(self.ledger.receivables)
        indexed = [
            (
                get_receivable(self.session, number),
                [row.to_domain() for row in lots_of(self.session, number)],
            )
            for number in numbers
        ]
        return indexed == self.ledger.states(numbers) and all(
            conserves_value(*state) for state in indexed
        )


@pytest.fixture
def index():
    fresh = Index()
    ledger = fresh.ledger
    for _ in range(BANK):
        fresh.apply(*ledger.admit(ParticipantKind.ANCHOR))
        fresh.apply(*ledger.open_account(len(ledger.participants)))
    fresh.apply(*ledger.mint(ANCHOR, 10_000), *ledger.mint(FUNDER, 10_000))
    fresh.apply(*ledger.open_programme(ANCHOR, acceptance_required=True))
    fresh.apply(*ledger.open_programme(ANCHOR, acceptance_required=False))
    yield fresh
    fresh.session.close()


def document_now(index, fingerprint):
    return documents_now(index.session, [fingerprint])[fingerprint]


def issue(index, programme=WITH_ACCEPTANCE, face=1_000, document="invoice 1", amount=5_000):
    """An accepted receivable."""
    index.apply(*index.ledger.issue(programme, SUPPLIER, face, digest(document), amount))
    number = len(index.ledger.receivables)
    index.apply(*index.ledger.accept(number))
    return number


# --- every event has its place


def test_projections__when_an_event_is_ignored__then_it_is_one_of_the_named():
    ignored = {kind.__name__ for kind, function in PROJECTIONS.items() if function is ignore}

    assert ignored == {
        "AuthorityUpdated", "IssuerAdmitted", "OperationCanceled", "OperationExecuted",
        "OperationScheduled", "RoleAdminChanged", "RoleGrantDelayChanged", "RoleGranted",
        "RoleGuardianChanged", "RoleLabel", "RoleRevoked", "SlotChanged", "TargetAdminDelayUpdated",
        "TargetClosed", "TargetFunctionRoleUpdated", "TenorLimitsSet", "Transfer", "TransferValue",
    }  # fmt: skip


# --- streams


@pytest.mark.parametrize("found", [2, 4, 5])
def test_receivable_stream__when_a_number_is_not_the_next__then_it_is_a_gap__f16(index, found):
    number = issue(index)
    held = said.FinancingRequested(1, number, found, 1, SUPPLIER, 10, True, 10)

    with pytest.raises(LogGap) as gap:
        index.apply(held)

    assert (gap.value.stream, gap.value.expected, gap.value.found) == ("receivable 1", 3, found)


def test_document__when_carried_to_the_next_epoch__then_found_by_every_fingerprint(index):
    ledger, document = index.ledger, digest("invoice 1")
    index.apply(*ledger.issue(WITH_ACCEPTANCE, SUPPLIER, 1_000, document, 10_000))
    index.apply(*ledger.carry(document), *ledger.open_epoch())
    middle = ledger.current(document)
    index.apply(*ledger.carry(middle))
    newest = ledger.current(document)

    index.apply(*ledger.issue(WITH_ACCEPTANCE, SUPPLIER, 7, middle, 10_000))
    index.apply(*ledger.refuse(1))

    found = documents_now(index.session, [document, middle, newest, digest("none")])
    assert {row.fingerprint for row in found.values()} == {newest}
    assert set(found) == {document, middle, newest}
    assert (found[document].used_minor, found[document].sequence) == (7, 5)
    assert document_now(index, document) == found[newest]
    assert fingerprints_of(index.session, [middle]) == {document, middle, newest}


def test_documents__when_some_were_carried__then_the_others_are_left_to_carry(index):
    first, second = issue(index), issue(index, document="invoice 2")
    ledger = index.ledger
    one, two = ledger.fingerprints[first], ledger.fingerprints[second]

    index.apply(*ledger.carry(one))

    assert uncarried(index.session, "", 9) == [two]
    assert uncarried(index.session, two, 9) == []
    index.apply(*ledger.carry(two))
    assert count_uncarried(index.session) == 0
    index.apply(*ledger.open_epoch())
    assert count_uncarried(index.session) == 2
    assert live_epoch(index.session) == 2


def test_receivable_stream__when_its_beginning_is_missing__then_it_is_a_gap(index):
    with pytest.raises(LogGap, match="receivable 99 should be number 1"):
        index.apply(said.ReceivableAccepted(99, 2))


@pytest.mark.parametrize(
    ("event", "stream"),
    [
        (said.ParticipantStatusChanged(2, 9, ParticipantStatus.BLOCKED), "participant 2"),
        (said.DepositMinted(2, 3, 5, digest("")), f"deposit_account {DEPOSIT}-2"),
        (said.DepositPaid(5, 3, 2, 3, 5, digest("")), f"deposit_account {DEPOSIT}-2"),
        (said.EarmarkPaid(1, 4, 1, ()), f"deposit_account {DEPOSIT}-1"),
        (said.DocumentReleased(digest("invoice 1"), 3, 0, 1), f"document {digest('invoice 1')}"),
        (said.ParticipantAdmitted(99, 2, ParticipantKind.NONE, digest(""), 0, 0), "participant 99"),
    ],
)
def test_streams__when_a_number_is_left_out__then_each_notices__f16(index, event, stream):
    issue(index)

    with pytest.raises(LogGap) as gap:
        index.apply(event)

    assert gap.value.stream == stream


def test_streams__when_an_event_speaks_of_what_nobody_made__then_it_stops(index):
    number = issue(index)

    with pytest.raises(RowMissing, match="lot 1-7"):
        index.apply(said.TransferAccepted(number, 3, 7, SUPPLIER, THIRD))
    with pytest.raises(RowMissing, match="participant 99"):
        index.apply(said.KeyRevoked(99, 1, NO_ADDRESS))


def test_streams__when_an_award_repeats_its_deliverys_number__then_it_counts_once(index):
    number = issue(index)
    index.apply(*index.ledger.request(number, 1, 1_000))

    index.apply(*index.ledger.award(1, FUNDER, 970))

    assert get_receivable(index.session, number).sequence == 4
    assert index.agrees_with_the_contracts()


def test_streams__when_an_award_comes_without_its_delivery__then_it_is_a_gap(index):
    number = issue(index)
    index.apply(*index.ledger.request(number, 1, 1_000))
    award = index.ledger.award(1, FUNDER, 970)

    with pytest.raises(LogGap):
        index.apply(award[-1])


# --- issue


def test_issue__when_it_is_new__then_all_of_it_is_the_suppliers_first_lot(index):
    index.apply(*index.ledger.issue(1, SUPPLIER, 1_000, digest("invoice 1"), 5_000))

    row, root = find_receivable(index.session, 1), find_lot(index.session, LotId(1, 1))
    assert (row.status, row.currency, row.issued_at) == (
        ReceivableStatus.OFFERED, "CNY", index.ledger.time
    )  # fmt: skip
    assert (root.holder, root.face_value_minor, root.depth, root.parent_sequence) == (
        SUPPLIER, 1_000, 0, 0
    )  # fmt: skip
    assert index.agrees_with_the_contracts()


def test_issue__when_a_document_is_used_again__then_its_uses_add_up__r04(index):
    for face in (1_000, 500):
        issue(index, face=face)

    document = document_now(index, digest("invoice 1"))
    assert (document.used_minor, document.available_minor, document.sequence) == (1_500, 3_500, 2)


def test_refusal__when_the_supplier_refuses__then_the_document_has_room_and_the_lot_is_gone(index):
    index.apply(*index.ledger.issue(1, SUPPLIER, 1_000, digest("invoice 1"), 5_000))

    index.apply(*index.ledger.refuse(1))

    assert document_now(index, digest("invoice 1")).used_minor == 0
    assert find_receivable(index.session, 1).reason_hash == digest("reason 1")
    assert get_lot(index.session, LotId(1, 1)).is_settled
    assert index.agrees_with_the_contracts()


@pytest.mark.parametrize("end", ["withdraw", "lapse"])
def test_offer__when_it_is_taken_back_or_lapses__then_the_document_has_room(index, end):
    index.apply(*index.ledger.issue(1, SUPPLIER, 1_000, digest("invoice 1"), 5_000))

    index.apply(*getattr(index.ledger, end)(1))

    assert document_now(index, digest("invoice 1")).used_minor == 0
    assert find_receivable(index.session, 1).status is ReceivableStatus.VOID
    assert get_lot(index.session, LotId(1, 1)).is_settled
    assert index.agrees_with_the_contracts()


def test_credit_note__when_both_agree__then_receivable_lot_and_use_are_smaller(index):
    number = issue(index)
    obligor = find_receivable(index.session, number).obligor

    index.apply(*index.ledger.propose_cancellation(number, obligor, 300))
    asked = find_receivable(index.session, number)
    assert (asked.cancellation_proposed_by, asked.cancellation_amount_minor) == (obligor, 300)
    index.apply(*index.ledger.agree_to_cancel(number))

    agreed = find_receivable(index.session, number)
    assert (agreed.face_value_minor, agreed.status) == (700, ReceivableStatus.ACTIVE)
    assert (agreed.cancellation_proposed_by, agreed.cancellation_amount_minor) == (None, None)
    assert get_lot(index.session, LotId(number, 1)).face_value_minor == 700
    assert (
        documents_now(index.session, [agreed.document_fingerprint])[
            agreed.document_fingerprint
        ].used_minor
        == 700
    )
    assert index.agrees_with_the_contracts()


def test_cancellation__when_both_agree_to_all_of_it__then_nothing_is_owed(index):
    number = issue(index)

    index.apply(*index.ledger.propose_cancellation(number, SUPPLIER, 1_000))
    index.apply(*index.ledger.agree_to_cancel(number))

    gone = find_receivable(index.session, number)
    assert (gone.face_value_minor, gone.status) == (1_000, ReceivableStatus.CANCELLED)
    assert get_lot(index.session, LotId(number, 1)).is_settled
    assert (
        documents_now(index.session, [gone.document_fingerprint])[
            gone.document_fingerprint
        ].used_minor
        == 0
    )
    assert index.agrees_with_the_contracts()


def test_unsplit__when_a_lot_goes_back__then_its_face_is_its_parents_again(index):
    number = issue(index)
    index.apply(*index.ledger.split(number, 1, [(SUPPLIER, 100)]))

    index.apply(*index.ledger.unsplit(number, 2))

    root, child = lots_of(index.session, number)
    assert (root.face_value_minor, child.face_value_minor, child.is_settled) == (1_000, 0, True)
    assert index.agrees_with_the_contracts()


def test_batch__when_rows_are_refused__then_each_row_says_what_became_of_it(index):
    rows = [(SUPPLIER, 100), (THIRD, 200), (SUPPLIER, 300), (THIRD, 400)]

    index.apply(*index.ledger.issue_batch(1, rows, refused=[1]))

    order_hash = digest(f"order {index.ledger.orders}")
    results = rows_of(index.session, BatchRowResultRow, order_hash=order_hash)
    assert [(row.row, row.receivable_id, row.refusal) for row in results] == [
        (0, 1, None), (1, None, "0xdeadbeef"), (2, 2, None), (3, 3, None)
    ]  # fmt: skip
    assert index.agrees_with_the_contracts()


# --- splits and transfers


def test_split__when_parts_are_for_others_who_must_accept__then_they_are_offered(index):
    number = issue(index)

    index.apply(*index.ledger.split(number, 1, [(SUPPLIER, 100), (THIRD, 200), (FUNDER, 300)]))

    lots = lots_of(index.session, number)
    assert [(lot.holder, lot.face_value_minor, lot.encumbrance) for lot in lots] == [
        (SUPPLIER, 400, Encumbrance.NONE),
        (SUPPLIER, 100, Encumbrance.NONE),
        (SUPPLIER, 200, Encumbrance.LOCKED_TRANSFER),
        (SUPPLIER, 300, Encumbrance.LOCKED_TRANSFER),
    ]
    assert [lot.original_face_value_minor for lot in lots] == [1_000, 100, 200, 300]
    assert [lot.pending_transfer_sequence for lot in lots] == [None, None, 4, 5]
    assert index.agrees_with_the_contracts()


def test_split__when_nobody_need_accept__then_parts_change_hands_with_a_hop_each(index):
    number = issue(index, programme=DIRECT)

    index.apply(*index.ledger.split(number, 1, [(SUPPLIER, 100), (THIRD, 200), (FUNDER, 300)]))

    hops = transfers_of_receivable(index.session, number)
    assert [(hop.lot_sequence, hop.receiver, hop.status) for hop in hops] == [
        (3, THIRD, TransferStatus.DIRECT), (4, FUNDER, TransferStatus.DIRECT)
    ]  # fmt: skip
    assert get_lot(index.session, LotId(number, 3)).tier == 2
    assert index.agrees_with_the_contracts()


@pytest.mark.parametrize(
    ("answer", "status", "holder"),
    [
        (said.TransferAccepted, TransferStatus.ACCEPTED, THIRD),
        (said.TransferRejected, TransferStatus.REJECTED, SUPPLIER),
        (said.TransferRevoked, TransferStatus.REVOKED, SUPPLIER),
        (said.TransferLapsed, TransferStatus.LAPSED, SUPPLIER),
    ],
)
def test_transfer__when_it_is_answered__then_the_lot_is_free(index, answer, status, holder):
    number = issue(index)
    index.apply(*index.ledger.propose(number, 1, THIRD))

    index.apply(*index.ledger.answer(number, 1, answer))

    (hop,) = transfers_of_lot(index.session, LotId(number, 1))
    lot = find_lot(index.session, LotId(number, 1))
    assert (hop.status, hop.proposed_sequence, hop.answered_sequence) == (status, 3, 4)
    assert (lot.holder, lot.encumbrance, lot.pending_transfer_sequence) == (
        holder, Encumbrance.NONE, None
    )  # fmt: skip
    assert index.agrees_with_the_contracts()


def test_transfer__when_offer_and_acceptance_come_together__then_there_is_one_hop(index):
    number = issue(index)

    index.apply(*index.ledger.transfer_with_both_signatures(number, 1, THIRD))

    (hop,) = transfers_of_lot(index.session, LotId(number, 1))
    assert (hop.status, hop.offer_hash, hop.answered_sequence) == (TransferStatus.ACCEPTED, None, 3)
    assert index.agrees_with_the_contracts()


def test_transfer__when_nobody_need_accept__then_the_remark_is_kept(index):
    number = issue(index, programme=DIRECT)

    index.apply(*index.ledger.propose(number, 1, THIRD))

    (hop,) = transfers_of_lot(index.session, LotId(number, 1))
    assert hop.status is TransferStatus.DIRECT
    assert hop.remark_hash is not None
    assert index.agrees_with_the_contracts()


# --- financing


def test_award__when_part_of_a_lot_is_financed__then_the_funder_holds_a_child(index):
    number = issue(index)
    index.apply(*index.ledger.request(number, 1, 400))

    index.apply(*index.ledger.award(1, FUNDER, 390))

    request = find_financing_request(index.session, 1)
    assert (request.status, request.funder, request.delivered_lot_sequence) == (
        FinancingStatus.FUNDED, FUNDER, 2
    )  # fmt: skip
    assert (request.net_proceeds_minor, request.quote_count) == (390, 3)
    child = get_lot(index.session, LotId(number, 2))
    assert (child.holder, child.face_value_minor, child.tier) == (FUNDER, 400, 1)
    assert index.agrees_with_the_contracts()


@pytest.mark.parametrize("status", [FinancingStatus.WITHDRAWN, FinancingStatus.LAPSED])
def test_request__when_it_ends_without_an_award__then_the_lot_is_free(index, status):
    number = issue(index)
    index.apply(*index.ledger.request(number, 1, 400))
    assert len(open_financing_requests(index.session, index.ledger.time)) == 1

    index.apply(*index.ledger.end_request(1, status))

    assert find_financing_request(index.session, 1).status is status
    assert find_lot(index.session, LotId(number, 1)).financing_request_id is None
    assert not open_financing_requests(index.session, index.ledger.time)
    assert index.agrees_with_the_contracts()


def test_request__when_its_lot_is_paid_in_full__then_it_is_no_longer_open(index):
    number = issue(index)
    index.apply(*index.ledger.request(number, 1, 400))

    index.apply(*index.ledger.settle(number, 1_000, [1]))

    assert find_financing_request(index.session, 1).status is FinancingStatus.REQUESTED
    assert not open_financing_requests(index.session, index.ledger.time)
    assert index.agrees_with_the_contracts()


def test_award_by_transfer__when_its_price_comes_in__then_title_passes_with_it(index):
    number = issue(index)
    index.apply(*index.ledger.request(number, 1, 1_000))

    index.apply(*index.ledger.award_by_transfer(1, FUNDER, 970, BANK))

    request = find_financing_request(index.session, 1)
    assert (request.status, request.funder, request.settlement_bank, request.ended_at) == (
        FinancingStatus.AWARDED, FUNDER, BANK, None
    )  # fmt: skip
    lot = find_lot(index.session, LotId(number, 1))
    assert (lot.holder, lot.encumbrance) == (SUPPLIER, Encumbrance.LOCKED_FINANCING)
    assert not open_financing_requests(index.session, index.ledger.time)
    for party in (SUPPLIER, FUNDER, BANK, None):
        assert [row.request_id for row in awarded_requests(index.session, party)] == [1]
    assert awarded_requests(index.session, THIRD) == []
    assert requests_to_lapse(index.session, request.pay_by, limit=9) == []
    assert requests_to_lapse(index.session, request.pay_by + 1, limit=9) == [1]
    assert index.agrees_with_the_contracts()

    index.apply(*index.ledger.confirm_funding(1, BANK))
    confirmed = lines_confirmed(index.session, [1, 2])
    index.apply(*index.ledger.attest_funding(1, BANK))

    request = find_financing_request(index.session, 1)
    assert (request.status, request.delivered_lot_sequence) == (FinancingStatus.FUNDED, 1)
    lot = find_lot(index.session, LotId(number, 1))
    assert (lot.holder, lot.encumbrance, lot.recourse_request_id) == (FUNDER, Encumbrance.NONE, 1)
    attested = find_funding_attestation(index.session, 1)
    assert (confirmed, attested.amount_minor) == ({1: {attested.line_hash}}, 970)
    assert awarded_requests(index.session, None) == []
    assert index.agrees_with_the_contracts()


def test_award_by_transfer__when_its_price_never_comes__then_the_lot_is_its_holders(index):
    number = issue(index)
    index.apply(*index.ledger.request(number, 1, 1_000))
    index.apply(*index.ledger.award_by_transfer(1, FUNDER, 970, BANK))

    index.apply(*index.ledger.end_request(1, FinancingStatus.FUNDING_FAILED))

    assert find_financing_request(index.session, 1).status is FinancingStatus.FUNDING_FAILED
    lot = find_lot(index.session, LotId(number, 1))
    assert (lot.holder, lot.encumbrance, lot.financing_request_id) == (
        SUPPLIER, Encumbrance.NONE, None
    )  # fmt: skip
    assert requests_to_lapse(index.session, index.ledger.time + 10**6, limit=9) == []
    assert index.agrees_with_the_contracts()


def test_line__that_paid_a_lot_and_the_price_of_another__counts_for_both(index):
    paid, sold = issue(index), issue(index)
    index.apply(*index.ledger.request(sold, 1, 1_000))
    index.apply(*index.ledger.award_by_transfer(1, FUNDER, 970, BANK))
    line = digest("price 1")
    assert amounts_attested_by(index.session, [line]) == {}

    index.apply(*index.ledger.attest_funding(1, BANK))
    index.apply(
        said.PaymentAttested(
            paid, next_of(index, paid), 1, SUPPLIER, BANK, 1_000, 5, 77, line, 1_000,
            ReceivableStatus.SETTLED,
        )
    )  # fmt: skip

    assert amounts_attested_by(index.session, [line, digest("other")]) == {line: 1_975}


def test_tables__of_the_index__are_all_gone_back_over_at_a_reorg():
    in_ways_of_their_own = {DocumentRow, DepositAccountRow, ChainCursorRow, ChainBlockRow}

    assert set(IndexTable.__subclasses__()) == TAKEN_BACK | in_ways_of_their_own


# --- settlement and deposits


def test_settlement__when_a_lot_is_on_offer__then_payment_ends_the_offer(index):
    number = issue(index)
    index.apply(*index.ledger.propose(number, 1, THIRD))

    index.apply(*index.ledger.settle(number, 1_000, [1]))

    (hop,) = transfers_of_lot(index.session, LotId(number, 1))
    assert hop.status is TransferStatus.EXTINGUISHED
    assert get_receivable(index.session, number).status is ReceivableStatus.SETTLED
    assert index.agrees_with_the_contracts()


def test_settlement__when_paid_in_parts__then_each_payment_is_kept_and_floors_stay_earmarked(index):
    number = issue(index)
    index.apply(*index.ledger.split(number, 1, [(SUPPLIER, 333), (SUPPLIER, 333)]))

    index.apply(*index.ledger.settle(number, 100, [1, 2, 3]))
    index.apply(*index.ledger.settle(number, 900, [3]))
    index.apply(*index.ledger.pay_lots(number, [1, 2]))

    paid = [
        (row.amount_minor, row.paid_minor)
        for row in rows_of(index.session, SettlementRow, receivable_id=number)
    ]
    assert paid == [(100, 100), (900, 1_000)]
    payments = rows_of(index.session, LotPaymentRow, receivable_id=number)
    assert [row.amount_minor for row in payments] == [33, 33, 33, 300, 301, 300]
    assert index.agrees_with_the_contracts()


def test_lots_due__behind_receivables_whose_floors_left_something__are_found(index, monkeypatch):
    monkeypatch.setattr("chainfin.models.receivables._RECEIVABLES_A_QUERY", 1)
    for name in ("invoice 1", "invoice 2", "invoice 3"):
        number = issue(index, document=name)
        index.apply(*index.ledger.split(number, 1, [(SUPPLIER, 333), (SUPPLIER, 333)]))
        paid_at_once = [2, 3] if name == "invoice 3" else [1, 2, 3]
        index.apply(*index.ledger.settle(number, 100, paid_at_once))

    assert [
        (row.receivable_id, [lot.lot_sequence for lot in due])
        for row, due in lots_due(index.session)
    ] == [(number, [1])]


# --- late, in default, under recourse, within a credit line


def next_of(index, number):
    return get_receivable(index.session, number).sequence + 1


def test_arrears__when_noted_and_paid__then_they_are_kept_and_over__r08(index):
    number = issue(index)
    index.apply(said.ReceivableOverdue(number, next_of(index, number), 1_000))
    index.apply(said.ReceivableDefaulted(number, next_of(index, number), 1_000))
    assert get_receivable(index.session, number).arrears is Arrears.DEFAULTED
    (row,) = defaults_of_party(index.session, SUPPLIER)
    assert (row.receivable_id, row.outstanding_minor) == (number, 1_000)
    assert defaults_of_party(index.session, FUNDER) == []

    sequence = next_of(index, number)
    settled = said.ReceivableSettled(number, sequence, 1_000, 1_000, ReceivableStatus.SETTLED)
    charged = said.LateInterestCharged(number, sequence + 1, 25, 25)
    principal = (LotPayment(1, SUPPLIER, 1_000),)
    interest = (LotPayment(1, SUPPLIER, 25),)
    index.apply(
        settled,
        charged,
        said.LotsPaid(number, sequence + 2, principal),
        said.LateInterestPaid(number, sequence + 3, interest),
    )

    assert get_receivable(index.session, number).arrears is Arrears.NONE
    assert [row.arrears for row in arrears_of(index.session, obligor=ANCHOR)] == [
        Arrears.OVERDUE,
        Arrears.DEFAULTED,
    ]
    (paid,) = rows_of(index.session, SettlementRow, receivable_id=number)
    assert (paid.amount_minor, paid.late_interest_minor) == (1_000, 25)
    payments = rows_of(index.session, LotPaymentRow, receivable_id=number)
    assert [(row.amount_minor, row.is_late_interest) for row in payments] == [
        (1_000, False),
        (25, True),
    ]
    receivable = find_receivable(index.session, number)
    assert (receivable.late_interest_paid_minor, receivable.late_interest_cleared_minor) == (25, 25)


def test_recourse__when_a_lot_is_sold_twice__then_it_goes_back_one_sale_at_a_time(index):
    number = issue(index)
    for request, (seller, buyer) in enumerate([(SUPPLIER, FUNDER), (FUNDER, SUBSUPPLIER)], 1):
        index.apply(*index.ledger.mint(buyer, 1_000))
        index.apply(*index.ledger.request(number, 1, 1_000))
        index.apply(*index.ledger.award(request, buyer, 970))
        assert find_financing_request(index.session, request).holder == seller
    claim = said.RecourseClaimed(number, next_of(index, number), 1, SUBSUPPLIER, FUNDER, 1_000, 0)
    index.apply(claim)
    assert find_financing_request(index.session, 2).recourse_claimed_at is not None

    for seller, holder in ((FUNDER, SUBSUPPLIER), (SUPPLIER, FUNDER)):
        sequence = next_of(index, number)
        index.apply(said.LotRepurchased(number, sequence, 1, seller, holder, 1_000, 0))
        (lot,) = lots_of(index.session, number)
        assert lot.holder == seller
        assert lot.to_domain().is_indivisible == (seller == FUNDER)


def test_early_payment__when_the_anchor_buys_part_back__then_all_else_keeps_its_share(index):
    number = issue(index)
    index.apply(*index.ledger.request(number, 1, 400))
    sequence = next_of(index, number)

    index.apply(
        said.LotPaidEarly(number, sequence, 1, SUPPLIER, 400),
        said.QuoteAwarded(
            1, number, sequence, ANCHOR, digest("q"), 390, digest("t"), 1, digest("h")
        ),
    )

    (lot,) = lots_of(index.session, number)
    assert (lot.face_value_minor, lot.is_settled, lot.financing_request_id) == (600, False, None)
    assert find_receivable(index.session, number).face_value_minor == 600
    request = find_financing_request(index.session, 1)
    assert (request.funder, request.net_proceeds_minor) == (ANCHOR, 390)


def test_early_payment__of_all_there_is__then_the_receivable_is_settled(index):
    number = issue(index)
    index.apply(*index.ledger.request(number, 1, 1_000))
    sequence = next_of(index, number)

    index.apply(said.LotPaidEarly(number, sequence, 1, SUPPLIER, 1_000))

    (lot,) = lots_of(index.session, number)
    assert (lot.face_value_minor, lot.is_settled, lot.holder) == (0, True, SUPPLIER)
    assert get_receivable(index.session, number).status is ReceivableStatus.SETTLED


def test_funded_quote__from_its_funding_to_its_award__then_the_reserve_is_drawn(index):
    number = issue(index)
    index.apply(*index.ledger.request(number, 1, 400))
    quote, key = digest("q"), (FUNDER, ANCHOR, "CNY")
    index.apply(said.CreditLineSet(*key, 1, 500, 2_000))
    index.apply(
        said.QuoteFunded(1, number, next_of(index, number), FUNDER, quote, 400, 2_000),
        said.CreditLineReserved(*key, 2, quote, 400, 400),
    )
    (funded,) = funded_quotes_on(index.session, 1)
    assert (funded.amount_minor, funded.expires_at, funded.is_drawn) == (400, 2_000, False)

    index.apply(
        said.FundedQuoteEnded(1, number, next_of(index, number), FUNDER, quote, True),
        said.CreditReserveReleased(*key, 3, quote, 400, 0),
        said.CreditLineUtilised(*key, 4, LotId(number, 2).token_id, 400, 400),
    )

    assert not funded_quotes_on(index.session, 1)
    assert find_funded_quote(index.session, FUNDER, quote).is_drawn
    (line,) = credit_lines_of(index.session, funder=FUNDER)
    assert line.utilised_minor == 400


def test_funded_quote__when_it_binds_no_more__then_it_is_to_be_released_and_can_be_funded_again(
    index,
):
    number = issue(index)
    index.apply(*index.ledger.request(number, 1, 400))
    quote = digest("q")
    funding = (FUNDER, quote, 390, 2_000)
    index.apply(said.QuoteFunded(1, number, next_of(index, number), *funding))
    assert not releasable_quotes(index.session, 2_000, limit=9)
    assert len(releasable_quotes(index.session, 2_001, limit=9)) == 1

    index.apply(said.FundedQuoteEnded(1, number, next_of(index, number), FUNDER, quote, False))
    assert not releasable_quotes(index.session, 2_001, limit=9)
    index.apply(said.QuoteFunded(1, number, next_of(index, number), *funding))

    assert len(funded_quotes_on(index.session, 1)) == 1


def test_holdback__from_the_sale_to_the_repurchase__then_its_payments_are_told_apart(index):
    number = issue(index)
    index.apply(*index.ledger.request(number, 1, 1_000), *index.ledger.award(1, FUNDER, 790))
    index.apply(said.HoldbackKept(number, next_of(index, number), 1, SUPPLIER, 200))

    (lot,) = lots_of(index.session, number)
    assert (lot.holdback_seller, lot.holdback_minor, lot.owed_minor) == (SUPPLIER, 200, (800, 200))
    assert lot.to_domain().is_indivisible
    assert find_financing_request(index.session, 1).holdback_minor == 200
    assert has_held_back(index.session, number, SUPPLIER)
    for place, found in ((None, [1]), ((number, 1), [])):
        rows = list_holdbacks(index.session, party=FUNDER, after=place, limit=9)
        assert [row.lot_sequence for row in rows] == found
    assert not list_holdbacks(index.session, seller=FUNDER, limit=9)

    sequence = next_of(index, number)
    index.apply(
        said.ReceivableSettled(number, sequence, 900, 900, ReceivableStatus.ACTIVE),
        said.LotsPaid(number, sequence + 1, (LotPayment(1, FUNDER, 800),)),
        said.LotsPaid(number, sequence + 2, (LotPayment(1, SUPPLIER, 100),)),
    )
    payments = rows_of(index.session, LotPaymentRow, receivable_id=number)
    assert [(row.payee, row.is_holdback) for row in payments] == [(FUNDER, False), (SUPPLIER, True)]
    assert lots_of(index.session, number)[0].owed_minor == (0, 100)

    index.apply(said.HoldbackEnded(number, next_of(index, number), 1, SUPPLIER, 200))
    assert not list_holdbacks(index.session, limit=9)
    assert not has_held_back(index.session, number, SUPPLIER)


def test_borne_interest__released_then_borne_and_paid__then_the_request_says_what_it_was(index):
    number = issue(index)
    index.apply(*index.ledger.request(number, 1, 1_000))
    borne = (ANCHOR, 5_000, 30, 2_000)
    index.apply(said.InterestBorne(1, number, next_of(index, number), *borne))
    assert not releasable_interests(index.session, 2_000, limit=9)
    assert len(releasable_interests(index.session, 2_001, limit=9)) == 1

    index.apply(said.InterestEnded(1, number, next_of(index, number), ANCHOR, 0))
    assert not releasable_interests(index.session, 2_001, limit=9)
    assert find_financing_request(index.session, 1).obligor_interest_minor is None
    (open_,) = open_requests_on_debt_of(index.session, ANCHOR, 0, limit=9)
    assert open_.request_id == 1
    assert not open_requests_on_debt_of(index.session, FUNDER, 0, limit=9)

    index.apply(said.InterestBorne(1, number, next_of(index, number), *borne))
    ended = (next_of(index, number), FinancingStatus.FUNDED)
    index.apply(said.FinancingRequestEnded(1, number, *ended))
    assert len(releasable_interests(index.session, 0, limit=9)) == 1
    index.apply(said.InterestEnded(1, number, next_of(index, number), ANCHOR, 5))

    row = find_borne_interest(index.session, 1)
    assert (row.paid_minor, row.ended_sequence is not None) == (5, True)
    assert find_financing_request(index.session, 1).obligor_interest_minor == 5
    assert not releasable_interests(index.session, 9_999, limit=9)


def test_filing__when_a_funder_files_twice__then_the_later_record_counts(index):
    number = issue(index)
    index.apply(*index.ledger.request(number, 1, 1_000))

    for filed_at, filing in ((100, digest("first")), (200, digest("second"))):
        index.apply(
            said.FilingRecorded(1, number, next_of(index, number), FUNDER, filed_at, filing)
        )

    (filed,) = filings_on(index.session, 1)
    assert (filed.funder, filed.filed_at, filed.filing) == (FUNDER, 200, digest("second"))
    assert filed.receivable_id == number


def test_write_off__when_a_lot_is_given_up__then_it_is_held_and_still_owed(index):
    number = issue(index)
    sequence = next_of(index, number)
    status = ReceivableStatus.WRITTEN_OFF

    index.apply(said.LotWrittenOff(number, sequence, 1, SUPPLIER, 1_000, status))

    (lot,) = lots_of(index.session, number)
    assert lot.encumbrance is Encumbrance.WRITTEN_OFF
    assert lot.to_domain().outstanding_minor == 1_000
    assert get_receivable(index.session, number).status is status


def test_attestation__of_one_lot__settles_it_and_leaves_the_others_their_shares(index):
    number = issue(index, programme=DIRECT)
    index.apply(*index.ledger.split(number, 1, [(SUBSUPPLIER, 300)]))
    line, sequence = digest("line"), next_of(index, number)
    index.apply(
        said.PaymentConfirmed(number, sequence, 2, SUBSUPPLIER, FUNDER, 300, 15, line),
        said.PaymentAttested(
            number, sequence + 1, 2, SUBSUPPLIER, FUNDER, 300, 15, 77, line, 300,
            ReceivableStatus.ACTIVE,
        ),
    )  # fmt: skip

    first, second = lots_of(index.session, number)
    assert (second.is_settled, second.is_attested, second.paid_minor) == (True, True, 300)
    assert (first.is_settled, first.paid_minor) == (False, 0)
    receivable = find_receivable(index.session, number)
    assert (receivable.paid_minor, receivable.cleared_minor) == (300, 300)
    assert not list(lots_due(index.session))
    ((attested, _),) = list_attestations(index.session, party=SUBSUPPLIER, after=None, limit=10)
    assert (attested.late_interest_minor, attested.value_at) == (15, 77)
    assert amounts_attested_by(index.session, [line]) == {line: 315}
    assert confirmations_of(index.session, [number]) == {(LotId(number, 2), FUNDER, line)}
    assert list_attestations(index.session, party=THIRD, after=None, limit=10) == []

    # What the anchor then pays from its deposit is the other lot's alone.
    index.apply(said.ReceivableSettled(number, sequence + 2, 350, 650, ReceivableStatus.ACTIVE))
    ((_, due),) = lots_due(index.session)
    assert [lot.lot_sequence for lot in due] == [1]


def test_settlement_bank__named_twice__counts_when_its_time_has_come(index):
    at = index.ledger.time

    def name(bank, valid_from):
        sequence = get_participant(index.session, SUPPLIER).sequence + 1
        index.apply(said.SettlementBankNamed(SUPPLIER, sequence, "CNY", bank, valid_from))

    def named(instant):
        return settlement_bank_at(index.session, SUPPLIER, "CNY", instant)

    name(BANK, at + 100)
    assert (named(at + 99), named(at + 100)) == (0, BANK)
    index.ledger.time += 100
    name(FUNDER, at + 200)
    assert (named(at + 199), named(at + 200)) == (BANK, FUNDER)
    index.ledger.time += 1
    name(0, at + 101)
    assert named(at + 300) == 0


def test_freeze__when_renewed_and_lifted__then_its_end_is_kept__r25(index):
    number = issue(index)
    order, suspicion = "0x" + "a1" * 32, "0x" + "b2" * 32
    frozen = said.LotFrozen(number, next_of(index, number), 1, SUPPLIER, 40, order, True, 2_000)
    index.apply(frozen)
    index.apply(said.LotHeld(number, next_of(index, number), 1, SUPPLIER, 40, suspicion, 1_000))
    index.apply(said.FreezeRenewed(number, next_of(index, number), 1, order, 3_000))
    index.apply(said.FreezeLifted(number, next_of(index, number), 1, suspicion))

    court, hold = (row.to_domain() for row in freezes_of_lot(index.session, LotId(number, 1)))
    assert (court.expires_at, court.lifted_at, court.to_court) == (3_000, None, True)
    assert hold.is_hold
    assert hold.lifted_at is not None
    assert has_frozen(index.session, number, 40)
    assert not has_frozen(index.session, number, SUPPLIER)
    assert len(list_freezes(index.session, party=SUPPLIER, limit=9)) == 2
    (rest,) = list_freezes(index.session, party=40, after=(number, frozen.sequence), limit=9)
    assert rest.is_hold
    with pytest.raises(RowMissing):
        index.apply(said.FreezeLifted(number, next_of(index, number), 1, "0x" + "c3" * 32))


def test_pledge__when_offered_twice_held_and_enforced__then_the_newest_binds_the_lot__r24(index):
    number = issue(index)
    first, second = "0x" + "a1" * 32, "0x" + "b2" * 32
    for name, secured in ((first, 900), (second, 700)):
        terms = (SUPPLIER, FUNDER, secured, 2_000, 1_500, name, "0x" + "00" * 32)
        index.apply(said.PledgeProposed(number, next_of(index, number), 1, *terms))
    filed = (SUPPLIER, FUNDER, 700, 2_000, second, "0x" + "f1" * 32, 1_000)
    index.apply(said.LotPledged(number, next_of(index, number), 1, *filed))

    (lot,) = lots_of(index.session, number)
    assert lot.encumbrance is Encumbrance.PLEDGED
    assert pledge_of_lot(index.session, LotId(number, 1)).secured_minor == 700
    assert is_pledgee(index.session, number, FUNDER)
    assert not is_pledgee(index.session, number, SUPPLIER)

    index.apply(said.PledgeEnforced(number, next_of(index, number), 1, FUNDER, second))
    index.apply(said.PledgeReleased(number, next_of(index, number), 1, FUNDER, second))

    (lot,) = lots_of(index.session, number)
    assert lot.encumbrance is Encumbrance.NONE
    (row,) = list_pledges(index.session, party=SUPPLIER, limit=9)
    assert row.to_domain().status is PledgeStatus.RELEASED
    assert list_pledges(index.session, party=None, after=(number, 1), limit=9) == []


def test_credit_line__when_used_and_given_back__then_line_and_lot_agree(index):
    key, lot = (FUNDER, ANCHOR, "CNY"), LotId(1, 1)
    index.apply(said.CreditLineSet(*key, 1, 500, 1_900_000_000))
    index.apply(said.CreditLineUtilised(*key, 2, lot.token_id, 300, 300))
    index.apply(said.CreditLineReleased(*key, 3, lot.token_id, 120, 180))
    index.apply(said.CreditLineSet(*key, 4, 100, 1_900_000_000))

    (line,) = credit_lines_of(index.session, funder=FUNDER)
    assert (line.limit_minor, line.utilised_minor) == (100, 180)
    assert line.to_domain().available_minor == 0
    (used,) = utilisations_of(index.session, FUNDER)
    assert (used.lot_sequence, used.amount_minor) == (1, 180)


def test_credit_line__when_a_number_is_left_out__then_it_is_a_gap__f16(index):
    key = (FUNDER, ANCHOR, "CNY")
    index.apply(said.CreditLineSet(*key, 1, 500, 1_900_000_000))

    with pytest.raises(LogGap):
        index.apply(said.CreditLineUtilised(*key, 3, LotId(1, 1).token_id, 300, 300))


def test_deposits__when_money_moves__then_every_statement_adds_up(index):
    number = issue(index)
    index.apply(*index.ledger.request(number, 1, 1_000))
    index.apply(*index.ledger.award(1, FUNDER, 970))
    index.apply(*index.ledger.settle(number, 1_000, [1]))

    def statement(organisation):
        return rows_of(index.session, DepositEntryRow, deposit=DEPOSIT, organisation=organisation)

    for organisation, account in index.ledger.accounts.items():
        row = get_deposit_account(index.session, DEPOSIT, organisation)
        lines = statement(organisation)
        assert (row.balance_minor, row.earmarked_minor, row.sequence) == (
            account.balance, account.earmarked, account.sequence
        )  # fmt: skip
        assert [line.sequence for line in lines] == list(range(1, account.sequence + 1))
        assert sum(line.amount_minor for line in lines) == account.balance + account.earmarked
    kinds = [line.kind for line in statement(ANCHOR)]
    assert kinds == [
        DepositEntryKind.OPENED, DepositEntryKind.MINTED, DepositEntryKind.EARMARKED,
        DepositEntryKind.EARMARK_PAID,
    ]  # fmt: skip


# --- participants and orders


def test_keys__when_one_is_revoked__then_it_ends_with_the_block(index):
    index.ledger.time += 500

    index.apply(*index.ledger.revoke_key(SUPPLIER))

    key = next(key for key, owner in index.ledger.keys.items() if owner == SUPPLIER)
    assert get_key(index.session, key).valid_until == index.ledger.time
    assert not get_key(index.session, key).is_valid(index.ledger.time)


def test_limit__when_it_is_raised__then_the_one_before_counts_until_then(index):
    before = dual_control_limit_at(index.session, SUPPLIER, "CNY", index.ledger.time)

    (*_, raised) = index.ledger.set_limit(SUPPLIER, "CNY", 99_999)
    index.apply(raised)

    assert raised.valid_from > index.ledger.time
    assert _limit_at(index, raised.valid_from - 1) == before > 0
    assert _limit_at(index, raised.valid_from) == 99_999


def test_limit__when_it_is_lowered_while_a_higher_one_waits__then_it_counts_at_once(index):
    index.apply(*index.ledger.set_limit(SUPPLIER, "CNY", 99_999))
    index.apply(*index.ledger.set_limit(SUPPLIER, "CNY", 10))

    assert _limit_at(index, index.ledger.time) == _limit_at(index, 2**40 - 1) == 10


def _limit_at(index, block_time):
    return dual_control_limit_at(index.session, SUPPLIER, "CNY", block_time)


def test_key__when_it_is_vetoed__then_it_is_never_valid(index):
    index.apply(*index.ledger.veto_key(SUPPLIER))

    vetoed = keys_of(index.session, SUPPLIER)[-1]
    assert vetoed.valid_until == index.ledger.time < vetoed.valid_from
    assert get_participant(index.session, SUPPLIER).status is ParticipantStatus.SUSPENDED


def test_terms__when_they_change__then_the_participant_has_them(index):
    index.apply(*index.ledger.change_terms(SUPPLIER, ParticipantKind.FUNDER))

    participant = get_participant(index.session, SUPPLIER)
    assert (participant.kinds, participant.parent) == (ParticipantKind.FUNDER, ANCHOR)


def test_council__when_members_change__then_the_new_term_has_them(index):
    index.apply(*index.ledger.change_council(1, 2, 3))
    index.apply(*index.ledger.change_council(4))

    council = get_council(index.session)
    assert (council.term, council.threshold, council.sequence) == (2, 1, 2)
    assert council_members(index.session, 2) == [4]


@pytest.mark.parametrize(
    ("is_scheduled", "status"),
    [(False, DecisionStatus.EXECUTED), (True, DecisionStatus.CANCELLED)],
)
def test_decision__when_it_is_voted_on__then_it_has_its_votes_and_its_end(
    index, is_scheduled, status
):
    index.apply(*index.ledger.change_council(1, 2))

    index.apply(*index.ledger.decide(is_scheduled=is_scheduled))

    (decision,) = list_decisions(index.session)
    (vote,) = votes_on(index.session, [decision.decision])
    assert (decision.status, decision.term, decision.calldata) == (status, 1, "0x1234")
    assert (decision.executable_at > 0) is is_scheduled
    assert (vote.organisation, vote.in_favour) == (1, True)


def test_council__when_a_log_is_missing__then_the_reader_stops(index):
    index.apply(*index.ledger.change_council(1))
    index.ledger.decide(is_scheduled=False)

    with pytest.raises(LogGap):
        index.apply(*index.ledger.decide(is_scheduled=False))


def test_standing__when_a_parent_is_blocked__then_whom_it_controls_is_blocked__r29(index):
    index.apply(*index.ledger.change_terms(SUPPLIER, ParticipantKind.SUPPLIER))
    assert get_standing(index.session, SUPPLIER).status is ParticipantStatus.ADMITTED

    index.apply(*index.ledger.change_status(ANCHOR, ParticipantStatus.BLOCKED))

    assert get_standing(index.session, SUPPLIER).status is ParticipantStatus.BLOCKED
    assert get_participant(index.session, SUPPLIER).status is ParticipantStatus.ADMITTED


def test_status__when_it_changes__then_the_participant_has_it(index):
    index.apply(*index.ledger.change_status(SUPPLIER, ParticipantStatus.BLOCKED))

    participant = get_participant(index.session, SUPPLIER)
    assert participant.status is ParticipantStatus.BLOCKED
    assert participant.sequence == index.ledger.participants[SUPPLIER]


def test_cancellation__when_it_names_anothers_order__then_that_order_is_untouched(index):
    executed = index.ledger._executed(SUPPLIER)  # noqa: SLF001
    index.apply(*executed)

    index.apply(*index.ledger.cancel_order(THIRD, executed[0].order_hash))

    found = rows_of(index.session, ExecutedOrderRow, order_hash=executed[0].order_hash)
    assert {(row.organisation, row.is_cancelled) for row in found} == {
        (SUPPLIER, False),
        (THIRD, True),
    }
    (own,) = [row for row in found if row.organisation == SUPPLIER]
    assert (own.maker_key, own.nonce) == (executed[0].maker_key, executed[0].nonce)


def test_orders__when_one_digest_runs_under_two_makers_nonces__then_both_are_kept(index):
    order = index.ledger._executed(SUPPLIER)[0]  # noqa: SLF001
    again = dataclasses.replace(order, maker_key=order.checker_key, checker_key=order.maker_key)

    index.apply(order, again)

    assert len(rows_of(index.session, ExecutedOrderRow, order_hash=order.order_hash)) == 2


def test_venues__when_one_is_paused_and_admitted_again__then_it_is_open(index):
    venue = ADDRESS["Issuance"]

    index.apply(said.VenuePaused(venue, is_paused=True))
    assert [row.is_paused for row in rows_of(index.session, VenueRow)] == [True]

    index.apply(said.VenueAdmitted(venue))
    assert [row.is_paused for row in rows_of(index.session, VenueRow)] == [False]


def test_programme__when_another_replaces_it__then_it_is_closed(index):
    index.apply(*index.ledger.open_programme(ANCHOR, acceptance_required=True, replaces=1))

    assert [get_programme(index.session, number).is_open for number in (1, 2, 3)] == [
        False, True, True
    ]  # fmt: skip


# --- staging


def test_rows__when_nothing_changes__then_nothing_is_written(index):
    issue(index)
    rows = Rows(index.session)

    rows.get(ReceivableRow, 1).paid_minor += 0
    rows.find(LotRow, 1, 1)

    assert rows.changed == {}
    rows.get(LotRow, 1, 1).holder = THIRD
    assert rows.changed == {"lot": 1}


def test_rows__when_only_a_part_is_rebuilt__then_the_rest_is_left_alone(index):
    rows = Rows(index.session, scope={ReceivableRow: frozenset({(1,)})})
    (issued, *_) = index.ledger.issue(1, SUPPLIER, 1_000, digest("invoice 1"), 5_000)

    project_all(rows, [(index.log_of(issued), issued)])

    assert rows.changed == {"receivable": 1, "lot": 1}


def test_rows__when_one_is_missing__then_it_is_asked_for_once(index, monkeypatch):
    asked = []
    monkeypatch.setattr(
        "chainfin.indexer.rows.load_rows", lambda *arguments: asked.append(arguments) or iter(())
    )
    rows = Rows(index.session)

    assert [rows.find(ParticipantRow, 99), rows.find(ParticipantRow, 99)] == [None, None]
    assert len(asked) == 1


def test_staged_row__when_made__then_trailing_optional_columns_may_be_left_out():
    light = staged(LotRow)

    assert light.__name__ == "LotRow"
    with pytest.raises(TypeError):
        light(receivable_id=1)
