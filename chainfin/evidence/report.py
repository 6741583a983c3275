"""What a verification answers: a verdict per check, and what was proven."""

from dataclasses import asdict, dataclass
from typing import Any

NOT_REACHED = "NotReached"
"""The reason of checks that stand on one that failed."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of one check.

    Attributes:
        name: What was checked.
        holds: Whether it is so.
        facts: How many things were checked; 0 where the check failed or was not reached.
        code: The reason's name; None where the check holds.
        reason: The reason in a sentence; None likewise.
    """

    name: str
    holds: bool
    facts: int
    code: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """All verdicts on one file.

    Attributes:
        verdicts: One per check, in order.
        facts: How many facts of the receivable were proven.
        statement: What the file proves; None where it does not hold.
    """

    verdicts: tuple[Verdict, ...]
    facts: int
    statement: dict[str, Any] | None

    @property
    def holds(self) -> bool:
        """Whether every check holds."""
        return all(verdict.holds for verdict in self.verdicts)

    @property
    def failure(self) -> Verdict | None:
        """The verdict that failed."""
        return next((verdict for verdict in self.verdicts if not verdict.holds), None)

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {"holds": self.holds, **asdict(self)}
