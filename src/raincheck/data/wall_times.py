"""Times on a wall clock, as a column."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper


class WallTimeField(models.Field):  # type: ignore[type-arg]  # the stubs' generic cannot be subclassed with arguments at run time
    """A time on a wall clock: a date and a time of day without any zone, kept as PostgreSQL `timestamp`."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:  # noqa: ARG002  # Django names it
        return "timestamp"

    def deconstruct(self) -> Any:
        # A migration imports nothing of ours: it creates Django's column and alters its type by SQL.
        name, _path, args, options = super().deconstruct()
        return name, "django.db.models.DateTimeField", args, options

    def get_prep_value(self, value: Any) -> datetime | None:
        if value is not None and value.tzinfo is not None:
            raise ValueError("a wall time carries no zone")
        return value  # type: ignore[no-any-return]  # what Django hands in is untyped
