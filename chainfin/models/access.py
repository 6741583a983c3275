"""The private table of organisations' names.

Names never go on chain: the registry holds a commitment to the legal identifier, and the profile
here says whose it is.
"""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from sqlalchemy import BigInteger
from sqlmodel import Field, Session, SQLModel, col, select

from chainfin.models.participants import ParticipantRow

_KEYS_A_QUERY = 500


class ParticipantProfileRow(SQLModel, table=True):
    """What the operator knows of an organisation besides the chain."""

    __tablename__: ClassVar[str] = "participant_profile"

    identity: str = Field(primary_key=True)
    name: str
    name_key: str = Field(unique=True)
    legal_identifier: str
    recorded_at: int = Field(sa_type=BigInteger)


def organisations_by_name(session: Session, name_keys: Iterable[str]) -> dict[str, int]:
    """Organisation numbers by normalised name: admitted ones only."""
    wanted = list(name_keys)
    found: dict[str, int] = {}
    for start in range(0, len(wanted), _KEYS_A_QUERY):
        some = wanted[start : start + _KEYS_A_QUERY]
        rows = session.exec(
            select(ParticipantProfileRow.name_key, ParticipantRow.organisation)
            .join(ParticipantRow, col(ParticipantRow.identity) == ParticipantProfileRow.identity)
            .where(col(ParticipantProfileRow.name_key).in_(some))
        )
        found |= dict(rows.all())
    return found


def names_of(session: Session, organisations: Iterable[int] | None = None) -> dict[int, str]:
    """Names by organisation number; all of them unless some are asked for."""
    query = select(ParticipantRow.organisation, ParticipantProfileRow.name).join(
        ParticipantProfileRow, col(ParticipantRow.identity) == ParticipantProfileRow.identity
    )
    if organisations is not None:
        query = query.where(col(ParticipantRow.organisation).in_(set(organisations)))
    return dict(session.exec(query).all())


def organisations_by_identifier(session: Session, identifiers: Iterable[str]) -> set[int]:
    """Admitted organisations with one of these legal identifiers."""
    query = (
        select(ParticipantRow.organisation)
        .join(ParticipantProfileRow, col(ParticipantRow.identity) == ParticipantProfileRow.identity)
        .where(col(ParticipantProfileRow.legal_identifier).in_(list(identifiers)))
    )
    return set(session.exec(query).all())


def legal_identifiers(session: Session, organisations: Iterable[int]) -> dict[int, str]:
    """Legal identifiers of organisations; numbers without a profile are absent."""
    query = (
        select(ParticipantRow.organisation, ParticipantProfileRow.legal_identifier)
        .join(ParticipantProfileRow, col(ParticipantRow.identity) == ParticipantProfileRow.identity)
        .where(col(ParticipantRow.organisation).in_(set(organisations)))
    )
    return dict(session.exec(query).all())


def profiles(session: Session, identities: Iterable[str]) -> Sequence[ParticipantProfileRow]:
    """Profiles by identity commitment."""
    wanted = select(ParticipantProfileRow).where(
        col(ParticipantProfileRow.identity).in_(list(identities))
    )
    return session.exec(wanted).all()
