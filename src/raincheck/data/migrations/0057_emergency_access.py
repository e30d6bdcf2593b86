"""Managers open conversations in an emergency, for a while and with a reason."""

import uuid

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.db import migrations, models

KEYS = [("conversation", "conversation"), ("manager", "membership"), ("reason", "emergencyreason")]
ADD_KEYS = "".join(
    f"ALTER TABLE raincheck_emergencyaccess ADD CONSTRAINT emergencyaccess_{column}_stays_in_its_practice"
    f" FOREIGN KEY (practice_id, {column}_id) REFERENCES raincheck_{table} (practice_id, id) DEFERRABLE INITIALLY IMMEDIATE;"
    for column, table in KEYS
)
DROP_KEYS = "".join(
    f"ALTER TABLE raincheck_emergencyaccess DROP CONSTRAINT emergencyaccess_{column}_stays_in_its_practice;"
    for column, _table in KEYS
)


class Migration(migrations.Migration):
    dependencies = [
        ("raincheck", "0056_calendars_brought_in"),
    ]

    operations = [
        migrations.CreateModel(
            name="EmergencyAccess",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("ref", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("opened_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="EmergencyReason",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("ref", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("body", models.TextField(blank=True)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="clienthistory",
            name="a_change_of_a_client_is_of_a_known_kind",
        ),
        migrations.AddConstraint(
            model_name="clienthistory",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "event__in",
                        [
                            "added",
                            "changed",
                            "imported",
                            "merged",
                            "merge_undone",
                            "discharged",
                            "archived",
                            "brought_back",
                            "opened_in_emergency",
                        ],
                    )
                ),
                name="a_change_of_a_client_is_of_a_known_kind",
            ),
        ),
        migrations.AddField(
            model_name="emergencyaccess",
            name="conversation",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="raincheck.conversation",
            ),
        ),
        migrations.AddField(
            model_name="emergencyaccess",
            name="manager",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="raincheck.membership",
            ),
        ),
        migrations.AddField(
            model_name="emergencyaccess",
            name="practice",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="raincheck.practice",
            ),
        ),
        migrations.AddField(
            model_name="emergencyreason",
            name="practice",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="raincheck.practice",
            ),
        ),
        migrations.AddField(
            model_name="emergencyaccess",
            name="reason",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="raincheck.emergencyreason",
            ),
        ),
        migrations.AddConstraint(
            model_name="emergencyreason",
            constraint=models.UniqueConstraint(
                fields=("practice", "id"), name="an_emergency_reason_belongs_to_one_practice"
            ),
        ),
        migrations.AddIndex(
            model_name="emergencyaccess",
            index=models.Index(fields=["conversation", "-id"], name="accesses_to_a_conversation"),
        ),
        migrations.AddIndex(
            model_name="emergencyaccess",
            index=models.Index(fields=["manager", "ends_at"], name="accesses_of_a_manager"),
        ),
        migrations.AddConstraint(
            model_name="emergencyaccess",
            constraint=models.UniqueConstraint(
                fields=("practice", "id"), name="an_emergency_access_belongs_to_one_practice"
            ),
        ),
        migrations.AddConstraint(
            model_name="emergencyaccess",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gte", models.F("opened_at"))),
                name="an_emergency_access_ends_after_it_began",
            ),
        ),
        migrations.AddConstraint(
            model_name="emergencyaccess",
            constraint=models.UniqueConstraint(
                fields=("reason",), name="an_emergency_access_has_its_own_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="emergencyaccess",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[
                    ("conversation", "="),
                    ("manager", "="),
                    (
                        models.Func(
                            "opened_at",
                            "ends_at",
                            function="TSTZRANGE",
                            output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField(),
                        ),
                        "&&",
                    ),
                ],
                name="a_manager_opens_a_conversation_once_at_a_time",
            ),
        ),
        migrations.RunSQL(ADD_KEYS, DROP_KEYS),
    ]
