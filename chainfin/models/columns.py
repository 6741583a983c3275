"""Column types of the copy of the chain, and the base class that keeps its tables apart.

Hashes and addresses are lower-case text of fixed length, amounts and instants are 64-bit integers,
256-bit numbers are text of fixed length: no database here has an integer that wide. A table
derives from `IndexTable` if it is rebuilt from the chain; such tables are never migrated.
"""

from enum import IntEnum, IntFlag, StrEnum
from functools import lru_cache
from typing import Annotated, Any, TypeAlias

from sqlalchemy import (
    BigInteger,
    Dialect,
    Integer,
    MetaData,
    String,
    Table,
    TypeDecorator,
    event,
)
from sqlmodel import Field, SQLModel

from chainfin.domain.council import DecisionStatus
from chainfin.domain.financing import FinancingStatus
from chainfin.domain.participant import KeyKind, KeyRole, ParticipantKind, ParticipantStatus
from chainfin.domain.receivable import Arrears, Encumbrance, ReceivableStatus, TransferStatus

ADDRESS_LENGTH = 42
HASH_LENGTH = 66
CURRENCY_LENGTH = 8
"""Three letters; or three bytes behind `0x`, since the chain lets an organisation write any."""


class IndexTable(SQLModel):
    """A table that holds nothing the chain does not: it can be deleted and rebuilt."""

    metadata = MetaData()


@event.listens_for(Table, "after_parent_attach")
def _keep_as_one_tree(table: Table, parent: MetaData) -> None:
    """A table of SQLite is a tree by row number, with a second tree for its key, unless told so.

    Only what is large is better off as it was.
    """
    if parent is IndexTable.metadata:
        table.dialect_options["sqlite"]["with_rowid"] = table.name == "chain_logs"


class Uint256(TypeDecorator[int]):
    """A 256-bit number, kept as hexadecimal text of fixed length, so that it sorts."""

    impl = String(HASH_LENGTH)
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """To text."""
        return None if value is None else f"0x{value:064x}"

    def process_result_value(self, value: str | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """From text."""
        return None if value is None else int(value, 16)


class Code(TypeDecorator[Any]):
    """A member of an enumeration of the contracts, kept as its number."""

    impl = Integer
    cache_ok = True

    def __init__(self, kind: type[IntEnum | IntFlag]) -> None:
        """Name the enumeration."""
        super().__init__()
        self.kind = kind
        self._member_of = lru_cache(maxsize=256)(kind)

    def process_bind_param(self, value: int | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """To the number."""
        return None if value is None else int(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Any:  # noqa: ARG002
        """From the number."""
        return None if value is None else self._member_of(value)


class Word(TypeDecorator[Any]):
    """A member of an enumeration of ours, kept as its word."""

    impl = String(32)
    cache_ok = True

    def __init__(self, kind: type[StrEnum]) -> None:
        """Name the enumeration."""
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """To the word."""
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002
        """From the word."""
        return None if value is None else self.kind(value)


# What a column is stands in its annotation, so that a type checker still asks for every value.

Int64: TypeAlias = Annotated[int, Field(sa_type=BigInteger)]
"""An amount in minor units, UTC seconds, a number of the chain."""
OptionalInt64: TypeAlias = Annotated[int | None, Field(sa_type=BigInteger)]
KeyInt64: TypeAlias = Annotated[
    int,
    Field(sa_type=BigInteger, primary_key=True, sa_column_kwargs={"autoincrement": False}),
]
Hash: TypeAlias = Annotated[str, Field(sa_type=String(HASH_LENGTH))]
"""32 bytes."""
OptionalHash: TypeAlias = Annotated[str | None, Field(sa_type=String(HASH_LENGTH))]
KeyHash: TypeAlias = Annotated[str, Field(sa_type=String(HASH_LENGTH), primary_key=True)]
Address: TypeAlias = Annotated[str, Field(sa_type=String(ADDRESS_LENGTH))]
KeyAddress: TypeAlias = Annotated[str, Field(sa_type=String(ADDRESS_LENGTH), primary_key=True)]
KeyUint256: TypeAlias = Annotated[int, Field(sa_type=Uint256, primary_key=True)]
Currency: TypeAlias = Annotated[str, Field(sa_type=String(CURRENCY_LENGTH))]
"""An ISO 4217 code."""
KeyCurrency: TypeAlias = Annotated[str, Field(sa_type=String(CURRENCY_LENGTH), primary_key=True)]
ShortText: TypeAlias = Annotated[str, Field(sa_type=String(32))]
OptionalShortText: TypeAlias = Annotated[str | None, Field(sa_type=String(32))]

ArrearsOfReceivable: TypeAlias = Annotated[Arrears, Field(sa_type=Code(Arrears))]
StatusOfReceivable: TypeAlias = Annotated[ReceivableStatus, Field(sa_type=Code(ReceivableStatus))]
StatusOfTransfer: TypeAlias = Annotated[TransferStatus, Field(sa_type=Word(TransferStatus))]
StatusOfFinancing: TypeAlias = Annotated[FinancingStatus, Field(sa_type=Code(FinancingStatus))]
StatusOfParticipant: TypeAlias = Annotated[
    ParticipantStatus, Field(sa_type=Code(ParticipantStatus))
]
EncumbranceOfLot: TypeAlias = Annotated[Encumbrance, Field(sa_type=Code(Encumbrance))]
KindsOfParticipant: TypeAlias = Annotated[ParticipantKind, Field(sa_type=Code(ParticipantKind))]
RolesOfKey: TypeAlias = Annotated[KeyRole, Field(sa_type=Code(KeyRole))]
StatusOfDecision: TypeAlias = Annotated[DecisionStatus, Field(sa_type=Code(DecisionStatus))]
KindOfKey: TypeAlias = Annotated[KeyKind, Field(sa_type=Code(KeyKind))]
