"""Schedulers are people of a practice too, and somebody's access ends without their row going away."""

from django.db import migrations, models

ACTORS = ["client_by_link", "client", "provider", "manager", "scheduler", "system", "operator"]
ROLES = ["provider", "manager", "scheduler", "client"]


def known(model: str, name: str, field: str, values: list[str]) -> list[migrations.operations.base.Operation]:
    constraint = models.CheckConstraint(condition=models.Q((f"{field}__in", values)), name=name)
    return [migrations.RemoveConstraint(model, name), migrations.AddConstraint(model, constraint)]


class Migration(migrations.Migration):
    dependencies = [("raincheck", "0038_no_cache")]

    operations = [
        migrations.AddField(
            "membership",
            "ended_at",
            models.DateTimeField(
                blank=True, help_text="since then they may not enter as this; empty: they may", null=True
            ),
        ),
        *known("membership", "a_membership_has_a_known_role", "role", ROLES),
        migrations.RemoveConstraint("membership", "a_membership_points_at_what_its_role_says"),
        migrations.AddConstraint(
            "membership",
            models.CheckConstraint(
                condition=models.Q(
                    models.Q(("client__isnull", True), ("provider__isnull", False), ("role", "provider")),
                    models.Q(("client__isnull", False), ("provider__isnull", True), ("role", "client")),
                    models.Q(("client__isnull", True), ("provider__isnull", True), ("role", "manager")),
                    models.Q(("client__isnull", True), ("provider__isnull", True), ("role", "scheduler")),
                    _connector="OR",
                ),
                name="a_membership_points_at_what_its_role_says",
            ),
        ),
        *known("clienthistory", "a_change_of_a_client_names_a_known_actor", "actor_kind", ACTORS),
        *known("recipient", "texts_were_agreed_to_before_a_known_actor", "sms_agreed_by_kind", ACTORS),
        *known("appointmenthistory", "a_history_row_names_a_known_actor", "actor_kind", ACTORS),
        *known("availabilityhistory", "a_change_of_hours_names_a_known_actor", "actor_kind", ACTORS),
        *known("message", "a_message_names_a_known_author", "author_kind", ACTORS),
        *known("practicehistory", "a_change_of_a_practice_names_a_known_actor", "actor_kind", ACTORS),
    ]
