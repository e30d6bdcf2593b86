"""Calendar feeds are made, named and ended here: the addresses under which calendar programs read appointments."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q

from raincheck.actions.engine.locks import lock, refuse_what_is_not_theirs
from raincheck.actions.engine.runner import Answer
from raincheck.data.calendars.feeds import LIVE, live_feeds
from raincheck.data.models import CalendarFeed, Client, Provider
from raincheck.domain.calendars.feeds import USE_IS_NOTED_AGAIN_AFTER, FeedGone, Titles


def make_feed(whose: Provider | Client, *, digest: bytes, titles: Titles, now: datetime) -> Answer:
    """Give a person a new address, known by the digest of its token; the one they had ends at once."""
    feed = CalendarFeed(practice_id=whose.practice_id, hash=digest, titles=titles, made_at=now)
    if isinstance(whose, Client):
        feed.client = lock(clients=[whose.pk]).clients[whose.pk]
    else:
        feed.provider = lock(providers=[whose.pk]).providers[whose.pk]
    # Ended in the same transaction: of two addresses nobody would know which one they gave away.
    live_feeds(whose).update(ended_at=now)
    feed.save(force_insert=True)
    return {"feed": str(feed.ref)}


def title_feed(provider: Provider, *, titles: Titles) -> Answer:
    """Change what the entries of a provider's feed are called. Raises FeedGone."""
    refuse_what_is_not_theirs(provider)
    if not live_feeds(provider).update(titles=titles):
        raise FeedGone
    return {"titles": titles}


def stop_feed(ref: UUID, *, now: datetime) -> Answer:
    """End an address: whoever asks there finds nothing any more. Raises FeedGone."""
    live = CalendarFeed.objects.filter(LIVE, ref=ref)
    feed = live.first()
    if feed is None:
        raise FeedGone
    refuse_what_is_not_theirs(feed)
    # Asked of the row itself: two who end it at once must not both be told that they did.
    if not live.update(ended_at=now):
        raise FeedGone
    return {"feed": str(ref)}


def note_use(feed: CalendarFeed, *, now: datetime) -> Answer:
    """Remember that a program asked, to five minutes: a program that asks all the time writes no more than others."""
    stale = Q(last_used_at__isnull=True) | Q(last_used_at__lte=now - USE_IS_NOTED_AGAIN_AFTER)
    CalendarFeed.objects.filter(stale, pk=feed.pk).update(last_used_at=now)
    return {}
