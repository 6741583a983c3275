"""`python -m chainfin.evidence FILE --trust TRUST.json`: verify evidence, and nothing else.

Exit status 0 if every verdict holds, 1 if one does not, 2 if a file cannot be read.
"""

import argparse
import json
import sys
from pathlib import Path

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
    failure = report.failure
    if failure is not None:
        lines.append(f"refused: {failure.reason}")
    else:
        lines.append(f"{report.facts} facts proven")
    return "\n".join(lines) + "\n"


def _mark(holds: bool, reason: str | None) -> str:  # noqa: FBT001 - a verdict's two values
    if holds:
        return "holds"
    return reason if reason == "not reached" else "FAILS"


if __name__ == "__main__":
    sys.exit(main())
