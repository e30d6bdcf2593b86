"""Appointment types: one to add, one to change. A change counts for new bookings."""

from datetime import timedelta

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.functional import Promise
from django.utils.translation import gettext as _, gettext_lazy as later
from django.views.decorators.http import require_http_methods

from raincheck.actions.practice import add_type, change_type
from raincheck.data.models import AppointmentType
from raincheck.data.practice import changes_of_type
from raincheck.domain.appointments.lifecycle import TypeKind
from raincheck.domain.practice import NAME_LIMIT, TypeDetails
from raincheck.notifications.formats import duration
from raincheck.queries.practice import booked_ahead, is_booked
from raincheck.web.requests import Ref
from raincheck.web.staff.practice.settings_form import (
    Facts,
    SettingsForm,
    WholeField,
    save_settings,
    show_settings,
)
from raincheck.web.staff.shell import Context, Staff, for_managers

MINUTE = timedelta(minutes=1)
KINDS = {TypeKind.FOLLOW_UP: later("Follow-up"), TypeKind.INTAKE: later("Intake")}
SILENCE: dict[str, tuple[bool | None, Promise]] = {
    "practice": (None, later("as the booking rules say")),
    "cancels": (True, later("cancel the appointment at the deadline")),
    "asks": (False, later("ask a person, and let it stand until then")),
}
"""What silence may do for a type, by the form's word for it."""
TEMPLATE = "raincheck/staff/practice/appointment_type.html"


class TypeForm(SettingsForm):
    """One appointment type. Lengths are in minutes."""

    name = forms.CharField(
        label=later("Name"),
        required=False,
        # Far above the limit: the verb says what is too long, and nothing typed is cut off.
        max_length=NAME_LIMIT * 4,
        widget=forms.TextInput(attrs={"autocomplete": "off", "maxlength": NAME_LIMIT}),
    )
    kind = forms.ChoiceField(
        label=later("Kind"),
        choices=[(kind.value, words) for kind, words in KINDS.items()],
        help_text=later("An intake is a client's first appointment."),
    )
    length = WholeField(label=later("Length in minutes"), help_text=later("5 minutes to 8 hours (480)."))
    buffer_before = WholeField(
        label=later("Buffer before, in minutes"),
        help_text=later("Kept free before each session, up to 2 hours (120)."),
    )
    buffer_after = WholeField(
        label=later("Buffer after, in minutes"),
        help_text=later("Between two sessions the longer buffer counts, not both."),
    )
    silence = forms.ChoiceField(
        label=later("If a client who is asked doesn't answer"),
        choices=[(one, words) for one, (_cancels, words) in SILENCE.items()],
        help_text=later("Counts for new requests. Who was asked already keeps what they were told."),
    )
    for_medicine = forms.BooleanField(
        label=later("Visits about medicine"),
        required=False,
        help_text=later(
            "Clients who are asked to move such a visit, or whose visit was canceled, read: “Running low on medicine? Contact us”, with the practice's phone."
        ),
    )
    may_be_by_video = forms.BooleanField(
        label=later("May be held by video"),
        required=False,
        help_text=later(
            "When you ask to reschedule a session in a room, you can offer to keep its time by video. "
            "Without this tick the type needs to be in person."
        ),
    )
    offered = forms.BooleanField(
        label=later("Offered for new bookings"),
        required=False,
        help_text=later(
            "Types are never deleted: without this tick, what is booked stays and nothing new is booked."
        ),
    )

    def fix_kind(self, kind: TypeKind) -> None:
        """Show the kind as what it stays."""
        # Follow-ups and intakes are counted and handled differently; history would be wrong afterwards.
        field = self.fields["kind"]
        field.disabled, field.initial = True, kind.value
        field.help_text = _("Appointments of this type are booked already, so its kind stays.")

    def details(self) -> TypeDetails:
        said = self.cleaned_data
        return TypeDetails(
            name=said["name"],
            kind=TypeKind(said["kind"]),
            length=said["length"] * MINUTE,
            buffer_before=said["buffer_before"] * MINUTE,
            buffer_after=said["buffer_after"] * MINUTE,
            offered=said["offered"],
            silence_cancels=SILENCE[said["silence"]][0],
            for_medicine=said["for_medicine"],
            may_be_by_video=said["may_be_by_video"],
        )


@require_http_methods(["GET", "HEAD", "POST"])
@for_managers
def new_type_page(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Add an appointment type."""
    if request.method != "POST":
        # The session hour: 50 minutes and 10 to write the notes.
        fresh = {
            "kind": TypeKind.FOLLOW_UP,
            "length": 50,
            "buffer_before": 0,
            "buffer_after": 10,
            "silence": "practice",
            "may_be_by_video": True,
            "offered": True,
        }
        return _page(request, staff, TypeForm(initial=fresh))
    form = TypeForm(request.POST)
    if not form.is_valid():
        return _page(request, staff, form, status=422)
    done = save_settings(
        request,
        staff,
        form,
        add_type,
        staff.practice.pk,
        details=form.details(),
        told=_("Added. It can be booked from now on."),
    )
    return done if isinstance(done, HttpResponse) else _page(request, staff, form, status=done)


@require_http_methods(["GET", "HEAD", "POST"])
@for_managers
def type_page(request: HttpRequest, staff: Staff, ref: Ref) -> HttpResponse:
    """Change an appointment type for new bookings."""
    kind = get_object_or_404(AppointmentType.objects.filter(practice=staff.practice), ref=ref)
    form = TypeForm(request.POST) if request.method == "POST" else TypeForm(initial=_known(kind))
    if is_booked(kind):
        form.fix_kind(TypeKind(kind.kind))
    if request.method != "POST":
        return _page(request, staff, form, kind)
    if not form.is_valid():
        return _page(request, staff, form, kind, status=422)
    done = save_settings(
        request,
        staff,
        form,
        change_type,
        kind.ref,
        practice_id=staff.practice.pk,
        details=form.details(),
        seen=form.cleaned_data["seen"],
        told=_("Saved. New bookings go by this; what is booked stays as it is."),
    )
    return done if isinstance(done, HttpResponse) else _page(request, staff, form, kind, status=done)


def _known(kind: AppointmentType) -> Context:
    return {
        "seen": changes_of_type(kind),
        "name": kind.name,
        "kind": kind.kind,
        "length": kind.length // MINUTE,
        "buffer_before": kind.buffer_before // MINUTE,
        "buffer_after": kind.buffer_after // MINUTE,
        "silence": next(
            word for word, (cancels, _said) in SILENCE.items() if cancels is kind.silence_cancels
        ),
        "for_medicine": kind.for_medicine,
        "may_be_by_video": kind.may_be_by_video,
        "offered": kind.offered,
    }


def _page(
    request: HttpRequest,
    staff: Staff,
    form: TypeForm,
    kind: AppointmentType | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    # So that a manager sees before saving that what is booked stays as it is.
    ahead = booked_ahead(kind, now=staff.now) if kind else []
    return show_settings(
        request,
        staff,
        form,
        template=TEMPLATE,
        about=kind,
        known=lambda: _known(kind) if kind else {},
        stands=lambda: type_facts(kind) if kind else (),
        status=status,
        kind=kind,
        # Each with the length it keeps, and whether a new booking would be the same.
        booked=[
            (row, length_words(row.length, row.buffer_before, row.buffer_after), kind and row.is_as(kind))
            for row in ahead
        ],
    )


def type_facts(kind: AppointmentType) -> Facts:
    """Return how a type stands, as label and value."""
    return (
        (_("Name"), kind.name),
        (_("Kind"), str(KINDS[TypeKind(kind.kind)])),
        (_("Length"), length_words(kind.length, kind.buffer_before, kind.buffer_after)),
        (_("Without an answer"), silence_words(kind.silence_cancels)),
        (_("About medicine"), _("yes") if kind.for_medicine else _("no")),
        (_("By video"), _("may be") if kind.may_be_by_video else _("in person needed")),
        (_("Offered"), _("yes") if kind.offered else _("no")),
    )


def silence_words(cancels: object) -> str:
    """Return what silence does for a type, of the column's value or of what the history keeps of it, where "" is none."""
    known = None if cancels == "" else cancels
    return str(next(words for value, words in SILENCE.values() if value == known))


def length_words(length: timedelta, before: timedelta, after: timedelta) -> str:
    """Return "50 minutes, 10 minutes buffer after"."""
    words = [duration(length)]
    if before:
        words.append(_("%(time)s buffer before") % {"time": duration(before)})
    if after:
        words.append(_("%(time)s buffer after") % {"time": duration(after)})
    return ", ".join(words)
