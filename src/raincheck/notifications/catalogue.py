"""The catalogue of notices: one row for each kind, from which everything else about it is derived.

A new notice is a member of `NotificationType`, a row here and its templates, one for each entry of `Notice.spoken`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as later

from raincheck.domain.notifications import Channel, NotificationType
from raincheck.notifications.calendar_entries import Method
from raincheck.notifications.subjects import Audience

EMAIL, SMS, IN_APP = Channel.EMAIL, Channel.SMS, Channel.IN_APP


class Opens(Enum):
    """What a client's link leads to. A batch's page is a rebook offer's where there is no batch."""

    FRONT_PAGE = "front page"
    REBOOK_OFFER = "rebook offer"
    BATCH = "batch"
    APPOINTMENT = "appointment"
    CONVERSATION = "conversation"


class Holds(Enum):
    """How long a notice stays true; it is looked at when an attempt begins and immediately before each hand-over.

    What holds only for a while says what is true when it is handed over; what always holds tells of its own event.
    """

    ALWAYS = "always"
    WHILE_OPEN = "while a request that it lists is open"
    WHILE_SUGGESTED = "while one is open and times are suggested in it"
    UNTIL_THE_DEADLINE = "while one is open and its deadline ahead"
    WHILE_IT_WAITS = "while one is open and waits for a person"
    WHILE_IT_STANDS = (
        "while the appointment is ahead at the time told, nobody asks about it and they want reminders"
    )
    UNTIL_GIVEN_UP = "as long as it is tried"

    @property
    def needs_an_open_request(self) -> bool:
        return self in (
            Holds.WHILE_OPEN,
            Holds.WHILE_SUGGESTED,
            Holds.UNTIL_THE_DEADLINE,
            Holds.WHILE_IT_WAITS,
        )

    @property
    def says_what_is_so(self) -> bool:
        """Whether a notice tells of its appointments as they are when it is handed over, not as its event left them."""
        return self.needs_an_open_request or self is Holds.WHILE_IT_STANDS


class Wakes(Enum):
    """Whether a text may go at night: less than 12 h before what the reader has to know by then (section 8 of the law)."""

    NEVER = "never"
    BEFORE_THE_DEADLINE = "before the deadline, while that is ahead, else the start"
    BEFORE_THE_START = "before the start"


@dataclass(frozen=True, slots=True)
class Notice:
    """One kind of notice: who is told by which channel, and how it goes out.

    `undelivered` ends the provider's task "We could not e-mail Riley …". `answers_the_ask` goes by e-mail to a manager who
    asked, too; in the app they see the practice's news anyway. `all_managers` get what can't wait by e-mail. `own_act_in_app` is whether a provider's own act stands in
    their app. `may_be_stopped` goes only to clients who want such a notice, and its mails say how to stop them (RFC 8058).
    """

    kind: NotificationType
    undelivered: Promise
    client: tuple[Channel, ...] = ()
    provider: tuple[Channel, ...] = ()
    opens: Opens = Opens.FRONT_PAGE
    holds: Holds = Holds.ALWAYS
    wakes: Wakes = Wakes.NEVER
    calendar: Method | None = None
    answers_the_ask: bool = False
    all_managers: bool = False
    own_act_in_app: bool = True
    may_be_stopped: bool = False

    def client_channels(self, *, gets_email: bool, gets_texts: bool, email_only: bool) -> tuple[Channel, ...]:
        """Return the channels to one recipient.

        E-mail is the rule, even without an address: a message that reaches nobody is shown to a person as failed. Whom
        only texts reach is told of everything by text, and of nothing that may go by e-mail only.
        """
        if not self.client or not gets_texts:
            return self.client[:1]
        if not gets_email:
            return () if email_only else (SMS,)
        return tuple(channel for channel in self.client if channel is EMAIL or not email_only)

    @property
    def spoken(self) -> Iterator[tuple[Audience, Channel]]:
        """To whom it is said by which channel: each has a template."""
        yield from ((Audience.CLIENT, channel) for channel in (EMAIL, SMS) if self.client)
        yield from ((Audience.PROVIDER, channel) for channel in self.provider)

    def template(self, audience: Audience, channel: Channel) -> str:
        """Return the name of the template. It opens with the subject line; one of a text holds variants, longest first."""
        return f"raincheck/notifications/{self.kind}.{audience}.{channel}.txt"


CANCELED = later("the word that the appointment was canceled")

CATALOGUE: dict[NotificationType, Notice] = {
    row.kind: row
    for row in (
        Notice(
            NotificationType.BOOKED,
            undelivered=later("the confirmation of the appointment"),
            client=(EMAIL,),
            provider=(IN_APP,),
            calendar="REQUEST",
        ),
        Notice(
            NotificationType.DETAILS_CHANGED,
            undelivered=later("what changed about the appointment"),
            client=(EMAIL,),
            provider=(IN_APP,),
            calendar="REQUEST",
        ),
        Notice(
            NotificationType.ASKED,
            undelivered=later("the request to choose a new time"),
            client=(EMAIL, SMS),
            provider=(IN_APP,),
            opens=Opens.BATCH,
            holds=Holds.WHILE_OPEN,
            wakes=Wakes.BEFORE_THE_DEADLINE,
        ),
        Notice(
            # Wakes nobody: reminders are planned by the client's day already.
            NotificationType.REQUEST_REMINDER,
            undelivered=later("the reminder to choose a new time"),
            client=(EMAIL, SMS),
            provider=(IN_APP,),
            opens=Opens.BATCH,
            holds=Holds.UNTIL_THE_DEADLINE,
        ),
        Notice(
            # Wakes nobody, as above.
            NotificationType.APPOINTMENT_REMINDER,
            undelivered=later("the reminder of the appointment"),
            client=(EMAIL, SMS),
            opens=Opens.APPOINTMENT,
            holds=Holds.WHILE_IT_STANDS,
            may_be_stopped=True,
        ),
        Notice(
            NotificationType.DEADLINE_MOVED,
            undelivered=later("the new deadline"),
            client=(EMAIL,),
            opens=Opens.BATCH,
            holds=Holds.UNTIL_THE_DEADLINE,
        ),
        Notice(
            NotificationType.SUGGESTED,
            undelivered=later("the word that new times are suggested"),
            client=(EMAIL, SMS),
            opens=Opens.BATCH,
            holds=Holds.WHILE_SUGGESTED,
        ),
        Notice(
            NotificationType.SPARED,
            undelivered=later("the word that silence cancels nothing any more"),
            client=(EMAIL,),
            opens=Opens.BATCH,
            holds=Holds.UNTIL_THE_DEADLINE,
        ),
        Notice(
            NotificationType.OUTAGE,
            undelivered=later("the later deadline after an outage"),
            client=(EMAIL,),
            provider=(EMAIL, IN_APP),
            opens=Opens.BATCH,
            holds=Holds.UNTIL_THE_DEADLINE,
        ),
        Notice(
            NotificationType.MOVED,
            undelivered=later("the confirmation of the new time"),
            client=(EMAIL,),
            provider=(EMAIL, IN_APP),
            opens=Opens.BATCH,
            calendar="REQUEST",
            answers_the_ask=True,
        ),
        Notice(
            NotificationType.KEPT,
            undelivered=later("the confirmation that the appointment is by video"),
            client=(EMAIL,),
            provider=(EMAIL, IN_APP),
            opens=Opens.BATCH,
            calendar="REQUEST",
            answers_the_ask=True,
        ),
        Notice(
            NotificationType.DECLINED,
            undelivered=CANCELED,
            client=(EMAIL,),
            provider=(EMAIL, IN_APP),
            opens=Opens.BATCH,
            calendar="CANCEL",
            answers_the_ask=True,
        ),
        Notice(
            NotificationType.CANCELLED,
            undelivered=CANCELED,
            client=(EMAIL, SMS),
            provider=(EMAIL, IN_APP),
            opens=Opens.REBOOK_OFFER,
            wakes=Wakes.BEFORE_THE_START,
            calendar="CANCEL",
        ),
        Notice(
            # After the session, when "canceled late" was said by mistake: there is nothing left to put into a calendar.
            NotificationType.NOT_CANCELLED,
            undelivered=later("the word that the appointment was not canceled"),
            client=(EMAIL,),
            provider=(IN_APP,),
            own_act_in_app=False,
        ),
        Notice(
            NotificationType.REINSTATED,
            undelivered=later("the word that the appointment stands again"),
            client=(EMAIL, SMS),
            provider=(EMAIL, IN_APP),
            opens=Opens.APPOINTMENT,
            calendar="REQUEST",
        ),
        Notice(
            # After a session that the practice could not hold. Nothing of it is left in a calendar to change.
            NotificationType.REBOOK_LINK,
            undelivered=later("the link to book a new time"),
            client=(EMAIL,),
            provider=(IN_APP,),
            opens=Opens.REBOOK_OFFER,
            own_act_in_app=False,
        ),
        Notice(
            NotificationType.LAPSED,
            undelivered=CANCELED,
            client=(EMAIL, SMS),
            provider=(EMAIL, IN_APP),
            opens=Opens.BATCH,
            wakes=Wakes.BEFORE_THE_START,
            calendar="CANCEL",
        ),
        Notice(
            NotificationType.STILL_WAITING,
            undelivered=later("the word that an appointment is not settled"),
            provider=(EMAIL, IN_APP),
            holds=Holds.WHILE_IT_WAITS,
            all_managers=True,
        ),
        Notice(
            NotificationType.NOBODY_CAME,
            undelivered=later("the word that nobody came to a session"),
            provider=(EMAIL, IN_APP),
            all_managers=True,
        ),
        Notice(
            NotificationType.NONE_WORK,
            undelivered=later("the word that none of the open times work"),
            provider=(EMAIL, IN_APP),
            answers_the_ask=True,
        ),
        Notice(
            NotificationType.WITHDRAWN,
            undelivered=later("the word that the original time stands"),
            client=(EMAIL, SMS),
            provider=(IN_APP,),
            opens=Opens.BATCH,
            wakes=Wakes.BEFORE_THE_DEADLINE,
            own_act_in_app=False,
        ),
        Notice(
            NotificationType.ZONE_CORRECTED,
            undelivered=later("what new clock rules mean for the appointment"),
            client=(EMAIL,),
            provider=(IN_APP,),
            opens=Opens.BATCH,
            calendar="REQUEST",
        ),
        Notice(
            NotificationType.MESSAGE,
            undelivered=later("the word that there is a message"),
            client=(EMAIL,),
            provider=(EMAIL,),
            opens=Opens.CONVERSATION,
        ),
        Notice(
            NotificationType.EMERGENCY_ACCESS,
            undelivered=later("the word that a conversation was opened in an emergency"),
            provider=(EMAIL, IN_APP),
        ),
        Notice(
            NotificationType.DATE_LEFT_OUT,
            undelivered=later("the word that a date of the series is not booked"),
            client=(EMAIL,),
            calendar="REQUEST",
        ),
        Notice(
            NotificationType.SIGN_IN_CODE,
            undelivered=later("a code to sign in"),
            client=(EMAIL,),
            holds=Holds.UNTIL_GIVEN_UP,
        ),
        Notice(
            NotificationType.INVITATION,
            undelivered=later("an invitation"),
            provider=(EMAIL,),
            holds=Holds.UNTIL_GIVEN_UP,
        ),
        Notice(
            NotificationType.SECOND_FACTOR_CHANGED,
            undelivered=later("the word that a second step was changed"),
            provider=(EMAIL,),
        ),
        Notice(
            NotificationType.SECOND_FACTOR_RESET,
            undelivered=later("the word that a colleague's second step was reset"),
            provider=(EMAIL,),
        ),
    )
}
