"""Zone rules that change: future appointments and time off keep what was agreed on the wall clock, and both sides are told.

Such a correction is no change of the appointment: an open request stays open. What cannot keep its wall time, since
somebody else has that time now, stays at its instant and becomes a person's task.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from raincheck.actions.calendars.checks import read_whole
from raincheck.actions.engine.locks import ReadAgain, lock
from raincheck.actions.engine.runner import Answer, run_command
from raincheck.actions.reschedule.open_times import look_soon
from raincheck.actions.timing.zone_corrections import Correction, correct
from raincheck.data.models import (
    Appointment,
    BusyCalendar,
    OutOfOffice,
    Practice,
    Provider,
    RescheduleRequest,
    ZoneRules,
)
from raincheck.data.reschedule.request import OPEN
from raincheck.data.timing.zone_rules import version_applied
from raincheck.domain.appointments.lifecycle import Status
from raincheck.domain.people import SYSTEM
from raincheck.domain.reschedule.lifecycle import TookTooLong
from raincheck.domain.spans import Span
from raincheck.domain.timing.zone_rules import (
    Move,
    kept_session,
    kept_time_off,
    moved_together,
    version_in_use,
)
from raincheck.domain.zones import zone_named

# Rows that are in memory at once: a practice has a few hundred ahead, an installation many times that.
READ_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class Corrected:
    """What new rules brought for some providers of a practice."""

    appointments: Sequence[Correction]
    blocks: Sequence[OutOfOffice]

    @property
    def counted(self) -> Counter[str]:
        clashes = sum(one.clashes for one in self.appointments)
        return +Counter(
            {
                "appointment kept on the clock": len(self.appointments) - clashes,
                "appointment that clashes": clashes,
                "time off kept on the clock": len(self.blocks),
            }
        )


def apply_newer_zone_rules(*, now: datetime, go_on: Callable[[], bool] = lambda: True) -> Counter[str]:
    """Correct everything once when this process has newer zone rules than the database; returns how many of each.

    A process with older rules than those applied last changes nothing: while some machines are updated and others are
    not, nobody turns back what another has done.
    """
    newer = version_in_use() > version_applied()
    return apply_zone_rules(now=now, go_on=go_on) if newer else Counter()


def apply_zone_rules(*, now: datetime, go_on: Callable[[], bool] = lambda: True) -> Counter[str]:
    """Correct everything by the rules of this process, provider by provider, and note their version at the end.

    Any number of processes may do so at once; one that was interrupted is made good by the next. So is one that `go_on`,
    asked after each, has stopped. Raises what stood in the way of a provider, once all others are done. In these cases
    the version is not noted.
    """
    version = version_in_use()
    done: Counter[str] = Counter()
    for corrected in _corrections(now=now, still_fresh=lambda: True):
        done += corrected.counted
        if not go_on():
            return done
    run_command(partial(_note, version, now=now), key=None, body={}, by=SYSTEM, now=now)
    return done


def preview_zone_rules(*, now: datetime) -> list[Corrected]:
    """Return what `apply_zone_rules` would do, without doing it: each correction is made and taken back."""
    return list(_corrections(now=now, still_fresh=lambda: False))


def _note(version: str, *, now: datetime) -> Answer:
    """Note that a version is applied. Calendars are read again whole, since their servers won't know of any change."""
    read_whole(BusyCalendar.objects.all(), now=now)
    ZoneRules.objects.update_or_create(version=version, defaults={"applied_at": now})
    return {"version": version}


def _corrections(*, now: datetime, still_fresh: Callable[[], bool]) -> Iterator[Corrected]:
    """Correct the providers whom new rules concern, together where they must be corrected together.

    A group that fails keeps none of the others waiting; then it is raised.
    """
    failed: Exception | None = None
    for practice in Practice.objects.order_by("pk").values_list("pk", flat=True):
        providers = list(Provider.objects.filter(practice=practice).values_list("pk", flat=True))
        moves = [
            Move(
                row.provider_id,
                row.client_id,
                row.span,
                wanted,
                row.place_id if row.place.one_at_a_time else None,
            )
            for row, wanted in _misplaced(providers, now=now)
        ]
        groups = moved_together(moves)
        away = {block.provider_id for block, _span in _misplaced_blocks(providers, now=now)}
        alone = away - frozenset[int]().union(*groups)
        for group in [*groups, *(frozenset({number}) for number in sorted(alone))]:
            try:
                yield _corrected(group, now=now, still_fresh=still_fresh)
            except Exception as error:  # noqa: BLE001  # raised below, once the others had their turn
                failed = failed or error
    if failed is not None:
        raise failed


def _misplaced(providers: Collection[int], *, now: datetime) -> Iterator[tuple[Appointment, Span]]:
    """Yield appointments ahead that are not when their clock says, each with the time that is; looked up without locking.

    What has begun by its instant is left alone, whatever the clock shows now.
    """
    rows = Appointment.objects.filter(
        provider__in=providers, status=Status.SCHEDULED, starts_at__gt=now
    ).select_related("place")
    rows = rows.only(
        "provider", "client", "place__one_at_a_time", "starts_at", "ends_at", "starts_wall", "zone"
    )
    for row in rows.order_by("pk").iterator(chunk_size=READ_AT_ONCE):
        wanted = kept_session(row.span, row.starts_wall, zone=zone_named(row.zone))
        if wanted is not None:
            yield row, wanted


def _misplaced_blocks(providers: Collection[int], *, now: datetime) -> Iterator[tuple[OutOfOffice, Span]]:
    """Yield the same of time off that is not over."""
    rows = OutOfOffice.objects.filter(provider__in=providers, removed_at__isnull=True, ends_at__gt=now)
    for row in rows.order_by("pk"):
        kept = kept_time_off(
            row.span, row.starts_wall, row.ends_wall, whole_days=row.all_day, zone=zone_named(row.zone)
        )
        if kept is not None:
            yield row, kept


def _corrected(providers: frozenset[int], *, now: datetime, still_fresh: Callable[[], bool]) -> Corrected:
    """Correct a group of providers in one transaction, which is taken back when `still_fresh` says no."""
    done: list[Corrected] = []

    def verb() -> Answer:
        done[:] = [_correct(providers, now=now)]
        return {}

    try:
        run_command(verb, key=None, body={}, by=SYSTEM, now=now, still_fresh=still_fresh)
    except TookTooLong:
        if still_fresh() or not done:
            raise
    return done[0]


def _correct(providers: frozenset[int], *, now: datetime) -> Corrected:
    """Correct the appointments and the time off of some providers, with the clients and the open requests they concern."""
    found = {row.pk: row.client_id for row, _wanted in _misplaced(providers, now=now)}
    asked = _open_requests(found)
    locked = lock(providers=providers, clients=found.values(), appointments=found, requests=asked)
    # Booked, moved or asked about between the look-up and the lock.
    if {row.pk for row, _wanted in _misplaced(providers, now=now)} != set(found):
        raise ReadAgain
    if _open_requests(found) != asked:
        raise ReadAgain
    requests = {request.appointment_id: request for request in locked.requests.values()}
    corrections = []
    for row in locked.appointments.values():
        wanted = kept_session(row.span, row.starts_wall, zone=zone_named(row.zone))
        assert wanted is not None, "only what is misplaced was locked"
        corrections.append(Correction(row, row.span, wanted, requests.get(row.pk)))
    corrections.sort(key=lambda one: (one.wanted.start, one.appointment.pk))
    correct(corrections, now=now)
    blocks = []
    for block, kept in _misplaced_blocks(providers, now=now):
        block.starts_at, block.ends_at = kept.start, kept.end
        blocks.append(block)
    OutOfOffice.objects.bulk_update(blocks, ["starts_at", "ends_at"])
    look_soon(locked.providers)
    return Corrected(corrections, blocks)


def _open_requests(appointments: Iterable[int]) -> set[int]:
    rows = RescheduleRequest.objects.filter(OPEN, appointment__in=list(appointments))
    return set(rows.values_list("pk", flat=True))
