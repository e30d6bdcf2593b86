"""Signs of life of the processes."""

import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("raincheck", "0010_calendar_copies")]

    operations = [
        migrations.CreateModel(
            name="Heartbeat",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("process", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("kind", models.TextField()),
                ("started_at", models.DateTimeField()),
                ("beat_at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["kind", "beat_at"], name="heartbeats_by_time")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(kind__in=["web", "worker", "sweep"]),
                        name="a_heartbeat_is_of_a_known_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(beat_at__gte=models.F("started_at")),
                        name="a_heartbeat_begins_before_it_ends",
                    ),
                ],
            },
        ),
    ]
