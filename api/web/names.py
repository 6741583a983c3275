"""Organisations and amounts as a page names them."""

from collections.abc import Mapping
from dataclasses import dataclass

from api.web.formats import money_text
from api.web.texts import Words


@dataclass(frozen=True, slots=True)
class Names:
    """Organisations by number, and what stands for one without a name."""

    by_number: Mapping[int, str]
    words: Words

    def __call__(self, organisation: int) -> str:
        """An organisation's name."""
        known = self.by_number.get(organisation)
        return known or self.words("item.unnamed", number=organisation)

    def money(self, amount_minor: int, currency: str) -> str:
        """An amount with its currency."""
        return money_text(amount_minor, currency, self.words("item.minor_units"))
