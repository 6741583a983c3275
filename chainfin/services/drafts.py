"""Orders prepared for signing: filled in, numbered, simulated. Nothing is written."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from chainfin.codec.hashing import to_hex
from chainfin.codec.orders import (
    TYPES,
    order_hash,
)
from chainfin.codec.typed_data import to_json
from chainfin.domain.order import (
    ACTS,
    QUOTES,
    nonce_of,
    number_of,
)
from chainfin.domain.participant import LICENCE_REQUIRED, ParticipantKind, roles_required
from chainfin.domain.service_errors import (
    ActUnknown,
    NotFound,
)
from chainfin.models.financings import get_financing_request
from chainfin.models.orders import (
    highest_number,
)
from chainfin.models.participants import (
    dual_control_limit_at,
    get_participant,
    highest_nonce_used,
    keys_of,
)
from chainfin.models.quotes import QuoteRow, highest_quote_number
from chainfin.services import (
    attestations,
    council,
    credit_lines,
    financing,
    freezes,
    funding,
    interest,
    own_keys,
    pledges,
    programmes,
    receivables,
    settlement,
    transfers,
)
from chainfin.services.audit import require_reader
from chainfin.services.calls import calldata_of
from chainfin.services.context import Built, Caller, Context, lot_id_of
from chainfin.services.settlement import ORDER_SECONDS
from chainfin.services.signed_orders import SignedOrder, require_may_order

_SIGNED_WHILE_OPEN = frozenset(
    {*QUOTES, "split_lot", "propose_transfer", "request_financing"},
)
"""Acts that offer something until `expires_at`, and may be signed as long."""

_BY_LAW = frozenset({"freeze_lots", "hold_lots"})
"""Acts of courts and authorities on lots they are no party to."""

_AS_BANK = frozenset({"attest_payment", "attest_funding", "deny_funding"})
"""Acts of banks on lots of their customers: the builder refuses what is not theirs to say."""

Builder = Callable[[Context, int, Mapping[str, Any]], Built]

BUILDERS: dict[str, Builder] = {
    "set_dual_control_limit": own_keys.build_set_dual_control_limit,
    "name_settlement_bank": attestations.build_name_settlement_bank,
    "register_key": own_keys.build_register_key,
    "veto_key": own_keys.build_key_act,
    "revoke_key": own_keys.build_key_act,
    "cancel_order": own_keys.build_cancel_order,
    "vote": council.build_vote,
    "open_programme": programmes.build_open_programme,
    "issue_receivable": receivables.build_issue_receivable,
    "issue_batch": receivables.build_issue_batch,
    "accept_receivable": receivables.build_accept_receivable,
    "refuse_receivable": receivables.build_refuse_receivable,
    "withdraw_receivable": receivables.build_withdraw_receivable,
    "cancel_receivable": receivables.build_cancel_receivable,
    "split_lot": transfers.build_split_lot,
    "unsplit_lot": transfers.build_unsplit_lot,
    "propose_transfer": transfers.build_propose_transfer,
    "accept_transfer": transfers.build_transfer_answer,
    "reject_transfer": transfers.build_transfer_answer,
    "revoke_transfer": transfers.build_transfer_answer,
    "request_financing": financing.build_request_financing,
    "withdraw_financing_request": financing.build_withdraw_financing_request,
    "submit_quote": financing.build_submit_quote,
    "offer_early_payment": financing.build_offer_early_payment,
    "award_quote": financing.build_award_quote,
    "fund_quote": financing.build_fund_quote,
    "attest_funding": funding.build_attest_funding,
    "confirm_funding": funding.build_confirm_funding,
    "release_funding": funding.build_release_funding,
    "deny_funding": funding.build_deny_funding,
    "record_filing": financing.build_record_filing,
    "claim_recourse": financing.build_claim_recourse,
    "repurchase_lot": financing.build_repurchase_lot,
    "bear_interest": interest.build_bear_interest,
    "set_credit_line": credit_lines.build_set_credit_line,
    "freeze_lots": freezes.build_freeze_lots,
    "hold_lots": freezes.build_hold_lots,
    "renew_freeze": freezes.build_renew_freeze,
    "lift_freeze": freezes.build_lift_freeze,
    "propose_pledge": pledges.build_propose_pledge,
    "accept_pledge": pledges.build_accept_pledge,
    "release_pledge": pledges.build_pledge_end,
    "enforce_pledge": pledges.build_pledge_end,
    "settle_receivable": settlement.build_settle_receivable,
    "attest_payment": attestations.build_attest_payment,
    "confirm_payment": attestations.build_confirm_payment,
    "write_off_lot": settlement.build_write_off_lot,
    "open_deposit_accounts": programmes.build_open_deposit_accounts,
    "mint_deposit": programmes.build_mint_deposit,
    "redeem_deposit": programmes.build_redeem_deposit,
}
"""Who fills in each act's order."""


def draft_order(
    context: Context,
    caller: Caller,
    act: str,
    fields: Mapping[str, Any],
    *,
    maker_key: str | None = None,
    deadline_at: int | None = None,
) -> dict[str, Any]:
    """Prepare an order for signing: typed data, attachments, what it means. Writes nothing.

    Raises:
        ActUnknown: There is no such act.
        NotFound: It is about a receivable the caller has no business with.
        FieldMalformed: A field is missing, unknown or malformed.
        ChainfinError: The rule the contracts would refuse it for.
    """
    builder = BUILDERS.get(act)
    if builder is None:
        raise ActUnknown(act, ", ".join(sorted(BUILDERS)))
    _require_readable(context, caller, act, fields)
    spec = QUOTES.get(act) or ACTS[act]
    organisation = caller.organisation
    require_may_order(context, organisation, act)
    built = builder(context, organisation, fields)
    key = maker_key or _first_maker(context, organisation, act)
    message = {
        "target": built.target or context.network.deployment.address(spec.contract),
        "organisation": organisation,
        "nonce": nonce_of(key, next_number(context, key)),
        "deadline": deadline_at or _default_deadline(context, act, fields),
        **built.fields,
    }
    typed_data = to_json(context.network.deployment.domain, TYPES[spec.primary_type], message)
    hash_ = to_hex(order_hash(spec.primary_type, message))
    if act not in QUOTES and len(roles_required(act)) > 1:
        simulate_unsigned(
            context, SignedOrder(spec, message, hash_, typed_data, (), built.attachments)
        )
    return {
        "act": act,
        "order_hash": hash_,
        "typed_data": typed_data,
        "attachments": dict(built.attachments),
        "checker_required": _needs_checker(context, organisation, act, built),
        "currency": built.currency,
        "notes": dict(built.notes or {}),
        "maker_key": key,
    }


def _require_readable(
    context: Context, caller: Caller, act: str, fields: Mapping[str, Any]
) -> None:
    """Refuse a stranger as if there were no such receivable.

    A court names whatever receivable its order is about; a bank, what its customer is paid for. A
    funder whose licence lapsed is shown no market either; it is told why.
    """
    try:
        for receivable_id in _receivables_named(context, fields):
            require_reader(context, caller, receivable_id)
    except NotFound:
        participant = get_participant(context.session, caller.organisation)
        kinds = ParticipantKind.NONE if participant is None else participant.kinds
        if ParticipantKind.REGISTRAR in kinds and act in _BY_LAW:
            return
        if ParticipantKind.SETTLEMENT_BANK in kinds and act in _AS_BANK:
            return
        if ParticipantKind.FUNDER in kinds and act in LICENCE_REQUIRED:
            require_may_order(context, caller.organisation, act)
        raise


def _receivables_named(context: Context, fields: Mapping[str, Any]) -> Iterator[int]:
    """Receivables that an act's fields are about; what is malformed its builder refuses."""
    match fields:
        case {"lot_id": str(text)}:
            yield lot_id_of(text).receivable_id
        case {"receivable_id": int(number)}:
            yield number
        case {"receivable_ids": [*numbers]}:
            yield from (number for number in numbers if isinstance(number, int))
        case {"request_id": int(number)}:
            yield from _receivable_of_request(context, number)
        case {"quote_hash": str(hash_)}:
            quote = context.session.get(QuoteRow, hash_)
            if quote is None:
                raise NotFound("quote", hash_)
            yield from _receivable_of_request(context, quote.request_id)
        case _:
            return


def _receivable_of_request(context: Context, request_id: int) -> Iterator[int]:
    request = get_financing_request(context.session, request_id)
    if request is not None:
        yield request.lot_id.receivable_id


def next_number(context: Context, maker_key: str) -> int:
    """A running number above all a maker's key has used or may still use, and in no fresh draft."""
    session = context.session
    used = highest_nonce_used(session, maker_key)
    lowest = 1 + max(
        highest_number(session, maker_key),
        highest_quote_number(session, maker_key),
        -1 if used < 0 else number_of(used),
    )
    return context.numbers.take(maker_key, lowest, context.now)


def simulate_unsigned(context: Context, order: SignedOrder) -> None:
    """Ask the contracts what an order would do if it were signed.

    Raises:
        ChainfinError: The rule they would refuse it for.
    """
    network = context.network
    network.node.call(
        order.message["target"],
        calldata_of(context, order),
        overrides=network.unsigned_overrides(),
    )


def _first_maker(context: Context, organisation: int, act: str) -> str:
    role = roles_required(act)[0]
    now_at = context.as_of().block_timestamp
    for entry in keys_of(context.session, organisation):
        if (entry.roles & role or not role) and entry.is_valid(now_at):
            return entry.key
    raise NotFound("valid key", f"{role.name} of organisation {organisation}".lower())


def _default_deadline(context: Context, act: str, fields: Mapping[str, Any]) -> int:
    expires_at = fields.get("expires_at")
    if act in _SIGNED_WHILE_OPEN and type(expires_at) is int:
        return expires_at
    return context.as_of().block_timestamp + ORDER_SECONDS


def _needs_checker(context: Context, organisation: int, act: str, built: Built) -> bool:
    if built.checker_required is not None:
        return built.checker_required
    if len(roles_required(act)) == 1:
        return False
    if not built.amount_minor or built.currency is None:
        return True
    now_at = context.as_of().block_timestamp
    limit = dual_control_limit_at(context.session, organisation, built.currency, now_at)
    return built.amount_minor > limit
