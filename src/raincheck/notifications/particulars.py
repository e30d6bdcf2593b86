"""What the templates may say: the facts of each appointment in the reader's zone, and the people, as words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from raincheck.data.appointments import Appointment
from raincheck.data.people import Client, Practice, Provider
from raincheck.domain.appointments import CancelledBy, CancelledWhy, PlaceKind
from raincheck.notifications.links import PLACEHOLDER
from raincheck.notifications.matters import Audience, Matter
from raincheck.notifications.wording import (
    clock_time,
    duration,
    instant_with_day,
    long_day_and_time,
    short_day,
    time_left,
    with_zone,
    zone_city,
    zone_words,
)

Values = dict[str, object]

ASKED_BY_CLIENT = {CancelledWhy.CLIENT, CancelledWhy.CLIENT_LATE, CancelledWhy.RESCHEDULE_DECLINED}
ENDS_MORE = {CancelledWhy.DISCHARGED, CancelledWhy.SERIES_ENDED}
"""After these the client's other appointments do not stand, so no message may say so."""


@dataclass(frozen=True, slots=True)
class Item:
    """One appointment of a message. Long forms name their zone; short ones are for texts, whose zone is `city`."""

    when: str
    when_short: str
    city: str
    former: str
    deadline: str
    deadline_short: str
    left: str
    where: str
    join_url: str


def particulars(
    matters: Sequence[Matter], *, audience: Audience, zone: str, has_link: bool, now: datetime
) -> Values:
    """Return everything a template about appointments may name."""
    appointment = matters[0].appointment
    items = [_item(matter, audience=audience, zone=zone, now=now) for matter in matters]
    whys = {matter.appointment.cancelled_why for matter in matters}
    return {
        **people(appointment.practice, appointment.provider, appointment.client),
        "items": items,
        "first": items[0],
        "one_deadline": len({item.deadline for item in items}) == 1,
        "city": zone_city(zone),
        "lead": duration(appointment.practice.rules.lead),
        "has_link": has_link,
        "client_canceled": whys <= ASKED_BY_CLIENT,
        "by_manager": appointment.cancelled_by == CancelledBy.MANAGER,
        "fee_allowed": any(matter.appointment.fee_allowed for matter in matters),
        "others_stand": not whys & ENDS_MORE,
        "no_time_found": whys == {CancelledWhy.RESCHEDULE_NO_TIME},
    }


def people(practice: Practice, provider: Provider, client: Client) -> Values:
    """Return how a message calls those it is about. A client who wants neutral wording reads no provider's name."""
    return {
        "practice": plain(practice.sender_name if client.neutral_wording else practice.name),
        "sender": plain(practice.sender_name),
        "phone": plain(practice.phone),
        "urgent_help": plain(practice.urgent_help),
        "replies_are_read": bool(practice.reply_to),
        "who": plain(practice.sender_name if client.neutral_wording else provider.short_name),
        "provider": plain(provider.short_name),
        "first_name": plain(client.first_name),
        "client": plain(f"{client.first_name} {client.last_name[:1]}.")
        if client.last_name
        else plain(client.first_name),
        "kept_by_silence": client.do_not_auto_cancel,
    }


def plain(text: str) -> str:
    """Return what somebody typed as one line that brings no link of its own."""
    return " ".join(text.replace(PLACEHOLDER, "").split())


def _item(matter: Matter, *, audience: Audience, zone: str, now: datetime) -> Item:
    appointment, request = matter.appointment, matter.request
    shown_in = _zone_of(appointment, audience=audience, zone=zone)
    deadline = request.deadline_at if request else None
    return Item(
        when=_when(appointment.starts_at, shown_in, zone, now=now),
        when_short=_when_short(appointment.starts_at, shown_in),
        city=zone_city(shown_in),
        former=_when(matter.former.start, shown_in, zone, now=now) if matter.former else "",
        deadline=with_zone(long_day_and_time(deadline, zone, now=now), zone) if deadline else "",
        deadline_short=_when_short(deadline, zone) if deadline else "",
        left=time_left(deadline - now) if deadline else "",
        where=_where(appointment),
        join_url=appointment.join_url if appointment.place.kind == PlaceKind.TELEHEALTH else "",
    )


def _zone_of(appointment: Appointment, *, audience: Audience, zone: str) -> str:
    """Times of sessions in a room are the room's, for the client who has to come there."""
    place = appointment.place
    return place.zone if audience is Audience.CLIENT and place.kind == PlaceKind.ROOM and place.zone else zone


def _when(instant: datetime, shown_in: str, zone: str, *, now: datetime) -> str:
    """Return a time with its zone, and the reader's own time beside it where the clocks differ."""
    long = long_day_and_time(instant, shown_in, now=now)
    own = instant_with_day(instant, zone)
    if instant_with_day(instant, shown_in) == own:
        return with_zone(long, zone)
    both = {"place": zone_words(shown_in), "own": own, "city": zone_city(zone)}
    return f"{long} ({_('%(place)s; %(own)s in %(city)s') % both})"


def _when_short(instant: datetime, zone: str) -> str:
    return f"{short_day(instant, zone)}, {clock_time(instant, zone)}"


def _where(appointment: Appointment) -> str:
    place = appointment.place
    if place.kind == PlaceKind.TELEHEALTH:
        return ""
    return ", ".join(part for part in (plain(place.name), plain(place.address)) if part)
