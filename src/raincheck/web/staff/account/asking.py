"""The page that asks again who is there, before a page or a file that is not even shown without it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from raincheck.web.access.step_up import asking, has_proved, is_free, proof_form, step_at
from raincheck.web.staff.shell import Staff, for_staff


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def asked_again_page(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Ask, and lead on to where somebody was going. A file is saved from here, since it leaves the page standing."""
    to = request.GET.get("to", "")
    step = step_at(to)
    if step is None:
        return redirect("start")
    if request.method == "POST":
        form = proof_form(request, staff.membership.user, request.POST)
        if not is_free(request) and not has_proved(request, form):
            return asking(request, step, form)
        return redirect(request.get_full_path() if step.file else to)
    if not is_free(request):
        form = proof_form(request, staff.membership.user)
        return asking(request, step, form)
    if step.file:
        return render(request, "raincheck/access/file_follows.html", {"to": to, "step": step})
    return redirect(to)
