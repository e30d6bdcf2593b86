"""Who is asking, as a client who is signed in: themselves, in one practice or several. Strangers sign in first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse

from raincheck.data.people import Client, Membership
from raincheck.domain.people import Actor, ActorKind
from raincheck.queries.portal import client_memberships
from raincheck.web.requests import arrival_of

Memberships = Sequence[Membership]


def for_clients(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let only clients in, and give the view what they are a client of. Who is none sees nothing here (404)."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        memberships = client_memberships(request.user.pk)
        if not memberships:
            raise Http404
        return view(request, memberships, *args, **named)

    return guarded


def acting_as(client: Client, request: HttpRequest) -> Actor:
    request_id = arrival_of(request).request_id
    return Actor(ActorKind.CLIENT, client.pk, request_id=request_id, practice=client.practice_id)
