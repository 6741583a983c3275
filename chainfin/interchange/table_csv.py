"""Tables as CSV that a spreadsheet opens as data and never as a formula.

A cell that begins with a sign a spreadsheet takes for a formula gets an apostrophe before it: names
and numbers of documents come from strangers. Numbers stay as they are, the negative ones too.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence

# The last four are the full-width forms, which spreadsheets of East Asia take for the same.
_FORMULA = re.compile(r"[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")


def write_csv(columns: Sequence[str], rows: Iterable[Sequence[str | int]]) -> str:
    """A header and rows, with the line ends of RFC 4180.

    Args:
        columns: Names of ours.
        rows: A cell for each column.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([safe_cell(str(cell)) for cell in row])
    return text.getvalue()


def safe_cell(text: str) -> str:
    """The text as a cell that is no formula."""
    if _FORMULA.match(text.lstrip(" ")) and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text
