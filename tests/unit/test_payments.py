"""Payment files, against the message's own types as pyiso20022 has them."""

import dataclasses
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from pyiso20022.pain import pain_001_001_09 as pain
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.parsers.config import ParserConfig
from xsdata.formats.dataclass.serializers import XmlSerializer

from chainfin.domain.errors import AmountTooLarge, ChainfinError, PaymentMalformed
from chainfin.domain.money import AMOUNT_LIMIT_MINOR, Money
from chainfin.domain.payments import AccountHolder, PaymentFile, PaymentInstruction
from chainfin.interchange.payments import NAMESPACE, write_payments
from tests.fuzzing import fuzz

SUPPLIER = AccountHolder("Harbour Steel Fabrication", "GB94 BARC 1020 1530 0934 59", "BARCGB22")
FUNDER = AccountHolder("北门银行", "6222 0000 0000 0000 123")
FILE = PaymentFile(
    message_id="SETTLE-17-20261202",
    created_at=1_795_000_000,
    debtor=AccountHolder("Meridian Rail Works", "GB33BUKB20201555555555", "BUKBGB22XXX"),
    execution_date=date(2026, 12, 2),
    instructions=(
        PaymentInstruction("RF7717L3", Money(254_024_00, "GBP"), SUPPLIER),
        PaymentInstruction("RF5017L4", Money(1, "GBP"), FUNDER),
    ),
)


def broken_types(value, place="Document"):
    """Where a value breaks a limit that the message's types carry."""
    for field in dataclasses.fields(value):
        held, limits = getattr(value, field.name), field.metadata
        where = f"{place}.{limits.get('name', field.name)}"
        items = held if isinstance(held, list) else [held]
        if limits.get("required") and held is None:
            yield f"{where} is missing"
        if isinstance(held, list) and len(held) < limits.get("min_occurs", 0):
            yield f"{where} is missing"
        for item in items:
            if dataclasses.is_dataclass(item):
                yield from broken_types(item, where)
            elif item is not None:
                yield from broken_limits(item, limits, where)


def broken_limits(item, limits, where):
    text = str(getattr(item, "value", item))
    if not limits.get("min_length", 0) <= len(text) <= limits.get("max_length", 10**9):
        yield f"{where} has {len(text)} characters"
    if "pattern" in limits and not re.fullmatch(limits["pattern"], text):
        yield f"{where} is {text}"
    if isinstance(item, Decimal):
        _, digits, exponent = item.as_tuple()
        if -exponent > limits.get("fraction_digits", 99):
            yield f"{where} has too many decimals"
        if len(digits) > limits.get("total_digits", 99):
            yield f"{where} has too many digits"


def require_valid(content):
    """Known elements only, none missing, all in the schema's order, all within their limits."""
    strict = ParserConfig(fail_on_unknown_properties=True, fail_on_unknown_attributes=True)
    document = XmlParser(config=strict).from_bytes(content, pain.Document)
    assert not list(broken_types(document))
    in_order = XmlSerializer().render(document, ns_map={None: NAMESPACE})
    assert texts(in_order.encode()) == texts(content)
    return document.cstmr_cdt_trf_initn


def texts(content):
    """Names and texts in order; instants aside, which have more than one spelling."""
    elements = etree.fromstring(content).iter()
    return [
        (element.tag, (element.text or "").strip())
        for element in elements
        if not element.tag.endswith("CreDtTm")
    ]


def test_file__of_two_payments__valid_and_exact():
    message = require_valid(write_payments(FILE))

    (batch,) = message.pmt_inf
    first, second = batch.cdt_trf_tx_inf
    assert (message.grp_hdr.nb_of_txs, message.grp_hdr.ctrl_sum) == ("2", Decimal("254024.01"))
    assert batch.reqd_exctn_dt.dt.to_date() == date(2026, 12, 2)
    assert batch.dbtr_agt.fin_instn_id.bicfi == "BUKBGB22XXX"
    assert (first.amt.instd_amt.value, first.amt.instd_amt.ccy) == (Decimal("254024.00"), "GBP")
    assert first.pmt_id.end_to_end_id == "RF7717L3"
    assert first.rmt_inf.strd[0].cdtr_ref_inf.ref == "RF7717L3"
    assert first.cdtr_acct.id.iban == "GB94BARC10201530093459"
    assert second.cdtr.nm == "北门银行"
    assert second.cdtr_acct.id.othr.id == "6222000000000000123"
    assert second.cdtr_agt is None


@fuzz
@given(
    st.lists(st.integers(1, AMOUNT_LIMIT_MINOR), min_size=1, max_size=5),
    st.sampled_from(["CNY", "JPY", "KWD", "CLF"]),
    st.text(max_size=150),
    st.text(max_size=40),
)
def test_file__of_anything__valid_or_refused_by_name(amounts, currency, name, account):
    creditor = AccountHolder(name, account)
    paid = tuple(PaymentInstruction("RF1", Money(amount, currency), creditor) for amount in amounts)
    try:
        content = write_payments(replace(FILE, instructions=paid))
    except ChainfinError:
        return

    message = require_valid(content)
    assert message.grp_hdr.nb_of_txs == str(len(amounts))


IN_EUROS = PaymentInstruction("RF1", Money(1, "EUR"), SUPPLIER)


def one(**changes):
    return replace(FILE, instructions=(replace(FILE.instructions[0], **changes),))


@pytest.mark.parametrize(
    ("file", "field"),
    [
        (replace(FILE, instructions=()), "instructions"),
        (one(money=Money(0, "GBP")), "instructions[0]"),
        (one(money=Money(-1, "GBP")), "instructions[0]"),
        (one(reference=""), "reference"),
        (one(reference="x" * 36), "reference"),
        (one(reference="<x>"), "reference"),
        (one(creditor=replace(SUPPLIER, name="")), "name of the creditor"),
        (one(creditor=replace(SUPPLIER, name="x" * 141)), "name of the creditor"),
        (one(creditor=replace(SUPPLIER, account=" ")), "account of Harbour Steel Fabrication"),
        (one(creditor=replace(SUPPLIER, account="9" * 35)), "account of Harbour Steel Fabrication"),
        (one(creditor=replace(SUPPLIER, bic="BARC")), "bank of Harbour Steel Fabrication"),
        (replace(FILE, message_id="SETTLE/ "), "message_id"),
        (replace(FILE, instructions=(*FILE.instructions, IN_EUROS)), "instructions[2]"),
    ],
)  # fmt: skip
def test_file__that_a_bank_could_not_carry_out__refused_with_the_field(file, field):
    with pytest.raises(PaymentMalformed) as caught:
        write_payments(file)

    assert caught.value.field == field


def test_file__of_more_digits_than_the_message_carries__refused():
    with pytest.raises(AmountTooLarge):
        write_payments(one(money=Money(10**18, "GBP")))
