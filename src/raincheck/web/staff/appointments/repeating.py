"""The part of a new appointment's form that makes it repeat: the pattern, and every date with what speaks against it."""

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _, gettext_lazy as later, ngettext

from raincheck.actions.appointments.series import SeriesBooking
from raincheck.data.appointments.series_plan import Date, plan
from raincheck.data.models import AppointmentType, Place
from raincheck.data.slots import NOBODY
from raincheck.domain.appointments.series import (
    FEWEST,
    MOST,
    WEEKS_APART,
    Clash,
    NothingLeft,
    Occurrence,
    Pattern,
    decided,
    made_until,
    meeting,
    occurrences,
    sound_pattern,
)
from raincheck.domain.refusals import Refusal
from raincheck.domain.zones import start_at
from raincheck.notifications.formats import clock_time, long_day, long_day_and_time
from raincheck.web.staff.appointments.session_form import STANDING, SessionForm
from raincheck.web.staff.shell import ClockField, DayField, instant_at, shown_at, zone_of
from raincheck.web.submission import sentence_of

PREVIEW = "raincheck/staff/appointments/series_preview.html"
SIDE_BY_SIDE = 2
"""So many choices stand in the line of a date; the others are a press away."""
CLASHES = {
    Clash.APPOINTMENT: later("%(names)s has an appointment with %(provider)s then."),
    Clash.HELD: later("This time is being held for another client."),
    Clash.CLIENT_ELSEWHERE: later("The client has another appointment then."),
    Clash.ROOM: later("Another provider has the room then."),
    Clash.PAST: later("This time is already past."),
    Clash.OUT_OF_OFFICE: later("%(provider)s is out of office then."),
    Clash.BUSY: later("The calendar of %(provider)s is busy then."),
    Clash.OUTSIDE_HOURS: later("This is outside the working hours of %(provider)s."),
    Clash.OTHER_PLACE: later("%(provider)s works then, but not at this place."),
    Clash.STANDING_TIME: STANDING,
}


class Ends(StrEnum):
    """How a series ends."""

    COUNT = "count"
    ON = "on"
    NEVER = "never"


class Choice(StrEnum):
    """What becomes of one date; another free time is chosen by that time itself."""

    BOOK = "book"
    SKIP = "skip"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Offer:
    """One way to decide about a date: what the button sends, and what it reads."""

    value: str
    words: str


@dataclass(slots=True)
class Row:
    """One date as the preview shows it: `key` is in the names of its fields, `chosen` what stands there.

    `offers` are the two choices of its line, what happens by itself first; `more` are all others. `clashes` says that it
    is left out unless somebody chooses something else.
    """

    key: str
    when: str
    why: tuple[str, ...]
    clashes: bool
    offers: tuple[Offer, ...]
    more: tuple[Offer, ...]
    chosen: str
    day: str = ""
    clock: str = ""
    error: str = ""

    @property
    def is_open(self) -> bool:
        """Whether the other choices have to be seen: one of them was made, or something is wrong."""
        return bool(self.error) or self.chosen in {offer.value for offer in self.more}


@dataclass(slots=True)
class Preview:
    """All dates of a series, as `seen`: a form that was filled in beside other dates is shown these first.

    Those that clash are left out unless somebody chooses otherwise; those with a remark are booked all the same.
    """

    lead: str
    note: str
    rows: list[Row]
    seen: str

    @property
    def clashing(self) -> list[Row]:
        return [row for row in self.rows if row.clashes]

    @property
    def remarked(self) -> list[Row]:
        return [row for row in self.rows if row.why and not row.clashes]

    @property
    def others(self) -> list[Row]:
        return [row for row in self.rows if not row.why]

    @property
    def clash_words(self) -> str:
        """Return "2 of 52 times clash. …"."""
        words = ngettext(
            "%(count)d of %(all)d times clashes. It is left out unless you choose something else.",
            "%(count)d of %(all)d times clash. They are left out unless you choose something else.",
            len(self.clashing),
        )
        return words % {"count": len(self.clashing), "all": len(self.rows)}

    @property
    def remarks(self) -> list[tuple[str, int]]:
        """Return each remark with of how many dates it is made."""
        return list(Counter(why for row in self.remarked for why in row.why).items())

    @property
    def is_any_remark_open(self) -> bool:
        return any(row.is_open or row.chosen != Choice.BOOK for row in self.remarked)


class RepeatingForm(SessionForm):
    """A session that may repeat. Once it is valid and `repeats`, `pattern` is what was chosen and `preview` its dates."""

    refused_at: ClassVar[dict[str, str]] = SessionForm.refused_at

    repeat = forms.BooleanField(
        label=later("Repeat"), required=False, help_text=later("The same time every week or every few weeks.")
    )
    every_weeks = forms.IntegerField(
        label=later("Every how many weeks"),
        required=False,
        widget=forms.NumberInput(attrs={"min": WEEKS_APART[0], "max": WEEKS_APART[-1]}),
        error_messages={"invalid": later("Please write a number of weeks, such as 1 or 2.")},
    )
    ends = forms.ChoiceField(
        label=later("Ends"),
        required=False,
        widget=forms.RadioSelect,
        choices=[
            (Ends.COUNT.value, later("After a number of appointments")),
            (Ends.ON.value, later("On a date")),
            (Ends.NEVER.value, later("No end: it is always booked a year ahead")),
        ],
    )
    count = forms.IntegerField(
        label=later("How many appointments"),
        required=False,
        widget=forms.NumberInput(attrs={"min": FEWEST, "max": MOST}),
        error_messages={"invalid": later("Please write a number, such as 8.")},
    )
    ends_on = DayField(label=later("Last day"), required=False)
    seen = forms.CharField(required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.pattern: Pattern | None = None
        self.preview: Preview | None = None
        self.skipped: set[datetime] = set()
        self.moved: dict[datetime, datetime] = {}

    @property
    def repeats(self) -> bool:
        said = self.data if self.is_bound else self.initial
        return bool(said.get("repeat"))

    @property
    def is_settled(self) -> bool:
        if not self.repeats:
            return super().is_settled
        # What is said of each date takes the place of the one warning about a single time.
        return self.is_valid() and self.preview is not None and self.cleaned_data["seen"] == self.preview.seen

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        if self.repeats:
            self.warnings = []
            self._read_pattern(said)
            if self.pattern is not None and "type" in said and "place" in said:
                client = said.get("client")
                self._look_ahead(said["type"], said["place"], client_id=client.pk if client else NOBODY)
        return said

    def _read_pattern(self, said: Mapping[str, Any]) -> None:
        """Read the pattern from cleaned fields; what is wrong with it is said at its field."""
        if "day" not in said or "time" not in said:
            return
        ends = said.get("ends") or Ends.COUNT
        if ends == Ends.COUNT and said.get("count") is None and "count" not in self.errors:
            self.add_error("count", _("Please write how many appointments there are."))
        if ends == Ends.ON and said.get("ends_on") is None and "ends_on" not in self.errors:
            self.add_error("ends_on", _("Please choose the last day."))
        if self.errors.keys() & {"count", "ends_on", "every_weeks"}:
            return
        pattern = Pattern(
            datetime.combine(said["day"], said["time"]),
            1 if said.get("every_weeks") is None else said["every_weeks"],
            zone_of(self.provider),
            said.get("count") if ends == Ends.COUNT else None,
            said.get("ends_on") if ends == Ends.ON else None,
        )
        try:
            self.pattern = sound_pattern(pattern)
        except Refusal as refusal:
            self.refuse(refusal)

    def _look_ahead(self, kind: AppointmentType, place: Place, *, client_id: int) -> None:
        """Find every date of the pattern with what speaks against it, and what was decided about each."""
        assert self.pattern is not None
        today = shown_at(self.now, zone=self.pattern.zone).date()
        found = occurrences(self.pattern, until=made_until(self.pattern, today=today))
        dates = plan(self.provider, self.session(kind, place), found, client_id=client_id, now=self.now)
        rows = [self._row(one) for one in dates]
        last = long_day(found[-1].start, self.provider.zone, now=self.now)
        self.preview = Preview(
            self._lead(len(found), last=last),
            _("It is booked up to %(last)s now, and goes on by itself.") % {"last": last}
            if self.pattern.is_open_ended
            else "",
            rows,
            hashlib.sha256(repr([(row.when, row.why) for row in rows]).encode()).hexdigest()[:22],
        )
        self._decide(dates, rows, kind, place, client_id=client_id)

    def booking(self, kind: AppointmentType, place: Place, *, client_id: int) -> SeriesBooking:
        """Return what is to be booked by a settled form."""
        assert self.pattern is not None, "a settled form that repeats has its pattern"
        return SeriesBooking(
            self.provider.pk,
            client_id,
            kind.pk,
            place.pk,
            self.pattern.first,
            self.pattern.every_weeks,
            self.pattern.count,
            self.pattern.ends_on,
            frozenset(self.skipped),
            self.moved,
        )

    def _lead(self, many: int, *, last: str) -> str:
        """Return "8 appointments, every 2 weeks, last on Tuesday, March 3"."""
        assert self.pattern is not None
        weeks = self.pattern.every_weeks
        often = _("every week") if weeks == 1 else _("every %(weeks)d weeks") % {"weeks": weeks}
        if self.pattern.is_open_ended:
            return _("Without an end, %(often)s. The dates of the first year:") % {"often": often}
        words = ngettext(
            "%(many)d appointment, %(often)s, last on %(last)s",
            "%(many)d appointments, %(often)s, last on %(last)s",
            many,
        )
        return words % {"many": many, "often": often, "last": last}

    def _row(self, one: Date) -> Row:
        key, zone = one.occurrence.recurrence_id.date().isoformat(), self.provider.zone
        names = _(" and ").join(one.names)
        why = tuple(
            str(CLASHES[clash]) % {"names": names, "provider": self.provider.short_name}
            for clash in one.clashes
        )
        offers = self._offers(one)
        usual = Choice.SKIP if one.is_left_out else Choice.BOOK
        sent = self.data.get(f"date-{key}", "")
        return Row(
            key,
            long_day_and_time(one.occurrence.start, zone, now=self.now),
            why,
            one.is_left_out,
            offers[:SIDE_BY_SIDE],
            offers[SIDE_BY_SIDE:],
            sent if sent in {offer.value for offer in offers} else usual,
            self.data.get(f"day-{key}", ""),
            self.data.get(f"time-{key}", ""),
        )

    def _offers(self, one: Date) -> tuple[Offer, ...]:
        """Return the ways to decide about a date: what happens by itself, what most would rather have, and the others."""
        skip = Offer(Choice.SKIP, _("Leave this date out"))
        if not one.clashes:
            return (skip,)
        book = [Offer(Choice.BOOK, _("Book it anyway"))] if one.is_possible else []
        moves = [
            Offer(
                shown_at(start, zone=zone_of(self.provider)).isoformat(timespec="minutes"),
                self._move_words(start, one.occurrence),
            )
            for start in one.nearest
        ]
        other = Offer(Choice.OTHER, _("Move it to another time:"))
        if one.is_left_out:
            return (skip, *moves[:1], *book, *moves[1:], other)
        return (*book, skip, *moves, other)

    def _move_words(self, start: datetime, to_replace: Occurrence) -> str:
        zone = self.provider.zone
        clock = zone_of(self.provider)
        if shown_at(start, zone=clock).date() == shown_at(to_replace.start, zone=clock).date():
            return _("Move it to %(time)s that day") % {"time": clock_time(start, zone)}
        return _("Move it to %(when)s") % {"when": long_day_and_time(start, zone, now=self.now)}

    def _decide(
        self, dates: list[Date], rows: list[Row], kind: AppointmentType, place: Place, *, client_id: int
    ) -> None:
        """Read what was chosen for each date, and look at the times they would move to; errors stand at the dates."""
        length = self.session(kind, place).length
        for one, row in zip(dates, rows, strict=True):
            if row.chosen == Choice.SKIP:
                self.skipped.add(one.occurrence.recurrence_id)
            elif row.chosen != Choice.BOOK:
                try:
                    self.moved[one.occurrence.recurrence_id] = self._start_for(row)
                except ValidationError as unreadable:
                    row.error = " ".join(unreadable.messages)
        try:
            kept = decided([one.occurrence for one in dates], skipped=self.skipped, moved={}, length=length)
        except NothingLeft as refusal:
            self.add_error(None, sentence_of(refusal))
            return
        by_id = {one.occurrence.recurrence_id: row for one, row in zip(dates, rows, strict=True)}
        now_at = [type(one)(one.recurrence_id, self.moved.get(one.recurrence_id, one.start)) for one in kept]
        for pair in meeting(now_at, length=length):
            moved = next((one for one in pair if one.recurrence_id in self.moved), pair[1])
            by_id[moved.recurrence_id].error = _(
                "This would overlap another appointment of the series. Please choose another time."
            )
        to_look_at = [one for one in now_at if one.recurrence_id in self.moved]
        looked = plan(self.provider, self.session(kind, place), to_look_at, client_id=client_id, now=self.now)
        for date_ in looked:
            if not date_.is_possible:
                row = by_id[date_.occurrence.recurrence_id]
                row.error = row.error or _("%(when)s is not free either. Please choose another time.") % {
                    "when": long_day_and_time(date_.occurrence.start, self.provider.zone, now=self.now)
                }
        for row in rows:
            if row.error:
                self.add_error(None, f"{row.when}: {row.error}")

    def _start_for(self, row: Row) -> datetime:
        """Return the start that a date moves to. Raises ValidationError, with a sentence, for none."""
        if row.chosen != Choice.OTHER:
            return start_at(datetime.fromisoformat(row.chosen), zone=zone_of(self.provider))
        day, clock = DayField().clean(row.day), ClockField().clean(row.clock)
        return instant_at(day, clock, zone=zone_of(self.provider))
