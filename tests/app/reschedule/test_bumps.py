"""Bumps: how often the practice changed a client's appointments lately, told beside an ask."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from tests.app.cast import NOW, Cast, new_york
from tests.app.client_browser import words
from tests.app.staff_browser import okafor

from raincheck.actions.appointments.booking import (
    Cancellation,
    Details,
    cancel_appointment,
    change_appointment_details,
)
from raincheck.actions.appointments.reinstate import reinstate
from raincheck.actions.engine.runner import run_command
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.people import Provider
from raincheck.domain.appointments.lifecycle import CancelReason
from raincheck.queries.reschedule.bumps import bumps


def done(verb: partial[object], cast: Cast, **said: object) -> None:
    told = {"by": cast.by_okafor, "now": NOW, **said}
    run_command(partial(verb, **told), key=None, body={}, by=cast.by_okafor, now=NOW)  # type: ignore[arg-type]


def counted(cast: Cast) -> int:
    return bumps(cast.riley.pk, now=NOW)


def cancelled(cast: Cast, row: Appointment, reason: CancelReason) -> None:
    done(partial(cancel_appointment, row.ref, cancellation=Cancellation(reason)), cast)


def test_what_the_practice_changed_counts_once_each_whichever_provider_it_was(cast: Cast) -> None:
    assert counted(cast) == 0
    cast.pick(cast.asked(cast.booked()))
    assert counted(cast) == 1
    cast.decline(cast.asked(cast.booked(new_york(25, 9)), repeat_confirmed=True))
    assert counted(cast) == 2
    fischer = Provider.objects.get(pk=cast.fischer.pk)
    cancelled(cast, cast.booked(new_york(25, 13), provider=fischer), CancelReason.UNAVAILABLE)
    assert counted(cast) == 3
    cancelled(cast, cast.booked(new_york(26, 13)), CancelReason.CLINICAL)
    assert counted(cast) == 4
    assert bumps(cast.riley.pk, now=NOW + timedelta(days=90)) == 0
    assert bumps(cast.maya.pk, now=NOW) == 0


def test_what_the_client_wished_or_the_practice_took_back_is_no_bump(cast: Cast) -> None:
    cast.withdraw(cast.asked(cast.booked()))
    cancelled(cast, cast.booked(new_york(25, 9)), CancelReason.CLIENT_ASKED)
    row = cast.booked(new_york(25, 13))
    agreed = Details(new_york(26, 13), row.type_id, row.place_id, row.join_url, row.ical_sequence)
    done(partial(change_appointment_details, row.ref, details=agreed), cast)
    assert counted(cast) == 0


def test_what_was_put_back_is_no_bump_whatever_had_canceled_it(cast: Cast) -> None:
    row = cast.booked()
    cast.decline(cast.asked(row))
    done(partial(reinstate, row.ref), cast)
    assert counted(cast) == 0
    for _time in range(2):
        cancelled(cast, row, CancelReason.UNAVAILABLE)
        assert counted(cast) == 1
        done(partial(reinstate, row.ref), cast)
        assert counted(cast) == 0


def test_a_new_time_agreed_on_while_somebody_is_asked_is_a_bump(cast: Cast) -> None:
    row = cast.booked()
    cast.asked(row)
    row.refresh_from_db()
    agreed = Details(new_york(26, 13), row.type_id, row.place_id, row.join_url, row.ical_sequence)
    done(partial(change_appointment_details, row.ref, details=agreed), cast)
    assert counted(cast) == 1


def test_the_ask_form_says_how_often_the_client_was_bumped(cast: Cast) -> None:
    row = cast.booked()
    form = f"/appointments/{row.ref}/ask/"
    assert "Your practice changed" not in words(okafor().get(form))
    cancelled(cast, cast.booked(new_york(25, 9)), CancelReason.UNAVAILABLE)
    assert "Your practice changed one appointment of Riley in the last 90 days." in words(okafor().get(form))
    cancelled(cast, cast.booked(new_york(25, 9)), CancelReason.OTHER)
    assert "Your practice changed 2 appointments of Riley in the last 90 days." in words(okafor().get(form))
