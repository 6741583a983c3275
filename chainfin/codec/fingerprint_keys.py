"""Keys that fingerprint documents, behind the one question they answer: the tag of a preimage.

The consortium shares one key an epoch. Here it lies in memory; a hardware module that computes
HMAC-SHA256 itself (PKCS#11's `CKM_SHA256_HMAC`) answers the same question and never shows the key.
"""

from dataclasses import dataclass, field
from typing import Protocol

from chainfin.domain.documents import tag


class FingerprintKey(Protocol):
    """The key of one epoch."""

    @property
    def epoch(self) -> int:
        """The epoch it belongs to."""

    def tag(self, preimage: bytes) -> bytes:
        """HMAC-SHA256 of a preimage, 32 bytes."""


@dataclass(frozen=True, slots=True)
class HeldFingerprintKey:
    """A key held by this process.

    Attributes:
        epoch: The epoch it belongs to.
        key: 32 bytes.
    """

    epoch: int
    key: bytes = field(repr=False)

    def tag(self, preimage: bytes) -> bytes:
        """HMAC-SHA256 of a preimage, 32 bytes."""
        return tag(self.key, preimage)
