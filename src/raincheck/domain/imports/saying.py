"""Words of a cell that say how often an appointment repeats, and until when: “weekly”, “every 2 weeks until 3/1/2027”."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from raincheck.domain.appointments.series import WEEK, WEEKS_APART, Pattern
from raincheck.domain.imports.cells import NO, plain, says_nothing
from raincheck.domain.imports.dates import Dates, session_day
from raincheck.domain.imports.problems import ProblemCode, Wrong
from raincheck.domain.imports.repeating import NoSeries, Repeats, repeating
from raincheck.domain.practice import LENGTHS
from raincheck.domain.zones import start_at, wall

UNTIL = re.compile(
    r"[\s,;(]+(?:until|till|til|through|ending|up to|bis zum|bis|jusqu'?\s?(?:au|a)|hasta el|hasta|ate|fino al|tot)\b:?\s*"
)
ONCE = frozenset(
    {"once", "one time", "single", "never", "does not repeat", "not repeating", "einmalig", "une fois"}
)
WEEKLY = frozenset(
    [
        "weekly",
        "every week",
        "each week",
        "once a week",
        "once weekly",
        "1 week",
        "per week",
        "wochentlich",
        "jede woche",
        "jeder woche",
        "chaque semaine",
        "toutes les semaines",
        "hebdomadaire",
        "semanal",
        "semanalmente",
        "cada semana",
        "todas as semanas",
        "settimanale",
        "ogni settimana",
        "wekelijks",
        "elke week",
        "co tydzien",
    ]
)
EVERY_OTHER = frozenset(
    [
        "biweekly",
        "bi-weekly",
        "fortnightly",
        "every fortnight",
        "every other week",
        "every second week",
        "alternate weeks",
        "14-tagig",
        "14-taglich",
        "zweiwochentlich",
        "zweiwochig",
        "alle zwei wochen",
        "jede zweite woche",
        "quinzenal",
        "tweewekelijks",
        "om de week",
    ]
)
WORDS = {
    "two": 2,
    "three": 3,
    "four": 4,
    "six": 6,
    "eight": 8,
    "zwei": 2,
    "drei": 3,
    "vier": 4,
    "deux": 2,
    "dos": 2,
    "due": 2,
    "twee": 2,
}
EVERY = re.compile(
    r"(?:every|each|alle|toutes les|cada|a cada|ogni|elke|co)?\s*(\d{1,3}|[a-z]+)[\s-]*(?:weeks?|weekly|wks?|wochen|semaines|semanas|settimane|weken|tygodnie)"
)


@dataclass(frozen=True, slots=True)
class Often:
    """Every how many weeks, and the last day where the same cell says it."""

    weeks: int
    until: date | None = None


def how_often(text: str, dates: Dates, *, until: str = "") -> Often | None:
    """Return what a cell says of repeating; None where it says that nothing does. Raises Wrong.

    `until` is what another cell says of the last day; the day in the same cell counts before it.
    """
    said = " ".join(plain(text).replace("’", "'").split()).strip(" .")
    often, *ends = UNTIL.split(f" {said} ", maxsplit=1)
    often = often.strip(" ,;.")
    if often in NO or often in ONCE or says_nothing(often) or not said:
        return None
    weeks = _weeks(often)
    day = (ends[0].strip(" .)") if ends else "") or until
    if ends and not day:
        raise Wrong(ProblemCode.MISSING_UNTIL)
    return Often(weeks, session_day(day, dates) if day else None)


def _weeks(often: str) -> int:
    if often in WEEKLY:
        return 1
    if often in EVERY_OTHER:
        return 2
    found = EVERY.fullmatch(often)
    weeks = (int(found[1]) if found[1].isdigit() else WORDS.get(found[1], 0)) if found else 0
    if weeks not in WEEKS_APART:
        raise Wrong(ProblemCode.BAD_REPEATS)
    return weeks


def repeating_as_said(
    often: Often, start: datetime, length: timedelta, *, zone: ZoneInfo, today: date
) -> Repeats:
    """Return the series that begins with an appointment, with its times from `today` on. Raises Wrong."""
    if not LENGTHS.least <= length <= LENGTHS.most:
        raise Wrong(ProblemCode.REPEATS_LENGTH)
    first = wall(start, zone=zone).replace(tzinfo=None, fold=0)
    if often.until is not None and often.until < (first + often.weeks * WEEK).date():
        raise Wrong(ProblemCode.REPEATS_TOO_SHORT)
    # The instant before the day: whatever of it is over by now stays out when it is matched.
    began = start_at(datetime.combine(today, datetime.min.time()), zone=zone).astimezone(UTC)
    pattern = Pattern(first, often.weeks, zone, ends_on=often.until)
    try:
        return repeating(pattern, now=began - timedelta(microseconds=1), length=length)
    except NoSeries as fault:
        raise Wrong(ProblemCode.REPEATS_TOO_LONG) from fault
