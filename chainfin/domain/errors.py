"""Every rule that can be broken, as a class named after the rule.

A refusal says three things, in English and in Chinese: which rule, what was found, what to do
next. The names are those of the contracts' custom errors, so that a refusal reads the same in
Solidity, in Python and in the problem type of an HTTP answer (`LotEncumbered`, `lot-encumbered`).

A class is its rule (the docstring), its fields (in the order of the Solidity arguments), and two
pairs of sentences `(message, remedy)` over those fields. Fields ending in `_at` are UTC seconds
and are shown as an instant; byte strings are shown as 0x-prefixed hexadecimal.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Literal, Self, dataclass_transform

Language = Literal["en", "zh"]

_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass_transform(frozen_default=True)
class ChainfinError(Exception):
    """A broken rule; each subclass is one rule.

    A subclass becomes a data class: its annotated names are its fields and, in that order, its
    constructor's arguments (positional or by name). Fields cannot be changed afterwards.

    Attributes:
        rule: The rule as a sentence, or its id in docs/requirements.md; the first line of the
            class's docstring unless the class says otherwise.
        code: Name in kebab-case, the last part of the problem type: `lot-encumbered`.
        en: English `(message, remedy)`, templates over the fields; also apart, as `message_en`
            and `remedy_en`.
        zh: The same in Chinese; also as `message_zh` and `remedy_zh`.
    """

    rule: ClassVar[str] = ""
    code: ClassVar[str]
    field_names: ClassVar[tuple[str, ...]]
    en: ClassVar[tuple[str, str]]
    zh: ClassVar[tuple[str, str]]
    message_en: ClassVar[str]
    message_zh: ClassVar[str]
    remedy_en: ClassVar[str]
    remedy_zh: ClassVar[str]

    def __init_subclass__(cls) -> None:
        """Make the class a data class; derive code, rule and templates from its declaration."""
        # `frozen=True` would also forbid `__traceback__` and notes, which contextlib sets.
        dataclass(eq=False, repr=False)(cls)
        cls.field_names = tuple(cls.__dict__["__dataclass_fields__"])
        cls.code = _WORD_START.sub("-", cls.__name__).lower()
        cls.rule = cls.__dict__.get("rule") or (cls.__doc__ or "").partition("\n")[0]
        cls.message_en, cls.remedy_en = cls.en
        cls.message_zh, cls.remedy_zh = cls.zh

    def __post_init__(self) -> None:
        """Give `Exception` the fields too: they show in tracebacks."""
        super().__init__(*self.fields.values())

    def __setattr__(self, name: str, value: object) -> None:
        """Refuse to change a field once it has its value."""
        if name in self.field_names and name in self.__dict__:
            raise AttributeError(f"{type(self).__name__}.{name} is fixed")
        super().__setattr__(name, value)

    def __reduce__(self) -> tuple[type[Self], tuple[object, ...]]:
        """Copy and pickle by the constructor's arguments."""
        return type(self), self.args

    @property
    def fields(self) -> dict[str, object]:
        """The offending values by name, in the order of the Solidity arguments."""
        return {name: getattr(self, name) for name in self.field_names}

    def message(self, language: Language = "en") -> str:
        """What was found, with the values filled in."""
        return self._filled({"en": self.message_en, "zh": self.message_zh}[language])

    def remedy(self, language: Language = "en") -> str:
        """What to do next, with the values filled in."""
        return self._filled({"en": self.remedy_en, "zh": self.remedy_zh}[language])

    def detail(self, language: Language = "en") -> str:
        """Message and remedy as one text."""
        space = {"en": " ", "zh": ""}[language]
        return self.message(language) + space + self.remedy(language)

    def __str__(self) -> str:
        """The English detail."""
        return self.detail()

    def _filled(self, template: str) -> str:
        return template.format(**{name: _shown(name, value) for name, value in self.fields.items()})


def _shown(name: str, value: object) -> str:
    """A field's value as a reader expects it."""
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if name.endswith("_at") and isinstance(value, int):
        return _instant(value)
    return str(value)


def _instant(seconds: int) -> str:
    """UTC seconds as an instant; a number that no calendar reaches stays a number."""
    try:
        return f"{_EPOCH + timedelta(seconds=seconds):%Y-%m-%d %H:%M:%S} UTC"
    except OverflowError:
        return str(seconds)


def catalogue() -> dict[str, type[ChainfinError]]:
    """Every broken rule of this module by class name, which is also the Solidity error's name."""
    known = ChainfinError.__subclasses__()
    return {error.__name__: error for error in known if error.__module__ == __name__}


# --- money -----------------------------------------------------------------------------------


class AmountTooLarge(ChainfinError):
    """An amount is at most 2^63 - 1 minor units."""

    amount: int
    limit: int
    en = ("{amount} minor units exceed the limit of {limit}.", "Divide the amount.")
    zh = ("{amount} 个最小货币单位超过上限 {limit}。", "请拆分金额。")


class WrongDecimal(ChainfinError):
    """An amount is exact decimal text of its currency."""

    text: str
    currency: str
    decimals: int
    en = (
        "“{text}” is not an exact {currency} amount.",
        "Write digits, then at most {decimals} decimals after a point: no grouping, no exponent.",
    )
    zh = (
        "“{text}”不是精确的 {currency} 金额。",
        "请只写数字，小数点后最多 {decimals} 位，不用千位分隔符和科学计数法。",
    )


class CurrencyMissing(ChainfinError):
    """An amount names its currency."""

    en = (
        "The amount has no currency.",
        "Name it in the mapping: [columns] currency or [constants] currency.",
    )
    zh = ("金额没有币种。", "请在映射文件中指定：[columns] currency 或 [constants] currency。")


class CurrencyUnknown(ChainfinError):
    """A currency is an active ISO 4217 code."""

    currency: str
    en = ("“{currency}” is not a known currency.", "Use the three-letter ISO 4217 code.")
    zh = ("未知币种“{currency}”。", "请使用 ISO 4217 三字母代码。")


class CurrencyMismatch(ChainfinError):
    """Only amounts of one currency are added, subtracted or compared."""

    expected: str
    found: str
    en = ("{expected} was expected and {found} was found.", "Convert one side first.")
    zh = ("应为 {expected}，实际为 {found}。", "请先换算成同一币种。")


# --- time and price --------------------------------------------------------------------------


class DatesOutOfOrder(ChainfinError):
    """A period does not end before it starts."""

    start_date: str
    end_date: str
    en = ("The period ends on {end_date}, before its start {start_date}.", "Correct the dates.")
    zh = ("期间于 {end_date} 结束，早于开始日 {start_date}。", "请更正日期。")


class CalendarUnknown(ChainfinError):
    """A working-day calendar is one of those published here."""

    calendar: str
    known: str
    en = ("There is no calendar “{calendar}”.", "Use one of: {known}.")
    zh = ("没有名为“{calendar}”的日历。", "可用日历：{known}。")


class CalendarNotPublished(ChainfinError):
    """A day is looked up only within the years its calendar covers."""

    calendar: str
    day: str
    en = ("Calendar {calendar} does not reach {day}.", "Choose an earlier date or extend it.")
    zh = ("日历 {calendar} 不包含 {day}。", "请选择更早的日期或扩展日历。")


class TimeZoneUnknown(ChainfinError):
    """A time zone is a name of the IANA database."""

    zone: str
    en = ("There is no time zone “{zone}”.", "Use an IANA name such as Asia/Shanghai.")
    zh = ("没有时区“{zone}”。", "请使用 IANA 名称，例如 Asia/Shanghai。")


class MaturityInThePast(ChainfinError):
    """A receivable falls due after it is issued."""

    maturity_at: int
    now_at: int
    en = ("It falls due at {maturity_at}; now is {now_at}.", "Choose a later maturity.")
    zh = ("到期时间为 {maturity_at}，当前时间为 {now_at}。", "请选择更晚的到期日。")


class TenorTooShort(ChainfinError):
    """A tenor has at least the minimum number of days."""

    tenor_days: int
    minimum_days: int
    en = ("The tenor is {tenor_days} days; at least {minimum_days} are needed.", "Extend it.")
    zh = ("期限为 {tenor_days} 天，至少需要 {minimum_days} 天。", "请延长期限。")


class TenorTooLong(ChainfinError):
    """A tenor stays within the limit in force on the day of issue."""

    tenor_days: int
    limit_days: int
    en = ("The tenor is {tenor_days} days; the limit is {limit_days}.", "Shorten it.")
    zh = ("期限为 {tenor_days} 天，上限为 {limit_days} 天。", "请缩短期限。")


class TenorReasonRequired(ChainfinError):
    """A long tenor needs a written reason."""

    tenor_days: int
    limit_days: int
    en = (
        "The tenor is {tenor_days} days; above {limit_days} days a reason is required.",
        "State the reason or shorten the tenor.",
    )
    zh = ("期限为 {tenor_days} 天，超过 {limit_days} 天须说明理由。", "请说明理由或缩短期限。")


class DiscountExceedsFace(ChainfinError):
    """A discount is less than the face value."""

    discount_minor: int
    face_minor: int
    en = (
        "A discount of {discount_minor} leaves nothing of a face value of {face_minor}.",
        "Lower the rate or the number of days.",
    )
    zh = ("贴现利息 {discount_minor} 不小于票面金额 {face_minor}。", "请降低利率或缩短天数。")


class ProceedsNotPositive(ChainfinError):
    """Something is paid out: price less fees is above zero."""

    net_proceeds_minor: int
    en = ("The net proceeds are {net_proceeds_minor} minor units.", "Lower the price or the fees.")
    zh = ("实付金额为 {net_proceeds_minor} 个最小货币单位。", "请降低价格或费用。")


# --- files -----------------------------------------------------------------------------------


class FileTooLarge(ChainfinError):
    """A file is at most as large as the operator allows."""

    size_bytes: int
    limit_bytes: int
    en = (
        "The file has {size_bytes} bytes; {limit_bytes} are allowed.",
        "Send it in parts, or ask the operator for a higher limit.",
    )
    zh = (
        "文件大小为 {size_bytes} 字节，上限为 {limit_bytes} 字节。",
        "请分批发送，或请运营方提高上限。",
    )


class XmlMalformed(ChainfinError):
    """An XML file is well formed, in the encoding it declares."""

    reason: str
    en = ("The XML cannot be read: {reason}.", "Export the file again from its source.")
    zh = ("无法读取 XML：{reason}。", "请从来源系统重新导出该文件。")


class XmlDeclaresTypes(ChainfinError):
    """An XML file from outside declares no document type, and so no entities."""

    en = (
        "The XML has a document type declaration.",
        "Export it without one: no trade format needs it.",
    )
    zh = ("XML 含有文档类型声明。", "请导出不含该声明的文件，各贸易格式均不需要它。")


class XmlTooDeep(ChainfinError):
    """The elements of an XML file lie inside one another only so deep."""

    limit: int
    en = ("The XML is more than {limit} elements deep.", "No trade format is: check its source.")
    zh = ("XML 嵌套超过 {limit} 层。", "贸易格式不会如此，请核查文件来源。")


# --- documents -------------------------------------------------------------------------------


class DocumentNumberEmpty(ChainfinError):
    """A document number has at least one letter or digit."""

    text: str
    en = ("“{text}” has no letter or digit.", "Give the number as printed, or leave it out.")
    zh = ("“{text}”不含字母或数字。", "请按原件填写编号，或留空。")


class DocumentTypeUnknown(ChainfinError):
    """A trade document is of a known type."""

    document_type: str
    known: str
    en = ("There is no document type “{document_type}”.", "Use one of: {known}.")
    zh = ("没有单据类型“{document_type}”。", "可用类型：{known}。")


class InvoiceMalformed(ChainfinError):
    """An invoice file has the documented shape."""

    reason: str
    en = ("The invoice cannot be read: {reason}.", "Compare it with docs/documents.md.")
    zh = ("无法读取发票：{reason}。", "请对照 docs/documents.md。")


class TotalsDoNotAddUp(ChainfinError):
    """An invoice's figures equal what its lines add up to."""

    place: str
    stated: str
    computed: str
    en = (
        "{place} says {stated}; recomputed it is {computed}.",
        "Ask the seller for a corrected invoice.",
    )
    zh = ("{place} 写明 {stated}，重新计算为 {computed}。", "请让卖方更正发票。")


class InvoiceDuplicated(ChainfinError):
    """A file has each invoice number of a seller once."""

    number: str
    first: int
    second: int
    en = (
        "Invoice number “{number}” stands in line {first} and again in line {second}.",
        "Leave one of them out, or correct its number.",
    )
    zh = ("发票号码“{number}”在第 {first} 行和第 {second} 行重复。", "请删除其一或更正号码。")


class FileNotRecognised(ChainfinError):
    """A trade document is in a format that is read here."""

    reason: str
    en = (
        "The file is no trade document that can be read here: {reason}.",
        "Use UBL, CII, a PDF with such an XML inside, OFD, or the JSON of docs/documents.md.",
    )
    zh = (
        "无法识别该单据文件：{reason}。",
        "请使用 UBL、CII、内嵌该类 XML 的 PDF、OFD，或 docs/documents.md 所述 JSON。",
    )


class FileUnsafe(ChainfinError):
    """A file stays within the limits on size, depth and content that protect its reader."""

    reason: str
    en = (
        "The file is not read: {reason}.",
        "Ask the sender for a plain one, or let the operator raise the limit.",
    )
    zh = ("出于安全原因未读取该文件：{reason}。", "请让发送方提供普通文件，或由运营方调整限制。")


class DocumentFieldMissing(ChainfinError):
    """A trade document has every field that its reading needs."""

    field: str
    en = ("It has no {field}.", "Ask the sender for a complete document.")
    zh = ("缺少字段 {field}。", "请让发送方补全单据。")


class DocumentFieldMalformed(ChainfinError):
    """A field of a trade document is of its kind."""

    field: str
    text: str
    expected: str
    en = ("{field} is “{text}”; expected is {expected}.", "Ask the sender to correct it.")
    zh = ("字段 {field} 的值为“{text}”，应为{expected}。", "请让发送方更正。")


class IdentifierMalformed(ChainfinError):
    """An identifier of an organisation has the length and check digits of its register."""

    scheme: str
    identifier: str
    en = (
        "“{identifier}” is no valid {scheme} number.",
        "It is not used to find the organisation; ask the sender to correct it.",
    )
    zh = ("“{identifier}”不是有效的 {scheme} 号码。", "该号码不用于识别机构，请让发送方更正。")


class BusinessRuleFailed(ChainfinError):
    """An invoice keeps the business rules of its standard."""

    rule_id: str
    text: str
    en = ("Rule {rule_id} is broken: “{text}”.", "Ask the seller for a corrected invoice.")
    zh = ("违反规则 {rule_id}：“{text}”。", "请让卖方更正发票。")


class RulesUnusable(ChainfinError):
    """The business rules an operator configures are compiled Schematron."""

    file: str
    reason: str
    en = (
        "The business rules in {file} cannot be used: {reason}.",
        "Point CHAINFIN_BUSINESS_RULES to the folder of the published XSLT files.",
    )
    zh = (
        "无法使用业务规则文件 {file}：{reason}。",
        "请将 CHAINFIN_BUSINESS_RULES 指向已发布 XSLT 文件的目录。",
    )


# --- documents and financing -----------------------------------------------------------------


class CreditNoteRefused(ChainfinError):
    """A credit note is not financed: by it the seller owes, not the buyer."""

    number: str
    en = ("{number} is a credit note.", "Deduct it from the invoice it corrects.")
    zh = ("{number} 为红字发票（贷项通知）。", "请从其更正的发票中扣除。")


class AmountNotPositive(ChainfinError):
    """What is financed is owed: the amount payable is above zero."""

    amount: str
    en = ("The amount payable is {amount}.", "Nothing is owed on this invoice; leave it out.")
    zh = ("应付金额为 {amount}。", "该发票没有应付款，请勿提交。")


class PayeeNotSeller(ChainfinError):
    """An invoice that somebody else than its seller is to be paid for is assigned already."""

    payee: str
    seller: str
    en = (
        "It is payable to {payee}, not to its seller {seller}: assigned to a factor already.",
        "Only whoever holds the claim can have it financed.",
    )
    zh = (
        "收款方为 {payee}，而非卖方 {seller}：该债权已转让给保理商。",
        "只有债权持有人才能申请融资。",
    )


class InvoiceOverdue(ChainfinError):
    """An invoice is financed before it falls due."""

    due_date: str
    today: str
    en = ("It fell due on {due_date}; today is {today}.", "Collect it instead.")
    zh = ("已于 {due_date} 到期，今天是 {today}。", "请直接催收。")


class DueDateMissing(ChainfinError):
    """A receivable falls due on a day somebody named."""

    terms: str
    en = (
        "The invoice names no due date; its terms say “{terms}”.",
        "Name the due date or the tenor with the order.",
    )
    zh = ("发票未写明到期日，付款条件为“{terms}”。", "请在指令中指定到期日或期限。")


# --- statements and payments -----------------------------------------------------------------


class StatementMalformed(ChainfinError):
    """A bank's statement is camt.053 or camt.054, and what it says is possible."""

    place: str
    reason: str
    en = (
        "The statement cannot be read at {place}: {reason}.",
        "Nothing was imported; ask the bank for a corrected file.",
    )
    zh = ("无法读取对账单，位置 {place}：{reason}。", "未导入任何内容，请向银行索取更正后的文件。")


class PaymentMalformed(ChainfinError):
    """A payment instruction holds what a payment message can carry unchanged."""

    field: str
    reason: str
    en = ("The payment cannot be instructed, {field}: {reason}.", "Correct it and ask again.")
    zh = ("无法生成付款指令，{field}：{reason}。", "请更正后重试。")


class FeesMalformed(ChainfinError):
    """A schedule of fees has dated rows of basis points."""

    reason: str
    en = ("The schedule of fees cannot be used: {reason}.", "Compare it with docs/runbook.md.")
    zh = ("费用表不可用：{reason}。", "请对照 docs/runbook.md。")


class OrderMismatch(ChainfinError):
    """Invoice and delivery notes name the order they are on."""

    document: str
    named: str
    expected: str
    en = (
        "{document} names the order “{named}”; the order at hand is {expected}.",
        "Hand in the documents that belong together.",
    )
    zh = ("{document} 所列订单为“{named}”，而所附订单为 {expected}。", "请提交相互对应的单据。")


class PartyMismatch(ChainfinError):
    """Order, delivery and invoice are between the same parties, in one currency."""

    role: str
    found: str
    expected: str
    en = (
        "The {role} is “{found}”; on the invoice it is “{expected}”.",
        "Hand in the documents that belong together.",
    )
    zh = ("{role} 为“{found}”，发票上为“{expected}”。", "请提交相互对应的单据。")


class GoodsDocumentMalformed(ChainfinError):
    """A warehouse receipt in JSON has just the members that docs/interchange.md shows."""

    reason: str
    en = (
        "The warehouse receipt cannot be read: {reason}.",
        "Compare the file with docs/interchange.md and correct it.",
    )
    zh = ("无法读取仓单：{reason}。", "请对照 docs/interchange.md 更正文件。")


class QuantityExceeded(ChainfinError):
    """Nothing is billed that did not come, nor came that was not ordered."""

    goods: str
    doing: str
    quantity: str
    against: str
    available: str
    en = (
        "Of “{goods}”, {quantity} are {doing}; {available} are {against}.",
        "Add the missing delivery note or receipt, or have the invoice corrected.",
    )
    zh = (
        "“{goods}”：{doing} 数量为 {quantity}，{against} 数量为 {available}。",
        "请补充缺少的送货单或仓单，或更正发票。",
    )


class ValueExceeded(ChainfinError):
    """An invoice bills at most what its order allows."""

    billed: str
    ordered: str
    en = ("{billed} are billed before tax; the order is for {ordered}.", "Have one corrected.")
    zh = ("发票不含税金额为 {billed}，订单金额为 {ordered}。", "请更正其一。")


# --- ledgers ---------------------------------------------------------------------------------


class MappingMalformed(ChainfinError):
    """A mapping names columns and constants that make sense together."""

    reason: str
    en = ("The mapping cannot be used: {reason}.", "Compare it with examples/ledger/mapping.toml.")
    zh = ("映射文件不可用：{reason}。", "请对照 examples/ledger/mapping.toml。")


class UnknownColumn(ChainfinError):
    """A mapped column exists in the file."""

    column: str
    purpose: str
    available: str
    en = (
        "The file has no column “{column}” for {purpose}; it has {available}.",
        "Name one of these columns in the mapping under [columns] {purpose}.",
    )
    zh = (
        "文件中没有用于 {purpose} 的列“{column}”；现有列：{available}。",
        "请在映射文件 [columns] {purpose} 中填写其中一列。",
    )


class LedgerMalformed(ChainfinError):
    """A ledger is text with one header line of distinct names."""

    reason: str
    en = ("The ledger cannot be read: {reason}.", "Export it again as CSV in the mapped encoding.")
    zh = ("无法读取台账：{reason}。", "请按映射的编码重新导出 CSV。")


class RowMalformed(ChainfinError):
    """A row has as many cells as the header."""

    expected: int
    found: int
    en = ("The row has {found} cells instead of {expected}.", "Correct the row in the source.")
    zh = ("该行有 {found} 个单元格，应为 {expected} 个。", "请在来源系统更正该行。")


class RowUnreadable(ChainfinError):
    """A row is well-formed CSV."""

    reason: str
    en = ("The row is not well-formed CSV: {reason}.", "Check its quotes, and the lines after it.")
    zh = ("该行不是规范的 CSV：{reason}。", "请检查引号及其后各行。")


class CellEmpty(ChainfinError):
    """A required cell has a value."""

    column: str
    en = ("“{column}” is empty or has no letter or digit.", "Fill it in the source.")
    zh = ("“{column}”为空或不含字母和数字。", "请在来源系统补填。")


class DateMalformed(ChainfinError):
    """A date is written in the mapped format."""

    text: str
    date_format: str
    en = ("“{text}” is not a date of the form {date_format}.", "Correct it, or date_format.")
    zh = ("“{text}”不是 {date_format} 格式的日期。", "请更正该日期或 date_format。")


class CreditNoteRow(ChainfinError):
    """A receivable is a positive amount: credit notes and empty payments are not issued."""

    amount: str
    en = ("{amount} is not above zero: a credit note?", "Deduct it from the invoice it corrects.")
    zh = ("{amount} 不大于零：可能是红字发票。", "请从其更正的发票中扣除。")


class SummaryRow(ChainfinError):
    """A line that adds up other lines is not itself a receivable."""

    text: str
    en = ("“{text}” adds up other rows; it is no invoice.", "Nothing to do: it is left out.")
    zh = ("“{text}”是合计行，不是发票。", "无需处理，已略过。")
