"""Documents about receivables as their parties get them: what each kind says, in both languages.

A notice is facts first: who, how much, when, under which number. The same facts become JSON for
machines and a signed PDF for people, and the words between them stand here once. Nothing in a
notice is decided by it: it says what the chain says at one block.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias

from chainfin.domain.audit import AsOf
from chainfin.domain.errors import Language
from chainfin.domain.money import Money, money_json
from chainfin.domain.receivable import LotId


class NoticeKind(StrEnum):
    """What a notice is; also the first part of its number."""

    PAYMENT_UNDERTAKING = "payment-undertaking"
    """付款承诺函: the anchor's undertaking."""
    TRANSFER_SLIP = "transfer-slip"
    """流转单: one passing of a lot."""
    NOTICE_OF_ASSIGNMENT = "notice-of-assignment"
    """债权转让通知: to the anchor, whom it has to pay from now on."""
    DISHONOUR_NOTICE = "dishonour-notice"
    """拒付通知: to everybody before the holders, that the anchor did not pay."""
    DEFAULT_CERTIFICATE = "default-certificate"
    """违约证明: what is unpaid, and the late interest on it."""
    PARTICIPANT_STATEMENT = "participant-statement"
    """对账单: what an organisation holds, was paid, paid, and was charged."""


class Instant(NamedTuple):
    """A moment, UTC seconds; told apart from other numbers."""

    seconds: int


class Percentage(NamedTuple):
    """A rate in basis points."""

    bps: int


class Party(NamedTuple):
    """An organisation of the network."""

    organisation: int
    name: str


Value: TypeAlias = "str | int | Money | Instant | Percentage | Party"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under the same headings; every row has as many values as there are columns."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]


@dataclass(frozen=True, slots=True)
class Notice:
    """One document.

    Attributes:
        kind: What it is.
        number: Its own number, from which it can be asked for again.
        facts: By the name under which they stand in JSON and `LABELS`.
        tables: Likewise.
        as_of: The block at which all of it is true.
        chain_id: Of the network the block is on.
    """

    kind: NoticeKind
    number: str
    facts: Mapping[str, Value]
    tables: Mapping[str, Table]
    as_of: AsOf
    chain_id: int


# --- numbers ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NoticeNumber:
    """Which document: its kind, the receivable, and for a hop the lot and the event that ended it.

    Written `payment-undertaking-17` or `transfer-slip-17-3-5`.
    """

    kind: NoticeKind
    receivable_id: int
    lot_sequence: int | None = None
    sequence: int | None = None

    @classmethod
    def parse(cls, text: str) -> "NoticeNumber | None":
        """Read a number; None if it is none."""
        for kind, count in _PARTS.items():
            if text.startswith(f"{kind}-"):
                parts = text.removeprefix(f"{kind}-").split("-")
                if len(parts) == count and all(map(_is_number, parts)):
                    return cls(kind, *map(int, parts))
        return None

    @property
    def lot_id(self) -> LotId:
        """The lot, of a kind that is about one."""
        if self.lot_sequence is None:
            raise ValueError(f"{self} is not about a lot")
        return LotId(self.receivable_id, self.lot_sequence)

    def __str__(self) -> str:
        """As it is written."""
        parts = (self.kind, self.receivable_id, self.lot_sequence, self.sequence)
        return "-".join(str(part) for part in parts if part is not None)


_PARTS = {
    NoticeKind.PAYMENT_UNDERTAKING: 1,
    NoticeKind.TRANSFER_SLIP: 3,
    NoticeKind.NOTICE_OF_ASSIGNMENT: 3,
    NoticeKind.DISHONOUR_NOTICE: 1,
    NoticeKind.DEFAULT_CERTIFICATE: 1,
}
"""How many numbers follow each kind."""

_LONGEST_NUMBER = 18


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER and text[0] != "0"


# --- words -----------------------------------------------------------------------------------


class Words(NamedTuple):
    """One text in both languages."""

    en: str
    zh: str

    def of(self, language: Language) -> str:
        """The text in one of them."""
        return {"en": self.en, "zh": self.zh}[language]


TITLES: Mapping[NoticeKind, Words] = MappingProxyType(
    {
        NoticeKind.PAYMENT_UNDERTAKING: Words("Payment undertaking", "付款承诺函"),
        NoticeKind.TRANSFER_SLIP: Words("Transfer slip", "流转单"),
        NoticeKind.NOTICE_OF_ASSIGNMENT: Words("Notice of assignment", "债权转让通知"),
        NoticeKind.DISHONOUR_NOTICE: Words("Dishonour notice", "拒付通知"),
        NoticeKind.DEFAULT_CERTIFICATE: Words("Default certificate", "违约证明"),
        NoticeKind.PARTICIPANT_STATEMENT: Words("Statement", "对账单"),
    }
)

BODIES: Mapping[NoticeKind, Words] = MappingProxyType(
    {
        NoticeKind.PAYMENT_UNDERTAKING: Words(
            "{obligor} has undertaken, by its signed order, to pay {face_value} on {maturity_at} "
            "to "
            "whoever then holds the lots of receivable {receivable}, issued to {supplier}.",
            "{obligor} 已通过其签名指令承诺，于 {maturity_at} 向届时持有应收账款 {receivable} 项"
            "下凭证的"
            "各持有人支付 {face_value}。该应收账款开立给 {supplier}。",
        ),
        NoticeKind.TRANSFER_SLIP: Words(
            "{sender} passed lot {lot} of {face_value} to {receiver}. Title passed on "
            "{transferred_at}.",
            "{sender} 已将凭证 {lot}（金额 {face_value}）流转给 {receiver}，权利于 "
            "{transferred_at} 转移。",
        ),
        NoticeKind.NOTICE_OF_ASSIGNMENT: Words(
            "To {obligor}: the claim of lot {lot} against you, {face_value} due on {maturity_at}, "
            "was assigned by {sender} to {receiver} on {transferred_at}. Pay it to {receiver}, "
            "or to "
            "whoever a later notice names, under reference {reference}.",
            "致 {obligor}：{sender} 已于 {transferred_at} 将凭证 {lot} 项下对贵方的债权"
            "（{face_value}，"
            "{maturity_at} 到期）转让给 {receiver}。请向 {receiver} 或后续通知所载明的受让人付款，"
            "付款参考号 {reference}。",
        ),
        NoticeKind.DISHONOUR_NOTICE: Words(
            "{obligor} did not pay receivable {receivable} in full when it was due on "
            "{maturity_at}: "
            "of {face_value}, {unpaid} is unpaid. This notice is for everybody who held a part "
            "of it "
            "or was issued it.",
            "{obligor} 未于到期日 {maturity_at} 足额支付应收账款 {receivable}：{face_value} 中尚"
            "有 {unpaid} "
            "未付。特此通知所有曾持有该应收账款凭证的机构及其原始债权人。",
        ),
        NoticeKind.DEFAULT_CERTIFICATE: Words(
            "{obligor} is in default on receivable {receivable}: {unpaid} of {face_value} was "
            "unpaid "
            "when grace ended on {grace_ends_at}. Late interest for {days_late} days comes to "
            "{late_interest}.",
            "{obligor} 对应收账款 {receivable} 构成违约：宽限期于 {grace_ends_at} 届满时，"
            "{face_value} 中尚有 "
            "{unpaid} 未付。逾期 {days_late} 天，逾期利息为 {late_interest}。",
        ),
        NoticeKind.PARTICIPANT_STATEMENT: Words(
            "Statement of {participant} from {from_at} to {to_at}. Holdings are those of the block "
            "below.",
            "{participant} 对账单，期间为 {from_at} 至 {to_at}。持有情况以下列区块为准。",
        ),
    }
)
"""What a notice says in a sentence; its fields are facts."""

LABELS: Mapping[str, Words] = MappingProxyType(
    {
        "receivable": Words("Receivable", "应收账款"),
        "lot": Words("Lot", "凭证"),
        "obligor": Words("Anchor (obligor)", "核心企业（债务人）"),
        "supplier": Words("Supplier", "供应商"),
        "holder": Words("Holder", "持有人"),
        "sender": Words("Transferor", "转让方"),
        "receiver": Words("Transferee", "受让方"),
        "participant": Words("Organisation", "机构"),
        "counterparty": Words("Counterparty", "对方"),
        "face_value": Words("Face value", "票面金额"),
        "paid": Words("Paid", "已付"),
        "unpaid": Words("Unpaid", "未付"),
        "outstanding": Words("Outstanding", "未付余额"),
        "issued_at": Words("Issued", "开立时间"),
        "maturity_at": Words("Maturity", "到期日"),
        "grace_ends_at": Words("End of grace", "宽限期届满"),
        "transferred_at": Words("Title passed", "权利转移时间"),
        "noted_at": Words("Noted on chain", "链上登记时间"),
        "from_at": Words("From", "起始"),
        "to_at": Words("To", "截止"),
        "at": Words("Time", "时间"),
        "programme": Words("Programme", "项目"),
        "reference": Words("Payment reference", "付款参考号"),
        "order": Words("Signed order", "签名指令"),
        "transaction": Words("Transaction", "交易"),
        "document": Words("Document commitment", "单据承诺值"),
        "with_recourse": Words("Recourse", "追索权"),
        "days_late": Words("Days late", "逾期天数"),
        "late_rate": Words("Late-interest rate", "逾期利率"),
        "late_rate_basis": Words("Rate is for", "利率单位"),
        "late_rate_source": Words("Rate from", "利率依据"),
        "late_interest": Words("Late interest", "逾期利息"),
        "total_due": Words("Unpaid and late interest", "未付本金及逾期利息"),
        "earlier_parties": Words("For the notice of", "受通知人"),
        "unpaid_lots": Words("Unpaid lots", "未付凭证"),
        "holdings": Words("Lots held", "持有凭证"),
        "holdbacks": Words("Holdbacks still to come", "待收尾款"),
        "holdback": Words("Held back for the seller", "转让方尾款"),
        "obligor_interest": Words("Of it borne by the anchor", "其中核心企业承担"),
        "paid_for": Words("For", "款项"),
        "payments_received": Words("Payments received on lots", "凭证收款"),
        "payments_made": Words("Payments made on receivables", "应收账款付款"),
        "fundings": Words("Fundings", "融资放款"),
        "fees": Words("Fees", "费用"),
        "net_proceeds": Words("Net proceeds", "融资净额"),
        "discount": Words("Discount", "贴现利息"),
        "discount_paid": Words("Discount paid", "支付贴现利息"),
        "discount_earned": Words("Discount earned", "贴现利息收入"),
        "role": Words("As", "身份"),
        "fee": Words("Fee", "费用"),
        "tax": Words("Tax on fee", "费用税额"),
        "total": Words("Total", "合计"),
        "fee_for": Words("For", "费用项目"),
    }
)
"""Names of facts, tables and columns."""

TERMS: Mapping[str, Words] = MappingProxyType(
    {
        "agreed": Words("the programme's terms", "项目约定"),
        "statutory": Words("statute (R-17)", "法定（R-17）"),
        "a_year": Words("a year of 365 days", "每年（365 天）"),
        "a_day": Words("a day", "每日"),
        "with_recourse": Words("with recourse", "有追索权"),
        "without_recourse": Words("without recourse", "无追索权"),
        "as_seller": Words("seller", "转让方"),
        "as_funder": Words("funder", "资金方"),
        "lot_payment": Words("payment on a lot", "凭证付款"),
        "holdback": Words("holdback", "尾款"),
        "funding_fee": Words("funding received", "获得融资"),
    }
)
"""Values that are words of ours."""

AS_OF = Words(
    "As of block {number} ({hash}), {at}, of chain {chain_id}.",
    "数据截至链 {chain_id} 的区块 {number}（{hash}），{at}。",
)
NUMBER = Words("Number {number}", "编号 {number}")


def body_of(notice: Notice, language: Language) -> str:
    """What it says, in a sentence or two."""
    facts = {name: shown(value, language) for name, value in notice.facts.items()}
    return BODIES[notice.kind].of(language).format(**facts)


def as_of_text(notice: Notice, language: Language) -> str:
    """At which block it is true."""
    block = notice.as_of
    return AS_OF.of(language).format(
        number=block.block_number,
        hash=block.block_hash,
        at=shown(Instant(block.block_timestamp), language),
        chain_id=notice.chain_id,
    )


def shown(value: Value, language: Language) -> str:
    """A value as people read it."""
    match value:
        case Instant(seconds):
            return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"
        case Percentage(bps):
            return f"{bps // 100}.{bps % 100:02} %"
        case Party(organisation, name):
            return f"{name} ({'no. ' if language == 'en' else '编号 '}{organisation})"
        case str() if value in TERMS:
            return TERMS[value].of(language)
        case _:
            return str(value)


def to_json(notice: Notice) -> dict[str, Any]:
    """A notice for machines: facts as values, words in both languages."""
    block = notice.as_of
    return {
        "number": notice.number,
        "kind": str(notice.kind),
        "title": TITLES[notice.kind]._asdict(),
        "text": {"en": body_of(notice, "en"), "zh": body_of(notice, "zh")},
        "facts": {name: _plain(value) for name, value in notice.facts.items()},
        "tables": {
            name: [dict(zip(table.columns, map(_plain, row), strict=True)) for row in table.rows]
            for name, table in notice.tables.items()
        },
        "as_of": {
            "chain_id": notice.chain_id,
            "block_number": block.block_number,
            "block_hash": block.block_hash,
            "block_timestamp": block.block_timestamp,
        },
    }


def _plain(value: Value) -> Any:
    match value:
        case Money():
            return money_json(value.amount_minor, value.currency)
        case Instant(seconds):
            return seconds
        case Percentage(bps):
            return {"bps": bps}
        case Party(organisation, name):
            return {"organisation": organisation, "name": name}
        case _:
            return value
