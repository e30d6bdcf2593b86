"""The cut-off until which clients move or cancel their appointments by themselves."""

from datetime import datetime

from raincheck.domain.policy import Policy
from raincheck.domain.refusals import Kind, Refusal
from raincheck.domain.sentences import _


class TooNearToChange(Refusal):
    """Until the practice's cut-off a client changes an appointment by themselves; from then on they call."""

    kind = Kind.CONFLICT
    code = "too_near_to_change"
    sentence = _(
        "Your appointment is too near to be moved or canceled here. It stands as it was; please call us if you can't come."
    )


class AskedMeanwhile(Refusal):
    """While a request is open, the ways of the client are those of the request."""

    kind = Kind.CONFLICT
    code = "asked_meanwhile"
    sentence = _(
        "You were just asked to choose a new time for this appointment, so nothing was changed here. Please answer that instead."
    )


def self_service_ends_at(start: datetime, *, policy: Policy, asked_about: bool = False) -> datetime:
    """Return until when a client may move or cancel by themselves: the practice's cut-off before the start.

    Of a time that was `asked_about` and stands after all, the client may do so until the lead before it: whoever was unsettled
    by the practice is not held to its notice.
    """
    cut_off = min(policy.lead, policy.self_service_cut_off) if asked_about else policy.self_service_cut_off
    return start - cut_off
