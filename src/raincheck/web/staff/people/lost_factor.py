"""A lost phone: a manager resets a colleague's second step."""

from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from raincheck.actions.access.people import reset_second_factor
from raincheck.web.access.step_up import asked_again
from raincheck.web.requests import Ref
from raincheck.web.staff.people.person import colleague
from raincheck.web.staff.shell import PageForm, Staff, for_managers, send, show
from raincheck.web.submission import key_of


@require_http_methods(["GET", "HEAD", "POST"])
@for_managers
@asked_again
def reset_page(request: HttpRequest, staff: Staff, ref: Ref) -> HttpResponse:
    """Ask once more; then take the second step of a colleague away."""
    one, form, status = colleague(staff, ref), PageForm(), 200
    if request.method == "POST":
        form = PageForm(request.POST)
        sent = send(request, staff, form, partial(reset_second_factor, ref, practice_id=staff.practice.pk))
        if sent.answer is not None:
            told = _(
                "%(name)s sets up a new second step at the next sign-in. They are signed out everywhere."
            )
            messages.success(request, told % {"name": one.user.name})
            return redirect("person", ref=ref)
        status = sent.status
    context = {"one": one, "form": form, "key": key_of(request)}
    template = "raincheck/staff/people/lost_factor.html"
    return show(request, staff, template, context, current="people", status=status)
