"""A database of years: practices of many providers, whose rows are like those that the product itself wrote."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connections, transaction
from tests.app.cast import NOW, Cast
from tests.app.database import GUARDED

FIRST = 1_000_000
"""The first number of what is made here; what the cast has lies below."""
PRACTICES = 10
APPOINTMENTS, AHEAD = 500, 50
"""Of one provider: all of them, and those that lie ahead."""
CLIENTS = 25
MESSAGES = 20
"""Of one provider and one client."""


@dataclass(frozen=True, slots=True)
class Made:
    """Numbers of the first practice and of its first provider."""

    practice: int
    provider: int


def fill(cast: Cast, appointments: int) -> Made:
    """Make so many appointments and as many notifications, a tenth as many requests, and what goes with them.

    The cast has one of everything: a request with its messages, notifications, histories and tasks.
    """
    providers = appointments // APPOINTMENTS
    practice = f"{FIRST} + n %% {PRACTICES}"
    of_pair, of_appointment = f"n / {CLIENTS}", f"n / {APPOINTMENTS}"
    k = f"n %% {APPOINTMENTS}"
    begins = f"%(now)s::timestamptz + ({k} - {APPOINTMENTS - AHEAD}) * interval '17 hours'"

    def owned(provider: str) -> dict[str, str]:
        return {
            "practice_id": f"{FIRST} + ({provider}) %% {PRACTICES}",
            "provider_id": f"{FIRST} + {provider}",
        }

    client = f"{FIRST} + ({of_appointment}) * {CLIENTS} + ({k}) %% {CLIENTS}"
    about = owned(of_appointment) | {"client_id": client}
    request = {"practice_id": f"{FIRST} + (n / 50) %% {PRACTICES}", "provider_id": f"{FIRST} + n / 50",
               "client_id": f"{FIRST} + (n / 50) * {CLIENTS} + (n %% 50 * 10) %% {CLIENTS}"}  # fmt: skip
    is_open = f"n %% 50 * 10 > {APPOINTMENTS - AHEAD}"
    asked = f"%(now)s::timestamptz + (n %% 50 * 10 - {APPOINTMENTS - AHEAD}) * interval '17 hours'"
    last_at = "%(now)s::timestamptz - n %% 97 * interval '5 hours'"
    plan: list[tuple[str, int, dict[str, str]]] = [
        ("practice", PRACTICES, {}),
        ("appointmenttype", PRACTICES, {"practice_id": practice}),
        ("place", PRACTICES, {"practice_id": practice}),
        ("provider", providers, {"practice_id": practice}),
        ("client", providers * CLIENTS, {
            "practice_id": owned(of_pair)["practice_id"], "first_name": "'Given' || n %% 311", "last_name": "'Family' || n",
        }),
        ("recipient", providers * CLIENTS, {"practice_id": owned(of_pair)["practice_id"], "client_id": f"{FIRST} + n"}),
        ("conversation", providers * CLIENTS, owned(of_pair) | {
            "client_id": f"{FIRST} + n", "latest_at": last_at,
            "provider_read_at": f"CASE WHEN n %% 5 > 0 THEN {last_at} ELSE {last_at} - interval '1 hour' END",
        }),
        ("message", providers * CLIENTS * MESSAGES, {
            "practice_id": owned(f"n / {CLIENTS * MESSAGES}")["practice_id"], "conversation_id": f"{FIRST} + n / {MESSAGES}",
            "at": f"%(now)s::timestamptz - (n / {MESSAGES}) %% 97 * interval '5 hours' - (n %% {MESSAGES}) * interval '1 day'",
            "author_kind": "'client'", "card": "NULL", "body": "'Words'", "batch_id": "NULL", "appointment_id": "NULL",
            "starts_at": "NULL", "former_starts_at": "NULL",
        }),
        ("appointment", appointments, about | {
            "type_id": about["practice_id"], "place_id": about["practice_id"], "series_id": "NULL", "recurrence_id": "NULL", "ical_uid": "'made' || n",
            "starts_at": begins, "ends_at": f"{begins} + interval '50 minutes'", "booked_at": f"{begins} - interval '60 days'",
            "starts_wall": f"({begins}) AT TIME ZONE 'America/New_York'", "status": "'scheduled'", "cancelled_at": "NULL",
            "cancelled_by": "NULL", "cancelled_why": "NULL",
            "claims_pruned_at": f"CASE WHEN {begins} < %(now)s::timestamptz - interval '30 days' THEN %(now)s::timestamptz END",
        }),
        ("appointmenthistory", appointments, {
            "practice_id": about["practice_id"], "appointment_id": f"{FIRST} + n", "request_id": "NULL", "event": "'booked'",
            "from_starts_at": "NULL", "from_ends_at": "NULL", "at": f"{begins} - interval '60 days'",
        }),
        ("reschedulebatch", appointments // 10, request),
        ("reschedulerequest", appointments // 10, request | {
            "batch_id": f"{FIRST} + n", "appointment_id": f"{FIRST} + n * 10", "asked_starts_at": asked,
            "asked_ends_at": f"{asked} + interval '50 minutes'",
            "asked_at": f"least({asked} - interval '10 days', %(now)s::timestamptz)",
            "deadline_at": f"CASE WHEN {is_open} THEN greatest({asked} - interval '1 hour', %(now)s::timestamptz + interval '1 hour')"
                           f" ELSE {asked} - interval '2 days' END",
            "remind_at": "%(now)s::timestamptz + interval '30 minutes'", "looked_at": "%(now)s", "handed_over_at": f"least({asked} - interval '10 days', %(now)s::timestamptz)",
            "look_again_at": "%(now)s::timestamptz + interval '5 minutes'", "moved_to": "NULL", "needs_provider": "NULL",
            "needs_provider_at": "NULL", "state": f"CASE WHEN {is_open} THEN 'open' ELSE 'lapsed' END",
            "settled_at": f"CASE WHEN NOT {is_open} THEN {asked} - interval '2 days' END",
            "settled_by": f"CASE WHEN NOT {is_open} THEN 'scheduler' END", "client_wrote_at": "NULL",
        }),
        ("notification", appointments, {
            "practice_id": about["practice_id"], "kind": "'moved'", "batch_id": "NULL", "state": "'handed_over'",
            "channel": "CASE WHEN n %% 2 = 0 THEN 'in_app' ELSE 'email' END", "made_at": begins.replace("+ (", "- abs("),
            "provider_id": f"CASE WHEN n %% 2 = 0 THEN {about['provider_id']} END",
            "recipient_id": f"CASE WHEN n %% 2 = 1 THEN {about['client_id']} END", "membership_id": "NULL",
            "ended_at": begins.replace("+ (", "- abs("), "seen_at": f"CASE WHEN {k} <> {APPOINTMENTS - AHEAD} THEN %(now)s::timestamptz END",
            "due_at": begins.replace("+ (", "- abs("), "give_up_at": "%(now)s::timestamptz + interval '1 day'",
        }),
        ("task", providers * 25, owned("n / 25") | {
            "kind": "'client_wrote'", "client_id": f"{FIRST} + n", "request_id": "NULL", "notification_id": "NULL",
            "appointment_id": "NULL", "calendar_id": "NULL", "for_managers_at": "%(now)s",
            "done_at": "CASE WHEN n %% 25 > 2 THEN %(now)s::timestamptz END",
        }),
        ("idempotencykey", appointments // 10, {"key": "gen_random_uuid()", "acted_at": "%(now)s::timestamptz - n %% 100 * interval '1 minute'"}),
    ]  # fmt: skip
    with transaction.atomic(using="owner"):
        for table in GUARDED:
            _run(f"ALTER TABLE raincheck_{table} DISABLE TRIGGER USER")
        for table, count, changed in plan:
            _multiply(table, count, changed)
        _run("SET CONSTRAINTS ALL IMMEDIATE")
        for table in GUARDED:
            _run(f"ALTER TABLE raincheck_{table} ENABLE TRIGGER USER")
    _run("VACUUM ANALYZE")
    return Made(FIRST, FIRST)


def _multiply(table: str, count: int, changed: dict[str, str]) -> None:
    """Make so many rows like a table's first; `changed` says in SQL what is different, `n` counting from 0."""
    columns = _run(
        "SELECT attname FROM pg_attribute WHERE attrelid = %(table)s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''",
        table=f"raincheck_{table}",
    )
    names = [name for (name,) in columns]
    changed = {"id": f"{FIRST} + n", "ref": "gen_random_uuid()"} | changed
    values = ", ".join(changed.get(name, f"first.{name}") for name in names)
    _run(
        f"""INSERT INTO raincheck_{table} ({", ".join(names)}) SELECT {values}
        FROM (SELECT * FROM raincheck_{table} ORDER BY id LIMIT 1) first, generate_series(0, {count - 1}) n""",
        now=NOW,
    )


def _run(sql: str, **values: object) -> list[tuple[object, ...]]:
    with connections["owner"].cursor() as cursor:
        cursor.execute(sql, values or None)
        return cursor.fetchall() if cursor.description else []
