"""Open times as the client's pages list them: by day on the clock they are shown by, and which days come first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby

from django.utils.dateformat import format as formatted
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import pgettext

from raincheck.domain.appointments import SlotNotOpen
from raincheck.domain.ranking import UsualTime
from raincheck.domain.reschedule import NothingChosen
from raincheck.domain.zones import zone_named
from raincheck.notifications.formats import long_day, short_day
from raincheck.web.client.times import Clock, day_and_time

FORM = "%Y-%m-%dT%H:%MZ"
"""A start inside a form."""


# Eighty and more of these stand on a page, and a template's look-ups for each took longer than finding the times.
# Formatted by format_html_join, which escapes every value; nothing else may fill it in.
BUTTON = (
    '<div class="slot"><input type="radio" name="start" id="{form}-{value}" value="{value}" data-when="{when}"{checked} required>'
    '<label for="{form}-{value}"><span class="visually-hidden">{day}, </span>{time}{beside}</label></div>'
)
CHECKED = mark_safe(" checked")  # our own word
BESIDE = '<span class="day small">{}</span>'


@dataclass(frozen=True, slots=True)
class Slot:
    """One start as a radio button. `when` stands on the button that acts; `beside` is the client's own time in a room elsewhere."""

    value: str
    day: str
    time: str
    when: str
    beside: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Day:
    """The slots of one day. `tab` is its short name; `usual` says that the client usually comes on this weekday.

    `form` begins the ids of its radio buttons.
    """

    tab: str
    name: str
    usual: bool
    slots: Sequence[Slot]
    form: str

    @property
    def buttons(self) -> SafeString:
        """Return the slots as radio buttons, each named by day and time."""
        return format_html_join(
            "\n",
            BUTTON,
            (
                {
                    "form": self.form,
                    "value": slot.value,
                    "when": slot.when,
                    "checked": CHECKED if slot.chosen else "",
                    "day": self.name,
                    "time": slot.time,
                    "beside": format_html(BESIDE, slot.beside) if slot.beside else "",
                }
                for slot in self.slots
            ),
        )


def slot(start: datetime, clock: Clock, *, chosen: datetime | None = None, day: str = "") -> Slot:
    """Return one start with the words of its radio button; `day` spares working out its day again."""
    day, time = day or short_day(start, clock.shown), clock.time(start)
    return Slot(
        value=value_of(start),
        day=day,
        time=time,
        when=day_and_time(day, time),
        beside=clock.yours(start),
        chosen=start == chosen,
    )


def days(
    starts: Iterable[datetime],
    clock: Clock,
    *,
    form: str,
    usual: UsualTime | None = None,
    usual_zone: str = "",
    chosen: datetime | None = None,
) -> list[Day]:
    """Return starts by the day they fall on, soonest first. `usual` is read on the provider's clock, `usual_zone`."""

    zone, listed = zone_named(clock.shown), []
    for _date, group in groupby(starts, key=lambda start: start.astimezone(zone).date()):
        same_day = list(group)
        first, day = same_day[0], short_day(same_day[0], clock.shown)
        # A weekday is the provider's: late in the evening it may be another one where the client is.
        weekday = first.astimezone(zone_named(usual_zone)).weekday() if usual else None
        listed.append(
            Day(
                tab=formatted(first.astimezone(zone), pgettext("date, on a tab", "D j")),
                name=long_day(first, clock.shown),
                usual=usual is not None and weekday == usual.weekday,
                slots=[slot(start, clock, chosen=chosen, day=day) for start in same_day],
                form=form,
            )
        )
    return listed


def value_of(start: datetime) -> str:
    """Return a start as it stands in a form."""
    return start.astimezone(UTC).strftime(FORM)


def start_from(value: str) -> datetime:
    """Return the start a form names, in UTC. Raises NothingChosen without one, SlotNotOpen for what is no start."""
    if not value:
        raise NothingChosen
    try:
        start = datetime.fromisoformat(value)
        # A time without a zone would be read by the server's clock.
        if start.tzinfo is not None:
            return start.astimezone(UTC)
    # The first and last days of the calendar have no UTC: astimezone overflows there.
    except (ValueError, OverflowError):
        raise SlotNotOpen from None
    raise SlotNotOpen
