"""The copy of the Council: its members, decisions and votes; and decisions prepared here."""

from collections.abc import Sequence
from typing import ClassVar

from sqlalchemy import BigInteger, Column, LargeBinary, Text
from sqlmodel import Field, Session, SQLModel, col, select

from chainfin.models.columns import (
    Address,
    Hash,
    IndexTable,
    Int64,
    KeyHash,
    KeyInt64,
    StatusOfDecision,
)

THE_COUNCIL = 1
"""There is one Council; its row has this number."""


class CouncilRow(IndexTable, table=True):
    """The Council in its present term."""

    __tablename__: ClassVar[str] = "council"

    council: KeyInt64
    term: Int64
    threshold: Int64
    sequence: Int64


class CouncilMemberRow(IndexTable, table=True):
    """A seat in the Council."""

    __tablename__: ClassVar[str] = "council_member"

    term: KeyInt64
    organisation: KeyInt64


class DecisionRow(IndexTable, table=True):
    """A decision somebody has voted on: one call of one contract."""

    __tablename__: ClassVar[str] = "decision"

    decision: KeyHash
    subject: Address
    salt: Hash
    status: StatusOfDecision
    term: Int64
    executable_at: Int64
    proposed_sequence: Int64
    calldata: str = Field(sa_column=Column(Text, nullable=False))


class DecisionVoteRow(IndexTable, table=True):
    """A member's last vote on a decision."""

    __tablename__: ClassVar[str] = "decision_vote"

    decision: KeyHash
    organisation: KeyInt64
    in_favour: bool


class PreparedDecisionRow(SQLModel, table=True):
    """A decision prepared for members to vote on: private until the first of them has."""

    __tablename__: ClassVar[str] = "prepared_decision"

    decision: str = Field(primary_key=True)
    action: str
    subject: str
    calldata: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    salt: str
    prepared_by: int = Field(sa_type=BigInteger)
    prepared_at: int = Field(sa_type=BigInteger)


# --- queries ---------------------------------------------------------------------------------


def get_council(session: Session) -> CouncilRow | None:
    """The Council, once there is one."""
    return session.get(CouncilRow, THE_COUNCIL)


def council_members(session: Session, term: int) -> list[int]:
    """Who sits in it in a term, by number."""
    wanted = select(CouncilMemberRow.organisation).where(CouncilMemberRow.term == term)
    return sorted(session.exec(wanted))


def get_decision(session: Session, decision: str) -> DecisionRow | None:
    """A decision somebody has voted on."""
    return session.get(DecisionRow, decision)


def list_decisions(session: Session) -> Sequence[DecisionRow]:
    """Decisions somebody has voted on, newest first."""
    return session.exec(
        select(DecisionRow).order_by(col(DecisionRow.proposed_sequence).desc())
    ).all()


def votes_on(session: Session, decisions: Sequence[str]) -> Sequence[DecisionVoteRow]:
    """The votes on decisions, by member."""
    wanted = select(DecisionVoteRow).where(col(DecisionVoteRow.decision).in_(decisions))
    return session.exec(wanted.order_by(col(DecisionVoteRow.organisation))).all()


def get_prepared(session: Session, decision: str) -> PreparedDecisionRow | None:
    """A decision prepared here."""
    return session.get(PreparedDecisionRow, decision)


def list_prepared(session: Session) -> Sequence[PreparedDecisionRow]:
    """Decisions prepared here, newest first."""
    return session.exec(
        select(PreparedDecisionRow).order_by(col(PreparedDecisionRow.prepared_at).desc())
    ).all()
