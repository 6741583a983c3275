"""Revert data become the rule that was broken, every value in the words of the domain."""

import re
from pathlib import Path

import pytest

from chainfin.chain.artifacts import errors_by_selector
from chainfin.chain.reverts import reason_name, refusal_of
from chainfin.codec.abi import Error
from chainfin.codec.abi_words import encode
from chainfin.codec.hashing import keccak
from chainfin.domain.errors import AmountTooLarge, CurrencyMismatch, MaturityInThePast
from chainfin.domain.financing import FinancingStatus
from chainfin.domain.participant import ParticipantStatus
from chainfin.domain.receivable import Encumbrance, LotId, ReceivableStatus
from chainfin.domain.refusals import (
    AccessManagedUnauthorized,
    ContractFault,
    IssueRefused,
    KindRequired,
    LotChanged,
    LotEncumbered,
    ProgrammeMalformed,
    ReceivableNotActive,
    RequestNotOpen,
    RoleRequired,
    SignatureInvalid,
    StatusChangeRefused,
    TransferRefused,
    UnknownRefusal,
    WrongCurrency,
    catalogue,
)

SOURCES = Path(__file__).parents[2] / "contracts" / "src"
LOT = LotId(17, 3).token_id
KEY = "0x" + "ab" * 20
ERRORS = {error.name: error for error in errors_by_selector().values()}
SAMPLES = {"address": KEY, "bytes32": b"\x01" * 32, "bytes3": b"CNY", "string": "text"}
OURS = sorted(set(ERRORS) & set(catalogue()))
NOT_OURS = sorted(set(ERRORS) - set(catalogue()))


def selector(signature: str) -> bytes:
    return keccak(signature.encode())[:4]


def revert(name: str, *arguments: object) -> bytes:
    return ERRORS[name].selector + encode(ERRORS[name].inputs, arguments)


def sample(error: Error) -> list[object]:
    unnamed = {"bytes4": ERRORS["LotUnknown"].selector}
    kinds = [kind.name for _, kind in error.inputs.fields]
    return [(SAMPLES | unnamed).get(kind, 1) for kind in kinds]


@pytest.mark.parametrize("name", OURS)
def test_refusal_of__every_error_of_ours__is_the_class_of_that_name(name: str):
    refusal = refusal_of(revert(name, *sample(ERRORS[name])))

    if name == "TenorTooLong":  # known as a reason only
        assert refusal.fields == IssueRefused("TenorTooLong").fields
    else:
        assert type(refusal) is catalogue()[name]
    for language in ("en", "zh"):
        assert refusal.detail(language)
    assert not any(isinstance(value, bytes) for value in refusal.fields.values())


@pytest.mark.parametrize("name", sorted(set(NOT_OURS) - {"Error", "Panic"}))
def test_refusal_of__an_error_of_a_library__is_a_fault_by_its_name(name: str):
    refusal = refusal_of(revert(name, *sample(ERRORS[name])))

    assert isinstance(refusal, ContractFault)
    assert refusal.reason.startswith(f"{name}(")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (revert("LotEncumbered", LOT, 1), LotEncumbered("17-3", "locked_transfer")),
        (revert("LotChanged", LOT, 500, 20), LotChanged("17-3", 500, 20)),
        (revert("ReceivableNotActive", 17, 1), ReceivableNotActive(17, "offered")),
        (revert("RequestNotOpen", 5, 2), RequestNotOpen(5, "funded")),
        (
            revert("StatusChangeRefused", 5, 2, 1),
            StatusChangeRefused(5, "suspended", "admitted"),
        ),
        (revert("StatusChangeRefused", 5, 1, 9), StatusChangeRefused(5, "admitted", "9")),
        (revert("RoleRequired", KEY, 2), RoleRequired(KEY, "checker")),
        (revert("KindRequired", 5, 12), KindRequired(5, "funder, settlement_bank")),
        (revert("WrongCurrency", b"CNY", b"\x00\x01\x02"), WrongCurrency("CNY", "0x000102")),
        (
            revert("TransferRefused", LOT, 5, selector("ReceiverHasNoAccount(uint32,address)")),
            TransferRefused("17-3", 5, "ReceiverHasNoAccount"),
        ),
        (
            revert("IssueRefused", selector("TenorTooLong(uint64,uint64)")),
            IssueRefused("TenorTooLong"),
        ),
        (revert("IssueRefused", b"\x01\x02\x03\x04"), IssueRefused("0x01020304")),
        (
            revert("SignatureInvalid", KEY, b"\x0f" * 32),
            SignatureInvalid(KEY, "0x" + "0f" * 32),
        ),
        (revert("ProgrammeMalformed", "maximumTier"), ProgrammeMalformed("maximumTier")),
        (revert("AccessManagedUnauthorized", KEY), AccessManagedUnauthorized(KEY)),
        (revert("AmountTooLarge", 8, 7), AmountTooLarge(8, 7)),
        (revert("MaturityInThePast", 8, 9), MaturityInThePast(8, 9)),
        (revert("CurrencyMismatch", b"USD", b"CNY"), CurrencyMismatch(expected="CNY", found="USD")),
        (revert("Error", "paused"), ContractFault("paused")),
        (revert("Panic", 0x11), ContractFault("Panic 0x11, arithmetic overflow")),
        (revert("Panic", 0x99), ContractFault("Panic 0x99, no further reason")),
        (b"", UnknownRefusal("0x")),
        (b"\x01\x02\x03\x04\x05", UnknownRefusal("0x0102030405")),
        (
            revert("LotUnknown", LOT)[:-1],
            UnknownRefusal("0x" + revert("LotUnknown", LOT)[:-1].hex()),
        ),
    ],
)
def test_refusal_of__data__is_the_rule_with_its_values(data: bytes, expected):
    refusal = refusal_of(data)

    assert (type(refusal), refusal.fields) == (type(expected), expected.fields)


def test_refusal_of__long_data__are_cut():
    assert len(refusal_of(bytes(100_000)).revert_data) < 1_000
    assert len(refusal_of(revert("Error", "x" * 100_000)).reason) < 1_000


def test_reason_name__selector_as_bytes_or_text__is_the_error_s_name():
    known = selector("DocumentAlreadyUsed(bytes32,uint64,uint64,uint64)")

    assert reason_name(known) == reason_name("0x" + known.hex()) == "DocumentAlreadyUsed"
    assert reason_name(bytes(4)) == "0x00000000"


@pytest.mark.parametrize(
    ("codes", "file"),
    [
        (ReceivableStatus, "types/Ledger.sol"),
        (Encumbrance, "types/Ledger.sol"),
        (ParticipantStatus, "types/Participants.sol"),
        (FinancingStatus, "interfaces/IFinancingMarket.sol"),
    ],
)
def test_codes__are_numbered_as_in_the_contracts(codes, file: str):
    source = re.sub("///.*", "", (SOURCES / file).read_text("utf-8"))
    body = re.search(rf"enum {codes.__name__} {{(.*?)}}", source, re.DOTALL)

    assert body is not None
    assert [code.name for code in codes] == re.findall(r"\w+", body[1])
