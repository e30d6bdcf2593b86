"""Files that a practice brings in are staged row by row, until they are checked and come in."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

KEYS = """
ALTER TABLE raincheck_importrow ADD CONSTRAINT importrow_file_stays_in_its_practice
    FOREIGN KEY (practice_id, file_id) REFERENCES raincheck_import (practice_id, id) DEFERRABLE INITIALLY IMMEDIATE;
ALTER TABLE raincheck_importrow ADD CONSTRAINT importrow_client_stays_in_its_practice
    FOREIGN KEY (practice_id, client_id) REFERENCES raincheck_client (practice_id, id) DEFERRABLE INITIALLY IMMEDIATE;
ALTER TABLE raincheck_importrow ADD CONSTRAINT importrow_appointment_stays_in_its_practice
    FOREIGN KEY (practice_id, appointment_id) REFERENCES raincheck_appointment (practice_id, id) DEFERRABLE INITIALLY IMMEDIATE;
"""
NO_KEYS = """
ALTER TABLE raincheck_importrow DROP CONSTRAINT importrow_appointment_stays_in_its_practice;
ALTER TABLE raincheck_importrow DROP CONSTRAINT importrow_client_stays_in_its_practice;
ALTER TABLE raincheck_importrow DROP CONSTRAINT importrow_file_stays_in_its_practice;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("raincheck", "0046_peoples_rights"),
    ]

    operations = [
        migrations.CreateModel(
            name="Import",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("ref", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("file_name", models.TextField()),
                ("kind", models.TextField()),
                ("state", models.TextField(default="staged")),
                ("zone", models.TextField()),
                ("header", models.PositiveIntegerField()),
                ("from_1904", models.BooleanField(default=False)),
                ("columns", models.JSONField()),
                ("chosen", models.JSONField(default=dict)),
                ("mapping", models.JSONField(default=dict)),
                ("order_said", models.TextField(blank=True, null=True)),
                ("order", models.TextField(default="mdy")),
                ("assumed", models.JSONField(default=dict)),
                (
                    "done",
                    models.PositiveIntegerField(
                        default=0, help_text="how many rows are checked while they come in"
                    ),
                ),
                (
                    "fault",
                    models.TextField(
                        blank=True, help_text="why the latest try to bring them in ended, a refusal's code"
                    ),
                ),
                ("made_at", models.DateTimeField()),
                ("actor_kind", models.TextField()),
                ("actor", models.BigIntegerField(null=True)),
                ("imported_at", models.DateTimeField(blank=True, null=True)),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
                (
                    "practice",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="raincheck.practice",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ImportRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("cells", models.JSONField()),
                ("left_out", models.BooleanField(default=False)),
                (
                    "apart",
                    models.BooleanField(
                        default=False, help_text="a person said: somebody else than who is here"
                    ),
                ),
                ("problem", models.JSONField(blank=True, null=True)),
                ("read", models.JSONField(blank=True, null=True)),
                (
                    "appointment",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="raincheck.appointment",
                    ),
                ),
                (
                    "client",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="raincheck.client",
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rows",
                        to="raincheck.import",
                    ),
                ),
                (
                    "practice",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="raincheck.practice",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="import",
            index=models.Index(fields=["practice", "-made_at"], name="imports_of_a_practice"),
        ),
        migrations.AddIndex(
            model_name="import",
            index=models.Index(fields=["made_at"], name="imports_by_time"),
        ),
        migrations.AddConstraint(
            model_name="import",
            constraint=models.UniqueConstraint(
                fields=("practice", "id"), name="an_import_belongs_to_one_practice"
            ),
        ),
        migrations.AddConstraint(
            model_name="import",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["clients", "appointments"])),
                name="an_import_has_a_known_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="import",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["staged", "importing", "imported", "undone", "dropped"])),
                name="an_import_has_a_known_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="import",
            constraint=models.CheckConstraint(
                condition=models.Q(("order__in", ["mdy", "dmy", "ymd"])),
                name="an_import_has_a_known_date_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="import",
            constraint=models.CheckConstraint(
                condition=models.Q(("order_said__in", ["mdy", "dmy", "ymd"])),
                name="an_import_was_told_a_known_date_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="import",
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
                name="an_import_names_a_known_actor",
            ),
        ),
        migrations.AddIndex(
            model_name="importrow",
            index=models.Index(
                condition=models.Q(("left_out", False), ("problem__isnull", False)),
                fields=["file", "number"],
                name="rows_with_a_problem",
            ),
        ),
        migrations.AddConstraint(
            model_name="importrow",
            constraint=models.UniqueConstraint(fields=("file", "number"), name="a_row_is_staged_once"),
        ),
        migrations.RunSQL(KEYS, NO_KEYS),
    ]
