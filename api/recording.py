"""Routes that record: each request is done once, however often it is sent.

A POST that writes asks for an Idempotency-Key by itself, without its endpoint saying so: a new
route cannot forget it. The answer is kept in the transaction of what it is about. Orders and bulk
requests ask for the key themselves, since they answer with what has become of an order meanwhile.
"""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any, get_type_hints

from fastapi import Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute

from api.dependencies import CallerDep, ContextDep, IdempotencyKeyDep, ReadContextDep
from chainfin.services import idempotency

REPLAYED = "Idempotent-Replayed"
_KEPT_HEADERS = ("location",)

_Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class AnsweredBefore(Exception):
    """The request was answered before; not a refusal."""

    def __init__(self, answer: idempotency.Answer) -> None:
        """Take the first answer."""
        self.answer = answer
        super().__init__("answered before")


async def get_body(request: Request) -> bytes:
    """A request's body as it came."""
    return await request.body()


def require_new(
    request: Request,
    context: ReadContextDep,
    caller: CallerDep,
    key: IdempotencyKeyDep,
    body: Annotated[bytes, Depends(get_body)],
) -> None:
    """Let a new request pass.

    Raises:
        IdempotencyKeyReused: The key came before with another request.
        AnsweredBefore: It is a repetition.
    """
    address = f"{request.url.path}?{request.url.query}"
    wanted = idempotency.Request(
        caller, key, idempotency.request_hash_of(request.method, address, body)
    )
    before = idempotency.first_answer(context, wanted)
    if before is not None:
        raise AnsweredBefore(before)
    request.state.recording = wanted


class RecordingRoute(APIRoute):
    """A route that answers a repetition with the first answer."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        """Ask for the key where the endpoint writes."""
        if "POST" in (options.get("methods") or ()) and _records(endpoint):
            given = options.get("dependencies") or []
            options["dependencies"] = [*given, Depends(require_new, scope="function")]
        super().__init__(path, endpoint, **options)

    def get_route_handler(self) -> _Handler:
        """The handler; what it answers is kept before its transaction is committed."""
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                response = await handle(request)
            except AnsweredBefore as before:
                first = before.answer
                headers = {**first.headers, REPLAYED: "true"}
                return Response(first.body, first.status, headers, "application/json")
            if hasattr(request.state, "recording") and response.status_code < 400:  # noqa: PLR2004
                await run_in_threadpool(_remember, request, response)
            return response

        return answer


def _records(endpoint: Callable[..., Any]) -> bool:
    """Whether an endpoint writes, and leaves its repetition to its route."""
    hints = list(get_type_hints(endpoint, include_extras=True).values())
    return ContextDep in hints and IdempotencyKeyDep not in hints


def _remember(request: Request, response: Response) -> None:
    kept = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
    answer = idempotency.Answer(response.status_code, kept, bytes(response.body).decode())
    idempotency.remember(request.state.context, request.state.recording, answer)
