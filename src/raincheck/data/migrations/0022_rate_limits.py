"""The counts of tries at the ways in, which all processes share. `raincheck_cache`, where they were before, is empty from now on."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("raincheck", "0021_each_row_in_fewer_indexes")]

    operations = [
        migrations.CreateModel(
            name="RateLimit",
            fields=[
                ("key", models.BinaryField(primary_key=True, serialize=False)),
                ("level", models.FloatField()),
                ("last_at", models.DateTimeField()),
                (
                    "forget_at",
                    models.DateTimeField(help_text="from then on none of the tries counts any more"),
                ),
            ],
            options={"indexes": [models.Index(fields=["forget_at"], name="rate_limits_that_may_go")]},
        ),
    ]
