"""The life of a reschedule request: a provider asks, and the client has until the deadline to answer.

    OPEN -- pick -------> MOVED          OPEN -- withdraw ---> WITHDRAWN
    OPEN -- keep -------> KEPT
    OPEN -- decline ----> DECLINED       OPEN -- supersede --> SUPERSEDED
    OPEN -- lapse ------> LAPSED         OPEN -- void -------> VOID
    OPEN -- undo -------> UNDONE

The clock decides, never the job that happens to notice first. What each of these brings is the table in `endings.py`.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from raincheck.domain.notifications import waking_time
from raincheck.domain.policy import HAND_OVER_SLACK, LAPSE_GRACE, WORD_FROM_CLIENT_LEAVES, Policy
from raincheck.domain.refusals import Kind, Refusal
from raincheck.domain.sentences import _
from raincheck.domain.spans import Span


class State(StrEnum):
    OPEN = "open"
    MOVED = "moved"
    KEPT = "kept"
    DECLINED = "declined"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"
    VOID = "void"
    UNDONE = "undone"


class Event(StrEnum):
    PICK = "pick"
    KEEP = "keep"
    DECLINE = "decline"
    LAPSE = "lapse"
    WITHDRAW = "withdraw"
    SUPERSEDE = "supersede"
    VOID = "void"
    UNDO = "undo"


class Reason(StrEnum):
    """Why the provider asks. It stays with the practice: whatever it is, the client reads one and the same sentence."""

    SCHEDULING_CONFLICT = "scheduling_conflict"
    TRAINING = "training"
    LEGAL_DUTY = "legal_duty"
    TRAVEL = "travel"
    HOLIDAY = "holiday"
    ILLNESS = "illness"
    PERSONAL = "personal"
    OTHER = "other"


class NeedsProvider(StrEnum):
    """Why a request stays open past its deadline and waits for a person instead.

    RESTORED and PROVIDER_LEFT come at once, before the deadline: an answer that was given after the backup is gone, or
    nobody is there any more who could offer times.
    """

    NOT_HANDED_OVER = "not_handed_over"
    DO_NOT_AUTO_CANCEL = "do_not_auto_cancel"
    SPARED = "spared"
    OUTAGE = "outage"
    SWEPT_TOO_LATE = "swept_too_late"
    NO_ROOM_AFTER_ZONE_CHANGE = "no_room_after_zone_change"
    RESTORED = "restored"
    PROVIDER_LEFT = "provider_left"


NOTE_LIMIT = 500
"""Characters of the note to the client."""


class TooLateToAsk(Refusal):
    kind = Kind.CONFLICT
    code = "too_late_to_ask"
    sentence = _(
        "Too late to ask: {name} would have less than {shortest} to answer between {morning} and {evening}, {zone}. "
        "Nothing was sent. If you have already agreed on a time, change the appointment details; otherwise use the cancel flow."
    )


class AlreadyAsked(Refusal):
    kind = Kind.CONFLICT
    code = "already_asked"
    sentence = _(
        "{name} has already been asked about this appointment, so nothing new was sent. The open request still stands."
    )


class AlreadySettled(Refusal):
    kind = Kind.CONFLICT
    code = "already_settled"
    sentence = _("This request has already ended. Nothing was changed; this page shows how things stand now.")


class ReasonMissing(Refusal):
    kind = Kind.BAD_INPUT
    code = "reason_missing"
    sentence = _("Please choose a reason. Nothing was sent yet, and what you wrote is still here.")
    field = "reason"


class NoteTooLong(Refusal):
    kind = Kind.BAD_INPUT
    code = "note_too_long"
    sentence = _("Your note has {count} characters; {limit} fit. Nothing was sent yet; please shorten it.")
    field = "note"


class LastMinuteNotConfirmed(Refusal):
    kind = Kind.BAD_INPUT
    code = "last_minute_not_confirmed"
    sentence = _(
        "This is less than {mark} ahead. Please tick “I know this is last-minute” to send anyway. Nothing was sent yet."
    )
    field = "last_minute"


class RepeatNotConfirmed(Refusal):
    kind = Kind.BAD_INPUT
    code = "repeat_not_confirmed"
    sentence = _(
        "You have asked {name} before in the last 90 days. Please tick the box to confirm asking again. Nothing was sent yet."
    )
    field = "repeat"


class NoOpenTimes(Refusal):
    kind = Kind.CONFLICT
    code = "no_open_times"
    sentence = _(
        "You have no open times; open some first. Nothing was sent yet, and what you wrote is still here."
    )


class NotReachable(Refusal):
    kind = Kind.CONFLICT
    code = "not_reachable"
    sentence = _(
        "{name} can't be reached by e-mail or text, so nothing was sent. Add an e-mail, or pick a time with {name} by phone."
    )


class NotYetOver(Refusal):
    kind = Kind.CONFLICT
    code = "not_yet_over"
    sentence = _(
        "Please wait until ten minutes after the start. Nothing was sent; if you need us before then, please call."
    )


class NothingChosen(Refusal):
    kind = Kind.BAD_INPUT
    code = "nothing_chosen"
    sentence = _("Please choose a time first. Nothing was changed.")
    field = "start"


class WhatWorksMissing(Refusal):
    kind = Kind.BAD_INPUT
    code = "what_works_missing"
    sentence = _(
        "Please tick what would work, or write a few words. Nothing was sent yet, and you can still choose a time."
    )
    field = "words"


class NoAppointmentChosen(Refusal):
    kind = Kind.BAD_INPUT
    code = "no_appointment_chosen"
    sentence = _(
        "Please tick at least one appointment. Nothing was sent yet, and what you wrote is still here."
    )
    field = "appointments"


class RequestGone(Refusal):
    kind = Kind.NOT_FOUND
    code = "request_gone"
    sentence = _("We can't find that request. Nothing was changed.")


class BlockWasEdited(Refusal):
    kind = Kind.BAD_INPUT
    code = "block_was_edited"
    sentence = _(
        "The time off that was blocked with this request has been edited since. Please say whether to keep or remove it. Nothing was changed yet."
    )
    field = "edited_block"


class ChoiceStands(Refusal):
    kind = Kind.CONFLICT
    code = "choice_stands"
    sentence = _(
        "It is too late to change your choice here, so your appointment stands as it was. If it doesn't suit you, please write to us or call."
    )


class TookTooLong(Refusal):
    kind = Kind.UNAVAILABLE
    code = "took_too_long"
    sentence = _("That took too long, nothing has changed, please try again.")


def deadline_for(appointment: Span, *, asked_at: datetime, zone: ZoneInfo, policy: Policy) -> datetime:
    """Return when silence cancels: the answer window, cut short so that it ends `policy.lead` before the start.

    The window is elapsed time, whatever the clocks do meanwhile: Python would add it on the wall of a zone.
    Raises TooLateToAsk when less than `policy.shortest_window` would remain, counted while it is day in the client's `zone`:
    nobody loses a session asleep.
    """
    # In UTC: Python adds 48 h on the wall of a zone, which is 47 or 49 where the clocks change.
    asked_at = asked_at.astimezone(UTC)
    deadline = min(asked_at + policy.answer_window, appointment.start - policy.lead)
    if deadline <= asked_at or waking_time(Span(asked_at, deadline), zone=zone) < policy.shortest_window:
        raise TooLateToAsk
    return deadline


CHOSEN = (State.MOVED, State.KEPT)
"""Endings in which a client chose when and how they come."""
CHOICE_CHANGES_FOR = timedelta(hours=24)


def choice_stands_from(settled_at: datetime, *, starts_at: datetime, policy: Policy) -> datetime:
    """Return from when on a client can't change what they chose: a day after they did, or the lead before the start."""
    return min(settled_at + CHOICE_CHANGES_FOR, latest_deadline(starts_at, policy=policy))


def whole_window(
    deadline: datetime, *, asked_at: datetime, prompted_at: datetime | None = None, window: timedelta
) -> timedelta | None:
    """Return the practice's answer window where the client had all of it, so that it may be named; else None.

    A deadline that the start cut short, or that was moved since, is named by its instant alone.
    """
    # From the ask, or from its hand-over when that took so long that it was given back.
    began = (asked_at, prompted_at or asked_at)
    return window if any(deadline - since.astimezone(UTC) == window for since in began) else None


def silence_spares(
    *, do_not_auto_cancel: bool, needed: bool, of_its_type: bool | None, policy: Policy
) -> bool:
    """Return whether silence will cancel nothing of a request that is sent now: by the client's mark or a day by which it is `needed`, else by policy.

    `of_its_type` is whether the appointment type says that silence cancels; None is as the practice says.
    """
    cancels = policy.silence_cancels if of_its_type is None else of_its_type
    return do_not_auto_cancel or needed or not cancels


def is_last_minute(appointment: Span, *, asked_at: datetime, policy: Policy) -> bool:
    return appointment.start - asked_at < policy.last_minute


def latest_deadline(starts_at: datetime, *, policy: Policy) -> datetime:
    """Return the instant no deadline may pass, whatever moves it: the lead before the start."""
    return starts_at - policy.lead


def moved_for_hand_over(
    deadline: datetime, *, asked_at: datetime, handed_over_at: datetime, starts_at: datetime, policy: Policy
) -> datetime:
    """Return the deadline after the first hand-over: a delay above five minutes is given back to the client."""
    delay = handed_over_at.astimezone(UTC) - asked_at.astimezone(UTC)
    if delay <= HAND_OVER_SLACK:
        return deadline
    return max(deadline, min(deadline + delay, latest_deadline(starts_at, policy=policy)))


def clock_stands(
    *, asked_at: datetime, handed_over_at: datetime | None, failed: bool = False, now: datetime
) -> bool:
    """Return whether a client's time to answer does not run, since nobody has taken the request message over.

    Up to five minutes are no delay and on the client's account, unless every message has failed for good.
    """
    return handed_over_at is None and (failed or now - asked_at > HAND_OVER_SLACK)


def moved_for_word(deadline: datetime, *, word_at: datetime, starts_at: datetime, policy: Policy) -> datetime:
    """Return the deadline after a word from the client: at least 24 h are left, as far as the start allows.

    Where the start allows nothing any more, the deadline stays where it is: nobody is given time that has passed.
    """
    latest = latest_deadline(starts_at, policy=policy)
    if latest <= word_at:
        return deadline
    return max(deadline, min(word_at.astimezone(UTC) + WORD_FROM_CLIENT_LEAVES, latest))


def moved_for_zone_rules(
    deadline: datetime, *, asked_at: datetime, former_start: datetime, starts_at: datetime, policy: Policy
) -> datetime | None:
    """Return the deadline after zone rules took the start to another instant; None when there is no room for it.

    One that the start had cut short follows a later start, within the answer window; none ever comes earlier.
    """
    latest = latest_deadline(starts_at, policy=policy)
    if deadline > latest:
        return None
    if deadline < latest_deadline(former_start, policy=policy):
        return deadline
    return max(deadline, min(asked_at.astimezone(UTC) + policy.answer_window, latest))


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """What the sweep must know of an open request to say what its time has brought."""

    starts_at: datetime
    deadline_at: datetime
    handed_over: bool
    do_not_auto_cancel: bool
    """Whether the client's record says so now."""
    needs_provider: bool
    hold_keeps_until: datetime | None
    """The end of a live hold that began before the deadline, when there is one."""
    time_lost: bool = False
    """Whether an outage took time that could not be given back."""
    spared: bool = False
    """Whether the client was told that silence cancels nothing, whatever record and policy say by now."""


class Due(StrEnum):
    """What the passing of time asks of an open request."""

    NOTHING = "nothing"
    LAPSE = "lapse"
    WAIT_FOR_PROVIDER = "wait_for_provider"
    VOID = "void"


class Silence(StrEnum):
    """What becomes of an open request, as it stands, when its deadline passes without an answer."""

    CANCELS = "cancels"
    ASKS_A_PERSON = "asks_a_person"
    WAITS = "waits"
    """It waits for a person already, whatever the deadline."""


def silence(request: OpenRequest) -> Silence:
    """Return what silence brings: what the sweep will do, so that every sentence about silence asks here."""
    if request.needs_provider:
        return Silence.WAITS
    return Silence.ASKS_A_PERSON if _why_silence_spares(request) else Silence.CANCELS


def once_handed_over(
    request: OpenRequest,
    *,
    asked_at: datetime,
    handed_over_at: datetime,
    policy: Policy,
    waits_for_that: bool = False,
) -> OpenRequest:
    """Return a request as its first hand-over leaves it; `waits_for_that` says that nothing else keeps it waiting for a person."""
    deadline = moved_for_hand_over(
        request.deadline_at,
        asked_at=asked_at,
        handed_over_at=handed_over_at,
        starts_at=request.starts_at,
        policy=policy,
    )
    in_time = handed_over_at < deadline
    waits = request.needs_provider and not (waits_for_that and in_time)
    return replace(request, deadline_at=deadline, handed_over=in_time, needs_provider=waits)


def due(
    request: OpenRequest, *, now: datetime, policy: Policy, reachable_until: datetime | None = None
) -> tuple[Due, NeedsProvider | None]:
    """Return what `now` brings for an open request, and why when it must wait for a person.

    At its start a request is void: a session that may have begun is never cancelled. Otherwise it lapses once the
    grace after its deadline (or after the hold that keeps it) is over, unless silence must not cancel it. Nothing comes of
    a deadline after `reachable_until`, the latest instant at which the client's page could surely be opened: what followed
    may turn out to be an outage.
    """
    # Before everything else: whatever kept it open, a session that may have begun is not ended by silence.
    if now >= request.starts_at:
        return Due.VOID, None
    unsure = reachable_until is not None and request.deadline_at > reachable_until
    if now < ripe_at(request) or unsure or request.needs_provider:
        return Due.NOTHING, None
    why = _why_silence_spares(request) or _why_too_late(request, now=now, policy=policy)
    return (Due.WAIT_FOR_PROVIDER, why) if why else (Due.LAPSE, None)


TELL_AGAIN_AFTER = timedelta(minutes=30)
NOBODY_CAME_AFTER = timedelta(minutes=10)


def told_of_waiting_at(
    starts_at: datetime, *, waits_since: datetime, now: datetime, policy: Policy
) -> datetime | None:
    """Return the latest moment up to `now` at which the practice is told that a request still waits; None before the first.

    The first is the lead before the start, or when it began to wait, if that is later; then one each half hour until the
    start, whoever looks when: a moment that was missed is not made up for, and none comes twice.
    """
    first = max(starts_at - policy.lead, waits_since)
    if not first <= now < starts_at:
        return None
    return first + (now - first) // TELL_AGAIN_AFTER * TELL_AGAIN_AFTER


def nobody_came_from(starts_at: datetime) -> datetime:
    """Return from when a client may say that nobody came to a session that was never settled."""
    return starts_at + NOBODY_CAME_AFTER


def ripe_at(request: OpenRequest) -> datetime:
    """Return when the request may lapse at the earliest."""
    kept = request.hold_keeps_until
    return max(request.deadline_at, kept or request.deadline_at) + LAPSE_GRACE


def _why_silence_spares(request: OpenRequest) -> NeedsProvider | None:
    if not request.handed_over:
        return NeedsProvider.NOT_HANDED_OVER
    if request.do_not_auto_cancel:
        return NeedsProvider.DO_NOT_AUTO_CANCEL
    if request.spared:
        return NeedsProvider.SPARED
    if request.time_lost:
        return NeedsProvider.OUTAGE
    return None


def _why_too_late(request: OpenRequest, *, now: datetime, policy: Policy) -> NeedsProvider | None:
    # A deadline that was set under a shorter lead lapses as it was told: a longer one counts for later asks.
    lead = min(policy.lead, request.starts_at - request.deadline_at)
    # Too little time is left to tell a client that nobody comes.
    if now >= request.starts_at - lead / 2:
        return NeedsProvider.SWEPT_TOO_LATE
    return None


def repeats_to_confirm(earlier: int) -> bool:
    """Return whether the ask must be confirmed: from the second request to one client within REPEAT_WINDOW."""
    return earlier >= 1


REPEAT_WINDOW = timedelta(days=90)
MANY_ASKS = 3
"""From so many requests to one client within REPEAT_WINDOW on, a call may do more than another, and managers see it."""
