"""`python -m scripts.describe_api > docs/openapi.json`: the API's OpenAPI document."""

import json
import sys

from api.main import build_app


def document() -> str:
    """The document as it is checked in."""
    return json.dumps(build_app().openapi(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    sys.stdout.write(document())
