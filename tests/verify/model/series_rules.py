"""Rules: repeating appointments are booked, changed and canceled together, and go on by themselves."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from tests.verify.model import open_times, series_law as law
from tests.verify.model.commands import often
from tests.verify.model.machine import Machine, one_of
from tests.verify.model.own_connection import rows
from tests.verify.model.practice_rules import REASONS
from tests.verify.model.world import Series, Session

from raincheck.actions.appointments.booking import Cancellation, Details
from raincheck.actions.appointments.series import SeriesBooking, book_series
from raincheck.actions.appointments.series_changes import cancel_series, change_series
from raincheck.domain.appointments.lifecycle import CancelReason
from raincheck.domain.appointments.series import Scope

ENDS = [2, 3, 4, 2, None]
"""How many dates a series has; None for one without an end, whose third date comes within reach a week later."""
APART_WITHOUT_END = 27


class SeriesRules(Machine):
    @property
    def repeated(self) -> list[Session]:
        live = [session for session in self.world.live() if session.series is not None]
        return live or [session for session in self.world.sessions if session.series is not None]

    @often(3, when=lambda self: len(self.world.sessions) < 12)
    def staff_books_a_series(self, a: int, where: int, c: int, way: str) -> None:
        """Dates that clash are left out, mostly; else nothing is booked."""
        provider, client = one_of(self.world.providers, a // 7 % 3 // 2), self.a_client(a)
        kind, count, now = one_of(self.world.kinds, c // 4), one_of(ENDS, a // 3), self.world.now
        every = APART_WITHOUT_END if count is None else 1 + where % 2
        wanted = open_times.staff_wants(self.world, provider, client, kind)
        first = law.on_the_wall(self.a_start(wanted, where, days=9))
        until = law.made_until(count, now)
        dates = law.walls(first, every, count=count, until=until)
        skipped = law.clashing(self.world, provider, client, kind, dates) if c % 3 else set()
        skipped |= {dates[0]} if c % 5 == 0 else set()
        kept = [wall for wall in dates if wall not in skipped]
        staff, place = self.staff(provider, c), self.world.places[0]
        refusals = law.may_not_book(self.world, provider, client, kind, kept, now=now)
        said = SeriesBooking(
            provider, client, kind.number, place, first, every, count=count, skipped=frozenset(skipped)
        )
        verb = partial(book_series, said)
        answer = self.send(verb, by=staff, way=way, refusals=refusals, looks_at=provider)
        if answer is None:
            return
        number, ref, link = self._written(UUID(answer["series"]))
        series = Series(number, ref, provider, client, kind, place, every, kept[0], kind.length, link=link)
        series.count = count - dates.index(kept[0]) if count else None
        series.made_until = until if count is None else dates[-1].date()
        booked = self.named([law.occurrence(series, wall) for wall in kept])
        law.book(self.world, series, booked, by=staff, now=now)

    def _written(self, ref: UUID) -> tuple[int, UUID, str]:
        [(number, link)] = rows("SELECT id, join_url FROM raincheck_series WHERE ref = %s", ref)
        return number, ref, link

    @often(4, when=lambda self: self.repeated)
    def staff_changes_a_series(self, a: int, where: int, c: int, way: str) -> None:
        changes = one_of(["time", "time", "kind", "time and kind", "link", "nothing"], where // 8)
        chosen, scope, now = one_of(self.repeated, a), one_of(["following", "all"], a // 5), self.world.now
        about = law.about(self.world, chosen, scope, now=now)
        kind = chosen.kind
        if "kind" in changes:
            kind = next(other for other in self.world.kinds if other.number != kind.number)
        wanted = open_times.staff_wants(self.world, chosen.provider, chosen.client, kind, moving=chosen)
        start = self.a_start(wanted, where) if "time" in changes else chosen.start
        link = f"https://meet.example/{where}" if changes == "link" else chosen.link
        sequence = chosen.sequence - (c % 9 == 0)
        staff = self.staff(chosen.provider, c)
        refusals = law.may_not_touch(chosen, sequence, now=now)
        refusals = refusals or law.may_not_change(self.world, about, chosen, start, kind, link, now=now)
        details = Details(start, kind.number, chosen.place, link, sequence)
        verb = partial(change_series, chosen.ref, scope=Scope(scope), details=details)
        if self.send(verb, by=staff, way=way, refusals=refusals, looks_at=chosen.provider) is not None:
            [(ref,)] = rows(
                "SELECT s.ref FROM raincheck_series s JOIN raincheck_appointment a ON a.series_id = s.id WHERE a.id = %s",
                chosen.number,
            )
            old = chosen.series
            assert old is not None
            number, _ref, _link = self._written(ref)
            series = Series(
                number, ref, old.provider, old.client, kind, old.place, old.every, old.first, old.length
            )
            law.change(self.world, about, chosen, start, kind, link, series=series, by=staff, now=now)

    @often(2, when=lambda self: self.repeated)
    def staff_cancels_a_series(self, a: int, b: int, c: int, way: str) -> None:
        reason, link, waived = one_of(REASONS, b), b % 3 > 0, b % 4 == 0
        chosen, scope, now = one_of(self.repeated, a), one_of(["following", "all"], a // 5), self.world.now
        about = law.about(self.world, chosen, scope, now=now)
        sequence = chosen.sequence - (c % 9 == 0)
        staff = self.staff(chosen.provider, c)
        said = Cancellation(CancelReason(reason), rebook_link=link, waived=waived, sequence=sequence)
        refusals = law.may_not_touch(chosen, sequence, now=now)
        verb = partial(cancel_series, chosen.ref, scope=Scope(scope), cancellation=said)
        if self.send(verb, by=staff, way=way, refusals=refusals, looks_at=chosen.provider) is not None:
            law.cancel_several(
                self.world, about, chosen, reason, rebook=link, waived=waived, by=staff, now=now
            )
