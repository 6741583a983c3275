"""The wrong changes made to contracts, on syntax trees as the compiler gives them."""

from scripts.mutants import Source, enums_of, mutants_of

UINT = {"typeString": "uint64"}
ENUMS = {"Encumbrance": ["NONE", "PLEDGED"]}


def place(text, part, source):
    start = source.index(part, source.index(text))
    return f"{start}:{len(part)}:0"


def changes(source, *nodes):
    """Of one function `f` whose body has these nodes."""
    function = {
        "nodeType": "FunctionDefinition",
        "name": "f",
        "src": f"0:{len(source)}:0",
        "body": {"nodeType": "Block", "src": f"0:{len(source)}:0", "statements": list(nodes)},
    }
    ast = {"nodes": [{"nodeType": "ContractDefinition", "nodes": [function]}]}
    return {
        (mutant.before, mutant.after, mutant.applied_to(source.encode()).decode())
        for mutant in mutants_of("C.sol", ast, Source(source.encode(), ENUMS))
    }


def expression(node_type, text, source, **more):
    return {
        "nodeType": node_type,
        "src": place(text, text, source),
        "typeDescriptions": UINT,
        **more,
    }


def test_a_comparison_moves_its_boundary_and_turns_round():
    source = "x < y;"
    node = expression(
        "BinaryOperation",
        "x < y",
        source,
        operator="<",
        leftExpression=expression("Identifier", "x", source),
        rightExpression=expression("Identifier", "y", source),
    )

    assert changes(source, node) == {("<", "<=", "x <= y;"), ("<", ">=", "x >= y;")}


def test_a_condition_becomes_true_and_false():
    source = "if (ok) revert No();"
    node = expression(
        "IfStatement", source[:-1], source, condition=expression("Identifier", "ok", source)
    )

    assert {text for *_, text in changes(source, node)} == {
        "if (true) revert No();",
        "if (false) revert No();",
    }


def test_a_statement_is_left_out():
    source = "check(); act();"
    node = expression("ExpressionStatement", "check()", source)

    assert changes(source, node) == {("check();", "", " act();")}


def test_a_number_becomes_its_neighbours():
    source = "x = 2;"
    node = expression("Literal", "2", source, kind="number")

    assert {text for *_, text in changes(source, node)} == {"x = 3;", "x = 1;"}


def test_only_arguments_of_one_type_change_places():
    source = "pay(to, amount, paid);"
    to = expression("Identifier", "to", source) | {"typeDescriptions": {"typeString": "uint32"}}
    arguments = [to, *(expression("Identifier", name, source) for name in ("amount", "paid"))]
    node = expression(
        "FunctionCall", source[:-1], source, kind="functionCall", names=[], arguments=arguments
    )

    assert {text for *_, text in changes(source, node)} == {"pay(to, paid, amount);"}


def test_a_mutant_is_named_by_its_line_and_function():
    source = "first;\n  x = 2;"
    node = expression("Literal", "2", source, kind="number")
    function = {"nodeType": "FunctionDefinition", "name": "f", "body": node}
    (first, _) = mutants_of("C.sol", function, Source(source.encode(), {}))

    assert (first.function, first.line, first.statement) == ("f", 2, "x = 2;")


def test_a_member_of_an_enum_becomes_the_next():
    source = "x = Encumbrance.PLEDGED;"
    kind = {"typeDescriptions": {"typeString": "type(enum Encumbrance)"}}
    node = expression(
        "MemberAccess", "Encumbrance.PLEDGED", source, expression=kind, memberName="PLEDGED"
    )

    assert {text for *_, text in changes(source, node)} == {"x = Encumbrance.NONE;"}


def test_the_enums_of_all_sources_are_known():
    members = [{"name": "NONE"}, {"name": "PLEDGED"}]
    definition = {"nodeType": "EnumDefinition", "canonicalName": "Encumbrance", "members": members}

    assert enums_of([{"nodes": [definition]}]) == ENUMS
