"""Where a key is, as one setting says.

    keys/maker.json                    an encrypted keystore; the key is decrypted into this process
    pkcs11:token=…;object=…?…          a key in a token, which never leaves it (`tokens`)
    https://…/?address=0x…             a key behind a remote signer (`remote`)

Tokens and remote signers are guarded by a circuit breaker.
"""

import getpass
from collections.abc import Callable
from pathlib import Path

from chainfin.codec.fingerprint_keys import FingerprintKey, HeldFingerprintKey
from chainfin.codec.hashing import from_hex
from chainfin.codec.signers import Signer
from chainfin.domain.service_errors import SignerMalformed
from chainfin.signing.guard import GuardedSigner
from chainfin.signing.keystores import create_keystore, open_keystore

AskSecret = Callable[[str], str]
"""Gives the password or PIN of a place."""

_PKCS11 = "pkcs11:"
_REMOTE = ("https://", "http://")


def is_token(source: str) -> bool:
    """Whether a source is a token's URI."""
    return source.startswith(_PKCS11)


def is_file(source: str) -> bool:
    """Whether a source is a keystore's path."""
    return not is_token(source) and not source.startswith(_REMOTE)


def ask_at_terminal(place: str) -> str:
    """The password or PIN of a place, typed by whoever sits here."""
    return getpass.getpass(f"Password or PIN of {place}: ")


def refuse_to_ask(place: str) -> str:
    """For processes that nobody sits at.

    Raises:
        SignerMalformed: Always.
    """
    raise SignerMalformed(place, "no setting has its password or PIN, and nobody is here to ask")


def secret_or_ask(secret: str | None) -> AskSecret:
    """A password or PIN that is known already, or asked for at the terminal."""
    return ask_at_terminal if secret is None else lambda _: secret


def open_signer(source: str, ask: AskSecret = ask_at_terminal, *, folder: Path = Path()) -> Signer:
    """The signer a source names.

    Args:
        source: See the module.
        ask: Gives a keystore's password, and the PIN of a token whose URI names no file.
        folder: What a keystore's path starts from.

    Raises:
        SignerMalformed: It names nothing that could sign.
        SignerUnavailable, SignerRefused: The token is away, has no such key, or refuses.
        ValueError: The keystore's password is wrong.
        OSError: A file cannot be read.
    """
    # Each is loaded only where it is used: a wallet on a keystore needs no PKCS#11.
    if is_token(source):
        from chainfin.signing.tokens import Token, TokenSigner, TokenUri  # noqa: PLC0415

        return GuardedSigner(TokenSigner(Token(TokenUri.parse(source), ask)))
    if source.startswith(_REMOTE):
        from chainfin.signing.remote import RemoteSigner, RemoteUri  # noqa: PLC0415

        return GuardedSigner(RemoteSigner(RemoteUri.parse(source)))
    path = folder / source
    return open_keystore(path, ask(str(path)))


def create_key(source: str, ask: AskSecret = ask_at_terminal) -> str:
    """Make a key where a source says: a new keystore file, or inside a token; its address.

    Raises:
        FileExistsError: There is one already.
        SignerMalformed, SignerUnavailable, SignerRefused: As `open_signer`.
    """
    if is_token(source):
        from chainfin.signing.tokens import Token, TokenUri, create_token_key  # noqa: PLC0415

        return create_token_key(Token(TokenUri.parse(source), ask))
    return create_keystore(Path(source), ask(source))


def import_fingerprint_key(source: str, key: bytes, ask: AskSecret = ask_at_terminal) -> None:
    """Put the key of a fingerprint epoch into a token, never to be read again.

    Raises:
        FileExistsError: The token has a key of this label.
        SignerMalformed, SignerUnavailable, SignerRefused: As `open_signer`.
    """
    from chainfin.signing.tokens import Token, TokenUri, store_fingerprint_key  # noqa: PLC0415

    store_fingerprint_key(Token(TokenUri.parse(source), ask), key)


def token_keys(source: str, ask: AskSecret = ask_at_terminal) -> dict[str, str]:
    """The keys of a token: address by label.

    Raises:
        SignerMalformed, SignerUnavailable, SignerRefused: As `open_signer`.
    """
    from chainfin.signing.tokens import Token, TokenUri, list_token_keys  # noqa: PLC0415

    return list_token_keys(Token(TokenUri.parse(source), ask))


def absolute(source: str) -> str:
    """A source that means the same wherever a command is run."""
    return str(Path(source).resolve()) if is_file(source) else source


def open_fingerprint_key(epoch: int, source: str, ask: AskSecret) -> FingerprintKey:
    """The key of a fingerprint epoch: 32 bytes in hexadecimal, or the URI of one in a token.

    Raises:
        SignerMalformed: It is no such URI.
        HexMalformed: It is neither.
    """
    if is_token(source):
        from chainfin.signing.tokens import (  # noqa: PLC0415
            Token,
            TokenFingerprintKey,
            TokenUri,
        )

        return TokenFingerprintKey(epoch, Token(TokenUri.parse(source), ask))
    return HeldFingerprintKey(epoch, from_hex(source, 32))
