"""Forms of the practice's pages: fields for days, times and words, refusals shown where they belong, and the sending."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from raincheck.actions.engine.runner import Answer
from raincheck.data.people import Provider
from raincheck.domain.refusals import Refusal
from raincheck.web.staff.shell.access import Staff
from raincheck.web.staff.shell.wall_times import YEARS
from raincheck.web.submission import Submission, sentence_of, status_of


class DayField(forms.DateField):
    """A date, chosen from the browser's own calendar or written like 2026-11-24."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    default_error_messages: ClassVar[dict[str, Any]] = {
        "required": _("Please choose a date."),
        "invalid": _("We can't read this date. Please write it like 2026-11-24."),
        "year": _("Please check the year of this date."),
    }

    def to_python(self, value: Any) -> date | None:
        day = super().to_python(value)
        if day is not None and day.year not in YEARS:
            raise ValidationError(self.error_messages["year"], code="year")
        return day


class ClockField(forms.TimeField):
    """A time of day on the wall clock, to the minute."""

    widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    # Browsers send 24 hours; people who type write 2:30 PM.
    input_formats = ("%H:%M", "%H:%M:%S", "%I:%M %p")
    default_error_messages: ClassVar[dict[str, Any]] = {
        "required": _("Please choose a time."),
        "invalid": _("We can't read this time. Please write it like 14:30 or 2:30 PM."),
    }


class WordsField(forms.CharField):
    """Words of any length: the verb says what is too long."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        words: str = super().to_python(value) or ""
        # Browsers count a line end as one character towards maxlength, but send two.
        return words.replace("\r\n", "\n").strip()


class WebAddressField(forms.URLField):
    """An address that opens in a browser, and nothing else."""

    # No `javascript:` and no `mailto:`: clients press what is written here.
    default_validators = [URLValidator(schemes=["https", "http"])]
    default_error_messages: ClassVar[dict[str, Any]] = {
        "invalid": _("This does not look like a web address. Please copy it whole, from https:// on."),
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(assume_scheme="https", max_length=500, **options)


class RefField(forms.ModelChoiceField):  # type: ignore[type-arg]  # the stubs' generic has no arguments at run time
    """A choice among rows, which the form knows by their refs. The form says which rows it offers."""

    def __init__(self, *, missing: Any, **options: Any) -> None:
        messages = {"required": missing, "invalid_choice": missing}
        super().__init__(None, to_field_name="ref", error_messages=messages, **options)

    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(value)
        except ValidationError as unknown:
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice") from unknown


class ProviderField(RefField):
    """One of the practice's providers, by name."""

    def label_from_instance(self, obj: Provider) -> str:
        return obj.name


class PageForm(forms.Form):
    """A form of the practice's pages. `refused_at` names the field for a refusal that knows it by another name."""

    refused_at: ClassVar[dict[str, str]] = {}

    def __init__(self, *args: Any, **options: Any) -> None:
        # Labels stand above their fields, where a colon would lead nowhere.
        options.setdefault("label_suffix", "")
        super().__init__(*args, **options)

    def offer(self, name: str, rows: QuerySet[Any]) -> None:
        """Give a RefField its rows."""
        field = self.fields[name]
        assert isinstance(field, RefField)
        field.queryset = rows

    def refuse(self, refusal: Refusal) -> None:
        """Show a refusal's sentence at its field, or above the form when it has none here."""
        field = self.refused_at.get(refusal.field or "", refusal.field)
        self.add_error(field if field in self.fields else None, sentence_of(refusal))

    def refuse_missing(self, *refusals: Refusal) -> None:
        """Show every one of these whose field is empty: a verb names the first, and nobody learns one thing for each press."""
        for refusal in refusals:
            if refusal.field in self.cleaned_data and not self.cleaned_data[refusal.field]:
                self.refuse(refusal)


@dataclass(frozen=True, slots=True)
class Sent:
    """The outcome of a form: the verb's answer, or the status of the page that shows why there is none."""

    answer: Answer | None
    status: int


def send(
    request: HttpRequest, staff: Staff, form: PageForm, verb: Callable[..., Answer], *given: Any, **named: Any
) -> Sent:
    """Carry `verb(*given, **named, by=…, now=…)` out for a sound form; a refusal lands on the form."""
    try:
        return Sent(Submission.of(request, by=staff.actor).run(partial(verb, *given, **named)), 200)
    except Refusal as refusal:
        form.refuse(refusal)
        return Sent(None, status_of(refusal))


def send_and_tell(
    request: HttpRequest, staff: Staff, verb: Callable[..., Answer], *, told: str, to: str
) -> HttpResponse:
    """Carry a verb out for a button that has no form of its own to show again, and go on to the address `to`.

    There stands what was done, or the sentence of the refusal.
    """
    try:
        Submission.of(request, by=staff.actor).run(verb)
        messages.success(request, told)
    except Refusal as refusal:
        messages.error(request, sentence_of(refusal))
    return redirect(to)
