"""A total timeout hangs up a line after so many seconds in all, however little arrives each time."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

# Seconds for one hand-over, unless somebody says otherwise.
IN_ALL = 60.0


@contextmanager
def cut_off_after(seconds: float, line: Callable[[], socket.socket | None]) -> Iterator[threading.Event]:
    """Hang up the line that `line` returns then, unless the block has ended before. Whoever waits on it hears that it
    ended; the event says that it was us."""
    cut = threading.Event()

    def hang_up() -> None:
        cut.set()
        if (plain := line()) is not None:
            # Shut down, not closed: closing does not wake a thread that waits on the line.
            with suppress(OSError):
                plain.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, hang_up)
    timer.daemon = True
    timer.start()
    try:
        yield cut
    finally:
        timer.cancel()
