"""The part of a form that says when and where a session is, what speaks against that time, and who has it already."""

from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _, gettext_lazy as later

from raincheck.data.appointments.series_plan import standing_times
from raincheck.data.models import Appointment, AppointmentType, Place, Provider
from raincheck.data.slots import NOBODY, Session
from raincheck.domain.appointments.lifecycle import RoomTaken, SlotTaken
from raincheck.domain.appointments.series import MADE_AHEAD
from raincheck.domain.refusals import Refusal
from raincheck.domain.slot_explanations.reasons import NotOffered
from raincheck.domain.spans import Span
from raincheck.notifications.formats import clock_time
from raincheck.queries.appointments.listing import places_offered, types_of
from raincheck.queries.appointments.placing import concerns, held_in_the_way, in_the_room, in_the_way
from raincheck.web.staff.appointments.words import minutes
from raincheck.web.staff.shell import (
    ClockField,
    DayField,
    PageForm,
    RefField,
    instant_at,
    shown_at,
    start_meant,
    zone_of,
)

# All of these a provider may overrule; only what is taken may not (the database refuses it).
CONCERNS = {
    NotOffered.OUTSIDE_HOURS: later("This is outside the working hours of %(provider)s."),
    NotOffered.OTHER_PLACE: later("%(provider)s works then, but not at this place."),
    NotOffered.OUT_OF_OFFICE: later("%(provider)s is out of office then."),
    NotOffered.BUSY: later("The calendar of %(provider)s is busy then."),
    NotOffered.SAME_DAY: later("This client already has a session on that day."),
}
STANDING = later("This is the standing time of %(names)s, whose series has no end.")


class TypeField(RefField):
    """A kind of session, by name and length."""

    def label_from_instance(self, obj: AppointmentType) -> str:
        return f"{obj.name} · {minutes(obj.length)}"


class PlaceField(RefField):
    """A place of the practice, by name."""

    def label_from_instance(self, obj: Place) -> str:
        return obj.name


class SessionForm(PageForm):
    """The time, type and place of a session. `anyway` names the start that the reader was warned of and wants all the same.

    Once it is valid, `start` is the instant meant; `warnings` are what speaks against it, as sentences.
    """

    refused_at: ClassVar[dict[str, str]] = {"start": "time"}

    day = DayField(label=later("Date"))
    time = ClockField(label=later("Time"))
    type = TypeField(label=later("Type"), missing=later("Please choose a type."), empty_label=None)
    place = PlaceField(label=later("Where"), missing=later("Please choose a place."), empty_label=None)
    # Not a tick: see `warned_of`.
    anyway = forms.CharField(required=False)

    def __init__(
        self,
        *args: Any,
        provider: Provider,
        now: datetime,
        appointment: Appointment | None = None,
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.provider, self.appointment, self.now = provider, appointment, now
        self.start: datetime | None = None
        self.warnings: list[str] = []
        # A type or place that is no longer offered stays choosable for what has it already.
        kept, there = (appointment.type, appointment.place) if appointment else (None, None)
        self.offer("type", types_of(provider.practice, kept=kept))
        self.offer("place", places_offered(provider.practice, kept=there))

    def clean(self) -> dict[str, Any]:
        """Find the instant meant, and what speaks against it unless the reader has seen that."""
        said = self.cleaned_data
        if "day" in said and "time" in said:
            try:
                day, clock, zone = said["day"], said["time"], zone_of(self.provider)
                self.start = (
                    start_meant(self.appointment, day, clock, zone=zone)
                    if self.appointment
                    else instant_at(day, clock, zone=zone)
                )
            except ValidationError as skipped:
                self.add_error("time", skipped)
        if self.start is not None and "type" in said and "place" in said:
            self.weigh(self.start, said["type"], said["place"])
        return said

    def weigh(self, start: datetime, kind: AppointmentType, place: Place) -> None:
        """Collect what speaks against a start; what an appointment already has speaks for itself."""
        row, self.start = self.appointment, start
        if row is not None and (row.starts_at, row.type_id, row.place_id) == (start, kind.pk, place.pk):
            return
        day = shown_at(start, zone=zone_of(self.provider)).date()
        # What stays on its day says nothing new of that.
        stays = row is not None and shown_at(row.starts_at, zone=zone_of(self.provider)).date() == day
        found = concerns(
            self.provider,
            self.session(kind, place),
            client_id=NOBODY if stays else self.client_id,
            start=start,
            now=self.now,
        )
        self.warnings = [str(CONCERNS[why]) % {"provider": self.provider.short_name} for why in found]
        # What is nearer was booked for its series already, and is taken.
        if start > self.now + MADE_AHEAD:
            span = Span(start, start + self.session(kind, place).length)
            for standing in standing_times(self.provider, within=span, client_id=NOBODY):
                if standing.span.overlaps(span):
                    self.warnings.append(str(STANDING) % {"names": standing.name})

    @property
    def client_id(self) -> int:
        """The client whom the session is for; NOBODY until one is chosen."""
        if self.appointment is not None:
            return self.appointment.client_id
        chosen = getattr(self, "cleaned_data", {}).get("client")
        return chosen.pk if chosen else NOBODY

    def session(self, kind: AppointmentType, place: Place) -> Session:
        """Return what is to be placed. An appointment that keeps its type keeps its own length and buffers."""
        # A type that changed since counts for new bookings only; what is booked stays as it was agreed.
        row = self.appointment
        if row is not None and row.type_id == kind.pk:
            length = row.ends_at - row.starts_at
            return Session.at(place, length, before=row.buffer_before, after=row.buffer_after)
        return Session.of_type(kind, at=place)

    @property
    def warned_of(self) -> str:
        """The value that `anyway` has once the reader has seen the warnings about this start."""
        # The start itself and not a plain yes: whoever then types another time has not read what speaks against that one.
        return self.start.isoformat() if self.start else ""

    @property
    def is_settled(self) -> bool:
        """Whether nothing stands between this form and its verb."""
        return self.is_valid() and (not self.warnings or self.cleaned_data["anyway"] == self.warned_of)

    def refuse(self, refusal: Refusal) -> None:
        """Name who has the time already; everything else is said as it is everywhere."""
        # To the practice the name is said; clients only ever learn that a time is taken.
        if isinstance(refusal, RoomTaken):
            said = self._room_taken_by()
        else:
            said = self._taken_by() if isinstance(refusal, SlotTaken) else ""
        if said:
            self.add_error("place" if isinstance(refusal, RoomTaken) else "time", said)
        else:
            super().refuse(refusal)

    def _room_taken_by(self) -> str:
        """Say who has the room; whom they see there is for that provider and the managers to know."""
        kind, place = self.cleaned_data["type"], self.cleaned_data["place"]
        assert self.start is not None, "only a sound form is sent"
        other = in_the_room(place, self.session(kind, place), start=self.start, client_id=self.client_id)
        if other is None:
            return ""
        words = _(
            "%(provider)s has %(place)s at %(time)s, and it holds one session at a time. Nothing was changed; please choose another time or another place."
        )
        return words % {
            "provider": other.provider.short_name,
            "place": place.name,
            "time": clock_time(other.starts_at, self.provider.zone),
        }

    def _taken_by(self) -> str:
        kind, place = self.cleaned_data["type"], self.cleaned_data["place"]
        assert self.start is not None, "only a sound form is sent"
        # An appointment that is moved never stands in its own way.
        besides = self.appointment.pk if self.appointment else None
        other = in_the_way(self.provider, self.session(kind, place), start=self.start, besides=besides)
        if other is None:
            return self._held_by(self.session(kind, place), self.start)
        words = _(
            "%(client)s has an appointment with %(provider)s at %(time)s, and they would overlap. Nothing was changed; please choose another time."
        )
        return words % {
            "client": other.client.name,
            "provider": self.provider.short_name,
            "time": clock_time(other.starts_at, self.provider.zone),
        }

    def _held_by(self, session: Session, start: datetime) -> str:
        """Say for whom the time is kept, and what can be done about it."""
        held = held_in_the_way(self.provider, session, start=start, client_id=self.client_id, now=self.now)
        if held is None:
            return ""
        words = _(
            "%(time)s is held until %(until)s for %(client)s, who is choosing a time. Nothing was changed; please choose another time, or try again then."
        )
        if held.suggested:
            words = _(
                "%(time)s is suggested to %(client)s and kept for them. Nothing was changed; please choose another time, or take the suggestion back in their request first."
            )
        return words % {
            "client": held.client.name,
            "time": clock_time(held.starts_at, self.provider.zone),
            "until": clock_time(held.expires_at, self.provider.zone),
        }
