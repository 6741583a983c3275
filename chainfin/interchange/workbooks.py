"""Workbooks (XLSX) as tables of text, exact and within limits.

A cell's text is what its value is, not how it is shown: a number is the shortest decimal that is
the stored number (spreadsheets keep 15 digits), a day is written in the mapping's date format,
a formula is its last result.
"""

import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any, TypeAlias

from openpyxl import load_workbook

from chainfin.domain.errors import FileUnsafe, LedgerMalformed, RowUnreadable
from chainfin.interchange.limits import Limits

TableRow: TypeAlias = tuple[int, list[str] | RowUnreadable]
"""A row's place in its file, and its cells, or why it cannot be read."""


def sheet_rows(
    content: bytes, sheet: str | None, date_format: str, limits: Limits
) -> Iterator[TableRow]:
    """The rows of a sheet, as wide as the header, read as the answer is consumed.

    Raises:
        LedgerMalformed: no workbook, or no such sheet.
        FileTooLarge, FileUnsafe: it costs more than the limits allow.
    """
    limits.require_size(len(content))
    _require_safe(content, limits)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    except Exception as error:  # noqa: BLE001 - openpyxl fails on broken files in any way there is
        raise LedgerMalformed(f"it is no readable workbook ({type(error).__name__})") from None
    if sheet is not None and sheet not in book.sheetnames:
        names = ", ".join(book.sheetnames)
        raise LedgerMalformed(f"the workbook has no sheet “{sheet}”; it has {names}")
    chosen = book[sheet] if sheet is not None else book.worksheets[0]
    return _rows(chosen, date_format)


def _rows(sheet: Any, date_format: str) -> Iterator[TableRow]:
    width: int | None = None
    try:
        for line, values in enumerate(sheet.iter_rows(values_only=True), start=1):
            cells = [_text(value, date_format) for value in values]
            width = len(_trimmed(cells)) if width is None else width
            yield line, _fitted(cells, width)
    except Exception as error:  # noqa: BLE001 - as above, while the rows are read
        reason = f"the workbook is broken ({type(error).__name__})"
        raise LedgerMalformed(reason) from None


def _text(value: object, date_format: str) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        # A cell of a day is a moment at midnight; a moment within a day is no due date.
        return value.strftime(date_format) if value.time() == time() else value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.strftime(date_format)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 10**15 else repr(value)
    return str(value)


def _trimmed(cells: list[str]) -> list[str]:
    """Without the empty cells at the end: sheets are as wide as their widest row."""
    while cells and not cells[-1]:
        cells = cells[:-1]
    return cells


def _fitted(cells: list[str], width: int) -> list[str]:
    """As wide as the header, unless there is something beyond it."""
    trimmed = _trimmed(cells)
    return [*trimmed, *[""] * (width - len(trimmed))]


def _require_safe(content: bytes, limits: Limits) -> None:
    """Refuse what unpacks to too much, and XML that could hold entities."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            # What an entry states is the most that is ever unpacked of it.
            size = sum(entry.file_size for entry in entries)
            is_small = len(entries) <= limits.archive_files and size <= limits.archive_bytes
            is_plain = is_small and all(_is_plain(archive.read(entry)) for entry in entries)
    except Exception as error:  # noqa: BLE001 - broken zips fail in zipfile, zlib, lzma, struct
        raise LedgerMalformed(f"it is no readable workbook ({type(error).__name__})") from None
    if not is_small:
        raise FileUnsafe("the workbook unpacks to more than the limits allow")
    if not is_plain:
        raise FileUnsafe("the workbook's XML declares a document type")


def _is_plain(content: bytes) -> bool:
    """Whether an entry holds no document type, and no encoding in which one would hide."""
    hides = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    return not hides and not any(word in content for word in (b"<!DOCTYPE", b"<!ENTITY"))
