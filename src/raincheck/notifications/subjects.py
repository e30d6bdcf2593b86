"""The subjects of a notification, one for each appointment it lists, and the words it comes to."""

from dataclasses import dataclass
from enum import StrEnum

from raincheck.data.models import Appointment, RebookOffer, RescheduleRequest
from raincheck.domain.spans import Span


class Audience(StrEnum):
    CLIENT = "client"
    PROVIDER = "provider"


@dataclass(frozen=True, slots=True)
class NoticeSubject:
    """An appointment as it is after the act, with its practice, provider, client, type and place at hand.

    `former` is the time it had before, when it moved; `offer` the rebook offer made with its cancellation. `whole_series`
    says that the event is about its series: calendars then get the series as it stands, and not the one occurrence, and `former_series` that it left.
    """

    appointment: Appointment
    request: RescheduleRequest | None = None
    former: Span | None = None
    offer: RebookOffer | None = None
    whole_series: bool = False
    former_series: int | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """One message as it will be sent, with `{link}` where the attempt's own link goes and `{code}` for a code to sign in."""

    subject: str
    text: str
    html: str = ""
