"""Run every Slither detector over sources given as solc's standard JSON input; print the findings.

Started by scripts/audit_contracts.py with the interpreter Slither is installed for. It compiles the
sources itself, so that neither forge's tests nor what an earlier build left behind are looked at.
"""

import inspect
import json
import sys
from pathlib import Path

from crytic_compile import CryticCompile
from crytic_compile.platform.solc_standard_json import SolcStandardJson
from slither import Slither
from slither.detectors import all_detectors
from slither.detectors.abstract_detector import AbstractDetector


def main() -> None:
    """Read the input, print detectors and findings as JSON."""
    compilation = CryticCompile(
        SolcStandardJson(json.load(sys.stdin)),
        solc=str(Path(__file__).parent / "solc"),
        solc_disable_warnings=True,
    )
    slither = Slither(compilation, filter_paths=["node_modules"])
    detectors = [kind for _, kind in inspect.getmembers(all_detectors, is_detector)]
    for detector in detectors:
        slither.register_detector(detector)
    findings = [finding for found in slither.run_detectors() for finding in found]
    answer = {"detectors": sorted(kind.ARGUMENT for kind in detectors), "findings": findings}
    json.dump(answer, sys.stdout)


def is_detector(member: object) -> bool:
    """Whether a member of the module is a detector."""
    is_kind = inspect.isclass(member) and issubclass(member, AbstractDetector)
    return is_kind and member is not AbstractDetector


if __name__ == "__main__":
    main()
