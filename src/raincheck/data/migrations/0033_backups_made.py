"""Backups are written down once they are complete, so that `raincheck check` notices when none is made any more."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("raincheck", "0032_hashed_sessions")]

    operations = [
        migrations.CreateModel(
            name="Backup",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("made_at", models.DateTimeField()),
                ("size", models.BigIntegerField(help_text="bytes")),
            ],
            options={"indexes": [models.Index(fields=["-made_at"], name="backups_by_time")]},
        ),
    ]
