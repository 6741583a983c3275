"""Evidence files changed at random: none that is changed verifies.

1,000 changes each time; CHAINFIN_MUTATIONS=10000 makes more. The seed is fixed, so that a failure
comes again.
"""

import copy
import json
import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from chainfin.codec.canonical_json import canonical_bytes
from chainfin.codec.errors import CodecError
from chainfin.evidence.errors import EvidenceRefused
from chainfin.evidence.trust import load_trust
from chainfin.evidence.verify import verify

RECORDED = Path(__file__).parents[1] / "vectors" / "evidence"
MUTATIONS = int(os.environ.get("CHAINFIN_MUTATIONS", "1000"))
FILES = ("detours", "qbft-story")

Chance = random.Random
Place = tuple[Any, Any]
"""A container and the key or index of one of its values."""


@pytest.mark.parametrize("name", FILES)
def test_file__changed_at_random__never_verifies_and_is_refused_by_name(name: str) -> None:
    data = (RECORDED / f"{name}.json").read_bytes()
    trust = load_trust(RECORDED / f"{name}.trust.json").trust
    chance = Chance(f"mutations of {name}")
    reasons = {kind.__name__ for kind in kinds_of(EvidenceRefused, CodecError)}
    assert verify(data, trust).holds

    for number in range(MUTATIONS // len(FILES)):
        changed = (bytes_changed if number % 2 else members_changed)(chance, data)
        if changed == data:
            continue
        report = verify(changed, trust)
        assert not report.holds, number
        assert report.failure is not None
        assert report.failure.code in reasons, report.failure
        assert (report.facts, report.statement) == (0, None)


# --- bytes ------------------------------------------------------------------------------------


def bytes_changed(chance: Chance, data: bytes) -> bytes:
    """One byte changed, dropped, doubled or added, or the file cut off."""
    place = chance.randrange(len(data))
    byte, rest = data[place : place + 1], data[place + 1 :]
    match chance.randrange(6):
        case 0:
            return data[:place] + bytes((byte[0] ^ 1 << chance.randrange(8),)) + rest
        case 1:
            # What is still hexadecimal reaches the deeper checks.
            return data[:place] + chance.choice(b"0123456789abcdef").to_bytes() + rest
        case 2:
            return data[:place] + rest
        case 3:
            return data[:place] + byte + byte + rest
        case 4:
            return data[:place] + chance.choice(b'0123456789abcdef",[]{} ').to_bytes() + byte + rest
        case _:
            return data[:place]


# --- structure --------------------------------------------------------------------------------


def members_changed(chance: Chance, data: bytes) -> bytes:
    """The file with some of its values changed, moved or exchanged, canonical again."""
    document = json.loads(data)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        chance.choice(CHANGES)(chance, document)
    return canonical_bytes(document)


def drop(chance: Chance, document: Any) -> None:
    container, key = any_place(chance, document)
    del container[key]


def replace_by_another(chance: Chance, document: Any) -> None:
    """A value takes the place of another one, of the same kind where there is one."""
    container, key = any_place(chance, document)
    kind = type(container[key])
    others = [(c, k) for c, k in places(document) if type(c[k]) is kind]
    other, its_key = chance.choice(others)
    container[key] = copy.deepcopy(other[its_key])


def exchange(chance: Chance, document: Any) -> None:
    lists = [c[k] for c, k in places(document) if isinstance(c[k], list) and len(c[k]) > 1]
    chosen = chance.choice(lists)
    one, other = chance.sample(range(len(chosen)), 2)
    chosen[one], chosen[other] = chosen[other], chosen[one]


def double(chance: Chance, document: Any) -> None:
    lists = [c[k] for c, k in places(document) if isinstance(c[k], list) and c[k]]
    chosen = chance.choice(lists)
    chosen.insert(chance.randint(0, len(chosen)), copy.deepcopy(chance.choice(chosen)))


def shift(chance: Chance, document: Any) -> None:
    """A value becomes a near one of its kind."""
    container, key = any_place(chance, document)
    value = container[key]
    match value:
        case bool():
            container[key] = not value
        case int():
            container[key] = value + chance.choice((-1, 1, 256, -value))
        case str() if value.startswith("0x") and len(value) > 2:
            at = chance.randrange(2, len(value))
            container[key] = value[:at] + chance.choice("0123456789abcdef") + value[at + 1 :]
        case str() if value.isdecimal():
            container[key] = str(int(value) + 1)
        case str():
            container[key] = value + " "
        case None:
            container[key] = 0
        case _:
            container[key] = None


CHANGES: tuple[Callable[[Chance, Any], None], ...] = (
    *(drop, exchange, double),
    *(replace_by_another, shift) * 2,
)


def any_place(chance: Chance, document: Any) -> Place:
    """A place, each depth as likely as the others: else nearly all were bytes of headers."""
    found = list(_depths(document))
    wanted = chance.choice(sorted({depth for depth, _ in found}))
    return chance.choice([place for depth, place in found if depth == wanted])


def places(document: Any) -> Iterator[Place]:
    return (place for _, place in _depths(document))


def _depths(value: Any, depth: int = 0) -> Iterator[tuple[int, Place]]:
    keys = (
        range(len(value)) if isinstance(value, list) else value if isinstance(value, dict) else ()
    )
    for key in list(keys):
        yield depth, (value, key)
        yield from _depths(value[key], depth + 1)


def kinds_of(*kinds: type) -> Iterator[type]:
    for kind in kinds:
        yield kind
        yield from kinds_of(*kind.__subclasses__())
