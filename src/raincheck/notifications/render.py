"""The words of every notification: one template for each moment, audience and channel, named after the three.

A template of an e-mail or an in-app message opens with its subject line. One of a text message holds variants, one a
line, longest first; the first that fits is sent. Subjects, texts and calendar entries never hold the reason, the note,
a title, a specialty or a name of the client.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from django.template import Context, Engine
from django.utils.translation import get_language

from raincheck.data.people import Client, Practice, Provider
from raincheck.domain.notifications import Channel, NotificationType
from raincheck.notifications.context import Values, particulars, people, plain
from raincheck.notifications.formats import duration
from raincheck.notifications.html_email import letter
from raincheck.notifications.sms_text import fitting
from raincheck.notifications.stencils import filled
from raincheck.notifications.subjects import Audience, NoticeSubject, Words

EMPTY_LINES = re.compile(r"\n\s*\n")


def words_for(
    moment: NotificationType,
    matters: Sequence[NoticeSubject],
    *,
    audience: Audience,
    channel: Channel,
    zone: str,
    now: datetime,
    has_link: bool,
) -> Words:
    """Return one message about all `matters`, which share their practice, provider and client; times are shown in `zone`.

    `has_link` says whether the recipient gets a link of their own (a batch's or a rebook offer's); without one the words
    ask for none.
    """
    values = particulars(matters, audience=audience, zone=zone, has_link=has_link, now=now)
    return _words(moment, audience, channel, values)


def message_words(
    *, practice: Practice, provider: Provider, client: Client, audience: Audience, channel: Channel
) -> Words:
    """Return the word that a message is waiting, without a word of the message itself."""
    return _words(NotificationType.MESSAGE, audience, channel, people(practice, provider, client))


def sign_in_code_words(code: str, *, practice: Practice, channel: Channel, lives: timedelta) -> Words:
    """Return the message that carries a code to sign in with, and how long it works."""
    values: Values = {"code": code, "lives": duration(lives), "sender": plain(practice.sender_name)}
    return _words(NotificationType.SIGN_IN_CODE, Audience.CLIENT, channel, values)


def _words(moment: NotificationType, audience: Audience, channel: Channel, values: Values) -> Words:
    name = f"raincheck/notifications/{moment}.{audience}.{channel}.txt"
    words = filled(f"{name} {get_language()}", values, partial(rendered, name, channel))
    return Words("", fitting(words.text.splitlines())) if channel is Channel.SMS else words


def rendered(name: str, channel: Channel, values: Values) -> Words:
    """Return the message as its template says it; of a text message all variants, a line each."""
    # Names stand in plain text as they are; the letter's HTML escapes them.
    text = Engine.get_default().get_template(name).render(Context(values, autoescape=False)).strip()
    if channel is Channel.SMS:
        return Words("", "\n".join(line.strip() for line in text.splitlines() if line.strip()))
    subject, _line, body = EMPTY_LINES.sub("\n\n", text).partition("\n")
    body = body.strip()
    return Words(subject, body, letter(subject, body) if channel is Channel.EMAIL else "")
