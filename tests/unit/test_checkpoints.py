"""Who vouches for a trust file: signatures, and time stamps of an authority made for the test."""

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from eth_account import Account
from eth_account.messages import encode_defunct

from chainfin.client.stamps import request_stamp
from chainfin.codec.hashing import keccak, to_hex
from chainfin.codec.signers import LocalSigner
from chainfin.domain.service_errors import StampUnavailable
from chainfin.evidence.checkpoints import Demands, check_vouchers, sign_trust, stamp_trust
from chainfin.evidence.errors import CheckpointUnsigned
from chainfin.evidence.trust import (
    BlockRoot,
    CheckpointSignature,
    TrustFile,
    load_trust,
    read_trust_file,
)
from chainfin.evidence.verify import verify_for
from tests.authority import Authority

RECORDED = Path(__file__).parents[1] / "vectors" / "evidence"
KEYS = [LocalSigner(keccak(name)) for name in (b"first", b"second", b"stranger")]
URL = "https://stamps.example"


@cache
def plain() -> TrustFile:
    return load_trust(RECORDED / "story.trust.json")


@cache
def authority(name: str = "Notary") -> Authority:
    return Authority(name)


@cache
def stamped() -> TrustFile:
    content = plain().trust.to_bytes()
    return stamp_trust(plain(), request_stamp(URL, content, transport=authority().transport()))


def of_another_block(file: TrustFile) -> TrustFile:
    root = BlockRoot(1, "0x" + "00" * 32, "ethereum")
    trust = type(file.trust)(
        chain_id=file.trust.chain_id,
        contracts=file.trust.contracts,
        domain=file.trust.domain,
        root=root,
    )
    return TrustFile(trust=trust, signatures=file.signatures, stamp=file.stamp)


def test_signed__by_two_keys__names_them_and_reads_back():
    file = sign_trust(sign_trust(plain(), KEYS[0]), KEYS[1])

    vouched = check_vouchers(
        read_trust_file(file.to_bytes()), Demands((KEYS[0].address, KEYS[1].address))
    )

    assert set(vouched.keys) == {KEYS[0].address, KEYS[1].address}
    assert vouched.stamped_at is None
    assert sign_trust(file, KEYS[0]) == file


def test_signature__is_what_any_wallet_makes_of_the_text():
    file = plain()
    account = Account.from_key(keccak(b"first"))
    signed = account.sign_message(encode_defunct(file.trust.to_bytes()))

    (ours,) = sign_trust(file, KEYS[0]).signatures

    assert ours == CheckpointSignature(KEYS[0].address, to_hex(bytes(signed.signature)))


def test_signed__by_others_than_asked_for__is_refused():
    file = sign_trust(plain(), KEYS[0])

    with pytest.raises(CheckpointUnsigned, match="has not signed"):
        check_vouchers(file, Demands((KEYS[2].address,)))
    with pytest.raises(CheckpointUnsigned, match="has not signed"):
        check_vouchers(plain(), Demands((KEYS[0].address,)))


@pytest.mark.parametrize(
    "change",
    [
        of_another_block,
        lambda file: with_signature(file, key=KEYS[1].address),
        lambda file: with_signature(file, signature="0x" + "11" * 65),
        lambda file: with_signature(file, signature="0x"),
        lambda file: with_signature(file, key="nobody"),
        lambda file: TrustFile(trust=file.trust, signatures=file.signatures * 2),
    ],
)
def test_signature__wrong__is_refused_whoever_is_asked_for(
    change: Callable[[TrustFile], TrustFile],
):
    with pytest.raises(CheckpointUnsigned):
        check_vouchers(change(sign_trust(plain(), KEYS[0])), Demands())


def with_signature(file: TrustFile, **changes: str) -> TrustFile:
    (entry,) = file.signatures
    values = {"key": entry.key, "signature": entry.signature} | changes
    return TrustFile(trust=file.trust, signatures=(CheckpointSignature(**values),))


def test_stamped__by_the_authority_asked_for__tells_its_time():
    vouched = check_vouchers(
        read_trust_file(stamped().to_bytes()), Demands(authorities=(authority().pem,))
    )

    assert vouched.stamped_at == authority().at


@pytest.mark.parametrize(
    ("change", "pem", "reason"),
    [
        (lambda file: file, lambda: authority("Stranger").pem, "does not hold"),
        (of_another_block, lambda: authority().pem, "does not hold"),
        (lambda _: plain(), lambda: authority().pem, "no time stamp"),
        (lambda file: stamp_trust(file, b"\x30\x00"), lambda: authority().pem, "does not hold"),
        (lambda file: file, lambda: b"no certificate", "does not hold"),
    ],
)
def test_stamp__by_another_for_another_or_none__is_refused(
    change: Callable[[TrustFile], TrustFile], pem: Callable[[], bytes], reason: str
):
    with pytest.raises(CheckpointUnsigned, match=reason):
        check_vouchers(change(stamped()), Demands(authorities=(pem(),)))


def test_stamp__any_byte_changed__is_refused_or_the_same_time():
    """The authority's signature covers what it said; its answer's outer wrapping is not covered."""
    assert stamped().stamp is not None
    stamp = base64.b64decode(str(stamped().stamp))
    demands = Demands(authorities=(authority().pem,))

    for place in range(0, len(stamp), 97):
        changed = stamp[:place] + bytes((stamp[place] ^ 1,)) + stamp[place + 1 :]
        try:
            vouched = check_vouchers(stamp_trust(plain(), changed), demands)
        except CheckpointUnsigned:
            continue
        assert vouched.stamped_at == authority().at


@pytest.mark.parametrize(
    "answer",
    [
        lambda _: httpx.Response(500),
        lambda _: httpx.Response(200, content=b"hello"),
        lambda _: httpx.Response(200, content=base64.b64decode(str(stamped().stamp))),
    ],
)
def test_authority__that_fails_or_answers_something_else__is_named(
    answer: Callable[[httpx.Request], httpx.Response],
):
    with pytest.raises(StampUnavailable, match=r"stamps\.example"):
        request_stamp(URL, b"content", transport=httpx.MockTransport(answer))


def test_report__says_who_vouched_before_everything_else():
    data = (RECORDED / "story.json").read_bytes()
    file = sign_trust(stamped(), KEYS[0])
    demands = Demands((KEYS[0].address,), (authority().pem,))

    report = verify_for(data, file, demands)
    refused = verify_for(data, file, replace(demands, signers=(KEYS[2].address,)))

    assert report.holds
    assert (report.verdicts[0].name, report.verdicts[0].count) == ("trust", 2)
    assert refused.failure is not None
    assert (refused.failure.name, refused.failure.code) == ("trust", "CheckpointUnsigned")
    assert (refused.facts, refused.statement) == (0, None)
    assert all(verdict.holds for verdict in refused.verdicts[1:])


def test_trust_file__is_json_that_keeps_what_was_signed():
    file = sign_trust(stamped(), KEYS[0])

    document: dict[str, Any] = json.loads(file.to_bytes())

    assert set(document) == {"format", "signatures", "stamp", "trust"}
    assert read_trust_file(file.to_bytes()) == file
