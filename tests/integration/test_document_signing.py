"""The certificate that PDFs are signed with, from a file as operators keep it."""

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from reportlab.pdfgen.canvas import Canvas

from chainfin.domain.service_errors import SigningKeyUnusable
from chainfin.interchange.pdf_signatures import sign_pdf
from chainfin.services.signed_pdf import open_document_signer

PASSWORD = "correct horse"  # noqa: S105 - of a key made here
NAME = "Test Operator"


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "documents.p12"
    encryption = BestAvailableEncryption(PASSWORD.encode())
    path.write_bytes(
        pkcs12.serialize_key_and_certificates(b"documents", key, certificate, None, encryption)
    )
    return path


def test_signer__from_a_file__signs_in_its_name(key_file: Path, tmp_path: Path) -> None:
    signer = open_document_signer(
        home=tmp_path, is_embedded=False, file=key_file, password=PASSWORD
    )
    page = io.BytesIO()
    canvas = Canvas(page)
    canvas.drawString(100, 700, "paid")
    canvas.save()

    assert signer is not None
    signed = sign_pdf(page.getvalue(), signer, reason="test")

    (signature,) = PdfFileReader(io.BytesIO(signed)).embedded_signatures
    assert signature.signer_cert.subject.native["common_name"] == NAME
    assert validate_pdf_signature(signature).intact


@pytest.mark.parametrize("password", ["", "wrong"])
def test_signer__with_another_password__is_refused(key_file: Path, password: str) -> None:
    with pytest.raises(SigningKeyUnusable):
        open_document_signer(home=key_file, is_embedded=False, file=key_file, password=password)


def test_signer__in_production_without_a_file__there_is_none(tmp_path: Path) -> None:
    assert open_document_signer(home=tmp_path, is_embedded=False, file=None, password="") is None
