"""An index that finds the last notice of a conversation, after which the next one waits a while."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # An index is made beside people at work only outside a transaction.
    atomic = False

    dependencies = [("raincheck", "0023_append_only_read_log")]

    operations = [
        AddIndexConcurrently(
            "notification",
            models.Index(
                fields=["conversation", "give_up_at"],
                condition=models.Q(conversation__isnull=False),
                name="notices_of_a_conversation",
            ),
        ),
    ]
