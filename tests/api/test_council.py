"""The Council over HTTP: decisions prepared, voted on, carried out; an organisation's own keys."""

import pytest

from chainfin.client.api import ApiProblem
from chainfin.client.wallet import MAKER, explain
from chainfin.domain.participant import KeyRole
from chainfin.services.development import BANK_NAME
from tests.detours import register_key
from tests.world import AUDITOR, FUNDER, SUB_SUPPLIER, SUPPLIER


def test_council__when_a_stranger_prepares_or_executes__then_it_is_refused(world):
    stranger = world[SUPPLIER].api

    for path, body in (
        ("/council/decisions", {"action": "suspend", "fields": {"organisation": 1}}),
        (f"/council/decisions/0x{'00' * 32}/execution", {}),
    ):
        with pytest.raises(ApiProblem) as refused:
            stranger.post(path, body)
        assert refused.value.code == "right-required"


def test_council__when_nobody_has_voted__then_a_stranger_does_not_see_the_decision(world):
    prepared = _prepare(world, "suspend", organisation=world[SUPPLIER].number)

    with pytest.raises(ApiProblem) as refused:
        world[SUPPLIER].api.get(f"/council/decisions/{prepared['decision']}")

    assert refused.value.status == 404
    listed = world[SUPPLIER].api.get("/council/decisions")["data"]
    assert prepared["decision"] not in {entry["decision"] for entry in listed}


def test_council__when_the_action_is_not_known__then_it_is_refused(world):
    with pytest.raises(ApiProblem) as refused:
        _prepare(world, "abolish")

    assert refused.value.code == "field-malformed"


def test_council__when_it_suspends_and_reinstates__then_orders_stop_and_go_on(world):
    organisation = world[SUB_SUPPLIER].number

    suspended = _decide(world, "suspend", organisation=organisation)

    assert suspended["status"] == "executed"
    assert "suspended" in suspended["meaning"]
    assert world[AUDITOR].api.get(f"/participants/{organisation}")["status"] == "suspended"
    with pytest.raises(ApiProblem) as refused:
        world.draft(SUB_SUPPLIER, "set_dual_control_limit", currency="CNY", limit_minor=5)
    assert refused.value.code == "participant-suspended"
    _decide(world, "reinstate", organisation=organisation)
    world.draft(SUB_SUPPLIER, "set_dual_control_limit", currency="CNY", limit_minor=5)


def test_council__when_a_parent_is_blocked__then_whom_it_controls_is_refused__r29(world):
    child, parent = world[SUB_SUPPLIER].number, world[FUNDER].number
    _decide(
        world,
        "change",
        organisation=child,
        kinds=["supplier"],
        licence_expires_at=0,
        parent=parent,
    )
    _decide(world, "block", organisation=parent)

    with pytest.raises(ApiProblem) as refused:
        world.draft(SUB_SUPPLIER, "set_dual_control_limit", currency="CNY", limit_minor=5)

    assert refused.value.code == "participant-blocked"
    assert world[AUDITOR].api.get(f"/participants/{child}")["status"] == "blocked"
    _decide(world, "reinstate", organisation=parent)
    _decide(world, "change", organisation=child, kinds=["supplier"], licence_expires_at=0)


def test_council__when_a_member_is_to_sign__then_the_wallet_says_what_is_decided(world):
    prepared = _prepare(world, "suspend", organisation=world[SUPPLIER].number)
    draft = world.draft(BANK_NAME, "vote", decision=prepared["decision"], in_favour=False)

    text = explain(world[BANK_NAME].wallet, draft.typed_data)

    assert "votes against" in text
    assert f"no. {world[SUPPLIER].number}" in text
    assert "suspended" in text
    assert draft.notes["meaning"] == prepared["meaning"]


def test_council__when_the_one_member_objects__then_the_decision_is_cancelled(world):
    prepared = _prepare(world, "suspend", organisation=world[SUPPLIER].number)

    world.order(BANK_NAME, "vote", decision=prepared["decision"], in_favour=False)

    found = world[AUDITOR].api.get(f"/council/decisions/{prepared['decision']}")
    assert (found["status"], found["against"]) == ("cancelled", [world[BANK_NAME].number])


def test_council__when_asked_who_sits_in_it__then_everybody_is_told(world):
    council = world[SUPPLIER].api.get("/council")

    assert [seat["organisation"] for seat in council["members"]] == [world[BANK_NAME].number]
    assert (council["threshold"], council["governs_alone"]) == (1, False)


def test_keys__when_two_administrators_register_one__then_it_signs(world):
    key = register_key(world, SUPPLIER, "second maker", KeyRole.MAKER)

    (found,) = [entry for entry in _keys(world, SUPPLIER) if entry["key"] == key]
    assert found["roles"] == ["maker"]
    assert found["is_valid"]


def test_keys__when_one_is_revoked__then_it_is_not_valid(world):
    key = register_key(world, SUPPLIER, "third maker", KeyRole.MAKER)

    draft = world.draft(SUPPLIER, "revoke_key", key=key)
    world[SUPPLIER].api.submit(draft, world.approvals(SUPPLIER, draft, (MAKER,)))
    world.work()

    (found,) = [entry for entry in _keys(world, SUPPLIER) if entry["key"] == key]
    assert not found["is_valid"]


def test_keys__when_one_that_acts_is_vetoed__then_the_reason_is_named(world):
    draft = world.draft(SUPPLIER, "veto_key", key=_keys(world, SUPPLIER)[1]["key"])

    with pytest.raises(ApiProblem) as refused:
        world[SUPPLIER].api.submit(draft, world.approvals(SUPPLIER, draft, (MAKER,)))

    assert refused.value.code == "key-not-waiting"


def test_keys__when_a_stranger_asks__then_there_is_no_such_participant(world):
    for part in ("keys", "limits"):
        with pytest.raises(ApiProblem) as refused:
            world[FUNDER].api.get(f"/participants/{world[SUPPLIER].number}/{part}")
        assert refused.value.status == 404


def test_limit__when_it_is_lowered__then_the_maker_alone_signs(world):
    world.order(SUPPLIER, "set_dual_control_limit", currency="EUR", limit_minor=500)

    draft = world.draft(SUPPLIER, "set_dual_control_limit", currency="EUR", limit_minor=1)
    world[SUPPLIER].api.submit(draft, world.approvals(SUPPLIER, draft, (MAKER,)))
    world.work()

    assert not draft.checker_required
    limits = world[SUPPLIER].api.get(f"/participants/{world[SUPPLIER].number}/limits")["data"]
    assert [(entry["currency"], entry["limit_minor"]) for entry in limits] == [("EUR", 1)]


def _prepare(world, action, **fields):
    body = {"action": action, "fields": fields}
    return world[BANK_NAME].api.post("/council/decisions", body)


def _decide(world, action, **fields):
    """What the Council of one decides; nothing waits on the embedded network."""
    prepared = _prepare(world, action, **fields)
    world.order(BANK_NAME, "vote", decision=prepared["decision"])
    return world[BANK_NAME].api.get(f"/council/decisions/{prepared['decision']}")


def _keys(world, name):
    return world[name].api.get(f"/participants/{world[name].number}/keys")["data"]
