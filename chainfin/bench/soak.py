"""Everything fails at random for minutes, and a checker accounts for every operation afterwards.

Four writers hand in orders while a nemesis kills worker, service and network outright, loses and
delays the node's answers and ends the database's connections. Each operation ends as ok (2xx), fail
(refused) or unknown (no answer that says which). Afterwards, with everything running again:

    I1  no order ran twice                          counted in the chain's own logs
    I2  ok ended in exactly one way, fail never ran, unknown ran at most once
    I3  the index is the chain's at one block       every receivable and lot compared
    I4  the relayer's nonces have no gap
    I5  what was shown as final is final
    I6  the audit log's hashes chain                recomputed, and compared with two heads on chain
"""

import random
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, col, select

from chainfin.bench.node_proxy import NodeProxy, hang, lose_answer, lose_request
from chainfin.bench.parties import CURRENCY, Parties, System
from chainfin.chain.contracts.receivable_ledger import read_receivables
from chainfin.client.api import Api, ApiProblem, Draft
from chainfin.domain.audit import AsOf
from chainfin.domain.events import OrderExecuted
from chainfin.domain.order import LIVE, Approval, OrderStatus
from chainfin.domain.service_errors import NodeUnavailable
from chainfin.indexer.checking import State, verify
from chainfin.models.orders import OrderRow, count_by_status, orders_by_hash
from chainfin.models.relay import RelayTransactionRow, oldest_under_way
from chainfin.models.session import read_only
from chainfin.services import audit_log, submission
from chainfin.services.context import Context
from chainfin.services.runtime import Runtime

ANCHOR, SUPPLIER = "Soak Anchor", "Soak Supplier"
KINDS = {ANCHOR: ["anchor"], SUPPLIER: ["supplier"]}
WRITERS = 4
FACE_MINOR = 1_000_00
HEADS = 2
"""Of the audit log, on chain: one from before the faults, one from after them."""
_REPEATED = 0.2
_PAUSE_SECONDS = (1.0, 3.0)
_DOWN_SECONDS = (0.0, 1.0)
_LATE_SECONDS = 12.0
_SETTLE_SECONDS = 300
_POLL_SECONDS = 0.5
_BLOCKS_A_QUESTION = 500
_REFUSED = range(400, 500)
_END_CONNECTIONS = text(
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


class Outcome(StrEnum):
    """What a writer knows of an operation."""

    OK = "ok"
    FAIL = "fail"
    UNKNOWN = "unknown"


@dataclass
class Stage:
    """A system whose processes can be killed and started again.

    Attributes:
        system: How writers reach it.
        runtime: Database and node, past the proxy.
        proxy: Between the service and its node.
        start: What starts a process, by name: "network", "worker", "service".
        running: The processes.
    """

    system: System
    runtime: Runtime
    proxy: NodeProxy
    start: Mapping[str, Callable[[], "subprocess.Popen[bytes]"]]
    running: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    def kill(self, name: str) -> None:
        """Kill -9."""
        self.running[name].kill()
        self.running[name].wait()

    def begin(self, name: str) -> None:
        """Start it, or start it again."""
        self.running[name] = self.start[name]()


@dataclass(frozen=True, slots=True)
class Soaked:
    """What a soak did and found.

    Attributes:
        operations: Counted by outcome.
        faults: Counted by what was injected.
        lost: Operations that were ok and are not there, or never ended.
        doubled: Orders that ran more than once.
        findings: Everything else that must not be.
    """

    operations: Mapping[str, int]
    faults: Mapping[str, int]
    lost: Sequence[str]
    doubled: Sequence[str]
    findings: Sequence[str]

    @property
    def holds(self) -> bool:
        """Whether every invariant does."""
        return not (self.lost or self.doubled or self.findings)

    def to_json(self) -> dict[str, Any]:
        """As the command prints it."""
        return {
            "operations": dict(self.operations),
            "faults": dict(self.faults),
            "lost": len(self.lost),
            "doubled": len(self.doubled),
            "findings": [*self.lost, *self.doubled, *self.findings],
        }


def soak(stage: Stage, seconds: float, dice: random.Random) -> Soaked:
    """Write under faults for so long, let everything recover, and account for all of it."""
    parties = Parties(stage.system, KINDS)
    parties.order(ANCHOR, "open_programme", currency=CURRENCY)
    _anchor(stage)
    history, until, numbers = History(), threading.Event(), count(1)
    acts = (issue_to(numbers), issue_to(numbers), accept, split)
    writers = [Writer(parties, history, act, random.Random(dice.random())) for act in acts]  # noqa: S311
    nemesis = Nemesis(stage, dice)
    with ThreadPoolExecutor(WRITERS) as pool:
        running = [pool.submit(writer.write, until) for writer in writers]
        try:
            # In the main thread: a child ends with the thread that started it.
            nemesis.haunt(seconds)
        finally:
            until.set()
        for done in running:
            done.result()
    _settle(stage)
    _anchor(stage)
    _settle(stage)
    return _account(stage, history, nemesis.faults)


# --- writers ---------------------------------------------------------------------------------


@dataclass
class History:
    """What the writers did and were told."""

    outcomes: dict[str, Outcome] = field(default_factory=dict)
    """By order hash."""
    shown_final: set[str] = field(default_factory=set)
    findings: list[str] = field(default_factory=list)


Act = Callable[[Parties, random.Random], tuple[str, str, Mapping[str, Any]] | None]
"""The next act of a writer: who, what, its fields; None if there is nothing to do."""


def issue_to(numbers: "count[int]") -> Act:
    """The anchor issues, one invoice after the other."""

    def act(parties: Parties, _dice: random.Random) -> tuple[str, str, Mapping[str, Any]]:
        tag = parties.record(ANCHOR, SUPPLIER, f"SOAK-{next(numbers)}", FACE_MINOR)
        fields = {"programme_id": 1, "document_fingerprint": tag, "tenor_days": 30}
        return ANCHOR, "issue_receivable", fields

    return act


def accept(parties: Parties, dice: random.Random) -> tuple[str, str, Mapping[str, Any]] | None:
    """The supplier accepts something it was offered."""
    some = _receivables(parties, "offered")
    if not some:
        return None
    return SUPPLIER, "accept_receivable", {"receivable_ids": [dice.choice(some)]}


def split(parties: Parties, dice: random.Random) -> tuple[str, str, Mapping[str, Any]] | None:
    """The supplier splits a little off something it holds."""
    some = _receivables(parties, "active")
    if not some:
        return None
    parts = [{"face_value_minor": dice.randint(1, 9)}]
    return SUPPLIER, "split_lot", {"lot_id": f"{dice.choice(some)}-1", "parts": parts}


def _receivables(parties: Parties, status: str) -> list[int]:
    page = parties.apis[SUPPLIER].get("/receivables", limit=100)
    return [row["receivable_id"] for row in page["data"] if row["status"] == status]


@dataclass(frozen=True, slots=True)
class Writer:
    """Hands in one order after the other, some of them twice."""

    parties: Parties
    history: History
    act: Act
    dice: random.Random

    def write(self, until: threading.Event) -> None:
        """Until told to stop."""
        while not until.is_set():
            try:
                wanted = self.act(self.parties, self.dice)
                if wanted is None:
                    until.wait(0.2)
                    continue
                name, act, fields = wanted
                draft, approvals = self.parties.signed(name, act, fields)
            except ApiProblem:
                continue  # Nothing was handed in yet.
            self._hand_in(self.parties.apis[name], draft, approvals)

    def _hand_in(self, api: Api, draft: Draft, approvals: Sequence[Approval]) -> None:
        hash_ = draft.order_hash
        self.history.outcomes[hash_] = Outcome.UNKNOWN
        try:
            said = api.submit(draft, approvals, idempotency_key=hash_)
        except ApiProblem as problem:
            if problem.status in _REFUSED:
                self.history.outcomes[hash_] = Outcome.FAIL
            return
        self.history.outcomes[hash_] = Outcome.OK
        if said["order_hash"] != hash_:
            self.history.findings.append(f"{hash_} was answered with {said['order_hash']}")
        if self.dice.random() < _REPEATED:
            self._repeat(api, draft, approvals)

    def _repeat(self, api: Api, draft: Draft, approvals: Sequence[Approval]) -> None:
        """The same request under the same key, and a look at where the order stands."""
        try:
            api.submit(draft, approvals, idempotency_key=draft.order_hash)
            order = api.get(f"/orders/{draft.order_hash}")
        except ApiProblem as problem:
            if problem.status in _REFUSED:
                self.history.findings.append(f"{draft.order_hash} again: {problem}")
            return
        if order["status"] == OrderStatus.FINAL:
            self.history.shown_final.add(draft.order_hash)


# --- nemesis ---------------------------------------------------------------------------------


class Nemesis:
    """Injects one fault after the other."""

    def __init__(self, stage: Stage, dice: random.Random) -> None:
        """Take what to destroy, and the dice that choose."""
        self._stage = stage
        self._dice = dice
        self.faults: Counter[str] = Counter()
        self._known: dict[str, Callable[[], None]] = {
            "worker killed": lambda: self._kill("worker"),
            "service killed": lambda: self._kill("service"),
            "network and worker killed": lambda: self._kill("worker", "network"),
            "answer lost": lambda: stage.proxy.plan("eth_sendRawTransaction", lose_answer),
            "request lost": lambda: stage.proxy.plan("eth_sendRawTransaction", lose_request),
            "answer late": lambda: stage.proxy.plan("eth_sendRawTransaction", hang(_LATE_SECONDS)),
            "reading lost": lambda: stage.proxy.plan("eth_getTransactionReceipt", lose_answer),
        }
        if stage.runtime.engine.dialect.name == "postgresql":
            self._known["connections ended"] = self._end_connections

    def haunt(self, seconds: float) -> None:
        """For so long; everything is running again afterwards."""
        deadline = time.monotonic() + seconds
        names = list(self._known)
        while time.monotonic() < deadline:
            time.sleep(self._dice.uniform(*_PAUSE_SECONDS))
            name = self._dice.choice(names)
            self._known[name]()
            self.faults[name] += 1

    def _kill(self, *names: str) -> None:
        for name in names:
            self._stage.kill(name)
        time.sleep(self._dice.uniform(*_DOWN_SECONDS))
        for name in reversed(names):
            self._stage.begin(name)

    def _end_connections(self) -> None:
        with self._stage.runtime.engine.connect() as connection:
            connection.execute(_END_CONNECTIONS)


# --- checker ---------------------------------------------------------------------------------


def _anchor(stage: Stage) -> None:
    """Have the head of the audit log put on chain, as soon as there is one."""
    keys = stage.runtime.keys
    relayer = keys.relayer.address if keys is not None else ""
    deadline = time.monotonic() + _SETTLE_SECONDS
    while time.monotonic() < deadline:
        with Session(stage.runtime.engine) as session:
            context = stage.runtime.context(session, int(time.time()))
            if audit_log.anchor(context, relayer, seconds=0):
                session.commit()
                return
        time.sleep(_POLL_SECONDS)
    raise NodeUnavailable("the audit log has no new head")


def _settle(stage: Stage) -> None:
    """Wait until nothing is on its way.

    Raises:
        NodeUnavailable: The system does not come to rest.
    """
    deadline = time.monotonic() + _SETTLE_SECONDS
    while time.monotonic() < deadline:
        with Session(read_only(stage.runtime.engine)) as session:
            if not _is_anything_on_its_way(stage.runtime.context(session, int(time.time()))):
                return
        time.sleep(_POLL_SECONDS)
    with Session(read_only(stage.runtime.engine)) as session:
        orders = count_by_status(session)
    told = ", ".join(f"{count} {status}" for status, count in sorted(orders.items()))
    raise NodeUnavailable(f"orders are still on their way after {_SETTLE_SECONDS} s: {told}")


def _is_anything_on_its_way(context: Context) -> bool:
    """An order, a transaction, or an entry of the audit log that is not chained yet."""
    live = select(OrderRow.order_hash).where(col(OrderRow.status).in_(sorted(LIVE))).limit(1)
    waiting = submission.has_waiting(context) or audit_log.has_work(context, None, 0)
    is_sent = oldest_under_way(context.session) is not None
    return waiting or is_sent or context.session.exec(live).first() is not None


def _account(stage: Stage, history: History, faults: Mapping[str, int]) -> Soaked:
    runs = _runs(stage.runtime)
    with Session(read_only(stage.runtime.engine)) as session:
        rows = orders_by_hash(session, set(history.outcomes))
        statuses = {hash_: OrderStatus(row.status) for hash_, row in rows.items()}
        findings = [*history.findings, *_gaps(stage.runtime, session)]
        findings += _breaks_of_log(stage.runtime.context(session, int(time.time())))
        findings += [str(found) for found in verify(session, _on_chain(stage.runtime)).findings]
    ok = [hash_ for hash_, said in history.outcomes.items() if said is Outcome.OK]
    refused = [hash_ for hash_, said in history.outcomes.items() if said is Outcome.FAIL]
    findings += [f"{hash_} was refused and ran" for hash_ in refused if runs[hash_]]
    findings += [
        f"{hash_} was shown as final and is {statuses.get(hash_)}"
        for hash_ in history.shown_final
        if statuses.get(hash_) is not OrderStatus.FINAL
    ]
    findings += [
        f"{hash_} is {status}, and ran {runs[hash_]} times"
        for hash_, status in statuses.items()
        if (status is OrderStatus.FINAL) != bool(runs[hash_])
    ]
    return Soaked(
        operations=Counter(history.outcomes.values()),
        faults=faults,
        lost=[hash_ for hash_ in ok if hash_ not in statuses or statuses[hash_] in LIVE],
        doubled=[hash_ for hash_, times in runs.items() if times > 1],
        findings=findings,
    )


def _runs(runtime: Runtime) -> Counter[str]:
    """How often each order ran, by the chain's logs."""
    network, found = runtime.network, Counter[str]()
    head = network.node.head().number
    registry = [network.deployment.address("ParticipantRegistry")]
    for first in range(network.deployment.start_block, head + 1, _BLOCKS_A_QUESTION):
        for log in network.node.logs(first, min(head, first + _BLOCKS_A_QUESTION - 1), registry):
            event = runtime.decoder.decode(log)
            if isinstance(event, OrderExecuted):
                found[event.order_hash] += 1
    return found


def _gaps(runtime: Runtime, session: Session) -> list[str]:
    found = []
    rows = session.exec(select(RelayTransactionRow.relayer, RelayTransactionRow.nonce)).all()
    for relayer in {relayer for relayer, _ in rows}:
        nonces = sorted(nonce for address, nonce in rows if address == relayer)
        if nonces != list(range(nonces[0], nonces[0] + len(nonces))):
            found.append(f"the nonces of {relayer} have a gap")
        used = runtime.network.node.transaction_count(relayer)
        if used != nonces[-1] + 1:
            found.append(f"{relayer} used {used} nonces on the chain, and {nonces[-1] + 1} here")
    return found


def _breaks_of_log(context: Context) -> list[str]:
    """Where the audit log does not chain, or is not what its heads on chain say."""
    found = audit_log.verify(context)
    if found["heads_on_chain"] < HEADS:
        return [*found["findings"], f"{found['heads_on_chain']} heads of the audit log on chain"]
    return list(found["findings"])


def _on_chain(runtime: Runtime) -> Callable[[AsOf, Sequence[int]], Sequence[State]]:
    def read(as_of: AsOf, numbers: Sequence[int]) -> Sequence[State]:
        return read_receivables(runtime.network, numbers, as_of.block_number)

    return read
