"""What a contract's refusal means: revert data to the broken rule, by selector.

The engines word reverts differently, so nothing here reads a node's message. Arguments arrive in
the words of the domain: a lot as `17-3`, a currency as `CNY`, codes by their lower-case names.
`refusal_of` always answers: what has no rule of ours becomes `ContractFault` or `UnknownRefusal`.
"""

from collections.abc import Callable, Mapping
from enum import IntEnum, IntFlag
from typing import Any

from chainfin.chain.artifacts import errors_by_selector
from chainfin.codec.abi import SELECTOR_BYTES, Error, decode_error
from chainfin.codec.errors import RevertNotCanonical, SelectorUnknown
from chainfin.codec.hashing import from_hex, to_hex
from chainfin.domain.council import DecisionStatus
from chainfin.domain.errors import ChainfinError, CurrencyMismatch
from chainfin.domain.financing import FinancingStatus
from chainfin.domain.participant import KeyRole, ParticipantKind, ParticipantStatus
from chainfin.domain.receivable import Arrears, Encumbrance, LotId, ReceivableStatus
from chainfin.domain.refusals import ContractFault, IssueRefused, UnknownRefusal, catalogue

_LONGEST_SHOWN = 200

_ADAPTED: Mapping[str, Callable[..., ChainfinError]] = {
    # The contract names what it was given first; the domain what it expected.
    "CurrencyMismatch": lambda found, expected: CurrencyMismatch(expected, found),
    # The domain counts days from an issue date that two instants do not tell. The contracts use
    # the name only as a reason, so it stays one.
    "TenorTooLong": lambda _maturity_at, _latest_at: IssueRefused("TenorTooLong"),
}
"""Errors whose arguments are not the fields of the domain's class of that name."""

_STATUSES: Mapping[str, type[IntEnum]] = {
    "ReceivableNotActive": ReceivableStatus,
    "ReceivableNotOffered": ReceivableStatus,
    "RequestNotOpen": FinancingStatus,
    "StatusChangeRefused": ParticipantStatus,
    "DecisionClosed": DecisionStatus,
    "DecisionNotScheduled": DecisionStatus,
}
"""Whose `status` an error gives: the ABI says uint8 of all of them."""

_CODES: Mapping[str, type[IntEnum | IntFlag]] = {
    "arrears": Arrears,
    "encumbrance": Encumbrance,
    "before": ParticipantStatus,
    "kinds": ParticipantKind,
    "role": KeyRole,
    "roles": KeyRole,
}
"""Arguments that are codes, by name."""

_LOTS = frozenset({"lotId", "parentId"})
"""Arguments that are lots."""

_PANICS: Mapping[int, str] = {
    0x01: "assertion failed",
    0x11: "arithmetic overflow",
    0x12: "division by zero",
    0x21: "value outside its enumeration",
    0x32: "index out of bounds",
    0x41: "out of memory",
}
"""Solidity documentation, "Panic via assert and Error via require"; the others cannot happen."""


def refusal_of(data: bytes) -> ChainfinError:
    """The broken rule behind revert data.

    Returns:
        The rule by the error's name; `ContractFault` for a fault of the language or of a library;
        `UnknownRefusal` for anything else. The caller raises it.
    """
    try:
        name, arguments = decode_error(errors_by_selector(), data)
    except (SelectorUnknown, RevertNotCanonical):
        return UnknownRefusal(to_hex(data[:_LONGEST_SHOWN]))
    error = errors_by_selector()[data[:SELECTOR_BYTES]]
    values = [
        _in_words(error, argument, kind.name, arguments[argument])
        for argument, kind in error.inputs.fields
    ]
    rule = _ADAPTED.get(name) or catalogue().get(name)
    return rule(*values) if rule else ContractFault(_fault(name, values))


def reason_name(selector: bytes | str) -> str:
    """The name of the error with this selector: what a refused row or transfer gives as reason.

    Returns:
        The name, or the selector itself in hexadecimal where no error of ours has it.
    """
    key = from_hex(selector) if isinstance(selector, str) else selector
    error = errors_by_selector().get(key)
    return error.name if error else to_hex(key)


def _in_words(error: Error, argument: str, kind: str, value: Any) -> Any:
    """An argument as the domain's classes have it."""
    codes = _STATUSES.get(error.name) if argument == "status" else _CODES.get(argument)
    if codes is not None:
        return _code_name(codes, value)
    if argument in _LOTS:
        return str(LotId.from_token(value))
    match kind:
        case "bytes4":
            return reason_name(value)
        case "bytes3":
            return _currency(value)
        case _:
            return to_hex(value) if isinstance(value, bytes) else value


def _code_name(codes: type[IntEnum | IntFlag], value: int) -> str:
    """`locked_transfer` of 1; a mask as its names; the number where newer contracts have more."""
    try:
        name = codes(value).name
    except ValueError:
        name = None
    return name.lower().replace("|", ", ") if name else str(value)


def _currency(code: bytes) -> str:
    text = code.decode("ascii", errors="replace")
    return text if text.isalpha() and text.isupper() else to_hex(code)


def _fault(name: str, values: list[Any]) -> str:
    if name == "Panic":
        return f"Panic 0x{values[0]:02x}, {_PANICS.get(values[0], 'no further reason')}"
    if name == "Error":
        return str(values[0])[:_LONGEST_SHOWN]
    shown = ", ".join(str(value) for value in values)
    return f"{name}({shown})"[:_LONGEST_SHOWN]
