"""Everything that can be done, in any order and at any time, does what the model says: in two halves, for two processes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.verify.model.commands import COUNTS
from tests.verify.model.conftest import SEEN
from tests.verify.model.whole_machine import EXAMPLES, SEED, STEPS, Everything, run


@pytest.mark.sampled
@pytest.mark.parametrize("half", [1, 2])
def test_whatever_happens_the_database_says_what_the_model_says(
    database: None, record_property: Callable[[str, object], None], half: int
) -> None:
    print(f"STATEFUL_SEED={SEED} STATEFUL_EXAMPLES={EXAMPLES} STATEFUL_STEPS={STEPS}")  # noqa: T201  # shown when it fails
    COUNTS.clear()
    try:
        run(Everything, tries=EXAMPLES // 2, steps=STEPS, with_seed=SEED + half)
    finally:
        record_property(SEEN, dict(COUNTS))
