"""Rows of several tables from one query in SQL.

For the questions that every page asks: Django takes about ten times as long to write such a query as the database to
answer it.
"""

from collections.abc import Sequence
from typing import TypeVar

from django.db import connection
from django.db.models import Model

Row = TypeVar("Row", bound=Model)


def columns(model: type[Model], alias: str) -> str:
    """Return every column of a table, for a SELECT, in the order that `row_of` reads."""
    # By name and not `*`: in a database that was upgraded, columns stand in the order in which they came.
    return ", ".join(f'{alias}."{field.column}"' for field in model._meta.concrete_fields)


def row_of(model: type[Row], values: Sequence[object]) -> Row:
    """Return the row that these values are, as Django would have read it."""
    fields = model._meta.concrete_fields
    read = [
        # JSON comes as text, since Django tells the driver so and reads it by itself here.
        field.from_db_value(value, None, connection) if hasattr(field, "from_db_value") else value
        for field, value in zip(fields, values, strict=True)
    ]
    return model.from_db(connection.alias, [field.attname for field in fields], read)
