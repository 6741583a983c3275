"""Processes of our own: none outlives the one that started it."""

import ctypes
import signal
import sys

_SET_PARENT_DEATH_SIGNAL = 1


def end_with_parent() -> None:
    """Run in a new process before it becomes the program: it ends when its parent does.

    Even a parent that is killed outright then leaves nothing behind. Linux only; elsewhere a killed
    parent's processes must be stopped by hand. Source: prctl(2), PR_SET_PDEATHSIG.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)
