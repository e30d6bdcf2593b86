"""The place where a client will be at a session by video, as far as anybody has said, and whether its time was their own choice."""

from collections.abc import Collection
from dataclasses import dataclass

from raincheck.data.appointments.undo import undone_since
from raincheck.data.models import AppointmentHistory
from raincheck.data.reschedule.choices import BY_CLIENT
from raincheck.domain.appointments.lifecycle import History

CHOOSING = (History.BOOKED, History.MOVED, History.KEPT)
"""What a client does to choose a time; the practice does the first two as well."""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where a client said that they will be at the time a session has now, by its code; empty where nobody said."""

    region: str = ""
    chosen_by_client: bool = False


def whereabouts_of(appointments: Collection[int]) -> dict[int, Whereabouts]:
    """Return by number what is known of each appointment. What was said of a former time counts no more."""
    rows = AppointmentHistory.objects.filter(
        # A move that was undone was none.
        ~undone_since(),
        appointment__in=appointments,
        event__in=(*CHOOSING, History.LOCATED, History.DETAILS_CHANGED),
    )
    found = dict.fromkeys(appointments, Whereabouts())
    of_rows = rows.order_by("pk").values_list(
        "appointment", "event", "actor_kind", "from_starts_at", "to_starts_at", "details__region"
    )
    for number, event, by, former, start, region in of_rows:
        if event == History.LOCATED:
            found[number] = Whereabouts(region, found[number].chosen_by_client)
        elif event in CHOOSING or former != start:
            found[number] = Whereabouts("", by in BY_CLIENT)
    return found
