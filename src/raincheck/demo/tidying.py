"""Leaves the demo as a practice that looks after things: old news is seen, old tasks are done, threads are read."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from django.db.models import F, Q

from raincheck.actions.conversations import mark_read
from raincheck.actions.tasks import finish_task, see_news
from raincheck.data.conversations import Conversation
from raincheck.data.notifications import Notification
from raincheck.data.people import Provider
from raincheck.data.tasks import Task
from raincheck.demo.past import acted
from raincheck.domain.notifications import Channel
from raincheck.domain.people import Actor, ActorKind

STILL_NEW = timedelta(hours=8)
NEWS_OF = timedelta(days=1)
STILL_OPEN = timedelta(days=2)


def tidy_up(provider: Provider, *, now: datetime) -> None:
    """Do for one provider what they would have done by now."""
    by = Actor(ActorKind.PROVIDER, provider.pk)
    unread = Q(provider_read_at__isnull=True) | Q(latest_at__gt=F("provider_read_at"))
    for thread in Conversation.objects.filter(unread, provider=provider):
        acted(partial(mark_read, thread, by=by, now=now, up_to=now - STILL_NEW))
    news = Notification.objects.filter(provider=provider, channel=Channel.IN_APP)
    newest = news.filter(made_at__lte=now - NEWS_OF).order_by("-pk").first()
    if newest is not None:
        acted(partial(see_news, provider.pk, up_to=newest.ref, now=now))
    for task in Task.objects.filter(provider=provider, done_at__isnull=True, made_at__lt=now - STILL_OPEN):
        acted(partial(finish_task, task, now=task.made_at + STILL_NEW))
