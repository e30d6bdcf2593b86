"""What people read: every message the product can send, with nothing in it that strangers should not see."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.conf import LazySettings
from django.utils.html import strip_tags
from icalendar import Calendar
from tests.app.cast import NOW, TUESDAY_AT_ELEVEN, Cast, new_york
from tests.app.telling import latest

from raincheck.actions.sweep import sweep
from raincheck.data.appointments import Appointment, AppointmentType, Place
from raincheck.data.notifications import Notification
from raincheck.data.people import Client, Practice, Provider
from raincheck.data.reschedule import RebookOffer, RescheduleBatch, RescheduleRequest
from raincheck.domain.notifications import Channel, Moment
from raincheck.domain.spans import Span
from raincheck.domain.zones import zone_names
from raincheck.notifications.invitations import METHODS, invitations
from raincheck.notifications.links import with_longest_link
from raincheck.notifications.matters import Audience, Matter, Words
from raincheck.notifications.telling import CLIENT_CHANNELS, PROVIDER_CHANNELS
from raincheck.notifications.texts import ALPHABET, carried, fitting, length
from raincheck.notifications.wording import zone_city
from raincheck.notifications.words import message_words, sign_in_code_words, words_for

HOUR = timedelta(hours=1)
CATALOGUE = [
    (moment, audience, channel)
    for audience, table in ((Audience.CLIENT, CLIENT_CHANNELS), (Audience.PROVIDER, PROVIDER_CHANNELS))
    for moment, channels in table.items()
    for channel in channels
]
PRIVATE = ["court", "legal", "bring your diary", "divorce", "panic attacks", "emdr", "brooks"]
"""Reason, note, private note, note of a cancellation, type and the client's last name, as `everything` has them."""
FOR_THE_READER_ONLY = [*PRIVATE, "trauma", "riley", "okafor", "dr.", "psyd", "psychologist", "counseling"]
"""What neither a locked screen nor a shared calendar may show."""


def held(words: list[str], text: str) -> list[str]:
    return [word for word in words if word in text.lower()]


def practice(**differs: str) -> Practice:
    return Practice(
        **{
            "name": "Harbor Counseling",
            "sender_name": "Harbor",
            "reply_to": "front@harbor.example",
            "phone": "+1 212 555 0100",
            "zone": "America/New_York",
            **differs,
        }
    )


def everything(
    *,
    of: Practice | None = None,
    room: bool = False,
    start: datetime = TUESDAY_AT_ELEVEN,
    deadline: datetime = NOW + 48 * HOUR,
    **client: object,
) -> Matter:
    """Return a matter of Riley's with private words in every place that has room for some."""
    of = of or practice()
    riley = Client(practice=of, **{"first_name": "Riley", "last_name": "Brooks", **client})
    okafor = Provider(
        practice=of, name="Dr. Jo Okafor, PsyD", short_name="Dr. Okafor", zone="America/New_York"
    )
    batch = RescheduleBatch(reason="legal_duty", note="Bring your diary", private_note="divorce")
    appointment = Appointment(
        practice=of,
        provider=okafor,
        client=riley,
        type=AppointmentType(name="EMDR session", kind="follow_up"),
        place=Place(kind="room", name="Trauma room", address="12 Pier Street", zone="America/New_York")
        if room
        else Place(kind="telehealth", name="Telehealth"),
        starts_at=start,
        ends_at=start + timedelta(minutes=50),
        join_url="https://meet.example/room",
        ical_uid="7d9b@harbor.example",
        ical_sequence=1,
        cancelled_by="provider",
        cancelled_why="provider_unavailable",
        cancel_note="panic attacks",
    )
    return Matter(
        appointment,
        RescheduleRequest(batch=batch, appointment=appointment, deadline_at=deadline),
        former=Span(start - 7 * 24 * HOUR, start - 7 * 24 * HOUR + timedelta(minutes=50)),
        offer=RebookOffer(),
    )


def said(
    moment: Moment,
    audience: Audience,
    channel: Channel,
    *matters: Matter,
    zone: str = "America/Los_Angeles",
    has_link: bool = True,
) -> Words:
    return words_for(
        moment, matters, audience=audience, channel=channel, zone=zone, now=NOW, has_link=has_link
    )


@pytest.mark.parametrize("has_link", [True, False])
@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("moment", "audience", "channel"), CATALOGUE)
def test_every_message_has_its_words(
    moment: Moment, audience: Audience, channel: Channel, count: int, has_link: bool
) -> None:
    matters = [everything(room=number % 2 == 1) for number in range(count)]
    words = said(moment, audience, channel, *matters, has_link=has_link)
    whole = words.subject + words.text + words.html
    assert words.text.strip()
    assert bool(words.subject) is (channel is not Channel.SMS)
    assert bool(words.html) is (channel is Channel.EMAIL)
    assert "\n\n\n" not in words.text
    assert not re.search(r"{{|}}|{%|%}|None(?! of)|\(\)|, ,", whole), (
        "a value is missing or a template shows through"
    )
    assert "Los Angeles time" in words.text or "New York time" in words.text
    assert held(PRIVATE, whole) == []
    assert "\n" not in words.subject


@pytest.mark.parametrize("moment", list(CLIENT_CHANNELS))
def test_text_and_html_of_a_mail_say_the_same(moment: Moment) -> None:
    words = said(moment, Audience.CLIENT, Channel.EMAIL, everything(), everything(room=True))
    body = words.html.partition("<body>")[2]
    shown = unescape(strip_tags(body)).split()
    links = {"{link}", "https://meet.example/room"}
    written = [
        word.removeprefix("- ") for line in words.text.splitlines() if line != "--" for word in line.split()
    ]
    without_marks = [word.removesuffix(":") for word in written if word != "-" and word not in links]
    assert [word.removesuffix(":") for word in shown] == [
        word.removesuffix(":") for word in (*words.subject.split(), *without_marks)
    ]
    assert set(re.findall(r'href="([^"]*)"', body)) == links & set(written)


@pytest.mark.parametrize(("moment", "audience", "channel"), [row for row in CATALOGUE if row[2] != "in_app"])
def test_subjects_and_texts_show_strangers_nothing(
    moment: Moment, audience: Audience, channel: Channel
) -> None:
    words = said(moment, audience, channel, everything(room=True))
    open_to_all = words.subject if channel is Channel.EMAIL else words.text
    assert held(FOR_THE_READER_ONLY, open_to_all) == []


@pytest.mark.parametrize("moment", list(METHODS))
def test_calendar_entries_show_strangers_nothing(moment: Moment) -> None:
    matters = [everything(), everything(room=True)]
    entries = invitations(
        moment, matters, attendee="riley@clients.example", zone="America/Los_Angeles", now=NOW
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
    assert invitations(Moment.BOOKED, [everything()], attendee=attendee, zone="UTC", now=NOW) == ""


LONGEST_CITY = max(zone_names(), key=lambda zone: len(zone_city(zone)))
TEXTS = [(moment, channels) for moment, channels in CLIENT_CHANNELS.items() if Channel.SMS in channels]


@pytest.mark.parametrize(
    "sender", ["Harbor", "The Practice at the Old Harbor Street Bridge", "Žižkov “Na Vršku” 🌿"]
)
@pytest.mark.parametrize(
    "base_url", ["http://127.0.0.1:8000", "https://appointments.oldharborbridge.example"]
)
@pytest.mark.parametrize("count", [1, 12])
@pytest.mark.parametrize("moment", [moment for moment, _channels in TEXTS])
def test_texts_fit_and_travel_unchanged(
    moment: Moment, count: int, base_url: str, sender: str, settings: LazySettings
) -> None:
    settings.BASE_URL = base_url
    late = new_york(30, 22, 59)
    matters = [everything(of=practice(sender_name=sender), start=late, deadline=late - 2 * HOUR)] * count
    words = said(moment, Audience.CLIENT, Channel.SMS, *matters, zone=LONGEST_CITY)
    sent = with_longest_link(words.text)
    assert length(sent) <= 160
    assert set(sent) <= ALPHABET
    assert zone_city(LONGEST_CITY) in sent


def test_a_prompt_by_text_says_all_it_has_room_for(settings: LazySettings) -> None:
    settings.BASE_URL = "https://hc.example"
    assert said(Moment.ASKED, Audience.CLIENT, Channel.SMS, everything()).text == (
        "Harbor: please choose a new appointment time by Wed, Nov 18, 7:00 AM (Los Angeles time): {link}"
    )


def test_a_lapse_by_text_names_time_zone_and_price() -> None:
    assert said(Moment.LAPSED, Audience.CLIENT, Channel.SMS, everything()).text == (
        "Harbor: Tue, Nov 24, 8:00 AM (Los Angeles time) was canceled, no charge. Book again: {link}"
    )


def test_the_first_variant_that_fits_is_sent_and_the_last_when_none_does(settings: LazySettings) -> None:
    settings.BASE_URL = "https://hc.example"
    assert fitting(["a" * 161, "b" * 160, "c"]) == "b" * 160
    assert fitting(["a" * 161, "b" * 162]) == "b" * 162
    assert fitting(["{link}" + "a" * 100, "no link"]) == "no link"
    assert fitting(["[" * 81, "["]) == "["


def test_letters_that_phones_lack_are_replaced() -> None:
    assert carried("Žižkov — “Ñandú” · àé 🌿") == 'Zizkov - "Ñandu" , àé ?'


def test_names_cannot_bring_markup_lines_or_links() -> None:
    rude = everything(first_name="Ri<b>ley</b>\n\n- x {link} & co", last_name="")
    words = said(Moment.MOVED, Audience.CLIENT, Channel.EMAIL, rude)
    assert "You're all set, Ri<b>ley</b> - x & co.\n" in words.text
    assert "Ri&lt;b&gt;ley&lt;/b&gt; - x &amp; co." in words.html
    assert words.text.count("{link}") == 1


def test_a_client_who_wants_neutral_wording_reads_the_discreet_name_only() -> None:
    words = said(Moment.ASKED, Audience.CLIENT, Channel.EMAIL, everything(neutral_wording=True))
    assert "Harbor asks you to choose a new time" in words.text
    assert not re.search("Okafor|Counseling", words.text + words.html)


def test_silence_that_cancels_nothing_is_not_said_to_cancel() -> None:
    words = said(Moment.ASKED, Audience.CLIENT, Channel.EMAIL, everything(do_not_auto_cancel=True))
    assert "If you don't choose by then, we will get in touch with you." in words.text
    assert "cancele" not in words.text


def test_a_fee_that_may_apply_is_said_and_no_fee_promised() -> None:
    late = everything()
    late.appointment.fee_allowed, late.appointment.cancelled_why = True, "client_late"
    for channel in (Channel.EMAIL, Channel.SMS):
        assert "no charge" not in said(Moment.CANCELLED, Audience.CLIENT, channel, late).text.lower()
    assert "a fee may apply" in said(Moment.CANCELLED, Audience.CLIENT, Channel.EMAIL, late).text


@pytest.mark.parametrize("why", ["discharged", "series_ended"])
def test_nobody_is_told_that_others_stand_when_they_do_not(why: str) -> None:
    ended = everything()
    ended.appointment.cancelled_why = why
    assert "stand" not in said(Moment.CANCELLED, Audience.CLIENT, Channel.EMAIL, ended).text


@pytest.mark.parametrize("moment", [Moment.LAPSED, Moment.CANCELLED, Moment.DECLINED])
def test_whoever_lost_an_appointment_reads_where_help_is(moment: Moment) -> None:
    text = said(moment, Audience.CLIENT, Channel.EMAIL, everything()).text
    assert "If you are in danger or need help right now, call or text 988, or call 911." in text
    assert "Messages are read on working days." in text
    of = practice(urgent_help="In an emergency call 112.")
    own = said(moment, Audience.CLIENT, Channel.EMAIL, everything(of=of)).text
    assert "In an emergency call 112." in own
    assert "988" not in own


def test_a_mail_says_when_replies_are_not_read() -> None:
    words = said(Moment.MOVED, Audience.CLIENT, Channel.EMAIL, everything(of=practice(reply_to="")))
    assert "Replies to this e-mail are not read." in words.text


def test_a_session_in_a_room_is_at_the_rooms_time() -> None:
    words = said(Moment.BOOKED, Audience.CLIENT, Channel.EMAIL, everything(room=True))
    assert "- Tuesday, November 24 at 11:00 AM (New York time; Tue, 8:00 AM in Los Angeles)\n" in words.text


def test_appointments_with_deadlines_of_their_own_name_each() -> None:
    soon, later = everything(deadline=NOW + 30 * HOUR), everything()
    text = said(Moment.ASKED, Audience.CLIENT, Channel.EMAIL, soon, later).text
    assert "- 30 hours to choose, until Tuesday, November 17 at 1:00 PM (Los Angeles time)\n" in text
    assert "- 48 hours to choose, until Wednesday, November 18 at 7:00 AM (Los Angeles time)\n" in text


@pytest.mark.parametrize(
    ("audience", "channel"),
    [(Audience.CLIENT, Channel.EMAIL), (Audience.CLIENT, Channel.SMS), (Audience.PROVIDER, Channel.EMAIL)],
)
def test_the_word_of_a_message_has_no_word_of_the_message(audience: Audience, channel: Channel) -> None:
    appointment = everything().appointment
    words = message_words(
        practice=appointment.practice,
        provider=appointment.provider,
        client=appointment.client,
        audience=audience,
        channel=channel,
    )
    assert words.text.count("{link}") == 1
    assert words.subject == ("" if channel is Channel.SMS else "You have a new message")


def test_a_code_to_sign_in_stands_in_the_message_only() -> None:
    mail = sign_in_code_words(
        "482913", practice=practice(), channel=Channel.EMAIL, lives=timedelta(minutes=10)
    )
    assert (mail.subject, "482913" in mail.text, "10 minutes" in mail.text) == (
        "Your sign-in code",
        True,
        True,
    )
    text = sign_in_code_words("482913", practice=practice(), channel=Channel.SMS, lives=timedelta(minutes=10))
    assert text.text == "Harbor: your sign-in code is 482913. It works for 10 minutes. Never pass it on."


def read_by_riley(since: int) -> tuple[str, str]:
    row = Notification.objects.get(pk__gt=since, recipient__isnull=False)
    return row.subject, row.text


def test_what_riley_reads_from_the_ask_to_the_move(cast: Cast, now: datetime) -> None:
    appointment = cast.booked()
    start = latest()
    request = cast.asked(appointment, note="I have to be in court.")
    assert read_by_riley(start) == (
        "Please choose a new time for your appointment",
        """Hi Riley,

Dr. Okafor asks you to choose a new time for this appointment:

- Tuesday, November 24 at 8:00 AM (Los Angeles time)

You have 48 hours to choose, until Wednesday, November 18 at 7:00 AM (Los Angeles time).

Choose a new time: {link}

If you don't choose by then, this appointment is canceled. There is no charge, and your other appointments stand.

If none of the times work, you can write to Dr. Okafor from the same page, or cancel instead.

The link is meant for you alone, so please don't pass it on.

--
Harbor Counseling · +1 212 555 0100
Messages are read on working days.""",
    )
    start = latest()
    cast.pick(request)
    subject, text = read_by_riley(start)
    assert subject == "Your appointment has a new time"
    assert (
        text
        == f"""You're all set, Riley.

Your appointment with Dr. Okafor has moved:

- Before: Tuesday, November 24 at 8:00 AM (Los Angeles time)
- Now: Friday, November 27 at 6:00 AM (Los Angeles time)

Join by video: {appointment.join_url}

See your appointment: {{link}}

--
Harbor Counseling · +1 212 555 0100
Messages are read on working days."""
    )


def test_what_both_read_when_nobody_answered(cast: Cast, now: datetime) -> None:
    request = cast.asked(cast.booked())
    RescheduleRequest.objects.filter(pk=request.pk).update(handed_over_at=now)
    sweep(now=now + 47 * HOUR)
    start = latest()
    sweep(now=now + 48 * HOUR + timedelta(minutes=1))
    assert read_by_riley(start) == (
        "Your appointment was canceled",
        """Hi Riley,

No new time was chosen by Wednesday, November 18 at 7:00 AM (Los Angeles time). So this appointment with Dr. Okafor was canceled:

- Tuesday, November 24 at 8:00 AM (Los Angeles time)

There is no charge. Your other appointments stand.

Book a new time: {link}

If you are in danger or need help right now, call or text 988, or call 911.

--
Harbor Counseling · +1 212 555 0100
Messages are read on working days.""",
    )
    row = Notification.objects.get(pk__gt=start, provider=cast.okafor, channel="email")
    assert (row.subject, row.text) == (
        "An appointment was canceled",
        """Riley B. did not choose a new time by Wednesday, November 18 at 10:00 AM (New York time). So this appointment was canceled:

- Tuesday, November 24 at 11:00 AM (New York time)

Riley B. is told that there is no charge and gets a link to book a new time.

Open Raincheck: {link}

--
Harbor Counseling""",
    )
