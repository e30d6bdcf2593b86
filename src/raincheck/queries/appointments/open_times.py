"""Open times of one provider for a type of appointment, for whoever looks at the calendar."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from raincheck.data.models import AppointmentType, Practice, Provider
from raincheck.data.rows import columns, row_of
from raincheck.data.slots import NOBODY, Session, slot_question, taken_time
from raincheck.domain.slots import last_start, open_slots
from raincheck.domain.spans import Span


@dataclass(frozen=True, slots=True)
class Wanted:
    """A type of appointment and the ref of the place it is wanted at; None is any place."""

    kind: AppointmentType
    place: str | None


# Plain SQL: Django takes longer to write it than the database to answer it. The cast, since a parameter that is only compared
# with NULL has no type that the server could tell.
WANTED = f"""
SELECT {columns(AppointmentType, "type")} FROM raincheck_appointmenttype type WHERE type.practice_id = %(practice)s AND type.ref = %(type)s
AND (%(place)s::uuid IS NULL OR EXISTS (
    SELECT FROM raincheck_place place WHERE place.practice_id = type.practice_id AND place.ref = %(place)s
))
"""


def wanted_in(practice: Practice, *, kind: UUID, place: UUID | None) -> Wanted | None:
    """Return what is asked for, in one query; None when the practice does not have the type or the place."""
    with connection.cursor() as cursor:
        cursor.execute(WANTED, {"practice": practice.pk, "type": kind, "place": place})
        found = cursor.fetchone()
    return Wanted(row_of(AppointmentType, found), str(place) if place else None) if found else None


def open_times(
    provider: Provider, wanted: Wanted, *, practice: Practice, within: Span, now: datetime
) -> Sequence[datetime]:
    """Return every start (UTC) in `within` that a new booking could have, soonest first, in one query.

    The practice's notice for new bookings and its horizon count, as they do for a client who books.
    """
    policy = practice.rules
    question = slot_question(
        provider,
        taken_time(provider.pk, client_id=NOBODY, within=within, now=now),
        session=Session.of_type(wanted.kind, place=wanted.place),
        client_id=NOBODY,
        within=within,
        earliest_at=now + policy.booking_notice,
        latest_at=last_start(now=now, policy=policy),
    )
    return open_slots(question)
