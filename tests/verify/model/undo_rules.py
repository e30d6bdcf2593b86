"""Rules: staff take back what they have just asked, moved or canceled, and put back what was canceled by whomever."""

from __future__ import annotations

from functools import partial

from tests.verify.model import reinstating_law, undo_law as law
from tests.verify.model.commands import often
from tests.verify.model.machine import Machine, one_of
from tests.verify.model.world import Asked, Session

from raincheck.actions.appointments.reinstate import reinstate
from raincheck.actions.appointments.undo import undo_change
from raincheck.actions.reschedule.undo import undo_ask


class UndoRules(Machine):
    @property
    def unsent(self) -> list[Asked]:
        return [one for one in self.world.waiting() if one.asked_at > self.world.now]

    @property
    def changed_just_now(self) -> list[Session]:
        kept = [row for row in self.world.sessions if row.kept is not None]
        return [row for row in kept if row.kept and row.kept.until > self.world.now] or kept

    @often(6, when=lambda self: self.world.requests)
    def staff_undoes_an_ask(self, a: int, b: int, c: int, way: str) -> None:
        asked = one_of(self.unsent, a) if self.unsent and a % 7 else one_of(self.world.requests, a)
        edited, now = one_of(["", "keep", "remove"], b), self.world.now
        staff = self.staff(asked.session.provider, c)
        refusals = law.may_not_undo_ask(self.world, asked, edited, now=now)
        verb = partial(undo_ask, asked.ref, edited_block=edited)
        looks_at = asked.session.provider
        if self.send(verb, by=staff, way=way, refusals=refusals, looks_at=looks_at) is not None:
            law.undo_ask(self.world, asked, edited, by=staff, now=now)

    @often(6, when=lambda self: self.changed_just_now)
    def staff_undoes_a_move_or_cancellation(self, a: int, b: int, c: int, way: str) -> None:
        session, now = one_of(self.changed_just_now, a) if a % 7 else self.a_session(a), self.world.now
        sequence = session.sequence - (b % 6 == 0)
        staff = self.staff(session.provider, c)
        refusals = law.may_not_undo_change(self.world, session, sequence, now=now)
        verb = partial(undo_change, session.ref, sequence=sequence)
        if self.send(verb, by=staff, way=way, refusals=refusals, looks_at=session.provider) is not None:
            law.undo_change(self.world, session, now=now)

    @often(3, when=lambda self: any(row.status == "cancelled" for row in self.world.sessions))
    def staff_puts_an_appointment_back(self, a: int, b: int, c: int, way: str) -> None:
        cancelled = [row for row in self.world.sessions if row.status == "cancelled"]
        ahead = [row for row in cancelled if row.start > self.world.now] or cancelled
        session, now = one_of(ahead, a) if a % 7 else self.a_session(a), self.world.now
        sequence, confirmed = session.sequence - (b % 9 == 0), b % 3 > 0
        staff = self.staff(session.provider, c)
        refusals = reinstating_law.may_not_reinstate(
            self.world, session, sequence, confirmed=confirmed, now=now
        )
        verb = partial(reinstate, session.ref, sequence=sequence, new_time_confirmed=confirmed)
        if self.send(verb, by=staff, way=way, refusals=refusals, looks_at=session.provider) is not None:
            reinstating_law.reinstate(self.world, session, by=staff, now=now)
