"""Calendars under an address: what is asked, what counts as unchanged, and what is never taken for a calendar."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler

import pytest
from hypothesis import HealthCheck, assume, given, settings, strategies as st
from tests.integrations.calendar_cases import AUTUMN, NEW_YORK, OURS, SHARED, calendar, event, times
from tests.integrations.test_hostile_calendars import HOSTILE, READ, REFUSED
from tests.integrations.web_server import CALENDAR, Said, WebServer, guard, web_server

from raincheck.domain.calendars.checks import NO_VALIDATORS, CalendarKind, Source, Validators
from raincheck.domain.calendars.faults import (
    CalendarAnswerStrange,
    CalendarForbidden,
    CalendarIsAMessage,
    CalendarIsAPage,
    CalendarIsASignIn,
    CalendarIsNothing,
    CalendarNotThere,
    CalendarOutlookRefuses,
    CalendarServerTrouble,
    CalendarTooLarge,
    CalendarWantsOtherSignIn,
    CalendarWantsPassword,
    NotACalendar,
)
from raincheck.domain.refusals import Refusal
from raincheck.domain.spans import Span
from raincheck.integrations.calendar_checks import fetch_subscription
from raincheck.integrations.ics.files import read_busy_safely
from raincheck.integrations.ics.past import slimmed
from raincheck.integrations.ics.reading import read_busy

EXPECTED = (
    json.loads((SHARED / "expected_busy.json").read_text(encoding="utf-8"))["files"]
    if SHARED.exists()
    else {}
)
VALIDATORS = Validators(etag='"one"', last_modified="Tue, 01 Sep 2026 12:00:00 GMT")


@pytest.fixture(scope="module")
def site() -> Iterator[WebServer]:
    with web_server() as site:
        yield site


def fetched(
    site: WebServer, said: Said, validators: Validators = NO_VALIDATORS
) -> tuple[bytes | None, Validators]:
    site.pages["/work.ics"] = said
    source = Source(CalendarKind.SUBSCRIPTION, "", site.address("/work.ics"))
    return fetch_subscription(source, window=AUTUMN, validators=validators, guard=guard())


def refused(site: WebServer, said: Said, validators: Validators = NO_VALIDATORS) -> type[Refusal]:
    with pytest.raises(Refusal) as refusal:
        read_busy(fetched(site, said, validators)[0] or b"", window=AUTUMN, zone=NEW_YORK)
    return type(refusal.value)


def test_a_calendar_comes_with_validators_of_its_state(site: WebServer) -> None:
    said = Said(headers={"ETag": VALIDATORS.etag, "Last-Modified": VALIDATORS.last_modified})
    assert fetched(site, said) == (CALENDAR, VALIDATORS)


def test_what_is_known_is_asked_for_by_its_validators_and_may_be_unchanged(site: WebServer) -> None:
    assert fetched(site, Said(304), VALIDATORS) == (None, VALIDATORS)
    asked = site.asked[-1][2]
    assert (asked["if-none-match"], asked["if-modified-since"]) == (VALIDATORS.etag, VALIDATORS.last_modified)


def test_unchanged_is_no_answer_to_who_knows_nothing(site: WebServer) -> None:
    assert refused(site, Said(304)) is CalendarAnswerStrange
    assert not {"if-none-match", "if-modified-since"} & set(site.asked[-1][2])


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        (Said(401), CalendarWantsPassword),
        (Said(403), CalendarForbidden),
        (Said(404), CalendarNotThere),
        (Said(410), CalendarNotThere),
        (Said(418), CalendarAnswerStrange),
        (Said(429), CalendarServerTrouble),
        (Said(500), CalendarServerTrouble),
        (Said(503), CalendarServerTrouble),
        (Said(204, body=b""), CalendarAnswerStrange),
        (Said(200, {"Content-Type": "text/calendar"}, b""), CalendarIsNothing),
        (Said(200, {"Content-Type": "text/calendar"}, b" \r\n\t\r\n"), CalendarIsNothing),
        (Said(200, {"Content-Type": "text/calendar"}, b"<!doctype html><title>Sign in</title>"), CalendarIsASignIn),
        (Said(200, {}, b"<html><form><input name=p type=password></form>"), CalendarIsASignIn),
        (Said(200, {}, b"<html><title>Log On - Harbor</title>"), CalendarIsASignIn),
        (Said(200, {}, b"<html><p>Please sign in to our newsletter"), CalendarIsAPage),
        (Said(401, {"WWW-Authenticate": "Bearer"}), CalendarWantsOtherSignIn),
        (Said(200, {"Content-Type": "text/html"}, b"\xef\xbb\xbf\n<html>"), CalendarIsAPage),
        (Said(200, {"Content-Type": "text/calendar"}, b'{"error": "token expired"}'), CalendarIsAMessage),
        (Said(200, {"Content-Type": "text/calendar"}, b"Not signed in"), NotACalendar),
    ],
)  # fmt: skip
def test_each_thing_that_is_no_calendar_has_its_own_fault(
    site: WebServer, said: Said, fault: type[Refusal]
) -> None:
    assert refused(site, said, VALIDATORS) is fault


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=300) | st.text(max_size=200).map(str.encode),
    st.sampled_from(["text/calendar", "text/html", "application/json", "application/octet-stream", ""]),
    st.sampled_from([200, 200, 200, 206, 304, 401, 503]),
)
def test_noise_never_counts_as_an_empty_calendar(
    site: WebServer, noise: bytes, content_type: str, status: int
) -> None:
    """Whatever comes, only what opens and closes a calendar is one; the rest is refused, and nothing was learned."""
    # Examples are also put together from the words in the sources, and may become the shortest calendar there is.
    assume(b"END:VCALENDAR" not in noise.upper())
    said = Said(status, {"Content-Type": content_type}, b"" if status == 304 else noise)
    assert issubclass(refused(site, said), Refusal)


@pytest.mark.parametrize("name", sorted({*READ, *REFUSED}))
def test_a_hostile_file_under_an_address_ends_as_one_that_was_uploaded(site: WebServer, name: str) -> None:
    data, _validators = (
        fetched(site, Said(body=(HOSTILE / name).read_bytes())) if name not in REFUSED else (None, None)
    )
    if name in REFUSED:
        assert refused(site, Said(body=(HOSTILE / name).read_bytes())) in (REFUSED[name], CalendarIsASignIn)
    else:
        assert data == (HOSTILE / name).read_bytes()


@pytest.mark.parametrize("name", ["everyday.ics", "repeating.ics", "zones.ics", "broken.ics"])
def test_a_calendar_under_an_address_is_read_as_one_that_was_uploaded(site: WebServer, name: str) -> None:
    uploaded = (OURS / name).read_bytes()
    data, _validators = fetched(site, Said(body=uploaded))
    assert read_busy_safely(data or b"", window=AUTUMN, zone=NEW_YORK) == read_busy(
        uploaded, window=AUTUMN, zone=NEW_YORK
    )


@pytest.mark.shared
@pytest.mark.skipif(
    not EXPECTED, reason="The collected calendar files are not beside this checkout (../shared)."
)
@pytest.mark.parametrize("name", EXPECTED)
def test_real_calendars_are_as_busy_under_an_address_as_two_other_programs_say(
    site: WebServer, name: str
) -> None:
    data, _validators = fetched(site, Said(body=(SHARED / name).read_bytes()))
    window = Span(*(datetime.fromisoformat(instant) for instant in EXPECTED[name]["window"]))
    reading = read_busy(data or b"", window=window, zone=NEW_YORK)
    assert [
        [f"{span.start:%Y-%m-%dT%H:%M:%SZ}", f"{span.end:%Y-%m-%dT%H:%M:%SZ}"] for span in reading.busy
    ] == (EXPECTED[name]["busy"])


# Servers that send programs away


def as_outlook(handler: BaseHTTPRequestHandler, _body: bytes) -> Said | None:
    """Answer a program as outlook.office365.com does, and a browser as it should."""
    is_browser = (handler.headers.get("User-Agent") or "").startswith("Mozilla/5.0")
    return None if is_browser else Said(500, {"x-owa-error": "Microsoft.Exchange.Clients.Owa2"}, b"")


def test_a_link_from_outlook_works_though_it_fails_for_programs() -> None:
    with web_server() as site:
        site.says = as_outlook
        assert fetched(site, Said(headers={"ETag": VALIDATORS.etag})) == (
            CALENDAR,
            Validators(etag=VALIDATORS.etag),
        )
        assert [asked[2]["user-agent"].endswith("Raincheck") for asked in site.asked] == [False, True]


@pytest.mark.parametrize("status", [403, 406, 500])
def test_whoever_sends_programs_away_is_asked_once_as_a_browser_asks(status: int) -> None:
    with web_server() as site:
        site.says = lambda asked, _body: (
            None if "Mozilla" in (asked.headers["User-Agent"] or "") else Said(status)
        )
        assert fetched(site, Said())[0] == CALENDAR


def test_outlook_that_refuses_a_browser_too_says_so(site: WebServer) -> None:
    assert refused(site, Said(500, {"X-OWA-Error": "ClientError"}, b"")) is CalendarOutlookRefuses


@pytest.mark.parametrize("path", ["/login", "/auth/signin?back=work", "/oauth2/authorize"])
@pytest.mark.parametrize("there", [Said(body=b"<html>"), Said(400), Said(403)])
def test_an_address_that_leads_to_where_people_sign_in_says_so(
    site: WebServer, path: str, there: Said
) -> None:
    site.pages[path.partition("?")[0]] = there
    assert refused(site, Said(302, {"Location": path})) is CalendarIsASignIn


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_a_feed_with_all_of_the_past_is_read(site: WebServer, packed: bool) -> None:
    feed = feed_of(15_000)
    assert len(feed) > 7_000_000
    said = Said(headers={"Content-Encoding": "gzip"}, body=gzip.compress(feed)) if packed else Said(body=feed)
    data, _validators = fetched(site, said)
    reading = read_busy_safely(data or b"", window=AUTUMN, zone=NEW_YORK)
    assert (reading.busy, reading.problems) == (
        read_busy(slimmed(feed, before=AUTUMN.start), window=AUTUMN, zone=NEW_YORK).busy,
        (),
    )
    assert times(reading) == [
        f"{day:%m-%d} 09:00 - {day:%m-%d} 10:00"
        for day in days_of(15_000)
        if AUTUMN.start <= day < AUTUMN.end
    ]


def test_a_feed_that_is_too_large_without_its_past_is_refused(site: WebServer) -> None:
    ahead = [
        event(f"UID:{number}", "DTSTART:20260901T090000Z", "SUMMARY:" + "x" * 300) for number in range(20_000)
    ]
    assert refused(site, Said(body=calendar(*ahead))) is CalendarTooLarge


def days_of(entries: int) -> list[datetime]:
    last = datetime(2026, 12, 31, 9, tzinfo=UTC)
    return [last - timedelta(days=entries - 1 - number) for number in range(entries)]


def feed_of(entries: int) -> bytes:
    """A feed with an entry for each day up to the end of 2026, each with many words."""
    words = "DESCRIPTION:" + "\n ".join(["Notes of the meeting\\, and more of them"] * 8)
    alarm = "BEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT10M\nEND:VALARM"
    return calendar(
        *(
            event(
                f"UID:{day:%Y%m%d}",
                f"DTSTART:{day:%Y%m%d}T090000Z",
                f"DTEND:{day:%Y%m%d}T100000Z",
                words,
                alarm,
            )
            for day in days_of(entries)
        )
    )
