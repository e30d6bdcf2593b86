"""The table that once held counts of tries goes: since the counts have one of their own, nothing is written there."""

from django.db import migrations

CACHE = """
CREATE TABLE raincheck_cache (cache_key varchar(255) PRIMARY KEY, value text NOT NULL, expires timestamptz NOT NULL);
CREATE INDEX raincheck_cache_expires ON raincheck_cache (expires);
"""


class Migration(migrations.Migration):
    dependencies = [("raincheck", "0037_numbers_of_clients")]

    operations = [migrations.RunSQL("DROP TABLE raincheck_cache", CACHE)]
