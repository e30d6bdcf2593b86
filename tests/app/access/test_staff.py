"""Who of a practice a user is: the same rows as Django's own reading finds, in one query."""

from __future__ import annotations

from django.db import connection
from django.forms.models import model_to_dict
from django.test.utils import CaptureQueriesContext
from tests.app.cast import NOW, Cast
from tests.app.staff_browser import manager

from raincheck.data.people import Membership, User
from raincheck.domain.people import Role
from raincheck.queries.staff import at_work


def test_a_provider_is_found_with_practice_and_calendar_in_one_query(cast: Cast) -> None:
    user = User.objects.get(email="okafor@harbor.example")
    with CaptureQueriesContext(connection) as made:
        found = at_work(user.pk)
        assert found is not None
        own = found.membership
        rows = [own, own.practice, own.provider, own.provider.practice]
    assert len(made) == 1
    kept = Membership.objects.select_related("practice", "provider").get(user=user)
    expected = [kept, kept.practice, kept.provider, kept.practice]
    assert [model_to_dict(row) for row in rows] == [model_to_dict(row) for row in expected]
    assert found.roles == {Role.PROVIDER: kept.pk}


def test_a_manager_is_found_without_a_calendar(cast: Cast) -> None:
    manager(cast)
    found = at_work(User.objects.get(email="sasha@harbor.example").pk)
    assert found is not None
    own = found.membership
    assert (own.role, own.practice, own.provider) == ("manager", cast.practice, None)
    assert found.roles == {Role.MANAGER: own.pk}


def test_who_is_several_is_found_as_the_provider_with_every_role_that_has_not_ended(cast: Cast) -> None:
    user = User.objects.get(email="okafor@harbor.example")
    own = Membership.objects.get(user=user)
    held = [
        Membership.objects.create(practice=practice, user=user, role=role, ended_at=ended_at)
        for practice, role, ended_at in (
            (cast.practice, Role.MANAGER, None),
            (cast.practice, Role.SCHEDULER, NOW),
            (cast.elsewhere, Role.MANAGER, None),
        )
    ]
    found = at_work(user.pk)
    assert found is not None
    assert found.membership == own
    assert found.roles == {Role.PROVIDER: own.pk, Role.MANAGER: held[0].pk}


def test_who_was_let_go_is_nobody_at_work(cast: Cast) -> None:
    user = User.objects.get(email="okafor@harbor.example")
    Membership.objects.filter(user=user).update(ended_at=NOW)
    assert at_work(user.pk) is None


def test_a_client_is_nobody_at_work(cast: Cast) -> None:
    assert at_work(User.objects.get(email="riley@clients.example").pk) is None
