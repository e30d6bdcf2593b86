"""The web server process: granian with the gate before the pages, whose workers end when it does."""

import gc
import os
import resource
import signal
import sys
from typing import Any

from granian import Granian
from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings
from granian.log import LogLevels

from raincheck.subprocesses import end_with_parent
from raincheck.web.gate import Gate

WORKERS = 2
# Threads of one worker. Each may hold one connection, so the database pool must not be smaller.
THREADS = 4
CONNECTIONS = 4_096
"""Lines that one worker keeps open at a time; those who say nothing must leave room for the others."""
SECONDS_FOR_HEADERS = 5
OTHER_FILES = 256


def serve(*, host: str, port: int) -> None:
    """Serve the pages until SIGINT or SIGTERM."""
    import raincheck.wsgi  # noqa: F401  a page that cannot be loaded ends this process, once, before any worker

    # As many files as this process may have opened, and its workers with it: many systems begin with 1,024.
    wanted = CONNECTIONS + OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))

    # What is loaded is the workers' too: untouched by their collections, its memory stays shared with them.
    gc.collect()
    gc.freeze()
    Granian(
        "raincheck.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.RSGI,
        workers=WORKERS,
        runtime_blocking_threads=2,  # they read files, and nothing else
        loop=Loops.asyncio,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=SECONDS_FOR_HEADERS * 1000),
        backlog=CONNECTIONS,
        backpressure=CONNECTIONS,
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
    return Gate(application, threads=THREADS)


if __name__ == "__main__":
    serve(host=sys.argv[1], port=int(sys.argv[2]))
