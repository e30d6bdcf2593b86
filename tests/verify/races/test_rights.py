"""Changes of people's rights in the same instant: a practice keeps a manager, and nobody acts by a right that has ended."""

from __future__ import annotations

from functools import partial

import pytest
from tests.app.cast import FRIDAY_AT_NINE, NOW, Cast
from tests.verify.races.overlapping import Outcome, carried_out, second_while_first_is_uncommitted

from raincheck.actions.access.invitations import invite_by_mail
from raincheck.actions.access.people import change_person, end_access
from raincheck.actions.appointments.booking import Booking, book
from raincheck.actions.reschedule.answer import pick_new_time
from raincheck.data.models import Invitation
from raincheck.data.people import Membership, User
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.domain.access.invitations import sound_invitee
from raincheck.domain.access.people import LastManagerStays, OwnAccessEnded, Person, ProviderLeft
from raincheck.domain.appointments.lifecycle import SlotNotOpen
from raincheck.domain.people import Actor, ActorKind, Role

pytestmark = pytest.mark.sampled


def a_manager(cast: Cast, name: str) -> tuple[User, Actor]:
    user = User.objects.create_user(f"{name}@harbor.example", name=name.title())
    own = Membership.objects.create(practice=cast.practice, user=user, role=Role.MANAGER)
    return user, Actor(ActorKind.MANAGER, own.pk, practice=cast.practice.pk)


def managers(cast: Cast) -> list[str]:
    live = Membership.objects.filter(practice=cast.practice, role=Role.MANAGER, ended_at__isnull=True)
    return sorted(live.values_list("user__name", flat=True))


def ending(cast: Cast, user: User, by: Actor) -> partial[dict[str, str]]:
    return partial(end_access, user.ref, practice_id=cast.practice.pk, by=by, now=NOW)


def test_of_two_managers_who_end_each_other_at_once_one_stays(cast: Cast) -> None:
    (sasha, by_sasha), (noor, by_noor) = a_manager(cast, "sasha"), a_manager(cast, "noor")
    one, other = second_while_first_is_uncommitted(
        lambda hook: carried_out(ending(cast, noor, by_sasha), by=by_sasha, now=NOW, still_fresh=hook),
        lambda: carried_out(ending(cast, sasha, by_noor), by=by_noor, now=NOW),
    )
    assert (one, other) == ({"person": str(noor.ref)}, OwnAccessEnded)
    assert managers(cast) == ["Sasha"]


def test_whoever_is_no_manager_any_more_invites_nobody(cast: Cast) -> None:
    (_sasha, by_sasha), (noor, by_noor) = a_manager(cast, "sasha"), a_manager(cast, "noor")
    who = sound_invitee(name="Ada", email="ada@new.example", roles=["manager"])
    invite = partial(invite_by_mail, cast.practice.pk, who=who, token="t" * 22, by=by_noor, now=NOW)
    _ended, other = second_while_first_is_uncommitted(
        lambda hook: carried_out(ending(cast, noor, by_sasha), by=by_sasha, now=NOW, still_fresh=hook),
        lambda: carried_out(invite, by=by_noor, now=NOW),
    )
    assert (other, Invitation.objects.count()) == (OwnAccessEnded, 0)


def test_of_two_managers_who_both_step_down_at_once_one_stays(cast: Cast) -> None:
    (sasha, by_sasha), (noor, by_noor) = a_manager(cast, "sasha"), a_manager(cast, "noor")

    def stepping_down(user: User, by: Actor) -> partial[dict[str, str]]:
        said = Person(user.name, user.email, frozenset({Role.SCHEDULER}))
        return partial(
            change_person, user.ref, practice_id=cast.practice.pk, said=said, seen=0, by=by, now=NOW
        )

    one, other = second_while_first_is_uncommitted(
        lambda hook: carried_out(stepping_down(sasha, by_sasha), by=by_sasha, now=NOW, still_fresh=hook),
        lambda: carried_out(stepping_down(noor, by_noor), by=by_noor, now=NOW),
    )
    assert (one, other) == ({"person": str(sasha.ref)}, LastManagerStays)
    assert managers(cast) == ["Noor"]


def _end_okafor(cast: Cast) -> tuple[Actor, partial[dict[str, str]]]:
    _sasha, by = a_manager(cast, "sasha")
    return by, ending(cast, User.objects.get(memberships__provider=cast.okafor), by)


def test_a_pick_that_meets_the_end_of_its_provider_is_first_or_refused(cast: Cast) -> None:
    by, end = _end_okafor(cast)
    asked = cast.asked(cast.booked())
    pick = partial(pick_new_time, asked.ref, start=FRIDAY_AT_NINE, by=cast.by_riley, now=NOW)

    def picking() -> Outcome:
        return carried_out(pick, by=cast.by_riley, now=NOW)

    one, other = second_while_first_is_uncommitted(
        lambda hook: carried_out(end, by=by, now=NOW, still_fresh=hook), picking
    )
    assert (isinstance(one, dict), other) == (True, SlotNotOpen)
    left = RescheduleRequest.objects.get(pk=asked.pk)
    assert (left.state, left.needs_provider) == ("open", "provider_left")


def test_a_booking_that_meets_the_end_of_its_provider_is_refused(cast: Cast) -> None:
    by, end = _end_okafor(cast)
    booking = Booking(cast.okafor.pk, cast.riley.pk, cast.follow_up.pk, cast.telehealth.pk, FRIDAY_AT_NINE)
    one, other = second_while_first_is_uncommitted(
        lambda hook: carried_out(end, by=by, now=NOW, still_fresh=hook),
        lambda: carried_out(partial(book, booking, by=by, now=NOW), by=by, now=NOW),
    )
    assert (isinstance(one, dict), other) == (True, ProviderLeft)
