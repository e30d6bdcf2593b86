"""Values of calendar files: dates, times, lengths and periods, in the shapes of the standard and in those that programs write."""

import re
from datetime import UTC, date, datetime, timedelta, timezone

from raincheck.domain.calendars.busy import QUOTED, plain

Value = date | datetime | timedelta | tuple[date, date | timedelta]

# "20270112T090000Z" as the standard has it (RFC 5545, 3.3.5); nearly every value is one of these.
USUAL = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?")
DATE = re.compile(r"(\d{4})(?:(\d\d)(\d\d)|-(\d\d?)-(\d\d?)|/(\d\d?)/(\d\d?)|\.(\d\d?)\.(\d\d?))(?!\d)")
TIME = re.compile(
    r"[T _]*(?:(?P<digits>\d{1,6})|(?P<hour>\d\d?):(?P<minute>\d\d)(?::(?P<second>\d\d))?)?:*(?:[.,]\d*)?"
    r" *(?P<half>[AP]M)? *(?:(?P<utc>Z|UTC|GMT)|(?P<sign>[+-])(?P<east>\d\d):?(?P<minutes>\d\d)?)?"
)
NUMBER = r"(\d+(?:[.,]\d+)?)"
LENGTH = re.compile(
    rf"([+-]?)P?(?:{NUMBER}W)?(?:{NUMBER}D)?"
    # Without the T, "30M" could mean months as well.
    rf"(?:T?{NUMBER}H(?:{NUMBER}M)?(?:{NUMBER}S)?|T(?:{NUMBER}M)?(?:{NUMBER}S)?)?"
)
# Written without the T.
JOINED = re.compile(r"(\d{8})(\d{4}(?:\d\d)?)(Z?)")
# "Tue, 12 Jan 2027 09:00:00 GMT", as mails write it.
IN_WORDS = re.compile(r"(?:[A-Z]{3,9},? )?(\d\d?) ([A-Z]{3})[A-Z]* (\d{4})")
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
# Seconds since 1970, or thousandths of them.
COUNTED = re.compile(r"(1\d{9})(\d{3})?")
# "[Europe/Berlin]" after the offset.
JAVA_ZONE = re.compile(r"\[[^\]]*\]$")
NOON = 12
# Of no value that means anything; more would only keep the patterns above busy.
LONGEST = 100


class Unreadable(ValueError):
    """A value of the file that means nothing. Its text is fit to be shown."""

    def __init__(self, text: str) -> None:
        self.text = plain(text, at_most=QUOTED)
        super().__init__(self.text)


def value_of(text: str) -> Value:
    """Return the date, time, length or period that a text means. Raises Unreadable or OverflowError."""
    usual = USUAL.fullmatch(text)
    try:
        if usual is not None:
            year, month, day, *time = usual.groups()
            if time[0] is None:
                return date(int(year), int(month), int(day))
            if int(time[0]) < 24 and int(time[2]) < 60:
                hour, minute, second = map(int, time[:3])
                zone = UTC if time[3] else None
                return datetime(int(year), int(month), int(day), hour, minute, second, tzinfo=zone)
        if len(text) > LONGEST:
            raise Unreadable(text)
        return _strange(" ".join(text.strip(' \t"\\').upper().split()))
    except ValueError as fault:
        raise Unreadable(text) from fault


def _strange(text: str) -> Value:
    """Return what a value in another shape means. Raises ValueError."""
    text = JOINED.sub(r"\1T\2\3", text) if JOINED.fullmatch(text) else JAVA_ZONE.sub("", text)
    counted, words = COUNTED.fullmatch(text), IN_WORDS.match(text)
    if counted is not None:
        return datetime.fromtimestamp(int(counted[1]), UTC)
    if words is not None:
        text = f"{words[3]}-{MONTHS.index(words[2]) + 1}-{words[1]}{text[words.end() :]}"
    first = DATE.match(text)
    if first is None:
        return _length(text)
    time, slash, second = text[first.end() :].partition("/")
    start = _date_or_time(first, time)
    if not slash:
        return start
    end = DATE.match(second.strip())
    return start, (_date_or_time(end, second.strip()[end.end() :]) if end else _length(second))


def _date_or_time(day: re.Match[str], rest: str) -> date:
    year, month, number = (int(part) for part in day.groups() if part)
    midnight = datetime(year, month, number)  # noqa: DTZ001  # a wall time
    time = TIME.fullmatch(rest.rstrip())
    if time is None:
        raise ValueError(rest)
    since_midnight = _time_of_day(time)
    if since_midnight is None:  # "20270115T::" has a place for a time and none in it
        return midnight.date()
    # Counted on from midnight: 24:00 is the next day's beginning, and a leap second the next minute's.
    at = midnight + since_midnight
    if time["utc"]:
        return at.replace(tzinfo=UTC)
    if time["sign"] is None:
        return at
    east = timedelta(hours=int(time["east"]), minutes=int(time["minutes"] or 0))
    return at.replace(tzinfo=timezone(-east if time["sign"] == "-" else east))


def _time_of_day(time: re.Match[str]) -> timedelta | None:
    """Return the time since midnight, None where there is none. Raises ValueError for no time of a day."""
    digits = time["digits"]
    if digits is not None:
        # "900" and "90000" have lost the zero in front.
        digits = digits.zfill(len(digits) + len(digits) % 2).ljust(6, "0")
        hour, minute, second = int(digits[:2]), int(digits[2:4]), int(digits[4:])
    elif time["hour"] is not None:
        hour, minute, second = int(time["hour"]), int(time["minute"]), int(time["second"] or 0)
    else:
        return None
    if time["half"]:
        hour = hour % NOON + (NOON if time["half"] == "PM" else 0)
    if hour > 24 or minute > 59 or second > 60:
        raise ValueError(time[0])
    return timedelta(hours=hour, minutes=minute, seconds=second)


def _length(text: str) -> timedelta:
    found = LENGTH.fullmatch(text.replace(" ", ""))
    if found is None or not any(found.groups()[1:]):
        raise ValueError(text)
    weeks, days, hours, *rest = (float((part or "0").replace(",", ".")) for part in found.groups()[1:])
    length = timedelta(
        weeks=weeks, days=days, hours=hours, minutes=rest[0] + rest[2], seconds=rest[1] + rest[3]
    )
    return -length if found[1] == "-" else length


def midnight(day: date) -> datetime:
    """Return the first time of a day, by the wall."""
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001  # a wall time
