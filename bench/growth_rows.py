"""The rows that a database grows by: other practices like the measured one, and appointments over the years."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time, timedelta

import psycopg

from bench.practice import LENGTH, Measured

PROVIDERS = 25_000
IN_A_PRACTICE = 50
CLIENTS_OF_ONE = 10
YEARS_BACK, YEARS_AHEAD = 7, 1
PAST_KEPT, AHEAD_KEPT = timedelta(days=30), timedelta(days=90)
"""Claims of a real practice go 30 days after their end; most people book no further than three months ahead."""

FIRST = 1_000
"""The id of the first practice, type, place, provider and client here; those below belong to the measured practice."""
FIRST_APPOINTMENT = 1_000_000
DAYS_SPREAD = (YEARS_BACK + YEARS_AHEAD) * 365
STRIDE = 1_009
"""Coprime to the days, so that a provider's appointments fall on days all over the years, each day once."""
MORNING, EVENING = 9, 23
"""In UTC. The measured provider's other appointments lie after their hours, so that the answer stays the same."""


def add_people(connection: psycopg.Connection) -> None:
    """Make practices, each with a type, a place, providers and clients that look like the measured ones."""
    practices, practice = PROVIDERS // IN_A_PRACTICE, f"{FIRST} + n"
    _multiply(connection, "practice", practices)
    _multiply(connection, "appointmenttype", practices, practice_id=practice)
    _multiply(connection, "place", practices, practice_id=practice)
    _multiply(connection, "provider", PROVIDERS, practice_id=f"{FIRST} + n / {IN_A_PRACTICE}")
    whose = f"{FIRST} + n / {IN_A_PRACTICE * CLIENTS_OF_ONE}"
    _multiply(connection, "client", PROVIDERS * CLIENTS_OF_ONE, practice_id=whose)


def _multiply(connection: psycopg.Connection, table: str, count: int, **changed: str) -> None:
    """Make so many rows like a table's first; `changed` says in SQL what is different, `n` counting from 0."""
    changed |= {"id": f"{FIRST} + n", "ref": "gen_random_uuid()"}
    columns = _columns(connection, table)
    values = ", ".join(changed.get(column, f"first.{column}") for column in columns)
    connection.execute(
        f"""INSERT INTO raincheck_{table} ({", ".join(columns)}) SELECT {values}
        FROM (SELECT * FROM raincheck_{table} ORDER BY id LIMIT 1) first, generate_series(0, {count - 1}) n"""
    )


def _columns(connection: psycopg.Connection, table: str) -> list[str]:
    found = connection.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
        " AND attgenerated = ''",
        [f"raincheck_{table}"],
    )
    return [name for (name,) in found]


NAMED = [
    "id",
    "ref",
    "practice_id",
    "provider_id",
    "client_id",
    "type_id",
    "place_id",
    "starts_at",
    "ends_at",
    "starts_wall",
    "utc_offset",
    "zone",
    "ical_uid",
    "status",
    "cancelled_by",
    "cancelled_why",
    "cancelled_at",
    "outcome_at",
    "outcome_by_kind",
]


def add_appointments(
    connection: psycopg.Connection, measured: Measured, numbers: range, *, now: datetime
) -> None:
    """Spread appointments over providers and years, at most one a day for each, and give the near ones their claims."""
    rest = [column for column in _columns(connection, "appointment") if column not in NAMED]
    alike = _first_appointment(connection, rest)
    own = _first_appointment(connection, ["practice_id", "provider_id", "client_id", "type_id", "place_id"])
    assert own[1] == str(measured.provider_id)
    rows = ((*_appointment(number, own, now=now), *alike) for number in numbers)
    _copy(connection, f"raincheck_appointment ({', '.join([*NAMED, *rest])})", rows)
    ids = [FIRST_APPOINTMENT + numbers.start, FIRST_APPOINTMENT + numbers.stop - 1]
    for part, lane in (("session", "NULL, NULL"), ("buffered", "client_id, client_id + 1")):
        connection.execute(
            f"""INSERT INTO raincheck_claim (practice_id, provider_id, client_id, appointment_id, part, span, lane)
                SELECT practice_id, provider_id, client_id, id, %s, tstzrange(starts_at, ends_at), int8range({lane})
                FROM raincheck_appointment WHERE id BETWEEN %s AND %s AND starts_at BETWEEN %s AND %s
                AND status <> 'cancelled'""",
            [part, *ids, now - PAST_KEPT, now + AHEAD_KEPT],
        )


def _first_appointment(connection: psycopg.Connection, columns: Sequence[str]) -> tuple[str | None, ...]:
    """Return columns of an appointment that the product itself booked, as text."""
    texts = ", ".join(f"{column}::text" for column in columns)
    found = connection.execute(f"SELECT {texts} FROM raincheck_appointment ORDER BY id LIMIT 1").fetchone()
    assert found is not None
    return found


def _appointment(number: int, own: Sequence[str | None], *, now: datetime) -> tuple[object, ...]:
    provider, turn = number % PROVIDERS, number // PROVIDERS
    day = now.date() + timedelta(days=(turn * STRIDE + provider * 7) % DAYS_SPREAD - YEARS_BACK * 365)
    start = datetime.combine(day, time(MORNING + provider % 8 if provider else EVENING), tzinfo=UTC)
    gone = number % 10 == 0
    status = "cancelled" if gone else "completed" if start < now else "scheduled"
    said = (start + LENGTH, "provider") if status == "completed" else (None, None)
    ended: tuple[object, ...] = ("provider", "provider_other", start) if gone else (None, None, None)
    who: Sequence[object] = own
    if provider:
        practice = FIRST + provider // IN_A_PRACTICE
        client = FIRST + provider * CLIENTS_OF_ONE + turn % CLIENTS_OF_ONE
        who = (practice, FIRST + provider, client, practice, practice)
    return (
        FIRST_APPOINTMENT + number, f"00000006-0000-4000-8000-{number:012x}", *who, start, start + LENGTH,
        start.replace(tzinfo=None), "0", "UTC", f"u{number}", status, *ended, *said,
    )  # fmt: skip


def _copy(connection: psycopg.Connection, into: str, rows: Iterator[tuple[object, ...]]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY {into} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
