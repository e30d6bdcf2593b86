"""Setting a practice up: all that a first manager finds when they open their invitation."""

from datetime import datetime, timedelta

from raincheck.actions.access.invitations import make_invitation
from raincheck.actions.engine.locks import refuse_what_is_not_theirs
from raincheck.actions.engine.runner import Answer
from raincheck.data.models import AppointmentType, Place, Practice
from raincheck.domain.access.invitations import Invitee
from raincheck.domain.appointments import PlaceKind, TypeKind
from raincheck.domain.people import Actor
from raincheck.domain.practice import PRACTICE_NAME_LIMIT, PlaceDetails, TypeDetails, named
from raincheck.domain.zones import zone_named

MINUTES = timedelta(minutes=1)
FIRST_TYPES = [
    TypeDetails(name=name, kind=kind, length=length, buffer_before=0 * MINUTES, buffer_after=10 * MINUTES)
    for name, kind, length in (
        ("Follow-up", TypeKind.FOLLOW_UP, 50 * MINUTES),
        ("Intake", TypeKind.INTAKE, 80 * MINUTES),
    )
]
FIRST_PLACE = PlaceDetails(name="Video", kind=PlaceKind.TELEHEALTH)
"""What most practices offer; a manager changes it."""


def set_up_practice(
    *, name: str, zone: str, manager: Invitee, digest: bytes, lives: timedelta, by: Actor, now: datetime
) -> Answer:
    """Make a practice and the invitation of its first manager, known by the digest of its token.

    Who sends its messages, whom to call, and what to do in an emergency, a manager says; until then nobody is asked.
    """
    zone_named(zone)
    practice = Practice(name=named(name, limit=PRACTICE_NAME_LIMIT, field="practice"), zone=zone)
    practice.save(force_insert=True)
    refuse_what_is_not_theirs(practice)
    for offered in FIRST_TYPES:
        kind = AppointmentType(
            practice=practice,
            name=offered.name,
            kind=offered.kind,
            length=offered.length,
            buffer_before=offered.buffer_before,
            buffer_after=offered.buffer_after,
        )
        kind.save(force_insert=True)
    Place(practice=practice, name=FIRST_PLACE.name, kind=FIRST_PLACE.kind).save(force_insert=True)
    ref = make_invitation(practice, who=manager, digest=digest, lives=lives, by=by, now=now)
    return {"practice": str(practice.ref), "invitation": str(ref)}
