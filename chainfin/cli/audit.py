"""`chainfin trail`: everything that happened to a lot, back to its root."""

from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.tree import Tree

from chainfin.cli.options import As, AsJson, Home
from chainfin.cli.output import ExitCode, command, console, print_json
from chainfin.cli.wallets import open_wallet

app = typer.Typer(add_completion=False)


@app.command()
@command
def trail(
    lot_id: str,
    name: As,
    home: Home = None,
    at_block: Annotated[
        int | None, typer.Option(help="What its receivable looked like after this block.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """The audit trail of a lot as a tree, with every signature."""
    _, _, api = open_wallet(home, name)
    if at_block is not None:
        receivable_id = lot_id.partition("-")[0]
        state = api.get(f"/receivables/{receivable_id}", as_of_block=at_block)
        if as_json:
            print_json(state)
        else:
            print_state(state)
        return
    document = api.get(f"/lots/{lot_id}/audit")
    if as_json:
        print_json(document)
    else:
        print_trail(document)
    if not document["reconciliation"]["matches"]:
        raise typer.Exit(ExitCode.NO)


def print_state(state: dict[str, Any]) -> None:
    """A receivable and its lots as they were after a block."""
    console.print(
        f"receivable {state['receivable_id']} after block {state['as_of']['block_number']}: "
        f"{state['status']}, face {state['face_value_minor']}, paid {state['paid_minor']}"
    )
    table = Table("lot", "parent", "holder", "face", "paid", "encumbrance", "", box=None)
    for lot in state["lots"]:
        number = f"{lot['receivable_id']}-{lot['lot_sequence']}"
        parent = str(lot["parent_sequence"] or "")
        amounts = (str(lot["face_value_minor"]), str(lot["paid_minor"]))
        settled = "settled" if lot["is_settled"] else ""
        table.add_row(number, parent, str(lot["holder"]), *amounts, lot["encumbrance"], settled)
    console.print(table)


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
