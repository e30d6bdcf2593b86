"""Two imports of the same file, an import that is undone while somebody books, a row corrected while it comes in."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from tests.app.cast import FRIDAY_AT_NINE, NOW, Cast
from tests.app.imports.staged_files import brought_in, by_manager, staged
from tests.verify.races.overlapping import Outcome, carried_out, second_while_first_is_uncommitted

from raincheck.actions.appointments.booking import Booking, book
from raincheck.actions.imports.importing import import_rows, undo_import
from raincheck.actions.imports.staging import Correction, correct_rows
from raincheck.data.appointments import Appointment
from raincheck.data.models import Import
from raincheck.data.people import Client
from raincheck.domain.imports.importing import ImportNotOpen, RowsNotReady, WorkedWithSince
from raincheck.domain.people import Actor, ActorKind, NotInThisPractice

pytestmark = pytest.mark.sampled

LINES = ("Name|E-mail", "Tessa Lindgren|tessa@clients.example", "Zoë Merwe|zoe@clients.example")


def acting(file: Import, verb: Callable[..., object], **said: object) -> Callable[..., Outcome]:
    by = by_manager(file.practice)
    whole = partial(verb, file.ref, practice_id=file.practice_id, by=by, now=NOW, **said)
    return partial(carried_out, whole, by=by, now=NOW)  # type: ignore[arg-type]


def booking(cast: Cast, client: Client) -> Callable[..., Outcome]:
    by = Actor(ActorKind.PROVIDER, cast.okafor.pk, practice=cast.practice.pk)
    wanted = Booking(cast.okafor.pk, client.pk, cast.follow_up.pk, cast.telehealth.pk, FRIDAY_AT_NINE)
    return partial(carried_out, partial(book, wanted, by=by, now=NOW), by=by, now=NOW)


def test_the_same_file_twice_at_once_brings_each_client_once(cast: Cast) -> None:
    first, second = staged(cast, *LINES), staged(cast, *LINES)
    one, other = second_while_first_is_uncommitted(
        lambda hook: acting(first, import_rows)(still_fresh=hook), acting(second, import_rows)
    )
    assert (one, other) == ({"import": str(first.ref), "rows": "2"}, RowsNotReady)
    assert Client.objects.filter(first_name__in=["Tessa", "Zoë"]).count() == 2


def test_one_import_started_twice_at_once_comes_in_once(cast: Cast) -> None:
    file = staged(cast, *LINES)
    one, other = second_while_first_is_uncommitted(
        lambda hook: acting(file, import_rows)(still_fresh=hook), acting(file, import_rows)
    )
    assert (one, other) == ({"import": str(file.ref), "rows": "2"}, ImportNotOpen)
    assert Client.objects.filter(first_name__in=["Tessa", "Zoë"]).count() == 2


def test_who_books_while_an_import_is_undone_finds_nobody(cast: Cast) -> None:
    file = staged(cast, *LINES)
    brought_in(file)
    tessa = Client.objects.get(first_name="Tessa")
    one, other = second_while_first_is_uncommitted(
        lambda hook: acting(file, undo_import)(still_fresh=hook), booking(cast, tessa)
    )
    assert (one, other) == ({"import": str(file.ref), "rows": "2"}, NotInThisPractice)
    assert (Client.objects.filter(pk=tessa.pk).count(), Appointment.objects.count()) == (0, 0)


def test_an_import_whose_client_is_being_booked_is_not_undone(cast: Cast) -> None:
    file = staged(cast, *LINES)
    brought_in(file)
    tessa = Client.objects.get(first_name="Tessa")
    one, other = second_while_first_is_uncommitted(
        lambda hook: booking(cast, tessa)(still_fresh=hook), acting(file, undo_import)
    )
    assert isinstance(one, dict)
    assert other is WorkedWithSince
    assert (Client.objects.filter(first_name__in=["Tessa", "Zoë"]).count(), Appointment.objects.count()) == (
        2,
        1,
    )


def test_a_row_is_not_corrected_any_more_once_it_comes_in(cast: Cast) -> None:
    file = staged(cast, *LINES)
    out = [Correction(2, {}, left_out=True)]
    one, other = second_while_first_is_uncommitted(
        lambda hook: acting(file, import_rows)(still_fresh=hook), acting(file, correct_rows, corrections=out)
    )
    assert (one, other) == ({"import": str(file.ref), "rows": "2"}, ImportNotOpen)
