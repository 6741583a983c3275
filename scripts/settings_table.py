"""docs/settings.md: every setting with its default and meaning, from `.env.example` and the code.

`python -m scripts.settings_table > docs/settings.md`; a test compares the two, and both with the
settings that the code reads.
"""

import re
import sys
from pathlib import Path

from chainfin.config import Settings

ROOT = Path(__file__).parents[1]
PREFIX = "CHAINFIN_"
_ASSIGNMENT = re.compile(rf"^(# )?({PREFIX}\w+)=(.*)$")
_HEAD = """\
# Settings

Environment variables, or lines of a file `.env` in the folder a process is started in; what is
exported wins. A default in brackets is an example: the setting has none.

Written by `python -m scripts.settings_table > docs/settings.md`; a test compares the two.

| Setting | Default | What it says |
|---|---|---|"""


def described() -> dict[str, tuple[str, str]]:
    """What `.env.example` says: setting to default (an example in brackets) and meaning."""
    found: dict[str, tuple[str, str]] = {}
    comment: list[str] = []
    shared = ""
    for line in (ROOT / ".env.example").read_text("utf-8").splitlines():
        if assignment := _ASSIGNMENT.match(line):
            is_example, name, value = assignment.groups()
            shared = " ".join(comment) or shared
            found[name] = (f"({value})" if is_example and value else value, shared)
            comment = []
        elif line.startswith("# ---") or not line.startswith("#"):
            comment, shared = [], ""
        else:
            comment.append(line.removeprefix("#").strip())
    return found


def known() -> set[str]:
    """The settings that the code reads."""
    return {PREFIX + name.upper() for name in Settings.model_fields}


def as_markdown() -> str:
    """The page; the tests' own settings are left out."""
    rows = [
        f"| `{name}` | {f'`{default}`' if default else ''} | {meaning.replace('|', '/')} |"
        for name, (default, meaning) in described().items()
        if name in known()
    ]
    return "\n".join([_HEAD, *rows, ""])


if __name__ == "__main__":
    sys.stdout.write(as_markdown())
