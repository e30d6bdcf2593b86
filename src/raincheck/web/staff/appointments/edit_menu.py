"""The menu of Edit Appointment: three items, each with when to use it, or with why it cannot be used now."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from raincheck.data.models import Appointment, RescheduleRequest
from raincheck.domain.appointments.lifecycle import Status
from raincheck.domain.appointments.undo import released_at
from raincheck.domain.reschedule.deadlines import whole_window
from raincheck.notifications.formats import duration, instant_with_day
from raincheck.queries.reschedule.ask import deadline_or_none
from raincheck.web.staff.appointments.words import too_late_to_ask


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One item of the menu. Without a `url` it cannot be used, and `why` says why not."""

    id: str
    label: str
    why: str
    icon: str
    url: str
    best: bool = False


def edit_menu(
    appointment: Appointment, request: RescheduleRequest | None, *, now: datetime
) -> list[MenuItem]:
    """Return the items of Edit Appointment, in their order."""
    policy, name = appointment.practice.rules, appointment.client.known_as
    over, no_ask = why_over(appointment, now=now), why_not_ask(appointment, request, now=now)
    to_change = _("You and %(name)s already agreed on a new time, or the type or place changes.")
    deadline = deadline_or_none(appointment, now=now, policy=policy)
    # The whole window is said as a length; where the start cuts it short, only the instant tells how little is left.
    window = policy.answer_window
    asked_at = released_at(appointment.starts_at, policy=policy, now=now)
    if deadline is not None and whole_window(deadline, asked_at=asked_at, window=window) is None:
        to_ask = _("Something came up on your side. %(name)s picks a new time by %(deadline)s.")
        answered = {"deadline": instant_with_day(deadline, appointment.provider.zone)}
    else:
        to_ask = _("Something came up on your side. %(name)s picks a new time within %(window)s.")
        answered = {"window": duration(window)}
    items = [
        ("change", _("Change appointment details"), "pencil", to_change % {"name": name}, over),
        ("ask", ask_label(appointment), "requests", to_ask % {"name": name, **answered}, no_ask),
        (
            "cancel",
            _("Cancel appointment"),
            "close",
            _("Clinically necessary, or not about availability."),
            over,
        ),
    ]
    return [
        MenuItem(
            f"way-{item}",
            label,
            why_not or why,
            icon,
            "" if why_not else reverse(f"appointment-{item}", args=[appointment.ref]),
            # Marked, never required: the ask is an offer beside the other two ways.
            best=item == "ask" and not why_not,
        )
        for item, label, icon, why, why_not in items
    ]


def ask_label(appointment: Appointment) -> str:
    return _("Ask %(name)s to reschedule") % {"name": appointment.client.known_as}


def why_over(appointment: Appointment, *, now: datetime) -> str:
    """Return why nothing about an appointment can be changed any more; nothing while it can."""
    if appointment.status == Status.CANCELLED:
        return _("Not possible: this appointment was canceled.")
    # A session that may have begun is never moved or canceled; what became of it is asked instead.
    if appointment.status != Status.SCHEDULED or appointment.starts_at <= now:
        return _("Not possible: its time has come or gone.")
    return ""


def why_not_ask(appointment: Appointment, request: RescheduleRequest | None, *, now: datetime) -> str:
    """Return why a client cannot be asked about an appointment now; nothing while they can."""
    over = why_over(appointment, now=now)
    if over:
        return over
    if not appointment.practice.can_ask:
        return _(
            "Not possible yet: the practice has not said in whose name messages go out, and whom to call."
        )
    policy, name = appointment.practice.rules, appointment.client.known_as
    if request is not None:
        return _("Not possible: %(name)s has already been asked.") % {"name": name}
    # Said with the practice's own number, and the other two ways stay open.
    if deadline_or_none(appointment, now=now, policy=policy) is None:
        return too_late_to_ask(appointment)
    return ""
