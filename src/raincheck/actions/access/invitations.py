"""Inviting somebody into a practice, taking an invitation back, and accepting it."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from raincheck.actions.access.appearance import give_color
from raincheck.actions.access.read_log import record_event
from raincheck.actions.access.rights import record_rights, refuse_former_manager, take_second_factor_away
from raincheck.actions.engine.locks import ReadAgain, lock
from raincheck.actions.engine.runner import Answer
from raincheck.data.access.invitations import UNUSED, manages
from raincheck.data.encryption import INVITATIONS, seal
from raincheck.data.models import Invitation, Membership, Notification, Practice, Provider, User
from raincheck.domain.access.events import Event
from raincheck.domain.access.invitations import (
    CLOSED,
    PEOPLES_LIVE,
    AlreadyHere,
    InvitationGone,
    InvitationState,
    InvitationUsed,
    Invitee,
    PasswordIsKept,
    WayBackNeedsPassword,
    WorksHere,
    digest_of,
    short_name_of,
)
from raincheck.domain.access.people import RightsEvent
from raincheck.domain.notifications import RETRIED_FOR, Channel, NotificationType
from raincheck.domain.people import SYSTEM, Actor, ActorKind, Role
from raincheck.notifications.outbox import queue

GRID_STEP = timedelta(minutes=30)
"""How far apart a new provider's times begin, until they choose otherwise."""


def invite(
    practice_id: int, *, who: Invitee, digest: bytes, lives: timedelta, by: Actor, now: datetime
) -> Answer:
    """Make somebody's invitation, known by the digest of its token; an earlier one that they have not used ends at once.

    Raises AlreadyHere when they have all these roles already; for an operator the link to a manager is their way back.
    """
    practice = lock(practices=[practice_id]).practices[practice_id]
    ref = make_invitation(practice, who=who, digest=digest, lives=lives, by=by, now=now)
    return {"invitation": str(ref)}


def invite_by_mail(practice_id: int, *, who: Invitee, token: str, by: Actor, now: datetime) -> Answer:
    """Make somebody's invitation and send its link to them alone; an earlier one that they have not used ends at once.

    Raises WorksHere when the address is somebody's who works in this practice.
    """
    practice = lock(practices=[practice_id]).practices[practice_id]
    refuse_former_manager(practice, by=by)
    here = Membership.objects.filter(practice=practice, user__email=who.email, ended_at__isnull=True)
    if here.exclude(role=Role.CLIENT).exists():
        raise WorksHere(email=who.email)
    ref = make_invitation(practice, who=who, digest=digest_of(token), lives=PEOPLES_LIVE, by=by, now=now)
    row = Notification(
        practice=practice,
        user=_reserved(who),
        channel=Channel.EMAIL,
        kind=NotificationType.INVITATION,
        made_at=now,
        due_at=now,
        give_up_at=now + RETRIED_FOR,
        # Sealed as a code to sign in is, and gone once it was handed over.
        facts={
            "token": seal(token.encode(), purpose=INVITATIONS).decode("ascii"),
            "days": PEOPLES_LIVE // timedelta(days=1),
        },
    )
    row.save(force_insert=True)
    queue([row], now=now)
    return {"invitation": str(ref)}


def revoke_invitation(ref: UUID, *, practice_id: int, by: Actor, now: datetime) -> Answer:
    """Take an invitation back; doing it twice changes nothing. Raises InvitationUsed when somebody was quicker."""
    lock(practices=[practice_id])
    invitation = Invitation.objects.filter(practice=practice_id, ref=ref).first()
    if invitation is None:
        raise InvitationGone
    if invitation.used_at is not None:
        raise InvitationUsed
    if invitation.revoked_at is None:
        invitation.revoked_at, invitation.revoked_by_kind, invitation.revoked_by = now, by.kind, by.who
        invitation.save(update_fields=["revoked_at", "revoked_by_kind", "revoked_by"])
        _record(Event.INVITATION_REVOKED, invitation, by=by, now=now)
    return {"invitation": str(ref)}


def accept_invitation(ref: UUID, *, password: str | None, now: datetime) -> Answer:
    """Make whoever holds the link part of the practice, with the roles it names.

    `password` is a new one, encoded; None when they have shown with their own who they are. One that stands is replaced
    by a way back alone, else PasswordIsKept. Raises what the invitation has become when it is open no more.
    """
    found = Invitation.objects.filter(ref=ref).values_list("practice", flat=True).first()
    if found is None:
        raise InvitationGone
    practice = lock(practices=[found]).practices[found]
    invitation = Invitation.objects.get(ref=ref)
    state = invitation.state(now=now)
    if state is not InvitationState.OPEN:
        raise CLOSED[state]
    if invitation.is_way_back():
        user = _brought_back(practice, invitation, password=password, now=now)
    else:
        user = _joined(practice, invitation, password=password, now=now)
    invitation.used_at, invitation.used_by = now, user
    invitation.save(update_fields=["used_at", "used_by"])
    _record(Event.INVITATION_USED, invitation, by=SYSTEM, now=now, user=user)
    return {"user": str(user.ref), "practice": str(practice.ref)}


def _joined(practice: Practice, invitation: Invitation, *, password: str | None, now: datetime) -> User:
    # Locked until the end; made when nobody signs in with the invitation's address.
    user = _reserved(invitation)
    if password is not None:
        if user.has_usable_password():
            raise PasswordIsKept
        user.password = password
        user.name = user.name or invitation.name
        user.save(update_fields=["password", "name"])
    for role in invitation.roles:
        _make_member(practice, user, Role(role), name=invitation.name, now=now)
    give_color(practice, user)
    # Given by whoever invited them.
    by = Actor(ActorKind(invitation.made_by_kind), invitation.made_by)
    given = [Role(role) for role in invitation.roles]
    record_rights(practice, user, RightsEvent.JOINED, given=given, by=by, now=now)
    return user


def _brought_back(practice: Practice, invitation: Invitation, *, password: str | None, now: datetime) -> User:
    """Give a manager the new password, and take away the second factor that they have lost."""
    if password is None:
        raise WayBackNeedsPassword
    user = User.objects.select_for_update(no_key=True).get(email=invitation.email)
    user.password = password
    user.save(update_fields=["password"])
    by = Actor(ActorKind(invitation.made_by_kind), invitation.made_by)
    take_second_factor_away(practice, user, by=by, now=now)
    return user


def make_invitation(
    practice: Practice, *, who: Invitee, digest: bytes, lives: timedelta, by: Actor, now: datetime
) -> UUID:
    """Write an invitation into a practice that is locked, or that nobody else sees yet, and return its ref. A step, not a verb."""
    mine = Membership.objects.filter(
        practice=practice, user__email=who.email, role__in=who.roles, ended_at__isnull=True
    )
    back = by.kind is ActorKind.OPERATOR and who.roles == (Role.MANAGER,) and manages(practice.pk, who.email)
    if mine.count() == len(who.roles) and not back:
        raise AlreadyHere(email=who.email)
    former = Invitation.objects.filter(UNUSED, practice=practice, email=who.email).update(revoked_at=now)
    invitation = Invitation(
        practice=practice,
        name=who.name,
        email=who.email,
        roles=[str(role) for role in who.roles],
        hash=digest,
        made_at=now,
        made_by_kind=by.kind,
        made_by=by.who,
        ends_at=now + lives,
    )
    invitation.save(force_insert=True)
    _record(Event.INVITED_AGAIN if former else Event.INVITED, invitation, by=by, now=now)
    return invitation.ref


def _record(
    what: Event, invitation: Invitation, *, by: Actor, now: datetime, user: User | None = None
) -> None:
    """Write what became of an invitation into the practice's read log; numbers only, so that it stays when a name goes."""
    detail = {"invitation": invitation.pk, "roles": invitation.roles} | ({"user": user.pk} if user else {})
    record_event(what, by=replace(by, practice=invitation.practice_id), now=now, detail=detail)


def _reserved(who: Invitee | Invitation) -> User:
    """Return whoever signs in with an address, locked, made when there is nobody: without a password nobody comes in by it."""
    # Two practices may invite the same new address at once: whoever is second finds the first one's user.
    new = User(email=who.email, name=who.name)
    new.set_unusable_password()
    User.objects.bulk_create([new], ignore_conflicts=True)
    # Locked: an import in another practice that brought them in may be undone in this instant, and they with it.
    found = User.objects.select_for_update(no_key=True).filter(email=who.email).first()
    if found is None:
        raise ReadAgain
    return found


def _make_member(practice: Practice, user: User, role: Role, *, name: str, now: datetime) -> None:
    former = Membership.objects.filter(practice=practice, user=user, role=role)
    # Who comes back has the calendar they had.
    if former.update(ended_at=None):
        Provider.objects.filter(pk__in=former.values("provider")).update(left_at=None)
        return
    provider = None
    if role is Role.PROVIDER:
        provider = Provider(
            practice=practice,
            name=name,
            short_name=short_name_of(name),
            email=user.email,
            zone=practice.zone,
            availability_changed_at=now,
            grid_step=GRID_STEP,
        )
        provider.save(force_insert=True)
    Membership(practice=practice, user=user, role=role, provider=provider).save(force_insert=True)
