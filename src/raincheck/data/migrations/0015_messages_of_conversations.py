"""A message about a conversation says which: when it fails, the right person is told about the right client."""

import django.db.models.deletion
from django.db import migrations, models

KEY = """
ALTER TABLE raincheck_notification ADD CONSTRAINT notification_conversation_stays_in_its_practice
    FOREIGN KEY (practice_id, conversation_id) REFERENCES raincheck_conversation (practice_id, id) DEFERRABLE INITIALLY IMMEDIATE;
"""


class Migration(migrations.Migration):
    dependencies = [("raincheck", "0014_figures_and_clocks")]

    operations = [
        migrations.AddField(
            "notification",
            "conversation",
            models.ForeignKey(
                "raincheck.conversation",
                django.db.models.deletion.PROTECT,
                db_constraint=False,
                db_index=False,
                related_name="+",
                null=True,
                blank=True,
            ),
        ),
        migrations.RunSQL(KEY, migrations.RunSQL.noop),
    ]
