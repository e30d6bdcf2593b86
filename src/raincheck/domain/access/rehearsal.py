"""A rehearsal: somebody of the practice plays a client, is really asked, and moves an appointment that was made for it."""

from datetime import timedelta

from raincheck.domain.policy import Policy
from raincheck.domain.refusals import Kind, Refusal
from raincheck.domain.sentences import _

ROOM = timedelta(hours=2)
LOOKS_AHEAD = timedelta(days=30)
"""How far ahead its appointment may be."""


class RehearsalUnderWay(Refusal):
    kind = Kind.CONFLICT
    code = "rehearsal_under_way"
    sentence = _("A rehearsal is under way already, so no other was begun. Clear it away first.")


class NothingToBook(Refusal):
    kind = Kind.CONFLICT
    code = "nothing_to_book"
    sentence = _(
        "There is no type or place that can be booked, so nothing was begun. A manager adds them under Practice."
    )


def soonest(policy: Policy) -> timedelta:
    """Return how far ahead a rehearsal's appointment is at least: far enough for the whole time to answer."""
    return policy.answer_window + policy.lead + ROOM
