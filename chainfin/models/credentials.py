"""Private tables of credentials: API keys, sessions of people who signed in, who those people are.

Secrets are never stored, only their SHA-256: they are random and long, so nothing slower is needed.
"""

from collections.abc import Sequence
from typing import ClassVar

from sqlalchemy import BigInteger, delete, update
from sqlmodel import Field, Session, SQLModel, col, select


class ApiKeyRow(SQLModel, table=True):
    """A machine's credential."""

    __tablename__: ClassVar[str] = "api_key"

    key_id: str = Field(primary_key=True)
    secret_hash: str
    organisation: int = Field(sa_type=BigInteger, index=True)
    label: str = ""
    scopes: str
    created_by: str = ""
    created_at: int = Field(sa_type=BigInteger)
    expires_at: int | None = Field(default=None, sa_type=BigInteger)
    last_used_at: int | None = Field(default=None, sa_type=BigInteger)
    revoked_at: int | None = Field(default=None, sa_type=BigInteger)

    def is_live(self, now: int) -> bool:
        """Whether it opens anything."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


class SessionRow(SQLModel, table=True):
    """Somebody who signed in.

    Attributes:
        key: The address of the key somebody signed in with; empty for a person.
        issuer: The identity provider that knows the person; empty for a key.
        subject: The person's name there.
    """

    __tablename__: ClassVar[str] = "sign_in_session"

    session_id: str = Field(primary_key=True)
    secret_hash: str
    organisation: int = Field(sa_type=BigInteger)
    key: str = ""
    issuer: str = ""
    subject: str = ""
    created_at: int = Field(sa_type=BigInteger)
    expires_at: int = Field(sa_type=BigInteger, index=True)


class SignInRow(SQLModel, table=True):
    """A sign-in that has begun: its nonce, which is deleted when it is used.

    Attributes:
        verifier: The secret of PKCE (RFC 7636); empty where a key signs.
        next_page: Where the console goes on.
    """

    __tablename__: ClassVar[str] = "sign_in"

    nonce: str = Field(primary_key=True)
    verifier: str = ""
    next_page: str = "/"
    expires_at: int = Field(sa_type=BigInteger, index=True)


class PersonRow(SQLModel, table=True):
    """A person of an identity provider, and for whom and for what they may ask."""

    __tablename__: ClassVar[str] = "person"

    issuer: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    organisation: int = Field(sa_type=BigInteger, index=True)
    name: str
    scopes: str
    added_by: str
    added_at: int = Field(sa_type=BigInteger)


def get_api_key(session: Session, key_id: str) -> ApiKeyRow | None:
    """An API key by its public part."""
    return session.get(ApiKeyRow, key_id)


def api_keys_of(session: Session, organisation: int) -> Sequence[ApiKeyRow]:
    """An organisation's API keys, newest first."""
    query = select(ApiKeyRow).where(col(ApiKeyRow.organisation) == organisation)
    return session.exec(query.order_by(col(ApiKeyRow.created_at).desc())).all()


def touch_api_key(session: Session, key_id: str, now: int) -> None:
    """Note that an API key was used."""
    key = col(ApiKeyRow.key_id) == key_id
    session.connection().execute(update(ApiKeyRow).where(key).values(last_used_at=now))


def take_sign_in(session: Session, nonce: str, now: int) -> SignInRow | None:
    """Use up a nonce: its row, for the one who comes first and in time; None for all others."""
    row = session.get(SignInRow, nonce)
    if row is None:
        return None
    taken = session.connection().execute(delete(SignInRow).where(col(SignInRow.nonce) == nonce))
    session.expunge(row)
    return row if taken.rowcount == 1 and now < row.expires_at else None


def drop_expired(session: Session, now: int) -> None:
    """Forget sessions and nonces whose time is over."""
    for kind in (SignInRow, SessionRow):
        session.connection().execute(delete(kind).where(col(kind.expires_at) <= now))


def people_of(session: Session, organisation: int) -> Sequence[PersonRow]:
    """Whom an organisation lets in through an identity provider."""
    query = select(PersonRow).where(col(PersonRow.organisation) == organisation)
    return session.exec(query.order_by(col(PersonRow.name))).all()
