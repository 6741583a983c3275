"""`chainfin financing`: ask for money on a lot, quote, file, award; prices by bank transfer."""

from typing import Annotated

import typer
from rich.table import Table

from chainfin.cli.options import As, AsJson, Home
from chainfin.cli.output import command, console, print_json
from chainfin.cli.wallets import open_wallet, order, sign_and_submit
from chainfin.domain.money import Money

app = typer.Typer(help="Financing of lots: requests, quotes, awards.", no_args_is_help=True)
RequestArgument = Annotated[int, typer.Argument(help="Number of the financing request.")]
LineArgument = Annotated[str, typer.Argument(help="Hash of the statement's line.")]


@app.command("list")
@command
def list_requests(name: As, as_json: AsJson = False, home: Home = None) -> None:
    """Open requests for a funder, its own for anybody else."""
    _, _, api = open_wallet(home, name)
    entries = list(api.pages("/financing-requests"))
    if as_json:
        print_json(entries)
        return
    table = Table("request", "lot", "asked for", "status", "filed by")
    for entry in entries:
        filed = ", ".join(str(funder) for funder in entry["filed_by"])
        asked = str(Money(**entry["part_face_value"]))
        table.add_row(str(entry["request_id"]), entry["lot_id"], asked, entry["status"], filed)
    console.print(table)


@app.command("request")
@command
def request_financing(
    name: As,
    lot_id: Annotated[str, typer.Argument(help="A lot such as 17-3.")],
    part: Annotated[
        int | None, typer.Option(help="How much of its face, in minor units; else all of it.")
    ] = None,
    with_recourse: Annotated[bool, typer.Option(help="The funder may claim from you.")] = False,
    home: Home = None,
) -> None:
    """Ask funders to buy a lot, or part of it; it is locked meanwhile."""
    settings, wallet, api = open_wallet(home, name)
    fields = {"lot_id": lot_id, "part_face_value_minor": part, "with_recourse": with_recourse}
    order(settings, wallet, api, "request_financing", **fields)
    newest = list(api.pages("/financing-requests"))[-1]
    console.print(f"request {newest['request_id']} is open for lot {lot_id}")


@app.command("withdraw")
@command
def withdraw_request(name: As, request_id: RequestArgument, home: Home = None) -> None:
    """Take a request back; the lot is free again."""
    settings, wallet, api = open_wallet(home, name)
    order(settings, wallet, api, "withdraw_financing_request", request_id=request_id)
    console.print(f"request {request_id} is withdrawn")


@app.command("quote")
@command
def submit_quote(
    name: As,
    request_id: RequestArgument,
    rate_bps: Annotated[int, typer.Option(help="Discount rate a year, in basis points.")],
    pay_by: Annotated[
        int | None,
        typer.Option(help="Pay by bank transfer until then, in UTC seconds; else from a deposit."),
    ] = None,
    holdback: Annotated[
        int, typer.Option(help="Left to the holder until the rest is paid, in minor units.")
    ] = 0,
    home: Home = None,
) -> None:
    """Sign a firm quote and hand it in, sealed."""
    settings, wallet, api = open_wallet(home, name)
    fields = {
        "request_id": request_id,
        "discount_rate_bps": rate_bps,
        "holdback_minor": holdback,
        "pay_by": pay_by,
    }
    draft = api.draft("submit_quote", fields)
    answer = sign_and_submit(settings, wallet, api, draft, path="/quotes")
    console.print(f"quote {answer['quote_hash']} has receipt {answer['receipt']['number']}")


@app.command("quotes")
@command
def list_quotes(
    name: As, request_id: RequestArgument, as_json: AsJson = False, home: Home = None
) -> None:
    """The quotes you may read, with what each costs a year all in."""
    _, _, api = open_wallet(home, name)
    entries = api.get(f"/financing-requests/{request_id}/quotes")["data"]
    if as_json:
        print_json(entries)
        return
    for entry in entries:
        console.print(
            f"{entry['quote_hash']} funder {entry['funder']} pays {entry['net_proceeds_minor']} "
            f"minor units, {entry['annual_cost_on_proceeds_bps']} bps a year"
            + (f", holds {entry['holdback_minor']} back" if entry["holdback_minor"] else "")
            + (", funded" if entry["funded_until"] else "")
            + (f", by bank transfer until {entry['pay_by']}" if entry["pay_by"] else "")
        )


@app.command("fund")
@command
def fund_quote(
    name: As,
    quote_hash: Annotated[str, typer.Argument(help="Your quote.")],
    amount: Annotated[
        int | None, typer.Option(help="How much at most, in minor units; else the face.")
    ] = None,
    until: Annotated[
        int | None, typer.Option(help="Until when, in UTC seconds; else until the quote expires.")
    ] = None,
    home: Home = None,
) -> None:
    """Make your quote firm in fact: its price is set aside, and your credit line reserved."""
    settings, wallet, api = open_wallet(home, name)
    fields = {"quote_hash": quote_hash, "amount_minor": amount, "funded_until": until}
    order(settings, wallet, api, "fund_quote", **fields)
    console.print("the quote is funded: its award needs nothing more from you")


@app.command("bear-interest")
@command
def bear_interest(
    name: As,
    request_id: RequestArgument,
    share_bps: Annotated[int, typer.Option(help="Of the discount, in basis points.")],
    most: Annotated[
        int | None, typer.Option(help="At most, in minor units; else by a rate of 18.25 %.")
    ] = None,
    until: Annotated[
        int | None, typer.Option(help="UTC seconds; else until the request ends.")
    ] = None,
    home: Home = None,
) -> None:
    """Bear a share of the discount at which what you owe is financed (the anchor)."""
    settings, wallet, api = open_wallet(home, name)
    fields = {"share_bps": share_bps, "amount_minor": most, "expires_at": until}
    order(settings, wallet, api, "bear_interest", request_id=request_id, **fields)
    set_aside = Money(**api.get(f"/financing-requests/{request_id}/interest")["set_aside"])
    console.print(f"{set_aside} is set aside for your share under request {request_id}")


@app.command("interest")
@command
def show_interest(
    name: As, request_id: RequestArgument, as_json: AsJson = False, home: Home = None
) -> None:
    """Who bears the discount of a request."""
    _, _, api = open_wallet(home, name)
    view = api.get(f"/financing-requests/{request_id}/interest")
    if as_json:
        print_json(view)
        return
    console.print(
        f"request {request_id}: borne by {view['interest_payer']}, the anchor "
        f"{view['interest_share_bps']} bps ({view['state']})"
    )


@app.command("holdbacks")
@command
def list_holdbacks(name: As, as_json: AsJson = False, home: Home = None) -> None:
    """What is held back for the organisation, and of the lots it holds."""
    _, _, api = open_wallet(home, name)
    entries = list(api.pages("/holdbacks"))
    if as_json:
        print_json(entries)
        return
    table = Table("lot", "seller", "holder", "to the holder first", "then to the seller")
    for entry in entries:
        amounts = [str(Money(**entry[f"owed_to_{whom}"])) for whom in ("holder", "seller")]
        table.add_row(entry["lot_id"], str(entry["seller"]), str(entry["holder"]), *amounts)
    console.print(table)


@app.command("file")
@command
def record_filing(
    name: As,
    request_id: RequestArgument,
    number: Annotated[str, typer.Option(help="As the national registry gave it.")],
    home: Home = None,
) -> None:
    """Record that you filed a request's lot with the national registry."""
    settings, wallet, api = open_wallet(home, name)
    order(settings, wallet, api, "record_filing", request_id=request_id, number=number)
    console.print(f"the filing for request {request_id} is recorded")


@app.command("award")
@command
def award_quote(
    name: As,
    quote_hash: Annotated[str, typer.Argument(help="The quote you take.")],
    home: Home = None,
) -> None:
    """Take a quote: title goes to its funder and the price to you, in one call.

    Where the price comes by bank transfer, the lot is yours and locked until your bank attests it.
    """
    settings, wallet, api = open_wallet(home, name)
    draft = api.draft("award_quote", {"quote_hash": quote_hash})
    sign_and_submit(settings, wallet, api, draft)
    api.wait_for_order(draft.order_hash)
    pay_by = draft.notes["pay_by"]
    console.print(
        "the quote is awarded, and its price paid"
        if pay_by is None
        else f"the quote is awarded; its price is to come by bank transfer until {pay_by}"
    )


@app.command("awaited")
@command
def list_awaited(name: As, as_json: AsJson = False, home: Home = None) -> None:
    """Prices on their way by bank transfer: to you, from you, or through you as the bank."""
    _, _, api = open_wallet(home, name)
    entries = list(api.pages("/fundings/awaited"))
    if as_json:
        print_json(entries)
        return
    table = Table("request", "lot", "price", "from", "to", "account", "reference", "until", "bank")
    for entry in entries:
        account = entry["account"]["account"] if entry["account"] else ""
        table.add_row(
            str(entry["request_id"]),
            entry["lot_id"],
            str(Money(**entry["net_proceeds"])),
            str(entry["funder"]),
            str(entry["holder"]),
            account,
            entry["reference"],
            str(entry["pay_by"]),
            str(entry["settlement_bank"]),
        )
    console.print(table)


@app.command("confirm")
@command
def confirm_funding(
    name: As, request_id: RequestArgument, line_hash: LineArgument, home: Home = None
) -> None:
    """Confirm that the price came in by a line of your statement, for your bank to attest."""
    settings, wallet, api = open_wallet(home, name)
    order(settings, wallet, api, "confirm_funding", request_id=request_id, line_hash=line_hash)
    console.print(f"the price under request {request_id} is confirmed; your bank attests it")


@app.command("attest")
@command
def attest_funding(
    name: As, request_id: RequestArgument, line_hash: LineArgument, home: Home = None
) -> None:
    """Attest that the price came in by a line of your statement (the holder's bank)."""
    settings, wallet, api = open_wallet(home, name)
    order(settings, wallet, api, "attest_funding", request_id=request_id, line_hash=line_hash)
    console.print(f"request {request_id} is funded, and title passed")


@app.command("release")
@command
def release_funding(name: As, request_id: RequestArgument, home: Home = None) -> None:
    """Give up an award whose price you have not paid (the funder)."""
    settings, wallet, api = open_wallet(home, name)
    order(settings, wallet, api, "release_funding", request_id=request_id)
    console.print(f"the award under request {request_id} has ended; the lot is its holder's")


@app.command("deny")
@command
def deny_funding(name: As, request_id: RequestArgument, home: Home = None) -> None:
    """State that the price did not come in in time (the holder's bank)."""
    settings, wallet, api = open_wallet(home, name)
    order(settings, wallet, api, "deny_funding", request_id=request_id)
    console.print(f"the award under request {request_id} has ended; the lot is its holder's")
