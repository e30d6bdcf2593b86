"""The addresses that calendar programs ask: one for each feed, without a session or a cookie, and 404 once it ended.

Asking writes when the address was last used, which is the one thing that a GET writes here; people see by it whether
their calendar follows, and whether somebody else's does.
"""

import secrets
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from raincheck.actions.calendars.feeds import make_feed, note_use
from raincheck.actions.engine.runner import Answer, run_command
from raincheck.data.access.shown import read_by
from raincheck.data.models import CalendarFeed, Client, Provider
from raincheck.data.postgresql.faults import DatabaseFault, fault_of
from raincheck.domain.calendars.feeds import Titles, digest_of
from raincheck.domain.people import SYSTEM, Actor, ActorKind
from raincheck.notifications import formats as wording
from raincheck.notifications.calendar_feeds import Publication, sender_of
from raincheck.queries.calendars.feeds import entries_of, feed_behind
from raincheck.web.access.guesses import refused_guess
from raincheck.web.requests import arrival_of
from raincheck.web.submission import Submission

TOKEN_BYTES = 32
JUST_NOW = timedelta(minutes=1)


@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """Answer with the calendar of a feed, or that it has not changed (304); 404 for one that never was or has ended."""
    found = feed_behind(token)
    if found is None:
        if refused := refused_guess(request):
            return refused
        words = _("There is no calendar at this address. It may have been stopped or replaced by a new one.")
        return HttpResponseNotFound(f"{words}\n", content_type="text/plain; charset=utf-8")
    now = arrival_of(request).at
    try:
        run_command(partial(note_use, found, now=now), key=None, body={}, by=SYSTEM, now=now)
    except DatabaseError as error:
        # Written where anything can be written at all: whoever only reads must not go without.
        if fault_of(error) not in (DatabaseFault.FULL, DatabaseFault.READ_ONLY):
            raise
    provider, client = found.provider, found.client
    kind, whose = ActorKind.PROVIDER if provider is not None else ActorKind.CLIENT, provider or client
    read_by(Actor(kind, whose.pk, request_id=arrival_of(request).request_id, practice=found.practice_id))
    zone = provider.zone if provider is not None else client.zone_in(found.practice)
    entries = tuple(entries_of(found, now=now))
    publication = Publication(entries, sender_of(found.practice), zone, found.made_at)
    etag = f'"{publication.version}"'
    response = get_conditional_response(request, etag=etag) or HttpResponse(
        publication.text, content_type="text/calendar; charset=utf-8"
    )
    response["ETag"] = etag
    # A program may keep it, but asks each time; the ETag spares it the text.
    response["Cache-Control"] = "private, no-cache"
    response["Content-Disposition"] = 'inline; filename="appointments.ics"'
    return response


def make_address(
    request: HttpRequest, whose: Provider | Client, *, titles: Titles = Titles.NEUTRAL, by: Actor
) -> str:
    """Give a person a new feed and return its address, which nobody can be shown again.

    Empty when this form was sent before: its address was shown then. Raises the refusals of `Submission.run`.
    """
    token = secrets.token_urlsafe(TOKEN_BYTES)
    digest = digest_of(token)

    def verb(*, by: Actor, now: datetime) -> Answer:  # noqa: ARG001  # whose it is says who made it
        return make_feed(whose, digest=digest, titles=titles, now=now)

    made = Submission.of(request, by=by).run(verb)
    # A form sent twice gets its first answer: that feed has the digest of another token.
    fresh = CalendarFeed.objects.filter(ref=made["feed"], hash=digest).exists()
    return f"{settings.BASE_URL}{reverse('feed', args=[token])}" if fresh else ""


def in_a_calendar_program(address: str) -> str:
    """Return the address in the form that opens a calendar program instead of a browser."""
    return f"webcal://{address.partition('://')[2]}"


def last_use(feed: CalendarFeed, *, now: datetime) -> str:
    """Return when a program last asked, as a sentence."""
    used = feed.last_used_at
    if used is None:
        return _("Not used yet.")
    ago = now - used
    if ago < JUST_NOW:
        return _("Used just now by a calendar program.")
    return _("Last used %(ago)s ago by a calendar program.") % {"ago": wording.short_time_left(ago)}
