"""People: everybody who works in the practice, and how each of them stands."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy as later, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from raincheck.actions.access.invitations import invite_by_mail, revoke_invitation
from raincheck.data.models import Invitation
from raincheck.data.people import Practice, User
from raincheck.domain.access.appearance import Look
from raincheck.domain.access.invitations import PERSON_NAME_LIMIT, EmailMissing, NoRole, sound_invitee
from raincheck.domain.people import EMAIL_LENGTH, Role
from raincheck.domain.practice import NameMissing
from raincheck.domain.zones import wall, zone_named
from raincheck.notifications.formats import short_day, zone_city
from raincheck.notifications.links import TOKEN_BYTES
from raincheck.queries.access.people import (
    Colleague,
    Invited,
    invited_to,
    managers_of,
    people_of,
    taken_back,
    undelivered,
)
from raincheck.web.requests import Ref
from raincheck.web.staff.people.words import ROLES, RolesField, role_hints
from raincheck.web.staff.shell import (
    PageForm,
    Staff,
    for_managers,
    initials_of,
    send,
    send_and_tell,
    show,
)
from raincheck.web.submission import key_of


@dataclass(frozen=True, slots=True)
class Line:
    """Somebody as the list shows them: a tag for how they stand, and what else is to be known."""

    user: User
    initials: str
    look: Look | None
    roles: str
    tag: str
    kind: str
    more: str
    is_me: bool
    hours_url: str
    url: str


@dataclass(frozen=True, slots=True)
class InvitedLine:
    """Somebody who was invited and has not come yet."""

    row: Invitation
    initials: str
    roles: str
    tag: str
    kind: str
    more: str


class InviteForm(PageForm):
    """Somebody to invite, and as what."""

    name = forms.CharField(label=later("Name"), required=False, max_length=PERSON_NAME_LIMIT * 4)
    email = forms.CharField(
        label=later("E-mail"),
        required=False,
        max_length=EMAIL_LENGTH * 2,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    roles = RolesField()

    def clean(self) -> None:
        self.refuse_missing(NameMissing(), EmailMissing(), NoRole())


@require_http_methods(["GET", "HEAD", "POST"])
@for_managers
def people_page(request: HttpRequest, staff: Staff) -> HttpResponse:
    """List everybody of the practice and who is invited; a POST invites somebody."""
    if request.method != "POST":
        return _page(request, staff, InviteForm())
    form = InviteForm(request.POST)
    if not form.is_valid():
        return _page(request, staff, form, status=422)
    said = form.cleaned_data
    # Read inside the verb, so that what can't be is refused at its field.
    sent = send(
        request,
        staff,
        form,
        lambda **at: invite_by_mail(
            staff.practice.pk,
            who=sound_invitee(name=said["name"], email=said["email"], roles=said["roles"]),
            token=secrets.token_urlsafe(TOKEN_BYTES),
            **at,
        ),
    )
    if sent.answer is None:
        return _page(request, staff, form, status=sent.status)
    messages.success(
        request, _("Invited: %(name)s gets an e-mail with a link.") % {"name": said["name"].strip()}
    )
    return redirect("people")


@require_POST
@for_managers
def resend(request: HttpRequest, staff: Staff, ref: Ref) -> HttpResponse:
    """Send an invitation once more, with a new link: the former one ends."""
    row = _invitation(staff, ref)
    who = sound_invitee(name=row.name, email=row.email, roles=row.roles)
    verb = partial(invite_by_mail, staff.practice.pk, who=who, token=secrets.token_urlsafe(TOKEN_BYTES))
    told = _("Sent again to %(email)s. The link before has ended.") % {"email": row.email}
    return send_and_tell(request, staff, verb, told=told, to=reverse("people"))


@require_POST
@for_managers
def revoke(request: HttpRequest, staff: Staff, ref: Ref) -> HttpResponse:
    """Take an invitation back."""
    row = _invitation(staff, ref)
    verb = partial(revoke_invitation, ref, practice_id=staff.practice.pk)
    told = _("Taken back: the link to %(email)s opens nothing any more.") % {"email": row.email}
    return send_and_tell(request, staff, verb, told=told, to=reverse("people"))


def _invitation(staff: Staff, ref: Ref) -> Invitation:
    return get_object_or_404(Invitation, practice=staff.practice, ref=ref)


def _page(request: HttpRequest, staff: Staff, form: InviteForm, *, status: int = 200) -> HttpResponse:
    managers = managers_of(staff.practice)
    unreached = set(
        undelivered(now=staff.now).filter(practice=staff.practice).values_list("user_id", flat=True)
    )
    context = {
        "people": [
            _line(one, staff, is_last=managers == 1, unreached=one.user.pk in unreached)
            for one in people_of(staff.practice)
        ],
        "taken_back": [
            (one.row, one.by, short_day(one.row.revoked_at or staff.now, staff.zone, now=staff.now))
            for one in taken_back(staff.practice, now=staff.now)
        ],
        "invited": [_invited(one, staff) for one in invited_to(staff.practice)],
        "form": form,
        "role_hints": role_hints(),
        "zone": staff.zone,
        "key": key_of(request),
    }
    return show(
        request, staff, "raincheck/staff/people/people.html", context, current="people", status=status
    )


def _invited(one: Invited, staff: Staff) -> InvitedLine:
    row = one.row
    days = -((staff.now - row.ends_at) // timedelta(days=1))
    if staff.now < row.ends_at:
        tag = ngettext("Invited · %(count)d day left", "Invited · %(count)d days left", days) % {
            "count": days
        }
    else:
        tag = _("Invitation ended")
    more = _("the e-mail could not be delivered") if one.failed else ""
    kind = "red" if one.failed else "asked" if staff.now < row.ends_at else "plain"
    roles = ", ".join(str(ROLES[Role(role)][0]) for role in row.roles)
    return InvitedLine(row, initials_of(row.name), roles, tag, kind, more)


def roles_words(one: Colleague, practice: Practice) -> str:
    """Return "Provider, Manager · Chicago": the city only where it is not the practice's."""
    words = ", ".join(str(ROLES[role][0]) for role in one.roles)
    elsewhere = Role.PROVIDER in one.roles and one.provider is not None and one.provider.zone != practice.zone
    return f"{words} · {zone_city(one.provider.zone)}" if elsewhere and one.provider else words


def _line(one: Colleague, staff: Staff, *, is_last: bool, unreached: bool) -> Line:
    tag, kind, more = _("Active"), "", _seen(one.user.last_login, staff)
    hours_url = ""
    if one.ended_at is not None:
        tag, kind = _("Ended"), "plain"
        more = short_day(one.ended_at, staff.zone, now=staff.now)
    elif unreached:
        kind, more = "amber", _("an e-mail about a second step could not be delivered")
    elif not one.has_hours and one.provider is not None:
        tag, kind = _("No hours yet"), "amber"
        hours_url = f"{reverse('availability')}?provider={one.provider.ref}"
    elif is_last and Role.MANAGER in one.roles:
        more = _("the last manager stays")
    return Line(
        user=one.user,
        initials=initials_of(one.user.name),
        look=one.look,
        roles=roles_words(one, staff.practice),
        tag=tag,
        kind=kind,
        more=more,
        is_me=one.user.pk == staff.membership.user_id,
        hours_url=hours_url,
        url=reverse("person", args=[one.user.ref]),
    )


def _seen(at: datetime | None, staff: Staff) -> str:
    """Return when somebody last signed in, as short as people say it."""
    if at is None:
        return _("never signed in")
    zone = zone_named(staff.zone)
    if wall(at, zone=zone).date() == wall(staff.now, zone=zone).date():
        return _("today")
    return short_day(at, staff.zone, now=staff.now)
