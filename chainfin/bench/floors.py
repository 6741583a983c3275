"""The least gas an act can cost, counted from the EVM's own prices.

    floor = 21,000 + calldata + signatures + contracts of others + words of storage + events

Calldata and events are those of the measured transaction: the order must be sent and the act must
be told. The rest is counted by hand in `Work`, for an implementation that keeps the same promises
but is otherwise as lean as can be thought: one contract, every record packed into as few words as
its fields need, no arithmetic, no memory, no call but to a contract that belongs to somebody else
(the bank's deposit). Nothing real reaches it; the ratio says how much is left to gain.

Source: execution-specs, Cancun (EIP-2028, EIP-2929, EIP-3529); docs/gas.md says it in words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chainfin.codec.hashing import from_hex

TRANSACTION = 21_000
ZERO_BYTE, OTHER_BYTE = 4, 16
RECOVER = 3_000 + 100
"""The precompile and the call to it, which is always warm."""
COLD_ACCOUNT = 2_600
READ = 2_100
UPDATE = READ + 2_900
CREATE = READ + 20_000
CLEAR = UPDATE - 4_800
"""A word set to zero, after its refund."""
LOG, LOG_TOPIC, LOG_BYTE = 375, 375, 8


@dataclass(frozen=True, slots=True)
class Work:
    """What no implementation of an act can leave out; counts of one transaction.

    Attributes:
        signatures: Recovered.
        accounts: Contracts of others that are called.
        reads: Words of storage that are looked at, each for the first time.
        updates: Words that change.
        creations: Words that come to be.
        clears: Words that end.
    """

    signatures: int = 0
    accounts: int = 0
    reads: int = 0
    updates: int = 0
    creations: int = 0
    clears: int = 0

    def __add__(self, other: "Work") -> "Work":
        """Both."""
        return Work(
            self.signatures + other.signatures,
            self.accounts + other.accounts,
            self.reads + other.reads,
            self.updates + other.updates,
            self.creations + other.creations,
            self.clears + other.clears,
        )

    @property
    def gas(self) -> int:
        """What that costs."""
        return (
            self.signatures * RECOVER
            + self.accounts * COLD_ACCOUNT
            + self.reads * READ
            + self.updates * UPDATE
            + self.creations * CREATE
            + self.clears * CLEAR
        )


AUTHORITY = Work(signatures=2, reads=3, updates=1)
"""Of one organisation: two signatures, two keys, its status, and the nonce that is used up."""


def floor_of(work: Work, data: bytes, logs: Sequence[Mapping[str, Any]]) -> int:
    """The floor of one transaction.

    Args:
        work: What it must do.
        data: Its calldata.
        logs: Its events, as a node tells them.
    """
    return TRANSACTION + calldata_gas(data) + work.gas + sum(map(event_gas, logs))


def calldata_gas(data: bytes) -> int:
    """What sending these bytes costs."""
    zeros = data.count(0)
    return zeros * ZERO_BYTE + (len(data) - zeros) * OTHER_BYTE


def event_gas(log: Mapping[str, Any]) -> int:
    """What one event costs."""
    size = len(from_hex(log["data"]))
    return LOG + len(log["topics"]) * LOG_TOPIC + size * LOG_BYTE
