import asyncio
import copy
import pickle
import re
import sqlite3
from contextlib import contextmanager

import pytest
from fastapi import FastAPI, Request
from sqlalchemy.exc import InterfaceError, OperationalError

from api import errors as errors_of_api
from chainfin.domain import errors
from chainfin.domain.errors import (
    AmountTooLarge,
    ChainfinError,
    CurrencyMissing,
    MaturityInThePast,
    WrongDecimal,
    catalogue,
)

EVERY_ERROR = sorted(catalogue().items())
CHINESE = re.compile("[\u4e00-\u9fff]")


class ERC1271Refused(ChainfinError):
    """A contract key accepts what it signs."""

    rule = "R-32"
    order_hash: bytes
    en = ("Refused {order_hash}.", "Ask its owner.")
    zh = ("拒绝 {order_hash}。", "请联系所有者。")


@pytest.mark.parametrize(("name", "error"), EVERY_ERROR)
def test_texts__every_error__filled_in_both_languages(name: str, error: type[ChainfinError]):
    refusal = error(*(f"<{field}>" for field in error.field_names))

    english, chinese = refusal.detail("en"), refusal.detail("zh")

    for field in error.field_names:
        assert f"<{field}>" in english + chinese
    for text in (refusal.message("en"), refusal.remedy("en")):
        assert text.endswith((".", "?"))
        assert not CHINESE.search(text)
    for text in (refusal.message("zh"), refusal.remedy("zh")):
        assert text.endswith("。")
        assert CHINESE.search(text)
    assert error.rule
    assert catalogue()[name] is error


def test_fields__by_position_or_name__keep_their_order():
    by_position, by_name = AmountTooLarge(8, 7), AmountTooLarge(limit=7, amount=8)

    assert list(by_position.fields.items()) == [("amount", 8), ("limit", 7)]
    assert by_name.fields == by_position.fields
    assert by_name.args == (8, 7)
    assert repr(by_name) == "AmountTooLarge(8, 7)"


def test_fields__one_missing__is_a_mistake_of_the_caller():
    with pytest.raises(TypeError):
        AmountTooLarge(8)  # type: ignore[call-arg]


def test_field__assigned_again__is_refused():
    refusal = AmountTooLarge(8, 7)

    with pytest.raises(AttributeError, match="amount is fixed"):
        refusal.amount = 9  # type: ignore[misc]


def test_error__passes_through_a_context_manager_with_a_note():
    @contextmanager
    def passing():
        yield

    with pytest.raises(CurrencyMissing) as caught, passing():
        raise CurrencyMissing

    caught.value.add_note("line 3")
    assert caught.value.__traceback__ is not None


@pytest.mark.parametrize("again", [copy.copy, lambda e: pickle.loads(pickle.dumps(e))])  # noqa: S301
def test_error__copied__is_the_same_refusal(again):
    refusal = WrongDecimal("1e3", "GBP", 2)

    assert again(refusal).fields == refusal.fields
    assert str(again(refusal)) == str(refusal)


def test_code__is_the_name_in_kebab_case():
    assert AmountTooLarge.code == "amount-too-large"
    assert ERC1271Refused.code == "erc1271-refused"


def test_rule__named__replaces_the_docstring():
    assert ERC1271Refused.rule == "R-32"
    assert AmountTooLarge.rule == "An amount is at most 2^63 - 1 minor units."


def test_shown__bytes_and_instants__are_readable():
    assert "0x00ff" in str(ERC1271Refused(b"\x00\xff"))
    assert "2026-11-22 04:25:55 UTC" in MaturityInThePast(1795321555, 0).message()


def test_shown__instant_beyond_every_calendar__stays_a_number():
    assert str(2**64 - 1) in MaturityInThePast(2**64 - 1, 0).message()


def test_catalogue__holds_this_module_only():
    assert "ERC1271Refused" not in catalogue()
    assert all(error.__module__ == errors.__name__ for error in catalogue().values())


def database_fault(code=None, state=None):
    said = sqlite3.OperationalError("said by the database")
    if code is not None:
        said.sqlite_errorcode = code
    if state is not None:
        said.sqlstate = state
    return OperationalError("INSERT", {}, said)


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (database_fault(code=sqlite3.SQLITE_FULL), 507),
        (database_fault(state="53100"), 507),
        (database_fault(state="57P01"), 503),
        (database_fault(), 503),
        (InterfaceError("INSERT", {}, sqlite3.InterfaceError("closed")), 503),
    ],
)
def test_answer__to_a_fault_of_the_database__says_which_and_that_nothing_was_recorded(
    fault, status
):
    app = FastAPI()
    errors_of_api.install(app)
    handler = app.exception_handlers[type(fault)]
    scope = {"type": "http", "headers": [], "state": {}, "method": "POST", "path": "/"}

    answer = asyncio.run(handler(Request(scope), fault))

    assert answer.status_code == status
    assert b"said by" not in answer.body
