"""Booking rules: a practice's numbers, of which every deadline and every sentence is made; and when its people are signed out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _, gettext_lazy as later, ngettext
from django.views.decorators.http import require_http_methods

from raincheck.actions.practice import set_rules
from raincheck.data.models import Practice
from raincheck.data.practice import changes_of_practice
from raincheck.domain.policy import HOUR, MINUTE, RANGES, OneADay, Policy
from raincheck.notifications.formats import duration
from raincheck.web.staff.practice.settings_form import (
    Facts,
    SettingsForm,
    WholeField,
    save_settings,
    show_settings,
)
from raincheck.web.staff.shell import Staff, for_managers

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

TEMPLATE = "raincheck/staff/practice/booking_rules.html"
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule as the page shows it: what it is called, what it does, and the unit it is written in."""

    name: str
    label: StrOrPromise
    does: StrOrPromise
    unit: timedelta = HOUR

    @property
    def default(self) -> timedelta:
        length: timedelta = getattr(Policy(), self.name)
        return length

    def counted(self, length: timedelta) -> int:
        return length // self.unit

    def chosen(self, practice: Practice) -> timedelta:
        length: timedelta = getattr(practice.rules, self.name)
        return length

    def help(self) -> str:
        """Return what the rule does, from where to where it goes, and its default."""
        allowed = RANGES[self.name]
        least, most = self.counted(allowed.least), self.counted(allowed.most)
        # Two sentences of their own, since languages put number and unit in different places.
        if self.unit == DAY:
            span = ngettext("%(least)d to %(most)d day", "%(least)d to %(most)d days", most)
        elif self.unit == MINUTE:
            span = ngettext("%(least)d to %(most)d minute", "%(least)d to %(most)d minutes", most)
        else:
            span = ngettext("%(least)d to %(most)d hour", "%(least)d to %(most)d hours", most)
        return _("%(does)s %(span)s, %(default)s by default.") % {
            "does": self.does,
            "span": span % {"least": least, "most": most},
            "default": self.counted(self.default),
        }


# In the order of a day: asking, booking, canceling. Labels and sentences stand with their rule.
SECTIONS = (
    (
        later("When you ask a client"),
        (
            Rule(
                "answer_window",
                later("Time to answer"),
                later(
                    "How long a client has to choose a new time. It ends sooner when the appointment is near."
                ),
            ),
            Rule(
                "lead",
                later("Last answer before the start"),
                later("An answer is due at least this long before the appointment."),
            ),
            Rule(
                "shortest_window",
                later("Shortest time to answer"),
                later(
                    "With less than this left to answer, the client can't be asked any more. It counts from 8:00 AM to 9:00 PM on the client's clock."
                ),
            ),
            Rule(
                "last_minute",
                later("Last-minute mark"),
                later(
                    "An ask closer to the start than this must be confirmed, and is marked as last-minute."
                ),
            ),
            Rule(
                "pick_notice",
                later("Notice for a new time"),
                later("A client who is asked can choose times at least this far away."),
            ),
        ),
    ),
    (
        later("When you ask, move or cancel"),
        (
            Rule(
                "undo",
                later("Time to undo"),
                later(
                    "For so long after you ask, move or cancel nothing is sent, and you can undo it. Less than 2 hours before the start everything goes out at once. 0 sends everything at once."
                ),
                unit=MINUTE,
            ),
        ),
    ),
    (
        later("When a client books"),
        (
            Rule(
                "booking_notice",
                later("Notice for a new booking"),
                later(
                    "A client who books again after a cancellation can choose times at least this far away."
                ),
            ),
            Rule(
                "horizon",
                later("How far ahead"),
                later(
                    "Clients can choose times up to this far ahead. A client who is asked always sees 30 days past the time they had."
                ),
                unit=DAY,
            ),
        ),
    ),
    (
        later("When a client cancels"),
        (
            Rule(
                "self_service_cut_off",
                later("Late cancellation"),
                later(
                    "A cancellation that a client asks for closer to the start than this is late, unless you waive it."
                ),
            ),
        ),
    ),
    (
        later("When nobody is at the screen"),
        (
            Rule(
                "idle",
                later("Automatic sign-out"),
                later(
                    "Whoever works here is signed out after so long without a sign of them. What they typed is kept for them."
                ),
                unit=MINUTE,
            ),
        ),
    ),
)
RULES = {rule.name: rule for _heading, rules in SECTIONS for rule in rules}


@dataclass(frozen=True, slots=True)
class Switch:
    """Something that a practice does or leaves, as the page shows it."""

    name: str
    label: StrOrPromise
    does: StrOrPromise


SWITCHES = {
    switch.name: switch
    for switch in (
        Switch(
            "remind_days_before",
            later("Remind clients 48 hours before"),
            later("By e-mail, and by text if they agreed, with a way to move or cancel in time."),
        ),
        Switch(
            "remind_hours_before",
            later("Remind clients 2 hours before"),
            later(
                "What would come at night goes in the evening before. Nobody is reminded who is asked to move, or wants no reminders."
            ),
        ),
        Switch(
            "silence_cancels",
            later("Cancel what nobody answered"),
            later(
                "Without an answer by the deadline the appointment is canceled, no charge, and both sides are told. Without this tick it stands, it is your task, and clients read that you will get in touch. A type can say otherwise; open requests keep what their clients were told."
            ),
        ),
        Switch(
            "confirm_bookings",
            later("Confirm to clients what you book"),
            later(
                "A client for whom you book an appointment gets an e-mail that says when and where. Who books by a link always gets one."
            ),
        ),
    )
}


ONE_A_DAY = {
    OneADay.WITH_PROVIDER: later("With the same provider"),
    OneADay.WITH_ANYONE: later("With anyone"),
    OneADay.NO_RULE: later("Any number"),
}
"""What a practice may say of a client's sessions of one day, in words."""
ONE_A_DAY_LABEL = later("One session a day for a client")


class RulesForm(SettingsForm):
    """A number for each rule, in its unit."""

    def __init__(self, *args: Any, practice: Practice, **options: Any) -> None:
        super().__init__(*args, **options)
        self.practice = practice
        for rule in RULES.values():
            unit = {DAY: _("days"), MINUTE: _("minutes")}.get(rule.unit, _("hours"))
            field = WholeField(
                label=_("%(rule)s, in %(unit)s") % {"rule": rule.label, "unit": unit}, help_text=rule.help()
            )
            # For the browser's arrows; what is allowed, the domain's ranges say to whoever sends.
            allowed = RANGES[rule.name]
            limits = {"min": rule.counted(allowed.least), "max": rule.counted(allowed.most)}
            field.widget.attrs.update(limits)
            self.fields[rule.name] = field
        for switch in SWITCHES.values():
            self.fields[switch.name] = forms.BooleanField(
                required=False, label=switch.label, help_text=switch.does
            )
        self.fields["one_a_day"] = forms.ChoiceField(
            label=ONE_A_DAY_LABEL,
            choices=[(one.value, words) for one, words in ONE_A_DAY.items()],
            help_text=_(
                "On a day, by the provider's clock, on which a client already has a session, they are offered no other time. You can book one all the same."
            ),
        )
        self.remember_what_stood()

    @property
    def sections(self) -> list[tuple[str, list[tuple[Any, str]]]]:
        """The fields under their headings, each with the words that lead back to its default when another value stands there."""
        return [(str(heading), [self._row(rule) for rule in rules]) for heading, rules in SECTIONS]

    def _row(self, rule: Rule) -> tuple[Any, str]:
        field = self[rule.name]
        # As text: a form shown again holds what was typed, a fresh one a number.
        is_default = str(field.value()) == str(rule.counted(rule.default))
        return field, "" if is_default else _("Back to %(default)s") % {"default": duration(rule.default)}

    @property
    def switches_shown(self) -> list[Any]:
        """The fields of what a practice does or leaves."""
        return [self[name] for name in SWITCHES]

    def switches(self) -> dict[str, bool]:
        """Return what was ticked or unticked."""
        stood = self.practice.rules
        said = {name: bool(self.cleaned_data[name]) for name in SWITCHES}
        return {name: on for name, on in said.items() if on != getattr(stood, name)}

    def one_a_day(self) -> OneADay:
        return OneADay(self.cleaned_data["one_a_day"])

    def rules(self) -> dict[str, timedelta]:
        """Return what was typed that differs from how things stand."""
        # Only that is written down as a change; a form sent untouched changes nothing.
        said = {name: (rule, self.cleaned_data[name]) for name, rule in RULES.items()}
        return {
            name: number * rule.unit
            for name, (rule, number) in said.items()
            if number != rule.counted(rule.chosen(self.practice))
        }


@require_http_methods(["GET", "HEAD", "POST"])
@for_managers
def rules_page(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Change the practice's rules; a button puts a default into the form and saves nothing."""
    practice = staff.practice
    if request.method != "POST":
        return _page(request, staff, RulesForm(practice=practice, initial=_known(practice)))
    if request.POST.get("default") in RULES:
        rule = RULES[request.POST["default"]]
        typed = {name: request.POST.get(name, "") for name in ("seen", "one_a_day", *RULES, *SWITCHES)}
        form = RulesForm(practice=practice, initial=typed | {rule.name: rule.counted(rule.default)})
        form.data = request.POST  # shown unsent, it still remembers what stood there
        words = _(
            "%(rule)s stands at its default, %(default)s, in the form below. Save the rules to make it count."
        )
        news = words % {"rule": rule.label, "default": duration(rule.default)}
        return _page(request, staff, form, news=news)
    form = RulesForm(request.POST, practice=practice)
    if not form.is_valid():
        return _page(request, staff, form, status=422)
    done = save_settings(
        request,
        staff,
        form,
        set_rules,
        practice.pk,
        rules=form.rules(),
        switches=form.switches(),
        one_a_day=form.one_a_day(),
        seen=form.cleaned_data["seen"],
        told=_("Saved. The rules count from now on; open requests keep their deadlines."),
    )
    return done if isinstance(done, HttpResponse) else _page(request, staff, form, status=done)


def _known(practice: Practice) -> dict[str, Any]:
    known: dict[str, Any] = {name: rule.counted(rule.chosen(practice)) for name, rule in RULES.items()}
    known |= {name: getattr(practice.rules, name) for name in SWITCHES}
    return known | {"one_a_day": practice.rules.one_a_day.value, "seen": changes_of_practice(practice.pk)}


def _page(
    request: HttpRequest, staff: Staff, form: RulesForm, *, news: str = "", status: int = 200
) -> HttpResponse:
    return show_settings(
        request,
        staff,
        form,
        template=TEMPLATE,
        about=staff.practice,
        known=lambda: _known(staff.practice),
        stands=lambda: rule_facts(staff.practice),
        status=status,
        news=news,
        # Shown beside the rules; they are the same everywhere.
        reminders=Policy().reminders,
    )


def rule_facts(practice: Practice) -> Facts:
    """Return how the rules stand, as label and value."""
    stands = practice.rules
    return [
        *((str(rule.label), duration(rule.chosen(practice))) for rule in RULES.values()),
        (str(ONE_A_DAY_LABEL), str(ONE_A_DAY[stands.one_a_day])),
        *((str(one.label), _("yes") if getattr(stands, one.name) else _("no")) for one in SWITCHES.values()),
    ]
