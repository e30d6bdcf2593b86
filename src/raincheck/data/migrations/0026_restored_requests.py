"""A request may wait for a person because it came back with a backup."""

from django.db import migrations, models

REASONS = [
    "not_handed_over",
    "do_not_auto_cancel",
    "outage",
    "swept_too_late",
    "no_room_after_zone_change",
    "restored",
]
FORMER_REASON = """
UPDATE raincheck_reschedulerequest SET needs_provider = 'swept_too_late' WHERE needs_provider = 'restored';
SET CONSTRAINTS ALL IMMEDIATE;
"""


class Migration(migrations.Migration):
    dependencies = [("raincheck", "0025_pages_that_answered_forms")]

    operations = [
        migrations.RemoveConstraint("reschedulerequest", "a_request_waits_for_a_known_reason"),
        migrations.RunSQL(migrations.RunSQL.noop, FORMER_REASON),
        migrations.AddConstraint(
            "reschedulerequest",
            models.CheckConstraint(
                condition=models.Q(needs_provider__in=REASONS), name="a_request_waits_for_a_known_reason"
            ),
        ),
    ]
