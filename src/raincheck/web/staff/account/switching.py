"""Switching between the practices that somebody works in: from then on every list, search and feed is the other one's."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from raincheck.web.chosen_practice import remember_practice
from raincheck.web.requests import ref_in
from raincheck.web.staff.shell import Staff, for_staff


@require_POST
@for_staff
def switch_practice(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Go on in the practice `practice=`, one of one's own; any other is not there (404)."""
    wanted = ref_in(request.POST.get("practice"))
    if wanted not in {UUID(ref) for ref, _name in staff.elsewhere}:
        raise Http404
    back_to = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(back_to, allowed_hosts=None)
    # Forms that are open in other windows are of the practice that was left: none of them may act in this one.
    rotate_token(request)
    answer = redirect(back_to if safe and back_to else "home")
    remember_practice(answer, wanted)
    return answer
