"""The pages of a calendar that is brought in: whose it is, whose its events are, its rows, telling clients, and what came in."""

from __future__ import annotations

import re
from collections import Counter
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from tests.app.cast import NOW, Cast, client_in
from tests.app.imports.test_calendars import FILES, a_calendar, weekly
from tests.app.staff_browser import StaffBrowser, errors, manager, okafor, scheduler

from raincheck.data.appointments.appointment import Appointment
from raincheck.data.models import Client, Import, Notification
from raincheck.worker.imports import bring_in

GOOGLE = (FILES / "calendar-google.ics").read_bytes()


def text(page: HttpResponse) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))


def sent(
    browser: StaffBrowser, data: bytes, cast: Cast, *, name: str = "jo.ics", **said: object
) -> HttpResponse:
    fields = {
        "kind": "appointments",
        "zone": "America/New_York",
        "type": cast.follow_up.ref,
        "place": cast.telehealth.ref,
    }
    return browser.post("/import/", file=SimpleUploadedFile(name, data), **(fields | said))


def file_of(answer: HttpResponse) -> Import:
    assert answer.status_code == 302, text(answer)
    return Import.objects.get(ref=UUID(answer["Location"].split("/")[2]))


def test_a_calendar_is_chosen_decided_about_and_brought_in_and_clients_are_told(cast: Cast) -> None:
    sasha = manager(cast)
    file = file_of(sent(sasha, GOOGLE, cast, provider=cast.okafor.ref))
    whose = sasha.get(f"/import/{file.ref}/clients/")
    for sentence in (
        "21 times wait for their client",
        "Lunch",
        "Session",
        "52 times, first Tuesday, November 17 at 11:00 AM",
    ):
        assert sentence in text(whose)
    check = sasha.get(f"/import/{file.ref}/")
    for sentence in (
        "2 of 24 rows are ready",
        "21 times wait for somebody to say whose they are.",
        "312 times of the last 52 weeks are over and stay out.",
        "2 events are canceled, declined or marked as free and stay out.",
        "This event lasts all day and has no time.",
    ):
        assert sentence in text(check), sentence
    lunch = file.rows.filter(cells__SUMMARY="Lunch").earliest("number").number
    assert sasha.post(f"/import/{file.ref}/clients/", **{f"none-{lunch}": "on"}).status_code == 302
    assert sasha.post(f"/import/{file.ref}/", leave_events="on").status_code == 302
    ready = text(sasha.get(f"/import/{file.ref}/"))
    for sentence in (
        "2 of 2 rows are ready",
        "Every week on Tuesday at 11:00 AM without an end · 52 times up to November 23, 2027, then on by itself · 1 moved · 2 left out",
        "Every 2 weeks on Wednesday at 9:30 AM until December 30, 2026 · 4 times",
        "Import 56 appointments",
        "Nothing is sent unless this is ticked.",
        "If it is, 2 confirmations with calendar entries go to 2 people.",
    ):
        assert sentence in ready, sentence
    assert sasha.post(f"/import/{file.ref}/start/", tell="on").status_code == 302
    bring_in(file.pk, now=lambda: NOW)
    done = text(sasha.get(f"/import/{file.ref}/"))
    assert "56 appointments have come in" in done
    assert "The clients who have an address get a confirmation by e-mail." in done
    assert Counter(Notification.objects.values_list("kind", "recipient__client")) == {
        ("booked", cast.riley.pk): 1,
        ("booked", cast.maya.pk): 1,
    }


def test_unticked_nobody_is_written_to(cast: Cast) -> None:
    sasha = manager(cast)
    file = file_of(sent(sasha, a_calendar(weekly("a", "Riley Brooks")), cast, provider=cast.okafor.ref))
    sasha.post(f"/import/{file.ref}/start/")
    bring_in(file.pk, now=lambda: NOW)
    assert (Appointment.objects.count(), Notification.objects.count()) == (54, 0)
    assert "Nobody was written to." in text(sasha.get(f"/import/{file.ref}/"))


def test_whose_calendar_it_is_has_to_be_said(cast: Cast) -> None:
    answer = sent(manager(cast), GOOGLE, cast)
    assert (answer.status_code, Import.objects.count()) == (422, 0)
    assert "Please choose whose calendar this is." in text(answer)
    assert "File: Please choose the file again: files are not kept." in text(answer)


def test_providers_are_offered_by_name(cast: Cast) -> None:
    page = manager(cast).get("/import/").content.decode()
    choices = re.search(r'(?s)<select name="provider".*?</select>', page)
    assert choices is not None
    assert re.findall(r">([^<>\n]+)</option>", choices[0]) == [
        "Choose a provider",
        "Dr. Jo Okafor",
        "Dr. Lena Fischer",
    ]


def test_a_name_nobody_has_keeps_what_was_typed_and_says_what_to_do(cast: Cast) -> None:
    sasha = manager(cast)
    file = file_of(sent(sasha, a_calendar(weekly("a", "Session")), cast, provider=cast.okafor.ref))
    answer = sasha.post(f"/import/{file.ref}/clients/", **{"who-1": "Riley Broks"})
    assert answer.status_code == 422
    assert "No client here is called “Riley Broks”. Please choose one from the list" in text(answer)
    assert 'value="Riley Broks"' in answer.content.decode()
    answer = sasha.post(f"/import/{file.ref}/clients/", **{"who-1": "brooks, riley"})
    assert answer.status_code == 422
    assert sasha.post(f"/import/{file.ref}/clients/", **{"who-1": "RILEY brooks"}).status_code == 302
    assert set(file.rows.values_list("read__client_id", flat=True)) == {cast.riley.pk}


def test_a_name_nobody_has_is_said_at_the_series_it_was_typed_for(cast: Cast) -> None:
    sasha = manager(cast)
    events = [weekly("a", "Session"), weekly("b", "Session", start="20261118T090000", end="20261118T095000")]
    file = file_of(sent(sasha, a_calendar(*events), cast, provider=cast.okafor.ref))
    assert '<details class="fold apart">' in sasha.get(f"/import/{file.ref}/clients/").content.decode()
    fields = {"who-1": "", "who-1-one": "Riley Brooks", "who-2-one": "Maja Chen"}
    page = sasha.post(f"/import/{file.ref}/clients/", **fields).content.decode()
    # Both names are there to be seen, and the summary leads to the one that is wrong.
    assert '<details class="fold apart" open>' in page
    typed = re.findall(
        r'name="(who-\d+-one)" value="([^"]*)" list="clients-here" autocomplete="off"( aria-invalid)?', page
    )
    assert typed == [("who-1-one", "Riley Brooks", ""), ("who-2-one", "Maja Chen", " aria-invalid")]
    assert '<a href="#who-2-one">No client here is called “Maja Chen”.' in page
    assert not file.rows.filter(read__isnull=False).exists()


def test_rows_of_a_calendar_are_called_by_title_and_time(cast: Cast) -> None:
    sasha = manager(cast)
    half_past = {"start": "20261117T093000", "end": "20261117T102000"}
    events = [weekly("a", "Riley Brooks"), weekly("b", "Maya Chen", "RRULE:FREQ=WEEKLY;COUNT=1", **half_past)]
    file = file_of(
        sent(
            sasha,
            a_calendar(*events).replace(b"RRULE:FREQ=WEEKLY\r\nSUMMARY:Maya", b"SUMMARY:Maya"),
            cast,
            provider=cast.okafor.ref,
        )
    )
    name = "Maya Chen, Tuesday, November 17 at 9:30 AM"
    series = "Riley Brooks · Every week on Tuesday at 9:00 AM without an end · 54 times up to November 23, 2027, then on by itself"
    for sentence in (name, f"This overlaps “{series}”. Write another time"):
        assert sentence in text(sasha.get(f"/import/{file.ref}/")), sentence
    sasha.post(f"/import/{file.ref}/", leave="2")
    left_out = text(sasha.get(f"/import/{file.ref}/"))
    assert f"1 row is left out {name} Take in again" in left_out
    assert "Row 2" not in left_out


def test_namesakes_are_told_apart_by_their_address(cast: Cast) -> None:
    other = client_in(cast.practice, "Other", "Brooks")
    Client.objects.filter(pk=other.pk).update(first_name="Riley")
    sasha = manager(cast)
    file = file_of(sent(sasha, a_calendar(weekly("a", "Riley Brooks")), cast, provider=cast.okafor.ref))
    page = sasha.get(f"/import/{file.ref}/clients/")
    assert "Riley Brooks (other@clients.example)" in page.content.decode()
    answer = sasha.post(f"/import/{file.ref}/clients/", **{"who-1": "Riley Brooks"})
    assert "Several clients here are called “Riley Brooks”." in text(answer)
    sasha.post(f"/import/{file.ref}/clients/", **{"who-1": "Riley Brooks (other@clients.example)"})
    assert set(file.rows.values_list("read__client_id", flat=True)) == {other.pk}


def test_one_press_takes_who_is_likely(cast: Cast) -> None:
    sasha = manager(cast)
    file = file_of(sent(sasha, a_calendar(weekly("a", "Riley")), cast, provider=cast.okafor.ref))
    assert "It is Riley Brooks" in text(sasha.get(f"/import/{file.ref}/clients/"))
    sasha.post(f"/import/{file.ref}/clients/", **{"who-1": "", f"likely-1:{cast.riley.ref}": ""})
    assert set(file.rows.values_list("read__client_id", flat=True)) == {cast.riley.pk}


def test_series_of_one_title_are_decided_about_apart(cast: Cast) -> None:
    sasha = manager(cast)
    events = [weekly("a", "Session"), weekly("b", "Session", start="20261118T090000", end="20261118T095000")]
    file = file_of(sent(sasha, a_calendar(*events), cast, provider=cast.okafor.ref))
    fields = {"who-1": "", "who-1-one": "Riley Brooks", "who-2-one": "Maya Chen"}
    assert sasha.post(f"/import/{file.ref}/clients/", **fields).status_code == 302
    assert Counter(file.rows.values_list("read__client_id", flat=True)) == {
        cast.riley.pk: 1,
        cast.maya.pk: 1,
    }


def test_a_provider_brings_in_a_calendar_of_their_own_and_sees_no_other_file(cast: Cast) -> None:
    sasha, jo = manager(cast), okafor()
    theirs = file_of(sent(sasha, a_calendar(weekly("a", "Riley Brooks")), cast, provider=cast.okafor.ref))
    cast.booked()
    own = file_of(sent(jo, a_calendar(weekly("b", "Riley Brooks")), cast, provider=cast.fischer.ref))
    assert (own.assumed["provider"], own.actor_kind) == (cast.okafor.pk, "provider")
    assert [jo.get(f"/import/{one.ref}/").status_code for one in (own, theirs)] == [200, 404]
    assert jo.post(f"/import/{theirs.ref}/start/").status_code == 404
    page = jo.get("/import/").content.decode()
    assert (str(own.ref) in page, str(theirs.ref) in page) == (True, False)
    jo.post(f"/import/{own.ref}/start/")
    bring_in(own.pk, now=lambda: NOW)
    assert Appointment.objects.filter(provider=cast.okafor).count() == 55


def test_a_provider_brings_no_spreadsheet_in(cast: Cast) -> None:
    answer = sent(okafor(), b"Name,E-mail\nTessa Lindgren,tessa@clients.example\n", cast, name="clients.csv")
    assert (answer.status_code, Import.objects.count()) == (422, 0)
    assert "a manager can bring spreadsheets in" in text(answer)


def test_a_scheduler_has_no_imports(cast: Cast) -> None:
    pat = scheduler(cast)
    assert (pat.get("/import/").status_code, sent(pat, GOOGLE, cast).status_code) == (404, 404)


def test_hostile_calendars_end_in_a_sentence(cast: Cast) -> None:
    sasha = manager(cast)
    for data, sentence in (
        (b"\x00\x01\x02" * 5000, "This is not a calendar file."),
        (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n", "This calendar file stops in the middle."),
        (b"BEGIN:VCALENDAR\r\n" + b"X:y\r\n" * 10 + b"END:VCALENDAR\r\n", "Nothing in this calendar lies in the coming 26 weeks"),
        (a_calendar(*(weekly(str(n), "x", "RRULE:FREQ=DAILY") for n in range(200))), "This calendar holds more than Raincheck can read at once."),
    ):  # fmt: skip
        answer = sent(sasha, data, cast, provider=cast.okafor.ref)
        [said] = errors(answer)  # at the file, beside which somebody looks
        assert (answer.status_code, said.startswith(sentence)) == (422, True), said
    assert Import.objects.count() == 0
