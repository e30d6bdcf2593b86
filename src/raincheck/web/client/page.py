"""What every page of a client shares: the practice, whose page it is, the zone of its times, and how an answer is carried out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from raincheck.actions.engine.runner import Answer, run_command
from raincheck.actions.reschedule.links import mark_opened
from raincheck.data.reschedule import RescheduleBatch
from raincheck.domain.appointments import ClientElsewhere, SlotTaken
from raincheck.domain.refusals import Refusal
from raincheck.domain.sentences import _
from raincheck.web.client.visits import Visit
from raincheck.web.submission import Submission, key_of, sentence_of

FOR_CLIENTS: dict[type[Refusal], str] = {
    ClientElsewhere: _(
        "You have another appointment at that time. Nothing was changed; please choose another time."
    ),
}
"""Sentences that are written for the practice, in the words a client reads."""
WHEN_BOOKING: dict[type[Refusal], str] = {
    SlotTaken: _("That time was just taken. Nothing was booked; please choose another time."),
}


def show(
    request: HttpRequest, visit: Visit, template: str, context: Mapping[str, Any], *, status: int = 200
) -> HttpResponse:
    """Render one of a client's pages; the key is a refused form's own again, else a fresh one."""
    values = {
        "visit": visit,
        "practice": visit.practice,
        "client": visit.client,
        "provider": visit.provider.short_name,
        "now": visit.now,
        "home": visit.address(),
        "zone_url": visit.address("zone"),
        "not_you_url": visit.address("not-you"),
        "write_url": visit.address("write"),
        "key": key_of(request),
    }
    return render(request, f"raincheck/client/{template}", {**values, **context}, status=status)


def answer(request: HttpRequest, visit: Visit, verb: Callable[..., Answer]) -> Answer:
    """Carry a verb out for the client. Any answer, taken or refused, also counts as having opened the page."""
    note_opened(visit)
    return Submission.of(request, by=visit.actor).run(verb)


def note_opened(visit: Visit) -> None:
    """Remember the first sign of life from the page of a batch."""
    batch = visit.about
    if isinstance(batch, RescheduleBatch) and batch.opened_at is None:
        run_command(
            lambda: mark_opened(batch, now=visit.now), key=None, body={}, by=visit.actor, now=visit.now
        )


def said_to_client(refusal: Refusal, *, booking: bool = False) -> str:
    """Return a refusal in words for the client, with its values filled in; `booking` when no appointment stands."""
    words = FOR_CLIENTS | (WHEN_BOOKING if booking else {})
    sentence = words.get(type(refusal))
    return gettext(sentence) if sentence else sentence_of(refusal)
