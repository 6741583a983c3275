"""The anchor does not pay: what its creditors get in their hands."""

from typing import Any

from chainfin.domain.pricing import late_interest_half_up
from tests.world import ANCHOR, FUNDER, SUB_SUPPLIER, SUPPLIER, World, play_story

FACE = 1_270_120_00


def read(world: World, name: str, number: str) -> Any:
    return world[name].api.get(f"/notices/{number}")


def test_default__dishonour_notice_first_then_a_certificate_with_late_interest(
    world: World,
) -> None:
    receivable_id = play_story(world)
    terms = world[ANCHOR].api.get(f"/receivables/{receivable_id}")
    world.move_clock(terms["grace_ends_at"] + 1)

    dishonour = read(world, SUPPLIER, f"dishonour-notice-{receivable_id}")
    certificate = read(world, FUNDER, f"default-certificate-{receivable_id}")

    earlier = [row["participant"]["name"] for row in dishonour["tables"]["earlier_parties"]]
    assert earlier == [SUPPLIER, SUB_SUPPLIER, FUNDER]
    facts = certificate["facts"]
    days = (certificate["as_of"]["block_timestamp"] - terms["maturity_at"]) // 86_400
    statutory = facts["late_rate_source"] == "statutory"
    assert facts["days_late"] == days
    assert facts["late_interest"]["amount_minor"] == late_interest_half_up(
        unpaid_minor=FACE,
        late_rate_bps=facts["late_rate"]["bps"],
        days_late=days,
        basis_days=1 if statutory else 365,
    )
    lots = certificate["tables"]["unpaid_lots"]
    assert sum(row["outstanding"]["amount_minor"] for row in lots) == FACE
    shares = sum(row["late_interest"]["amount_minor"] for row in lots)
    assert shares == facts["late_interest"]["amount_minor"]

    ageing = world[FUNDER].api.get("/reports/ageing")["data"]
    assert [row["outstanding"]["amount_minor"] for row in ageing] == [254_024_00]
    (sums,) = world[ANCHOR].api.get("/reports/reconciliation")["data"]
    assert (sums["lots"], sums["difference"]["amount_minor"]) == (3, 0)
    period = {"from_date": "2020-01-01", "to_date": "2040-01-01"}
    path = f"/participants/{world[SUB_SUPPLIER].number}/statement"
    statement = world[SUB_SUPPLIER].api.get(path, **period)["tables"]
    assert [row["outstanding"]["amount_minor"] for row in statement["holdings"]] == [254_024_00]
    assert [row["role"] for row in statement["fundings"]] == ["as_seller"]
