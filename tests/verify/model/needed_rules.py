"""Rules: the practice says by which day an appointment is needed, and takes that back."""

from __future__ import annotations

from datetime import date
from functools import partial

from tests.verify.model import needed_law as law
from tests.verify.model.commands import often
from tests.verify.model.law import DAY, PRACTICE_ZONE
from tests.verify.model.machine import Machine, one_of
from tests.verify.model.world import Session

from raincheck.actions.appointments.needed_by import set_needed_by
from raincheck.domain.appointments.needed_by import NeededFor

REASONS = [None, "refill", "court", None]


class NeededRules(Machine):
    @often(5, when=lambda self: self.world.sessions)
    def staff_says_by_when_it_is_needed(self, a: int, b: int, c: int, way: str) -> None:
        """Mostly of what is asked about, by a day that a later time would miss."""
        asked_about = [asked.session for asked in self.world.waiting()]
        session = one_of(asked_about, a) if asked_about and a % 3 else self.a_session(a)
        day, why, now = self._day(session, b), one_of(REASONS, b // 9), self.world.now
        staff = self.staff(session.provider, c)
        refusals = law.may_not_be_needed_by(self.world, session, day, why, now=now)
        reason = NeededFor(why) if why else None
        verb = partial(set_needed_by, session.ref, needed_by=day, needed_for=reason)
        if self.send(verb, by=staff, way=way, refusals=refusals) is not None:
            law.is_needed_by(self.world, session, day, why, by=staff, now=now)

    def _day(self, session: Session, number: int) -> date | None:
        today, its = (at.astimezone(PRACTICE_ZONE).date() for at in (self.world.now, session.start))
        days = [its, its, its + DAY, its + 3 * DAY, its - DAY, today, today - DAY, None, session.needed_by]
        return one_of(days, number)
