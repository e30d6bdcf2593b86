"""The page while there is no practice yet: it says by which command the first one is made."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from raincheck.queries.access.invitations import there_is_a_practice


@require_safe
def first_start(request: HttpRequest) -> HttpResponse:
    # Asked each time: the command line makes practices while this process runs.
    if there_is_a_practice():
        raise Http404
    return render(request, "raincheck/access/first_start.html", {"command": "raincheck setup"})
