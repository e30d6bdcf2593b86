"""The frame of every page of a client, how an answer from one is carried out, and the file for the client's own calendar."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from raincheck import clock
from raincheck.actions.engine.runner import Answer, run_command
from raincheck.actions.reschedule.links import mark_opened
from raincheck.data.models import Appointment, RescheduleBatch
from raincheck.domain.appointments.lifecycle import ClientElsewhere, PlaceKind, RoomTaken, SlotTaken, Status
from raincheck.domain.refusals import Refusal
from raincheck.domain.reschedule.holds import HeldAsLongAsCanBe, HoldEnded, TooManyHeld, TooManyHolds
from raincheck.domain.reschedule.lifecycle import AlreadySettled
from raincheck.domain.sentences import _
from raincheck.notifications.calendar_entries import calendar_entry
from raincheck.notifications.series_entries import sequence_of
from raincheck.notifications.urgent_help import urgent_help
from raincheck.web import streams
from raincheck.web.client import access_denied
from raincheck.web.client.link_access import Visit
from raincheck.web.client.picker import carried
from raincheck.web.client.times import Clock
from raincheck.web.submission import Submission, key_of, sentence_of

FOR_CLIENTS: dict[type[Refusal], str] = {
    ClientElsewhere: _(
        "You have another appointment at that time. Nothing was changed; please choose another time."
    ),
    # Which room it is, and that somebody else is in it, is the practice's business.
    RoomTaken: SlotTaken.sentence,
    AlreadySettled: _("This was settled before your answer came in. This is how things stand now."),
}
"""Sentences that are written for the practice, in the words a client reads."""
WHEN_BOOKING: dict[type[Refusal], str] = {
    **{
        kind: _("That time was just taken. Nothing was booked; please choose another time.")
        for kind in (SlotTaken, RoomTaken)
    },
    TooManyHeld: _(
        "Two of your times are held already, so this one isn't. You can still book it while it is open."
    ),
    TooManyHolds: _(
        "You have looked at many times in a row, so this one isn't held. You can still book it while it is open."
    ),
    HoldEnded: _("This time is no longer held for you. You can still book it while it is open."),
    HeldAsLongAsCanBe: _("A time can't be held longer than this. You can still book it while it is open."),
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
        "provider_left": visit.provider.left_at is not None,
        "now": visit.now,
        "urgent_help": urgent_help(visit.practice, zone=visit.zone),
        # Whatever is chosen so far goes along, so that it is not lost on the way back.
        "home": f"{visit.address()}{carried(request)}",
        "zone_url": f"{visit.address('zone')}{carried(request)}",
        "not_you_url": visit.address("not-you"),
        "write_url": f"{visit.address('write')}{carried(request)}",
        # Somebody was quicker, or something took long: that is nobody's mistake, and never red.
        "calm": status in (HTTPStatus.CONFLICT, HTTPStatus.SERVICE_UNAVAILABLE),
        "key": key_of(request),
    }
    return render(request, f"raincheck/client/{template}", {**values, **context}, status=status)


def answer(request: HttpRequest, visit: Visit, verb: Callable[..., Answer]) -> Answer:
    """Carry a verb out for the client. Any answer, taken or refused, also counts as having opened the page."""
    # First, and in a transaction of its own: a refused answer rolls back, the sign of life stays.
    note_opened(visit)
    return Submission.of(request, by=visit.actor).run(verb)


def note_opened(visit: Visit) -> None:
    """Remember the first sign of life from the page of a batch."""
    batch = visit.about
    # Only the first one counts, so later answers write nothing here.
    if isinstance(batch, RescheduleBatch) and batch.opened_at is None:
        run_command(
            lambda: mark_opened(batch, now=visit.now), key=None, body={}, by=visit.actor, now=visit.now
        )


def said_to_client(refusal: Refusal, *, booking: bool = False) -> str:
    """Return a refusal in words for the client, with its values filled in; `booking` when no appointment stands."""
    words = FOR_CLIENTS | (WHEN_BOOKING if booking else {})
    sentence = words.get(type(refusal))
    return gettext(sentence) if sentence else sentence_of(refusal)


def times_stream(visit: Visit) -> str:
    """Return where a page of times hears that those of its provider have changed."""
    return streams.address_for(visit.provider.pk, now=clock.real_now())


def calendar_file(request: HttpRequest, visit: Visit, appointment: Appointment) -> HttpResponse:
    """Answer with an upcoming appointment under its lasting UID; there is no file of one that is over or canceled."""
    if appointment.status != Status.SCHEDULED or appointment.starts_at <= visit.now:
        return access_denied.unknown(request)
    place, practice, series = appointment.place, visit.practice, appointment.series
    text = calendar_entry(
        uid=series.ical_uid if series else appointment.ical_uid,
        sequence=sequence_of(series, appointment.ical_sequence) if series else appointment.ical_sequence,
        # A file somebody fetches invites nobody, so it names no attendee (RFC 5546, 3.2.1).
        method="PUBLISH",
        start=appointment.starts_at,
        end=appointment.ends_at,
        zone=series.zone if series else Clock.at(place, own=visit.zone).shown,
        recurrence_id=appointment.recurrence_id,
        organizer_email=practice.reply_to or settings.EMAIL_FROM,
        organizer_name=practice.sender,
        attendee_email="",
        location=appointment.join_url if place.kind == PlaceKind.TELEHEALTH else place.address or place.name,
        made_at=visit.now,
    )
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8; method=PUBLISH")
    # A neutral name: it stays in a list of downloads that others may see.
    response["Content-Disposition"] = 'attachment; filename="appointment.ics"'
    return response
