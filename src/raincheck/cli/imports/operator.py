"""The operator's part in imports: to act, find a practice, bring a staged file in or give it up."""

import argparse
from functools import partial
from uuid import UUID

from raincheck import clock
from raincheck.actions.engine.runner import Answer, run_command
from raincheck.actions.imports.importing import import_rows
from raincheck.actions.imports.staging import drop_import
from raincheck.cli.refusal import CommandRefused
from raincheck.data.models import Practice
from raincheck.domain.imports.columns import Kind
from raincheck.domain.imports.importing import RowsNotReady
from raincheck.domain.people import Actor, ActorKind

BY = Actor(ActorKind.OPERATOR)


def act(verb: partial[Answer]) -> Answer:
    return run_command(verb, key=None, body={}, by=BY, now=clock.now())


def practice_called(name: str) -> Practice:
    """Return the practice of a name. Raises CommandRefused when there is none, or several."""
    found = list(Practice.objects.filter(name__iexact=name.strip())[:2])
    if len(found) != 1:
        raise CommandRefused(
            f"There is no practice called “{name}”."
            if not found
            else f"Several practices are called “{name}”."
        )
    return found[0]


def import_or_drop(ref: UUID, practice: Practice, *, tell_clients: bool) -> Answer:
    """Bring all rows of a staged file in. Raises RowsNotReady, and then nothing of it is kept."""
    now = clock.now()
    try:
        return act(
            partial(import_rows, ref, practice_id=practice.pk, tell_clients=tell_clients, by=BY, now=now)
        )
    except RowsNotReady:
        # Somebody came in meanwhile: the rows are not kept half-way.
        act(partial(drop_import, ref, practice_id=practice.pk))
        raise


def came_in(done: Answer, arguments: argparse.Namespace) -> str:
    told = (
        "Clients who have an address get an e-mail." if arguments.tell_clients else "Nobody was written to."
    )
    what = "appointments" if arguments.kind == Kind.APPOINTMENTS else "rows"
    return f"{done['rows']} {what} have come in. {told}"
