"""The portal of a signed-in client: what waits for an answer, what is ahead, and the conversations."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from raincheck.actions.conversations import mark_read, write_message
from raincheck.data.models import (
    Appointment,
    CalendarFeed,
    Client,
    Conversation,
    Membership,
    Message,
    Practice,
    RescheduleRequest,
)
from raincheck.domain.conversations import MESSAGE_LIMIT
from raincheck.domain.refusals import Refusal
from raincheck.notifications.urgent_help import urgent_help
from raincheck.queries.appointments.listing import appointments_ahead
from raincheck.queries.calendars.feeds import feeds_of
from raincheck.queries.conversations import messages_of
from raincheck.queries.portal import FROM_PRACTICE, conversations, open_requests
from raincheck.web.client.link_access import Memberships, acting_as, for_clients
from raincheck.web.client.outcome_pages import where
from raincheck.web.client.thread import entries
from raincheck.web.client.times import Clock
from raincheck.web.feeds import last_use
from raincheck.web.paging import Paginator
from raincheck.web.requests import arrival_of, ref_in
from raincheck.web.submission import Submission, fresh_key, sentence_of, status_of

MESSAGES_ON_A_PAGE = 50
SHOWN = 60
"""So many appointments ahead are shown at most."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """An appointment as it is shown: when, with whom and where, and the client's own time where it is another."""

    appointment: Appointment
    when: str
    where: str
    beside: str
    asked: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a provider asked at once and nobody has answered: one page to choose on, with its nearest deadline."""

    provider: str
    times: Sequence[tuple[str, str]]
    """When each would be, and where."""
    deadline_at: datetime
    url: str


@dataclass(frozen=True, slots=True)
class Corner:
    """A client's own corner in one practice. `zone` is where their times are shown."""

    practice: Practice
    client: Client
    zone: str
    waiting: Sequence[Waiting]
    ahead: Sequence[Ahead]
    threads: Sequence[Conversation]
    feed: CalendarFeed | None
    feed_use: str
    tag: str
    """Its headings: below the practice's name when there are several."""


@require_safe
@for_clients
def portal(request: HttpRequest, memberships: Memberships) -> HttpResponse:
    """Show everything at once, each practice by itself."""
    now = arrival_of(request).at
    clients = [membership.client for membership in memberships]
    appointments = Appointment.objects.filter(client__in=clients)
    requests, ahead = open_requests(clients, now=now), appointments_ahead(appointments, now=now)[:SHOWN]
    threads, feeds = conversations(clients), {row.client_id: row for row in feeds_of(clients)}
    # Several practices share the page, and then none of them heads it.
    alone = memberships[0].practice if len(memberships) == 1 else None
    corners = [
        _corner(one, requests, ahead, threads, feeds, tag="h2" if alone else "h3", now=now)
        for one in memberships
    ]
    context = {
        "corners": corners,
        "practice": alone,
        "urgent_help": urgent_help(alone, zone=corners[0].zone) if alone else "",
        "first_name": clients[0].known_as,
        "now": now,
    }
    return render(request, "raincheck/client/portal.html", context)


def _corner(
    membership: Membership,
    requests: Iterable[RescheduleRequest],
    ahead: Iterable[Appointment],
    threads: Iterable[Conversation],
    feeds: Mapping[int | None, CalendarFeed],
    *,
    tag: str,
    now: datetime,
) -> Corner:
    practice, client = membership.practice, membership.client
    assert client is not None, "a client's membership names them"
    zone, feed = client.zone_in(practice), feeds.get(client.pk)
    # What was asked at once is answered on one page, so it is one entry here.
    batches: dict[int, list[RescheduleRequest]] = {}
    for row in requests:
        if row.client_id == client.pk:
            batches.setdefault(row.batch_id, []).append(row)
    return Corner(
        practice=practice,
        client=client,
        zone=zone,
        waiting=[_waiting(rows, zone=zone, now=now) for rows in batches.values()],
        ahead=[
            Ahead(
                appointment=row,
                when=Clock.at(row.place, own=zone).when(row.starts_at, now=now),
                where=where(row.place, row.provider, row.length),
                beside=Clock.at(row.place, own=zone).beside(row.starts_at),
                asked=getattr(row, "deadline_at", None) is not None,
            )
            for row in ahead
            if row.client_id == client.pk
        ],
        threads=[row for row in threads if row.client_id == client.pk],
        feed=feed,
        feed_use=last_use(feed, now=now) if feed else "",
        tag=tag,
    )


def _waiting(rows: Sequence[RescheduleRequest], *, zone: str, now: datetime) -> Waiting:
    """Return the open requests of one batch, which come soonest deadline first."""
    first = rows[0]
    return Waiting(
        provider=first.provider.short_name,
        times=[
            (
                Clock.at(row.appointment.place, own=zone).when(row.asked_starts_at, now=now),
                where(row.appointment.place, row.provider, row.appointment.length),
            )
            for row in rows
        ],
        deadline_at=first.deadline_at,
        url=reverse("choose", args=[first.batch.ref]),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_clients
def conversation(request: HttpRequest, memberships: Memberships, ref: UUID) -> HttpResponse:
    """Show a conversation; a POST writes into it."""
    thread = _own_thread(memberships, ref)
    if request.method != "POST":
        return _thread_page(request, thread)
    # Browsers send line ends as two characters; counted so, a text that fits would be too long.
    words = request.POST.get("words", "").replace("\r\n", "\n")
    verb = partial(write_message, thread.provider_id, thread.client_id, words=words)
    try:
        Submission.of(request, by=acting_as(thread.client, request)).run(verb)
    except Refusal as refusal:
        said = {"words": words, "refused": sentence_of(refusal), "key": request.POST.get("key", "")}
        return _thread_page(request, thread, said, status=status_of(refusal))
    reader = thread.practice.name if thread.provider.left_at else thread.provider.short_name
    messages.success(request, _("Sent to %(name)s. Messages are read on working days.") % {"name": reader})
    return HttpResponseRedirect(reverse("portal-conversation", args=[thread.ref]))


@require_POST
@for_clients
def conversation_read(request: HttpRequest, memberships: Memberships, ref: UUID) -> HttpResponse:
    """Remember that the client has had the page in view, up to the newest message on it."""
    thread = _own_thread(memberships, ref)
    newest = get_object_or_404(Message, conversation=thread, ref=ref_in(request.POST.get("seen")))
    try:
        Submission.of(request, by=acting_as(thread.client, request)).run(
            partial(mark_read, thread, up_to=newest.at)
        )
    except Refusal as refusal:
        return HttpResponse(status=status_of(refusal))
    return redirect("portal-conversation", ref=thread.ref)


def _own_thread(memberships: Memberships, ref: UUID) -> Conversation:
    """Return one of the client's own conversations. Any other looks as if it did not exist (404)."""
    own = Conversation.objects.filter(client__in=[membership.client_id for membership in memberships])
    return get_object_or_404(own.select_related("practice", "provider", "client"), ref=ref)


def _thread_page(
    request: HttpRequest, thread: Conversation, said: dict[str, str] | None = None, *, status: int = 200
) -> HttpResponse:
    zone = thread.client.zone_in(thread.practice)
    page = Paginator(messages_of(thread, now=arrival_of(request).at), MESSAGES_ON_A_PAGE).get_page(
        request.GET.get("page")
    )
    shown, read_at = list(page), thread.client_read_at
    # Only what the practice did counts as unread, and only the page that holds the newest of it marks it as read.
    unread = (
        row for row in shown if row.author_kind in FROM_PRACTICE and (read_at is None or row.at > read_at)
    )
    context: dict[str, Any] = {
        "thread": thread,
        "practice": thread.practice,
        "provider": thread.provider.short_name,
        "provider_left": thread.provider.left_at is not None,
        "zone": zone,
        "urgent_help": urgent_help(thread.practice, zone=zone),
        "page": page,
        "entries": list(entries(reversed(shown), thread=thread, zone=zone)),
        "unread_up_to": next(unread, None) if page.number == 1 else None,
        "limit": MESSAGE_LIMIT,
        # Two forms, two keys: having read is not having written.
        "key": fresh_key(arrival_of(request).at),
        "read_key": fresh_key(arrival_of(request).at),
    }
    return render(request, "raincheck/client/conversation.html", context | (said or {}), status=status)
