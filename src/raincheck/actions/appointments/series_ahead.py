"""The sweep's step for series without an end: they are booked a year ahead; what is not free becomes a person's task."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q, QuerySet

from raincheck.actions.appointments.claims import claim_together
from raincheck.actions.appointments.series import record_all, write_occurrences
from raincheck.actions.engine.locks import lock
from raincheck.actions.reschedule.open_times import look_soon
from raincheck.data.appointments.series_plan import Date, plan
from raincheck.data.models import Appointment, Client, Provider, Series, Task
from raincheck.data.slots import Session
from raincheck.domain.appointments.lifecycle import History, Status
from raincheck.domain.appointments.series import MADE_AHEAD, Clash, DatesTaken, made_until, occurrences
from raincheck.domain.notifications import NotificationType
from raincheck.domain.people import SYSTEM
from raincheck.domain.spans import Span
from raincheck.domain.tasks import MANAGERS_GET_IT_AFTER, TaskKind
from raincheck.domain.zones import wall, zone_named
from raincheck.notifications.notify import Dispatch, notify_many
from raincheck.notifications.subjects import NoticeSubject

AT_ONCE = 20
"""Series of one transaction: picks wait for their providers meanwhile."""
EVERY_SERIES = Q()
"""No condition: any series may be due."""


def series_to_go_on_with(*, now: datetime) -> QuerySet[Series]:
    """Return the series without an end of which a week has come within reach; looked up without locking."""
    return Series.objects.filter(
        count__isnull=True,
        ends_on__isnull=True,
        made_until__lt=(now + MADE_AHEAD).date(),
        provider__left_at__isnull=True,
        client__discharged_at__isnull=True,
        client__archived_at__isnull=True,
    )


def go_on_with_series(*, now: datetime, limit: int, among: Q = EVERY_SERIES) -> Counter[str]:
    """Book what series without an end have in the week that has come within reach. A step of the sweep, not a verb.

    Those of providers whom somebody works on right now are left for the next time.
    """
    due = series_to_go_on_with(now=now).filter(among)
    free = due.select_related("provider").select_for_update(skip_locked=True, no_key=True, of=("provider",))
    some = free.only("provider", "provider__id", "client", "place").order_by("provider", "pk")[
        : min(limit, AT_ONCE)
    ]
    found = [(row.pk, row.provider_id, row.client_id, row.place_id) for row in some]
    if not found:
        return Counter()
    locked = lock(
        providers=[row[1] for row in found],
        clients=[row[2] for row in found],
        places=[row[3] for row in found],
    )
    rows = due.filter(pk__in=[row[0] for row in found]).select_related("type", "place").order_by("pk")
    done: Counter[str] = Counter()
    for series in rows:
        done += _gone_on(
            series, locked.providers[series.provider_id], locked.clients[series.client_id], now=now
        )
    look_soon(locked.providers)
    return done


def _gone_on(series: Series, provider: Provider, client: Client, *, now: datetime) -> Counter[str]:
    pattern, kind = series.pattern, series.type
    until = made_until(pattern, today=wall(now, zone=zone_named(series.zone)).date())
    session = Session.at(series.place, series.length, before=kind.buffer_before, after=kind.buffer_after)
    found = occurrences(pattern, until=until, after=series.made_until)
    dates = plan(provider, session, found, client_id=client.pk, now=now)
    booked = [one.occurrence for one in dates if not one.is_left_out]
    rows = write_occurrences(series, booked, provider=provider, client=client, now=now)
    if claim_together([row.pk for row in rows], now=now):
        raise DatesTaken  # under both locks nobody can have been quicker: tried again by the next sweep
    record_all(rows, History.BOOKED, by=SYSTEM, now=now)
    clashing = [one for one in dates if one.is_left_out and Clash.PAST not in one.clashes]
    _make_tasks(series, clashing, now=now)
    series.made_until = until
    if clashing:
        # Calendars take what is left out of the rule for news only at a higher number.
        series.ical_sequence += 1
    series.save(update_fields=["made_until", "ical_sequence"])
    _tell_of_what_is_left_out(series, clashing, now=now)
    return Counter({"series went on": 1})


def _tell_of_what_is_left_out(series: Series, clashing: Sequence[Date], *, now: datetime) -> None:
    """Tell the client: by the rule of the series their calendar shows an appointment where there is none.

    A notice is about appointments, and these dates have none: each is told with one that stands, as the time it is not at.
    """
    standing = Appointment.objects.filter(series=series, status=Status.SCHEDULED, starts_at__gt=now)
    rows = standing.select_related("practice", "provider", "client", "type", "place").order_by("-starts_at")
    subjects = [
        NoticeSubject(
            row, former=Span(one.occurrence.start, one.occurrence.start + series.length), whole_series=True
        )
        for one, row in zip(clashing, rows[: len(clashing)], strict=False)
    ]
    if not subjects:
        return
    client_too = series.practice.rules.confirm_bookings
    notify_many(
        [Dispatch(NotificationType.DATE_LEFT_OUT, subjects, client_too=client_too)], by=SYSTEM, now=now
    )


def _make_tasks(series: Series, clashing: Sequence[Date], *, now: datetime) -> None:
    Task.objects.bulk_create(
        (
            Task(
                practice_id=series.practice_id,
                provider_id=series.provider_id,
                client_id=series.client_id,
                kind=TaskKind.SERIES_CLASH,
                series=series,
                starts_at=one.occurrence.start,
                made_at=now,
                for_managers_at=now + MANAGERS_GET_IT_AFTER,
            )
            for one in clashing
        ),
        ignore_conflicts=True,
    )
