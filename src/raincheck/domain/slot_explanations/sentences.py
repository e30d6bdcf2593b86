"""Sentences for starts that are not offered: one table, and the rule by which an explanation takes one of them.

For staff only: they name clients and calendars.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from raincheck.domain.sentences import _
from raincheck.domain.slot_explanations.reasons import Explanation, NotOffered, Obstacle
from raincheck.domain.spans import Span
from raincheck.domain.zones import wall

# By reason, then by what is known of it. Placeholders stand for words that `Speaker` makes.
SENTENCES = {
    "outside_range": _("Outside the dates that were looked at."),
    "notice": _(
        "Too soon: the minimum notice is {length}. Times from {limit_day}, {limit} on can be booked."
    ),
    "notice.unknown": _("Too soon: times from {limit_day}, {limit} on can be booked."),
    "notice.past": _("This time has passed."),
    "horizon": _("Too far ahead: times are offered for {length}, up to {limit_day}, {limit}."),
    "horizon.unknown": _("Too far ahead: times are offered up to {limit_day}, {limit}."),
    "skipped": _("The clocks skip {start} on this day."),
    "repeated": _("The clocks show {start} twice on this day; only the first one is offered."),
    "off_grid": _("Sessions can't start at {start}: they start every {length}, counted from midnight."),
    "outside_hours": _("Outside working hours ({hours})."),
    "outside_hours.none": _("No working hours on this {weekday}."),
    "outside_hours.end": _("A session of {length} does not fit before working hours end at {limit}."),
    "other_place": _("Not at this place then: its hours are {hours}."),
    "other_place.none": _("No working hours at this place on this {weekday}."),
    "out_of_office": _("Out of office, {when}."),
    "asked_time": _("Overlaps the time that was asked about, {when}."),
    "appointment": _("Appointment at {taken_from}."),
    "appointment.named": _("Appointment with {label} at {taken_from}."),
    "hold": _("Held for someone else, {when}."),
    "hold.until": _("Held for someone else until {until}."),
    "hold.named": _("Held for {label}, {when}."),
    "hold.named.until": _("Held for {label} until {until}."),
    "busy": _("Busy in the provider's calendar, {when}."),
    "busy.named": _("Busy in the calendar “{label}”, {when}."),
    "client_appointment": _("The client has another appointment, {when}."),
    "room": _("Another provider has the room, {when}."),
    "same_day": _("The client already has a session on this day, {when}."),
    "buffer.after.appointment": _("Buffer of {length} after the {taken_from} appointment."),
    "buffer.before.appointment": _("Buffer of {length} before the {taken_from} appointment."),
    "buffer.after.appointment.named": _(
        "Buffer of {length} after the appointment with {label} at {taken_from}."
    ),
    "buffer.before.appointment.named": _(
        "Buffer of {length} before the appointment with {label} at {taken_from}."
    ),
    "buffer.after.hold": _("Buffer of {length} after a held time, {when}."),
    "buffer.before.hold": _("Buffer of {length} before a held time, {when}."),
    "buffer.after.busy": _("Buffer of {length} after busy time in the provider's calendar, {when}."),
    "buffer.before.busy": _("Buffer of {length} before busy time in the provider's calendar, {when}."),
    "buffer.after.busy.named": _("Buffer of {length} after busy time in the calendar “{label}”, {when}."),
    "buffer.before.busy.named": _("Buffer of {length} before busy time in the calendar “{label}”, {when}."),
}
STRETCHES = {
    "times": _("{start}–{end}"),
    "day": _("{day}, all day"),
    "days": _("{day} to {last_day}"),
    "across": _("{day}, {start} to {last_day}, {end}"),
    "hours": _("{weekday} {times}"),
}

# A stretch ends before its end: one until midnight has no part of the next day.
A_MOMENT = timedelta.resolution


class Speaker(Protocol):
    """Puts times and lengths into words, and sentences into the reader's language. Times are naive, on the provider's clock."""

    def sentence(self, text: str) -> str: ...
    def clock(self, shown: datetime) -> str: ...
    def day(self, shown: datetime) -> str: ...
    def weekday(self, shown: datetime) -> str: ...
    def length(self, length: timedelta) -> str: ...


def sentence_for(explanation: Explanation, *, zone: ZoneInfo, speaker: Speaker) -> str:
    """Return why a start is not offered, as one sentence on the provider's clock."""
    values = Values(explanation, zone, speaker)
    return speaker.sentence(SENTENCES[variant(explanation)]).format_map(values.all())


def variant(explanation: Explanation) -> str:
    """Return the name of the sentence that says the most of what an explanation knows."""
    reason, taken_by = explanation.reason, explanation.taken_by
    if reason is NotOffered.NOTICE:
        if explanation.length is None or explanation.limit is None:
            return "notice.unknown"
        # The limit is now plus the notice, so this is now: no clock has to be asked.
        passed = explanation.start < explanation.limit - explanation.length
        return "notice.past" if passed else "notice"
    if reason is NotOffered.HORIZON:
        return "horizon" + ("" if explanation.length else ".unknown")
    if reason in (NotOffered.OUTSIDE_HOURS, NotOffered.OTHER_PLACE):
        end = ".end" if explanation.limit else ""
        return reason + (end if explanation.hours else ".none")
    if taken_by is None:
        return reason
    if reason is not NotOffered.BUFFER:
        return _fullest(taken_by.kind, taken_by)
    side = "after" if explanation.start >= taken_by.span.end else "before"
    return _fullest(f"buffer.{side}.{taken_by.kind}", taken_by)


def _fullest(name: str, taken_by: Obstacle) -> str:
    # Not every reason has every variant: a client's own appointment is never named.
    named = name + (".named" if taken_by.label else "")
    until = named + (".until" if taken_by.until else "")
    return next(one for one in (until, named, name) if one in SENTENCES)


@dataclass(frozen=True, slots=True)
class Values:
    """The words that stand for an explanation's values."""

    explanation: Explanation
    zone: ZoneInfo
    speaker: Speaker

    def all(self) -> dict[str, str]:
        told, speaker = self.explanation, self.speaker
        start = self._shown(told.start)
        words = {"start": speaker.clock(start), "weekday": speaker.weekday(start)}
        words["hours"] = ", ".join(self._hours(told.hours))
        if told.length is not None:
            words["length"] = speaker.length(told.length)
        if told.limit is not None:
            limit = self._shown(told.limit)
            words |= {"limit": speaker.clock(limit), "limit_day": speaker.day(limit)}
        return words if told.taken_by is None else words | self._taken(told.taken_by, on=start)

    def _hours(self, hours: tuple[Span, ...]) -> Iterator[str]:
        """Return working hours with the weekday they begin on, named once for hours that follow each other."""
        named = ""
        for span in hours:
            weekday, times = self.speaker.weekday(self._shown(span.start)), self._times(span)
            template = self.speaker.sentence(STRETCHES["hours"]) if weekday != named else "{times}"
            yield template.format(weekday=weekday, times=times)
            named = weekday

    def _taken(self, taken_by: Obstacle, *, on: datetime) -> dict[str, str]:
        words = {
            "label": taken_by.label,
            "taken_from": self.speaker.clock(self._shown(taken_by.span.start)),
            "when": self._when(taken_by.span, on=on),
        }
        if taken_by.until is not None:
            words["until"] = self.speaker.clock(self._shown(taken_by.until))
        return words

    def _when(self, span: Span, *, on: datetime) -> str:
        """Return a stretch as people say it: in days where it is whole days, in times where it lies in the start's day."""
        first, end = self._shown(span.start), self._shown(span.end)
        last = end - A_MOMENT
        whole_days = first.time() == end.time() == time.min
        if first.date() == last.date() == on.date() and not whole_days:
            return self._times(span)
        name = "across" if not whole_days else "days" if first.date() < last.date() else "day"
        return self.speaker.sentence(STRETCHES[name]).format(
            day=self.speaker.day(first),
            start=self.speaker.clock(first),
            last_day=self.speaker.day(last if whole_days else end),
            end=self.speaker.clock(end),
        )

    def _times(self, span: Span) -> str:
        return self.speaker.sentence(STRETCHES["times"]).format(
            start=self.speaker.clock(self._shown(span.start)), end=self.speaker.clock(self._shown(span.end))
        )

    def _shown(self, instant: datetime) -> datetime:
        """Return what the provider's clock shows; a wall time that never comes is one already."""
        if instant.tzinfo is None:
            return instant
        try:
            return wall(instant, zone=self.zone).replace(tzinfo=None)
        except OverflowError:  # busy since the first year, or until the last: no clock shows its ends
            return instant.replace(tzinfo=None)
