"""`python -m chainfin.evidence FILE --trust TRUST.json`: verify evidence, and nothing else.

Exit status 0 if every verdict holds, 1 if one does not, 2 if a file cannot be read.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from chainfin.evidence.checkpoints import Demands
from chainfin.evidence.errors import TrustMalformed
from chainfin.evidence.report import Report
from chainfin.evidence.trust import load_trust
from chainfin.evidence.verify import verify_for

_HOLDS, _REFUSED, _UNREADABLE = 0, 1, 2
_MOST_SHOWN = 20


def main(arguments: list[str] | None = None) -> int:
    """Verify one file; answers the exit status."""
    options = _parser().parse_args(arguments)
    try:
        file = load_trust(options.trust)
        data = options.file.read_bytes()
        certificates = tuple([path.read_bytes() for path in options.authority])
    except (OSError, TrustMalformed) as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return _UNREADABLE
    report = verify_for(data, file, Demands(tuple(options.signer), certificates))
    if options.json:
        sys.stdout.write(json.dumps(report.to_json(), ensure_ascii=False, indent=1) + "\n")
    else:
        sys.stdout.write(_as_text(report))
    return _HOLDS if report.holds else _REFUSED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m chainfin.evidence", description=__doc__)
    parser.add_argument("file", type=Path, help="the evidence")
    parser.add_argument("--trust", type=Path, required=True, help="the auditor's own trust file")
    parser.add_argument("--json", action="store_true", help="the report for programs")
    parser.add_argument(
        "--signer",
        action="append",
        default=[],
        metavar="ADDRESS",
        help="a key that must have signed the trust file",
    )
    parser.add_argument(
        "--authority",
        action="append",
        default=[],
        type=Path,
        metavar="PEM",
        help="certificate of an authority that must have stamped the trust file",
    )
    return parser


def _as_text(report: Report) -> str:
    lines = [
        f"{_mark(verdict.holds, verdict.reason):<12}{verdict.name:<14}{verdict.count:>9}"
        for verdict in report.verdicts
    ]
    statement = report.statement
    if statement is None:
        failures = [verdict for verdict in report.verdicts if verdict.is_failure]
        lines += [f"refused: {verdict.reason}" for verdict in failures]
    else:
        lines += [*_summary(statement), f"{report.facts} facts proven"]
    return "\n".join(lines) + "\n"


def _summary(statement: Mapping[str, Any]) -> Iterator[str]:
    """The statement in a few lines; amounts are minor units."""
    chain, subject = statement["chain"], statement["subject"]
    yield f"{subject['kind']} {subject['id']} at block {chain['block_number']}"
    for receivable in statement["receivables"][:_MOST_SHOWN]:
        currency = receivable["currency"]
        is_opened = receivable["document"]["is_opened"]
        yield (
            f"receivable {receivable['receivable_id']} of organisation {receivable['obligor']} "
            f"was {receivable['status']}: {receivable['paid_minor']} of "
            f"{receivable['face_value_minor']} {currency} paid; its document is "
            + ("the one committed to at issue" if is_opened else "not disclosed")
        )
        for lot in receivable["lots"][:_MOST_SHOWN]:
            yield (
                f"lot {lot['lot_id']} was organisation {lot['holder']}'s: "
                f"{lot['paid_minor']} of {lot['face_value_minor']} {currency} paid"
            )


def _mark(holds: bool, reason: str | None) -> str:  # noqa: FBT001 - a verdict's two values
    if holds:
        return "holds"
    return reason if reason == "not reached" else "FAILS"


if __name__ == "__main__":
    sys.exit(main())
