"""100,000 reminders of appointments in an hour: a quarter of them due in one instant, and how late the last one leaves."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta

import psycopg

from bench.due import LEFT, Taken, count, set_clock, taking_everything, until
from bench.home import Home, leave_the_database, product, working
from bench.report import Report, milliseconds

DATABASE = "reminding_of_appointments"
IN_AN_HOUR, QUARTERS = 100_000, 4
AT_ONCE = IN_AN_HOUR // QUARTERS
"""Sessions begin on the quarters of an hour, and so do their reminders."""
FIRST, PRACTICES = 1_000_000, 20
AHEAD = timedelta(hours=1)
"""How far the instant lies ahead at first, in which all is due."""
DAYS_BEFORE, FIRST_LOOK = timedelta(hours=48), timedelta(hours=61)
SETTLING = 5.0
GOAL = timedelta(minutes=5)

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
FROM generate_series(0, {AT_ONCE - 1}) n;

INSERT INTO raincheck_client (id, ref, practice_id, first_name, last_name, pronouns, phone, zone, confirmed_zone, client_since,
    do_not_auto_cancel, neutral_wording)
SELECT {FIRST} + n, gen_random_uuid(), {FIRST} + n %% {PRACTICES}, 'Riley', 'Brooks', '', '', '', '', %(now)s, false, false
FROM generate_series(0, {2 * AT_ONCE - 1}) n;

INSERT INTO raincheck_recipient (id, ref, practice_id, client_id, is_client, email, phone, language, zone)
SELECT {FIRST} + n, gen_random_uuid(), {FIRST} + n %% {PRACTICES}, {FIRST} + n, true, 'client' || n || '@bench.example', '', 'en', ''
FROM generate_series(0, {2 * AT_ONCE - 1}) n;

CREATE TEMPORARY TABLE plan AS
SELECT {FIRST} + n AS id, {FIRST} + n %% {PRACTICES} AS practice, {FIRST} + n %% {AT_ONCE} AS provider,
    CASE WHEN n < {AT_ONCE} THEN %(due)s + %(days_before)s ELSE %(due)s + %(first_look)s END AS starts_at
FROM generate_series(0, {2 * AT_ONCE - 1}) n;

INSERT INTO raincheck_appointment (id, ref, practice_id, provider_id, client_id, type_id, place_id, starts_at, ends_at, starts_wall,
    utc_offset, zone, buffer_before, buffer_after, join_url, ical_uid, ical_sequence, status, cancel_note, fee_allowed, booked_at)
SELECT id, gen_random_uuid(), practice, provider, id, practice, practice, starts_at, starts_at + interval '50 min',
    starts_at AT TIME ZONE %(zone)s, (starts_at AT TIME ZONE %(zone)s) - (starts_at AT TIME ZONE 'UTC'), %(zone)s, '0', '10 min',
    'https://video.bench.example/' || provider, id || '@bench.example', 0, 'scheduled', '', false, %(now)s - interval '14 days'
FROM plan;

UPDATE raincheck_appointment SET remind_at = %(due)s WHERE id >= {FIRST};

INSERT INTO raincheck_claim (practice_id, provider_id, client_id, appointment_id, part, span, lane)
SELECT practice, provider, id, id, part, tstzrange(starts_at, starts_at + CASE part WHEN 'session' THEN '50 min' ELSE '60 min' END::interval),
    CASE part WHEN 'session' THEN int8range(NULL, NULL) ELSE int8range(id, id + 1) END
FROM plan, unnest(ARRAY['session', 'buffered']) part
"""
NOT_LEFT = f"""
SELECT {AT_ONCE} - count(*) FROM raincheck_notification WHERE kind = 'appointment_reminder' AND state = 'handed_over'"""
LOOKED_AT = f"SELECT count(*) FROM raincheck_appointment WHERE id >= {FIRST} AND remind_at <= %s"
LATENESS = """
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY ended_at - %(due)s), max(ended_at - %(due)s), max(made_at - %(due)s)
FROM raincheck_notification WHERE kind = 'appointment_reminder'"""


def measure(home: Home, report: Report, *, now: datetime) -> None:
    """Fill a database of its own, let a quarter of an hour's reminders become due, and note how late they leave."""
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
    """Write as many appointments that are reminded of in one instant, and as many that are looked at first in it.

    It is noon where their clients are, so that no night puts anything off.
    """
    values = {
        "zone": f"Etc/GMT{due.hour - 12:+d}",
        "hours": json.dumps({"weekly": [], "overrides": []}),
        "now": now,
        "due": due,
        "days_before": DAYS_BEFORE,
        "first_look": FIRST_LOOK,
    }
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


def _reminding(
    home: Home, stack: ExitStack, due: datetime
) -> tuple[Taken, tuple[timedelta, timedelta, timedelta]]:
    set_clock(timedelta(0))
    connection = stack.enter_context(psycopg.connect(home.url(DATABASE), autocommit=True))
    settings = stack.enter_context(taking_everything(home))
    served = stack.enter_context(product(home, DATABASE, **settings))
    workers = [stack.enter_context(working(home, DATABASE, **settings)) for _worker in range(2)]
    time.sleep(SETTLING)
    assert count(connection, LEFT) == 0, "nothing is due before its time"

    def begin() -> None:
        # The clock goes on to the instant itself, so that the lateness of each stands in its row.
        set_clock(due - datetime.now(due.tzinfo))

    taken = until(connection, NOT_LEFT, home, workers, served, begin=begin)
    found = connection.execute(LATENESS, {"due": due}).fetchone()
    assert found is not None
    left = connection.execute(LOOKED_AT, [due]).fetchone()
    assert left == (0,), "all were looked at"
    return taken, (found[0], found[1], found[2])


HOW = """\
An hour in which {all:,} clients are to be reminded of a session two days ahead. Sessions begin on the quarters of the hour, so that {once:,} are due in one instant, each of another
provider in {practices} practices; as many others are looked at first in the same instant, which sends nothing. The demo's clock goes on to that instant. The product's web server and two
workers run on this machine beside a mail server that takes everything. How late each was stands in its row: from the instant it was due to its acceptance, written down."""


def _note(report: Report, taken: Taken, late: tuple[timedelta, timedelta, timedelta]) -> None:
    median, last, written = late
    rows: list[Sequence[str]] = [
        ("what", "median", "last one", "a second", "processor time of each: workers", "database"),
        (
            f"{AT_ONCE:,} reminders",
            f"{median.total_seconds():.0f} s late",
            f"{last.total_seconds():.0f} s late",
            f"{AT_ONCE / last.total_seconds():.0f}",
            *(milliseconds(part / AT_ONCE) for part in (taken.workers, taken.database)),
        ),
    ]
    how = HOW.format(all=IN_AN_HOUR, once=AT_ONCE, practices=PRACTICES)
    after = f"The last of them was written {written.total_seconds():.0f} s after it was due; mails leave meanwhile."
    report.section("Reminders of appointments", how, rows, after=after)
    report.goal(
        f"{IN_AN_HOUR:,} reminders in an hour, the latest one",
        f"≤ {GOAL.total_seconds():.0f} s late",
        f"{last.total_seconds():.0f} s late",
        kept=last <= GOAL,
    )
