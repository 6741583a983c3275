"""Numbers of organisations, told apart and checked by their registers' own check digits."""

import re

from stdnum import lei
from stdnum.cn import uscc
from stdnum.eu import vat
from stdnum.util import get_cc_module

from chainfin.domain.parties import IdentifierScheme, PartyIdentifier

_ISO_6523 = {"0199": IdentifierScheme.LEI, "0088": IdentifierScheme.GLN}
"""Registers that an ISO 6523 code names (EN 16931, ICD list)."""

_SEPARATORS = re.compile(r"[\s.\-/]+")
_EU_PREFIXES = frozenset([*vat.MEMBER_STATES, "el"])
_GLN_DIGITS = 13
_USCC_LENGTH = 18


def identifier(value: str, scheme: IdentifierScheme) -> tuple[PartyIdentifier, bool]:
    """A number in compact form, and whether it keeps its register's rules.

    A number whose register has no rule we know (a company register's) is taken as it is.
    """
    compact = _SEPARATORS.sub("", value).upper()
    if scheme is IdentifierScheme.REGISTRATION:
        compact = " ".join(value.split())
    return PartyIdentifier(scheme, compact), _is_valid(compact, scheme)


def scheme_of(code: str | None, value: str) -> IdentifierScheme:
    """The register of a number, by its ISO 6523 code or, without one, by the number itself."""
    if code in _ISO_6523:
        return _ISO_6523[code]
    compact = _SEPARATORS.sub("", value).upper()
    if len(compact) == _USCC_LENGTH and uscc.is_valid(compact):
        return IdentifierScheme.USCC
    if code is None and lei.is_valid(compact):
        return IdentifierScheme.LEI
    return IdentifierScheme.REGISTRATION


def _is_valid(compact: str, scheme: IdentifierScheme) -> bool:
    match scheme:
        case IdentifierScheme.LEI:
            return bool(lei.is_valid(compact))
        case IdentifierScheme.USCC:
            return bool(uscc.is_valid(compact))
        case IdentifierScheme.VAT:
            return _is_valid_vat(compact)
        case IdentifierScheme.GLN:
            return _is_valid_gln(compact)
        case IdentifierScheme.REGISTRATION:
            return bool(compact)


def _is_valid_vat(compact: str) -> bool:
    """By the country's own rule; a country without one we know is believed."""
    country = compact[:2].lower()
    if not re.fullmatch("[a-z]{2}", country):
        return False
    module = vat if country in _EU_PREFIXES else get_cc_module(country, "vat")
    return module is None or bool(module.is_valid(compact))


def _is_valid_gln(compact: str) -> bool:
    """GS1's check digit: weights 3 and 1 from the right."""
    if len(compact) != _GLN_DIGITS or not compact.isdecimal():
        return False
    weighed = (int(digit) * (1, 3)[place % 2] for place, digit in enumerate(compact))
    return sum(weighed) % 10 == 0
