"""Requests remember when the practice was told that they wait; a client can say that nobody came."""

from django.db import migrations, models

EVENTS = [
    "booked",
    "details_changed",
    "asked",
    "moved",
    "declined",
    "lapsed",
    "withdrawn",
    "superseded",
    "void",
]
EVENTS += [
    "cancelled",
    "none_work",
    "client_wrote",
    "needs_provider",
    "nobody_came",
    "deadline_moved",
    "outage",
]
EVENTS += ["reinstated", "completed", "client_no_show", "provider_no_show", "zone_corrected", "zone_clash"]
STEPS = ["credit", "settle", "remind", "tell_of_waiting", "tell_of_slow_hand_over", "look_at_open_times"]
TASKS = ["not_delivered", "client_wrote", "needs_provider", "no_open_times", "intake_lapsed", "what_happened"]
TASKS += [
    "nobody_came",
    "link_not_theirs",
    "zone_clash",
    "calendar_failing",
    "calendar_not_written",
    "conflict",
]
TASKS += ["not_done"]


def known(model: str, name: str, field: str, values: list[str]) -> list[migrations.operations.base.Operation]:
    constraint = models.CheckConstraint(condition=models.Q((f"{field}__in", values)), name=name)
    return [migrations.RemoveConstraint(model, name), migrations.AddConstraint(model, constraint)]


class Migration(migrations.Migration):
    dependencies = [("raincheck", "0033_backups_made")]

    operations = [
        migrations.AddField(
            "reschedulerequest",
            "told_of_waiting_at",
            models.DateTimeField(
                blank=True,
                help_text="the latest moment at which the practice was told that it still waits",
                null=True,
            ),
        ),
        *known("appointmenthistory", "a_history_row_has_a_known_event", "event", EVENTS),
        *known("quarantined", "a_quarantined_row_is_of_a_known_step", "step", STEPS),
        *known("task", "a_task_has_a_known_kind", "kind", TASKS),
    ]
