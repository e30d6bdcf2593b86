"""Tasks: the kinds of things that a provider or manager must look at."""

from datetime import timedelta
from enum import StrEnum


class TaskKind(StrEnum):
    NOT_DELIVERED = "not_delivered"
    CLIENT_WROTE = "client_wrote"
    NEEDS_PROVIDER = "needs_provider"
    NO_OPEN_TIMES = "no_open_times"
    INTAKE_LAPSED = "intake_lapsed"
    WHAT_HAPPENED = "what_happened"
    NOBODY_CAME = "nobody_came"
    LINK_NOT_THEIRS = "link_not_theirs"
    ZONE_CLASH = "zone_clash"
    CALENDAR_FAILING = "calendar_failing"
    CALENDAR_NOT_WRITTEN = "calendar_not_written"
    CONFLICT = "conflict"
    NOT_DONE = "not_done"
    SERIES_CLASH = "series_clash"
    ROOM_SHARED = "room_shared"
    NEEDED_BY = "needed_by"
    CHECK_LICENSE = "check_license"


MANAGERS_GET_IT_AFTER = timedelta(hours=1)
"""A task that waits for a provider this long is shown to the managers as well."""
