"""Payment instructions out: ISO 20022 pain.001.001.09, one file for one account and one day.

A bank carries out what stands here, so nothing is shortened or replaced: what does not fit the
message is refused. Each payment carries its reference twice, as the payer's own (EndToEndId) and as
the payee's (a structured creditor reference), because banks pass on one or the other.
"""

import re
from datetime import UTC, datetime

from lxml import etree
from stdnum import bic as bic_number
from stdnum import iban as iban_number

from chainfin.domain.errors import AmountTooLarge, PaymentMalformed
from chainfin.domain.money import Money
from chainfin.domain.payments import AccountHolder, PaymentFile, PaymentInstruction
from chainfin.domain.statements import account_key
from chainfin.interchange.xml import Element

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"

_LONGEST_ID = 35
_LONGEST_NAME = 140
_LONGEST_ACCOUNT = 34
_LARGEST_MINOR = 10**18 - 1
"""The message's amounts have eighteen digits, one fewer than the largest amount here."""
_IBAN_LIKE = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_ACCOUNT = re.compile(r"[!-~]+")
_IDENTIFIER = re.compile(r"[A-Za-z0-9+?/:().,'-]+(?: [A-Za-z0-9+?/:().,'-]+)*")
"""What all banks pass on unchanged."""


def write_payments(file: PaymentFile) -> bytes:
    """The file as XML, UTF-8.

    Raises:
        PaymentMalformed: no payment, several currencies, an amount of nothing, or a name, number
            or reference that the message cannot carry as it is; the first one is named.
        AmountTooLarge: the sum is beyond the limit.
    """
    total = _total(file)
    created = datetime.fromtimestamp(file.created_at, UTC)
    count = str(len(file.instructions))
    document = etree.Element(f"{{{NAMESPACE}}}Document", nsmap={None: NAMESPACE})
    message = _add(document, "CstmrCdtTrfInitn")
    header = _add(message, "GrpHdr")
    _add(header, "MsgId", _identifier("message_id", file.message_id))
    _add(header, "CreDtTm", f"{created:%Y-%m-%dT%H:%M:%S}+00:00")
    _add(header, "NbOfTxs", count)
    _add(header, "CtrlSum", total.decimal_text())
    _add(_add(header, "InitgPty"), "Nm", _name("debtor", file.debtor.name))
    payment = _add(message, "PmtInf")
    _add(payment, "PmtInfId", file.message_id)
    _add(payment, "PmtMtd", "TRF")
    _add(payment, "NbOfTxs", count)
    _add(payment, "CtrlSum", total.decimal_text())
    _add(_add(payment, "ReqdExctnDt"), "Dt", file.execution_date.isoformat())
    _add(_add(payment, "Dbtr"), "Nm", file.debtor.name)
    _account(payment, "DbtrAcct", file.debtor)
    _agent(payment, "DbtrAgt", file.debtor)
    for instruction in file.instructions:
        _transfer(payment, instruction)
    content: bytes = etree.tostring(
        document, xml_declaration=True, encoding="UTF-8", pretty_print=True
    )
    return content


def _total(file: PaymentFile) -> Money:
    if not file.instructions:
        raise PaymentMalformed("instructions", "there is no payment")
    first = file.instructions[0].money
    total = Money(0, first.currency)
    for place, instruction in enumerate(file.instructions):
        money = instruction.money
        if money.currency != first.currency:
            reason = f"it is in {money.currency}, others in {first.currency}"
            raise PaymentMalformed(f"instructions[{place}]", reason)
        if money.amount_minor <= 0:
            raise PaymentMalformed(f"instructions[{place}]", f"{money} is nothing to pay")
        total += money
    if total.amount_minor > _LARGEST_MINOR:
        raise AmountTooLarge(total.amount_minor, _LARGEST_MINOR)
    return total


def _transfer(payment: Element, instruction: PaymentInstruction) -> None:
    creditor = instruction.creditor
    reference = _identifier("reference", instruction.reference)
    transfer = _add(payment, "CdtTrfTxInf")
    _add(_add(transfer, "PmtId"), "EndToEndId", reference)
    money = instruction.money
    amount = _add(_add(transfer, "Amt"), "InstdAmt", money.decimal_text())
    amount.set("Ccy", money.currency)
    if creditor.bic is not None:
        _agent(transfer, "CdtrAgt", creditor)
    _add(_add(transfer, "Cdtr"), "Nm", _name("creditor", creditor.name))
    _account(transfer, "CdtrAcct", creditor)
    structured = _add(_add(_add(transfer, "RmtInf"), "Strd"), "CdtrRefInf")
    _add(_add(_add(structured, "Tp"), "CdOrPrtry"), "Cd", "SCOR")
    _add(structured, "Ref", reference)


def _account(parent: Element, name: str, holder: AccountHolder) -> None:
    account = account_key(holder.account)
    identifier = _add(_add(parent, name), "Id")
    if _IBAN_LIKE.fullmatch(account) and iban_number.is_valid(account):
        _add(identifier, "IBAN", account)
        return
    if len(account) > _LONGEST_ACCOUNT or not _ACCOUNT.fullmatch(account):
        reason = f"“{account[:_LONGEST_ACCOUNT]}” is no account number"
        raise PaymentMalformed(f"account of {holder.name}", reason)
    _add(_add(identifier, "Othr"), "Id", account)


def _agent(parent: Element, name: str, holder: AccountHolder) -> None:
    institution = _add(_add(parent, name), "FinInstnId")
    if holder.bic is None:
        _add(_add(institution, "Othr"), "Id", "NOTPROVIDED")
        return
    if not bic_number.is_valid(holder.bic):
        raise PaymentMalformed(f"bank of {holder.name}", f"“{holder.bic[:_LONGEST_ID]}” is no BIC")
    _add(institution, "BICFI", bic_number.compact(holder.bic))


def _add(parent: Element, name: str, text: str | None = None) -> Element:
    child = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
    child.text = text
    return child


def _identifier(field: str, text: str) -> str:
    if len(text) > _LONGEST_ID or not _IDENTIFIER.fullmatch(text):
        reason = f"“{text[:_LONGEST_ID]}” is not 1 to {_LONGEST_ID} plain characters"
        raise PaymentMalformed(field, reason)
    return text


def _name(field: str, text: str) -> str:
    if not text.strip() or len(text) > _LONGEST_NAME or not text.isprintable():
        raise PaymentMalformed(
            f"name of the {field}", f"it has not 1 to {_LONGEST_NAME} characters"
        )
    return text
