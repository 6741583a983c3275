"""A circuit breaker before keys outside this process, and the pace they keep.

Work is planned in database transactions that hold others up. So a key that is away is asked once
and then left alone for a while, longer each time; and a slow one is given no more in one unit of
work than it signs within seconds.
"""

import logging
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar

from chainfin.codec.signers import UNHURRIED
from chainfin.codec.transactions import Fields
from chainfin.codec.typed_data import Domain
from chainfin.domain.service_errors import SignerRefused, SignerUnavailable

LONGEST_PAUSE_SECONDS = 30.0
SECONDS_AT_ONCE = 3.0
"""A unit of work asks for no more signatures than the key makes in this time."""
_FIRST_PAUSE_SECONDS = 1.0
_OLD_PACE_WEIGHT = 0.8

_Answer = TypeVar("_Answer")
_log = logging.getLogger(__name__)


class Device(Protocol):
    """A key outside this process; see `codec.signers.Signer`, which it is once it is guarded."""

    @property
    def address(self) -> str:
        """Lower-case address of the key."""

    @property
    def place(self) -> str:
        """Where it is, for people; no secret."""

    def sign_typed_data(
        self, domain: Domain, primary_type: str, message: Mapping[str, Any]
    ) -> bytes:
        """65 bytes r, s, v."""

    def sign_text(self, text: bytes) -> bytes:
        """65 bytes r, s, v."""

    def sign_transaction(self, fields: Fields) -> bytes:
        """A signed transaction as bytes."""


class GuardedSigner:
    """A device that is spared while it fails, and asked no faster than it answers."""

    def __init__(self, device: Device, clock: Callable[[], float] = time.monotonic) -> None:
        """Guard a device; nothing is asked yet."""
        self._device = device
        self._clock = clock
        self._pause_seconds = 0.0
        self._closed_until = 0.0
        self._pace_seconds = 0.0

    @property
    def address(self) -> str:
        """Lower-case address of the key."""
        return self._device.address

    @property
    def at_once(self) -> int:
        """How many signatures a unit of work may ask for now; after a failure, one as a probe."""
        if self._pause_seconds:
            return 0 if self._clock() < self._closed_until else 1
        if self._pace_seconds * UNHURRIED <= SECONDS_AT_ONCE:
            return UNHURRIED
        return max(1, int(SECONDS_AT_ONCE / self._pace_seconds))

    def sign_typed_data(
        self, domain: Domain, primary_type: str, message: Mapping[str, Any]
    ) -> bytes:
        """65 bytes r, s, v over a message of a pinned type (EIP-712).

        Raises:
            SignerUnavailable, SignerRefused: The device is away, or says no.
        """
        return self._ask(lambda: self._device.sign_typed_data(domain, primary_type, message))

    def sign_text(self, text: bytes) -> bytes:
        """65 bytes r, s, v over a text as wallets sign it (EIP-191).

        Raises:
            SignerUnavailable, SignerRefused: The device is away, or says no.
        """
        return self._ask(lambda: self._device.sign_text(text))

    def sign_transaction(self, fields: Fields) -> bytes:
        """A signed transaction as bytes.

        Raises:
            SignerUnavailable, SignerRefused: The device is away, or says no.
        """
        return self._ask(lambda: self._device.sign_transaction(fields))

    def _ask(self, question: Callable[[], _Answer]) -> _Answer:
        started = self._clock()
        if self._pause_seconds and started < self._closed_until:
            raise SignerUnavailable(self._device.place, "it failed a moment ago")
        try:
            answer = question()
        except (SignerUnavailable, SignerRefused) as error:
            pause = max(_FIRST_PAUSE_SECONDS, 2 * self._pause_seconds)
            self._pause_seconds = min(pause, LONGEST_PAUSE_SECONDS)
            self._closed_until = self._clock() + self._pause_seconds
            _log.error("%s; it is left alone for %.0f s", error, self._pause_seconds)
            raise
        self._pause_seconds = 0.0
        taken = self._clock() - started
        self._pace_seconds += (taken - self._pace_seconds) * (1 - _OLD_PACE_WEIGHT)
        return answer
