"""Riley's appointment as messages tell of it, with private words in every place that has room for some."""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.app.cast import NOW, TUESDAY_AT_ELEVEN

from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.places import AppointmentType, Place
from raincheck.data.people import Client, Practice, Provider
from raincheck.data.reschedule.rebooking import RebookOffer
from raincheck.data.reschedule.request import RescheduleBatch, RescheduleRequest
from raincheck.domain.notifications import Channel, NotificationType
from raincheck.domain.spans import Span
from raincheck.notifications.facts import listed
from raincheck.notifications.render import words_for
from raincheck.notifications.subjects import Audience, NoticeSubject, Words

HOUR = timedelta(hours=1)
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
    wrote_at: datetime | None = None,
    **client: object,
) -> NoticeSubject:
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
        zone="America/New_York",
        starts_at=start,
        ends_at=start + timedelta(minutes=50),
        join_url="https://meet.example/room",
        ical_uid="7d9b@harbor.example",
        ical_sequence=1,
        cancelled_by="provider",
        cancelled_why="provider_unavailable",
        cancel_note="panic attacks",
    )
    return NoticeSubject(
        appointment,
        RescheduleRequest(
            batch=batch,
            appointment=appointment,
            asked_at=NOW,
            asked_starts_at=start,
            handed_over_at=NOW,
            deadline_at=deadline,
            client_wrote_at=wrote_at,
        ),
        former=Span(start - 7 * 24 * HOUR, start - 7 * 24 * HOUR + timedelta(minutes=50)),
        offer=RebookOffer(),
    )


def said(
    kind: NotificationType,
    audience: Audience,
    channel: Channel,
    *matters: NoticeSubject,
    zone: str = "America/Los_Angeles",
    has_link: bool = True,
    others_stand: bool = False,
    own_word: bool = False,
) -> Words:
    return words_for(
        kind,
        [listed(matter) for matter in matters],
        audience=audience,
        channel=channel,
        zone=zone,
        now=NOW,
        has_link=has_link,
        others_stand=others_stand,
        own_word=own_word,
    )
