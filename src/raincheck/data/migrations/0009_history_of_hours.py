"""Who saved a provider's hours, when, and what was kept before."""

from django.db import migrations, models
from django.db.models.deletion import PROTECT

ADD_KEY = """
ALTER TABLE raincheck_availabilityhistory ADD CONSTRAINT availabilityhistory_provider_stays_in_its_practice
    FOREIGN KEY (practice_id, provider_id) REFERENCES raincheck_provider (practice_id, id) DEFERRABLE INITIALLY IMMEDIATE;
"""
DROP_KEY = """
ALTER TABLE raincheck_availabilityhistory DROP CONSTRAINT availabilityhistory_provider_stays_in_its_practice;
"""

HISTORY = """
CREATE TRIGGER the_history_is_append_only BEFORE UPDATE OR DELETE ON raincheck_availabilityhistory
    FOR EACH ROW EXECUTE FUNCTION the_history_is_append_only();
CREATE TRIGGER the_history_is_never_emptied BEFORE TRUNCATE ON raincheck_availabilityhistory
    FOR EACH STATEMENT EXECUTE FUNCTION the_history_is_append_only();
"""
NO_HISTORY = """
DROP TRIGGER the_history_is_append_only ON raincheck_availabilityhistory;
DROP TRIGGER the_history_is_never_emptied ON raincheck_availabilityhistory;
"""


class Migration(migrations.Migration):
    dependencies = [("raincheck", "0008_calendars_that_are_checked")]

    operations = [
        migrations.CreateModel(
            name="AvailabilityHistory",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("actor_kind", models.TextField()),
                ("actor", models.BigIntegerField(null=True)),
                ("trace_id", models.TextField(blank=True)),
                (
                    "former_availability",
                    models.JSONField(help_text="as domain/availability.py reads it"),
                ),
                ("former_grid_step", models.DurationField()),
                ("former_zone", models.TextField()),
                ("practice", models.ForeignKey("raincheck.practice", PROTECT, related_name="+")),
                (
                    "provider",
                    models.ForeignKey("raincheck.provider", PROTECT, db_constraint=False, related_name="+"),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["provider", "-id"], name="history_of_hours")],
                "constraints": [
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
                        name="a_change_of_hours_names_a_known_actor",
                    )
                ],
            },
        ),
        migrations.RunSQL(ADD_KEY, DROP_KEY),
        migrations.RunSQL(HISTORY, NO_HISTORY),
    ]
