"""Before you send: what the client would find, by when they must answer, and the very words they get."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from raincheck.data.appointments import Appointment
from raincheck.data.reschedule import RescheduleRequest
from raincheck.domain.notifications import Channel, NotificationType
from raincheck.domain.ranking import Fit, around_asked_time
from raincheck.domain.reschedule import is_last_minute
from raincheck.domain.spans import Span
from raincheck.notifications.facts import listed
from raincheck.notifications.formats import short_day_and_time
from raincheck.notifications.links import PLACEHOLDER
from raincheck.notifications.render import words_for
from raincheck.notifications.subjects import Audience, NoticeSubject
from raincheck.queries.calendars.sources import failing_calendars
from raincheck.queries.reschedule.ask import Candidate, Reach, hours_are_doubtful, outlook
from raincheck.web.staff.appointments.words import WEEKDAYS
from raincheck.web.staff.shell.wall_times import zone_of

CALL_INSTEAD_FROM = 2
"""After so many asks within 90 days a call may do more than another message."""


@dataclass(frozen=True, slots=True)
class Found:
    """How many open times there are around one appointment, from `first` to `last`."""

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


def before_sending(
    appointment: Appointment,
    ticked: Sequence[Candidate],
    reach: Reach,
    *,
    now: datetime,
    block: Span | None = None,
) -> dict[str, Any]:
    """Return what stands beside the form for the ticked appointments and the block, in a constant number of queries."""
    asked = [one for one in ticked if one.can_be_asked]
    view = outlook([one.appointment for one in asked] or [appointment], now=now, block=block)
    policy = appointment.practice.rules
    last_minute = any(is_last_minute(one.appointment.span, asked_at=now, policy=policy) for one in asked)
    return {
        "found": [_found(one.appointment, one.fit, now=now) for one in view.fitting],
        "has_open_times": view.has_open_times,
        "usual_day": WEEKDAYS[view.usual.weekday] if view.usual else "",
        "several": len(view.fitting) > 1,
        "deadlines": [_deadline(one, now=now) for one in asked],
        "last_minute": last_minute,
        "mark": policy.last_minute,
        "window": policy.answer_window,
        "earlier_asks": view.earlier_asks,
        "call_instead": view.earlier_asks >= CALL_INSTEAD_FROM,
        "doubtful": hours_are_doubtful(appointment.provider, now=now),
        "failing": failing_calendars(appointment.provider_id),
        "previews": _previews(asked, reach, now=now),
    }


def _found(row: Appointment, fit: Fit, *, now: datetime) -> Found:
    around = around_asked_time(row.starts_at, zone=zone_of(row.provider))
    length = (row.ends_at - row.starts_at) // timedelta(minutes=1)
    when = short_day_and_time(row.starts_at, row.provider.zone, now=now)
    return Found(when, fit, length, max(around.start, now), around.end)


def _deadline(one: Candidate, *, now: datetime) -> dict[str, Any]:
    row = one.appointment
    assert one.deadline_at is not None, "only those that can be asked about have a deadline"
    return {
        "when": short_day_and_time(row.starts_at, row.provider.zone, now=now),
        "starts_at": row.starts_at,
        "at": one.deadline_at,
        "is_cut_short": one.deadline_at < now + row.practice.rules.answer_window,
    }


def _previews(asked: Sequence[Candidate], reach: Reach, *, now: datetime) -> dict[str, Any]:
    """Return the e-mail's subject and paragraphs, and the text, as they would be sent now."""
    if not asked:
        return {}
    told = [listed(NoticeSubject(one.appointment, _request(one))) for one in asked]
    first = asked[0].appointment
    said = {
        channel: words_for(
            NotificationType.ASKED,
            told,
            audience=Audience.CLIENT,
            channel=channel,
            zone=first.client.zone_in(first.practice),
            now=now,
            has_link=True,
        )
        for channel in (Channel.EMAIL, Channel.SMS)
    }
    email, text = said[Channel.EMAIL], said[Channel.SMS]
    shown: dict[str, Any] = {"text": text.text.replace(PLACEHOLDER, "…")} if reach.text else {}
    if reach.email or not reach.text:
        shown |= {"subject": email.subject, "paragraphs": _paragraphs(email.text)}
    return shown


def _request(one: Candidate) -> RescheduleRequest:
    """Return the request that sending would make, as far as the words speak of it."""
    assert one.deadline_at is not None, "only those that can be asked about are previewed"
    return RescheduleRequest(appointment=one.appointment, deadline_at=one.deadline_at)


def _paragraphs(text: str) -> list[Paragraph]:
    body, _mark, _foot = text.partition("\n--\n")
    return [_paragraph(part.strip()) for part in body.split("\n\n") if part.strip()]


def _paragraph(part: str) -> Paragraph:
    if part.endswith(f": {PLACEHOLDER}"):
        return Paragraph([], button=part.removesuffix(f": {PLACEHOLDER}"))
    lines = part.splitlines()
    if all(line.startswith("- ") for line in lines):
        return Paragraph([line.removeprefix("- ") for line in lines], is_list=True)
    return Paragraph(lines)
