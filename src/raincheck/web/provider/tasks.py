"""Tasks in words: what happened, what it is about, and what can be done now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from raincheck.data.appointments import Appointment
from raincheck.data.notifications import Notification
from raincheck.data.reschedule import RescheduleRequest
from raincheck.data.tasks import Task
from raincheck.domain.appointments import Status
from raincheck.domain.notifications import Channel, Moment
from raincheck.domain.reschedule import NeedsProvider
from raincheck.domain.tasks import TaskKind
from raincheck.web.provider.words import WAITS_BECAUSE

SENTENCES = {
    TaskKind.NOT_DELIVERED: later(
        "The request to choose a new time has not reached %(name)s yet. We keep trying."
    ),
    TaskKind.NEEDS_HELP: later("%(name)s wrote to you while choosing a new time."),
    TaskKind.NEEDS_PROVIDER: later("%(name)s did not answer in time. The appointment still stands."),
    TaskKind.NO_OPEN_TIMES: later("%(name)s has no open times left to choose from."),
    TaskKind.INTAKE_LAPSED: later(
        "%(name)s did not choose a new time, so a first appointment was canceled. A call may help."
    ),
    TaskKind.WHAT_HAPPENED: later(
        "The appointment's time came while your request to %(name)s was open. What happened?"
    ),
    TaskKind.LINK_NOT_THEIRS: later(
        "Somebody said that the link we sent is not theirs. The links sent there have ended; please check how %(name)s is reached."
    ),
}

UNDELIVERED = {
    Moment.ASKED: later("the request to choose a new time"),
    Moment.REQUEST_REMINDER: later("the reminder to choose a new time"),
    Moment.DEADLINE_MOVED: later("the new deadline"),
    Moment.BOOKED: later("the confirmation of the appointment"),
    Moment.DETAILS_CHANGED: later("what changed about the appointment"),
    Moment.MOVED: later("the confirmation of the new time"),
    Moment.WITHDRAWN: later("the word that the original time stands"),
    Moment.MESSAGE: later("the word that there is a message"),
}
CANCELLATION = later("the word that the appointment was canceled")

URGENT = {TaskKind.NEEDS_PROVIDER, TaskKind.NOT_DELIVERED}


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
    ways = [way for way in _ways(task, appointment, now=now) if with_messages or way.label != _("Message")]
    return Todo(task, _sentence(task), appointment, TaskKind(task.kind) in URGENT, ways)


def _sentence(task: Task) -> str:
    kind, name = TaskKind(task.kind), task.client.first_name if task.client else ""
    if kind is TaskKind.NEEDS_PROVIDER and task.request and task.request.needs_provider:
        return str(WAITS_BECAUSE[NeedsProvider(task.request.needs_provider)]) % {"name": name}
    if kind is TaskKind.NOT_DELIVERED and task.notification is not None:
        return _undelivered(task.notification, name=name)
    return str(SENTENCES[kind]) % {"name": name}


def _undelivered(notification: Notification, *, name: str) -> str:
    what = UNDELIVERED.get(Moment(notification.moment), CANCELLATION)
    if notification.provider_id is not None:
        return _("We could not e-mail you %(what)s. Your address may have changed.") % {"what": what}
    if notification.channel == Channel.SMS:
        return _("We could not text %(name)s %(what)s.") % {"name": name, "what": what}
    return _("We could not e-mail %(name)s %(what)s.") % {"name": name, "what": what}


def _ways(task: Task, appointment: Appointment | None, *, now: datetime) -> Iterator[Way]:
    kind, client = TaskKind(task.kind), task.client
    if kind is TaskKind.NO_OPEN_TIMES:
        yield Way(_("Open more times"), reverse("availability"))
    if client is not None:
        if kind is TaskKind.NEEDS_HELP:
            yield Way(_("Message"), reverse("message-client", args=[client.ref]))
        if kind in (TaskKind.NOT_DELIVERED, TaskKind.LINK_NOT_THEIRS):
            yield Way(_("Check e-mail and phone"), reverse("client", args=[client.ref]) + "#contact")
        if task.request is not None and task.request.is_open:
            yield from _ways_of_request(task.request, client.first_name)
        if client.phone:
            yield Way(_("Call %(phone)s") % {"phone": client.phone}, f"tel:{_dialed(client.phone)}")
        if kind is not TaskKind.NEEDS_HELP:
            yield Way(_("Message"), reverse("message-client", args=[client.ref]))
    if appointment is not None:
        yield from _ways_of_appointment(appointment, may_cancel=kind is TaskKind.NEEDS_PROVIDER, now=now)


def _ways_of_request(request: RescheduleRequest, name: str) -> Iterator[Way]:
    yield Way(_("Pick with %(name)s") % {"name": name}, reverse("request-pick", args=[request.ref]))
    yield Way(_("Withdraw"), reverse("request-withdraw", args=[request.ref]))


def _ways_of_appointment(appointment: Appointment, *, may_cancel: bool, now: datetime) -> Iterator[Way]:
    if may_cancel and appointment.status == Status.SCHEDULED and appointment.starts_at > now:
        yield Way(_("Cancel appointment"), reverse("appointment-cancel", args=[appointment.ref]))
    else:
        yield Way(_("See the appointment"), reverse("appointment", args=[appointment.ref]))


def _dialed(phone: str) -> str:
    return "".join(sign for sign in phone if sign.isdigit() or sign == "+")
