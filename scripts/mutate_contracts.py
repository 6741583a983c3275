"""Change the contracts in small wrong ways and see whether the tests notice.

`python -m scripts.mutate_contracts` judges a seeded sample of 150 mutants of the ledger and the
settlement; `--all` judges every one, file names choose other sources. It prints JSON and ends with
1 when fewer than 95 % of the mutants are killed. docs/contract-tests.md explains how to read it.

A mutant costs one compile of the contracts it is in, not of the tests: the tests deploy from the
artifacts, so the mutant's bytecode is put into a copy's artifact and forge finds nothing to
compile. The unit and scenario tests judge first, the invariants only what these let live. The gas
ceilings do not judge: a change that costs gas and nothing else is no wrong.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import solcx
from solcx.exceptions import SolcError

from scripts.compile_contracts import (
    CONTRACTS,
    ROOT,
    Json,
    compiler_settings,
    deployable_contracts,
    nodes,
    standard_input,
)
from scripts.mutants import Mutant, Source, enums_of, mutants_of

TARGETS = ("src/ReceivableLedger.sol", "src/Settlement.sol")
EQUIVALENTS = CONTRACTS / "test" / "mutation" / "equivalents.json"
SAMPLE, SEED, LEAST_PERCENT, JOBS = 150, 1, 95, 2
COPIED = ("foundry.toml", "remappings.txt", "package.json", "src", "test", "tools", "out", "cache")
FORGE_SECONDS = 300
STAGES: Sequence[tuple[Sequence[str], Mapping[str, str]]] = (
    (["--match-path", "test/unit/**"], {"FOUNDRY_FUZZ_RUNS": "8"}),
    (["--no-match-path", "test/{gas,invariant}/**"], {}),
    (["--match-path", "test/invariant/**"], {}),
)
"""What forge runs, one after the other while a mutant lives: quick first."""
FAILED_TEST = re.compile(r"\[FAIL[^\n]*\] (\w+)\(|^\[FAIL[:.\]]([^\n]*)", re.MULTILINE)


class Fate(StrEnum):
    """What became of a mutant."""

    KILLED = "killed"
    SURVIVED = "survived"
    EXPLAINED = "explained"
    """It survived, and the list of equivalents says why no test can tell it."""
    IDENTICAL = "identical"
    """The compiler makes the same bytecode of it: no mutant."""
    STILLBORN = "stillborn"
    """It does not compile: no mutant."""


COUNTED = (Fate.KILLED, Fate.SURVIVED, Fate.EXPLAINED)


@dataclass(frozen=True, slots=True)
class Verdict:
    """A mutant's fate, and what told it."""

    mutant: Mutant
    fate: Fate
    by: str = ""

    def to_json(self) -> Json:
        """For the report."""
        return {**asdict(self.mutant), "fate": self.fate, "by": self.by}


def main() -> int:
    """Judge mutants of the contracts by their tests; print a report as JSON."""
    options = read_options()
    output = compiled_for_trial(standard_input())
    asts = {source["ast"]["absolutePath"]: source["ast"] for source in output["sources"].values()}
    originals = {
        unit: {name: output["contracts"][unit][name]["evm"]["bytecode"]["object"]}
        for unit, name in deployable_contracts(list(asts.values()))
        if unit.startswith("src/")
    }
    enums = enums_of(list(asts.values()))
    every = [
        mutant
        for unit in options.units
        for mutant in mutants_of(unit, asts[unit], Source((CONTRACTS / unit).read_bytes(), enums))
    ]
    if options.list:
        print(json.dumps([asdict(mutant) for mutant in every], indent=1))
        return 0
    random.Random(options.seed).shuffle(every)  # noqa: S311 - a sample that can be repeated
    wanted = len(every) if options.all else options.sample
    subprocess.run([CONTRACTS / "tools" / "forge", "build", "--quiet"], check=True)
    with tempfile.TemporaryDirectory(prefix="chainfin-mutants-") as folder:
        benches = [
            Bench.copied_to(Path(folder) / str(number), asts, originals)
            for number in range(options.jobs)
        ]
        for bench in benches:
            bench.begin()
        verdicts = list(judged(every, wanted, benches))
    report = summary(verdicts, options.seed, len(every))
    print(json.dumps(report, indent=1, ensure_ascii=False))
    return 0 if report["killed_percent"] >= LEAST_PERCENT else 1


def read_options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("units", nargs="*", default=TARGETS, help="sources, relative to contracts/")
    parser.add_argument("--sample", type=int, default=SAMPLE, help=f"mutants to judge ({SAMPLE})")
    parser.add_argument("--seed", type=int, default=SEED, help=f"of the sample ({SEED})")
    parser.add_argument("--all", action="store_true", help="judge every mutant")
    parser.add_argument("--jobs", type=int, default=JOBS, help=f"at the same time ({JOBS})")
    parser.add_argument("--list", action="store_true", help="print the mutants, judge none")
    return parser.parse_args()


# --- Judging ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bench:
    """A copy of the contracts with their tests, where mutants are tried one at a time.

    Attributes:
        contracts: The copy's contracts/.
        users: Source to the contracts compiled from it, as (source, name).
        originals: Source to name to bytecode, without 0x.
    """

    contracts: Path
    users: Mapping[str, Sequence[tuple[str, str]]]
    originals: Mapping[str, Mapping[str, str]]

    @classmethod
    def copied_to(
        cls, folder: Path, asts: Mapping[str, Json], originals: Mapping[str, Mapping[str, str]]
    ) -> Bench:
        """Copy what forge needs to run the tests without compiling."""
        contracts = folder / "contracts"
        contracts.mkdir(parents=True)
        for name in COPIED:
            source = CONTRACTS / name
            copy = shutil.copytree if source.is_dir() else shutil.copy2
            copy(source, contracts / name)
        shutil.copytree(CONTRACTS / "node_modules", contracts / "node_modules", symlinks=True)
        shutil.copytree(ROOT / "tests" / "vectors", folder / "tests" / "vectors")
        users: dict[str, list[tuple[str, str]]] = {}
        for unit, names in originals.items():
            for source_unit in imported_by(unit, asts):
                users.setdefault(source_unit, []).extend((unit, name) for name in names)
        return cls(contracts, users, originals)

    def begin(self) -> None:
        """Put the unchanged contracts in place; they must pass, or a mutant would prove nothing."""
        for unit, names in self.originals.items():
            for name, code in names.items():
                self._place((unit, name), code)
        for stage in STAGES:
            failed = self._failing_test(*stage)
            if failed:
                raise SystemExit(f"{failed} fails without any mutant")

    def judge(self, mutant: Mutant, known: Mapping[str, str]) -> Verdict:
        """Compile a mutant and let the tests find it."""
        source = (self.contracts / mutant.unit).read_bytes()
        try:
            compiled = self._compile(mutant.unit, mutant.applied_to(source).decode())
        except SolcError:
            return Verdict(mutant, Fate.STILLBORN)
        changed = {
            key: code for key, code in compiled.items() if self.originals[key[0]][key[1]] != code
        }
        if not changed:
            return Verdict(mutant, Fate.IDENTICAL)
        try:
            for key, code in changed.items():
                self._place(key, code)
            for stage in STAGES:
                failed = self._failing_test(*stage)
                if failed:
                    return Verdict(mutant, Fate.KILLED, failed)
        finally:
            for key in changed:
                self._place(key, self.originals[key[0]][key[1]])
        reason = known.get(name_of(mutant))
        if reason is not None:
            return Verdict(mutant, Fate.EXPLAINED, reason)
        return Verdict(mutant, Fate.SURVIVED)

    def _compile(self, unit: str, text: str) -> dict[tuple[str, str], str]:
        wanted = self.users[unit]
        settings = compiler_settings([])
        settings["outputSelection"] = {
            user: {name: ["evm.bytecode.object"]} for user, name in wanted
        }
        sources = {user: (self.contracts / user).read_text("utf-8") for user, _ in wanted}
        sources[unit] = text
        request: Json = {"language": "Solidity", "settings": settings}
        request["sources"] = {name: {"content": content} for name, content in sources.items()}
        output = compiled_for_trial(request, self.contracts)
        return {
            (user, name): output["contracts"][user][name]["evm"]["bytecode"]["object"]
            for user, name in wanted
        }

    def _place(self, key: tuple[str, str], code: str) -> None:
        unit, name = key
        path = self.contracts / "out" / Path(unit).name / f"{name}.json"
        artifact = json.loads(path.read_text("utf-8"))
        artifact["bytecode"]["object"] = "0x" + code
        path.write_text(json.dumps(artifact), "utf-8")

    def _failing_test(self, tests: Sequence[str], environment: Mapping[str, str]) -> str:
        """The first test that fails; empty when all pass."""
        forge = str(self.contracts / "tools" / "forge")
        try:
            done = subprocess.run(
                [forge, "test", "--fail-fast", *tests],
                env=os.environ | dict(environment),
                capture_output=True,
                text=True,
                timeout=FORGE_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return f"more than {FORGE_SECONDS} seconds"
        if "Compiling" in done.stdout:
            raise SystemExit("forge compiles again: a mutant's bytecode would be lost")
        if done.returncode == 0:
            return ""
        found = FAILED_TEST.search(done.stdout)
        if found is None:
            raise SystemExit(f"forge failed without a failing test:\n{done.stdout}{done.stderr}")
        return (found[1] or found[2]).strip()


def compiled_for_trial(request: Json, contracts: Path = CONTRACTS) -> Json:
    """Compile as the artifacts are compiled.

    Raises:
        SolcError: It does not compile.
    """
    output: Json = solcx.compile_standard(
        request, base_path=contracts, solc_binary=contracts / "tools" / "solc"
    )
    return output


def judged(mutants: Sequence[Mutant], wanted: int, benches: Sequence[Bench]) -> Iterator[Verdict]:
    """Judge mutants in order until as many count as are wanted."""
    known = known_equivalents()
    free: queue.SimpleQueue[Bench] = queue.SimpleQueue()
    for bench in benches:
        free.put(bench)

    def judge(mutant: Mutant) -> Verdict:
        bench = free.get()
        try:
            return bench.judge(mutant, known)
        finally:
            free.put(bench)

    counted = 0
    rest = iter(mutants)
    with ThreadPoolExecutor(len(benches)) as pool:
        while counted < wanted:
            some = [next(rest, None) for _ in range(min(wanted - counted, 4 * len(benches)))]
            judging = [mutant for mutant in some if mutant is not None]
            if not judging:
                return
            for verdict in pool.map(judge, judging):
                counted += verdict.fate in COUNTED
                print(line_of(verdict), file=sys.stderr, flush=True)
                yield verdict


def imported_by(unit: str, asts: Mapping[str, Json]) -> set[str]:
    """A source and every source it imports, however far."""
    found: set[str] = set()
    waiting = [unit]
    while waiting:
        here = waiting.pop()
        if here in found or here not in asts:
            continue
        found.add(here)
        waiting += [
            node["absolutePath"]
            for node in nodes(asts[here]["nodes"])
            if node.get("nodeType") == "ImportDirective"
        ]
    return found


# --- Telling ------------------------------------------------------------------------------------


def known_equivalents() -> dict[str, str]:
    """Mutants no test can tell, by name, with the reason."""
    entries: list[Json] = json.loads(EQUIVALENTS.read_text("utf-8"))
    return {
        f"{entry['function']}: {entry['statement']}: {entry['before']} -> {entry['after']}": str(
            entry["reason"]
        )
        for entry in entries
    }


def name_of(mutant: Mutant) -> str:
    """What tells a mutant apart however lines move."""
    return f"{mutant.function}: {mutant.statement}: {mutant.before} -> {mutant.after}"


def line_of(verdict: Verdict) -> str:
    """One line for whoever waits."""
    mutant = verdict.mutant
    change = " ".join(f"{mutant.before} -> {mutant.after or 'nothing'}".split())
    return f"{verdict.fate:10} {mutant.unit}:{mutant.line} {change}  {verdict.by}".rstrip()


def summary(verdicts: Sequence[Verdict], seed: int, every: int) -> dict[str, Any]:
    """The report: counts, and each survivor in full."""
    counts = {fate.value: sum(v.fate is fate for v in verdicts) for fate in Fate}
    judged_count = sum(counts[fate] for fate in COUNTED)
    telling = judged_count - counts[Fate.EXPLAINED]
    killed = counts[Fate.KILLED]
    return {
        "possible": every,
        "seed": seed,
        "mutants": judged_count,
        **counts,
        "killed_percent": round(100 * killed / telling, 1) if telling else 100.0,
        "survivors": [v.to_json() for v in verdicts if v.fate is Fate.SURVIVED],
        "equivalents": [v.to_json() for v in verdicts if v.fate is Fate.EXPLAINED],
    }


if __name__ == "__main__":
    sys.exit(main())
