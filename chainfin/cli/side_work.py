"""What the worker does beside the chain: tells the event feed, delivers webhooks, makes exports.

It also empties SQLite's log, so that no order has to, and forgets what is kept for a time only.

It runs in a thread of its own, so that nothing here holds up an order or the index. On several
workers over one database it belongs to one of them at a time.
"""

import logging
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from sqlalchemy.exc import OperationalError

from chainfin.cli.runtime import reading, unit_of_work
from chainfin.client.outbound import Rules
from chainfin.codec.errors import CodecError
from chainfin.config import Settings
from chainfin.domain.errors import ChainfinError
from chainfin.domain.service_errors import LeaseLost
from chainfin.models.exports import ExportRow
from chainfin.models.leases import Lease, give_back, require_lease, take_lease
from chainfin.models.session import checkpoint
from chainfin.services import event_feed, exports, housekeeping, webhooks
from chainfin.services.context import Context
from chainfin.services.runtime import DeploymentFile, Runtime, reopen_runtime

IDLE_SECONDS = 0.1
PAUSE_SECONDS = 1.0
CHECKPOINT_SECONDS = 1.0
FORGET_SECONDS = 3_600.0
SENDERS = 8
"""Webhooks that are under way at a time, each to another endpoint."""
_LEASE = "side work"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Making:
    """An export that is being made, and what it is read through."""

    row: ExportRow
    pieces: Iterator[exports.Piece]
    source: ExitStack


class SideWork:
    """One step after another, each in transactions of its own."""

    def __init__(self, runtime: Runtime, settings: Settings) -> None:
        """Take what it works on; nothing is held yet."""
        self._runtime = runtime
        self._settings = settings
        self._file = DeploymentFile(settings.home, runtime.network.deployment)
        self._holder = uuid.uuid4().hex
        self._lease: Lease | None = None
        self._renew_at = self._checkpoint_at = self._forget_at = 0.0
        self._making: _Making | None = None
        self._rules = Rules(allows_loopback=settings.is_embedded)
        self._senders = ThreadPoolExecutor(SENDERS, thread_name_prefix="webhook")
        self._sending: dict[str, Future[webhooks.Outcome]] = {}

    def step(self) -> bool:
        """Once through all steps; whether anything was done."""
        self._renew()
        if self._lease is None:
            return False
        if self._file.has_changed():
            self._runtime = reopen_runtime(self._runtime, self._settings.home)
        done = [self._tell(), self._plan(), self._deliver(), self._export(), self._forget()]
        return any(done)

    @property
    def is_sending(self) -> bool:
        """Whether a receiver has not answered yet."""
        return bool(self._sending)

    def run(self, stopping: threading.Event) -> None:
        """Until told to stop. What fails is logged and tried again: the chain's work goes on."""
        while not stopping.is_set():
            try:
                self._checkpoint()
                has_done = self.step()
                # Not each order is told by itself while many come; an export waits for nothing.
                pause = 0.0 if has_done and self._making is not None else IDLE_SECONDS
            except (ChainfinError, CodecError, OperationalError) as error:
                _log.warning("side work: %s Trying again.", error)
                pause = PAUSE_SECONDS
            stopping.wait(pause)
        self.stop()

    def _checkpoint(self) -> None:
        if time.monotonic() >= self._checkpoint_at:
            checkpoint(self._runtime.engine)
            self._checkpoint_at = time.monotonic() + CHECKPOINT_SECONDS

    def stop(self) -> None:
        """Leave the work to others at once; what a receiver has not answered is sent again."""
        self._end_export()
        self._sending.clear()
        if self._lease is not None:
            with unit_of_work(self._runtime) as context:
                give_back(context.session, self._lease)
            self._lease, self._renew_at = None, 0.0

    def _tell(self) -> bool:
        with reading(self._runtime) as context:
            if not event_feed.has_news(context):
                return False
        with self._holding() as context:
            return event_feed.tell(context, self._runtime.decoder)

    def _plan(self) -> bool:
        with reading(self._runtime) as context:
            if not webhooks.has_news(context):
                return False
        with self._holding() as context:
            return webhooks.plan(context)

    def _deliver(self) -> bool:
        """Note what came back, and send what is due; waits for no receiver."""
        ended = [future for future in self._sending.values() if future.done()]
        for future in ended:
            outcome = future.result()
            with self._holding() as context:
                webhooks.note(context, outcome)
            del self._sending[outcome.endpoint_id]
        room = SENDERS - len(self._sending)
        if not room:
            return bool(ended)
        with reading(self._runtime) as context:
            shipments = webhooks.due(context, self._sending.keys(), room)
        for shipment in shipments:
            sending = self._senders.submit(webhooks.send, shipment, self._rules)
            self._sending[shipment.endpoint_id] = sending
        return bool(ended or shipments)

    def _export(self) -> bool:
        """Make one piece of an export: a large one holds nothing else up."""
        if self._making is None:
            self._making = self._begin_export()
        making = self._making
        if making is None:
            return False
        try:
            piece = next(making.pieces, None)
        except (ChainfinError, CodecError) as error:
            with self._holding() as context:
                exports.fail(context, making.row.export_id, str(error))
            self._end_export()
            return True
        with self._holding() as context:
            if piece is None:
                keep_seconds = self._settings.export_hours * 3600
                exports.finish(context, making.row.export_id, keep_seconds)
            else:
                exports.keep_piece(context, making.row, piece)
        if piece is None:
            self._end_export()
        return True

    def _begin_export(self) -> _Making | None:
        """Take the next export and open what it is read through; delete those that expired."""
        with reading(self._runtime) as context:
            if not exports.has_work(context):
                return None
        with self._holding() as context:
            exports.expire_exports(context)
            row = exports.take_export(context)
        if row is None:
            return None
        source = ExitStack()
        # One transaction from the first row to the last: the file is true at one block.
        read = source.enter_context(reading(self._runtime))
        return _Making(row, exports.make_pieces(read, row), source)

    def _end_export(self) -> None:
        if self._making is not None:
            self._making.source.close()
            self._making = None

    def _forget(self) -> bool:
        """Delete what is kept for a time only, a piece at a time; looked for now and then."""
        if time.monotonic() < self._forget_at:
            return False
        with reading(self._runtime) as context:
            found = housekeeping.outdated(context, self._settings.keep_days * 86_400)
        if found.is_empty:
            self._forget_at = time.monotonic() + FORGET_SECONDS
            return False
        with self._holding() as context:
            housekeeping.forget(context, found)
        return True

    @contextmanager
    def _holding(self) -> Iterator[Context]:
        """A unit of work that fails if another process does this work by now."""
        lease = self._lease
        if lease is None:
            raise LeaseLost(_LEASE)
        try:
            with unit_of_work(self._runtime) as context:
                require_lease(context.session, lease)
                yield context
        except LeaseLost:
            self._end_export()
            self._lease, self._renew_at = None, 0.0
            raise

    def _renew(self) -> None:
        """Take or prolong the work, a few times in the lease's life."""
        if time.monotonic() < self._renew_at:
            return
        seconds = self._settings.lease_seconds
        with unit_of_work(self._runtime) as context:
            self._lease = take_lease(context.session, _LEASE, self._holder, seconds)
        self._renew_at = time.monotonic() + seconds / 3
