"""The page for somebody whose access to a practice has ended: it says so, gives back what they had typed, and ends the session."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from raincheck.data.people import Practice
from raincheck.queries.portal import client_memberships
from raincheck.web.access.session_life import end_with_access
from raincheck.web.kept_pages import standing_alone
from raincheck.web.kept_words import words_among
from raincheck.web.submission import NOT_PART_OF_THE_BODY


def access_ended(request: HttpRequest, practice: Practice) -> HttpResponse:
    """Answer whoever worked in a practice, and does no more, at any of its pages."""
    said = {name: request.POST.getlist(name) for name in request.POST if name not in NOT_PART_OF_THE_BODY}
    typed = words_among(value for values in said.values() for value in values)
    # Of somebody who is a client as well only the practice's pages are closed.
    if request.user.pk and not client_memberships(request.user.pk):
        end_with_access(request)
    context = {"practice": practice, "typed": typed, "was_sent": request.method == "POST"}
    return standing_alone(render(request, "raincheck/staff/access_ended.html", context, status=403))
