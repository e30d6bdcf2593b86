"""Rows that many tests begin with: made once a process, and laid back as they were, in one statement."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Generic, TypeVar

from django.db import connections, transaction
from tests.app.database import KEPT, is_empty, leave_triggers_out

Made = TypeVar("Made")

AS_STATEMENTS = """
DO $$
DECLARE
    name text;
    columns text;
    rows text;
BEGIN
    CREATE TEMPORARY TABLE kept_rows (statement text) ON COMMIT DROP;
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> ALL (ARRAY['{kept}']) LOOP
        SELECT string_agg(quote_ident(attname), ', ') INTO columns FROM pg_attribute
        WHERE attrelid = name::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '';
        EXECUTE format('SELECT json_agg(t)::text FROM %I t', name) INTO rows;
        IF rows IS NOT NULL THEN
            INSERT INTO kept_rows VALUES (format(
                'INSERT INTO %I (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM json_populate_recordset(NULL::%I, %L)',
                name, columns, columns, name, rows));
            IF EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = name::regclass AND attname = 'id') THEN
                EXECUTE format('SELECT last_value FROM %s', pg_get_serial_sequence(name, 'id')) INTO rows;
                INSERT INTO kept_rows VALUES (format(
                    'SELECT setval(%L, %s)', pg_get_serial_sequence(name, 'id'), rows));
            END IF;
        END IF;
    END LOOP;
END $$
"""


class Remembered(Generic[Made]):
    """What `make` writes into an empty database, and returns."""

    def __init__(self, make: Callable[[], Made]) -> None:
        self._make = make
        self._made: Made | None = None
        self._rows = ""

    def again(self) -> Made:
        """Write it into an empty database, and return what is as good as what was made."""
        with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
            # What another fixture has written belongs to one test alone.
            may = is_empty(cursor) and leave_triggers_out(cursor)
            if may and self._made is not None:
                cursor.execute(self._rows)
                return deepcopy(self._made)
        made = self._make()
        if may:
            self._made = deepcopy(made)
            with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
                # A server that runs beside the test writes its heartbeat when it likes.
                left_out = KEPT | {"raincheck_heartbeat"}
                cursor.execute(AS_STATEMENTS.format(kept="', '".join(sorted(left_out))))
                cursor.execute("SELECT string_agg(statement, ';') FROM kept_rows")
                [self._rows] = cursor.fetchone()
        return made
