"""Home: what today brings, what somebody must look at, whose time runs out, and what happened meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from raincheck.actions.engine.runner import Answer
from raincheck.actions.news import see_news
from raincheck.actions.tasks import finish_task
from raincheck.data.models import Appointment, Notification, RescheduleRequest, Task
from raincheck.domain.people import Actor
from raincheck.queries.home import (
    appointments_today,
    conflicts,
    news_for_managers,
    news_for_provider,
    open_tasks,
    requests_by_deadline,
)
from raincheck.web.staff.home.tasks import todo
from raincheck.web.staff.shell import (
    Http404,
    HttpRequest,
    HttpResponse,
    PageForm,
    Staff,
    _,
    arrival_of,
    for_staff,
    get_object_or_404,
    key_of,
    messages,
    redirect,
    ref_in,
    require_POST,
    send,
    show,
    staff_of,
)


def start(request: HttpRequest) -> HttpResponse:
    """Lead everybody to where their day begins: staff to Home, clients to their portal, strangers to the sign-in."""
    if not request.user.is_authenticated:
        return redirect("sign-in")
    return redirect("home" if staff_of(request) else "portal")


@for_staff
def home(request: HttpRequest, staff: Staff) -> HttpResponse:
    return _home(request, staff)


@require_POST
@for_staff
def finish(request: HttpRequest, staff: Staff, ref: UUID) -> HttpResponse:
    """Take a task off the list."""
    task = get_object_or_404(staff.own(Task.objects.all()), ref=ref)

    def verb(*, by: Actor, now: datetime) -> Answer:  # noqa: ARG001  # who is done with a task is not kept
        return finish_task(task, now=now)

    return _done_or_refused(request, staff, verb, said=_("Done. It is off your list."))


@require_POST
@for_staff
def clear_news(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Mark what stood on the page as seen. Only the provider it was written for can."""
    provider = staff.provider
    if provider is None:
        raise Http404
    newest = get_object_or_404(Notification, provider=provider, ref=ref_in(request.POST.get("up_to")))

    def verb(*, by: Actor, now: datetime) -> Answer:  # noqa: ARG001  # it is always the provider
        return see_news(provider.pk, up_to=newest.ref, now=now)

    return _done_or_refused(request, staff, verb, said=_("Cleared. Nothing else was changed."))


def _done_or_refused(
    request: HttpRequest, staff: Staff, verb: Callable[..., Answer], *, said: str
) -> HttpResponse:
    form = PageForm(request.POST)
    sent = send(request, staff, form, verb)
    if sent.answer is None:
        return _home(request, staff, form=form, status=sent.status)
    messages.success(request, said)
    return redirect("home")


def _home(
    request: HttpRequest, staff: Staff, *, form: PageForm | None = None, status: int = 200
) -> HttpResponse:
    now = arrival_of(request).at
    appointments = staff.own_calendars(Appointment.objects.all())
    tasks = open_tasks(staff.own(Task.objects.all()), for_managers=staff.is_manager, now=now)
    todos = [todo(task, with_messages=not staff.is_manager, now=now) for task in tasks]
    context = {
        "zone": staff.zone,
        "today": appointments_today(appointments, zone=staff.zone, now=now),
        "todos": sorted(todos, key=lambda one: not one.urgent),
        "waiting": requests_by_deadline(staff.own(RescheduleRequest.objects.all())),
        "conflicts": conflicts(appointments, now=now),
        "news": _news(staff, now=now),
        "form": form,
        "key": key_of(request),
    }
    return show(request, staff, "raincheck/staff/home/home.html", context, current="home", status=status)


def _news(staff: Staff, *, now: datetime) -> QuerySet[Notification]:
    if staff.provider is None:
        return news_for_managers(staff.practice.pk, now=now)
    return news_for_provider(staff.provider.pk)
