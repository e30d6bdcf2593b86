"""Which processes do not rely on their clock, and an index for the figures of messages that failed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("raincheck", "0013_outages")]

    operations = [
        migrations.AddField(
            "heartbeat",
            "clock_fault",
            models.TextField(
                blank=True, null=True, help_text="why the process did not rely on its clock then"
            ),
        ),
        migrations.AddConstraint(
            "heartbeat",
            models.CheckConstraint(
                condition=models.Q(clock_fault__in=["jumped", "differs"]),
                name="a_heartbeat_knows_what_is_wrong_with_the_clock",
            ),
        ),
        migrations.AddIndex(
            "notification",
            models.Index(
                condition=models.Q(("state", "failed")),
                fields=["ended_at"],
                name="failed_notifications_by_time",
            ),
        ),
    ]
