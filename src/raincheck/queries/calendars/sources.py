"""Calendars that a provider brought in, as pages list them and as a check needs them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from zoneinfo import ZoneInfo

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from raincheck.data.calendars.busy import BusyCalendar, BusyTime
from raincheck.data.encryption import DecryptionFailed, decrypt
from raincheck.domain.calendars.busy import NAME_LENGTH, CalendarGone, plain
from raincheck.domain.calendars.checks import CalendarKind, Source, Validators
from raincheck.domain.calendars.faults import CalendarSecretLost
from raincheck.domain.zones import zone_named


@dataclass(frozen=True, slots=True)
class KnownCalendar:
    """A calendar as a check needs it: where it comes from, how it was last known, and its provider's zone."""

    source: Source
    validators: Validators
    read_at: datetime
    zone: ZoneInfo


def calendars_of(provider_id: int, *, now: datetime) -> QuerySet[BusyCalendar]:
    """Return a provider's calendars by name; `ahead` counts the busy times that are not over."""
    ahead = BusyTime.objects.filter(calendar=OuterRef("pk"), ends_at__gt=now).order_by().values("calendar")
    counted = Subquery(ahead.annotate(count=Count("pk")).values("count"), output_field=IntegerField())
    rows = BusyCalendar.objects.filter(provider=provider_id)
    return rows.annotate(ahead=Coalesce(counted, 0)).order_by("name")


def failing_calendars(provider_id: int) -> QuerySet[BusyCalendar]:
    """Return the calendars that could not be read when they were last tried, the longest failing first."""
    failing = BusyCalendar.objects.filter(provider=provider_id, failing_since__isnull=False)
    return failing.order_by("failing_since", "name")


def due_calendars(*, now: datetime, limit: int) -> list[int]:
    """Return the numbers of calendars to look at, longest due first."""
    due = BusyCalendar.objects.filter(next_check_at__lte=now).order_by("next_check_at", "pk")
    return list(due.values_list("pk", flat=True)[:limit])


def known_calendar(calendar: int) -> KnownCalendar:
    """Return a calendar with its secrets opened. Raises CalendarGone, or CalendarSecretLost when nobody can open them."""
    row = BusyCalendar.objects.select_related("provider").filter(pk=calendar).first()
    if row is None:
        raise CalendarGone
    validators = Validators(row.etag, row.last_modified, row.sync_token)
    return KnownCalendar(source_of(row), validators, row.read_at, zone_named(row.provider.zone))


def source_of(row: BusyCalendar) -> Source:
    """Return where a calendar comes from. Raises CalendarSecretLost."""
    try:
        address, password = decrypt(row.sealed_address), decrypt(row.sealed_password)
    except DecryptionFailed:
        raise CalendarSecretLost from None
    return Source(CalendarKind(row.kind), row.host, address, row.username, password)


def names_to_call(names: Sequence[str], sources: Sequence[Source], *, provider_id: int) -> list[str]:
    """Return what calendars of an account are called here: as there, with a number where the name is another calendar's.

    One that was connected from there before keeps its name, so that connecting again replaces it; one of the same name in
    another account, or beside it in the same one, never does.
    """
    taken = {row.name: row for row in BusyCalendar.objects.filter(provider=provider_id)}
    called: list[str] = []
    for name, source in zip(names, sources, strict=True):
        # Four characters are left for a space and a number.
        plain_name = plain(name, at_most=NAME_LENGTH - 4) or source.host
        numbered = (plain_name if number == 1 else f"{plain_name} {number}" for number in count(1))
        free = (one for one in numbered if one not in called)
        called.append(next(one for one in free if one not in taken or comes_from(taken[one], source)))
    return called


def comes_from(row: BusyCalendar, source: Source) -> bool:
    """Return whether a calendar was connected from there before; of one whose secret is lost, as far as can still be told."""
    if (row.kind, row.host, row.username) != (source.kind, source.host, source.username):
        return False
    try:
        return source_of(row).address == source.address
    except CalendarSecretLost:
        # Connecting it again is the way to enter the secret anew, so in doubt it is the same one.
        return True
