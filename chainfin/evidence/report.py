"""What a verification answers: a verdict per check, and what was proven.

A fact is an event of a receivable; of other things that were checked there are counts.
"""

from dataclasses import asdict, dataclass
from typing import Any

from chainfin.evidence.stated import Statement

NOT_REACHED = "NotReached"
"""The reason of checks that stand on one that failed."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of one check.

    Attributes:
        name: What was checked.
        holds: Whether it is so.
        count: How many things were found so; 0 where the check failed or was not reached.
        code: The reason's name; None where the check holds.
        reason: The reason in a sentence; None likewise.
    """

    name: str
    holds: bool
    count: int = 0
    code: str | None = None
    reason: str | None = None

    @property
    def is_failure(self) -> bool:
        """Whether the check itself failed, rather than not being reached."""
        return not self.holds and self.code != NOT_REACHED


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
    statement: Statement | None

    @property
    def holds(self) -> bool:
        """Whether every check holds."""
        return all(verdict.holds for verdict in self.verdicts)

    @property
    def failure(self) -> Verdict | None:
        """The first verdict that failed."""
        return next((verdict for verdict in self.verdicts if not verdict.holds), None)

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {"holds": self.holds, **asdict(self)}
