"""The receipt for a client's words: that they were delivered, what they were, and how an answer comes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from raincheck.data.people import Recipient
from raincheck.data.reschedule.request import RescheduleBatch, RescheduleRequest
from raincheck.domain.policy import WORD_FROM_CLIENT_LEAVES
from raincheck.notifications.formats import long_day_and_time
from raincheck.queries.conversations import words_since
from raincheck.web.client.link_access import Visit


@dataclass(frozen=True, slots=True)
class Word:
    """What was written, and when, on the reader's clock."""

    body: str
    sent: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """One recipient's own words since they were asked. `no_room` says that the start leaves less than a day after them."""

    words: Sequence[Word]
    answer: str
    no_room: bool


def receipt_of(batch: RescheduleBatch, requests: Iterable[RescheduleRequest], visit: Visit) -> Receipt | None:
    """Return the receipt for this visitor's own words; None when they have written nothing since they were asked."""
    left = [row.deadline_at - row.client_wrote_at for row in requests if row.is_open and row.client_wrote_at]
    if not left:
        return None
    recipient = visit.link.recipient if visit.link else None
    words = words_since(batch, recipient=recipient.pk if recipient else None)
    if not words:
        return None
    return Receipt(
        words=[
            Word(
                row.body,
                _("You sent this on %(when)s.")
                % {"when": long_day_and_time(row.at, visit.zone, now=visit.now)},
            )
            for row in words
        ],
        answer=_answer(recipient or Recipient.objects.filter(client=visit.client, is_client=True).first()),
        no_room=any(one < WORD_FROM_CLIENT_LEAVES for one in left),
    )


def _answer(recipient: Recipient | None) -> str:
    """Return how an answer comes: as messages do, by e-mail, else by text."""
    if recipient is not None and recipient.email:
        return _("You'll hear back by e-mail.")
    if recipient is not None and recipient.gets_sms:
        return _("You'll hear back by text.")
    return ""
