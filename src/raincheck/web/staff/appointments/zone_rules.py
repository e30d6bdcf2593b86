"""Appointments that new time-zone rules concern, as a list: those that need a person first."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from raincheck.data.models import Appointment
from raincheck.domain.appointments.lifecycle import History
from raincheck.notifications.formats import clock_time, instant_with_day, short_day_and_time, with_zone
from raincheck.queries.appointments.listing import brought_by_new_rules
from raincheck.web.paging import Paginator
from raincheck.web.staff.appointments.words import for_client
from raincheck.web.staff.shell import Staff, for_staff, show

# New rules of a country concern many at once; most lines need no more than a look.
ON_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class ChangedAppointment:
    """An appointment as the list shows it: its time now, in words what became of it, and the client's own time if it differs.

    `first` is set on the first of its kind on a page.
    """

    appointment: Appointment
    clashes: bool
    first: bool
    when: str
    what: str
    own: str


@for_staff
def zone_rules_page(request: HttpRequest, staff: Staff) -> HttpResponse:
    """List what new rules brought, of appointments that are still ahead."""
    found = brought_by_new_rules(staff.listed(Appointment.objects.all()), now=staff.now)
    page = Paginator(found, ON_A_PAGE).get_page(request.GET.get("page"))
    changed: list[ChangedAppointment] = []
    before = None
    for row in page:
        appointment, zone = row.appointment, row.appointment.zone
        clashes = row.event == History.ZONE_CLASH
        # On the clock it was agreed on; that clock is named where the reader's is another.
        when = short_day_and_time(appointment.starts_at, zone, now=staff.now)
        if clashes:
            wanted = instant_with_day(datetime.fromisoformat(row.details["wanted"]), zone)
            what = _("It should be at %(time)s, but that time is taken.") % {"time": wanted}
        else:
            assert row.from_starts_at is not None, "a corrected appointment had another instant"
            what = _("Stays at %(kept)s. Left alone, it would now be at %(old)s.") % {
                "kept": clock_time(appointment.starts_at, zone),
                "old": clock_time(row.from_starts_at, zone),
            }
        shown = when if zone == staff.zone else with_zone(when, zone)
        own, is_first = for_client(appointment, zone=zone), row.event != before
        changed.append(ChangedAppointment(appointment, clashes, is_first, shown, what, own))
        before = row.event
    context = {"page": page, "rows": changed, "zone": staff.zone}
    return show(
        request, staff, "raincheck/staff/appointments/zone_rules.html", context, current="appointments"
    )
