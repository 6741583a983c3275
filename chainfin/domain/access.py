"""What a credential may be used for. Acting rights come from signatures alone, never from here."""

from enum import StrEnum

from chainfin.domain.participant import KeyRole


class Scope(StrEnum):
    """What a credential was made for; each is asked for alone."""

    READ = "read"
    """Read what its organisation may read, and have orders drafted."""
    WRITE = "write"
    """Record: signed orders, documents, statements, exports, webhooks."""
    ADMINISTER = "administer"
    """Make and end its organisation's credentials."""


ALL_SCOPES = frozenset(Scope)

_SCOPES_OF_ROLE = {
    KeyRole.MAKER: frozenset({Scope.READ, Scope.WRITE}),
    KeyRole.CHECKER: frozenset({Scope.READ, Scope.WRITE}),
    KeyRole.ADMINISTRATOR: frozenset({Scope.READ, Scope.ADMINISTER}),
}


def scopes_of(roles: KeyRole) -> frozenset[Scope]:
    """What somebody who signs in with a key of these roles may do; a keeper's key nothing."""
    held = (scopes for role, scopes in _SCOPES_OF_ROLE.items() if roles & role)
    return frozenset().union(*held)


def parse_scopes(names: list[str]) -> frozenset[Scope]:
    """Scopes by name.

    Raises:
        ValueError: There is no such scope, or none at all.
    """
    if not names:
        raise ValueError("no scope")
    return frozenset(Scope(name) for name in names)
