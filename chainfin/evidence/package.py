"""The file an auditor receives: canonical JSON, every member of which is proven or recomputed.

docs/evidence.md describes it member by member, `evidence.schema.json` its form.
"""

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from chainfin.codec.canonical_json import canonical_bytes, parse_canonical
from chainfin.codec.errors import CodecError
from chainfin.codec.hashing import ADDRESS_BYTES, WORD_BYTES, from_hex, to_hex
from chainfin.domain.receivable import LotId
from chainfin.evidence.errors import FormUnknown, MemberMalformed, NodeMisplaced, TrustMalformed
from chainfin.evidence.forms import Address, Base64, Hash, Hex, Natural, Number
from chainfin.evidence.trust import Trust, check_trust

FORMAT: Literal["chainfin.evidence/2"] = "chainfin.evidence/2"
MOST_HEADERS = 20_000
"""In one file; on a chain without seals, blocks from the first fact to the checkpoint."""
LARGEST_FILE = 64 << 20
"""Bytes a verifier looks at."""

Way = tuple[Natural, ...]
"""Places in `Package.nodes`, from a root to what is proven."""

SubjectKind = Literal["lot", "receivable", "participant"]


class Subject(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the evidence is about.

    Attributes:
        kind: A lot, a receivable with all its lots, or a participant's receivables.
        id: `17-3`, `17`, or the organisation's number.
        from_block: For a participant: each receivable has a fact in or after this block; else 0.
    """

    kind: SubjectKind
    id: str
    from_block: Natural

    def __str__(self) -> str:
        """As people name it."""
        return f"{self.kind} {self.id}"


class TransactionPlace(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a transaction is, and the trie nodes that prove it and its receipt.

    Attributes:
        block: The block's number.
        index: The transaction's place in it, from 0.
        transaction: Places in `Package.nodes`, from the transactions root to the transaction.
        receipt: Likewise, from the receipts root to its receipt.
    """

    block: Natural
    index: Natural
    transaction: Way
    receipt: Way


class KeyPlace(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A signing key and the proof of its entry in the registry."""

    key: Address
    word: Way


class LotPlace(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A lot's number within its receivable and the proof of its entry in the ledger."""

    lot: Natural
    word: Way


class StatePlaces(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Proofs of contracts' storage at the checkpoint, each a list of places in `Package.nodes`.

    Attributes:
        ledger: From the state root to the ledger's account.
        registry: From the state root to the participant registry's account.
        keys: From its storage root to each signing key, by address.
    """

    ledger: Way
    registry: Way
    keys: tuple[KeyPlace, ...]


class _Opening(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    salt: Hash
    file: Base64
    fields: dict[str, str]


class _Receivable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    receivable_id: Number
    undertaking: Way
    standing: Way
    programme: Way
    lots: tuple[LotPlace, ...]
    document: _Opening | None


class EvidenceFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file as JSON; `Package` is what it says."""

    format: Literal["chainfin.evidence/2"]
    trust: Trust
    subject: Subject
    headers: tuple[Hex, ...]
    nodes: tuple[Hex, ...]
    transactions: tuple[TransactionPlace, ...]
    state: StatePlaces
    receivables: tuple[_Receivable, ...]
    statement: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Opening:
    """What opens a document's commitment.

    Attributes:
        salt: 32 bytes.
        file: The document itself.
        fields: Its fields, text by name.
    """

    salt: bytes
    file: bytes
    fields: dict[str, str]


@dataclass(frozen=True, slots=True)
class ReceivablePlaces:
    """A receivable of the file.

    Attributes:
        receivable_id: Its number.
        undertaking: Places in `Package.nodes`, from the ledger's storage root to what its anchor
            undertook.
        standing: Likewise, to how it stands; to nothing where nothing happened since its issue.
        programme: Likewise, to the rules of its programme.
        lots: Likewise, to its lots that the subject asks for, by number.
        document: The trade document, where the file discloses it.
    """

    receivable_id: int
    undertaking: Way
    standing: Way
    programme: Way
    lots: tuple[LotPlace, ...]
    document: Opening | None


@dataclass(frozen=True, slots=True)
class Package:
    """An evidence file, read.

    Attributes:
        trust: The root it was made for; the auditor's own must be the same.
        subject: What it is about.
        headers: RLP of headers, in order: every block from the first fact to the checkpoint, or,
            on sealed blocks, those with facts or votes and the checkpoint.
        nodes: Every trie node the proofs need, once, in the order of first use.
        transactions: Every transaction with a fact of the receivables, in chain order.
        state: What the contracts' storage held at the checkpoint.
        receivables: Those the subject asks for, by number.
        statement: What all this is said to prove.
    """

    trust: Trust
    subject: Subject
    headers: tuple[bytes, ...]
    nodes: tuple[bytes, ...]
    transactions: tuple[TransactionPlace, ...]
    state: StatePlaces
    receivables: tuple[ReceivablePlaces, ...]
    statement: dict[str, Any]

    def ways(self) -> Iterator[Way]:
        """Every proof's places in `nodes`, in the order that gives the nodes theirs."""
        for entry in self.transactions:
            yield entry.transaction
            yield entry.receipt
        yield self.state.ledger
        for receivable in self.receivables:
            yield receivable.undertaking
            yield receivable.standing
            yield receivable.programme
            yield from [lot.word for lot in receivable.lots]
        yield self.state.registry
        yield from [key.word for key in self.state.keys]


def read_package(data: bytes) -> Package:
    """Read an evidence file.

    Raises:
        JsonTooLarge: It is larger than a verifier looks at.
        JsonNotCanonical: It is not the one form of its content.
        FormUnknown: It is of another format or version.
        MemberMalformed: A member is missing, unknown, or not in its form.
        NodeMisplaced: The nodes are not exactly those used, once each, in the order of first use.
    """
    document = parse_canonical(data, LARGEST_FILE)
    found = document.get("format") if isinstance(document, dict) else None
    if found != FORMAT:
        raise FormUnknown(f"the format is {found!r}, not {FORMAT!r}")
    try:
        file = msgspec.convert(document, EvidenceFile, strict=True)
        package = _read_file(file)
    except (msgspec.ValidationError, CodecError, TrustMalformed, binascii.Error) as error:
        raise MemberMalformed(str(error)) from None
    if not 1 <= len(package.headers) <= MOST_HEADERS:
        raise MemberMalformed(f"there are {len(package.headers)} headers, not 1 to {MOST_HEADERS}")
    _check_nodes(package)
    return package


def write_package(package: Package) -> bytes:
    """The one form of an evidence file."""
    file = EvidenceFile(
        format=FORMAT,
        trust=package.trust,
        subject=package.subject,
        headers=tuple(map(to_hex, package.headers)),
        nodes=tuple(map(to_hex, package.nodes)),
        transactions=package.transactions,
        state=package.state,
        receivables=tuple(map(_write_receivable, package.receivables)),
        statement=package.statement,
    )
    return canonical_bytes(msgspec.to_builtins(file))


def subject_of(kind: str, identifier: str, from_block: int = 0) -> Subject:
    """A subject in its one form.

    Raises:
        MemberMalformed: The identifier is none of its kind, or the block is none.
    """
    try:
        if kind == "lot":
            is_canonical = str(LotId.parse(identifier)) == identifier
        else:
            is_canonical = str(int(identifier)) == identifier and int(identifier) > 0
        subject = msgspec.convert(
            {"kind": kind, "id": identifier, "from_block": from_block}, Subject, strict=True
        )
    except ValueError as error:
        raise MemberMalformed(f"{kind} {identifier!r}: {error}") from None
    if not is_canonical:
        raise MemberMalformed(f"{identifier!r} is no {kind}'s number")
    if from_block and (kind != "participant" or from_block < 0):
        raise MemberMalformed(f"the history of a {kind} has no part from block {from_block}")
    return subject


def _read_file(file: EvidenceFile) -> Package:
    check_trust(file.trust)
    for entry in file.state.keys:
        from_hex(entry.key, ADDRESS_BYTES)
    return Package(
        trust=file.trust,
        subject=subject_of(file.subject.kind, file.subject.id, file.subject.from_block),
        headers=tuple(map(from_hex, file.headers)),
        nodes=tuple(map(from_hex, file.nodes)),
        transactions=file.transactions,
        state=file.state,
        receivables=tuple(map(_read_receivable, file.receivables)),
        statement=file.statement,
    )


def _read_receivable(entry: _Receivable) -> ReceivablePlaces:
    number = subject_of("receivable", entry.receivable_id).id
    return ReceivablePlaces(
        receivable_id=int(number),
        undertaking=entry.undertaking,
        standing=entry.standing,
        programme=entry.programme,
        lots=entry.lots,
        document=_read_opening(entry.document),
    )


def _write_receivable(places: ReceivablePlaces) -> _Receivable:
    opening = places.document
    return _Receivable(
        receivable_id=str(places.receivable_id),
        undertaking=places.undertaking,
        standing=places.standing,
        programme=places.programme,
        lots=places.lots,
        document=None if opening is None else _write_opening(opening),
    )


def _read_opening(entry: _Opening | None) -> Opening | None:
    if entry is None:
        return None
    file = base64.b64decode(entry.file, validate=True)
    opening = Opening(from_hex(entry.salt, WORD_BYTES), file, entry.fields)
    # Base64 has several spellings of some bytes; the file has one.
    if _write_opening(opening) != entry:
        raise MemberMalformed("the document is not in its one base64 form")
    return opening


def _write_opening(opening: Opening) -> _Opening:
    return _Opening(
        to_hex(opening.salt), base64.b64encode(opening.file).decode(), dict(opening.fields)
    )


def _check_nodes(package: Package) -> None:
    """Refuse nodes that no proof needs, or that have two places."""
    if len(set(package.nodes)) != len(package.nodes):
        raise NodeMisplaced("a node is there twice")
    first_used = dict.fromkeys(place for way in package.ways() for place in way)
    if list(first_used) != list(range(len(package.nodes))):
        raise NodeMisplaced("the nodes are not in the order of their first use")
