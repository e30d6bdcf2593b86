"""Appointments behind a feed's address: whose they are, and which, in two questions however many there are."""

from collections import defaultdict
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from raincheck.data.appointments.appointment import REAL
from raincheck.data.appointments.undo import (
    as_calendars_have_it,
    series_as_calendars_have_it,
    waiting_elsewhere,
)
from raincheck.data.calendars.feeds import LIVE
from raincheck.data.models import (
    Appointment,
    AppointmentHistory,
    CalendarFeed,
    Client,
    Membership,
    Provider,
    Series,
)
from raincheck.domain.appointments.lifecycle import Status
from raincheck.domain.calendars.feeds import SHOWN_AFTER_THE_END, Titles, digest_of
from raincheck.notifications.calendar_feeds import (
    Entry,
    entries_of_series,
    entry_for_client,
    entry_for_provider,
)
from raincheck.notifications.series_entries import occurrences_of

CANCELLED = Q(status=Status.CANCELLED)


def feed_behind(token: str) -> CalendarFeed | None:
    """Return the live feed of a token, None when there is none or nobody can sign in any more for whom it is."""
    # Whoever left the practice may have the address in a program still, and is shown nothing by it.
    whose = Membership.objects.filter(
        Q(provider=OuterRef("provider")) | Q(client=OuterRef("client")),
        user__is_active=True,
        ended_at__isnull=True,
    )
    live = CalendarFeed.objects.filter(LIVE, Exists(whose), hash=digest_of(token))
    return live.select_related("practice", "provider", "client").first()


def feeds_of(clients: list[Client | None]) -> QuerySet[CalendarFeed]:
    """Return the live feeds of several clients, one each at most."""
    return CalendarFeed.objects.filter(LIVE, client__in=clients)


def entries_of(feed: CalendarFeed, *, now: datetime) -> list[Entry]:
    """Return what a feed shows, soonest first: the last 30 days, everything ahead, and what was cancelled in 30 days."""
    provider, client, appointments = feed.provider, feed.client, Appointment.objects.all()
    own = appointments.filter(client=client) if client is not None else appointments.filter(provider=provider)
    since = now - SHOWN_AFTER_THE_END
    shown = Q(~CANCELLED, ends_at__gt=since) | Q(REAL, CANCELLED, cancelled_at__gt=since)
    # Of several rows at its present sequence the first brought it about; the others changed nothing that a calendar shows.
    became = AppointmentHistory.objects.filter(appointment=OuterRef("pk"), sequence=OuterRef("ical_sequence"))
    # The first bound is for the index: nobody looks for what was to start long before the others ended.
    found = own.filter(starts_at__gt=since - SHOWN_AFTER_THE_END).filter(shown)
    dated = found.annotate(became_at=Subquery(became.order_by("pk").values("at")[:1]))
    told = (
        _as_told(row, row.became_at or row.booked_at, now=now)
        for row in dated.select_related("place", "client")
    )
    rows = sorted(told, key=lambda one: (one[0].starts_at, one[0].pk))
    if client is not None:
        single = [
            entry_for_client(row, client=client, practice=feed.practice, changed_at=at)
            for row, at in rows
            if row.series_id is None
        ]
        whole = _series_of([(row, at) for row, at in rows if row.series_id is not None], now=now)
        return sorted([*single, *whole], key=lambda entry: entry.start)
    assert provider is not None, "a feed is of a provider or a client"
    titles = Titles(feed.titles)
    return [entry_for_provider(row, provider=provider, titles=titles, changed_at=at) for row, at in rows]


def _as_told(row: Appointment, became_at: datetime, *, now: datetime) -> tuple[Appointment, datetime]:
    """Return an appointment as it was told, and when it became so; what can still be undone is not told yet."""
    told = as_calendars_have_it(row, now=now)
    if told is row:
        return row, became_at
    before = AppointmentHistory.objects.filter(appointment=row, sequence=told.ical_sequence).order_by("pk")
    return told, before.values_list("at", flat=True).first() or row.booked_at


def _series_of(rows: list[tuple[Appointment, datetime]], *, now: datetime) -> list[Entry]:
    """Return the series that some occurrences are of, whole, as their client's calendar shows them; in two questions."""
    if not rows:
        return []
    changed_at: dict[int, datetime] = {}
    for row, at in rows:
        assert row.series_id is not None, "only occurrences come here"
        changed_at[row.series_id] = max(at, changed_at.get(row.series_id, at))
    series = Series.objects.filter(pk__in=changed_at).select_related("client", "place").order_by("pk")
    theirs: dict[int, list[Appointment]] = defaultdict(list)
    client_id = rows[0][0].client_id
    for row in [*occurrences_of(*changed_at), *waiting_elsewhere(changed_at, client_id=client_id, now=now)]:
        told = as_calendars_have_it(row, now=now)
        theirs[told.series_id or 0].append(told)
    return [
        entry
        for one in series
        for entry in entries_of_series(
            series_as_calendars_have_it(one, theirs[one.pk], now=now),
            theirs[one.pk],
            changed_at=changed_at[one.pk],
        )
    ]


def entry_to_push(appointment: Appointment, *, provider: Provider) -> Entry:
    """Return an appointment as it stands in its provider's own calendar, where nobody is named."""
    became = AppointmentHistory.objects.filter(
        appointment=appointment, sequence=appointment.ical_sequence
    ).order_by("pk")
    changed_at = became.values_list("at", flat=True).first() or appointment.booked_at
    return entry_for_provider(appointment, provider=provider, titles=Titles.NEUTRAL, changed_at=changed_at)
