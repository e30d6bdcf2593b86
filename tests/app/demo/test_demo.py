"""The demo: its practice and past, its clock, its mailbox; and that none of it exists anywhere else."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.app import database as databases
from tests.app.cast import MINUTES, NOW, Cast

from raincheck import clock
from raincheck.cli.refusal import CommandRefused
from raincheck.cli.time_travel import advance_clock, sweep_once
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.notifications import DeliveryAttempt, Notification
from raincheck.data.people import Client, Practice, User
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.demo.large import NAME, Size, add_large
from raincheck.demo.seeding import seed_when_empty
from raincheck.demo.time_travel import advance
from raincheck.integrations.messages.delivery import deliver_due

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def demo(settings: LazySettings, tmp_path: Path) -> None:
    """The demo is on, and its clock shows NOW."""
    settings.RAINCHECK_DEMO = True
    settings.RAINCHECK_HOME = tmp_path
    clock.set_demo_offset(NOW - clock.real_now())


def facts() -> list[tuple[object, ...]]:
    rows = Appointment.objects.filter(practice=Practice.objects.earliest("pk")).order_by(
        "starts_at", "client__last_name"
    )
    return list(rows.values_list("client__first_name", "starts_at", "status", "cancelled_why"))


@pytest.mark.verify
def test_the_same_demo_comes_out_every_time(database: None) -> None:
    seed_when_empty(now=NOW)
    first = facts()
    databases.empty()
    seed_when_empty(now=NOW)
    assert facts() == first


def test_a_practice_that_is_there_is_left_alone(cast: Cast) -> None:
    assert not seed_when_empty(now=NOW)
    assert set(Practice.objects.all()) == {cast.practice, cast.elsewhere}


def handed_over() -> list[tuple[str, str, datetime]]:
    """Return what was handed over to the client: moment, channel, when."""
    attempts = DeliveryAttempt.objects.filter(outcome="accepted", notification__recipient__isnull=False)
    return [(one.notification.kind, one.notification.channel, one.at) for one in attempts.order_by("pk")]


def test_moving_the_clock_brings_reminders_and_then_the_end_each_at_its_moment(
    demo: None, cast: Cast
) -> None:
    request = cast.asked(cast.booked(now=NOW - DAY))
    deliver_due(NOW)
    brought = advance(48 * HOUR)
    request.refresh_from_db()
    assert request.state == "lapsed"
    told = [(kind, channel, at.astimezone(UTC)) for kind, channel, at in handed_over()]
    assert [(kind, channel) for kind, channel, _at in told] == [
        ("booked", "email"),
        ("asked", "email"),
        ("request_reminder", "email"),
        ("request_reminder", "email"),
        ("lapsed", "email"),
    ]
    assert [at for _moment, _channel, at in told[2:]] == [
        datetime(2026, 11, 17, 4, tzinfo=UTC),  # 8:00 PM in Los Angeles, since its own time is at night there
        datetime(2026, 11, 18, 4, tzinfo=UTC),
        request.first_deadline_at + MINUTES,
    ]
    assert (brought["reminder sent"], brought["request lapsed"]) == (2, 1)
    assert abs(clock.now() - NOW - 48 * HOUR - MINUTES) < MINUTES


def test_what_was_just_sent_is_handed_over_before_the_clock_moves(demo: None, cast: Cast) -> None:
    request = cast.asked(cast.booked(now=NOW - DAY))
    advance(HOUR)
    request.refresh_from_db()
    assert request.handed_over_at is not None
    assert request.handed_over_at - NOW < MINUTES
    assert request.deadline_at == request.first_deadline_at


def test_the_command_moves_the_clock_in_the_demo_only(
    demo: None, cast: Cast, settings: LazySettings, capsys: pytest.CaptureFixture[str]
) -> None:
    advance_clock("90m")
    assert "The demo's clock is now at 2026-11-16 16:3" in capsys.readouterr().out
    for nonsense in ("48", "h", "-1h", "0h", "9999d", ""):
        with pytest.raises(CommandRefused, match="is not a time to move the clock by"):
            advance_clock(nonsense)
    settings.RAINCHECK_DEMO = False
    with pytest.raises(CommandRefused, match="demo only"):
        advance_clock("1h")


def test_the_sweep_command_says_what_it_did(
    demo: None, cast: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    cast.booked(now=NOW)
    sweep_once()
    assert capsys.readouterr().out == "message accepted: 1\n"
    sweep_once()
    assert capsys.readouterr().out == "Nothing was due.\n"


def page(browser: Browser, address: str = "/demo/") -> str:
    response = browser.get(address)
    assert response.status_code == 200
    return unescape(response.content.decode())


def test_the_mailbox_shows_what_was_sent_newest_first_with_links_that_work(
    demo: None, cast: Cast, client: Browser
) -> None:
    cast.asked(cast.booked(now=NOW - DAY))
    deliver_due(NOW)
    text = page(client)
    assert re.findall(r'<h3 id="letter-\d">(.+?)</h3>', text) == [
        "Please choose a new time for your appointment",
        "Your appointment is booked",
    ]
    (link,) = set(re.findall(r'href="http://127\.0\.0\.1:8000(/r/[\w-]{22}/)"', text))
    opened = client.get(link, follow=True)
    assert "Hi Riley, please choose a new time" in unescape(opened.content.decode())


def test_calendar_files_come_out_of_the_mailbox(demo: None, cast: Cast, client: Browser) -> None:
    cast.booked()
    deliver_due(NOW)
    (address,) = re.findall(r'href="(/demo/mail/[^"]+)"', page(client))
    file = client.get(address)
    assert (file["Content-Type"], file["Content-Disposition"]) == (
        "text/calendar; charset=utf-8",
        'attachment; filename="appointment.ics"',
    )
    assert file.content.startswith(b"BEGIN:VCALENDAR\r\n")
    assert client.get(address.replace("-1.ics", "-2.ics")).status_code == 404


def test_the_demos_page_asks_the_database_as_often_for_many_letters_as_for_one(
    demo: None, cast: Cast, client: Browser
) -> None:
    counts = []
    for days in (1, 9):
        for day in range(days):
            cast.booked(NOW + (day + 1 + 10 * days) * DAY)
        deliver_due(NOW)
        with CaptureQueriesContext(connection) as queries:
            page(client)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_buttons_move_the_clock(demo: None, cast: Cast, client: Browser) -> None:
    cast.asked(cast.booked(now=NOW - DAY))
    assert client.post(reverse("demo-clock"), {"hours": "48"}).status_code == 302
    assert RescheduleRequest.objects.get().state == "lapsed"
    assert "The clock moved 48 hours ahead. What was sent meanwhile is in the mailbox." in page(client)
    assert client.post(reverse("demo-clock"), {"hours": "2"}).status_code == 404
    assert client.get(reverse("demo-clock")).status_code == 405


def test_everybody_can_be_entered_in_the_demo(demo: None, cast: Cast, client: Browser) -> None:
    text = page(client, "/sign-in/")
    names = re.findall(r">Continue as (.+?)</button>", text)
    assert sorted(names) == sorted(User.objects.values_list("name", flat=True))
    riley = User.objects.get(name="Riley")
    response = client.post(reverse("demo-continue", args=[riley.ref]))
    assert (response.status_code, response["Location"]) == (302, "/")
    assert client.session["_auth_user_id"] == str(riley.pk)


def test_outside_the_demo_nothing_of_it_exists(cast: Cast, client: Browser) -> None:
    cast.booked()
    deliver_due(NOW)
    letter = Notification.objects.first()
    assert letter is not None
    user = User.objects.first()
    assert user is not None
    assert client.get(reverse("demo")).status_code == 404
    assert client.post(reverse("demo-clock"), {"hours": "1"}).status_code == 404
    assert client.get(reverse("demo-attachment", args=[letter.ref, 1])).status_code == 404
    assert client.post(reverse("demo-continue", args=[user.ref])).status_code == 404
    assert "_auth_user_id" not in client.session
    text = page(client, "/sign-in/")
    assert "Continue as" not in text
    assert "/demo/" not in text


@pytest.mark.parametrize("address", ["10.0.0.7", "2001:db8::7", "", "nonsense"])
def test_even_the_demo_lets_nobody_in_from_another_machine(
    demo: None, cast: Cast, client: Browser, address: str
) -> None:
    user = User.objects.latest("pk")
    assert client.get("/demo/", REMOTE_ADDR=address).status_code == 404
    assert client.post(reverse("demo-continue", args=[user.ref]), REMOTE_ADDR=address).status_code == 404
    assert "Continue as" not in client.get("/sign-in/", REMOTE_ADDR=address).content.decode()


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
def test_the_demo_is_there_for_whoever_sits_at_its_machine(
    demo: None, cast: Cast, client: Browser, address: str
) -> None:
    assert client.get("/demo/", REMOTE_ADDR=address).status_code == 200


@pytest.mark.verify
def test_the_large_practice_has_its_size_stands_beside_the_other_and_is_made_once(database: None) -> None:
    size = Size(providers=2, weeks_past=5, weeks_ahead=3)
    seed_when_empty(now=NOW)
    harbor = facts()
    assert add_large(now=NOW, size=size)
    assert not add_large(now=NOW, size=size)
    large = Practice.objects.get(name=NAME)
    theirs = Appointment.objects.filter(practice=large)
    assert theirs.filter(series__isnull=False).count() == size.appointments == 2 * 30 * 9
    assert Counter(theirs.filter(ends_at__lte=NOW).values_list("status", flat=True)).keys() == {
        "completed",
        "client_no_show",
        "cancelled",
    }
    assert set(theirs.filter(starts_at__gt=NOW).values_list("status", flat=True)) <= {
        "scheduled",
        "cancelled",
    }
    assert RescheduleRequest.objects.filter(practice=large).exists()
    assert facts() == harbor
    names = Client.objects.filter(practice=large).values_list("first_name", "last_name")
    assert len(set(names)) == len(names) == 60


def test_an_ask_that_can_still_be_undone_leaves_before_its_48_hours_begin(demo: None, cast: Cast) -> None:
    Practice.objects.filter(pk=cast.practice.pk).update(policy={})
    request = cast.asked(cast.booked())
    advance(48 * HOUR)
    request.refresh_from_db()
    assert (request.handed_over_at, request.state) == (NOW + MINUTES, "lapsed")
