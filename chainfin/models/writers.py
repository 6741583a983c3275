"""The line in which writers of SQLite wait for each other.

By itself SQLite has a waiting writer look again after ever longer pauses, up to a tenth of a
second, and who comes meanwhile goes first: beside a busy worker some requests would wait for a
second. A lock of the process, then a locked file between processes, wake who waits as soon as the
place is free. The lock of the process gives up after a time, so that who waits behind itself hears
of it; the kernel unlocks the file of a process that is killed.

Nobody waits in it for the disk: a commit lets the next writer in, and only then waits until the
write-ahead log is on the disk. What comes later in that log is on the disk later, so nothing lasts
that stands on something lost; and one turn of the disk serves everybody who waits for it.
"""

import fcntl
import os
import sqlite3
import threading


class WriterInLine(sqlite3.Connection):
    """A connection that waits in a line before it begins a transaction that may write."""

    must_last: bool = True
    """Whether a commit is answered only when it is on the disk."""
    _database: str = ""
    """Of the transaction that may write; empty in others."""
    _line: int | None = None
    _log: int | None = None
    _turn: "threading.Lock | None" = None

    def wait_in_line(self, database: str | None, seconds: float) -> None:
        """Wait until it is this connection's turn, or in vain: then SQLite says so itself.

        A database in memory has no line.
        """
        if not database or database == ":memory:":
            return
        self._database = database
        turn = _turns.setdefault(database, threading.Lock())
        if not turn.acquire(timeout=seconds):
            return
        self._turn = turn
        if self._line is None:
            self._line = os.open(f"{database}-line", os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(self._line, fcntl.LOCK_EX)

    def commit(self) -> None:
        """End the transaction, let the next one in, and wait for the disk.

        Raises:
            sqlite3.OperationalError: It is not on the disk, and may be lost.
        """
        database = self._database
        try:
            super().commit()
        finally:
            self._leave_line()
        if database and self.must_last:
            self._wait_for_disk(f"{database}-wal")

    def rollback(self) -> None:
        """Undo the transaction, and let the next one in."""
        try:
            super().rollback()
        finally:
            self._leave_line()

    def close(self) -> None:
        """Close the connection; the next one is let in."""
        super().close()
        self._leave_line()
        for handle in (self._line, self._log):
            if handle is not None:
                os.close(handle)
        self._line = self._log = None

    def _wait_for_disk(self, log: str) -> None:
        try:
            if self._log is None:
                # It stays the same file for as long as this connection is open.
                self._log = os.open(log, os.O_RDWR)
            _flush(self._log)
        except FileNotFoundError:
            return  # Nothing was ever written.
        except OSError as error:
            raise sqlite3.OperationalError(f"disk I/O error: {error.strerror}") from error

    def _leave_line(self) -> None:
        self._database = ""
        turn, self._turn = self._turn, None
        if turn is not None:
            if self._line is not None:
                fcntl.flock(self._line, fcntl.LOCK_UN)
            turn.release()


# What SQLite itself uses; not every system has it.
_flush = getattr(os, "fdatasync", os.fsync)
_turns: "dict[str, threading.Lock]" = {}
"""By database, held by the connection of this process whose turn it is."""
