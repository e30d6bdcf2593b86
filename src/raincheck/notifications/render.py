"""The words of every notice: its template filled in, cut to what a text may hold, or set as a letter.

Subjects, texts and calendar entries never hold the reason, the note, a title, a specialty or a name of the client.
"""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from django.template import Context, Engine

from raincheck.domain.notifications import Channel, NotificationType
from raincheck.notifications.catalogue import CATALOGUE
from raincheck.notifications.context import Values, particulars
from raincheck.notifications.facts import Listed
from raincheck.notifications.html_email import letter
from raincheck.notifications.sms_text import carried, excess, fitting, name_in_texts, shortened
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
    others_stand: bool = False,
    own_word: bool = False,
    is_first: bool = False,
) -> Words:
    """Return one message about appointments that share their practice, provider and client; times are shown in `zone`.

    `has_link` says whether the recipient gets a link of their own (a batch's or a rebook offer's); without one the words
    ask for none; `others_stand` whether the client has other appointments that this changes nothing about;
    `own_word` whether the reader has written to the practice since they were asked; `is_first` whether they were never
    written to before.
    """
    value = partial(
        particulars,
        told,
        audience=audience,
        zone=zone,
        has_link=has_link,
        now=now,
        others_stand=others_stand,
        own_word=own_word,
        is_first=is_first,
    )
    # Only a text has so little room.
    terse = value(terse=True) if channel is Channel.SMS else None
    return rendered(kind, audience, channel, value(), terse=terse)


def rendered(
    kind: NotificationType,
    audience: Audience,
    channel: Channel,
    values: Values,
    *,
    terse: Values | None = None,
) -> Words:
    """Return the message as its template says it; in a text with little room of its own, by the `terse` values."""
    template = Engine.get_default().get_template(CATALOGUE[kind].template(audience, channel))

    def said(of: Values) -> str:
        # Names stand in plain text as they are; the letter's HTML escapes them.
        return template.render(Context(of, autoescape=False)).strip()

    if channel is Channel.SMS:
        return Words("", _text(said, values, terse or values))
    text = said(values)
    subject, _line, body = EMPTY_LINES.sub("\n\n", text).partition("\n")
    body = body.strip()
    if channel is Channel.EMAIL:
        # Whose mail it is stands before everything else, in place of the subject, which the reader has read already.
        body = f"{values.get('practice', values['sender'])}\n\n{body}"
    return Words(subject, body, letter(subject, body) if channel is Channel.EMAIL else "")


def _text(said: Callable[[Values], str], values: Values, terse: Values) -> str:
    """Return the most that there is room for: of each variant the zone gives way first, and the sender's name last of all.

    Who does not know from whom a link comes had better not open it, so a part of the name stands in every text.
    """

    def variants(of: Values, sender: str) -> list[str]:
        return [line.strip() for line in said({**of, "sender": sender}).splitlines() if line.strip()]

    sender = name_in_texts(str(values["sender"]))
    several = zip(variants(values, sender), variants(terse, sender), strict=True)
    words = [one for both in several for one in both]
    if (fits := fitting(words)) is not None:
        return fits
    return carried(variants(terse, shortened(sender, by=excess(words[-1])))[-1])
