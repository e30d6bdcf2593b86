"""The forms of an import: the file, and what its columns hold."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _, gettext_lazy as later

from raincheck.data.models import Import, Provider
from raincheck.domain.imports.columns import Field, Kind
from raincheck.domain.imports.dates import DateOrder
from raincheck.queries.appointments.listing import places_offered, types_of
from raincheck.web.staff.imports.words import ORDER_WORDS, fields_of
from raincheck.web.staff.shell import PageForm, ProviderField, RefField, Staff
from raincheck.web.zone_choices import zone_choices

AS_FOUND = ""
NOTHING = ""


class FileForm(PageForm):
    """A file, and the zone that its times are in."""

    kind = forms.ChoiceField(
        label=later("What is in the file?"),
        choices=[
            (Kind.CLIENTS.value, later("Clients")),
            (Kind.APPOINTMENTS.value, later("Appointments ahead")),
        ],
        initial=Kind.CLIENTS.value,
        widget=forms.RadioSelect,
    )
    file = forms.FileField(
        label=later("File"),
        help_text=later(
            "CSV or XLSX, with the names of its columns above the rows, or a calendar (.ics) of appointments. Exports of SimplePractice, TherapyNotes, Jane, Cliniko, Acuity, Google and Outlook are understood as they are."
        ),
        error_messages={
            "required": later("Please choose a file."),
            "invalid": later("Please choose a file."),
            "empty": later("There is nothing in this file. Please choose another one."),
        },
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx,.ics"}),
    )
    zone = forms.CharField(label=later("Times in the file are in"), widget=forms.Select)
    provider = ProviderField(
        label=later("Whose calendar it is"),
        missing=later("Please choose whose calendar this is."),
        required=False,
        empty_label=later("Choose a provider"),
    )
    type = RefField(
        label=later("Appointment type"),
        missing=later("Please choose a type."),
        required=False,
        empty_label=None,
        help_text=later("Where the length of an event is that of another type, that type is taken."),
    )
    place = RefField(
        label=later("Place"),
        missing=later("Please choose a place."),
        required=False,
        empty_label=None,
        help_text=later("Where an event names one of your places, or a video link, that one is taken."),
    )

    def __init__(self, *args: Any, staff: Staff, **options: Any) -> None:
        super().__init__(*args, **options)
        self.staff = staff
        offer_zones(self.fields["zone"], staff.practice.zone)
        self.offer("provider", staff.providers().filter(left_at__isnull=True))
        self.offer("type", types_of(staff.practice))
        self.offer("place", places_offered(staff.practice))
        if staff.manages is None:
            # A provider brings in their own calendar, and no spreadsheet.
            del self.fields["kind"], self.fields["provider"]
            self.fields["file"].widget.attrs["accept"] = ".ics"
            self.fields["file"].help_text = later(
                "Your calendar as an .ics file, exported from Google, Apple, Outlook or another calendar."
            )

    def whose(self) -> Provider | None:
        """Return whose calendar it is, or say at the field that somebody has to choose."""
        provider: Provider | None = (
            self.staff.provider if self.staff.manages is None else self.cleaned_data.get("provider")
        )
        if provider is None:
            self.add_error("provider", _("Please choose whose calendar this is."))
        return provider


class ColumnsForm(PageForm):
    """What each column of a file holds, the zone of its times, and the order of its dates."""

    order = forms.ChoiceField(label=later("How dates are written"), required=False, widget=forms.RadioSelect)
    zone = forms.CharField(label=later("Times in the file are in"), widget=forms.Select)

    def __init__(self, *args: Any, file: Import, **options: Any) -> None:
        super().__init__(*args, **options)
        self.file = file
        offer_zones(self.fields["zone"], file.zone)
        order = self.fields["order"]
        assert isinstance(order, forms.ChoiceField)
        order.choices = [(one.value, words) for one, words in ORDER_WORDS.items()]
        choices = [(NOTHING, later("Leave this column out")), *fields_of(Kind(file.kind))]
        for place, name in enumerate(file.columns):
            self.fields[f"column-{place}"] = forms.ChoiceField(label=name, choices=choices, required=False)

    @classmethod
    def known(cls, file: Import) -> dict[str, str]:
        """Return how a file is matched now, as the form's own values."""
        columns = {
            f"column-{place}": file.mapping.get(name, NOTHING) for place, name in enumerate(file.columns)
        }
        return {"zone": file.zone, "order": file.order, **columns}

    def chosen(self) -> dict[str, Field | None]:
        """Return what people said that columns hold: all of them, so that nothing changes behind what was seen."""
        said = self.cleaned_data
        return {
            name: Field(said[f"column-{place}"]) if said[f"column-{place}"] else None
            for place, name in enumerate(self.file.columns)
        }

    def order_said(self) -> DateOrder | None:
        """Return the order that somebody chose; the one that was found stays found while nobody changes it."""
        said = self.cleaned_data["order"]
        if self.file.order_said is None and said == self.file.order:
            return None
        return DateOrder(said) if said else None

    def lines(self, examples: dict[str, list[str]]) -> list[tuple[forms.BoundField, list[str]]]:
        """Return each column's field with what its first rows say."""
        return [(self[f"column-{place}"], examples[name]) for place, name in enumerate(self.file.columns)]


def offer_zones(field: forms.Field, kept: str) -> None:
    """Offer every zone by its city, the kept one first."""
    zones = zone_choices(kept=kept)
    known = [(zone.name, zone.city) for zone in zones.nearby]
    assert isinstance(field.widget, forms.Select)
    field.widget.choices = [
        *([] if kept in dict(known) else [(kept, kept.rpartition("/")[2].replace("_", " "))]),
        *known,
        *((area, [(zone.name, zone.city) for zone in cities]) for area, cities in zones.areas),
    ]
