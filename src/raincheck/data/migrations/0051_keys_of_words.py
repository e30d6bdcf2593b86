"""Keys of what people wrote. The first needs no row's own key; its row says that what lies open since before is to be sealed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("raincheck", "0050_sessions_of_people")]

    operations = [
        migrations.CreateModel(
            "RecordKey",
            [
                ("version", models.BigIntegerField(primary_key=True, serialize=False)),
                ("sealed", models.BinaryField(default=b"")),
                ("made_at", models.DateTimeField()),
                ("words_sealed_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.RunSQL(
            "INSERT INTO raincheck_recordkey (version, sealed, made_at) VALUES (1, '', '2026-01-01')",
            migrations.RunSQL.noop,
        ),
    ]
