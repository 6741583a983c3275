"""The HTTP service: routers, error handlers, health. Nothing else."""

from fastapi import FastAPI

from api import errors, metrics, openapi
from api.dependencies import build_service, measure
from api.hot_reads import HotReads
from api.limits import Gate, Limits
from api.routers import (
    about,
    attestations,
    bulk_requests,
    council,
    credentials,
    credit_lines,
    documents,
    events,
    evidence,
    exports,
    financing,
    freezes,
    listings,
    lots,
    notices,
    orders,
    participants,
    pledges,
    receivables,
    registry,
    reports,
    sign_in,
    statements,
    webhooks,
)
from api.web import evidence_pages, money, pages, provider
from api.web import exports as export_pages
from chainfin import __version__
from chainfin.config import Settings
from chainfin.processes import settle_process
from chainfin.telemetry import Tracer, log_json

ROUTERS = (
    about,
    participants,
    credentials,
    sign_in,
    council,
    documents,
    registry,
    receivables,
    lots,
    listings,
    evidence,
    financing,
    attestations,
    credit_lines,
    freezes,
    pledges,
    orders,
    bulk_requests,
    events,
    exports,
    webhooks,
    statements,
    notices,
    reports,
)

_REQUESTS_A_MINUTE = 6_000
_UNKNOWN_REQUESTS_A_MINUTE = 600


def create_app(settings: Settings | None = None) -> FastAPI:
    """Build the application and what it stands on; settings come from the environment."""
    is_whole_process = settings is None
    if settings is None:
        settings = Settings()
        if settings.logs_json:
            log_json(settings.log_level, settings.secrets)
    app = build_app()
    app.state.service = build_service(settings)
    app.add_middleware(HotReads, api=app)
    app.add_middleware(Gate, limits=_limits(settings))
    app.state.tracer = Tracer(settings.traces_url, "chainfin-api")
    metrics.install(
        app,
        token=settings.metrics_token,
        tracer=app.state.tracer,
        measure=lambda: measure(app),
    )
    if is_whole_process:
        settle_process()
    return app


def build_app() -> FastAPI:
    """The application without what it stands on: its routes, its errors, its description."""
    app = FastAPI(
        title="chainfin",
        version=__version__,
        summary="Supply-chain finance on a permissioned chain",
        docs_url="/docs",
        redoc_url=None,
    )
    errors.install(app)
    openapi.install(app)
    for module in ROUTERS:
        app.include_router(module.router, prefix="/v1")
    app.include_router(pages.router)
    app.include_router(evidence_pages.router)
    app.include_router(money.router)
    app.include_router(provider.router)
    app.include_router(export_pages.router)
    pages.mount_static(app)
    return app


def _limits(settings: Settings) -> Limits:
    """How large and how frequent requests may be; on one's own machine as frequent as one likes."""

    def chosen(given: int | None, otherwise: int) -> int:
        if given is not None:
            return given
        return 0 if settings.is_embedded else otherwise

    return Limits(
        requests_a_minute=chosen(settings.requests_a_minute, _REQUESTS_A_MINUTE),
        unknown_a_minute=chosen(settings.unknown_requests_a_minute, _UNKNOWN_REQUESTS_A_MINUTE),
        request_bytes=settings.request_bytes,
    )
