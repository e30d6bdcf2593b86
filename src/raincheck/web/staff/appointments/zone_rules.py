"""What new time-zone rules changed: a list of the appointments they concern, those that need a person first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from raincheck.data.models import Appointment, AppointmentHistory
from raincheck.domain.appointments import History
from raincheck.notifications.formats import clock_time, instant_with_day, short_day_and_time, with_zone
from raincheck.queries.zone_rules import brought_by_new_rules
from raincheck.web.staff.appointments.words import for_client
from raincheck.web.staff.shell import (
    HttpRequest,
    HttpResponse,
    Paginator,
    Staff,
    _,
    arrival_of,
    for_staff,
    show,
)

ON_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class Row:
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
def changes(request: HttpRequest, staff: Staff) -> HttpResponse:
    """List what new rules brought, of appointments that are still ahead."""
    now = arrival_of(request).at
    found = brought_by_new_rules(staff.own(Appointment.objects.all()), now=now)
    page = Paginator(found, ON_A_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "rows": list(_rows(page, zone=staff.zone, now=now)), "zone": staff.zone}
    return show(
        request, staff, "raincheck/staff/appointments/zone_rules.html", context, current="appointments"
    )


def _rows(rows: Iterable[AppointmentHistory], *, zone: str, now: datetime) -> Iterator[Row]:
    before = None
    for row in rows:
        appointment, clashes = row.appointment, row.event == History.ZONE_CLASH
        yield Row(
            appointment,
            clashes,
            row.event != before,
            _when(appointment, reader=zone, now=now),
            _what(row, appointment.zone),
            for_client(appointment, zone=appointment.zone),
        )
        before = row.event


def _when(appointment: Appointment, *, reader: str, now: datetime) -> str:
    """Return the time on the clock it was agreed on, which is named where the reader's is another."""
    when = short_day_and_time(appointment.starts_at, appointment.zone, now=now)
    return when if appointment.zone == reader else with_zone(when, appointment.zone)


def _what(row: AppointmentHistory, zone: str) -> str:
    """Return "Stays at 11:00 AM; by the old rules it would now be 12:00 PM", or where a clashing one should have been."""
    if row.event == History.ZONE_CLASH:
        wanted = instant_with_day(datetime.fromisoformat(row.details["wanted"]), zone)
        return _("It should be at %(time)s, but that time is taken.") % {"time": wanted}
    assert row.from_starts_at is not None, "a corrected appointment had another instant"
    values = {
        "kept": clock_time(row.appointment.starts_at, zone),
        "old": clock_time(row.from_starts_at, zone),
    }
    return _("Stays at %(kept)s. Left alone, it would now be at %(old)s.") % values
