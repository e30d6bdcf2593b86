"""Setting a practice up: all that a first manager finds, the tests of what sends its messages, and the end of the list."""

from datetime import datetime, timedelta

from raincheck.actions.access.invitations import make_invitation
from raincheck.actions.engine.locks import lock, refuse_what_is_not_theirs
from raincheck.actions.engine.runner import Answer
from raincheck.data.models import AppointmentType, Place, Practice
from raincheck.domain.access.invitations import Invitee
from raincheck.domain.appointments.lifecycle import PlaceKind, TypeKind
from raincheck.domain.notifications import Channel, Outcome
from raincheck.domain.people import Actor
from raincheck.domain.practice import PRACTICE_NAME_LIMIT, PlaceDetails, TypeDetails, named
from raincheck.domain.zones import zone_named

MINUTES = timedelta(minutes=1)
ANSWER_KEPT = 300
"""Characters of what a server says; the first ones tell."""
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
    called = named(name, limit=PRACTICE_NAME_LIMIT, field="practice")
    practice = Practice(name=called, zone=zone, being_set_up=True)
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


def put_checklist_away(practice_id: int) -> Answer:
    """Take the list of what is still to be done off Home, for all managers."""
    practice = lock(practices=[practice_id]).practices[practice_id]
    practice.being_set_up = False
    practice.save(update_fields=["being_set_up"])
    return {"practice": str(practice.ref)}


def begin_sender_test(practice_id: int, *, channel: Channel, to: str, now: datetime) -> Answer:
    """Write down that a test message is about to be sent; until its outcome is known it counts as unknown."""
    practice = lock(practices=[practice_id]).practices[practice_id]
    return _keep_test(practice, channel, to=to, outcome=Outcome.UNKNOWN, answer="", at=now)


def end_sender_test(
    practice_id: int, *, channel: Channel, to: str, outcome: Outcome, answer: str, now: datetime
) -> Answer:
    """Keep what a mail server or gateway made of a test message, in its own words; a manager reads them on Home."""
    practice = lock(practices=[practice_id]).practices[practice_id]
    return _keep_test(practice, channel, to=to, outcome=outcome, answer=answer[:ANSWER_KEPT], at=now)


def _keep_test(
    practice: Practice, channel: Channel, *, to: str, outcome: Outcome, answer: str, at: datetime
) -> Answer:
    kept = {"to": to, "outcome": str(outcome), "answer": answer, "at": at.isoformat()}
    practice.sender_tests = practice.sender_tests | {str(channel): kept}
    practice.save(update_fields=["sender_tests"])
    return {"channel": str(channel), "outcome": str(outcome)}
