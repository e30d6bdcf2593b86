"""Each promise that the tables keep, attacked with plain SQL as a careless program would."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import partial

import psycopg
import pytest
from django.apps import apps
from django.db import IntegrityError, ProgrammingError, connection, connections, transaction
from tests.app.cast import FRIDAY_AT_NINE, MINUTES, NOW, Cast, client_in

from raincheck.actions.access.read_log import Reading, log_readings
from raincheck.actions.appointments.booking import Details, change_appointment_details
from raincheck.actions.engine.runner import run_command
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.claims import Claim
from raincheck.data.appointments.places import Place
from raincheck.data.people import Membership, User
from raincheck.data.tenancy import InPractice
from raincheck.domain.people import Actor, ActorKind

A_CLAIM = """
INSERT INTO raincheck_claim (practice_id, provider_id, client_id, appointment_id, part, span, lane)
SELECT practice_id, %(provider)s, %(client)s, id, %(part)s, tstzrange(%(start)s, %(end)s),
    CASE %(part)s WHEN 'session' THEN int8range(NULL, NULL) ELSE int8range(%(client)s, %(client)s + 1) END
FROM raincheck_appointment WHERE id = %(appointment)s
"""


def sql(statement: str, *values: object, database: str = "default", **named: object) -> None:
    with connections[database].cursor() as cursor:
        cursor.execute(statement, named or list(values))


@contextmanager
def refused(name: str, *, database: str = "default") -> Iterator[None]:
    """Expect the transaction inside to be refused by the constraint of this name, at the latest when it commits."""
    with pytest.raises(IntegrityError) as refusal, transaction.atomic(using=database):
        yield
    cause = refusal.value.__cause__
    assert isinstance(cause, psycopg.Error)
    assert cause.diag.constraint_name == name


def without_claims(appointment: Appointment) -> None:
    sql("DELETE FROM raincheck_claim WHERE appointment_id = %s", appointment.pk)


@pytest.mark.parametrize(
    ("part", "start", "end"),
    [
        ("session", 0, 50),
        ("session", 50, 60),  # inside the ten minutes after the session
        ("buffered", -30, 1),
    ],
)
def test_p1_no_provider_is_double_booked(cast: Cast, part: str, start: int, end: int) -> None:
    riley, maya = cast.booked(), cast.booked(FRIDAY_AT_NINE, client=cast.maya)
    with refused("a_provider_is_never_double_booked"):
        without_claims(maya)
        sql(
            A_CLAIM,
            provider=cast.okafor.pk,
            client=cast.maya.pk,
            appointment=maya.pk,
            part=part,
            start=riley.starts_at + start * MINUTES,
            end=riley.starts_at + end * MINUTES,
        )


def test_p1_two_buffers_may_share_the_same_quiet_time(cast: Cast) -> None:
    riley = cast.booked()
    maya = cast.booked(riley.ends_at + 10 * MINUTES, client=cast.maya)
    assert Claim.objects.filter(appointment__in=[riley, maya]).count() == 4


def test_p2_no_client_is_in_two_places(cast: Cast) -> None:
    riley = cast.booked()
    other = cast.booked(FRIDAY_AT_NINE, provider=cast.fischer)
    with refused("a_client_is_never_in_two_places"):
        without_claims(other)
        sql(
            A_CLAIM,
            provider=cast.fischer.pk,
            client=cast.riley.pk,
            appointment=other.pk,
            part="session",
            start=riley.starts_at,
            end=riley.ends_at,
        )


def test_a_claim_keeps_to_its_lane(cast: Cast) -> None:
    appointment = cast.booked()
    with refused("a_claim_lies_in_its_lane"):
        sql(
            "UPDATE raincheck_claim SET lane = int8range(1, 2) WHERE appointment_id = %s AND part = 'session'",
            appointment.pk,
        )


@pytest.mark.parametrize(
    "crime",
    [
        "DELETE FROM raincheck_claim WHERE appointment_id = %s",
        "DELETE FROM raincheck_claim WHERE appointment_id = %s AND part = 'buffered'",
        "UPDATE raincheck_claim SET span = tstzrange(lower(span), upper(span) + interval '1 min') WHERE appointment_id = %s",
        "UPDATE raincheck_appointment SET ends_at = ends_at + interval '1 min' WHERE id = %s",
        "UPDATE raincheck_appointment SET buffer_after = interval '1 min' WHERE id = %s",
    ],
)
def test_p1_a_live_appointment_has_exactly_its_claim(cast: Cast, crime: str) -> None:
    appointment = cast.booked()
    with refused("a_live_appointment_has_exactly_its_claim"):
        sql(crime, appointment.pk)


@pytest.fixture
def room(cast: Cast) -> Place:
    """A room that holds one session at a time."""
    return Place.objects.create(
        practice=cast.practice, name="Room 2", kind="room", zone="America/New_York", one_at_a_time=True
    )


def test_p19_no_room_holds_two_sessions_of_different_clients(cast: Cast, room: Place) -> None:
    cast.booked(place=room)
    theirs = cast.booked(client=cast.maya, provider=cast.fischer)
    with refused("a_room_holds_one_session_at_a_time"):
        sql("UPDATE raincheck_appointment SET place_id = %s WHERE id = %s", room.pk, theirs.pk)
        sql(
            "UPDATE raincheck_claim SET room_id = %s, room_lane = int8range(NULL, NULL)"
            " WHERE appointment_id = %s AND part = 'session'",
            room.pk,
            theirs.pk,
        )


@pytest.mark.parametrize(
    "crime",
    [
        "UPDATE raincheck_claim SET room_id = NULL, room_lane = NULL WHERE appointment_id = %s",
        "UPDATE raincheck_appointment SET place_id = (SELECT min(id) FROM raincheck_place) WHERE id = %s",
    ],
)
def test_p19_a_session_claims_its_room_exactly_while_that_holds_one(
    cast: Cast, room: Place, crime: str
) -> None:
    appointment = cast.booked(place=room)
    with refused("a_live_appointment_has_exactly_its_claim"):
        sql(crime, appointment.pk)


@pytest.mark.parametrize("one_at_a_time", [True, False])
def test_p19_a_room_is_ticked_and_unticked_with_its_claims(
    cast: Cast, room: Place, one_at_a_time: bool
) -> None:
    other = Place.objects.create(practice=cast.practice, name="Room 3", kind="room", zone="America/New_York")
    cast.booked(place=other if one_at_a_time else room)
    with refused("the_sessions_of_a_room_claim_it"):
        sql("UPDATE raincheck_place SET one_at_a_time = NOT one_at_a_time WHERE kind = 'room'")


def test_p3_a_settled_request_refuses_every_further_change(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    cast.pick(request)
    for crime in (
        "UPDATE raincheck_reschedulerequest SET state = 'lapsed', moved_to = NULL WHERE id = %s",
        "UPDATE raincheck_reschedulerequest SET deadline_at = deadline_at + interval '1 min' WHERE id = %s",
        "UPDATE raincheck_reschedulerequest SET state = state WHERE id = %s",
        "DELETE FROM raincheck_reschedulerequest WHERE id = %s",
    ):
        with refused("a_settled_request_stays_as_it_is"):
            sql(crime, request.pk)


def test_p3_a_settled_request_changes_its_client_only_in_a_merge(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    cast.withdraw(request)
    theirs = "UPDATE raincheck_reschedulerequest SET client_id = %s WHERE id = %s"
    with refused("a_settled_request_stays_as_it_is"):
        sql(theirs, cast.maya.pk, request.pk)
    sql("UPDATE raincheck_client SET merged_into_id = %s WHERE id = %s", cast.riley.pk, cast.maya.pk)
    with refused("a_settled_request_stays_as_it_is"):
        sql(
            "UPDATE raincheck_reschedulerequest SET client_id = %s, deadline_at = deadline_at + interval '1 min' WHERE id = %s",
            cast.maya.pk,
            request.pk,
        )
    sql(theirs, cast.maya.pk, request.pk)


def test_p6_nobody_is_booked_under_a_merged_record(cast: Cast) -> None:
    row = cast.booked(client=cast.maya)
    with refused("nobody_is_booked_under_a_merged_record"):
        sql("UPDATE raincheck_client SET merged_into_id = %s WHERE id = %s", cast.riley.pk, cast.maya.pk)
    other = client_in(cast.practice, "Rilee", "Brooks")
    sql("UPDATE raincheck_client SET merged_into_id = %s WHERE id = %s", cast.riley.pk, other.pk)
    with refused("nobody_is_booked_under_a_merged_record"):
        sql("DELETE FROM raincheck_claim WHERE appointment_id = %s", row.pk)
        sql(
            "UPDATE raincheck_appointment SET client_id = %s, claims_pruned_at = now() WHERE id = %s",
            other.pk,
            row.pk,
        )


def test_p3_an_ending_has_its_time_and_actor(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    with refused("a_request_is_open_or_has_its_ending"):
        sql("UPDATE raincheck_reschedulerequest SET state = 'withdrawn' WHERE id = %s", request.pk)


def test_p4_an_appointment_has_one_open_request(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    columns = (
        "practice_id, batch_id, appointment_id, provider_id, client_id, state, asked_at, asked_starts_at, asked_ends_at,"
        " first_deadline_at, deadline_at, last_minute, reminders_sent"
    )
    with refused("an_appointment_has_one_open_request"):
        sql(
            f"INSERT INTO raincheck_reschedulerequest (ref, {columns})"
            f" SELECT gen_random_uuid(), {columns} FROM raincheck_reschedulerequest WHERE id = %s",
            request.pk,
        )


@pytest.mark.parametrize(
    "crime",
    [
        "UPDATE raincheck_appointment SET status = 'completed', outcome_at = starts_at, outcome_by_kind = 'provider' WHERE id = %s",
        "UPDATE raincheck_appointment SET provider_id = (SELECT max(id) FROM raincheck_provider WHERE practice_id = 1) WHERE id = %s",
        "UPDATE raincheck_appointment SET starts_at = starts_at - interval '1 hour' WHERE id = %s",
        "UPDATE raincheck_appointment SET ends_at = ends_at + interval '1 hour' WHERE id = %s",
    ],
)
def test_p5_an_open_request_is_about_a_live_appointment(cast: Cast, crime: str) -> None:
    appointment = cast.booked()
    cast.asked(appointment)
    with refused("an_open_request_is_about_a_live_appointment"):
        sql("SET CONSTRAINTS an_asked_appointment_stays_until_the_ending IMMEDIATE")
        sql(crime, appointment.pk)


SETTLE = (
    "UPDATE raincheck_reschedulerequest SET state = %(state)s, settled_at = %(now)s, settled_by = 'client',"
    " moved_to = %(moved_to)s WHERE id = %(request)s"
)


@pytest.mark.parametrize("state", ["moved", "declined", "lapsed", "superseded"])
def test_p6_an_ending_is_what_it_says(cast: Cast, state: str) -> None:
    request = cast.asked(cast.booked())
    with refused("an_ending_is_what_it_says"):
        sql(
            SETTLE,
            state=state,
            now=NOW,
            request=request.pk,
            moved_to=FRIDAY_AT_NINE if state == "moved" else None,
        )


def test_p6_a_withdrawn_request_leaves_the_time_as_it_was(cast: Cast) -> None:
    appointment = cast.booked()
    request = cast.asked(appointment)
    with refused("an_ending_is_what_it_says"):
        sql(SETTLE, state="withdrawn", now=NOW, request=request.pk, moved_to=None)
        sql(
            "UPDATE raincheck_appointment SET status = 'cancelled', cancelled_by = 'client', cancelled_why = 'client',"
            " cancelled_at = %s, ical_sequence = 1 WHERE id = %s",
            NOW,
            appointment.pk,
        )
        sql("SET CONSTRAINTS an_ending_is_what_it_says IMMEDIATE")


@pytest.mark.parametrize("fate", ["waiting", "handed_over", "failed"])
def test_p6_what_is_undone_was_never_sent(cast: Cast, fate: str) -> None:
    cast.choose()
    request = cast.asked(cast.booked())
    with refused("an_ending_is_what_it_says"):
        if fate != "waiting":
            sql(
                "UPDATE raincheck_notification SET state = %s, ended_at = %s WHERE batch_id = %s",
                fate,
                NOW,
                request.batch_id,
            )
        sql(SETTLE, state="undone", now=NOW, request=request.pk, moved_to=None)


def test_p6_nothing_is_undone_after_it_has_left(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    with refused("an_ending_is_what_it_says"):
        sql("UPDATE raincheck_notification SET state = 'obsolete', ended_at = %s", NOW)
        sql(SETTLE, state="undone", now=NOW, request=request.pk, moved_to=None)


def test_p9_nothing_leaves_the_calendar_untold(cast: Cast) -> None:
    appointment = cast.booked()
    with refused("nothing_leaves_the_calendar_untold"):
        without_claims(appointment)
        sql(
            "UPDATE raincheck_appointment SET status = 'cancelled', cancelled_by = 'provider', cancelled_why = 'provider_other',"
            " cancelled_at = %s, ical_sequence = 1 WHERE id = %s",
            NOW,
            appointment.pk,
        )
    assert Appointment.objects.get(pk=appointment.pk).status == "scheduled"


@pytest.mark.parametrize("dropped", [True, False])
def test_p9_only_what_was_told_to_nobody_goes_back_untold(cast: Cast, *, dropped: bool) -> None:
    cast.choose()
    row = cast.booked()
    details = Details(FRIDAY_AT_NINE, row.type_id, row.place_id, row.join_url)
    moving = partial(change_appointment_details, row.ref, details=details, by=cast.by_okafor, now=NOW)
    run_command(moving, key=None, body={}, by=cast.by_okafor, now=NOW)
    with nullcontext() if dropped else refused("nothing_leaves_the_calendar_untold"), transaction.atomic():
        if dropped:
            sql(
                "UPDATE raincheck_notification SET state = 'obsolete', ended_at = %s WHERE kind = 'moved'",
                NOW,
            )
        without_claims(row)
        sql(
            "UPDATE raincheck_appointment SET starts_at = %s, ends_at = %s, ical_sequence = 2 WHERE id = %s",
            row.starts_at,
            row.ends_at,
            row.pk,
        )
        sql(
            "INSERT INTO raincheck_appointmenthistory (practice_id, appointment_id, event, at, sequence, actor_kind, trace_id,"
            " from_starts_at, to_starts_at, details) VALUES (%s, %s, 'undone', %s, 2, 'provider', '', %s, %s, '{}')",
            row.practice_id,
            row.pk,
            NOW,
            FRIDAY_AT_NINE,
            row.starts_at,
        )
        for part, end in (("session", row.ends_at), ("buffered", row.ends_at + 10 * MINUTES)):
            sql(
                A_CLAIM,
                provider=row.provider_id,
                client=row.client_id,
                appointment=row.pk,
                part=part,
                start=row.starts_at,
                end=end,
            )


def test_p9_an_appointment_is_never_deleted(cast: Cast) -> None:
    appointment = cast.booked()
    with refused("an_appointment_is_never_deleted"):
        sql("DELETE FROM raincheck_appointment WHERE id = %s", appointment.pk)


@pytest.mark.parametrize(
    "crime",
    ["UPDATE raincheck_appointmenthistory SET event = 'moved'", "DELETE FROM raincheck_appointmenthistory"],
)
def test_p15_the_history_is_append_only(cast: Cast, crime: str) -> None:
    cast.booked()
    with refused("the_history_is_append_only"):
        sql(crime)


@pytest.mark.parametrize(
    "crime",
    [
        "UPDATE raincheck_membership SET ended_at = now() WHERE role = 'manager'",
        "UPDATE raincheck_membership SET role = 'scheduler' WHERE role = 'manager'",
        "DELETE FROM raincheck_membership WHERE role = 'manager'",
    ],
)
def test_a_practice_keeps_a_manager(cast: Cast, crime: str) -> None:
    user = User.objects.create_user("sasha@harbor.example", name="Sasha Lindqvist")
    Membership.objects.create(practice=cast.practice, user=user, role="manager")
    with refused("a_practice_keeps_a_manager"):
        sql(crime)


def test_p15_the_application_may_not_empty_any_table(cast: Cast) -> None:
    cast.booked()
    with pytest.raises((ProgrammingError, IntegrityError)), transaction.atomic():
        sql("TRUNCATE raincheck_appointmenthistory")


@pytest.mark.parametrize(
    "history",
    ["appointmenthistory", "availabilityhistory", "clienthistory", "practicehistory", "rightshistory"],
)
@pytest.mark.usefixtures("database")
def test_p15_not_even_the_owner_of_the_tables_may_empty_a_history(history: str) -> None:
    with refused("the_history_is_append_only", database="owner"):
        sql(f"TRUNCATE raincheck_{history}", database="owner")


@pytest.mark.parametrize(
    "crime", ["UPDATE raincheck_readlog SET what = 'nothing'", "DELETE FROM raincheck_readlog"]
)
def test_p15_the_read_log_is_append_only(cast: Cast, crime: str) -> None:
    by = Actor(ActorKind.PROVIDER, cast.okafor.pk, practice=cast.practice.pk)
    log_readings([Reading(by, [cast.riley.pk], "client", "192.0.2.7", NOW)])
    with refused("the_read_log_is_append_only"):
        sql(crime)


@pytest.mark.usefixtures("database")
def test_p15_not_even_the_owner_of_the_tables_may_empty_the_read_log() -> None:
    with refused("the_read_log_is_append_only", database="owner"):
        sql("TRUNCATE raincheck_readlog", database="owner")


KEPT_KEYS = """
SELECT c.conrelid::regclass::text, a.attname FROM pg_constraint c
    JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[2]
    WHERE c.contype = 'f' AND cardinality(c.conkey) = 2 AND c.convalidated
    AND (SELECT attname FROM pg_attribute WHERE attrelid = c.conrelid AND attnum = c.conkey[1]) = 'practice_id'
"""


@pytest.mark.usefixtures("database")
def test_p17_every_key_inside_a_practice_is_kept_by_the_database() -> None:
    """A new table cannot forget one: the fields are compared with the catalogue."""
    wanted = {
        (model._meta.db_table, field.column)
        for model in apps.get_app_config("raincheck").get_models()
        for field in model._meta.local_fields
        if isinstance(field, InPractice)
    }
    with connection.cursor() as cursor:
        cursor.execute(KEPT_KEYS)
        assert set(cursor.fetchall()) == wanted


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("raincheck_claim", "provider_id"),
        ("raincheck_appointment", "client_id"),
        ("raincheck_reschedulerequest", "batch_id"),
        ("raincheck_conversation", "provider_id"),
    ],
)
def test_p17_nothing_crosses_from_one_practice_to_another(cast: Cast, table: str, column: str) -> None:
    cast.asked(cast.booked())
    foreign = {"provider_id": cast.mallory.pk, "client_id": cast.eve.pk, "batch_id": 987_654}[column]
    name = f"{table.removeprefix('raincheck_')}_{column.removesuffix('_id')}_stays_in_its_practice"
    with refused(name):
        sql(f"UPDATE {table} SET {column} = %s", foreign)


def test_times_of_a_request_lie_in_order(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    with refused("a_deadline_lies_before_the_start"):
        sql("UPDATE raincheck_reschedulerequest SET deadline_at = asked_starts_at WHERE id = %s", request.pk)
    with refused("a_deadline_lies_after_the_ask"):
        sql("UPDATE raincheck_reschedulerequest SET deadline_at = asked_at WHERE id = %s", request.pk)
