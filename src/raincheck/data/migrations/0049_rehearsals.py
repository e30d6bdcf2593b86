"""Clients whom somebody of the practice plays are marked."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("raincheck", "0048_merged_records"),
    ]

    operations = [
        migrations.AddField(
            model_name="client",
            name="rehearsal",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="somebody of the practice plays this client; no figure counts them",
            ),
        ),
    ]
