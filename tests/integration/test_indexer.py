import os
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from chainfin.codec.errors import CodecError, EventUnknown
from chainfin.codec.log_packing import pack_logs, unpack_logs
from chainfin.domain import events as said
from chainfin.domain.audit import Finding
from chainfin.domain.errors import ChainfinError
from chainfin.domain.events import BlockRef, LogPosition, RawLog
from chainfin.domain.finality import Finality
from chainfin.domain.participant import ParticipantKind
from chainfin.domain.receivable import LotId
from chainfin.domain.service_errors import LogGap, LogsRefused, ReorganisationTooDeep, RowMissing
from chainfin.indexer import rebuilding
from chainfin.indexer.checking import verify, verify_logs
from chainfin.indexer.ranges import RangeReader
from chainfin.indexer.rebuilding import rebuild
from chainfin.indexer.sync import HEADERS_KEPT, SyncState, rewind, sync_once
from chainfin.models.bulk import table_of
from chainfin.models.chain_index import (
    AsOf,
    ChainLogsRow,
    as_of,
    bind_chain,
    blocks_down_from,
    count_logs,
    move_cursor,
)
from chainfin.models.documents import documents_now
from chainfin.models.participants import ExecutedOrderRow, get_participant
from chainfin.models.receivables import ReceivableRow, get_lot, get_receivable
from chainfin.models.schema import create_tables
from chainfin.models.session import create_engine_for, projection_kinds, read_only
from tests.fake_chain import (
    ADDRESS,
    SUPPLIERS,
    FakeChain,
    decoder,
    dice_of,
    digest,
    founded,
    live,
)
from tests.rows import rows_of, stored_logs

DECODER = decoder()
REORG_ROUNDS = int(os.environ.get("CHAINFIN_TEST_ROUNDS", "10"))
SUPPLIER, SUBSUPPLIER, THIRD = SUPPLIERS


@pytest.fixture
def session(database_url):
    engine = create_engine_for(database_url)
    create_tables(engine)
    with Session(engine) as opened:
        yield opened
    engine.dispose()


@pytest.fixture
def chain(session):
    network = founded()
    bind(session, network)
    session.commit()
    return network


def bind(session, chain):
    bind_chain(
        session,
        chain_id=31337,
        genesis_hash=chain.genesis.block_hash,
        registry=ADDRESS["ParticipantRegistry"],
        start=chain.genesis,
    )


def read(session, chain, **options):
    """One pass, as the worker does it."""
    result = sync_once(session, chain, DECODER, **options)
    session.commit()
    return result


def catch_up(session, chain, **options):
    while (result := read(session, chain, **options)).has_more:
        pass
    return result


def contents(session):
    tables = [table_of(kind) for kind in projection_kinds()]
    return {table.name: sorted(map(tuple, session.execute(table.select()))) for table in tables}


def fresh_contents(chain):
    engine = create_engine_for("sqlite://")
    create_tables(engine)
    with Session(engine) as session:
        bind(session, chain)
        catch_up(session, chain)
        return contents(session)


def states_of(chain):
    return lambda block, numbers: chain.states_at(block.block_number, numbers)


def issue(chain, document="invoice 1", face=1_000):
    """A block with an accepted receivable; its number."""
    ledger = chain.ledger
    issued = ledger.issue(1, SUPPLIER, face, digest(document), 10_000)
    chain.mine(issued, ledger.accept(len(ledger.receivables)))
    return len(ledger.receivables)


class Faulty:
    """A node that answers like its chain but for one fault."""

    def __init__(self, chain, **answers):
        self.chain = chain
        self.answers = answers

    def __getattr__(self, name):
        return self.answers.get(name) or getattr(self.chain, name)


# --- reading


@pytest.mark.parametrize("limit_blocks", [1, 3, 2_000])
def test_sync__when_history_is_read_in_ranges__then_rows_are_what_the_contracts_have__i3(
    session, chain, limit_blocks
):
    live(chain, 30, dice_of(1))

    result = catch_up(session, chain, limit_blocks=limit_blocks)

    assert result.as_of.block_hash == chain.head().block_hash
    assert as_of(session) == result.as_of
    assert count_logs(session) == sum(len(block.logs) for block in chain.chain)
    checked = verify(session, states_of(chain))
    assert checked.matches
    assert checked.receivables == len(chain.ledger.receivables)


def test_sync__when_a_block_comes__then_history_and_present_are_one_loop(session, chain):
    catch_up(session, chain)
    issue(chain)

    result = read(session, chain)

    assert (result.state, result.logs) == (SyncState.ADVANCED, len(chain.chain[-1].logs))
    assert get_receivable(session, 1) == chain.ledger.receivables[1]
    assert read(session, chain).state is SyncState.UP_TO_DATE


def test_sync__when_orders_ran__then_it_tells_whoever_keeps_them(session, chain):
    catch_up(session, chain)
    chain.mine(chain.ledger.issue_batch(1, [(SUPPLIER, 5), (THIRD, 6)], refused=[0]))

    result = read(session, chain)

    ((position, order),) = result.orders
    assert isinstance(order, said.OrderExecuted)
    assert position.block_hash == chain.head().block_hash
    assert position.block_timestamp == chain.head().timestamp
    assert [type(event) for _, event in result.batches] == [
        said.BatchRowRefused, said.BatchRowsIssued
    ]  # fmt: skip


def test_sync__when_logs_carry_no_time__then_the_headers_do(session, chain):
    issue(chain)
    bare = [
        log._replace(position=log.position._replace(block_timestamp=0))
        for log in chain.logs(1, len(chain.chain))
    ]

    read(session, Faulty(chain, logs=lambda _from, _to: bare))

    assert contents(session) == fresh_contents(chain)
    stored = stored_logs(session)
    assert all(log.position.block_timestamp for log in stored)


def test_sync__when_blocks_need_confirmations__then_the_newest_wait(session, chain):
    issue(chain)
    chain.mine()

    assert catch_up(session, chain, confirmations=2).as_of.block_number == len(chain.chain) - 3
    assert len(rows_of(session, ReceivableRow)) == 0
    assert catch_up(session, chain, confirmations=1).as_of.block_number == len(chain.chain) - 2
    assert len(rows_of(session, ReceivableRow)) == 1


def test_sync__when_many_blocks_are_empty__then_only_the_newest_headers_are_kept(session, chain):
    for _ in range(HEADERS_KEPT + 50):
        chain.mine()

    catch_up(session, chain, limit_blocks=100)

    head = chain.head().number
    kept = [block.number for block in blocks_down_from(session, head, 10_000)]
    assert kept == [*range(head, head - HEADERS_KEPT, -1), 3, 2, 1]


def test_sync__when_it_fails_midway__then_nothing_of_the_pass_is_left(session, chain):
    catch_up(session, chain)
    before = contents(session), as_of(session), count_logs(session)
    issue(chain)
    chain.mine([said.ReceivableAccepted(1, 9)])

    with pytest.raises(LogGap):
        read(session, chain)
    session.rollback()

    assert (contents(session), as_of(session), count_logs(session)) == before


# --- reorganisations


@pytest.mark.fault("F14", "blocks replaced at random")
@pytest.mark.parametrize("seed", range(REORG_ROUNDS))
def test_reorg__when_blocks_are_taken_back_at_random__then_rows_are_those_of_a_fresh_index__f14(
    session, chain, seed
):
    """Depths of 1 to 64, during sync; CHAINFIN_TEST_ROUNDS says how many rounds."""
    dice = dice_of(seed)
    for _ in range(3):
        live(chain, dice.randrange(1, 40), dice)
        if dice.random() < 0.8:
            catch_up(session, chain, limit_blocks=dice.choice([1, 5, 2_000]))
        else:
            read(session, chain, limit_blocks=7)
        chain.take_back(max(3, len(chain.chain) - 1 - dice.randrange(1, 65)))
    live(chain, 15, dice)

    catch_up(session, chain)

    assert contents(session) == fresh_contents(chain)
    assert verify(session, states_of(chain)).matches


@pytest.mark.fault("F16", "logs left out, invented and altered at random")
@pytest.mark.parametrize("seed", range(4))
def test_node__when_it_lies_at_random__then_sync_stops_or_heals_and_never_believes__f16(
    session, chain, seed
):
    """It leaves out one log or all, shuffles, repeats and invents; asked again it may be honest."""
    dice = dice_of(seed)
    live(chain, 60, dice)

    def logs(from_block, to_block):
        honest = chain.logs(from_block, to_block)
        if not honest or dice.random() < 0.5:
            return honest
        place = dice.randrange(len(honest))
        return dice.choice(
            [
                [],
                honest[:place] + honest[place + 1 :],
                dice.sample(honest, len(honest)),
                honest[: place + 1] + honest[place:],
                [*honest, honest[place]._replace(topics=(digest("LotMerged()"),))],
            ]
        )

    liar, ended = Faulty(chain, logs=logs), set()
    for _ in range(400):
        try:
            ended.add(read(session, liar, limit_blocks=dice.choice([1, 4, 16])).state)
        except (ChainfinError, CodecError) as refusal:
            session.rollback()
            ended.add(type(refusal))
            if isinstance(refusal, LogGap | RowMissing):
                # What an operator does: go back a little, and ask again.
                rewind(session, DECODER, max(3, as_of(session).block_number - dice.randrange(30)))
                session.commit()
        if as_of(session).block_number == chain.head().number:
            break
    shown = [finding.place for finding in verify_logs(session, chain.proven_blocks, 0).findings]

    assert {SyncState.UNSETTLED, LogsRefused} & ended
    assert shown or contents(session) == fresh_contents(chain)
    first = min((int(place.split()[1].rstrip(",")) for place in shown), default=chain.head().number)
    rewind(session, DECODER, first - 1)
    catch_up(session, chain)
    assert verify_logs(session, chain.proven_blocks, 0).matches
    assert contents(session) == fresh_contents(chain)


@pytest.mark.fault("F16", "newest log of a receivable left out")
def test_node__when_it_leaves_out_the_newest_log_of_a_receivable__then_only_receipts_show_it__f16(
    session, chain
):
    """No number is missing yet, and other logs of the contract came: nothing else could tell."""
    catch_up(session, chain)
    number, ledger = issue(chain), chain.ledger
    other = issue(chain, document="invoice 2")
    catch_up(session, chain)
    chain.mine(ledger.propose(number, 1, THIRD), ledger.propose(other, 1, THIRD))
    *_, last = chain.chain[-1].logs
    assert DECODER.kind_of(last) in {said.TransferProposed, said.OrderExecuted}
    newest = next(
        log for log in chain.chain[-1].logs[::-1] if DECODER.kind_of(log) is said.TransferProposed
    )

    def logs(from_block, to_block):
        return [log for log in chain.logs(from_block, to_block) if log != newest]

    state = read(session, Faulty(chain, logs=logs)).state

    findings = verify_logs(session, chain.proven_blocks, 0).findings
    assert state is SyncState.ADVANCED
    assert [finding.place for finding in findings] == [
        f"block {newest.position.block_number}, log {newest.position.log_index}"
    ]


def test_reorg__when_everything_is_taken_back__then_the_index_is_that_of_the_new_chain(
    session, chain
):
    issue(chain)
    catch_up(session, chain)
    chain.take_back(0)
    for _ in range(5):
        chain.mine(chain.ledger.admit(ParticipantKind.AUDITOR))

    catch_up(session, chain)

    assert contents(session) == fresh_contents(chain)
    assert len(rows_of(session, ReceivableRow)) == 0


def test_reorg__when_a_document_was_carried__then_its_stream_is_rebuilt_over_its_fingerprints(
    session, chain
):
    first, ledger = issue(chain), chain.ledger
    document = ledger.fingerprints[first]
    chain.mine(ledger.carry(document), ledger.open_epoch())
    catch_up(session, chain)
    fork = chain.head().number
    again = issue(chain, face=7)
    chain.mine(ledger.carry(ledger.current(document)))
    catch_up(session, chain)
    chain.take_back(fork)
    ledger = chain.ledger
    for _ in range(3):
        chain.mine(ledger.issue(1, SUPPLIER, 5, ledger.current(document), 10_000))

    catch_up(session, chain)

    assert again not in (first, 0)
    assert contents(session) == fresh_contents(chain)
    assert documents_now(session, [document])[document].used_minor == 1_000 + 3 * 5


def test_reorg__when_an_order_is_no_longer_on_the_chain__then_its_keeper_is_told(session, chain):
    catch_up(session, chain)
    head = chain.head().number
    executed = chain.ledger.set_limit(SUPPLIER, "CNY", 5)
    chain.mine(executed)
    catch_up(session, chain)
    chain.take_back(head)
    chain.mine()

    result = read(session, chain)

    assert result.state is SyncState.REORGANISED
    assert result.has_more
    assert [event for _, event in result.removed_orders] == [executed[0]]
    assert rows_of(session, ExecutedOrderRow, order_hash=executed[0].order_hash) == []
    assert result.as_of.block_number == head


@pytest.mark.fault("F15", "reorganisation between logs and headers")
def test_reorg__when_it_happens_between_logs_and_blocks__then_nothing_is_done__f15(session, chain):
    catch_up(session, chain)
    issue(chain)
    before = contents(session)

    def logs_then_fork(from_block, to_block):
        logs = chain.logs(from_block, to_block)
        chain.take_back(from_block - 1)
        issue(chain, document="invoice 2", face=7)
        return logs

    result = read(session, Faulty(chain, logs=logs_then_fork))

    assert result.state is SyncState.UNSETTLED
    assert contents(session) == before
    catch_up(session, chain)
    assert contents(session) == fresh_contents(chain)


@pytest.mark.fault("F15", "empty block replaced between questions")
def test_reorg__when_an_empty_block_is_replaced_while_logs_are_read__then_nothing_is_missed__f15(
    session, chain
):
    catch_up(session, chain)
    chain.mine()
    chain.mine()

    def logs_then_fork(from_block, to_block):
        logs = chain.logs(from_block, to_block)
        chain.take_back(from_block - 1)
        issue(chain)
        chain.mine()
        return logs

    assert read(session, Faulty(chain, logs=logs_then_fork)).state is SyncState.UNSETTLED
    catch_up(session, chain)
    assert len(rows_of(session, ReceivableRow)) == 1


def test_reorg__when_it_is_deeper_than_blocks_are_final__then_it_stops(session, chain):
    for _ in range(5):
        chain.mine()
    catch_up(session, chain)
    before = contents(session), as_of(session)
    chain.take_back(len(chain.chain) - 4)
    for _ in range(4):
        chain.mine()

    with pytest.raises(ReorganisationTooDeep):
        read(session, chain, finality=Finality.parse("depth:2"))
    session.rollback()

    assert (contents(session), as_of(session)) == before
    assert read(session, chain, finality=Finality.parse("depth:3")).state is SyncState.REORGANISED


def test_reorg__when_the_new_chain_is_still_shorter__then_the_difference_counts(session, chain):
    issue(chain)
    issue(chain, document="invoice 2")
    catch_up(session, chain)
    chain.take_back(len(chain.chain) - 3)
    chain.mine()

    assert read(session, chain).state is SyncState.REORGANISED
    catch_up(session, chain)
    assert contents(session) == fresh_contents(chain)


# --- nodes that lag, lie or forget


@pytest.mark.fault("F18", "node with a lower head")
def test_node__when_its_head_is_lower__then_it_lags_and_nothing_is_taken_back__f18(session, chain):
    issue(chain)
    catch_up(session, chain)
    before = contents(session)
    chain.head_limit = 2

    result = read(session, chain)

    assert result.state is SyncState.LAGGING
    assert not result.has_more
    assert contents(session) == before


@pytest.mark.fault("F18", "node without our last block")
def test_node__when_it_does_not_have_our_last_block__then_it_lags__f18(session, chain):
    catch_up(session, chain)
    chain.mine()

    result = read(session, Faulty(chain, block=lambda _: None), confirmations=1)

    assert result.state is SyncState.LAGGING


@pytest.mark.parametrize(
    "spoil",
    [
        lambda logs: logs[::-1],
        lambda logs: [logs[0], *logs],
        lambda logs: [logs[0]._replace(position=logs[0].position._replace(block_number=1))],
        lambda logs: [logs[0]._replace(position=logs[0].position._replace(block_number=99))],
    ],
)
def test_node__when_its_logs_are_not_what_was_asked__then_they_are_refused(session, chain, spoil):
    catch_up(session, chain)
    issue(chain)

    with pytest.raises(LogsRefused):
        read(session, Faulty(chain, logs=lambda *asked: spoil(chain.logs(*asked))))


@pytest.mark.fault("F18", "logs or headers of another fork")
@pytest.mark.parametrize("field", ["block_hash", "parent_hash"])
def test_node__when_logs_or_blocks_are_of_another_fork__then_nothing_is_done__f18(
    session, chain, field
):
    catch_up(session, chain)
    issue(chain)
    issue(chain, document="invoice 2")

    def blocks(numbers):
        first, *rest = chain.blocks(numbers)
        return [replace(first, **{field: digest("another fork")}), *rest]

    assert read(session, Faulty(chain, blocks=blocks)).state is SyncState.UNSETTLED
    assert read(session, chain).state is SyncState.ADVANCED


def test_node__when_it_has_lost_a_header__then_nothing_is_done(session, chain):
    catch_up(session, chain)
    issue(chain)

    result = read(session, Faulty(chain, blocks=lambda numbers: [None] * len(numbers)))

    assert result.state is SyncState.UNSETTLED


@pytest.mark.fault("F16", "all logs of a contract left out")
@pytest.mark.parametrize("left", [0, 1])
def test_node__when_it_leaves_out_all_logs_of_a_contract__then_it_is_not_believed__f16(
    session, chain, left
):
    catch_up(session, chain)
    issue(chain)
    honest = chain.chain[-1].logs
    assert len({log.address for log in honest}) > 1
    told = [log for log in honest if log.address == honest[0].address] if left else []
    liar = Faulty(chain, logs=lambda _from, _to: told)
    ranges = RangeReader(liar, DECODER, limit_blocks=100)

    states = [read(session, liar, ranges=ranges).state for _ in range(2)]
    with pytest.raises(LogsRefused):
        read(session, liar, ranges=ranges)
    session.rollback()

    assert states == [SyncState.UNSETTLED] * 2
    assert len(rows_of(session, ReceivableRow)) == 0
    catch_up(session, chain)
    assert contents(session) == fresh_contents(chain)


@pytest.mark.fault("F16", "log invented")
def test_node__when_it_invents_a_log_of_a_silent_contract__then_it_is_refused__f16(session, chain):
    catch_up(session, chain)
    chain.mine()
    ref = chain.head()
    position = LogPosition(ref.number, ref.block_hash, ref.timestamp, digest("t"), 0, 0)
    invented = RawLog(ADDRESS["Issuance"], (digest("t"),), "0x", position)

    with pytest.raises(LogsRefused):
        read(session, Faulty(chain, logs=lambda _from, _to: [invented]))


@pytest.mark.fault("F16", "one log in the middle left out")
def test_node__when_one_log_of_a_receivable_is_left_out__then_the_gap_stops_the_reader__f16(
    session, chain
):
    catch_up(session, chain)
    number = issue(chain)
    catch_up(session, chain)
    before = as_of(session)
    ledger = chain.ledger
    chain.mine(ledger.propose(number, 1, THIRD), ledger.answer(number, 1, said.TransferRevoked))
    chain.mine(chain.ledger.propose(number, 1, THIRD))
    proposed = next(
        log for log in chain.chain[-2].logs if DECODER.kind_of(log) is said.TransferProposed
    )

    def logs(from_block, to_block):
        return [log for log in chain.logs(from_block, to_block) if log != proposed]

    with pytest.raises(LogGap):
        read(session, Faulty(chain, logs=logs))
    session.rollback()

    assert as_of(session) == before
    catch_up(session, chain)
    assert contents(session) == fresh_contents(chain)


def test_bloom__when_other_logs_set_the_same_bits__then_the_receipts_decide(session, chain):
    """A chain we share: the filter has our address by chance, and the block no log of ours."""
    catch_up(session, chain)
    chain.mine()
    block = chain.chain[-1]
    block.ref = replace(block.ref, logs_bloom=(1 << 2048) - 1)
    chain.asked.clear()

    assert read(session, chain).state is SyncState.ADVANCED
    assert f"receipts {block.ref.number}" in chain.asked


@pytest.mark.fault("F32", "event of an unknown topic")
def test_event__when_it_is_unknown__then_the_stream_stops_and_nothing_is_skipped__f32(
    session, chain
):
    catch_up(session, chain)
    issue(chain)
    chain.chain[-1].logs[0] = chain.chain[-1].logs[0]._replace(topics=(digest("LotMerged()"),))

    with pytest.raises(EventUnknown):
        read(session, chain)
    session.rollback()

    assert len(rows_of(session, ReceivableRow)) == 0


@pytest.mark.fault("F33", "cursor moved back")
def test_cursor__when_it_is_moved_back__then_reading_again_changes_nothing__f33(session, chain):
    live(chain, 25, dice_of(3))
    catch_up(session, chain)
    before = contents(session)
    block = chain.chain[10].ref
    move_cursor(session, AsOf(block.number, block.block_hash, block.timestamp))
    session.commit()

    catch_up(session, chain)

    assert contents(session) == before


# --- rebuilding and checking


def test_rebuild__when_rows_are_damaged__then_the_stored_logs_make_them_again(session, chain):
    live(chain, 25, dice_of(5))
    catch_up(session, chain)
    before = contents(session)
    session.execute(text("DELETE FROM receivable"))
    session.execute(text("UPDATE lot SET holder = 99"))
    session.commit()
    chain.asked.clear()
    told = []

    rebuild(session.get_bind(), DECODER, lambda done, total: told.append((done, total)))

    assert contents(session) == before
    assert chain.asked == []
    assert told[-1] == (count_logs(session),) * 2


def test_rebuild__when_others_read_and_write_meanwhile__then_nobody_waits_or_loses(
    session, chain, monkeypatch
):
    monkeypatch.setattr(rebuilding, "LOGS_A_PAGE", 20)
    live(chain, 25, dice_of(5))
    catch_up(session, chain)
    held = session.execute(text("SELECT max(holder) FROM lot")).scalar_one()
    session.execute(text("UPDATE lot SET holder = 99"))
    session.commit()
    seen = []

    def meanwhile(_done, _total):
        with Session(read_only(session.get_bind())) as other:
            seen.append(other.execute(text("SELECT min(holder) FROM lot")).scalar_one())
        if len(seen) == 2:
            live(chain, 10, dice_of(6))
            catch_up(session, chain)

    rebuild(session.get_bind(), DECODER, meanwhile)

    assert held < 99
    assert seen[0] == 99
    assert len(seen) > 2
    assert contents(session) == fresh_contents(chain)


def test_rebuild__when_the_chain_takes_back_what_was_projected__then_it_begins_anew(
    session, chain, monkeypatch
):
    monkeypatch.setattr(rebuilding, "LOGS_A_PAGE", 20)
    live(chain, 25, dice_of(5))
    catch_up(session, chain)
    seen = []

    def meanwhile(done, total):
        seen.append(done)
        if done == total and len(chain.chain) > 20:
            chain.take_back(10)
            live(chain, 5, dice_of(6))
            catch_up(session, chain)

    rebuild(session.get_bind(), DECODER, meanwhile)

    assert seen.count(20) == 2
    assert contents(session) == fresh_contents(chain)


@pytest.mark.parametrize(
    ("damage", "place"),
    [
        ("UPDATE lot SET holder = 99 WHERE receivable_id = 1", "lot 1-1"),
        ("UPDATE lot SET face_value_minor = 999 WHERE receivable_id = 1", "lot 1-1"),
        ("DELETE FROM lot WHERE receivable_id = 1", "lot 1-1"),
        ("UPDATE receivable SET paid_minor = 1 WHERE receivable_id = 1", "receivable 1"),
        ("DELETE FROM receivable WHERE receivable_id = 1", "receivable 1"),
        ("UPDATE receivable SET receivable_id = 7 WHERE receivable_id = 1", "receivable 7"),
    ],
)
def test_verify__when_a_row_differs_from_the_contracts__then_it_is_found(
    session, chain, damage, place
):
    issue(chain)
    catch_up(session, chain)
    assert verify(session, states_of(chain)).matches

    session.execute(text(damage))

    checked = verify(session, states_of(chain))
    assert not checked.matches
    assert place in {finding.place for finding in checked.findings}


def test_verify__when_the_chain_has_more_pages__then_all_are_compared(session, chain):
    for _ in range(6):
        chain.mine(chain.ledger.issue_batch(1, [(SUPPLIER, 100)] * 100))
    catch_up(session, chain)

    checked = verify(session, states_of(chain))

    assert (checked.receivables, checked.lots, checked.matches) == (600, 600, True)


def test_sync__when_the_network_is_young__then_a_batch_of_thousands_is_one_pass(session):
    network = FakeChain()
    bind(session, network)
    ledger = network.ledger
    for _ in range(10):
        network.mine(*[ledger.admit(ParticipantKind.SUPPLIER) for _ in range(62)])
    network.mine(ledger.open_programme(1, acceptance_required=True))
    for start in range(0, 3_679, 128):
        count = min(128, 3_679 - start)
        suppliers = [(2 + (start + row) % 600, 100) for row in range(count)]
        network.mine(ledger.issue_batch(1, suppliers))

    result = read(session, network)

    assert result.state is SyncState.ADVANCED
    assert len(rows_of(session, ReceivableRow)) == 3_679
    assert get_lot(session, LotId(3_679, 1)) == ledger.lots[3_679, 1]
    assert get_participant(session, 620).sequence == 4
    assert isinstance(network.head(), BlockRef)


def _moved(log):
    return log._replace(position=log.position._replace(log_index=50))


def _damage(session, damage):
    """Change the stored logs of every block."""
    for row in session.exec(select(ChainLogsRow)):
        row.logs = pack_logs(damage(list(unpack_logs(row.logs, row.block_number, "", 0))))
        session.add(row)
    session.flush()


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda logs: logs[1:], "is missing in the tables"),
        (lambda logs: [*logs, _moved(logs[0])], "is in no receipt"),
        (lambda logs: [logs[0]._replace(data="0x"), *logs[1:]], "is not as in its receipt"),
        (None, "is not the block that was read"),
    ],
)
def test_verify_logs__when_a_log_differs_from_the_receipts__then_it_is_found(
    session, chain, damage, message
):
    live(chain, 120, dice_of(2))
    catch_up(session, chain)
    checked = verify_logs(session, chain.proven_blocks, 0)
    assert checked.findings == ()
    assert (checked.blocks, checked.logs) == (len(chain.chain) - 1, count_logs(session))

    if damage is None:
        session.execute(text("UPDATE chain_cursor SET block_hash = 'x'"))
    else:
        _damage(session, damage)

    findings = verify_logs(session, chain.proven_blocks, 0).findings
    assert message in {
        finding.message.partition("0x")[2].partition(" ")[2] or finding.message
        for finding in findings
    }
    session.rollback()


def test_verify_logs__when_blocks_do_not_follow_each_other_or_prove_nothing__then_it_says_so(
    session, chain
):
    live(chain, 5, dice_of(2))
    catch_up(session, chain)

    def blocks(numbers):
        first, second, *others = chain.proven_blocks(numbers)
        other = replace(second, ref=replace(second.ref, parent_hash=digest("another")))
        return [first, other, Finding("block 3", "no receipts"), *others[1:]]

    findings = verify_logs(session, blocks, 0).findings

    assert [str(finding) for finding in findings] == [
        "block 2: does not follow the block below it", "block 3: no receipts"
    ]  # fmt: skip
