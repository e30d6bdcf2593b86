"""Two practices write down the same new address in the same instant: both are kept, and one person can sign in to both."""

from __future__ import annotations

from functools import partial

import pytest
from tests.app.cast import NOW, Cast
from tests.verify.races.overlapping import carried_out, second_while_first_is_uncommitted

from raincheck.actions.people import change_contact
from raincheck.data.people import Client, Membership
from raincheck.domain.people import Actor, ActorKind, Contact

pytestmark = pytest.mark.sampled

SHARED = Contact("new@clients.example", "", texts=False)


def test_one_new_address_in_two_practices_at_once_is_one_person(cast: Cast) -> None:
    by_okafor = Actor(ActorKind.PROVIDER, cast.okafor.pk, practice=cast.practice.pk)
    by_mallory = Actor(ActorKind.PROVIDER, cast.mallory.pk, practice=cast.elsewhere.pk)

    def changing(client: Client, by: Actor) -> partial[dict[str, str]]:
        return partial(change_contact, client.pk, contact=SHARED, by=by, now=NOW)

    one, other = second_while_first_is_uncommitted(
        lambda hook: carried_out(changing(cast.riley, by_okafor), by=by_okafor, now=NOW, still_fresh=hook),
        lambda: carried_out(changing(cast.eve, by_mallory), by=by_mallory, now=NOW),
    )
    assert (one, other) == ({"client": str(cast.riley.ref)}, {"client": str(cast.eve.ref)})
    members = Membership.objects.filter(user__email=SHARED.email).order_by("client")
    assert [row.client for row in members] == [cast.riley, cast.eve]
