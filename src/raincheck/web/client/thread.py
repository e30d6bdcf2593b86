"""A conversation as its client reads it: who wrote, and what each card says to them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _, gettext_lazy as later

from raincheck.data.conversations import Conversation, Message
from raincheck.domain.appointments.lifecycle import AT_THE_CLIENTS_WISH
from raincheck.domain.conversations import Card
from raincheck.domain.people import ActorKind
from raincheck.domain.zones import wall, zone_named
from raincheck.notifications.formats import reason_sentence
from raincheck.queries.conversations import FROM_CLIENT

CARDS = {
    Card.ASKED: (later("%(who)s asked you to choose a new time"), "asked"),
    Card.MOVED: (later("%(who)s moved the appointment"), "moved"),
    Card.KEPT: (later("%(who)s kept the time. You meet by video"), "moved"),
    Card.DECLINED: (later("You canceled the appointment instead. No charge"), "cancelled"),
    Card.LAPSED: (later("We hadn't heard from you, so the appointment was canceled. No charge"), "cancelled"),
    Card.NO_TIME_FOUND: (later("No time was found, so the appointment was canceled. No charge"), "cancelled"),
    Card.WITHDRAWN: (later("%(who)s took the request back. Your original time stands"), ""),
    Card.SUPERSEDED: (later("%(who)s changed the appointment, which ended the request"), ""),
    Card.VOID: (later("The appointment started before an answer"), ""),
    Card.NONE_WORK: (later("You wrote that none of the times work"), "asked"),
    Card.CANCELLED: (later("%(who)s canceled the appointment"), "cancelled"),
    Card.NOT_CANCELLED: (later("%(who)s corrected it: the appointment was not canceled"), ""),
    Card.REINSTATED: (later("%(who)s put the appointment back. It stands"), "moved"),
    Card.BOOKED: (later("%(who)s booked an appointment"), "moved"),
}
"""Each card's words and the class of its look."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One message or card. `day` is set on the first of a day; `look` is a card's class, `words` what it says of itself."""

    message: Message
    day: bool
    mine: bool
    by: str
    words: str
    look: str
    client_reads: str


def entries(messages: Iterable[Message], *, thread: Conversation, zone: str) -> Iterator[Entry]:
    """Return messages, oldest first, as the client reads them."""
    day: date | None = None
    for message in messages:
        # By the reader's clock: a message late in the evening is of another day elsewhere.
        today = wall(message.at, zone=zone_named(zone)).date()
        # Of the practice only the provider is named: who of the others acted is nothing a client must know.
        if message.author_kind in FROM_CLIENT:
            by = _("You")
        elif message.author_kind == ActorKind.PROVIDER:
            by = str(thread.provider.short_name)
        else:
            by = str(thread.practice.name)
        words, look = CARDS[Card(message.card)] if message.card else ("", "")
        # A card whose appointment stands again tells of the cancellation, not of why it was.
        why = message.appointment.cancelled_why if message.appointment is not None else ""
        if message.card == Card.CANCELLED and why in AT_THE_CLIENTS_WISH:
            words = _("The appointment was canceled, as you asked")
        reads = ""
        if message.card == Card.ASKED and message.batch is not None:
            reads = reason_sentence(thread.provider.short_name)
        yield Entry(
            message=message,
            day=today != day,
            mine=message.author_kind in FROM_CLIENT,
            by=by,
            words=str(words) % {"who": by} if words else "",
            look=look,
            client_reads=reads,
        )
        day = today
