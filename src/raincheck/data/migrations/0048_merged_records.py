"""Two records of one person can become one, and two that only look alike are told apart for good."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

KEYS = [
    ("client", "merged_into"),
    ("clientmerge", "kept"),
    ("clientmerge", "gone"),
    ("differentpeople", "one"),
    ("differentpeople", "other"),
]

ADD_KEYS = "".join(
    f"ALTER TABLE raincheck_{child} ADD CONSTRAINT {child}_{column}_stays_in_its_practice"
    f" FOREIGN KEY (practice_id, {column}_id) REFERENCES raincheck_client (practice_id, id) DEFERRABLE INITIALLY IMMEDIATE;"
    for child, column in KEYS
)
DROP_KEYS = "".join(
    f"ALTER TABLE raincheck_{child} DROP CONSTRAINT {child}_{column}_stays_in_its_practice;"
    for child, column in KEYS
)

# A settled request may become another record's when two are merged, and go back; nothing else of it ever changes.
SETTLED = """
CREATE OR REPLACE FUNCTION a_settled_request_stays_as_it_is() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.client_id <> NEW.client_id
        AND to_jsonb(OLD) - 'client_id' - 'ends_at' = to_jsonb(NEW) - 'client_id' - 'ends_at'
        AND EXISTS (SELECT 1 FROM raincheck_client
            WHERE (id, merged_into_id) IN ((OLD.client_id, NEW.client_id), (NEW.client_id, OLD.client_id)))
    THEN
        RETURN NEW;
    END IF;
    IF OLD.state <> 'open' OR TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a settled request stays as it is'
            USING ERRCODE = '23514', CONSTRAINT = 'a_settled_request_stays_as_it_is', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;
DROP TRIGGER an_ending_is_what_it_says ON raincheck_reschedulerequest;
CREATE CONSTRAINT TRIGGER an_ending_is_what_it_says
    AFTER INSERT OR UPDATE OF state, settled_at, moved_to, appointment_id, asked_starts_at, asked_ends_at
    ON raincheck_reschedulerequest
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.state <> 'open') EXECUTE FUNCTION an_ending_is_what_it_says();
"""
SETTLED_AS_BEFORE = """
CREATE OR REPLACE FUNCTION a_settled_request_stays_as_it_is() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'open' OR TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a settled request stays as it is'
            USING ERRCODE = '23514', CONSTRAINT = 'a_settled_request_stays_as_it_is', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;
DROP TRIGGER an_ending_is_what_it_says ON raincheck_reschedulerequest;
CREATE CONSTRAINT TRIGGER an_ending_is_what_it_says AFTER INSERT OR UPDATE ON raincheck_reschedulerequest
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.state <> 'open') EXECUTE FUNCTION an_ending_is_what_it_says();
"""

MERGED = """
CREATE FUNCTION nobody_is_booked_under_a_merged_record() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM raincheck_appointment a JOIN raincheck_client c ON c.id = a.client_id
        WHERE c.merged_into_id IS NOT NULL
            AND CASE TG_TABLE_NAME WHEN 'raincheck_client' THEN c.id = NEW.id ELSE a.id = NEW.id END)
    THEN
        RAISE EXCEPTION 'nobody is booked under a merged record'
            USING ERRCODE = '23514', CONSTRAINT = 'nobody_is_booked_under_a_merged_record', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER nobody_is_booked_under_a_merged_record AFTER INSERT OR UPDATE OF client_id ON raincheck_appointment
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION nobody_is_booked_under_a_merged_record();
CREATE CONSTRAINT TRIGGER a_merged_record_has_no_appointments AFTER UPDATE OF merged_into_id ON raincheck_client
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.merged_into_id IS NOT NULL)
    EXECUTE FUNCTION nobody_is_booked_under_a_merged_record();
"""
NOT_MERGED = """
DROP TRIGGER a_merged_record_has_no_appointments ON raincheck_client;
DROP TRIGGER nobody_is_booked_under_a_merged_record ON raincheck_appointment;
DROP FUNCTION nobody_is_booked_under_a_merged_record();
"""


class Migration(migrations.Migration):
    dependencies = [("raincheck", "0047_files_brought_in")]

    operations = [
        migrations.CreateModel(
            name="ClientMerge",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("ref", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("at", models.DateTimeField()),
                ("actor_kind", models.TextField()),
                ("actor", models.BigIntegerField(null=True)),
                ("moved", models.JSONField(default=dict)),
                ("former", models.JSONField(default=dict)),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="DifferentPeople",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("said_at", models.DateTimeField()),
                ("actor_kind", models.TextField()),
                ("actor", models.BigIntegerField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name="client",
            name="merged_into",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                help_text="the record that this one became part of; nothing is written under it any more",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="raincheck.client",
            ),
        ),
        migrations.AddIndex(
            model_name="client",
            index=models.Index(
                condition=models.Q(("merged_into__isnull", False)),
                fields=["merged_into"],
                name="records_merged_into_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="client",
            constraint=models.CheckConstraint(
                condition=models.Q(("merged_into", models.F("id")), _negated=True),
                name="a_record_is_not_merged_into_itself",
            ),
        ),
        migrations.AddField(
            model_name="clientmerge",
            name="gone",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="raincheck.client",
            ),
        ),
        migrations.AddField(
            model_name="clientmerge",
            name="kept",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="raincheck.client",
            ),
        ),
        migrations.AddField(
            model_name="clientmerge",
            name="practice",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="raincheck.practice",
            ),
        ),
        migrations.AddField(
            model_name="differentpeople",
            name="one",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="raincheck.client",
            ),
        ),
        migrations.AddField(
            model_name="differentpeople",
            name="other",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="raincheck.client",
            ),
        ),
        migrations.AddField(
            model_name="differentpeople",
            name="practice",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="raincheck.practice",
            ),
        ),
        migrations.AddIndex(
            model_name="clientmerge",
            index=models.Index(fields=["kept", "-id"], name="merges_into_a_record"),
        ),
        migrations.AddIndex(
            model_name="clientmerge",
            index=models.Index(
                condition=models.Q(("former", {}), _negated=True),
                fields=["at"],
                name="merges_that_can_be_undone",
            ),
        ),
        migrations.AddConstraint(
            model_name="clientmerge",
            constraint=models.UniqueConstraint(
                fields=("practice", "id"), name="a_merge_belongs_to_one_practice"
            ),
        ),
        migrations.AddConstraint(
            model_name="clientmerge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "actor_kind__in",
                        [
                            "client_by_link",
                            "client",
                            "provider",
                            "manager",
                            "scheduler",
                            "system",
                            "operator",
                        ],
                    )
                ),
                name="a_merge_names_a_known_actor",
            ),
        ),
        migrations.AddConstraint(
            model_name="clientmerge",
            constraint=models.UniqueConstraint(
                condition=models.Q(("undone_at__isnull", True)),
                fields=("gone",),
                name="a_record_is_merged_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="differentpeople",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "actor_kind__in",
                        [
                            "client_by_link",
                            "client",
                            "provider",
                            "manager",
                            "scheduler",
                            "system",
                            "operator",
                        ],
                    )
                ),
                name="a_pair_names_a_known_actor",
            ),
        ),
        migrations.AddConstraint(
            model_name="differentpeople",
            constraint=models.CheckConstraint(
                condition=models.Q(("one__lt", models.F("other"))),
                name="a_pair_of_people_is_written_in_one_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="differentpeople",
            constraint=models.UniqueConstraint(
                fields=("one", "other"), name="a_pair_of_people_is_told_apart_once"
            ),
        ),
        migrations.RunSQL(ADD_KEYS, DROP_KEYS),
        migrations.RunSQL(SETTLED, SETTLED_AS_BEFORE),
        migrations.RunSQL(MERGED, NOT_MERGED),
    ]
