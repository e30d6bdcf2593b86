"""Open pages and who sits at them: that somebody is there, how long a session lasts, and what was typed when it ended."""

import json
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.views.decorators.http import require_POST, require_safe

from raincheck.web.access.session_life import end_if_over, keep_for_whoever_left, time_left
from raincheck.web.chosen_practice import who_is_here
from raincheck.web.form_filling import Typed
from raincheck.web.kept_pages import address_in
from raincheck.web.kept_words import worth_keeping

SECOND = timedelta(seconds=1)


@require_POST
def here(request: HttpRequest) -> HttpResponse:
    """Take down that somebody types or moves a pointer on an open page."""
    end_if_over(request)
    return HttpResponse(status=204)


@require_safe
def time_left_here(request: HttpRequest) -> HttpResponse:
    """Say how many seconds are left to whom. Asking is no sign of a person, and ends nothing."""
    left = time_left(request)
    if not request.user.is_authenticated or left is None:
        return JsonResponse({"left": 0})
    # Rounded up: whoever comes back after so many finds the time over.
    seconds = max(0, -(-left // SECOND))
    return JsonResponse(
        {"left": seconds, "who": who_is_here(request, request.user), "token": get_token(request)}
    )


@require_POST
def keep_words(request: HttpRequest) -> HttpResponse:
    """Keep what stands unsent in a page's forms for whoever was signed out, and say where they sign in again.

    While they are signed in nothing is kept: the answer says how many seconds are left (409). Of somebody whose session
    nobody remembers nothing can be kept either.
    """
    left = time_left(request)
    if request.user.is_authenticated and (left is None or left > timedelta(0)):
        return JsonResponse({"left": -(-(left or SECOND) // SECOND)}, status=409)
    try:
        typed = [
            worth_keeping(
                Typed(
                    address_in(str(one["action"])),
                    tuple((str(name), str(said)) for name, said in one["fields"]),
                    tuple(map(str, one["files"])),
                )
            )
            for one in json.loads(request.POST.get("forms", ""))
        ]
    except (ValueError, KeyError, TypeError):
        return JsonResponse({}, status=400)
    page = address_in(request.POST.get("page", ""))
    end_if_over(request, keeps=False)
    keep_for_whoever_left(request, [one for one in typed if one.names() or one.files], page=page)
    return JsonResponse({"to": redirect_to_login(page, settings.LOGIN_URL)["Location"]})
