"""The organisations of the network, their keys, and the table of who may order what.

An organisation is a number the registry gave it. It owns; its keys only sign for it. The contracts
decide who may act. What stands here is the same table, so that a refusal can be explained before
anybody signs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from types import MappingProxyType

from chainfin.domain.service_errors import FieldMalformed


class ParticipantKind(IntFlag):
    """What an organisation is; it may be several things."""

    NONE = 0
    """A member that only holds."""
    ANCHOR = 1
    """Owes: issues receivables on itself and pays them."""
    SUPPLIER = 2
    """Is owed: accepts receivables and passes them on."""
    FUNDER = 4
    """Buys lots for money, under a licence."""
    SETTLEMENT_BANK = 8
    """Keeps participants' money and issues it as tokenised deposits."""
    AUDITOR = 16
    """Reads everything; orders nothing."""
    REGISTRAR = 32
    """A court, or an authority or registry that orders by law: freezes, holds, inquiries."""
    KEEPER = 64
    """Holds the key that fingerprints trade documents and signs for what it computed."""


class KeyRole(IntFlag):
    """What a key may do for its organisation; it may have several roles."""

    NONE = 0
    """Nothing."""
    MAKER = 1
    """Signs an order first 经办."""
    CHECKER = 2
    """Signs as the second person 复核."""
    ADMINISTRATOR = 4
    """Registers the organisation's keys, with a second one; ends them, alone."""
    KEEPER = 8
    """Signs for fingerprints of documents."""


class KeyKind(IntEnum):
    """How a key signs; fixed when it is registered."""

    PLAIN = 0
    """A key pair on secp256k1."""
    CONTRACT = 1
    """A contract that answers for its signers (ERC-1271)."""


class ParticipantStatus(IntEnum):
    """Whether an organisation may act."""

    NONE = 0
    """Nobody has this number."""
    ADMITTED = 1
    """May act within its kinds."""
    SUSPENDED = 2
    """May only pay, repay, release and be paid."""
    BLOCKED = 3
    """Listed: may do nothing and is paid nothing until cleared."""


@dataclass(frozen=True, slots=True)
class Participant:
    """An organisation as the registry has it.

    Attributes:
        organisation: Its number, from 1.
        kinds: What it is.
        status: Whether it may act.
        admitted_at: When it joined.
        licence_expires_at: End of its licence to fund; 0 for none.
        parent: The organisation that controls it; 0 for none.
        sequence: Running number of its own events.
    """

    organisation: int
    kinds: ParticipantKind
    status: ParticipantStatus
    admitted_at: int
    licence_expires_at: int
    parent: int
    sequence: int

    def is_licensed(self, block_time: int) -> bool:
        """Whether it may fund at this instant."""
        return self.licence_expires_at > block_time


@dataclass(frozen=True, slots=True)
class ParticipantKey:
    """A key as the registry has it.

    Attributes:
        key: Its address; registered once, for ever.
        organisation: Whom it signs for.
        roles: What it may sign.
        kind: How it signs.
        valid_from: First instant at which it counts.
        valid_until: First instant at which it counts no more.
        person: First 15 bytes of a salted hash of the person who holds it.
    """

    key: str
    organisation: int
    roles: KeyRole
    kind: KeyKind
    valid_from: int
    valid_until: int
    person: str

    def is_valid(self, block_time: int) -> bool:
        """Whether an order it signed may run at this instant."""
        return self.valid_from <= block_time < self.valid_until


KIND_REQUIRED: Mapping[str, ParticipantKind] = MappingProxyType(
    {
        "open_programme": ParticipantKind.ANCHOR,
        "issue_receivable": ParticipantKind.ANCHOR,
        "issue_batch": ParticipantKind.ANCHOR,
        "submit_quote": ParticipantKind.FUNDER,
        "record_filing": ParticipantKind.FUNDER,
        "fund_quote": ParticipantKind.FUNDER,
        "open_deposit_accounts": ParticipantKind.SETTLEMENT_BANK,
        "mint_deposit": ParticipantKind.SETTLEMENT_BANK,
        "attest_payment": ParticipantKind.SETTLEMENT_BANK,
        "attest_funding": ParticipantKind.SETTLEMENT_BANK,
        "deny_funding": ParticipantKind.SETTLEMENT_BANK,
        "freeze_lots": ParticipantKind.REGISTRAR,
        "hold_lots": ParticipantKind.REGISTRAR,
        "renew_freeze": ParticipantKind.REGISTRAR,
        "lift_freeze": ParticipantKind.REGISTRAR,
    }
)
"""The kind an organisation needs for an act; acts that are absent need none."""

LICENCE_REQUIRED = frozenset({"submit_quote", "record_filing", "fund_quote"})
"""Acts that need a licence in force (R-06)."""

ALLOWED_WHEN_SUSPENDED = frozenset(
    {
        "settle_receivable",
        "repurchase_lot",
        "offer_early_payment",
        "reject_transfer",
        "lift_freeze",
        "release_pledge",
        "release_funding",
        "vote",
    }
)
"""Acts of which the suspended are still capable.

They pay what they owe and hold nobody's lot; and vote, lest nobody is left to end a suspension.
"""

MAKER_AND_CHECKER = (KeyRole.MAKER, KeyRole.CHECKER)
ROLES_REQUIRED: Mapping[str, tuple[KeyRole, ...]] = MappingProxyType(
    {
        "register_key": (KeyRole.ADMINISTRATOR, KeyRole.ADMINISTRATOR),
        "revoke_key": (KeyRole.ADMINISTRATOR,),
        "veto_key": (KeyRole.NONE,),
        "cancel_order": (KeyRole.NONE,),
    }
)
"""What the keys that sign an act must be allowed, in their order; NONE is any key.

Acts that are absent need a maker and, above the limit, a checker. An act of one key only takes
power away: it works at once, and for the suspended and the blocked too.
"""


def roles_required(act: str) -> tuple[KeyRole, ...]:
    """The roles of the keys that sign an act, the first one's first."""
    return ROLES_REQUIRED.get(act, MAKER_AND_CHECKER)


def mask_of(kind: type[ParticipantKind] | type[KeyRole], names: Sequence[str], field: str) -> int:
    """Kinds or roles by their lower-case names, as the registry's mask.

    Raises:
        FieldMalformed: A name is not known.
    """
    known = {member.name.lower(): member.value for member in kind if member.name}
    mask = 0
    for name in names:
        if name not in known:
            raise FieldMalformed(field, name, ", ".join(known))
        mask |= known[name]
    return mask


def may_order(participant: Participant, act: str, block_time: int) -> bool:
    """Whether an organisation may order an act at this instant, as far as its entry says."""
    if len(roles_required(act)) == 1:
        return True
    if participant.status is not ParticipantStatus.ADMITTED:
        is_suspended = participant.status is ParticipantStatus.SUSPENDED
        return is_suspended and act in ALLOWED_WHEN_SUSPENDED
    wanted = KIND_REQUIRED.get(act)
    if wanted is not None and not participant.kinds & wanted:
        return False
    return act not in LICENCE_REQUIRED or participant.is_licensed(block_time)
