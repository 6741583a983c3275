"""`chainfin trail`: everything that happened to a lot, back to its root."""

from datetime import UTC, datetime
from typing import Any

import typer
from rich.tree import Tree

from chainfin.cli.options import As, AsJson, Home
from chainfin.cli.output import ExitCode, command, console, print_json
from chainfin.cli.wallets import open_wallet

app = typer.Typer(add_completion=False)


@app.command()
@command
def trail(lot_id: str, name: As, home: Home = None, as_json: AsJson = False) -> None:
    """The audit trail of a lot as a tree, with every signature."""
    _, _, api = open_wallet(home, name)
    document = api.get(f"/lots/{lot_id}/audit")
    if as_json:
        print_json(document)
    else:
        print_trail(document)
    if not document["reconciliation"]["matches"]:
        raise typer.Exit(ExitCode.NO)


def print_trail(document: dict[str, Any]) -> None:
    """A trail as a tree: facts in order, orders and keys below each."""
    tree = Tree(f"[bold]lot {document['lot_id']}[/]  lineage {' > '.join(document['lineage'])}")
    for entry in document["entries"]:
        instant = datetime.fromtimestamp(entry["at"], UTC)
        facts = ", ".join(
            f"{key}={_short(value)}" for key, value in entry["facts"].items() if value != ""
        )
        node = tree.add(
            f"[cyan]{instant:%Y-%m-%d %H:%M:%S}[/] [bold]{entry['event']}[/] "
            f"block {entry['block_number']} log {entry['log_index']}  [dim]{facts}[/]"
        )
        for order in entry["orders"]:
            checker = order["checker_key"]
            signers = order["maker_key"] if checker is None else f"{order['maker_key']} + {checker}"
            node.add(
                f"{order['act'] or 'order'} {order['order_hash'][:18]}… by {order['name']} "
                f"(no. {order['organisation']}), signed by {signers}"
            )
    console.print(tree, soft_wrap=True)
    found = document["reconciliation"]
    console.print(
        f"index and contracts at block {found['block_number']}: "
        f"{'equal' if found['matches'] else found['differences']}; face {found['face_value_minor']}"
        f" = {found['outstanding_in_lots_minor']} outstanding in lots"
        f" + {found['paid_to_lots_minor']} paid to lots"
    )


def _short(value: Any) -> str:
    text = str(value)
    return text[:18] + "…" if text.startswith("0x") and len(text) > 20 else text  # noqa: PLR2004
