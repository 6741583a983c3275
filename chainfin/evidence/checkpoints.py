"""Who vouches for a trust: signatures of keys its reader knows, and an authority's time stamp.

An auditor may take a trust from a colleague or a member instead of a node, if it knows that
somebody's key. A time stamp (RFC 3161) shows that the trust was written by a certain instant, so
that nobody can have made up a chain that fits it later.
"""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chainfin.codec.errors import CodecError
from chainfin.codec.hashing import ADDRESS_BYTES, from_hex, to_hex
from chainfin.codec.signatures import SIGNATURE_BYTES, recover, text_digest
from chainfin.codec.signers import Signer
from chainfin.evidence.errors import CheckpointUnsigned
from chainfin.evidence.trust import CheckpointSignature, Trust, TrustFile


@dataclass(frozen=True, slots=True)
class Demands:
    """Who must have vouched for a trust file.

    Attributes:
        signers: Addresses of keys, each of which must have signed.
        authorities: Certificates in PEM of time-stamping authorities, one of which must have
            stamped, directly or through a chain of certificates.
    """

    signers: tuple[str, ...] = ()
    authorities: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Vouched:
    """Who did.

    Attributes:
        keys: Addresses of the keys that signed.
        stamped_at: The authority's time; None where none was asked for.
    """

    keys: tuple[str, ...]
    stamped_at: datetime | None


def signed_digest(trust: Trust) -> bytes:
    """What is signed: the canonical JSON of the trust, as any wallet signs text (EIP-191)."""
    return text_digest(trust.to_bytes())


def sign_trust(file: TrustFile, key: Signer) -> TrustFile:
    """The trust file with one more signature; signing again changes nothing."""
    signature = CheckpointSignature(key.address, to_hex(key.sign_text(file.trust.to_bytes())))
    signatures = sorted({*file.signatures, signature}, key=lambda each: each.key)
    return TrustFile(trust=file.trust, signatures=tuple(signatures), stamp=file.stamp)


def stamp_trust(file: TrustFile, response: bytes) -> TrustFile:
    """The trust file with an authority's answer (a DER TimeStampResp)."""
    stamp = base64.b64encode(response).decode()
    return TrustFile(trust=file.trust, signatures=file.signatures, stamp=stamp)


def check_vouchers(file: TrustFile, demands: Demands) -> Vouched:
    """Check every signature, whoever was asked for, and the stamp if one was asked for.

    Raises:
        CheckpointUnsigned: A signature is not by the key it names, or one that was asked for is
            absent; or so with the stamp.
    """
    digest = signed_digest(file.trust)
    for entry in file.signatures:
        _check_signature(entry, digest)
    keys = tuple(entry.key for entry in file.signatures)
    if len(set(keys)) != len(keys):
        raise CheckpointUnsigned("one key signed twice")
    if missing := [signer for signer in demands.signers if signer.lower() not in keys]:
        raise CheckpointUnsigned(f"{missing[0]} has not signed")
    return Vouched(keys, _check_stamp(file, demands.authorities) if demands.authorities else None)


def _check_signature(entry: CheckpointSignature, digest: bytes) -> None:
    try:
        from_hex(entry.key, ADDRESS_BYTES)
        signer = recover(digest, from_hex(entry.signature, SIGNATURE_BYTES))
    except CodecError as error:
        raise CheckpointUnsigned(f"no signature of {entry.key}: {error}") from None
    if signer != entry.key:
        raise CheckpointUnsigned(f"signed by {signer}, not by {entry.key}")


def _check_stamp(file: TrustFile, authorities: Sequence[bytes]) -> datetime:
    # Only whoever asks for a stamp waits for loading what reads one.
    from cryptography.x509 import load_pem_x509_certificates  # noqa: PLC0415
    from rfc3161_client import (  # noqa: PLC0415
        VerificationError,
        VerifierBuilder,
        decode_timestamp_response,
    )

    if file.stamp is None:
        raise CheckpointUnsigned("there is no time stamp")
    try:
        response = decode_timestamp_response(base64.b64decode(file.stamp, validate=True))
        roots = [each for pem in authorities for each in load_pem_x509_certificates(pem)]
        verifier = VerifierBuilder(roots=roots).build()
        verifier.verify_message(response, file.trust.to_bytes())
    except (VerificationError, ValueError, binascii.Error) as error:
        raise CheckpointUnsigned(f"the time stamp does not hold: {error}") from None
    stamped_at: datetime = response.tst_info.gen_time
    return stamped_at
