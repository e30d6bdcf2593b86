"""Times of the week that never work for a client, in words and as a table of boxes to tick."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _, gettext_lazy as later

from raincheck.domain.clients.never_works import PartOfDay, TimeOfWeek, codes_of, times_of_week
from raincheck.web.staff.availability.hours import weekday_name

PARTS_OF_DAY = {
    PartOfDay.MORNING: later("Morning"),
    PartOfDay.AFTERNOON: later("Afternoon"),
    PartOfDay.EVENING: later("Evening"),
}


def never_works_in_words(codes: str) -> str:
    """Return times of the week that never work in words, day by day; empty where none are written down."""
    times = times_of_week(codes)
    days = []
    for day in sorted({one.weekday for one in times}):
        parts = [str(words).lower() for part, words in PARTS_OF_DAY.items() if TimeOfWeek(day, part) in times]
        some = _("%(day)s: %(parts)s") % {"day": weekday_name(day), "parts": ", ".join(parts)}
        days.append(weekday_name(day) if len(parts) == len(PARTS_OF_DAY) else some)
    return "; ".join(days)


class TimesOfWeekInput(forms.Widget):
    """A row for each weekday, a box for each part of it; what is ticked is one value, as the column keeps it."""

    def render(
        self,
        name: str,
        value: Any,
        attrs: Mapping[str, Any] | None = None,
        renderer: Any = None,  # noqa: ARG002  # Django gives it by name
    ) -> SafeString:
        times = times_of_week(value or "")
        weekdays = [
            (weekday_name(day), [(TimeOfWeek(day, part), words) for part, words in PARTS_OF_DAY.items()])
            for day in range(7)
        ]
        context = {
            "name": name,
            "id": (attrs or {}).get("id", name),
            "parts": PARTS_OF_DAY.values(),
            "rows": [
                (day, [(str(one), words, one in times) for one, words in boxes]) for day, boxes in weekdays
            ],
        }
        return render_to_string("raincheck/staff/clients/times_of_week.html", context)

    def value_from_datadict(self, data: Mapping[str, Any], _files: Any, name: str) -> str:
        said = data.getlist(name) if isinstance(data, QueryDict) else [data.get(name, "")]
        return codes_of(times_of_week(" ".join(said)))
