"""Forms without anything in them, sent by everybody to everything: a refusal, never a failure."""

from __future__ import annotations

import pytest
from tests.app.authorization import ENDPOINTS, FOR_ANYBODY, World, address, build
from tests.sampling import sample


@pytest.fixture
def world(database: None) -> World:
    return build()


@pytest.mark.sampled
def test_forms_without_anything_in_them_never_fail(world: World) -> None:
    for name in sample(sorted(set(ENDPOINTS) - FOR_ANYBODY), every=8):
        for corner in world.corners:
            for role in world.roles:
                assert role.post(address(name, corner)).status_code < 500, name
