"""A practice has a warm line for clients who are asked to choose a new time."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("raincheck", "0029_search_by_any_letters"),
    ]

    operations = [
        migrations.AddField(
            model_name="practice",
            name="greeting",
            field=models.TextField(
                blank=True,
                db_default="",
                default="",
                help_text="a warm line for clients who are asked; empty: none",
            ),
        ),
    ]
