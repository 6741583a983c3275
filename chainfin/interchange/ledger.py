"""A buyer's ledger of approved invoices: CSV or XLSX, read row by row with a mapping.

The mapping is a TOML file that says which column means what and what is the same for every row;
examples/ledger/mapping.toml explains each key. Nothing is guessed: a mapped column that is not
there stops the reading before the first row, and a row that cannot be read exactly is reported
with its line and left out.

    mapping = parse_mapping(mapping_text)
    for entry in read_ledger(stream, mapping):
        match entry:
            case LedgerRow(): ...      # one approved invoice
            case RefusedRow(): ...     # its line and why
"""

import csv
import re
import time
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from datetime import time as time_of_day
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from chainfin.domain.calendar import cut_off_at
from chainfin.domain.documents import ROW_TYPE_KEY, canonical_number, canonical_row
from chainfin.domain.errors import (
    CellEmpty,
    ChainfinError,
    CreditNoteRow,
    CurrencyMissing,
    DateMalformed,
    InvoiceDuplicated,
    LedgerMalformed,
    MappingMalformed,
    RowMalformed,
    RowUnreadable,
    SummaryRow,
    UnknownColumn,
    WrongDecimal,
)
from chainfin.domain.money import Money, exponent_of
from chainfin.domain.names import normalise_name
from chainfin.interchange.calendars import working_days
from chainfin.interchange.containers import ZIP_MARK
from chainfin.interchange.limits import DEFAULT_LIMITS, Limits
from chainfin.interchange.workbooks import TableRow, sheet_rows

_SAMPLE_DATE = date(2023, 11, 27)
"""A day whose year, month and day cannot be taken for one another."""


# --- the mapping -----------------------------------------------------------------------------


class MappedColumns(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Names of the file's columns by what they mean; the file's own spelling, exactly."""

    amount: str
    beneficiary: str
    invoice_number: str | None = None
    invoice_date: str | None = None
    due_date: str | None = None
    currency: str | None = None
    programme: str | None = None
    payment_date: str | None = None


class MappingConstants(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What holds for every row whose own cell does not say otherwise."""

    currency: str | None = None
    programme: str | None = None
    tenor_days: Annotated[int, msgspec.Meta(ge=1, le=3650)] | None = None
    calendar: str | None = None
    zone: str | None = None
    cut_off: time_of_day | None = None


class LedgerMapping(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How to read one kind of ledger.

    Attributes:
        columns: Columns by meaning.
        constants: Values for every row.
        date_format: `strptime` format of every date.
        decimal: Decimal sign of amounts.
        thousands: Grouping sign of amounts; empty if there is none.
        delimiter: Sign between cells.
        encoding: Character set; UTF-8 with or without byte order mark unless named.
        summary_rows: Beneficiaries that mark a line as a sum of others ("Grand Total"): such
            lines are reported and left out.
        sheet: The sheet of a workbook; its first one unless named.
    """

    columns: MappedColumns
    constants: MappingConstants = MappingConstants()
    date_format: str = "%Y-%m-%d"
    decimal: Literal[".", ","] = "."
    thousands: Literal["", ",", ".", " ", "'", "\u00a0", "\u202f"] = ""
    delimiter: Literal[",", ";", "\t", "|"] = ","
    encoding: str = "utf-8-sig"
    summary_rows: tuple[str, ...] = ()
    sheet: str | None = None


def parse_mapping(text: str) -> LedgerMapping:
    """Read a mapping file and check that it makes sense, before any ledger is opened.

    Raises:
        MappingMalformed: not TOML, an unknown or missing key, or keys that contradict each other.
        CurrencyMissing: neither a column nor a constant gives the currency.
        CurrencyUnknown: the constant currency is no ISO 4217 code.
        CalendarUnknown: no such calendar.
        TimeZoneUnknown: no such zone.
    """
    try:
        mapping = msgspec.convert(tomllib.loads(text), LedgerMapping)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise MappingMalformed(str(error)) from None
    _check_form(mapping)
    _check_constants(mapping)
    return mapping


def _check_form(mapping: LedgerMapping) -> None:
    if mapping.thousands == mapping.decimal:
        raise MappingMalformed("decimal and thousands are the same sign")
    try:
        "".encode(mapping.encoding)
    except LookupError:
        raise MappingMalformed(f"there is no encoding “{mapping.encoding}”") from None
    try:
        sample = _parse_date(_SAMPLE_DATE.strftime(mapping.date_format), mapping.date_format)
    except DateMalformed:
        sample = None
    if sample != _SAMPLE_DATE:
        reason = f"date_format “{mapping.date_format}” does not give year, month and day"
        raise MappingMalformed(reason)


def _check_constants(mapping: LedgerMapping) -> None:
    constants = mapping.constants
    if constants.currency is not None:
        exponent_of(constants.currency)
    elif mapping.columns.currency is None:
        raise CurrencyMissing
    if constants.tenor_days is None and mapping.columns.due_date is None:
        raise MappingMalformed("neither [columns] due_date nor [constants] tenor_days is given")
    if constants.calendar is not None:
        working_days(constants.calendar)
    if constants.zone is not None:
        cut_off_at(_SAMPLE_DATE, constants.zone, constants.cut_off or time_of_day())


# --- the rows --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One approved invoice of the ledger.

    Attributes:
        line: Line of the file on which the row starts; the header is on line 1.
        beneficiary: Who is owed, as written but for surrounding space.
        beneficiary_key: `normalise_name` of it.
        face: What is owed, above zero.
        facts: Every cell by column name, exact text.
        invoice_number: As written, or None.
        invoice_date: Date of the invoice, or None.
        payment_date: Date of payment, or None.
        tenor_days: Days from issue to maturity; None if the row has its own due date.
        maturity_date: The row's due date, or None. Exactly one of this and `tenor_days` is set.
        programme: Programme it is issued under, or None.
        canonical: Canonical bytes of the row as a document.
        ordinal: Number of identical rows before it in the file.
    """

    line: int
    beneficiary: str
    beneficiary_key: str
    face: Money
    facts: dict[str, str] = field(repr=False)
    invoice_number: str | None
    invoice_date: date | None
    payment_date: date | None
    tenor_days: int | None
    maturity_date: date | None
    programme: str | None
    canonical: bytes = field(repr=False)
    ordinal: int


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that is left out: the line it starts on, and the broken rule."""

    line: int
    error: ChainfinError


LedgerEntry = LedgerRow | RefusedRow


def read_ledger(lines: Iterable[str], mapping: LedgerMapping) -> Iterator[LedgerEntry]:
    """Read a ledger in CSV row by row; memory grows by a digest and a number a row.

    The header is read and checked at once, the rows as the answer is consumed. Rows that are
    empty throughout are skipped.

    Args:
        lines: The text, such as a file opened with `newline=""`.
        mapping: How to read it.

    Raises:
        LedgerMalformed: no header, or two columns of one name; later, while iterating: bytes that
            the encoding does not have.
        UnknownColumn: a mapped column is not in the file.
    """
    return _read_table(_csv_rows(lines, mapping), mapping)


def read_workbook(
    content: bytes, mapping: LedgerMapping, limits: Limits = DEFAULT_LIMITS
) -> Iterator[LedgerEntry]:
    """Read a ledger in XLSX: the sheet the mapping names, or the first one.

    Raises:
        LedgerMalformed, UnknownColumn: as `read_ledger`; no workbook, or no such sheet.
        FileUnsafe: it unpacks to more than the limits allow, or declares document types.
    """
    return _read_table(sheet_rows(content, mapping.sheet, mapping.date_format, limits), mapping)


def read_ledger_file(
    path: Path, mapping: LedgerMapping, limits: Limits = DEFAULT_LIMITS
) -> Iterator[LedgerEntry]:
    """Read a ledger from a file, CSV in the mapping's encoding or XLSX, told apart by content.

    The file is opened, and its header checked, when the first entry is asked for.
    """
    with path.open("rb") as file:
        is_workbook = file.read(len(ZIP_MARK)) == ZIP_MARK
    if is_workbook:
        yield from read_workbook(path.read_bytes(), mapping, limits)
        return
    with path.open(encoding=mapping.encoding, newline="") as file:
        yield from read_ledger(file, mapping)


def _csv_rows(lines: Iterable[str], mapping: LedgerMapping) -> Iterator[TableRow]:
    """The rows of a CSV with the line each starts on."""
    text_lines = _TextLines(lines)
    reader = csv.reader(text_lines, delimiter=mapping.delimiter, strict=True)
    while True:
        line = text_lines.taken + 1
        try:
            yield line, next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield line, RowUnreadable(str(error))


class _TextLines:
    """The file's lines without byte order mark; counts those taken so far."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self.taken = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        try:
            line = next(self._lines)
        except UnicodeError as error:
            raise LedgerMalformed(f"it is not in the mapped encoding ({error})") from None
        self.taken += 1
        return line.removeprefix("\ufeff") if self.taken == 1 else line


def _read_table(rows: Iterator[TableRow], mapping: LedgerMapping) -> Iterator[LedgerEntry]:
    """Entries of a table whose first row is its header, which is checked at once."""
    _, names = next(rows, (1, []))
    if isinstance(names, RowUnreadable):
        raise LedgerMalformed(f"its header is not well-formed CSV: {names.reason}")
    return _read_rows(rows, _RowReader(_check_header(names, mapping), mapping))


def _check_header(names: list[str], mapping: LedgerMapping) -> list[str]:
    if not any(names):
        raise LedgerMalformed("it does not begin with a header")
    repeated = {name for name in names if names.count(name) > 1} | {ROW_TYPE_KEY} & set(names)
    if repeated:
        listed = ", ".join(f"“{name}”" for name in sorted(repeated))
        raise LedgerMalformed(f"columns repeated or reserved in the header: {listed}")
    for purpose, column in msgspec.structs.asdict(mapping.columns).items():
        if column is not None and column not in names:
            available = ", ".join(f"“{name}”" for name in names)
            raise UnknownColumn(column, purpose, available)
    return names


def _read_rows(rows: Iterator[TableRow], reader: "_RowReader") -> Iterator[LedgerEntry]:
    for line, cells in rows:
        if isinstance(cells, RowUnreadable):
            yield RefusedRow(line, cells)
        elif any(cell.strip() for cell in cells):
            yield reader.read(line, cells)


class _RowReader:
    """Turns cells into entries; remembers which rows it has seen."""

    def __init__(self, names: list[str], mapping: LedgerMapping) -> None:
        self._names = names
        self._mapping = mapping
        self._amount = _amount_pattern(mapping)
        self._summaries = frozenset(normalise_name(text) for text in mapping.summary_rows)
        self._seen: dict[bytes, int] = {}
        self._numbers: dict[tuple[str, str], int] = {}

    def read(self, line: int, cells: list[str]) -> LedgerEntry:
        try:
            return self._row(line, cells)
        except ChainfinError as error:
            return RefusedRow(line, error)

    def _row(self, line: int, cells: list[str]) -> LedgerRow:
        if len(cells) != len(self._names):
            raise RowMalformed(len(self._names), len(cells))
        facts = dict(zip(self._names, cells, strict=True))
        columns, constants = self._mapping.columns, self._mapping.constants
        beneficiary, beneficiary_key = self._beneficiary(facts)
        face = self._face(facts)
        maturity_date = self._date(facts, columns.due_date)
        if maturity_date is None and constants.tenor_days is None:
            raise CellEmpty(columns.due_date or "due_date")
        canonical = canonical_row(facts)
        return LedgerRow(
            line=line,
            beneficiary=beneficiary,
            beneficiary_key=beneficiary_key,
            face=face,
            facts=facts,
            invoice_number=self._invoice_number(line, beneficiary_key, facts),
            invoice_date=self._date(facts, columns.invoice_date),
            payment_date=self._date(facts, columns.payment_date),
            tenor_days=constants.tenor_days if maturity_date is None else None,
            maturity_date=maturity_date,
            programme=_cell(facts, columns.programme) or constants.programme,
            canonical=canonical,
            ordinal=self._ordinal(canonical),
        )

    def _beneficiary(self, facts: dict[str, str]) -> tuple[str, str]:
        text = _cell(facts, self._mapping.columns.beneficiary)
        key = normalise_name(text)
        if not key:
            raise CellEmpty(self._mapping.columns.beneficiary)
        if key in self._summaries:
            raise SummaryRow(text)
        return text, key

    def _face(self, facts: dict[str, str]) -> Money:
        columns = self._mapping.columns
        currency = _cell(facts, columns.currency) or self._mapping.constants.currency
        if currency is None:
            raise CurrencyMissing
        text = _cell(facts, columns.amount)
        match = self._amount.fullmatch(text)
        if match is None:
            raise WrongDecimal(text[:60], currency, exponent_of(currency))
        sign, whole, fraction = match.groups(default="")
        digits = re.sub("[^0-9]", "", whole)
        face = Money.parse(f"{sign}{digits}{fraction.replace(',', '.')}", currency)
        if face.amount_minor <= 0:
            raise CreditNoteRow(str(face))
        return face

    def _invoice_number(self, line: int, beneficiary_key: str, facts: dict[str, str]) -> str | None:
        text = _cell(facts, self._mapping.columns.invoice_number)
        if not text:
            return None
        first = self._numbers.setdefault((beneficiary_key, canonical_number(text)), line)
        if first != line:
            raise InvoiceDuplicated(text, first, line)
        return text

    def _date(self, facts: dict[str, str], column: str | None) -> date | None:
        text = _cell(facts, column)
        return _parse_date(text, self._mapping.date_format) if text else None

    def _ordinal(self, canonical: bytes) -> int:
        digest = sha256(canonical).digest()
        ordinal = self._seen.get(digest, 0)
        self._seen[digest] = ordinal + 1
        return ordinal


def _cell(facts: dict[str, str], column: str | None) -> str:
    """A mapped cell without surrounding space; empty if the column is not mapped."""
    return "" if column is None else facts[column].strip()


def _amount_pattern(mapping: LedgerMapping) -> re.Pattern[str]:
    """Sign, whole part and fraction of an amount; grouped by three or not at all."""
    grouped = f"[0-9]{{1,3}}(?:{re.escape(mapping.thousands)}[0-9]{{3}})+|" * bool(
        mapping.thousands
    )
    return re.compile(f"(-?)({grouped}[0-9]+)({re.escape(mapping.decimal)}[0-9]+)?")


def _parse_date(text: str, date_format: str) -> date:
    try:
        return date(*time.strptime(text, date_format)[:3])
    except ValueError:
        raise DateMalformed(text[:60], date_format) from None
