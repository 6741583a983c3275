"""Bodies of requests. Strict: a field too many or of another type is refused."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

Number = Annotated[int, Field(ge=0, le=2**63 - 1)]
"""A number of the chain, in a path or a query: as large as any database here takes."""
HexText = Annotated[str, Field(pattern=r"^0x([0-9a-f]{2})*$", max_length=20_000)]
MOST_DOCUMENTS = 5_000
MOST_NAMES = 5_000
MOST_ORDERS = 500
MOST_FILE_TEXT = 40_000_000
"""Base64 of what the largest setting for files is meant for; the setting itself refuses earlier."""


class Body(BaseModel):
    """A request's body."""

    model_config = ConfigDict(extra="forbid", strict=True)


class DraftBody(Body):
    """An act and what it shall be about, by the names of its draft."""

    act: str = Field(examples=["split_lot"])
    fields: dict[str, Any] = Field(
        examples=[{"lot_id": "17-1", "parts": [{"face_value_minor": 250_000}]}]
    )
    maker_key: str | None = None
    deadline_at: int | None = None


class DecisionBody(Body):
    """What the Council shall decide, by the names of its fields."""

    action: str = Field(examples=["suspend"])
    fields: dict[str, Any] = Field(examples=[{"organisation": 7}])


class ApprovalBody(Body):
    """One signature under an order."""

    key: HexText
    signature: HexText


class OrderBody(Body):
    """A signed order: the typed data as drafted, maker's and checker's signatures, attachments."""

    typed_data: dict[str, Any]
    approvals: list[ApprovalBody] = Field(max_length=2)
    attachments: dict[str, Any] = {}

    def approvals_as_given(self) -> list[dict[str, str]]:
        """The approvals as plain values."""
        return [{"key": entry.key, "signature": entry.signature} for entry in self.approvals]

    def as_given(self) -> dict[str, Any]:
        """The order as plain values; not by `model_dump`, which would copy every one of them."""
        return {
            "typed_data": self.typed_data,
            "approvals": self.approvals_as_given(),
            "attachments": self.attachments,
        }


class BulkBody(Body):
    """Many signed orders; each as `POST /v1/orders` takes it."""

    orders: list[OrderBody] = Field(min_length=1, max_length=MOST_ORDERS)

    def as_given(self) -> list[dict[str, Any]]:
        """The orders as plain values."""
        return [entry.as_given() for entry in self.orders]


class SignInBody(Body):
    """A signed message of EIP-4361."""

    message: str = Field(max_length=4_000)
    signature: str = Field(max_length=200)


class ApiKeyBody(Body):
    """An API key to make: two of one label may live at a time."""

    label: str = Field(min_length=1, max_length=100)
    scopes: list[str] = Field(min_length=1, max_length=3)
    expires_at: int | None = None


class PersonBody(Body):
    """A person as an identity provider knows them."""

    issuer: str = Field(min_length=1, max_length=500)
    subject: str = Field(min_length=1, max_length=500)
    name: str = Field(min_length=1, max_length=200)
    scopes: list[str] = Field(min_length=1, max_length=3)


class NamesBody(Body):
    """Names to look up."""

    names: list[str] = Field(max_length=MOST_NAMES)


class AdmissionsBody(Body):
    """Organisations to admit; each as `AdmissionFields` describes."""

    admissions: list[dict[str, Any]] = Field(max_length=MOST_NAMES)


class DocumentBody(Body):
    """One trade document: its file in base64, its facts, its amount."""

    seller: int = Field(ge=1)
    document_type: str
    number: str | None = None
    fiscal_year: int | None = None
    ordinal: int = Field(default=0, ge=0)
    file: str = Field(max_length=2_000_000)
    facts: dict[str, str]
    amount_minor: int = Field(ge=1)
    currency: str = Field(min_length=3, max_length=3)


class InvoiceBody(Body):
    """An invoice's file in base64; days to its due date; its order, delivery notes and receipts."""

    file: str = Field(max_length=20_000_000)
    tenor_days: int | None = Field(default=None, ge=1, le=3650)
    supporting: list[Annotated[str, Field(max_length=20_000_000)]] = Field(
        default=[], max_length=20
    )


class DocumentRuleBody(Body):
    """What an anchor asks of documents under one of its programmes."""

    programme_id: int = Field(ge=1)
    three_way_match: bool


class ReasonBody(Body):
    """Why somebody does something that others will ask about."""

    reason: str = Field(min_length=3, max_length=500)


class EncryptionKeyBody(Body):
    """An X25519 public key."""

    public_key: Annotated[str, Field(pattern=r"^0x[0-9a-f]{64}$")]


class RegistryCheckBody(Body):
    """One claim, by its registry key under the fingerprint key of an epoch."""

    epoch: int = Field(ge=1)
    registry_key: Annotated[str, Field(pattern=r"^0x[0-9a-f]{64}$")]


class RegistryChecksBody(Body):
    """Claims to look up."""

    checks: list[RegistryCheckBody] = Field(min_length=1, max_length=1_000)


class ContactBody(Body):
    """A claim, and the order by which its parties are told."""

    registry_key: Annotated[str, Field(pattern=r"^0x[0-9a-f]{64}$")]
    order_reference: str = Field(min_length=3, max_length=200)


class DocumentsBody(Body):
    """Documents to record."""

    documents: list[DocumentBody] = Field(max_length=MOST_DOCUMENTS)


class AccountsBody(Body):
    """Organisations, and the deposit they may have an account in."""

    currency: str = Field(min_length=3, max_length=3)
    organisations: list[int] = Field(max_length=MOST_NAMES)
    deposit: str | None = None


class InstantBody(Body):
    """A moment, UTC seconds."""

    instant_at: int = Field(ge=0)


class FileBody(Body):
    """A file in base64."""

    file: str = Field(max_length=MOST_FILE_TEXT)


class BankAccountBody(Body):
    """An account whose statements will be imported; `owner` only by a settlement bank."""

    account: str = Field(max_length=60, examples=["GB33 BUKB 2020 1555 5555 55"])
    currency: str = Field(min_length=3, max_length=3)
    holder_name: str = Field(max_length=200)
    bic: str | None = Field(default=None, max_length=11)
    owner: int | None = Field(default=None, ge=1)


class MatchBody(Body):
    """How far off a payment may be and still be recognised by itself."""

    amount_bps: int = Field(default=10, ge=0, le=1_000)
    days: int = Field(default=5, ge=0, le=60)


class ResolutionBody(Body):
    """What a person found about a line."""

    resolution: str = Field(max_length=500)
