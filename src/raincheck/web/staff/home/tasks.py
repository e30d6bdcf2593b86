"""Tasks in words: what happened, what it is about, and what can be done now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from raincheck.data.appointments import Appointment
from raincheck.data.notifications import Notification
from raincheck.data.tasks import Task
from raincheck.domain.appointments import Status
from raincheck.domain.notifications import Channel, NotificationType
from raincheck.domain.reschedule import NeedsProvider
from raincheck.domain.tasks import TaskKind
from raincheck.notifications.catalogue import CATALOGUE
from raincheck.web.staff.calendars.words import failing_words
from raincheck.web.staff.shell.words import WAITS_BECAUSE

SENTENCES = {
    TaskKind.NOT_DELIVERED: later(
        "The request to choose a new time has not reached %(name)s yet. We keep trying."
    ),
    TaskKind.CLIENT_WROTE: later("%(name)s wrote while choosing a new time."),
    TaskKind.NEEDS_PROVIDER: later("%(name)s did not answer in time. The appointment still stands."),
    TaskKind.NO_OPEN_TIMES: later("%(name)s has no open times left to choose from."),
    TaskKind.INTAKE_LAPSED: later(
        "%(name)s did not choose a new time, so a first appointment was canceled. A call may help."
    ),
    TaskKind.WHAT_HAPPENED: later(
        "The appointment's time came while the request to %(name)s was open. What happened?"
    ),
    TaskKind.LINK_NOT_THEIRS: later(
        "Somebody said that the link we sent is not theirs. The links sent there have ended; please check how %(name)s is reached."
    ),
    TaskKind.CALENDAR_NOT_WRITTEN: later(
        "For a day appointments could not be written into “%(calendar)s”. They stand here as ever; we keep trying."
    ),
    TaskKind.ZONE_CLASH: later(
        "The clock rules changed, and %(name)s's appointment could not stay at its time: that is taken. Please agree on a time."
    ),
    TaskKind.CALENDAR_FAILING: later("One of your calendars can't be read."),
    TaskKind.CONFLICT: later("A calendar is busy at the time of %(name)s's appointment."),
    TaskKind.NOT_DONE: later(
        "Something was due for the request to %(name)s, and we could not do it. We keep trying; please see to it."
    ),
}

WAYS = {
    TaskKind.NOT_DELIVERED: ("contact", "call", "pick"),
    TaskKind.CLIENT_WROTE: ("message", "pick", "open_times"),
    TaskKind.NEEDS_PROVIDER: ("pick", "withdraw", "cancel", "call"),
    TaskKind.NO_OPEN_TIMES: ("open_times", "pick", "withdraw"),
    TaskKind.INTAKE_LAPSED: ("call", "message", "see"),
    TaskKind.WHAT_HAPPENED: ("see", "message"),
    TaskKind.LINK_NOT_THEIRS: ("contact", "call", "pick"),
    TaskKind.CALENDAR_NOT_WRITTEN: ("calendars",),
    TaskKind.ZONE_CLASH: ("zone_rules", "ask", "call", "message", "cancel"),
    TaskKind.CALENDAR_FAILING: ("calendars",),
    TaskKind.CONFLICT: ("ask", "see"),
    TaskKind.NOT_DONE: ("pick", "withdraw", "contact", "call", "open_times"),
}
"""What each kind of task offers, the nearest first; of these, what is possible now is shown."""

URGENT = {TaskKind.NEEDS_PROVIDER, TaskKind.NOT_DELIVERED, TaskKind.NOT_DONE}


@dataclass(frozen=True, slots=True)
class Way:
    """Something to do now: a link."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Todo:
    """A task as Home shows it."""

    task: Task
    sentence: str
    appointment: Appointment | None
    urgent: bool
    ways: list[Way]


def todo(task: Task, *, with_messages: bool, now: datetime) -> Todo:
    """Return a task in words. `with_messages` is whether the reader may open the conversation."""
    appointment = task.appointment or (task.request.appointment if task.request else None)
    offered = _offered(task, appointment, now=now)
    ways = [offered[way] for way in WAYS[TaskKind(task.kind)] if way in offered]
    if not with_messages and "message" in offered:
        ways = [way for way in ways if way is not offered["message"]]
    return Todo(task, _sentence(task, now=now), appointment, TaskKind(task.kind) in URGENT, ways)


def _sentence(task: Task, *, now: datetime) -> str:
    kind, name = TaskKind(task.kind), task.client.first_name if task.client else ""
    if kind is TaskKind.NEEDS_PROVIDER and task.request and task.request.needs_provider:
        return str(WAITS_BECAUSE[NeedsProvider(task.request.needs_provider)]) % {"name": name}
    if kind is TaskKind.NOT_DELIVERED and task.notification is not None:
        return _undelivered(task.notification, name=name)
    if kind is TaskKind.CALENDAR_FAILING and task.calendar is not None and task.calendar.fault:
        failing = failing_words(task.calendar, zone=task.provider.zone, now=now)
        return _("“%(calendar)s”: %(failing)s") % {"calendar": task.calendar.name, "failing": failing}
    if kind is TaskKind.NOT_DONE and task.request is None:
        return _(
            "Something was due for the requests you have sent, and we could not do it. We keep trying; please look at them and at your hours."
        )
    return str(SENTENCES[kind]) % {"name": name, "calendar": task.calendar.name if task.calendar else ""}


def _undelivered(notification: Notification, *, name: str) -> str:
    what = CATALOGUE[NotificationType(notification.moment)].undelivered
    if notification.provider_id is not None:
        return _("We could not e-mail you %(what)s. Your address may have changed.") % {"what": what}
    if notification.user_id is not None:
        return _("We could not e-mail the manager who asked %(name)s %(what)s.") % {
            "name": name,
            "what": what,
        }
    if notification.channel == Channel.SMS:
        return _("We could not text %(name)s %(what)s.") % {"name": name, "what": what}
    return _("We could not e-mail %(name)s %(what)s.") % {"name": name, "what": what}


def _offered(task: Task, appointment: Appointment | None, *, now: datetime) -> dict[str, Way]:
    """Return everything that can be done now, by a word for it."""
    hours = f"{reverse('availability')}?provider={task.provider.ref}"
    calendars = f"{reverse('calendars')}?provider={task.provider.ref}"
    offered = {
        "calendars": Way(_("See the calendars"), calendars),
        "open_times": Way(_("Open more times"), hours),
        "zone_rules": Way(_("See what the new rules changed"), reverse("zone-rules")),
    }
    if task.client is not None:
        offered["message"] = Way(_("Message"), reverse("message-client", args=[task.client.ref]))
        offered["contact"] = Way(
            _("Check e-mail and phone"), reverse("client", args=[task.client.ref]) + "#contact"
        )
        if task.client.phone:
            words = _("Call %(phone)s") % {"phone": task.client.phone}
            offered["call"] = Way(words, f"tel:{dialed(task.client.phone)}")
    if task.request is not None and task.request.is_open and task.client is not None:
        words = _("Pick with %(name)s") % {"name": task.client.first_name}
        offered["pick"] = Way(words, reverse("request-pick", args=[task.request.ref]))
        offered["withdraw"] = Way(_("Withdraw"), reverse("request-withdraw", args=[task.request.ref]))
    if appointment is not None:
        offered["see"] = Way(_("See the appointment"), reverse("appointment", args=[appointment.ref]))
        if appointment.status == Status.SCHEDULED and appointment.starts_at > now:
            words = _("Ask %(name)s to reschedule") % {"name": task.client.first_name if task.client else ""}
            offered["ask"] = Way(words, reverse("appointment-ask", args=[appointment.ref]))
            offered["cancel"] = Way(
                _("Cancel appointment"), reverse("appointment-cancel", args=[appointment.ref])
            )
    return offered


def dialed(phone: str) -> str:
    """Return a phone number as a link dials it."""
    return "".join(sign for sign in phone if sign.isdigit() or sign == "+")
