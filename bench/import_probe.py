"""Takes in one calendar file as an upload does and says what it took: `python -m bench.import_probe PROVIDER FILE NAME`."""

from __future__ import annotations

import json
import resource
import sys
import time
from functools import partial
from pathlib import Path

import django


def main() -> None:
    django.setup()
    from raincheck.actions.calendars.sources import import_busy_time
    from raincheck.actions.engine.runner import run_command
    from raincheck.clock import now
    from raincheck.data.calendars.busy import BusyTime
    from raincheck.data.people import Provider
    from raincheck.domain.calendars.checks import reading_window
    from raincheck.domain.people import Actor, ActorKind
    from raincheck.domain.zones import zone_named
    from raincheck.integrations.calendar_checks import stored
    from raincheck.integrations.ics.files import read_busy_safely

    provider = Provider.objects.get(pk=sys.argv[1])
    data, here = Path(sys.argv[2]).read_bytes(), now()
    window = reading_window(here)
    began, used = time.perf_counter(), time.process_time()
    reading = read_busy_safely(data, window=window, zone=zone_named(provider.zone))
    read = time.perf_counter()
    by = Actor(ActorKind.PROVIDER, provider.pk)
    reading = stored(reading, window=window)
    verb = partial(import_busy_time, provider.pk, name=sys.argv[3], reading=reading, now=here)
    run_command(verb, key=None, body={}, by=by, now=here)
    ended = time.perf_counter()
    own, child = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    said = {
        "reading": read - began,
        "storing": ended - read,
        "all": ended - began,
        "stored": BusyTime.objects.filter(provider=provider).count(),
        "processor": time.process_time() - used + child.ru_utime + child.ru_stime,
        "parent": own.ru_maxrss / 1024,
        "child": child.ru_maxrss / 1024,
    }
    json.dump(said, sys.stdout)


if __name__ == "__main__":
    main()
