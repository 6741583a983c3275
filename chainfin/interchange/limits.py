"""Limits on what a stranger's file may cost: size, depth, content, time.

A file that breaks one is refused by name before it is understood, so that no file can exhaust the
reader. The operator may change each limit.
"""

import time
from dataclasses import dataclass

from chainfin.domain.errors import FileTooLarge, FileUnsafe
from chainfin.interchange.xml import FileLimits


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost.

    Attributes:
        file_bytes: Its size, and the size of each XML inside it.
        depth: How many of its elements may lie inside one another.
        archive_files: How many files an archive holds.
        archive_bytes: Their size once unpacked, together.
        seconds: How long reading and checking may take; looked at between the steps.
    """

    file_bytes: int = 10_000_000
    depth: int = 64
    archive_files: int = 200
    archive_bytes: int = 20_000_000
    seconds: int = 10

    @property
    def xml(self) -> FileLimits:
        """What the XML in it may cost."""
        return FileLimits(self.file_bytes, self.depth)

    def require_size(self, size: int) -> None:
        """Refuse a file that is too large to be read.

        Raises:
            FileTooLarge: It is.
        """
        if size > self.file_bytes:
            raise FileTooLarge(size, self.file_bytes)


DEFAULT_LIMITS = Limits()


class Budget:
    """The time one file has; asked between the steps of reading it."""

    def __init__(self, limits: Limits) -> None:
        """Start the clock."""
        self._seconds = limits.seconds
        self._ends = time.monotonic() + limits.seconds

    def require(self) -> None:
        """Stop a file that has used up its time.

        Raises:
            FileUnsafe: It has.
        """
        if time.monotonic() > self._ends:
            raise FileUnsafe(f"reading it takes longer than {self._seconds} seconds")
