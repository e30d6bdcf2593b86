"""Tasks about sessions that share a room which holds one at a time from now on: made at once, ended when one of them has moved."""

from collections import Counter
from datetime import datetime

from django.db.models import Exists, OuterRef

from raincheck.data.appointments.shared_rooms import sharing_a_room
from raincheck.data.models import Appointment, Place, Task
from raincheck.domain.tasks import TaskKind


def tell_of_shared_room(place: Place, *, now: datetime) -> None:
    """Make a task of each session that overlaps another one in a room, for its provider and the managers. Nothing is moved."""
    rows = sharing_a_room(Appointment.objects.filter(place=place), now=now).order_by("starts_at", "pk")
    Task.objects.bulk_create(
        (
            Task(
                practice_id=row.practice_id,
                provider_id=row.provider_id,
                client_id=row.client_id,
                kind=TaskKind.ROOM_SHARED,
                appointment=row,
                made_at=now,
                # Who has the other session is for a manager to see; a provider knows only their own.
                for_managers_at=now,
            )
            for row in rows
        ),
        ignore_conflicts=True,
    )


def end_shared_rooms(*, now: datetime, limit: int) -> Counter[str]:
    """End the tasks whose session has the room to itself again: it or the other was moved or canceled, or has begun."""
    still = sharing_a_room(Appointment.objects.filter(pk=OuterRef("appointment")), now=now)
    over = (
        Task.objects.select_for_update(skip_locked=True, no_key=True, of=("self",))
        .filter(~Exists(still), kind=TaskKind.ROOM_SHARED, done_at__isnull=True)
        .order_by("pk")
    )
    ids = list(over.values_list("pk", flat=True)[:limit])
    Task.objects.filter(pk__in=ids).update(done_at=now)
    return Counter({"room no longer shared": len(ids)} if ids else {})
