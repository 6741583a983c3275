"""Notices as PDF, signed by the service: where the certificate comes from, and when it is loaded.

The libraries behind it are slow to load and most processes never make a PDF, so this module is
imported when the first one is asked for.
"""

from pathlib import Path

from chainfin.client.development import development_secret, load_seed
from chainfin.domain.errors import Language
from chainfin.domain.notices import TITLES, Notice
from chainfin.domain.service_errors import SigningKeyMissing
from chainfin.interchange.notice_pdf import write_notice
from chainfin.interchange.pdf_signatures import (
    DocumentSigner,
    development_document_signer,
    load_document_signer,
    sign_pdf,
)


def open_document_signer(
    *, home: Path, is_embedded: bool, file: Path | None, password: str
) -> DocumentSigner | None:
    """What PDFs are signed with as the settings say; None where production names nothing.

    Raises:
        SigningKeyUnusable, OSError: As `load_document_signer`.
    """
    if file is not None:
        return load_document_signer(file, password)
    if is_embedded:
        return development_document_signer(development_secret(load_seed(home), "documents"))
    return None


def signed_notice(notice: Notice, language: Language, signer: DocumentSigner | None) -> bytes:
    """A document for people, signed by this service.

    Raises:
        SigningKeyMissing: This service has no certificate to sign with.
    """
    if signer is None:
        raise SigningKeyMissing
    reason = f"{TITLES[notice.kind].of(language)} {notice.number}"
    return sign_pdf(write_notice(notice, language), signer, reason=reason)
