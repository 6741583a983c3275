"""The form of evidence and trust files as JSON Schema: `python -m chainfin.evidence.schema FILE`.

Made from the types that read the files, so that it says what is accepted; docs/ keeps the outcome.
"""

import json
import sys
from typing import Any

import msgspec

from chainfin.evidence.package import EvidenceFile
from chainfin.evidence.stated import Statement
from chainfin.evidence.trust import TrustFile

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_PREFIX = "#/$defs/"


def evidence_schema() -> dict[str, Any]:
    """Of an evidence file, with its statement."""
    schema = _schema(EvidenceFile, Statement)
    schema["$defs"][EvidenceFile.__name__]["properties"]["statement"] = {
        "$ref": _PREFIX + "Statement"
    }
    return schema


def trust_schema() -> dict[str, Any]:
    """Of a trust file."""
    return _schema(TrustFile)


def _schema(kind: type, *others: type) -> dict[str, Any]:
    (root, *_), definitions = msgspec.json.schema_components(
        [kind, *others], ref_template=_PREFIX + "{name}"
    )
    for definition in definitions.values():
        # Typed dictionaries stand for objects without other members, as structs do.
        if definition.get("type") == "object" and "properties" in definition:
            definition["additionalProperties"] = False
        if text := definition.get("description"):
            definition["description"] = text.partition("\n")[0]
    return {"$schema": _DIALECT, **root, "$defs": dict(sorted(definitions.items()))}


SCHEMAS = {"evidence": evidence_schema, "trust": trust_schema}


def text_of(name: str) -> str:
    """A schema as the file in docs/ holds it."""
    return json.dumps(SCHEMAS[name](), indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    sys.stdout.write(text_of(sys.argv[1]))
