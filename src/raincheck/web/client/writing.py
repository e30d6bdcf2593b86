"""Writing from a client's page: what would work instead of the open times, or privately to the provider."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils.translation import gettext as _, gettext_lazy as later
from django.views.decorators.http import require_http_methods

from raincheck.actions.conversations import write_message
from raincheck.actions.engine.runner import Answer
from raincheck.actions.reschedule.answer import none_work
from raincheck.data.reschedule.request import RescheduleBatch, RescheduleRequest
from raincheck.domain.appointments.lifecycle import PlaceKind
from raincheck.domain.conversations import MESSAGE_LIMIT, plain_text
from raincheck.domain.refusals import Refusal
from raincheck.domain.reschedule.deadlines import moved_for_word
from raincheck.domain.reschedule.lifecycle import WhatWorksMissing
from raincheck.notifications.formats import long_day_and_time
from raincheck.queries.reschedule.choose import requests_of, waits
from raincheck.web.client.asked import silent
from raincheck.web.client.link_access import Visit
from raincheck.web.client.page import answer, said_to_client, show
from raincheck.web.client.picker import carried
from raincheck.web.client.times import Clock
from raincheck.web.submission import status_of

DAYS = {
    "monday": later("Mondays"),
    "tuesday": later("Tuesdays"),
    "wednesday": later("Wednesdays"),
    "thursday": later("Thursdays"),
    "friday": later("Fridays"),
    "saturday": later("Saturdays"),
    "sunday": later("Sundays"),
}
PARTS_OF_DAY = {
    "morning": later("Mornings"),
    "afternoon": later("Afternoons"),
    "evening": later("Evenings"),
}
PRIVATE = "private"
"""The field of a page and an address that says: to the provider alone."""


@dataclass(frozen=True, slots=True)
class Tick:
    """One box of the form: the name of its field, its value, its words, and whether it is ticked."""

    name: str
    value: str
    words: object
    ticked: bool


@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Say what would work while a request of the batch is open, which says that none of its times do; else write a message.

    `private` writes to the provider alone, whom schedulers don't read.
    """
    said, before = request.POST if request.method == "POST" else request.GET, _waiting(visit)
    private = said.get(PRIVATE) == "1" or not before
    if request.method != "POST":
        return _page(request, visit, before, private=private)
    deadlines = {row.pk: row.deadline_at for row in before}
    try:
        verb: Callable[..., Answer] = partial(
            write_message, visit.provider.pk, visit.client.pk, words=said.get("words", "")
        )
        if not private and isinstance(visit.about, RescheduleBatch):
            verb = partial(none_work, visit.about, words=what_works(said))
        answer(request, visit, verb)
    except Refusal as refusal:
        context = {"words": said.get("words", ""), "refused": said_to_client(refusal)}
        return _page(request, visit, _waiting(visit), context, private=private, status=status_of(refusal))
    after = _waiting(visit)
    moved = [row for row in after if row.deadline_at != deadlines.get(row.pk)]
    if not after:
        reader = visit.practice.name if visit.provider.left_at else visit.provider.short_name
        sent = _("Your message was delivered to %(provider)s.") % {"provider": reader}
        messages.success(request, sent)
    elif moved:
        # Words may have moved the deadline; whoever wrote them must not go on believing in the old one.
        until = long_day_and_time(moved[0].deadline_at, visit.zone, now=visit.now)
        messages.success(request, _("You now have until %(instant)s to choose.") % {"instant": until})
    return HttpResponseRedirect(f"{visit.address()}{carried(request)}")


def what_works(said: QueryDict) -> str:
    """Return what was ticked as one line, above what was written. Raises WhatWorksMissing when both are empty."""
    days = ", ".join(str(words) for value, words in DAYS.items() if value in said.getlist("days"))
    parts = ", ".join(str(words) for value, words in PARTS_OF_DAY.items() if value in said.getlist("parts"))
    video = _("By video, too") if said.get("video") == "1" else ""
    ticked = " · ".join(part for part in (days, parts, video) if part)
    words = plain_text(said.get("words", ""))
    if not ticked and not words:
        raise WhatWorksMissing
    line = _("What would work: %(ticked)s") % {"ticked": ticked} if ticked else ""
    return "\n".join(part for part in (line, words) if part)


def _page(
    request: HttpRequest,
    visit: Visit,
    waiting: Sequence[RescheduleRequest],
    context: dict[str, Any] | None = None,
    *,
    private: bool,
    status: int = 200,
) -> HttpResponse:
    said = request.POST
    query = carried(request)
    shown: dict[str, Any] = {
        "waits": bool(waiting) and not private,
        "private": private and bool(waiting),
        "private_url": f"{visit.address('write')}{query}{'&' if query else '?'}{PRIVATE}=1",
        "after": _after_a_word(waiting, visit),
        "limit": MESSAGE_LIMIT,
        "days": [Tick("days", value, words, value in said.getlist("days")) for value, words in DAYS.items()],
        "parts": [
            Tick("parts", value, words, value in said.getlist("parts"))
            for value, words in PARTS_OF_DAY.items()
        ],
        "offers_video": any(row.appointment.place.kind != PlaceKind.TELEHEALTH for row in waiting),
        "video": said.get("video") == "1",
    }
    return show(request, visit, "write.html", shown | (context or {}), status=status)


def _after_a_word(waiting: Sequence[RescheduleRequest], visit: Visit) -> list[str]:
    """Return what will become of each open request once the client has written, with the deadline that their word leaves."""
    sentences = []
    for row in waiting:
        deadline = row.deadline_at
        # Only the first word moves it.
        if row.client_wrote_at is None:
            deadline = moved_for_word(
                deadline, word_at=visit.now, starts_at=row.asked_starts_at, policy=visit.practice.rules
            )
        sentence = silent(row, visit, deadline=deadline).sentence()
        if len(waiting) > 1:
            when = Clock.at(row.appointment.place, own=visit.zone).when(row.asked_starts_at, now=visit.now)
            sentence = _("%(when)s: %(sentence)s") % {"when": when, "sentence": sentence}
        sentences.append(sentence)
    return sentences


def _waiting(visit: Visit) -> list[RescheduleRequest]:
    """Return the batch's requests that wait for an answer, soonest deadline first."""
    if not isinstance(visit.about, RescheduleBatch):
        return []
    requests = requests_of(batch=visit.about.pk)
    waiting = [row for row in requests if waits(row, now=visit.now)]
    for row in waiting:
        row.appointment.client = visit.client
    return waiting
