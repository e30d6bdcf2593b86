"""The frame of every page of the practice: side navigation with its counts, the time it was made, a key for its forms."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from raincheck.domain.access.sessions import LASTS
from raincheck.notifications.formats import duration
from raincheck.queries.home import counts
from raincheck.web.access.session_life import idle_time, time_left
from raincheck.web.chosen_practice import who_is_here
from raincheck.web.staff.shell.access import EVERYONE, Staff
from raincheck.web.submission import fresh_key

Context = dict[str, Any]
"""Values for a template."""


def show(
    request: HttpRequest,
    staff: Staff,
    template: str,
    context: Context,
    *,
    current: str = "",
    status: int = 200,
) -> HttpResponse:
    """Render a page inside the shell; `current` is the name of the address that the navigation marks."""
    provider_id = staff.provider.pk if staff.provider else None
    waiting = counts(
        practice_id=staff.practice.pk,
        provider_id=provider_id,
        now=staff.now,
        manages=staff.manages is not None,
    )
    # Each: address and icon, what stands there, how much waits behind it and what that is.
    entries = [
        ("home", "home", _("Home"), waiting.tasks, _("to look at")),
        ("appointments", "calendar", _("Appointments"), 0, ""),
        ("requests", "requests", _("Reschedule requests"), waiting.requests, _("open")),
        ("clients", "clients", _("Clients"), 0, ""),
        ("messages", "messages", _("Messages"), waiting.unread, _("unread")),
        ("availability", "clock", _("Availability"), 0, ""),
        ("people", "people", _("People"), 0, ""),
        ("practice", "practice", _("Practice"), 0, ""),
    ]
    # Conversations are a provider's own, people a manager's to change, settings not a scheduler's.
    shown = {
        "messages": staff.provider is not None,
        "people": staff.manages is not None,
        "practice": staff.sees_settings,
    }
    links = [
        {
            "url": reverse(name),
            "label": label,
            "icon": icon,
            "current": name == current,
            "count": count,
            "count_label": counted,
        }
        for name, icon, label, count, counted in entries
        if shown.get(name, True)
    ]
    values = {
        "nav": {"links": links, "me": _me(staff)},
        "staff": staff,
        "now": staff.now,
        "key": fresh_key(staff.now),
        "practice": staff.practice,
        "presence": _presence(request, staff),
    }
    return render(request, template, values | context, status=status)


def _presence(request: HttpRequest, staff: Staff) -> Context | None:
    """Return what a page needs to ask before its person is signed out; None where nobody is."""
    left = time_left(request)
    if left is None:
        return None
    who = who_is_here(request, staff.membership.user)
    return {
        "left": int(left.total_seconds()),
        "who": who,
        "idle": duration(idle_time(request)),
        "lasts": duration(LASTS),
    }


def whose(request: HttpRequest, staff: Staff) -> list[tuple[str, str, bool]]:
    """Return the ways between one's own list and everyone's: words, address, and whether it is this; none without a choice."""
    if staff.provider is None or not staff.choices():
        return []
    kept = {name: value for name, value in request.GET.items() if name not in ("whose", "page")}
    everyones = kept | {"whose": EVERYONE}
    return [
        (_("Mine"), f"?{urlencode(kept)}", not staff.lists_all),
        (_("Everyone's"), f"?{urlencode(everyones)}", staff.lists_all),
    ]


def initials_of(name: str) -> str:
    """Return the letters that stand for somebody where their name has no room."""
    # "Dr. Okafor" is O, not DO: titles are no part of the initials.
    words = [word for word in name.split() if not word.endswith(".")]
    return "".join(word[0] for word in words[:2]).upper()


def _me(staff: Staff) -> Context:
    name = staff.provider.name if staff.provider else staff.membership.user.name
    return {
        "name": name,
        "initials": initials_of(name),
        "look": staff.look,
        "practice": staff.practice.name,
        "elsewhere": staff.elsewhere,
        "account_url": reverse("account"),
        "sign_out_url": reverse("sign-out"),
    }
