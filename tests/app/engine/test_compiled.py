"""Questions that are compiled once: they answer as the queryset would, whatever they were asked before."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from tests.app.cast import NOW, Cast, new_york

from raincheck.data.appointments.appointment import Appointment
from raincheck.data.compiled import Compiled, numbered


def after(practice: int, client: int | None, begins_at: datetime) -> QuerySet[Appointment]:
    rows = Appointment.objects.filter(practice=practice, starts_at__gte=begins_at)
    mine = rows if client is None else rows.filter(client=client)
    return mine.select_related("client", "type").prefetch_related("requests").order_by("starts_at")


def test_each_call_answers_as_the_queryset_with_its_own_values(cast: Cast) -> None:
    for day in (1, 2, 3):
        cast.booked(new_york(day, 11, month=12))
        cast.booked(new_york(day, 14, month=12), client=cast.maya)
    compiled = Compiled(after)
    for client in (cast.riley.pk, None, cast.maya.pk, cast.riley.pk):
        for begins_at in (NOW, new_york(2, 12, month=12), new_york(9, 12, month=12)):
            values = {"practice": cast.practice.pk, "client": client, "begins_at": begins_at}
            found, expected = compiled(**values), list(after(**values))
            assert found == expected
            assert [row.client.name for row in found] == [row.client.name for row in expected]
            assert [list(row.requests.all()) for row in found] == [
                list(row.requests.all()) for row in expected
            ]
    assert compiled(practice=cast.practice.pk + 1, client=None, begins_at=NOW) == []


def test_a_question_is_compiled_once(cast: Cast) -> None:
    built = []

    @Compiled
    def starts(client: int) -> QuerySet[Appointment, datetime]:
        built.append(client)
        return Appointment.objects.filter(client=client).values_list("starts_at", flat=True)

    first = cast.booked()
    with CaptureQueriesContext(connection) as captured:
        assert [starts(client=cast.riley.pk), starts(client=cast.maya.pk)] == [[first.starts_at], []]
    assert (len(built), len(captured)) == (1, 2)


def test_any_number_of_rows_is_answered_as_by_a_list_and_needs_few_sqls(cast: Cast) -> None:
    built = []

    @Compiled
    def starts(**appointments: int) -> QuerySet[Appointment, datetime]:
        built.append(len(appointments))
        rows = Appointment.objects.filter(pk__in=appointments.values())
        return rows.order_by("starts_at").values_list("starts_at", flat=True)

    rows = [cast.booked(new_york(day, 11, month=12)) for day in (1, 2, 3, 4, 7)]
    for count in (*range(6), *range(6)):
        found = starts(**numbered("appointment", [row.pk for row in rows[:count]]))
        assert found == [row.starts_at for row in rows[:count]]
    assert built == [0, 1, 2, 4, 8]


def test_each_thread_asks_on_its_own_connection(cast: Cast) -> None:
    compiled = Compiled(after)
    values = {"practice": cast.practice.pk, "client": cast.riley.pk, "begins_at": NOW}
    compiled(**values)
    with ThreadPoolExecutor(1) as another:
        assert another.submit(lambda: compiled(**values) == list(after(**values))).result()
        another.submit(lambda: connection.close()).result()  # that thread's


def test_a_value_that_was_changed_on_the_way_into_the_question_is_no_value_of_it(cast: Cast) -> None:
    @Compiled
    def day_before(at: datetime) -> QuerySet[Appointment]:
        return Appointment.objects.filter(starts_at__gte=at - timedelta(days=1))

    with pytest.raises(AssertionError, match="every value stands in the SQL as it was given"):
        day_before(at=NOW)
