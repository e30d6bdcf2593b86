"""Rules: providers suggest times with an ask and later on, other ones, fewer, and take one back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from tests.verify.model import answers_law, open_times, suggest_law as law
from tests.verify.model.commands import often
from tests.verify.model.law import DAY, HOUR, SUGGESTION_NOTICE
from tests.verify.model.machine import Machine, one_of
from tests.verify.model.own_connection import rows
from tests.verify.model.world import Asked, Batch, Session, Suggested

from raincheck.actions.reschedule.suggest import suggest_times, take_suggestion_back

HELD_IN = """SELECT h.ref, h.starts_at, h.ends_at, h.buffer_before, h.buffer_after FROM raincheck_hold h
    JOIN raincheck_reschedulerequest r ON r.id = h.request_id WHERE h.suggested AND r.batch_id = %s ORDER BY h.starts_at"""


class SuggestRules(Machine):
    @property
    def with_suggestions(self) -> list[Asked]:
        batches = [one.batch for one in self.world.suggested]
        return [asked for asked in self.world.waiting() if asked.batch in batches]

    @often(14, when=lambda self: self.world.waiting())
    def staff_suggests_times(self, a: int, b: int, c: int, way: str) -> None:
        asked, now = self.a_request(a), self.world.now
        if self._some_have_ended(asked.batch):
            return
        before = [one.start for one in self.world.suggested_in(asked.batch)]
        kept = before[: b % 3] if b % 5 else before
        fresh = self.to_suggest(asked.session, b // 3, one_of([1, 1, 2, 1, 3, 2, 0, 6 - len(kept)], c // 5))
        starts, staff = [*kept, *fresh], self.staff(asked.session.provider, c)
        refusals = law.may_not_suggest(self.world, asked, starts, now=now)
        verb, looks_at = partial(suggest_times, asked.ref, starts=starts), asked.session.provider
        if self.send(verb, by=staff, way=way, refusals=refusals, looks_at=looks_at) is not None:
            held = self.held_now(asked, set(starts) - set(before))
            law.suggest(self.world, asked, starts, held, by=staff, now=now)

    def _some_have_ended(self, batch: Batch) -> bool:
        """Whether somebody else may have a time that was suggested: until the request has its ending nobody can tell."""
        return any(not one.is_live(self.world.now) for one in self.world.suggested_in(batch))

    @often(8, when=lambda self: self.world.suggested)
    def staff_takes_a_suggestion_back(self, a: int, b: int, c: int, way: str) -> None:
        waiting, now = self.with_suggestions, self.world.now
        asked = one_of(waiting, a) if waiting and a % 7 else self.a_request(a)
        theirs = self.world.suggested_in(asked.batch)
        one = one_of(theirs, b) if theirs and b % 5 else one_of(self.world.suggested, b)
        refusals = answers_law.may_not_answer(asked, now=now)
        refusals = refusals or (set() if one in theirs else {"suggestion_gone"})
        staff, looks_at = self.staff(asked.session.provider, c), asked.session.provider
        verb = partial(take_suggestion_back, asked.ref, hold=one.ref)
        if self.send(verb, by=staff, way=way, refusals=refusals, looks_at=looks_at) is not None:
            law.take_back(self.world, asked, one, now=now)

    def to_suggest(self, session: Session, number: int, count: int) -> list[datetime]:
        """Return times that a provider might suggest, now and then one that can't be, or one of them twice."""
        found = [self._a_time(session, number + 41 * place) for place in range(max(count, 0))]
        return [*found, found[0]] if found and number % 13 == 0 else found

    def _a_time(self, session: Session, number: int) -> datetime:
        now, way, number = self.world.now, number % 9, number // 9
        if way == 0:
            return one_of([session.start, now + SUGGESTION_NOTICE, now + HOUR, now + 90 * DAY], number)
        if way == 1:
            return one_of(self.world.sessions, number).start
        if way == 2:
            return session.start + one_of([30, -30, 10], number) * timedelta(minutes=1)
        if way == 3:
            # At night, or on a day off.
            return now.replace(minute=0, second=0, microsecond=0) + (3 + number % 200) * HOUR
        if way == 4 and self.world.suggested:
            return one_of(self.world.suggested, number).start
        return self.a_start(open_times.for_session(session, now, notice=SUGGESTION_NOTICE), number)

    def held_now(self, asked: Asked, starts: set[datetime]) -> list[Suggested]:
        """Return what was just suggested, as it is held."""
        batch, now = asked.batch, self.world.now
        requests = law.keeping_in(asked, now=now)
        written = [row for row in rows(HELD_IN, batch.number) if row[1] in starts]
        assert [row[1] for row in written] == sorted(starts), "all new times are held"
        return [self._as_held(row, batch, requests) for row in written]

    def _as_held(
        self,
        row: tuple[UUID, datetime, datetime, timedelta, timedelta],
        batch: Batch,
        requests: Sequence[Asked],
    ) -> Suggested:
        ref, start, end, before, after = row
        sessions = [one.session for one in requests]
        fits = list(law.fitting(self.world, sessions, start, batch=batch, now=self.world.now))
        longest = max(session.end - session.start for session in fits)
        room = max(session.end - session.start + session.kind.after for session in fits) - longest
        needed = longest, max(session.kind.before for session in fits), max(room, timedelta(0))
        assert (end - start, before, after) == needed, (
            f"{start} is held as long, and with as much room, as any needs it"
        )
        held = Suggested(ref, batch, start, end, before, after, 0, self.world.now)
        assert held.carrier is not None
        held.place = held.carrier.session.place
        return held
