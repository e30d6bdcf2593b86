"""Heartbeats remember when a proxy forwarded that nobody named, so that the next start and `/health/` can say so."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("raincheck", "0026_restored_requests"),
    ]

    operations = [
        migrations.AddField(
            model_name="heartbeat",
            name="unnamed_proxy_at",
            field=models.DateTimeField(
                blank=True,
                help_text="when a proxy that TRUSTED_PROXIES does not name last forwarded to it",
                null=True,
            ),
        ),
    ]
