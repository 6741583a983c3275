"""Prove laws of the contracts for every argument, with Halmos; and that the proofs can fail.

`python -m scripts.prove_contracts` proves every `check_` function of contracts/proof. Then it
breaks a copy of the contracts, once a law, and the law's proof must find it: a proof that cannot
fail proves nothing.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.compile_contracts import CONTRACTS, ROOT

HALMOS = ROOT / ".venv" / "audit" / "bin" / "halmos"
COPIED = ("foundry.toml", "remappings.txt", "package.json", "src", "proof", "tools", "cache")
SOLVER_THREADS = 2
SECONDS = 600


@dataclass(frozen=True, slots=True)
class Break:
    """A wrong change that a proof has to find.

    Attributes:
        law: What it breaks.
        proof: The function that must fail.
        unit: The source.
        before: Its text, which occurs once.
        after: What stands there instead.
    """

    law: str
    proof: str
    unit: str
    before: str
    after: str


BREAKS = (
    Break(
        law="CONSERVATION",
        proof="check_ConservationOfAnOfferedSplit",
        unit="src/ReceivableLedger.sol",
        before="division.parent.withFaceValue(available - faceValue)",
        after="division.parent.withFaceValue(available)",
    ),
    Break(
        law="ROUNDING",
        proof="check_RoundingOfHalves",
        unit="src/ReceivableLedger.sol",
        before="* poolPaid / poolFace)",
        after="* poolPaid / poolFace + 1)",
    ),
    Break(
        law="EARMARK",
        proof="check_AnAttestedLotLeavesTheOtherItsShare",
        unit="src/ReceivableLedger.sol",
        before="(face, paid) = (face - attested, paid - attested);",
        after="(face, paid) = (face - 0 * attested, paid);",
    ),
    Break(
        law="ONCE",
        proof="check_OnceANonceIsUsed",
        unit="src/ParticipantRegistry.sol",
        before="_usedNonces[nonce >> 8] = bits | bit;",
        after="_usedNonces[nonce >> 8] = bits;",
    ),
)


def main() -> int:
    """Print the counts; 1 when a proof fails, or one does not although its law is broken."""
    outcome = prove(CONTRACTS, "check_")
    failed = sorted(name for name, is_proved in outcome.items() if not is_proved)
    for name in failed:
        print(f"not proved: {name}", file=sys.stderr)
    blind = [broken.law for broken in BREAKS if not is_found(broken)]
    for law in blind:
        print(f"the proof of {law} holds although the law is broken", file=sys.stderr)
    print(
        f"Halmos: {len(outcome)} proofs, {len(failed)} failed; "
        f"{len(BREAKS) - len(blind)} of {len(BREAKS)} broken laws found"
    )
    return 1 if failed or blind or not outcome else 0


def is_found(broken: Break) -> bool:
    """Whether the proof fails on a copy with the law broken."""
    with tempfile.TemporaryDirectory(prefix="chainfin-proofs-") as folder:
        contracts = Path(folder) / "contracts"
        contracts.mkdir()
        for name in COPIED:
            copy = shutil.copytree if (CONTRACTS / name).is_dir() else shutil.copy2
            copy(CONTRACTS / name, contracts / name)
        shutil.copytree(CONTRACTS / "node_modules", contracts / "node_modules", symlinks=True)
        source = contracts / broken.unit
        text = source.read_text("utf-8")
        if text.count(broken.before) != 1:
            raise SystemExit(f"{broken.unit} has not once: {broken.before}")
        source.write_text(text.replace(broken.before, broken.after), "utf-8")
        outcome = prove(contracts, broken.proof)
    return len(outcome) == 1 and not any(outcome.values())


def prove(contracts: Path, prefix: str) -> dict[str, bool]:
    """Run the proofs whose names begin so; answers which hold."""
    with tempfile.TemporaryDirectory(prefix="chainfin-halmos-") as folder:
        # Halmos starts the forge on the PATH. The other tools there are not meant to be found.
        (Path(folder) / "forge").symlink_to(contracts / "tools" / "forge")
        environment = os.environ | {
            "FOUNDRY_PROFILE": "proof",
            "PATH": f"{folder}:{os.environ['PATH']}",
        }
        answer = Path(folder) / "answer.json"
        code = run(
            [
                str(HALMOS),
                *("--root", str(contracts), "--forge-build-out", "cache/proof/out"),
                *("--function", prefix, "--json-output", str(answer), "--no-status"),
                *("--solver-threads", str(SOLVER_THREADS)),
            ],
            environment,
        )
        if not answer.exists():
            raise SystemExit(f"halmos ended with {code} and gave no answer")
        return proofs_in(json.loads(answer.read_text("utf-8")))


def run(command: Sequence[str], environment: dict[str, str]) -> int:
    """Run halmos, which prints to standard error; answers its exit code."""
    with subprocess.Popen(
        command, env=environment, stdout=sys.stderr, start_new_session=True
    ) as process:
        try:
            return process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            # Its solvers are children of its own.
            os.killpg(process.pid, 9)
            raise SystemExit(f"halmos is not done after {SECONDS} seconds") from None


def proofs_in(answer: dict[str, Any]) -> dict[str, bool]:
    """Which proofs hold, in Halmos's answer."""
    return {
        entry["name"].partition("(")[0]: entry["exitcode"] == 0
        for entries in answer["test_results"].values()
        for entry in entries
    }


if __name__ == "__main__":
    sys.exit(main())
