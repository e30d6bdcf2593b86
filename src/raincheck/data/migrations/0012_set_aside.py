"""What the sweep could not do for one row alone: left out of its batches, told to a person, tried again after a pause."""

import django.db.models.deletion
from django.db import migrations, models

KEYS = "\n".join(
    f"ALTER TABLE raincheck_setaside ADD CONSTRAINT setaside_{column}_stays_in_its_practice"
    f" FOREIGN KEY (practice_id, {column}_id) REFERENCES raincheck_{parent} (practice_id, id) DEFERRABLE INITIALLY IMMEDIATE;"
    for column, parent in (("provider", "provider"), ("request", "reschedulerequest"))
)
STEPS = ["settle", "remind", "tell_of_slow_hand_over", "look_at_open_times"]
TASKS = [
    "not_delivered",
    "needs_help",
    "needs_provider",
    "no_open_times",
    "intake_lapsed",
    "what_happened",
    "link_not_theirs",
    "zone_clash",
    "calendar_failing",
    "calendar_not_written",
    "conflict",
    "not_done",
]


def key_inside(parent: str, *, optional: bool = False) -> models.ForeignKey:
    return models.ForeignKey(
        f"raincheck.{parent}",
        django.db.models.deletion.PROTECT,
        db_constraint=False,
        related_name="+",
        null=optional,
        blank=optional,
    )


class Migration(migrations.Migration):
    dependencies = [("raincheck", "0011_heartbeats")]

    operations = [
        migrations.CreateModel(
            name="SetAside",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("step", models.TextField()),
                ("failures", models.PositiveIntegerField(default=1)),
                ("since", models.DateTimeField()),
                ("try_again_at", models.DateTimeField()),
                (
                    "practice",
                    models.ForeignKey(
                        "raincheck.practice", django.db.models.deletion.PROTECT, related_name="+"
                    ),
                ),
                ("provider", key_inside("provider")),
                ("request", key_inside("reschedulerequest", optional=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("step__in", STEPS)), name="what_is_set_aside_is_of_a_known_step"
                    ),
                    models.UniqueConstraint(
                        fields=("step", "provider", "request"),
                        nulls_distinct=False,
                        name="a_step_sets_a_row_aside_once",
                    ),
                ],
            },
        ),
        migrations.RunSQL(KEYS, migrations.RunSQL.noop),
        migrations.RemoveConstraint("task", "a_task_has_a_known_kind"),
        migrations.AddConstraint(
            "task",
            models.CheckConstraint(condition=models.Q(("kind__in", TASKS)), name="a_task_has_a_known_kind"),
        ),
    ]
