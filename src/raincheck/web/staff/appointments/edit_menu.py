"""The three ways to change an appointment, each with when to use it, or with why it cannot be used now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from raincheck.data.models import Appointment, RescheduleRequest
from raincheck.domain.appointments import Status
from raincheck.notifications.formats import duration, instant_with_day
from raincheck.queries.reschedule.ask import deadline_or_none
from raincheck.web.staff.shell import _, reverse


@dataclass(frozen=True, slots=True)
class Way:
    """One item of the menu. Without a `url` it cannot be used, and `why` says why not."""

    id: str
    label: str
    why: str
    icon: str
    url: str
    best: bool = False


def ways(appointment: Appointment, request: RescheduleRequest | None, *, now: datetime) -> list[Way]:
    """Return the ways of Edit Appointment, in their order."""
    over = why_over(appointment, now=now)
    return [
        _way(
            appointment,
            "change",
            _("Change appointment details"),
            "pencil",
            _when_to_change(appointment),
            over,
        ),
        _way(
            appointment,
            "ask",
            ask_label(appointment),
            "requests",
            _when_to_ask(appointment, now=now),
            why_not_ask(appointment, request, now=now),
        ),
        _way(
            appointment,
            "cancel",
            _("Cancel appointment"),
            "close",
            _("Clinically necessary, or not about availability."),
            over,
        ),
    ]


def ask_label(appointment: Appointment) -> str:
    return _("Ask %(name)s to reschedule") % {"name": appointment.client.first_name}


def why_over(appointment: Appointment, *, now: datetime) -> str:
    """Return why nothing about an appointment can be changed any more; nothing while it can."""
    if appointment.status == Status.CANCELLED:
        return _("Not possible: this appointment was canceled.")
    if appointment.status != Status.SCHEDULED or appointment.starts_at <= now:
        return _("Not possible: its time has come or gone.")
    return ""


def why_not_ask(appointment: Appointment, request: RescheduleRequest | None, *, now: datetime) -> str:
    """Return why a client cannot be asked about an appointment now; nothing while they can."""
    over = why_over(appointment, now=now)
    if over:
        return over
    policy, name = appointment.practice.rules, appointment.client.first_name
    if request is not None:
        return _("Not possible: %(name)s has already been asked.") % {"name": name}
    if deadline_or_none(appointment, now=now, policy=policy) is None:
        words = _("Too late to ask: %(name)s would have less than %(shortest)s to answer.")
        return words % {"name": name, "shortest": duration(policy.shortest_window)}
    return ""


def _way(appointment: Appointment, name: str, label: str, icon: str, why: str, why_not: str) -> Way:
    url = "" if why_not else reverse(f"appointment-{name}", args=[appointment.ref])
    return Way(f"way-{name}", label, why_not or why, icon, url, best=name == "ask" and not why_not)


def _when_to_change(appointment: Appointment) -> str:
    words = _("You and %(name)s already agreed on a new time, or the type or place changes.")
    return words % {"name": appointment.client.first_name}


def _when_to_ask(appointment: Appointment, *, now: datetime) -> str:
    """Say by when the client answers: the practice's whole window, or the instant that cuts it short."""
    policy, name = appointment.practice.rules, appointment.client.first_name
    deadline = deadline_or_none(appointment, now=now, policy=policy)
    if deadline is not None and deadline < now + policy.answer_window:
        words = _("Something came up on your side. %(name)s picks a new time by %(deadline)s.")
        return words % {"name": name, "deadline": instant_with_day(deadline, appointment.provider.zone)}
    words = _("Something came up on your side. %(name)s picks a new time within %(window)s.")
    return words % {"name": name, "window": duration(policy.answer_window)}
