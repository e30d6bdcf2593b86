"""Access to a client's pages: by a live link, or signed in as that client. Everybody else is told so kindly."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, Literal
from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from raincheck.data.access.shown import read_by
from raincheck.data.models import (
    Appointment,
    Client,
    Link,
    Membership,
    Practice,
    Provider,
    RebookOffer,
    RescheduleBatch,
)
from raincheck.domain.people import Actor, ActorKind
from raincheck.queries.appointments.own import appointment_named
from raincheck.queries.portal import client_memberships
from raincheck.queries.reschedule.choose import batch_named
from raincheck.queries.reschedule.links import (
    Standing,
    is_signed_in_client,
    links_to_appointment,
    links_to_batch,
    links_to_offer,
    standing,
)
from raincheck.queries.reschedule.rebook import offer_named
from raincheck.web.access.session_life import end_if_over
from raincheck.web.client import access_denied
from raincheck.web.client.link_cookie import remembered
from raincheck.web.kept_words import page_typed_on
from raincheck.web.requests import arrival_of

Page = Callable[..., HttpResponse]
Memberships = Sequence[Membership]
Area = Literal["choose", "book", "my-appointment"]
About = RescheduleBatch | RebookOffer | Appointment


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody who may act for a client on the pages of one batch (`choose`), rebook offer (`book`) or appointment.

    `link` is None for a client who is signed in. `zone` is where this client's times are shown.
    """

    area: Area
    about: About
    link: Link | None
    actor: Actor
    now: datetime

    @property
    def client(self) -> Client:
        return self.about.client  # type: ignore[no-any-return]  # a key's type is lost on the stubs

    @property
    def provider(self) -> Provider:
        return self.about.provider  # type: ignore[no-any-return]  # as above

    @property
    def practice(self) -> Practice:
        return self.about.practice

    @property
    def zone(self) -> str:
        own = self.link.recipient.zone if self.link else ""
        return own or self.client.zone_in(self.practice)

    def address(self, page: str = "", *parts: object) -> str:
        """Return the address of one of the pages around this one; the first of them without a name."""
        name = f"{self.area}-{page}" if page else self.area
        return reverse(name, args=[self.about.ref, *parts])


def for_batch(page: Page) -> Page:
    """Give `page` the visit to the batch named in the address, when there is one."""

    @wraps(page)
    def guarded(request: HttpRequest, ref: UUID, *args: Any, **named: Any) -> HttpResponse:
        batch = batch_named(ref)
        links = links_to_batch(batch, remembered(request)) if batch else []
        return _visited(page, request, "choose", batch, links, *args, **named)

    return guarded


def for_offer(page: Page) -> Page:
    """Give `page` the visit to the rebook offer named in the address, when there is one."""

    @wraps(page)
    def guarded(request: HttpRequest, ref: UUID, *args: Any, **named: Any) -> HttpResponse:
        offer = offer_named(ref)
        links = links_to_offer(offer, remembered(request)) if offer else []
        return _visited(page, request, "book", offer, links, *args, **named)

    return guarded


def for_appointment(page: Page) -> Page:
    """Give `page` the visit to the appointment named in the address, when there is one."""

    @wraps(page)
    def guarded(request: HttpRequest, ref: UUID, *args: Any, **named: Any) -> HttpResponse:
        appointment = appointment_named(ref)
        links = links_to_appointment(appointment, remembered(request)) if appointment else []
        return _visited(page, request, "my-appointment", appointment, links, *args, **named)

    return guarded


def _visited(
    page: Page,
    request: HttpRequest,
    area: Area,
    about: About | None,
    links: Sequence[Link],
    *args: Any,
    **named: Any,
) -> HttpResponse:
    """Show the page to whoever may see it. An unknown address and one of somebody else look the same."""
    arrival = arrival_of(request)
    if about is None:
        return access_denied.unknown(request)
    # Newest last, so that of several links of one standing the newest stays.
    by_standing = {standing(link, now=arrival.at): link for link in reversed(links)}
    link = by_standing.get(Standing.LIVE)
    # A link counts before an account: it says to which of the client's people it was sent, and whose zone holds.
    if link is not None:
        actor = Actor(
            ActorKind.CLIENT_BY_LINK,
            about.client_id,
            recipient=link.recipient_id,
            request_id=arrival.request_id,
            practice=about.practice_id,
        )
        read_by(actor)
        return page(request, Visit(area, about, link, actor, arrival.at), *args, **named)
    if request.user.is_authenticated and is_signed_in_client(request.user.pk, about.client_id):
        actor = Actor(
            ActorKind.CLIENT, about.client_id, request_id=arrival.request_id, practice=about.practice_id
        )
        read_by(actor)
        return page(request, Visit(area, about, None, actor, arrival.at), *args, **named)
    if Standing.ENDED in by_standing:
        return access_denied.ended(request, about.practice, to_book=area == "book")
    if not by_standing:
        return access_denied.unknown(request)
    return access_denied.revoked(request, about.practice)


def for_clients(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let only clients in, and give the view what they are a client of. Who is none sees nothing here (404)."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
        # Somebody of a practice may be a client as well, in the same session.
        end_if_over(request)
        if not request.user.is_authenticated:
            back_to = page_typed_on(request) if request.method == "POST" else request.get_full_path()
            return redirect_to_login(back_to)
        memberships = client_memberships(request.user.pk)
        if not memberships:
            raise Http404
        read_by(*(acting_as(row.client, request) for row in memberships if row.client is not None))
        return view(request, memberships, *args, **named)

    return guarded


def acting_as(client: Client, request: HttpRequest) -> Actor:
    request_id = arrival_of(request).request_id
    return Actor(ActorKind.CLIENT, client.pk, request_id=request_id, practice=client.practice_id)
