"""Rows of a practice: what they share is their practice, foreign keys that cannot leave it, and a random name for the outside."""

import uuid
from typing import Any

from django.db import models


class InPractice(models.ForeignKey):  # type: ignore[type-arg]  # the stubs' generic cannot be subclassed with arguments at run time
    """A foreign key inside one practice.

    Django cannot write a key over two columns, so it writes none: a migration adds
    FOREIGN KEY (practice_id, this) REFERENCES parent (practice_id, id), and a test reads pg_constraint for every such field.
    """

    def __init__(self, to: Any, on_delete: Any = models.PROTECT, **options: Any) -> None:
        options["db_constraint"] = False
        options.setdefault("related_name", "+")
        super().__init__(to, on_delete, **options)

    def deconstruct(self) -> Any:
        # A migration imports nothing of ours: to it this is Django's own key.
        name, _path, args, options = super().deconstruct()
        return name, "django.db.models.ForeignKey", args, options


class PracticeRow(models.Model):
    """A row that belongs to one practice."""

    # Looked up by practice, rows come in some order, by an index of their own; tables that others point at have (practice, id).
    practice = models.ForeignKey("raincheck.Practice", models.PROTECT, related_name="+", db_index=False)

    class Meta:
        abstract = True


class NamedRow(PracticeRow):
    """A practice's row that addresses, mails and calendars may name: by a random `ref`, never by its number."""

    # A number would tell how many rows there are, and invite to try the next one.
    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    class Meta:
        abstract = True


def one_of(field: str, values: type[Any], *, name: str) -> models.CheckConstraint:
    """Return a constraint that keeps `field` within an enum's values; NULL passes."""
    # NULL passes since a CHECK refuses only what is false, and a comparison with NULL is not.
    return models.CheckConstraint(condition=models.Q(**{f"{field}__in": [str(v) for v in values]}), name=name)


def inside_its_practice(name: str) -> models.UniqueConstraint:
    """Return the unique pair that composite foreign keys point at."""
    # `id` is unique alone, but PostgreSQL lets a foreign key point only at columns that are declared so together.
    return models.UniqueConstraint(fields=["practice", "id"], name=name)
