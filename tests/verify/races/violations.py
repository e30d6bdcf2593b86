"""Crimes against each promise, in plain SQL: which promise, which constraints must be gone for it, and what is done."""

from __future__ import annotations

from django.apps import apps

T = "raincheck_"


def named(name: str) -> str:
    """Return the number of the appointment of a client, as SQL."""
    return f"(SELECT a.id FROM {T}appointment a JOIN {T}client c ON c.id = a.client_id WHERE c.first_name = '{name}')"


def about(state: str) -> str:
    return f"(SELECT id FROM {T}reschedulerequest WHERE state = '{state}')"


def copied(table: str, where: str, **changed: str) -> str:
    """Return the statement that writes rows of a table again, with some columns changed."""
    sets = ", ".join(f"{column} = {value}" for column, value in changed.items())
    fields = apps.get_model("raincheck", table)._meta.concrete_fields
    # What the database makes itself cannot be written; all the others in the order of the table.
    columns = (
        "*"
        if not any(field.generated for field in fields)
        else ", ".join(field.column for field in fields if not field.generated)
    )
    return (
        f"CREATE TEMPORARY TABLE again ON COMMIT DROP AS SELECT {columns} FROM {T}{table} WHERE {where};"
        f" UPDATE again SET id = nextval(pg_get_serial_sequence('{T}{table}', 'id')){', ' if sets else ''}{sets};"
        f" INSERT INTO {T}{table}{'' if columns == '*' else f' ({columns})'} SELECT * FROM again"
    )


def placed(name: str, start: str, provider: str = "provider_id") -> str:
    """Let a client's appointment have been booked elsewhere from the beginning: row, claims and history."""
    at = f"(SELECT starts_at {start} FROM {T}appointment WHERE id = {named('Riley')})"
    return (
        f"UPDATE {T}appointmenthistory SET to_starts_at = {at}, to_ends_at = {at} + interval '50 minutes' WHERE appointment_id = {named(name)};"
        f"UPDATE {T}appointment SET starts_at = {at}, ends_at = {at} + interval '50 minutes', provider_id = {provider} WHERE id = {named(name)};"
        f"UPDATE {T}claim c SET provider_id = a.provider_id, span = CASE part WHEN 'session' THEN tstzrange(a.starts_at, a.ends_at)"
        f" ELSE tstzrange(a.starts_at - a.buffer_before, a.ends_at + a.buffer_after) END FROM {T}appointment a"
        f" WHERE a.id = c.appointment_id AND a.id = {named(name)}"
    )


def reminded_again(word: str) -> str:
    """Let the client who was reminded be reminded once more, of the same time."""
    later = "made_at + interval '1 minute'" if word == "again" else "made_at - interval '1 minute'"
    first = f"(SELECT min(id) FROM {T}notification WHERE kind = 'appointment_reminder')"
    return (
        copied(
            "notification",
            f"id = {first}",
            ref="gen_random_uuid()",
            made_at=later,
            state="'waiting'",
            ended_at="NULL",
        ).replace("again", word)
        + f"; INSERT INTO {T}notificationappointment (practice_id, notification_id, appointment_id, request_id, sequence, facts)"
        f" SELECT practice_id, (SELECT max(id) FROM {T}notification), appointment_id, request_id, sequence, facts"
        f" FROM {T}notificationappointment WHERE notification_id = {first}"
    )


LAST_OF_SERIES = f"(SELECT max(recurrence_id) FROM {T}appointment)"
TWICE_TAKEN = ("a_provider_is_never_double_booked", "a_client_is_never_in_two_places")
FISCHER = f"(SELECT id FROM {T}provider WHERE short_name = 'Dr. Fischer')"
MALLORY = f"(SELECT id FROM {T}provider WHERE short_name = 'Dr. Vance')"
HISTORY = f"{T}appointmenthistory"
REQUEST = f"{T}reschedulerequest"

CRIMES: list[tuple[str, tuple[str, ...], str]] = [
    (
        "P12 a suggested time ends with the last of its requests that it suits, and the grace",
        (),
        f"UPDATE {T}hold SET suggested = true",
    ),
    (
        "P19 no room that holds one session at a time holds two",
        ("only_a_room_holds_one_session_at_a_time",),
        f"UPDATE {T}place SET one_at_a_time = true;" + placed("Ada", "+ interval '20 minutes'", FISCHER),
    ),
    ("P1 no provider is double-booked", TWICE_TAKEN, placed("Ada", "+ interval '20 minutes'")),
    ("P1 no provider is double-booked", TWICE_TAKEN, placed("Ada", "+ interval '55 minutes'")),
    (
        "P1 no provider is double-booked",
        TWICE_TAKEN,
        f"UPDATE {T}hold SET starts_at = x.starts_at, ends_at = x.ends_at FROM {T}appointment x WHERE x.id = {named('Ada')};"
        f"UPDATE {T}claim c SET span = x.span FROM {T}claim x WHERE c.hold_id IS NOT NULL AND x.appointment_id = {named('Ada')} AND x.part = c.part",
    ),
    (
        "P1 what is taken is claimed, and nothing else",
        (),
        f"DELETE FROM {T}claim WHERE part = 'buffered' AND appointment_id = {named('Ada')}",
    ),
    (
        "P1 what is taken is claimed, and nothing else",
        (),
        f"UPDATE {T}claim SET span = tstzrange(lower(span), upper(span) - interval '1 minute') WHERE hold_id IS NOT NULL",
    ),
    (
        "P1 what is taken is claimed, and nothing else",
        (),
        copied(
            "claim",
            f"appointment_id = {named('Ada')}",
            appointment_id=named("Ivo"),
            span="tstzrange(lower(span) - interval '1 year', upper(span) - interval '1 year')",
        ),
    ),
    (
        "P2 no client is in two places",
        TWICE_TAKEN,
        placed("Ada", "+ interval '20 minutes'", FISCHER)
        + f"; UPDATE {T}appointment SET client_id = (SELECT id FROM {T}client WHERE first_name = 'Riley') WHERE id = {named('Ada')}"
        + f"; UPDATE {T}claim c SET client_id = a.client_id, lane = CASE part WHEN 'session' THEN lane ELSE int8range(a.client_id, a.client_id + 1) END"
        f" FROM {T}appointment a WHERE a.id = c.appointment_id",
    ),
    (
        "P3 a request has one beginning and exactly one ending",
        (),
        copied("appointmenthistory", "event = 'withdrawn'"),
    ),
    (
        "P3 a request has one beginning and exactly one ending",
        (),
        f"DELETE FROM {HISTORY} WHERE event = 'void'",
    ),
    (
        "P3 a request has one beginning and exactly one ending",
        (),
        f"UPDATE {HISTORY} SET actor_kind = 'system' WHERE event = 'declined'",
    ),
    (
        "P3 a request has one beginning and exactly one ending",
        (),
        f"UPDATE {HISTORY} SET event = 'void' WHERE event = 'withdrawn'",
    ),
    (
        "P4 one open request for an appointment",
        ("an_appointment_has_one_open_request",),
        copied("reschedulerequest", "state = 'open'", ref="gen_random_uuid()")
        + "; "
        + copied("appointmenthistory", "false").replace("again", "more")
        + f"; INSERT INTO more SELECT * FROM {HISTORY} WHERE event = 'asked' AND request_id = (SELECT min(id) FROM {REQUEST} WHERE state = 'open')"
        f"; UPDATE more SET id = nextval(pg_get_serial_sequence('{HISTORY}', 'id')), request_id = (SELECT max(id) FROM {REQUEST})"
        f"; INSERT INTO {HISTORY} SELECT * FROM more",
    ),
    (
        "P5 an open request is about a live appointment as it was asked about",
        (),
        f"UPDATE {REQUEST} SET asked_ends_at = asked_ends_at + interval '1 minute' WHERE state = 'open'",
    ),
    (
        "P5 an open request is about a live appointment as it was asked about",
        (),
        f"UPDATE {REQUEST} SET provider_id = {FISCHER} WHERE state = 'open'",
    ),
    (
        "P6 an ending is what it says",
        (),
        f"UPDATE {REQUEST} SET moved_to = moved_to + interval '1 hour' WHERE state = 'moved'",
    ),
    (
        "P6 an ending is what it says",
        (),
        f"UPDATE {REQUEST} SET asked_ends_at = asked_ends_at + interval '1 minute' WHERE state = 'withdrawn'",
    ),
    (
        "P6 an ending is what it says",
        (),
        f"UPDATE {REQUEST} SET asked_ends_at = asked_ends_at + interval '1 minute' WHERE state = 'kept'",
    ),
    (
        "P6 an ending is what it says",
        (),
        f"UPDATE {HISTORY} SET details = jsonb_set(details, '{{from_place}}', details->'to_place') WHERE event = 'kept'",
    ),
    (
        "P6 what was kept by video is where it was kept until the practice changes it",
        (),
        f"UPDATE {T}appointment SET place_id = (SELECT id FROM {T}place WHERE kind = 'room')"
        f" WHERE id = (SELECT appointment_id FROM {REQUEST} WHERE state = 'kept')",
    ),
    (
        "P6 an ending is what it says",
        (),
        f"UPDATE {REQUEST} SET client_wrote_at = asked_at WHERE state = 'lapsed'",
    ),
    (
        "P6 an appointment is as its history says",
        (),
        f"UPDATE {T}appointment SET ical_sequence = 3 WHERE id = {named('Noor')}",
    ),
    (
        "P6 an appointment is as its history says",
        (),
        f"UPDATE {T}appointment SET status = 'completed', outcome_at = starts_at, outcome_by_kind = 'provider'"
        f" WHERE id = {named('Noor')}",
    ),
    (
        "P6 an occurrence is as its series says",
        (),
        f"UPDATE {T}appointment SET recurrence_id = recurrence_id + interval '1 week' WHERE recurrence_id = {LAST_OF_SERIES}",
    ),
    (
        "P6 an occurrence is as its series says",
        (),
        f"UPDATE {T}appointment SET recurrence_id = recurrence_id + interval '1 day' WHERE recurrence_id = {LAST_OF_SERIES}",
    ),
    (
        "P6 an occurrence is as its series says",
        (),
        f"UPDATE {T}series SET wall_time = '12:00'",
    ),
    (
        "P6 an occurrence is as its series says",
        (),
        f"UPDATE {T}series SET client_id = (SELECT id FROM {T}client WHERE first_name = 'Maya')",
    ),
    (
        "P6 a time that was asked about costs nothing",
        (),
        f"UPDATE {T}appointment SET fee_allowed = true WHERE id = {named('Ivo')}",
    ),
    (
        "P7 an answer that was confirmed is the ending",
        (),
        f"""UPDATE {T}idempotencykey SET answer = answer || '{{"state": "declined"}}' WHERE answer ? 'request'""",
    ),
    (
        "P8 nothing lapses early, or once it has begun",
        (),
        f"UPDATE {REQUEST} SET settled_at = deadline_at + interval '59 seconds' WHERE state = 'lapsed';"
        f"UPDATE {HISTORY} h SET at = settled_at FROM {REQUEST} r WHERE h.event = 'lapsed' AND r.id = h.request_id;"
        f"UPDATE {T}notification n SET made_at = (SELECT at FROM {HISTORY} WHERE event = 'lapsed') WHERE kind = 'lapsed'",
    ),
    (
        "P8 nothing lapses early, or once it has begun",
        (),
        f"UPDATE {REQUEST} SET handed_over_at = NULL WHERE state = 'lapsed'",
    ),
    (
        "P8 nothing lapses early, or once it has begun",
        (),
        f"UPDATE {REQUEST} SET settled_at = asked_starts_at - interval '1 second' WHERE state = 'void';"
        f"UPDATE {HISTORY} h SET at = settled_at FROM {REQUEST} r WHERE h.event = 'void' AND r.id = h.request_id",
    ),
    (
        "P9 nothing leaves the calendar untold",
        (),
        f"DELETE FROM {T}notificationappointment l USING {T}notification n WHERE n.id = l.notification_id"
        " AND n.kind = 'declined' AND n.provider_id IS NOT NULL",
    ),
    (
        "P9 nothing leaves the calendar untold",
        (),
        f"UPDATE {T}notification SET made_at = made_at + interval '1 minute' WHERE kind = 'cancelled' AND recipient_id IS NOT NULL",
    ),
    (
        "P10 a message was accepted, is shown as failed, or became obsolete",
        (),
        f"UPDATE {T}deliveryattempt t SET outcome = 'deferred' FROM {T}notification n WHERE n.id = t.notification_id"
        " AND n.kind = 'declined' AND n.recipient_id IS NOT NULL",
    ),
    (
        "P10 a message was accepted, is shown as failed, or became obsolete",
        (),
        f"DELETE FROM {T}task WHERE notification_id IS NOT NULL",
    ),
    (
        "P10 a message was accepted, is shown as failed, or became obsolete",
        (),
        f"UPDATE {T}notification SET state = 'obsolete' WHERE kind = 'cancelled' AND recipient_id IS NOT NULL",
    ),
    (
        "P11 no prompt or reminder goes out after the end",
        (),
        copied(
            "deliveryattempt",
            f"notification_id = (SELECT min(n.id) FROM {T}notification n JOIN {T}notificationappointment l ON l.notification_id = n.id"
            f" WHERE n.kind = 'asked' AND n.recipient_id IS NOT NULL AND l.request_id = {about('moved')})",
            at="at + interval '1 hour'",
        ),
    ),
    (
        "P11 nothing was handed over of what was undone",
        (),
        f"UPDATE {T}notification n SET state = 'waiting', ended_at = NULL FROM {T}notificationappointment l"
        f" WHERE l.notification_id = n.id AND n.recipient_id IS NOT NULL AND l.request_id = {about('undone')}",
    ),
    (
        "P12 no hold outlives its request",
        (),
        f"UPDATE {T}hold SET request_id = {about('withdrawn')}",
    ),
    (
        "P13 what was acknowledged is there",
        (),
        f"""UPDATE {T}idempotencykey SET answer = '{{"appointment": "00000000-0000-4000-8000-000000000000"}}' WHERE answer ? 'appointment'""",
    ),
    (
        "P14 a key has acted once and has its answer",
        ("a_key_acts_once",),
        copied("idempotencykey", "answer ? 'request'"),
    ),
    ("P14 a key has acted once and has its answer", (), f"UPDATE {T}idempotencykey SET answer = NULL"),
    (
        "P14 nobody is told of one thing twice",
        (),
        copied(
            "notification",
            "kind = 'withdrawn' AND recipient_id IS NOT NULL",
            ref="gen_random_uuid()",
            state="'waiting'",
            ended_at="NULL",
        )
        + f"; INSERT INTO {T}notificationappointment (practice_id, notification_id, appointment_id, request_id, sequence, facts)"
        f" SELECT l.practice_id, (SELECT max(id) FROM {T}notification), l.appointment_id, l.request_id, l.sequence, l.facts FROM {T}notificationappointment l"
        f" JOIN {T}notification n ON n.id = l.notification_id WHERE n.kind = 'withdrawn' AND n.recipient_id IS NOT NULL AND n.state <> 'waiting'",
    ),
    (
        "P14 an appointment is reminded of once for each mark",
        (),
        "; ".join([reminded_again("again"), reminded_again("more")]),
    ),
    (
        "P15 the history has no gap",
        (),
        f"UPDATE {HISTORY} SET to_starts_at = to_starts_at - interval '1 hour' WHERE event = 'booked' AND appointment_id = {named('Noor')}",
    ),
    (
        "P15 the history is guarded",
        (),
        f"DROP TRIGGER the_history_is_append_only ON {HISTORY}",
    ),
    (
        "P15 the read log is guarded",
        (),
        "DROP TRIGGER the_read_log_is_append_only ON raincheck_readlog",
    ),
    (
        "P16 the answer window is elapsed time",
        (),
        f"UPDATE {REQUEST} SET first_deadline_at = first_deadline_at - interval '1 hour' WHERE state = 'withdrawn';"
        f"UPDATE {REQUEST} SET deadline_at = first_deadline_at WHERE state = 'withdrawn'",
    ),
    (
        "P16 a deadline moves only as the history says, and later",
        (),
        f"UPDATE {REQUEST} SET deadline_at = deadline_at + interval '1 hour' WHERE state = 'withdrawn'",
    ),
    (
        "P17 no row points into another practice",
        ("outofoffice_provider_stays_in_its_practice",),
        f"UPDATE {T}outofoffice SET provider_id = {MALLORY}",
    ),
    (
        "P18 no ask is half done",
        (),
        copied(
            "reschedulebatch",
            f"id = (SELECT batch_id FROM {REQUEST} WHERE state = 'open')",
            ref="gen_random_uuid()",
        ),
    ),
]
