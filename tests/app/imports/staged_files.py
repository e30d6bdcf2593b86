"""What the tests of imports share: files of a few lines, staged and brought in by Sasha the manager."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from tests.app.cast import NOW, Cast
from tests.app.told import told

from raincheck.actions.engine.runner import Answer, run_command
from raincheck.actions.imports.importing import import_rows
from raincheck.actions.imports.staging import StagedFile, stage_file
from raincheck.actions.imports.undoing import undo_import
from raincheck.data.models import Import, Membership, Practice, User
from raincheck.domain.imports.columns import Kind
from raincheck.domain.imports.tables import Sheet
from raincheck.domain.people import Actor, ActorKind, Role


def by_manager(practice: Practice) -> Actor:
    """Sasha, who manages the practice."""
    user, _made = User.objects.get_or_create(
        email=f"sasha{practice.pk}@harbor.example", defaults={"name": "Sasha"}
    )
    member, _made = Membership.objects.get_or_create(practice=practice, user=user, role=Role.MANAGER)
    return Actor(ActorKind.MANAGER, member.pk, practice=practice.pk)


def acted(
    verb: Callable[..., Answer], *given: object, practice: Practice, now: datetime = NOW, **said: object
) -> Answer:
    by = by_manager(practice)
    return run_command(told(verb, *given, **said, by=by, now=now), key=None, body={}, by=by, now=now)


def staged(
    cast: Cast, *lines: str, kind: Kind = Kind.CLIENTS, practice: Practice | None = None, now: datetime = NOW
) -> Import:
    """A file of these lines, a | between its cells."""
    practice = practice or cast.practice
    file = StagedFile("clients.csv", kind, "America/New_York", [Sheet([line.split("|") for line in lines])])
    answer = acted(stage_file, practice.pk, practice=practice, file=file, now=now)
    return Import.objects.get(ref=UUID(answer["import"]))


def brought_in(file: Import, *, now: datetime = NOW) -> Answer:
    return acted(import_rows, file.ref, practice=file.practice, practice_id=file.practice_id, now=now)


def undone(file: Import, *, now: datetime = NOW) -> Answer:
    return acted(undo_import, file.ref, practice=file.practice, practice_id=file.practice_id, now=now)


def problems_of(file: Import) -> list[tuple[int, str, str]]:
    rows = file.rows.filter(problem__isnull=False, left_out=False).order_by("number")
    return [(row.number, row.problem["column"], row.problem["code"]) for row in rows]
