"""The words of every notice: its template filled in, cut to what a text may hold, or set as a letter.

Subjects, texts and calendar entries never hold the reason, the note, a title, a specialty or a name of the client.
"""

import re
from collections.abc import Sequence
from datetime import datetime

from django.template import Context, Engine

from raincheck.domain.notifications import Channel, NotificationType
from raincheck.notifications.catalogue import CATALOGUE
from raincheck.notifications.context import Values, particulars
from raincheck.notifications.facts import Listed
from raincheck.notifications.html_email import letter
from raincheck.notifications.sms_text import fitting
from raincheck.notifications.subjects import Audience, Words

# Lines of a template that hold only tags leave blanks behind.
EMPTY_LINES = re.compile(r"\n\s*\n")


def words_for(
    kind: NotificationType,
    told: Sequence[Listed],
    *,
    audience: Audience,
    channel: Channel,
    zone: str,
    now: datetime,
    has_link: bool,
) -> Words:
    """Return one message about appointments that share their practice, provider and client; times are shown in `zone`.

    `has_link` says whether the recipient gets a link of their own (a batch's or a rebook offer's); without one the words
    ask for none.
    """
    values = particulars(told, audience=audience, zone=zone, has_link=has_link, now=now)
    return rendered(kind, audience, channel, values)


def rendered(kind: NotificationType, audience: Audience, channel: Channel, values: Values) -> Words:
    """Return the message as its template says it."""
    template = Engine.get_default().get_template(CATALOGUE[kind].template(audience, channel))
    # Names stand in plain text as they are; the letter's HTML escapes them.
    text = template.render(Context(values, autoescape=False)).strip()
    if channel is Channel.SMS:
        return Words("", fitting([line.strip() for line in text.splitlines() if line.strip()]))
    subject, _line, body = EMPTY_LINES.sub("\n\n", text).partition("\n")
    body = body.strip()
    return Words(subject, body, letter(subject, body) if channel is Channel.EMAIL else "")
