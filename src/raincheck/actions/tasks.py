"""Home: somebody has seen the news, or is done with a task."""

from datetime import datetime
from uuid import UUID

from raincheck.actions.engine.locks import refuse_what_is_not_theirs
from raincheck.actions.engine.runner import Answer
from raincheck.data.models import Notification, Provider, Task
from raincheck.domain.notifications import Channel


def see_news(provider_id: int, *, up_to: UUID, now: datetime) -> Answer:
    """Mark what a provider was told as seen, up to the newest that stood on the page; what came later stays new."""
    refuse_what_is_not_theirs(Provider.objects.get(pk=provider_id))
    own = Notification.objects.filter(provider=provider_id, channel=Channel.IN_APP)
    # By number, not by time: several rows of one transaction share their instant.
    newest = own.filter(ref=up_to).values("pk")[:1]
    # What can still be undone was not on the page, whatever its number.
    own.filter(pk__lte=newest, due_at__lte=now, seen_at__isnull=True).update(seen_at=now)
    return {"notification": str(up_to)}


def finish_task(task: Task, *, now: datetime) -> Answer:
    """Take a task off the list; one that is done stays done."""
    refuse_what_is_not_theirs(task)
    # The condition keeps the first time: two people may tick the same task.
    Task.objects.filter(pk=task.pk, done_at__isnull=True).update(done_at=now)
    return {"task": str(task.ref)}
