"""A service whose index holds a story, without a node: for the console's tests.

The events are projected by the real indexer into a real database. Only two things are not real:
the decoder, which remembers the events it is asked for, and what the contracts answer, which is
what the index holds unless a test says otherwise.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any

import uvicorn
from fastapi import FastAPI
from sqlmodel import Session

from api.dependencies import Service
from api.main import create_app
from chainfin.config import Mode, Settings
from chainfin.domain import events as said
from chainfin.domain.audit import AsOf
from chainfin.domain.events import BlockRef, LogPosition, RawLog
from chainfin.domain.financing import FinancingStatus
from chainfin.domain.names import normalise_name
from chainfin.domain.participant import ParticipantKind
from chainfin.domain.receivable import ReceivableStatus
from chainfin.indexer.projection import project_all
from chainfin.indexer.rows import Rows
from chainfin.models.access import ParticipantProfileRow
from chainfin.models.chain_index import LogEntry, bind_chain, move_cursor, store_blocks, store_logs
from chainfin.models.receivables import get_receivable, lots_of
from chainfin.models.session import create_engine_for, create_tables, read_only
from chainfin.services.context import Context
from chainfin.services.onboarding import create_api_key
from chainfin.services.runtime import Runtime

DAY = 86_400
START_AT = 1_791_763_200
NO_ADDRESS = "0x" + "00" * 20
NO_HASH = "0x" + "00" * 32

ANCHOR, SUPPLIER, SECOND, FUNDER, AUDITOR, STRANGER = range(1, 7)
MEMBERS = {
    ANCHOR: ("Meridian Rail Works", ParticipantKind.ANCHOR),
    SUPPLIER: ("Harbour Steel Fabrication", ParticipantKind.SUPPLIER),
    SECOND: ("Linden Fasteners", ParticipantKind.SUPPLIER),
    FUNDER: ("Northgate Bank", ParticipantKind.FUNDER),
    AUDITOR: ("Public Audit Office", ParticipantKind.AUDITOR),
    STRANGER: ("Quayside Castings Ltd", ParticipantKind.SUPPLIER),
}


def hash_of(*parts: object) -> str:
    return "0x" + sha256(repr(parts).encode()).hexdigest()


def key_of(organisation: int, role: str) -> str:
    return hash_of("key", organisation, role)[:42]


@dataclass
class Chain:
    """Says events, one transaction a block, and has them projected."""

    session: Session
    now: int = START_AT
    number: int = 100
    sequences: dict[int, int] = field(default_factory=dict)
    events: dict[tuple[int, int], Any] = field(default_factory=dict)

    def decode(self, log: RawLog) -> Any:
        return self.events[log.position.block_number, log.position.log_index]

    def wait(self, days: int) -> None:
        self.now += days * DAY

    def act(self, by: int, *facts: Any, checked: bool = True) -> None:
        """One order of an organisation, and what it did."""
        self.number += 1
        self.now += 47
        order = said.OrderExecuted(
            order_hash=hash_of("order", self.number),
            organisation=by,
            maker_key=key_of(by, "maker"),
            checker_key=key_of(by, "checker") if checked else NO_ADDRESS,
            nonce=self.number,
        )
        self.say(order, *facts)

    def say(self, *facts: Any) -> None:
        block_hash, transaction = hash_of("block", self.number), hash_of("tx", self.number)
        entries = []
        for index, event in enumerate(facts):
            position = LogPosition(self.number, block_hash, self.now, transaction, 0, index)
            log = RawLog(NO_ADDRESS, (hash_of(type(event).__name__),), "0x", position)
            self.events[self.number, index] = event
            entries.append((log, event))
        rows = Rows(self.session)
        project_all(rows, entries)
        rows.flush()
        store_logs(self.session, [_entry(log, event) for log, event in entries])
        block = BlockRef(self.number, block_hash, hash_of("block", self.number - 1), self.now)
        store_blocks(self.session, [block], {self.number})
        move_cursor(self.session, AsOf(self.number, block_hash, self.now))

    def next(self, receivable_id: int) -> dict[str, int]:
        """The receivable and the next number of its stream."""
        self.sequences[receivable_id] = self.sequences.get(receivable_id, 0) + 1
        return {"receivable_id": receivable_id, "sequence": self.sequences[receivable_id]}

    def same(self, receivable_id: int) -> dict[str, int]:
        return {"receivable_id": receivable_id, "sequence": self.sequences[receivable_id]}

    # --- acts

    def admit(self) -> None:
        self.number += 1
        for number, (name, _) in MEMBERS.items():
            identity = hash_of("identity", number)
            profile = ParticipantProfileRow(
                identity=identity,
                name=name,
                name_key=normalise_name(name),
                legal_identifier=f"TEST {number}",
                recorded_at=self.now,
            )
            self.session.add(profile)
        self.session.flush()
        self.say(
            *(
                said.ParticipantAdmitted(number, 1, kinds, hash_of("identity", number), 0, 0)
                for number, (_, kinds) in MEMBERS.items()
            )
        )

    def open_programme(self, currency: str = "CNY") -> None:
        rules = said.Programme(
            anchor=ANCHOR,
            currency=currency,
            technique=3,
            with_recourse=False,
            acceptance_required=True,
            maximum_tier=5,
            maximum_lots=500,
            minimum_lot_face_value=1,
            maximum_tenor_days=180,
            late_interest_bps=500,
            replaces=0,
            deposit=NO_ADDRESS,
            transfer_rules=NO_ADDRESS,
        )
        self.act(ANCHOR, said.ProgrammeOpened(1, ANCHOR, rules, hash_of("terms")))

    def issue(self, number: int, face: int, *, supplier: int = SUPPLIER, days: int = 90) -> None:
        self.sequences[number] = 1
        maturity_at = (self.now // DAY + days) * DAY
        self.act(
            ANCHOR,
            said.ReceivableIssued(
                receivable_id=number,
                obligor=ANCHOR,
                supplier=supplier,
                programme_id=1,
                face_value=face,
                maturity_at=maturity_at,
                grace_ends_at=maturity_at + 5 * DAY,
                document_type=4,
                document_amount=face,
                document_sequence=1,
                document_fingerprint=hash_of("fingerprint", number),
                document_commitment=hash_of("commitment", number),
            ),
        )

    def accept(self, number: int, *, supplier: int = SUPPLIER) -> None:
        self.act(supplier, said.ReceivableAccepted(**self.next(number)))

    def refuse(self, number: int, *, supplier: int = SUPPLIER) -> None:
        refused = said.ReceivableRefused(**self.next(number), reason_hash=hash_of("why"))
        self.act(supplier, refused)

    def split(self, number: int, parent: int, left: int, *parts: tuple[int, int, int]) -> None:
        made = tuple(said.LotPart(*part) for part in parts)
        by = made[0].holder
        facts = said.LotSplit(
            **self.next(number), parent_sequence=parent, remaining_face_value=left, parts=made
        )
        self.act(by, facts, checked=False)

    def offer(self, number: int, lot: int, sender: int, receiver: int) -> None:
        self.act(
            sender,
            said.TransferProposed(
                **self.next(number),
                lot_sequence=lot,
                from_=sender,
                to=receiver,
                expires_at=self.now + 3 * DAY,
                offer=hash_of("order", self.number + 1),
                remark_hash=NO_HASH,
            ),
        )

    def take(self, number: int, lot: int, sender: int, receiver: int) -> None:
        accepted = said.TransferAccepted(
            **self.next(number), lot_sequence=lot, from_=sender, to=receiver
        )
        self.act(receiver, accepted)

    def request(self, request: int, number: int, lot: int, holder: int, part: int) -> None:
        self.act(
            holder,
            said.FinancingRequested(
                request_id=request,
                **self.next(number),
                lot_sequence=lot,
                holder=holder,
                part_face_value=part,
                with_recourse=False,
                expires_at=self.now + 7 * DAY,
            ),
        )

    def end_request(self, request: int, number: int, holder: int) -> None:
        ended = said.FinancingRequestEnded(
            request_id=request, **self.next(number), status=FinancingStatus.WITHDRAWN
        )
        self.act(holder, ended)

    def fund(self, request: int, number: int, parent: int, lot: int, face: int, net: int) -> None:
        financed = said.LotFinanced(
            **self.next(number),
            parent_sequence=parent,
            lot_sequence=lot,
            from_=SECOND,
            to=FUNDER,
            face_value=face,
        )
        awarded = said.QuoteAwarded(
            request_id=request,
            **self.same(number),
            funder=FUNDER,
            quote=hash_of("quote"),
            net_proceeds=net,
            terms=hash_of("terms"),
            quote_count=2,
            quote_head=hash_of("head"),
        )
        self.act(SECOND, financed, awarded)

    def settle(
        self,
        number: int,
        amount: int,
        paid: int,
        payments: list[tuple[int, int, int]],
        *,
        done: bool,
    ) -> None:
        status = ReceivableStatus.SETTLED if done else ReceivableStatus.ACTIVE
        settled = said.ReceivableSettled(
            **self.next(number), amount=amount, paid=paid, status=status
        )
        reached = said.LotsPaid(
            **self.next(number), payments=tuple(said.LotPayment(*entry) for entry in payments)
        )
        self.act(ANCHOR, settled, reached)


def _entry(log: RawLog, event: Any) -> LogEntry:
    return LogEntry(
        log,
        type(event).__name__,
        getattr(event, "receivable_id", None),
        getattr(event, "organisation", None),
        getattr(event, "sequence", None),
    )


# --- the story ----------------------------------------------------------------------------------


def tell(chain: Chain) -> None:
    """Seven receivables: void, settled, overdue, due, many lots, divided and financed, offered."""
    chain.admit()
    chain.open_programme()
    chain.issue(1, 98_214_15)
    chain.refuse(1)
    chain.issue(2, 214_880_40, days=30)
    chain.accept(2)
    chain.issue(3, 843_545_00, days=41)
    chain.accept(3)
    chain.wait(31)
    chain.settle(2, 214_880_40, 214_880_40, [(1, SUPPLIER, 214_880_40)], done=True)
    chain.issue(4, 56_700_00, days=13)
    chain.accept(4)
    chain.issue(5, 300_000_00, days=120)
    chain.accept(5)
    divide(chain, 5)
    chain.issue(6, 1_270_120_00)
    chain.accept(6)
    divide_and_finance(chain, 6)
    chain.issue(7, 420_000_00, supplier=STRANGER)
    chain.wait(11)
    chain.act(ANCHOR)


def divide(chain: Chain, number: int) -> None:
    """More lots than a graph shows."""
    for first in range(2, 142, 20):
        parts = [(sequence, SUPPLIER, 1_000_00) for sequence in range(first, first + 20)]
        chain.split(number, 1, 300_000_00 - (first + 18) * 1_000_00, *parts)


def divide_and_finance(chain: Chain, number: int) -> None:
    """Parts for two suppliers, one of them financed in part, one offered, something paid early."""
    chain.split(number, 1, 508_048_00, (2, SUPPLIER, 508_048_00), (3, SUPPLIER, 254_024_00))
    chain.offer(number, 2, SUPPLIER, SECOND)
    chain.take(number, 2, SUPPLIER, SECOND)
    chain.request(1, number, 3, SUPPLIER, 100_000_00)
    chain.end_request(1, number, SUPPLIER)
    chain.request(2, number, 2, SECOND, 254_024_00)
    chain.fund(2, number, 2, 4, 254_024_00, 251_608_77)
    chain.split(number, 2, 200_000_00, (5, SECOND, 54_024_00))
    chain.offer(number, 3, SUPPLIER, STRANGER)
    chain.request(3, number, 5, SECOND, 54_024_00)


# --- the service --------------------------------------------------------------------------------


@dataclass
class Stage:
    """An application over the story.

    Attributes:
        app: The application.
        keys: API keys by organisation; 0 is the operator.
        chain: What was said.
        answers: What the contracts answer, by receivable, where it is not what the index holds.
    """

    app: FastAPI
    keys: dict[int, str]
    chain: Chain
    answers: dict[int, Any]


def stage(folder: Path, monkeypatch: Any, *, mode: Mode, story: Any = tell) -> Stage:
    engine = create_engine_for(f"sqlite:///{folder / 'story.db'}")
    create_tables(engine)
    network: Any = SimpleNamespace(deployment=SimpleNamespace(chain_id=31337))
    with Session(engine) as session:
        start = BlockRef(100, hash_of("block", 100), hash_of("block", 99), START_AT)
        bind_chain(session, chain_id=31337, genesis_hash=NO_HASH, registry=NO_ADDRESS, start=start)
        chain = Chain(session)
        story(chain)
        context = Context(session, network, None, chain.now)
        keys = {number: create_api_key(context, number) for number in (0, *MEMBERS)}
        session.commit()
    answers: dict[int, Any] = {}
    _answer_for_contracts(monkeypatch, engine, answers)
    decoder: Any = chain
    settings = Settings(_env_file=None, mode=mode, home=folder)
    service = Service(settings, Runtime(engine, network, decoder, None), read_only(engine))
    monkeypatch.setattr("api.main.build_service", lambda _: service)
    return Stage(create_app(settings), keys, chain, answers)


def _answer_for_contracts(monkeypatch: Any, engine: Any, answers: dict[int, Any]) -> None:
    def read_receivable(_network: Any, receivable_id: int, _block: Any) -> Any:
        answer = answers.get(receivable_id)
        if isinstance(answer, Exception):
            raise answer
        with Session(read_only(engine)) as session:
            known = get_receivable(session, receivable_id)
            lots = [row.to_domain() for row in lots_of(session, receivable_id)]
        return (known, lots) if answer is None else answer(known, lots)

    monkeypatch.setattr("chainfin.services.audit.read_receivable", read_receivable)


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The application on a free port of this machine; gives its address."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning"))
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()
