"""A schedule: all that a provider says about when they work, as the availability form keeps it together."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from raincheck.domain.availability import Availability, as_stored
from raincheck.domain.refusals import Kind, Refusal
from raincheck.domain.sentences import _

STEPS = tuple(timedelta(minutes=minutes) for minutes in (15, 30, 60))
"""How far apart sessions may start."""


class StepUnknown(Refusal):
    kind = Kind.BAD_INPUT
    code = "step_unknown"
    sentence = _(
        "Sessions can start every 15, 30 or 60 minutes. Nothing was changed yet; please choose one of them."
    )
    field = "step"


class ZoneNotConfirmed(Refusal):
    kind = Kind.BAD_INPUT
    code = "zone_not_confirmed"
    sentence = _(
        "You chose another time zone. Nothing was changed yet; please read what it means and tick the box below it."
    )
    field = "zone"


class HoursChangedMeanwhile(Refusal):
    kind = Kind.CONFLICT
    code = "hours_changed_meanwhile"
    sentence = _(
        "These hours were saved somewhere else since you opened this page, so yours were not saved."
        " What you typed is still here; open the page again in another tab to see what is kept now."
    )


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a provider works, on which clock, and how far apart sessions may start.

    The hours are wall time: in another zone they read the same, and are other instants.
    """

    availability: Availability
    step: timedelta
    zone: ZoneInfo

    def __post_init__(self) -> None:
        if not timedelta() < self.step <= timedelta(days=1):
            raise ValueError("sessions start some time apart, a day at most")

    @property
    def mark(self) -> str:
        """What tells this schedule from another one, for a form to carry: equal for equal schedules only."""
        minutes = self.step // timedelta(minutes=1)
        said = json.dumps([as_stored(self.availability), minutes, self.zone.key], sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()[:32]
