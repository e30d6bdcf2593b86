"""Who of a practice a user is: the same rows as Django's own reading finds, in one query."""

from __future__ import annotations

from django.db import connection
from django.forms.models import model_to_dict
from django.test.utils import CaptureQueriesContext
from tests.app.cast import Cast
from tests.app.staff_browser import manager

from raincheck.data.people import Membership, User
from raincheck.queries.staff import at_work


def test_a_provider_is_found_with_practice_and_calendar_in_one_query(cast: Cast) -> None:
    user = User.objects.get(email="okafor@harbor.example")
    with CaptureQueriesContext(connection) as made:
        found = at_work(user.pk)
        assert found is not None
        rows = [found, found.practice, found.provider, found.provider.practice]
    assert len(made) == 1
    own = Membership.objects.select_related("practice", "provider").get(user=user)
    expected = [own, own.practice, own.provider, own.practice]
    assert [model_to_dict(row) for row in rows] == [model_to_dict(row) for row in expected]


def test_a_manager_is_found_without_a_calendar(cast: Cast) -> None:
    manager(cast)
    found = at_work(User.objects.get(email="sasha@harbor.example").pk)
    assert found is not None
    assert (found.role, found.practice, found.provider) == ("manager", cast.practice, None)


def test_a_client_is_nobody_at_work(cast: Cast) -> None:
    assert at_work(User.objects.get(email="riley@clients.example").pk) is None
