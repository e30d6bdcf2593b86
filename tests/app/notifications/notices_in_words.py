"""Every notice of the catalogue in words, as the texts in `notices/` keep them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

from tests.app.cast import NOW, TUESDAY_AT_ELEVEN
from tests.app.notice_subjects import HOUR, everything

from raincheck.domain.access.events import Event
from raincheck.domain.appointments.lifecycle import CancelledBy, CancelledWhy
from raincheck.domain.notifications import Channel, NotificationType
from raincheck.notifications.catalogue import Notice
from raincheck.notifications.context import people
from raincheck.notifications.factors import RESET
from raincheck.notifications.facts import listed
from raincheck.notifications.links import CODE, PLACEHOLDER
from raincheck.notifications.render import rendered, words_for
from raincheck.notifications.subjects import Audience, NoticeSubject, Words
from raincheck.notifications.wording import calendar_entries

FOLDER = Path(__file__).parent / "notices"
ENDINGS = {
    NotificationType.CANCELLED: [
        (CancelledBy.PROVIDER, CancelledWhy.PROVIDER_UNAVAILABLE),
        (CancelledBy.MANAGER, CancelledWhy.DISCHARGED),
        (CancelledBy.CLIENT, CancelledWhy.CLIENT_LATE),
    ],
    NotificationType.DECLINED: [(CancelledBy.CLIENT, CancelledWhy.RESCHEDULE_DECLINED)],
    NotificationType.LAPSED: [
        (CancelledBy.SYSTEM, CancelledWhy.RESCHEDULE_UNANSWERED),
        (CancelledBy.SYSTEM, CancelledWhy.RESCHEDULE_NO_TIME),
    ],
}
"""By whom and why an appointment was canceled, as far as its notice can say it in different words."""
AFTER_A_WORD = {NotificationType.REQUEST_REMINDER, NotificationType.DEADLINE_MOVED}
"""What is said in other words once the client has written."""
CHANGES = (
    *(
        str(what).removeprefix("event:")
        for what in (
            Event.SECOND_FACTOR_SET_UP,
            Event.PASSKEY_ADDED,
            Event.PASSKEY_REMOVED,
            Event.AUTHENTICATOR_ADDED,
            Event.AUTHENTICATOR_REPLACED,
            Event.AUTHENTICATOR_REMOVED,
            Event.RECOVERY_CODES_MADE,
        )
    ),
    RESET,
)
"""What can have happened to somebody's second factors that they are told of."""
AT_ELEVEN = "Tuesday, November 24 at 11:00 AM (New York time)"
LOS_ANGELES, NEW_YORK = "America/Los_Angeles", "America/New_York"


def in_words(notice: Notice) -> str:
    """Return everything that one kind of notice can say: to each side, by each channel, of each ending."""
    return "\n".join(part for audience, channel in notice.spoken for part in _said(notice, audience, channel))


def _said(notice: Notice, audience: Audience, channel: Channel) -> Iterator[str]:
    head = f"##### to the {audience} by {channel}"
    if notice.kind is NotificationType.SIGN_IN_CODE:
        values: dict[str, object] = {"code": CODE, "lives": "10 minutes", "sender": "Harbor"}
        yield _shown(head, rendered(notice.kind, audience, channel, values))
        return
    if notice.kind is NotificationType.INVITATION:
        values = {"link": PLACEHOLDER, "days": 7, "sender": "Harbor"}
        yield _shown(head, rendered(notice.kind, audience, channel, values))
        return
    if notice.kind is NotificationType.SECOND_FACTOR_CHANGED:
        for what in CHANGES:
            values = {"what": what, "when": AT_ELEVEN, "sender": "Harbor"}
            yield _shown(f"{head}: {what}", rendered(notice.kind, audience, channel, values))
        return
    if notice.kind is NotificationType.SECOND_FACTOR_RESET:
        values = {"name": "Dr. Jo Okafor", "when": AT_ELEVEN, "sender": "Harbor"}
        yield _shown(head, rendered(notice.kind, audience, channel, values))
        return
    if notice.kind is NotificationType.MESSAGE:
        row = everything().appointment
        called = people(row.practice, row.provider, row.client)
        yield _shown(head, rendered(notice.kind, audience, channel, called))
        if audience is Audience.PROVIDER:
            values = {**called, "provider_left": True}
            yield _shown(
                f"{head}: to managers, the provider left", rendered(notice.kind, audience, channel, values)
            )
        return
    if notice.kind is NotificationType.EMERGENCY_ACCESS:
        row = everything().appointment
        values = people(row.practice, row.provider, row.client)
        values |= {"manager": "Sasha Lindqvist", "until": "Monday, November 16 · 11:00 AM (New York time)"}
        yield _shown(head, rendered(notice.kind, audience, channel, values))
        return
    for by, why in ENDINGS.get(notice.kind, [(None, None)]):
        spared = notice.kind is NotificationType.SPARED
        for name, subjects in (
            ("one", [_subject(0, spared=spared)]),
            ("three", [_subject(day, spared=spared) for day in range(3)]),
        ):
            for subject in subjects:
                subject.appointment.cancelled_by, subject.appointment.cancelled_why = by, why
                subject.appointment.fee_allowed = why == CancelledWhy.CLIENT_LATE
            for has_link in (True, False) if audience is Audience.CLIENT else (False,):
                words = _words(notice, audience, channel, subjects, has_link=has_link)
                about = [name, *([str(why)] if why else []), *([] if has_link else ["without a link"])]
                yield _shown(f"{head}: {', '.join(about)}", words)
            if notice.kind is NotificationType.ASKED and audience is Audience.CLIENT:
                for how_many in sorted({1, len(subjects)}):
                    for subject in subjects[:how_many]:
                        assert subject.request is not None, "it tells of one"
                        subject.request.video_offered = True
                    words = _words(notice, audience, channel, subjects, has_link=True)
                    yield _shown(f"{head}: {name}, {how_many} by video", words)
            if notice.kind in AFTER_A_WORD and audience is Audience.CLIENT:
                for subject in subjects:
                    assert subject.request is not None, "they tell of one"
                    subject.request.client_wrote_at = NOW
                for own in (True, False):
                    words = _words(notice, audience, channel, subjects, has_link=True, own_word=own)
                    yield _shown(f"{head}: {name}, after a word{'' if own else ' of somebody else'}", words)
    if notice.calendar and channel is Channel.EMAIL and audience is Audience.CLIENT:
        told = [listed(_subject(0))]
        entry = calendar_entries(
            told, notice.calendar, attendee="riley@clients.example", zone=LOS_ANGELES, made_at=NOW
        )
        yield f"##### its calendar entry\n{entry.partition('BEGIN:VEVENT')[2].replace(chr(13), '').strip()}\n"


def _subject(day: int, *, spared: bool = False) -> NoticeSubject:
    """Return Riley's appointment; the second is in a room and its deadline differs, the third stays at its time."""
    found = everything(
        room=day == 1,
        start=TUESDAY_AT_ELEVEN + day * timedelta(days=1),
        deadline=NOW + (48 - day) * HOUR,
    )
    assert found.request is not None, "it was asked about"
    found.request.spared = spared
    if day == 2:
        return NoticeSubject(found.appointment, found.request)
    return NoticeSubject(found.appointment, found.request, former=found.former)


def _words(
    notice: Notice,
    audience: Audience,
    channel: Channel,
    subjects: Sequence[NoticeSubject],
    *,
    has_link: bool,
    own_word: bool = False,
) -> Words:
    return words_for(
        notice.kind,
        [listed(subject) for subject in subjects],
        audience=audience,
        channel=channel,
        zone=LOS_ANGELES if audience is Audience.CLIENT else NEW_YORK,
        now=NOW,
        has_link=has_link,
        # Both are said somewhere: that others stand, and nothing of them.
        others_stand=has_link,
        own_word=own_word,
    )


def _shown(head: str, words: Words) -> str:
    parts = [head, *([f"Subject: {words.subject}"] if words.subject else []), words.text]
    if words.html:
        body = re.search(r"<body[^>]*>\s*(.*?)\s*</body>", words.html, re.DOTALL)
        assert body
        # Only what it says and how it is built: looks are looked at elsewhere.
        parts += [
            "",
            re.sub(r' (style|role|width|cellpadding|cellspacing|border|align)="[^"]*"', "", body[1]),
        ]
    return "\n".join(parts) + "\n"
