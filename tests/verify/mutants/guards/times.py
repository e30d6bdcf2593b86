"""Guards of times: none is given twice, and none that is taken reads as open."""

from __future__ import annotations

from tests.verify.mutants.guard import Guard
from tests.verify.mutants.guards.suites import MEETINGS

SERIES = "tests/app/appointments/test_series.py"
FIELD = "tests/integrations/test_field_cases.py"
CALDAV = "tests/integrations/test_calendar_accounts.py"

GUARDS = (
    Guard(
        "a time that the database refuses is refused to the person",
        "P1",
        "actions/appointments/claims.py",
        "if len(cursor.fetchall()) != 2:",
        "if len(cursor.fetchall()) > 2:",
        (MEETINGS,),
    ),
    Guard(
        "one date of a series that the database refuses refuses all of them",
        "P1",
        "actions/appointments/claims.py",
        "    return {number for number in appointments if won[number] != 2}\n",
        "    return {number for number in appointments if won[number] > 2}\n",
        (SERIES,),
    ),
    Guard(
        "the buffers around a session are claimed with it",
        "P1",
        "actions/appointments/claims.py",
        "tstzrange(%(start)s - %(before)s::interval, %(end)s + %(after)s::interval), int8range(%(client)s, %(client)s + 1))\nON",
        "tstzrange(%(start)s, %(end)s), int8range(%(client)s, %(client)s + 1))\nON",
        ("tests/app/appointments/test_appointments.py",),
    ),
    Guard(
        "a client's own other appointments close a time",
        "P2",
        "data/slots.py",
        "TAKEN if client_id == NOBODY else TAKEN + ELSEWHERE",
        "TAKEN",
        ("tests/app/reschedule/test_reschedule.py", "tests/app/reschedule/test_open_times.py"),
    ),
    Guard(
        "an expired hold in the way is deleted by whoever claims",
        "P12",
        "actions/appointments/claims.py",
        "AND expires_at <= %(now)s\n",
        "AND false\n",
        ("tests/app/appointments/test_appointments.py",),
    ),
    Guard(
        "an expired hold in the way of an import is deleted by it",
        "P12",
        "actions/appointments/claims.py",
        "            cursor.execute(MAKE_ROOM_FOR_ALL, values)\n            try:\n",
        "            try:\n",
        ("tests/app/imports/test_appointments.py",),
    ),
    Guard(
        "readers ignore expired holds",
        "P12",
        "data/slots.py",
        "ends_at > %(start)s AND expires_at > %(now)s",
        "ends_at > %(start)s",
        ("tests/app/appointments/test_appointments.py", "tests/app/appointments/test_open_times_feed.py"),
    ),
    Guard(
        "a zone's definition is good for its own calendar only",
        "P1",
        "integrations/ics/text.py",
        "            self.calendars += 1\n",
        "            self.calendars = 1\n",
        (FIELD,),
    ),
    Guard(
        "an exception names a start by its instant first",
        "P1",
        "integrations/ics/matching.py",
        "next((start for start in (by_instant, digits) if start in near), by_instant)",
        "next((start for start in (digits, by_instant) if start in near), by_instant)",
        (FIELD, "tests/integrations/test_calendar_rules.py"),
    ),
    Guard(
        "a rule ends with the later of two readings",
        "P1",
        "integrations/ics/events.py",
        "        return by_instant if proper else max(by_instant, digits)\n",
        "        return by_instant\n",
        (FIELD,),
    ),
    Guard(
        "a line of text frees no time",
        "P1",
        "integrations/ics/events.py",
        "all(not line.doubtful and line.value.strip().upper() == word for line in lines)",
        "lines[0].value.strip().upper() == word",
        (FIELD,),
    ),
    Guard(
        "an event that an account names without giving it is no free time",
        "P1",
        "integrations/caldav/accounts.py",
        "        files += self._one_by_one(missing)\n",
        "",
        (CALDAV,),
    ),
    Guard(
        "a no of somebody else frees no time",
        "P1",
        "integrations/ics/events.py",
        "        if not component.owners.isdisjoint(",
        "        if line or not component.owners.isdisjoint(",
        (CALDAV,),
    ),
)
