"""Everything that is tested and proved of the contracts, with counts at the end.

`python -m scripts.test_contracts` runs: formats; unit trees, scenarios, fuzzing and invariants at
the length of the `ci` profile; gas against its snapshot; artifacts and storage layouts against a
fresh compile; Slither; the proofs. It goes on after a failure and ends with 1.

Two lanes run side by side, each with folders of its own: the longest walk of the invariants and
the solver of the proofs keep one core each.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
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


FORGE_LANE = (
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
)
OTHER_LANE = (
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
    lanes = (FORGE_LANE, OTHER_LANE)
    with ThreadPoolExecutor(len(lanes)) as pool:
        outcomes = [each for lane in pool.map(run_lane, lanes) for each in lane]
    print("\nThe contracts:")
    for step, (is_passed, told) in zip((*FORGE_LANE, *OTHER_LANE), outcomes, strict=True):
        print(f"  {'ok    ' if is_passed else 'FAILED'} {step.name}: {told}")
        if not is_passed and step.renewed_by:
            print(f"         if it is only stale: {step.renewed_by}")
    return 0 if all(is_passed for is_passed, _ in outcomes) else 1


def run_lane(steps: Sequence[Step]) -> list[tuple[bool, str]]:
    """Run steps one after another."""
    return [run(step) for step in steps]


def run(step: Step) -> tuple[bool, str]:
    """Run a step, then show what it printed; answers whether it passed and what it counted."""
    print(f"--- {step.name}: started", flush=True)
    started = time.monotonic()
    done = subprocess.run(
        step.command,
        cwd=ROOT,
        env=os.environ | dict(step.environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    seconds = time.monotonic() - started
    # In one piece: another step may be telling its own.
    print(f"--- {step.name}\n{done.stdout}", flush=True)
    return done.returncode == 0, f"{counted(done.stdout)}{seconds:.0f} s"


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
