"""Seals and votes of QBFT validators, by vectors made with keys of our own; see their script."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainfin.codec import qbft
from chainfin.codec.errors import HeaderMalformed
from chainfin.codec.hashing import from_hex, to_hex
from chainfin.codec.headers import Header, decode_header, header_from_rpc
from chainfin.codec.qbft import QbftExtra, Vote
from chainfin.evidence import errors
from chainfin.evidence.seals import Seals, Validators, check_seals, quorum
from chainfin.evidence.trust import ValidatorsRoot
from tests.qbft import Proposal, addresses, encode_extra
from tests.vectors.evidence.qbft import EPOCH, FILE, FOUR, STRANGER, header, text

CASES = json.loads(FILE.read_text("utf-8"))
ROOT = ValidatorsRoot(0, addresses(FOUR), EPOCH)


def read(headers: list[bytes]) -> list[tuple[Header, bytes]]:
    return [(decode_header(each, qbft.block_hash), each) for each in headers]


def checked(case: dict[str, Any]) -> Seals:
    root = {name: value for name, value in case["root"].items() if name != "kind"}
    root["validators"] = tuple(root["validators"])
    return check_seals(read([from_hex(each) for each in case["headers"]]), ValidatorsRoot(**root))


def test_vectors__are_those_of_their_script():
    assert FILE.read_text("utf-8") == text()


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_seals__as_the_vectors_say(case: dict[str, Any]):
    if case["refused"]:
        with pytest.raises(getattr(errors, case["refused"])):
            checked(case)
        return

    seals = checked(case)

    assert list(seals.validators) == case["validators"]
    assert [asdict(change) for change in seals.changes] == case["changes"]


@pytest.mark.parametrize(
    ("validators", "needed"), [(1, 1), (2, 2), (3, 2), (4, 3), (5, 4), (6, 4), (7, 5), (100, 67)]
)
def test_quorum__is_two_thirds_rounded_up(validators: int, needed: int):
    assert quorum(validators) == needed


def test_seal__over_another_round__is_somebody_elses():
    sealed = header(1, Proposal(FOUR, FOUR[0], FOUR[:3], round=1))
    fields = decode_header(sealed, qbft.block_hash)
    extra = qbft.decode_extra(fields.extra_data)
    other = encode_extra(QbftExtra(extra.vanity, extra.validators, None, 2, extra.seals))
    changed = sealed.replace(fields.extra_data, other)

    with pytest.raises(errors.SealByStranger):
        check_seals(read([changed]), ROOT)


def test_header__of_a_chain_without_seals__is_refused():
    recorded = Path(__file__).parents[1] / "recorded" / "anvil-1.7.1-default.json"
    plain = header_from_rpc(json.loads(recorded.read_text("utf-8"))["block"])

    with pytest.raises(HeaderMalformed):
        check_seals([(decode_header(plain), plain)], ROOT)


@given(
    st.lists(st.sampled_from(addresses((*FOUR, STRANGER))), unique=True),
    st.one_of(st.none(), st.builds(Vote, st.sampled_from(addresses(FOUR)), st.booleans())),
    st.integers(0, 2**32),
    st.lists(st.binary(min_size=65, max_size=65), max_size=3),
)
def test_extra_data__written_and_read__are_the_same(
    validators: list[str], vote: Vote | None, round_number: int, seals: list[bytes]
):
    extra = QbftExtra(bytes(32), tuple(validators), vote, round_number, tuple(seals))

    assert qbft.decode_extra(encode_extra(extra)) == extra


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.booleans()), max_size=40))
def test_votes__one_after_the_other__are_counted_as_by_a_plain_recount(
    ballots: list[tuple[int, int, bool]],
):
    """Against a recount of the whole epoch from its start for every block."""
    names = [to_hex(bytes((number,)) * 20) for number in range(6)]
    state = Validators(set(names[:4]), epoch_length=1_000, epoch=0)
    base = decode_header(header(1, Proposal(FOUR, FOUR[0], ())), qbft.block_hash)
    members, live = set(names[:4]), dict[tuple[str, str], bool]()

    for number, (proposer, subject, is_addition) in enumerate(ballots, start=1):
        by, about = names[proposer], names[subject]
        if by not in members:
            continue
        state.take(_at(base, number, by), Vote(about, is_addition))
        live[by, about] = is_addition
        agreeing = [1 for key, said in live.items() if key[1] == about and said is is_addition]
        if len(agreeing) * 2 > len(members):
            members = members | {about} if is_addition else members - {about}
            live = {
                key: said
                for key, said in live.items()
                if key[1] != about and (is_addition or key[0] != about)
            }
        assert state.members == members


def _at(base: Header, number: int, proposer: str) -> Header:
    values = {name: getattr(base, name) for name in Header.__slots__}
    return Header(**(values | {"number": number, "beneficiary": proposer}))
