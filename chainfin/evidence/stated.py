"""The form of a statement: every member of what a file proves, in words for programs."""

from typing import Any, Literal, TypedDict

from chainfin.evidence.claims import Claims
from chainfin.evidence.forms import Address, Hash, Instant, LotName, Natural, Number


class StatedSubject(TypedDict):
    """What the file is about."""

    kind: Literal["lot", "receivable", "participant"]
    id: str
    from_block: Natural


class StatedChange(TypedDict):
    """A validator that votes added or removed, from the block after this one on."""

    block_number: Natural
    subject: Address
    is_addition: bool


class StatedSeals(TypedDict):
    """What the seals said: how many, who may seal after the last block, and how that came."""

    seal_count: Natural
    validators: list[Address]
    changes: list[StatedChange]


class StatedChain(TypedDict):
    """The last block and what leads to it; `seals` is null where one block is trusted."""

    chain_id: Natural
    block_hash: Hash
    block_number: Natural
    timestamp: Instant
    header_count: Natural
    seals: StatedSeals | None


class StatedLot(TypedDict):
    """A lot at the last block, with the lots it was taken from up to the root."""

    lot_id: LotName
    lineage: list[LotName]
    holder: Natural
    face_value_minor: Number
    paid_minor: Number
    tier: Natural
    transfer_count: Natural
    encumbrance: str
    is_settled: bool


class StatedConservation(TypedDict):
    """The face value, and what it is made up of over all lots."""

    face_value_minor: Number
    outstanding_in_lots_minor: Number
    paid_to_lots_minor: Number


class StatedDocument(TypedDict):
    """The trade document committed to at issue; its file's hash where it is disclosed."""

    document_type: int
    amount_minor: Number
    fingerprint: Hash
    commitment: Hash
    is_opened: bool
    file_sha256: Hash | None


class StatedFact(TypedDict):
    """An event of the receivable, its own members, and the orders of its transaction."""

    event: str
    sequence: Natural
    block_number: Natural
    transaction_hash: Hash
    at: Instant
    details: dict[str, Any]
    orders: list[Hash]


class StatedReceivable(TypedDict):
    """A receivable at the last block, and everything that happened to it."""

    receivable_id: Number
    obligor: Natural
    supplier: Natural
    programme_id: Natural
    currency: str
    deposit: Address
    face_value_minor: Number
    maturity_at: Instant
    grace_ends_at: Instant
    status: str
    paid_minor: Number
    cleared_minor: Number
    lot_count: Natural
    sequence: Natural
    lots: list[StatedLot]
    conservation: StatedConservation
    document: StatedDocument
    facts: list[StatedFact]


class StatedKey(TypedDict):
    """A key that signed, as the registry has it."""

    key: Address
    organisation: Natural
    roles: list[str]
    kind: str
    valid_from: Instant
    valid_until: Instant
    person: str


class StatedSignature(TypedDict):
    """Who signed an order; not recovered where the key is a contract."""

    key: Address
    role: str
    is_recovered: bool


class StatedOrder(TypedDict):
    """An order that was signed and ran."""

    order_hash: Hash
    primary_type: str
    organisation: Natural
    at: Instant
    signatures: list[StatedSignature]


class Statement(TypedDict):
    """Everything a file proves."""

    subject: StatedSubject
    chain: StatedChain
    receivables: list[StatedReceivable]
    keys: list[StatedKey]
    orders: list[StatedOrder]
    claims: Claims
