"""Forms of a practice's settings: whole numbers with their unit, zones, and noticing that somebody else was quicker."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _, gettext_lazy as later

from raincheck.actions.engine.runner import Answer
from raincheck.domain.practice import SettingsChangedMeanwhile
from raincheck.domain.refusals import Refusal
from raincheck.web.staff.shell import PageForm, Staff, send, show
from raincheck.web.submission import key_of
from raincheck.web.zone_choices import zone_choices

Facts = Sequence[tuple[str, str]]
"""Settings as they stand, each as label and value."""
NEVER_SEEN = -1  # no count of changes is negative: a form that lost its own is taken for an old one


class WholeField(forms.IntegerField):
    """A whole number of minutes, hours or days; whether it is allowed is the verb's to say."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "required": later("Please write a whole number, like 50."),
        "invalid": later("Please write a whole number, like 50."),
        "max_value": later("Please write a smaller number."),
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(max_value=99_999, **options)  # more than any rule allows; the verb names the limit
        self.widget.attrs.update({"inputmode": "numeric", "min": 0, "step": 1})


class ZoneField(forms.CharField):
    """A time zone, chosen by its city."""

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=forms.Select, **options)

    def offer_around(self, kept: str) -> None:
        """Offer every zone, the one that is kept first."""
        zones = zone_choices(kept=kept)
        groups = [(_("United States"), zones.nearby), *zones.areas]
        known = {zone.name for _area, cities in groups for zone in cities}
        # A zone that was set by other means stays choosable, or saving anything else would change it.
        first = [] if kept in known else [(kept, kept or _("Please choose"))]
        assert isinstance(self.widget, forms.Select)
        self.widget.choices = [
            *first,
            *((area, [(zone.name, zone.city) for zone in cities]) for area, cities in groups),
        ]


class SettingsForm(PageForm):
    """A form over settings that somebody else may change meanwhile.

    `seen` counts the changes there were when it was made. Each field carries what stood there then, so that only what this
    person typed is theirs.
    """

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
        self.outdated = isinstance(refusal, SettingsChangedMeanwhile)
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


def show_settings(
    request: HttpRequest,
    staff: Staff,
    form: SettingsForm,
    *,
    template: str,
    about: Model | None,
    known: Callable[[], Mapping[str, Any]] = dict,
    stands: Callable[[], Facts] = tuple,
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    """Render the page of a form. `known` is what a fresh form about the row would hold, `stands` the same in words."""
    if form.outdated and about is not None:
        # The row was read before the other save.
        about.refresh_from_db()
        form.take_over(known())
    values = {"form": form, "key": key_of(request), "stands": stands() if form.outdated else ()}
    return show(request, staff, template, values | context, current="practice", status=status)


def save_settings(
    request: HttpRequest,
    staff: Staff,
    form: SettingsForm,
    verb: Callable[..., Answer],
    *given: Any,
    told: str,
    **named: Any,
) -> HttpResponse | int:
    """Carry `verb(*given, **named)` out, say `told` and go back to the practice's page.

    Returns the status of the form shown again when it was refused.
    """
    sent = send(request, staff, form, verb, *given, **named)
    if sent.answer is None:
        return sent.status
    messages.success(request, told)
    return redirect("practice")
