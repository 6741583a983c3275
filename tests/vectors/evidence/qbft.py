"""Make `qbft-seals.json` beside this module: `python -m tests.vectors.evidence.qbft`.

Each case is a run of headers sealed by keys of our own, the validators an auditor trusts before
them, and the outcome: the validators after them and how they changed, or why they are refused. The
keys are keccak256 of "chainfin test validator NAME". Nothing here uses the code under test.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import rlp
from eth_utils import keccak

from tests.qbft import EXTRA_DATA, Ballot, Proposal, Validator, addresses, seal

FILE = Path(__file__).parent / "qbft-seals.json"
A, B, C, D, E, STRANGER = [Validator(name) for name in ("A", "B", "C", "D", "E", "stranger")]
FOUR, FIVE, THREE = (A, B, C, D), (A, B, C, D, E), (A, B, C)
EPOCH = 10
ADD_E, REMOVE_D, REMOVE_E = Ballot(E, True), Ballot(D, False), Ballot(E, False)

QUORUM_OF_FOUR = Proposal(FOUR, A, THREE)
QUORUM_OF_FIVE = Proposal(FIVE, A, FOUR)
QUORUM_OF_THREE = Proposal(THREE, A, (A, B))

Run = Sequence[tuple[int, Proposal]]


@dataclass(frozen=True)
class Case:
    """A run of blocks after block 0, whose validators are A B C D, and what it leads to."""

    name: str
    run: Run
    validators: tuple[Validator, ...] = ()
    changes: tuple[tuple[int, Ballot], ...] = ()
    refused: str | None = None


def votes(ballot: Ballot, *proposers: Validator, first: int = 1) -> Run:
    """A block for each vote, one after the other, sealed by A B C."""
    return [
        (first + place, Proposal(FOUR, proposer, THREE, ballot))
        for place, proposer in enumerate(proposers)
    ]


CASES = (
    Case(
        "three of four seal", [(1, QUORUM_OF_FOUR), (2, QUORUM_OF_FOUR), (25, QUORUM_OF_FOUR)], FOUR
    ),
    Case("all seal in a later round", [(7, Proposal(FOUR, B, FOUR, round=3))], FOUR),
    Case(
        "E is added by three votes",
        [*votes(ADD_E, A, B, C), (4, QUORUM_OF_FIVE), (99, QUORUM_OF_FIVE)],
        FIVE,
        ((3, ADD_E),),
    ),
    Case(
        "D is removed by three votes",
        [*votes(REMOVE_D, A, B, C), (4, QUORUM_OF_THREE)],
        THREE,
        ((3, REMOVE_D),),
    ),
    Case(
        "E is added, then D removed by three of five in the next epoch",
        [
            *votes(ADD_E, A, B, C),
            (11, Proposal(FIVE, A, FOUR, REMOVE_D)),
            (12, Proposal(FIVE, E, FOUR, REMOVE_D)),
            (15, Proposal(FIVE, B, FOUR, REMOVE_D)),
            (16, Proposal((A, B, C, E), C, (A, B, E))),
        ],
        (A, B, C, E),
        ((3, ADD_E), (15, REMOVE_D)),
    ),
    Case("two votes of four decide nothing", [*votes(ADD_E, A, B), (3, QUORUM_OF_FOUR)], FOUR),
    Case(
        "an epoch block forgets votes",
        [*votes(ADD_E, A, B, first=8), *votes(ADD_E, C, first=11), (12, QUORUM_OF_FOUR)],
        FOUR,
    ),
    Case(
        "a vote in an epoch block counts for nothing",
        [*votes(ADD_E, A, first=10), *votes(ADD_E, B, C, first=11), (13, QUORUM_OF_FOUR)],
        FOUR,
    ),
    Case("one proposer's votes are one", [*votes(ADD_E, A, A, B), (9, QUORUM_OF_FOUR)], FOUR),
    Case(
        "a vote is taken back",
        [
            *votes(ADD_E, A, B),
            *votes(REMOVE_E, A, first=3),
            *votes(ADD_E, C, first=4),
            (5, QUORUM_OF_FOUR),
        ],
        FOUR,
    ),
    Case(
        "who was removed has no vote left",
        [
            *votes(ADD_E, D),
            *votes(REMOVE_D, A, B, C, first=2),
            (5, Proposal(THREE, A, (A, B), ADD_E)),
            (6, Proposal(THREE, B, (A, C), ADD_E)),
            (7, Proposal((A, B, C, E), C, THREE)),
        ],
        (A, B, C, E),
        ((4, REMOVE_D), (6, ADD_E)),
    ),
    Case("two of four seal", [(1, replace(QUORUM_OF_FOUR, sealers=(A, B)))], refused="SealsTooFew"),
    Case("nobody seals", [(1, replace(QUORUM_OF_FOUR, sealers=()))], refused="SealsTooFew"),
    Case(
        "three of five seal after E was added",
        [*votes(ADD_E, A, B, C), (4, replace(QUORUM_OF_FIVE, sealers=THREE))],
        refused="SealsTooFew",
    ),
    Case(
        "one seals twice",
        [(1, replace(QUORUM_OF_FOUR, sealers=(A, B, B)))],
        refused="SealTwice",
    ),
    Case(
        "a stranger seals",
        [(1, replace(QUORUM_OF_FOUR, sealers=(*THREE, STRANGER)))],
        refused="SealByStranger",
    ),
    Case(
        "who was removed still seals",
        [*votes(REMOVE_D, A, B, C), (4, replace(QUORUM_OF_THREE, sealers=(A, B, D)))],
        refused="SealByStranger",
    ),
    Case(
        "another set than the trusted one",
        [(1, Proposal((A, B, C, E), A, THREE))],
        refused="ValidatorsMismatch",
    ),
    Case(
        "a set that is a chain of strangers'",
        [(1, Proposal((E, STRANGER), E, (E, STRANGER)))],
        refused="ValidatorsMismatch",
    ),
    Case(
        "a vote is left out",
        [*votes(ADD_E, A, B), (4, QUORUM_OF_FIVE)],
        refused="ValidatorsMismatch",
    ),
    Case(
        "the old set goes on after a change",
        [*votes(ADD_E, A, B, C), (4, QUORUM_OF_FOUR)],
        refused="ValidatorsMismatch",
    ),
    Case(
        "the proposer is no validator",
        [(1, replace(QUORUM_OF_FOUR, proposer=STRANGER))],
        refused="ProposerUnknown",
    ),
)


def documents() -> Iterator[dict[str, Any]]:
    """Every case as the file holds it."""
    for case in CASES:
        yield {
            "name": case.name,
            "root": {
                "kind": "validators",
                "block_number": 0,
                "validators": list(addresses(FOUR)),
                "epoch_length": EPOCH,
            },
            "headers": ["0x" + header(number, proposal).hex() for number, proposal in case.run],
            "validators": list(addresses(case.validators)),
            "changes": [
                {
                    "block_number": number,
                    "subject": ballot.subject.text,
                    "is_addition": ballot.is_addition,
                }
                for number, ballot in case.changes
            ],
            "refused": case.refused,
        }


def header(number: int, proposal: Proposal) -> bytes:
    """A header of an empty block."""
    empty = keccak(rlp.encode(b""))
    zero, bloom = bytes(32), bytes(256)
    fields = [zero, keccak(rlp.encode([])), bytes(20), empty, empty, empty, bloom]
    fields += [b"\x01", *[rlp.sedes.big_endian_int.serialize(n) for n in (number, 30_000_000)]]
    fields += [b"", rlp.sedes.big_endian_int.serialize(1_900_000_000 + number), b"", zero, bytes(8)]
    sealed, _ = seal(fields, proposal)
    assert rlp.decode(sealed)[EXTRA_DATA]
    return sealed


def text() -> str:
    """The file."""
    return json.dumps(list(documents()), indent=1) + "\n"


if __name__ == "__main__":
    FILE.write_text(text())
