"""Words that the practice reads for each code: states of requests, events of their story, cards of a conversation."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _, gettext_lazy as later

from raincheck.data.conversations import Message
from raincheck.domain.appointments.lifecycle import History
from raincheck.domain.conversations import Card
from raincheck.domain.people import BY_MEMBERSHIP, ActorKind
from raincheck.domain.reschedule.lifecycle import NeedsProvider, State
from raincheck.domain.reschedule.urging import BY_EXTENDING
from raincheck.notifications.formats import short_day_and_time
from raincheck.queries.reschedule.requests import Happened, Step

# Each state's words and the kind of its tag.
STATES = {
    State.OPEN: (later("Open"), "asked"),
    State.MOVED: (later("Moved"), ""),
    State.KEPT: (later("Kept, by video"), ""),
    State.DECLINED: (later("Canceled by the client"), "plain"),
    State.LAPSED: (later("No new time, canceled"), "red"),
    State.WITHDRAWN: (later("Withdrawn"), "plain"),
    State.SUPERSEDED: (later("Replaced by another change"), "plain"),
    State.VOID: (later("Started before an answer"), "plain"),
    State.UNDONE: (later("Undone"), "plain"),
}

# Each ends by saying that the appointment stands, which is what a worried reader looks for.
WAITS_BECAUSE = {
    NeedsProvider.NOT_HANDED_OVER: later(
        "%(name)s has not answered, and our message may never have arrived. The appointment still stands."
    ),
    NeedsProvider.DO_NOT_AUTO_CANCEL: later(
        "%(name)s did not answer in time. %(name)s is marked “do not auto-cancel”, so the appointment still stands."
    ),
    NeedsProvider.SPARED: later(
        "%(name)s did not answer in time, and was told that silence cancels nothing. The appointment still stands."
    ),
    NeedsProvider.OUTAGE: later(
        "Our pages were down, and %(name)s had too little time to answer. The appointment still stands."
    ),
    NeedsProvider.SWEPT_TOO_LATE: later(
        "%(name)s did not answer, and the start was too near to cancel. The appointment still stands."
    ),
    NeedsProvider.NO_ROOM_AFTER_ZONE_CHANGE: later(
        "New clock rules left %(name)s too little time to answer. The appointment still stands."
    ),
    NeedsProvider.PROVIDER_LEFT: later(
        "%(name)s was asked, and the provider does not work here any more. The appointment still stands. Please call %(name)s."
    ),
    NeedsProvider.RESTORED: later(
        "Raincheck was brought back from a backup, and an answer of %(name)s since then may be lost. Please ask %(name)s. The appointment stands as it did then."
    ),
}


@dataclass(frozen=True, slots=True)
class Names:
    """Names of those who act, as the reader calls them: a provider reads "You", others their colleague's name.

    `members` are the names of managers and schedulers by membership.
    """

    client: str
    provider: str
    members: Mapping[int, str]

    def of(self, kind: str, actor: int | None) -> str:
        if kind in (ActorKind.CLIENT, ActorKind.CLIENT_BY_LINK):
            return self.client
        if kind == ActorKind.PROVIDER:
            return self.provider
        if kind in BY_MEMBERSHIP:
            unnamed = _("A manager") if kind == ActorKind.MANAGER else _("A scheduler")
            return self.members.get(actor or 0, "") or unnamed
        return _("Raincheck")


# Shorter than an appointment's history: it stands on the request's own page.
STORY = {
    History.ASKED: later("%(who)s asked %(client)s to choose a new time."),
    Step.DELIVERED: later("The message to %(client)s was delivered."),
    Step.OPENED: later("%(client)s opened the page."),
    History.NONE_WORK: later("%(client)s wrote that none of the times work."),
    History.CLIENT_WROTE: later("%(client)s wrote a message."),
    History.DEADLINE_MOVED: later("The deadline moved to %(to)s."),
    History.REMINDED: later("%(who)s reminded %(client)s."),
    History.SUGGESTED: later("%(who)s suggested new times to %(client)s."),
    History.SUGGESTION_TAKEN_BACK: later("%(who)s took a suggested time back."),
    History.OUTAGE: later("Our pages were down for a while, so the deadline moved to %(to)s."),
    History.NEEDS_PROVIDER: later("The deadline passed, and the request waits for you."),
    History.MOVED: later("%(who)s moved the appointment to %(to)s."),
    History.KEPT: later("%(who)s kept the time, by video."),
    History.DECLINED: later("%(who)s canceled the appointment instead."),
    History.LOCATED: later("%(client)s said where they will be."),
    History.NOBODY_CAME: later("%(client)s said that nobody came."),
    History.LAPSED: later("The time to answer was over, so the appointment was canceled. No charge."),
    History.WITHDRAWN: later("%(who)s took the request back. The original time stands."),
    History.UNDONE: later("%(who)s undid it before anything was sent. The appointment stands."),
    History.CANCELLED: later("%(who)s canceled the appointment."),
    History.DETAILS_CHANGED: later("%(who)s changed the appointment, which ended the request."),
    History.VOID: later("The appointment started before an answer. Nothing was canceled."),
    History.NEEDED_BY: later("%(who)s changed the day by which the appointment is needed."),
    History.ZONE_CORRECTED: later("The clock rules changed. The appointment stays at its time on the clock."),
    History.ZONE_CLASH: later(
        "The clock rules changed, and the appointment could not stay at its time on the clock."
    ),
}

WAITS_AT_ONCE = {
    NeedsProvider.RESTORED: later(
        "Raincheck was brought back from a backup, so the request waits for a person."
    ),
    NeedsProvider.PROVIDER_LEFT: later(
        "The provider does not work here any more, so the request waits for a person."
    ),
}
"""Of requests that wait for a person before their deadline has come."""
EXTENDED = later("%(who)s gave %(client)s more time, until %(to)s.")
FOR_CLIENT: Mapping[History | Step, Promise] = {
    History.MOVED: later("%(who)s moved the appointment to %(to)s for %(client)s."),
    History.KEPT: later("%(who)s kept the time for %(client)s, by video."),
}
"""What somebody of the practice answered in the client's place."""
NO_ROOM_AFTER_OUTAGE = later(
    "Our pages were down for a while, and the start left no room to move the deadline. Without an answer the request waits for you."
)


def told(happened: Happened, names: Names, *, zone: str, now: datetime) -> str:
    """Return one line of a request's story as a sentence."""
    to = short_day_and_time(happened.to, zone, now=now) if happened.to else ""
    who = names.of(happened.actor_kind, happened.actor)
    words: Promise = STORY[happened.what]
    if happened.for_client:
        words = FOR_CLIENT[happened.what]
    elif happened.what is History.DEADLINE_MOVED and happened.why == BY_EXTENDING:
        words = EXTENDED
    elif happened.what is History.NEEDS_PROVIDER and happened.why in WAITS_AT_ONCE:
        words = WAITS_AT_ONCE[NeedsProvider(happened.why)]
    elif happened.what is History.OUTAGE and happened.to is None:
        words = NO_ROOM_AFTER_OUTAGE
    return str(words) % {"who": who, "client": names.client, "to": to}


# Each card's words and the class of its look.
CARDS = {
    Card.ASKED: (later("%(who)s asked %(client)s to choose a new time"), "asked"),
    Card.MOVED: (later("%(who)s moved the appointment"), "moved"),
    Card.KEPT: (later("%(who)s kept the time. The session is by video"), "moved"),
    Card.DECLINED: (later("%(client)s canceled the appointment instead"), "cancelled"),
    Card.LAPSED: (later("%(client)s had not answered, so the appointment was canceled"), "cancelled"),
    Card.NO_TIME_FOUND: (later("No time was found, so the appointment was canceled"), "cancelled"),
    Card.WITHDRAWN: (later("%(who)s took the request back. The original time stands"), ""),
    Card.SUPERSEDED: (later("%(who)s changed the appointment, which ended the request"), ""),
    Card.VOID: (later("The appointment started before an answer"), ""),
    Card.NONE_WORK: (later("%(client)s wrote that none of the times work"), "asked"),
    Card.CANCELLED: (later("%(who)s canceled the appointment"), "cancelled"),
    Card.NOT_CANCELLED: (later("%(who)s corrected it: the appointment was not canceled"), ""),
    Card.REINSTATED: (later("%(who)s put the appointment back"), "moved"),
    Card.BOOKED: (later("%(who)s booked an appointment"), "moved"),
}


def card_words(message: Message, names: Names) -> tuple[str, str]:
    """Return what a card says and the class of its look."""
    assert message.card is not None, "only cards have words of their own"
    words, look = CARDS[Card(message.card)]
    who = names.of(message.author_kind, message.author)
    return str(words) % {"who": who, "client": names.client}, look
