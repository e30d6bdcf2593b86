"""Practices remember that they are being set up, and what became of the test messages of that time."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("raincheck", "0042_clients_by_usual_provider"),
    ]

    operations = [
        migrations.AddField(
            model_name="practice",
            name="being_set_up",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="managers find the list of what is still to be done on Home",
            ),
        ),
        migrations.AddField(
            model_name="practice",
            name="sender_tests",
            field=models.JSONField(
                blank=True,
                db_default={},
                default=dict,
                help_text="by channel the latest test message: to whom, when, and what the server made of it",
            ),
        ),
    ]
