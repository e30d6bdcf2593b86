"""The demo's practice as it is made up: its people, its past, and what waits in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker
from tests.app import database as databases
from tests.app.cast import NEW_YORK, NOW

from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.claims import Hold
from raincheck.data.calendars.busy import BusyTime
from raincheck.data.conversations import Conversation, Message
from raincheck.data.notifications import Notification
from raincheck.data.out_of_office import OutOfOffice
from raincheck.data.people import Client, Membership, Practice, Provider, Recipient
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.data.slots import reschedule_question
from raincheck.data.tasks import Task
from raincheck.demo.people import RILEY
from raincheck.demo.seeding import seed_when_empty
from raincheck.demo.week import OKAFOR, Weeks, starts_of
from raincheck.domain.slots import open_slots
from raincheck.domain.spans import Span

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def seeded(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The demo's practice, for tests that only look at it."""
    with django_db_blocker.unblock():
        assert seed_when_empty(now=NOW)
        yield
        databases.empty()


def test_the_demo_has_its_people(seeded: None) -> None:
    practice = Practice.objects.get()
    assert (practice.name, practice.zone) == ("Harbor Counseling", "America/New_York")
    assert list(Provider.objects.order_by("pk").values_list("name", "zone")) == [
        ("Dr. Jo Okafor", "America/New_York"),
        ("Dr. Lena Fischer", "America/New_York"),
        ("Marcus Bell", "America/Chicago"),
    ]
    assert list(Membership.objects.filter(role="manager").values_list("user__name", flat=True)) == [
        "Sasha Lindqvist"
    ]
    named = Client.objects.order_by("pk")[:3].values_list("first_name", "last_name", "pronouns", "zone")
    assert list(named) == [
        ("Riley", "Brooks", "they/them", "America/Los_Angeles"),
        ("Theo", "Alvarez", "he/him", ""),
        ("Maya", "Chen", "she/her", ""),
    ]
    assert 38 <= Client.objects.count() - 3 <= 45
    assert Recipient.objects.get(client__first_name="Riley").gets_sms
    assert 10 <= sum(recipient.gets_sms for recipient in Recipient.objects.all()) <= 25


def test_each_provider_has_eight_weeks_behind_them_and_four_ahead(seeded: None) -> None:
    for provider in Provider.objects.all():
        starts = Appointment.objects.filter(provider=provider).values_list("starts_at", flat=True)
        weeks = {(start - NOW) // (7 * DAY) for start in starts}
        assert set(range(-8, 4)) <= weeks


def test_past_requests_came_to_every_ending_and_some_wait(seeded: None) -> None:
    states = Counter(RescheduleRequest.objects.values_list("state", flat=True))
    assert states == {
        "moved": 9,
        "kept": 1,
        "open": 6,
        "lapsed": 4,
        "withdrawn": 3,
        "declined": 2,
        "void": 2,
        "superseded": 1,
    }


@pytest.mark.parametrize("hours", range(0, 7 * 24, 5))
def test_a_tuesday_of_rileys_is_always_more_than_50_hours_away(hours: int) -> None:
    now = NOW + timedelta(hours=hours)
    seat = next(seat for seat in OKAFOR if seat.name == RILEY.name)
    starts = list(starts_of(seat, Weeks.around(now, zone=NEW_YORK.key), zone=NEW_YORK.key))
    ahead = [start for start in starts if start > now + 50 * HOUR]
    assert len(ahead) >= 4
    assert {(start.astimezone(NEW_YORK).weekday(), start.astimezone(NEW_YORK).hour) for start in starts} == {
        (1, 11)
    }


def test_theo_and_maya_wait_for_what_the_stories_say(seeded: None) -> None:
    ahead = Appointment.objects.filter(
        starts_at__gt=NOW, status="scheduled", provider__short_name="Dr. Okafor"
    )
    theo = ahead.get(client__first_name="Theo")
    assert theo.type.kind == "intake"
    assert NOW + 7 * DAY - 10 * HOUR < theo.starts_at < NOW + 14 * DAY
    maya = ahead.filter(client__first_name="Maya")
    assert [row.type.kind for row in maya] == ["follow_up", "follow_up"]
    assert all(row.starts_at > NOW + 50 * HOUR for row in maya)


def test_nobody_of_the_stories_was_asked_lately(seeded: None) -> None:
    asked = RescheduleRequest.objects.filter(client__first_name__in=["Riley", "Theo", "Maya"])
    assert list(asked) == []


def test_one_client_has_suggested_times_and_another_holds_one_while_choosing(seeded: None) -> None:
    kept = Hold.objects.filter(expires_at__gt=NOW).order_by("suggested")
    rows = [(row.client.first_name, row.suggested, row.request.state) for row in kept if row.request]
    assert rows == [("Quinn", False, "open"), *[("Farah", True, "open")] * 3]
    chosen = kept[0]
    assert NOW < chosen.expires_at < NOW + timedelta(minutes=5)
    assert all(row.expires_at > NOW + 40 * HOUR for row in kept[1:])


def test_nothing_of_the_past_is_delivered_anew(seeded: None) -> None:
    assert list(Notification.objects.filter(state="waiting", due_at__lte=NOW)) == []
    mails = Notification.objects.exclude(channel="in_app").exclude(state="obsolete")
    assert mails.count() > 100
    assert [mail.pk for mail in mails if mail.state != "waiting" and not mail.attempts] == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs")
        assert cursor.fetchone()[0] == 0


def test_every_provider_has_open_times(seeded: None) -> None:
    for provider in Provider.objects.all():
        ahead = Appointment.objects.filter(provider=provider, starts_at__gt=NOW, status="scheduled")
        appointment = ahead.select_related("practice", "provider", "place").earliest("starts_at")
        within = Span(NOW, NOW + 14 * DAY)
        question = reschedule_question(appointment, now=NOW, notice=12 * HOUR, within=within)
        assert len(open_slots(question)) >= 20


def test_the_demo_has_something_of_everything(seeded: None) -> None:
    tasks = Task.objects.filter(done_at__isnull=True).values_list("kind", flat=True)
    assert sorted(tasks) == ["client_wrote", "intake_lapsed", "needs_provider", "not_delivered"]
    assert OutOfOffice.objects.filter(all_day=True, starts_at__gt=NOW).count() == 1
    assert BusyTime.objects.filter(starts_at__gt=NOW).count() >= 4
    assert Message.objects.exclude(body="").count() >= 25
    statuses = Counter(Appointment.objects.filter(ends_at__lte=NOW).values_list("status", flat=True))
    assert set(statuses) == {"completed", "cancelled", "client_no_show"}
    assert Appointment.objects.filter(fee_allowed=True, cancelled_why="client_late").exists()
    unread = Conversation.objects.filter(messages__author_kind="client", messages__at__gt=NOW - 8 * HOUR)
    assert unread.distinct().count() == 2


def test_no_appointment_of_the_demo_lies_in_time_that_is_taken_otherwise(seeded: None) -> None:
    for row in Appointment.objects.filter(status="scheduled", starts_at__gt=NOW):
        busy = BusyTime.objects.filter(
            provider=row.provider_id, starts_at__lt=row.ends_at, ends_at__gt=row.starts_at
        )
        away = OutOfOffice.objects.filter(
            provider=row.provider_id,
            starts_at__lt=row.ends_at,
            ends_at__gt=row.starts_at,
            removed_at__isnull=True,
            batch__isnull=True,
        )
        assert not busy.exists()
        assert not away.exists()
