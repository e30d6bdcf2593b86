"""Every kind of history row is a sentence, whatever reason it carries."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.app.cast import NOW, Cast
from tests.app.client_browser import handed_over
from tests.app.staff_browser import sign_in_staff

from raincheck.actions.timing.sweep import sweep
from raincheck.data.appointments.history import AppointmentHistory
from raincheck.domain.appointments.lifecycle import History
from raincheck.web.staff.appointments.words import STORY


def test_a_request_that_waits_for_a_person_has_its_sentence_on_the_details(cast: Cast) -> None:
    from django.test import Client as Browser

    cast.riley.do_not_auto_cancel = True
    cast.riley.save(update_fields=["do_not_auto_cancel"])
    appointment = cast.booked()
    request = handed_over(cast.asked(appointment))
    sweep(now=request.deadline_at + timedelta(minutes=1))
    browser = Browser()
    sign_in_staff(browser, cast.okafor.email)
    page = browser.get(f"/appointments/{appointment.ref}/")
    assert page.status_code == 200
    assert "The time to answer passed, and the request waits for a person." in page.content.decode()
    assert AppointmentHistory.objects.get(event="needs_provider").details == {"why": "do_not_auto_cancel"}
    assert request.deadline_at > NOW


@pytest.mark.parametrize("event", History)
def test_every_event_has_its_sentence(event: History) -> None:
    assert str(STORY[event])
