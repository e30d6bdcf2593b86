"""Serves it with granian and as many processes and threads as the product: `python -m bench.rival.serve PORT`."""

from __future__ import annotations

import sys

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

WORKERS, THREADS = 2, 4


def application() -> object:
    from django.core.wsgi import get_wsgi_application

    return get_wsgi_application()


def main() -> None:
    Granian(
        "bench.rival.serve:application",
        address="127.0.0.1",
        port=int(sys.argv[1]),
        interface=Interfaces.WSGI,
        workers=WORKERS,
        blocking_threads=THREADS,
        websockets=False,
        factory=True,
        log_level=LogLevels.warning,
    ).serve()


if __name__ == "__main__":
    main()
