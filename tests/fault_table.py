"""The faults that the tests of a run injected, as a table: fault, injected how, where, verdict.

A test says `@pytest.mark.fault("F5", "kill -9 between commit and broadcast")`; docs/faults.md says
what each fault is and what must hold.
"""

import os
from collections.abc import Iterable, Mapping

import pytest

DATABASES = ("sqlite", "postgresql")
_PROPERTY = "fault"
_KEPT = "chainfin/faults"

Verdicts = dict[tuple[str, str], dict[str, str]]
"""Fault and injection, to database, to verdict."""


def note_faults(item: pytest.Item) -> None:
    """Let a test's reports carry its faults, out of the process that runs it too."""
    for mark in item.iter_markers(_PROPERTY):
        fault, injection = mark.args
        item.user_properties.append((_PROPERTY, [fault, injection]))


def verdicts(reports: Iterable[pytest.TestReport]) -> Verdicts:
    """What the reports say of each fault; one failure outweighs any number of passes."""
    found: Verdicts = {}
    for report in reports:
        if report.passed and report.when != "call":
            continue
        for name, value in report.user_properties:
            if name == _PROPERTY:
                fault, injection = value
                by_database = found.setdefault((fault, injection), {})
                place = _database(report.nodeid)
                by_database[place] = _worse(by_database.get(place), report)
    return found


def _database(nodeid: str) -> str:
    parameters = nodeid.rpartition("[")[2]
    return next((name for name in DATABASES if name in parameters), "any")


def _worse(before: str | None, report: pytest.TestReport) -> str:
    said = {"passed": "held", "skipped": "skipped", "failed": "FAILED"}[report.outcome]
    order = ("held", "skipped", "FAILED")
    return said if before is None else max(before, said, key=order.index)


def lines(found: Mapping[tuple[str, str], Mapping[str, str]]) -> list[str]:
    """The table, faults in the order of their numbers."""
    rows = [("Fault", "Injected how", "Verdict")]
    for fault, injection in sorted(found, key=lambda row: (int(row[0][1:]), row[1])):
        said = found[fault, injection]
        words = [f"{said[place]} ({place})" if place != "any" else said[place] for place in said]
        rows.append((fault, injection, ", ".join(words)))
    first, second = (max(len(row[column]) for row in rows) for column in (0, 1))
    return [f"{row[0]:<{first}}  {row[1]:<{second}}  {row[2]}" for row in rows]


def _with_earlier(config: pytest.Config, found: Verdicts) -> Verdicts:
    """With what earlier runs of the same whole found: it runs in parts, one a database."""
    kept = config.cache
    if kept is None:
        return found
    for fault, injection, by_database in kept.get(_KEPT, []):
        found[fault, injection] = by_database | found.get((fault, injection), {})
    kept.set(_KEPT, [[*key, by_database] for key, by_database in found.items()])
    return found


def print_table(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table where all of the machine's servers were asked for, or the faults alone."""
    is_wanted = terminalreporter.config.getoption("markexpr") == _PROPERTY
    if not is_wanted and os.environ.get("CHAINFIN_REQUIRE_ALL") != "1":
        return
    stats = terminalreporter.stats
    reports = [
        report
        for kind in ("passed", "skipped", "failed", "error")
        for report in stats.get(kind, ())
        # A file that cannot be read has no test that could have injected anything.
        if isinstance(report, pytest.TestReport)
    ]
    found = verdicts(reports)
    if not is_wanted:
        found = _with_earlier(terminalreporter.config, found)
    if found:
        terminalreporter.section("faults")
        for line in lines(found):
            terminalreporter.write_line(line)
