"""Addresses under which calendar programs read appointments."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

KEYS = "\n".join(
    f"ALTER TABLE raincheck_calendarfeed ADD CONSTRAINT calendarfeed_{parent}_stays_in_its_practice"
    f" FOREIGN KEY (practice_id, {parent}_id) REFERENCES raincheck_{parent} (practice_id, id) DEFERRABLE INITIALLY IMMEDIATE;"
    for parent in ("provider", "client")
)


def key_inside(parent: str) -> models.ForeignKey:
    return models.ForeignKey(
        f"raincheck.{parent}",
        django.db.models.deletion.PROTECT,
        blank=True,
        db_constraint=False,
        null=True,
        related_name="+",
    )


class Migration(migrations.Migration):
    dependencies = [("raincheck", "0004_indexes_that_answer")]

    operations = [
        migrations.CreateModel(
            name="CalendarFeed",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("ref", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("hash", models.BinaryField(unique=True)),
                ("titles", models.TextField(default="neutral")),
                ("made_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("last_used_at", models.DateTimeField(blank=True, null=True)),
                (
                    "practice",
                    models.ForeignKey(
                        "raincheck.practice", django.db.models.deletion.PROTECT, related_name="+"
                    ),
                ),
                ("provider", key_inside("provider")),
                ("client", key_inside("client")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("practice", "id"), name="a_calendar_feed_belongs_to_one_practice"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(titles__in=["neutral", "initials"]),
                        name="a_calendar_feed_has_known_titles",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(provider__isnull=False, client__isnull=True)
                        | models.Q(provider__isnull=True, client__isnull=False),
                        name="a_calendar_feed_is_of_one_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(client__isnull=True) | models.Q(titles="neutral"),
                        name="a_feed_of_a_client_names_nobody",
                    ),
                    models.UniqueConstraint(
                        fields=("provider", "client"),
                        condition=models.Q(ended_at__isnull=True),
                        nulls_distinct=False,
                        name="a_person_has_one_live_calendar_feed",
                    ),
                ],
            },
        ),
        migrations.RunSQL(KEYS, migrations.RunSQL.noop),
    ]
