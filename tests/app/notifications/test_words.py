"""What people read: every message the product can send, with nothing in it that strangers should not see."""

from __future__ import annotations

import re
from datetime import UTC
from html import unescape

import pytest
from django.utils.html import strip_tags
from icalendar import Calendar
from tests.app.cast import NOW, TUESDAY_AT_ELEVEN
from tests.app.notice_subjects import FOR_THE_READER_ONLY, HOUR, PRIVATE, everything, held, practice, said

from raincheck.domain.notifications import Channel, NotificationType
from raincheck.notifications.catalogue import CATALOGUE
from raincheck.notifications.context import people
from raincheck.notifications.facts import listed
from raincheck.notifications.render import rendered
from raincheck.notifications.subjects import Audience
from raincheck.notifications.wording import calendar_entries

OTHERS = (
    NotificationType.MESSAGE,
    NotificationType.SIGN_IN_CODE,
    NotificationType.INVITATION,
    NotificationType.SECOND_FACTOR_CHANGED,
    NotificationType.SECOND_FACTOR_RESET,
    NotificationType.EMERGENCY_ACCESS,
)
"""Notices that speak of no appointment."""
SPOKEN = [(row.kind, *to) for row in CATALOGUE.values() for to in row.spoken if row.kind not in OTHERS]
TO_CLIENTS = [row.kind for row in CATALOGUE.values() if row.client and row.kind not in OTHERS]
IN_CALENDARS = [row.kind for row in CATALOGUE.values() if row.calendar]


@pytest.mark.parametrize("has_link", [True, False])
@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("kind", "audience", "channel"), SPOKEN)
def test_every_message_has_its_words(
    kind: NotificationType, audience: Audience, channel: Channel, count: int, has_link: bool
) -> None:
    matters = [everything(room=number % 2 == 1) for number in range(count)]
    words = said(kind, audience, channel, *matters, has_link=has_link)
    whole = words.subject + words.text + words.html
    assert words.text.strip()
    assert bool(words.subject) is (channel is not Channel.SMS)
    assert bool(words.html) is (channel is Channel.EMAIL)
    assert "\n\n\n" not in words.text
    assert not re.search(r"{{|}}|{%|%}|None(?! of)|\(\)|, ,", whole), (
        "a value is missing or a template shows through"
    )
    # Where a text has no room for the city, the zone's letters stand in its place.
    assert re.search(
        "Los Angeles time|New York time" + ("| PST" if channel is Channel.SMS else ""), words.text
    )
    assert held(PRIVATE, whole) == []
    assert "\n" not in words.subject


@pytest.mark.parametrize("has_link", [True, False])
@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("kind", "audience", "channel"), SPOKEN)
def test_a_practice_without_a_phone_leaves_no_sentence_unfinished(
    kind: NotificationType, audience: Audience, channel: Channel, count: int, has_link: bool
) -> None:
    of = practice(phone="", urgent_help="", reply_to="")
    matters = [everything(of=of, room=number % 2 == 1) for number in range(count)]
    words = said(kind, audience, channel, *matters, has_link=has_link)
    assert re.findall(r"\b(?:[Cc]all|at|to):? ?[.,·]|: ?[.]|· ?$", words.text, re.MULTILINE) == []


def test_a_text_of_several_changes_counts_them_without_a_phone() -> None:
    several = [
        everything(of=practice(phone=""), start=TUESDAY_AT_ELEVEN + day * 24 * HOUR) for day in range(2)
    ]
    assert said(NotificationType.DETAILS_CHANGED, Audience.CLIENT, Channel.SMS, *several).text == (
        "Harbor: something about your 2 appointments has changed, the first is on Tue, Nov 24, 8:00 AM (Los Angeles time)."
    )


@pytest.mark.parametrize("kind", TO_CLIENTS)
def test_text_and_html_of_a_mail_say_the_same(kind: NotificationType) -> None:
    words = said(kind, Audience.CLIENT, Channel.EMAIL, everything(), everything(room=True))
    body = words.html.partition("</head>")[2]
    shown = unescape(strip_tags(body)).split()
    links = {"{link}", "https://meet.example/room"}
    written = [
        word.removeprefix("- ") for line in words.text.splitlines() if line != "--" for word in line.split()
    ]
    without_marks = [word.removesuffix(":") for word in written if word != "-" and word not in links]
    assert [word.removesuffix(":") for word in shown] == [word.removesuffix(":") for word in without_marks]
    assert set(re.findall(r'href="([^"]*)"', body)) == links & set(written)


@pytest.mark.parametrize(("kind", "audience"), [row[:2] for row in SPOKEN if row[2] == "email"])
def test_a_mail_begins_with_the_practices_name_and_never_with_its_subject(
    kind: NotificationType, audience: Audience
) -> None:
    words = said(kind, audience, Channel.EMAIL, everything())
    head, first, *_rest = words.text.split("\n\n")
    assert head == "Harbor Counseling"
    assert words.subject.lower() not in first.lower()
    body = words.html.partition("</head>")[2]
    assert unescape(strip_tags(body)).split()[:2] == ["Harbor", "Counseling"]
    assert words.subject not in unescape(body)


def test_a_mails_looks_stand_with_what_they_are_for() -> None:
    """Mail programs take style sheets away, so all that one is left to say is dark: colors, over those that are inline."""
    html = said(NotificationType.LAPSED, Audience.CLIENT, Channel.EMAIL, everything(), everything()).html
    sheet = re.sub(r"\s+", " ", html.partition("<style>")[2].partition("</style>")[0])
    assert re.fullmatch(
        r" :root { color-scheme: light dark; } @media \(prefers-color-scheme: dark\) { (\.\w+ {( [\w-]+: #\w+ !important;)+ } )+} ",
        sheet,
    )
    body = html.partition("</head>")[2]
    assert not re.search(r"<(link|img|script|style)", html.replace("<style>", "", 1))
    for tag in re.findall(r"<(?:body|td|ul|li|p|a)\b[^>]*>", f"<body{body.partition('<body')[2]}"):
        assert 'style="' in tag, tag
    dark = set(re.findall(r"\.(\w+) {", sheet))
    assert dark == set(re.findall(r'class="(\w+)"', html)) | {"link"}


@pytest.mark.parametrize(("kind", "audience", "channel"), [row for row in SPOKEN if row[2] != "in_app"])
def test_subjects_and_texts_show_strangers_nothing(
    kind: NotificationType, audience: Audience, channel: Channel
) -> None:
    words = said(kind, audience, channel, everything(room=True))
    open_to_all = words.subject if channel is Channel.EMAIL else words.text
    assert held(FOR_THE_READER_ONLY, open_to_all) == []


@pytest.mark.parametrize("kind", IN_CALENDARS)
def test_calendar_entries_show_strangers_nothing(kind: NotificationType) -> None:
    matters = [everything(), everything(room=True)]
    method = CATALOGUE[kind].calendar
    assert method is not None
    entries = calendar_entries(
        [listed(matter) for matter in matters],
        method,
        attendee="riley@clients.example",
        zone="America/Los_Angeles",
        made_at=NOW,
    )
    unfolded = entries.replace("\r\n ", "").replace("riley@clients.example", "")
    assert held(FOR_THE_READER_ONLY, unfolded) == []
    events = [event for calendar in Calendar.from_ical(entries, multiple=True) for event in calendar.events]
    assert [
        (str(event["SUMMARY"]), str(event["UID"]), event["SEQUENCE"], str(event["LOCATION"]))
        for event in events
    ] == [
        ("Appointment", "7d9b@harbor.example", 1, "https://meet.example/room"),
        ("Appointment", "7d9b@harbor.example", 1, "12 Pier Street"),
    ]
    assert {event.start.astimezone(UTC) for event in events} == {TUESDAY_AT_ELEVEN}
    assert {event.start.tzinfo.key for event in events} == {"America/Los_Angeles", "America/New_York"}


@pytest.mark.parametrize("attendee", ["", "riley at home"])
def test_nobody_is_invited_at_an_address_that_is_none(attendee: str) -> None:
    told = [listed(everything())]
    assert calendar_entries(told, "REQUEST", attendee=attendee, zone="UTC", made_at=NOW) == ""


def test_one_video_room_is_named_once_and_several_by_their_days() -> None:
    one, again, other = everything(), everything(), everything(start=TUESDAY_AT_ELEVEN + 24 * HOUR)
    text = said(NotificationType.MOVED, Audience.CLIENT, Channel.EMAIL, one, again).text
    assert re.findall(r"Join.*", text) == ["Join by video: https://meet.example/room"]
    other.appointment.join_url = "https://meet.example/other"
    words = said(NotificationType.MOVED, Audience.CLIENT, Channel.EMAIL, one, other)
    assert re.findall(r"Join.*", words.text) == [
        "Join by video on Tuesday, November 24: https://meet.example/room",
        "Join by video on Wednesday, November 25: https://meet.example/other",
    ]
    assert 'href="https://meet.example/other">Join by video on Wednesday, November 25</a>' in words.html


def test_names_cannot_bring_markup_lines_or_links() -> None:
    rude = everything(first_name="Ri<b>ley</b>\n\n- x {link} & co", last_name="")
    words = said(NotificationType.MOVED, Audience.CLIENT, Channel.EMAIL, rude)
    assert "You're all set, Ri<b>ley</b> - x & co.\n" in words.text
    assert "Ri&lt;b&gt;ley&lt;/b&gt; - x &amp; co." in words.html
    assert words.text.count("{link}") == 1


def test_a_client_who_wants_neutral_wording_reads_the_discreet_name_only() -> None:
    words = said(NotificationType.ASKED, Audience.CLIENT, Channel.EMAIL, everything(neutral_wording=True))
    assert "Harbor asks you to choose a new time" in words.text
    assert not re.search("Okafor|Counseling", words.text + words.html)


def test_silence_that_cancels_nothing_is_not_said_to_cancel() -> None:
    words = said(NotificationType.ASKED, Audience.CLIENT, Channel.EMAIL, everything(do_not_auto_cancel=True))
    assert "If you don't choose by then, Harbor Counseling will get in touch with you." in words.text
    assert "cancele" not in words.text


def test_a_fee_that_may_apply_is_said_and_no_fee_promised() -> None:
    late = everything()
    late.appointment.fee_allowed, late.appointment.cancelled_why = True, "client_late"
    for channel in (Channel.EMAIL, Channel.SMS):
        assert (
            "no charge" not in said(NotificationType.CANCELLED, Audience.CLIENT, channel, late).text.lower()
        )
    assert (
        "A fee for canceling on short notice may apply."
        in said(NotificationType.CANCELLED, Audience.CLIENT, Channel.EMAIL, late).text
    )


def test_who_canceled_can_be_told_from_the_subjects_of_the_mails() -> None:
    """Neither says why, and each is what its reader did or did not do."""
    kinds = (NotificationType.DECLINED, NotificationType.LAPSED, NotificationType.CANCELLED)
    assert [said(kind, Audience.CLIENT, Channel.EMAIL, everything()).subject for kind in kinds] == [
        "You canceled your appointment",
        "Your appointment was canceled, no charge",
        "Your appointment was canceled",
    ]


@pytest.mark.parametrize("why", ["discharged", "series_ended"])
def test_nobody_is_told_that_others_stand_when_they_do_not(why: str) -> None:
    ended = everything()
    ended.appointment.cancelled_why = why
    words = said(NotificationType.CANCELLED, Audience.CLIENT, Channel.EMAIL, ended, others_stand=True)
    assert "stand" not in words.text


@pytest.mark.parametrize("kind", TO_CLIENTS)
def test_only_who_has_other_appointments_reads_that_they_stand(kind: NotificationType) -> None:
    for_both = [
        said(kind, Audience.CLIENT, Channel.EMAIL, everything(), others_stand=others).text
        for others in (True, False)
    ]
    assert "other appointments" not in for_both[1]
    assert for_both[0].replace(" Your other appointments stand.", "") == for_both[1]


@pytest.mark.parametrize(
    "kind", [NotificationType.LAPSED, NotificationType.CANCELLED, NotificationType.DECLINED]
)
def test_whoever_lost_an_appointment_reads_where_help_is(kind: NotificationType) -> None:
    text = said(kind, Audience.CLIENT, Channel.EMAIL, everything()).text
    assert "If you are in danger or need help right now, call or text 988, or call 911." in text
    assert "Messages are read on working days." in text
    of = practice(urgent_help="In an emergency call 112.")
    own = said(kind, Audience.CLIENT, Channel.EMAIL, everything(of=of)).text
    assert "In an emergency call 112." in own
    assert "988" not in own


def test_abroad_the_line_names_the_local_emergency_number() -> None:
    said_there = said(
        NotificationType.LAPSED, Audience.CLIENT, Channel.EMAIL, everything(), zone="Europe/London"
    ).text
    assert "If you are in danger or need help right now, call your local emergency number." in said_there
    assert "988" not in said_there


def test_a_mail_says_when_replies_are_not_read() -> None:
    words = said(NotificationType.MOVED, Audience.CLIENT, Channel.EMAIL, everything(of=practice(reply_to="")))
    assert "Replies to this e-mail are not read." in words.text


def test_a_session_in_a_room_is_at_the_rooms_time() -> None:
    words = said(NotificationType.BOOKED, Audience.CLIENT, Channel.EMAIL, everything(room=True))
    assert "- Tuesday, November 24 at 11:00 AM (New York time; Tue, 8:00 AM in Los Angeles)\n" in words.text


def test_appointments_with_deadlines_of_their_own_name_each() -> None:
    soon, later = everything(deadline=NOW + 30 * HOUR), everything()
    text = said(NotificationType.ASKED, Audience.CLIENT, Channel.EMAIL, soon, later).text
    assert "  You have until Tuesday, November 17 at 1:00 PM (Los Angeles time).\n" in text
    assert "  You have until Wednesday, November 18 at 7:00 AM (Los Angeles time).\n" in text


@pytest.mark.parametrize(
    ("audience", "channel"),
    [(Audience.CLIENT, Channel.EMAIL), (Audience.CLIENT, Channel.SMS), (Audience.PROVIDER, Channel.EMAIL)],
)
def test_the_word_of_a_message_has_no_word_of_the_message(audience: Audience, channel: Channel) -> None:
    appointment = everything().appointment
    values = people(appointment.practice, appointment.provider, appointment.client)
    words = rendered(NotificationType.MESSAGE, audience, channel, values)
    assert words.text.count("{link}") == 1
    assert words.subject == ("" if channel is Channel.SMS else "You have a new message")
