"""Look at the contracts with Slither: every finding is explained, or it fails.

`python -m scripts.audit_contracts` runs every detector and compares what they find with
contracts/audit/slither.toml: detectors that find nothing of use here, and single findings, each
with its reason. A finding without a reason fails, and so does a reason without a finding.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from scripts.compile_contracts import CONTRACTS, ROOT, standard_input

EXPLANATIONS = CONTRACTS / "audit" / "slither.toml"
PYTHON = ROOT / ".venv" / "audit" / "bin" / "python"
RUNNER = CONTRACTS / "tools" / "run_slither.py"
CODE = ["evm.bytecode.object", "evm.bytecode.sourceMap"]
CODE += ["evm.deployedBytecode.object", "evm.deployedBytecode.sourceMap"]


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """What a detector found, and where.

    Attributes:
        check: The detector.
        where: `Contract.function`, or the name of what is not in a function.
        text: Its own words, on one line.
    """

    check: str
    where: str
    text: str


def main() -> int:
    """Print the counts and what is unexplained; 1 when anything is."""
    answer = run_slither()
    explanations = tomllib.loads(EXPLANATIONS.read_text("utf-8"))
    findings = sorted(map(finding_of, answer["findings"]))
    excluded = set(explanations["excluded"])
    explained = {(entry["check"], entry["where"]) for entry in explanations["explained"]}
    problems = [
        *unexplained(findings, excluded, explained),
        *unfounded(findings, excluded, explained),
    ]
    for problem in problems:
        print(problem, file=sys.stderr)
    print(
        f"Slither: {len(answer['detectors'])} detectors, {len(findings)} findings: "
        f"{sum(f.check in excluded for f in findings)} of {len(excluded)} detectors excluded with "
        f"a reason, {sum((f.check, f.where) in explained for f in findings)} explained one by one, "
        f"{len(problems)} problems"
    )
    return 1 if problems else 0


def run_slither() -> dict[str, Any]:
    """Every finding in the contracts' own sources."""
    request = standard_input()
    request["settings"]["outputSelection"] = {"*": {"": ["ast"], "*": ["abi", *CODE]}}
    done = subprocess.run(
        [PYTHON, RUNNER],
        input=json.dumps(request),
        stdout=subprocess.PIPE,
        cwd=CONTRACTS,
        text=True,
        check=True,
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def finding_of(entry: Mapping[str, Any]) -> Finding:
    """A finding as Slither tells it, by the first thing it names."""
    element = entry["elements"][0]
    parent = element.get("type_specific_fields", {}).get("parent", {})
    if element["type"] in {"node", "variable"} and parent.get("type") == "function":
        element, parent = parent, parent["type_specific_fields"]["parent"]
    names = [parent["name"]] if parent.get("type") == "contract" else []
    return Finding(
        check=entry["check"],
        where=".".join([*names, element["name"]]),
        text=" ".join(entry["description"].split()),
    )


def unexplained(
    findings: Iterable[Finding], excluded: set[str], explained: set[tuple[str, str]]
) -> list[str]:
    """Findings nobody gave a reason for."""
    return [
        f"{finding.check} in {finding.where}: {finding.text}"
        for finding in findings
        if finding.check not in excluded and (finding.check, finding.where) not in explained
    ]


def unfounded(
    findings: Iterable[Finding], excluded: set[str], explained: set[tuple[str, str]]
) -> list[str]:
    """Reasons for what is not found any more."""
    checks = {finding.check for finding in findings}
    places = {(finding.check, finding.where) for finding in findings}
    stale = list(excluded - checks)
    stale += [f"{check} in {where}" for check, where in explained - places]
    return [f"explained, but not found: {entry}" for entry in sorted(stale)]


if __name__ == "__main__":
    sys.exit(main())
