"""The ask form: appointments to move, a reason, what to say, and a tick that blocks the time."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _, gettext_lazy as later

from raincheck.actions.reschedule.ask import Ask
from raincheck.data.models import Appointment, OutOfOffice
from raincheck.data.out_of_office import blocks_meeting, not_blocked_yet
from raincheck.domain.refusals import Refusal
from raincheck.domain.reschedule.by_video import BlockedAndByVideo, NoVideo
from raincheck.domain.reschedule.lifecycle import NOTE_LIMIT, Reason
from raincheck.domain.spans import Span
from raincheck.notifications.formats import reason_sentence
from raincheck.queries.reschedule.ask import Candidate, why_none_by_video
from raincheck.web.reasons import NAMES
from raincheck.web.requests import ref_or_none
from raincheck.web.staff.appointments.stretch_form import StretchForm, stretch_shown
from raincheck.web.staff.requests.suggest_form import SuggestForm
from raincheck.web.staff.shell import DayField, WordsField, shown_at, zone_of

# Never in a message, feed or webhook, so no channel's length limits it.
PRIVATE_NOTE_LIMIT = 2000
KEEPS_THE_TIME = later(
    "%(name)s can keep the time and meet by video instead of choosing another. What can be kept is not blocked."
)
WHY_NO_VIDEO = {
    NoVideo.IN_PERSON_NEEDED: later("Not possible: this type of appointment needs to be in person."),
    NoVideo.NOT_LICENSED: later(
        "Not possible: where %(name)s usually is, is not among the states and countries of %(provider)s."
    ),
    NoVideo.NO_PLACE: later(
        "Not possible: the practice has no telehealth place. A manager can add one under Practice."
    ),
    NoVideo.NO_LINK: later("Not possible: %(provider)s has no join link. A manager can add it under People."),
}
SEQUENCE = re.compile(r"[0-9]{1,9}")  # what a database's integer holds, in plain digits


class AskForm(SuggestForm, StretchForm):
    """An ask about one or several of a client's appointments. The verb says which of them can be asked about.

    A field more is a field here, handed on by `ask()`; it shows in `ask.html`, and the verb keeps it with the batch.
    """

    # Plain fields without choices of their own: refs of other people's appointments are dropped and not told apart from none.
    appointments = forms.Field(
        label=later("Which appointments?"), required=False, widget=forms.SelectMultiple
    )
    # All that can be asked about up to that day, besides what is ticked.
    until = DayField(label=later("All of them until"), required=False)
    # Pairs of ref and sequence: an ask about a former state of an appointment is refused.
    shown = forms.Field(required=False, widget=forms.MultipleHiddenInput)
    reason = forms.ChoiceField(
        label=later("Reason for rescheduling"),
        required=False,
        choices=[("", later("Choose a reason")), *((reason.value, name) for reason, name in NAMES.items())],
        widget=forms.Select(attrs={"required": True}),
        error_messages={"invalid_choice": later("Please choose one of these reasons.")},
    )
    note = WordsField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": NOTE_LIMIT}),
        help_text=later("Optional. Please leave clinical details out."),
    )
    private_note = WordsField(
        label=later("Private note"),
        required=False,
        max_length=PRIVATE_NOTE_LIMIT,
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": PRIVATE_NOTE_LIMIT}),
        help_text=later(
            "For you and the practice's managers. It may be part of the record the client can ask for."
        ),
    )
    block = forms.BooleanField(
        label=later("Block this time as out of office"),
        required=False,
        widget=forms.CheckboxInput(
            attrs={"aria-labelledby": "block-name", "aria-describedby": "block-words"}
        ),
    )
    by_video = forms.BooleanField(label=later("Offer to keep the time by video"), required=False)
    # Two ticks that the verb may demand: under 24 hours to the start, and from the second ask within 90 days.
    last_minute = forms.BooleanField(label=later("I know this is last-minute"), required=False)
    repeat = forms.BooleanField(required=False)

    def __init__(
        self,
        *args: Any,
        appointment: Appointment,
        candidates: Sequence[Candidate],
        with_private_note: bool,
        now: datetime,
        **options: Any,
    ) -> None:
        super().__init__(*args, provider=appointment.provider, now=now, **options)
        self.appointment, self.candidates = appointment, candidates
        if not with_private_note:
            del self.fields["private_note"]
        self.fields["note"].label = _("Note to %(name)s") % {"name": appointment.client.known_as}
        self.fields["repeat"].label = _("Ask %(name)s again") % {"name": appointment.client.known_as}
        session = blocked_span(appointment)
        # Nothing to tick where nothing is left to block, whatever is sent.
        self.fields["block"].disabled = not not_blocked_yet(self.provider.pk, session)
        why_not = why_none_by_video(candidates)
        if why_not is NoVideo.BY_VIDEO_ALREADY:
            # Nothing to offer: no word of it either.
            del self.fields["by_video"]
        else:
            offer = self.fields["by_video"]
            offer.disabled = why_not is not None
            names = {"name": appointment.client.known_as, "provider": self.provider.short_name}
            offer.help_text = str(WHY_NO_VIDEO[why_not] if why_not else KEEPS_THE_TIME) % names
        # Without the tick no stretch is meant, and its fields may be anything.
        for name in ("first_day", "first_time", "last_day", "last_time"):
            self.fields[name].required = False

    @property
    def sentence(self) -> str:
        """The sentence that the client reads, whatever the reason."""
        return reason_sentence(self.provider.short_name)

    def clean_appointments(self) -> list[Appointment]:
        """Return the ticked appointments: of this client with this provider and of nobody else."""
        refs = [ref for ref in map(ref_or_none, self.cleaned_data["appointments"]) if ref is not None]
        rows = Appointment.objects.filter(
            provider=self.appointment.provider_id, client=self.appointment.client_id, ref__in=refs
        )
        return list(rows.order_by("starts_at"))

    def clean_shown(self) -> dict[UUID, int]:
        """Return the sequence of each appointment when the form was made; what is not one is passed over."""
        parts = (text.rpartition(":") for text in self.cleaned_data["shown"] or [])
        seen = ((ref_or_none(ref), number) for ref, _colon, number in parts if SEQUENCE.fullmatch(number))
        return {ref: int(number) for ref, number in seen if ref is not None}

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        self.read_typed(self.provider)
        if said.get("until") and "appointments" in said:
            self._tick_until(said["until"])
        # The appointments that are asked about lie inside by nature; only others are news to the provider.
        if said.get("block"):
            asked = [row.pk for row in said.get("appointments", [])]
            self.read_stretch(whole=False, besides=[self.appointment.pk, *asked])
        return said

    def _tick_until(self, last: date) -> None:
        """Add every appointment up to and with a day that can be asked about."""
        zone = zone_of(self.provider)
        meant = {
            one.appointment.pk: one.appointment
            for one in self.candidates
            if one.can_be_asked and shown_at(one.appointment.starts_at, zone=zone).date() <= last
        }
        if not meant:
            words = _("No appointment until then can be asked about. Please choose a later day, or none.")
            self.add_error("until", words)
        ticked = {row.pk: row for row in self.cleaned_data["appointments"]}
        both = (ticked | meant).values()
        self.cleaned_data["appointments"] = sorted(both, key=lambda row: row.starts_at)

    @property
    def blocks(self) -> list[OutOfOffice]:
        """The time off that the stretch of the form, or the session while none is meant, meets already."""
        return list(blocks_meeting(self.provider.pk, self.span or blocked_span(self.appointment)))

    @property
    def is_blocked_already(self) -> bool:
        return not not_blocked_yet(self.provider.pk, self.span or blocked_span(self.appointment))

    @property
    def ticked(self) -> list[Candidate]:
        """The candidates that are ticked and can be asked about, soonest first; this one while none is."""
        if not self.is_bound:
            return [one for one in self.candidates if one.appointment.pk == self.appointment.pk]
        chosen = {row.pk for row in self.cleaned_data.get("appointments", [])}
        return [one for one in self.candidates if one.appointment.pk in chosen]

    def refuse(self, refusal: Refusal) -> None:
        super().refuse(refusal)
        if isinstance(refusal, BlockedAndByVideo):
            # As the sentence says; everything else that was typed is shown again.
            said = QueryDict(mutable=True)
            said.update(self.data)
            said.pop("block", None)
            self.data, self.span = said, None
            self.inside, self.kept, self.choosing = [], [], []

    @property
    def offers_video(self) -> bool:
        return self.is_bound and bool(self.cleaned_data.get("by_video"))

    def ask(self) -> Ask:
        """Return what the form says, for the verb."""
        said = self.cleaned_data
        return Ask(
            [row.ref for row in said["appointments"]],
            Reason(said["reason"]) if said["reason"] else None,
            note=said["note"],
            private_note=said.get("private_note", ""),
            block=self.span if said["block"] else None,
            last_minute_confirmed=said["last_minute"],
            by_video=said.get("by_video", False),
            repeat_confirmed=said["repeat"],
            sequences=said["shown"],
            suggestions=self.starts,
        )


def prefilled(appointment: Appointment) -> dict[str, Any]:
    """Return what a new form starts with: the session with its buffers, as far as it is not blocked already."""
    span = span_to_block(appointment)
    shown = stretch_shown(span or blocked_span(appointment), provider=appointment.provider)
    return {"block": span is not None, **shown}


def span_to_block(appointment: Appointment) -> Span | None:
    """Return what of the session with its buffers is not blocked yet, in one piece; None when all of it is."""
    left = not_blocked_yet(appointment.provider_id, blocked_span(appointment))
    return Span(left[0].start, left[-1].end) if left else None


def blocked_span(appointment: Appointment) -> Span:
    """Return what is blocked unless somebody changes it: the session with its buffers."""
    return appointment.span.widened(before=appointment.buffer_before, after=appointment.buffer_after)
