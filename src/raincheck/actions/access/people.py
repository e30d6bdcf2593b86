"""Changing what somebody may do in a practice, and ending their access; nobody ever manages a practice that has no manager."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from raincheck.actions.access.invitations import GRID_STEP
from raincheck.actions.access.rights import record_rights, refuse_former_manager, take_second_factor_away
from raincheck.actions.appointments.claims import free_holds
from raincheck.actions.engine.locks import lock
from raincheck.actions.engine.runner import Answer
from raincheck.actions.engine.side_effects import history_row, make_tasks
from raincheck.data.access.invitations import UNUSED
from raincheck.data.access.people import changes_of_rights
from raincheck.data.calendars.feeds import live_feeds
from raincheck.data.models import (
    AppointmentHistory,
    EmergencyAccess,
    Hold,
    Invitation,
    Membership,
    Practice,
    Provider,
    RescheduleRequest,
    Task,
    User,
)
from raincheck.data.reschedule.request import OPEN
from raincheck.domain.access.people import (
    AddressInUse,
    AddressIsTheirOwn,
    Person,
    PersonChangedMeanwhile,
    PersonGone,
    RightsEvent,
    SecondFactorIsTheirOwn,
    refuse_without_manager,
    sound_person,
)
from raincheck.domain.appointments.lifecycle import History
from raincheck.domain.people import STAFF_ROLES, Actor, Role
from raincheck.domain.reschedule.lifecycle import NeedsProvider
from raincheck.domain.tasks import TaskKind


@dataclass(slots=True)
class Held:
    """Somebody's place in a practice that is locked: their memberships there by role, ended ones too."""

    practice: Practice
    user: User
    memberships: dict[Role, Membership]

    @property
    def roles(self) -> set[Role]:
        return {role for role, held in self.memberships.items() if held.ended_at is None}

    @property
    def provider(self) -> Provider | None:
        held = self.memberships.get(Role.PROVIDER)
        return held.provider if held else None


def change_person(
    ref: UUID, *, practice_id: int, said: Person, seen: int, by: Actor, now: datetime
) -> Answer:
    """Change somebody's name, address and roles. Who is a provider no more leaves the calendar as at the end of access.

    `seen` is how many changes there were when the form was made: PersonChangedMeanwhile when there are more by now.
    """
    said = sound_person(said)
    held = _held(ref, practice_id=practice_id, seen=seen, by=by)
    if not held.roles:
        raise PersonChangedMeanwhile
    refuse_without_manager(held.roles, said.roles, other_managers=_others_manage(held))
    words = _rename(held, said, now=now)
    given, ended = said.roles - held.roles, held.roles - said.roles
    for role in given:
        _give(held, role, said, now=now)
    _end(held, ended, now=now)
    if words:
        record_rights(held.practice, held.user, RightsEvent.DETAILS_CHANGED, words=words, by=by, now=now)
    if given or ended:
        record_rights(
            held.practice, held.user, RightsEvent.ROLES_CHANGED, given=given, ended=ended, by=by, now=now
        )
    if Role.PROVIDER in ended:
        _leave_calendar(held, by=by, now=now)
    return {"person": str(ref)}


def end_access(ref: UUID, *, practice_id: int, by: Actor, now: datetime) -> Answer:
    """End everything that somebody may do here, at once. What was booked stands until a manager decides.

    Nobody finds a time of theirs any more, their calendar addresses end, and their open requests wait for a person.
    """
    held = _held(ref, practice_id=practice_id, seen=None, by=by)
    ended = held.roles
    if not ended:
        return {"person": str(ref)}  # somebody else was quicker, with the same
    refuse_without_manager(ended, (), other_managers=_others_manage(held))
    _end(held, ended, now=now)
    record_rights(held.practice, held.user, RightsEvent.ENDED, ended=ended, by=by, now=now)
    if Role.PROVIDER in ended:
        _leave_calendar(held, by=by, now=now)
    return {"person": str(ref)}


def give_access_back(ref: UUID, *, practice_id: int, by: Actor, now: datetime) -> Answer:
    """Let somebody in again, as what they were when their access ended."""
    held = _held(ref, practice_id=practice_id, seen=None, by=by)
    if held.roles:
        return {"person": str(ref)}
    latest = max(one.ended_at for one in held.memberships.values() if one.ended_at is not None)
    back = {role for role, one in held.memberships.items() if one.ended_at == latest}
    for role in back:
        _give(held, role, None, now=now)
    record_rights(held.practice, held.user, RightsEvent.GIVEN_BACK, given=back, by=by, now=now)
    return {"person": str(ref)}


def reset_second_factor(ref: UUID, *, practice_id: int, by: Actor, now: datetime) -> Answer:
    """Take away what somebody proves besides their password, and sign them out: they set it up anew at the next sign-in.

    Raises SecondFactorIsTheirOwn for one's own, and for whoever works in another practice too.
    """
    held = _held(ref, practice_id=practice_id, seen=None, by=by)
    elsewhere = Membership.objects.filter(user=held.user, role__in=STAFF_ROLES, ended_at__isnull=True)
    if elsewhere.exclude(practice=held.practice).exists() or by.who in [
        one.pk for one in held.memberships.values()
    ]:
        raise SecondFactorIsTheirOwn
    take_second_factor_away(held.practice, held.user, by=by, now=now)
    return {"person": str(ref)}


def _held(ref: UUID, *, practice_id: int, seen: int | None, by: Actor) -> Held:
    """Return somebody of a practice, with the practice locked: of two who change its people the second sees what the first did."""
    practice = lock(practices=[practice_id]).practices[practice_id]
    refuse_former_manager(practice, by=by)
    rows = Membership.objects.filter(practice=practice, user__ref=ref, role__in=STAFF_ROLES)
    memberships = {Role(one.role): one for one in rows.select_related("user", "provider").order_by("pk")}
    if not memberships:
        raise PersonGone
    user = next(iter(memberships.values())).user
    if seen is not None and seen != changes_of_rights(practice.pk, user.pk):
        raise PersonChangedMeanwhile
    return Held(practice, user, memberships)


def _others_manage(held: Held) -> bool:
    managers = Membership.objects.filter(practice=held.practice, role=Role.MANAGER, ended_at__isnull=True)
    return managers.exclude(user=held.user).exists()


def _rename(held: Held, said: Person, *, now: datetime) -> list[str]:
    """Give somebody the words that were said of them, and return which of them are new."""
    user, provider = held.user, held.provider
    changed = [] if user.name == said.name else ["name"]
    if user.email != said.email:
        _refuse_foreign_address(held, said.email)
        _take_links_back(held, now=now)
        changed.append("email")
    user.name, user.email = said.name, said.email
    user.save(update_fields=["name", "email"])
    if provider is None:
        return changed
    changed += [
        field for field in ("short_name", "join_url") if getattr(provider, field) != getattr(said, field)
    ]
    licensed_in = list(said.licensed_in)
    changed += ["licensed_in"] if provider.licensed_in != licensed_in else []
    provider.name, provider.short_name = said.name, said.short_name
    provider.email, provider.join_url, provider.licensed_in = said.email, said.join_url, licensed_in
    provider.save(update_fields=["name", "short_name", "email", "join_url", "licensed_in"])
    return changed


def _refuse_foreign_address(held: Held, email: str) -> None:
    if User.objects.filter(email=email).exclude(pk=held.user.pk).exists():
        raise AddressInUse
    # Whoever changes it could enter elsewhere by the new one.
    elsewhere = Membership.objects.filter(user=held.user).exclude(
        practice=held.practice, role__in=STAFF_ROLES
    )
    if elsewhere.exists():
        raise AddressIsTheirOwn


def _give(held: Held, role: Role, said: Person | None, *, now: datetime) -> None:
    """Make somebody what they were not, or are no more: with the calendar that they had, or a new one without hours."""
    if role is Role.MANAGER:
        _take_links_back(held, now=now)
    membership = held.memberships.get(role)
    if membership is not None:
        membership.ended_at = None
        membership.save(update_fields=["ended_at"])
        if membership.provider is not None:
            Provider.objects.filter(pk=membership.provider.pk).update(left_at=None)
        return
    membership = Membership(practice=held.practice, user=held.user, role=role)
    if role is Role.PROVIDER and said is not None:
        provider = Provider(
            practice=held.practice,
            name=said.name,
            short_name=said.short_name,
            email=said.email,
            join_url=said.join_url,
            licensed_in=list(said.licensed_in),
            zone=held.practice.zone,
            availability_changed_at=now,
            grid_step=GRID_STEP,
        )
        provider.save(force_insert=True)
        membership.provider = provider
    membership.save(force_insert=True)


def _end(held: Held, roles: set[Role] | frozenset[Role], *, now: datetime) -> None:
    ended = [one.pk for role, one in held.memberships.items() if role in roles]
    Membership.objects.filter(pk__in=ended, ended_at__isnull=True).update(ended_at=now)
    if Role.MANAGER in roles:
        # Given back within the hour, a right opens no conversation by itself.
        EmergencyAccess.objects.filter(manager__in=ended, ends_at__gt=now).update(ends_at=now)
        _take_links_back(held, now=now)


def _take_links_back(held: Held, *, now: datetime) -> None:
    """End the operator's link to somebody's address: it was made for who they were, and would do something else now."""
    theirs = Invitation.objects.filter(UNUSED, practice=held.practice, email=held.user.email)
    theirs.update(revoked_at=now)


def _leave_calendar(held: Held, *, by: Actor, now: datetime) -> None:
    """Take a provider's times and addresses away, and hand what is open to a person."""
    assert held.provider is not None, "a provider has a calendar"
    provider = lock(providers=[held.provider.pk]).providers[held.provider.pk]
    provider.left_at = now
    provider.save(update_fields=["left_at"])
    live_feeds(provider).update(ended_at=now)
    # Nobody is there who could keep what is held.
    free_holds(list(Hold.objects.filter(provider=provider).values_list("pk", flat=True)))
    _ask_a_person(provider, by=by, now=now)
    # What the provider would have had an hour for is a manager's at once.
    waiting = Task.objects.filter(provider=provider, done_at__isnull=True, for_managers_at__gt=now)
    waiting.update(for_managers_at=now)


def _ask_a_person(provider: Provider, *, by: Actor, now: datetime) -> None:
    """Let the provider's open requests wait for a person: their clients find no times, and silence cancels nothing."""
    # Under the provider's lock none can come or go.
    found = RescheduleRequest.objects.filter(OPEN, provider=provider, needs_provider__isnull=True)
    ids = list(found.values_list("pk", "appointment", "client"))
    locked = lock(
        clients=[client for _pk, _appointment, client in ids],
        appointments=[appointment for _pk, appointment, _client in ids],
        requests=[pk for pk, _appointment, _client in ids],
    )
    requests = list(locked.requests.values())
    for request in requests:
        request.needs_provider, request.needs_provider_at = NeedsProvider.PROVIDER_LEFT, now
    RescheduleRequest.objects.bulk_update(requests, ["needs_provider", "needs_provider_at"])
    details: dict[str, str | int] = {"why": str(NeedsProvider.PROVIDER_LEFT)}
    AppointmentHistory.objects.bulk_create(
        history_row(
            locked.appointments[request.appointment_id],
            History.NEEDS_PROVIDER,
            by=by,
            now=now,
            request=request,
            details=details,
        )
        for request in requests
    )
    make_tasks(TaskKind.NEEDS_PROVIDER, requests, now=now)
