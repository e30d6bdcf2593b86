"""What every page of the practice shares: the side navigation and the time it was made."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from raincheck.queries.home import Counts, counts
from raincheck.web.requests import arrival_of
from raincheck.web.staff.shell.access import Staff
from raincheck.web.submission import fresh_key


def show(
    request: HttpRequest,
    staff: Staff,
    template: str,
    context: dict[str, Any],
    *,
    current: str = "",
    status: int = 200,
) -> HttpResponse:
    """Render a page inside the shell; `current` is the name of the address that the navigation marks."""
    now: datetime = arrival_of(request).at
    values = {
        "nav": _nav(staff, current=current, now=now),
        "staff": staff,
        "now": now,
        "key": fresh_key(now),
        "practice": staff.practice,
    }
    return render(request, template, values | context, status=status)


def _nav(staff: Staff, *, current: str, now: datetime) -> dict[str, Any]:
    provider_id = staff.provider.pk if staff.provider else None
    waiting = counts(practice_id=staff.practice.pk, provider_id=provider_id, now=now)
    return {"links": [_link(*entry, waiting, current=current) for entry in _entries(staff)], "me": _me(staff)}


def _entries(staff: Staff) -> list[tuple[str, str, str]]:
    entries = [
        ("home", _("Home"), "home"),
        ("appointments", _("Appointments"), "calendar"),
        ("requests", _("Reschedule requests"), "requests"),
        ("clients", _("Clients"), "clients"),
        ("messages", _("Messages"), "messages"),
        ("availability", _("Availability"), "clock"),
        ("practice", _("Practice"), "practice"),
    ]
    return [entry for entry in entries if not (staff.is_manager and entry[0] == "messages")]


def _link(name: str, label: str, icon: str, waiting: Counts, *, current: str) -> dict[str, Any]:
    count = {"home": waiting.tasks, "requests": waiting.requests, "messages": waiting.unread}.get(name, 0)
    words = {"home": _("to look at"), "requests": _("open"), "messages": _("unread")}.get(name, "")
    return {
        "url": reverse(name),
        "label": label,
        "icon": icon,
        "current": name == current,
        "count": count,
        "count_label": words,
    }


def _me(staff: Staff) -> dict[str, str]:
    name = staff.provider.name if staff.provider else staff.membership.user.name
    words = [word for word in name.split() if not word.endswith(".")]
    initials = "".join(word[0] for word in words[:2]).upper()
    return {
        "name": name,
        "initials": initials,
        "practice": staff.practice.name,
        "sign_out_url": reverse("sign-out"),
    }
