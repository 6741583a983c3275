"""The URLs of acts answer a draft to sign; `POST /v1/orders` alone records one."""

from typing import Annotated, Any

from fastapi import Body

from chainfin.services import drafts
from chainfin.services.context import Caller, Context

Fields = Annotated[dict[str, Any], Body(default_factory=dict)]


def draft(context: Context, caller: Caller, act: str, fields: dict[str, Any]) -> dict[str, Any]:
    """A draft of an act by its fields."""
    return drafts.draft_order(context, caller, act, fields)
