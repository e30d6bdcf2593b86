"""A database that is away, full or closed to writing: every address says so in a sentence, and nothing typed is lost."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from html import unescape

import psycopg
import pytest
from django.conf import settings
from django.db import DatabaseError, OperationalError, connection, connections
from django.http import HttpResponse
from django.test import Client as Browser
from procrastinate.contrib.django import app as jobs
from procrastinate.exceptions import ConnectorException
from psycopg.errors import SerializationFailure
from psycopg_pool import ConnectionPool
from pytest_django.plugin import DjangoDbBlocker
from tests.app import database as databases
from tests.app.authorization import ENDPOINTS, FOR_ANYBODY, Outcome, Role, World, address, build
from tests.app.cast import FRIDAY_AT_NINE, NOW, Cast, a_key
from tests.app.client_browser import Visitor, words
from tests.app.database_proxy import broken_line, no_database
from tests.app.notifications.test_worker_process import closed_database, url_of
from tests.app.staff_browser import StaffBrowser, a_file, okafor
from tests.sampling import sample

from raincheck.actions.calendars.feeds import make_feed
from raincheck.actions.engine.runner import Answer, run_command
from raincheck.data.calendars.feeds import CalendarFeed
from raincheck.data.conversations import Message
from raincheck.data.people import Client, Practice
from raincheck.data.postgresql.faults import DatabaseFault, fault_of
from raincheck.data.reschedule.request import RescheduleBatch
from raincheck.domain.calendars.feeds import Titles, digest_of

AWAY = "We will be right back Raincheck can't reach its records right now."
BUSY = "We will be right back Raincheck has more to do right now than it can keep up with."
SAFE = "Please try again in a minute. Your appointments and messages are safe."
NOTHING_CHANGED = "Nothing has changed, and nothing you did is lost."
NOT_SENT = "Nothing has changed. What you typed is not lost: send it again below, or go back to it."
GO_BACK = "Nothing has changed. What you typed is not lost: go back one page and send it again."
NOT_SURE = (
    "The line broke at the very moment of saving, so we are not sure whether what you sent was saved. "
    "Please send it again: it will not happen twice."
)
STILL_RUNNING = (
    "What you sent is still being saved, so we are not sure yet whether it was. "
    "Please send it again in a minute: it will not happen twice."
)
SAVED = "What you sent was saved. Only the page that follows can't be shown yet."


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with django_db_blocker.unblock():
        yield build()
        databases.empty()


@pytest.mark.sampled
@pytest.mark.parametrize("name", sample(sorted(set(ENDPOINTS) - FOR_ANYBODY), every=4))
def test_every_address_says_that_its_records_are_away(world: World, name: str) -> None:
    endpoint, corner = ENDPOINTS[name], world.corners[0]
    with no_database():
        for role in world.roles:
            role.browser.raise_request_exception = False
            for rule, send in ((endpoint.look, role.get), (endpoint.send, role.post)):
                answer = send(address(name, corner))
                assert answer.status_code != 500, role.name
                if rule is not None and rule(role, corner) is Outcome.IN:
                    says_so(answer, role)


def says_so(answer: HttpResponse, role: Role) -> None:
    assert (answer.status_code, answer["Retry-After"]) == (503, "30"), role.name
    assert "Raincheck can't reach its records right now." in unescape(answer.content.decode()), role.name


def test_after_a_restart_of_the_database_nobody_is_told_that_it_is_away(database: None) -> None:
    """Every idle connection of the pool that Django would make is dead then."""
    kept = settings.POOL | {"min_size": 8}
    check = ConnectionPool.check_connection
    with ConnectionPool(url_of("default"), check=check, open=True, **kept) as pool:
        pool.wait()
        with closed_database():
            pass
        with pool.connection() as one:
            assert one.execute("SELECT 7").fetchone() == (7,)


def test_records_that_are_away_are_one_line_of_the_log_and_no_mistake_of_ours(
    cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    """An error's own words may hold a row, with what people wrote."""
    me = okafor()
    with caplog.at_level(logging.WARNING), no_database():
        assert me.get("/home/").status_code == 503
    lines = [(record.name, record.exc_info) for record in caplog.records if record.name != "psycopg.pool"]
    assert lines == [("raincheck.failures", None), ("django.request", None)]


@pytest.mark.parametrize("name", sorted(FOR_ANYBODY - {"health-live", "health-ready"}))
def test_the_doors_for_anybody_break_nowhere(world: World, name: str) -> None:
    """Some need no records for a stranger; none may end as a mistake of ours."""
    with no_database():
        for role in world.roles:
            role.browser.raise_request_exception = False
            for send in (role.get, role.post):
                assert send(address(name, world.corners[0])).status_code != 500, role.name


def test_health_says_that_the_database_is_away(database: None) -> None:
    with no_database():
        assert [Browser().get(f"/health/{what}").status_code for what in ("ready", "live")] == [503, 200]
    assert Browser().get("/health/ready").status_code == 200


@pytest.fixture
def at_work(cast: Cast) -> StaffBrowser:
    """Dr. Okafor, who has a session with Riley ahead and may write to them."""
    cast.booked()
    browsing = okafor()
    browsing.browser.raise_request_exception = False
    return browsing


def conversation(client: Client) -> str:
    return f"/clients/{client.ref}/message/"


def written() -> list[str]:
    return list(Message.objects.exclude(body="").order_by("pk").values_list("body", flat=True))


def form_in(response: HttpResponse) -> tuple[str, dict[str, str]]:
    """Return where the page's one form leads, and what it would send."""
    html = response.content.decode()
    [(action, inside)] = re.findall(r'<form method="\w+" action="([^"]*)">(.*?)</form>', html, re.DOTALL)
    fields = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', inside)
    return unescape(action), {name: unescape(value) for name, value in fields}


def test_what_was_typed_can_be_sent_again_from_the_page_that_refused_it(
    cast: Cast, at_work: StaffBrowser
) -> None:
    key, text = str(a_key()), 'Tuesday is fine "at eleven"\r\n& see you.'
    with no_database():
        refused = at_work.post(conversation(cast.riley), key=key, words=text)
    assert words(refused) == f"{AWAY} {NOT_SENT} {SAFE} Send it again"
    action, fields = form_in(refused)
    fields.pop("csrfmiddlewaretoken")
    assert (action, fields) == (conversation(cast.riley), {"key": key, "words": text})
    assert at_work.browser.post(action, fields).status_code == 302
    assert written() == [text.replace("\r\n", "\n")]


def test_a_page_that_was_only_looked_at_can_be_tried_again(cast: Cast, at_work: StaffBrowser) -> None:
    with no_database():
        refused = at_work.get("/appointments/", view="calendar")
    assert words(refused) == f"{AWAY} {NOTHING_CHANGED} {SAFE} Try again"
    assert form_in(refused) == ("/appointments/", {"view": "calendar"})


@pytest.mark.parametrize("said", [{"password": "hush"}, {"words": "x", "file": a_file(b"x")}])
def test_secrets_and_files_are_not_repeated(
    cast: Cast, at_work: StaffBrowser, said: dict[str, object]
) -> None:
    with no_database():
        refused = at_work.post("/availability/calendars/account/", **said)
    assert words(refused) == f"{AWAY} {GO_BACK} {SAFE}"
    assert b"hush" not in refused.content


def test_a_form_that_came_from_elsewhere_is_never_offered_again(cast: Cast) -> None:
    stranger = Browser(enforce_csrf_checks=True)
    stranger.cookies["raincheck_session"] = "anything"
    with no_database():
        assert stranger.post("/appointments/new/", {"key": str(a_key())}).status_code == 403


def test_programs_get_what_they_can_read(cast: Cast, at_work: StaffBrowser) -> None:
    with no_database():
        asked = at_work.get("/appointments/calendar.json", **{"from": "2026-11-23", "to": "2026-11-24"})
        feed = Browser().get(f"/feeds/{'x' * 43}.ics")
        part = at_work.post("/availability/preview/", htmx=True)
    problem = json.loads(asked.content)
    assert (asked.status_code, asked["Content-Type"]) == (503, "application/problem+json")
    assert problem == {
        "type": "about:blank",
        "title": "Service Unavailable",
        "status": 503,
        "detail": f"Raincheck can't reach its records right now. {NOTHING_CHANGED} {SAFE}",
    }
    for answer in (feed, part):
        assert (answer.status_code, answer["Content-Type"]) == (503, "text/plain; charset=utf-8")
        assert answer.content.decode().startswith("Raincheck can't reach its records right now.")


def test_a_page_claims_nothing_when_the_line_broke_during_the_commit(
    cast: Cast, at_work: StaffBrowser
) -> None:
    key = str(a_key())
    with broken_line(stays_broken=True):
        refused = at_work.post(conversation(cast.riley), key=key, words="See you.")
    assert words(refused) == f"{AWAY} {NOT_SURE} {SAFE} Send it again"
    action, fields = form_in(refused)
    assert at_work.browser.post(action, fields).status_code == 302
    assert written() == ["See you."]


def test_a_form_whose_first_sending_still_runs_is_not_called_unchanged(
    cast: Cast, at_work: StaffBrowser
) -> None:
    key, who = str(a_key()), f"provider:{cast.okafor.pk}"
    with psycopg.connect(**connections["owner"].get_connection_params()) as first:
        # The first sending as the database sees it: its key is taken and not committed yet.
        first.execute(
            "INSERT INTO raincheck_idempotencykey (actor, key, body_hash, acted_at) VALUES (%s, %s, '', now())",
            [who, key],
        )
        refused = at_work.post(conversation(cast.riley), key=key, words="See you.")
        first.rollback()
    assert words(refused) == f"{BUSY} {STILL_RUNNING} {SAFE} Send it again"
    action, fields = form_in(refused)
    assert at_work.browser.post(action, fields).status_code == 302
    assert written() == ["See you."]


def test_a_page_says_what_was_saved_when_only_the_rest_failed(cast: Cast, at_work: StaffBrowser) -> None:
    """What fails here is the session, which is written after the page."""
    with broken_line(when="arrived", stays_broken=True):
        refused = at_work.post(conversation(cast.riley), words="See you.")
    assert words(refused) == f"{AWAY} {SAVED} {SAFE} Go on"
    action, fields = form_in(refused)
    assert at_work.browser.post(action, fields).status_code == 302
    assert written() == ["See you."]


@contextmanager
def read_only() -> Iterator[None]:
    """Let the server refuse every writing, as one that is copied from another, or is being looked after."""
    name = connections["default"].settings_dict["NAME"]
    with connections["owner"].cursor() as owner:
        owner.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    connections["default"].close()
    try:
        yield
    finally:
        with connections["owner"].cursor() as owner:
            owner.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")
        connections["default"].close()


def test_a_database_that_is_closed_to_writing_can_still_be_read(cast: Cast, at_work: StaffBrowser) -> None:
    key = str(a_key())
    with read_only():
        assert at_work.get("/appointments/").status_code == 200
        refused = at_work.post(conversation(cast.riley), key=key, words="See you.")
    assert words(refused) == (
        f"We will be right back The records can be read right now, but not changed. {NOT_SENT} Please try again in "
        "a few minutes, and tell the practice if it stays so. Your appointments and messages are safe. Send it again"
    )
    assert at_work.post(conversation(cast.riley), key=key, words="See you.").status_code == 302


def test_whoever_only_looks_notices_no_closed_database(cast: Cast, at_work: StaffBrowser) -> None:
    client = Visitor(cast.asked(cast.booked(FRIDAY_AT_NINE)).batch)
    batch, token = RescheduleBatch.objects.get(), "x" * 43
    feed = partial(make_feed, cast.okafor, digest=digest_of(token), titles=Titles.NEUTRAL, now=NOW)
    run_command(feed, key=None, body={}, by=cast.by_okafor, now=NOW)
    with read_only():
        seen = [at_work.get(address).status_code for address in ("/home/", "/requests/", "/availability/")]
        assert [*seen, client.get(f"/choose/{batch.ref}/").status_code] == [200] * 4
        assert Browser().get(f"/feeds/{token}.ics").status_code == 200
    assert CalendarFeed.objects.get().last_used_at is None


F = DatabaseFault


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        *[("53100", F.FULL), ("25006", F.READ_ONLY), ("42501", F.READ_ONLY)],
        *[(code, F.BUSY) for code in ("53200", "53300", "40001", "40P01", "55P03", "57014")],
        *[(code, F.GONE) for code in ("08006", "57P01", "57P02", "57P03", "58030", "25P03")],
        *[(code, None) for code in ("23505", "22001", "42601", "42P01", "P0001", "XX000", "25P02")],
    ],
)
def test_what_the_server_says_is_understood(database: None, code: str, fault: DatabaseFault | None) -> None:
    said = f"DO $$ BEGIN RAISE EXCEPTION 'so' USING ERRCODE = '{code}'; END $$"
    with pytest.raises(DatabaseError) as plain, connection.cursor() as cursor:
        cursor.execute(said)
    assert fault_of(plain.value) is fault
    if not code.startswith("23"):  # those have names of their own
        with pytest.raises(ConnectorException) as queued:
            jobs.connector.get_sync_connector().execute_query(said)  # type: ignore[arg-type]
        assert fault_of(queued.value) is fault


def test_somebody_who_is_thrown_out_in_the_middle_is_refused_and_leaves_nothing(cast: Cast) -> None:
    def verb() -> Answer:
        cast.practice.name = "Changed"
        cast.practice.save(update_fields=["name"])
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return {}

    with pytest.raises(OperationalError) as thrown_out:
        run_command(verb, key=a_key(), body={}, by=cast.by_okafor, now=NOW)
    assert fault_of(thrown_out.value) is F.GONE
    assert Practice.objects.get(pk=cast.practice.pk).name == "Harbor Counseling"


def test_what_the_queue_of_jobs_reports_is_tried_again_like_everything_else(cast: Cast) -> None:
    tries: list[int] = []

    def verb() -> Answer:
        tries.append(len(tries))
        if len(tries) == 1:
            raise ConnectorException from SerializationFailure()
        return {"tries": str(len(tries))}

    assert run_command(verb, key=a_key(), body={}, by=cast.by_okafor, now=NOW) == {"tries": "2"}
