"""A provider's clients are found by whom they usually see, too."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # an index that is made beside running work cannot be made in a transaction

    dependencies = [("raincheck", "0041_invitations")]

    operations = [
        AddIndexConcurrently(
            "client",
            models.Index(
                fields=["usual_provider"],
                condition=models.Q(usual_provider__isnull=False),
                name="clients_by_usual_provider",
            ),
        )
    ]
