"""Template filters for times and lengths, in the words that messages use too, each told its zone."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django import template
from django.contrib.messages.storage.base import Message

from raincheck.data.people import Practice
from raincheck.domain.clients.phones import shown_phone
from raincheck.notifications import formats as wording
from raincheck.web import submission as acting
from raincheck.web.requests import arrival_of

register = template.Library()

MINUTE = timedelta(minutes=1)

UNDO = "undo"
"""The first tag of a message about what can still be undone; the address to undo it and until when follow."""


@register.filter
def long_day(instant: datetime, zone: str) -> str:
    """{{ appointment.starts_at|long_day:zone }} → Tuesday, November 24"""
    return wording.long_day(instant, zone)


@register.filter
def short_day(instant: datetime, zone: str) -> str:
    """→ Tue, Nov 24"""
    return wording.short_day(instant, zone)


@register.filter
def clock_time(instant: datetime, zone: str) -> str:
    """→ 8:00 AM"""
    return wording.clock_time(instant, zone)


@register.filter
def long_day_and_time(instant: datetime, zone: str) -> str:
    """→ Tuesday, November 24 at 8:00 AM"""
    return wording.long_day_and_time(instant, zone)


@register.filter
def short_day_and_time(instant: datetime, zone: str) -> str:
    """→ Tue, Nov 24 · 11:00 AM"""
    return wording.short_day_and_time(instant, zone)


@register.filter
def instant_with_day(instant: datetime, zone: str) -> str:
    """→ Tue, 6:00 AM"""
    return wording.instant_with_day(instant, zone)


@register.filter
def zone_city(zone: str) -> str:
    """{{ zone|zone_city }} → Los Angeles"""
    return wording.zone_city(zone)


@register.filter
def time_left(deadline: datetime, now: datetime) -> str:
    """{{ request.deadline_at|time_left:now }} → 41 hours"""
    # A page may be drawn in the grace after a deadline, before the sweep ends the request.
    return wording.time_left(max(deadline - now, timedelta(0)))


@register.filter
def short_time_left(deadline: datetime, now: datetime) -> str:
    """→ 41 h"""
    return wording.short_time_left(max(deadline - now, timedelta(0)))


@register.filter
def dialed(phone: str) -> str:
    """{{ client.phone|dialed }} → +15550102030"""
    return wording.dialed(phone)


@register.filter
def phone_in(phone: str, practice: Practice) -> str:
    """{{ client.phone|phone_in:staff.practice }} → (555) 010-2030"""
    return shown_phone(phone, region=practice.region)


@register.filter
def duration(length: timedelta) -> str:
    """{{ policy.answer_window|duration }} → 48 hours"""
    return wording.duration(length)


@register.simple_tag(takes_context=True)
def fresh_key(context: template.Context) -> str:
    """{% fresh_key %}: a key for one more form on a page."""
    return acting.fresh_key(arrival_of(context["request"]).at)


@dataclass(frozen=True, slots=True)
class Undoable:
    """A message's way to undo what it tells of: where to, and for how long."""

    url: str
    left: timedelta

    @property
    def seconds(self) -> int:
        return int(self.left.total_seconds())

    @property
    def within(self) -> timedelta:
        """The time left in whole minutes, for who reads it without a script: never less than there is."""
        return -(-self.left // MINUTE) * MINUTE


@register.simple_tag(takes_context=True)
def undo_of(context: template.Context, message: Message) -> Undoable | None:
    """{% undo_of message as undo %}: None for what can't be undone, or not any more."""
    kind, _space, said = (message.extra_tags or "").partition(" ")
    if kind != UNDO:
        return None
    url, _space, until = said.partition(" ")
    left = datetime.fromisoformat(until) - arrival_of(context["request"]).at
    return Undoable(url, left) if left > timedelta(0) else None
