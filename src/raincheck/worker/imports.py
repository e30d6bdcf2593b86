"""The job of an import: its rows are checked once more in parts, so that a page can say how far it is, and then all come in."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from raincheck.actions.engine.runner import Answer, run_command
from raincheck.actions.imports.importing import check_part, fail_import, import_rows
from raincheck.data.models import Import
from raincheck.domain.imports.importing import ImportState
from raincheck.domain.people import Actor, ActorKind
from raincheck.domain.refusals import Refusal


def bring_in(file: int, *, now: Callable[[], datetime]) -> None:
    """Bring a file's rows in as whoever started it, or give it back with why not. One that is not under way is left alone."""
    kept = Import.objects.filter(pk=file, state=ImportState.IMPORTING).first()
    if kept is None:
        return
    by = Actor(ActorKind(kept.actor_kind), kept.actor, practice=kept.practice_id)

    def act(verb: Callable[..., Answer], **said: object) -> Answer:
        whole = partial(verb, kept.ref, practice_id=kept.practice_id, **said)
        return run_command(whole, key=None, body={}, by=by, now=now())

    try:
        while act(check_part).get("more"):
            pass
        act(import_rows, by=by, now=now())
    except Refusal as refusal:
        act(fail_import, code=refusal.code, now=now())
