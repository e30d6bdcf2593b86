"""Sessions under keys that lie open in the table end: from now on only hashes are kept, so everybody signs in once more."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("raincheck", "0031_links_to_conversations"), ("sessions", "0001_initial")]

    operations = [migrations.RunSQL("DELETE FROM django_session", migrations.RunSQL.noop)]
