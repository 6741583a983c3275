"""A verified file as a document for people: PDF, in English or Chinese.

It says nothing of its own: everything stands in the report of a verification, and the document
names the file it was made from by its hash. The verifier does not need this module.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from io import BytesIO
from typing import Any, Literal
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, LongTable, Paragraph, SimpleDocTemplate, Spacer, TableStyle

from chainfin.codec.hashing import NO_HASH
from chainfin.domain.money import Money
from chainfin.evidence.paper_words import WORDS
from chainfin.evidence.report import Report, Verdict
from chainfin.evidence.trust import Trust, ValidatorsRoot

Language = Literal["en", "zh"]

_CHINESE_FONT = "STSong-Light"
_FONTS: Mapping[Language, str] = {"en": "Helvetica", "zh": _CHINESE_FONT}
_WIDTH = A4[0] - 36 * mm
_FOR_EVER = 2**40 - 1
_SHOWN_HASH = 18
_RULE, _HEAD = colors.HexColor("#c8ccd2"), colors.HexColor("#eef1f5")


@dataclass(frozen=True, slots=True)
class Paper:
    """What a document is made of.

    Attributes:
        data: The evidence file.
        report: Its verification.
        trust: What it was verified against.
        language: Of the document.
        names: Organisations' names by number, as whoever prints it knows them; not proven.
    """

    data: bytes
    report: Report
    trust: Trust
    language: Language = "en"
    names: Mapping[int, str] | None = None


def print_paper(paper: Paper) -> bytes:
    """The document, as PDF; the same bytes for the same content."""
    if paper.language == "zh":
        registerFont(UnicodeCIDFont(_CHINESE_FONT))
    output = BytesIO()
    document = SimpleDocTemplate(
        output,
        pagesize=A4,
        leftMargin=18 * mm,
        rightMargin=18 * mm,
        topMargin=16 * mm,
        bottomMargin=18 * mm,
        title=_Writer(paper).word("title"),
        invariant=1,
    )
    writer = _Writer(paper)
    document.build(list(writer.everything()), onFirstPage=writer.number, onLaterPages=writer.number)
    return output.getvalue()


class _Writer:
    """Turns a report into paragraphs and tables of one language."""

    def __init__(self, paper: Paper) -> None:
        self._paper = paper
        font = _FONTS[paper.language]
        style = partial(
            ParagraphStyle, fontName=font, wordWrap="CJK" if paper.language == "zh" else None
        )
        self._body = style("body", fontSize=9, leading=12.5)
        self._cell = style("cell", fontSize=7.5, leading=9.5)
        self._small = style("small", fontSize=7.5, leading=10, textColor=colors.HexColor("#555b64"))
        self._code = ParagraphStyle("code", fontName="Courier", fontSize=6.6, leading=8.4)
        self._title = style("title", fontSize=17, leading=22, spaceAfter=2 * mm)
        self._heading = style(
            "heading", fontSize=12, leading=16, spaceBefore=5 * mm, spaceAfter=2 * mm
        )
        self._font = font

    # --- the parts

    def everything(self) -> Iterator[Flowable]:
        yield Paragraph(self.word("title"), self._title)
        yield from self._opening()
        yield from self._verdicts()
        statement = self._paper.report.statement
        if statement is None:
            return
        yield from self._claims(statement["claims"])
        for receivable in statement["receivables"]:
            yield from self._receivable(receivable)
        yield from self._orders(statement["orders"])
        yield from self._keys(statement["keys"])
        yield from self._again()

    def _opening(self) -> Iterator[Flowable]:
        paper, rows = self._paper, []
        statement = paper.report.statement
        if statement is not None:
            subject, chain = statement["subject"], statement["chain"]
            about = f"{self.word(subject['kind'])} {subject['id']}"
            if subject["kind"] == "participant":
                about = self._name(int(subject["id"]))
            rows += [
                (self.word("subject"), about),
                (self.word("as_of"), self._block(chain["block_number"], chain["timestamp"])),
                (self.word("block_hash"), chain["block_hash"]),
            ]
        rows += [
            (self.word("chain_id"), str(paper.trust.chain_id)),
            (self.word("root"), self._root()),
            (self.word("file"), f"sha256 {sha256(paper.data).hexdigest()} · {len(paper.data):,} B"),
        ]
        yield self._pairs(rows)
        if paper.names:
            yield Paragraph(self.word("names_not_proven"), self._small)

    def _verdicts(self) -> Iterator[Flowable]:
        report = self._paper.report
        yield Paragraph(self.word("holds" if report.holds else "does_not_hold"), self._heading)
        rows = [
            [self.word(verdict.name), self._outcome(verdict), f"{verdict.count:,}"]
            for verdict in report.verdicts
        ]
        yield self._table(["check", "outcome", "count"], rows, [0.56, 0.3, 0.14])

    def _outcome(self, verdict: Verdict) -> str:
        if verdict.holds:
            none = f"{verdict.name}_none"
            return self.word(none if not verdict.count and none in WORDS else "yes")
        return self.word("not_reached") if not verdict.is_failure else str(verdict.reason)

    def _claims(self, claims: Mapping[str, Any]) -> Iterator[Flowable]:
        for name in ("proves", "does_not_prove"):
            yield Paragraph(self.word(name), self._heading)
            for sentence in claims[name]:
                yield Paragraph("• " + escape(sentence[self._paper.language]), self._body)

    def _receivable(self, receivable: Mapping[str, Any]) -> Iterator[Flowable]:
        currency = receivable["currency"]
        money = partial(self._money, currency)
        conservation, document = receivable["conservation"], receivable["document"]
        number = receivable["receivable_id"]
        yield Paragraph(f"{self.word('receivable')} {number}", self._heading)
        yield self._pairs(
            [
                (self.word("obligor"), self._name(receivable["obligor"])),
                (self.word("supplier"), self._name(receivable["supplier"])),
                (self.word("face_value"), money(receivable["face_value_minor"])),
                (self.word("paid"), money(receivable["paid_minor"])),
                (self.word("status"), self.word(receivable["status"])),
                (self.word("maturity_at"), _instant(receivable["maturity_at"])),
                (
                    self.word("conservation"),
                    f"{money(conservation['face_value_minor'])} = "
                    f"{money(conservation['outstanding_in_lots_minor'])} + "
                    f"{money(conservation['paid_to_lots_minor'])}",
                ),
                (
                    self.word("document"),
                    self.word("document_opened" if document["is_opened"] else "document_closed"),
                ),
                (self.word("commitment"), document["commitment"]),
                (self.word("file_sha256"), document["file_sha256"] or "—"),
            ]
        )
        lots = [
            [
                lot["lot_id"],
                self._name(lot["holder"]),
                money(lot["face_value_minor"]),
                money(lot["paid_minor"]),
                self.word("settled" if lot["is_settled"] else f"encumbrance_{lot['encumbrance']}"),
                " ← ".join(lot["lineage"]),
            ]
            for lot in receivable["lots"]
        ]
        heads = ["lot", "holder", "face_value", "paid", "standing", "taken_from"]
        yield Spacer(0, 2 * mm)
        yield self._table(heads, lots, [0.08, 0.2, 0.19, 0.19, 0.14, 0.2])
        facts = [
            [
                str(fact["sequence"]),
                f"{self.word(fact['event'])}<br/>{_instant(fact['at'])}",
                self._details(fact["details"], currency),
                f"{fact['block_number']:,}<br/>{_short(fact['transaction_hash'])}",
                "<br/>".join(map(_short, fact["orders"])) or "—",
            ]
            for fact in receivable["facts"]
        ]
        heads = ["sequence", "fact", "details", "transaction", "orders"]
        yield Spacer(0, 2 * mm)
        yield self._table(heads, facts, [0.05, 0.21, 0.4, 0.17, 0.17])

    def _orders(self, orders: Sequence[Mapping[str, Any]]) -> Iterator[Flowable]:
        yield Paragraph(self.word("orders"), self._heading)
        rows = [
            [
                f"{escape(order['primary_type'])}<br/>{_instant(order['at'])}",
                self._name(order["organisation"]),
                _code(order["order_hash"]),
                "<br/>".join(map(self._signature, order["signatures"])),
            ]
            for order in orders
        ]
        heads = ["order", "organisation", "order_hash", "signatures"]
        yield self._table(heads, rows, [0.2, 0.18, 0.28, 0.34])

    def _signature(self, signature: Mapping[str, Any]) -> str:
        text = f"{self.word(signature['role'])} {_code(signature['key'])}"
        return text if signature["is_recovered"] else f"{text} ({self.word('by_contract')})"

    def _keys(self, keys: Sequence[Mapping[str, Any]]) -> Iterator[Flowable]:
        yield Paragraph(self.word("keys"), self._heading)
        rows = [
            [
                _code(key["key"]),
                self._name(key["organisation"]),
                ", ".join(map(self.word, key["roles"])),
                f"{_instant(key['valid_from'])} / {self._end(key['valid_until'])}",
            ]
            for key in keys
        ]
        heads = ["key", "organisation", "roles", "validity"]
        yield self._table(heads, rows, [0.34, 0.22, 0.16, 0.28])

    def _again(self) -> Iterator[Flowable]:
        yield Paragraph(self.word("again"), self._heading)
        yield Paragraph(self.word("again_how"), self._body)
        yield Paragraph("python -m chainfin.evidence FILE --trust TRUST.json", self._code)

    # --- words and figures

    def word(self, name: str) -> str:
        """A word of the document's language; what has none stays as it is."""
        words = WORDS.get(name)
        return escape(words[self._paper.language] if words else name)

    def _name(self, organisation: int) -> str:
        number = f"{self.word('organisation')} {organisation}"
        known = (self._paper.names or {}).get(organisation)
        return f"{number} · {escape(known)}" if known else number

    def _root(self) -> str:
        root = self._paper.trust.root
        if isinstance(root, ValidatorsRoot):
            listed = ", ".join(root.validators)
            text = self.word("root_validators").format(
                count=len(root.validators), block=f"{root.block_number:,}"
            )
            return f"{text}: {listed}"
        return f"{self.word('root_block')} {root.block_number:,} {root.block_hash}"

    def _block(self, number: int, timestamp: int) -> str:
        return f"{self.word('block')} {number:,} · {_instant(timestamp)}"

    def _end(self, instant: int) -> str:
        return self.word("for_ever") if instant >= _FOR_EVER else _instant(instant)

    def _details(self, details: Mapping[str, Any], currency: str) -> str:
        shown = [
            f"{self.word(name)}: {self._value(name, value, currency)}"
            for name, value in details.items()
            if name != "receivable_id" and value != NO_HASH
        ]
        return "; ".join(shown)

    def _value(self, name: str, value: Any, currency: str) -> str:
        if isinstance(value, list):
            return " | ".join(self._details(each, currency) for each in value)
        if isinstance(value, bool):
            return self.word("yes" if value else "no")
        write = _VALUES.get(name)
        if write is not None:
            return write(self, value, currency)
        text = str(value)
        return _short(text) if text.startswith("0x") else self.word(text)

    def amount(self, value: Any, currency: str) -> str:
        """Money."""
        return self._money(currency, value)

    def party(self, value: Any, _: str) -> str:
        """An organisation."""
        return self._name(int(value))

    def time(self, value: Any, _: str) -> str:
        """An instant."""
        return _instant(int(value))

    def _money(self, currency: str, amount_minor: Any) -> str:
        return escape(str(Money(int(amount_minor), currency)))

    # --- tables

    def _pairs(self, rows: Sequence[tuple[str, str]]) -> Flowable:
        cells = [
            [Paragraph(label, self._cell), Paragraph(text, self._cell)] for label, text in rows
        ]
        return self._grid(cells, [0.24, 0.76], has_head=False)

    def _table(
        self, heads: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float]
    ) -> Flowable:
        written = [[self.word(head) for head in heads], *rows]
        cells = [[Paragraph(text, self._cell) for text in row] for row in written]
        return self._grid(cells, widths, has_head=True)

    def _grid(
        self, cells: list[list[Paragraph]], widths: Sequence[float], *, has_head: bool
    ) -> Flowable:
        table = LongTable(cells, [share * _WIDTH for share in widths], repeatRows=int(has_head))
        rules: list[tuple[Any, ...]] = [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LINEBELOW", (0, 0), (-1, -1), 0.4, _RULE),
            ("TOPPADDING", (0, 0), (-1, -1), 1.5),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
        ]
        if has_head:
            rules.append(("BACKGROUND", (0, 0), (-1, 0), _HEAD))
        table.setStyle(TableStyle(rules))
        return table

    def number(self, canvas: Canvas, document: Any) -> None:
        """The foot of a page."""
        canvas.setFont(self._font, 7)
        canvas.drawString(18 * mm, 10 * mm, f"sha256 {sha256(self._paper.data).hexdigest()}")
        canvas.drawRightString(A4[0] - 18 * mm, 10 * mm, str(document.page))


def _instant(instant: int) -> str:
    return f"{datetime.fromtimestamp(instant, UTC):%Y-%m-%d %H:%M:%S} UTC"


def _code(text: str) -> str:
    return f"<font face='Courier' size='6'>{escape(text)}</font>"


def _short(text: str) -> str:
    return text[:_SHOWN_HASH] + "…" if len(text) > _SHOWN_HASH + 4 else escape(text)


_Write = Callable[[_Writer, Any, str], str]

_AMOUNTS = (
    "amount document_amount face_value holdback net_proceeds obligor_interest paid part_face_value "
    "remaining_face_value"
)
_PARTIES = "obligor supplier holder from to funder payer payee organisation seller"
_TIMES = "maturity_at grace_ends_at expires_at"

_VALUES: Mapping[str, _Write] = {
    **dict.fromkeys(_AMOUNTS.split(), _Writer.amount),
    **dict.fromkeys(_PARTIES.split(), _Writer.party),
    **dict.fromkeys(_TIMES.split(), _Writer.time),
}
"""How members of facts are written that are neither text nor hashes."""
