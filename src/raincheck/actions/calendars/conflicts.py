"""Tasks about appointments that a calendar is busy over: made once when the busy time appears, ended when it is over."""

from collections import Counter
from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from raincheck.actions.engine.side_effects import make_task
from raincheck.data.calendars.conflicts import conflicting
from raincheck.data.models import Appointment, Provider, Task
from raincheck.domain.tasks import TaskKind


def tell_of_conflicts(provider: Provider, *, now: datetime) -> None:
    """Make a task for each appointment that busy time which appeared at `now` lies over. Nothing is moved by itself."""
    own = Appointment.objects.filter(provider=provider)
    # Only busy time that appeared now: what lay there before has its task, or had it and is done.
    for appointment in conflicting(own, now=now).filter(Q(busy_since=now)).order_by("starts_at", "pk"):
        make_task(TaskKind.CONFLICT, appointment=appointment, now=now)


def end_conflicts(*, now: datetime, limit: int) -> Counter[str]:
    """End the tasks whose appointment was moved, asked about or cancelled, has begun, or is free of busy time again."""
    still = conflicting(Appointment.objects.filter(pk=OuterRef("appointment")), now=now)
    over = (
        Task.objects.select_for_update(skip_locked=True, no_key=True, of=("self",))
        .filter(~Exists(still.filter(Q(busy_in__isnull=False))), kind=TaskKind.CONFLICT, done_at__isnull=True)
        .order_by("pk")
    )
    # Looked up first and limited, so that a long list never holds its locks for long.
    ids = list(over.values_list("pk", flat=True)[:limit])
    Task.objects.filter(pk__in=ids).update(done_at=now)
    return Counter({"conflict over": len(ids)} if ids else {})
