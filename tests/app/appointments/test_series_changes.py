"""Occurrences of a series that are changed or canceled together: this and following, or all that are ahead."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.app.cast import NOW, Cast, new_york
from tests.app.client_browser import words
from tests.app.form_fields import fields, filled
from tests.app.notifications.test_series_entries import by_icalendar, by_vobject, lines, sent, weekly
from tests.app.staff_browser import okafor

from raincheck.actions.appointments.booking import Cancellation, Details, change_appointment_details
from raincheck.actions.appointments.series_changes import cancel_series, change_series
from raincheck.actions.engine.runner import Answer, run_command
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.claims import Claim
from raincheck.data.appointments.history import AppointmentHistory
from raincheck.data.appointments.series import Series
from raincheck.data.conversations import Message
from raincheck.data.notifications import Notification
from raincheck.data.reschedule.rebooking import RebookOffer
from raincheck.domain.appointments.lifecycle import CancelReason, ChangedMeanwhile
from raincheck.domain.appointments.series import OccurrencesTaken, Scope

WEEK = timedelta(weeks=1)
DATES = [new_york(24, 11), *(new_york(day, 11, month=12) for day in (1, 8, 15))]


def cancelled(cast: Cast, row: Appointment, scope: Scope, *, now: datetime = NOW, **said: object) -> Answer:
    cancellation = Cancellation(CancelReason.CLINICAL, **said)  # type: ignore[arg-type]  # what is said differs
    verb = partial(cancel_series, row.ref, scope=scope, cancellation=cancellation, by=cast.by_okafor, now=now)
    return run_command(verb, key=None, body={}, by=cast.by_okafor, now=now)


def changed(cast: Cast, row: Appointment, scope: Scope, *, start: datetime, **said: object) -> Answer:
    details = Details(
        **{  # type: ignore[arg-type]  # what is said differs
            "start": start,
            "type_id": row.type_id,
            "place_id": row.place_id,
            "join_url": row.join_url,
            **said,
        }
    )
    verb = partial(change_series, row.ref, scope=scope, details=details, by=cast.by_okafor, now=NOW)
    return run_command(verb, key=None, body={}, by=cast.by_okafor, now=NOW)


def standing(of: Series | None = None) -> list[datetime]:
    rows = Appointment.objects.filter(status="scheduled", series__isnull=False)
    rows = rows.filter(series=of) if of else rows
    return list(rows.order_by("starts_at").values_list("starts_at", flat=True))


def test_this_and_following_are_canceled_in_one_message(cast: Cast) -> None:
    rows = weekly(cast, count=4)
    before = Notification.objects.count()
    cancelled(cast, rows[2], Scope.FOLLOWING, note="As we said.", rebook_link=True)
    assert standing() == DATES[:2]
    series = Series.objects.get()
    assert (series.ends_on.isoformat(), series.ical_sequence) == ("2026-12-07", 1)
    gone = Appointment.objects.filter(status="cancelled").order_by("starts_at")
    assert [(row.cancelled_why, row.cancelled_by, row.cancel_note) for row in gone] == [
        ("provider_clinical", "provider", "As we said."),
        ("provider_clinical", "provider", ""),
    ]
    assert not Claim.objects.filter(appointment__in=gone).exists()
    assert AppointmentHistory.objects.filter(appointment__in=gone, event="cancelled").count() == 2
    assert RebookOffer.objects.get().appointment_id == rows[2].pk
    assert Message.objects.filter(card="cancelled").count() == 1
    told = Notification.objects.order_by("pk")[before:]
    assert [(one.kind, one.channel) for one in told] == [("cancelled", "email"), ("cancelled", "in_app")]
    text = sent()
    assert lines(text, "UID", "RRULE", "SEQUENCE", "STATUS") == [
        f"UID:{series.ical_uid}",
        "RRULE:FREQ=WEEKLY;UNTIL=20261201T160000Z;BYDAY=TU",
        "SEQUENCE:1",
        "STATUS:CONFIRMED",
    ]
    assert [start for start, _end in by_icalendar(text)] == by_vobject(text) == DATES[:2]


def test_a_series_of_which_nothing_stands_leaves_the_calendar(cast: Cast) -> None:
    rows = weekly(cast, count=4)
    cancelled(cast, rows[2], Scope.ALL)
    assert standing() == []
    text = sent()
    assert "METHOD:CANCEL" in text
    assert lines(text, "UID", "RRULE", "RECURRENCE-ID", "SEQUENCE", "STATUS") == [
        f"UID:{rows[0].series.ical_uid}",
        "SEQUENCE:1",
        "STATUS:CANCELLED",
    ]


def test_what_is_past_stays_when_all_that_is_ahead_is_canceled(cast: Cast) -> None:
    rows = weekly(cast, count=4)
    cancelled(cast, rows[2], Scope.ALL, now=DATES[0] + timedelta(hours=1))
    assert standing() == DATES[:1]


def test_this_and_following_begin_a_new_series_at_their_new_time(cast: Cast) -> None:
    rows = weekly(cast, count=4)
    old = rows[0].series
    changed(cast, rows[2], Scope.FOLLOWING, start=new_york(9, 14, month=12))
    new = Series.objects.exclude(pk=old.pk).get()
    assert standing(old) == DATES[:2]
    assert standing(new) == [new_york(9, 14, month=12), new_york(16, 14, month=12)]
    old.refresh_from_db()
    assert (old.ends_on.isoformat(), old.count, new.count) == ("2026-12-07", 4, 2)
    assert (new.begins_on.isoformat(), new.wall_time.isoformat()) == ("2026-12-09", "14:00:00")
    moved = Appointment.objects.filter(series=new).order_by("starts_at")
    assert [row.pk for row in moved] == [rows[2].pk, rows[3].pk]
    assert [row.recurrence_id for row in moved] == [row.starts_wall for row in moved]
    text = sent()
    ended, _end, begun = text.partition("END:VCALENDAR\r\n")
    assert lines(ended, "UID", "RRULE", "SEQUENCE") == [
        f"UID:{old.ical_uid}",
        "RRULE:FREQ=WEEKLY;UNTIL=20261201T160000Z;BYDAY=TU",
        "SEQUENCE:1",
    ]
    assert lines(begun, "UID", "RRULE", "RECURRENCE-ID", "DTSTART") == [
        "DTSTART;TZID=America/New_York:20261209T140000",
        f"UID:{new.ical_uid}",
        "RRULE:FREQ=WEEKLY;COUNT=2;BYDAY=WE",
    ]
    assert [start for start, _end in by_icalendar(begun)] == by_vobject(begun) == standing(new)


def test_what_was_moved_by_itself_stays_where_it_is(cast: Cast) -> None:
    rows = weekly(cast, count=3, moved={rows_wall(1): new_york(3, 9, month=12)})
    changed(cast, rows[0], Scope.ALL, start=new_york(24, 14))
    assert standing() == [new_york(24, 14), new_york(3, 9, month=12), new_york(8, 14, month=12)]
    assert [start for start, _end in by_icalendar(sent().partition("END:VCALENDAR\r\n")[2])] == standing()


def rows_wall(weeks: int) -> datetime:
    return datetime.fromisoformat("2026-11-24T11:00") + weeks * WEEK


def test_a_change_that_meets_something_changes_nothing_and_names_the_day(cast: Cast) -> None:
    rows = weekly(cast, count=4)
    cast.booked(new_york(15, 14, month=12), client=cast.maya)
    with pytest.raises(OccurrencesTaken) as refused:
        changed(cast, rows[0], Scope.ALL, start=new_york(24, 14))
    assert refused.value.values == {"dates": "Tue, Dec 15"}
    assert standing() == DATES
    assert Series.objects.count() == 1


def test_an_open_request_in_the_series_is_superseded_by_the_change(cast: Cast) -> None:
    rows = weekly(cast, count=4)
    request = cast.asked(rows[3])
    page = words(okafor().get(f"/appointments/{rows[1].ref}/change/"))
    assert "Riley was asked about Tue, Dec 15 of this series, too. The request ends" in page
    changed(cast, rows[1], Scope.FOLLOWING, start=new_york(2, 11, month=12))
    request.refresh_from_db()
    assert request.state == "superseded"
    assert new_york(16, 11, month=12) in standing()


def test_a_request_about_one_of_another_length_ends_when_it_becomes_as_the_others(
    cast: Cast,
) -> None:
    rows = weekly(cast, count=4)
    longer = Details(rows[2].starts_at, cast.intake.pk, rows[2].place_id, rows[2].join_url)
    verb = partial(change_appointment_details, rows[2].ref, details=longer, by=cast.by_okafor, now=NOW)
    run_command(verb, key=None, body={}, by=cast.by_okafor, now=NOW)
    request = cast.asked(rows[2])
    changed(cast, rows[1], Scope.FOLLOWING, start=rows[1].starts_at, join_url="https://meet.example/other")
    request.refresh_from_db()
    row = Appointment.objects.get(pk=rows[2].pk)
    assert (request.state, row.type_id, row.ends_at - row.starts_at) == (
        "superseded",
        cast.follow_up.pk,
        cast.follow_up.length,
    )


def test_another_place_alone_leaves_an_open_request_open(cast: Cast) -> None:
    rows = weekly(cast, count=4)
    request = cast.asked(rows[3])
    changed(cast, rows[1], Scope.FOLLOWING, start=rows[1].starts_at, join_url="https://meet.example/other")
    request.refresh_from_db()
    assert request.state == "open"
    assert standing() == DATES


def test_canceling_ends_open_requests_in_the_series(cast: Cast) -> None:
    rows = weekly(cast, count=4)
    request = cast.asked(rows[3])
    cancelled(cast, rows[1], Scope.FOLLOWING)
    request.refresh_from_db()
    assert (request.state, standing()) == ("superseded", DATES[:1])


def test_a_form_from_before_another_change_changes_no_occurrence(cast: Cast) -> None:
    rows = weekly(cast, count=4)
    changed(cast, rows[1], Scope.FOLLOWING, start=new_york(1, 14, month=12), sequence=0)
    stood = standing()
    with pytest.raises(ChangedMeanwhile):
        cancelled(cast, rows[1], Scope.FOLLOWING, sequence=0)
    with pytest.raises(ChangedMeanwhile):
        changed(cast, rows[1], Scope.FOLLOWING, start=new_york(2, 11, month=12), sequence=0)
    assert standing() == stood


def test_what_was_asked_about_costs_nothing_when_its_series_is_canceled_late(cast: Cast) -> None:
    rows = weekly(cast, count=2)
    cast.withdraw(cast.asked(rows[0]))
    late = Cancellation(CancelReason.CLIENT_ASKED)
    at = rows[0].starts_at - timedelta(hours=1)
    verb = partial(cancel_series, rows[0].ref, scope=Scope.ALL, cancellation=late, by=cast.by_okafor, now=at)
    run_command(verb, key=None, body={}, by=cast.by_okafor, now=at)
    told = Appointment.objects.order_by("starts_at").values_list("cancelled_why", "fee_allowed")
    assert list(told) == [("client_late", False), ("client", False)]


def test_the_pages_ask_which_appointments_are_meant(cast: Cast) -> None:
    rows = weekly(cast, count=4)
    work = okafor()
    for page in ("change", "cancel"):
        said = words(work.get(f"/appointments/{rows[1].ref}/{page}/"))
        assert (
            "Only this appointment This and following (3 appointments)"
            " All appointments of the series that are ahead (4 appointments)" in said
        )
    saved = filled(work, f"/appointments/{rows[1].ref}/change/", scope="following", time="14:00")
    assert saved.status_code == 302
    assert "Saved: 3 appointments of Riley Brooks" in words(work.get(saved["Location"]))
    ended = filled(work, f"/appointments/{rows[2].ref}/cancel/", scope="following", reason="client_asked")
    assert ended.status_code == 302
    assert "Canceled: 2 appointments of Riley Brooks. Riley is told." in words(work.get(ended["Location"]))
    assert standing() == [DATES[0], new_york(1, 14, month=12)]


@pytest.mark.parametrize(
    ("page", "said"), [("change", {"time": "14:00"}), ("cancel", {"reason": "client_asked"})]
)
def test_a_form_about_several_that_is_sent_twice_is_answered_alike(
    cast: Cast, page: str, said: dict[str, str]
) -> None:
    work, row = okafor(), weekly(cast, count=4)[1]
    address = f"/appointments/{row.ref}/{page}/"
    sent = fields(work.get(address)) | said | {"scope": "following"}
    answers = [work.post(address, **sent) for _time in range(2)]
    assert {(one.status_code, one["Location"]) for one in answers} == {(302, answers[0]["Location"])}


def test_every_occurrence_says_its_series_and_asks_which_are_meant(cast: Cast) -> None:
    rows = weekly(cast, count=4)
    work = okafor()
    # One that was moved by itself is an occurrence like any other, and so are the first and the last.
    filled(work, f"/appointments/{rows[2].ref}/change/", scope="this", time="14:00")
    for number, row in enumerate(rows):
        assert "weekly on Tuesdays" in words(work.get(f"/appointments/{row.ref}/"))
        for page in ("change", "cancel"):
            said = words(work.get(f"/appointments/{row.ref}/{page}/"))
            following = "1 appointment" if number == 3 else f"{4 - number} appointments"
            assert (
                f"Only this appointment This and following ({following})"
                " All appointments of the series that are ahead (4 appointments)" in said
            )


def test_a_single_appointment_is_not_asked_about_a_series(cast: Cast) -> None:
    row = cast.booked()
    assert "This and following" not in words(okafor().get(f"/appointments/{row.ref}/change/"))


@pytest.mark.parametrize(
    "verb", [cancelled, partial(changed, start=new_york(25, 14))], ids=["cancel", "change"]
)
def test_104_appointments_change_in_as_many_statements_as_two(cast: Cast, verb: partial[Answer]) -> None:
    counted = []
    for count in (2, 104):
        rows = weekly(cast, count=count)
        with CaptureQueriesContext(connection) as made:
            verb(cast, rows[0], Scope.ALL)
        counted.append(len(made))
        if count == 2:
            left = (
                Appointment.objects.filter(status="scheduled").earliest("starts_at") if standing() else None
            )
            if left is not None:
                cancelled(cast, left, Scope.ALL)
    assert counted[0] == counted[1]
