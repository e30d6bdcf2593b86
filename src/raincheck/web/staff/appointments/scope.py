"""The choice of occurrences that a form changes: this one, this and those that follow, or all that are ahead."""

from datetime import datetime

from django import forms
from django.utils.translation import gettext_lazy as later, ngettext

from raincheck.actions.appointments.series_changes import occurrences_ahead
from raincheck.data.models import Appointment, RescheduleRequest
from raincheck.data.reschedule.request import OPEN
from raincheck.domain.appointments.series import Scope
from raincheck.notifications.formats import short_day
from raincheck.web.staff.shell import PageForm

NAMES = {
    Scope.THIS: later("Only this appointment"),
    Scope.FOLLOWING: later("This and following"),
    Scope.ALL: later("All appointments of the series that are ahead"),
}


class ScopeFields(PageForm):
    """The question that a form about an occurrence of a series asks first."""

    scope = forms.ChoiceField(
        label=later("Which appointments?"),
        required=False,
        widget=forms.RadioSelect,
        choices=[(scope.value, name) for scope, name in NAMES.items()],
        initial=Scope.THIS,
        error_messages={"invalid_choice": later("Please choose one of these.")},
    )

    @property
    def chosen_scope(self) -> Scope:
        return Scope(self.cleaned_data.get("scope") or Scope.THIS)


def offer_scopes(form: ScopeFields, row: Appointment, *, now: datetime) -> None:
    """Ask only where there is something to choose, with how many appointments each answer is about."""
    choices = []
    for scope, name in NAMES.items():
        if scope is Scope.THIS:
            choices.append((scope.value, str(name)))
        elif row.series_id is not None:
            many = occurrences_ahead(row, scope, now=now).count()
            counted = ngettext("%(name)s (%(many)d appointment)", "%(name)s (%(many)d appointments)", many)
            choices.append((scope.value, counted % {"name": name, "many": many}))
    if row.series_id is None or occurrences_ahead(row, Scope.ALL, now=now).count() < 2:
        del form.fields["scope"]
    else:
        field = form.fields["scope"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices


def asked_words(row: Appointment, *, now: datetime) -> str:
    """Return what becomes of open requests about later occurrences; nothing where there are none."""
    if row.series_id is None:
        return ""
    others = occurrences_ahead(row, Scope.ALL, now=now).exclude(pk=row.pk)
    asked = RescheduleRequest.objects.filter(OPEN, appointment__in=others).order_by("asked_starts_at")
    days = [short_day(one.asked_starts_at, row.provider.zone, now=now) for one in asked]
    if not days:
        return ""
    words = ngettext(
        "%(name)s was asked about %(days)s of this series, too. The request ends when that appointment is changed or canceled here.",
        "%(name)s was asked about %(days)s of this series, too. The requests end when those appointments are changed or canceled here.",
        len(days),
    )
    return words % {"name": row.client.known_as, "days": ", ".join(days)}
