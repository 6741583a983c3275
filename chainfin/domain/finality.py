"""What a network can no longer take back, as its operator says it in one word."""

import re
from dataclasses import dataclass
from enum import StrEnum

from chainfin.domain.service_errors import FieldMalformed

_DEPTH = re.compile(r"depth:(0|[1-9][0-9]{0,5})")


class FinalityKind(StrEnum):
    """How a network's blocks become final."""

    INSTANT = "instant"
    """At once (QBFT, IBFT, PBFT): a block that is taken back all the same stops the reader."""
    FINALIZED = "finalized"
    """When the node says so: nothing above its finalized block is read."""
    DEPTH = "depth"
    """With so many blocks above them; what is read earlier may be taken back."""


@dataclass(frozen=True, slots=True)
class Finality:
    """A network's finality.

    Attributes:
        kind: How blocks become final.
        depth: Of `DEPTH`, how many of the blocks that were read may be taken back.
    """

    kind: FinalityKind
    depth: int = 0

    @classmethod
    def parse(cls, text: str) -> "Finality":
        """Read `instant`, `finalized` or `depth:256`.

        Raises:
            FieldMalformed: It is none of them.
        """
        if text in {FinalityKind.INSTANT, FinalityKind.FINALIZED}:
            return cls(FinalityKind(text))
        depth = _DEPTH.fullmatch(text)
        if depth is None:
            raise FieldMalformed("finality", text, "instant, finalized or depth:NUMBER")
        return cls(FinalityKind.DEPTH, int(depth[1]))

    def __str__(self) -> str:
        """As `parse` reads it."""
        return f"depth:{self.depth}" if self.kind is FinalityKind.DEPTH else str(self.kind)
