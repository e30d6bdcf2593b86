"""The machine as `raincheck check` sees it: the key, the disk, the clock, and how old the latest backup is."""

import os
import shutil
import stat
from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings

from raincheck import clock
from raincheck.cli.finding import Finding, fail, ok, warn
from raincheck.data.calendars.busy import BusyCalendar
from raincheck.data.encryption import DecryptionFailed, decrypt
from raincheck.data.models import Message, OutOfOffice, RescheduleBatch
from raincheck.data.timing.backups import Backup
from raincheck.data_directory import ROOM_NEEDED
from raincheck.domain.timing.clock_sanity import TOLERANCE
from raincheck.queries.clocks import database_is_ahead

ROOM_WANTED = 2 * 1024 * 1024 * 1024
"""Bytes: under it an operator should look, long before the database stops."""
BACKUP_EVERY = timedelta(hours=36)
"""A nightly backup that was late by half a day."""
BACKUP_AT_LEAST = timedelta(days=7)


def key() -> Iterator[Finding]:
    """Whether SECRET_KEY is private and opens what was sealed."""
    file = settings.RAINCHECK_HOME / "secret-key"
    given = bool(os.environ.get("SECRET_KEY"))
    if not given and stat.S_IMODE(file.stat().st_mode) & 0o077:
        yield fail("key", f"Others on this machine may read {file}. Run: chmod 600 {file}")
        return
    try:
        # The newest of each kind of words: reading a row opens them.
        for model in (Message, RescheduleBatch, OutOfOffice):
            model.objects.order_by("-pk").first()
    except DecryptionFailed:
        yield fail(
            "key",
            "The key here is not the one that sealed messages and notes, so they cannot be read. Put the former key into "
            "SECRET_KEY or SECRET_KEY_FALLBACKS.",
        )
        return
    sealed = BusyCalendar.objects.exclude(sealed_address="").values_list("sealed_address", flat=True)
    try:
        for one in sealed[:20]:
            decrypt(one)
    except DecryptionFailed:
        yield fail(
            "key",
            "The key here is not the one that sealed connected calendars, so they cannot be read. Put the former key into "
            "SECRET_KEY or SECRET_KEY_FALLBACKS.",
        )
        return
    where = "SECRET_KEY" if given else str(file)
    yield ok("key", f"{where} is in use. It is in no backup: keep it in another place too.")


def disk() -> Iterator[Finding]:
    """Whether there is room where the records, or at least the pages' files, lie."""
    place = settings.RAINCHECK_HOME
    while not place.exists():
        place = place.parent
    free, whole = shutil.disk_usage(place).free, shutil.disk_usage(place).total
    told = f"{free / 1e9:.1f} of {whole / 1e9:.1f} GB are free under {settings.RAINCHECK_HOME}."
    if free < ROOM_NEEDED:
        yield fail("disk", f"{told} Nothing can be written down any more. Free some space.")
    elif free < ROOM_WANTED:
        yield warn("disk", f"{told} Free some space before nothing can be written down any more.")
    else:
        yield ok("disk", told)


def clock_of_the_database() -> Iterator[Finding]:
    """Whether this machine and the database agree on the time: otherwise nothing ends, since the clock decides."""
    ahead = database_is_ahead(clock.real_now)
    if abs(ahead) > TOLERANCE:
        yield fail(
            "clock",
            f"The database's clock differs from this machine's by {abs(ahead).total_seconds():.0f} seconds, so that no request "
            "ends. Let both keep their time by NTP.",
        )
    else:
        yield ok("clock", "This machine and the database agree on the time.")


def backup() -> Iterator[Finding]:
    """How old the latest backup is, whoever made it."""
    latest = Backup.objects.order_by("-made_at").first()
    if settings.RAINCHECK_DEMO:
        yield ok("backup", "The demo needs none: everything in it is made up.")
        return
    if latest is None:
        yield warn("backup", "There has been no backup yet. Run `raincheck backup FILE` every night.")
        return
    age = clock.real_now() - latest.made_at
    hours = max(0, round(age / timedelta(hours=1)))
    told = f"The latest backup is {hours} hours old and has {latest.size / 1e6:.1f} MB."
    if age > BACKUP_AT_LEAST:
        yield fail(
            "backup", f"{told} Whatever made them has stopped: run `raincheck backup FILE` and look into it."
        )
    elif age > BACKUP_EVERY:
        yield warn("backup", f"{told} Make one every night.")
    else:
        yield ok("backup", told)
