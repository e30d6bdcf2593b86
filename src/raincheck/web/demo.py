"""The demo's own pages: its clock, its mailbox, and coming in as anybody without a password. Outside the demo none exists."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from raincheck import clock
from raincheck.data.people import Practice, User
from raincheck.demo.mailbox import calendars, letter, sent
from raincheck.demo.people import accounts
from raincheck.demo.time_travel import advance
from raincheck.domain.access.sign_in import Proof, WayIn
from raincheck.notifications.formats import duration
from raincheck.web.access.session_life import begin
from raincheck.web.context import in_demo
from raincheck.web.paging import Paginator
from raincheck.web.requests import arrival_of

LETTERS_SHOWN = 30
STEPS = (1, 24, 48)
"""Hours by which the clock can be moved."""


def only_in_demo(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let the page exist in the demo only."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
        # Before the method is looked at: a 405 would tell that there is a page.
        if not in_demo(request):
            raise Http404
        return view(request, *args, **named)

    return guarded


@only_in_demo
@require_safe
def demo(request: HttpRequest) -> HttpResponse:
    """Show the clock and the mailbox."""
    practice = Practice.objects.order_by("pk").first()
    page = Paginator(sent(), LETTERS_SHOWN).get_page(request.GET.get("page"))
    # Whole hours: each move also goes past the grace after a deadline.
    ahead = timedelta(hours=round(clock.demo_offset() / timedelta(hours=1)))
    context = {
        "practice": practice,
        "zone": practice.zone if practice else settings.TIME_ZONE,
        "now": arrival_of(request).at,
        "ahead": duration(ahead) if ahead else "",
        "steps": STEPS,
        "page": page,
        "letters": [letter(attempt) for attempt in page],
        "accounts": accounts(),
        "leaves": bool(settings.EMAIL_URL or settings.SMS_URL),
    }
    return render(request, "raincheck/demo/demo.html", context)


@only_in_demo
@require_POST
def move_clock(request: HttpRequest) -> HttpResponse:
    """Move the demo's clock forward by one of the steps."""
    asked = request.POST.get("hours", "")
    if asked not in map(str, STEPS):
        raise Http404
    by = timedelta(hours=int(asked))
    try:
        advance(by)
    except OSError as error:
        kept = _(
            "The clock can't be moved, because its file can't be written (%(why)s). It shows the time it had."
        )
        messages.error(request, kept % {"why": error.strerror or error})
        return redirect("demo")
    moved = _("The clock moved %(length)s ahead. What was sent meanwhile is in the mailbox.")
    messages.success(request, moved % {"length": duration(by)})
    return redirect("demo")


@only_in_demo
@require_safe
def attachment(request: HttpRequest, ref: UUID, number: int) -> HttpResponse:
    """Give a message's calendar file, as a mail program would."""
    del request
    attempt = sent().filter(notification__ref=ref).first()
    files = calendars(attempt) if attempt is not None else []
    if not 1 <= number <= len(files):
        raise Http404
    return HttpResponse(
        files[number - 1],
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="appointment.ics"'},
    )


@only_in_demo
@require_POST
def continue_as(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Come in as one of the demo's people."""
    user = get_object_or_404(User, ref=ref, is_active=True)
    # No password was checked, so Django has to be told which backend it is to count as.
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    begin(request, user, Proof(WayIn.DEMO))
    return redirect("start")
