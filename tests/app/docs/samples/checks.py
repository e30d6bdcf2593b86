"""Each sample change works: run by `test_recipes.py` in a copy of the sources that has all of them."""

from __future__ import annotations

from typing import Any

from django.core.management import call_command
from django.http import HttpResponse
from tests.app.cast import Cast, new_york
from tests.app.staff_browser import errors, okafor

from raincheck.data.appointments.appointment import Appointment
from raincheck.data.reschedule.request import RescheduleBatch


def ask(appointment: Appointment, **said: Any) -> HttpResponse:
    body = {"appointments": [str(appointment.ref)], "reason": "travel", **said}
    return okafor().post(f"/appointments/{appointment.ref}/ask/", **body)


def test_the_new_field_is_on_the_form_and_what_it_says_is_kept(cast: Cast) -> None:
    first, second = cast.booked(), cast.booked(new_york(1, 11, month=12), client=cast.maya)
    page = okafor().get(f"/appointments/{first.ref}/ask/").content.decode()
    assert "I tried to call first" in page
    assert [ask(first, called_first="on").status_code, ask(second).status_code] == [302, 302]
    assert list(RescheduleBatch.objects.order_by("pk").values_list("called_first", flat=True)) == [
        True,
        False,
    ]


def test_the_tables_need_no_other_migration(database: None) -> None:
    call_command("makemigrations", check_changes=True, dry_run=True, verbosity=0)


def test_the_new_refusal_is_shown_at_its_field_and_nothing_is_sent(cast: Cast) -> None:
    answer = ask(cast.booked(), note="See https://elsewhere.example")
    assert answer.status_code == 422
    assert errors(answer) == [
        "Your note has a web address, which may look like a trap to Riley. Nothing was sent yet; please leave it out."
    ]
    assert not RescheduleBatch.objects.exists()


def test_the_new_page_lists_what_waits(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    assert "Nothing waits for you." in okafor().get("/requests/stuck/").content.decode()
    request.needs_provider, request.needs_provider_at = "outage", request.asked_at
    request.save(update_fields=["needs_provider", "needs_provider_at"])
    page = okafor().get("/requests/stuck/").content.decode()
    assert f'<a href="/requests/{request.ref}/">Riley Brooks</a>' in page
