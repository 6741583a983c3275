"""Files that carry an invoice's XML inside: PDF (Factur-X, ZUGFeRD) and OFD, a zip.

Exactly one invoice is expected inside. None, or more than one, is refused: nobody could say which
of two the sender meant, and which of them a person saw on paper.
"""

import io
import logging
import zipfile
from collections.abc import Callable, Iterator

from pypdf import PdfReader

from chainfin.domain.errors import FileNotRecognised, FileUnsafe
from chainfin.interchange.limits import Limits

PDF_MARK = b"%PDF-"
ZIP_MARK = b"PK\x03\x04"
OFD_ENTRY = "OFD.xml"

_PDF_HEAD_BYTES = 1024
"""A PDF begins within its first kilobyte (ISO 32000-2, 7.5.2, as readers practise it)."""

# What pypdf thinks of a stranger's file is in our findings, not in our log.
logging.getLogger("pypdf").setLevel(logging.CRITICAL)


def is_pdf(content: bytes) -> bool:
    """Whether a file says it is a PDF."""
    return PDF_MARK in content[:_PDF_HEAD_BYTES]


def is_archive(content: bytes) -> bool:
    """Whether a file says it is a zip."""
    return content.startswith(ZIP_MARK)


def xml_in_pdf(content: bytes, limits: Limits, is_invoice: Callable[[bytes], bool]) -> bytes:
    """The one invoice attached to a PDF.

    Args:
        content: The PDF.
        limits: What it may cost.
        is_invoice: Tells an invoice from other XML.

    Raises:
        FileNotRecognised: not a readable PDF, encrypted, or without exactly one invoice.
        FileUnsafe: an attachment beyond the limits.
    """
    try:
        attached = list(_attachments(content, limits))
    except (FileNotRecognised, FileUnsafe):
        raise
    except Exception as error:  # noqa: BLE001 - pypdf fails on hostile files in any way there is
        raise FileNotRecognised(f"the PDF is broken ({type(error).__name__})") from None
    return _the_only(attached, is_invoice, "PDF")


def _attachments(content: bytes, limits: Limits) -> Iterator[tuple[str, bytes]]:
    reader = PdfReader(io.BytesIO(content))
    if reader.is_encrypted:
        raise FileNotRecognised("the PDF is encrypted")
    total = 0
    for name, files in reader.attachments.items():
        for file in files:
            total += len(file)
            if total > limits.archive_bytes:
                raise FileUnsafe(f"its attachments exceed {limits.archive_bytes} bytes")
            # A name that is no text in its encoding comes as bytes, whatever pypdf's types say.
            yield str(name), file


def xml_in_ofd(content: bytes, limits: Limits, is_invoice: Callable[[bytes], bool]) -> bytes:
    """The one invoice inside an OFD.

    Raises:
        FileNotRecognised: not a readable zip, no OFD, or without exactly one invoice.
        FileUnsafe: it unpacks to more than the limits allow.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = list(_entries(archive, limits))
    except (FileNotRecognised, FileUnsafe):
        raise
    except Exception as error:  # noqa: BLE001 - broken zips fail in zipfile, zlib, lzma, struct
        raise FileNotRecognised(f"the zip is broken ({type(error).__name__})") from None
    return _the_only(entries, is_invoice, "OFD")


def _entries(archive: zipfile.ZipFile, limits: Limits) -> Iterator[tuple[str, bytes]]:
    """The XML files of an archive, unpacked no further than the limits allow."""
    if len(archive.infolist()) > limits.archive_files:
        raise FileUnsafe(f"the zip holds more than {limits.archive_files} files")
    if OFD_ENTRY not in archive.namelist():
        raise FileNotRecognised("the zip is no OFD")
    left = limits.archive_bytes
    for entry in archive.infolist():
        if not entry.filename.lower().endswith(".xml"):
            continue
        with archive.open(entry) as file:
            # Never by the size the entry states: a bomb states a small one.
            unpacked = file.read(left + 1)
        left -= len(unpacked)
        if left < 0:
            raise FileUnsafe(f"the zip unpacks to more than {limits.archive_bytes} bytes")
        yield entry.filename, unpacked


def _the_only(
    files: list[tuple[str, bytes]], is_invoice: Callable[[bytes], bool], container: str
) -> bytes:
    # The same bytes under two names are one invoice: there is nothing to choose between.
    invoices = list({file: (name, file) for name, file in files if is_invoice(file)}.values())
    if not invoices:
        raise FileNotRecognised(f"the {container} carries no invoice as XML")
    if len(invoices) > 1:
        names = ", ".join(name[:60] for name, _ in invoices[:5])
        raise FileNotRecognised(f"the {container} carries several invoices ({names})")
    return invoices[0][1]
