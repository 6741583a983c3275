"""A worker that kills itself at a moment: `python -m tests.e2e.killed_worker MOMENT`."""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from chainfin.cli.network import worker
from chainfin.services import relaying
from tests.integration.killed_pass import kill_after


def kill_before(owner: Any, name: str, turn: int) -> None:
    """End this process, without a word, when a function is called for the n-th time."""
    function: Callable[..., Any] = getattr(owner, name)
    turns = 0

    def run(*arguments: Any, **options: Any) -> Any:
        nonlocal turns
        turns += 1
        if turns == turn:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*arguments, **options)

    setattr(owner, name, run)


MOMENTS: dict[str, Callable[[], None]] = {
    "between nonce and signature": lambda: kill_before(relaying, "sign", 2),
    "between commit and broadcast": lambda: kill_before(relaying, "broadcast_all", 1),
    "between broadcast and note": lambda: kill_after(relaying, "broadcast_all", 1),
}
"""What ends the process, by when."""


if __name__ == "__main__":
    MOMENTS[sys.argv[1]]()
    worker(home=None, once=False)
