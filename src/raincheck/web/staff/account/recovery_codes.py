"""Recovery codes: shown once, right after they were made, to be kept on paper or in a file."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_http_methods, require_POST

from raincheck.queries.access.second_factor import recovery_codes_left
from raincheck.web.staff.account.authenticator import FRESH_CODES, leads_to
from raincheck.web.staff.shell import Staff, for_staff


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
