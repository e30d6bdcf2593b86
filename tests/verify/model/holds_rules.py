"""Rules: clients hold the time that they look at, hold it longer, and let it go."""

from __future__ import annotations

from uuid import UUID

from tests.verify.model import holds_law as law, open_times
from tests.verify.model.answers_law import may_not_answer
from tests.verify.model.commands import often
from tests.verify.model.law import HOLD
from tests.verify.model.machine import Machine, one_of
from tests.verify.model.world import Asked, Held

from raincheck.actions.engine.runner import Answer
from raincheck.actions.reschedule.hold import hold_longer, hold_time, let_go
from raincheck.domain.people import Actor


class HoldsRules(Machine):
    @property
    def holding(self) -> list[Asked]:
        return [held.about for held in self.world.holds if isinstance(held.about, Asked)]

    @often(6, when=lambda self: self.world.waiting())
    def client_holds_a_time(self, a: int, where: int, c: int, way: str) -> None:
        asked, now = self.a_request(a), self.world.now
        start = self.a_start(open_times.for_session(asked.session, now), where)
        if self.world.holds and c % 5 == 0:
            start = one_of(self.world.holds, a).start
        if self.world.suggested and c % 5 == 1:
            start = one_of(self.world.suggested, a).start

        def hold(*, by: Actor, now: object) -> Answer:
            return hold_time(asked.ref, start=start, now=self.world.now)

        refusals = law.may_not_hold(self.world, asked, start, now=now)
        answer = self.send(hold, by=self.client(asked.session), way=way, refusals=refusals)
        stays = law.is_held_already(self.world, asked, start, now=now)
        stays = stays or law.is_suggested(self.world, asked, start, now=now)
        if answer is not None and not stays:
            session = asked.session
            end, kind = start + (session.end - session.start), session.kind
            ref = UUID(answer["hold"])
            law.hold(self.world, Held(ref, asked, start, end, kind.before, kind.after, now, now + HOLD))

    @often(4, when=lambda self: self.holding)
    def client_holds_it_longer(self, a: int, b: int, _c: int, way: str) -> None:
        """Once, or as often as can be."""
        asked, now = one_of(self.holding, a), self.world.now

        def longer(*, by: Actor, now: object) -> Answer:
            return hold_longer(asked.ref, now=self.world.now)

        for _again in range(11 if b % 4 == 0 else 1):
            refusals = law.may_not_hold_longer(self.world, asked, now=now)
            if self.send(longer, by=self.client(asked.session), way=way, refusals=refusals) is not None:
                held = self.world.held_for(asked, now=now)
                assert held is not None
                law.hold_longer(held, now=now)

    @often(2, when=lambda self: self.holding)
    def client_lets_a_time_go(self, a: int, b: int, _c: int, way: str) -> None:
        asked, other, now = one_of(self.holding, a), one_of(self.world.holds, b), self.world.now

        def go(*, by: Actor, now: object) -> Answer:
            return let_go(asked.ref, hold=other.ref, now=self.world.now)

        refusals = may_not_answer(asked, now=now)
        answer = self.send(go, by=self.client(asked.session), way=way, refusals=refusals)
        # After the deadline it keeps the request, and nobody could take another.
        if answer is not None and other.about is asked and now < asked.deadline:
            self.world.let_go(asked)
