"""Suggested times are starts that a provider holds for one client inside a request: what can be suggested, and for which session.

The provider may come outside working hours and at a part of the asked time: only taken time is in the way.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from raincheck.domain.availability.hours import A_DAY, WEEK, Availability, Window
from raincheck.domain.refusals import Kind, Refusal
from raincheck.domain.sentences import _
from raincheck.domain.slot_explanations.explain import explain
from raincheck.domain.slot_explanations.reasons import Explanation, NotOffered
from raincheck.domain.slots import Question
from raincheck.domain.spans import Span

MOST = 5
"""Times that are suggested at once to one client inside one batch."""
ROUND_THE_CLOCK = Availability(((Window(timedelta(0), A_DAY),),) * WEEK)
MINUTE = timedelta(minutes=1)


class TooManySuggestions(Refusal):
    kind = Kind.BAD_INPUT
    code = "too_many_suggestions"
    sentence = _(
        "You can suggest up to {most} times; {count} are chosen. Nothing was sent yet, and all of them are still here; please leave some out."
    )
    field = "suggest"


class SuggestedTwice(Refusal):
    kind = Kind.BAD_INPUT
    code = "suggested_twice"
    sentence = _(
        "{when} is suggested twice. Nothing was sent yet; please keep it once, or choose another time."
    )
    field = "suggest"


class SuggestionUnreadable(Refusal):
    kind = Kind.BAD_INPUT
    code = "suggestion_unreadable"
    sentence = _(
        "One of the suggested times could not be read. Nothing was sent yet; please choose it again in the calendar."
    )
    field = "suggest"


class SuggestionTooSoon(Refusal):
    kind = Kind.BAD_INPUT
    code = "suggestion_too_soon"
    sentence = _(
        "{when} is too soon: a suggested time is at least {notice} away. Nothing was sent yet; please choose a later time."
    )
    field = "suggest"


class SuggestionTooFarAhead(Refusal):
    kind = Kind.BAD_INPUT
    code = "suggestion_too_far_ahead"
    sentence = _(
        "{when} is too far ahead: times can be suggested until {last}. Nothing was sent yet; please choose a sooner time."
    )
    field = "suggest"


class SuggestionTaken(Refusal):
    kind = Kind.CONFLICT
    code = "suggestion_taken"
    sentence = _(
        "{when} is taken: it would overlap an appointment, a time held for somebody else, or their buffers. Nothing was sent yet; please choose another time."
    )
    field = "suggest"


class SuggestionWhileAway(Refusal):
    kind = Kind.CONFLICT
    code = "suggestion_while_away"
    sentence = _(
        "You are out of office or busy on {when}. Nothing was sent yet; please choose another time, or change your time off first."
    )
    field = "suggest"


class SuggestionElsewhere(Refusal):
    kind = Kind.CONFLICT
    code = "suggestion_elsewhere"
    sentence = _(
        "{name} has another appointment on {when}. Nothing was sent yet; please choose another time."
    )
    field = "suggest"


class SuggestionIsAskedTime(Refusal):
    kind = Kind.BAD_INPUT
    code = "suggestion_is_asked_time"
    sentence = _("{when} is the very time you ask about. Nothing was sent yet; please choose another one.")
    field = "suggest"


class NothingNewSuggested(Refusal):
    kind = Kind.BAD_INPUT
    code = "nothing_new_suggested"
    sentence = _(
        "These times are suggested already, so nothing was sent. Please choose another one, or take one back."
    )
    field = "suggest"


class NothingToKeepFor(Refusal):
    kind = Kind.CONFLICT
    code = "nothing_to_keep_for"
    sentence = _(
        "The deadline has passed, so no time can be kept for {name} any more. Where there is room, extend it first."
    )
    field = "suggest"


class SuggestionGone(Refusal):
    kind = Kind.NOT_FOUND
    code = "suggestion_gone"
    sentence = _("That time is not suggested any more, so there was nothing to take back.")


@dataclass(frozen=True, slots=True)
class Wanted:
    """One of the sessions that are asked about together: the time it has, and what stands in the way of a new one."""

    asked: Span
    question: Question


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A time to be held: as long as the longest session that fits there, with all the room that any of them keeps free around it."""

    session: Span
    before: timedelta
    after: timedelta


def free_to_suggest(question: Question) -> Question:
    """Return the question of where else a session could be: at any minute, whatever the hours, the asked time and the client's other sessions that day."""
    return replace(
        question, availability=ROUND_THE_CLOCK, place=None, step=MINUTE, asked=None, same_day_as=()
    )


def suggestions(
    starts: Sequence[datetime], wanted: Sequence[Wanted], *, held: Collection[datetime] = ()
) -> list[Suggestion]:
    """Return what is to be held for a client whose sessions are `wanted` elsewhere, soonest first; what is `held` stays as it is.

    A start has to suit one of the sessions. Raises the refusal of the first that suits none, its instants in ISO form.
    """
    if len(starts) > MOST:
        raise TooManySuggestions(most=str(MOST), count=str(len(starts)))
    seen: set[datetime] = set()
    for start in starts:
        if start in seen:
            raise SuggestedTwice(when=start.isoformat())
        seen.add(start)
    return [_suggestion(start, wanted) for start in sorted(starts) if start not in held]


def _suggestion(start: datetime, wanted: Sequence[Wanted]) -> Suggestion:
    if any(start == one.asked.start for one in wanted):
        raise SuggestionIsAskedTime(when=start.isoformat())
    why = [explain(one.question, start) for one in wanted]
    fitting = [one.question for one, against in zip(wanted, why, strict=True) if against is None]
    if not fitting:
        [against, *_others] = [one for one in why if one is not None]
        raise refusal_of(against, wanted[0].question)
    session = Span(start, start + max(one.length for one in fitting))
    until = max(start + one.length + one.buffer_after for one in fitting)
    before = max(one.buffer_before for one in fitting)
    return Suggestion(session, before, max(until - session.end, timedelta(0)))


def refusal_of(against: Explanation, question: Question) -> Refusal:
    """Return the refusal of a start that something stands against."""
    when = against.start.isoformat()
    # With this provider or another: the client can't come twice, whatever keeps the provider besides.
    if any(
        Span(against.start, against.start + question.length).overlaps(own)
        for own in question.client_appointments
    ):
        return SuggestionElsewhere(when=when)
    match against.reason:
        case NotOffered.OUTSIDE_RANGE | NotOffered.NOTICE:
            return SuggestionTooSoon(when=when)
        case NotOffered.HORIZON:
            assert against.limit is not None, "a horizon is an instant"
            return SuggestionTooFarAhead(when=when, last=against.limit.isoformat())
        case NotOffered.OUT_OF_OFFICE | NotOffered.BUSY:
            return SuggestionWhileAway(when=when)
        case NotOffered.APPOINTMENT | NotOffered.HOLD | NotOffered.ROOM | NotOffered.BUFFER:
            return SuggestionTaken(when=when)
    return SuggestionUnreadable()
