"""Evidence over HTTP: strangers first, then what each reader gets."""

from io import BytesIO

import pytest
from pypdf import PdfReader

from chainfin.client.api import ApiProblem
from chainfin.evidence.package import read_package
from chainfin.evidence.verify import verify
from tests.world import ANCHOR, AUDITOR, STRANGER, SUPPLIER, World


def paths(world: World, receivable_id: int) -> list[str]:
    return [
        f"/lots/{receivable_id}-1/evidence",
        f"/receivables/{receivable_id}/evidence",
        f"/participants/{world[SUPPLIER].number}/evidence",
    ]


@pytest.mark.parametrize("form", ["json", "pdf"])
def test_evidence__for_a_stranger__is_not_found(
    world: World, receivable_id: int, form: str
) -> None:
    for path in paths(world, receivable_id):
        with pytest.raises(ApiProblem) as refused:
            world[STRANGER].api.download(path, form=form)
        assert refused.value.status == 404


def test_evidence__without_a_credential__is_not_given(world: World, receivable_id: int) -> None:
    for path in paths(world, receivable_id):
        assert world.client.get(f"/v1{path}").status_code == 401


def test_participants_evidence__for_a_business_partner__is_not_found(world: World) -> None:
    with pytest.raises(ApiProblem) as refused:
        world[ANCHOR].api.download(f"/participants/{world[SUPPLIER].number}/evidence")

    assert refused.value.status == 404


@pytest.mark.parametrize("name", [ANCHOR, SUPPLIER, AUDITOR])
def test_evidence__for_parties_and_auditors__verifies(
    world: World, receivable_id: int, name: str
) -> None:
    for path in paths(world, receivable_id)[: 3 if name != ANCHOR else 2]:
        data = world[name].api.download(path)
        report = verify(data, read_package(data).trust)
        assert report.holds, report.failure


def test_evidence__of_what_is_on_offer__proves_that_nothing_happened_since(world: World) -> None:
    offered = world.issue("INV-ON-OFFER", 1_000_00)

    data = world[SUPPLIER].api.download(f"/receivables/{offered}/evidence")

    report = verify(data, read_package(data).trust)
    assert report.holds, report.failure


def test_evidence__as_a_document__is_a_pdf_in_the_language_asked_for(
    world: World, receivable_id: int
) -> None:
    path = paths(world, receivable_id)[0]

    english = world[SUPPLIER].api.download(path, form="pdf")
    chinese = world[SUPPLIER].api.download(path, form="pdf", language="zh")

    assert SUPPLIER in PdfReader(BytesIO(english)).pages[0].extract_text()
    assert b"STSong-Light" in chinese


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("/lots/{0}-9/evidence", {}, 404),
        ("/lots/{0}-01/evidence", {}, 422),
        ("/lots/nothing/evidence", {}, 422),
        ("/receivables/0/evidence", {}, 422),
        ("/receivables/999999/evidence", {}, 404),
        ("/receivables/{0}/evidence", {"checkpoint": -1}, 422),
        ("/receivables/{0}/evidence", {"checkpoint": 10**9}, 422),
        ("/receivables/{0}/evidence", {"checkpoint": 1}, 404),
        ("/receivables/{0}/evidence", {"validators_at": 0}, 422),
        ("/receivables/{0}/evidence", {"validators_at": 0, "epoch_length": 10}, 409),
        ("/receivables/{0}/evidence", {"form": "docx"}, 422),
        ("/participants/999999/evidence", {}, 404),
        ("/participants/x/evidence", {}, 422),
    ],
)
def test_evidence__of_what_is_not_there_or_with_another_root__is_refused_by_name(
    world: World, receivable_id: int, path: str, query: dict[str, object], status: int
) -> None:
    with pytest.raises(ApiProblem) as refused:
        world[AUDITOR].api.download(path.format(receivable_id), **query)

    assert refused.value.status == status
