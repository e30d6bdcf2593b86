"""How much of a test runs: `make test` takes a sample of its cases, `make verify` (TESTS_WHOLE=1) all of them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TypeVar

Case = TypeVar("Case")

WHOLE = os.environ.get("TESTS_WHOLE") == "1"


def sample(cases: Sequence[Case], *, every: int) -> list[Case]:
    """Return every so manieth case, the first among them; all of them in `make verify`."""
    return list(cases) if WHOLE else list(cases)[::every]


def examples(whole: int, *, sampled: int) -> int:
    """Return how many examples a test tries. Each is held to the same assertions, however many there are."""
    return whole if WHOLE else sampled
