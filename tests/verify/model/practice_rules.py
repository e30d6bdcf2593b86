"""Rules: what the practice does by itself, and the client's new booking after a cancellation."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from tests.verify.model import open_times, practice_law
from tests.verify.model.commands import often
from tests.verify.model.law import DAY, HOUR
from tests.verify.model.machine import Machine, one_of
from tests.verify.model.own_connection import rows
from tests.verify.model.world import Block, By, Kind, Session

from raincheck.actions.appointments.booking import (
    Booking,
    Cancellation,
    Details,
    book,
    cancel_appointment,
    change_appointment_details,
)
from raincheck.actions.appointments.rebooking import rebook
from raincheck.actions.engine.runner import Answer
from raincheck.actions.out_of_office import block_time, change_block, remove_block
from raincheck.domain.appointments.lifecycle import CancelReason
from raincheck.domain.people import Actor
from raincheck.domain.spans import Span

REASONS = [str(reason) for reason in CancelReason]


class PracticeRules(Machine):
    @often(3, when=lambda self: len(self.world.sessions) < 12)
    def staff_books(self, a: int, b: int, c: int, way: str) -> None:
        self.book(a, c // 4, b, by=c, way=way)

    def book(self, who: int, kind: int, where: int, *, by: int, way: str) -> None:
        # Mostly the first provider, so that people meet.
        provider, client = one_of(self.world.providers, who // 7 % 3 // 2), self.a_client(who)
        of_kind, now = one_of(self.world.kinds, kind), self.world.now
        wanted = open_times.staff_wants(self.world, provider, client, of_kind)
        start = self.a_start(wanted, where, days=9)
        staff = self.staff(provider, by)
        place = self.world.places[(where + who) % 3 > 0]
        refusals = practice_law.may_not_book(
            self.world, provider, client, of_kind, start, place=place, now=now
        )
        verb = partial(book, Booking(provider, client, of_kind.number, place, start))
        answer = self.send(verb, by=staff, way=way, refusals=refusals, looks_at=provider)
        if answer is not None:
            session = self._session(answer, provider, client, of_kind, place, start)
            practice_law.book(self.world, session, by=staff, now=now)

    def _session(
        self, answer: Answer, provider: int, client: int, kind: Kind, place: int, start: datetime
    ) -> Session:
        ref = UUID(answer["appointment"])
        [(number, link)] = rows("SELECT id, join_url FROM raincheck_appointment WHERE ref = %s", ref)
        end = start + kind.length
        return Session(number, ref, provider, client, kind, place, start, end, link)

    @often(2, when=lambda self: self.world.offers)
    def client_books_a_new_time(self, a: int, where: int, c: int, way: str) -> None:
        offer, now = one_of(self.world.offers[-(1 + a % 2) :], a), self.world.now
        start = self.a_start(open_times.for_offer(self.world, offer, now), where)
        start = self.or_what_is_held(offer, start, c)
        former, who = offer.session, self.client(offer.session)
        [(ref,)] = rows("SELECT ref FROM raincheck_rebookoffer WHERE appointment_id = %s", former.number)
        refusals = practice_law.may_not_rebook(self.world, offer, start, now=now)
        verb = partial(rebook, ref, start=start)
        answer = self.send(verb, by=who, way=way, refusals=refusals, looks_at=former.provider)
        if answer is not None:
            kind = self.world.type_of(former)
            session = self._session(answer, former.provider, former.client, kind, former.place, start)
            offer.booked, offer.booked_at = session, now
            self.world.let_go(offer)
            practice_law.book(self.world, session, by=who, now=now)

    @often(3, when=lambda self: self.world.sessions)
    def staff_changes_details(self, a: int, where: int, by: int, way: str) -> None:
        changes = one_of(["time", "time", "kind", "time and kind", "link", "nothing"], where // 8)
        session, now = self.a_session(a), self.world.now
        kind = session.kind
        if "kind" in changes:
            kind = next(other for other in self.world.kinds if other.number != session.kind.number)
        wanted = open_times.staff_wants(self.world, session.provider, session.client, kind, moving=session)
        start = self.a_start(wanted, where) if "time" in changes else session.start
        link = f"https://meet.example/{where}" if changes == "link" else session.link
        staff = self.staff(session.provider, by)
        refusals = practice_law.may_not_change(self.world, session, start, kind, link, now=now)
        details = Details(start, kind.number, session.place, link)
        verb = partial(change_appointment_details, session.ref, details=details)
        if self.send(verb, by=staff, way=way, refusals=refusals, looks_at=session.provider) is not None:
            practice_law.change(self.world, session, start, kind, link, by=staff, now=now)

    @often(2, when=lambda self: self.world.sessions)
    def staff_cancels(self, a: int, b: int, by: int, way: str) -> None:
        reason, link, waived = one_of(REASONS, b), b % 3 > 0, b % 4 == 0
        session, now = self.a_session(a), self.world.now
        staff = self.staff(session.provider, by)
        said = Cancellation(CancelReason(reason), rebook_link=link, waived=waived)
        refusals = practice_law.may_not_cancel(session, now=now)
        verb = partial(cancel_appointment, session.ref, cancellation=said)
        if self.send(verb, by=staff, way=way, refusals=refusals, looks_at=session.provider) is not None:
            practice_law.cancel_by_practice(
                self.world, session, reason, rebook=link, waived=waived, by=staff, now=now
            )

    def _stretch(self, where: int, length: int) -> tuple[datetime, datetime]:
        """Return a stretch of hours or days in the weeks ahead; now and then all that there is to book."""
        start = (self.world.now - 2 * HOUR).replace(minute=0, second=0, microsecond=0) + where % 400 * HOUR
        lengths = [HOUR, 4 * HOUR, DAY, 5 * DAY, 100 * DAY]
        return start, start + one_of(lengths, length)

    @often(2, when=lambda self: len(self.world.blocks) < 6)
    def provider_blocks_time(self, who: int, where: int, length: int, way: str) -> None:
        provider = one_of(self.world.providers, who % 3 // 2)
        start, end = self._stretch(where, length)
        refusals = {"starts_in_the_past"} if end <= self.world.now else set()

        def block(*, by: Actor, now: datetime) -> Answer:
            return block_time(provider, span=Span(start, end), now=now)

        answer = self.send(block, by=By("provider", provider), way=way, refusals=refusals, looks_at=provider)
        if answer is not None:
            ref = UUID(answer["block"])
            [(number,)] = rows("SELECT id FROM raincheck_outofoffice WHERE ref = %s", ref)
            self.world.blocks.append(Block(number, ref, provider, start, end))

    @often(1, when=lambda self: self.world.blocks)
    def provider_changes_a_block(self, number: int, where: int, length: int, way: str) -> None:
        block = one_of(self.world.blocks, number)
        start, end = self._stretch(where, length)
        if where % 2:  # shorten it
            start, end = block.start, block.end - timedelta(minutes=30)
        if end <= start:
            return
        refusals = {"block_gone"} if block.removed_at else set()
        refusals |= {"starts_in_the_past"} if end <= self.world.now else set()

        def edit(*, by: Actor, now: datetime) -> Answer:
            span, practice = Span(start, end), self.world.practice
            return change_block(block.ref, practice_id=practice, span=span, note="", now=now)

        staff = self.staff(block.provider, number)
        if self.send(edit, by=staff, way=way, refusals=refusals, looks_at=block.provider) is not None:
            block.start, block.end, block.edited_at = start, end, self.world.now

    @often(1, when=lambda self: self.world.blocks)
    def provider_opens_a_block(self, number: int, _b: int, _c: int, way: str) -> None:
        block = one_of(self.world.blocks, number)
        refusals = {"block_gone"} if block.removed_at else set()

        def remove(*, by: Actor, now: datetime) -> Answer:
            return remove_block(block.ref, practice_id=self.world.practice, now=now)

        staff = self.staff(block.provider, number)
        if self.send(remove, by=staff, way=way, refusals=refusals, looks_at=block.provider) is not None:
            block.removed_at = self.world.now
