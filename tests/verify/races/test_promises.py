"""Every question about the promises answers the crime it is for, and that one only; the tables' guards are off meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from itertools import chain, repeat

import psycopg
import pytest
from django.apps import apps
from django.db import connection, connections, transaction
from django.db.backends.utils import CursorWrapper
from pytest_django.plugin import DjangoDbBlocker
from tests.app import database as databases
from tests.app.cast import (
    MINUTES,
    NO_TIME_TO_UNDO,
    NOW,
    Cast,
    a_key,
    client_in,
    harbor,
    new_york,
    room_of,
    time_off,
)
from tests.app.notification_rows import coming_to
from tests.verify.races.promises import GUARDED, KEYS, OVERDUE, QUESTIONS, broken, broken_in, overdue_in
from tests.verify.races.violations import CRIMES, REQUEST, copied

from raincheck.actions.appointments.booking import (
    Cancellation,
    Details,
    cancel_appointment,
    change_appointment_details,
)
from raincheck.actions.appointments.claims import claim
from raincheck.actions.appointments.series import SeriesBooking, book_series
from raincheck.actions.appointments.undo import undo_change
from raincheck.actions.deliveries import begin_attempt
from raincheck.actions.engine.runner import run_command
from raincheck.actions.reschedule.answer import keep_by_video
from raincheck.actions.reschedule.undo import undo_ask
from raincheck.actions.timing.sweep import sweep
from raincheck.data.appointments.claims import Hold
from raincheck.data.people import Client
from raincheck.data.tenancy import InPractice
from raincheck.domain.appointments.lifecycle import CancelReason
from raincheck.domain.notifications import Outcome
from raincheck.domain.people import SYSTEM
from raincheck.notifications.outbox import due_notifications

HOUR = timedelta(hours=1)
LATER = NOW + 49 * HOUR


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Cast]:
    """A practice in which everything has happened once: each ending of a request, a hold, a block, a series, a reminder, messages of every fate."""
    with django_db_blocker.unblock():
        cast = harbor()
        live(cast)
        yield cast
        databases.empty()


def live(cast: Cast) -> None:
    lapses, starts = guest(cast, "Lena"), guest(cast, "Vera")
    cast.asked(cast.booked(new_york(24, 9), client=lapses))
    cast.asked(cast.booked(new_york(18, 10), client=starts), last_minute_confirmed=True)
    cast.booked(new_york(27, 14), client=guest(cast, "Ada"))
    cast.booked(new_york(20, 11), client=guest(cast, "Rae"))
    comes_twice = SeriesBooking(
        cast.okafor.pk,
        guest(cast, "Suki").pk,
        cast.follow_up.pk,
        cast.telehealth.pk,
        datetime(2026, 12, 7, 11),  # noqa: DTZ001  # a wall time
        every_weeks=1,
        count=2,
    )
    booking = partial(book_series, comes_twice, by=cast.by_okafor, now=NOW)
    run_command(booking, key=a_key(), body={}, by=cast.by_okafor, now=NOW)
    deliver_everything()
    sweep(now=LATER)
    moved = cast.asked(cast.booked(new_york(24, 13), client=cast.maya, now=LATER), now=LATER)
    withdrawn = cast.asked(cast.booked(new_york(24, 14), client=guest(cast, "Noor"), now=LATER), now=LATER)
    in_room = cast.booked(new_york(25, 17), client=guest(cast, "Kit"), place=room_of(cast), now=LATER)
    kept = cast.asked(in_room, by_video=True, now=LATER)
    declined = cast.asked(cast.booked(new_york(24, 15), client=guest(cast, "Ivo"), now=LATER), now=LATER)
    superseded = cast.booked(new_york(24, 16), client=guest(cast, "Otis"), now=LATER)
    cast.asked(superseded, now=LATER)
    deliver_everything(now=LATER)
    cast.pick(moved, now=LATER, key=a_key())
    cast.withdraw(withdrawn, now=LATER)
    keeping = partial(keep_by_video, kept.ref, by=cast.by_okafor, now=LATER)
    run_command(keeping, key=a_key(), body={}, by=cast.by_okafor, now=LATER)
    cast.decline(declined, now=LATER)
    cancelling = partial(
        cancel_appointment,
        superseded.ref,
        cancellation=Cancellation(CancelReason.CLINICAL),
        by=cast.by_okafor,
        now=LATER,
    )
    run_command(cancelling, key=a_key(), body={}, by=cast.by_okafor, now=LATER)
    deliver_everything(now=LATER)
    _undo(cast)
    asked = cast.asked(cast.booked(now=LATER), now=LATER)
    with transaction.atomic():
        held = Hold.objects.create(
            practice=cast.practice,
            provider=cast.okafor,
            client=cast.riley,
            request=asked,
            starts_at=new_york(30, 9),
            ends_at=new_york(30, 9) + 50 * MINUTES,
            buffer_before=0 * MINUTES,
            buffer_after=10 * MINUTES,
            began_at=LATER,
            expires_at=LATER + 5 * MINUTES,
        )
        claim(held, now=LATER)
    time_off(cast.okafor, new_york(25, 9), new_york(25, 17))


def _undo(cast: Cast) -> None:
    cast.choose()
    undone = cast.asked(cast.booked(new_york(25, 18), client=guest(cast, "Uma"), now=LATER), now=LATER)
    undoing = partial(undo_ask, undone.ref, by=cast.by_okafor, now=LATER)
    run_command(undoing, key=a_key(), body={}, by=cast.by_okafor, now=LATER)
    moved = cast.booked(new_york(25, 19), client=guest(cast, "Odile"), now=LATER)
    details = Details(new_york(26, 19), moved.type_id, moved.place_id, moved.join_url)
    changing = partial(change_appointment_details, moved.ref, details=details, by=cast.by_okafor, now=LATER)
    run_command(changing, key=a_key(), body={}, by=cast.by_okafor, now=LATER)
    undoing = partial(undo_change, moved.ref, sequence=1, by=cast.by_okafor, now=LATER)
    run_command(undoing, key=a_key(), body={}, by=cast.by_okafor, now=LATER)
    cast.choose(**NO_TIME_TO_UNDO)


def guest(cast: Cast, name: str) -> Client:
    return client_in(cast.practice, name, "Guest")


def deliver_everything(*, now: datetime = NOW) -> None:
    """Hand over what waits; the first message, a confirmation, is refused for good."""
    outcomes = chain([Outcome.REFUSED], repeat(Outcome.ACCEPTED))
    for number in due_notifications(now=now, limit=200):
        begun = run_command(partial(begin_attempt, number, now=now), key=None, body={}, by=SYSTEM, now=now)
        if "attempt" in begun:
            outcome = coming_to(int(begun["attempt"]), next(outcomes), answer="", now=now)
            run_command(outcome, key=None, body={}, by=SYSTEM, now=now)


@contextmanager
def without_guards(*dropped: str) -> Iterator[CursorWrapper]:
    """Act as the owner of the tables whose triggers sleep and some of whose constraints are gone; nothing of it is kept."""
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE tablename LIKE 'raincheck_%'")
        for (table,) in cursor.fetchall():
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for name in dropped:
            _drop(cursor, name)
        yield cursor
        transaction.set_rollback(True, using="owner")


def _drop(cursor: CursorWrapper, name: str) -> None:
    cursor.execute("SELECT conrelid::regclass::text FROM pg_constraint WHERE conname = %s", [name])
    found = cursor.fetchone()
    cursor.execute(f"ALTER TABLE {found[0]} DROP CONSTRAINT {name}" if found else f"DROP INDEX {name}")


BY_ALL = {"P15 the history is guarded", "P15 the read log is guarded"}
"""Broken by every crime here, since the guards are off."""


@pytest.mark.parametrize(
    ("promise", "dropped", "crime"), CRIMES, ids=[f"{n}-{crime[0]}" for n, crime in enumerate(CRIMES)]
)
def test_a_question_answers_its_own_crime(
    world: Cast, promise: str, dropped: tuple[str, ...], crime: str
) -> None:
    with without_guards(*dropped) as cursor:
        assert set(broken_in(cursor)) == BY_ALL, "the world is sound"
        cursor.execute(crime)
        found = broken_in(cursor)
        assert set(found) == {promise} | BY_ALL
        practices = {row[0] for row in found[promise]}
        assert practices <= {world.practice.pk, 0}
    assert broken() == {}


def test_a_change_that_happened_twice_is_a_gap_as_well(world: Cast) -> None:
    with without_guards() as cursor:
        cursor.execute(copied("appointmenthistory", "event = 'lapsed'", request_id="NULL"))
        found = broken_in(cursor)
    assert (
        set(found) == {"P14 nothing happens to an appointment twice", "P15 the history has no gap"} | BY_ALL
    )


def test_every_question_has_its_crime() -> None:
    assert {promise for promise, _dropped, _crime in CRIMES} | {
        "P14 nothing happens to an appointment twice"
    } == set(QUESTIONS)


def test_the_guards_of_the_history_stand(world: Cast) -> None:
    with without_guards() as cursor:
        assert set(broken_in(cursor)["P15 the history is guarded"]) == {
            (0, table, trigger)
            for table in GUARDED
            for trigger in ("the_history_is_append_only", "the_history_is_never_emptied")
        }


@pytest.mark.parametrize(
    ("promise", "crime", "later"),
    [
        ("P8 what may lapse has lapsed within five minutes", "SELECT 1", 48 * HOUR + 11 * MINUTES),
        (
            "P8 a request whose time has come is void",
            f"UPDATE {REQUEST} SET needs_provider = 'outage'",
            30 * 24 * HOUR,
        ),
        ("P10 a prompt that nobody took over is shown to a person", "SELECT 1", 21 * MINUTES),
        ("P10 no message waits longer than it is retried", "SELECT 1", 25 * HOUR),
        ("P10 no message is put off for more than a day", "SELECT 1", -25 * HOUR),
        ("P12 a hold that has ended is gone", "SELECT 1", 11 * MINUTES),
    ],
)
def test_what_is_overdue_is_named(world: Cast, promise: str, crime: str, later: timedelta) -> None:
    with without_guards() as cursor:
        cursor.execute(crime)
        before = overdue_in(cursor, now=LATER)
        after = overdue_in(cursor, now=LATER + later)
    assert (before, promise in after) == ({}, True)
    assert promise in OVERDUE


def test_a_program_without_django_can_ask(world: Cast) -> None:
    settings = connection.get_connection_params()
    wanted = {
        name: settings[name] for name in ("host", "port", "dbname", "user", "password") if settings.get(name)
    }
    with psycopg.connect(**wanted) as plain, plain.cursor() as cursor:
        assert broken_in(cursor) == {}


def test_every_key_inside_a_practice_is_asked_about() -> None:
    """A new table cannot be forgotten: the fields of the models are compared."""
    wanted = {
        (model._meta.model_name, field.name, field.related_model._meta.model_name)
        for model in apps.get_app_config("raincheck").get_models()
        for field in model._meta.local_fields
        if isinstance(field, InPractice)
    }
    assert {
        (child, column, parent) for child, columns in KEYS.items() for column, parent in columns.items()
    } == wanted
