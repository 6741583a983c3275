"""What an audit answer is made of: facts with their place, and findings where something differs.

A check never raises and never stops at the first difference: it returns what it found.
"""

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class AsOf:
    """The block an answer is true for."""

    block_number: int
    block_hash: str
    block_timestamp: int


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be.

    Attributes:
        place: What it is about, such as `receivable 17` or `lot 17-3`.
        message: What was found and what was expected.
    """

    place: str
    message: str

    def __str__(self) -> str:
        """Place and message on one line."""
        return f"{self.place}: {self.message}"


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The outcome of comparing the tables with the contracts at one block.

    Attributes:
        as_of: The block both sides were read at.
        receivables: How many were compared.
        lots: How many were compared.
        findings: What differs; nothing if all is well.
    """

    as_of: AsOf
    receivables: int
    lots: int
    findings: tuple[Finding, ...]

    @property
    def matches(self) -> bool:
        """Whether nothing differs."""
        return not self.findings


@dataclass(frozen=True, slots=True)
class Completeness:
    """The outcome of comparing the stored logs with the receipts of every block.

    Attributes:
        as_of: The last block compared.
        blocks: How many were.
        logs: How many stored logs were compared.
        findings: What differs; nothing if every log is there and none invented.
    """

    as_of: AsOf
    blocks: int
    logs: int
    findings: tuple[Finding, ...]

    @property
    def matches(self) -> bool:
        """Whether nothing differs."""
        return not self.findings


def differences(indexed: object, on_chain: object) -> list[str]:
    """Where two values of one data class differ, field by field, nested ones included.

    Raises:
        TypeError: They are of two classes, or of none with fields.
    """
    if type(indexed) is not type(on_chain):
        raise TypeError(f"{type(indexed).__name__} is not {type(on_chain).__name__}")
    found = []
    for entry in fields(indexed):  # type: ignore[arg-type]
        ours, theirs = getattr(indexed, entry.name), getattr(on_chain, entry.name)
        if ours == theirs:
            continue
        if hasattr(ours, "__dataclass_fields__"):
            found += differences(ours, theirs)
        else:
            found.append(f"{entry.name} is {ours!r} in the tables, {theirs!r} on the chain")
    return found
