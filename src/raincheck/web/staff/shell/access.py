"""Access of a practice's people: a provider sees their own clients, a manager the practice, and openings of records are logged."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.views import redirect_to_login
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.crypto import constant_time_compare
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from raincheck.actions.access_log import Opened, log_access
from raincheck.actions.engine.runner import run_command
from raincheck.data.people import Client, Membership, Practice, Provider
from raincheck.domain.people import Actor, ActorKind, Role
from raincheck.queries.staff import at_work, who_asks
from raincheck.web.requests import arrival_of, ref_in

OwnedRow = TypeVar("OwnedRow", bound=Model)
"""A row that belongs to a practice and a provider."""


@dataclass(frozen=True, slots=True)
class Staff:
    """A signed-in provider or manager in one practice, at the arrival of their request. `provider` is None for a manager."""

    practice: Practice
    membership: Membership
    provider: Provider | None
    actor: Actor
    # Looked at once: all that a page says, and the verb it sends, are of the same instant.
    now: datetime

    @property
    def is_manager(self) -> bool:
        return self.provider is None

    @property
    def manages(self) -> Actor | None:
        """The actor of this person's changes to the practice: a manager, also one who is a provider besides; None for others."""
        if self.is_manager:
            return self.actor
        # A person may hold several roles, each a membership of its own.
        managing = Membership.objects.filter(
            user=self.membership.user_id, practice=self.practice, role=Role.MANAGER
        ).first()
        return replace(self.actor, kind=ActorKind.MANAGER, who=managing.pk) if managing else None

    @property
    def zone(self) -> str:
        """The zone this person's pages show times in: the provider's own, for a manager the practice's."""
        return self.practice.zone if self.provider is None else self.provider.zone

    def own(self, rows: QuerySet[OwnedRow]) -> QuerySet[OwnedRow]:
        """Return of rows that have a practice and a provider those this person may see."""
        if self.provider is None:
            return rows.filter(practice=self.practice)
        # A provider's rows are of their practice, which a key holds; said as well, it leads the database to read all of it.
        return rows.filter(provider=self.provider)

    def providers(self) -> QuerySet[Provider]:
        """Return the providers this person may act for."""
        mine = Provider.objects.filter(practice=self.practice).order_by("name")
        return mine if self.provider is None else mine.filter(pk=self.provider.pk)


def staff_of(request: HttpRequest) -> Staff | None:
    """Return who of a practice is asking, in one query; None for clients and strangers."""
    _read_who_asks(request)
    if not request.user.is_authenticated:
        return None
    membership = request.user.at_work if hasattr(request.user, "at_work") else at_work(request.user.pk)
    if membership is None:
        return None
    membership.user = request.user
    manager = membership.role == Role.MANAGER
    kind = ActorKind.MANAGER if manager else ActorKind.PROVIDER
    who = membership.pk if manager else membership.provider_id
    arrival = arrival_of(request)
    actor = Actor(kind, who, request_id=arrival.request_id, practice=membership.practice_id)
    return Staff(membership.practice, membership, membership.provider, actor, arrival.at)


def _read_who_asks(request: HttpRequest) -> None:
    """Read the signed-in user and their membership together, where Django would ask for the user alone.

    A user is taken only if Django would have taken them: named by the session, let in by a way in use, active, and with the
    password they had when they signed in. In any other case it decides by itself, as on every other page.
    """
    session = request.session
    name, way = session.get(SESSION_KEY), session.get(BACKEND_SESSION_KEY)
    if hasattr(request, "_cached_user") or not name or way not in settings.AUTHENTICATION_BACKENDS:
        return
    found = who_asks(int(name))
    if found is None:
        return
    user, membership = found
    if user.is_active and constant_time_compare(
        session.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash()
    ):
        user.at_work = membership  # type: ignore[attr-defined]  # only what has been read here has it
        request._cached_user = user  # type: ignore[attr-defined]  # where the middleware keeps what it has read


def for_staff(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let only providers and managers in, and give the view its `Staff`. Strangers sign in first; a client sees nothing here (404)."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
        staff = staff_of(request)
        if not request.user.is_authenticated:
            htmx = HtmxDetails(request)
            if not htmx:
                return redirect_to_login(request.get_full_path())
            # The whole page goes to sign in and comes back, or the part that asked would show the sign-in inside the page.
            back_to = htmx.current_url_abs_path or request.get_full_path()
            whole_page: HttpResponse = HttpResponseClientRedirect(redirect_to_login(back_to)["Location"])
            return whole_page
        if staff is None:
            # Not 403: whoever is no part of a practice learns nothing about which addresses there are.
            raise Http404
        return view(request, staff, *args, **named)

    return guarded


def for_managers(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let only managers in, a provider who is one as well too; the view's `Staff` then acts as the manager. Others: 404."""

    @wraps(view)
    def guarded(request: HttpRequest, staff: Staff, *args: Any, **named: Any) -> HttpResponse:
        by = staff.manages
        if by is None:
            raise Http404
        # History then names the manager, even where the same person is a provider as well.
        return view(request, replace(staff, actor=by), *args, **named)

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
    """Return the provider named by `provider=` in the address, else the first. A foreign one is not there: 404."""
    named = request.GET.get("provider")
    if staff.provider is not None:
        # A link that a manager passed on must not show a provider another one's calendar, nor silently their own.
        if named is not None and ref_in(named) != staff.provider.ref:
            raise Http404
        provider = staff.provider
    elif named is not None:
        provider = get_object_or_404(staff.providers(), ref=ref_in(named))
    else:
        first = staff.providers().first()
        if first is None:
            raise Http404
        provider = first
    provider.practice = staff.practice  # known already; asking again would cost a query on every page
    return provider


def of_provider(address: str, staff: Staff, provider: Provider, **query: str) -> str:
    """Return an address of this provider's; only a manager's must say whose."""
    values = query if staff.provider is not None else {**query, "provider": str(provider.ref)}
    if not values:
        return address
    return f"{address}{'&' if '?' in address else '?'}{urlencode(values)}"


def log_opened(staff: Staff, client: Client, *, what: Opened) -> None:
    """Write down who opened a client's record, conversation or request."""
    # The one thing besides the session that a GET may write: a list of who looked is worth nothing with gaps.
    by, now = staff.actor, staff.now
    run_command(lambda: log_access(client, what=what, by=by, now=now), key=None, body={}, by=by, now=now)
