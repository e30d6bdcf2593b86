"""The live preview beside the availability form: two weeks of times, and at each empty one the rule that takes it."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.http import QueryDict
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, gettext as _, ngettext

from raincheck.data.models import AppointmentType, Place, Provider
from raincheck.domain.slot_explanations.sentences import SENTENCES, sentence_for, variant
from raincheck.domain.zones import wall, zone_named
from raincheck.notifications.formats import clock_time, duration, long_day, short_day
from raincheck.queries.appointments.listing import types_of
from raincheck.queries.availability.preview import Preview, PreviewDay, preview
from raincheck.web.staff.appointments.words import minutes
from raincheck.web.staff.availability.open_times import date_in
from raincheck.web.staff.shell import Context


# The domain knows why a time is not offered, but no language; this gives it the reader's.
class Spoken:
    """Says times, lengths and sentences in the reader's language."""

    def sentence(self, text: str) -> str:
        return gettext(text)

    def clock(self, shown: datetime) -> str:
        return clock_time(shown.replace(tzinfo=UTC), "UTC")

    def day(self, shown: datetime) -> str:
        return short_day(shown.replace(tzinfo=UTC), "UTC")

    def weekday(self, shown: datetime) -> str:
        return long_day(shown.replace(tzinfo=UTC), "UTC").partition(",")[0]

    def length(self, length: timedelta) -> str:
        return duration(length)


# Two hundred of these stand on a page, and a template's look-ups for each took longer than explaining them.
OPEN = '<li><span class="time open">{}</span></li>'
NOT_OPEN = (
    '<li><button type="button" class="time" id="{}" tabindex="-1" aria-describedby="{}">{}'
    '<span class="visually-hidden">{}</span></button></li>'
)


@dataclass(frozen=True, slots=True)
class Reason:
    """One sentence with the times it stands against."""

    id: str
    sentence: str
    times: list[str]


@dataclass(frozen=True, slots=True)
class Chip:
    """One time; `why` is the id of its reason, empty when it is open."""

    id: str
    time: str
    why: str


@dataclass(frozen=True, slots=True)
class DayShown:
    """One date: its times, and the reasons of those that are not open, in the order of the first time of each."""

    name: str
    said: str
    chips: Sequence[Chip]
    reasons: Sequence[Reason]

    @property
    def list_items(self) -> SafeString:
        """Return the times as items of a list; one that is not open says so, and why when asked."""
        not_open = _(", not open")
        items = [
            format_html(NOT_OPEN, chip.id, chip.why, chip.time, not_open)
            if chip.why
            else format_html(OPEN, chip.time)
            for chip in self.chips
        ]
        return mark_safe("".join(items))  # each was made safe above


@dataclass(frozen=True, slots=True)
class Asked:
    """The question of the preview: a type of appointment, a place (None is any), and from which date on."""

    kind: AppointmentType
    place: Place | None
    begins: date | None


def preview_of(provider: Provider, *, said: QueryDict, places: Sequence[Place], now: datetime) -> Context:
    """Return what `staff/availability_preview.html` shows of a provider with the schedule on their row, kept or only typed.

    `said` is the posted form, empty when the page is only looked at. Takes three queries, whatever is found.
    """
    # A practice that offers nothing has no times to show, whatever the hours.
    types = list(types_of(provider.practice))
    if not types:
        return {"preview": None}
    offered = [place for place in places if place.offered]
    # As chosen, else the first type (a follow-up where there is one) at any place from today.
    asked = Asked(
        next((row for row in types if str(row.ref) == said.get("preview-type")), types[0]),
        next((row for row in offered if str(row.ref) == said.get("preview-place")), None),
        date_in(said.get("preview")) or date_in(said.get("preview-from")),
    )
    found = preview(provider, kind=asked.kind, place=asked.place, begins=asked.begins, now=now)
    return {
        "preview": found,
        "preview_asked": asked,
        "preview_types": [
            {"ref": kind.ref, "label": f"{kind.name} · {minutes(kind.length)}", "chosen": kind == asked.kind}
            for kind in types
        ],
        "preview_places": offered if len(offered) > 1 else [],
        "preview_days": [_day(day, zone=provider.zone) for day in found.days],
        "preview_count": count_words(found, zone=provider.zone, now=now),
    }


def count_words(found: Preview, *, zone: str, now: datetime) -> str:
    """Return "135 open times in the next 14 days", or for a later page "… from November 30 to December 13"."""
    # From today on it is a length; a later page is known by its dates.
    if found.begins == wall(now, zone=zone_named(zone)).date():
        words = ngettext(
            "%(count)d open time in the next %(days)d days",
            "%(count)d open times in the next %(days)d days",
            found.open_count,
        )
        return words % {"count": found.open_count, "days": len(found.days)}
    words = ngettext(
        "%(count)d open time from %(first)s to %(last)s",
        "%(count)d open times from %(first)s to %(last)s",
        found.open_count,
    )
    first, last = (_named(day.date) for day in (found.days[0], found.days[-1]))
    return words % {"count": found.open_count, "first": first, "last": last}


def _day(day: PreviewDay, *, zone: str) -> DayShown:
    reasons: dict[str, Reason] = {}
    sentences: dict[Hashable, str] = {}
    chips: list[Chip] = []
    for one in day.times:
        why, shown = "", clock_time(one.start, zone)
        if one.why is not None:
            # The same sentence at several times of a day is made and said once; each of those times points to it.
            # Most explanations name no start, only what takes it.
            name = variant(one.why)
            start = one.why.start if "{start}" in SENTENCES[name] else None
            alike = name, start, one.why.length, one.why.limit, one.why.hours, one.why.taken_by
            sentence = sentences.get(alike) or sentence_for(one.why, zone=zone_named(zone), speaker=Spoken())
            sentences[alike] = sentence
            reason = reasons.setdefault(sentence, Reason(f"why-{day.date}-{len(reasons)}", sentence, []))
            reason.times.append(shown)
            why = reason.id
        chips.append(Chip(f"time-{wall(one.start, zone=zone_named(zone)):%Y%m%d%H%M}", shown, why))
    count = day.open_count
    if not day.works:
        said = _("Not working")
    elif not day.times:
        said = _("Over for today")
    elif count:
        said = ngettext("%(count)d open", "%(count)d open", count) % {"count": count}
    else:
        said = _("None open")
    return DayShown(_named(day.date), said, chips, list(reasons.values()))


def _named(day: date) -> str:
    return short_day(datetime.combine(day, time.min, UTC), "UTC")
