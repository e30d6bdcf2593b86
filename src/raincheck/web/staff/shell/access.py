"""Access of a practice's people: a provider sees their own clients, managers and schedulers all; the read log is told who reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.views import redirect_to_login
from django.db.models import F, Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from raincheck.data.access.shown import read_by, shows_only
from raincheck.data.people import Membership, Practice, Provider
from raincheck.domain.access.appearance import Look
from raincheck.domain.access.sign_in import Lack
from raincheck.domain.people import Actor, ActorKind, Role
from raincheck.queries.staff import at_work, practice_left, who_asks
from raincheck.web.access.session_life import end_if_over
from raincheck.web.access.way_in import lack_of
from raincheck.web.chosen_practice import chosen_practice
from raincheck.web.kept_words import page_typed_on
from raincheck.web.requests import arrival_of, ref_in
from raincheck.web.staff.shell.access_ended import access_ended
from raincheck.web.submission import has_acted

OwnedRow = TypeVar("OwnedRow", bound=Model)
"""A row that belongs to a practice and a provider."""
EVERYONE = "everyone"
"""The value of `whose=` in the address of a list that shall hold every provider's."""


NOBODY_HAS_A_CALENDAR = _(
    "Nobody here has a calendar yet. Appointments and hours come with the first provider."
)

DONE_ALREADY = _("This was done already, when you sent it for the first time.")


class NoProviderYet(Exception):
    """A page of a provider's was asked for in a practice that has none."""


@dataclass(frozen=True, slots=True)
class Staff:
    """A signed-in person of one practice, at the arrival of their request. `roles` are their memberships there by role.

    A provider has a calendar, clients and conversations: `provider`, None for others. A manager and a scheduler act for
    every provider; who is a provider besides finds their own things first and the others' by choosing.
    """

    practice: Practice
    membership: Membership
    provider: Provider | None
    roles: Mapping[Role, int]
    actor: Actor
    # How they are shown; None for who was never given a color.
    look: Look | None
    # Looked at once: all that a page says, and the verb it sends, are of the same instant.
    now: datetime
    # The other practices they work in, by ref and name.
    elsewhere: Sequence[tuple[str, str]] = ()
    # Somebody with a calendar of their own looks at the lists of the whole practice.
    chose_everyone: bool = False

    @property
    def acts_for_all(self) -> bool:
        """Whether this person acts for every provider: a manager, and a scheduler within what a scheduler sees."""
        return Role.MANAGER in self.roles or Role.SCHEDULER in self.roles

    @property
    def sees_settings(self) -> bool:
        """Whether the practice's settings are theirs to read: not a scheduler's."""
        return self.provider is not None or Role.MANAGER in self.roles

    @property
    def manages(self) -> Actor | None:
        """The actor of this person's changes to the practice: a manager, also one who is a provider besides; None for others."""
        return self._member(Role.MANAGER)

    @property
    def lists_all(self) -> bool:
        """Whether lists hold what is the whole practice's, so that each line names its provider."""
        return self.provider is None or self.chose_everyone

    @property
    def listed_provider(self) -> int | None:
        """Whose things the lists hold: one provider's, or None for the practice's."""
        return None if self.provider is None or self.chose_everyone else self.provider.pk

    @property
    def zone(self) -> str:
        """The zone this person's pages show times in: the provider's own, for others the practice's."""
        return self.practice.zone if self.provider is None else self.provider.zone

    def is_own(self, provider: Provider | int) -> bool:
        """Return whether this provider is the person themselves."""
        return self.provider is not None and self.provider.pk == (
            provider if isinstance(provider, int) else provider.pk
        )

    def may_read_private(self, provider: Provider | int) -> bool:
        """Return whether notes, clients' words and calendars of this provider's are theirs to read: not a scheduler's."""
        return Role.MANAGER in self.roles or self.is_own(provider)

    def may_open_conversations_of(self, provider: Provider) -> bool:
        """Return whether a provider's conversations are theirs to open: their own; a manager's, once the provider left."""
        return self.is_own(provider) or (self.manages is not None and provider.left_at is not None)

    def acting_for(self, provider: Provider | int) -> Staff:
        """Return the same person as who they act in this provider's things: themselves, else the manager or scheduler."""
        if self.is_own(provider):
            return self
        # History must never name a provider for what was done in another one's calendar.
        actor = self._member(Role.MANAGER) or self._member(Role.SCHEDULER)
        if actor is None:
            return self
        read_by(actor)
        return replace(self, actor=actor)

    def own(self, rows: QuerySet[OwnedRow]) -> QuerySet[OwnedRow]:
        """Return of rows that have a practice and a provider those this person may see and act upon."""
        return _of(rows, self.practice, None if self.acts_for_all else self.provider)

    def listed(self, rows: QuerySet[OwnedRow]) -> QuerySet[OwnedRow]:
        """Return of them those that their lists hold: their own, or the practice's."""
        return _of(rows, self.practice, None if self.lists_all else self.provider)

    def providers(self) -> QuerySet[Provider]:
        """Return the providers this person may act for."""
        # Who left comes last: what is booked with them may have to be seen to.
        mine = Provider.objects.filter(practice=self.practice).order_by(
            F("left_at").asc(nulls_first=True), "name"
        )
        return mine if self.acts_for_all or self.provider is None else mine.filter(pk=self.provider.pk)

    def choices(self) -> list[Provider]:
        """Return the providers that a page offers this person to choose from; none where only their own calendar is theirs."""
        found = list(self.providers()) if self.acts_for_all else []
        return [] if [one.pk for one in found if self.is_own(one)] == [one.pk for one in found] else found

    @property
    def hats(self) -> list[Actor]:
        """Everyone as whom this person acts."""
        roles = (self._member(role) for role in (Role.MANAGER, Role.SCHEDULER))
        return [self.actor, *(actor for actor in roles if actor is not None)]

    def _member(self, role: Role) -> Actor | None:
        return replace(self.actor, kind=ActorKind(role), who=self.roles[role]) if role in self.roles else None


def _of(rows: QuerySet[OwnedRow], practice: Practice, provider: Provider | None) -> QuerySet[OwnedRow]:
    # A provider's rows are of their practice, which a key holds; said as well, it leads the database to read all of it.
    return rows.filter(practice=practice) if provider is None else rows.filter(provider=provider)


def staff_of(request: HttpRequest) -> Staff | None:
    """Return who of a practice is asking, in one query; None for clients and strangers."""
    _read_who_asks(request)
    end_if_over(request)
    if not request.user.is_authenticated:
        return None
    if hasattr(request.user, "at_work"):
        found = request.user.at_work
    else:
        found = at_work(request.user.pk, chosen_practice(request))
    if found is None:
        return None
    membership, roles, look, elsewhere = found
    membership.user = request.user
    provider, arrival = membership.provider, arrival_of(request)
    if provider is not None:
        kind, who = ActorKind.PROVIDER, provider.pk
    else:
        role = Role.MANAGER if Role.MANAGER in roles else Role.SCHEDULER
        kind, who = ActorKind(role), roles[role]
    actor = Actor(kind, who, request_id=arrival.request_id, practice=membership.practice_id)
    staff = Staff(membership.practice, membership, provider, roles, actor, look, arrival.at, elsewhere)
    if request.GET.get("whose") == EVERYONE and staff.acts_for_all:
        staff = replace(staff, chose_everyone=True)
    # A list of the whole practice's is read as who may see it.
    read_by((staff.manages or staff.actor) if staff.chose_everyone else actor)
    return staff


def _read_who_asks(request: HttpRequest) -> None:
    """Read the signed-in user and their membership together, where Django would ask for the user alone.

    A user is taken only if Django would have taken them: named by the session, let in by a way in use, active, and with the
    password they had when they signed in. In any other case it decides by itself, as on every other page.
    """
    session = request.session
    name, way = session.get(SESSION_KEY), session.get(BACKEND_SESSION_KEY)
    if hasattr(request, "_cached_user") or not name or way not in settings.AUTHENTICATION_BACKENDS:
        return
    found = who_asks(int(name), chosen_practice(request))
    if found is None:
        return
    user, work = found
    if user.is_active and constant_time_compare(
        session.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash()
    ):
        user.at_work = work  # type: ignore[attr-defined]  # only what has been read here has it
        request._cached_user = user  # type: ignore[attr-defined]  # where the middleware keeps what it has read


def for_staff(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let only the practice's people in, and give the view its `Staff`. Strangers sign in first; a client sees nothing here (404).

    Who came by a mailed code alone signs in again by password; who has no second factor yet sets one up first.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
        staff = staff_of(request)
        if not request.user.is_authenticated:
            return _lead(request, settings.LOGIN_URL)
        if staff is None and (left := practice_left(request.user.pk)) is not None:
            return access_ended(request, left)
        if staff is None:
            # Not 403: whoever is no part of a practice learns nothing about which addresses there are.
            raise Http404
        lack = lack_of(request)
        if lack is not None:
            return _lead(request, settings.LOGIN_URL if lack == Lack.SIGN_IN else reverse("authenticator"))
        try:
            return view(request, staff, *args, **named)
        except NoProviderYet:
            messages.info(request, NOBODY_HAS_A_CALENDAR)
            return redirect("home")
        except Http404:
            # What a form took away is not there for it when it is sent again.
            if request.method == "POST" and has_acted(request, *staff.hats):
                shows_only([])
                messages.success(request, DONE_ALREADY)
                return redirect("home")
            # A link from a mail may be about the other practice; which of them it is, nobody is told.
            if not staff.elsewhere or request.method != "GET" or HtmxDetails(request):
                raise
            shows_only([])  # whoever was read for the page that came to nothing
            context = {"staff": staff, "back_to": request.get_full_path()}
            return render(request, "raincheck/staff/not_in_this_practice.html", context, status=404)

    return guarded


def for_staff_without_second_factor(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let also those of the practice in who have no second factor yet: where they set one up."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
        staff = staff_of(request)
        if staff is None or lack_of(request) != Lack.SECOND_FACTOR:
            return for_staff(view)(request, *args, **named)
        return view(request, staff, *args, **named)

    return guarded


def _lead(request: HttpRequest, to: str) -> HttpResponse:
    """Lead to a page that leads back here."""
    htmx = HtmxDetails(request)
    if not htmx:
        # An address that only takes forms shows nothing to come back to.
        back_to = page_typed_on(request) if request.method == "POST" else request.get_full_path()
        return redirect_to_login(back_to, to)
    # The whole page goes there and comes back, or the part that asked would show the other page inside its own.
    back_to = htmx.current_url_abs_path or request.get_full_path()
    whole_page: HttpResponse = HttpResponseClientRedirect(redirect_to_login(back_to, to)["Location"])
    return whole_page


def for_managers(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let only managers in, a provider who is one as well too; the view's `Staff` then acts as the manager. Others: 404."""

    @wraps(view)
    def guarded(request: HttpRequest, staff: Staff, *args: Any, **named: Any) -> HttpResponse:
        by = staff.manages
        if by is None:
            raise Http404
        # History and read log then name the manager, even where the same person is a provider as well.
        read_by(by)
        return view(request, replace(staff, actor=by), *args, **named)

    return for_staff(guarded)


def for_managers_and_providers(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let managers in, who then act as such, and providers, who act for themselves. Others: 404."""

    @wraps(view)
    def guarded(request: HttpRequest, staff: Staff, *args: Any, **named: Any) -> HttpResponse:
        by = staff.manages
        if by is None and staff.provider is None:
            raise Http404
        if by is not None:
            read_by(by)
            staff = replace(staff, actor=by)
        return view(request, staff, *args, **named)

    return for_staff(guarded)


def for_readers_of_settings(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let only managers and providers in: the practice's settings are not a scheduler's (404)."""

    @wraps(view)
    def guarded(request: HttpRequest, staff: Staff, *args: Any, **named: Any) -> HttpResponse:
        if not staff.sees_settings:
            raise Http404
        return view(request, staff, *args, **named)

    return for_staff(guarded)


def for_providers(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let only providers in, and give the view their row: what is theirs alone, a manager neither sees nor does (404)."""

    @wraps(view)
    def guarded(request: HttpRequest, staff: Staff, *args: Any, **named: Any) -> HttpResponse:
        if staff.provider is None:
            raise Http404
        return view(request, staff, staff.provider, *args, **named)

    return for_staff(guarded)


def chosen_provider(request: HttpRequest, staff: Staff) -> Provider:
    """Return the provider named by `provider=` in the address, else oneself or the first. A foreign one is not there: 404."""
    named = request.GET.get("provider")
    if staff.provider is not None and (named is None or ref_in(named) == staff.provider.ref):
        provider = staff.provider
    elif named is not None:
        # A link that a manager passed on must not show a provider another one's calendar, nor silently their own.
        provider = get_object_or_404(staff.providers(), ref=ref_in(named))
    else:
        first = staff.providers().first()
        if first is None:
            raise NoProviderYet
        provider = first
    provider.practice = staff.practice  # known already; asking again would cost a query on every page
    return provider


def of_provider(address: str, staff: Staff, provider: Provider, **query: str) -> str:
    """Return an address of this provider's; it says whose, unless one's own calendar is meant."""
    # Who works in several practices has a calendar in each: a page of one must not go on with the other's.
    values = (
        query if staff.is_own(provider) and not staff.elsewhere else {**query, "provider": str(provider.ref)}
    )
    if not values:
        return address
    return f"{address}{'&' if '?' in address else '?'}{urlencode(values)}"
