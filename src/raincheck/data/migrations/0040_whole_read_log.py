"""A row of the read log names all the clients that an answer showed, and where it went; rows of one client become such rows."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models

# `client_id` stays for the version before, which writes one client in each row.
TABLE = """
ALTER TABLE raincheck_readlog
    ADD COLUMN acting_for bigint,
    ADD COLUMN clients bigint[],
    ADD COLUMN network text NOT NULL DEFAULT '',
    ADD COLUMN detail jsonb NOT NULL DEFAULT '{}',
    ALTER COLUMN practice_id DROP NOT NULL,
    ALTER COLUMN client_id DROP NOT NULL,
    DROP CONSTRAINT IF EXISTS readlog_client_stays_in_its_practice;
ALTER TABLE raincheck_readlog DISABLE TRIGGER the_read_log_is_append_only;
UPDATE raincheck_readlog SET clients = ARRAY[client_id];
ALTER TABLE raincheck_readlog ENABLE TRIGGER the_read_log_is_append_only;
ALTER TABLE raincheck_readlog ALTER COLUMN clients SET NOT NULL;
CREATE FUNCTION a_reading_names_its_clients() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.clients := coalesce(NEW.clients, ARRAY[NEW.client_id]);
    RETURN NEW;
END $$;
CREATE TRIGGER a_reading_names_its_clients BEFORE INSERT ON raincheck_readlog
    FOR EACH ROW WHEN (NEW.client_id IS NOT NULL) EXECUTE FUNCTION a_reading_names_its_clients();
"""
BEFORE = """
DROP FUNCTION a_reading_names_its_clients() CASCADE;
ALTER TABLE raincheck_readlog
    DROP COLUMN acting_for, DROP COLUMN clients, DROP COLUMN network, DROP COLUMN detail;
"""


class Migration(migrations.Migration):
    dependencies = [("raincheck", "0039_schedulers")]

    operations = [
        migrations.RemoveIndex("readlog", "readings_of_a_client"),
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(TABLE, BEFORE)],
            [
                migrations.RemoveField("readlog", "client"),
                migrations.AddField(
                    "readlog",
                    "acting_for",
                    models.BigIntegerField(null=True, blank=True, help_text="the client in whose place"),
                ),
                migrations.AddField(
                    "readlog",
                    "clients",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                migrations.AddField(
                    "readlog", "network", models.TextField(blank=True, default=""), preserve_default=False
                ),
                migrations.AddField(
                    "readlog",
                    "detail",
                    models.JSONField(default=dict, blank=True, help_text="codes, numbers and times"),
                ),
                migrations.AlterField("readlog", "actor", models.BigIntegerField(null=True, blank=True)),
                migrations.AlterField(
                    "readlog", "what", models.TextField(help_text="the name of the page's address")
                ),
                migrations.AlterField(
                    "readlog",
                    "practice",
                    models.ForeignKey(
                        "raincheck.practice",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        db_index=False,
                        null=True,
                        blank=True,
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            "readlog",
            django.contrib.postgres.indexes.GinIndex(fields=["clients"], name="readings_of_clients"),
        ),
        migrations.AddIndex(
            "readlog", models.Index(fields=["practice", "at", "id"], name="readings_of_a_practice")
        ),
    ]
