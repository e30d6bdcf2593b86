"""Dates and times as people and programs write them, read in one order of day, month and year and never in another."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time, timedelta, timezone
from enum import StrEnum

from raincheck.domain.imports.cells import plain, says_nothing
from raincheck.domain.imports.problems import ProblemCode, Wrong


class DateOrder(StrEnum):
    """In which order 3/7/2026 is read."""

    MDY = "mdy"
    DMY = "dmy"
    YMD = "ymd"


# Countries that write the month first, and those that write the year first; all others begin with the day.
MONTH_FIRST = frozenset({"US", "CA", "PH", "PR", "GU"})
YEAR_FIRST = frozenset({"CN", "JP", "KR", "TW", "HU", "LT", "MN"})

MONTHS = {
    1: "january jan januar jänner janner janvier janv enero ene janeiro gennaio gen januari stycznia styczen",
    2: "february feb februar feber fevrier fevr febrero fevereiro fev febbraio februari lutego luty",
    3: "march mar marz maerz mrz mars marzo março marco maart mrt marca marzec",
    4: "april apr avril avr abril abr aprile kwietnia kwiecien",
    5: "may mai mayo maio maggio mag mei maja maj",
    6: "june jun juni juin junio junho jun giugno giu czerwca czerwiec",
    7: "july jul juli juillet juil julio julho luglio lug lipca lipiec",
    8: "august aug aout agosto ago augustus sierpnia sierpien augusti",
    9: "september sep sept septembre septiembre setembro set settembre wrzesnia wrzesien",
    10: "october oct oktober okt octobre octubre outubro out ottobre ott pazdziernika pazdziernik",
    11: "november nov novembre noviembre novembro listopada listopad",
    12: "december dec dezember dez decembre diciembre dic dezembro dicembre desember grudnia grudzien",
}
MONTH_OF = {name: number for number, names in MONTHS.items() for name in names.split()}

YEAR_AHEAD = re.compile(r"(\d{4})\s?([-/.年]|년)\s?(\d{1,2})\s?(?:\2|月|월)\s?(\d{1,2})(?:[.日]|일)?(?!\d)")
NUMBERS = re.compile(r"(\d{1,2})\s?([-/.])\s?(\d{1,2})\s?\2\s?(\d{4}|\d{2})(?!\d)")
COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?=$|[T ])")
SERIAL = re.compile(r"(\d{5})(?:\.(\d+))?$")
DAY = r"(\d{1,2})(?:st|nd|rd|th|er|\.|º|ª)?"
OF = r"[-/.,\s]*(?:of |de |del |d')?\s*"
MONTH = r"([^\W\d_]{3,})"
YEAR = r"'?(\d{4}|\d{2})(?!\d|:)"
DAY_AND_NAME = re.compile(rf"{DAY}{OF}{MONTH}{OF}{YEAR}")
NAME_AND_DAY = re.compile(rf"{MONTH}\.?[-\s]*{DAY}[-,.\s]+(?:of |de )?{YEAR}")
YEAR_AND_NAME = re.compile(rf"(\d{{4}})[-/.,\s]+{MONTH}\.?[-/.,\s]+{DAY}")
# A birthday whose year nobody knows; Google and Apple write it like this.
NO_YEAR = re.compile(rf"(?:--)?\d{{1,2}}[-/.]\d{{1,2}}\.?|{DAY}{OF}{MONTH}\.?|{MONTH}\.?\s+{DAY}")
ZEROS = re.compile(r"0{1,4}([-/.])0{1,2}\1?0{0,4}")
WEEKDAY = re.compile(r"[^\W\d_]{2,}\.?,?\s+(?=\S)")
BETWEEN = re.compile(r"[\s,;|·]*(?:T|at|um|à|a las?|às|alle|om|kl\.?|@|-|–)?[\s,]*", re.IGNORECASE)
CLOCK = re.compile(
    r"(\d{1,2})(?:\s?(?:[:h]|\.(?=\d\d\b))\s?(\d{2})?(?:[:.](\d{2})(?:\.\d+)?)?)?\s?"
    r"(?:([ap])\.?\s?m?\.?(?![^\W\d_])|(?:uhr|hrs?|h|o'clock)(?![^\W\d_]))?",
    re.IGNORECASE,
)
OFFSET = re.compile(r"\s?(?:Z|(?:GMT|UTC)?\s?([+\-−])(\d{2}):?(\d{2})?)$")
ABBREVIATION = re.compile(r"\s\(?[A-Z]{2,5}\)?$")
RANGE = re.compile(r"\s*(?:-|–|—|\bto\b|\bbis\b|\buntil\b|\bà\b)\s*", re.IGNORECASE)

FIRST_SERIAL = date(1899, 12, 30)  # what spreadsheets count days from, their leap year of 1900 included
FIRST_SERIAL_1904 = date(1904, 1, 1)
EARLIEST_BIRTH = 1880
EARLIEST_SESSION, LATEST_SESSION = 1990, 2100


@dataclass(frozen=True, slots=True)
class Dates:
    """How the dates of one file are read: their order, today for what lies ahead, and the count of an old Macintosh."""

    order: DateOrder
    today: date
    from_1904: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """What a cell says: a day, maybe a time of day, maybe an offset from UTC."""

    day: date
    clock: time | None
    offset: timezone | None = None
    end: time | None = None


def order_of(texts: Iterable[str]) -> DateOrder | None:
    """Return the order that most of the dates can only be read in, None where they tell nothing or halves disagree."""
    votes: Counter[DateOrder] = Counter()
    for text in texts:
        said = _digits(text)
        if YEAR_AHEAD.search(said):
            votes[DateOrder.YMD] += 1
        elif found := NUMBERS.search(said):
            first, second = int(found[1]), int(found[3])
            if first > 31:
                votes[DateOrder.YMD] += 1
            elif 12 < first <= 31 and second <= 12:
                votes[DateOrder.DMY] += 1
            elif 12 < second <= 31 and first <= 12:
                votes[DateOrder.MDY] += 1
    # Dates with the year first can be read in every file: they tell something only where there are no others.
    year_first = votes.pop(DateOrder.YMD, 0)
    ranked = votes.most_common(2)
    if not ranked:
        return DateOrder.YMD if year_first else None
    return ranked[0][0] if len(ranked) == 1 or ranked[0][1] > ranked[1][1] else None


def usual_order(country: str | None) -> DateOrder:
    """Return the order that people of a country write."""
    if country in MONTH_FIRST:
        return DateOrder.MDY
    return DateOrder.YMD if country in YEAR_FIRST else DateOrder.DMY


def birth_date(text: str, dates: Dates) -> date | None:
    """Return a date of birth, None where none is given, the year is not, or the cell has only zeros. Raises Wrong."""
    said = _digits(text)
    if not said or says_nothing(said) or ZEROS.fullmatch(said):
        return None
    read = _day(said, dates, two_digits_before=dates.today)
    if read is None:
        if NO_YEAR.fullmatch(said):
            return None
        raise Wrong(ProblemCode.BAD_DATE)
    day, rest = read
    # A time beside it is what spreadsheets add: midnight.
    if day > dates.today or day.year < EARLIEST_BIRTH or (_clock_at_end(rest) is None and rest.strip()):
        raise Wrong(ProblemCode.BAD_DATE)
    return day


def session_day(text: str, dates: Dates) -> date:
    """Return the day of an appointment whose time stands in another cell. Raises Wrong."""
    return written(text, dates).day


def written(text: str, dates: Dates) -> Written:
    """Return the day and, where it stands there, the time of an appointment. Raises Wrong."""
    said = _digits(text)
    read = _day(said, dates) or _day_after_the_clock(said, dates)
    if read is None or not EARLIEST_SESSION <= read[0].year <= LATEST_SESSION:
        raise Wrong(ProblemCode.BAD_DATE)
    day, rest = read
    if not rest.strip():
        return Written(day, None)
    zoned, offset = _offset(rest)
    start, *end = RANGE.split(zoned.strip(), maxsplit=1) if not _clock_at_end(zoned) else [zoned]
    # "9:00 - 9:50 AM": the second one tells of both.
    half = re.search(r"([ap])\.?\s?m", end[0], re.IGNORECASE) if end else None
    return Written(
        day, clock_time(start, half=half[1] if half else ""), offset, clock_time(end[0]) if end else None
    )


def clock_time(text: str, *, half: str = "") -> time:
    """Return a time of day. Raises Wrong for what is none, such as 24:30 or 13:00 pm."""
    said = ABBREVIATION.sub("", _digits(text)) if not re.search(r"[AP]M\)?$", text) else _digits(text)
    read = _clock_at_end(said, half=half)
    if read is None:
        raise Wrong(ProblemCode.BAD_TIME)
    return read


def clock_range(text: str) -> tuple[time, time | None]:
    """Return the times of a cell like “9:00 – 9:50 AM”, the second None where there is one only. Raises Wrong."""
    start, *end = RANGE.split(_digits(text), maxsplit=1)
    half = re.search(r"([ap])\.?\s?m", end[0], re.IGNORECASE) if end else None
    return clock_time(start, half=half[1] if half else ""), clock_time(end[0]) if end else None


LENGTH = re.compile(
    r"(?:(\d+(?:[.,]\d+)?)\s*(?:h|hr|hrs|hour|hours|std|stunden?|heures?|horas?|ore|uur)\b\.?)?\s*"
    r"(?:(\d+)\s*(?:m|min|mins|minutes?|minuten?|minutos?|minuti|')?\.?)?",
    re.IGNORECASE,
)


def length_of(text: str, *, in_hours: bool = False) -> timedelta:
    """Return a length like “50”, “50 min”, “0:50”, “1 h 15 min” or “PT50M”. Raises Wrong."""
    said = _digits(text).casefold().removeprefix("pt")
    if found := re.fullmatch(r"(\d{1,2}):(\d{2})(?::\d{2})?", said):
        return timedelta(hours=int(found[1]), minutes=int(found[2]))
    if found := re.fullmatch(r"(\d+)[.,](\d+)", said):
        number = float(f"{found[1]}.{found[2]}")
        # Below one it is a spreadsheet's share of a day, when the column does not speak of hours.
        minutes = number * 60 if in_hours else number * 24 * 60 if number < 1 else number
        return timedelta(minutes=round(minutes))
    found = LENGTH.fullmatch(said)
    if not said or found is None:
        raise Wrong(ProblemCode.BAD_TIME)
    hours, minutes = float((found[1] or "0").replace(",", ".")), int(found[2] or 0)
    if in_hours and not found[1]:
        hours, minutes = minutes, 0
    if hours > 24 or minutes > 24 * 60:
        raise Wrong(ProblemCode.BAD_TIME)
    return timedelta(minutes=round(hours * 60) + minutes)


def _day(said: str, dates: Dates, *, two_digits_before: date | None = None) -> tuple[date, str] | None:
    """Return the day a text begins with and what follows it, None where it begins with none that exists."""
    if found := SERIAL.match(said):
        return _serial(found, dates)
    for pattern, places in (
        (YEAR_AHEAD, (1, 3, 4)),
        (COMPACT, (1, 2, 3)),
        (
            NUMBERS,
            {DateOrder.MDY: (4, 1, 3), DateOrder.DMY: (4, 3, 1), DateOrder.YMD: (0, 0, 0)}[dates.order],
        ),
        (DAY_AND_NAME, (3, 2, 1)),
        (NAME_AND_DAY, (3, 1, 2)),
        (YEAR_AND_NAME, (1, 2, 3)),
    ):
        found = pattern.match(said)
        if found is None:
            continue
        if pattern is NUMBERS and dates.order is DateOrder.YMD:
            places = (1, 3, 4)
            if len(found[4]) != 2:
                return None
        year, month, day = (found[place] for place in places)
        number = MONTH_OF.get(plain(month)) if not month.isdigit() else int(month)
        if number is None:
            continue
        try:
            return date(_year(year, number, int(day), two_digits_before), number, int(day)), said[
                found.end() :
            ]
        except ValueError:
            return None
    ahead = WEEKDAY.match(said)
    if ahead is None or plain(ahead[0].strip(" .,")) in MONTH_OF:
        return None
    return _day(said[ahead.end() :], dates, two_digits_before=two_digits_before)


def _serial(found: re.Match[str], dates: Dates) -> tuple[date, str] | None:
    """Return the day a spreadsheet counted to, and the clock of the rest: what a cell without a format shows."""
    first = FIRST_SERIAL_1904 if dates.from_1904 else FIRST_SERIAL
    day = first + timedelta(days=int(found[1]))
    minutes = round(float(f"0.{found[2] or 0}") * 24 * 60)
    return day, f" {minutes // 60}:{minutes % 60:02}" if found[2] else ""


def _year(text: str, month: int, day: int, before: date | None) -> int:
    """Return the year of two or four digits: a birth lies behind us, an appointment in this century."""
    year = int(text)
    if len(text) == 4:
        return year
    if before is None:
        return 2000 + year
    century = 2000 if (2000 + year, month, day) <= (before.year, before.month, before.day) else 1900
    return century + year


def _day_after_the_clock(said: str, dates: Dates) -> tuple[date, str] | None:
    """Return the day of “9:00 AM, December 1, 2026” with its clock put behind it."""
    found = CLOCK.match(said)
    if found is None or not (found[2] or found[4]):
        return None
    rest = BETWEEN.sub("", said[found.end() :], count=1)
    read = _day(re.sub(r"^on\s", "", rest, flags=re.IGNORECASE), dates)
    return (read[0], f" {found[0]}") if read and not read[1].strip() else None


def _clock_at_end(rest: str, *, half: str = "") -> time | None:
    """Return the time of day that a text holds and nothing else, None when it is none."""
    said = rest[BETWEEN.match(rest).end() :].strip()  # type: ignore[union-attr]  # it matches nothing, too
    if found := re.fullmatch(r"0?\.(\d+)", said):  # a spreadsheet's share of a day
        minutes = round(float(f"0.{found[1]}") * 24 * 60)
        return time(minutes // 60 % 24, minutes % 60)
    found = CLOCK.fullmatch(said)
    if found is None or not (found[2] or found[4] or half or re.search(r"[^\W\d]", said)):
        return None
    hour, minute, second = (int(found[group] or 0) for group in (1, 2, 3))
    ampm = (found[4] or half).casefold()
    if ampm:
        if hour > 12:
            return None
        hour = hour % 12 + (12 if ampm == "p" else 0)
    try:
        return time(hour, minute, second)
    except ValueError:
        return None


def _offset(rest: str) -> tuple[str, timezone | None]:
    found = OFFSET.search(rest)
    if found is None or not re.search(r"\d:\d", rest[: found.start()]):
        return ABBREVIATION.sub("", rest) if not re.search(r"[AP]M\)?$", rest) else rest, None
    hours, minutes = int(found[2] or 0), int(found[3] or 0)
    if hours > 14 or minutes > 59:
        return rest, None
    ahead = timedelta(hours=hours, minutes=minutes)
    return rest[: found.start()], timezone(ahead if found[1] == "+" else -ahead)


def _digits(text: str) -> str:
    """Return a text with the digits of every script as ours."""
    if text.isascii():
        return text
    return "".join(
        str(unicodedata.digit(sign)) if sign.isdigit() and not sign.isascii() else sign for sign in text
    )
