"""Signatures on PDFs: PAdES with the service's certificate; after it nothing may change.

The signature says that this service made the document and that nobody altered it since. That the
facts in it are true is proven by evidence, not by this.
"""

import io
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko_certvalidator.registry import SimpleCertificateStore

from chainfin.domain.service_errors import SigningKeyUnusable

FIELD_NAME = "Signature"

_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_DEVELOPMENT_NAME = "chainfin development network: not a real signature"
_FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)
_VALID = timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class DocumentSigner:
    """A certificate with its key.

    Attributes:
        signer: As pyHanko takes it.
        certificate: The certificate, DER: what a reader checks against.
    """

    signer: Any
    certificate: bytes


def load_document_signer(file: Path, password: str) -> DocumentSigner:
    """A certificate with its key from PKCS#12.

    Raises:
        SigningKeyUnusable: The file is none, or the password is not its.
        OSError: The file cannot be read.
    """
    file.stat()
    signer = signers.SimpleSigner.load_pkcs12(  # type: ignore[no-untyped-call]
        str(file), passphrase=password.encode()
    )
    if signer is None:
        raise SigningKeyUnusable(str(file))
    return DocumentSigner(signer, signer.signing_cert.dump())


def development_document_signer(secret: bytes) -> DocumentSigner:
    """A self-signed certificate for the embedded network, which says so in its name.

    Args:
        secret: 32 bytes the key is made of.
    """
    number = int.from_bytes(secret, "big") % (_P256_ORDER - 1) + 1
    key = ec.derive_private_key(number, ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _DEVELOPMENT_NAME)])
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(_FIRST_DAY)
        .not_valid_after(_FIRST_DAY + _VALID)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    encoded = certificate.public_bytes(serialization.Encoding.DER)
    private = key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    signer = signers.SimpleSigner(
        signing_cert=asn1_x509.Certificate.load(encoded),
        signing_key=asn1_keys.PrivateKeyInfo.load(private),
        cert_registry=SimpleCertificateStore(),  # type: ignore[no-untyped-call]
    )
    return DocumentSigner(signer, encoded)


def sign_pdf(content: bytes, signer: DocumentSigner, *, reason: str) -> bytes:
    """The PDF with a signature after which nothing may change."""
    meaning = signers.PdfSignatureMetadata(
        field_name=FIELD_NAME,
        reason=reason,
        md_algorithm="sha256",
        subfilter=fields.SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=fields.MDPPerm.NO_CHANGES,
    )
    writer = IncrementalPdfFileWriter(io.BytesIO(content))
    signed = signers.sign_pdf(writer, meaning, signer=signer.signer)
    return bytes(signed.getbuffer())
