"""The web server process: granian with a few threads, whose workers end when it does."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from raincheck.subprocesses import end_with_parent

WORKERS = 2
# Threads of one worker. Each may hold one connection, so the database pool must not be smaller.
THREADS = 4


def serve(*, host: str, port: int) -> None:
    """Serve the pages until SIGINT or SIGTERM."""
    import raincheck.wsgi  # noqa: F401  a page that cannot be loaded ends this process, once, before any worker

    Granian(
        "raincheck.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=WORKERS,
        blocking_threads=THREADS,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
        log_level=LogLevels.warning,
    ).serve(target_loader=_load, wrap_loader=False)


def _load() -> Any:
    """Load the application inside a granian worker, which by itself would survive a killed parent."""
    parent = os.getppid()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # until granian sets its own: the parent's is inherited
    end_with_parent(signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit(1)
    from raincheck.web.heartbeat import keep_beating
    from raincheck.wsgi import application

    keep_beating()  # before the first request, which may be long in coming
    return application


if __name__ == "__main__":
    serve(host=sys.argv[1], port=int(sys.argv[2]))
