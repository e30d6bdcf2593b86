"""Calendars under an address: fetched when they changed, and only what can be a calendar is handed on."""

from __future__ import annotations

from raincheck.domain.calendars.checks import Source, Validators
from raincheck.domain.calendars.faults import CalendarAnswerStrange
from raincheck.integrations.http.calendar_answers import refuse_other_things, refuse_status
from raincheck.integrations.http.safe_http import Ask, Guard, fetch

NOT_MODIFIED = 304
LONGEST_MARK = 1000


def fetch_subscription(source: Source, *, marks: Validators, guard: Guard) -> tuple[bytes | None, Validators]:
    """Return the calendar's file and by what its state is known; None when it is still as `marks` knows it.

    Raises the faults of `fetch`, of statuses, and of what is plainly no calendar.
    """
    answer = fetch(Ask(source.address, headers=_headers(marks)), guard=guard)
    if answer.status == NOT_MODIFIED:
        if not (marks.etag or marks.last_modified):
            raise CalendarAnswerStrange
        return None, marks
    refuse_status(answer.status)
    refuse_other_things(answer.body)
    return answer.body, Validators(
        *(_mark(answer.headers.get(name, "")) for name in ("etag", "last-modified"))
    )


def _mark(said: str) -> str:
    """Return a mark to ask by the next time; none for what no header, and no database, should hold."""
    return said[:LONGEST_MARK] if said.isprintable() else ""


def _headers(marks: Validators) -> dict[str, str]:
    said = {"If-None-Match": marks.etag, "If-Modified-Since": marks.last_modified}
    return {"Accept": "text/calendar, */*;q=0.5"} | {name: value for name, value in said.items() if value}
