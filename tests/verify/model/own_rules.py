"""Rules: what clients do by themselves, by the link of a reminder: they move an appointment, cancel it, and want reminders or none."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from tests.verify.model import open_times, own_law as law
from tests.verify.model.commands import often
from tests.verify.model.machine import Machine, one_of
from tests.verify.model.own_connection import rows

from raincheck.actions.appointments.self_service import (
    cancel_own_appointment,
    move_own_appointment,
    want_reminders,
)
from raincheck.actions.reschedule.choice import change_choice


class OwnRules(Machine):
    @often(3, when=lambda self: self.world.sessions)
    def client_moves_their_own(self, a: int, where: int, c: int, way: str) -> None:
        session, now = self.a_session(a), self.world.now
        wanted = open_times.at_the_clients_wish(session, now)
        start = session.start if where % 11 == 0 else self.a_start(wanted, where)
        start = self.or_what_is_held(session, start, c)
        sequence = session.sequence - (c % 9 == 0)
        refusals = law.may_not_change(self.world, session, sequence, now=now)
        refusals = refusals or law.may_not_move_to(self.world, session, wanted, start)
        who = self.client(session)
        verb = partial(move_own_appointment, session.ref, start=start, sequence=sequence)
        if self.send(verb, by=who, way=way, refusals=refusals, looks_at=session.provider) is not None:
            law.move(self.world, session, start, by=who, now=now)

    @often(4, when=lambda self: any(one.state in ("moved", "kept") for one in self.world.requests))
    def client_changes_their_choice(self, a: int, where: int, c: int, way: str) -> None:
        chosen = [one for one in self.world.requests if one.state in ("moved", "kept")]
        asked = one_of(chosen[-2:], a) if a % 6 else one_of(self.world.requests, a)
        session, now = asked.session, self.world.now
        start = self.a_start(open_times.at_the_clients_wish(session, now), where)
        start = one_of([session.start, asked.start], c) if where % 11 == 0 else start
        start = self.or_what_is_held(session, start, c)
        sequence, who = session.sequence - (c % 9 == 0), self.client(session)
        refusals = law.may_not_change_choice(self.world, asked, start, sequence, now=now)
        verb = partial(change_choice, asked.ref, start=start, sequence=sequence)
        if self.send(verb, by=who, way=way, refusals=refusals, looks_at=session.provider) is not None:
            law.change_choice(self.world, asked, start, by=who, now=now)

    @often(2, when=lambda self: self.world.sessions)
    def client_cancels_their_own(self, a: int, _b: int, c: int, way: str) -> None:
        session, now = self.a_session(a), self.world.now
        sequence, who = session.sequence - (c % 9 == 0), self.client(session)
        refusals = law.may_not_change(self.world, session, sequence, now=now)
        verb = partial(cancel_own_appointment, session.ref, sequence=sequence)
        if self.send(verb, by=who, way=way, refusals=refusals, looks_at=session.provider) is not None:
            law.cancel_own(self.world, session, by=who, now=now)

    @often(1, when=lambda self: self.world.sessions)
    def client_wants_reminders_or_none(self, a: int, b: int, _c: int, way: str) -> None:
        session, wanted = self.a_session(a), b % 3 == 0
        client = session.client
        [(recipient,)] = rows("SELECT id FROM raincheck_recipient WHERE client_id = %s AND is_client", client)
        verb = partial(want_reminders, recipient, wanted=wanted)
        person, record = self.world.people[client], self.world.record(client)
        if self.send(verb, by=self.client(session), way=way, refusals=set()) is None:
            return
        if person.wants_reminders is not wanted:
            self.world.people[client] = replace(person, wants_reminders=wanted)
            record.events.append("changed")
