"""Indexes that hold everything the question of open times asks, so that no table has to be opened for it."""

from django.db import migrations, models

INDEXES = {
    "appointment": [
        models.Index(
            fields=["provider", "starts_at"],
            include=["id", "client", "ends_at", "status", "buffer_before", "buffer_after"],
            name="appointments_of_a_provider",
        ),
        models.Index(
            fields=["client", "starts_at"],
            include=["id", "ends_at", "status", "buffer_before", "buffer_after"],
            name="appointments_of_a_client",
        ),
    ],
    "outofoffice": [
        models.Index(
            fields=["provider", "starts_at"],
            include=["id", "ends_at", "removed_at"],
            name="blocks_of_a_provider",
        )
    ],
    "busytime": [
        models.Index(
            fields=["provider", "starts_at"], include=["id", "ends_at"], name="busy_time_of_a_provider"
        )
    ],
}


class Migration(migrations.Migration):
    dependencies = [("raincheck", "0003_signing_in")]

    operations = [
        operation
        for model, indexes in INDEXES.items()
        for index in indexes
        for operation in (migrations.RemoveIndex(model, index.name), migrations.AddIndex(model, index))
    ]
