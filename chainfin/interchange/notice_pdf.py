"""Notices as PDF: one plain layout for every kind, in English or Chinese, without a font file.

Latin text is set in Helvetica, everything else in STSong-Light, which every reader of PDF has or
replaces. The same notice gives the same bytes, so that only a signature differs.
"""

import io
import re
from collections.abc import Iterable
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer
from reportlab.platypus import Table as Grid

from chainfin.domain.errors import Language
from chainfin.domain.notices import (
    LABELS,
    NUMBER,
    TITLES,
    Notice,
    Table,
    Value,
    as_of_text,
    body_of,
    shown,
)

_LATIN = "Helvetica"
_CHINESE = "STSong-Light"
_OTHER = re.compile(r"([^\x20-\x7e]+)")
_UNPRINTABLE = re.compile(r"[^\x20-\x7e\xa1-\ud7ff\ue000-\uffff]")
_MARGIN = 20 * mm
_LABEL_WIDTH = 50 * mm
_WIDTH = A4[0] - 2 * _MARGIN

_TEXT = ParagraphStyle("text", fontName=_LATIN, fontSize=9, leading=13, wordWrap="CJK")
_TITLE = ParagraphStyle("title", parent=_TEXT, fontSize=18, leading=24)
_HEADING = ParagraphStyle("heading", parent=_TEXT, fontSize=11, leading=15, spaceBefore=10)
_BODY = ParagraphStyle("body", parent=_TEXT, fontSize=10, leading=15, spaceBefore=8, spaceAfter=8)
_SMALL = ParagraphStyle("small", parent=_TEXT, fontSize=7.5, leading=10, textColor=colors.grey)


def write_notice(notice: Notice, language: Language) -> bytes:
    """The PDF of a notice, not signed."""
    pdfmetrics.registerFont(UnicodeCIDFont(_CHINESE))
    content = io.BytesIO()
    title = TITLES[notice.kind].of(language)
    document = SimpleDocTemplate(
        content,
        pagesize=A4,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=_MARGIN,
        bottomMargin=_MARGIN,
        title=f"{title} {notice.number}",
        author="chainfin",
        lang={"en": "en", "zh": "zh-CN"}[language],
        invariant=1,
    )
    document.build(list(_flow(notice, language, title)))
    return content.getvalue()


def _flow(notice: Notice, language: Language, title: str) -> Iterable[Flowable]:
    yield _paragraph(title, _TITLE)
    yield _paragraph(NUMBER.of(language).format(number=notice.number), _TEXT)
    yield _paragraph(body_of(notice, language), _BODY)
    yield _facts(notice, language)
    for name, table in notice.tables.items():
        yield _paragraph(LABELS[name].of(language), _HEADING)
        yield _grid(table, language)
    yield Spacer(0, 8 * mm)
    yield _paragraph(as_of_text(notice, language), _SMALL)


def _facts(notice: Notice, language: Language) -> Flowable:
    rows = [
        [_paragraph(LABELS[name].of(language), _TEXT), _cell(value, language)]
        for name, value in notice.facts.items()
    ]
    grid = Grid(rows, colWidths=[_LABEL_WIDTH, _WIDTH - _LABEL_WIDTH])
    grid.setStyle([("LINEBELOW", (0, 0), (-1, -1), 0.25, colors.lightgrey), *_TOP])
    return grid


def _grid(table: Table, language: Language) -> Flowable:
    head = [_paragraph(LABELS[name].of(language), _TEXT) for name in table.columns]
    rows = [[_cell(value, language) for value in row] for row in table.rows]
    grid = Grid([head, *rows], colWidths=[_WIDTH / len(head)] * len(head), repeatRows=1)
    grid.setStyle(
        [
            ("BACKGROUND", (0, 0), (-1, 0), colors.whitesmoke),
            ("LINEBELOW", (0, 0), (-1, -1), 0.25, colors.lightgrey),
            *_TOP,
        ]
    )
    return grid


_TOP: list[tuple[Any, ...]] = [("VALIGN", (0, 0), (-1, -1), "TOP")]


def _cell(value: Value, language: Language) -> Flowable:
    return _paragraph(shown(value, language), _TEXT)


def _paragraph(text: str, style: ParagraphStyle) -> Flowable:
    """Text as text: nothing in it is markup, and what no font has is a question mark."""
    printable = _UNPRINTABLE.sub("?", text)
    parts = [
        f'<font name="{_CHINESE}">{escape(part)}</font>' if number % 2 else escape(part)
        for number, part in enumerate(_OTHER.split(printable))
    ]
    return Paragraph("".join(parts), style)
