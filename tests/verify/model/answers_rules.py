"""Rules: the ask, and everything that may be said to it."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from tests.verify.model import answers_law, open_times, suggest_law, time_law
from tests.verify.model.commands import COUNTS, often
from tests.verify.model.law import (
    HOUR,
    LAST_MINUTE,
    MINUTE,
    PICK_NOTICE,
    deadline_of_an_ask,
    released_at,
)
from tests.verify.model.machine import one_of
from tests.verify.model.own_connection import rows
from tests.verify.model.suggest_rules import SuggestRules
from tests.verify.model.world import Asked, Batch, Block, By, Session

from raincheck.actions.conversations import write_message
from raincheck.actions.engine.runner import Answer
from raincheck.actions.reschedule.answer import decline, keep_by_video, none_work, pick_new_time, withdraw
from raincheck.actions.reschedule.ask import Ask, ask_to_reschedule
from raincheck.actions.reschedule.links import mark_opened
from raincheck.actions.reschedule.urge import extend, remind_by_hand
from raincheck.actions.reschedule.whereabouts import say_where
from raincheck.data.reschedule.request import RescheduleBatch
from raincheck.domain.people import Actor
from raincheck.domain.reschedule.lifecycle import Reason
from raincheck.domain.spans import Span

STALE = timedelta(seconds=29)
"""An answer is stamped on arrival, and may be committed so much later."""


class AnswersRules(SuggestRules):
    @often(5, when=lambda self: self.world.sessions)
    def staff_asks(self, a: int, b: int, c: int, way: str) -> None:
        blocked = one_of([None, "session", None, "days", "session"], b)
        video = (b + c) % 4 > 0
        # What is offered by video is not blocked; now and then both are tried.
        blocked = None if video and a % 5 else blocked
        self.ask(a, together=b % 3 == 0, blocked=blocked, video=video, confirmed=c % 6 > 0, by=c, way=way)

    def ask(
        self,
        number: int,
        *,
        together: bool,
        blocked: str | None,
        confirmed: bool,
        by: int,
        way: str,
        video: bool,
    ) -> None:
        sessions = self._asked_about(self._to_ask_about(number), together=together)
        first, now = sessions[0], self.world.now
        in_room = any(session.place != self.world.places[0] for session in sessions)
        video = video and (in_room or number % 5 == 0)
        block = self._block(first, blocked)
        suggested = self.to_suggest(first, number // 7, one_of([0, 1, 0, 2, 1, 3, 0, 6], number // 3))
        ask = Ask(
            [session.ref for session in sessions],
            Reason.TRAVEL,
            block=Span(block.start, block.end) if block else None,
            by_video=video,
            last_minute_confirmed=confirmed,
            repeat_confirmed=confirmed,
            suggestions=suggested,
        )
        refusals = answers_law.may_not_ask(
            self.world,
            sessions,
            block,
            by_video=video,
            suggested=bool(suggested),
            last_minute_confirmed=confirmed,
            repeat_confirmed=confirmed,
            now=now,
        ) or suggest_law.may_not_be_suggested(self.world, sessions, suggested, now=now)
        if block is not None and answers_law.is_blocked(self.world, block):
            block = None
        staff = self.staff(first.provider, by)
        verb = partial(ask_to_reschedule, ask, practice_id=self.world.practice)
        answer = self.send(verb, by=staff, way=way, refusals=refusals, looks_at=first.provider)
        if answer is not None:
            self._was_asked(answer, sessions, block, suggested, video=video, by=staff)

    def _to_ask_about(self, number: int) -> Session:
        """Return an appointment that can be asked about, if there is one; now and then any."""
        free = [
            session
            for session in self.world.live()
            if self.world.open_request(session) is None and session.start - self.world.now > 6 * HOUR
        ]
        return one_of(free, number) if free and number % 6 else self.a_session(number)

    def _asked_about(self, session: Session, *, together: bool) -> list[Session]:
        """Return one appointment, or all those of its client that can be asked about with it, soonest first."""
        with_it = [
            other
            for other in self.world.live()
            if together
            and (other.provider, other.client) == (session.provider, session.client)
            and self.world.open_request(other) is None
            and other.start - self.world.now > 6 * HOUR
        ]
        return sorted({*with_it, session}, key=lambda one: (one.start, one.number))

    def _block(self, session: Session, blocked: str | None) -> Block | None:
        if blocked is None:
            return None
        end = session.end + session.kind.after if blocked == "session" else session.start + timedelta(days=3)
        return Block(0, UUID(int=0), session.provider, session.start, end)

    def _was_asked(
        self,
        answer: Answer,
        sessions: list[Session],
        block: Block | None,
        suggested: list[datetime],
        *,
        video: bool,
        by: By,
    ) -> None:
        now, ref = self.world.now, UUID(answer["batch"])
        [(number,)] = rows("SELECT id FROM raincheck_reschedulebatch WHERE ref = %s", ref)
        batch = Batch(number, ref, sessions[0].provider, sessions[0].client, now, by, block=block)
        if block is not None:
            block.batch = batch
            [(block.number, block.ref)] = rows(
                "SELECT id, ref FROM raincheck_outofoffice WHERE batch_id = %s", number
            )
        found = rows(
            "SELECT appointment_id, id, ref FROM raincheck_reschedulerequest WHERE batch_id = %s", number
        )
        numbers = {session: (pk, ref) for session, pk, ref in found}
        asked_at = released_at(sessions[0].start, undo=self.world.undo, now=now)
        asked = [
            Asked(
                *numbers[session.number],
                session,
                batch,
                asked_at,
                session.start,
                session.end,
                deadline_of_an_ask(session.start, asked_at=asked_at),
                session.start - now < LAST_MINUTE,
                by_video=video and session.place != self.world.places[0],
                spared=answers_law.is_spared(self.world, session),
            )
            for session in sessions
        ]
        answers_law.ask(self.world, batch, asked, now=now)
        self.world.suggested += self.held_now(asked[0], set(suggested))

    @often(5, when=lambda self: self.world.waiting())
    def client_picks(self, a: int, b: int, c: int, way: str) -> None:
        self._pick(self.a_request(a), b, by=None, late=c % 2 == 0, way=way)

    @often(2, when=lambda self: self.world.waiting())
    def staff_picks_by_phone(self, a: int, b: int, c: int, way: str) -> None:
        self._pick(self.a_request(a), b, by=c, late=False, way=way)

    def _pick(self, asked: Asked, where: int, *, by: int | None, late: bool, way: str) -> None:
        now = self.world.now - (STALE if late and asked.asked_at <= self.world.now - STALE else 0 * MINUTE)
        who = self.client(asked.session) if by is None else self.staff(asked.session.provider, by)
        notice = PICK_NOTICE if by is None else 0 * MINUTE
        wanted = open_times.for_request(asked, now, notice=notice)
        start = self.a_start(wanted, where)
        held = self.world.held_for(asked, now=now)
        start = held.start if held is not None and where % 4 == 0 else start
        theirs = self.world.suggested_in(asked.batch)
        start = one_of(theirs, where).start if theirs and where % 4 == 1 else start
        refusals = answers_law.may_not_answer(asked, now=now) or open_times.against(self.world, wanted, start)
        if start <= now and "already_settled" not in refusals:
            refusals = refusals | {"starts_in_the_past"}
        verb = partial(pick_new_time, asked.ref, start=start)
        looks_at = asked.session.provider
        if self.send(verb, by=who, way=way, refusals=refusals, at=now, looks_at=looks_at) is not None:
            COUNTS["slots: suggested and picked"] += any(one.start == start for one in theirs)
            answers_law.pick(self.world, asked, start, by=who, now=now)

    @often(8, when=lambda self: any(one.by_video for one in self.world.waiting()))
    def client_or_staff_keep_the_time_by_video(self, a: int, b: int, c: int, way: str) -> None:
        offered = [one for one in self.world.waiting() if one.by_video]
        asked = one_of(offered, a) if offered and a % 5 else self.a_request(a)
        now = self.world.now
        who = self.client(asked.session) if b % 3 else self.staff(asked.session.provider, c)
        refusals = answers_law.may_not_keep(self.world, asked, now=now)
        verb, looks_at = partial(keep_by_video, asked.ref), asked.session.provider
        if self.send(verb, by=who, way=way, refusals=refusals, looks_at=looks_at) is not None:
            answers_law.keep(self.world, asked, by=who, now=now)

    @often(3, when=lambda self: any(one.state in ("moved", "kept") for one in self.world.requests))
    def client_says_where_they_will_be(self, a: int, b: int, c: int, way: str) -> None:
        chosen = [one for one in self.world.requests if one.state in ("moved", "kept")]
        asked = one_of(chosen, a) if a % 4 else one_of(self.world.requests, a)
        region, now = one_of(["US-NY", "US-NJ", "DE"], b), self.world.now
        who = self.client(asked.session) if b % 4 else self.staff(asked.session.provider, c)
        refusals = answers_law.may_not_say_where(self.world, asked, now=now)
        verb, looks_at = partial(say_where, asked.session.ref, region=region), asked.session.provider
        if self.send(verb, by=who, way=way, refusals=refusals, looks_at=looks_at) is not None:
            answers_law.say_where(self.world, asked, region)

    @often(2, when=lambda self: self.world.waiting())
    def client_declines(self, a: int, _b: int, _c: int, way: str) -> None:
        asked, now = self.a_request(a), self.world.now
        who = self.client(asked.session)
        refusals = answers_law.may_not_answer(asked, now=now)
        verb, looks_at = partial(decline, asked.ref), asked.session.provider
        if self.send(verb, by=who, way=way, refusals=refusals, looks_at=looks_at) is not None:
            answers_law.decline(self.world, asked, by=who, now=now)

    @often(3, when=lambda self: self.world.waiting())
    def staff_withdraws(self, a: int, b: int, c: int, way: str) -> None:
        edited, by = one_of(["", "keep", "remove"], b), c
        asked, now = self.a_request(a), self.world.now
        who = self.staff(asked.session.provider, by)
        refusals = answers_law.may_not_withdraw(asked, edited, now=now)
        verb, looks_at = partial(withdraw, asked.ref, edited_block=edited), asked.session.provider
        if self.send(verb, by=who, way=way, refusals=refusals, looks_at=looks_at) is not None:
            answers_law.withdraw(self.world, asked, edited, by=who, now=now)

    @often(2, when=lambda self: self.world.waiting())
    def staff_extends(self, a: int, b: int, c: int, way: str) -> None:
        length, asked, now = one_of([12, 24, 48], b) * HOUR, self.a_request(a), self.world.now
        who = self.staff(asked.session.provider, c)
        refusals = answers_law.may_not_extend(asked, length, now=now)
        verb, looks_at = partial(extend, asked.ref, by_length=length), asked.session.provider
        if self.send(verb, by=who, way=way, refusals=refusals, looks_at=looks_at) is not None:
            answers_law.extend(self.world, asked, length, by=who, now=now)

    @often(2, when=lambda self: self.world.waiting())
    def staff_reminds(self, a: int, _b: int, c: int, way: str) -> None:
        asked, now = self.a_request(a), self.world.now
        who = self.staff(asked.session.provider, c)
        refusals = answers_law.may_not_remind(asked, now=now)
        verb, looks_at = partial(remind_by_hand, asked.ref), asked.session.provider
        if self.send(verb, by=who, way=way, refusals=refusals, looks_at=looks_at) is not None:
            answers_law.remind(self.world, asked, by=who, now=now)

    @often(3, when=lambda self: self.world.batches)
    def client_says_that_none_work(self, a: int, _b: int, _c: int, way: str) -> None:
        batch, now = self.a_request(a).batch, self.world.now
        who = By("client_by_link", batch.client)
        row = RescheduleBatch.objects.get(pk=batch.number)
        verb = partial(none_work, row, words="Mornings only, please.")
        if self.send(verb, by=who, way=way, refusals=set()) is not None:
            answers_law.none_work(self.world, batch, by=who, now=now)

    @often(2, when=lambda self: self.world.sessions)
    def somebody_writes(self, a: int, b: int, c: int, way: str) -> None:
        session, now = self.a_session(a), self.world.now
        who = self.client(session) if b % 2 else self.staff(session.provider, c)
        words, refusals = (" ", {"message_missing"}) if c % 9 == 0 else ("Hello.", set())
        verb = partial(write_message, session.provider, session.client, words=words)
        if self.send(verb, by=who, way=way, refusals=refusals) is not None:
            answers_law.write(self.world, session.provider, session.client, by=who, now=now)

    @often(1, when=lambda self: self.world.batches)
    def client_opens_the_page(self, a: int, _b: int, _c: int, way: str) -> None:
        batch = self.a_request(a).batch
        row = RescheduleBatch.objects.get(pk=batch.number)

        def opened(*, by: Actor, now: object) -> Answer:
            return mark_opened(row, now=self.world.now)

        self.send(opened, by=By("client_by_link", batch.client), way=way, refusals=set())
        for asked in batch.requests:
            if asked.open and asked.handed_over_at is None:
                time_law.hand_over(self.world, asked, now=self.world.now)
        batch.opened_at = batch.opened_at or self.world.now
        [(opened_at,)] = rows("SELECT opened_at FROM raincheck_reschedulebatch WHERE id = %s", batch.number)
        assert opened_at == batch.opened_at
