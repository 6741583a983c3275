"""What every use case is given: a database session, a network, the keeper, the wall's time."""

import itertools
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

import msgspec
from sqlmodel import Session

from chainfin.chain.network import Network
from chainfin.codec.fingerprint_keys import FingerprintKey
from chainfin.codec.signers import Signer
from chainfin.domain.access import ALL_SCOPES, Scope
from chainfin.domain.audit import AsOf
from chainfin.domain.receivable import LotId
from chainfin.domain.service_errors import FieldMalformed, NotFound, RightRequired
from chainfin.models.chain_index import as_of

_Fields = TypeVar("_Fields", bound=msgspec.Struct)
_Read = TypeVar("_Read")

_DIGITS_OF_A_PLACE = 18
"""As many as 64 bits always hold."""


@dataclass(frozen=True, slots=True)
class Keeper:
    """The operator's own organisation that fingerprints trade documents.

    Attributes:
        organisation: Its number in the registry.
        signer: Its keeper key.
        fingerprint_keys: Keys of the fingerprint epochs it takes part in, by epoch.
        document_key: What wraps the keys of documents at rest, 32 bytes.
    """

    organisation: int
    signer: Signer
    fingerprint_keys: tuple[FingerprintKey, ...]
    document_key: bytes = field(repr=False)


class DraftNumbers:
    """Numbers that this process has put into drafts lately, so that no two drafts share one.

    Nothing is written for a draft. Another process may hand out the same number; then the order
    that arrives second is refused by name, and drafted again.
    """

    SECONDS = 600

    def __init__(self) -> None:
        """None handed out."""
        self._lock = threading.Lock()
        self._taken: dict[str, dict[int, int]] = {}

    def take(self, maker_key: str, lowest: int, now: int) -> int:
        """The lowest number from `lowest` on that is in no draft younger than ten minutes."""
        with self._lock:
            fresh = {
                number: since
                for number, since in self._taken.get(maker_key, {}).items()
                if number >= lowest and now - since < self.SECONDS
            }
            number = next(number for number in itertools.count(lowest) if number not in fresh)
            self._taken[maker_key] = fresh | {number: now}
        return number


@dataclass(frozen=True, slots=True)
class Context:
    """One unit of work. The edge that made it commits it.

    Attributes:
        session: An open database session.
        network: The chain.
        find_keeper: Finds the operator's keeper, where this process holds it.
        now: The wall's clock in UTC seconds: for logs and credentials, never for business.
        numbers: What this process has put into drafts.
        memo: What this unit of work has read and need not read again.
    """

    session: Session
    network: Network
    find_keeper: Callable[[Session], Keeper | None] | None
    now: int
    numbers: DraftNumbers = field(default_factory=DraftNumbers)
    memo: dict[object, Any] = field(default_factory=dict)

    def once(self, name: object, read: Callable[[], _Read]) -> _Read:
        """What `read` answers, read once in this unit of work."""
        if name not in self.memo:
            self.memo[name] = read()
        return cast(_Read, self.memo[name])

    @property
    def keeper(self) -> Keeper | None:
        """The operator's keeper; looked for when it is asked for.

        Not before: a unit of work that may write holds up all others from its first question on.
        """
        find = self.find_keeper
        return None if find is None else self.once("keeper", lambda: find(self.session))

    def as_of(self) -> AsOf:
        """The block the index stands at; its time is business time."""
        found = as_of(self.session)
        self.network.node.at_least(found.block_number)
        return found


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, as their credential says. Acting rights come from signatures alone.

    Attributes:
        organisation: The caller's organisation; 0 is the operator of this service.
        reads_all: Auditors and the operator read everything.
        scopes: What the credential was made for.
        actor: The credential or person, for the audit log: `api-key:…`, `key:0x…`, `person:…`.
    """

    organisation: int
    reads_all: bool = False
    scopes: frozenset[Scope] = ALL_SCOPES
    actor: str = ""

    def require_operator(self) -> None:
        """Refuse everybody but the operator."""
        if self.organisation != 0:
            raise RightRequired("operator")

    def require_scope(self, scope: Scope) -> None:
        """Refuse a credential that was not made for this."""
        if scope not in self.scopes:
            raise RightRequired(scope)

    def may_read(self, *parties: int) -> bool:
        """Whether an object of these parties may be shown to the caller."""
        return self.reads_all or self.organisation in parties

    def require_party(self, noun: str, identifier: object, *parties: int) -> None:
        """Refuse a stranger as if the object did not exist."""
        if not self.may_read(*parties):
            raise NotFound(noun, str(identifier))


@dataclass(frozen=True, slots=True)
class Built:
    """The inside of an order: what an act's builder gives.

    Attributes:
        fields: Members of the typed order after nonce and deadline, by their signed names.
        attachments: Unsigned arguments of the contract call, as JSON.
        currency: The currency of what is at stake, if any.
        amount_minor: How much; 0 means the act has no amount and always needs a checker.
        target: The contract, where it is not the act's own one (deposits).
        notes: What else the drafter should see: computed dates, prices, costs.
        checker_required: Whether a second key must sign, where the amount does not tell.
    """

    fields: Mapping[str, Any]
    attachments: Mapping[str, Any]
    currency: str | None = None
    amount_minor: int = 0
    target: str | None = None
    notes: Mapping[str, Any] | None = None
    checker_required: bool | None = None


def read_fields(kind: type[_Fields], fields: Mapping[str, Any]) -> _Fields:
    """An act's fields as typed values.

    Raises:
        FieldMalformed: A field is missing, unknown, or of the wrong type.
    """
    try:
        return msgspec.convert(fields, kind, strict=True)
    except msgspec.ValidationError as error:
        reason, _, place = str(error).partition(" - at ")
        raise FieldMalformed(
            place.strip("`").lstrip("$.") or "fields", "as given", reason
        ) from None


def place_of(cursor: str | None, count: int) -> Any:
    """The so many numbers a cursor such as `17-3` is made of, as a tuple; None for the beginning.

    Raises:
        FieldMalformed: The cursor is none that was given out.
    """
    if cursor is None:
        return None
    parts = cursor.split("-")
    if len(parts) != count or not all(
        part.isdecimal() and len(part) <= _DIGITS_OF_A_PLACE for part in parts
    ):
        raise FieldMalformed("cursor", cursor[:60], "the next_cursor of a page before")
    return tuple(map(int, parts))


def lot_id_of(text: str) -> LotId:
    """A lot's number as people write it, `17-3`."""
    try:
        return LotId.parse(text)
    except ValueError:
        raise FieldMalformed("lot_id", text, "a lot such as 17-3") from None
