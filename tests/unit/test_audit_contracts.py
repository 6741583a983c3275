"""Which of Slither's findings count as explained."""

import tomllib

from scripts.audit_contracts import EXPLANATIONS, Finding, finding_of, unexplained, unfounded

CONTRACT = {"type": "contract", "name": "Settlement"}
FUNCTION = {"type": "function", "name": "payLots", "type_specific_fields": {"parent": CONTRACT}}
FOUND = Finding("calls-loop", "Settlement.payLots", "calls in a loop")


def entry(element):
    return {"check": "calls-loop", "elements": [element], "description": "calls\n\tin a loop\n"}


def test_a_finding_is_named_by_its_function():
    statement = {"type": "node", "name": "x = 1", "type_specific_fields": {"parent": FUNCTION}}

    assert finding_of(entry(FUNCTION)) == FOUND
    assert finding_of(entry(statement)) == FOUND


def test_a_finding_without_a_reason_is_a_problem():
    assert unexplained([FOUND], set(), {("calls-loop", "Settlement.other")})
    assert not unexplained([FOUND], set(), {("calls-loop", "Settlement.payLots")})
    assert not unexplained([FOUND], {"calls-loop"}, set())


def test_a_reason_without_a_finding_is_a_problem():
    assert not unfounded([FOUND], {"calls-loop"}, {("calls-loop", "Settlement.payLots")})
    assert unfounded([], {"calls-loop"}, set())
    assert unfounded([FOUND], set(), {("calls-loop", "Settlement.other")})


def test_every_explanation_gives_a_reason():
    explanations = tomllib.loads(EXPLANATIONS.read_text("utf-8"))

    assert all(explanations["excluded"].values())
    assert all(entry["reason"] for entry in explanations["explained"])
