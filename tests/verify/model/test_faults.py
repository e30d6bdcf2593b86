"""The machine sees what it is there for: with one thing of the product spoilt, it finds a difference within a few examples."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.verify.model.whole_machine import Everything, run

from raincheck.actions.appointments import series_changes
from raincheck.actions.engine import runner
from raincheck.actions.reschedule import lapse as lapsing
from raincheck.domain.notifications import Channel, NotificationType
from raincheck.domain.reschedule import deadlines, silence
from raincheck.notifications.catalogue import CATALOGUE

EXAMPLES = 400
"""At most: the run ends with the first difference."""
STEPS = 30

Spoil = Callable[[pytest.MonkeyPatch], None]


def without_grace(patch: pytest.MonkeyPatch) -> None:
    """A request lapses at its deadline, not a minute after it."""
    for module in (lapsing, silence):
        patch.setattr(module, "LAPSE_GRACE", timedelta(0))


def without_credit_for_a_late_hand_over(patch: pytest.MonkeyPatch) -> None:
    """What the mail server took of the client's time stays lost."""
    patch.setattr(deadlines, "HAND_OVER_SLACK", timedelta(days=9))


def without_mail_to_the_provider(patch: pytest.MonkeyPatch) -> None:
    """A client's choice is shown to the provider in the app only."""
    moved = replace(CATALOGUE[NotificationType.MOVED], provider=(Channel.IN_APP,))
    patch.setitem(CATALOGUE, NotificationType.MOVED, moved)


def without_memory_of_keys(patch: pytest.MonkeyPatch) -> None:
    """The same form, sent twice, acts twice."""

    def forgetful(verb: Callable[[], Any], **_said: object) -> Any:
        return verb()

    patch.setattr(runner, "_once", forgetful)


def with_series_that_never_end(patch: pytest.MonkeyPatch) -> None:
    """What went over to another series, or was cancelled, is made again."""
    patch.setattr(series_changes, "_end_before", lambda *_given, **_said: None)


@pytest.mark.parametrize(
    "spoil",
    [
        without_grace,
        without_credit_for_a_late_hand_over,
        without_mail_to_the_provider,
        without_memory_of_keys,
        with_series_that_never_end,
    ],
)
def test_the_machine_turns_red(database: None, monkeypatch: pytest.MonkeyPatch, spoil: Spoil) -> None:
    spoil(monkeypatch)
    with pytest.raises(AssertionError):
        run(Everything, tries=EXAMPLES, steps=STEPS, with_seed=7, shrink=False)
