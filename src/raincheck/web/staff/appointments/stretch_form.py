"""The part of a form that says from when to when somebody is out of office, and names the appointments inside."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _, gettext_lazy as later

from raincheck.data.models import Appointment, Hold, Provider
from raincheck.domain.spans import Span
from raincheck.domain.zones import end_at, whole_days
from raincheck.queries.out_of_office import appointments_inside, held_inside
from raincheck.web.staff.appointments.words import when
from raincheck.web.staff.shell import ClockField, DayField, PageForm, instant_at, shown_at, zone_of

LONGEST = timedelta(days=730)  # longer than any leave; more is a slip of the finger
# Lazy, so that they are said in the reader's language each time.
BACKWARDS = later("This ends before it begins. Please check the end.")
TOO_LONG = later("This is longer than two years. Please check the end.")


class StretchForm(PageForm):
    """A stretch of time on the provider's clock. Whole days need no times and end with their last day.

    Once a stretch could be read, `span` holds it, `inside` the appointments in it, `kept` the times in it that are
    suggested to clients and `choosing` those that clients hold who choose just now; `seen` names those that the reader has
    been told of.
    """

    first_day = DayField(label=later("First day"))
    first_time = ClockField(label=later("Starts at"), required=False)
    last_day = DayField(label=later("Last day"))
    last_time = ClockField(label=later("Ends at"), required=False)
    seen = forms.CharField(required=False)

    def __init__(self, *args: Any, provider: Provider, now: datetime, **options: Any) -> None:
        super().__init__(*args, **options)
        self.provider, self.now = provider, now
        self.span: Span | None = None
        self.inside: list[Appointment] = []
        self.kept: list[Hold] = []
        self.choosing: list[Hold] = []

    def read_stretch(self, *, whole: bool, besides: Iterable[int] = ()) -> None:
        """Find the span meant and what lies inside; what is wrong with it is said at its field."""
        said = self.cleaned_data
        if whole:
            # The page hides them then: nobody can correct what they don't see.
            for name in ("first_time", "last_time"):
                self.errors.pop(name, None)
        if "first_day" not in said or "last_day" not in said:
            return
        # A form with the fields made optional still needs both once a stretch is meant.
        for name in ("first_day", "last_day"):
            if said[name] is None:
                self.add_error(name, self.fields[name].error_messages["required"])
                return
        try:
            span = self._whole_days() if whole else self._hours()
        except ValidationError as wrong:
            self.add_error(None, wrong)
            return
        self.look_inside(span, besides=besides)

    def propose(self, *, whole: bool) -> None:
        """Look inside what a form that nobody has filled in yet starts with, if that is a stretch at all."""
        self.cleaned_data = dict(self.initial)
        try:
            self.look_inside(self._whole_days() if whole else self._hours())
        except ValidationError:
            # Nobody has typed anything yet, so nothing is wrong; there is only nothing to name.
            self.inside = []

    def look_inside(self, span: Span, *, besides: Iterable[int] = ()) -> None:
        self.span = span
        self.inside = list(appointments_inside(self.provider, span, now=self.now, besides=besides))
        held = list(held_inside(self.provider, span, now=self.now))
        self.kept = [row for row in held if row.suggested]
        self.choosing = [row for row in held if not row.suggested]

    def _whole_days(self) -> Span:
        first, last = self.cleaned_data["first_day"], self.cleaned_data["last_day"]
        if last < first or last - first > LONGEST:
            raise ValidationError({"last_day": TOO_LONG if last > first else BACKWARDS})
        return whole_days(first, last, zone=zone_of(self.provider))

    def _hours(self) -> Span:
        start, end = self._instant("first"), self._instant("last")
        if end <= start or end - start > LONGEST:
            raise ValidationError({"last_time": TOO_LONG if end > start else BACKWARDS})
        return Span(start, end)

    def _instant(self, which: str) -> datetime:
        day, clock = self.cleaned_data[f"{which}_day"], self.cleaned_data.get(f"{which}_time")
        if clock is None:
            raise ValidationError({f"{which}_time": _("Please choose a time.")})
        zone = zone_of(self.provider)
        try:
            found = instant_at(day, clock, zone=zone)
        except ValidationError as skipped:
            raise ValidationError({f"{which}_time": skipped.messages}) from skipped
        # Where the clock shows a time twice, a block covers both: it starts with the first and ends with the second.
        return found if which == "first" else end_at(datetime.combine(day, clock), zone=zone)

    @property
    def names_of_inside(self) -> str:
        """The value that `seen` has once the reader has been told of everything inside."""
        return " ".join(str(row.ref) for row in (*self.inside, *self.kept, *self.choosing))

    @property
    def is_news(self) -> bool:
        """Whether there is an appointment, or a time held for a client, inside that the reader has not been told of."""
        return bool(set(self.names_of_inside.split()) - set((self["seen"].value() or "").split()))

    @property
    def lines(self) -> list[str]:
        """The appointments inside, each in a line."""
        zone = self.provider.zone
        return [f"{row.client.name}, {when(row.span, zone, now=self.now)}" for row in self.inside]

    @property
    def kept_lines(self) -> list[tuple[str, str]]:
        """The suggested times inside, each by its ref with its words."""
        return self._of_held(self.kept)

    @property
    def choosing_lines(self) -> list[tuple[str, str]]:
        """The same of the times that clients hold by themselves."""
        return self._of_held(self.choosing)

    def _of_held(self, rows: Iterable[Hold]) -> list[tuple[str, str]]:
        zone = self.provider.zone
        return [
            (str(row.ref), f"{row.client.name}, {when(Span(row.starts_at, row.ends_at), zone, now=self.now)}")
            for row in rows
        ]


def stretch_shown(span: Span, *, provider: Provider) -> dict[str, Any]:
    """Return the fields for a stretch, as the provider's clock shows it."""
    start, end = shown_at(span.start, zone=zone_of(provider)), shown_at(span.end, zone=zone_of(provider))
    return {
        "first_day": start.date(),
        "first_time": start.time(),
        "last_day": end.date(),
        "last_time": end.time(),
    }
