"""A worker's process that ticks once for each line it reads, and says when it is done."""

from __future__ import annotations

import os
import sys

import django

if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "raincheck.settings"
    django.setup()
    from raincheck.worker import heartbeat as beating, scheduler as ticking

    print("ready", flush=True)  # noqa: T201  # this is how it talks to the test
    for _line in sys.stdin:
        beating._beat_or_log()
        ticking.tick()
        print("ticked", flush=True)  # noqa: T201  # as above
