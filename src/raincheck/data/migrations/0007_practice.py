"""A practice's settings: a history of their changes, places that are offered no more, and when open times are looked at again."""

from datetime import timedelta
from typing import Any

from django.db import migrations, models
from django.db.models.deletion import PROTECT
from django.db.models.functions import Lower

KEYS = {"type": "appointmenttype", "place": "place"}

ADD_KEYS = "\n".join(
    f"ALTER TABLE raincheck_practicehistory ADD CONSTRAINT practicehistory_{column}_stays_in_its_practice"
    f" FOREIGN KEY (practice_id, {column}_id) REFERENCES raincheck_{parent} (practice_id, id) DEFERRABLE INITIALLY IMMEDIATE;"
    for column, parent in KEYS.items()
)
DROP_KEYS = "\n".join(
    f"ALTER TABLE raincheck_practicehistory DROP CONSTRAINT practicehistory_{column}_stays_in_its_practice;"
    for column in KEYS
)

HISTORY = """
CREATE TRIGGER the_history_is_append_only BEFORE UPDATE OR DELETE ON raincheck_practicehistory
    FOR EACH ROW EXECUTE FUNCTION the_history_is_append_only();
CREATE TRIGGER the_history_is_never_emptied BEFORE TRUNCATE ON raincheck_practicehistory
    FOR EACH STATEMENT EXECUTE FUNCTION the_history_is_append_only();
"""
NO_HISTORY = """
DROP TRIGGER the_history_is_append_only ON raincheck_practicehistory;
DROP TRIGGER the_history_is_never_emptied ON raincheck_practicehistory;
"""


def in_practice(to: str, **options: Any) -> Any:
    return models.ForeignKey(f"raincheck.{to}", PROTECT, db_constraint=False, related_name="+", **options)


class Migration(migrations.Migration):
    dependencies = [("raincheck", "0006_zone_rules")]

    operations = [
        migrations.CreateModel(
            name="PracticeHistory",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("event", models.TextField()),
                ("at", models.DateTimeField()),
                ("actor_kind", models.TextField()),
                ("actor", models.BigIntegerField(null=True)),
                ("trace_id", models.TextField(blank=True)),
                ("details", models.JSONField(default=dict)),
                ("practice", models.ForeignKey("raincheck.practice", PROTECT, related_name="+")),
                ("type", in_practice("appointmenttype", null=True, blank=True)),
                ("place", in_practice("place", null=True, blank=True)),
            ],
            options={
                "indexes": [models.Index(fields=["practice", "id"], name="history_of_a_practice")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            event__in=[
                                "type_added",
                                "type_changed",
                                "place_added",
                                "place_changed",
                                "rules_changed",
                                "details_changed",
                            ]
                        ),
                        name="a_change_of_a_practice_is_of_a_known_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            actor_kind__in=[
                                "client_by_link",
                                "client",
                                "provider",
                                "manager",
                                "system",
                                "operator",
                            ]
                        ),
                        name="a_change_of_a_practice_names_a_known_actor",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            event__in=("type_added", "type_changed"), type__isnull=False, place__isnull=True
                        )
                        | models.Q(
                            event__in=("place_added", "place_changed"), type__isnull=True, place__isnull=False
                        )
                        | models.Q(
                            event__in=("rules_changed", "details_changed"),
                            type__isnull=True,
                            place__isnull=True,
                        ),
                        name="a_change_of_a_practice_says_what_changed",
                    ),
                ],
            },
        ),
        migrations.RunSQL(ADD_KEYS, DROP_KEYS),
        migrations.RunSQL(HISTORY, NO_HISTORY),
        migrations.AddField("place", "offered", models.BooleanField(default=True)),
        migrations.AddConstraint(
            "place", models.UniqueConstraint(Lower("name"), "practice", name="a_place_has_a_name_of_its_own")
        ),
        migrations.AddConstraint(
            "appointmenttype",
            models.UniqueConstraint(
                Lower("name"), "practice", name="an_appointment_type_has_a_name_of_its_own"
            ),
        ),
        migrations.AddConstraint(
            "appointmenttype",
            models.CheckConstraint(
                condition=models.Q(
                    length__range=(timedelta(minutes=5), timedelta(hours=8)),
                    buffer_before__range=(timedelta(0), timedelta(hours=2)),
                    buffer_after__range=(timedelta(0), timedelta(hours=2)),
                ),
                name="an_appointment_type_is_as_long_as_allowed",
            ),
        ),
        # What is ahead of a type or at a place is counted by these; the plain indexes of the keys served nobody.
        migrations.AlterField("appointment", "type", in_practice("appointmenttype", db_index=False)),
        migrations.AlterField("appointment", "place", in_practice("place", db_index=False)),
        migrations.AddIndex(
            "appointment", models.Index(fields=["type", "starts_at"], name="appointments_of_a_type")
        ),
        migrations.AddIndex(
            "appointment", models.Index(fields=["place", "starts_at"], name="appointments_at_a_place")
        ),
        migrations.AddField(
            "practice",
            "look_again_at",
            models.DateTimeField(
                null=True,
                blank=True,
                help_text="from then on the sweep looks again at open requests that nobody looked at since",
            ),
        ),
        migrations.AddField(
            "reschedulerequest",
            "looked_at",
            models.DateTimeField(
                null=True,
                blank=True,
                help_text="when somebody last looked whether there are open times for it",
            ),
        ),
        migrations.AddField(
            "reschedulerequest",
            "look_again_at",
            models.DateTimeField(
                null=True, blank=True, help_text="when the sweep looks again; empty: at once"
            ),
        ),
        migrations.AddIndex(
            "reschedulerequest",
            models.Index(
                fields=["look_again_at"],
                condition=models.Q(state="open"),
                name="open_requests_by_next_look",
            ),
        ),
    ]
