"""Clients are found by the name they go by, too."""

from django.db import migrations

MAKE = "CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} ON raincheck_client USING gin ({what}) WITH (fastupdate = off)"
DROP = "DROP INDEX CONCURRENTLY IF EXISTS {name}"
BEFORE = {
    "name": "clients_by_letters_of_their_name",
    "what": "client_name_terms(practice_id, first_name, last_name)",
}
AFTER = {
    "name": "clients_by_letters_of_all_their_names",
    "what": "client_name_terms(practice_id, first_name || ' ' || goes_by, last_name)",
}


class Migration(migrations.Migration):
    atomic = False  # an index that is made beside running work cannot be made in a transaction

    dependencies = [("raincheck", "0035_records_of_clients")]

    operations = [
        migrations.RunSQL(MAKE.format(**AFTER), DROP.format(**AFTER)),
        # The version before goes on finding clients, only no longer by an index.
        migrations.RunSQL(DROP.format(**BEFORE), MAKE.format(**BEFORE)),
    ]
