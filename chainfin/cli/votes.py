"""Decisions of the Council, as a member's commands prepare them and vote."""

from pathlib import Path
from typing import Any

from chainfin.cli.output import console, print_json
from chainfin.cli.wallets import open_wallet, sign_and_submit
from chainfin.client.api import Api
from chainfin.client.wallet import Wallet, explain
from chainfin.config import Settings


def propose_decision(
    home: Path | None, name: str, action: str, fields: dict[str, Any], *, as_json: bool
) -> None:
    """Prepare a decision, vote for it, and say where it stands."""
    settings, wallet, api = open_wallet(home, name)
    prepared = api.post("/council/decisions", {"action": action, "fields": fields})
    cast_vote(settings, wallet, api, prepared["decision"], in_favour=True)
    show_decision(api, prepared["decision"], as_json=as_json)


def cast_vote(
    settings: Settings, wallet: Wallet, api: Api, decision: str, *, in_favour: bool
) -> None:
    """Sign a vote and wait until it counts."""
    draft = api.draft("vote", {"decision": decision, "in_favour": in_favour})
    console.print(explain(wallet, draft.typed_data))
    sign_and_submit(settings, wallet, api, draft)
    api.wait_for_order(draft.order_hash)


def show_decision(api: Api, decision: str, *, as_json: bool) -> None:
    """Say where a decision stands."""
    entry = api.get(f"/council/decisions/{decision}")
    if as_json:
        print_json(entry)
    else:
        console.print(f"{entry['decision']} is {entry['status']}: {entry['meaning']}")
