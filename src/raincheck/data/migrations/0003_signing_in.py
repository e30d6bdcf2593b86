"""What signing in needs: messages to a user, and a place for its rate limits that every process shares."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# As `createcachetable` would make it.
CACHE = """
CREATE TABLE raincheck_cache (cache_key varchar(255) PRIMARY KEY, value text NOT NULL, expires timestamptz NOT NULL);
CREATE INDEX raincheck_cache_expires ON raincheck_cache (expires);
"""


class Migration(migrations.Migration):
    dependencies = [("raincheck", "0002_promises")]

    operations = [
        migrations.RemoveConstraint("notification", "a_notification_has_one_addressee"),
        migrations.AddField(
            "notification",
            "user",
            models.ForeignKey(
                settings.AUTH_USER_MODEL,
                django.db.models.deletion.CASCADE,
                null=True,
                blank=True,
                related_name="+",
            ),
        ),
        migrations.AddConstraint(
            "notification",
            models.CheckConstraint(
                condition=models.Q(recipient__isnull=False, provider__isnull=True, user__isnull=True)
                | models.Q(recipient__isnull=True, provider__isnull=False, user__isnull=True)
                | models.Q(recipient__isnull=True, provider__isnull=True, user__isnull=False),
                name="a_notification_has_one_addressee",
            ),
        ),
        migrations.RunSQL(CACHE, "DROP TABLE raincheck_cache"),
    ]
