"""Places: one to add, one to change. Telehealth, or a room with a zone and an address of its own."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _, gettext_lazy as later
from django.views.decorators.http import require_http_methods

from raincheck.actions.practice import add_place, change_place
from raincheck.data.models import Place
from raincheck.data.practice import changes_at_place
from raincheck.domain.appointments.lifecycle import PlaceKind
from raincheck.domain.practice import ADDRESS_LIMIT, NAME_LIMIT, PlaceDetails
from raincheck.notifications.formats import zone_city
from raincheck.queries.practice import count_ahead_at
from raincheck.web.requests import Ref
from raincheck.web.staff.practice.settings_form import (
    Facts,
    SettingsForm,
    save_settings,
    show_settings,
)
from raincheck.web.staff.shell import Context, Staff, ZoneField, for_managers

# Kinds in the order of the form: most practices have a room before they have telehealth.
KINDS = {PlaceKind.ROOM: later("A room"), PlaceKind.TELEHEALTH: later("Telehealth")}
TEMPLATE = "raincheck/staff/practice/place.html"


class PlaceForm(SettingsForm):
    """One place. A telehealth place has neither zone nor address."""

    name = forms.CharField(
        label=later("Name"),
        required=False,
        max_length=NAME_LIMIT * 4,
        widget=forms.TextInput(attrs={"autocomplete": "off", "maxlength": NAME_LIMIT}),
    )
    kind = forms.ChoiceField(
        label=later("Kind"), choices=[(kind.value, words) for kind, words in KINDS.items()]
    )
    zone = ZoneField(
        label=later("Time zone of the room"),
        required=False,
        help_text=later("Sessions in a room are shown on its own clock. Telehealth needs none."),
    )
    address = forms.CharField(
        label=later("Address of the room"),
        required=False,
        max_length=ADDRESS_LIMIT * 4,
        widget=forms.TextInput(attrs={"autocomplete": "off", "maxlength": ADDRESS_LIMIT}),
        help_text=later(
            "Clients read it in messages and calendars, so leave out words that say what you do."
        ),
    )
    offered = forms.BooleanField(
        label=later("Offered for new bookings"),
        required=False,
        help_text=later(
            "Places are never deleted: without this tick, what is booked there stays and nothing new is booked."
        ),
    )

    one_at_a_time = forms.BooleanField(
        label=later("Holds one session at a time"),
        required=False,
        help_text=later(
            "For rooms: nobody can then book two clients into it at once. Sessions that overlap already stay, and Home lists them."
        ),
    )

    def keep_kind(self, kind: PlaceKind) -> None:
        """Show the kind as what it stays; telehealth then has no zone and no address to change."""
        field = self.fields["kind"]
        field.disabled, field.initial = True, kind.value
        field.help_text = _("A place keeps its kind. Add another place for another one.")
        if kind is PlaceKind.TELEHEALTH:
            del self.fields["zone"], self.fields["address"], self.fields["one_at_a_time"]

    def offer_zones(self, kept: str) -> None:
        field = self.fields.get("zone")  # telehealth has none
        if isinstance(field, ZoneField):
            field.offer_around(kept)

    def details(self) -> PlaceDetails:
        said = self.cleaned_data
        return PlaceDetails(
            name=said["name"],
            kind=PlaceKind(said["kind"]),
            zone=said.get("zone", ""),
            address=said.get("address", ""),
            offered=said["offered"],
            one_at_a_time=said.get("one_at_a_time", False),
        )


@require_http_methods(["GET", "HEAD", "POST"])
@for_managers
def new_place_page(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Add a place."""
    fresh = {"kind": PlaceKind.ROOM, "zone": staff.practice.zone, "offered": True}
    form = PlaceForm(request.POST) if request.method == "POST" else PlaceForm(initial=fresh)
    form.offer_zones(staff.practice.zone)
    if request.method != "POST":
        return _page(request, staff, form)
    if not form.is_valid():
        return _page(request, staff, form, status=422)
    done = save_settings(
        request,
        staff,
        form,
        add_place,
        staff.practice.pk,
        details=form.details(),
        told=_("Added. It can be booked from now on."),
    )
    return done if isinstance(done, HttpResponse) else _page(request, staff, form, status=done)


@require_http_methods(["GET", "HEAD", "POST"])
@for_managers
def place_page(request: HttpRequest, staff: Staff, ref: Ref) -> HttpResponse:
    """Change a place, or offer it no more."""
    place = get_object_or_404(Place.objects.filter(practice=staff.practice), ref=ref)
    form = PlaceForm(request.POST) if request.method == "POST" else PlaceForm(initial=_known(place))
    form.keep_kind(PlaceKind(place.kind))
    form.offer_zones(place.zone)
    if request.method != "POST":
        return _page(request, staff, form, place)
    if not form.is_valid():
        return _page(request, staff, form, place, status=422)
    done = save_settings(
        request,
        staff,
        form,
        change_place,
        place.ref,
        practice_id=staff.practice.pk,
        details=form.details(),
        seen=form.cleaned_data["seen"],
        told=_("Saved. Appointments there stay as they are."),
    )
    return done if isinstance(done, HttpResponse) else _page(request, staff, form, place, status=done)


def _known(place: Place) -> Context:
    return {
        "seen": changes_at_place(place),
        "name": place.name,
        "kind": place.kind,
        "zone": place.zone,
        "address": place.address,
        "offered": place.offered,
        "one_at_a_time": place.one_at_a_time,
    }


def _page(
    request: HttpRequest, staff: Staff, form: PlaceForm, place: Place | None = None, *, status: int = 200
) -> HttpResponse:
    return show_settings(
        request,
        staff,
        form,
        template=TEMPLATE,
        about=place,
        known=lambda: _known(place) if place else {},
        stands=lambda: place_facts(place) if place else (),
        status=status,
        place=place,
        ahead=count_ahead_at(place, now=staff.now) if place else 0,
    )


def place_facts(place: Place) -> Facts:
    """Return how a place stands, as label and value."""
    facts = [(_("Name"), place.name), (_("Offered"), _("yes") if place.offered else _("no"))]
    # A telehealth place is nowhere, so it has no clock and no address.
    if place.kind == PlaceKind.ROOM:
        facts += [(_("Time zone"), zone_city(place.zone)), (_("Address"), place.address or _("none"))]
        alone = _("yes") if place.one_at_a_time else _("no")
        facts.append((_("Holds one session at a time"), alone))
    return facts
