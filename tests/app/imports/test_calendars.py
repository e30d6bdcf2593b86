"""Calendars brought in: each time ahead is an appointment, whose it is is found or asked once, and twice brings nothing twice."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from tests.app.cast import NOW, Cast, new_york
from tests.app.imports.staged_files import acted, brought_in, problems_of

from raincheck.actions.engine.runner import Answer, run_command
from raincheck.actions.imports.calendars import Decision, StagedCalendar, say_whose, stage_calendar
from raincheck.actions.imports.importing import start_import
from raincheck.actions.imports.staging import Correction, correct_rows, forget_files
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.claims import Claim
from raincheck.data.appointments.history import AppointmentHistory
from raincheck.data.models import Import, Notification, Series
from raincheck.domain.imports.importing import NoTimesAhead
from raincheck.domain.imports.repeating import days_in, repeats_from
from raincheck.domain.people import Actor, ActorKind, NotInThisPractice
from raincheck.domain.zones import zone_named
from raincheck.integrations.ics.files import read_occurrences_safely
from raincheck.queries.imports.calendars import differing, gone_from
from raincheck.queries.imports.files import Mails, mails_of

FILES = Path(__file__).parents[2] / "data" / "imports"


def calendar_of(cast: Cast, data: bytes | str, *, now: datetime = NOW) -> Import:
    """The file as Sasha the manager stages it for Dr. Okafor, read in a process of its own as every one is."""
    data = (FILES / data).read_bytes() if isinstance(data, str) else data
    zone = cast.practice.zone
    calendar = read_occurrences_safely(data, now=now, zone=zone_named(zone))
    file = StagedCalendar("cal.ics", zone, calendar, cast.okafor.pk, cast.follow_up.pk, cast.telehealth.pk)
    answer = acted(stage_calendar, cast.practice.pk, practice=cast.practice, file=file, now=now)
    return Import.objects.get(ref=UUID(answer["import"]))


def decided(file: Import, *decisions: Decision, now: datetime = NOW) -> None:
    acted(
        say_whose,
        file.ref,
        practice=file.practice,
        practice_id=file.practice_id,
        decisions=decisions,
        now=now,
    )


def skipped(file: Import, *titles: str) -> None:
    rows = file.rows.order_by("number")
    named = [next(row.number for row in rows if row.cells.get("SUMMARY") == title) for title in titles]
    decided(file, *(Decision(number, is_none=True) for number in named))


def without_faults(file: Import) -> None:
    numbers = file.rows.exclude(event_fault="").values_list("number", flat=True)
    corrections = [Correction(number, {}, left_out=True) for number in numbers]
    acted(
        correct_rows, file.ref, practice=file.practice, practice_id=file.practice_id, corrections=corrections
    )


def kinds_of(file: Import) -> Counter[str]:
    """What the rows of a file are: the code of their problem, ready, out, here already, or over."""
    found: Counter[str] = Counter()
    for row in file.rows.all():
        state = "ready" if row.read else "here" if row.earlier_id else "over"
        found["out" if row.left_out else row.problem["code"] if row.problem else state] += 1
    return found


def an_event(*lines: str, uid: str = "a") -> str:
    return "\r\n".join(["BEGIN:VEVENT", f"UID:{uid}", *lines, "END:VEVENT"])


def a_calendar(*events: str) -> bytes:
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *events, "END:VCALENDAR", ""]).encode()


def weekly(
    uid: str, title: str, *more: str, start: str = "20261117T090000", end: str = "20261117T095000"
) -> str:
    zone = "TZID=America/New_York"
    return an_event(
        f"DTSTART;{zone}:{start}",
        f"DTEND;{zone}:{end}",
        "RRULE:FREQ=WEEKLY",
        f"SUMMARY:{title}",
        *more,
        uid=uid,
    )


def test_the_times_of_a_google_calendar_come_in_for_whom_they_invite_or_name(cast: Cast) -> None:
    file = calendar_of(cast, "calendar-google.ics")
    assert (file.found, kinds_of(file)) == (
        {"over": 312, "free": 2, "notes": [], "singly": [[4, "rule"]]},
        {"ready": 2, "whose": 21, "all_day": 1},
    )
    skipped(file, "Lunch")
    without_faults(file)
    assert brought_in(file)["rows"] == "56"
    came = Appointment.objects.order_by("starts_at")
    assert Counter(came.values_list("client", "type")) == {
        (cast.riley.pk, cast.follow_up.pk): 52,
        (cast.maya.pk, cast.intake.pk): 4,
    }
    # Strokes of the series: one moved to Wednesday afternoon, two left out, and 11 o'clock in New York all through the year.
    riley = [
        one.starts_at.astimezone(zone_named("America/New_York")) for one in came.filter(client=cast.riley)
    ]
    assert Counter(f"{one:%a %H:%M}" for one in riley) == {"Tue 11:00": 51, "Wed 15:00": 1}
    assert not {date(2026, 12, 1), date(2026, 12, 22), date(2026, 12, 29)} & {one.date() for one in riley}
    assert (Claim.objects.count(), AppointmentHistory.objects.count(), Notification.objects.count()) == (
        112,
        56,
        0,
    )


def test_an_apple_and_an_outlook_calendar_are_read_as_they_are(cast: Cast) -> None:
    apple = calendar_of(cast, "calendar-apple.ics")
    assert kinds_of(apple) == {"ready": 3, "whose": 1}
    assert {row.read["client"] for row in apple.rows.filter(read__isnull=False)} == {
        "Riley Brooks",
        "Maya Chen",
    }
    outlook = calendar_of(cast, "calendar-outlook.ics")
    assert (kinds_of(outlook), problems_of(outlook)) == (
        {"ready": 2, "all_day": 1, "event_repeats": 1},
        [(3, "DTSTART", "all_day"), (4, "RRULE", "event_repeats")],
    )


def test_the_same_file_twice_brings_nothing_twice(cast: Cast) -> None:
    first = calendar_of(cast, a_calendar(weekly("a", "Riley Brooks")))
    assert brought_in(first)["rows"] == "54"
    again = calendar_of(
        cast,
        a_calendar(
            weekly("a", "Riley Brooks"),
            weekly("b", "Maya Chen", start="20261117T100000", end="20261117T105000"),
        ),
    )
    assert kinds_of(again) == {"here": 26, "ready": 1}
    assert brought_in(again)["rows"] == "54"
    assert (Appointment.objects.count(), Series.objects.count()) == (108, 2)


def test_a_week_later_when_the_words_are_erased_a_file_is_still_known_again(cast: Cast) -> None:
    data = a_calendar(weekly("a", "Riley Brooks"))
    file = calendar_of(cast, data)
    brought_in(file)
    later = NOW + timedelta(days=8)
    with transaction.atomic():
        forget_files(now=later, limit=10)
    assert file.rows.exclude(cells={}).count() == 0
    assert kinds_of(calendar_of(cast, data, now=later)) == {"here": 26}


def test_a_file_that_changed_shows_what_differs_and_what_is_gone_and_moves_nothing(cast: Cast) -> None:
    brought_in(calendar_of(cast, a_calendar(weekly("a", "Riley Brooks"))))
    zone = "TZID=America/New_York"
    moved = an_event(
        f"DTSTART;{zone}:20261125T150000", f"DTEND;{zone}:20261125T155000", f"RECURRENCE-ID;{zone}:20261124T090000", "SUMMARY:Riley Brooks",
    )  # fmt: skip
    file = calendar_of(cast, a_calendar(weekly("a", "Riley Brooks", f"EXDATE;{zone}:20261201T090000"), moved))
    assert kinds_of(file) == {"here": 25}
    assert [(one.appointment.starts_at, one.starts_at) for one in differing(file)] == [
        (new_york(24, 9), new_york(25, 15))
    ]
    assert [one.starts_at for one in gone_from(file, now=NOW)] == [new_york(1, 9, month=12)]
    assert Appointment.objects.get(starts_at=new_york(24, 9)).status == "scheduled"


def test_one_booked_here_by_hand_is_no_second_time(cast: Cast) -> None:
    booked = cast.booked(new_york(24, 9))
    file = calendar_of(
        cast,
        a_calendar(
            weekly("a", "Riley Brooks"),
            weekly("b", "Maya Chen", start="20261124T093000", end="20261124T102000"),
        ),
    )
    riley, maya = file.rows.order_by("number")
    known = repeats_from(riley.read["repeats"])
    assert known is not None
    assert (len(known.times), known.left_out) == (53, 1)
    assert booked.starts_at not in {one.start for one in known.times}
    # Maya's begin half an hour later on the same days, and one of them meets what is booked here.
    assert (maya.problem["code"], len(days_in(maya.problem["value"]))) == ("dates_taken", 53)


def test_one_answer_decides_all_times_of_a_title_or_of_one_series(cast: Cast) -> None:
    session = {"start": "20261118T100000", "end": "20261118T105000"}
    file = calendar_of(
        cast,
        a_calendar(
            weekly("a", "Session"),
            weekly("b", "SESSION", **session),
            weekly("c", "Lunch", start="20261119T120000", end="20261119T130000"),
        ),
    )
    assert kinds_of(file) == {"whose": 3}
    decided(
        file,
        Decision(1, cast.riley.ref),
        Decision(2, cast.maya.ref, this_series=True),
        Decision(3, is_none=True),
    )
    assert kinds_of(file) == {"ready": 2, "out": 1}
    brought_in(file)
    assert Counter(Appointment.objects.values_list("client", flat=True)) == {
        cast.riley.pk: 54,
        cast.maya.pk: 54,
    }


def test_nobody_is_taken_for_somebody_else(cast: Cast) -> None:
    """An address and a name that disagree, two names, half a name, and whoever is of another practice: all are asked about."""
    file = calendar_of(
        cast,
        a_calendar(
            an_event("DTSTART:20261117T140000Z", "DTEND:20261117T145000Z", "SUMMARY:Maya Chen", "ATTENDEE:mailto:riley@clients.example", uid="1"),
            an_event("DTSTART:20261117T150000Z", "DTEND:20261117T155000Z", "SUMMARY:Maya Chen and Riley Brooks", uid="2"),
            an_event("DTSTART:20261117T160000Z", "DTEND:20261117T165000Z", "SUMMARY:Riley", uid="3"),
            an_event("DTSTART:20261117T170000Z", "DTEND:20261117T175000Z", "SUMMARY:Eve Marlow", "ATTENDEE:mailto:eve@clients.example", uid="4"),
        ),
    )  # fmt: skip
    assert problems_of(file) == [(number, "SUMMARY", "whose") for number in (1, 2, 3, 4)]


def test_a_client_of_another_practice_can_not_be_chosen(cast: Cast) -> None:
    file = calendar_of(cast, a_calendar(weekly("a", "Session")))
    decided(file, Decision(1, cast.eve.ref))
    assert kinds_of(file) == {"whose": 1}


def test_a_provider_brings_in_their_own_calendar_and_their_own_clients(cast: Cast) -> None:
    data = a_calendar(
        weekly("a", "Riley Brooks"), weekly("b", "Maya Chen", start="20261118T090000", end="20261118T095000")
    )
    cast.booked(new_york(20, 9), client=cast.maya)
    calendar = read_occurrences_safely(data, now=NOW, zone=zone_named("America/New_York"))
    by = Actor(ActorKind.PROVIDER, cast.okafor.pk)

    def staged_for(provider_id: int) -> Answer:
        file = StagedCalendar("cal.ics", "America/New_York", calendar, provider_id)
        verb = partial(stage_calendar, cast.practice.pk, file=file, by=by, now=NOW)
        return run_command(verb, key=None, body={}, by=by, now=NOW)

    for other in (cast.fischer, cast.mallory):
        with pytest.raises(NotInThisPractice):
            staged_for(other.pk)
    file = Import.objects.get(ref=staged_for(cast.okafor.pk)["import"])
    assert kinds_of(file) == {"ready": 1, "whose": 1}


def test_a_calendar_with_nothing_ahead_is_a_sentence(cast: Cast) -> None:
    past = an_event("DTSTART:20261110T140000Z", "DTEND:20261110T145000Z", "SUMMARY:Riley Brooks")
    with pytest.raises(NoTimesAhead):
        calendar_of(cast, a_calendar(past))
    assert Import.objects.count() == 0


def test_clients_are_told_in_one_message_each_only_when_it_was_ticked(cast: Cast) -> None:
    cast.maya.recipients.update(email="")
    data = a_calendar(
        weekly("a", "Riley Brooks"), weekly("b", "Maya Chen", start="20261118T090000", end="20261118T095000")
    )
    file = calendar_of(cast, data)
    assert mails_of(file) == Mails(mails=1, people=1, without=1)
    acted(start_import, file.ref, practice=cast.practice, practice_id=cast.practice.pk, tell_clients=True)
    brought_in(file)
    told = Notification.objects.get()
    assert (told.kind, told.channel, told.recipient.client, told.state, told.appointments.count()) == (
        "booked",
        "email",
        cast.riley,
        "waiting",
        54,
    )
    assert Import.objects.get().clients_told


@pytest.mark.verify
def test_forty_series_without_an_end_come_in_by_a_handful_of_statements(cast: Cast) -> None:
    events = [
        weekly(
            str(day * 8 + hour),
            "Riley Brooks",
            start=f"202611{16 + day}T{hour + 11:02d}0000",
            end=f"202611{16 + day}T{hour + 11:02d}5000",
        )
        for day in range(5)
        for hour in range(8)
    ]
    file = calendar_of(cast, a_calendar(*events))
    assert kinds_of(file) == {"ready": 40}
    with CaptureQueriesContext(connection) as asked:
        assert brought_in(file)["rows"] == "2168"
    # A few for each part of a file, and none for each of its 2,168 appointments.
    assert len(asked) < 60
