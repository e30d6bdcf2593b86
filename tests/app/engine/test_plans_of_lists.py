"""How much the database reads for the sweep, Home, lists and searches: at most twenty times the rows it gives, however many there are."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections, transaction
from tests.app import database as databases
from tests.app.cast import NOW, Cast
from tests.app.engine.many_rows import CLIENTS, FIRST, Made, fill
from tests.app.staff_browser import StaffBrowser

from raincheck.actions.timing.sweep import sweep
from raincheck.data.people import Membership, User
from raincheck.data.tasks import Task
from raincheck.domain.people import Role
from raincheck.queries.home import COUNTS

APPOINTMENTS = int(os.environ.get("PLANS_APPOINTMENTS", "25000"))
"""With as many notifications and messages, and a tenth as many requests; PLANS_APPOINTMENTS=1000000 for a million."""
MOST_READ, AT_LEAST = 20, 10
"""Rows read for each row given; a question that finds fewer than ten may read as much as for ten, whatever the database holds."""

Asked = tuple[str, Any]


@contextmanager
def questions(into: list[Asked]) -> Iterator[None]:
    """Keep every question that the product asks meanwhile."""

    def keep(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if sql.lstrip().startswith(("SELECT", "WITH")) and "FROM" in sql:
            into.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(keep):
        yield


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", []):
        yield from nodes(part)


def read(plan: dict[str, Any]) -> int:
    """Return how many rows of tables and indexes were looked at, those thrown away included."""
    scans = [node for node in nodes(plan) if "Relation Name" in node or "Index Name" in node]
    looked_at = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck")
    # What a bitmap leads to was counted where its index was read.
    once = [node for node in scans if node["Node Type"] != "Bitmap Heap Scan"]
    return round(sum(node["Actual Loops"] * sum(node.get(kind, 0) for kind in looked_at) for node in once))


def ahead(plan: dict[str, Any]) -> int:
    """Return how many appointments a plan for conflicts compared."""
    scans = [node for node in nodes(plan) if "SubPlan" in node.get("Filter", "")]
    return round(sum(n["Actual Loops"] * (n["Actual Rows"] + n["Rows Removed by Filter"]) for n in scans))


def too_much(asked: Asked) -> str:
    """Return a sentence about a question that reads too much; nothing about any other."""
    sql, params = asked
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute("SET LOCAL jit = off")
        cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sql}", params)
        found = cursor.fetchone()[0]
        plan = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
        given = plan["Actual Rows"]
        if sql == COUNTS:  # figures that stand beside the navigation: each counted row is a row it gives
            cursor.execute(sql, params)
            given = sum(cursor.fetchone())
        transaction.set_rollback(True, using="owner")
    if "busy_since" in sql:  # conflicts are found by comparing each appointment ahead with what lies over it
        given += ahead(plan)
    most = MOST_READ * max(given, AT_LEAST)
    return f"reads {read(plan)} rows to give {given:g}: {sql}" if read(plan) > most else ""


@pytest.fixture
def many(cast: Cast) -> Iterator[Made]:
    """Years of ten practices; the first one's first provider and a manager can sign in."""
    request = cast.asked(cast.booked())
    Task.objects.create(
        practice=cast.practice, provider=cast.okafor, kind="client_wrote", request=request, client=cast.riley,
        made_at=NOW, for_managers_at=NOW,
    )  # fmt: skip
    made = fill(cast, APPOINTMENTS)
    for email, role, provider in (
        ("p@many.example", Role.PROVIDER, made.provider),
        ("m@many.example", Role.MANAGER, None),
    ):
        user = User.objects.create(email=email)
        Membership.objects.create(practice_id=made.practice, user=user, role=role, provider_id=provider)
    yield made
    databases.truncate()  # quicker than deleting so many rows one by one


ADDRESSES = ["/home/", "/requests/", "/requests/?page=2", "/clients/", f"/clients/?q=given+family{CLIENTS - 1}", "/clients/?q=212+555+0142", "/clients/?q=care@nowhere",
             "/appointments/?view=list", "/appointments/?view=list&when=past"]  # fmt: skip


def test_no_question_reads_more_than_twenty_times_what_it_gives(many: Made) -> None:
    asked: dict[str, list[Asked]] = {}
    for email, addresses in (("p@many.example", [*ADDRESSES, "/messages/"]), ("m@many.example", ADDRESSES)):
        for address in addresses:
            asked[f"{address} for {email[0]}"] = found = []
            with questions(found):
                assert StaffBrowser(email).get(address).status_code == 200
    asked["sweep"] = found = []
    with questions(found):
        sweep(now=NOW + timedelta(minutes=1))

    wrong = {where: sorted({too_much(one) for one in found} - {""}) for where, found in asked.items()}
    told = [f"{where} {sentence}" for where, sentences in wrong.items() for sentence in sentences]
    assert not told, "\n".join(told)
    assert all(len(found) > 2 for found in asked.values())
    assert many.provider >= FIRST
