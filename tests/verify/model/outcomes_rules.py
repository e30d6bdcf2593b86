"""Rules: after the session somebody says what became of it, of one or of a whole day, and sends a link where we couldn't."""

from __future__ import annotations

from functools import partial

from tests.verify.model import outcomes_law as law
from tests.verify.model.commands import often
from tests.verify.model.machine import Machine, one_of
from tests.verify.model.world import Session

from raincheck.actions.appointments.outcomes import WhatHappened, say_all_took_place, say_what_happened
from raincheck.actions.appointments.rebooking import send_rebook_link
from raincheck.domain.appointments.lifecycle import Status
from raincheck.domain.appointments.outcomes import Outcome

OUTCOMES = list(law.BECOMES)


class OutcomesRules(Machine):
    @property
    def begun(self) -> list[Session]:
        """What has begun, the latest first."""
        begun = [session for session in self.world.sessions if session.start <= self.world.now]
        return sorted(begun, key=lambda session: session.start, reverse=True)

    @often(4, when=lambda self: self.begun)
    def staff_says_what_happened(self, a: int, b: int, c: int, way: str) -> None:
        session = one_of(self.begun[:3], a) if a % 9 else self.a_session(a)
        outcome, now = one_of(OUTCOMES, b), self.world.now
        seen = "scheduled" if c % 5 == 0 else session.status
        staff = self.staff(session.provider, c)
        refusals = law.may_not_say(self.world, session, outcome, seen, now=now)
        said = WhatHappened(Outcome(outcome), Status(seen))
        verb = partial(say_what_happened, session.ref, said=said)
        if self.send(verb, by=staff, way=way, refusals=refusals) is not None:
            law.say(self.world, session, outcome, by=staff, now=now)

    @often(1, when=lambda self: self.begun)
    def staff_says_that_all_took_place(self, a: int, _b: int, c: int, way: str) -> None:
        """Of one provider's sessions; what has not begun, or was answered, is not meant."""
        provider, now = one_of(self.begun, a).provider, self.world.now
        theirs = [session for session in self.world.sessions if session.provider == provider]
        staff = self.staff(provider, c)
        verb = partial(say_all_took_place, [session.ref for session in theirs])
        if self.send(verb, by=staff, way=way, refusals=set()) is not None:
            for session in theirs:
                if session.status == "scheduled" and session.start <= now:
                    law.say(self.world, session, "took_place", by=staff, now=now)

    @often(1, when=lambda self: any(row.status == "provider_no_show" for row in self.begun))
    def staff_sends_a_rebook_link(self, a: int, _b: int, c: int, way: str) -> None:
        missed = [row for row in self.begun if row.status == "provider_no_show"]
        session, now = one_of(missed if a % 7 else self.begun, a), self.world.now
        staff = self.staff(session.provider, c)
        refusals = law.may_not_send_a_rebook_link(self.world, session, now=now)
        verb = partial(send_rebook_link, session.ref)
        if self.send(verb, by=staff, way=way, refusals=refusals) is not None:
            law.send_a_rebook_link(self.world, session, by=staff, now=now)
