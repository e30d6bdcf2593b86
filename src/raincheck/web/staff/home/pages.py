"""Home: what today brings, what somebody must look at, whose time runs out, and what happened meanwhile."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from raincheck.actions.tasks import finish_task, see_news
from raincheck.data.models import Notification, Provider, Task
from raincheck.queries.access.invitations import there_is_a_practice
from raincheck.queries.home import (
    Reader,
    appointments_today,
    conflicts,
    news,
    open_tasks,
    requests_by_deadline,
)
from raincheck.web.requests import Ref, ref_in
from raincheck.web.staff.appointments.words import left_tag, with_asked_tags
from raincheck.web.staff.home.tasks import todo
from raincheck.web.staff.shell import (
    PageForm,
    Sent,
    Staff,
    for_providers,
    for_staff,
    send,
    show,
    staff_of,
    whose,
)
from raincheck.web.submission import key_of


def start(request: HttpRequest) -> HttpResponse:
    """Lead everybody to where their day begins: staff to Home, clients to their portal, strangers to the sign-in.

    While there is no practice there is nobody: all are led to how the first one is made.
    """
    if not request.user.is_authenticated:
        return redirect("sign-in" if there_is_a_practice() else "setup")
    return redirect("home" if staff_of(request) else "portal")


@for_staff
def home_page(request: HttpRequest, staff: Staff) -> HttpResponse:
    return _home(request, staff)


@require_POST
@for_staff
def task_done(request: HttpRequest, staff: Staff, ref: Ref) -> HttpResponse:
    """Take a task off the list."""
    task = get_object_or_404(staff.own(Task.objects.all()), ref=ref)
    staff = staff.acting_for(task.provider_id)
    form = PageForm(request.POST)
    sent = send(request, staff, form, lambda now, **_by: finish_task(task, now=now))
    return _after(request, staff, form, sent, told=_("Done. It is off your list."))


@require_POST
@for_providers
def news_seen(request: HttpRequest, staff: Staff, provider: Provider) -> HttpResponse:
    """Mark what stood on the page as seen. Only the provider it was written for can."""
    # Up to what stood on the page: news that came since was not seen.
    newest = get_object_or_404(Notification, provider=provider, ref=ref_in(request.POST.get("up_to")))
    form = PageForm(request.POST)
    sent = send(request, staff, form, lambda now, **_by: see_news(provider.pk, up_to=newest.ref, now=now))
    return _after(request, staff, form, sent, told=_("Cleared. Nothing else was changed."))


def _after(request: HttpRequest, staff: Staff, form: PageForm, sent: Sent, *, told: str) -> HttpResponse:
    if sent.answer is None:
        return _home(request, staff, form=form, status=sent.status)
    messages.success(request, told)
    return redirect("home")


def _home(
    request: HttpRequest, staff: Staff, *, form: PageForm | None = None, status: int = 200
) -> HttpResponse:
    reader = Reader(staff.practice.pk, staff.listed_provider)
    todos = [
        todo(
            task,
            with_messages=staff.is_own(task.provider_id),
            with_calendars=staff.may_read_private(task.provider_id),
            region=staff.practice.region,
            now=staff.now,
        )
        for task in open_tasks(reader, now=staff.now)
    ]
    context = {
        "zone": staff.zone,
        "today": with_asked_tags(appointments_today(reader, zone=staff.zone, now=staff.now), now=staff.now),
        # A stable sort: within each half the order of the tasks stays.
        "todos": sorted(todos, key=lambda one: not one.urgent),
        "waiting": [(row, left_tag(row, now=staff.now)) for row in requests_by_deadline(reader)],
        "conflicts": conflicts(reader, now=staff.now),
        "news": news(reader, now=staff.now),
        "whose": whose(request, staff),
        "form": form,
        "key": key_of(request),
    }
    return show(request, staff, "raincheck/staff/home/home.html", context, current="home", status=status)
