"""Tasks as Home shows them: a sentence about each, and links to what can be done now."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.dateformat import format as formatted
from django.utils.translation import gettext as _, gettext_lazy as later, pgettext

from raincheck.data.models import Appointment, Task
from raincheck.domain.appointments.lifecycle import Status
from raincheck.domain.clients.phones import shown_phone
from raincheck.domain.notifications import Channel, NotificationType
from raincheck.domain.reschedule.lifecycle import NeedsProvider
from raincheck.domain.tasks import TaskKind
from raincheck.notifications.catalogue import CATALOGUE
from raincheck.notifications.formats import clock_time, dialed, long_day_and_time
from raincheck.web.staff.calendars.words import failing_words
from raincheck.web.staff.shell import WAITS_BECAUSE, shown_at, zone_of
from raincheck.web.staff.shell.possible import why_no_extension

SENTENCES = {
    TaskKind.NOT_DELIVERED: later(
        "The request to choose a new time has not reached %(name)s yet. We keep trying."
    ),
    TaskKind.CLIENT_WROTE: later("%(name)s wrote while choosing a new time."),
    TaskKind.NEEDS_PROVIDER: later("%(name)s did not answer in time. The appointment still stands."),
    TaskKind.NO_OPEN_TIMES: later("%(name)s has no open times left to choose from."),
    TaskKind.INTAKE_LAPSED: later(
        "The time to answer was over, so %(name)s's first appointment was canceled. A call may help."
    ),
    TaskKind.WHAT_HAPPENED: later("The appointment started before %(name)s answered. What happened?"),
    TaskKind.NOBODY_CAME: later("%(name)s says that nobody came to the session. Please get in touch now."),
    TaskKind.LINK_NOT_THEIRS: later(
        "Somebody said that the link we sent is not theirs. %(name)s's links have ended. Please check how %(name)s is reached and save it: then messages go there again."
    ),
    TaskKind.CALENDAR_NOT_WRITTEN: later(
        "For a day appointments could not be written into “%(calendar)s”. They stand here as ever; we keep trying."
    ),
    TaskKind.ZONE_CLASH: later(
        "The clock rules changed, and %(name)s's appointment could not stay at its time: that is taken. Please agree on a time."
    ),
    TaskKind.CALENDAR_FAILING: later("One of your calendars can't be read."),
    TaskKind.CONFLICT: later("A calendar is busy at the time of %(name)s's appointment."),
    TaskKind.SERIES_CLASH: later(
        "%(name)s's series goes on, but %(when)s is not free, so nothing was booked then. Please agree on another time."
    ),
    TaskKind.ROOM_SHARED: later(
        "%(place)s holds one session at a time, but %(name)s's session on %(when)s overlaps %(others)s there. Please move one of them."
    ),
    TaskKind.NEEDED_BY: later("%(name)s chose a later day: this session was needed by %(day)s."),
    TaskKind.CHECK_LICENSE: later(
        "Check license: for the session by video on %(when)s %(name)s will be somewhere that is not on the list of states and countries."
    ),
    TaskKind.NOT_DONE: later(
        "Something was due for the request to %(name)s, and we could not do it. We keep trying; please see to it."
    ),
}

# Links that each kind of task offers, the nearest first; of these, those that are possible now are shown.
LINKS = {
    TaskKind.NOT_DELIVERED: ("contact", "call", "pick"),
    TaskKind.CLIENT_WROTE: ("message", "pick", "open_times"),
    TaskKind.NEEDS_PROVIDER: ("pick", "extend", "withdraw", "cancel", "call"),
    TaskKind.NO_OPEN_TIMES: ("open_times", "pick", "withdraw"),
    TaskKind.INTAKE_LAPSED: ("call", "message", "see"),
    TaskKind.WHAT_HAPPENED: ("see", "message"),
    TaskKind.NOBODY_CAME: ("call", "message", "see"),
    TaskKind.LINK_NOT_THEIRS: ("contact", "call", "pick"),
    TaskKind.CALENDAR_NOT_WRITTEN: ("calendars",),
    TaskKind.ZONE_CLASH: ("zone_rules", "ask", "call", "message", "cancel"),
    TaskKind.CALENDAR_FAILING: ("calendars",),
    TaskKind.CONFLICT: ("ask", "see"),
    TaskKind.SERIES_CLASH: ("book", "message", "call"),
    TaskKind.ROOM_SHARED: ("change", "ask", "see", "other"),
    TaskKind.NEEDED_BY: ("call", "message", "see"),
    TaskKind.CHECK_LICENSE: ("see", "call", "message", "ask"),
    TaskKind.NOT_DONE: ("pick", "withdraw", "contact", "call", "open_times"),
}
ALONE_AGAIN = later("%(name)s's session on %(when)s has its room to itself again.")
"""Until the sweep ends the task."""
LINKS_OF_A_REMINDER = ("see", "contact", "call")
"""Those of a reminder of an appointment that could not be sent."""
# Somebody may lose a session, or stand before a closed door, unless a person acts: these stand first.
URGENT = {TaskKind.NOBODY_CAME, TaskKind.NEEDS_PROVIDER, TaskKind.NOT_DELIVERED, TaskKind.NOT_DONE}


@dataclass(frozen=True, slots=True)
class TaskLink:
    """Something to do now."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Todo:
    """A task as Home shows it."""

    task: Task
    sentence: str
    appointment: Appointment | None
    urgent: bool
    links: list[TaskLink]


def todo(
    task: Task,
    *,
    with_messages: bool,
    with_calendars: bool,
    region: str | None,
    now: datetime,
    beside: Sequence[Appointment] = (),
    may_see: Callable[[Appointment], bool] = lambda _row: False,
) -> Todo:
    """Return a task in words. `with_messages` and `with_calendars` are whether the reader may open the provider's, `region` theirs.

    `beside` are the sessions that the one of the task shares its room with; `may_see` says which of them the reader may open.
    """
    # A request's task is about its appointment, also when only the request is named.
    appointment = task.appointment or (task.request.appointment if task.request else None)
    offered = _offered(task, appointment, region=region, now=now)
    if other := next(filter(may_see, beside), None):
        offered["other"] = TaskLink(_("See the other appointment"), reverse("appointment", args=[other.ref]))
    if not with_messages:
        offered.pop("message", None)
    if not with_calendars:
        offered.pop("calendars")
    # Nobody books with a provider who left.
    if task.provider.left_at is not None:
        offered.pop("open_times")
    kind = TaskKind(task.kind)
    reminding = kind is TaskKind.NOT_DONE and task.appointment is not None
    wanted = LINKS_OF_A_REMINDER if reminding else LINKS[kind]
    links = [offered[name] for name in wanted if name in offered]
    return Todo(task, task_sentence(task, beside=beside, now=now), appointment, kind in URGENT, links)


def task_sentence(task: Task, *, now: datetime, beside: Sequence[Appointment] = ()) -> str:
    """Return what the task is about, as near to its cause as is known."""
    kind, name = TaskKind(task.kind), task.client.known_as if task.client else ""
    if kind is TaskKind.NEEDS_PROVIDER and task.request and task.request.needs_provider:
        return str(WAITS_BECAUSE[NeedsProvider(task.request.needs_provider)]) % {"name": name}
    if kind is TaskKind.NOT_DELIVERED and task.notification is not None:
        notice = task.notification
        what = CATALOGUE[NotificationType(notice.kind)].undelivered
        # By whom it was meant for: the client, unless the row names the provider or a manager's account.
        if notice.provider_id is not None:
            words = _("We could not e-mail you %(what)s. Your address may have changed.")
        elif notice.user_id is not None:
            words = _("We could not e-mail the manager who asked %(name)s %(what)s.")
        elif notice.channel == Channel.SMS:
            words = _("We could not text %(name)s %(what)s.")
        else:
            words = _("We could not e-mail %(name)s %(what)s.")
        return words % {"name": name, "what": what}
    if kind is TaskKind.CLIENT_WROTE and task.request is None:
        return _("%(name)s wrote to somebody who does not work here any more. A manager answers.") % {
            "name": name
        }
    if kind is TaskKind.CALENDAR_FAILING and task.calendar is not None and task.calendar.fault:
        failing = failing_words(task.calendar, zone=task.provider.zone, now=now)
        return _("“%(calendar)s”: %(failing)s") % {"calendar": task.calendar.name, "failing": failing}
    if kind is TaskKind.NOT_DONE and task.appointment is not None:
        return _(
            "A reminder of %(name)s's appointment was due, and we could not send it. We keep trying; please see to it."
        ) % {"name": name}
    # A step of the sweep that failed for the provider as a whole, not for one request.
    if kind is TaskKind.NOT_DONE and task.request is None:
        return _(
            "Something was due for the requests you have sent, and we could not do it. We keep trying; please look at them and at your hours."
        )
    if kind is TaskKind.ROOM_SHARED and task.appointment is not None:
        return str(SENTENCES[kind] if beside else ALONE_AGAIN) % _shared(
            task, task.appointment, beside, now=now
        )
    needed = task.appointment.needed_by if task.appointment else None
    day = formatted(needed, pgettext("date", "l, F j")) if needed else ""
    if kind is TaskKind.NEEDED_BY and task.appointment and task.appointment.status == Status.CANCELLED:
        return _("%(name)s canceled a session that was needed by %(day)s.") % {"name": name, "day": day}
    at = task.appointment.starts_at if kind is TaskKind.CHECK_LICENSE and task.appointment else task.starts_at
    when = long_day_and_time(at, task.provider.zone, now=now) if at else ""
    calendar = task.calendar.name if task.calendar else ""
    return str(SENTENCES[kind]) % {"name": name, "calendar": calendar, "when": when, "day": day}


def _shared(task: Task, row: Appointment, beside: Sequence[Appointment], *, now: datetime) -> dict[str, str]:
    """Return the words of a session that shares its room; whose the others are is said by their providers only."""
    zone = task.provider.zone
    others = [
        _("%(provider)s's at %(time)s")
        % {"provider": other.provider.short_name, "time": clock_time(other.starts_at, zone)}
        for other in beside
    ]
    return {
        "place": beside[0].place.name if beside else "",
        "name": task.client.known_as if task.client else "",
        "when": long_day_and_time(row.starts_at, zone, now=now),
        "others": _(" and ").join(others),
    }


def _offered(
    task: Task, appointment: Appointment | None, *, region: str | None, now: datetime
) -> dict[str, TaskLink]:
    """Return everything that can be done now, by a word for it."""
    hours = f"{reverse('availability')}?provider={task.provider.ref}"
    calendars = f"{reverse('calendars')}?provider={task.provider.ref}"
    offered = {
        "calendars": TaskLink(_("See the calendars"), calendars),
        "open_times": TaskLink(_("Open more times"), hours),
        "zone_rules": TaskLink(_("See what the new rules changed"), reverse("zone-rules")),
    }
    if task.client is not None:
        conversation = reverse("message-client", args=[task.client.ref])
        # A manager opens it in the place of a provider who left.
        whose = "" if task.provider.left_at is None else f"?provider={task.provider.ref}"
        offered["message"] = TaskLink(_("Message"), f"{conversation}{whose}")
        offered["contact"] = TaskLink(
            _("Check e-mail and phone"), reverse("client-edit", args=[task.client.ref])
        )
        if task.client.phone:
            words = _("Call %(phone)s") % {"phone": shown_phone(task.client.phone, region=region)}
            offered["call"] = TaskLink(words, f"tel:{dialed(task.client.phone)}")
    if task.series_id is not None and task.starts_at is not None and task.client is not None:
        shown = shown_at(task.starts_at, zone=zone_of(task.provider)).isoformat(timespec="minutes")
        values = {"start": shown, "client": task.client.ref, "provider": task.provider.ref}
        offered["book"] = TaskLink(
            _("Book another time"), f"{reverse('appointment-new')}?{urlencode(values)}"
        )
    if task.request is not None and task.request.is_open and task.client is not None:
        words = _("Pick with %(name)s") % {"name": task.client.known_as}
        offered["pick"] = TaskLink(words, reverse("request-pick", args=[task.request.ref]))
        task.request.client, task.request.provider = task.client, task.provider  # at hand already
        if not why_no_extension(task.request, now=now):
            offered["extend"] = TaskLink(_("Extend"), reverse("request-extend", args=[task.request.ref]))
        offered["withdraw"] = TaskLink(_("Withdraw"), reverse("request-withdraw", args=[task.request.ref]))
    if appointment is not None:
        offered["see"] = TaskLink(_("See the appointment"), reverse("appointment", args=[appointment.ref]))
        # Nothing is offered that the next page would only refuse.
        if appointment.status == Status.SCHEDULED and appointment.starts_at > now:
            offered["change"] = TaskLink(
                _("Change time or place"), reverse("appointment-change", args=[appointment.ref])
            )
            words = _("Ask %(name)s to reschedule") % {"name": task.client.known_as if task.client else ""}
            offered["ask"] = TaskLink(words, reverse("appointment-ask", args=[appointment.ref]))
            offered["cancel"] = TaskLink(
                _("Cancel appointment"), reverse("appointment-cancel", args=[appointment.ref])
            )
    return offered
