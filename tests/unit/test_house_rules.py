"""The house's rules as checks over the sources. Each failure says where, and what to do.

What the tools already check (formats, types, imports) is not repeated here.
"""

import ast
import importlib
import json
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI

ROOT = Path(__file__).parents[2]
MAY_COMMIT = (
    "chainfin/bench/",
    "api/dependencies.py",
    "chainfin/cli/",
    "chainfin/models/shadow.py",
    "chainfin/models/writers.py",  # The driver's own commit, passed on.
)
HOMES_OF_RULES = tuple(
    f"chainfin.domain.{name}" for name in ("errors", "refusals", "service_errors")
)
WITHOUT_CLOCK_AND_ENVIRONMENT = ("domain", "services", "indexer", "models")
CLOCK_AND_ENVIRONMENT = {
    "date.today",
    "datetime.now",
    "datetime.today",
    "datetime.utcnow",
    "os.environ",
    "os.getenv",
    "time.time",
    "time.time_ns",
}
PLACES_OF_A_MACHINE = re.compile(r"(?<![\w.+/}-])/(?:" + "|".join(["work", "root", "tmp"]) + ")/")
SOLIDITY_ERROR = re.compile(r"^\s*error (\w+)\(", re.MULTILINE)
STATUSES = ("enforced", "built", "partly", "not yet")
REQUIREMENT = re.compile(r"(?<![A-Za-z0-9])R[-_]?(\d+)(?!\d)")
MARKED_ATTACK = re.compile(r"/// @custom:law (\w+)\n\s*function (test\w+)\(")
TEST_FUNCTION = re.compile(r"function (test\w+)\(")
TREE_LEAF = re.compile(r"^[\s│├└─]*[├└]──\s*(it\s.*)$", re.IGNORECASE)
TEST_LEAF = re.compile(r"^\s*//\s*(it\s.*)$", re.IGNORECASE)


def test_every_event_of_the_contracts_is_known_and_projected():
    names = artifact_names("event")
    events = importlib.import_module("chainfin.domain.events")
    projections = importlib.import_module("chainfin.indexer.projection").PROJECTIONS

    without_class = sorted(name for name in names if not hasattr(events, name))
    without_projection = sorted(names - {name_of(key) for key in projections})

    assert not without_class, f"no class in chainfin/domain/events.py: {without_class}"
    assert not without_projection, (
        f"not in PROJECTIONS, indexer/projection.py: {without_projection}"
    )


def test_every_error_of_the_contracts_is_a_named_rule_with_a_status():
    statuses = {name_of(key) for key in importlib.import_module("api.errors").STATUS}
    errors, *_ = [importlib.import_module(name) for name in HOMES_OF_RULES]
    kinds = [k for k in subclasses(errors.ChainfinError) if k.__module__ in HOMES_OF_RULES]
    named = Counter(kind.__name__ for kind in kinds)
    rules = set(named)

    without_class = sorted((artifact_names("error") & errors_of_our_contracts()) - rules)
    twice = sorted(name for name, count in named.items() if count > 1)
    without_status = sorted(rules - statuses)
    without_rule = sorted(statuses - rules)

    assert not without_class, f"no class in {', '.join(HOMES_OF_RULES)}: {without_class}"
    assert not twice, f"one rule, one class; in two modules: {twice}"
    assert not without_status, f"not in STATUS, api/errors.py: {without_status}"
    assert not without_rule, f"in STATUS, but no rule has that name: {without_rule}"


def test_every_route_has_its_rights():
    """Who may use it; tests/api/test_rights.py asks every one of them as everybody."""
    app = FastAPI()
    for module in importlib.import_module("api.main").ROUTERS:
        app.include_router(module.router, prefix="/v1")
    served = {
        f"{method.upper()} {path}"
        for path, operations in app.openapi()["paths"].items()
        for method in operations
    }
    listed = set(importlib.import_module("api.rights").RIGHTS)

    assert served <= listed, f"no line in RIGHTS, api/rights.py: {sorted(served - listed)}"
    assert listed <= served, f"in RIGHTS, and no such route: {sorted(listed - served)}"


def test_the_domain_has_no_float_and_no_true_division():
    found = [
        f"{place(path, node)} {ast.unparse(node)}"
        for path, tree in python_trees("chainfin/domain")
        for node in ast.walk(tree)
        if is_float(node) or is_division(node)
    ]

    assert not found, "amounts are whole minor units; divide with // and name the rounding:\n" + (
        "\n".join(found)
    )


def test_only_the_edges_commit():
    found = [
        place(path, node)
        for path, tree in python_trees("chainfin", "api", "scripts")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and dotted_name(node.func).endswith(".commit")
        and not path.relative_to(ROOT).as_posix().startswith(MAY_COMMIT)
    ]

    assert not found, f"only {', '.join(MAY_COMMIT)} commit; take the session and leave it:\n" + (
        "\n".join(found)
    )


def test_the_core_reads_neither_clock_nor_environment():
    folders = [f"chainfin/{name}" for name in WITHOUT_CLOCK_AND_ENVIRONMENT]
    found = [
        f"{place(path, node)} {name}"
        for path, tree in python_trees(*folders)
        for node in ast.walk(tree)
        for name in names_in(node)
        if any(f".{name}".endswith(f".{forbidden}") for forbidden in CLOCK_AND_ENVIRONMENT)
    ]

    assert not found, "pass the time and the settings as arguments:\n" + "\n".join(found)


def test_every_leaf_of_every_tree_is_a_test():
    trees = sorted((ROOT / "contracts" / "test" / "unit").rglob("*.tree"))
    assert trees, "no .tree file in contracts/test/unit: the test plan is missing"

    missing = []
    for tree in trees:
        tests = tree.with_suffix(".t.sol")
        written = leaves(TEST_LEAF, tests.read_text("utf-8")) if tests.exists() else Counter()
        planned = leaves(TREE_LEAF, tree.read_text("utf-8"))
        assert planned, f"{tree.relative_to(ROOT)} has no leaf: a line that begins with `it`"
        missing += [f"{tests.relative_to(ROOT)} // {leaf}" for leaf in (planned - written)]

    assert not missing, "leaves without a test that quotes them in a comment:\n" + (
        "\n".join(missing)
    )


def test_every_enforced_requirement_is_cited_by_a_test():
    rows = list(table_rows("requirements.md", {"Id", "Rule", "Status", "Where"}))
    unknown = [row["Id"] for row in rows if row["Status"].strip("`") not in STATUSES]
    enforced = {
        number for row in rows if "enforced" in row["Status"] for number in numbers(row["Id"])
    }
    assert enforced, "docs/requirements.md has no enforced row: Id | Rule | Status | Where"
    assert not unknown, f"the status is none of {', '.join(STATUSES)}: {unknown}"

    cited: set[int] = set()
    for folder, pattern in (("tests", "*.py"), ("contracts/test", "*.sol")):
        for path in (ROOT / folder).rglob(pattern):
            cited |= numbers(path.read_text("utf-8"))

    missing = [f"R-{number:02}" for number in sorted(enforced - cited)]
    assert not missing, f"no test cites {', '.join(missing)}"


def test_every_rule_that_binds_on_chain_is_enforced_and_cited_there_or_says_why_not():
    statuses = {
        row["Id"]: row["Status"]
        for row in table_rows("requirements.md", {"Id", "Rule", "Status", "Where"})
    }
    binding = list(table_rows("laws.md", {"Id", "Contract", "Open"}))
    assert binding, "docs/laws.md has no table of the rules that bind on chain"
    cited = {
        number
        for path in (ROOT / "contracts" / "test").rglob("*.sol")
        for number in numbers(path.read_text("utf-8"))
    }

    problems = []
    for row in binding:
        is_enforced = "enforced" in statuses[row["Id"]]
        if not is_enforced and not row["Open"]:
            problems.append(f"{row['Id']} binds on chain and is not enforced: do, or say why not")
        if is_enforced and not numbers(row["Id"]) <= cited:
            problems.append(f"{row['Id']} binds on chain: cite it in a test of contracts/test")

    assert not problems, "\n".join(problems)


def test_every_attack_names_its_law_and_is_listed():
    laws = [row["Law"].strip("`") for row in table_rows("laws.md", {"Law", "Says", "Held by"})]
    rows = list(table_rows("laws.md", {"Attack", "Law", "Test"}))
    listed = {row["Test"].strip("`"): row["Law"].strip("`") for row in rows}
    marked = {}
    for path in (ROOT / "contracts" / "test" / "scenario").glob("*.sol"):
        for law, test in MARKED_ATTACK.findall(path.read_text("utf-8")):
            marked[test] = law
    attacks = ROOT / "contracts" / "test" / "scenario" / "Attacks.t.sol"
    unmarked = set(TEST_FUNCTION.findall(attacks.read_text("utf-8"))) - set(marked)
    invariants = ROOT / "contracts" / "test" / "invariant" / "Invariants.sol"
    kept = set(re.findall(r"string internal constant (\w+)", invariants.read_text("utf-8")))

    assert not unmarked, f"/// @custom:law is missing above {sorted(unmarked)}"
    assert listed == marked, "docs/laws.md and contracts/test/scenario differ: " + str(
        sorted(set(listed.items()) ^ set(marked.items()))
    )
    assert set(listed.values()) <= set(laws), "an attack names a law docs/laws.md does not have"
    assert kept <= set(laws), f"invariants that docs/laws.md does not have: {kept - set(laws)}"


def test_every_fault_of_the_matrix_is_injected_by_a_test():
    rows = {row["Fault"] for row in table_rows("faults.md", {"Fault", "What fails", "What holds"})}
    trees = (ast.parse(path.read_text("utf-8")) for path in (ROOT / "tests").rglob("test_*.py"))
    faults = {
        fault_of(node)
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and dotted_name(node.func) == "pytest.mark.fault"
    }

    assert rows, "docs/faults.md has no row: Fault | What fails | What holds"
    assert not rows - faults, f"no test is marked fault(...): {sorted(rows - faults)}"
    assert not faults - rows, f"not a row of docs/faults.md: {sorted(faults - rows)}"


def fault_of(mark: ast.Call) -> str:
    first = mark.args[0]
    return str(first.value) if isinstance(first, ast.Constant) else ast.unparse(first)


def test_every_term_of_the_glossary_exists_in_the_code_it_names():
    solidity = words(ROOT / "contracts" / "src", "*.sol")
    python = words(ROOT / "chainfin", "*.py") | words(ROOT / "api", "*.py")
    rows = list(table_rows("glossary.md", {"English", "Contract", "Python"}))
    assert rows, "docs/glossary.md has no row: English | Chinese | Contract | Python | URL"

    missing = [
        f"{row['English']}: {term} is not in {where}"
        for row in rows
        for column, known, where in (
            ("Contract", solidity, "contracts/src"),
            ("Python", python, "chainfin or api"),
        )
        for term in terms(row[column])
        if term not in known
    ]

    assert not missing, "the glossary names what is not there:\n" + "\n".join(missing)


def test_every_function_and_class_is_named_somewhere_else():
    sources = [path for path in project_files() if path.suffix in {".py", ".html", ".toml"}]
    words = Counter(word for path in sources for word in re.findall(r"\w+", text_of(path)))
    found = [
        f"{place(path, node)} {node.name}"
        for path, tree in python_trees("chainfin", "api", "scripts")
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        # A decorator may be what uses it: a route, a command, a listener.
        and not (node.name.startswith("__") or node.decorator_list or words[node.name] > 1)
    ]

    assert not found, "nothing uses it: delete it, or use it:\n" + "\n".join(found)


def test_no_file_names_a_place_of_one_machine():
    found = [
        f"{path.relative_to(ROOT)}:{number} {line.strip()[:100]}"
        for path in project_files()
        for number, line in enumerate(text_of(path).splitlines(), start=1)
        if PLACES_OF_A_MACHINE.search(line)
    ]

    assert not found, "say it relative to the project, or use tempfile:\n" + "\n".join(found)


# --- Reading Python


def python_trees(*folders: str) -> Iterator[tuple[Path, ast.Module]]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path, ast.parse(path.read_text("utf-8"))


def place(path: Path, node: ast.AST) -> str:
    return f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', '?')}"


def is_float(node: ast.AST) -> bool:
    if isinstance(node, ast.Name):
        return node.id == "float"
    return isinstance(node, ast.Constant) and isinstance(node.value, float | complex)


def is_division(node: ast.AST) -> bool:
    return isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div)


def dotted_name(node: ast.AST) -> str:
    """`a.b.c` as written; what is not a name (a call, an index) becomes an empty part."""
    if isinstance(node, ast.Attribute):
        return f"{dotted_name(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def names_in(node: ast.AST) -> list[str]:
    if isinstance(node, ast.ImportFrom):
        return [f"{node.module}.{alias.name}" for alias in node.names]
    return [dotted_name(node)] if isinstance(node, ast.Attribute) else []


def name_of(key: object) -> str:
    return key.__name__ if isinstance(key, type) else str(key)


def subclasses(kind: type) -> Iterator[type]:
    for subclass in kind.__subclasses__():
        yield subclass
        yield from subclasses(subclass)


# --- Reading contracts, tables and text


def artifact_names(kind: str) -> set[str]:
    artifacts = sorted((ROOT / "chainfin" / "chain" / "artifacts").glob("*.json"))
    assert artifacts, "no artifacts in chainfin/chain/artifacts: run make contracts"
    entries = [entry for path in artifacts for entry in json.loads(path.read_text("utf-8"))["abi"]]
    return {entry["name"] for entry in entries if entry["type"] == kind}


def errors_of_our_contracts() -> set[str]:
    """Declared in our own sources: neither OpenZeppelin's nor the simulation's, never deployed."""
    sources = (ROOT / "contracts" / "src").rglob("*.sol")
    texts = [text_of(path) for path in sources if path.parent.name != "simulation"]
    return {name for text in texts for name in SOLIDITY_ERROR.findall(text)}


def leaves(pattern: re.Pattern[str], text: str) -> Counter[str]:
    found = (pattern.match(line) for line in text.splitlines())
    return Counter(" ".join(leaf[1].lower().rstrip(".").split()) for leaf in found if leaf)


def numbers(text: str) -> set[int]:
    return {int(number) for number in REQUIREMENT.findall(text)}


def words(folder: Path, pattern: str) -> set[str]:
    return {word for path in folder.rglob(pattern) for word in re.findall(r"\w+", text_of(path))}


def table_rows(document: str, wanted: set[str]) -> Iterator[dict[str, str]]:
    """The rows of every table of a document in docs that has these columns."""
    columns: list[str] = []
    for line in (ROOT / "docs" / document).read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if wanted <= set(cells):
            columns = cells
        elif not line.lstrip().startswith("|"):
            columns = []
        elif columns and not set(line) <= set("|-: "):
            yield dict(zip(columns, cells, strict=True))


def terms(cell: str) -> list[str]:
    """The names in backticks: of `Money(amount_minor)` or `money.Money` the word `Money`."""
    quoted = re.findall(r"`([^`]+)`", cell)
    heads = [re.match(r"[\w.]*", term)[0] for term in quoted]
    return [head.rpartition(".")[2] or term for head, term in zip(heads, quoted, strict=True)]


def project_files() -> list[Path]:
    """Every file that is, or would be, committed."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: nothing says which files are the project's")
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-co", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def text_of(path: Path) -> str:
    """The text of a file, or nothing where it is not text."""
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError:
        return ""
