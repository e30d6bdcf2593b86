"""What a soak leaves in the database, read with plain SQL into plain facts for the checker."""

from __future__ import annotations

import time
from base64 import b64decode
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import psycopg
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from psycopg.rows import namedtuple_row, tuple_row
from tests.verify.races.promises import TOLD_BY_A_PERSON, UNDONE, broken_in
from tests.verify.soak.practice import SHORTEST_IN_A_FILE

MINUTE = 'YYYY-MM-DD"T"HH24:MI"Z"'

# Its types have buffers, and a file's rows have none.
FROM_A_FILE = "(a.buffer_before = interval '0' AND a.buffer_after = interval '0')"

TRACES = f"""
SELECT 'act:' || key AS trace FROM raincheck_idempotencykey WHERE answer IS NOT NULL
UNION ALL SELECT 'moved:' || r.ref || '@' || to_char(h.to_starts_at AT TIME ZONE 'UTC', '{MINUTE}')
    FROM raincheck_appointmenthistory h JOIN raincheck_reschedulerequest r ON r.id = h.request_id WHERE h.event = 'moved'
UNION ALL SELECT h.event || ':' || r.ref
    FROM raincheck_appointmenthistory h JOIN raincheck_reschedulerequest r ON r.id = h.request_id
    WHERE h.event IN ('declined', 'withdrawn', 'kept', 'undone')
UNION ALL SELECT CASE WHEN h.details ? 'choice_of' THEN 'chosen again:' || (h.details->>'choice_of')
        WHEN h.actor_kind = 'client_by_link' THEN 'own:' || a.ref ELSE 'changed:' || a.ref END
        || '/' || h.sequence || '@' || to_char(h.to_starts_at AT TIME ZONE 'UTC', '{MINUTE}')
    FROM raincheck_appointmenthistory h JOIN raincheck_appointment a ON a.id = h.appointment_id
    WHERE h.event IN ('details_changed', 'moved')
UNION ALL SELECT CASE h.event WHEN 'undone' THEN 'put back:' ELSE h.event || ':' END || a.ref || '/' || h.sequence
    FROM raincheck_appointmenthistory h JOIN raincheck_appointment a ON a.id = h.appointment_id
    WHERE h.event = 'reinstated' OR (h.event = 'undone' AND h.request_id IS NULL)
        OR (h.event = 'cancelled' AND h.actor_kind <> 'client_by_link' AND h.details->>'why' <> 'discharged')
UNION ALL SELECT 'needed:' || a.ref || '@' || (h.details->>'needed_by')
    FROM raincheck_appointmenthistory h JOIN raincheck_appointment a ON a.id = h.appointment_id WHERE h.event = 'needed_by'
UNION ALL SELECT 'booked:' || c.ref || '@' || to_char(h.to_starts_at AT TIME ZONE 'UTC', '{MINUTE}')
    FROM raincheck_appointmenthistory h JOIN raincheck_appointment a ON a.id = h.appointment_id
    JOIN raincheck_client c ON c.id = a.client_id WHERE h.event = 'booked' AND h.actor_kind IN ('provider', 'manager') AND a.series_id IS NULL AND NOT {FROM_A_FILE}
UNION ALL SELECT 'series:' || ref FROM (SELECT DISTINCT c.ref, a.booked_at FROM raincheck_appointment a
    JOIN raincheck_client c ON c.id = a.client_id JOIN raincheck_appointmenthistory h ON h.appointment_id = a.id
    WHERE a.series_id IS NOT NULL AND h.event = 'booked' AND h.actor_kind IN ('provider', 'manager')) AS series
UNION ALL SELECT 'left:' || a.ref FROM raincheck_appointmenthistory h JOIN raincheck_appointment a ON a.id = h.appointment_id
    WHERE h.event = 'cancelled' AND h.actor_kind = 'client_by_link'
UNION ALL SELECT 'rebooked:' || o.ref || '@' || to_char(h.to_starts_at AT TIME ZONE 'UTC', '{MINUTE}')
    FROM raincheck_appointmenthistory h JOIN raincheck_appointment a ON a.ref::text = h.details->>'rebooked_from'
    JOIN raincheck_rebookoffer o ON o.appointment_id = a.id WHERE h.event = 'booked'
UNION ALL SELECT 'added:' || c.last_name || '/' || c.first_name
    FROM raincheck_clienthistory h JOIN raincheck_client c ON c.id = h.client_id WHERE h.event = 'added'
UNION ALL SELECT 'pronouns:' || c.ref FROM raincheck_clienthistory h JOIN raincheck_client c ON c.id = h.client_id
    WHERE h.event = 'changed' AND h.details->'words' ? 'pronouns'
UNION ALL SELECT h.event || ':' || c.ref FROM raincheck_clienthistory h JOIN raincheck_client c ON c.id = h.client_id
    WHERE h.event IN ('discharged', 'archived', 'brought_back')
UNION ALL SELECT 'merged:' || k.ref || '/' || g.ref
    FROM raincheck_clientmerge m JOIN raincheck_client k ON k.id = m.kept_id JOIN raincheck_client g ON g.id = m.gone_id
UNION ALL SELECT 'parted:' || ref FROM raincheck_clientmerge WHERE undone_at IS NOT NULL
UNION ALL SELECT 'staged:' || p.sender_name || '/' || i.file_name FROM raincheck_import i JOIN raincheck_practice p ON p.id = i.practice_id
UNION ALL SELECT 'started:' || ref FROM raincheck_import WHERE state = 'importing' OR imported_at IS NOT NULL OR fault <> ''
UNION ALL SELECT 'given up:' || ref FROM raincheck_import WHERE state = 'dropped'
UNION ALL SELECT 'undone:' || ref FROM raincheck_import WHERE undone_at IS NOT NULL
UNION ALL SELECT 'invited:' || email FROM raincheck_invitation
UNION ALL SELECT 'joined:' || email FROM raincheck_invitation WHERE used_at IS NOT NULL
UNION ALL SELECT 'ended:' || u.email FROM raincheck_rightshistory h JOIN raincheck_user u ON u.id = h.user_id WHERE h.event = 'ended'
"""

# What people wrote is sealed: where its words belong in the trace, and the column that they are sealed for.
SEALED_TRACES = """
SELECT 'message:{}' AS trace, body AS words, 'raincheck_message:body' AS "column" FROM raincheck_message
    WHERE body <> '' AND (card IS NULL OR card = 'none_work')
UNION ALL SELECT 'blocked:{}', note, 'raincheck_outofoffice:note' FROM raincheck_outofoffice WHERE note <> ''
UNION ALL SELECT 'asked:{}/' || (SELECT count(*) FROM raincheck_reschedulerequest r WHERE r.batch_id = b.id), b.private_note,
    'raincheck_reschedulebatch:private_note' FROM raincheck_reschedulebatch b WHERE b.private_note <> ''
"""

ABOUT_THE_FILE = """n.channel = 'email' AND n.recipient_id IS NOT NULL AND EXISTS (SELECT FROM raincheck_notificationappointment l
        JOIN raincheck_importrow r ON r.appointment_id = l.appointment_id WHERE l.notification_id = n.id AND r.file_id = i.id)"""

NOTIFICATIONS = f"""
SELECT n.ref::text, n.channel, n.kind, n.state, n.attempts, extract(epoch FROM n.made_at)::float8 AS made_at,
    extract(epoch FROM n.due_at)::float8 AS due_at, extract(epoch FROM n.ended_at)::float8 AS ended_at,
    (SELECT count(*) FROM raincheck_task t WHERE t.notification_id = n.id) AS tasks,
    ARRAY(SELECT r.ref::text FROM raincheck_notificationappointment l JOIN raincheck_reschedulerequest r ON r.id = l.request_id
        WHERE l.notification_id = n.id) AS requests,
    ARRAY(SELECT a.ref::text FROM raincheck_notificationappointment l JOIN raincheck_appointment a ON a.id = l.appointment_id
        WHERE l.notification_id = n.id) AS appointments,
    n.recipient_id IS NOT NULL AS for_client, {TOLD_BY_A_PERSON} AS by_a_person, {UNDONE} AS undone
FROM raincheck_notification n
"""

REQUESTS = """
SELECT r.ref::text, r.state, extract(epoch FROM r.asked_at)::float8 AS asked_at,
    extract(epoch FROM r.deadline_at)::float8 AS deadline_at, extract(epoch FROM r.settled_at)::float8 AS settled_at,
    extract(epoch FROM r.asked_starts_at)::float8 AS starts_at, r.needs_provider, r.settled_by,
    (SELECT extract(epoch FROM max(h.expires_at))::float8 FROM raincheck_hold h WHERE h.request_id = r.id) AS held_until,
    a.ref::text AS appointment
FROM raincheck_reschedulerequest r JOIN raincheck_appointment a ON a.id = r.appointment_id
"""

CLIENTS = """
SELECT c.ref::text, m.ref::text AS merged_into FROM raincheck_client c LEFT JOIN raincheck_client m ON m.id = c.merged_into_id
"""

# By what is written in a file, not by what the product remembers of its rows: a client of it has its number in the name, an
# appointment of it lasts so many minutes longer than the shortest, and nothing else here has no buffers.
IMPORTS = f"""
SELECT i.ref::text, i.file_name, i.state, (SELECT count(*) FROM raincheck_importrow r WHERE r.file_id = i.id AND NOT r.left_out) AS rows,
    CASE i.kind WHEN 'clients' THEN (SELECT count(*) FROM raincheck_client c WHERE c.practice_id = i.practice_id
        AND c.first_name LIKE 'Import' || substring(i.file_name FROM '[0-9]+') || 'x%')
    ELSE (SELECT count(*) FROM raincheck_appointment a WHERE a.practice_id = i.practice_id
        AND {FROM_A_FILE} AND a.cancelled_why IS DISTINCT FROM 'import_undone'
        AND a.ends_at - a.starts_at = make_interval(mins => {SHORTEST_IN_A_FILE} + substring(i.file_name FROM '[0-9]+')::int)) END AS there,
    i.clients_told, (SELECT count(DISTINCT (a.client_id, a.provider_id)) FROM raincheck_importrow r
        JOIN raincheck_appointment a ON a.id = r.appointment_id WHERE r.file_id = i.id) AS pairs,
    (SELECT count(*) FROM raincheck_notification n WHERE n.kind = 'booked' AND {ABOUT_THE_FILE}) AS confirmed,
    (SELECT count(*) FROM raincheck_notification n WHERE n.kind = 'cancelled' AND n.made_at = i.undone_at AND {ABOUT_THE_FILE}) AS called_off
FROM raincheck_import i
"""

# Of each appointment that came in, whom and when the file names.
OTHERWISE = """
SELECT i.file_name || ', row ' || r.number || ' came in for ' || c.first_name || ' ' || c.last_name || ' with ' || p.name || ' at ' || h.to_starts_at AS what
FROM raincheck_importrow r JOIN raincheck_import i ON i.id = r.file_id JOIN raincheck_appointment a ON a.id = r.appointment_id
    JOIN raincheck_client c ON c.id = a.client_id JOIN raincheck_provider p ON p.id = a.provider_id
    JOIN raincheck_appointmenthistory h ON h.appointment_id = a.id AND h.event = 'booked'
WHERE (r.cells->>'Client', r.cells->>'Provider') <> (c.first_name || ' ' || c.last_name, p.name)
    OR to_timestamp(r.cells->>'Start', 'MM/DD/YYYY HH12:MI AM')::timestamp AT TIME ZONE i.zone <> h.to_starts_at
"""

# Everybody's last name here is their practice's.
STRAY = """
SELECT c.first_name || ' ' || c.last_name || ' stands in ' || p.name AS what FROM raincheck_client c
    JOIN raincheck_practice p ON p.id = c.practice_id WHERE c.last_name <> p.sender_name
UNION ALL SELECT 'an appointment of ' || c.last_name || ' with ' || v.name || ' stands in ' || p.name FROM raincheck_appointment a
    JOIN raincheck_practice p ON p.id = a.practice_id JOIN raincheck_client c ON c.id = a.client_id
    JOIN raincheck_provider v ON v.id = a.provider_id WHERE c.last_name <> p.sender_name OR v.name NOT LIKE '% ' || p.sender_name || ' %'
UNION ALL SELECT u.email || ' works in ' || p.name FROM raincheck_membership m JOIN raincheck_user u ON u.id = m.user_id
    JOIN raincheck_practice p ON p.id = m.practice_id WHERE m.role <> 'client' AND u.email NOT LIKE '%@' || lower(p.sender_name) || '.example'
UNION ALL SELECT 'a message about ' || p.name || ' is for ' || o.name FROM raincheck_notification n
    JOIN raincheck_practice p ON p.id = n.practice_id JOIN raincheck_recipient r ON r.id = n.recipient_id
    JOIN raincheck_client c ON c.id = r.client_id JOIN raincheck_practice o ON o.id = c.practice_id WHERE o.id <> p.id
"""

# By what whoever booked it was told: how many, and the first of them.
HALVES = """
SELECT a.ref::text AS ref, (k.answer->>'booked')::int AS told, (SELECT count(*) FROM raincheck_appointment b
    WHERE b.series_id IS NOT NULL AND (b.booked_at, b.provider_id, b.client_id) = (a.booked_at, a.provider_id, a.client_id)) AS there
FROM raincheck_idempotencykey k JOIN raincheck_appointment a ON a.ref::text = k.answer->>'appointment' WHERE k.answer ? 'series'
"""

JOBS = """
SELECT j.id, j.task_name, j.status, extract(epoch FROM clock_timestamp() - coalesce(j.scheduled_at,
    (SELECT max(e.at) FROM procrastinate_events e WHERE e.job_id = j.id)))::float8 AS waits
FROM procrastinate_jobs j WHERE j.status IN ('todo', 'doing')
"""


@dataclass(frozen=True, slots=True)
class Notification:
    """A notification as it ended up; times in real seconds. `tasks` is how many tasks speak of it."""

    ref: str
    channel: str
    kind: str
    state: str
    attempts: int
    made_at: float
    due_at: float
    ended_at: float | None
    tasks: int = 0
    requests: tuple[str, ...] = ()
    appointments: tuple[str, ...] = ()
    for_client: bool = True
    by_a_person: bool = False
    """Nothing was sent, since somebody tells the client themselves."""
    undone: bool = False
    """What it tells of was taken back before it left."""


@dataclass(frozen=True, slots=True)
class Request:
    """A reschedule request as it ended up."""

    ref: str
    state: str
    asked_at: float
    deadline_at: float
    settled_at: float | None
    starts_at: float
    needs_provider: str | None = None
    settled_by: str | None = None
    held_until: float | None = None
    appointment: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """A job that is not done: how many seconds it has waited since it should have begun, or since it began."""

    number: int
    task: str
    status: str
    waits: float


@dataclass(frozen=True, slots=True)
class File:
    """An import: how many of its rows are to come in, and how many clients or appointments there are as they say.

    Where its clients are told, each gets one mail for each provider when it comes in, and one when it is undone.
    """

    ref: str
    name: str
    state: str
    rows: int
    there: int
    told: bool = False
    pairs: int = 0
    confirmed: int = 0
    called_off: int = 0


@dataclass
class Found:
    """The database after a soak, as of `at` in real seconds."""

    at: float
    traces: Counter[str] = field(default_factory=Counter)
    notifications: dict[str, Notification] = field(default_factory=dict)
    requests: dict[str, Request] = field(default_factory=dict)
    jobs: list[Job] = field(default_factory=list)
    clients: dict[str, str | None] = field(default_factory=dict)
    """Every record, with the one that it has become part of."""
    files: list[File] = field(default_factory=list)
    otherwise: list[str] = field(default_factory=list)
    """Rows that came in otherwise than their file has them."""
    series: dict[str, tuple[int, int]] = field(default_factory=dict)
    """By the first appointment of each series that was booked: how many whoever booked it was told of, and how many there are."""
    stray: list[str] = field(default_factory=list)
    """What stands in one practice and belongs to the other."""
    broken: dict[str, Any] = field(default_factory=dict)


class Seals:
    """What opens the words of an installation, by its secret key: as `docs/internals/sealed-words.md` tells it, without the product's own code."""

    def __init__(self, secret: str) -> None:
        derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"raincheck: words that people wrote")
        self._box = AESGCM(derived.derive(secret.encode()))

    def open(self, words: str, column: str) -> str:
        """Return words that were sealed for a column, as `sealed:1:{key}:{practice}:{ref}:{nonce and box}`."""
        form, one, key, practice, ref, sealed = words.split(":")
        assert (form, one, key) == ("sealed", "1", "1"), "nothing is written open, and no key was changed"
        closed = b64decode(sealed, validate=True)
        bound_to = f"raincheck:{column}:{practice}:{ref}".encode()
        return self._box.decrypt(closed[:12], closed[12:], bound_to).decode()


def look(url: str, seals: Seals) -> Found:
    """Read everything in one snapshot."""
    with _connected(url) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        connection.execute("SET search_path TO public")

        def rows(question: str) -> list[Any]:
            return connection.execute(question).fetchall()

        return Found(
            at=float(rows("SELECT extract(epoch FROM clock_timestamp())::float8 AS at")[0].at),
            traces=Counter(row.trace for row in rows(TRACES))
            + Counter(
                row.trace.replace("{}", seals.open(row.words, row.column)) for row in rows(SEALED_TRACES)
            ),
            notifications={
                row.ref: Notification(
                    **{
                        **row._asdict(),
                        "requests": tuple(row.requests),
                        "appointments": tuple(row.appointments),
                    }
                )
                for row in rows(NOTIFICATIONS)
            },
            requests={row.ref: Request(*row) for row in rows(REQUESTS)},
            jobs=[Job(*row) for row in rows(JOBS)],
            clients={row.ref: row.merged_into for row in rows(CLIENTS)},
            files=[File(*row) for row in rows(IMPORTS)],
            otherwise=[row.what for row in rows(OTHERWISE)],
            series={row.ref: (row.told, row.there) for row in rows(HALVES)},
            stray=[row.what for row in rows(STRAY)],
        )


SETTLING = 25.0
"""Seconds that what is due has to be done once nothing breaks any more: a little more than from tick to tick."""

BY_STAMPS = "P11"
"""Compares stamps of processes whose clocks are set wrong here; the checker asks when the mail really arrived instead."""

TIME_PASSES = """
UPDATE raincheck_notification SET due_at = clock_timestamp() WHERE state = 'waiting' AND due_at > clock_timestamp()
"""


def let_pauses_pass(url: str) -> None:
    """Let the time have come for every message that waits for its next attempt, as it would within the hours after."""
    with _connected(url) as connection:
        connection.execute(TIME_PASSES)


def _connected(url: str) -> psycopg.Connection[Any]:
    """Return a connection to a database that may have been killed a moment ago."""
    until = time.monotonic() + SETTLING
    while True:
        try:
            return psycopg.connect(url, row_factory=namedtuple_row)
        except psycopg.OperationalError:
            if time.monotonic() > until:
                raise
        time.sleep(0.2)


def settled(url: str, seals: Seals) -> Found:
    """Look until nothing is due any more, but not for long; ask the promises then."""
    until = time.monotonic() + SETTLING
    while True:
        facts = look(url, seals)
        due = [
            one for one in facts.notifications.values() if one.state == "waiting" and one.due_at <= facts.at
        ]
        begun = [job for job in facts.jobs if job.status == "todo" and job.waits >= 0]
        if not (due or begun) or time.monotonic() > until:
            break
        time.sleep(0.5)
    with _connected(url) as connection:
        answers = broken_in(connection.cursor(row_factory=tuple_row))
    facts.broken = {promise: rows for promise, rows in answers.items() if not promise.startswith(BY_STAMPS)}
    return facts
