"""Forms of a practice's settings: whole numbers with their unit, shown again when somebody else was quicker, and the sending."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as later

from raincheck.actions.engine.runner import Answer
from raincheck.domain.practice import SettingsChangedMeanwhile
from raincheck.web.staff.shell import RecordForm, Staff, send, show
from raincheck.web.submission import key_of

Facts = Sequence[tuple[str, str]]
"""Settings as they stand, each as label and value."""


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


class SettingsForm(RecordForm):
    """A form over a practice's settings."""

    outdated_by = SettingsChangedMeanwhile


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
