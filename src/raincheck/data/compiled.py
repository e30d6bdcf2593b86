"""Querysets whose SQL is made once per process: a page asks the same questions at every look, with other values."""

from collections.abc import Callable, Hashable, Iterable
from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import QuerySet
from django.db.models.sql.compiler import SQLCompiler

Row = TypeVar("Row")

# Values of each type that no question has by itself; they show where a question's own values stand in its SQL.
MARKS: dict[type, Callable[[int], Any]] = {
    int: lambda number: -(10**15) - number,
    datetime: lambda number: datetime(1000 + number, 1, 1, tzinfo=UTC),
    UUID: lambda number: UUID(int=number),
}


@dataclass(frozen=True, slots=True)
class _Made:
    """A question's SQL, its parameters (`names` are those that each call brings), and what reads its rows."""

    queryset: QuerySet[Any]
    compiler: SQLCompiler
    sql: str
    parameters: tuple[Any, ...]
    names: tuple[str | None, ...]


# Rows are counted from 1.
NO_ROW = 0


def numbered(name: str, values: Iterable[int]) -> dict[str, int]:
    """Return many rows' numbers, each under a name of its own, as a compiled question takes them: it knows no lists.

    They are filled up with rows that do not exist to a power of two, so that any number of them needs few different SQLs.
    """
    given = list(values)
    fillers = (1 << (len(given) - 1).bit_length()) - len(given) if given else 0
    return {f"{name}_{number}": one for number, one in enumerate([*given, *[NO_ROW] * fillers])}


class Compiled(Generic[Row]):
    """A queryset that is built by a function of its values, and asked by calling this with them.

    Making SQL of a queryset takes longer than PostgreSQL takes to answer it. Values are numbers, instants or refs; a value
    of None is part of the question, which has another SQL then.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Row]]) -> None:
        self._build = build
        self._made: dict[Hashable, _Made | None] = {}

    def __call__(self, **values: object) -> list[Row]:
        """Return the rows, with all that the queryset selects and prefetches beside them."""
        given = {name: value for name, value in values.items() if value is not None}
        kind = tuple(given)
        if kind not in self._made:
            self._made[kind] = self._compile(values)
        made = self._made[kind]
        if made is None:
            return []
        parameters = tuple(
            given[name] if name else own for name, own in zip(made.names, made.parameters, strict=True)
        )
        # Copies: a compiler and a queryset keep what they are doing, and two threads may ask the same question at once.
        compiler, queryset = copy(made.compiler), made.queryset.all()
        compiler.connection = connections[DEFAULT_DB_ALIAS]  # this thread's, not that of who compiled
        compiler.as_sql = lambda *_args, **_named: (made.sql, parameters)  # type: ignore[assignment,method-assign]  # the step spared
        queryset.query.get_compiler = lambda *_args, **_named: compiler  # type: ignore[method-assign]  # of this copy alone
        return list(queryset)

    def _compile(self, values: dict[str, object]) -> _Made | None:
        # None is left as it is: `IS NULL` has no parameter that a mark could stand for.
        marks = {
            name: MARKS[type(value)](number)
            for number, (name, value) in enumerate(values.items())
            if value is not None
        }
        queryset = self._build(**{**values, **marks})
        compiler = queryset.query.get_compiler(DEFAULT_DB_ALIAS)
        try:
            sql, parameters = compiler.as_sql()
        except EmptyResultSet:  # nothing to look for, such as a list of rows without any
            return None
        named = {(type(mark), mark): name for name, mark in marks.items()}
        names = tuple(
            named.get((type(one), one)) if isinstance(one, Hashable) else None for one in parameters
        )
        assert set(names) - {None} == set(marks), "every value stands in the SQL as it was given"
        return _Made(queryset, compiler, sql, tuple(parameters), names)
