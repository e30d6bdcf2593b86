"""What servers of calendars answer, told apart: a calendar, a web page, an error, nothing; each has its own fault."""

from __future__ import annotations

from raincheck.domain.calendars.faults import (
    CalendarAnswerStrange,
    CalendarFault,
    CalendarForbidden,
    CalendarIsAMessage,
    CalendarIsAPage,
    CalendarIsNothing,
    CalendarNotThere,
    CalendarServerTrouble,
    CalendarWantsPassword,
)

FAULTS: dict[int, type[CalendarFault]] = {
    401: CalendarWantsPassword,
    403: CalendarForbidden,
    404: CalendarNotThere,
    408: CalendarServerTrouble,
    410: CalendarNotThere,
    425: CalendarServerTrouble,
    429: CalendarServerTrouble,
}


def refuse_status(status: int) -> None:
    """Raise the fault of any status but success."""
    if status in (200, 207):
        return
    if status in FAULTS:
        raise FAULTS[status]
    raise CalendarServerTrouble if status >= 500 else CalendarAnswerStrange


def refuse_other_things(body: bytes) -> None:
    """Raise a fault for what is plainly no calendar; what could be one is for the reader to judge."""
    start = body[:2000].removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start:
        raise CalendarIsNothing
    if start.startswith(b"<"):
        raise CalendarIsAPage
    if start.startswith((b"{", b"[")):
        raise CalendarIsAMessage
