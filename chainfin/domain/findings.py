"""Findings: what a check of a trade document saw, where, and how bad it is.

A check does not stop at the first fault: whoever sends a document wants to hear of all of them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from chainfin.domain.errors import ChainfinError


class Severity(StrEnum):
    """What a finding means for the document."""

    FATAL = "fatal"
    """The document is refused."""
    WARNING = "warning"
    """A person should look; the document is taken."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken rule of a document.

    Attributes:
        error: The rule, with the offending values.
        pointer: Where: a path into the document as it was read, or into the file.
        severity: Whether the document is refused for it.
    """

    error: ChainfinError
    pointer: str
    severity: Severity = Severity.FATAL

    def to_json(self) -> dict[str, Any]:
        """For machines and for the pages."""
        return {
            "code": self.error.code,
            "severity": str(self.severity),
            "pointer": self.pointer,
            "detail": self.error.detail(),
            "detail_zh": self.error.detail("zh"),
        }


def fatal(findings: Iterable[Finding]) -> list[Finding]:
    """The findings for which a document is refused."""
    return [finding for finding in findings if finding.severity is Severity.FATAL]


def require_none_fatal(findings: Iterable[Finding]) -> None:
    """Refuse a document by its first fatal finding.

    Raises:
        ChainfinError: That finding's rule.
    """
    for finding in fatal(findings):
        raise finding.error
