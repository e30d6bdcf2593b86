"""Outages: noted once, and what each open request has back of them."""

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
    "cancelled",
    "none_work",
    "needs_help",
    "needs_provider",
    "deadline_moved",
    "outage",
    "reinstated",
    "completed",
    "client_no_show",
    "provider_no_show",
    "zone_corrected",
    "zone_clash",
]
MOMENTS = [
    "booked",
    "details_changed",
    "asked",
    "request_reminder",
    "moved",
    "declined",
    "cancelled",
    "none_work",
    "lapsed",
    "withdrawn",
    "superseded",
    "void",
    "deadline_moved",
    "outage",
    "message",
    "sign_in_code",
    "zone_corrected",
]
STEPS = ["credit", "settle", "remind", "tell_of_slow_hand_over", "look_at_open_times"]


def kept(model, name, field, values):
    return [
        migrations.RemoveConstraint(model, name),
        migrations.AddConstraint(
            model, models.CheckConstraint(condition=models.Q((f"{field}__in", values)), name=name)
        ),
    ]


class Migration(migrations.Migration):
    dependencies = [("raincheck", "0012_set_aside")]

    operations = [
        migrations.CreateModel(
            name="Outage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("began_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField()),
                (
                    "ahead",
                    models.DurationField(
                        help_text="how far business time was ahead of real time, in the demo"
                    ),
                ),
                ("credited_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("began_at",), name="an_outage_is_noted_once"),
                    models.CheckConstraint(
                        condition=models.Q(ended_at__gt=models.F("began_at")),
                        name="an_outage_ends_after_it_began",
                    ),
                ],
            },
        ),
        migrations.AddField(
            "reschedulerequest",
            "outage_reckoned",
            models.BigIntegerField(
                blank=True,
                null=True,
                help_text="the latest outage whose time this request has back; each counts once",
            ),
        ),
        migrations.AddField(
            "reschedulerequest",
            "time_given_back",
            models.DurationField(
                blank=True, null=True, help_text="by how much outages have moved the deadline"
            ),
        ),
        migrations.AddField(
            "reschedulerequest",
            "time_lost",
            models.DurationField(
                blank=True,
                null=True,
                help_text="what outages took and the start left no room to give back",
            ),
        ),
        *kept("setaside", "what_is_set_aside_is_of_a_known_step", "step", STEPS),
        *kept("appointmenthistory", "a_history_row_has_a_known_event", "event", EVENTS),
        *kept("notification", "a_notification_has_a_known_moment", "moment", MOMENTS),
    ]
