"""`python -m chainfin.evidence FILE --trust TRUST.json`: verify evidence, and nothing else.

Exit status 0 if every verdict holds, 1 if one does not, 2 if a file cannot be read.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from chainfin.evidence.errors import TrustMalformed
from chainfin.evidence.report import Report
from chainfin.evidence.trust import load_trust
from chainfin.evidence.verify import verify

_HOLDS, _REFUSED, _UNREADABLE = 0, 1, 2


def main(arguments: list[str] | None = None) -> int:
    """Verify one file; answers the exit status."""
    parser = argparse.ArgumentParser(prog="python -m chainfin.evidence", description=__doc__)
    parser.add_argument("file", type=Path, help="the evidence")
    parser.add_argument("--trust", type=Path, required=True, help="the auditor's own trust file")
    parser.add_argument("--json", action="store_true", help="the report for programs")
    options = parser.parse_args(arguments)
    try:
        trust = load_trust(options.trust)
        data = options.file.read_bytes()
    except (OSError, TrustMalformed) as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return _UNREADABLE
    report = verify(data, trust)
    if options.json:
        sys.stdout.write(json.dumps(report.to_json(), ensure_ascii=False, indent=1) + "\n")
    else:
        sys.stdout.write(_as_text(report))
    return _HOLDS if report.holds else _REFUSED


def _as_text(report: Report) -> str:
    lines = [
        f"{_mark(verdict.holds, verdict.reason):<12}{verdict.name:<14}{verdict.facts:>9}"
        for verdict in report.verdicts
    ]
    failure, statement = report.failure, report.statement
    if failure is not None or statement is None:
        lines.append(f"refused: {failure.reason if failure else 'nothing is stated'}")
    else:
        lines += [*_summary(statement), f"{report.facts} facts proven"]
    return "\n".join(lines) + "\n"


def _summary(statement: Mapping[str, Any]) -> Iterator[str]:
    """The statement in three lines; amounts are minor units."""
    receivable, lot, as_of = statement["receivable"], statement["lot"], statement["as_of"]
    currency = receivable["currency"]
    yield (
        f"at block {as_of['block_number']} receivable {receivable['receivable_id']} of "
        f"organisation {receivable['obligor']} was {receivable['status']}: "
        f"{receivable['paid_minor']} of {receivable['face_value_minor']} {currency} paid"
    )
    yield (
        f"lot {lot['lot_id']} was organisation {lot['holder']}'s: "
        f"{lot['paid_minor']} of {lot['face_value_minor']} {currency} paid"
    )
    opened = statement["document"]["is_opened"]
    yield "its document is " + ("the one committed to at issue" if opened else "not disclosed")


def _mark(holds: bool, reason: str | None) -> str:  # noqa: FBT001 - a verdict's two values
    if holds:
        return "holds"
    return reason if reason == "not reached" else "FAILS"


if __name__ == "__main__":
    sys.exit(main())
