"""Clients whose payer lets nobody charge them for a missed session."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("raincheck", "0060_found_by_key")]

    operations = [
        migrations.AddField(
            "client",
            "payer_forbids_fees",
            models.BooleanField(
                default=False,
                db_default=False,
                help_text="whoever pays for their care lets nobody charge them for a missed session",
            ),
        )
    ]
