"""Where clients are: states and countries of providers, the usual one of clients, and a task when a license is to be checked."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("raincheck", "0082_announced_rooms"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="appointmenthistory",
            name="a_history_row_has_a_known_event",
        ),
        migrations.RemoveConstraint(
            model_name="task",
            name="a_task_has_a_known_kind",
        ),
        migrations.AddField(
            model_name="client",
            name="usual_region",
            field=models.TextField(
                blank=True,
                db_default="",
                default="",
                help_text="where they usually are (ISO 3166); empty: unknown",
            ),
        ),
        migrations.AddField(
            model_name="provider",
            name="licensed_in",
            field=models.JSONField(
                blank=True,
                db_default=[],
                default=list,
                help_text="states and countries they may practice in (ISO 3166); empty: nothing is known, nothing asked",
            ),
        ),
        migrations.AddConstraint(
            model_name="appointmenthistory",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "event__in",
                        [
                            "booked",
                            "details_changed",
                            "asked",
                            "moved",
                            "kept",
                            "declined",
                            "lapsed",
                            "withdrawn",
                            "superseded",
                            "void",
                            "cancelled",
                            "none_work",
                            "client_wrote",
                            "needs_provider",
                            "nobody_came",
                            "deadline_moved",
                            "outage",
                            "reinstated",
                            "completed",
                            "client_no_show",
                            "provider_no_show",
                            "zone_corrected",
                            "zone_clash",
                            "import_undone",
                            "rebook_link_sent",
                            "needed_by",
                            "reminded",
                            "located",
                            "undone",
                            "suggested",
                            "suggestion_taken_back",
                        ],
                    )
                ),
                name="a_history_row_has_a_known_event",
            ),
        ),
        migrations.AddConstraint(
            model_name="task",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "not_delivered",
                            "client_wrote",
                            "needs_provider",
                            "no_open_times",
                            "intake_lapsed",
                            "what_happened",
                            "nobody_came",
                            "link_not_theirs",
                            "zone_clash",
                            "calendar_failing",
                            "calendar_not_written",
                            "conflict",
                            "not_done",
                            "series_clash",
                            "room_shared",
                            "needed_by",
                            "check_license",
                        ],
                    )
                ),
                name="a_task_has_a_known_kind",
            ),
        ),
    ]
