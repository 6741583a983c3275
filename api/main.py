"""The HTTP service: routers, error handlers, health. Nothing else."""

from fastapi import FastAPI

from api import errors
from api.dependencies import build_service
from api.routers import (
    about,
    bulk_requests,
    council,
    credit_lines,
    documents,
    events,
    evidence,
    exports,
    financing,
    lots,
    notices,
    orders,
    participants,
    receivables,
    registry,
    reports,
    statements,
    webhooks,
)
from api.web import evidence_pages, money, pages
from api.web import exports as export_pages
from chainfin import __version__
from chainfin.config import Settings

ROUTERS = (
    about,
    participants,
    council,
    documents,
    registry,
    receivables,
    lots,
    evidence,
    financing,
    credit_lines,
    orders,
    bulk_requests,
    events,
    exports,
    webhooks,
    statements,
    notices,
    reports,
)


def create_app(settings: Settings | None = None) -> FastAPI:
    """Build the application; settings come from the environment unless given."""
    app = FastAPI(
        title="chainfin",
        version=__version__,
        summary="Supply-chain finance on a permissioned chain",
        docs_url="/docs",
        redoc_url=None,
    )
    app.state.service = build_service(settings or Settings())
    errors.install(app)
    for module in ROUTERS:
        app.include_router(module.router, prefix="/v1")
    app.include_router(pages.router)
    app.include_router(evidence_pages.router)
    app.include_router(money.router)
    app.include_router(export_pages.router)
    pages.mount_static(app)
    return app
