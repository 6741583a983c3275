"""Everything that is tested and proved of the contracts, with counts at the end.

`python -m scripts.test_contracts` runs in turn: formats; unit trees, scenarios, fuzzing and
invariants at the length of the `ci` profile; gas against its snapshot; artifacts and storage
layouts against a fresh compile; Slither; the proofs. It goes on after a failure and ends with 1.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from scripts.compile_contracts import CONTRACTS, ROOT

FORGE = str(CONTRACTS / "tools" / "forge")
TOTALS = re.compile(r"Ran \d+ test suites? .*: (\d+) tests? passed, (\d+) failed")
FUZZ_RUNS = re.compile(r"\(runs: (\d+), μ:")
INVARIANT_CALLS = re.compile(r"\(runs: \d+, calls: (\d+),")


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to run.

    Attributes:
        name: As the summary says it.
        command: What to run.
        environment: On top of this process's own.
        renewed_by: What brings a stale file up to date, if that may be what is wrong.
    """

    name: str
    command: Sequence[str]
    environment: tuple[tuple[str, str], ...] = ()
    renewed_by: str = ""


STEPS = (
    Step("formats", [FORGE, "fmt", "--check"], renewed_by="make format"),
    Step("formats of proofs", [FORGE, "fmt", "--check", "proof"], renewed_by="make format"),
    Step(
        "tests",
        [FORGE, "test", "--no-match-path", "test/gas/*"],
        (("FOUNDRY_PROFILE", "ci"),),
    ),
    Step(
        "gas snapshot",
        [FORGE, "test", "--match-path", "test/gas/*"],
        (("FORGE_SNAPSHOT_CHECK", "true"),),
        "make generated",
    ),
    Step(
        "artifacts and storage layouts",
        [sys.executable, "-m", "scripts.compile_contracts", "--check"],
        renewed_by="make generated",
    ),
    Step("Slither", [sys.executable, "-m", "scripts.audit_contracts"]),
    Step("proofs", [sys.executable, "-m", "scripts.prove_contracts"]),
)


def main() -> int:
    """Run every step; print what each counted."""
    outcomes = [run(step) for step in STEPS]
    print("\nThe contracts:")
    for step, (is_passed, told) in zip(STEPS, outcomes, strict=True):
        print(f"  {'ok    ' if is_passed else 'FAILED'} {step.name}: {told}")
        if not is_passed and step.renewed_by:
            print(f"         if it is only stale: {step.renewed_by}")
    return 0 if all(is_passed for is_passed, _ in outcomes) else 1


def run(step: Step) -> tuple[bool, str]:
    """Run a step, showing what it prints; answers whether it passed and what it counted."""
    print(f"--- {step.name}", flush=True)
    started = time.monotonic()
    with subprocess.Popen(
        step.command,
        cwd=ROOT,
        env=os.environ | dict(step.environment),
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        lines = []
        for line in process.stdout or ():
            print(line, end="", flush=True)
            lines.append(line)
    seconds = time.monotonic() - started
    return process.returncode == 0, f"{counted(''.join(lines))}{seconds:.0f} s"


def counted(output: str) -> str:
    """The counts in what a step printed; empty where it prints none."""
    told = [line for line in output.splitlines() if line.startswith(("Slither:", "Halmos:"))]
    totals = TOTALS.search(output)
    if totals:
        told.append(f"{totals[1]} tests passed, {totals[2]} failed")
    for pattern, what in ((FUZZ_RUNS, "fuzz runs"), (INVARIANT_CALLS, "invariant calls")):
        numbers = [int(number) for number in pattern.findall(output)]
        if numbers:
            told.append(f"{sum(numbers):,} {what} of {len(numbers)} tests")
    return "".join(f"{entry}; " for entry in told)


if __name__ == "__main__":
    sys.exit(main())
