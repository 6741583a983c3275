"""Readers of events, written by machine: for each event the shortest Python that reads its logs.

What a log says is taken first, as plain values that one process can hand to another, and an event
made of them after.

A log's parameters are words of 32 bytes, the indexed ones first; a list of structs may follow. All
of it is one text of hexadecimal digits, from which hashes and addresses are cut as they are, while
`struct` takes the integers out of its bytes in one stroke; one mask checks every word's padding.
Roughly, for `LotTransferred`:

```
def take(topics, data):
    _, t0, t1, t2 = topics
    text = t0[2:] + t1[2:] + t2[2:] + data[2:]
    raw = unhexlify(text)
    if len(raw) != 192 or from_bytes(raw, "big") & padding:
        refuse(topics, raw)
    v0, v1, v2, v3, v4 = unpack(raw)
    return v0, v1, v2, v3, v4, "0x" + text[320:384]

def build(values):
    v0, v1, v2, v3, v4, v5 = values
    event = make(v0, v1, v2, v3, v4, v5)
    event.__class__ = kind
    return event
```

A frozen class fills its fields through a function of `object`, four times as slowly as one that is
not. So an event is made as its class's twin that is not frozen, and handed over as its own.

What this module cannot write goes through `abi_words`, more slowly.
"""

import struct
from binascii import unhexlify
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, make_dataclass
from functools import lru_cache
from string import ascii_letters, digits
from typing import Any, NoReturn, TypeAlias

from chainfin.codec.errors import AbiNotCanonical
from chainfin.codec.hashing import ADDRESS_BYTES, WORD_BYTES
from chainfin.codec.solidity_types import Array, Struct, Type, Word

Convert: TypeAlias = Callable[[Any], Any]
Values: TypeAlias = tuple[Any, ...]
"""What a log says, in the order of its class's fields: numbers, texts, bytes, tuples of them."""
Take: TypeAlias = Callable[[Sequence[str], str], Values]
Build: TypeAlias = Callable[[Values], Any]

_DIGITS = 2 * WORD_BYTES
_TOPIC_LENGTH = 2 + _DIGITS
_TAKEN_WHOLE = "BHIQ?"
_MASKS_KEPT = 64


@dataclass(frozen=True, slots=True)
class Member:
    """A parameter and what becomes of it.

    Attributes:
        type: As the ABI has it.
        convert: What makes the field's value of the plain one; None where it is the same, or its
            hexadecimal text.
        kind: Of a list, the class of its items.
        items: Of a list, the members of its items, in the order of their declaration.
        order: Of a list, the places of those members by the fields of the class.
    """

    type: Type
    convert: Convert | None = None
    kind: Any = None
    items: "tuple[Member, ...]" = ()
    order: tuple[int, ...] = ()


@dataclass(slots=True)
class _Source:
    """Code in the making.

    Attributes:
        layout: What `struct` takes, in its notation.
        taken: The variables it fills.
        names: What the code refers to.
    """

    layout: str = ">"
    taken: list[str] = field(default_factory=list)
    names: dict[str, Any] = field(default_factory=dict)

    def word(self, place: int, member: Member) -> str | None:
        """The expression for a word, or None for a type no expression is known for."""
        word = member.type
        if not isinstance(word, Word) or word.name.startswith("int"):
            return None
        if word.layout[-1] in _TAKEN_WHOLE:
            variable = f"v{place}"
            self.layout += word.layout
            self.taken.append(variable)
            return variable
        self.layout += f"{WORD_BYTES}x"
        return _cut(word, place, is_converted=member.convert is not None)


def _cut(word: Word, place: int, *, is_converted: bool) -> str:
    """The expression for a word that is cut out of the text or the bytes."""
    start, begin = place * _DIGITS, place * WORD_BYTES
    end = start + _DIGITS
    if word.name == "address":
        return f'"0x" + text[{end - 2 * ADDRESS_BYTES}:{end}]'
    family, size = word.name.rstrip(digits), int(word.name.lstrip(ascii_letters))
    if family == "uint":
        return f"int(text[{end - size // 4}:{end}], 16)"
    if family == "bytes" and not is_converted:
        return f'"0x" + text[{start}:{start + 2 * size}]'
    return f"raw[{begin}:{begin + size}]"


def write_take(topics: int, members: Sequence[Member], order: Sequence[int]) -> Take | None:
    """What takes an event's values from its logs, or None for types beyond this module.

    Args:
        topics: How many of the members are topics; they come first.
        members: The event's parameters, indexed ones first.
        order: The places of those members by the fields of the event's class.

    Returns:
        From the topics, the event's own first, and the data to the values. It raises
        `AbiNotCanonical` or a `ValueError` of Python for what is not the event's one encoding.
    """
    has_list = bool(members) and isinstance(members[-1].type, Array)
    words = [member.type for member in members[: len(members) - has_list]]
    source = _Source()
    values = [source.word(place, members[place]) for place in range(len(words))]
    lines = _opening(topics)
    size = WORD_BYTES * len(words)
    if has_list:
        items = _write_list(source, lines, size, members[-1], size - WORD_BYTES * topics)
        if items is None:
            return None
        values.append(items)
    else:
        lines += [f'    if len(raw) != {size} or from_bytes(raw, "big") & padding:', _REFUSE]
    if any(value is None for value in values):
        return None
    if source.taken:
        source.names["unpack"] = struct.Struct(source.layout).unpack_from
        lines.append(f"    {', '.join(source.taken)}, = unpack(raw)")
    lines.append(f"    return ({''.join([f'{values[place]}, ' for place in order])})")
    source.names["padding"] = _padding(words)
    take: Take = _compiled("take", lines, source.names)
    return take


def write_build(kind: Any, members: Sequence[Member], order: Sequence[int]) -> Build:
    """What makes an event of its values.

    Args:
        kind: The event's class.
        members: Its parameters, indexed ones first.
        order: The places of those members by the fields of the class.
    """
    names: dict[str, Any] = {"make": _not_frozen(kind), "kind": kind}
    variables = [f"v{place}" for place in order]
    made = []
    for variable, place in zip(variables, order, strict=True):
        member = members[place]
        if member.kind is not None and member.convert is None:
            names[f"item_{variable}"] = member.kind
            made.append(f"tuple([item_{variable}(*item) for item in {variable}])")
        elif member.convert is not None:
            names[f"convert_{variable}"] = member.convert
            made.append(f"convert_{variable}({variable})")
        else:
            made.append(variable)
    lines = [
        "def build(values):",
        f"    {', '.join(variables)}, = values",
        f"    event = make({', '.join(made)})",
        "    event.__class__ = kind",
        "    return event",
    ]
    build: Build = _compiled("build", lines, names)
    return build


def _not_frozen(kind: Any) -> Any:
    """A class with the same slots that is not frozen."""
    return make_dataclass(
        kind.__name__, [(entry.name, entry.type) for entry in fields(kind)], slots=True, eq=False
    )


_REFUSE = "        refuse(topics, raw)"


def _opening(topics: int) -> list[str]:
    names = [f"t{index}" for index in range(topics)]
    cuts = [f"{name}[2:]" for name in [*names, "data"]]
    lengths = "".join([f" or len({name}) != {_TOPIC_LENGTH}" for name in names])
    return [
        "def take(topics, data):",
        f"    {', '.join(['first', *names])}, = topics",
        f'    if data[:2] != "0x"{lengths}:',
        "        refuse(topics, data)",
        f"    text = {' + '.join(cuts)}",
        "    raw = unhexlify(text)",
        "    if raw.hex() != text:",
        _REFUSE,
    ]


def _write_list(
    source: _Source, lines: list[str], head: int, member: Member, offset: int
) -> str | None:
    """The expression for a list that follows words; its checks are added to the lines.

    ```
    words │ offset │ length │ item … item
    ──────┘ head
    ```
    """
    array = member.type
    if not isinstance(array, Array) or array.length is not None:
        return None
    if not isinstance(array.item, Struct) or any(each.convert for each in member.items):
        return None
    words = [each.type for each in member.items if isinstance(each.type, Word)]
    if len(words) != len(member.items) or any(
        word.layout[-1] not in _TAKEN_WHOLE for word in words
    ):
        return None
    item = WORD_BYTES * len(words)
    body = head + 2 * WORD_BYTES
    source.names |= {
        "items_padding": _repeated(_padding(words), 8 * item),
        "unpack_items": struct.Struct(">" + "".join(word.layout for word in words)).iter_unpack,
        "expected": (offset + WORD_BYTES).to_bytes(WORD_BYTES, "big"),
    }
    lines += [
        f"    if from_bytes(raw[:{head}], 'big') & padding or raw[{head}:{head + WORD_BYTES}]"
        " != expected:",
        _REFUSE,
        f"    items = raw[{body}:]",
        f'    count = from_bytes(raw[{head + WORD_BYTES}:{body}], "big")',
        f'    if len(items) != count * {item} or from_bytes(items, "big") & items_padding(count):',
        _REFUSE,
    ]
    if list(member.order) == list(range(len(words))):
        return "tuple(unpack_items(items))"
    variables = ", ".join([f"i{index}" for index in range(len(words))])
    arranged = ", ".join([f"i{index}" for index in member.order])
    return f"tuple([({arranged},) for {variables}, in unpack_items(items)])"


def _compiled(function: str, lines: Sequence[str], names: dict[str, Any]) -> Any:
    space = {
        **names,
        "__builtins__": {"len": len, "int": int, "tuple": tuple},
        "unhexlify": unhexlify,
        "from_bytes": int.from_bytes,
        "refuse": _refuse,
    }
    # Nothing of a log is in this code: it is made of the ABI alone, before any log is read.
    exec(compile("\n".join(lines), "<event reader>", "exec"), space)  # noqa: S102
    return space[function]


def _refuse(topics: Sequence[str], data: bytes | str) -> NoReturn:
    raise AbiNotCanonical(
        f"the topics are {list(topics)}, and the {len(data)} bytes are not its one encoding"
    )


def _padding(words: Sequence[Type]) -> int:
    """The bits of words in a row that must be zero."""
    padding = 0
    for word in words:
        padding = padding << 8 * WORD_BYTES | (word.padding if isinstance(word, Word) else 0)
    return padding


def _repeated(padding: int, width: int) -> Callable[[int], int]:
    """The padding of so many items, one after the other."""

    @lru_cache(maxsize=_MASKS_KEPT)
    def of(count: int) -> int:
        return sum(padding << width * place for place in range(count))

    return of
