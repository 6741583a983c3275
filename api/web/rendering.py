"""How a page becomes HTML: templates, language, files with their fingerprints, headers."""

from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from types import MappingProxyType
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from api.errors import language_of
from api.web import formats
from api.web.texts import HTML_LANGUAGES, LANGUAGES, Words
from chainfin.domain.errors import Language

HERE = Path(__file__).parent
STATIC = HERE / "static"
STATIC_URL = "/static"
LANGUAGE_COOKIE = "chainfin_language"

HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "Content-Security-Policy": "; ".join(
            [
                "default-src 'none'",
                "script-src 'self'",
                "style-src 'self'",
                "img-src 'self'",
                "form-action 'self'",
                "base-uri 'none'",
                "frame-ancestors 'none'",
            ]
        ),
        "Cache-Control": "no-store",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Referrer-Policy": "same-origin",
        "Vary": "Accept-Language, Cookie",
        "X-Content-Type-Options": "nosniff",
    }
)
"""Of every page: nothing from elsewhere, nothing inline, nothing kept."""

PLACES = (
    ("/", "receivable.many"),
    ("/maturities", "desk.title"),
    ("/documents", "document.many"),
    ("/reports", "report.many"),
    ("/exports", "export.many"),
    ("/statements", "statement.many"),
    ("/evidence", "evidence.title"),
)
"""What the bar leads to: address, and text of the link."""

_FINGERPRINT_LENGTH = 12


def chosen_language(request: Request) -> Language | None:
    """The language the address asks for."""
    asked = request.query_params.get("lang")
    return next((language for language in LANGUAGES if language == asked), None)


def language_for(request: Request) -> Language:
    """The language of a page: the address', else the reader's last choice, else the browser's."""
    if chosen := chosen_language(request):
        return chosen
    kept = request.cookies.get(LANGUAGE_COOKIE)
    for language in LANGUAGES:
        if language == kept:
            return language
    return language_of(request.headers.get("accept-language", ""))


def render(
    request: Request,
    template: str,
    status: HTTPStatus = HTTPStatus.OK,
    **values: Any,
) -> HTMLResponse:
    """A page in the reader's language."""
    language = language_for(request)
    page = _templates().get_template(template)
    content = page.render(
        t=Words(language),
        language=language,
        places=PLACES,
        place=request.url.path,
        html_language=HTML_LANGUAGES[language],
        languages={
            other: (name, HTML_LANGUAGES[other], _address_in(request, other))
            for other, name in LANGUAGES.items()
        },
        **values,
    )
    return HTMLResponse(content, status)


def local_address(request: Request) -> str:
    """The address of a page within the site."""
    url = request.url
    return f"{url.path}?{url.query}" if url.query else url.path


def _address_in(request: Request, language: Language) -> str:
    url = request.url.include_query_params(lang=language)
    return f"{url.path}?{url.query}"


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["instant"] = formats.instant_text
    environment.filters["time"] = formats.time_element
    environment.filters["hash"] = formats.hash_element
    environment.filters["percentage"] = formats.percentage_text
    environment.globals["file"] = _file_address
    environment.globals.update(viewer=None, as_of=None, chain_id=None)
    return environment


@cache
def _file_address(name: str) -> str:
    """The address of a static file, which changes with its content."""
    fingerprint = sha256((STATIC / name).read_bytes()).hexdigest()[:_FINGERPRINT_LENGTH]
    return f"{STATIC_URL}/{name}?v={fingerprint}"
