"""Extras of the team's day, as its address says: what was canceled, and the stretches that are open for a type of appointment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.http import HttpRequest

from raincheck.data.models import Provider
from raincheck.domain.spans import Span
from raincheck.queries.appointments.listing import places_of, types_of
from raincheck.queries.appointments.placing import Wanted, open_times_of_several, wanted_in
from raincheck.web.requests import ref_or_none
from raincheck.web.staff.appointments.words import minutes
from raincheck.web.staff.shell import Context, Staff

CANCELED, OPEN, PLACE = "canceled", "open", "place"
"""Their names in the address: `yes`, the ref of a type, the ref of a place."""


@dataclass(frozen=True, slots=True)
class OnDemand:
    """What is shown besides, and the part of the address that says so."""

    cancelled: bool = False
    wanted: Wanted | None = None

    @property
    def query(self) -> str:
        """Return "&canceled=yes&open=…", to be hung onto an address; nothing where nothing is asked for."""
        return "".join(f"&{urlencode({name: value})}" for name, value in self.fields.items())

    @property
    def booking(self) -> str:
        """Return what a new appointment's address says of the chosen type and place."""
        place = f"&place={self.wanted.place.ref}" if self.wanted and self.wanted.place else ""
        return f"&type={self.wanted.kind.ref}{place}" if self.wanted else ""

    @property
    def fields(self) -> dict[str, str]:
        said = {CANCELED: "yes"} if self.cancelled else {}
        if self.wanted:
            said[OPEN] = str(self.wanted.kind.ref)
            said |= {PLACE: str(self.wanted.place.ref)} if self.wanted.place else {}
        return said


def on_demand(request: HttpRequest, staff: Staff) -> OnDemand:
    """Return what an address asks for; a type or place that is none asks for nothing."""
    kind, place = (ref_or_none(request.GET.get(name)) for name in (OPEN, PLACE))
    wanted = wanted_in(staff.practice, kind=kind, place=place) if kind else None
    return OnDemand(request.GET.get(CANCELED) == "yes", wanted)


def choices_of(shown: OnDemand, staff: Staff, *, here: str) -> Context:
    """Return what the page offers beside the day: ways to show more or less, and the types and places to choose from."""
    types = [(str(kind.ref), f"{kind.name} · {minutes(kind.length)}") for kind in types_of(staff.practice)]
    places = [(str(place.ref), place.name) for place in places_of(staff.practice)]
    first = f"&{OPEN}={types[0][0]}" if types else ""
    return {
        "is_cancelled_shown": shown.cancelled,
        "canceled_url": here + OnDemand(not shown.cancelled, shown.wanted).query,
        "open_url": here
        + OnDemand(shown.cancelled).query
        + (first if types and shown.wanted is None else ""),
        "types": types,
        "places": places if len(places) > 1 else [],
        "open_type": shown.fields.get(OPEN, ""),
        "open_place": shown.fields.get(PLACE, ""),
        "kept": shown.fields,
    }


def open_stretches(
    shown: OnDemand, providers: Sequence[Provider], staff: Staff, *, within: Span
) -> Mapping[int, list[Span]]:
    """Return by provider the stretches in which such a session can begin and end; nothing when they are not asked for."""
    if shown.wanted is None:
        return {}
    found = open_times_of_several(
        providers, shown.wanted, practice=staff.practice, within=within, now=staff.now
    )
    return {one: list(_joined(starts, shown.wanted.kind.length)) for one, starts in found.items()}


def _joined(starts: Sequence[datetime], length: timedelta) -> Iterator[Span]:
    """Join sessions that touch or overlap; a stretch ends where its last session does."""
    first = end = None
    for start in starts:
        if first is None or end is None or start > end:
            if first is not None and end is not None:
                yield Span(first, end)
            first = start
        end = start + length
    if first is not None and end is not None:
        yield Span(first, end)
