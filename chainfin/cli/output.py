"""What commands print: text for people, JSON for machines; and how they fail."""

import functools
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import Any, ParamSpec, TypeVar

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as RichProgress

from chainfin.client.api import ApiProblem
from chainfin.codec.errors import CodecError
from chainfin.domain.errors import ChainfinError
from chainfin.domain.service_errors import NodeUnavailable, SignerUnavailable

_P = ParamSpec("_P")
_R = TypeVar("_R")

_WIDTH_OF_FILES = 200

console = Console(highlight=False, width=None if sys.stdout.isatty() else _WIDTH_OF_FILES)
errors = Console(stderr=True, highlight=False)


class ExitCode(IntEnum):
    """How a command ends."""

    DONE = 0
    NO = 1
    WRONG_USE = 2
    AWAY = 3


def print_json(document: Any) -> None:
    """One JSON document on standard output."""
    typer.echo(json.dumps(document, indent=1, ensure_ascii=False))


@contextmanager
def progress_bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar with counts and the time left; tell it how many are done, and of how many."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with RichProgress(*columns, console=errors) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def refuse(title: str, detail: str, code: ExitCode) -> typer.Exit:
    """Say what was refused on standard error; raise what this returns."""
    errors.print(f"[bold red]{title}[/] {detail}", soft_wrap=True)
    return typer.Exit(code)


def command(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Turn refusals into one clear line and an exit code."""

    @functools.wraps(function)
    def wrapped(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        try:
            return function(*args, **kwargs)
        except (NodeUnavailable, SignerUnavailable) as error:
            raise refuse(type(error).__name__, error.detail(), ExitCode.AWAY) from None
        except ChainfinError as error:
            raise refuse(type(error).__name__, error.detail(), ExitCode.NO) from None
        except CodecError as error:
            raise refuse(type(error).__name__, str(error), ExitCode.NO) from None
        except ApiProblem as error:
            code = ExitCode.AWAY if error.status in {0, 503} else ExitCode.NO
            raise refuse(error.code, str(error), code) from None
        except OSError as error:
            raise refuse(type(error).__name__, str(error), ExitCode.WRONG_USE) from None

    return wrapped
