"""Forms over a record that others may change meanwhile: they notice it, keep what was typed, and show how it stands; zones to choose."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _

from raincheck.domain.refusals import Refusal
from raincheck.web.staff.shell.page_form import PageForm
from raincheck.web.zone_choices import zone_choices

NEVER_SEEN = -1  # no count of changes is negative: a form that lost its own is taken for an old one


class ZoneField(forms.CharField):
    """A time zone, chosen by its city."""

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=forms.Select, **options)

    def offer_around(self, kept: str, *, none: str = "") -> None:
        """Offer every zone, the one that is kept first. With `none`, a choice that is so called stands for no zone."""
        zones = zone_choices(kept=kept)
        groups = [(_("United States"), zones.nearby), *zones.areas]
        known = {zone.name for _area, cities in groups for zone in cities} | ({""} if none else set())
        # A zone that was set by other means stays choosable, or saving anything else would change it.
        first = [] if kept in known else [(kept, kept or _("Please choose"))]
        assert isinstance(self.widget, forms.Select)
        self.widget.choices = [
            *([("", none)] if none else []),
            *first,
            *((area, [(zone.name, zone.city) for zone in cities]) for area, cities in groups),
        ]


class RecordForm(PageForm):
    """A form over a record that somebody else may change meanwhile.

    `seen` counts the changes there were when it was made. Each field carries what stood there then, so that only what this
    person typed is theirs. `outdated_by` is the refusal that says somebody was quicker.
    """

    outdated_by: ClassVar[type[Refusal]]

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
    # Somebody else was quicker: the page then shows how things stand beside what was typed.
    outdated = False

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.remember_what_stood()

    def remember_what_stood(self) -> None:
        for name, field in self.fields.items():
            # Django then knows what this person changed, whatever stands in the database by now.
            field.show_hidden_initial = name != "seen"

    def clean_seen(self) -> int:
        said: int | None = self.cleaned_data["seen"]
        return NEVER_SEEN if said is None else said

    def refuse(self, refusal: Refusal) -> None:
        self.outdated = isinstance(refusal, self.outdated_by)
        super().refuse(refusal)

    def take_over(self, known: Mapping[str, Any]) -> None:
        """Show what stands now wherever this person typed nothing, and let the form be sent as one that has seen it."""
        assert isinstance(self.data, QueryDict), "only a form that was sent can be outdated"
        typed, own = self.data.copy(), set(self.changed_data)
        for name in known.keys() & self.fields.keys():
            stands = str(known[name])
            typed[f"initial-{name}"] = stands
            if name not in own:
                typed[name] = stands
        typed["seen"] = str(known["seen"])
        self.data = typed
