"""Two people rotate the keys of people's words in the same instant: one makes the next key, the other goes on with it."""

from __future__ import annotations

from functools import partial

import pytest
from tests.app.cast import NOW
from tests.verify.races.overlapping import carried_out, second_while_first_is_uncommitted

from raincheck.actions.access.record_keys import make_key
from raincheck.data.access.record_keys import RecordKey
from raincheck.domain.people import OPERATOR

pytestmark = pytest.mark.sampled


def test_of_two_who_rotate_the_keys_at_once_both_go_over_to_one_new_key(database: None) -> None:
    RecordKey.objects.get_or_create(version=1, defaults={"made_at": NOW})
    rotating = partial(make_key, now=NOW)
    one, other = second_while_first_is_uncommitted(
        lambda hook: carried_out(rotating, by=OPERATOR, now=NOW, still_fresh=hook),
        lambda: carried_out(rotating, by=OPERATOR, now=NOW),
    )
    assert (one, other) == ({"key": "2", "made": "yes"}, {"key": "2", "made": ""})
    assert list(RecordKey.objects.order_by("version").values_list("version", flat=True)) == [1, 2]
