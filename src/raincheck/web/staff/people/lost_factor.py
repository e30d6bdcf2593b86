"""A lost phone: a manager resets a colleague's second step, and shows their own first."""

from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _, gettext_lazy as later
from django.views.decorators.http import require_http_methods

from raincheck import clock
from raincheck.actions.access.people import reset_second_factor
from raincheck.actions.access.second_factor import prove_second_factor
from raincheck.actions.engine.runner import run_command
from raincheck.domain.people import SYSTEM
from raincheck.domain.refusals import Refusal
from raincheck.queries.access.second_factor import has_second_factor
from raincheck.web.access.attempts import forget_tries
from raincheck.web.access.second_factor import CodeField, try_second_factor
from raincheck.web.requests import Ref
from raincheck.web.staff.people.person import colleague
from raincheck.web.staff.shell import PageForm, Staff, for_managers, send, show
from raincheck.web.submission import key_of, status_of


class OwnCodeForm(PageForm):
    """The manager's own code, where they have a second step: who sits at an open computer has none."""

    code = CodeField(
        label=later("Your own code"),
        help_text=later("The one that your own app shows now, or one of your recovery codes."),
        error_messages={"required": later("Please type your own code.")},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_managers
def reset_page(request: HttpRequest, staff: Staff, ref: Ref) -> HttpResponse:
    """Ask once more, and for the manager's own code; then take the second step of a colleague away."""
    one, user = colleague(staff, ref), staff.membership.user
    # The demo asks nobody for one.
    form: PageForm = (OwnCodeForm if has_second_factor(user.pk) else PageForm)(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422 if not form.is_valid() else _proved(request, staff, form)
        if status == 200:
            sent = send(
                request, staff, form, partial(reset_second_factor, ref, practice_id=staff.practice.pk)
            )
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


def _proved(request: HttpRequest, staff: Staff, form: PageForm) -> int:
    """Take the manager's own code. Returns the status of the page that says why not; else 200."""
    if not isinstance(form, OwnCodeForm):
        return 200
    user, typed = staff.membership.user, form.cleaned_data["code"]
    attempt = try_second_factor(request, user, form)
    if attempt is None:
        return 429
    try:
        verb = partial(prove_second_factor, user.pk, typed=typed, at=clock.real_now())
        run_command(verb, key=None, body={}, by=SYSTEM, now=staff.now)
    except Refusal as refusal:
        form.refuse(refusal)
        return status_of(refusal)
    forget_tries(request, attempt)
    return 200
