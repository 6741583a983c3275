"""Lineage recomputed slowly from raw logs, to compare with what the index tells."""

import json

from sqlmodel import Session

from chainfin.codec.events import EventDecoder
from chainfin.domain.events import LotFinanced, LotSplit, ReceivableIssued
from chainfin.domain.receivable import ROOT_SEQUENCE, LotId
from chainfin.models.lineage import ancestors_json, descendants_json
from tests.rows import stored_logs

Tree = dict[int, int]
"""Of the lots of a receivable, each one's parent; 0 above the first."""


def parents_told(session: Session, decoder: EventDecoder) -> dict[int, Tree]:
    """The parents of all lots by receivable, one event after the other."""
    parents: dict[int, Tree] = {}
    for log in stored_logs(session):
        match decoder.decode(log):
            case ReceivableIssued(receivable_id=number):
                parents[number] = {ROOT_SEQUENCE: 0}
            case LotSplit(receivable_id=number, parent_sequence=parent, parts=parts):
                parents[number] |= {part.lot_sequence: parent for part in parts}
            case LotFinanced(receivable_id=number, parent_sequence=parent, lot_sequence=child):
                if child != parent:
                    parents[number][child] = parent
    return parents


def require_lineage(session: Session, number: int, tree: Tree) -> None:
    """Ancestors and descendants of every lot of a receivable are what its events told."""
    lines = {sequence: _line_of(tree, sequence) for sequence in tree}
    for sequence, line in lines.items():
        lot = LotId(number, sequence)
        below = [other for other, above in lines.items() if sequence in above]
        assert _numbers(ancestors_json(session, lot)) == line
        assert _numbers(descendants_json(session, lot)) == below


def _numbers(lots: bytes) -> list[int]:
    return [lot[0] for lot in json.loads(lots)]


def _line_of(tree: Tree, sequence: int) -> list[int]:
    return [*_line_of(tree, tree[sequence]), sequence] if sequence else []
