"""What operator's commands stand on: settings, runtime, the worker's loop, child processes."""

import fcntl
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from sqlmodel import Session

from chainfin.chain.client import Node
from chainfin.chain.deployment import find_deployment
from chainfin.chain.embedded import EmbeddedNetwork, start_network
from chainfin.chain.processes import end_with_parent
from chainfin.chain.reader import ChainReader
from chainfin.cli.service_keys import service_keys
from chainfin.cli.wallets import OPERATOR_KEY_FILE
from chainfin.codec.events import EventDecoder
from chainfin.codec.signers import Signer
from chainfin.config import Settings, require_closed
from chainfin.domain.finality import Finality
from chainfin.domain.service_errors import (
    HomeInUse,
    LeaseLost,
    SignerRefused,
    SignerUnavailable,
)
from chainfin.indexer.ranges import HELPED_BLOCKS, RangeReader, prefetching
from chainfin.indexer.rebuilding import project_again
from chainfin.indexer.sync import SyncResult, SyncState, rewind, sync_once
from chainfin.models.leases import Lease, give_back, require_lease, take_lease
from chainfin.models.schema import create_tables, migrate
from chainfin.models.session import create_engine_for, read_only, refillable
from chainfin.services import audit_log, relaying, submission, upkeep
from chainfin.services.context import Context
from chainfin.services.credentials import create_api_key
from chainfin.services.development import prepare_network
from chainfin.services.runtime import (
    DeploymentFile,
    Runtime,
    bind,
    event_decoder,
    open_runtime,
    reopen_runtime,
)
from chainfin.telemetry import Tracer

IDLE_SECONDS = 0.02
_SEAL_SECONDS = 1.0
RETAKE_SECONDS = 1.0
_INDEX = "index"


def runtime_of(settings: Settings) -> Runtime:
    """Node, database and keys of the settings, checked."""
    require_closed(settings)
    runtime = open_runtime(
        home=settings.home,
        rpc_urls=settings.effective_rpc_urls,
        rpc_timeout_seconds=settings.rpc_timeout_seconds,
        rpc_token=settings.rpc_token,
        database_url=settings.effective_database_url,
        keys=service_keys(settings),
    )
    with Session(runtime.engine) as session:
        bind(session, runtime.network)
        session.commit()
    return runtime


@contextmanager
def unit_of_work(runtime: Runtime, *, is_refillable: bool = False) -> Iterator[Context]:
    """One database transaction: committed at the end, rolled back on an error."""
    engine = refillable(runtime.engine) if is_refillable else runtime.engine
    with Session(engine) as session:
        yield runtime.context(session, int(time.time()))
        session.commit()


@contextmanager
def reading(runtime: Runtime) -> Iterator[Context]:
    """A unit of work that only reads: it holds no writer up, however long the node takes."""
    with Session(read_only(runtime.engine)) as session:
        yield runtime.context(session, int(time.time()))


# --- the worker ------------------------------------------------------------------------------


class Worker:
    """Relays orders and indexes the chain: numbered steps, a commit after each.

    Several may run on one database: the index, and each relayer's nonces, belong to one at a time.
    """

    def __init__(self, runtime: Runtime, settings: Settings) -> None:
        """Take what it works on."""
        self._runtime = runtime
        self._settings = settings
        self._finality = Finality.parse(settings.finality)
        self._file = DeploymentFile(settings.home, runtime.network.deployment)
        self._reader = ChainReader(runtime.network)
        self._ranges = RangeReader(
            self._reader,
            runtime.decoder,
            limit_blocks=settings.block_range,
            executor=prefetching(),
            helped_blocks=HELPED_BLOCKS,
        )
        self._is_behind = False
        # Head and cursor after the last pass that left nothing to do.
        self._stood_at: tuple[str, str] | None = None
        self._upkeep = settings.upkeep
        self._upkeep_seconds = settings.upkeep_seconds
        self._upkeep_at = 0.0
        self._sealed_at = 0.0
        self._retake_at = 0.0
        self._sent: list[relaying.Sent] = []
        self._tracer = Tracer(settings.traces_url, "chainfin-worker")
        signers = runtime.keys.relayers if runtime.keys is not None else ()
        self._administrator = signers[0].address if signers else None
        self._jobs = Jobs(runtime, settings.lease_seconds, signers)

    def step(self) -> bool:
        """Once through all steps; whether anything was done."""
        self._jobs.renew()
        self._sent = []
        done = self._signing(self._relay) if self._jobs.relayers else 0
        if not self._jobs.may_index:
            return bool(done + self._signing(self._note_sent) + self._signing(self._follow))
        self._keep_log()
        synced = self.sync()
        # Where blocks come at once the index has noted by now what became of what was sent.
        done += self._signing(self._note_sent) + self._signing(self._follow)
        if synced.state is SyncState.ADVANCED:
            done += self._expire()
        if synced.state is SyncState.ADVANCED and not synced.has_more:
            done += self._keep_up()
        return bool(done or synced.logs or synced.has_more)

    @staticmethod
    def _signing(work: Callable[[], int]) -> int:
        """Work that may need a relayer's key; while that is away its orders wait, the rest goes on.

        The key's guard has said why in the log.
        """
        try:
            return work()
        except (SignerUnavailable, SignerRefused):
            return 0

    def _relay(self) -> int:
        """Sign for what waits and send what is stored; how many nodes were asked for."""
        relayers, planned = self._jobs.relayers, 0
        self._retake(relayers)
        with reading(self._runtime) as context:
            has_waiting = submission.has_waiting(context)
        if has_waiting:
            nonces = relaying.chain_nonces(self._runtime.network.node, relayers)
            with self._jobs.relaying() as context:
                planned = submission.plan(context, relayers, self._administrator, nonces)
        with reading(self._runtime) as context:
            self._sent = relaying.broadcast_stored(context, relayers)
        return planned + len(self._sent)

    def _note_sent(self) -> int:
        """Note what was sent and is not known to have ended; how many transactions those were."""
        if not self._sent:
            return 0
        with reading(self._runtime) as context:
            sent = relaying.not_ended(context, self._sent)
        if sent:
            with self._jobs.relaying() as context:
                submission.note_broadcast(context, self._jobs.relayers, sent)
        return len(sent)

    def _retake(self, relayers: relaying.Relayers) -> None:
        """Now and then, look for what had ended and is not on the chain any more."""
        if time.monotonic() < self._retake_at:
            return
        self._retake_at = time.monotonic() + RETAKE_SECONDS
        with reading(self._runtime) as context:
            unused = relaying.unused_nonces(context, relayers)
        if unused:
            with self._jobs.relaying() as context:
                submission.retake(context, unused)

    def _follow(self) -> int:
        """Look for what was sent in blocks; how many transactions ended."""
        relayers = self._jobs.relayers
        with reading(self._runtime) as context:
            receipts = relaying.read_receipts(context, relayers)
        if not receipts:
            return 0
        with self._jobs.relaying() as context:
            return submission.note_receipts(context, relayers, receipts)

    def _expire(self) -> int:
        """End orders whose deadline is past; how many there were."""
        with reading(self._runtime) as context:
            if not submission.has_expired(context):
                return 0
        with self._jobs.indexing() as context:
            return submission.expire(context)

    def _keep_up(self) -> int:
        """Record what anybody may send and its time has come; looked for now and then."""
        now = time.monotonic()
        if not self._upkeep or not self._jobs.relayers or now < self._upkeep_at:
            return 0
        self._upkeep_at = now + self._upkeep_seconds
        with self._jobs.relaying() as context:
            return upkeep.plan(context)

    def _keep_log(self) -> None:
        """Seal what was noted, and have the head put on chain when it is time."""
        now = time.monotonic()
        if now < self._sealed_at + _SEAL_SECONDS:
            return
        self._sealed_at = now
        seconds = self._settings.audit_anchor_hours * 3_600
        with reading(self._runtime) as context:
            is_idle = not audit_log.has_work(context, self._administrator, seconds)
        if is_idle:
            return
        with self._jobs.indexing() as context:
            audit_log.seal(context)
            audit_log.anchor(context, self._administrator, seconds)

    def stop(self) -> None:
        """Leave the work to others at once."""
        self._jobs.give_back()
        self._ranges.close()

    def sync(self) -> SyncResult:
        """One pass of the index, and the orders it ends, in one transaction.

        Raises:
            LeaseLost: Another process indexes.
        """
        self._jobs.renew()
        if self._file.has_changed():
            self._follow_deployment()
        # Whoever may write keeps others waiting: the node is asked before.
        head = self._reader.head()
        with reading(self._runtime) as context:
            cursor = context.as_of()
        if (head.block_hash, cursor.block_hash) == self._stood_at:
            return SyncResult(SyncState.UP_TO_DATE, cursor, head)
        self._ranges.prepare(cursor, head.number - self._settings.confirmations)
        with self._jobs.indexing(is_behind=self._is_behind) as context:
            result = sync_once(
                context.session,
                self._reader,
                self._runtime.decoder,
                confirmations=self._settings.confirmations,
                finality=self._finality,
                ranges=self._ranges,
                head=head,
            )
            submission.take_back(context, result.removed_orders, result.removed_batches)
            submission.finish(context, result.orders, result.batches)
        self._is_behind = result.has_more
        self._stood_at = None if result.has_more else (head.block_hash, result.as_of.block_hash)
        return result

    def _follow_deployment(self) -> None:
        """Go on with the contracts that the deployment's file names now.

        A contract that spoke before it was in the file was not listened to: what was read since its
        first word is read again.
        """
        before = set(self._runtime.decoder.addresses)
        self._runtime = self._jobs.runtime = reopen_runtime(self._runtime, self._settings.home)
        self._reader = ChainReader(self._runtime.network)
        self._ranges.follow(self._reader, self._runtime.decoder)
        added = sorted(set(self._runtime.decoder.addresses) - before)
        if not added:
            return
        with self._jobs.indexing() as context:
            first = self._first_word(added, context.as_of().block_number)
            if first is not None:
                undone = rewind(context.session, self._runtime.decoder, first - 1)
                submission.take_back(context, undone.orders, undone.batches)

    def _first_word(self, addresses: Sequence[str], last: int) -> int | None:
        """The block of the first log of contracts, up to a block."""
        network, step = self._runtime.network, self._settings.block_range
        for first in range(network.deployment.start_block, last + 1, step):
            logs = network.node.logs(first, min(last, first + step - 1), addresses)
            if logs:
                return logs[0].position.block_number
        return None

    def follow_shorter_chain(self) -> bool:
        """Go back to the head of an embedded network that came back without its last second.

        Its node was killed before it wrote its state. What was lost is sent again from the stored
        bytes. Elsewhere a lower head is a node that lags, and is waited for.
        """
        with unit_of_work(self._runtime) as context:
            head = self._reader.head()
            if head.number >= context.as_of().block_number:
                return False
            undone = rewind(context.session, self._runtime.decoder, head.number)
            submission.take_back(context, undone.orders, undone.batches)
        return True

    def run(self, should_stop: Callable[[], bool]) -> None:
        """Until told to stop; idle when there is nothing to do."""
        while not should_stop():
            started_at_ns = time.time_ns()
            if self.step():
                self._tracer.note("worker step", started_at_ns)
            else:
                time.sleep(IDLE_SECONDS)


class Jobs:
    """What this process may do: index, and relay with some of the relayers."""

    def __init__(self, runtime: Runtime, seconds: int, signers: Sequence[Signer]) -> None:
        """Nothing is held yet."""
        self.runtime = runtime
        self._seconds = seconds
        self._signers = {signer.address: signer for signer in signers}
        self._holder = uuid.uuid4().hex
        self._held: dict[str, Lease] = {}
        self._renew_at = 0.0

    @property
    def may_index(self) -> bool:
        """Whether the index is this process's."""
        return _INDEX in self._held

    @property
    def relayers(self) -> dict[str, Signer]:
        """The relayers that are this process's, by address."""
        return {
            address: signer for address, signer in self._signers.items() if address in self._held
        }

    def renew(self) -> None:
        """Take what is free and prolong what is held, a few times in a lease's life."""
        if time.monotonic() < self._renew_at:
            return
        with unit_of_work(self.runtime) as context:
            for name in (_INDEX, *self._signers):
                lease = take_lease(context.session, name, self._holder, self._seconds)
                if lease is None:
                    self._held.pop(name, None)
                else:
                    self._held[name] = lease
        self._renew_at = time.monotonic() + self._seconds / 3

    def give_back(self) -> None:
        """Leave everything to others."""
        with unit_of_work(self.runtime) as context:
            for lease in self._held.values():
                give_back(context.session, lease)
        self._held.clear()

    def indexing(self, *, is_behind: bool = False) -> AbstractContextManager[Context]:
        """A unit of work that fails if another process indexes by now.

        Args:
            is_behind: It only catches up, and need not be on the disk when it is committed.
        """
        return self._holding([_INDEX], is_refillable=is_behind)

    def relaying(self) -> AbstractContextManager[Context]:
        """A unit of work that fails if another process has one of the relayers by now."""
        return self._holding(list(self.relayers))

    @contextmanager
    def _holding(self, names: Sequence[str], *, is_refillable: bool = False) -> Iterator[Context]:
        for name in names:
            if name not in self._held:
                raise LeaseLost(name)
        try:
            with unit_of_work(self.runtime, is_refillable=is_refillable) as context:
                for name in names:
                    require_lease(context.session, self._held[name])
                yield context
        except LeaseLost as lost:
            self._held.pop(lost.name, None)
            self._renew_at = 0.0
            raise


@contextmanager
def only_one(home: Path) -> Iterator[None]:
    """Hold a home for this process: two systems on one chain file would destroy it.

    Raises:
        HomeInUse: Another process holds it.
    """
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise HomeInUse(str(home)) from None
        yield


# --- the embedded network --------------------------------------------------------------------


def start_embedded(
    settings: Settings, progress: Callable[[str], None], *, keeps_state: bool = True
) -> EmbeddedNetwork:
    """Start the home's own network and make it ready for participants."""
    settings.home.mkdir(parents=True, exist_ok=True)
    state_file = settings.home / "chain.json" if keeps_state else None
    network = start_network(state_file, log_file=settings.home / "node.log")
    try:
        (settings.home / "node.url").write_text(network.url + "\n")
        keys = service_keys(settings)
        if keys is not None:
            migrate_database(settings, network.url)
            engine = create_engine_for(settings.effective_database_url)
            create_tables(engine)
            with Session(engine) as session:
                prepare_network(
                    session,
                    home=settings.home,
                    node=Node(network.url),
                    keys=keys,
                    now=int(time.time()),
                    progress=progress,
                )
                session.commit()
            engine.dispose()
        network.save()
    except BaseException:
        network.stop()
        raise
    return network


def migrate_database(settings: Settings, rpc_url: str) -> None:
    """Bring the database to the shape of this release; the node is asked which contracts speak.

    Raises:
        DatabaseRevisionUnknown: A newer release made it.
    """
    engine = create_engine_for(settings.effective_database_url)
    try:
        migrate(engine, lambda session: project_again(session, _decoder(settings, rpc_url)))
    finally:
        engine.dispose()


def _decoder(settings: Settings, rpc_url: str) -> EventDecoder:
    node = Node(rpc_url, token=settings.rpc_token)
    return event_decoder(find_deployment(settings.home, node))


def operator_key(settings: Settings, runtime: Runtime) -> str:
    """The operator's own credential, kept in the home; made on first use."""
    path = settings.home / OPERATOR_KEY_FILE
    if not path.exists():
        with unit_of_work(runtime) as context:
            credential = create_api_key(context, 0)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(credential + "\n")
    return path.read_text().strip()


def start_child(settings: Settings, *arguments: str, log_file: Path) -> subprocess.Popen[bytes]:
    """A further process of this product, with the same settings."""
    environment = os.environ | {
        "CHAINFIN_HOME": str(settings.home),
        "CHAINFIN_MODE": str(settings.mode),
        "CHAINFIN_DATABASE_URL": settings.effective_database_url,
        "CHAINFIN_RPC_URL": settings.effective_rpc_url,
        "CHAINFIN_LEASE_SECONDS": str(settings.lease_seconds),
    }
    with log_file.open("ab") as log:
        return subprocess.Popen(  # noqa: S603 - our own interpreter and modules
            [sys.executable, "-m", *arguments],
            env=environment,
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=end_with_parent,  # noqa: PLW1509 - it allocates nothing
        )


def stop_child(process: subprocess.Popen[bytes]) -> None:
    """End a further process; kill it if it does not listen."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
