"""Small wrong changes to a Solidity source, found in its syntax tree: what tests should notice.

A mutant replaces one stretch of source text: an operator by its neighbour, a condition by true or
false, a number by the next, a statement by nothing, two arguments of one type by each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

Json = Mapping[str, Any]
Change = tuple[int, str, str]
"""Where, what stands there, and what shall."""

OPERATORS = {
    "+": ["-"],
    "-": ["+"],
    "*": ["/"],
    "/": ["*"],
    "%": ["*"],
    "<": ["<=", ">="],
    "<=": ["<", ">"],
    ">": [">=", "<="],
    ">=": [">", "<"],
    "==": ["!="],
    "!=": ["=="],
    "&&": ["||"],
    "||": ["&&"],
    "&": ["|"],
    "|": ["&"],
    "^": ["|"],
    "<<": [">>"],
    ">>": ["<<"],
}
ASSIGNMENTS = {"+=": ["-=", "="], "-=": ["+=", "="], "|=": ["&=", "="], ">>=": ["<<="]}
STEPS = {"++": "--", "--": "++"}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One wrong change.

    Attributes:
        unit: The source, relative to contracts/.
        function: The function it is in, or the contract's own name.
        line: Of the changed text, from 1.
        start: Where the changed text begins, in bytes.
        before: The text.
        after: What stands there instead.
        statement: The line it is in, with single spaces: with function and change, its name in the
            list of equivalent mutants.
    """

    unit: str
    function: str
    line: int
    start: int
    before: str
    after: str
    statement: str

    def applied_to(self, source: bytes) -> bytes:
        """The source with the change made."""
        end = self.start + len(self.before.encode())
        return source[: self.start] + self.after.encode() + source[end:]


@dataclass(frozen=True, slots=True)
class Source:
    """A source's text, and the enums it can name.

    Attributes:
        text: As bytes, because the compiler counts bytes.
        enums: Members by the enum's name, in their order.
    """

    text: bytes
    enums: Mapping[str, Sequence[str]]

    def of(self, node: Json) -> str:
        """A node's text."""
        start, end = _place(node)
        return self.text[start:end].decode()


def enums_of(asts: Sequence[Json]) -> dict[str, list[str]]:
    """Every enum of some sources: its members by its name."""
    return {
        node["canonicalName"]: [member["name"] for member in node["members"]]
        for node in _walk(list(asts))
        if node["nodeType"] == "EnumDefinition"
    }


def mutants_of(unit: str, ast: Json, source: Source) -> list[Mutant]:
    """Every mutant of a source, in the order of the text; none twice.

    Args:
        unit: Its path.
        ast: The compiler's syntax tree of it.
        source: Its text.
    """
    lines = source.text.splitlines()
    found: dict[Change, Mutant] = {}
    for function, node in _inside_functions(ast):
        for change in _changes(node, source):
            start, before, after = change
            line = source.text.count(b"\n", 0, start) + 1
            statement = " ".join(lines[line - 1].decode().split())
            mutant = Mutant(unit, function, line, start, before, after, statement)
            found.setdefault(change, mutant)
    return [found[change] for change in sorted(found)]


def _inside_functions(ast: Json) -> Iterator[tuple[str, Json]]:
    """Each node of each function's body and modifiers, with the function's name."""
    for function in _walk(ast):
        if function["nodeType"] in {"FunctionDefinition", "ModifierDefinition"}:
            name = function.get("name") or function.get("kind", "")
            for node in _walk([function.get("modifiers", []), function.get("body")]):
                yield name, node


def _walk(tree: Any) -> Iterator[Json]:
    if isinstance(tree, dict):
        if "nodeType" in tree:
            yield tree
        tree = list(tree.values())
    if isinstance(tree, list):
        for branch in tree:
            yield from _walk(branch)


def _changes(node: Json, source: Source) -> Iterator[Change]:
    change = _CHANGES.get(node["nodeType"])
    return change(node, source) if change else iter(())


def _operation(node: Json, source: Source) -> Iterator[Change]:
    sides = node["leftExpression"], node["rightExpression"]
    return _operator(node["operator"], sides, source, OPERATORS)


def _assignment(node: Json, source: Source) -> Iterator[Change]:
    sides = node["leftHandSide"], node["rightHandSide"]
    return _operator(node["operator"], sides, source, ASSIGNMENTS)


def _operator(
    operator: str, sides: tuple[Json, Json], source: Source, table: Mapping[str, list[str]]
) -> Iterator[Change]:
    left, right = map(_place, sides)
    start = source.text.index(operator.encode(), left[1], right[0])
    for other in table.get(operator, []):
        yield start, operator, other


def _unary(node: Json, source: Source) -> Iterator[Change]:
    operator, text = node["operator"], source.of(node)
    start, _ = _place(node)
    if operator == "!":
        yield start, "!", ""
    elif operator in STEPS:
        yield start, text, text.replace(operator, STEPS[operator])


def _literal(node: Json, source: Source) -> Iterator[Change]:
    start, text = _place(node)[0], source.of(node)
    if node["kind"] == "bool":
        yield start, text, "false" if text == "true" else "true"
    elif node["kind"] == "number" and text.isdecimal():
        yield start, text, str(int(text) + 1)
        if int(text) > 1:
            yield start, text, str(int(text) - 1)


def _condition(node: Json, source: Source) -> Iterator[Change]:
    condition = node["condition"]
    for constant in ("true", "false"):
        yield _place(condition)[0], source.of(condition), constant


def _statement(node: Json, source: Source) -> Iterator[Change]:
    """Left out, with its semicolon."""
    start, end = _place(node)
    yield start, source.text[start : source.text.index(b";", end - 1) + 1].decode(), ""


def _modifier(node: Json, source: Source) -> Iterator[Change]:
    yield _place(node)[0], source.of(node), ""


def _member(node: Json, source: Source) -> Iterator[Change]:
    """The next member of an enum in place of the one named."""
    kind = node["expression"].get("typeDescriptions", {}).get("typeString") or ""
    members = source.enums.get(kind.removeprefix("type(enum ").removesuffix(")"), [])
    if node["memberName"] in members:
        following = members[(members.index(node["memberName"]) + 1) % len(members)]
        text = source.of(node)
        yield _place(node)[0], text, text.removesuffix(node["memberName"]) + following


def _call(node: Json, source: Source) -> Iterator[Change]:
    """Neighbouring arguments of one type in each other's place."""
    if node["kind"] != "functionCall" or node["names"]:
        return
    for one, two in pairwise(node["arguments"]):
        first, second = source.of(one), source.of(two)
        if _type(one) == _type(two) and first != second:
            between = source.text[_place(one)[1] : _place(two)[0]].decode()
            yield _place(one)[0], first + between + second, second + between + first


def _type(node: Json) -> str:
    return str(node["typeDescriptions"]["typeString"])


def _place(node: Json) -> tuple[int, int]:
    start, length, _ = map(int, node["src"].split(":"))
    return start, start + length


_CHANGES: Mapping[str, Callable[[Json, Source], Iterator[Change]]] = {
    "Assignment": _assignment,
    "BinaryOperation": _operation,
    "Conditional": _condition,
    "Continue": _statement,
    "EmitStatement": _statement,
    "ExpressionStatement": _statement,
    "FunctionCall": _call,
    "IfStatement": _condition,
    "Literal": _literal,
    "MemberAccess": _member,
    "ModifierInvocation": _modifier,
    "UnaryOperation": _unary,
}
