"""Notifications have a kind, which the catalogue alone knows; one whose words are no longer so ended as obsolete."""

from django.db import migrations, models

STATES = ["waiting", "handed_over", "failed", "obsolete"]
OBSOLETE = "UPDATE raincheck_notification SET state = 'obsolete' WHERE state = 'overtaken'"
OVERTAKEN = "UPDATE raincheck_notification SET state = 'overtaken' WHERE state = 'obsolete'"


def known(states: list[str]) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=models.Q(("state__in", states)), name="a_notification_has_a_known_state"
    )


class Migration(migrations.Migration):
    dependencies = [("raincheck", "0019_quick_lists")]

    operations = [
        migrations.RemoveConstraint("notification", "a_notification_has_a_known_moment"),
        migrations.RenameField("notification", "moment", "kind"),
        migrations.RemoveConstraint("notification", "a_notification_has_a_known_state"),
        migrations.RunSQL(OBSOLETE, OVERTAKEN),
        migrations.AddConstraint("notification", known(STATES)),
    ]
