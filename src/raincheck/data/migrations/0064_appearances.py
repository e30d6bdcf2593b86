"""How the people of a practice are shown: each gets a color in the order in which they came, and may have a photo."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

HASHED = """
ALTER TABLE raincheck_appearance ADD CONSTRAINT a_photo_has_the_hash_of_its_content CHECK (
    photo_hash = CASE WHEN photo IS NULL THEN '' ELSE encode(sha256(photo), 'hex') END);
"""
# The first eight get a color each, then the colors begin anew.
COLORS = """
INSERT INTO raincheck_appearance (practice_id, user_id, color, photo_hash)
SELECT practice_id, user_id, (ARRAY['blue', 'rust', 'teal', 'plum', 'olive', 'violet', 'rose', 'slate'])[
    1 + (row_number() OVER (PARTITION BY practice_id ORDER BY min(id)) - 1) % 8], ''
FROM raincheck_membership WHERE role <> 'client' GROUP BY practice_id, user_id ORDER BY min(id);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("raincheck", "0063_appointment_reminders"),
    ]

    operations = [
        migrations.CreateModel(
            name="Appearance",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("color", models.TextField()),
                ("photo", models.BinaryField(blank=True, null=True)),
                (
                    "photo_hash",
                    models.TextField(
                        blank=True, default="", help_text="SHA-256 of the photo, part of its address"
                    ),
                ),
                (
                    "practice",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="raincheck.practice",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("practice", "id"), name="an_appearance_belongs_to_one_practice"
                    ),
                    models.UniqueConstraint(
                        fields=("practice", "user"), name="somebody_has_one_appearance_in_a_practice"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "color__in",
                                ["blue", "rust", "teal", "plum", "olive", "violet", "rose", "slate"],
                            )
                        ),
                        name="an_appearance_has_a_known_color",
                    ),
                ],
            },
        ),
        migrations.RunSQL(HASHED, migrations.RunSQL.noop),
        migrations.RunSQL(COLORS, migrations.RunSQL.noop),
    ]
