"""How a process of the service runs once everything is loaded."""

import gc
import sys

_TURN_SECONDS = 0.0005


def settle_process() -> None:
    """Make ready to answer soon: what is loaded stays, and threads take short turns.

    A full collection that looks through all that is loaded takes 0.1 s, and everybody waits. A
    thread that comes back from the database or the node waits for another one's turn, 5 ms unless
    this says otherwise, and a request comes back dozens of times.
    """
    gc.freeze()
    sys.setswitchinterval(_TURN_SECONDS)
