"""Parties of a trade document: who sells, who buys, who is to be paid.

A name is what people read; an identifier is what machines compare. The same organisation may be
named by several registers, so a party keeps every identifier its document gives.
"""

from dataclasses import dataclass
from enum import StrEnum

from chainfin.domain.names import normalise_name


class IdentifierScheme(StrEnum):
    """The registers whose numbers name an organisation."""

    LEI = "lei"
    """Legal Entity Identifier, ISO 17442."""
    USCC = "uscc"
    """统一社会信用代码, GB 32100."""
    VAT = "vat"
    """Value-added-tax number with its country's prefix."""
    GLN = "gln"
    """GS1 Global Location Number."""
    REGISTRATION = "registration"
    """A number of a company register; which one, its document rarely says."""


@dataclass(frozen=True, slots=True, order=True)
class PartyIdentifier:
    """A number that a register gave.

    Attributes:
        scheme: The register.
        value: The number in its compact form, without spaces and separators.
    """

    scheme: IdentifierScheme
    value: str

    def __str__(self) -> str:
        """Scheme and number: "vat DE123456788"."""
        return f"{self.scheme} {self.value}"


@dataclass(frozen=True, slots=True)
class Party:
    """An organisation as a document names it.

    Attributes:
        name: Its legal name as written, white space aside; empty if the document has none.
        identifiers: Its numbers, sorted.
        country: ISO 3166 code of its address, or None.
    """

    name: str
    identifiers: tuple[PartyIdentifier, ...] = ()
    country: str | None = None

    def is_same_as(self, other: "Party") -> bool:
        """Whether two descriptions are of one organisation, as far as they say.

        A shared identifier decides for it, two different numbers of one unique register against
        it; otherwise the names decide.
        """
        ours, theirs = set(self.identifiers), set(other.identifiers)
        if ours & theirs:
            return True
        unique = {IdentifierScheme.LEI, IdentifierScheme.USCC}
        if unique & {entry.scheme for entry in ours} & {entry.scheme for entry in theirs}:
            return False
        return normalise_name(self.name) == normalise_name(other.name)
