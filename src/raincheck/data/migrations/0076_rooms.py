"""Rooms that hold one session at a time: their sessions claim them too, and the claims of a room never overlap."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.db import migrations, models

ADD_KEY = (
    "ALTER TABLE raincheck_claim ADD CONSTRAINT claim_room_stays_in_its_practice FOREIGN KEY (practice_id, room_id)"
    " REFERENCES raincheck_place (practice_id, id) DEFERRABLE INITIALLY IMMEDIATE;"
)
DROP_KEY = "ALTER TABLE raincheck_claim DROP CONSTRAINT claim_room_stays_in_its_practice;"

# As before, and the session claims its room exactly while that holds one session at a time.
CLAIMS = """
CREATE OR REPLACE FUNCTION a_live_appointment_has_exactly_its_claim() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wanted bigint;
    booked raincheck_appointment%ROWTYPE;
    room bigint;
    fitting integer;
    present integer;
BEGIN
    IF TG_TABLE_NAME = 'raincheck_appointment' THEN
        wanted := NEW.id;
    ELSIF TG_OP = 'DELETE' THEN
        wanted := OLD.appointment_id;
    ELSE
        wanted := NEW.appointment_id;
    END IF;
    SELECT * INTO booked FROM raincheck_appointment WHERE id = wanted;
    IF NOT FOUND OR booked.claims_pruned_at IS NOT NULL THEN
        RETURN NULL;
    END IF;
    SELECT id INTO room FROM raincheck_place WHERE id = booked.place_id AND one_at_a_time;
    SELECT count(*), count(*) FILTER (WHERE provider_id = booked.provider_id AND client_id = booked.client_id AND CASE part
        WHEN 'session' THEN span = tstzrange(booked.starts_at, booked.ends_at) AND room_id IS NOT DISTINCT FROM room
        ELSE span = tstzrange(booked.starts_at - booked.buffer_before, booked.ends_at + booked.buffer_after) END)
        INTO present, fitting FROM raincheck_claim WHERE appointment_id = wanted;
    IF (booked.status = 'cancelled' AND present > 0) OR (booked.status <> 'cancelled' AND (present <> 2 OR fitting <> 2)) THEN
        RAISE EXCEPTION 'a live appointment has exactly its claim'
            USING ERRCODE = '23514', CONSTRAINT = 'a_live_appointment_has_exactly_its_claim', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
"""

FORMER_CLAIMS = """
CREATE OR REPLACE FUNCTION a_live_appointment_has_exactly_its_claim() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wanted bigint;
    booked raincheck_appointment%ROWTYPE;
    fitting integer;
    present integer;
BEGIN
    IF TG_TABLE_NAME = 'raincheck_appointment' THEN
        wanted := NEW.id;
    ELSIF TG_OP = 'DELETE' THEN
        wanted := OLD.appointment_id;
    ELSE
        wanted := NEW.appointment_id;
    END IF;
    SELECT * INTO booked FROM raincheck_appointment WHERE id = wanted;
    IF NOT FOUND OR booked.claims_pruned_at IS NOT NULL THEN
        RETURN NULL;
    END IF;
    SELECT count(*), count(*) FILTER (WHERE provider_id = booked.provider_id AND client_id = booked.client_id AND span = CASE part
        WHEN 'session' THEN tstzrange(booked.starts_at, booked.ends_at)
        ELSE tstzrange(booked.starts_at - booked.buffer_before, booked.ends_at + booked.buffer_after) END)
        INTO present, fitting FROM raincheck_claim WHERE appointment_id = wanted;
    IF (booked.status = 'cancelled' AND present > 0) OR (booked.status <> 'cancelled' AND (present <> 2 OR fitting <> 2)) THEN
        RAISE EXCEPTION 'a live appointment has exactly its claim'
            USING ERRCODE = '23514', CONSTRAINT = 'a_live_appointment_has_exactly_its_claim', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
"""

# Whoever makes a room one of one session at a time, or no more, changes its claims in the same transaction.
ROOMS = """
CREATE FUNCTION the_sessions_of_a_room_claim_it() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM raincheck_place place
        JOIN raincheck_appointment booked ON booked.place_id = place.id AND booked.claims_pruned_at IS NULL
        JOIN raincheck_claim claim ON claim.appointment_id = booked.id AND claim.part = 'session'
        WHERE place.id = NEW.id AND claim.room_id IS DISTINCT FROM CASE WHEN place.one_at_a_time THEN place.id END
    ) THEN
        RAISE EXCEPTION 'the sessions of a room claim it'
            USING ERRCODE = '23514', CONSTRAINT = 'the_sessions_of_a_room_claim_it', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER the_sessions_of_a_room_claim_it AFTER UPDATE OF one_at_a_time ON raincheck_place
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.one_at_a_time IS DISTINCT FROM NEW.one_at_a_time)
    EXECUTE FUNCTION the_sessions_of_a_room_claim_it();
"""
NO_ROOMS = "DROP FUNCTION the_sessions_of_a_room_claim_it() CASCADE;"


class Migration(migrations.Migration):
    dependencies = [
        ("raincheck", "0075_time_to_undo"),
    ]

    operations = [
        migrations.AddField(
            model_name="place",
            name="one_at_a_time",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="whether two sessions of different clients are never in this room at once",
            ),
        ),
        migrations.AddConstraint(
            model_name="place",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind", "room"), ("one_at_a_time", False), _connector="OR"),
                name="only_a_room_holds_one_session_at_a_time",
            ),
        ),
        migrations.AddField(
            model_name="claim",
            name="room",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="raincheck.place",
            ),
        ),
        migrations.AddField(
            model_name="claim",
            name="room_lane",
            field=django.contrib.postgres.fields.ranges.BigIntegerRangeField(blank=True, null=True),
        ),
        migrations.AddConstraint(
            model_name="claim",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("room__isnull", False)),
                expressions=[("room", "="), ("span", "&&"), ("client", "<>"), ("room_lane", "&&")],
                name="a_room_holds_one_session_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("room__isnull", True), ("room_lane__isnull", True)),
                    models.Q(("part", "session"), ("room__isnull", False), ("room_lane__isnull", False)),
                    _connector="OR",
                ),
                name="a_room_is_claimed_by_a_session",
            ),
        ),
        migrations.RunSQL(ADD_KEY, DROP_KEY),
        migrations.RunSQL(CLAIMS, FORMER_CLAIMS),
        migrations.RunSQL(ROOMS, NO_ROOMS),
        migrations.RemoveConstraint(
            model_name="task",
            name="a_task_has_a_known_kind",
        ),
        migrations.AddConstraint(
            model_name="task",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "not_delivered",
                            "client_wrote",
                            "needs_provider",
                            "no_open_times",
                            "intake_lapsed",
                            "what_happened",
                            "nobody_came",
                            "link_not_theirs",
                            "zone_clash",
                            "calendar_failing",
                            "calendar_not_written",
                            "conflict",
                            "not_done",
                            "series_clash",
                            "room_shared",
                        ],
                    )
                ),
                name="a_task_has_a_known_kind",
            ),
        ),
    ]
