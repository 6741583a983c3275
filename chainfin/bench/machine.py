"""What a benchmark ran on: its numbers mean little without it."""

import os
import platform
from pathlib import Path
from typing import Any

from chainfin import __version__

_KIB_A_GIB = 1 << 20


def describe_machine() -> dict[str, Any]:
    """Processor, cores this process may use, memory, system, versions."""
    return {
        "processor": _field("/proc/cpuinfo", "model name") or platform.processor() or "unknown",
        "cores": _cores(),
        "memory_gib": _memory_gib(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "chainfin": __version__,
    }


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _memory_gib() -> int | None:
    """Whole GiB, rounded up; None where the system does not say."""
    total = _field("/proc/meminfo", "MemTotal")
    return -(-int(total.split()[0]) // _KIB_A_GIB) if total else None


def _field(path: str, name: str) -> str | None:
    """The first `name: value` of one of Linux's own files."""
    file = Path(path)
    if not file.exists():
        return None
    lines = file.read_text().splitlines()
    found = (line.partition(":") for line in lines if line.startswith(name))
    return next((value.strip() for _, _, value in found), None)
