"""The line in which writers of SQLite wait for each other.

By itself SQLite has a waiting writer look again after ever longer pauses, up to a tenth of a
second, and who comes meanwhile goes first: beside a busy worker some requests would wait for a
second. A lock of the process, then a locked file between processes, wake who waits as soon as the
place is free. The lock of the process gives up after a time, so that who waits behind itself hears
of it; the kernel unlocks the file of a process that is killed.
"""

import fcntl
import os
import sqlite3
import threading


class WriterInLine(sqlite3.Connection):
    """A connection that waits in a line before it begins a transaction that may write."""

    _line: int | None = None
    _turn: "threading.Lock | None" = None

    def wait_in_line(self, database: str | None, seconds: float) -> None:
        """Wait until it is this connection's turn, or in vain: then SQLite says so itself.

        A database in memory has no line.
        """
        if not database or database == ":memory:":
            return
        turn = _turns.setdefault(database, threading.Lock())
        if not turn.acquire(timeout=seconds):
            return
        self._turn = turn
        if self._line is None:
            self._line = os.open(f"{database}-line", os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(self._line, fcntl.LOCK_EX)

    def commit(self) -> None:
        """End the transaction, and let the next one in."""
        try:
            super().commit()
        finally:
            self._leave_line()

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
        if self._line is not None:
            os.close(self._line)
            self._line = None

    def _leave_line(self) -> None:
        turn, self._turn = self._turn, None
        if turn is not None:
            if self._line is not None:
                fcntl.flock(self._line, fcntl.LOCK_UN)
            turn.release()


_turns: "dict[str, threading.Lock]" = {}
"""By database, held by the connection of this process whose turn it is."""
