"""Recovery codes: shown once, right after they were made, to be kept on paper or in a file; made anew when they run out."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_http_methods, require_POST

from raincheck import clock
from raincheck.actions.access.second_factor import make_recovery_codes
from raincheck.domain.access.recovery_codes import fresh_codes, print_of
from raincheck.queries.access.second_factor import has_second_factor, recovery_codes_left
from raincheck.web.access.step_up import asked_again
from raincheck.web.staff.account.first_factor import FRESH_CODES, leads_to
from raincheck.web.staff.shell import PageForm, Staff, for_staff, send, show
from raincheck.web.submission import key_of

NEXT_CODES = "raincheck.next_recovery_codes"
"""The session's key with the codes that come next, which nobody has seen yet."""


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def codes_page(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Show the codes that were just made, until somebody says that they have kept them; afterwards only how many are left."""
    if request.method == "POST":
        request.session.pop(FRESH_CODES, None)
        return redirect(leads_to(request))
    codes = request.session.get(FRESH_CODES)
    left = len(codes) if codes else recovery_codes_left(staff.membership.user_id)
    context = {"codes": codes, "left": left, "next": leads_to(request)}
    return render(request, "raincheck/staff/account/recovery_codes.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
@asked_again
def new_page(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Ask once more, then make new codes, which are shown next; those before end."""
    if not has_second_factor(staff.membership.user_id):
        return redirect("account")
    # The same until they are made: a form that was sent twice must not show others than those that count.
    codes = request.session.setdefault(NEXT_CODES, fresh_codes())
    form = PageForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        sent = send(
            request,
            staff,
            form,
            make_recovery_codes,
            staff.membership.pk,
            codes=codes,
            at=clock.real_now(),
        )
        if sent.answer is not None:
            if sent.answer["codes"] == print_of(codes):
                request.session[FRESH_CODES] = request.session.pop(NEXT_CODES)
            return redirect("recovery-codes")
        status = sent.status
    context = {"form": form, "key": key_of(request), "left": recovery_codes_left(staff.membership.user_id)}
    template = "raincheck/staff/account/new_recovery_codes.html"
    return show(request, staff, template, context, current="account", status=status)


@require_POST
@for_staff
def codes_file(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Give the codes that were just made as a file."""
    codes = request.session.get(FRESH_CODES)
    if not codes:
        return redirect("recovery-codes")
    context = {"codes": codes, "email": staff.membership.user.email}
    return HttpResponse(
        render_to_string("raincheck/staff/account/recovery_codes.txt", context),
        content_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="raincheck-recovery-codes.txt"'},
    )
