"""Programmes and deposits: builders of those orders."""

from collections.abc import Mapping
from typing import Any

import msgspec

from chainfin.codec.hashing import NO_HASH, from_hash
from chainfin.domain.money import exponent_of
from chainfin.domain.rules import USUAL_TENOR_DAYS
from chainfin.domain.service_errors import FieldMalformed, NotFound
from chainfin.models.participants import ProgrammeRow, get_programme
from chainfin.services.context import Built, Context, read_fields

TECHNIQUES = (
    "receivables_discounting",
    "forfaiting",
    "factoring",
    "payables_finance",
    "loan_against_receivables",
    "distributor_finance",
    "loan_against_inventory",
    "pre_shipment_finance",
)
"""The eight techniques of the SCF Standard Definitions (2016), numbered from 0."""


class OpenProgrammeFields(msgspec.Struct, forbid_unknown_fields=True):
    """The rules an anchor's receivables live under."""

    currency: str
    deposit: str | None = None
    technique: str = "payables_finance"
    with_recourse: bool = False
    acceptance_required: bool = True
    maximum_tier: int = 6
    maximum_lots: int = 500
    minimum_lot_face_value_minor: int = 1
    maximum_tenor_days: int = USUAL_TENOR_DAYS
    tenor_reason_hash: str = NO_HASH
    legacy: bool = False
    minimum_tenor_days: int = 0
    filing_required: bool = False
    late_interest_bps: int = 0
    replaces: int = 0
    terms_hash: str = NO_HASH


class OpenDepositAccountsFields(msgspec.Struct, forbid_unknown_fields=True):
    """Organisations that shall have an account."""

    holders: list[int]
    currency: str
    deposit: str | None = None


class MintDepositFields(msgspec.Struct, forbid_unknown_fields=True):
    """Whom the bank credits, and for what."""

    to: int
    amount_minor: int
    currency: str
    deposit: str | None = None
    reference_hash: str = NO_HASH


class RedeemDepositFields(msgspec.Struct, forbid_unknown_fields=True):
    """What the owner gives back to the bank."""

    amount_minor: int
    currency: str
    deposit: str | None = None
    reference_hash: str = NO_HASH


def build_open_programme(context: Context, organisation: int, fields: Mapping[str, Any]) -> Built:  # noqa: ARG001
    """A version of an anchor's programme."""
    wanted = read_fields(OpenProgrammeFields, fields)
    if wanted.technique not in TECHNIQUES:
        raise FieldMalformed("technique", wanted.technique, ", ".join(TECHNIQUES))
    return Built(
        fields={
            "technique": TECHNIQUES.index(wanted.technique),
            "currency": currency_bytes(wanted.currency),
            "deposit": deposit_for(context, wanted.currency, wanted.deposit),
            "withRecourse": wanted.with_recourse,
            "acceptanceRequired": wanted.acceptance_required,
            "maximumTier": wanted.maximum_tier,
            "maximumLots": wanted.maximum_lots,
            "minimumLotFaceValue": wanted.minimum_lot_face_value_minor,
            "maximumTenorDays": wanted.maximum_tenor_days,
            "tenorReasonHash": from_hash(wanted.tenor_reason_hash),
            "legacy": wanted.legacy,
            "minimumTenorDays": wanted.minimum_tenor_days,
            "filingRequired": wanted.filing_required,
            "lateInterestBps": wanted.late_interest_bps,
            "replaces": wanted.replaces,
            "termsHash": from_hash(wanted.terms_hash),
        },
        attachments={},
        currency=wanted.currency,
    )


def build_open_deposit_accounts(
    context: Context,
    organisation: int,  # noqa: ARG001
    fields: Mapping[str, Any],
) -> Built:
    """Accounts at a settlement bank."""
    wanted = read_fields(OpenDepositAccountsFields, fields)
    return Built(
        fields={"holders": wanted.holders},
        attachments={},
        target=deposit_for(context, wanted.currency, wanted.deposit),
    )


def build_mint_deposit(context: Context, organisation: int, fields: Mapping[str, Any]) -> Built:  # noqa: ARG001
    """Deposit money credited by its bank."""
    wanted = read_fields(MintDepositFields, fields)
    return Built(
        fields={
            "to": wanted.to,
            "currency": currency_bytes(wanted.currency),
            "amount": wanted.amount_minor,
            "referenceHash": from_hash(wanted.reference_hash),
        },
        attachments={},
        currency=wanted.currency,
        amount_minor=wanted.amount_minor,
        target=deposit_for(context, wanted.currency, wanted.deposit),
    )


def build_redeem_deposit(context: Context, organisation: int, fields: Mapping[str, Any]) -> Built:  # noqa: ARG001
    """Deposit money given back to its bank."""
    wanted = read_fields(RedeemDepositFields, fields)
    return Built(
        fields={
            "currency": currency_bytes(wanted.currency),
            "amount": wanted.amount_minor,
            "referenceHash": from_hash(wanted.reference_hash),
        },
        attachments={},
        currency=wanted.currency,
        amount_minor=wanted.amount_minor,
        target=deposit_for(context, wanted.currency, wanted.deposit),
    )


def deposit_for(context: Context, currency: str, wanted: str | None) -> str:
    """The tokenised deposit of a currency, where the caller names none.

    Raises:
        NotFound: The network has none, or not the one named.
        FieldMalformed: There are several; one must be named.
    """
    deposits = context.network.deployment.deposits
    if wanted is not None:
        if wanted not in deposits:
            raise NotFound("deposit", wanted)
        return wanted
    read = context.network.read
    matching = [
        address
        for address in deposits
        if read("TokenisedDeposit", "currency", address=address) == currency.encode()
    ]
    if not matching:
        raise NotFound("deposit", currency)
    if len(matching) > 1:
        raise FieldMalformed("deposit", "", "one of " + ", ".join(matching))
    return matching[0]


def programme_of(context: Context, programme_id: int) -> ProgrammeRow | None:
    """A version of a programme, read once in a unit of work however often it is asked for."""
    return context.once(
        ("programme", programme_id), lambda: get_programme(context.session, programme_id)
    )


def bank_of_deposit(context: Context, deposit: str) -> int:
    """The bank that keeps a tokenised deposit, which it does for good; asked of the chain once."""
    return context.once(
        ("bank of deposit", deposit),
        lambda: int(context.network.read("TokenisedDeposit", "bank", address=deposit)),
    )


def currency_bytes(code: str) -> bytes:
    """A currency's code as orders carry it.

    Raises:
        CurrencyUnknown: There is no such currency.
    """
    exponent_of(code)
    return code.encode()
