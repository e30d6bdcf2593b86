"""Home: what today brings, what somebody must look at, whose time runs out, and what happened meanwhile."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy as later
from django.views.decorators.http import require_POST

from raincheck.actions.access.first_start import put_checklist_away
from raincheck.actions.access.rehearsal import clear_rehearsal, start_rehearsal
from raincheck.actions.tasks import finish_task, see_news
from raincheck.data.appointments.shared_rooms import sessions_beside
from raincheck.data.models import Notification, Provider, Task
from raincheck.domain.access.sign_in import WayIn
from raincheck.domain.appointments.lifecycle import Status
from raincheck.domain.clients.phones import read_phone
from raincheck.domain.notifications import Channel
from raincheck.domain.people import TextsNeedANumber
from raincheck.domain.refusals import Refusal
from raincheck.domain.reschedule.lifecycle import NoOpenTimes
from raincheck.domain.tasks import TaskKind
from raincheck.queries.access.first_start import progress_of
from raincheck.queries.access.invitations import there_is_a_practice
from raincheck.queries.appointments.outcomes import unanswered_among
from raincheck.queries.home import (
    Reader,
    appointments_today,
    conflicts,
    news,
    open_tasks,
    requests_by_deadline,
    tasks_of_who_left,
)
from raincheck.queries.portal import client_memberships
from raincheck.queries.staff import practice_left
from raincheck.web.access.way_in import proof_of
from raincheck.web.requests import Ref, ref_in
from raincheck.web.staff.appointments.words import (
    OUTCOMES,
    asks_what_happened,
    left_tag,
    status_tag,
    with_asked_tags,
)
from raincheck.web.staff.home.checklist import checklist
from raincheck.web.staff.home.sender_tests import try_sender
from raincheck.web.staff.home.tasks import todo
from raincheck.web.staff.shell import (
    PageForm,
    Sent,
    Staff,
    for_managers,
    for_providers,
    for_staff,
    send,
    show,
    staff_of,
    whose,
)
from raincheck.web.submission import key_of, status_of


def start(request: HttpRequest) -> HttpResponse:
    """Lead everybody to where their day begins: staff to Home, clients to their portal, strangers to the sign-in.

    While there is no practice there is nobody: all are led to how the first one is made.
    """
    if not request.user.is_authenticated:
        return redirect("sign-in" if there_is_a_practice() else "setup")
    if staff_of(request):
        # Staff who came by a mailed code came as clients; who is none is led on from Home.
        by_code = proof_of(request).way == WayIn.CODE and client_memberships(request.user.pk)
        return redirect("portal" if by_code else "home")
    # Who worked here and is nobody's client reads there that their access has ended.
    has_left = practice_left(request.user.pk) is not None and not client_memberships(request.user.pk)
    return redirect("home" if has_left else "portal")


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


class NumberForm(PageForm):
    """Where a test text goes: the number of whoever looks at the page."""

    phone = forms.CharField(
        label=later("Your number"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )


@require_POST
@for_managers
def test_mail(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Send the manager an e-mail as clients get them."""
    form = PageForm(request.POST)
    sent = try_sender(request, staff, form, Channel.EMAIL, to=staff.membership.user.email)
    return _after_test(request, staff, form, sent)


@require_POST
@for_managers
def test_text(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Send the manager a text as clients get them."""
    form = NumberForm(request.POST)
    form.is_valid()
    try:
        number = read_phone(form.cleaned_data["phone"], region=staff.practice.region)
        if not number:
            raise TextsNeedANumber
    except Refusal as refusal:
        form.refuse(refusal)
        return _home(request, staff, form=form, status=422)
    sent = try_sender(request, staff, form, Channel.SMS, to=number)
    return _after_test(request, staff, form, sent)


@require_POST
@for_managers
def put_away(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Take the list of what is still to be done off Home."""
    form = PageForm(request.POST)
    sent = send(request, staff, form, lambda **_by: put_checklist_away(staff.practice.pk))
    return _after(
        request, staff, form, sent, told=_("The list is put away. Everything on it stands under Practice.")
    )


@require_POST
@for_managers
def rehearse(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Ask the manager as if they were a client: a real request about an appointment that is made for it."""
    form, user = PageForm(request.POST), staff.membership.user
    provider = progress_of(staff.practice, now=staff.now).rehearses_with(staff.provider)
    if provider is None:
        form.refuse(NoOpenTimes())
        return _home(request, staff, form=form, status=status_of(NoOpenTimes()))
    sent = send(
        request,
        staff,
        form,
        start_rehearsal,
        staff.practice.pk,
        provider_id=provider.pk,
        # As clients are greeted, and without a title: "Jo" of "Dr. Jo Okafor".
        name=next((word for word in user.name.split() if not word.endswith(".")), user.email),
        mark=_("(rehearsal)"),
        email=user.email,
    )
    words = _("A request is on its way to %(email)s. Open the mail, and choose a new time as a client would.")
    return _after(request, staff, form, sent, told=words % {"email": user.email})


@require_POST
@for_managers
def clear_away(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Cancel what is ahead of a rehearsal, and take its client off the lists."""
    form = PageForm(request.POST)
    sent = send(request, staff, form, clear_rehearsal, staff.practice.pk)
    return _after(request, staff, form, sent, told=_("The rehearsal is cleared away."))


def _after_test(request: HttpRequest, staff: Staff, form: PageForm, sent: Sent) -> HttpResponse:
    if sent.answer is None:
        return _home(request, staff, form=form, status=sent.status)
    return redirect(f"{reverse('home')}#setup-sender")


def _after(request: HttpRequest, staff: Staff, form: PageForm, sent: Sent, *, told: str) -> HttpResponse:
    if sent.answer is None:
        return _home(request, staff, form=form, status=sent.status)
    messages.success(request, told)
    return redirect("home")


def _home(
    request: HttpRequest, staff: Staff, *, form: PageForm | None = None, status: int = 200
) -> HttpResponse:
    reader = Reader(staff.practice.pk, staff.listed_provider)
    # Nobody else sees to what waits for a provider who left; the list of everyone's has it already.
    left = staff.manages is not None and not staff.lists_all
    of_who_left = tasks_of_who_left(staff.practice.pk, now=staff.now) if left else []
    tasks = [*open_tasks(reader, now=staff.now), *of_who_left]
    shared = [row.appointment_id for row in tasks if row.kind == TaskKind.ROOM_SHARED and row.appointment_id]
    beside = sessions_beside(shared) if shared else {}
    todos = [
        todo(
            task,
            with_messages=staff.may_open_conversations_of(task.provider),
            with_calendars=staff.may_read_private(task.provider_id),
            region=staff.practice.region,
            now=staff.now,
            beside=beside.get(task.appointment_id or 0, ()),
            may_see=lambda row: staff.acts_for_all or staff.is_own(row.provider_id),
        )
        for task in tasks
    ]
    today = appointments_today(reader, zone=staff.zone, now=staff.now)
    begun = [row.appointment for row in today if asks_what_happened(row.appointment, now=staff.now)]
    context = {
        "zone": staff.zone,
        "today": [
            (
                row,
                asked,
                status_tag(row, now=staff.now) if row.status != Status.SCHEDULED else None,
                row in begun,
            )
            for row, asked in with_asked_tags(today, now=staff.now)
        ],
        # Of a practice's whole day nobody knows all of it at once.
        "all_of_today": [] if staff.lists_all else unanswered_among(begun, now=staff.now),
        "outcomes": OUTCOMES.items(),
        # A stable sort: within each half the order of the tasks stays.
        "todos": sorted(todos, key=lambda one: not one.urgent),
        "waiting": [(row, left_tag(row, now=staff.now)) for row in requests_by_deadline(reader)],
        "conflicts": conflicts(reader, now=staff.now),
        "news": news(reader, now=staff.now),
        "whose": whose(request, staff),
        "form": form,
        "key": key_of(request),
        "needs_hours": staff.provider is not None and not staff.provider.has_hours,
        "number": form if isinstance(form, NumberForm) else NumberForm(),
        **checklist(staff),
    }
    return show(request, staff, "raincheck/staff/home/home.html", context, current="home", status=status)
