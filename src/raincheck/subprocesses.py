"""Child processes that never outlive the process that started them, however it ends."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG = 1

# Loaded once, before any fork: a child between fork and exec must not load libraries.
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def ending_with_parent(ending: signal.Signals) -> Callable[[], None]:
    """Return a `preexec_fn` after which the kernel sends `ending` to the child when its parent dies.

    Call `subprocess.Popen` from the main thread: the kernel means the parent's thread, not its process.
    """
    parent = os.getpid()

    def before_exec() -> None:
        end_with_parent(ending)
        if os.getppid() != parent:  # it died before the kernel knew of our wish
            os._exit(1)

    return before_exec


def end_with_parent(ending: signal.Signals) -> None:
    """Have the kernel send `ending` to this process when its parent dies; does nothing outside Linux."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, int(ending), 0, 0, 0)
