"""The console's verifier: the stranger first, then what it says of files that hold and do not."""

import json
from io import BytesIO

import pytest
from fastapi.testclient import TestClient
from pypdf import PdfReader

from api.web.evidence_pages import MOST_BYTES
from chainfin.evidence.trust import TrustFile
from chainfin.services.evidence import take_checkpoint
from tests.api.test_pages import OTHER_MACHINE, text_of, visitor
from tests.world import AUDITOR, STRANGER, World


def drop(client: TestClient, data: bytes, trust: bytes | None = None, form: str = "html"):
    files = {"file": ("evidence.json", data, "application/json")}
    if trust is not None:
        files["trust"] = ("trust.json", trust, "application/json")
    return client.post("/evidence", files=files, data={"form": form})


@pytest.fixture
def data(world: World, receivable_id: int) -> bytes:
    return world[AUDITOR].api.download(f"/lots/{receivable_id}-1/evidence")


def test_verifier__without_a_credential_from_elsewhere__asks_for_one(
    world: World, data: bytes
) -> None:
    stranger = visitor(world, client=OTHER_MACHINE)

    assert stranger.get("/evidence").status_code == 401
    assert drop(stranger, data).status_code == 401


def test_download__for_a_stranger__is_not_found(world: World, receivable_id: int) -> None:
    for form in ("json", "pdf"):
        page = visitor(world, STRANGER).get(f"/lots/{receivable_id}-1/evidence?form={form}")
        assert page.status_code == 404


def test_download__as_pdf__is_in_the_pages_language(world: World, receivable_id: int) -> None:
    page = visitor(world, AUDITOR).get(f"/lots/{receivable_id}-1/evidence?form=pdf&lang=zh")

    assert page.headers["content-type"] == "application/pdf"
    assert b"STSong-Light" in page.content


@pytest.mark.parametrize("name", [AUDITOR, STRANGER])
def test_verifier__of_a_file_that_holds__gives_each_verdict(
    world: World, data: bytes, name: str
) -> None:
    """Whoever has the file may check it: nothing is shown that is not in it."""
    trust = TrustFile(trust=take_checkpoint(world.runtime.network)).to_bytes()

    page = drop(visitor(world, name), data, trust)
    own = drop(visitor(world, name), data)

    assert page.status_code == own.status_code == 200
    assert "It holds: 2 facts proven" in text_of(page.text)
    assert "Checked against your trust file" in text_of(page.text)
    assert page.text.count('data-verdict="holds"') == 12
    assert "Checked against this service&#39;s own node" in own.text
    assert own.text.count('data-verdict="holds"') == 11
    assert "What this does not prove" in text_of(own.text)


def test_verifier__of_a_changed_file__names_what_fails_and_what_still_holds(
    world: World, data: bytes
) -> None:
    document = json.loads(data)
    document["receivables"][0]["document"]["fields"] = {}
    changed = json.dumps(document, separators=(",", ":"), sort_keys=True, ensure_ascii=False)

    page = drop(visitor(world, AUDITOR), changed.encode())

    assert "It does not hold" in text_of(page.text)
    assert "DocumentMismatch" in page.text
    assert page.text.count('data-verdict="fails"') == 1
    assert page.text.count('data-verdict="unknown"') == 1


@pytest.mark.parametrize("content", [b"[]", b"\xff", b"{}", b'{"format":"chainfin.evidence/1"}'])
def test_verifier__of_no_evidence__says_so(world: World, content: bytes) -> None:
    page = drop(visitor(world, AUDITOR), content)

    assert page.status_code == 200
    assert "It does not hold" in text_of(page.text)


def test_verifier__of_nothing_too_much_or_with_no_trust_file__is_refused(
    world: World, data: bytes
) -> None:
    auditor = visitor(world, AUDITOR)

    for content, trust in ((b"", None), (b" " * (MOST_BYTES + 1), None), (data, b"{}")):
        page = drop(auditor, content, trust)
        assert page.status_code == 422
        assert 'role="alert"' in page.text


def test_verifier__as_a_document__prints_the_outcome(world: World, data: bytes) -> None:
    page = drop(visitor(world, AUDITOR), data, form="pdf")
    broken = drop(visitor(world, AUDITOR), data + b" ", form="pdf")

    assert "Every check holds" in PdfReader(BytesIO(page.content)).pages[0].extract_text()
    assert "does not hold" in PdfReader(BytesIO(broken.content)).pages[0].extract_text()


def test_verifier__from_another_site__is_refused(world: World, data: bytes) -> None:
    auditor = visitor(world, AUDITOR, headers={"origin": "https://elsewhere.example"})

    assert drop(auditor, data).status_code == 403


def test_verifier__in_chinese__has_its_words(world: World, data: bytes) -> None:
    auditor = visitor(world, AUDITOR, headers={"accept-language": "zh"})

    assert "核验通过" in drop(auditor, data).text
