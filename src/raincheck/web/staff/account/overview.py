"""One's own account: where somebody is signed in, and what they sign in with."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from raincheck.actions.access.sessions import end_other_sessions, end_session
from raincheck.data.access.passkeys import passkeys_of
from raincheck.data.access.sessions import UserSession
from raincheck.domain.access.sessions import LASTS
from raincheck.domain.notifications import NotificationType
from raincheck.notifications.catalogue import CATALOGUE
from raincheck.notifications.formats import duration
from raincheck.queries.access.people import undelivered
from raincheck.queries.access.second_factor import (
    has_authenticator,
    has_second_factor,
    recovery_codes_left,
)
from raincheck.queries.access.sessions import idle_time_of, sessions_of
from raincheck.web.access.passkeys import passkey_context
from raincheck.web.access.session_life import key_of_session, real_arrival
from raincheck.web.requests import Ref
from raincheck.web.staff.shell import Staff, for_staff, send_and_tell, show


@dataclass(frozen=True, slots=True)
class Shown:
    """A passkey on its person's list."""

    ref: UUID
    name: str
    added_at: datetime
    last_used_at: datetime | None


@require_safe
@for_staff
def account_page(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Show where somebody is signed in, this browser first."""
    user, here = staff.membership.user, key_of_session(request)
    rows = sessions_of(user.pk, now=real_arrival(request))
    context = {
        "here": next((row for row in rows if row.key == here), None),
        "others": [row for row in rows if row.key != here],
        "email": user.email,
        "has_second_factor": has_second_factor(user.pk),
        "has_app": has_authenticator(user.pk),
        "passkeys": [
            Shown(one.ref, one.name, row.created_at, row.last_used_at) for row, one in passkeys_of(user.pk)
        ],
        "undelivered": [
            (CATALOGUE[NotificationType(row.kind)].undelivered, row.made_at)
            for row in undelivered(now=staff.now).filter(user=user)
        ],
        "codes_left": recovery_codes_left(user.pk),
        "zone": staff.zone,
        "idle": duration(idle_time_of(user.pk)),
        "lasts": duration(LASTS),
    }
    context |= passkey_context()
    return show(request, staff, "raincheck/staff/account/account.html", context, current="account")


@require_POST
@for_staff
def end_one(request: HttpRequest, staff: Staff, ref: Ref) -> HttpResponse:
    """End one of one's own sessions."""
    get_object_or_404(UserSession, ref=ref, user=staff.membership.user_id)
    verb = partial(end_session, staff.membership.pk, ref)
    return send_and_tell(
        request, staff, verb, told=_("Ended. That device has to sign in again."), to=reverse("account")
    )


@require_POST
@for_staff
def end_others(request: HttpRequest, staff: Staff) -> HttpResponse:
    """End all of one's own sessions but this one."""
    verb = partial(end_other_sessions, staff.membership.pk, but=key_of_session(request))
    told = _("Ended. Every other device has to sign in again; this one stays signed in.")
    return send_and_tell(request, staff, verb, told=told, to=reverse("account"))
