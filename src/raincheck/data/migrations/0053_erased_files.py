"""What a file that was brought in said is erased after a week."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("raincheck", "0052_reset_factors")]

    operations = [
        migrations.AddField(
            "import",
            "erased_at",
            models.DateTimeField(blank=True, help_text="since then nothing of its cells is kept", null=True),
        ),
        migrations.RemoveIndex("import", "imports_by_time"),
        migrations.AddIndex(
            "import",
            models.Index(
                condition=models.Q(erased_at__isnull=True), fields=["made_at", "id"], name="imports_to_erase"
            ),
        ),
    ]
