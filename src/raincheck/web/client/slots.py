"""Open times as radio buttons, and how a start is written in a form and in an address."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from raincheck.domain.appointments.lifecycle import SlotNotOpen
from raincheck.domain.reschedule.lifecycle import NothingChosen
from raincheck.notifications.formats import short_day
from raincheck.web.client.times import Clock, day_and_time

FORM = "%Y-%m-%dT%H:%MZ"
"""A start inside a form."""
YEARS = range(1970, 9000)


# A template's look-ups for each of these took longer than finding the times.
# Formatted by format_html_join, which escapes every value; nothing else may fill it in.
BUTTON = (
    '<div class="slot"><input type="radio" name="{field}" id="{id}-{value}" value="{value}" data-when="{when}"{checked}>'
    '<label for="{id}-{value}">{day} {time}{beside}{kept}</label></div>'
)
CHECKED = mark_safe(" checked")  # our own word
SEEN_DAY = '<span class="day">{}</span>'
HEARD_DAY = '<span class="visually-hidden">{}, </span>'
BESIDE = ' <span class="day small">{}</span>'


@dataclass(frozen=True, slots=True)
class Slot:
    """One start as a radio button. `when` stands on the button that acts; `beside` is the client's own time in a room elsewhere.

    `kept` are the words of a time that is held for them.
    """

    value: str
    day: str
    time: str
    when: str
    beside: str
    chosen: bool
    kept: str = ""


def slot(
    start: datetime, clock: Clock, *, chosen: datetime | None = None, day: str = "", kept: str = ""
) -> Slot:
    """Return one start with the words of its radio button; `day` spares working out its day again."""
    day, time = day or short_day(start, clock.shown), clock.time(start)
    return Slot(
        value=value_of(start),
        day=day,
        time=time,
        when=day_and_time(day, time),
        beside=clock.yours(start),
        chosen=start == chosen,
        kept=kept,
    )


def buttons(slots: Iterable[Slot], *, field: str, id: str, day: str = "") -> SafeString:
    """Return slots as radio buttons of one form field, each named by day and time.

    Below a heading that names the `day` it is only heard.
    """
    return format_html_join(
        "\n",
        BUTTON,
        (
            {
                "field": field,
                "id": id,
                "value": slot.value,
                "when": slot.when,
                "checked": CHECKED if slot.chosen else "",
                "day": format_html(HEARD_DAY, day) if day else format_html(SEEN_DAY, slot.day),
                "time": slot.time,
                "beside": format_html(BESIDE, slot.beside) if slot.beside else "",
                "kept": format_html(BESIDE, slot.kept) if slot.kept else "",
            }
            for slot in slots
        ),
    )


def value_of(start: datetime) -> str:
    """Return a start as it stands in a form."""
    return start.astimezone(UTC).strftime(FORM)


def start_from(value: str) -> datetime:
    """Return the start a form names, in UTC. Raises NothingChosen without one, SlotNotOpen for what is no start."""
    if not value:
        raise NothingChosen
    try:
        start = datetime.fromisoformat(value)
        # A time without a zone would be read by the server's clock, and the last years are in no zone's calendar.
        if start.tzinfo is not None and start.year in YEARS:
            return start.astimezone(UTC)
    # The first and last days of the calendar have no UTC: astimezone overflows there.
    except (ValueError, OverflowError):
        raise SlotNotOpen from None
    raise SlotNotOpen
