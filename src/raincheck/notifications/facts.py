"""The facts of an event, fixed when it is told: a late message tells of its own event, not of a later one.

Ids, codes and times only; names, addresses and links come when the message is handed over.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.places import Place
from raincheck.data.reschedule.request import as_it_stands
from raincheck.domain.reschedule.lifecycle import NeedsProvider
from raincheck.domain.reschedule.silence import Silence, once_handed_over, silence
from raincheck.notifications.subjects import NoticeSubject

Kept = dict[str, str | int | bool]
"""Facts as a row keeps them, in JSON; what does not apply is left out."""


@dataclass(frozen=True, slots=True)
class Facts:
    """One appointment as an event left it, and the request about it, if there is one.

    `zone` is the clock on which the time was agreed, `former_starts_at` the time before when it moved, `sequence` that of
    its calendar entry; `deadline_at` is None without a request.
    """

    starts_at: datetime
    ends_at: datetime
    zone: str
    sequence: int
    place: int | None = None
    series: int | None = None
    recurrence_id: datetime | None = None
    """Of an occurrence: the wall time by which its series knows it; `whole_series` where the event was about the series."""
    whole_series: bool = False
    former_series: int | None = None
    former_starts_at: datetime | None = None
    cancelled_by: str = ""
    cancelled_why: str = ""
    fee_allowed: bool = False
    deadline_at: datetime | None = None
    needs_provider: str = ""
    time_lost: bool = False
    silence: Silence | None = None
    """What silence brings while the request is open; a message that holds for a while says it as it is by then."""
    client_wrote: bool = False
    video_offered: bool = False
    """Whether the client may keep the time and meet by video."""
    asked_at: datetime | None = None
    prompted_at: datetime | None = None


TIMES = ("starts_at", "ends_at", "former_starts_at", "deadline_at")
WALL_TIMES = ("recurrence_id",)
OTHERS = (
    "zone",
    "place",
    "series",
    "whole_series",
    "former_series",
    "cancelled_by",
    "cancelled_why",
    "fee_allowed",
    "needs_provider",
    "time_lost",
    "video_offered",
)


@dataclass(frozen=True, slots=True)
class Listed:
    """One appointment of a message: the facts of its event, and whose and where it is."""

    facts: Facts
    appointment: Appointment
    place: Place


def listed(subject: NoticeSubject, *, handed_over_at: datetime | None = None) -> Listed:
    """Return what a message says of an appointment right after the act; of a prompt, as being handed over leaves its request."""
    row, request = subject.appointment, subject.request
    stands = None
    if request is not None and request.is_open:
        stands = as_it_stands(request, row)
        if handed_over_at is not None and request.handed_over_at is None:
            # A delay is given back once, with the first hand-over.
            stands = once_handed_over(
                stands,
                asked_at=request.asked_at,
                handed_over_at=handed_over_at,
                policy=row.practice.rules,
                waits_for_that=request.needs_provider == NeedsProvider.NOT_HANDED_OVER,
            )
    facts = Facts(
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        zone=row.zone,
        sequence=row.ical_sequence,
        # That of the event: by the time the message leaves it may be another.
        place=row.place_id,
        series=row.series_id,
        recurrence_id=row.recurrence_id,
        whole_series=subject.whole_series,
        former_series=subject.former_series,
        former_starts_at=subject.former.start if subject.former else None,
        cancelled_by=row.cancelled_by or "",
        cancelled_why=row.cancelled_why or "",
        fee_allowed=row.fee_allowed,
        deadline_at=stands.deadline_at if stands else request.deadline_at if request else None,
        needs_provider=(request.needs_provider or "") if request else "",
        time_lost=bool(request and request.time_lost),
        video_offered=bool(request and request.video_offered),
        silence=silence(stands) if stands else None,
        client_wrote=bool(request and request.client_wrote_at),
        asked_at=request.asked_at if request else None,
        prompted_at=(request.handed_over_at or handed_over_at or request.asked_at) if request else None,
    )
    return Listed(facts, row, row.place)


def kept(facts: Facts) -> Kept:
    """Return the facts as their row keeps them; the sequence has a column of its own."""
    times = {name: at.astimezone(UTC).isoformat() for name in TIMES if (at := getattr(facts, name))}
    walls = {name: at.isoformat() for name in WALL_TIMES if (at := getattr(facts, name))}
    return times | walls | {name: value for name in OTHERS if (value := getattr(facts, name))}


def read(row: Mapping[str, object], *, sequence: int) -> Facts:
    """Return facts that a row has kept. Raises KeyError or ValueError for what was never facts."""
    times = {name: datetime.fromisoformat(str(row[name])) for name in (*TIMES, *WALL_TIMES) if name in row}
    others = {name: row[name] for name in OTHERS if name in row}
    return Facts(sequence=sequence, **times, **others)  # type: ignore[arg-type]  # as `kept` wrote them
