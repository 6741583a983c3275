"""Compile the contracts into what the product ships, and note how they keep their state.

`python -m scripts.compile_contracts` writes them; with `--check` it compiles and compares with what
is committed. The product runs on these files and needs no compiler.

Compiler settings and remappings are read where forge reads them, from foundry.toml and
remappings.txt, so that what is tested and what is deployed are the same bytes.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import solcx
from eth_hash.auto import keccak
from solcx.exceptions import SolcError

from chainfin.chain.artifacts import INDEXED_CONTRACTS

Json = dict[str, Any]

ROOT = Path(__file__).parent.parent
CONTRACTS = ROOT / "contracts"
COMPILER = CONTRACTS / "tools" / "solc"
ARTIFACTS = Path("chainfin/chain/artifacts")
INTERFACES = Path("chainfin/codec/interfaces.json")
ORDER_TYPES = Path("chainfin/codec/order_types.json")
STORAGE = Path("contracts/snapshots/storage")

WORDS = Path("src/types/Words.sol")
WORD_TYPE = re.compile(r"(?P<comment>(?:^///.*\n)+)^type (?P<name>\w+) is uint\d+;", re.MULTILINE)
WORD_FIELD = re.compile(r"\b(\w+) (\d+)[,.]")

DEPLOYED_FROM_OPENZEPPELIN = "node_modules/@openzeppelin/contracts/access/manager/AccessManager.sol"
TYPEHASH_SUFFIX = "_TYPEHASH"
WORD_BITS = 256


class CompilationRefused(Exception):
    """The sources compile, but not to something the product can use."""


def main() -> int:
    """Write the generated files, or with `--check` name those that differ from a fresh compile."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    check = parser.parse_args().check
    try:
        files = generated_files(compile_sources())
    except SolcError as refusal:
        print(refusal.message, file=sys.stderr)
        return 1
    except CompilationRefused as refusal:
        print(refusal, file=sys.stderr)
        return 1
    there = existing_files()
    differing = [path for path in sorted(files | there) if files.get(path) != there.get(path)]
    if check:
        for path in differing:
            print(f"{path} differs from a fresh compile: run make contracts", file=sys.stderr)
        return 1 if differing else 0
    for path in differing:
        write(path, files.get(path))
    print(f"{len(files)} files from {CONTRACTS.name}/src, {len(differing)} of them changed")
    return 0


# --- Compile ---------------------------------------------------------------------------------


def compile_sources() -> Json:
    """Compile every source of ours and what we deploy from OpenZeppelin; print the warnings."""
    output: Json = solcx.compile_standard(
        standard_input(), base_path=CONTRACTS, solc_binary=COMPILER
    )
    for finding in output.get("errors", []):
        print(finding["formattedMessage"], file=sys.stderr)
    return output


def standard_input() -> Json:
    """Those sources with the settings, as solc's standard JSON."""
    ours = sorted(path.relative_to(CONTRACTS) for path in CONTRACTS.glob("src/**/*.sol"))
    units = [*(path.as_posix() for path in ours), DEPLOYED_FROM_OPENZEPPELIN]
    return {
        "language": "Solidity",
        "sources": {unit: {"content": (CONTRACTS / unit).read_text("utf-8")} for unit in units},
        "settings": compiler_settings(units),
    }


def compiler_settings(units: list[str]) -> Json:
    """Translate foundry.toml and remappings.txt to solc's standard JSON.

    What is deployed has a compiler profile of its own there; tests are compiled by the default.
    """
    foundry = tomllib.loads((CONTRACTS / "foundry.toml").read_text("utf-8"))["profile"]["default"]
    [deployed] = foundry["additional_compiler_profiles"]
    wanted = ["abi", "evm.bytecode.object", "evm.bytecode.linkReferences"]
    wanted += ["evm.deployedBytecode.object", "evm.deployedBytecode.immutableReferences"]
    wanted += ["storageLayout"]
    return {
        "evmVersion": foundry["evm_version"],
        "metadata": {
            "appendCBOR": foundry["cbor_metadata"],
            "bytecodeHash": foundry["bytecode_hash"],
        },
        "optimizer": {"enabled": foundry["optimizer"], "runs": foundry["optimizer_runs"]},
        "outputSelection": {
            "*": {"": ["ast"]},
            **{unit: {"": ["ast"], "*": wanted} for unit in units},
        },
        "remappings": (CONTRACTS / "remappings.txt").read_text("utf-8").split(),
        "viaIR": deployed["via_ir"],
    }


def compiler_version() -> str:
    """Say which compiler it is, without the build's platform: the code is the same on each."""
    answer = subprocess.run([COMPILER, "--version"], capture_output=True, check=True, text=True)
    found = re.search(r"\d+\.\d+\.\d+\+commit\.[0-9a-f]+", answer.stdout)
    if found is None:
        raise CompilationRefused(f"{COMPILER} does not say its version: {answer.stdout!r}")
    return found.group()


# --- What is generated -------------------------------------------------------------------------


def generated_files(output: Json) -> dict[Path, str]:
    """Map every generated file to its text."""
    compiler = compiler_version()
    asts = [source["ast"] for source in output["sources"].values()]
    immutables = dict(immutable_names(asts))
    files: dict[Path, str] = {}
    interfaces: dict[str, Json] = {}
    for unit, name in deployable_contracts(asts):
        path = ARTIFACTS / f"{name}.json"
        if path in files:
            raise CompilationRefused(f"two contracts are called {name}")
        compiled = output["contracts"][unit][name]
        files[path] = as_text(artifact(name, compiled, immutables, compiler))
        files[STORAGE / f"{name}.json"] = as_text(storage_layout(compiled["storageLayout"]))
        if name in INDEXED_CONTRACTS and unit != DEPLOYED_FROM_OPENZEPPELIN:
            interfaces[name] = interface(compiled)
    files[INTERFACES] = as_text({"contracts": interfaces, "words": dict(word_layouts())})
    files[ORDER_TYPES] = as_text(order_types(asts))
    return files


def deployable_contracts(asts: list[Json]) -> Iterator[tuple[str, str]]:
    """Yield unit and name of what can be deployed: no interface, library or abstract contract."""
    for ast in asts:
        unit = ast["absolutePath"]
        if not unit.startswith("src/") and unit != DEPLOYED_FROM_OPENZEPPELIN:
            continue
        for node in ast["nodes"]:
            if node["nodeType"] != "ContractDefinition" or node["abstract"]:
                continue
            if node["contractKind"] == "contract":
                yield unit, node["name"]


def artifact(name: str, compiled: Json, immutables: Mapping[str, str], compiler: str) -> Json:
    """Make one contract's artifact.

    `codeHash` is the hash of the deployed code with every immutable still zero: what a reader
    gets who blanks the places in `immutableReferences` in the code found on a chain.
    """
    if compiled["evm"]["bytecode"]["linkReferences"]:
        raise CompilationRefused(f"{name} needs a library to be linked: make it internal")
    deployed = compiled["evm"]["deployedBytecode"]
    references: dict[str, list[Json]] = {}
    for node_id, places in deployed["immutableReferences"].items():
        if immutables[node_id] in references:
            raise CompilationRefused(f"{name} has two immutables {immutables[node_id]}")
        references[immutables[node_id]] = sorted(places, key=lambda place: int(place["start"]))
    return {
        "abi": compiled["abi"],
        "bytecode": "0x" + compiled["evm"]["bytecode"]["object"],
        "codeHash": "0x" + keccak(bytes.fromhex(deployed["object"])).hex(),
        "compiler": compiler,
        "contract": name,
        "deployedBytecode": "0x" + deployed["object"],
        "immutableReferences": references,
    }


def interface(compiled: Json) -> Json:
    """Make what a reader needs who has neither a node nor the contracts' code.

    That is what transactions can call, what logs can say, and the slots of the mappings in storage.
    """
    entries = [
        {"inputs": [parameter(each) for each in entry["inputs"]], "outputs": []}
        | {"name": entry["name"], "type": entry["type"]}
        for entry in compiled["abi"]
        if entry["type"] == "event" or entry.get("stateMutability") == "nonpayable"
        if entry["type"] != "constructor"
    ]
    layout = compiled["storageLayout"]["storage"]
    slots = {
        place["label"]: int(place["slot"])
        for place in layout
        if place["type"].startswith("t_mapping(")
    }
    return {"abi": entries, "mappings": slots}


def storage_layout(layout: Json) -> list[Json]:
    """Say where each variable of a contract is kept; the compiler's own numbers are left out."""
    types = layout["types"] or {}
    return [
        {
            "label": variable["label"],
            "offset": variable["offset"],
            "slot": int(variable["slot"]),
            "type": types[variable["type"]]["label"],
            "members": [
                {"label": member["label"], "offset": member["offset"], "slot": int(member["slot"])}
                for member in members_of(variable["type"], types)
            ],
        }
        for variable in layout["storage"]
    ]


def members_of(kind: str, types: Json) -> list[Json]:
    """Members of the struct a variable is, or maps to."""
    entry = types[kind]
    return members_of(entry["value"], types) if "value" in entry else entry.get("members", [])


def parameter(entry: Json) -> Json:
    """Keep of a parameter what its encoding depends on, and its name."""
    kept: Json = {key: entry[key] for key in ("name", "type", "indexed") if key in entry}
    if "components" in entry:
        kept["components"] = [parameter(member) for member in entry["components"]]
    return kept


def word_layouts() -> Iterator[tuple[str, list[list[str | int]]]]:
    """Read how the words in storage are packed, lowest bits first, from their types' comments.

    A type says `holder 32, faceValue 64, ...`; the compiler itself knows only a uint256.
    """
    text = (CONTRACTS / WORDS).read_text("utf-8")
    for found in WORD_TYPE.finditer(text):
        # A field may stand on two lines: the formatter breaks comments anywhere.
        comment = " ".join(found["comment"].replace("///", " ").split())
        fields = [[name, int(width)] for name, width in WORD_FIELD.findall(comment)]
        if not 0 < sum(int(width) for _, width in fields) <= WORD_BITS:
            raise CompilationRefused(f"{WORDS}: the comment of {found['name']} names no fields")
        yield found["name"], fields


def immutable_names(asts: list[Json]) -> Iterator[tuple[str, str]]:
    """Name the immutables, which solc's output only numbers by a node that any edit renumbers."""
    for node in nodes(asts):
        if node.get("nodeType") == "VariableDeclaration" and node["mutability"] == "immutable":
            yield str(node["id"]), node["name"]


def order_types(asts: list[Json]) -> dict[str, str]:
    """Take the text of every typed order from the constants `..._TYPEHASH` in src/types."""
    types: dict[str, str] = {}
    for node in nodes([ast for ast in asts if ast["absolutePath"].startswith("src/types/")]):
        if node.get("nodeType") != "VariableDeclaration" or not node["constant"]:
            continue
        if not node["name"].endswith(TYPEHASH_SUFFIX):
            continue
        text = hashed_literal(node)
        name = text.partition("(")[0]
        constant = node["name"].removesuffix(TYPEHASH_SUFFIX)
        if not name.upper().endswith(constant.replace("_", "")):
            raise CompilationRefused(f"{node['name']} is the hash of a type called {name}")
        types[name] = text
    return types


def hashed_literal(constant: Json) -> str:
    """Return the string in `keccak256("...")`; the readers of orders cannot evaluate more."""
    call = constant["value"]
    arguments = call.get("arguments", [])
    if call.get("expression", {}).get("name") == "keccak256" and len(arguments) == 1:
        text = arguments[0].get("value")
        if arguments[0]["nodeType"] == "Literal" and isinstance(text, str):
            return text
    raise CompilationRefused(f'{constant["name"]} must be keccak256("one literal")')


def nodes(tree: Any) -> Iterator[Json]:
    """Walk a syntax tree, parents first."""
    if isinstance(tree, dict):
        yield tree
        tree = list(tree.values())
    if isinstance(tree, list):
        for branch in tree:
            yield from nodes(branch)


# --- Files -------------------------------------------------------------------------------------


def as_text(content: Json | list[Json]) -> str:
    """Write JSON so that a second compile gives the same bytes and a diff can be read."""
    return json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def existing_files() -> dict[Path, str]:
    """Read the generated files there are, also those whose contract is gone."""
    paths = [*(ROOT / ARTIFACTS).glob("*.json"), *(ROOT / STORAGE).glob("*.json")]
    paths += [ROOT / INTERFACES, ROOT / ORDER_TYPES]
    return {path.relative_to(ROOT): path.read_text("utf-8") for path in paths if path.is_file()}


def write(path: Path, text: str | None) -> None:
    """Write a generated file, or remove it where nothing generates it any more."""
    if text is None:
        (ROOT / path).unlink()
        return
    (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
    (ROOT / path).write_text(text, "utf-8")


if __name__ == "__main__":
    sys.exit(main())
