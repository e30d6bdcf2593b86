"""Schedulers: calendar, requests and clients of every provider; of their words what would work, no private notes, no settings."""

from __future__ import annotations

import json
import re
from functools import partial

from tests.app.cast import FRIDAY_AT_NINE, NOW, Cast, new_york, time_off
from tests.app.staff_browser import StaffBrowser, errors, links, okafor, scheduler

from raincheck.actions.conversations import write_message
from raincheck.actions.engine.runner import run_command
from raincheck.actions.reschedule.answer import none_work
from raincheck.data.appointments.history import AppointmentHistory
from raincheck.data.notifications import Notification
from raincheck.data.out_of_office import OutOfOffice
from raincheck.data.people import Membership
from raincheck.data.reschedule.request import RescheduleBatch
from raincheck.domain.appointments.lifecycle import CancelReason

NOTE = "only between us"


def shown(browser: StaffBrowser, address: str, **query: str) -> str:
    response = browser.get(address, **query)
    assert response.status_code == 200, address
    return response.content.decode()


def test_a_schedulers_navigation_has_neither_messages_nor_settings(cast: Cast) -> None:
    html = shown(scheduler(cast), "/home/").split("<main", 1)[0]
    entries = ["/home/", "/appointments/", "/requests/", "/clients/", "/availability/"]
    assert [address for address in entries if f'href="{address}"' in html] == entries
    assert [address for address in ("/messages/", "/practice/") if f'href="{address}"' in html] == []


def test_schedulers_see_a_request_without_private_messages_and_notes(cast: Cast) -> None:
    """Of a client's words they read what would work, which was said to them."""
    asked = cast.asked(cast.booked(), private_note=NOTE, note="I am away that week.")
    said = partial(none_work, asked.batch, words="Only evenings.", by=cast.by_riley, now=NOW)
    run_command(said, key=None, body={}, by=cast.by_riley, now=NOW)
    private = partial(
        write_message, cast.okafor.pk, cast.riley.pk, words="My court date.", by=cast.by_riley, now=NOW
    )
    run_command(private, key=None, body={}, by=cast.by_riley, now=NOW)
    pages = [
        "/home/",
        "/requests/",
        f"/requests/{asked.ref}/",
        f"/appointments/{asked.appointment.ref}/",
        f"/clients/{cast.riley.ref}/",
        f"/requests/{asked.ref}/pick/",
    ]
    pia = scheduler(cast)
    for address in pages:
        html = shown(pia, address)
        assert [words for words in (NOTE, "court date", "/message/") if words in html] == [], address
    own = shown(okafor(), f"/requests/{asked.ref}/")
    assert NOTE in own
    html = shown(pia, f"/requests/{asked.ref}/")
    assert "I am away that week." in html
    assert "Riley wrote that none of the times work." in html
    assert re.search(r"What would work for Riley</h2>\s*<blockquote[^>]*>Only evenings\.</blockquote>", html)


def test_a_note_to_a_cancellation_stays_from_schedulers(cast: Cast) -> None:
    appointment = cast.booked()
    okafor().post(
        f"/appointments/{appointment.ref}/cancel/",
        reason=CancelReason.CLINICAL.value,
        note=NOTE,
        offered="on",
    )
    assert NOTE in shown(okafor(), f"/appointments/{appointment.ref}/")
    assert NOTE not in shown(scheduler(cast), f"/appointments/{appointment.ref}/")


def test_schedulers_change_time_off_without_reading_or_losing_its_note(cast: Cast) -> None:
    block = time_off(cast.okafor, new_york(25, 9), new_york(25, 12), note=NOTE)
    pia, whose = scheduler(cast), {"provider": str(cast.okafor.ref)}
    feed = pia.get("/appointments/calendar.json", **whose, **{"from": "2026-11-22", "to": "2026-11-29"})
    assert [event["kind"] for event in json.loads(feed.content)["events"]] == ["out_of_office"]
    pages = [shown(pia, f"/time-off/{block.ref}/"), shown(pia, "/appointments/", view="list", **whose)]
    assert [NOTE in html for html in [*pages, feed.content.decode()]] == [False, False, False]
    day = "2026-11-25"
    said = {"first_day": day, "first_time": "10:00", "last_day": day, "last_time": "12:00", "note": "Mine."}
    assert errors(pia.post(f"/time-off/{block.ref}/", **said)) == []
    changed = OutOfOffice.objects.get(pk=block.pk)
    assert (changed.starts_at, changed.note) == (new_york(25, 10), NOTE)


def test_a_scheduler_s_form_has_no_private_note(cast: Cast) -> None:
    appointment, pia = cast.booked(), scheduler(cast)
    address = f"/appointments/{appointment.ref}/ask/"
    assert 'name="private_note"' in shown(okafor(), address)
    assert 'name="private_note"' not in shown(pia, address)
    said = {"appointments": str(appointment.ref), "reason": "travel", "private_note": NOTE}
    assert pia.post(address, **said).status_code == 302
    assert RescheduleBatch.objects.get().private_note == ""


def test_what_a_scheduler_did_stands_in_the_history_under_their_name(cast: Cast) -> None:
    appointment, pia = cast.booked(), scheduler(cast)
    asked = cast.asked(appointment)
    since = Notification.objects.latest("pk").pk
    assert pia.post(f"/requests/{asked.ref}/pick/", start=FRIDAY_AT_NINE.isoformat()).status_code == 302
    row = AppointmentHistory.objects.filter(appointment=appointment).latest("pk")
    own = Membership.objects.get(role="scheduler")
    assert (row.event, row.actor_kind, row.actor, row.for_client) == (
        "moved",
        "scheduler",
        own.pk,
        cast.riley.pk,
    )
    for browser in (okafor(), pia):
        assert "Pia Vance moved" in shown(browser, f"/appointments/{appointment.ref}/")
    # The provider is told as of a manager's act; nothing goes to the scheduler.
    sent = Notification.objects.filter(pk__gt=since).order_by("pk").values_list("kind", "channel", "user")
    assert list(sent) == [("moved", "email", None), ("moved", "email", None), ("moved", "in_app", None)]


def test_a_cancellation_by_a_scheduler_is_the_practice_s(cast: Cast) -> None:
    appointment = cast.booked()
    said = {"reason": CancelReason.CLINICAL.value, "offered": "on"}
    assert scheduler(cast).post(f"/appointments/{appointment.ref}/cancel/", **said).status_code == 302
    appointment.refresh_from_db()
    assert (appointment.status, appointment.cancelled_by) == ("cancelled", "manager")


def test_a_task_offers_a_scheduler_nothing_that_is_not_theirs(cast: Cast) -> None:
    asked = cast.asked(cast.booked())
    said = partial(none_work, asked.batch, words="Only evenings.", by=cast.by_riley, now=NOW)
    run_command(said, key=None, body={}, by=cast.by_riley, now=NOW)
    later = scheduler(cast, now=new_york(16, 12))
    offered = links(later.get("/home/"))
    assert "Pick with Riley" in offered
    assert "Message" not in offered
