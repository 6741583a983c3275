"""Evidence recorded from a real run: what holds, and that nothing else does.

A hostile author can recompute every index, list and statement of a file, but no hash. The files
made by `rewritten` are as good as such an author can make them.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import fields, replace
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec
import pytest

from chainfin.codec import qbft, rlp
from chainfin.codec.canonical_json import canonical_bytes
from chainfin.codec.errors import AbiNotCanonical
from chainfin.codec.headers import decode_header
from chainfin.codec.interfaces import load_interfaces, read_word
from chainfin.domain import refusals
from chainfin.domain.events import (
    FundedQuoteEnded,
    LotSplit,
    OrderExecuted,
    QuoteAwarded,
    ReceivableAccepted,
    ReceivableIssued,
)
from chainfin.domain.participant import KeyKind, KeyRole
from chainfin.evidence import errors
from chainfin.evidence.__main__ import main
from chainfin.evidence.calls import Call
from chainfin.evidence.errors import EvidenceRefused, TrustMalformed
from chainfin.evidence.history import ProvenFact
from chainfin.evidence.ordered import check_ordered
from chainfin.evidence.package import (
    LotPlace,
    Package,
    StatePlaces,
    read_package,
    subject_of,
    write_package,
)
from chainfin.evidence.record import Record
from chainfin.evidence.signers import check_orders
from chainfin.evidence.trust import (
    Trust,
    TrustFile,
    load_trust,
    read_trust_file,
)
from chainfin.evidence.verify import Examination, verify
from tests.qbft import encode_extra

ROOT = Path(__file__).parents[2]
RECORDED = ROOT / "tests" / "vectors" / "evidence"
FILES = (
    "story", "batch", "detours", "receivable", "participant", "transfers", "claims", "qbft-story"
)  # fmt: skip
FACTS = {"story": 10, "batch": 5, "detours": 19, "receivable": 19, "participant": 6}
FACTS |= {"transfers": 23, "claims": 23, "qbft-story": 10}
CHECKS = ["form", "headers", "seals", "transactions", "receipts", "state", "orders", "lineage"]
CHECKS += ["conservation", "documents", "statement"]

EXTRA_DATA = 12

Document = dict[str, Any]


# --- what holds -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FILES)
def test_recorded_file__untouched__every_verdict_holds(name: str):
    report = verify(data_of(name), trust_of(name))

    assert report.failure is None
    assert [verdict.name for verdict in report.verdicts] == CHECKS
    assert report.facts == FACTS[name]


def test_story__says_who_holds_what_and_opens_its_document():
    statement = verify(data_of("story"), trust_of("story")).statement

    assert statement is not None
    (receivable,) = statement["receivables"]
    (lot,) = receivable["lots"]
    assert lot["lineage"] == ["1-3", "1-2", "1-1"]
    assert lot["is_settled"]
    assert receivable["document"]["is_opened"]
    assert receivable["conservation"]["paid_to_lots_minor"] == "127012000"
    signatures = [each for order in statement["orders"] for each in order["signatures"]]
    assert all(each["is_recovered"] for each in signatures)


def test_batch__of_a_party_without_the_document__does_not_open_it():
    statement = verify(data_of("batch"), trust_of("batch")).statement

    assert statement is not None
    (receivable,) = statement["receivables"]
    assert not receivable["document"]["is_opened"]
    assert receivable["document"]["file_sha256"] is None


def test_receivable__proves_every_lot_and_adds_up():
    statement = verify(data_of("receivable"), trust_of("receivable")).statement

    assert statement is not None
    (receivable,) = statement["receivables"]
    assert len(receivable["lots"]) == receivable["lot_count"] == 3
    faces = [int(lot["face_value_minor"]) for lot in receivable["lots"]]
    assert sum(faces) == int(receivable["face_value_minor"])


def test_participant__only_receivables_that_moved_since_the_block_are_there():
    statement = verify(data_of("participant"), trust_of("participant")).statement

    assert statement is not None
    supplier = int(statement["subject"]["id"])
    assert len(statement["receivables"]) == 2
    for receivable in statement["receivables"]:
        assert receivable["supplier"] == supplier
        assert receivable["facts"][-1]["block_number"] >= statement["subject"]["from_block"]


def test_claims__say_what_the_file_does_not_prove_in_both_languages():
    for name in FILES:
        statement = verify(data_of(name), trust_of(name)).statement
        assert statement is not None
        claims = statement["claims"]
        assert claims["proves"]
        assert claims["does_not_prove"]
        for sentence in claims["proves"] + claims["does_not_prove"]:
            assert sentence["en"].endswith(".")
            assert sentence["zh"].endswith("。")


def test_verifier__imports_neither_node_nor_database_nor_web():
    program = "import sys, chainfin.evidence.__main__; print(*sys.modules)"

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, cwd=ROOT, text=True
    )

    imported = {name.partition(".")[0] for name in done.stdout.split()}
    assert not imported & {"web3", "eth_account", "sqlalchemy", "pydantic", "fastapi", "requests"}
    assert not imported & {"httpx", "reportlab", "cryptography", "rfc3161_client"}
    assert "chainfin.chain" not in done.stdout.split()


# --- whole members ----------------------------------------------------------------------------


def drop(name: str, index: int) -> Callable[[Document], Any]:
    return lambda document: document[name].pop(index)


def swap(name: str, first: int, second: int) -> Callable[[Document], Any]:
    def change(document: Document) -> None:
        values = document[name]
        values[first], values[second] = values[second], values[first]

    return change


def double(name: str) -> Callable[[Document], Any]:
    return lambda document: document[name].append(document[name][-1])


def put(value: Any, *path: Any) -> Callable[[Document], Any]:
    def change(document: Document) -> None:
        *way, last = path
        for step in way:
            document = document[step]
        document[last] = value

    return change


MEMBERS: list[tuple[Callable[[Document], Any], str]] = [
    (put("chainfin.evidence/1", "format"), "FormUnknown"),
    (put("1-03", "subject", "id"), "MemberMalformed"),
    (put("participants", "subject", "kind"), "MemberMalformed"),
    (put(1, "subject", "from_block"), "MemberMalformed"),
    (put(1, "surplus"), "MemberMalformed"),
    (lambda document: document["subject"].pop("from_block"), "MemberMalformed"),
    (lambda document: document["trust"]["root"].pop("header_hash"), "MemberMalformed"),
    (lambda document: document.pop("receivables"), "MemberMalformed"),
    (put(True, "transactions", 1, "index"), "MemberMalformed"),
    (put("aW52b2ljZR==", "receivables", 0, "document", "file"), "MemberMalformed"),
    (put([], "headers"), "MemberMalformed"),
    (put(1, "trust", "chain_id"), "TrustMismatch"),
    (put("0x" + "00" * 32, "trust", "domain", "salt"), "TrustMismatch"),
    (put("0x" + "11" * 20, "trust", "contracts", "Issuance"), "TrustMismatch"),
    (put("0x" + "00" * 32, "trust", "root", "block_hash"), "CheckpointMismatch"),
    (drop("headers", -1), "CheckpointMismatch"),
    (drop("headers", 0), "HeaderMissing"),
    (drop("headers", 3), "HeadersNotChained"),
    (swap("headers", 2, 3), "HeadersNotChained"),
    (double("headers"), "HeadersNotChained"),
    (drop("nodes", -1), "NodeMisplaced"),
    (drop("nodes", 0), "NodeMisplaced"),
    (swap("nodes", 0, 1), "ProofInvalid"),
    (double("nodes"), "NodeMisplaced"),
    (put([], "transactions"), "NodeMisplaced"),
    (swap("transactions", 0, 1), "NodeMisplaced"),
    (double("transactions"), "TransactionMisplaced"),
    (put(-1, "transactions", 0, "index"), "MemberMalformed"),
    (put(1, "transactions", 0, "index"), "ProofInvalid"),
    (put(2**40, "transactions", -1, "block"), "HeaderMissing"),
    (put([0, 999], "transactions", 0, "receipt"), "NodeMisplaced"),
    (put([], "receivables", 0, "lots", 0, "word"), "NodeMisplaced"),
    (put(2, "receivables", 0, "lots", 0, "lot"), "ProofInvalid"),
    (put("2", "receivables", 0, "receivable_id"), "ProofInvalid"),
    (put("1-2", "subject", "id"), "SubjectMismatch"),
    (put({"kind": "receivable", "id": "1", "from_block": 0}, "subject"), "SubjectMismatch"),
    (put({"kind": "receivable", "id": "2", "from_block": 0}, "subject"), "SubjectMismatch"),
    (put({"kind": "participant", "id": "1", "from_block": 0}, "subject"), "SubjectMismatch"),
    (double("receivables"), "SubjectMismatch"),
    (lambda document: document["receivables"][0]["document"].pop("salt"), "MemberMalformed"),
    (put("aW52b2ljZTI=", "receivables", 0, "document", "file"), "DocumentMismatch"),
    (put({}, "receivables", 0, "document", "fields"), "DocumentMismatch"),
    (put(None, "receivables", 0, "document"), "StatementMismatch"),
    (put(7, "statement", "receivables", 0, "obligor"), "StatementMismatch"),
    (put(1, "statement", "receivables", 0, "lots", 0, "is_settled"), "StatementMismatch"),
    (put({}, "statement", "surplus"), "StatementMismatch"),
    (put([], "statement", "claims", "does_not_prove"), "StatementMismatch"),
    (lambda document: document["statement"]["receivables"][0]["facts"].pop(), "StatementMismatch"),
    (lambda document: document["statement"]["orders"].reverse(), "StatementMismatch"),
]


@pytest.mark.parametrize(("change", "code"), MEMBERS, ids=range(len(MEMBERS)))
def test_member__changed__is_refused_by_name(change: Callable[[Document], Any], code: str):
    document = json.loads(data_of("story"))
    change(document)

    report = verify(canonical_bytes(document), trust_of("story"))

    assert report.failure is not None
    assert report.failure.code == code


def test_participant__that_had_no_part__is_refused():
    document = json.loads(data_of("participant"))
    document["subject"]["id"] = "1000"

    report = verify(canonical_bytes(document), trust_of("participant"))

    assert report.failure is not None
    assert (report.failure.name, report.failure.code) == ("lineage", "SubjectMismatch")


def test_participant__asked_from_a_later_block__has_receivables_too_many():
    document = json.loads(data_of("participant"))
    document["subject"]["from_block"] = document["statement"]["chain"]["block_number"] + 1

    report = verify(canonical_bytes(document), trust_of("participant"))

    assert report.failure is not None
    assert (report.failure.name, report.failure.code) == ("lineage", "SubjectMismatch")


def test_verdicts__that_do_not_stand_on_the_one_that_fails__are_still_reached():
    document = json.loads(data_of("story"))
    put("aW52b2ljZTI=", "receivables", 0, "document", "file")(document)

    verdicts = verify(canonical_bytes(document), trust_of("story")).verdicts

    assert {verdict.name: verdict.code for verdict in verdicts if not verdict.holds} == {
        "documents": "DocumentMismatch",
        "statement": "NotReached",
    }


def test_form__with_white_space_or_other_order__is_refused():
    document = json.loads(data_of("story"))
    spaced = json.dumps(document, separators=(", ", ":"), sort_keys=True).encode()
    reversed_ = json.dumps(dict(reversed(document.items())), separators=(",", ":")).encode()

    for changed in (spaced, reversed_, data_of("story") + b"\n", b"", b"[]", b"\xff"):
        failure = verify(changed, trust_of("story")).failure
        assert failure is not None
        assert failure.name == "form"


# --- a hostile author -------------------------------------------------------------------------


def test_last_fact__left_out__is_missed_by_the_ledgers_own_count():
    package = package_of("story")

    changed = with_transactions(package, range(len(package.transactions) - 1))

    assert refusal(changed, "story") == ("lineage", "FactMissing")


def test_first_fact__left_out_with_its_header__begins_before_the_first_fact():
    package = package_of("story")

    changed = with_transactions(package, range(1, len(package.transactions)))

    assert refusal(changed, "story") == ("headers", "HeaderSuperfluous")
    without_header = replace(changed, headers=headers_from(changed))
    assert refusal(without_header, "story") == ("lineage", "FactMissing")


@pytest.mark.parametrize("left_out", range(1, 7))
def test_any_fact__left_out__leaves_a_gap(left_out: int):
    package = package_of("story")
    kept = [place for place in range(len(package.transactions)) if place != left_out]

    changed = with_transactions(package, kept)

    assert refusal(changed, "story") == ("lineage", "FactMissing")


@pytest.mark.parametrize(("sequence", "code"), [(2, "ProofInvalid"), (4, "LotUnknown")])
def test_subject__another_lot__lacks_the_proof_of_its_state(sequence: int, code: str):
    package = package_of("story")
    (receivable,) = package.receivables
    (lot,) = receivable.lots

    changed = rewritten(
        package,
        subject=subject_of("lot", f"{receivable.receivable_id}-{sequence}"),
        receivables=(replace(receivable, lots=(LotPlace(sequence, lot.word),)),),
    )

    assert refusal(changed, "story") == ("state", code)


def test_subject__a_receivable_without_all_its_lots__is_refused():
    package = package_of("receivable")
    (receivable,) = package.receivables

    changed = rewritten(package, receivables=(replace(receivable, lots=receivable.lots[:-1]),))

    assert refusal(changed, "receivable") == ("state", "SubjectMismatch")


def test_participant__one_receivable_left_out__is_a_file_about_less():
    """What these are all of is not proven, and the file says so; but its facts stay whole."""
    package = package_of("participant")
    kept = package.receivables[:1]

    changed = rewritten(package, receivables=kept)

    assert refusal(changed, "participant") == ("lineage", "TransactionSuperfluous")


def test_proof__of_another_transaction__is_refused():
    package = package_of("story")
    first, second, *rest = package.transactions

    crossed = (
        replace_place(first, first.transaction, second.receipt),
        replace_place(second, second.transaction, first.receipt),
    )
    changed = rewritten(package, transactions=(*crossed, *rest))

    assert refusal(changed, "story") == ("receipts", "ProofInvalid")


def test_keys__swapped_dropped_or_doubled__are_refused():
    package = package_of("story")
    first, *rest = package.state.keys
    crossed = replace_key(first, rest[0].word), replace_key(rest[0], first.word), *rest[1:]

    assert refusal(with_keys(package, crossed), "story") == ("state", "ProofInvalid")
    assert refusal(with_keys(package, rest), "story") == ("orders", "SignerUnknown")
    assert refusal(with_keys(package, [first, *package.state.keys]), "story") == (
        "state",
        "KeySuperfluous",
    )


def test_files__of_two_receivables__cannot_be_mixed():
    story, batch = package_of("story"), package_of("batch")

    changed = replace(story, headers=batch.headers)

    assert refusal(changed, "story") == ("headers", "CheckpointMismatch")
    assert refusal(replace(changed, trust=batch.trust), "batch") == ("headers", "HeaderSuperfluous")


def root_of_validators(**changes: Any) -> Document:
    root = {"kind": "validators", "block_number": 10, "epoch_length": 10}
    return root | {"validators": ["0x" + "11" * 20]} | changes


# --- sealed headers ---------------------------------------------------------------------------


def sealed(change: Callable[[list[bytes]], Any]) -> tuple[str, str | None]:
    """Why the sealed story is refused when its headers are changed."""
    package = package_of("qbft-story")
    headers = list(package.headers)
    change(headers)
    return refusal(replace(package, headers=tuple(headers)), "qbft-story")


def reseal(header: bytes, **changes: Any) -> bytes:
    """A header with other extra data and whatever seals those hold."""
    fields = rlp.decode_list(header)
    extra = qbft.decode_extra(rlp.to_bytes(fields[EXTRA_DATA]))
    fields[EXTRA_DATA] = encode_extra(replace(extra, **changes))
    return rlp.encode(fields)


def seals_of(header: bytes) -> tuple[bytes, ...]:
    return qbft.decode_extra(decode_header(header, qbft.block_hash).extra_data).seals


def test_sealed_story__says_how_the_validators_changed():
    statement = verify(data_of("qbft-story"), trust_of("qbft-story")).statement

    assert statement is not None
    chain = statement["chain"]
    assert chain["header_count"] < chain["block_number"] / 2
    assert [change["is_addition"] for change in chain["seals"]["changes"]] == [True, False]
    assert len(chain["seals"]["validators"]) == 4


def test_sealed_header__with_a_vote__cannot_be_left_out():
    """Headers of deciding votes are needed by every later one; the others are part of what is said.

    Which votes decide depends on where the epochs begin in the recorded run.
    """
    headers = [decode_header(each, qbft.block_hash) for each in package_of("qbft-story").headers]
    with_facts = {entry.block for entry in package_of("qbft-story").transactions}
    voting = [place for place, header in enumerate(headers) if header.number not in with_facts]

    refusals = {sealed(lambda h, place=place: h.pop(place)) for place in voting[:-1]}
    assert ("seals", "ValidatorsMismatch") in refusals
    assert refusals <= {("seals", "ValidatorsMismatch"), ("statement", "StatementMismatch")}


def test_sealed_headers__from_elsewhere_or_in_another_order__are_refused():
    foreign = package_of("story").headers[0]

    assert sealed(lambda h: h.insert(0, foreign)) == ("headers", "HeaderMalformed")
    assert sealed(lambda h: h.reverse()) == ("headers", "HeadersNotChained")
    assert sealed(lambda h: h.append(h[-1])) == ("headers", "HeadersNotChained")
    assert sealed(lambda h: h.pop(-2)) == ("transactions", "HeaderMissing")


def test_seals__too_few_strange_or_twice__are_refused():
    first = package_of("qbft-story").headers[0]
    seals, others = seals_of(first), seals_of(package_of("qbft-story").headers[1])

    for kept, code in (
        (seals[:-1], "SealsTooFew"),
        ((), "SealsTooFew"),
        ((*seals, seals[0]), "SealTwice"),
        ((*seals, others[0]), "SealByStranger"),
    ):
        changed = reseal(first, seals=kept)
        assert sealed(lambda h, changed=changed: h.__setitem__(0, changed)) == ("seals", code)


def test_sealed_header__with_another_validator_or_round__is_not_what_was_sealed():
    first = package_of("qbft-story").headers[0]

    other_round = reseal(first, round=9)
    other_set = reseal(package_of("qbft-story").headers[-1], validators=("0x" + "11" * 20,))

    assert sealed(lambda h: h.__setitem__(0, other_round)) == ("seals", "SealByStranger")
    assert sealed(lambda h: h.__setitem__(-1, other_set)) == ("seals", "ValidatorsMismatch")


def test_sealed_story__with_one_block_trusted_or_other_validators__is_refused():
    document = trust_of("qbft-story").to_json()
    strangers = dict(document["root"], validators=["0x" + "11" * 20])
    block = {"kind": "block", "block_number": 1, "block_hash": "0x" + "00" * 32}

    for root, expected in (
        (strangers, ("seals", "ValidatorsMismatch")),
        (dict(document["root"], epoch_length=1), ("seals", "ValidatorsMismatch")),
        (dict(block, header_hash="qbft"), ("headers", "CheckpointMismatch")),
    ):
        trust = msgspec.convert(document | {"root": root}, Trust)
        failure = verify(
            write_package(replace(package_of("qbft-story"), trust=trust)), trust
        ).failure
        assert failure is not None
        assert (failure.name, failure.code) == expected
        failure = verify(data_of("qbft-story"), trust).failure
        assert failure is not None
        assert failure.code == "CheckpointMismatch"


# --- another trust ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        (("root", "block_hash"), "0x" + "00" * 32, ("headers", "CheckpointMismatch")),
        (("root", "block_number"), 1, ("headers", "CheckpointMismatch")),
        (("root", "header_hash"), "qbft", ("headers", "HeaderMalformed")),
        (("chain_id",), 1, ("orders", "SignatureInvalid")),
        (("domain", "salt"), "0x" + "00" * 32, ("orders", "SignatureInvalid")),
        (("domain", "name"), "another", ("orders", "SignatureInvalid")),
        (("contracts", "Issuance"), "0x" + "11" * 20, ("orders", "CallUnknown")),
        (("contracts", "DocumentRegistry"), "0x" + "11" * 20, ("orders", "WrongTarget")),
        (("contracts", "ReceivableLedger"), "0x" + "11" * 20, ("state", "ProofInvalid")),
        (("contracts", "ParticipantRegistry"), "0x" + "11" * 20, ("state", "ProofInvalid")),
    ],
)
def test_trust__in_another_chain_or_contract__is_not_satisfied(
    path: tuple[str, ...], value: Any, expected: tuple[str, str]
):
    """Even where the file claims to be made for that trust."""
    document = trust_of("story").to_json()
    put(value, *path)(document)
    trust = msgspec.convert(document, Trust)

    failure = verify(write_package(replace(package_of("story"), trust=trust)), trust).failure

    assert failure is not None
    assert (failure.name, failure.code) == expected


@pytest.mark.parametrize(
    "change",
    [
        put("chainfin.trust/1", "format"),
        put("0xAB", "trust", "root", "block_hash"),
        put(-1, "trust", "root", "block_number"),
        put("checkpoint", "trust", "root", "kind"),
        put("31337", "trust", "chain_id"),
        put("0x" + "11" * 19, "trust", "contracts", "Issuance"),
        put("0x" + "11" * 20, "trust", "contracts", "Elsewhere"),
        lambda document: document["trust"]["contracts"].pop("Issuance"),
        lambda document: document["trust"]["contracts"].update(
            Issuance=document["trust"]["contracts"]["Settlement"]
        ),
        lambda document: document["trust"].pop("domain"),
        put(1, "surplus"),
        put(1, "trust", "surplus"),
        put(root_of_validators(block_number=7), "trust", "root"),
        put(root_of_validators(epoch_length=0), "trust", "root"),
        put(root_of_validators(validators=[]), "trust", "root"),
        put(root_of_validators(validators=["0x" + "22" * 20, "0x" + "11" * 20]), "trust", "root"),
        put(root_of_validators(validators=["0x" + "11" * 20] * 2), "trust", "root"),
    ],
)
def test_trust_file__malformed__is_refused(change: Callable[[Document], Any]):
    document = json.loads(TrustFile(trust=trust_of("story")).to_bytes())
    change(document)

    with pytest.raises(TrustMalformed):
        read_trust_file(json.dumps(document).encode())


# --- orders and keys --------------------------------------------------------------------------


def test_key__ended_before_or_begun_after__did_not_count():
    assert signing_with("valid_until", 1) == "KeyNotValid"
    assert signing_with("valid_from", 2**39) == "KeyNotValid"


def test_key__of_another_role_or_organisation__did_not_count():
    assert signing_with("roles", KeyRole.ADMINISTRATOR) == "RoleRequired"
    assert signing_with("organisation", 99) == "SignerUnknown"


def test_keys__of_one_person__are_one_signature():
    assert signing_with("person", "0x" + "01" * 15) == "SamePerson"


def test_key__that_is_a_contract__is_believed_to_the_chain():
    examination = examined("story")
    keys = {key: replace(entry, kind=KeyKind.CONTRACT) for key, entry in examination.keys.items()}

    checked = check_orders(
        calls_of("story")[1], keys, examination.trust, examination.trust.signing_domain()
    )

    assert set(checked[0].contract_keys) == {
        approval.key for approval in checked[0].order.approvals
    }


def test_key__revoked_in_the_very_block__still_counted():
    call = calls_of("story")[1]

    assert signing_with("valid_until", call.timestamp) is None
    assert signing_with("valid_until", call.timestamp - 1) == "KeyNotValid"


def test_order__that_the_registry_did_not_run__is_refused():
    call = calls_of("story")[1]
    silent = replace(call, events=tuple(e for e in call.events if not isinstance(e, OrderExecuted)))

    assert checking(silent) == "OrderNotExecuted"


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("deadline", 1, "OrderExpired"),
        ("target", "0x" + "11" * 20, "WrongTarget"),
        ("organisation", 99, "SignerUnknown"),
    ],
)
def test_order__with_another_member__is_refused(field: str, value: Any, code: str):
    call = calls_of("story")[1]
    (order,) = call.orders
    changed = replace(order, message=dict(order.message) | {field: value})

    assert checking(replace(call, orders=(changed,))) == code


def test_order__without_signature_or_with_three__is_refused():
    call = calls_of("story")[1]
    (order,) = call.orders
    maker, checker = order.approvals

    for approvals in ((), (maker, checker, checker)):
        changed = replace(order, approvals=approvals)
        assert checking(replace(call, orders=(changed,))) == "ApprovalsMalformed"
    crossed = replace(order, approvals=(replace(maker, signature=checker.signature), checker))
    assert checking(replace(call, orders=(crossed,))) == "SignatureInvalid"
    broken = replace(order, approvals=(replace(maker, signature=b"\1" * 65), checker))
    assert checking(replace(call, orders=(broken,))) == "SignatureInvalid"


def test_refusals__of_orders__have_the_contracts_names():
    """One broken rule, one name, whether the chain refuses it or the auditor."""
    ours = [errors.WrongTarget, errors.OrderExpired, errors.ApprovalsMalformed, errors.SamePerson]
    ours += [errors.SignerUnknown, errors.SignatureInvalid, errors.KeyNotValid]
    ours += [errors.RoleRequired, errors.NonceOfAnotherKey]

    assert {kind.__name__ for kind in ours} <= set(refusals.catalogue())


# --- facts ------------------------------------------------------------------------------------

SAID_BY_THE_CONTRACTS = {
    ("ReceivableIssued", "document_sequence"),
    ("FinancingRequested", "request_id"),
    ("FundingAwaited", "bank"),
}
"""What no order and no earlier fact can foretell."""


@pytest.mark.parametrize("name", FILES)
def test_fact__with_any_other_member__was_not_ordered_or_cannot_be(name: str):
    examination, accepted = examined(name), []
    for place, fact in enumerate(facts_of(examination)):
        for field in fields(fact.event):
            if field.name == "sequence":
                continue
            changed = replace(fact.event, **{field.name: other(getattr(fact.event, field.name))})
            try:
                take(examination, place, changed)
            except EvidenceRefused:
                continue
            accepted.append((type(changed).__name__, field.name))

    assert set(accepted) <= SAID_BY_THE_CONTRACTS


def test_fact__made_by_an_act_that_cannot__is_refused():
    examination = examined("story")
    issue, acceptance = facts_of(examination)[:2]

    with pytest.raises(errors.FactNotOrdered):
        check_ordered(issue.call, acceptance.event, Record(issued(examination)))


def test_money__that_did_not_move__is_missed():
    for name, kind, payment in (
        ("story", "QuoteAwarded", "DepositPaid"),
        ("story", "ReceivableSettled", "DepositEarmarked"),
        ("story", "LotsPaid", "EarmarkPaid"),
    ):
        examination = examined(name)
        place, fact = next(
            (place, fact)
            for place, fact in enumerate(facts_of(examination))
            if type(fact.event).__name__ == kind
        )
        kept = [e for e in fact.call.events if type(e).__name__ != payment]
        silent = replace(fact.call, events=tuple(kept))
        with pytest.raises(errors.PaymentMissing):
            check_ordered(silent, fact.event, record_before(examination, place))


def test_award__of_a_quote_nobody_signed__needs_the_order_that_funded_it():
    examination = examined("story")
    place, fact = next(
        (place, fact)
        for place, fact in enumerate(facts_of(examination))
        if isinstance(fact.event, QuoteAwarded)
    )
    orders = [
        replace(order, approvals=()) if order.primary_type == "Quote" else order
        for order in fact.call.orders
    ]
    unsigned = replace(fact.call, orders=tuple(orders))
    before = record_before(examination, place)
    with pytest.raises(errors.FactNotOrdered):
        check_ordered(unsigned, fact.event, before)
    award = fact.event
    drawn = FundedQuoteEnded(
        award.request_id, award.receivable_id, 9, award.funder, award.quote, is_drawn=True
    )

    check_ordered(replace(unsigned, events=(*unsigned.events, drawn)), award, before)

    with pytest.raises(errors.FactImpossible):
        check_ordered(replace(unsigned, function="awardQuote"), drawn, before)


def test_record__second_issue_or_unknown_lot__is_impossible():
    record = Record(issued(examined("story")))

    with pytest.raises(errors.FactImpossible):
        record.apply(issued(examined("story")))
    with pytest.raises(errors.FactImpossible):
        record.apply(LotSplit(1, 2, 1, 1, ()))
    record.apply(ReceivableAccepted(1, 2))
    with pytest.raises(errors.FactImpossible):
        record.apply(LotSplit(1, 3, 9, 1, ()))


# --- what it stands on ------------------------------------------------------------------------


def test_interfaces__are_those_of_the_artifacts():
    for name, contract in load_interfaces().items():
        path = ROOT / "chainfin" / "chain" / "artifacts" / f"{name}.json"
        abi = json.loads(path.read_text("utf-8"))["abi"]
        wanted = [
            (entry["type"], entry["name"], [bare(each) for each in entry["inputs"]])
            for entry in abi
            if entry["type"] == "event" or entry.get("stateMutability") == "nonpayable"
            if entry["type"] != "constructor"
        ]
        found = [
            (entry["type"], entry["name"], [bare(each) for each in entry["inputs"]])
            for entry in contract.abi
        ]
        assert found == wanted, f"{name}: run make contracts"


def test_word__with_bits_beyond_its_fields__is_refused():
    assert read_word("LotWord", 3 | 7 << 200)["transferCount"] == 7
    with pytest.raises(AbiNotCanonical):
        read_word("LotWord", 1 << 255)


# --- the command ------------------------------------------------------------------------------


def test_command__says_what_holds_and_how_many_facts(capsys: pytest.CaptureFixture[str]):
    status = main([str(RECORDED / "story.json"), "--trust", str(RECORDED / "story.trust.json")])

    assert status == 0
    assert "10 facts proven" in capsys.readouterr().out


def test_command__on_the_wrong_trust__names_the_reason(capsys: pytest.CaptureFixture[str]):
    arguments = [str(RECORDED / "story.json"), "--trust", str(RECORDED / "batch.trust.json")]

    assert main(arguments) == 1
    assert "refused: CheckpointMismatch" in capsys.readouterr().out
    assert main([*arguments, "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    codes = {verdict["name"]: verdict["code"] for verdict in report["verdicts"]}
    assert codes.pop("trust") is None
    assert codes.pop("form") is None
    assert codes.pop("headers") == "CheckpointMismatch"
    assert set(codes.values()) == {"NotReached"}


def test_command__without_a_readable_file__answers_two(capsys: pytest.CaptureFixture[str]):
    story, trust = str(RECORDED / "story.json"), str(RECORDED / "story.trust.json")

    assert main([str(RECORDED / "absent.json"), "--trust", trust]) == 2
    assert main([story, "--trust", story]) == 2
    assert "TrustMalformed" in capsys.readouterr().err


# --- helpers ----------------------------------------------------------------------------------


@cache
def data_of(name: str) -> bytes:
    return (RECORDED / f"{name}.json").read_bytes()


@cache
def trust_of(name: str) -> Trust:
    return load_trust(RECORDED / f"{name}.trust.json").trust


def package_of(name: str) -> Package:
    return read_package(data_of(name))


@cache
def examined(name: str) -> Examination:
    examination = Examination(trust_of(name))
    examination.read(data_of(name))
    for check in examination.checks():
        check.run()
    return examination


def rewritten(package: Package, **changes: Any) -> Package:
    """The package with changes, its nodes and places renumbered as they must be."""
    package = replace(package, **changes)
    places: dict[int, int] = {}

    def renumbered(way: Iterable[int]) -> tuple[int, ...]:
        return tuple([places.setdefault(place, len(places)) for place in way])

    transactions = [
        replace_place(e, renumbered(e.transaction), renumbered(e.receipt))
        for e in package.transactions
    ]
    state = package.state
    ledger = renumbered(state.ledger)
    receivables = [
        replace(
            entry,
            undertaking=renumbered(entry.undertaking),
            standing=renumbered(entry.standing),
            programme=renumbered(entry.programme),
            lots=tuple([LotPlace(lot.lot, renumbered(lot.word)) for lot in entry.lots]),
        )
        for entry in package.receivables
    ]
    registry = renumbered(state.registry)
    keys = tuple([replace_key(entry, renumbered(entry.word)) for entry in state.keys])
    return replace(
        package,
        transactions=tuple(transactions),
        state=StatePlaces(ledger, registry, keys),
        receivables=tuple(receivables),
        nodes=tuple(package.nodes[place] for place in places),
    )


def with_transactions(package: Package, kept: Iterable[int]) -> Package:
    """The story with some of its transactions, and the keys that sign in those."""
    calls = [calls_of("story")[place] for place in kept]
    signed = {each.key for call in calls for order in call.orders for each in order.approvals}
    keys = [entry for entry in package.state.keys if entry.key in signed]
    return with_keys(
        replace(package, transactions=tuple([package.transactions[place] for place in kept])), keys
    )


def headers_from(package: Package) -> tuple[bytes, ...]:
    """The headers from the first transaction's block on."""
    numbers = [decode_header(header).number for header in package.headers]
    return package.headers[numbers.index(package.transactions[0].block) :]


def replace_place(entry: Any, transaction: tuple[int, ...], receipt: tuple[int, ...]) -> Any:
    return type(entry)(entry.block, entry.index, transaction, receipt)


def replace_key(entry: Any, word: tuple[int, ...]) -> Any:
    return type(entry)(entry.key, word)


def with_keys(package: Package, keys: Iterable[Any]) -> Package:
    state = package.state
    return rewritten(package, state=StatePlaces(state.ledger, state.registry, tuple(keys)))


def refusal(package: Package, name: str) -> tuple[str, str | None]:
    failure = verify(write_package(package), trust_of(name)).failure
    assert failure is not None
    return failure.name, failure.code


def signing_with(field: str, value: Any) -> str | None:
    """Why the second call's order is refused if every key has another value in a field."""
    keys = {key: replace(k, **{field: value}) for key, k in examined("story").keys.items()}
    return checking(calls_of("story")[1], keys)


def checking(call: Any, keys: Any = None) -> str | None:
    examination = examined("story")
    domain = examination.trust.signing_domain()
    try:
        check_orders(call, keys or examination.keys, examination.trust, domain)
    except EvidenceRefused as refused:
        return type(refused).__name__
    return None


def calls_of(name: str) -> list[Call]:
    """The transactions of a file about one receivable, looked at for it."""
    examination = examined(name)
    (history,) = examination.histories
    (calls,) = examination.calls.values()
    return [call.about(history.receivable_id) for call in calls]


def facts_of(examination: Examination) -> list[ProvenFact]:
    return [fact for history in examination.histories[:1] for fact in history.facts]


def issued(examination: Examination) -> ReceivableIssued:
    event = facts_of(examination)[0].event
    assert isinstance(event, ReceivableIssued)
    return event


def record_before(examination: Examination, place: int) -> Record | None:
    if place == 0:
        return None
    record = Record(issued(examination))
    for fact in facts_of(examination)[1:place]:
        record.apply(fact.event)
    return record


def take(examination: Examination, place: int, event: Any) -> None:
    """Take a changed fact in the place of the real one, as the verifier would."""
    fact, record = facts_of(examination)[place], record_before(examination, place)
    check_ordered(fact.call, event, record)
    if event.receivable_id != examination.histories[0].receivable_id:
        raise errors.FactMissing("a fact of another receivable is none of this one")
    if record is not None:
        record.apply(event)


def other(value: Any) -> Any:
    """Another value of the same kind."""
    match value:
        case bool():
            return not value
        case str():
            return value[:-1] + ("0" if value[-1] != "0" else "1")
        case tuple():
            return value[:-1]
        case _:
            return type(value)(value - 1 if value > 1 else value + 1)


def bare(entry: dict[str, Any]) -> tuple[Any, ...]:
    components = tuple(bare(member) for member in entry.get("components", ()))
    return entry["name"], entry["type"], entry.get("indexed"), components


def all_subclasses(*kinds: type) -> Iterable[type]:
    own = [kind for kind in kinds for kind in kind.__subclasses__()]
    return chain(own, *[all_subclasses(kind) for kind in own])
