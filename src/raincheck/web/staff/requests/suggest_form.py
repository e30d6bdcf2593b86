"""The fields of suggested times: starts ticked in the calendar, and one that is typed where the calendar has none."""

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as later

from raincheck.data.models import Provider
from raincheck.domain.refusals import Refusal
from raincheck.domain.reschedule.suggestions import SuggestionUnreadable
from raincheck.web.client.slots import start_from
from raincheck.web.staff.shell import ClockField, DayField, PageForm, instant_at, zone_of
from raincheck.web.submission import sentence_of


class SuggestForm(PageForm):
    """A form in which times can be suggested: `starts` are those said so far; the verb says what is wrong with them."""

    suggest = forms.Field(label=later("Suggest times"), required=False, widget=forms.SelectMultiple)
    suggest_day = DayField(label=later("Another day"), required=False)
    suggest_time = ClockField(label=later("Time"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        # Apart from what was read, which loses a field as soon as something is wrong with it.
        self.starts: list[datetime] = list(self.initial.get("suggest", ()))

    def clean_suggest(self) -> None:
        """Read the starts that are ticked, each as often as it was sent."""
        try:
            self.starts = [start_from(value) for value in self.cleaned_data["suggest"] or []]
        except Refusal:
            raise ValidationError(sentence_of(SuggestionUnreadable())) from None

    def read_typed(self, provider: Provider) -> None:
        """Add the start that is typed to those that are ticked; what is wrong with it is said at its field."""
        said = self.cleaned_data
        if "suggest_day" not in said or "suggest_time" not in said:
            return
        day, clock = said["suggest_day"], said["suggest_time"]
        if (day is None) != (clock is None):
            missing = "suggest_time" if clock is None else "suggest_day"
            self.add_error(missing, self.fields[missing].error_messages["required"])
        elif day is not None and clock is not None:
            try:
                self.starts.append(instant_at(day, clock, zone=zone_of(provider)))
            except ValidationError as skipped:
                self.add_error("suggest_time", skipped)
                return
            # From now on it is one of those that are ticked: sent again it would count twice.
            assert isinstance(self.data, QueryDict), "forms of pages are read from what was sent"
            sent = self.data.copy()
            sent["suggest_day"] = sent["suggest_time"] = ""
            self.data = sent
