"""100,000 reminders of appointments in an hour, a quarter of them due in one instant each, and how late each leaves."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import psycopg

from bench.due import LEFT, Taken, count, set_clock, taking_everything, until
from bench.home import Home, leave_the_database, product, working
from bench.report import Report, milliseconds

DATABASE = "reminding_of_appointments"
IN_AN_HOUR, QUARTERS = 100_000, 4
AT_ONCE = IN_AN_HOUR // QUARTERS
"""Sessions begin on the quarters of an hour, and so do their reminders."""
OF_A_KIND = AT_ONCE // 2
"""Each session is looked at first, then reminded of two days and two hours before: in any quarter as many of each."""
IN_A_QUARTER = 3 * OF_A_KIND
SESSIONS, PROVIDERS = QUARTERS * IN_A_QUARTER, QUARTERS * OF_A_KIND
FIRST, PRACTICES = 1_000_000, 20
AHEAD = timedelta(hours=1)
"""How far the first of the quarters lies ahead when the rows are written."""
QUARTER = timedelta(minutes=15)
BEFORE = (timedelta(hours=48), timedelta(hours=2), timedelta(hours=61))
"""How long before its start each kind of session is due: told of early, told of late, and looked at first."""
SETTLING = 5.0
GOAL = timedelta(minutes=5)

SEARCHED = (
    "clients_by_letters_of_all_their_names",
    "clients_by_parts_of_their_phone",
    "recipients_by_parts_of_their_contact",
)
"""Indexes that only a search for a client reads, and that take longer to fill than all the rest."""

ROWS = f"""
INSERT INTO raincheck_practice (id, ref, name, sender_name, reply_to, phone, zone, urgent_help, policy)
SELECT {FIRST} + n, gen_random_uuid(), 'Practice ' || n, 'Practice ' || n, 'front@bench.example', '(212) 555-0100', %(zone)s, '', '{{}}'
FROM generate_series(0, {PRACTICES - 1}) n;

INSERT INTO raincheck_appointmenttype (id, ref, practice_id, name, kind, length, buffer_before, buffer_after, offered)
SELECT {FIRST} + n, gen_random_uuid(), {FIRST} + n, 'Session', 'follow_up', '50 min', '0', '10 min', true FROM generate_series(0, {PRACTICES - 1}) n;

INSERT INTO raincheck_place (id, ref, practice_id, name, kind, zone, address, offered)
SELECT {FIRST} + n, gen_random_uuid(), {FIRST} + n, 'Telehealth', 'telehealth', '', '', true FROM generate_series(0, {PRACTICES - 1}) n;

INSERT INTO raincheck_provider (id, ref, practice_id, name, short_name, email, zone, join_url, availability, availability_changed_at, grid_step)
SELECT {FIRST} + n, gen_random_uuid(), {FIRST} + n %% {PRACTICES}, 'Dr. Bench ' || n, 'Dr. Bench', 'provider' || n || '@bench.example',
    %(zone)s, 'https://video.bench.example/' || n, %(hours)s, %(now)s, '30 min'
FROM generate_series(0, {PROVIDERS - 1}) n;

INSERT INTO raincheck_client (id, ref, practice_id, first_name, last_name, pronouns, phone, zone, confirmed_zone, client_since,
    do_not_auto_cancel, neutral_wording)
SELECT {FIRST} + n, gen_random_uuid(), {FIRST} + n %% {PRACTICES}, 'Riley', 'Brooks', '', '', '', '', %(now)s, false, false
FROM generate_series(0, {SESSIONS - 1}) n;

INSERT INTO raincheck_recipient (id, ref, practice_id, client_id, is_client, email, phone, language, zone)
SELECT {FIRST} + n, gen_random_uuid(), {FIRST} + n %% {PRACTICES}, {FIRST} + n, true, 'client' || n || '@bench.example', '', 'en', ''
FROM generate_series(0, {SESSIONS - 1}) n;

ANALYZE raincheck_practice, raincheck_provider, raincheck_client, raincheck_recipient;

CREATE TEMPORARY TABLE plan AS
SELECT {FIRST} + n AS id, {FIRST} + n %% {PRACTICES} AS practice, {FIRST} + n / {IN_A_QUARTER} * {OF_A_KIND} + n %% {OF_A_KIND} AS provider, due_at,
    due_at + (%(before)s::interval[])[1 + n %% {IN_A_QUARTER} / {OF_A_KIND}] AS starts_at
FROM generate_series(0, {SESSIONS - 1}) n, LATERAL (SELECT %(due)s + n / {IN_A_QUARTER} * %(quarter)s AS due_at) quarter;

INSERT INTO raincheck_appointment (id, ref, practice_id, provider_id, client_id, type_id, place_id, starts_at, ends_at, starts_wall,
    utc_offset, zone, buffer_before, buffer_after, join_url, ical_uid, ical_sequence, status, cancel_note, fee_allowed, booked_at)
SELECT id, gen_random_uuid(), practice, provider, id, practice, practice, starts_at, starts_at + interval '50 min',
    starts_at AT TIME ZONE %(zone)s, (starts_at AT TIME ZONE %(zone)s) - (starts_at AT TIME ZONE 'UTC'), %(zone)s, '0', '10 min',
    'https://video.bench.example/' || provider, id || '@bench.example', 0, 'scheduled', '', false, %(now)s - interval '14 days'
FROM plan;

UPDATE raincheck_appointment a SET remind_at = due_at FROM plan WHERE plan.id = a.id;

INSERT INTO raincheck_claim (practice_id, provider_id, client_id, appointment_id, part, span, lane)
SELECT practice, provider, id, id, part, tstzrange(starts_at, starts_at + CASE part WHEN 'session' THEN '50 min' ELSE '60 min' END::interval),
    CASE part WHEN 'session' THEN int8range(NULL, NULL) ELSE int8range(id, id + 1) END
FROM plan, unnest(ARRAY['session', 'buffered']) part
"""
LEFT_TO_DO = """
SELECT (EXISTS (SELECT FROM raincheck_appointment WHERE remind_at <= '{until}')
    OR EXISTS (SELECT FROM raincheck_notification WHERE state = 'waiting'))::int"""
LATENESS = f"""
SELECT (l.appointment_id - {FIRST}) / {IN_A_QUARTER} AS quarter, count(*), percentile_cont(0.5) WITHIN GROUP (ORDER BY n.ended_at - q.began_at),
    max(n.ended_at - q.began_at), max(n.made_at - q.began_at)
FROM raincheck_notification n JOIN raincheck_notificationappointment l ON l.notification_id = n.id,
    LATERAL (SELECT %(due)s + (l.appointment_id - {FIRST}) / {IN_A_QUARTER} * %(quarter)s AS began_at) q
WHERE n.kind = 'appointment_reminder' AND n.state = 'handed_over' GROUP BY 1 ORDER BY 1"""


@dataclass(frozen=True, slots=True)
class Late:
    """How late the reminders of one instant left: half of them at most so late, the last one, and when that was written."""

    median: timedelta
    last: timedelta
    written: timedelta


def measure(home: Home, report: Report, *, now: datetime) -> None:
    """Fill a database of its own, let an hour's reminders become due quarter by quarter, and note how late they leave."""
    from raincheck.cli.static_files import collect_static_files

    collect_static_files()
    leave_the_database()
    home.copy(DATABASE, of="raincheck")
    due = now + AHEAD
    with psycopg.connect(home.url(DATABASE), autocommit=True) as connection:
        _fill(connection, due=due, now=now)
    with ExitStack() as stack:
        _note(report, *_reminding(home, stack, due))


def _fill(connection: psycopg.Connection, *, due: datetime, now: datetime) -> None:
    """Write the sessions of an hour, all of them through the tables' own constraints.

    It is noon where their clients are, so that no night puts anything off.
    """
    values = {
        "zone": f"Etc/GMT{due.hour - 12:+d}",
        "hours": json.dumps({"weekly": [], "overrides": []}),
        "now": now,
        "due": due,
        "before": list(BEFORE),
        "quarter": QUARTER,
    }
    for index in SEARCHED:
        connection.execute(f"DROP INDEX {index}")  # type: ignore[arg-type]  # one of those above
    with connection.transaction():
        for statement in ROWS.split(";\n"):
            connection.execute(statement, values)  # type: ignore[arg-type]  # of nothing but itself
        for table in (
            "practice",
            "appointmenttype",
            "place",
            "provider",
            "client",
            "recipient",
            "appointment",
        ):
            connection.execute(
                f"SELECT setval(pg_get_serial_sequence('raincheck_{table}', 'id'), (SELECT max(id) FROM raincheck_{table}))"
            )
    connection.execute("ANALYZE")


def _reminding(home: Home, stack: ExitStack, due: datetime) -> tuple[list[Taken], list[Late]]:
    set_clock(timedelta(0))
    connection = stack.enter_context(psycopg.connect(home.url(DATABASE), autocommit=True))
    settings = stack.enter_context(taking_everything(home))
    served = stack.enter_context(product(home, DATABASE, **settings))
    workers = [stack.enter_context(working(home, DATABASE, **settings)) for _worker in range(2)]
    time.sleep(SETTLING)
    assert count(connection, LEFT) == 0, "nothing is due before its time"
    taken = []
    for instant in (due + quarter * QUARTER for quarter in range(QUARTERS)):
        # Each quarter begins at its own instant, so that the lateness of each reminder stands in its row; none was so slow
        # that the clock would have to wait for it.
        assert instant > clock_now(), "the reminders of one quarter took longer than a quarter"
        question = LEFT_TO_DO.format(until=instant.isoformat())
        taken.append(
            until(
                connection,
                question,
                home,
                workers,
                served,
                begin=partial(_go_on_to, instant),
            )
        )
    found = connection.execute(LATENESS, {"due": due, "quarter": QUARTER}).fetchall()
    assert [row[:2] for row in found] == [(quarter, AT_ONCE) for quarter in range(QUARTERS)], "all left, once"
    return taken, [Late(*row[2:]) for row in found]


def clock_now() -> datetime:
    from raincheck import clock

    return clock.now()


def _go_on_to(instant: datetime) -> None:
    set_clock(instant - datetime.now(instant.tzinfo))


HOW = """\
An hour in which {all:,} clients are to be reminded, half of them of a session two days ahead and half of one in two hours. Sessions begin on the quarters of the hour, so that {once:,} are
due in one instant, four times; each is another provider's, in {practices} practices, and half as many more sessions are looked at first in the same instant, which sends nothing. All of that is really planned, written
and sent: by two workers, beside the product's web server, to a mail server that takes everything, on this machine. Only the rest of each quarter, in which nothing is due, is left out: once all of
one have left, the demo's clock goes on to the next. How late each was stands in its row: from the instant it was due to its acceptance, written down."""

AFTER = """\
The last one of them was written {written:.0f} s after it was due; mails leave once a worker's sweep is through. Reckoned from these figures, not measured: spread evenly over the hour, {evenly:.0f} a
second are due, {share:.0f} % of what two workers get done, and the wait is that for their next look, 20 s at most; all {all:,} in one instant would take {at_once:.0f} s."""


def _note(report: Report, taken: Sequence[Taken], late: Sequence[Late]) -> None:
    rows: list[Sequence[str]] = [
        (
            "due in one instant",
            "median",
            "last one",
            "a second",
            "processor time of each: workers",
            "database",
        )
    ]
    rows += [
        (
            f"{AT_ONCE:,} reminders, {quarter}.",
            f"{one.median.total_seconds():.0f} s late",
            f"{one.last.total_seconds():.0f} s late",
            f"{AT_ONCE / one.last.total_seconds():.0f}",
            *(milliseconds(part / AT_ONCE) for part in (used.workers, used.database)),
        )
        for quarter, (used, one) in enumerate(zip(taken, late, strict=True), start=1)
    ]
    last = max(one.last for one in late)
    a_second, evenly = AT_ONCE / last.total_seconds(), IN_AN_HOUR / 3600
    how = HOW.format(all=IN_AN_HOUR, once=AT_ONCE, practices=PRACTICES)
    after = AFTER.format(
        written=max(one.written for one in late).total_seconds(),
        evenly=evenly,
        share=100 * evenly / a_second,
        all=IN_AN_HOUR,
        at_once=IN_AN_HOUR / a_second,
    )
    report.section("Reminders of appointments", how, rows, after=after)
    report.goal(
        f"{IN_AN_HOUR:,} reminders in an hour, the latest one",
        f"≤ {GOAL.total_seconds():.0f} s late",
        f"{last.total_seconds():.0f} s late",
        kept=last <= GOAL,
    )
