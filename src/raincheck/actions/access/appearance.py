"""Changing how somebody is shown: their color and photo. Managers change everybody's, others their own."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from uuid import UUID

from raincheck.actions.access.rights import record_rights, refuse_former_manager
from raincheck.actions.engine.locks import lock
from raincheck.actions.engine.runner import Answer
from raincheck.data.models import Appearance, Membership, Practice, User
from raincheck.domain.access.appearance import Color, UnknownColor, next_color
from raincheck.domain.access.people import PersonGone, RightsEvent
from raincheck.domain.people import STAFF_ROLES, Actor, ActorKind, NotInThisPractice


def change_appearance(
    ref: UUID, *, practice_id: int, color: str, photo: bytes | None, by: Actor, now: datetime
) -> Answer:
    """Give somebody a color, and a photo when there is one; without one the photo they have stays.

    The photo is taken as it is: whoever calls has made it of a stranger's file. Raises UnknownColor, PersonGone or NotInThisPractice.
    """
    if color not in set(Color):
        raise UnknownColor
    practice, user = _whose(ref, practice_id=practice_id, by=by)
    shown = give_color(practice, user)
    changed = []
    if shown.color != color:
        shown.color = color
        changed.append("color")
    if photo is not None and shown.photo_hash != sha256(photo).hexdigest():
        shown.photo, shown.photo_hash = photo, sha256(photo).hexdigest()
        changed.append("photo")
    if changed:
        shown.save(update_fields=["color", "photo", "photo_hash"])
        record_rights(practice, user, RightsEvent.DETAILS_CHANGED, words=changed, by=by, now=now)
    return {"person": str(ref)}


def remove_photo(ref: UUID, *, practice_id: int, by: Actor, now: datetime) -> Answer:
    """Take somebody's photo away; twice changes nothing. Raises PersonGone."""
    practice, user = _whose(ref, practice_id=practice_id, by=by)
    had_one = Appearance.objects.filter(practice=practice, user=user).exclude(photo_hash="")
    if had_one.update(photo=None, photo_hash=""):
        record_rights(practice, user, RightsEvent.DETAILS_CHANGED, words=["photo"], by=by, now=now)
    return {"person": str(ref)}


def give_color(practice: Practice, user: User) -> Appearance:
    """Return how somebody is shown, locked; who has no color yet gets the next free one. A step, not a verb."""
    shown = Appearance.objects.select_for_update(no_key=True).filter(practice=practice, user=user)
    if not shown.exists():
        taken = Appearance.objects.filter(practice=practice).values_list("color", flat=True)
        # Somebody else may give them one in this instant: theirs counts then.
        new = Appearance(practice=practice, user=user, color=next_color(taken))
        Appearance.objects.bulk_create([new], ignore_conflicts=True)
    return shown.get()


def _whose(ref: UUID, *, practice_id: int, by: Actor) -> tuple[Practice, User]:
    """Return the practice and somebody of it whom `by` may change. Raises PersonGone, or NotInThisPractice for others than oneself."""
    rows = Membership.objects.filter(practice=practice_id, user__ref=ref, role__in=STAFF_ROLES)
    if by.kind is ActorKind.MANAGER:
        refuse_former_manager(lock(practices=[practice_id]).practices[practice_id], by=by)
    elif by.kind is ActorKind.PROVIDER:
        rows = rows.filter(provider=by.who or 0, ended_at__isnull=True)
    elif by.kind is ActorKind.SCHEDULER:
        rows = rows.filter(pk=by.who or 0, ended_at__isnull=True)
    else:
        raise NotInThisPractice
    held = rows.select_related("user", "practice").first()
    if held is None:
        raise PersonGone if by.kind is ActorKind.MANAGER else NotInThisPractice
    return held.practice, held.user
