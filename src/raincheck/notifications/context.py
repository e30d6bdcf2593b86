"""The values that templates name: the facts of each appointment in the reader's zone, and the people, as words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from raincheck.data.access.emergency import EmergencyAccess
from raincheck.data.people import Client, Practice, Provider
from raincheck.domain.appointments.lifecycle import AT_THE_CLIENTS_WISH, CancelledBy, CancelledWhy, PlaceKind
from raincheck.domain.appointments.self_service import self_service_ends_at
from raincheck.domain.reschedule.deadlines import whole_window
from raincheck.domain.reschedule.silence import Silence
from raincheck.domain.zones import zone_named
from raincheck.notifications.facts import Facts, Listed
from raincheck.notifications.formats import (
    clock_time,
    duration,
    instant_with_day,
    long_day,
    long_day_and_time,
    short_day,
    time_left,
    time_to_choose,
    with_zone,
    zone_city,
    zone_letters,
    zone_words,
)
from raincheck.notifications.links import PLACEHOLDER
from raincheck.notifications.silence import Silent
from raincheck.notifications.subjects import Audience
from raincheck.notifications.urgent_help import urgent_help

Values = dict[str, object]

ASKED_BY_CLIENT = AT_THE_CLIENTS_WISH | {CancelledWhy.RESCHEDULE_DECLINED}
ENDS_MORE = {CancelledWhy.DISCHARGED, CancelledWhy.SERIES_ENDED}
"""After these the client's other appointments do not stand, so no message may say so."""


@dataclass(frozen=True, slots=True)
class Item:
    """One appointment of a message, in words that are made when a template asks for them.

    All name their zone; short forms are for texts, and `terse` where even there it must take less room. What does not
    apply is empty.
    """

    listed: Listed
    audience: Audience
    zone: str
    now: datetime
    terse: bool = False

    @property
    def when(self) -> str:
        return self._said(self._facts.starts_at)

    @property
    def former(self) -> str:
        at = self._facts.former_starts_at
        return self._said(at) if at else ""

    @property
    def day(self) -> str:
        return long_day(self._facts.starts_at, self._shown_in)

    @property
    def when_short(self) -> str:
        return self._short(self._facts.starts_at, self._shown_in)

    @property
    def clock(self) -> str:
        """The clock on which the time was agreed: "New York time"."""
        return zone_words(self._facts.zone)

    @property
    def agreed(self) -> str:
        """The time on that clock."""
        agreed_in = self._facts.zone
        return with_zone(long_day_and_time(self._facts.starts_at, agreed_in, now=self.now), agreed_in)

    @property
    def own(self) -> str:
        """The reader's own time where their clock differs from that one."""
        start = self._facts.starts_at
        if _clock(start, self.zone) == _clock(start, self._facts.zone):
            return ""
        return with_zone(long_day_and_time(start, self.zone, now=self.now), self.zone)

    @property
    def waits_for_provider(self) -> bool:
        return bool(self._facts.needs_provider)

    @property
    def time_lost(self) -> bool:
        """Whether an outage took time that there was no room to give back."""
        return self._facts.time_lost

    def silent(self, people: Values, *, others_stand: bool) -> Silent | None:
        """What silence brings; None of what no open request is about."""
        if self._facts.silence is None:
            return None
        who, practice, phone = (str(people[name]) for name in ("who", "practice", "phone"))
        return Silent(
            self._facts.silence,
            wrote=self._facts.client_wrote,
            until=self.deadline,
            who=who,
            practice=practice,
            phone=phone,
            others_stand=others_stand,
        )

    @property
    def deadline(self) -> str:
        instant = self._facts.deadline_at
        return with_zone(long_day_and_time(instant, self.zone, now=self.now), self.zone) if instant else ""

    @property
    def deadline_short(self) -> str:
        return self._short(self._facts.deadline_at, self.zone) if self._facts.deadline_at else ""

    @property
    def left(self) -> str:
        return time_left(self._facts.deadline_at - self.now) if self._facts.deadline_at else ""

    @property
    def you_have(self) -> str:
        """How long there is to choose, by the practice's number and the instant."""
        facts = self._facts
        if facts.deadline_at is None or facts.asked_at is None or facts.prompted_at is None:
            return ""
        whole = whole_window(
            facts.deadline_at,
            asked_at=facts.asked_at,
            prompted_at=facts.prompted_at,
            window=self.listed.appointment.practice.rules.answer_window,
        )
        return time_to_choose(self.deadline, whole=whole)

    @property
    def where(self) -> str:
        place = self.listed.place
        if place.kind == PlaceKind.TELEHEALTH:
            return ""
        return ", ".join(part for part in (plain(place.name), plain(place.address)) if part)

    @property
    def join_url(self) -> str:
        is_telehealth = self.listed.place.kind == PlaceKind.TELEHEALTH
        return self.listed.appointment.join_url if is_telehealth else ""

    @property
    def changes_until(self) -> str:
        """Until when the client may move or cancel it by themselves; empty once that is over."""
        rules, start = self.listed.appointment.practice.rules, self._facts.starts_at
        until = self_service_ends_at(start, policy=rules)
        return self._said(until) if until > self.now else ""

    @property
    def _facts(self) -> Facts:
        return self.listed.facts

    @property
    def _shown_in(self) -> str:
        """Times of sessions in a room are the room's, for the client who has to come there."""
        place = self.listed.place
        in_a_room = self.audience is Audience.CLIENT and place.kind == PlaceKind.ROOM
        return str((in_a_room and place.zone) or self.zone)

    def _short(self, instant: datetime, zone: str) -> str:
        when = f"{short_day(instant, zone)}, {clock_time(instant, zone)}"
        return f"{when} {zone_letters(instant, zone)}" if self.terse else with_zone(when, zone)

    def _said(self, instant: datetime) -> str:
        """Return a time with its zone, and the reader's own time beside it where the clocks differ."""
        long = long_day_and_time(instant, self._shown_in, now=self.now)
        if _clock(instant, self._shown_in) == _clock(instant, self.zone):
            return with_zone(long, self.zone)
        both = {
            "place": zone_words(self._shown_in),
            "own": instant_with_day(instant, self.zone),
            "city": zone_city(self.zone),
        }
        return f"{long} ({_('%(place)s; %(own)s in %(city)s') % both})"


def particulars(
    told: Sequence[Listed],
    *,
    audience: Audience,
    zone: str,
    has_link: bool,
    now: datetime,
    others_stand: bool = False,
    own_word: bool = False,
    is_first: bool = False,
    terse: bool = False,
) -> Values:
    """Return everything a template about appointments may name."""
    appointment, facts = told[0].appointment, [one.facts for one in told]
    items = [Item(one, audience, zone, now, terse) for one in told]
    whys = {one.cancelled_why for one in facts}
    called = people(appointment.practice, appointment.provider, appointment.client)
    return {
        **called,
        "urgent_help": plain(urgent_help(appointment.practice, zone=zone)),
        "items": items,
        "first": items[0],
        "kept_count": sum(one.former_starts_at is not None for one in facts),
        "unmoved": [item for item, one in zip(items, facts, strict=True) if one.former_starts_at is None],
        "one_room": len({item.join_url for item in items} - {""}) == 1,
        "one_deadline": len({one.deadline_at for one in facts if one.deadline_at}) == 1,
        "lead": duration(appointment.practice.rules.lead),
        "has_link": has_link,
        "by_video": any(one.video_offered for one in facts),
        "all_by_video": all(one.video_offered for one in facts),
        "client_canceled": whys <= ASKED_BY_CLIENT,
        "by_client": facts[0].cancelled_by == CancelledBy.CLIENT,
        "as_asked": whys <= AT_THE_CLIENTS_WISH,
        "by_manager": facts[0].cancelled_by == CancelledBy.MANAGER,
        "fee_allowed": any(one.fee_allowed for one in facts),
        "others_stand": others_stand and not whys & ENDS_MORE,
        "silence": _silence(items, called, others_stand=others_stand),
        "silence_cancels": all(one.silence is Silence.CANCELS for one in facts),
        "wrote": all(one.client_wrote for one in facts),
        "own_word": own_word,
        "is_first": is_first,
        "no_time_found": whys == {CancelledWhy.RESCHEDULE_NO_TIME},
        # Some were written about and others not: none of the sentences about one kind is true of all.
        "some_without_time": CancelledWhy.RESCHEDULE_NO_TIME in whys,
    }


def _silence(items: Sequence[Item], called: Values, *, others_stand: bool) -> str:
    """Return what silence brings the appointments of a message: in one sentence where it is the same for all."""
    silent = [one for item in items if (one := item.silent(called, others_stand=others_stand))]
    if len(silent) == len(items) and len(set(silent)) == 1:
        return silent[0].sentence(count=len(items))
    if len({(one.brings, one.wrote) for one in silent}) == 1 and not silent[0].wrote:
        return silent[0].sentence(count=len(items))
    return "\n".join(
        f"- {item.when}. {one.sentence()}"
        for item in items
        if (one := item.silent(called, others_stand=others_stand))
    )


def people(practice: Practice, provider: Provider, client: Client) -> Values:
    """Return how a message calls those it is about. A client who wants neutral wording reads no provider's name."""
    return {
        "practice": plain(practice.sender if client.neutral_wording else practice.name),
        "sender": plain(practice.sender),
        "phone": plain(practice.phone),
        "replies_are_read": bool(practice.reply_to),
        "who": plain(practice.sender if client.neutral_wording else provider.short_name),
        "provider": plain(provider.short_name),
        "first_name": plain(client.known_as),
        "client": plain(client.short_name),
    }


def emergency_values(access: EmergencyAccess) -> Values:
    """Return what is told of an emergency access: who opened whose conversation, and until when; never the reason."""
    thread, zone = access.conversation, access.conversation.provider.zone
    ends_at = long_day_and_time(access.ends_at, zone, now=access.opened_at)
    return people(thread.practice, thread.provider, thread.client) | {
        "manager": plain(access.manager.user.name),
        "until": with_zone(ends_at, zone),
    }


def plain(text: str) -> str:
    """Return what somebody typed as one line that brings no link of its own."""
    # A name that held the mark would be replaced by the recipient's own link.
    return " ".join(text.replace(PLACEHOLDER, "").split())


def _clock(instant: datetime, zone: str) -> datetime:
    # Wall times: zones whose clocks agree at this instant need no second time beside it.
    return instant.astimezone(zone_named(zone)).replace(tzinfo=None)
