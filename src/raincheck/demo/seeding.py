"""Seeding fills an empty database with the demo's practice: its people, their past and what waits today."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial

from django.db import connection, transaction
from django.db.models import F, Q

from raincheck.actions.appointments.booking import Cancellation, cancel_appointment
from raincheck.actions.conversations import mark_read, write_message
from raincheck.actions.reschedule.open_times import look_at_open_times
from raincheck.actions.tasks import finish_task, see_news
from raincheck.data.models import Appointment, Client, Conversation, Notification, Practice, Provider, Task
from raincheck.demo import conversation, history
from raincheck.demo.appointments import (
    CANCELLATIONS,
    plan_bookings,
    plan_time_off,
    remind_from_now,
    write_attendance,
    write_regulars,
)
from raincheck.demo.past import Past, acted
from raincheck.demo.people import FRIDAY, MONDAY, Cast, make_cast
from raincheck.demo.stories import ask
from raincheck.demo.week import A_WEEK, WEEKS_PAST, Weeks, regulars
from raincheck.domain.appointments.lifecycle import Status
from raincheck.domain.notifications import Channel
from raincheck.domain.people import Actor, ActorKind
from raincheck.domain.zones import start_at, wall, zone_named

# The same demo every time: whatever looks like chance begins here.
SEED = 20
# Any number, as long as every process that fills a database takes the same one.
SEEDING = 0x7365656D
# A practice that looks after things has seen its old news, done its old tasks and read its threads by then.
STILL_NEW = timedelta(hours=8)
NEWS_OF = timedelta(days=1)
STILL_OPEN = timedelta(days=2)


@contextmanager
def alone_and_unhurried() -> Iterator[None]:
    """One transaction: a practice is there whole or not at all, and of two processes that fill a database, one does it."""
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            # Everything at once takes longer than a page may: the limits of the connection are for those.
            cursor.execute(
                "SELECT set_config('lock_timeout', '0', true), set_config('statement_timeout', '0', true)"
            )
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SEEDING])
        yield


def seed_when_empty(*, now: datetime) -> bool:
    """Fill the database with the demo's practice unless there is one already; return whether it was filled."""
    with alone_and_unhurried():
        if Practice.objects.exists():
            return False
        seed(now=now)
        return True


def seed(*, now: datetime) -> None:
    """Make the people up, plan their past, live it until now, and leave today as it would look."""
    cast = make_cast(now=now)
    weeks = Weeks.around(now, zone=cast.practice.zone)
    acted(partial(write_regulars, list(regulars(cast, weeks))))
    unreachable = cast.clients[history.UNREACHABLE].recipients.get()
    past = Past(refused=frozenset({unreachable.email}))
    plan_bookings(past, cast, weeks, now=now)
    plan_time_off(past, cast, weeks, now=now)
    _plan_requests(past, cast, weeks, now=now)
    for provider, lines in zip(
        cast.providers, (conversation.OKAFOR, conversation.FISCHER, conversation.BELL), strict=True
    ):
        for line in lines:
            client = cast.clients[line.name]
            provided = Actor(ActorKind.PROVIDER, provider.pk)
            by = Actor(ActorKind.CLIENT, client.pk) if line.from_client else provided
            verb = partial(write_message, provider.pk, client.pk, words=line.words, by=by)
            past.run_at(line.when(now, weeks, provider.zone), verb)
    past.live(weeks.at(-WEEKS_PAST - 2, MONDAY, 0, zone=cast.practice.zone), until=now)
    acted(partial(write_attendance, Appointment.objects.all(), random.Random(SEED), now=now))
    acted(partial(remind_from_now, Appointment.objects.all(), now=now))
    for provider in cast.providers:
        tidy_up(provider, now=now)
        # Once, as of today: every pick and booking of the past has asked for a look of its own.
        acted(partial(look_at_open_times, provider.pk, now=now))


def _plan_requests(past: Past, cast: Cast, weeks: Weeks, *, now: datetime) -> None:
    told = (history.OKAFOR, history.FISCHER, history.BELL)
    waiting = (history.OKAFOR_WAITS_FOR, history.FISCHER_WAITS_FOR, history.BELL_WAITS_FOR)
    for provider, stories, open_ones, cancelled in zip(
        cast.providers, told, waiting, CANCELLATIONS, strict=True
    ):
        by_provider = Actor(ActorKind.PROVIDER, provider.pk)
        for number, story in enumerate(stories):
            appointment = _in_week(cast, provider, story.name, story.week, weeks)
            zone = zone_named(appointment.zone)
            shown = wall(appointment.starts_at, zone=zone).replace(tzinfo=None, fold=0)
            day = shown.replace(hour=10, minute=7 * number % 60) - timedelta(days=story.days_before)
            # Nobody asks at a weekend: on the Friday before, some minutes past ten, each story at minutes of its own.
            asked_at = start_at(day - timedelta(days=max(day.weekday() - FRIDAY, 0)), zone=zone)
            by = cast.by_sasha if story.by_manager else by_provider
            about = Appointment.objects.filter(pk=appointment.pk)
            past.at(asked_at, partial(ask, story, about=about, past=past, by=by))
        for one in open_ones:
            # Far enough ahead of the present for the request to stand as it shall.
            ahead = Appointment.objects.filter(
                provider=provider,
                client=cast.clients[one.name],
                status=Status.SCHEDULED,
                starts_at__gt=now + one.ahead,
            )
            past.at(now - one.asked_ago, partial(ask, one, about=ahead, past=past, by=by_provider))
        for what in cancelled:
            appointment = _in_week(cast, provider, what.name, what.week, weeks)
            verb = partial(
                cancel_appointment,
                appointment.ref,
                cancellation=Cancellation(what.reason, note=what.note),
                by=by_provider,
            )
            past.run_at(appointment.starts_at - what.before, verb)


def _in_week(cast: Cast, provider: Provider, name: str, week: int, weeks: Weeks) -> Appointment:
    """Return a client's regular appointment of a week."""
    begins = weeks.at(week, MONDAY, 0, zone=provider.zone)
    rows = Appointment.objects.filter(provider=provider, client=cast.clients[name])
    return rows.get(starts_at__gte=begins, starts_at__lt=begins + A_WEEK)


def tidy_up(provider: Provider, *, now: datetime) -> None:
    """Do for one provider what they would have done by now."""
    by = Actor(ActorKind.PROVIDER, provider.pk)
    seen = Appointment.objects.filter(provider=provider).values("client")
    Client.objects.filter(pk__in=seen, usual_provider__isnull=True).update(usual_provider=provider)
    unread = Q(provider_read_at__isnull=True) | Q(latest_at__gt=F("provider_read_at"))
    for thread in Conversation.objects.filter(unread, provider=provider):
        acted(partial(mark_read, thread, by=by, now=now, up_to=now - STILL_NEW))
    news = Notification.objects.filter(provider=provider, channel=Channel.IN_APP)
    newest = news.filter(made_at__lte=now - NEWS_OF).order_by("-pk").first()
    if newest is not None:
        acted(partial(see_news, provider.pk, up_to=newest.ref, now=now))
    for task in Task.objects.filter(provider=provider, done_at__isnull=True, made_at__lt=now - STILL_OPEN):
        acted(partial(finish_task, task, now=task.made_at + STILL_NEW))
