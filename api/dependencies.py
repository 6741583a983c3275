"""What endpoints are given: built here, once."""

import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from functools import cache, partial
from importlib import import_module
from typing import Annotated, Any, TypeAlias, TypeVar

from anyio import CancelScope, CapacityLimiter, to_thread
from fastapi import Depends, FastAPI, Header, Request
from fastapi.concurrency import run_in_threadpool
from sqlalchemy import Engine
from sqlmodel import Session

from api.rights import rule_of
from chainfin.client.api import Api
from chainfin.client.identity import IdentityProvider
from chainfin.client.outbound import Rules
from chainfin.config import Settings, document_limits, require_closed
from chainfin.domain.errors import Language
from chainfin.domain.fees import FeeRow
from chainfin.domain.notices import Notice
from chainfin.domain.service_errors import IdempotencyKeyMissing, NotAuthenticated
from chainfin.interchange.fees import parse_fees
from chainfin.interchange.rules import BusinessRules
from chainfin.models.session import create_engine_for, read_only
from chainfin.services import audit_log, health
from chainfin.services.context import Caller, Context
from chainfin.services.credentials import Callers, LastUses, caller_of
from chainfin.services.health import Measured
from chainfin.services.imports import Reading
from chainfin.services.registry import Peer, peer_over
from chainfin.services.runtime import DeploymentFile, Runtime, bind, open_runtime, reopen_runtime
from chainfin.services.service_keys import load_service_keys

CONSOLE_COOKIE = "chainfin_key"
_PREFIX = "/v1"
"""Where every router is, and what its own paths do not say."""
_Read = TypeVar("_Read")


NoticePrinter: TypeAlias = Callable[[Notice, Language], bytes]
"""Makes the signed PDF of a notice in a language."""


@dataclass(frozen=True, slots=True)
class Service:
    """What lives as long as the process."""

    settings: Settings
    runtime: Runtime
    readings: Engine
    reading: Reading
    print_notice: NoticePrinter
    fees: tuple[FeeRow, ...]
    deployment_file: DeploymentFile
    peers: tuple[Peer, ...] = ()
    last_uses: LastUses = field(default_factory=LastUses)
    callers: Callers = field(default_factory=Callers)
    provider: IdentityProvider | None = None
    audit_log: Engine = field(kw_only=True)
    """Connections of its own: who holds one of the others never waits for one of these."""

    @property
    def reads_at_once(self) -> bool:
        """Whether a row is read in less time than another thread's turn takes: SQLite's are."""
        return self.runtime.engine.dialect.name == "sqlite"


def build_service(settings: Settings) -> Service:
    """Connect to node and database and refuse the wrong ones.

    Raises:
        ChainfinError: The network is not the one deployed to, or cannot be reached.
    """
    require_closed(settings)
    keys = load_service_keys(
        home=settings.home,
        is_embedded=settings.is_embedded,
        relayers=settings.relayers,
        relayer_sources=(),
        secrets_file=settings.service_keys_file,
        password=settings.service_password,
    )
    runtime = open_runtime(
        home=settings.home,
        rpc_urls=settings.effective_rpc_urls,
        rpc_timeout_seconds=settings.rpc_timeout_seconds,
        rpc_token=settings.rpc_token,
        database_url=settings.effective_database_url,
        keys=keys,
    )
    with Session(runtime.engine) as session:
        bind(session, runtime.network)
        session.commit()
    return Service(
        settings=settings,
        runtime=runtime,
        readings=read_only(runtime.engine, seconds=settings.read_seconds),
        audit_log=create_engine_for(settings.effective_database_url),
        reading=_reading(settings),
        print_notice=notice_printer(settings),
        fees=parse_fees(settings.fees_file.read_text()) if settings.fees_file else (),
        deployment_file=DeploymentFile(settings.home, runtime.network.deployment),
        peers=_peers(settings),
        provider=_provider(settings),
    )


def _provider(settings: Settings) -> IdentityProvider | None:
    """The identity provider that people may sign in through."""
    if not settings.oidc_issuer:
        return None
    return IdentityProvider(
        settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret
    )


def measure(app: FastAPI) -> list[Measured]:
    """The state of the system, for a collector."""
    service: Service = app.state.service
    with Session(service.readings) as session:
        return list(health.measure(service.runtime.context(session, int(time.time()))))


def _peers(settings: Settings) -> tuple[Peer, ...]:
    """The platforms that are asked before an invoice is taken."""
    if settings.registry_peers_file is None:
        return ()
    entries = json.loads(settings.registry_peers_file.read_text())
    return tuple(
        peer_over(entry["name"], Api(entry["url"], entry["api_key"], timeout_seconds=10).post)
        for entry in entries
    )


def _reading(settings: Settings) -> Reading:
    """How trade documents are read here.

    Raises:
        RulesUnusable: The operator's business rules are none.
    """
    limits = document_limits(settings)
    folder = settings.business_rules
    return Reading(limits, None if folder is None else BusinessRules(folder, limits))


def notice_printer(settings: Settings) -> NoticePrinter:
    """Makes signed PDFs; what that takes is loaded for the first, or at once to check a file."""

    @cache
    def load() -> NoticePrinter:
        signed_pdf = import_module("chainfin.services.signed_pdf")
        signer = signed_pdf.open_document_signer(
            home=settings.home,
            is_embedded=settings.is_embedded,
            file=settings.document_signing_file,
            password=settings.document_signing_password,
        )
        return partial(signed_pdf.signed_notice, signer=signer)

    if settings.document_signing_file is not None:
        load()

    def print_notice(notice: Notice, language: Language) -> bytes:
        return load()(notice, language)

    return print_notice


# Dependencies are coroutines: FastAPI would run each plain function in a turn of the thread pool,
# which costs more than most of them. What waits for database or node goes to a thread by itself.


async def get_service(request: Request) -> Service:
    """The process's service."""
    service: Service = request.app.state.service
    if service.deployment_file.has_changed():
        runtime = await run_in_threadpool(reopen_runtime, service.runtime, service.settings.home)
        service = request.app.state.service = replace(service, runtime=runtime)
    return service


ServiceDep = Annotated[Service, Depends(get_service)]


async def get_rules(service: ServiceDep) -> Rules:
    """Where requests to members' own addresses may go."""
    return Rules(allows_loopback=service.settings.is_embedded)


RulesDep = Annotated[Rules, Depends(get_rules)]


async def get_session(request: Request, service: ServiceDep) -> AsyncIterator[Session]:
    """One database transaction per request.

    `scope="function"` below: FastAPI would otherwise answer first and commit afterwards, and a
    failed commit would have been answered 202.
    """
    session = Session(service.runtime.engine)
    try:
        yield session
    except BaseException:
        await _ending(session.close)
        raise
    await _ending(_commit_and_close, session, service, request)


def _commit_and_close(session: Session, service: Service, request: Request) -> None:
    with session:
        if not hasattr(request.state, "is_committed"):
            _commit(session, service, request)


def _commit(session: Session, service: Service, request: Request) -> None:
    if hasattr(request.state, "caller"):
        _note(session, request, request.state.caller)
    service.last_uses.flush(session)
    session.commit()


async def _ending(end: Callable[..., None], *arguments: Any) -> None:
    """End a transaction in a thread beside the pool.

    Whoever ends one never waits for those who begin one: they might wait for its connection.
    """
    with CancelScope(shield=True):
        await to_thread.run_sync(end, *arguments, limiter=CapacityLimiter(1))


SessionDep = Annotated[Session, Depends(get_session, scope="function")]


async def get_context(request: Request, service: ServiceDep, session: SessionDep) -> Context:
    """The request's unit of work."""
    context = service.runtime.context(session, int(time.time()))
    request.state.context = context
    return context


ContextDep = Annotated[Context, Depends(get_context, scope="function")]


async def get_commit(
    request: Request, service: ServiceDep, session: SessionDep
) -> Callable[[], None]:
    """Ends the request's transaction before its answer is made: others wait to write."""

    def commit() -> None:
        _commit(session, service, request)
        request.state.is_committed = True

    return commit


CommitDep = Annotated[Callable[[], None], Depends(get_commit, scope="function")]


async def get_read_session(service: ServiceDep) -> AsyncIterator[Session]:
    """A session that only reads: it never waits for the writer, and sees one state throughout."""
    session = Session(service.readings)
    try:
        yield session
    finally:
        if service.reads_at_once:
            session.close()
        else:
            await _ending(session.close)


ReadSessionDep = Annotated[Session, Depends(get_read_session, scope="function")]


async def get_read_context(service: ServiceDep, session: ReadSessionDep) -> Context:
    """The unit of work of a request that writes nothing."""
    return service.runtime.context(session, int(time.time()))


ReadContextDep = Annotated[Context, Depends(get_read_context, scope="function")]


def credential_of(request: Request) -> str:
    """The API key or session a request comes with; empty if it has none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" else request.cookies.get(CONSOLE_COOKIE, "")


async def get_caller(request: Request, service: ServiceDep, context: ReadContextDep) -> Caller:
    """Who asks, by API key or session: a bearer token, or the console's cookie.

    Raises:
        NotAuthenticated: No credential, or nobody's.
        RightRequired: The route is not for this credential; see `api.rights`.
    """
    token = credential_of(request)
    if not token:
        raise NotAuthenticated
    caller, asked_at = service.callers.known(token), service.callers.changes
    if caller is None:
        caller = await read_soon(service, caller_of, context, token)
        service.callers.remember(token, caller, asked_at)
    rule_of(request.method, _PREFIX + request.scope["route"].path).check(caller)
    service.last_uses.note(caller, context.now)
    if caller.reads_all:
        await run_in_threadpool(note_reading, request, service, caller)
    request.state.caller = caller
    return caller


async def read_soon(service: Service, read: Callable[..., _Read], *arguments: Any) -> _Read:
    """A read of a few rows: at once where the database is a file, in a thread where it is not.

    A turn of the thread pool costs more than such a read of SQLite.
    """
    if service.reads_at_once:
        return read(*arguments)
    return await run_in_threadpool(read, *arguments)


async def get_change_of_credentials(service: ServiceDep) -> AsyncIterator[None]:
    """Of routes that change credentials: who was known is looked up again, after the commit."""
    yield
    service.callers.forget()


ChangesCredentials = Depends(get_change_of_credentials, scope="function")


def note_reading(request: Request, service: Service, caller: Caller) -> None:
    """Put into the audit log what somebody reads who may read everything, before it is shown."""
    if caller.reads_all and request.method == "GET":
        with Session(service.audit_log) as session:
            _note(session, request, caller)
            session.commit()


def _note(session: Session, request: Request, caller: Caller) -> None:
    path = request.url.path
    prefix = _PREFIX if path.startswith(f"{_PREFIX}/") else ""
    audit_log.note(
        session,
        caller,
        int(time.time()),
        action=f"{request.method} {prefix}{request.scope['route'].path}",
        subject=path,
        request_id=str(getattr(request.state, "request_id", "")),
    )


CallerDep = Annotated[Caller, Depends(get_caller, scope="function")]


async def get_idempotency_key(
    idempotency_key: Annotated[str | None, Header(max_length=200)] = None,
) -> str:
    """The key that makes a repeated request harmless.

    Raises:
        IdempotencyKeyMissing: The header is absent.
    """
    if not idempotency_key:
        raise IdempotencyKeyMissing
    return idempotency_key


IdempotencyKeyDep = Annotated[str, Depends(get_idempotency_key)]
