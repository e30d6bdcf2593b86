"""The panel "Before you send" of the ask: open times to be found, the deadline, and the very words the client gets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from raincheck.data.models import Appointment, RescheduleRequest
from raincheck.data.reschedule.by_video import video_place, why_no_video
from raincheck.data.reschedule.request import spared_at_the_ask
from raincheck.data.reschedule.standing import standing_appointments
from raincheck.domain.appointments.undo import released_at
from raincheck.domain.notifications import Channel, NotificationType
from raincheck.domain.ranking import Fit, around_asked_time
from raincheck.domain.reschedule.deadlines import is_last_minute, whole_window
from raincheck.domain.reschedule.lifecycle import MANY_ASKS
from raincheck.domain.spans import Span
from raincheck.notifications.facts import listed
from raincheck.notifications.formats import short_day_and_time
from raincheck.notifications.links import PLACEHOLDER
from raincheck.notifications.render import words_for
from raincheck.notifications.subjects import Audience, NoticeSubject
from raincheck.queries.calendars.sources import failing_calendars
from raincheck.queries.reschedule.ask import Candidate, Reach, hours_are_doubtful, outlook
from raincheck.queries.reschedule.bumps import bumps
from raincheck.web.client.picker import keep_words
from raincheck.web.client.times import Clock
from raincheck.web.staff.appointments.words import WEEKDAYS
from raincheck.web.staff.shell import Context, zone_of


@dataclass(frozen=True, slots=True)
class Found:
    """Open times around one appointment, counted from `first` to `last`."""

    when: str
    fit: Fit
    length: int
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A part of the message: its lines, as a list where they are one, or the button it shows."""

    lines: list[str]
    is_list: bool = False
    button: str = ""


def ask_preview(
    appointment: Appointment,
    ticked: Sequence[Candidate],
    reach: Reach,
    *,
    now: datetime,
    block: Span | None = None,
    by_video: bool = False,
) -> Context:
    """Return what stands beside the form for the ticked appointments and the block, in a constant number of queries."""
    asked = [one for one in ticked if one.can_be_asked]
    # With nothing ticked the panel speaks of the appointment that the page is about, rather than of none.
    view = outlook([one.appointment for one in asked] or [appointment], now=now, block=block)
    policy = appointment.practice.rules
    deadlines = [(one.appointment, one.deadline_at) for one in asked if one.deadline_at is not None]
    last_minute = any(is_last_minute(one.appointment.span, asked_at=now, policy=policy) for one in asked)
    return {
        "found": [_found(one.appointment, one.fit, now=now) for one in view.fitting],
        "has_open_times": view.has_open_times,
        "usual_day": WEEKDAYS[view.usual.weekday] if view.usual else "",
        "several": len(view.fitting) > 1,
        "deadlines": [
            {
                "when": short_day_and_time(row.starts_at, row.provider.zone, now=now),
                "starts_at": row.starts_at,
                "at": deadline_at,
                "is_cut_short": whole_window(
                    deadline_at,
                    asked_at=released_at(row.starts_at, policy=policy, now=now),
                    window=policy.answer_window,
                )
                is None,
            }
            for row, deadline_at in deadlines
        ],
        "last_minute": last_minute,
        "mark": policy.last_minute,
        "window": policy.answer_window,
        "earlier_asks": view.earlier_asks,
        "bumps": bumps(appointment.client_id, now=now),
        "call_instead": view.earlier_asks + 1 >= MANY_ASKS,
        # Hours that nobody touched for 60 days may offer times that are long gone.
        "doubtful": hours_are_doubtful(appointment.provider, now=now),
        "failing": failing_calendars(appointment.provider_id),
        "kept": _by_video(asked) if by_video else [],
        "previews": message_preview(asked, reach, now=now) if asked else {},
    }


def _by_video(asked: Sequence[Candidate]) -> list[str]:
    """Return by which words the client's page offers to keep a time by video, one for each that can be."""
    rows = [one.appointment for one in asked]
    place = video_place(rows[0].practice_id) if rows else None
    return [
        keep_words(row.starts_at, Clock.at(row.place, own=row.client.zone_in(row.practice)))
        for row in rows
        if why_no_video(row, place) is None
    ]


def _found(row: Appointment, fit: Fit, *, now: datetime) -> Found:
    around = around_asked_time(row.starts_at, zone=zone_of(row.provider))
    # Its own length, which may no longer be that of its type.
    length = (row.ends_at - row.starts_at) // timedelta(minutes=1)
    when = short_day_and_time(row.starts_at, row.provider.zone, now=now)
    return Found(when, fit, length, max(around.start, now), around.end)


def message_preview(asked: Sequence[Candidate], reach: Reach, *, now: datetime) -> Context:
    """Return the e-mail's subject and paragraphs, and the text, as they would be sent now."""
    told = []
    for one in asked:
        assert one.deadline_at is not None, "only those that can be asked about are previewed"
        # The request that sending would make, as far as the words speak of it; it is never saved.
        asked_at = released_at(one.appointment.starts_at, policy=one.appointment.practice.rules, now=now)
        request = RescheduleRequest(
            appointment=one.appointment,
            asked_at=asked_at,
            handed_over_at=asked_at,
            deadline_at=one.deadline_at,
            spared=spared_at_the_ask(one.appointment),
        )
        told.append(listed(NoticeSubject(one.appointment, request)))
    first = asked[0].appointment
    others = standing_appointments([first.client_id], now=now).get(first.client_id, set())
    said = {
        channel: words_for(
            NotificationType.ASKED,
            told,
            audience=Audience.CLIENT,
            channel=channel,
            zone=first.client.zone_in(first.practice),
            now=now,
            has_link=True,
            others_stand=bool(others - {one.appointment.pk for one in asked}),
        )
        for channel in (Channel.EMAIL, Channel.SMS)
    }
    email, text = said[Channel.EMAIL], said[Channel.SMS]
    shown: Context = {"text": text.text.replace(PLACEHOLDER, "…")} if reach.text else {}
    # Whoever can't be reached at all still sees an e-mail: the panel is how a provider learns what a client would get.
    if reach.email or not reach.text:
        body, _mark, _foot = email.text.partition("\n--\n")
        parts = [part.strip() for part in body.split("\n\n") if part.strip()]
        shown |= {"subject": email.subject, "paragraphs": [_paragraph(part) for part in parts]}
    return shown


def _paragraph(part: str) -> Paragraph:
    # A line that ends with the link stands for the button that the HTML mail shows.
    if part.endswith(f": {PLACEHOLDER}"):
        return Paragraph([], button=part.removesuffix(f": {PLACEHOLDER}"))
    lines = part.splitlines()
    if all(line.startswith(("- ", "  ")) for line in lines):
        return Paragraph([line[2:] for line in lines], is_list=True)
    return Paragraph(lines)
