"""Where the client will be: asked after a time by video was chosen away from their usual place; the choice stands."""

from __future__ import annotations

from datetime import datetime
from functools import partial

import pytest
from tests.app.cast import FRIDAY_AT_NINE, NOW, Cast, a_key, new_york, room_of
from tests.app.client_browser import Visitor, form_of, handed_over, words
from tests.app.staff_browser import errors, key_in, manager, okafor

from raincheck.actions.appointments.booking import (
    Cancellation,
    Details,
    cancel_appointment,
    change_appointment_details,
)
from raincheck.actions.appointments.undo import undo_change
from raincheck.actions.engine.runner import run_command
from raincheck.actions.reschedule.whereabouts import say_where
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.history import AppointmentHistory
from raincheck.data.people import Client, Provider, User
from raincheck.data.reschedule.rebooking import RebookOffer
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.data.tasks import Task
from raincheck.domain.appointments.lifecycle import CancelReason
from raincheck.domain.people import Actor
from raincheck.domain.regions import RegionMissing, UnknownRegion, WhereNotAsked
from raincheck.domain.reschedule.by_video import VideoNotPossible

QUESTION = "Where will you be?"


def licensed(*codes: str) -> None:
    Provider.objects.update(licensed_in=list(codes))


def usually_in(code: str) -> None:
    Client.objects.filter(first_name="Riley").update(usual_region=code)


def picked(cast: Cast) -> tuple[RescheduleRequest, Visitor]:
    """Let Riley, whose clock is that of Los Angeles, move their session by video to Friday."""
    request = handed_over(cast.asked(cast.booked()))
    visitor = Visitor(request.batch)
    visitor.pick(form_of(request), FRIDAY_AT_NINE)
    return request, visitor


def say(
    cast: Cast, request: RescheduleRequest, region: str, *, by: Actor | None = None, now: datetime = NOW
) -> None:
    who = by or cast.by_riley
    verb = partial(say_where, request.appointment.ref, region=region, by=who, now=now)
    run_command(verb, key=None, body={}, by=who, now=now)


@pytest.mark.parametrize(
    ("codes", "usual", "asked"),
    [
        ([], "US-NY", False),
        (["US-CA"], "US-CA", False),
        (["US-NY"], "US-NY", True),
        (["US-NY"], "", True),
    ],
)
def test_who_chooses_a_time_by_video_away_from_their_usual_place_is_asked(
    cast: Cast, codes: list[str], usual: str, asked: bool
) -> None:
    licensed(*codes)
    usually_in(usual)
    request, visitor = picked(cast)
    assert (QUESTION in words(visitor.get(form_of(request)))) is asked
    assert Appointment.objects.get().starts_at == FRIDAY_AT_NINE


def test_in_a_room_nobody_is_asked(cast: Cast) -> None:
    licensed("US-NY")
    request = handed_over(cast.asked(cast.booked(place=room_of(cast))))
    visitor = Visitor(request.batch)
    visitor.pick(form_of(request), FRIDAY_AT_NINE)
    assert QUESTION not in words(visitor.get(form_of(request)))


def test_who_keeps_the_time_by_video_is_asked_too(cast: Cast) -> None:
    licensed("US-NY")
    request = handed_over(cast.asked(cast.booked(place=room_of(cast)), by_video=True))
    visitor = Visitor(request.batch)
    visitor.pick(form_of(request), request.asked_starts_at)
    assert QUESTION in words(visitor.get(form_of(request)))


def test_an_answer_off_the_list_stands_and_somebody_checks_the_license(cast: Cast) -> None:
    licensed("US-NY")
    request, visitor = picked(cast)
    sent = visitor.post(f"{form_of(request)}where/", key=str(a_key()), region="US-NJ")
    assert (sent.status_code, sent["Location"]) == (302, form_of(request))
    page = words(visitor.get(form_of(request)))
    assert "You told us that you will be in New Jersey." in page
    assert QUESTION not in page
    assert Appointment.objects.get().starts_at == FRIDAY_AT_NINE
    task = Task.objects.get()
    assert (task.kind, task.provider, task.client) == ("check_license", cast.okafor, cast.riley)
    assert (
        "Check license: for the session by video on Friday, November 27 at 9:00 AM Riley will be somewhere that is not on"
        " the list of states and countries." in words(okafor().get("/home/"))
    )
    row = AppointmentHistory.objects.get(event="located")
    assert (row.details, row.actor_kind) == ({"region": "US-NJ"}, "client_by_link")
    history = words(okafor().get(f"/appointments/{row.appointment.ref}/"))
    assert "Riley will be in New Jersey then." in history


def test_an_answer_on_the_list_leaves_no_task_and_ends_one(cast: Cast) -> None:
    licensed("US-NY")
    request, _visitor = picked(cast)
    say(cast, request, "US-NJ")
    say(cast, request, "US-NJ")
    assert Task.objects.filter(done_at__isnull=True).count() == 1
    say(cast, request, "US-NY", by=cast.by_okafor)
    assert not Task.objects.filter(done_at__isnull=True).exists()
    latest = AppointmentHistory.objects.filter(event="located").latest("pk")
    assert (latest.details, latest.for_client) == ({"region": "US-NY"}, cast.riley.pk)


def test_what_is_no_region_is_refused_and_nothing_is_written(cast: Cast) -> None:
    licensed("US-NY")
    request, visitor = picked(cast)
    for region, refusal in (("", RegionMissing), ("XX", UnknownRegion)):
        with pytest.raises(refusal):
            say(cast, request, region)
    refused = visitor.post(f"{form_of(request)}where/", key=str(a_key()), region="")
    assert refused.status_code == 422
    assert "Please choose a state or country first. Your appointment stands as it is." in words(refused)
    assert QUESTION in words(refused)
    assert not AppointmentHistory.objects.filter(event="located").exists()


def test_it_is_said_of_a_session_by_video_that_is_ahead_alone(cast: Cast) -> None:
    licensed("US-NY")
    request = handed_over(cast.asked(cast.booked()))
    cast.pick(request)
    with pytest.raises(WhereNotAsked):
        say(cast, request, "US-NY", now=FRIDAY_AT_NINE)
    Appointment.objects.update(place=room_of(cast))
    with pytest.raises(WhereNotAsked):
        say(cast, request, "US-NY")


def test_by_video_is_offered_where_the_list_covers_the_client_or_nobody_knows(cast: Cast) -> None:
    row = cast.booked(place=room_of(cast))
    licensed("US-NY")
    usually_in("US-NJ")
    page = okafor().get(f"/appointments/{row.ref}/ask/")
    assert "where Riley usually is, is not among the states and countries of Dr. Okafor." in words(page)
    with pytest.raises(VideoNotPossible):
        cast.asked(row, by_video=True)
    usually_in("")
    assert cast.asked(row, by_video=True).video_offered


def test_a_manager_writes_down_where_a_provider_may_practice(cast: Cast) -> None:
    boss = manager(cast)
    address = f"/people/{User.objects.get(email='okafor@harbor.example').ref}/"
    said = {"name": "Dr. Jo Okafor", "short_name": "Dr. Okafor", "email": "okafor@harbor.example"}
    page = boss.get(address)
    wrong = boss.post(address, key=key_in(page), roles="provider", licensed_in="New York, Atlantis", **said)
    assert errors(wrong) == [
        "We don't know “Atlantis” as a state, province or country. Nothing was changed yet; please write it like New York,"
        " Ontario or Germany, or by its code, like US-NY."
    ]
    boss.post(address, key="", roles="provider", licensed_in="new york\nUS-NJ, New York", seen="0", **said)
    assert Provider.objects.get(pk=cast.okafor.pk).licensed_in == ["US-NY", "US-NJ"]
    assert "New York, New Jersey" in boss.get(address).content.decode()


def test_a_client_has_a_usual_place_in_their_record(cast: Cast) -> None:
    boss, address = manager(cast), f"/clients/{cast.riley.ref}/edit/"
    said = {"first_name": "Riley", "last_name": "Brooks", "email": "riley@clients.example", "language": "en"}
    sent = boss.post(address, seen="0", usual_region="US-NJ", **said)
    assert sent.status_code == 302
    assert Client.objects.get(pk=cast.riley.pk).usual_region == "US-NJ"
    page = words(boss.get(f"/clients/{cast.riley.ref}/"))
    assert "Usually in New Jersey" in page
    assert "usual state or country" in page


def test_who_books_anew_by_video_is_asked_and_what_they_say_is_shown(cast: Cast) -> None:
    licensed("US-NY")
    cast.decline(cast.asked(cast.booked()))
    offer = RebookOffer.objects.get()
    page, visitor = f"/book/{offer.ref}/", Visitor(offer)
    assert visitor.post(f"{page}where/", region="US-NJ").status_code == 404
    visitor.pick(page, FRIDAY_AT_NINE)
    asked = visitor.get(page)
    assert QUESTION in words(asked)
    assert f'action="{page}where/"' in asked.content.decode()
    refused = visitor.post(f"{page}where/", key=str(a_key()), region="")
    assert (refused.status_code, QUESTION in words(refused)) == (422, True)
    said = visitor.post(f"{page}where/", key=str(a_key()), region="US-NJ")
    assert (said.status_code, said["Location"]) == (302, page)
    told = words(visitor.get(page))
    assert ("You told us that you will be in New Jersey." in told, QUESTION in told) == (True, False)
    assert Task.objects.filter(kind="check_license", done_at__isnull=True).count() == 1


def test_who_moves_their_own_session_by_video_is_asked_of_each_time_anew(cast: Cast) -> None:
    licensed("US-NY")
    row = cast.booked()
    page, visitor = f"/my-appointment/{row.ref}/", Visitor(row)
    # Nobody is asked of a time that the practice chose.
    assert QUESTION not in words(visitor.get(page))
    for sequence, start in enumerate((FRIDAY_AT_NINE, new_york(27, 13))):
        visitor.post(
            f"{page}move/",
            key=str(a_key()),
            start=f"{start:%Y-%m-%dT%H:%MZ}",
            confirmed=f"{start:%Y-%m-%dT%H:%MZ}",
            sequence=str(sequence),
        )
        assert QUESTION in words(visitor.get(page))
        refused = visitor.post(f"{page}where/", key=str(a_key()), region="XX")
        assert (refused.status_code, QUESTION in words(refused)) == (422, True)
        said = visitor.post(f"{page}where/", key=str(a_key()), region="US-NJ")
        assert (said.status_code, said["Location"]) == (302, page)
        assert "You told us that you will be in New Jersey." in words(visitor.get(page))


def test_who_changes_their_choice_is_asked_once_more(cast: Cast) -> None:
    licensed("US-NY")
    request, visitor = picked(cast)
    say(cast, request, "US-NY")
    assert QUESTION not in words(visitor.get(form_of(request)))
    start = f"{new_york(27, 13):%Y-%m-%dT%H:%MZ}"
    visitor.post(f"{form_of(request)}change/", key=str(a_key()), start=start, confirmed=start, sequence="1")
    page = words(visitor.get(form_of(request)))
    assert (QUESTION in page, "You told us" in page) == (True, False)


def test_a_license_is_checked_only_while_the_session_is_by_video(cast: Cast) -> None:
    licensed("US-NY")
    request, _visitor = picked(cast)
    say(cast, request, "US-NJ")
    row, told = Appointment.objects.get(), "Check license: for the session by video"
    assert told in words(okafor().get("/home/"))
    for place, is_shown in ((room_of(cast), False), (cast.telehealth, True)):
        details = Details(row.starts_at, row.type_id, place.pk, "")
        verb = partial(change_appointment_details, row.ref, details=details, by=cast.by_okafor, now=NOW)
        run_command(verb, key=None, body={}, by=cast.by_okafor, now=NOW)
        assert (told in words(okafor().get("/home/"))) is is_shown
    cancellation = Cancellation(CancelReason.CLINICAL)
    ending = partial(cancel_appointment, row.ref, cancellation=cancellation, by=cast.by_okafor, now=NOW)
    run_command(ending, key=None, body={}, by=cast.by_okafor, now=NOW)
    assert told not in words(okafor().get("/home/"))


def test_a_move_that_was_undone_forgets_nothing_that_the_client_said(cast: Cast) -> None:
    licensed("US-NY")
    request, visitor = picked(cast)
    say(cast, request, "US-NJ")
    cast.choose()
    row = Appointment.objects.get()
    details = Details(new_york(25, 9), row.type_id, row.place_id, row.join_url)
    for verb in (
        partial(change_appointment_details, row.ref, details=details),
        partial(undo_change, row.ref, sequence=row.ical_sequence + 1),
    ):
        run_command(partial(verb, by=cast.by_okafor, now=NOW), key=None, body={}, by=cast.by_okafor, now=NOW)
    assert "You told us that you will be in New Jersey." in words(visitor.get(form_of(request)))
