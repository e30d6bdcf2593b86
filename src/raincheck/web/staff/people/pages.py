"""People: everybody who works in the practice, and how each of them stands."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from raincheck.data.people import Practice, User
from raincheck.domain.people import Role
from raincheck.domain.zones import wall, zone_named
from raincheck.notifications.formats import short_day, zone_city
from raincheck.queries.access.people import Colleague, managers_of, people_of
from raincheck.web.staff.people.words import ROLES
from raincheck.web.staff.shell import Staff, for_managers, initials_of, show


@dataclass(frozen=True, slots=True)
class Line:
    """Somebody as the list shows them: a tag for how they stand, and what else is to be known."""

    user: User
    initials: str
    roles: str
    tag: str
    kind: str
    more: str
    is_me: bool
    hours_url: str
    url: str


@require_safe
@for_managers
def people_page(request: HttpRequest, staff: Staff) -> HttpResponse:
    """List everybody of the practice."""
    managers = managers_of(staff.practice)
    context = {
        "people": [_line(one, staff, is_last=managers == 1) for one in people_of(staff.practice)],
        "zone": staff.zone,
    }
    return show(request, staff, "raincheck/staff/people/people.html", context, current="people")


def roles_words(one: Colleague, practice: Practice) -> str:
    """Return "Provider, Manager · Chicago": the city only where it is not the practice's."""
    words = ", ".join(str(ROLES[role][0]) for role in one.roles)
    elsewhere = Role.PROVIDER in one.roles and one.provider is not None and one.provider.zone != practice.zone
    return f"{words} · {zone_city(one.provider.zone)}" if elsewhere and one.provider else words


def _line(one: Colleague, staff: Staff, *, is_last: bool) -> Line:
    tag, kind, more = _("Active"), "", _seen(one.user.last_login, staff)
    hours_url = ""
    if one.ended_at is not None:
        tag, kind = _("Ended"), "plain"
        more = short_day(one.ended_at, staff.zone, now=staff.now)
    elif not one.has_hours and one.provider is not None:
        tag, kind = _("No hours yet"), "amber"
        hours_url = f"{reverse('availability')}?provider={one.provider.ref}"
    elif is_last and Role.MANAGER in one.roles:
        more = _("the last manager stays")
    return Line(
        user=one.user,
        initials=initials_of(one.user.name),
        roles=roles_words(one, staff.practice),
        tag=tag,
        kind=kind,
        more=more,
        is_me=one.user.pk == staff.membership.user_id,
        hours_url=hours_url,
        url=reverse("person", args=[one.user.ref]),
    )


def _seen(at: datetime | None, staff: Staff) -> str:
    """Return when somebody last signed in, as short as people say it."""
    if at is None:
        return _("never signed in")
    zone = zone_named(staff.zone)
    if wall(at, zone=zone).date() == wall(staff.now, zone=zone).date():
        return _("today")
    return short_day(at, staff.zone, now=staff.now)
