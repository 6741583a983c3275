"""The private tables of documents, on both databases."""

from sqlmodel import Session

from chainfin.models.private_documents import (
    DocumentMatchRow,
    EncryptionKeyRow,
    FingerprintUseRow,
    TradeDocumentRow,
    documents_by_fingerprint,
    documents_of,
    encryption_keys,
    matches_of,
    tags_asked_since,
)
from chainfin.models.schema import create_tables
from chainfin.models.session import create_engine_for

NOW = 1_790_000_000


def document(number: int, owner: int) -> TradeDocumentRow:
    return TradeDocumentRow(
        fingerprint=f"0x{number:064x}",
        document_id=f"{number:032x}",
        epoch=1,
        owner=owner,
        seller=9,
        document_type="invoice",
        amount_minor=2**63 - 1,
        currency="CNY",
        sealed=bytes(range(256)),
        wrapped_keys="{}",
        commitment="0x" + "11" * 32,
        recorded_at=NOW + number,
    )


def test_documents__stored_and_found__by_each_of_their_questions(database_url: str) -> None:
    engine = create_engine_for(database_url)
    create_tables(engine)
    rows = [document(number, owner=number % 2 + 1) for number in range(1, 5)]
    tags = [row.fingerprint for row in rows]

    with Session(engine) as session:
        session.add_all(rows)
        for tag in tags[:2]:
            session.add(DocumentMatchRow(match_key="0xaa", fingerprint=tag, kind="same", epoch=1))
        for seconds in (0, 50, 70):
            session.add(
                FingerprintUseRow(
                    organisation=7,
                    purpose="registry",
                    epoch=1,
                    tags=3,
                    reference="",
                    used_at=NOW - seconds,
                )
            )
        session.add(EncryptionKeyRow(organisation=9, public_key="0xbb", registered_at=NOW))
        session.commit()

    with Session(engine) as session:
        found = documents_by_fingerprint(session, [*tags, "0x00"])
        assert set(found) == set(tags)
        assert found[tags[0]].sealed == bytes(range(256))
        assert found[tags[0]].amount_minor == 2**63 - 1
        assert [row.fingerprint for row in documents_of(session, 1, 10)] == [tags[3], tags[1]]
        assert len(documents_of(session, 9, 3)) == 3
        assert {row.fingerprint for row in matches_of(session, ["0xaa", "0xcc"])} == set(tags[:2])
        assert tags_asked_since(session, 7, "registry", NOW - 60) == 6
        assert tags_asked_since(session, 7, "import", 0) == 0
        assert encryption_keys(session, [7, 9]) == {9: "0xbb"}
    engine.dispose()
