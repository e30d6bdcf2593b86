"""Rules: clients hold the time that they look at to move an appointment, to change their choice or to book anew; longer, and no more."""

from __future__ import annotations

from uuid import UUID

from tests.verify.model import open_times, own_holds_law as law
from tests.verify.model.commands import often
from tests.verify.model.holds_law import hold
from tests.verify.model.machine import Machine, one_of
from tests.verify.model.own_connection import rows
from tests.verify.model.own_holds_law import Way
from tests.verify.model.world import By, Held, Offer, Session

from raincheck.actions.appointments.holding import (
    Wish,
    hold_own_time,
    hold_own_time_longer,
    let_own_time_go,
    to_book,
    to_change,
    to_move,
)
from raincheck.actions.engine.runner import Answer
from raincheck.domain.people import Actor


class OwnHoldsRules(Machine):
    @property
    def held_outside(self) -> list[Held]:
        return [held for held in self.world.holds if isinstance(held.about, (Session, Offer))]

    @often(9, when=lambda self: self.world.sessions)
    def client_holds_a_time_outside_a_request(self, a: int, where: int, c: int, way: str) -> None:
        on, now = self._a_way(a, c), self.world.now
        start = self.a_start(self._wanted(on), where)
        if self.world.holds and c % 5 == 0:
            start = one_of(self.world.holds, where).start
        wish = self._wish(on)

        def choose(*, by: Actor, now: object) -> Answer:
            return hold_own_time(wish, start=start, now=self.world.now)

        refusals = law.may_not_hold(self.world, on, start, now=now)
        stays = law.is_held_already(self.world, on, start, now=now)
        answer = self.send(choose, by=self._client(on), way=way, refusals=refusals)
        if answer is not None and not stays:
            length, before, after = law.shape(self.world, on)
            until, ref = law.lasts_until(self.world, on, now=now), UUID(answer["hold"])
            hold(self.world, Held(ref, on.about, start, start + length, before, after, now, until))

    @often(4, when=lambda self: self.held_outside)
    def client_holds_it_longer_outside_a_request(self, a: int, b: int, c: int, way: str) -> None:
        """Once, or as often as can be."""
        on, now = self._where_it_is_held(a, c), self.world.now
        wish = self._wish(on)

        def renew(*, by: Actor, now: object) -> Answer:
            return hold_own_time_longer(wish, now=self.world.now)

        for _again in range(11 if b % 4 == 0 else 1):
            refusals = law.may_not_hold_longer(self.world, on, now=now)
            if self.send(renew, by=self._client(on), way=way, refusals=refusals) is not None:
                held = self.world.held_for(on.about, now=now)
                assert held is not None
                law.hold_longer(self.world, on, held, now=now)

    @often(2, when=lambda self: self.held_outside)
    def client_lets_a_time_go_outside_a_request(self, a: int, b: int, c: int, way: str) -> None:
        on, other = self._where_it_is_held(a, c), one_of(self.world.holds, b)
        wish = self._wish(on)

        def leave(*, by: Actor, now: object) -> Answer:
            return let_own_time_go(wish, hold=other.ref, now=self.world.now)

        refusals = law.is_over(self.world, on, now=self.world.now)
        answer = self.send(leave, by=self._client(on), way=way, refusals=refusals)
        if answer is not None and other.about is on.about:
            self.world.let_go(on.about)

    def _a_way(self, number: int, kind: int) -> Way:
        """Return a way to an appointment of one's own, to a choice, or to a new booking, as there are any."""
        if kind % 3 == 0 and self.world.offers:
            return Way(one_of(self.world.offers[-2:], number))
        session = self.a_session(number)
        chosen = [one for one in self.world.requests if one.state in ("moved", "kept")]
        if kind % 3 == 1 and chosen:
            asked = one_of(chosen[-2:], number)
            return Way(asked.session, asked)
        return Way(session)

    def _where_it_is_held(self, number: int, kind: int) -> Way:
        """Return the way on which a time is held; what is held to move an appointment is held for either way to do so."""
        about = one_of(self.held_outside, number).about
        if isinstance(about, Offer):
            return Way(about)
        assert isinstance(about, Session)
        chosen = [
            one for one in self.world.requests if one.session is about and one.state in ("moved", "kept")
        ]
        return Way(about, chosen[-1] if chosen and kind % 2 else None)

    def _wish(self, way: Way) -> Wish:
        if isinstance(way.about, Offer):
            [(ref,)] = rows(
                "SELECT ref FROM raincheck_rebookoffer WHERE appointment_id = %s", way.about.session.number
            )
            return to_book(ref)
        return to_move(way.about.ref) if way.chose is None else to_change(way.chose.ref)

    def _wanted(self, way: Way) -> open_times.Wanted:
        if isinstance(way.about, Offer):
            return open_times.for_offer(self.world, way.about, self.world.now)
        return open_times.at_the_clients_wish(way.about, self.world.now)

    def _client(self, way: Way) -> By:
        return self.client(way.about if isinstance(way.about, Session) else way.about.session)
