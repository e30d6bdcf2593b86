"""Words of a client's record: what is written down of them, and each change of it in a line."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils import dateformat
from django.utils.translation import gettext as _, gettext_lazy as later, pgettext

from raincheck.data.models import Client, ClientHistory, Provider, Recipient
from raincheck.domain.clients.phones import shown_phone
from raincheck.domain.clients.record import ClientEvent
from raincheck.domain.people import ActorKind
from raincheck.domain.regions import regions
from raincheck.notifications.formats import short_day, zone_city
from raincheck.queries.clients.history import Changed, names_of_staff
from raincheck.web.staff.clients.never_works import never_works_in_words
from raincheck.web.staff.shell import Staff

EVENTS = {
    ClientEvent.ADDED: later("Added"),
    ClientEvent.CHANGED: later("Changed"),
    ClientEvent.IMPORTED: later("Brought in from a file"),
    ClientEvent.MERGED: later("Merged"),
    ClientEvent.MERGE_UNDONE: later("Merge undone"),
    ClientEvent.DISCHARGED: later("Discharged"),
    ClientEvent.ARCHIVED: later("Archived"),
    ClientEvent.BROUGHT_BACK: later("Brought back"),
    ClientEvent.OPENED_IN_EMERGENCY: later("Conversation opened in an emergency"),
}
FIELDS = {
    "first_name": later("first name"),
    "last_name": later("last name"),
    "goes_by": later("name they go by"),
    "pronouns": later("pronouns"),
    "date_of_birth": later("date of birth"),
    "email": later("e-mail"),
    "phone": later("phone"),
    "texts": later("texts"),
    "agreed_on": later("agreed to texts on"),
    "zone": later("time zone"),
    "language": later("language"),
    "reminders": later("reminders of appointments"),
    "neutral_wording": later("neutral wording"),
    "usual_provider": later("usual provider"),
    "do_not_auto_cancel": later("do not auto-cancel"),
    "payer_forbids_fees": later("payer forbids fees"),
    "never_works": later("times that never work"),
    "usual_region": later("usual state or country"),
}
BY = {
    ActorKind.CLIENT: later("the client, signed in"),
    ActorKind.CLIENT_BY_LINK: later("the client, by a link"),
    ActorKind.OPERATOR: later("whoever runs Raincheck here"),
    ActorKind.SYSTEM: later("Raincheck"),
}


@dataclass(frozen=True, slots=True)
class Change:
    """A change in words: what became of the record, which fields, who did it and when."""

    about: str
    what: str
    by: str
    at: datetime


def record_facts(staff: Staff, client: Client, recipient: Recipient | None) -> list[tuple[str, str]]:
    """Return what is written down of a client, each as label and value; what is empty is left out but for the ways to reach them."""
    reached = recipient or Recipient(client=client)
    phone = shown_phone(reached.phone or client.phone, region=staff.practice.region)
    born = client.date_of_birth
    facts = [
        (_("Full name"), client.full_name),
        (_("Goes by"), client.goes_by),
        (_("Pronouns"), client.pronouns),
        (_("Date of birth"), dateformat.format(born, pgettext("date", "F j, Y")) if born else ""),
        (_("E-mail"), reached.email or _("None")),
        (_("Phone"), phone or _("None")),
        (_("Texts"), consent_words(staff, reached)),
        (_("Time zone"), zone_city(client.zone) if client.zone else ""),
        (_("Language"), dict(settings.LANGUAGES).get(reached.language, reached.language)),
        (_("Reminders of appointments"), "" if reached.reminders_off_at is None else _("none wanted")),
        (_("Usual provider"), client.usual_provider.name if client.usual_provider else ""),
        (_("Neutral wording"), _("yes") if client.neutral_wording else ""),
        (_("Do not auto-cancel"), _("yes") if client.do_not_auto_cancel else ""),
        (_("Payer forbids fees"), _("yes") if client.payer_forbids_fees else ""),
        (_("Usually in"), regions().get(client.usual_region, "")),
        (_("Times that never work"), never_works_in_words(client.never_works)),
    ]
    return [(label, value) for label, value in facts if value]


def consent_words(staff: Staff, recipient: Recipient) -> str:
    """Return whether somebody agreed to texts, when, and who took it."""
    if recipient.sms_agreed_at is None:
        return _("not agreed")
    day = short_day(recipient.sms_agreed_at, staff.practice.zone, now=staff.now)
    taken = (recipient.sms_agreed_by_kind, recipient.sms_agreed_by)
    name = names_of_staff([taken]).get(taken, "")
    if not name:
        return _("agreed on %(day)s") % {"day": day}
    return _("agreed on %(day)s, written down by %(name)s") % {"day": day, "name": name}


def changes_in_words(staff: Staff, changes: list[Changed]) -> list[Change]:
    """Return changes of a record as lines that people read."""
    usual = {
        number
        for changed in changes
        for number in changed.row.details.get("usual_provider", [])
        if isinstance(number, int)
    }
    providers = Provider.objects.filter(practice=staff.practice, pk__in=usual).values_list("pk", "name")
    names = dict(providers)
    return [
        Change(
            str(EVENTS[ClientEvent(changed.row.event)]),
            " · ".join(_fields(changed.row, names)),
            changed.by or str(BY.get(ActorKind(changed.row.actor_kind), "")),
            changed.row.at,
        )
        for changed in changes
        # A conversation is none of a scheduler's business, nor who read it.
        if changed.row.event != ClientEvent.OPENED_IN_EMERGENCY or staff.sees_settings
    ]


def _fields(row: ClientHistory, providers: dict[int, str]) -> list[str]:
    if row.event == ClientEvent.ADDED:
        return []
    said: list[str] = []
    # In the order of the form, and of words only that they changed: history, which can't be erased, keeps none.
    for name, label in FIELDS.items():
        if name in row.details.get("words", ()):
            said.append(_("%(field)s changed") % {"field": label})
        elif name in row.details:
            before, after = (_value(name, value, providers) for value in row.details[name])
            words = {"field": label, "before": before, "after": after}
            said.append(_("%(field)s: %(before)s → %(after)s") % words)
    return said


def _value(name: str, value: int | str | bool, providers: dict[int, str]) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if value == "":
        return _("none")
    if name == "usual_provider":
        return providers.get(int(value), _("somebody who was here"))
    if name == "language":
        return str(dict(settings.LANGUAGES).get(str(value), value))
    return zone_city(str(value)) if name == "zone" else str(value)
