"""Time stamps of an authority over HTTP (RFC 3161)."""

import httpx
from rfc3161_client import (
    HashAlgorithm,
    PKIStatus,
    TimestampRequestBuilder,
    decode_timestamp_response,
)

from chainfin.domain.service_errors import StampUnavailable

_TIMEOUT_SECONDS = 30
_HEADERS = {"content-type": "application/timestamp-query"}


def request_stamp(
    url: str, content: bytes, *, transport: httpx.BaseTransport | None = None
) -> bytes:
    """Have an authority stamp some content; only its SHA-256 is sent.

    Returns:
        The authority's answer, a DER TimeStampResp with its certificates. That it is for this
        content is checked here; who may stamp is the reader's to say.

    Raises:
        StampUnavailable: The authority does not answer, refuses, or stamps something else.
    """
    builder = TimestampRequestBuilder().data(content).hash_algorithm(HashAlgorithm.SHA256)
    request = builder.nonce(nonce=True).cert_request(cert_request=True).build()
    try:
        with httpx.Client(timeout=_TIMEOUT_SECONDS, transport=transport) as http:
            answer = http.post(url, content=request.as_bytes(), headers=_HEADERS)
            answer.raise_for_status()
        response = decode_timestamp_response(answer.content)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise StampUnavailable(url, f"{type(error).__name__}: {error}") from error
    if PKIStatus(response.status) is not PKIStatus.GRANTED:
        raise StampUnavailable(url, ", ".join(response.status_string) or "it refuses")
    info = response.tst_info
    if (
        info.nonce != request.nonce
        or info.message_imprint.message != request.message_imprint.message
    ):
        raise StampUnavailable(url, "it stamped something else")
    return answer.content
