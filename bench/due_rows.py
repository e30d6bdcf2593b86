"""The rows for what is due at once: practices full of open requests whose prompts were taken over two days ago."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import psycopg

PRACTICES, PROVIDERS, REQUESTS_OF_ONE = 20, 400, 50
REQUESTS = PROVIDERS * REQUESTS_OF_ONE
VISITORS = 100
"""Clients of each fourth provider who still have days to choose while the others' time is over."""
OF_TEN = "ARRAY[0, 0, 1, 1, 1, 2, 3, 4, 5, 6]"
"""Whose each of ten requests is: a batch of two, a batch of three, and five alone. Every third of these gets texts too."""
ZONES = (
    "ARRAY['America/New_York', 'America/Chicago', 'America/Denver', 'America/Los_Angeles',"
    " 'Europe/London', 'Australia/Sydney']"
)
HOURS = json.dumps(
    {
        "weekly": [{"weekday": day, "start": "08:00", "end": "18:00", "places": []} for day in range(5)],
        "overrides": [],
    }
)
WINDOW = timedelta(hours=48)
PROMPT = "Please choose a new time for your appointment.\n" * 12
"""About as long as a prompt is."""

FIRST = 100_000
"""The id of the first row of each table; those below belong to the measured practice."""
PRACTICE = f"{FIRST} + provider %% {PRACTICES}"

PLAN = f"""
CREATE TEMPORARY TABLE plan AS
SELECT id, client, provider, {PRACTICE} AS practice, starts_at, starts_at + interval '50 min' AS ends_at,
    deadline, deadline - %(window)s AS asked_at, {FIRST} + 2 * (provider %% {PRACTICES}) + (id %% 10 = 9)::int AS type,
    {FIRST} + 2 * (provider %% {PRACTICES}) + client %% 2 AS place, ({ZONES})[1 + provider %% {PRACTICES} %% 6] AS zone
FROM (
    SELECT {FIRST} + n AS id, {FIRST} + n / {REQUESTS_OF_ONE} AS provider, {FIRST} + n / 10 * 7 + ({OF_TEN})[1 + n %% 10] AS client,
        %(first)s + interval '1 day' * (n %% {REQUESTS_OF_ONE} / 5) + interval '90 min' * (n %% 5) AS starts_at,
        %(deadline)s + interval '1 s' * (n %% 60) AS deadline
    FROM generate_series(0, {REQUESTS - 1}) n
    UNION ALL
    SELECT {FIRST + REQUESTS} + n, {FIRST} + 4 * n, {FIRST + REQUESTS // 10 * 7} + n, %(first)s + interval '11 days', %(now)s + interval '47 h'
    FROM generate_series(0, {VISITORS - 1}) n
) numbered;
CREATE TEMPORARY TABLE plan_client AS
SELECT client AS id, min(practice) AS practice, min(provider) AS provider, min(asked_at) AS asked_at, min(id) AS first
FROM plan GROUP BY client;
ANALYZE plan, plan_client;
"""

ROWS = f"""
INSERT INTO raincheck_practice (id, ref, name, sender_name, reply_to, phone, zone, urgent_help, policy)
SELECT {FIRST} + n, gen_random_uuid(), 'Practice ' || n, 'Practice ' || n,
    CASE WHEN n %% 4 = 0 THEN '' ELSE 'front@bench.example' END, '(212) 555-0100', ({ZONES})[1 + n %% 6], '', '{{}}'
FROM generate_series(0, {PRACTICES - 1}) n;

INSERT INTO raincheck_appointmenttype (id, ref, practice_id, name, kind, length, buffer_before, buffer_after, offered)
SELECT {FIRST} + 2 * n + intake, gen_random_uuid(), {FIRST} + n, 'Session ' || intake, CASE intake WHEN 1 THEN 'intake' ELSE 'follow_up' END,
    '50 min', '0', '10 min', true
FROM generate_series(0, {PRACTICES - 1}) n, generate_series(0, 1) intake;

INSERT INTO raincheck_place (id, ref, practice_id, name, kind, zone, address, offered)
SELECT {FIRST} + 2 * n + room, gen_random_uuid(), {FIRST} + n, 'Place ' || room, CASE room WHEN 1 THEN 'room' ELSE 'telehealth' END,
    CASE room WHEN 1 THEN ({ZONES})[1 + n %% 6] ELSE '' END, CASE room WHEN 1 THEN '12 Long Street' ELSE '' END, true
FROM generate_series(0, {PRACTICES - 1}) n, generate_series(0, 1) room;

INSERT INTO raincheck_provider (id, ref, practice_id, name, short_name, email, zone, join_url, availability,
    availability_changed_at, grid_step)
SELECT {FIRST} + n, gen_random_uuid(), {FIRST} + n %% {PRACTICES}, 'Dr. Bench ' || n, 'Dr. Bench', 'provider' || n || '@bench.example',
    ({ZONES})[1 + n %% {PRACTICES} %% 6], 'https://video.bench.example/' || n, %(hours)s, %(now)s, '30 min'
FROM generate_series(0, {PROVIDERS - 1}) n;

INSERT INTO raincheck_client (id, ref, practice_id, first_name, last_name, pronouns, phone, zone, confirmed_zone,
    client_since, do_not_auto_cancel, neutral_wording)
SELECT id, gen_random_uuid(), practice, 'Riley', 'Brooks', '', '+12125550100',
    CASE id %% 5 WHEN 0 THEN ({ZONES})[1 + id %% 6] ELSE '' END, '', (%(now)s)::date, false, id %% 50 = 0
FROM plan_client;

INSERT INTO raincheck_recipient (id, ref, practice_id, client_id, is_client, email, phone, sms_agreed_at, language, zone)
SELECT id, gen_random_uuid(), practice, id, true, 'client' || id || '@bench.example', '+12125550100',
    CASE id %% 3 WHEN 0 THEN asked_at END, 'en', ''
FROM plan_client;

INSERT INTO raincheck_conversation (id, ref, practice_id, provider_id, client_id, latest_at)
SELECT id, gen_random_uuid(), practice, provider, id, asked_at FROM plan_client;

INSERT INTO raincheck_reschedulebatch (id, ref, practice_id, provider_id, client_id, asked_at, asked_by_kind, asked_by,
    reason, note, private_note)
SELECT id, gen_random_uuid(), practice, provider, id, asked_at, 'provider', provider, 'travel', '', '' FROM plan_client;

INSERT INTO raincheck_appointment (id, ref, practice_id, provider_id, client_id, type_id, place_id, starts_at, ends_at,
    starts_wall, utc_offset, zone, buffer_before, buffer_after, join_url, ical_uid, ical_sequence, status, cancel_note,
    fee_allowed, booked_at)
SELECT id, gen_random_uuid(), practice, provider, client, type, place, starts_at, ends_at, starts_at AT TIME ZONE zone,
    (starts_at AT TIME ZONE zone) - (starts_at AT TIME ZONE 'UTC'), zone, '0', '10 min',
    'https://video.bench.example/' || provider, id || '@bench.example', 0, 'scheduled', '', false, asked_at - interval '7 days'
FROM plan;

INSERT INTO raincheck_claim (practice_id, provider_id, client_id, appointment_id, part, span, lane)
SELECT practice, provider, client, id, part, tstzrange(starts_at, ends_at + CASE part WHEN 'session' THEN '0' ELSE '10 min' END::interval),
    CASE part WHEN 'session' THEN int8range(NULL, NULL) ELSE int8range(client, client + 1) END
FROM plan, unnest(ARRAY['session', 'buffered']) part;

INSERT INTO raincheck_reschedulerequest (id, ref, practice_id, batch_id, appointment_id, provider_id, client_id, state, asked_at,
    asked_starts_at, asked_ends_at, first_deadline_at, deadline_at, last_minute, remind_at, reminders_sent, handed_over_at,
    looked_at, look_again_at)
SELECT id, gen_random_uuid(), practice, client, id, provider, client, 'open', asked_at, starts_at, ends_at, deadline, deadline,
    false, deadline - interval '4 h', 1, asked_at + interval '5 s', %(now)s, %(now)s + interval '1 h'
FROM plan;

INSERT INTO raincheck_appointmenthistory (practice_id, appointment_id, request_id, event, at, sequence, actor_kind, actor,
    trace_id, to_starts_at, to_ends_at, details)
SELECT practice, id, CASE event WHEN 'asked' THEN id END, event, CASE event WHEN 'asked' THEN asked_at ELSE asked_at - interval '7 days' END,
    0, 'provider', provider, '', starts_at, ends_at, '{{}}'
FROM plan, unnest(ARRAY['booked', 'asked']) event ORDER BY event DESC, id;

INSERT INTO raincheck_message (ref, practice_id, conversation_id, at, author_kind, author, body, card, batch_id, appointment_id, starts_at)
SELECT gen_random_uuid(), practice, client, asked_at, 'provider', provider, '', 'asked', client, id, starts_at FROM plan;

INSERT INTO raincheck_notification (id, ref, practice_id, recipient_id, channel, kind, batch_id, made_at, due_at, give_up_at, state,
    ended_at, attempts, address, subject, text, after_others, facts)
SELECT id, gen_random_uuid(), practice, id, 'email', 'asked', id, asked_at, asked_at, asked_at + interval '1 day', 'handed_over',
    asked_at + interval '5 s', 1, 'client' || id || '@bench.example', '', '', false, '{{}}'
FROM plan_client;

INSERT INTO raincheck_notificationappointment (practice_id, notification_id, appointment_id, request_id, sequence, facts)
SELECT practice, client, id, id, 0, jsonb_build_object('starts_at', starts_at, 'ends_at', ends_at, 'zone', zone, 'place', place,
    'deadline_at', deadline) FROM plan;

INSERT INTO raincheck_deliveryattempt (id, practice_id, notification_id, at, address, outcome, answer, subject, text, html, calendar)
SELECT id, practice, id, asked_at, 'client' || id || '@bench.example', 'accepted', '250 OK', 'Please choose a new time', %(prompt)s,
    %(prompt)s || %(prompt)s, '' FROM plan_client;

INSERT INTO raincheck_link (ref, practice_id, hash, recipient_id, client_id, batch_id, attempt_id, channel, address, made_at)
SELECT gen_random_uuid(), practice, sha256(('visitor-' || first)::bytea), id, id, id, id, 'email', 'client' || id || '@bench.example', asked_at
FROM plan_client;
"""

NUMBERED = (
    "practice",
    "appointmenttype",
    "place",
    "provider",
    "client",
    "recipient",
    "conversation",
    "reschedulebatch",
    "appointment",
    "reschedulerequest",
    "notification",
    "deliveryattempt",
)
"""Tables whose rows got their numbers here."""


def fill(connection: psycopg.Connection, *, deadline: datetime, now: datetime) -> list[str]:
    """Make 20,000 requests with a deadline in the minute from `deadline` on, all of it through the tables' own constraints.

    Returns the tokens of the links of those clients who have days left to choose.
    """
    # So far ahead that no reminder of an appointment is due meanwhile: those have a part of their own.
    first = (now + timedelta(days=4)).replace(hour=14, minute=0, second=0, microsecond=0)
    values = {
        "window": WINDOW,
        "first": first,
        "deadline": deadline,
        "now": now,
        "hours": HOURS,
        "prompt": PROMPT,
    }
    with connection.transaction():
        for statement in filter(str.strip, (PLAN + ROWS).split(";\n")):
            connection.execute(statement, values)  # type: ignore[arg-type]  # put together above, of nothing but itself
        for table in NUMBERED:
            connection.execute(
                f"SELECT setval(pg_get_serial_sequence('raincheck_{table}', 'id'), (SELECT max(id) FROM raincheck_{table}))"
            )
    connection.execute("ANALYZE")
    return [f"visitor-{FIRST + REQUESTS + number}" for number in range(VISITORS)]
