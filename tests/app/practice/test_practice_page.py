"""The practice's page: everybody of the practice reads it, managers change it, and of two at once the second is told."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from tests.app.cast import FRIDAY_AT_NINE, MINUTES, Cast, room_of
from tests.app.client_browser import Visitor, words
from tests.app.sent_notifications import told
from tests.app.staff_browser import StaffBrowser, errors, key_in, manager, okafor, section

from raincheck.data.appointments.places import AppointmentType, Place
from raincheck.data.people import Membership, Practice
from raincheck.domain.people import Role
from raincheck.domain.policy import OneADay, Policy
from raincheck.domain.practice import NameMissing, PhoneMissing, ReplyToMissing
from raincheck.web.staff.practice.booking_rules import RULES, SWITCHES

HOUR = timedelta(hours=1)
HERE = "/practice/"
RULES_PAGE, DETAILS_PAGE = f"{HERE}rules/", f"{HERE}details/"


def fields(response: HttpResponse) -> dict[str, str]:
    """Return what stands in the inputs of a page's form, by name, and what is chosen of a client's day."""
    main = response.content.decode().split("<main", 1)[1]
    found = re.findall(r"<input ([^>]*)>", main)
    values = {}
    for attributes in found:
        name, value = (re.search(rf'\b{which}="([^"]*)"', attributes) for which in ("name", "value"))
        if name and 'type="checkbox"' not in attributes:
            values[name.group(1)] = value.group(1) if value else ""
        elif name and re.search(r"\bchecked\b", attributes):
            values[name.group(1)] = "on"
    # What is chosen in lists of the rules; the other forms' lists are looked at by themselves.
    for name, options in re.findall(r'<select name="(one_a_day)".*?>(.*?)</select>', main, re.DOTALL):
        values[name] = "".join(re.findall(r'<option value="([^"]*)" selected', options))
    return {
        name: value
        for name, value in values.items()
        if name not in ("csrfmiddlewaretoken", "key") and not name.startswith("initial-")
    }


def stood(response: HttpResponse) -> dict[str, str]:
    """Return what the form remembers to have stood there when it was made, as it is sent along."""
    return {
        f"initial-{name}": value
        for name, value in re.findall(
            r'<input type="hidden" name="initial-([^"]+)" value="([^"]*)"', response.content.decode()
        )
    }


def page_of(kind: AppointmentType | Place) -> str:
    return f"{HERE}{'places' if isinstance(kind, Place) else 'types'}/{kind.ref}/"


def type_said(**said: Any) -> dict[str, Any]:
    usual = {
        "seen": "0",
        "name": "Follow-up",
        "kind": "follow_up",
        "length": "50",
        "buffer_before": "0",
        "buffer_after": "10",
        "silence": "practice",
        "may_be_by_video": "on",
        "offered": "on",
    }
    return {name: value for name, value in (usual | said).items() if value is not None}


@pytest.fixture
def cast(cast: Cast) -> Cast:
    """The cast, in a practice that has chosen nothing."""
    cast.choose()
    return cast


def rules_said(**said: Any) -> dict[str, Any]:
    usual = {name: str(rule.counted(rule.default)) for name, rule in RULES.items()}
    usual |= dict.fromkeys(SWITCHES, "on") | {"one_a_day": "with_provider"}
    return {name: value for name, value in ({"seen": "0"} | usual | said).items() if value is not None}


def stored(cast: Cast) -> Practice:
    return Practice.objects.get(pk=cast.practice.pk)


def test_everybody_of_the_practice_reads_it_and_only_managers_get_ways_to_change_it(cast: Cast) -> None:
    mine, hers = okafor().get(HERE), manager(cast).get(HERE)
    for page in (mine, hers):
        assert section(page, "Booking rules").startswith("Booking rules ")
        assert "Time to answer 48 hours Last answer before the start 2 hours" in words(page)
        assert "Follow-up Follow-up · 50 minutes, 10 minutes buffer after" in words(page)
    ways = ("Add a type", "Add a place", "Change the rules", "Change the details", "Latest changes")
    assert [way in words(mine) for way in ways] == [False] * 5
    assert [way in words(hers) for way in ways] == [True] * 5
    assert "A manager can change what stands here." in words(mine)


def test_a_provider_who_manages_the_practice_changes_it_as_a_manager(cast: Cast) -> None:
    user = Membership.objects.get(provider=cast.okafor).user
    managing = Membership.objects.create(practice=cast.practice, user=user, role=Role.MANAGER)
    me = okafor()
    assert me.post(RULES_PAGE, **rules_said(lead="3"))["Location"] == HERE
    assert stored(cast).rules == Policy(lead=3 * HOUR)
    assert "Booking rules Last answer before the start: 2 hours → 3 hours" in section(
        me.get(HERE), "Latest changes"
    )
    assert managing.pk > 0


def test_a_manager_chooses_on_which_days_a_client_is_offered_nothing_more(cast: Cast) -> None:
    boss = manager(cast)
    assert "One session a day for a client With the same provider" in words(boss.get(HERE))
    assert boss.post(RULES_PAGE, **rules_said(one_a_day="with_anyone"))["Location"] == HERE
    assert stored(cast).rules == Policy(one_a_day=OneADay.WITH_ANYONE)
    page = boss.get(HERE)
    assert "One session a day for a client With anyone" in words(page)
    assert "Booking rules One session a day for a client: With the same provider → With anyone" in section(
        page, "Latest changes"
    )


def test_a_manager_ticks_that_a_room_holds_one_session_at_a_time(cast: Cast) -> None:
    room, boss = room_of(cast), manager(cast)
    cast.booked(place=room)
    theirs = cast.booked(client=cast.maya, provider=cast.fischer, place=room)
    said = {"name": "Room 2", "zone": "America/New_York", "offered": "on", "seen": "0"}
    assert boss.post(page_of(room), **said, one_at_a_time="on")["Location"] == HERE
    page = boss.get(HERE)
    assert "Room 2 A room · New York time · one session at a time" in words(page)
    assert "holds one session at a time: no → yes" in section(page, "Latest changes")
    assert (
        "Room 2 holds one session at a time, but Riley's session on Tuesday, November 24 at 11:00 AM overlaps"
        " Dr. Fischer's at 11:00 AM there. Please move one of them."
    ) in words(okafor().get("/home/"))
    seen_by = {
        who: str(theirs.ref) in browser.get("/home/").content.decode()
        for who, browser in (("manager", boss), ("provider", okafor()))
    }
    assert seen_by == {"manager": True, "provider": False}


def test_telehealth_is_never_asked_whether_it_holds_one_session(cast: Cast) -> None:
    assert "Holds one session at a time" not in words(manager(cast).get(page_of(cast.telehealth)))


def test_a_type_is_added_with_a_sentence_for_each_thing_that_is_wrong(cast: Cast) -> None:
    boss, new = manager(cast), f"{HERE}types/new/"
    wrong = {
        "name": ("", "Please write a name. Nothing was changed yet."),
        "length": ("4", "A session can last 5 minutes to 8 hours, in whole minutes. Nothing was changed; please choose a length between them."),
        "buffer_after": ("121", "Buffers can last up to 2 hours, in whole minutes. Nothing was changed; please choose a length up to that."),
        "buffer_before": ("soon", "Please write a whole number, like 50."),
    }  # fmt: skip
    for name, (typed, sentence) in wrong.items():
        said = type_said(name="Couples") | {name: typed}
        refused = boss.post(new, **said)
        assert (refused.status_code, errors(refused)) == (422, [sentence])
        assert {name: said[name] for name in fields(refused)} == fields(refused)
    taken = boss.post(new, **type_said(name="follow-UP"))
    assert (taken.status_code, errors(taken)) == (
        409,
        ["Another appointment type has this name. Nothing was changed; please choose another name."],
    )
    assert AppointmentType.objects.filter(practice=cast.practice).count() == 2
    assert boss.post(new, **type_said(name="Couples", length="80"))["Location"] == HERE
    assert "Couples Follow-up · 80 minutes, 10 minutes buffer after" in words(boss.get(HERE))


def test_a_type_says_for_itself_what_silence_does(cast: Cast) -> None:
    boss = manager(cast)
    page = f"{HERE}types/{cast.follow_up.ref}/"
    for seen, (chosen, kept) in enumerate([("asks", False), ("cancels", True), ("practice", None)]):
        assert boss.post(page, **type_said(silence=chosen, seen=str(seen)))["Location"] == HERE
        assert AppointmentType.objects.get(pk=cast.follow_up.pk).silence_cancels is kept
    changes = section(boss.get(HERE), "Latest changes")
    assert re.findall("without an answer: (.*?) [A-Z][a-z]{2}, ", changes) == [
        "cancel the appointment at the deadline → as the booking rules say",
        "ask a person, and let it stand until then → cancel the appointment at the deadline",
        "as the booking rules say → ask a person, and let it stand until then",
    ]


def test_the_form_of_a_type_says_what_is_booked_and_keeps_its_length(cast: Cast) -> None:
    boss, page = manager(cast), page_of(cast.follow_up)
    row = cast.booked()
    assert "Booked ahead 1 appointment 50 minutes, 10 minutes buffer after Go" not in words(boss.get(page))
    sent = boss.post(page, **type_said(length="60", kind="intake"))
    assert sent["Location"] == HERE
    cast.booked(FRIDAY_AT_NINE)
    again = words(boss.get(page))
    assert "1 appointment 50 minutes, 10 minutes buffer after Keeps its length" in again
    assert "1 appointment 1 hour, 10 minutes buffer after" in again
    row.refresh_from_db()
    kind = AppointmentType.objects.get(pk=cast.follow_up.pk)
    assert (row.ends_at - row.starts_at, kind.length, kind.kind) == (50 * MINUTES, HOUR, "follow_up")


def test_of_two_managers_the_second_sees_how_it_stands_and_may_save_then(cast: Cast) -> None:
    boss, page = manager(cast), page_of(cast.follow_up)
    first = boss.get(page)
    boss.post(page, **type_said(length="60"))
    second = boss.post(page, key=key_in(first), **type_said(length="45"))
    assert second.status_code == 409
    assert "Somebody else has saved a change since you opened this page" in words(second)
    assert "How it stands now Name Follow-up Kind Follow-up Length 1 hour, 10 minutes buffer after" in words(
        second
    )
    assert (fields(second)["seen"], fields(second)["length"]) == ("1", "45")
    again = fields(second) | {"kind": "follow_up", "silence": "practice", "offered": "on"}
    assert boss.post(page, key=key_in(second), **again)["Location"] == HERE
    assert AppointmentType.objects.get(pk=cast.follow_up.pk).length == 45 * MINUTES


def test_without_any_type_or_place_offered_the_page_says_what_follows(cast: Cast) -> None:
    boss = manager(cast)
    boss.post(page_of(cast.follow_up), **type_said(offered=None))
    assert "No appointment type is offered." not in words(boss.get(HERE))
    boss.post(page_of(cast.intake), **type_said(name="Intake", kind="intake", length="80", offered=None))
    boss.post(page_of(cast.telehealth), seen="0", name="Telehealth")
    said = words(boss.get(HERE))
    assert "No appointment type is offered. Nobody can book a new appointment" in said
    assert "No place is offered. Nobody can book a new appointment." in said
    assert said.count("No longer offered") == 3
    assert words(okafor().get("/appointments/new/")).count("Follow-up") == 0


def test_a_place_that_is_offered_no_more_stays_for_what_is_booked_there(cast: Cast) -> None:
    row = cast.booked()
    room = Place.objects.create(practice=cast.practice, name="Room 2", kind="room", zone="America/New_York")
    manager(cast).post(page_of(cast.telehealth), seen="0", name="Telehealth")
    new, change = (okafor().get(f"/appointments/{which}") for which in ("new/", f"{row.ref}/change/"))
    offered = [
        [str(place.ref) in page.content.decode() for place in (cast.telehealth, room)]
        for page in (new, change)
    ]
    assert offered == [[False, True], [True, True]]


def test_a_room_is_added_in_its_zone_and_telehealth_asks_for_none(cast: Cast) -> None:
    boss = manager(cast)
    said = {
        "name": "Room 2",
        "kind": "room",
        "zone": "America/Chicago",
        "address": "48 Harbor Street",
        "offered": "on",
    }
    assert boss.post(f"{HERE}places/new/", **said)["Location"] == HERE
    assert "Room 2 A room · 48 Harbor Street · Chicago time" in words(boss.get(HERE))
    refused = boss.post(f"{HERE}places/new/", **said | {"name": "Room 3", "zone": "Harbor"})
    assert errors(refused) == [
        "“Harbor” is not a time zone we know. Nothing was changed; please choose one like America/New_York."
    ]
    assert "Time zone of the room" not in words(boss.get(page_of(cast.telehealth)))


def test_rules_show_their_range_and_default_and_are_saved_as_what_differs(cast: Cast) -> None:
    boss = manager(cast)
    page = boss.get(RULES_PAGE)
    assert fields(page) == rules_said()
    assert (
        "An answer is due at least this long before the appointment. 2 to 48 hours, 2 by default."
        in words(page)
    )
    assert "A change never moves an open deadline." in words(page)
    assert boss.post(RULES_PAGE, **rules_said(horizon="90", booking_notice="0"))["Location"] == HERE
    assert stored(cast).policy == {"horizon": 90 * 86_400, "booking_notice": 0}
    assert "How far ahead 90 days" in words(boss.get(HERE))


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (
            {"lead": "1"},
            "This can be 2 hours to 48 hours. Nothing was changed; please choose a length between them.",
        ),
        ({"lead": ""}, "Please write a whole number, like 50."),
        ({"horizon": "1000000000000000000000"}, "Please write a smaller number."),
        (
            {"lead": "48"},
            "Nobody can be asked later than 52 hours before the start: 4 hours to answer and 48 hours after it."
            " A mark at 24 hours would never be seen. Nothing was changed; please choose 52 hours or more here.",
        ),
        (
            {"answer_window": "12", "shortest_window": "13"},
            "Clients have 12 hours to answer, nights included, so 13 hours by day can't be the least they have."
            " Nothing was changed; please make this shorter, or give them longer to answer.",
        ),
        (
            {"horizon": "7", "booking_notice": "168"},
            "With 7 days of notice and times only 7 days ahead, nothing could ever be booked."
            " Nothing was changed; please make the notice shorter, or look further ahead.",
        ),
    ],
    ids=["range", "empty", "huge", "mark", "shortest", "notice"],
)
def test_rules_that_cannot_be_are_refused_at_their_field(
    cast: Cast, said: dict[str, str], sentence: str
) -> None:
    refused = manager(cast).post(RULES_PAGE, **rules_said(**said))
    assert (refused.status_code, errors(refused), stored(cast).policy) == (422, [sentence], {})
    assert fields(refused) == rules_said(**said)


def test_back_to_the_default_fills_the_form_and_saves_nothing(cast: Cast) -> None:
    boss = manager(cast)
    boss.post(RULES_PAGE, **rules_said(lead="3"))
    page = boss.get(RULES_PAGE)
    assert words(page).count("Back to ") == 1
    filled = boss.post(RULES_PAGE, **fields(page) | {"horizon": "soon", "default": "lead"})
    assert (fields(filled)["lead"], fields(filled)["horizon"], stored(cast).policy) == (
        "2",
        "soon",
        {"lead": 10_800},
    )
    assert "Last answer before the start stands at its default, 2 hours, in the form below." in words(filled)


def test_two_managers_at_the_rules_do_not_undo_each_other(cast: Cast) -> None:
    boss = manager(cast)
    boss.post(RULES_PAGE, **rules_said(lead="3"))
    late = boss.post(RULES_PAGE, **rules_said(horizon="90"))
    assert (late.status_code, stored(cast).policy) == (409, {"lead": 10_800})
    assert "How it stands now Time to answer 48 hours Last answer before the start 3 hours" in words(late)


def test_who_was_overtaken_keeps_what_they_typed_and_takes_over_the_rest(cast: Cast) -> None:
    boss = manager(cast)
    page = boss.get(RULES_PAGE)
    boss.post(RULES_PAGE, **rules_said(lead="3"))
    late = boss.post(RULES_PAGE, **fields(page) | stood(page) | {"horizon": "90"})
    assert fields(late) == rules_said(seen="1", lead="3", horizon="90")
    boss.post(RULES_PAGE, **fields(late) | stood(late))
    assert stored(cast).policy == {"lead": 10_800, "horizon": 90 * 86_400}


def test_a_default_that_only_stands_in_the_form_is_still_this_persons_wish(cast: Cast) -> None:
    boss = manager(cast)
    boss.post(RULES_PAGE, **rules_said(lead="3"))
    page = boss.get(RULES_PAGE)
    filled = boss.post(RULES_PAGE, **fields(page) | stood(page) | {"horizon": "90", "default": "lead"})
    boss.post(RULES_PAGE, **rules_said(seen="1", lead="4"))
    late = boss.post(RULES_PAGE, **fields(filled) | stood(filled))
    assert fields(late) == rules_said(seen="2", lead="2", horizon="90")


def test_a_type_taken_off_the_offer_meanwhile_stays_off_it(cast: Cast) -> None:
    boss, page = manager(cast), page_of(cast.follow_up)
    first = boss.get(page)
    boss.post(page, **type_said(offered=None))
    late = boss.post(page, **type_said(length="45") | stood(first))
    assert (late.status_code, fields(late)["length"]) == (409, "45")
    assert 'name="offered"' in late.content.decode()
    assert not re.search(r'<input type="checkbox" name="offered"[^>]* checked', late.content.decode())


def test_empty_details_say_at_once_all_that_is_missing(cast: Cast) -> None:
    empty = dict.fromkeys(("name", "sender_name", "reply_to", "phone", "urgent_help"), "")
    refused = manager(cast).post(DETAILS_PAGE, seen="0", zone="America/Chicago", **empty)
    assert (refused.status_code, errors(refused)) == (
        422,
        [NameMissing.sentence, NameMissing.sentence, ReplyToMissing.sentence, PhoneMissing.sentence],
    )


def test_details_are_saved_and_a_telling_sender_name_is_remarked_on(cast: Cast) -> None:
    boss = manager(cast)
    said = {
        "seen": "0",
        "name": "Harbor Street Offices",
        "sender_name": "Harbor Counseling",
        "reply_to": "desk@harbor.example",
        "phone": "+1 212 555 0111",
        "urgent_help": "",
        "zone": "America/Chicago",
        "greeting": "Thank you for making this work with us.",
    }
    refused = boss.post(DETAILS_PAGE, **said | {"phone": "ring us"})
    assert errors(refused) == [
        "“ring us” does not look like a phone number. Nothing was changed; please write it like +1 212 555 0100."
    ]
    boss.post(DETAILS_PAGE, **said)
    page = words(boss.get(HERE))
    assert "“Harbor Counseling” may tell others what the appointment is about." in page
    assert (
        "Name Harbor Street Offices Sender name Harbor Counseling Address for answers desk@harbor.example"
        in page
    )
    assert (
        "Details for messages time zone: New York → Chicago · name changed · sender name changed · address for answers changed · phone changed"
        " · line for clients who are asked changed" in page
    )
    assert "A line for clients who are asked Thank you for making this work with us." in page
    assert "Sasha Lindqvist" in page


def test_a_sender_name_that_no_phone_can_write_is_said_as_texts_write_it(cast: Cast) -> None:
    boss = manager(cast)
    said = {
        "name": "Harbor Counseling",
        "reply_to": "desk@harbor.example",
        "phone": "+1 212 555 0111",
        "urgent_help": "",
        "zone": "America/New_York",
        "greeting": "",
    }
    remark = "Phones can't show every letter of “Žižkov 🌿” in a text. There you are called “Zizkov”."
    boss.post(DETAILS_PAGE, **said, seen="0", sender_name="Žižkov 🌿")
    assert remark in words(boss.get(HERE))
    boss.post(DETAILS_PAGE, **said, seen="1", sender_name="Harbor")
    assert "Phones can't show" not in words(boss.get(HERE))


def test_the_page_asks_little_however_much_was_changed(cast: Cast) -> None:
    boss = manager(cast)
    boss.get(HERE)
    before = boss.queries(HERE)
    for seen, lead in enumerate(["3", "4", "5", "6"]):
        boss.post(RULES_PAGE, **rules_said(seen=str(seen), lead=lead))
    boss.post(page_of(cast.follow_up), **type_said(length="60"))
    boss.get(HERE)  # takes the words about what was saved
    assert boss.queries(HERE) == before + 1, "the names of those who changed something"


def test_nobody_changes_another_practice(cast: Cast) -> None:
    boss, mallory = manager(cast), StaffBrowser("vance@elsewhere.example")
    theirs = AppointmentType.objects.filter(practice=cast.elsewhere).earliest("pk")
    answers = [
        boss.post(page_of(theirs), **type_said(length="60")).status_code,
        mallory.post(RULES_PAGE, **rules_said(lead="3")).status_code,
        okafor().post(page_of(cast.follow_up), **type_said(length="60")).status_code,
        StaffBrowser("riley@clients.example").get(HERE).status_code,
    ]
    assert answers == [404] * 4
    assert AppointmentType.objects.filter(length=60 * MINUTES).count() == 0


def test_a_practice_that_confirms_no_bookings_sends_nothing_and_says_so(cast: Cast) -> None:
    boss = manager(cast)
    assert boss.post(RULES_PAGE, **rules_said(confirm_bookings=None))["Location"] == HERE
    assert stored(cast).rules == Policy(confirm_bookings=False)
    assert "Booking rules Confirm to clients what you book: yes → no" in section(
        boss.get(HERE), "Latest changes"
    )
    assert fields(boss.get(RULES_PAGE)) == rules_said(seen="1", confirm_bookings=None)
    page = boss.get("/appointments/new/")
    assert "Nothing is sent: your practice does not confirm what it books." in words(page)
    cast.booked()
    assert told(0) == ["booked to provider by in_app: handed_over"]


def test_clients_of_a_prescriber_read_whom_to_call_when_medicine_runs_low(cast: Cast) -> None:
    boss, request = manager(cast), cast.asked(cast.booked())
    sentence = "Running low on medicine? Contact us: +1 212 555 0100."

    def shown() -> bool:
        page = Visitor(request.batch).get(f"/choose/{request.batch.ref}/")
        return sentence in re.sub(r"<[^>]*>", "", page.content.decode())

    assert not shown()
    page = f"{HERE}types/{cast.follow_up.ref}/"
    assert boss.post(page, **type_said(for_medicine="on"))["Location"] == HERE
    assert shown()
    cast.decline(request)
    assert shown()
    changes = section(boss.get(HERE), "Latest changes")
    assert re.findall("visits about medicine: (.*?) [A-Z][a-z]{2}, ", changes) == ["no → yes"]


def test_a_type_says_whether_its_sessions_may_be_held_by_video(cast: Cast) -> None:
    boss = manager(cast)
    page = f"{HERE}types/{cast.follow_up.ref}/"
    assert boss.post(page, **type_said(may_be_by_video=None))["Location"] == HERE
    assert not AppointmentType.objects.get(pk=cast.follow_up.pk).may_be_by_video
    assert "Follow-up Follow-up · 50 minutes, 10 minutes buffer after In person needed" in words(
        boss.get(HERE)
    )
    assert boss.post(page, **type_said(seen="1"))["Location"] == HERE
    assert AppointmentType.objects.get(pk=cast.follow_up.pk).may_be_by_video
    changes = section(boss.get(HERE), "Latest changes")
    assert re.findall("may be held by video: (.*?) [A-Z][a-z]{2}, ", changes) == ["no → yes", "yes → no"]
