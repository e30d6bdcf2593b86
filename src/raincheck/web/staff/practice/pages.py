"""The practice's page, read by everybody there: types, places, rules, details, and the latest changes."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _, gettext_lazy as later
from django.views.decorators.http import require_safe

from raincheck.domain.appointments.lifecycle import TypeKind
from raincheck.domain.policy import OneADay
from raincheck.domain.practice import PracticeEvent
from raincheck.notifications.formats import duration, zone_city
from raincheck.queries.practice import Changed, latest_changes, places_in, types_in
from raincheck.web.staff.practice.appointment_types import KINDS, length_words, silence_words
from raincheck.web.staff.practice.booking_rules import ONE_A_DAY, ONE_A_DAY_LABEL, RULES, SWITCHES, rule_facts
from raincheck.web.staff.practice.details import detail_facts
from raincheck.web.staff.shell import Staff, for_readers_of_settings, show

EVENTS = {
    PracticeEvent.TYPE_ADDED: later("Type added: %(name)s"),
    PracticeEvent.TYPE_CHANGED: later("Type changed: %(name)s"),
    PracticeEvent.PLACE_ADDED: later("Place added: %(name)s"),
    PracticeEvent.PLACE_CHANGED: later("Place changed: %(name)s"),
    PracticeEvent.RULES_CHANGED: later("Booking rules"),
    PracticeEvent.DETAILS_CHANGED: later("Details for messages"),
}
FIELDS = {
    "name": later("name"),
    "kind": later("kind"),
    "length": later("length"),
    "buffer_before": later("buffer before"),
    "buffer_after": later("buffer after"),
    "for_medicine": later("visits about medicine"),
    "may_be_by_video": later("may be held by video"),
    "offered": later("offered"),
    "one_at_a_time": later("holds one session at a time"),
    "type_silence": later("without an answer"),
    "zone": later("time zone"),
    "address": later("address"),
    "sender_name": later("sender name"),
    "reply_to": later("address for answers"),
    "phone": later("phone"),
    "urgent_help": later("urgent-help line"),
    "greeting": later("line for clients who are asked"),
}
LABELS = (
    {name: rule.label for name, rule in RULES.items()}
    | {name: switch.label for name, switch in SWITCHES.items()}
    | {"one_a_day": ONE_A_DAY_LABEL}
    | FIELDS
)
# Kept in history as seconds, like the rules.
LENGTHS = {"length", "buffer_before", "buffer_after"}
ADDED = (PracticeEvent.TYPE_ADDED, PracticeEvent.PLACE_ADDED)


@dataclass(frozen=True, slots=True)
class Change:
    """A change in words: what it was about, what changed, who did it and when."""

    about: str
    what: str
    by: str
    at: datetime


@require_safe
@for_readers_of_settings
def practice_page(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Show everything as it stands; those who manage the practice get the ways to change it."""
    # Everybody reads the rules they work by; who changed what is for those who may.
    may_change = staff.manages is not None
    types = [
        (kind, KINDS[TypeKind(kind.kind)], length_words(kind.length, kind.buffer_before, kind.buffer_after))
        for kind in types_in(staff.practice)
    ]
    places = places_in(staff.practice)
    context = {
        "may_change": may_change,
        "types": types,
        "nothing_offered": not any(kind.offered for kind, _words, _length in types),
        "places": places,
        "nowhere_offered": not any(place.offered for place in places),
        "rules": rule_facts(staff.practice),
        "details": detail_facts(staff.practice),
        "changes": [_change(changed) for changed in latest_changes(staff.practice)] if may_change else [],
        "zone": staff.zone,
    }
    return show(request, staff, "raincheck/staff/practice/practice.html", context, current="practice")


def _change(changed: Changed) -> Change:
    row, event = changed.row, PracticeEvent(changed.row.event)
    subject = row.type or row.place
    about = str(EVENTS[event]) % {"name": subject.name if subject else ""}
    what: list[str] = []
    for name, values in {} if event in ADDED else row.details.items():
        if name == "words":
            # Texts are not kept in history, which can't be erased: only that they changed.
            what += (_("%(field)s changed") % {"field": FIELDS[word]} for word in values if word in FIELDS)
        elif name in LABELS:
            of_type = name == "silence_cancels" and row.type is not None
            before, after = (silence_words(value) if of_type else _value(name, value) for value in values)
            label = FIELDS["type_silence"] if of_type else LABELS[name]
            what.append(
                _("%(field)s: %(before)s → %(after)s") % {"field": label, "before": before, "after": after}
            )
    return Change(about, " · ".join(what), changed.by, row.at)


def _value(name: str, value: int | str | bool) -> str:
    if name in RULES or name in LENGTHS:
        return duration(timedelta(seconds=int(value)))
    if name in ("offered", "for_medicine", "may_be_by_video", "one_at_a_time") or name in SWITCHES:
        return _("yes") if value else _("no")
    if name == "one_a_day":
        return str(ONE_A_DAY[OneADay(str(value))])
    if name == "kind":
        return str(KINDS[TypeKind(str(value))])
    return zone_city(str(value))
