"""Two imports at once, an import against a pick, an undo against whoever works with what came in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

import pytest
from tests.app.cast import FRIDAY_AT_NINE, NOW, TUESDAY_AT_ELEVEN, Cast, new_york
from tests.app.imports.staged_files import brought_in, by_manager, problems_of, staged
from tests.app.told import told
from tests.verify.races.overlapping import (
    Outcome,
    carried_out,
    second_while_first_is_uncommitted,
    second_while_first_waits,
)

from raincheck.actions.access.invitations import invite_by_mail
from raincheck.actions.access.people import end_access
from raincheck.actions.appointments.booking import (
    Booking,
    Cancellation,
    Details,
    book,
    cancel_appointment,
    change_appointment_details,
)
from raincheck.actions.clients.leaving import Discharge, discharge
from raincheck.actions.engine.runner import Answer
from raincheck.actions.imports.importing import import_rows, start_import
from raincheck.actions.imports.staging import Correction, correct_rows
from raincheck.actions.imports.undoing import undo_import
from raincheck.actions.reschedule.answer import pick_new_time
from raincheck.actions.reschedule.ask import Ask, ask_to_reschedule
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.claims import Claim
from raincheck.data.appointments.history import AppointmentHistory
from raincheck.data.models import Import, Notification
from raincheck.data.people import Client, Membership
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.domain.access.invitations import Invitee
from raincheck.domain.appointments.lifecycle import CancelReason, ClientElsewhere, NotScheduled, SlotTaken
from raincheck.domain.clients.leaving import Told
from raincheck.domain.imports.columns import Kind
from raincheck.domain.imports.importing import ImportNotOpen, RowsNotReady, TimesTaken, WorkedWithSince
from raincheck.domain.people import Actor, ActorKind, NotInThisPractice, Role
from raincheck.domain.reschedule.lifecycle import Reason
from raincheck.worker.imports import bring_in

pytestmark = pytest.mark.sampled

LINES = ("Name|E-mail", "Tessa Lindgren|tessa@clients.example", "Zoë Merwe|zoe@clients.example")


def acting(file: Import, verb: Callable[..., Answer], **said: object) -> Callable[..., Outcome]:
    by = by_manager(file.practice)
    whole = told(verb, file.ref, practice_id=file.practice_id, by=by, now=NOW, **said)
    return partial(carried_out, whole, by=by, now=NOW)


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


APPOINTMENTS = (
    "Client|Provider|Start|End|Type|Place",
    "Riley Brooks|Dr. Jo Okafor|11/24/2026 11:00 AM|11/24/2026 11:50 AM|Follow-up|Telehealth",
    "Maya Chen|Dr. Jo Okafor|11/25/2026 9:00 AM|11/25/2026 9:50 AM|Follow-up|Telehealth",
)


def of_riley() -> Appointment:
    return Appointment.objects.get(starts_at=TUESDAY_AT_ELEVEN)


def asking(cast: Cast) -> Callable[..., Outcome]:
    ask = Ask([of_riley().ref], Reason.SCHEDULING_CONFLICT)
    whole = partial(ask_to_reschedule, ask, practice_id=cast.practice.pk, by=cast.by_okafor, now=NOW)
    return partial(carried_out, whole, by=cast.by_okafor, now=NOW)


def changing(cast: Cast) -> Callable[..., Outcome]:
    row = of_riley()
    details = Details(FRIDAY_AT_NINE, row.type_id, row.place_id, row.join_url, row.ical_sequence)
    whole = partial(change_appointment_details, row.ref, details=details, by=cast.by_okafor, now=NOW)
    return partial(carried_out, whole, by=cast.by_okafor, now=NOW)


def canceling(cast: Cast) -> Callable[..., Outcome]:
    wanted = Cancellation(CancelReason.OTHER)
    whole = partial(cancel_appointment, of_riley().ref, cancellation=wanted, by=cast.by_okafor, now=NOW)
    return partial(carried_out, whole, by=cast.by_okafor, now=NOW)


@pytest.mark.parametrize("touching", [asking, changing, canceling])
def test_an_appointment_of_an_import_that_is_being_undone_is_gone_for_others(
    cast: Cast, touching: Callable[[Cast], Callable[..., Outcome]]
) -> None:
    file = staged(cast, *APPOINTMENTS, kind=Kind.APPOINTMENTS)
    brought_in(file)
    one, other = second_while_first_is_uncommitted(
        lambda hook: acting(file, undo_import)(still_fresh=hook), touching(cast)
    )
    assert (one, other) == ({"import": str(file.ref), "rows": "2"}, NotScheduled)
    assert (Notification.objects.count(), Claim.objects.count()) == (0, 0)


@pytest.mark.parametrize("touching", [asking, changing, canceling])
def test_an_import_is_not_undone_while_somebody_works_with_a_row_of_it(
    cast: Cast, touching: Callable[[Cast], Callable[..., Outcome]]
) -> None:
    file = staged(cast, *APPOINTMENTS, kind=Kind.APPOINTMENTS)
    brought_in(file)
    one, other = second_while_first_is_uncommitted(
        lambda hook: touching(cast)(still_fresh=hook), acting(file, undo_import)
    )
    assert isinstance(one, dict)
    assert other is WorkedWithSince
    assert not AppointmentHistory.objects.filter(event="import_undone").exists()


def test_a_pick_of_time_that_an_undone_import_frees_waits_and_gets_it(cast: Cast) -> None:
    file = staged(cast, *APPOINTMENTS, kind=Kind.APPOINTMENTS)
    brought_in(file)
    request = cast.asked(cast.booked(FRIDAY_AT_NINE))
    whole = partial(pick_new_time, request.ref, start=TUESDAY_AT_ELEVEN, by=cast.by_riley, now=NOW)
    one, other = second_while_first_is_uncommitted(
        lambda hook: acting(file, undo_import)(still_fresh=hook),
        partial(carried_out, whole, by=cast.by_riley, now=NOW),
    )
    assert isinstance(one, dict)
    assert isinstance(other, dict)
    assert list(Claim.objects.filter(part="session").values_list("appointment", flat=True)) == [
        request.appointment_id
    ]


def picking(cast: Cast, start: datetime) -> Callable[..., Outcome]:
    """Riley's pick of another time for the appointment of Friday."""
    request = cast.asked(cast.booked(FRIDAY_AT_NINE))
    whole = partial(pick_new_time, request.ref, start=start, by=cast.by_riley, now=NOW)
    return partial(carried_out, whole, by=cast.by_riley, now=NOW)


def keep(client: Client) -> Callable[[], object]:
    """What keeps everybody waiting who books for a client, before any provider is locked."""
    return lambda: Client.objects.select_for_update(no_key=False).get(pk=client.pk)


def test_picks_go_on_at_a_provider_whose_imported_rows_are_still_written(cast: Cast) -> None:
    file = staged(cast, *APPOINTMENTS, kind=Kind.APPOINTMENTS)
    pick = picking(cast, new_york(30, 9))
    one, other = second_while_first_waits(keep(cast.maya), acting(file, import_rows), pick)
    assert one == {"import": str(file.ref), "rows": "2"}
    assert isinstance(other, dict)
    assert sorted(Appointment.objects.values_list("starts_at", flat=True)) == [
        TUESDAY_AT_ELEVEN,
        new_york(25, 9),
        new_york(30, 9),
    ]


def test_who_picks_a_time_whose_row_is_still_written_gets_it_and_the_row_says_so(cast: Cast) -> None:
    file = staged(cast, *APPOINTMENTS, kind=Kind.APPOINTMENTS)
    pick = picking(cast, TUESDAY_AT_ELEVEN)
    assert carried_out(
        partial(start_import, file.ref, practice_id=file.practice_id),
        by=by_manager(cast.practice),
        now=NOW,
    ) == {"import": str(file.ref)}

    def worker() -> Outcome:
        bring_in(file.pk, now=lambda: NOW)
        return {}

    _one, other = second_while_first_waits(keep(cast.maya), worker, pick)
    assert isinstance(other, dict)
    assert list(Appointment.objects.values_list("starts_at", flat=True)) == [TUESDAY_AT_ELEVEN]
    file.refresh_from_db()
    assert (file.state, file.fault) == ("staged", TimesTaken.code)
    assert problems_of(file) == [(2, "Start", "taken")]


def test_a_pick_of_another_time_waits_for_an_imports_claims_and_gets_it(cast: Cast) -> None:
    file = staged(cast, *APPOINTMENTS, kind=Kind.APPOINTMENTS)
    pick = picking(cast, new_york(30, 9))
    one, other = second_while_first_is_uncommitted(
        lambda hook: acting(file, import_rows)(still_fresh=hook), pick
    )
    assert one == {"import": str(file.ref), "rows": "2"}
    assert isinstance(other, dict)
    assert Claim.objects.filter(part="session").count() == 3


def test_of_an_import_and_a_pick_of_one_time_the_second_is_refused(cast: Cast) -> None:
    file = staged(cast, *APPOINTMENTS, kind=Kind.APPOINTMENTS)
    request = cast.asked(cast.booked(FRIDAY_AT_NINE))
    whole = partial(pick_new_time, request.ref, start=TUESDAY_AT_ELEVEN, by=cast.by_riley, now=NOW)
    one, other = second_while_first_is_uncommitted(
        lambda hook: carried_out(whole, by=cast.by_riley, now=NOW, still_fresh=hook),
        acting(file, import_rows),
    )
    assert isinstance(one, dict)
    assert other is TimesTaken
    assert Appointment.objects.count() == 1


def test_a_pick_of_a_time_that_an_import_is_taking_keeps_its_request_open(cast: Cast) -> None:
    file = staged(cast, *APPOINTMENTS, kind=Kind.APPOINTMENTS)
    request = cast.asked(cast.booked(FRIDAY_AT_NINE))
    whole = partial(pick_new_time, request.ref, start=TUESDAY_AT_ELEVEN, by=cast.by_riley, now=NOW)
    one, other = second_while_first_is_uncommitted(
        lambda hook: acting(file, import_rows)(still_fresh=hook),
        partial(carried_out, whole, by=cast.by_riley, now=NOW),
    )
    assert one == {"import": str(file.ref), "rows": "2"}
    assert other in (SlotTaken, ClientElsewhere)
    assert RescheduleRequest.objects.get().state == "open"


def leaving(cast: Cast, by: Actor) -> Callable[..., object]:
    user = Membership.objects.get(provider=cast.okafor).user
    return partial(end_access, user.ref, practice_id=cast.practice.pk, by=by, now=NOW)


def discharging(cast: Cast, by: Actor) -> Callable[..., object]:
    return partial(discharge, cast.riley.pk, said=Discharge(Told.STANDARD), by=by, now=NOW)


@pytest.mark.parametrize("going", [leaving, discharging])
def test_nothing_comes_in_with_who_leaves_or_for_whoever_is_discharged_meanwhile(
    cast: Cast, going: Callable[[Cast, Actor], Callable[..., object]]
) -> None:
    file = staged(cast, *APPOINTMENTS[:2], kind=Kind.APPOINTMENTS)
    by = by_manager(cast.practice)
    one, other = second_while_first_is_uncommitted(
        lambda hook: carried_out(going(cast, by), by=by, now=NOW, still_fresh=hook),  # type: ignore[arg-type]
        acting(file, import_rows),
    )
    assert isinstance(one, dict)
    assert (other, Appointment.objects.count()) == (RowsNotReady, 0)


@pytest.mark.parametrize("invited_first", [True, False])
def test_p10_an_invitation_elsewhere_meets_the_undoing_and_is_sent(cast: Cast, invited_first: bool) -> None:
    file = staged(cast, *LINES)
    brought_in(file)
    by, who = by_manager(cast.elsewhere), Invitee("Tessa", "tessa@clients.example", (Role.PROVIDER,))
    verb = partial(invite_by_mail, cast.elsewhere.pk, who=who, token="x" * 22, by=by, now=NOW)
    inviting, undoing = partial(carried_out, verb, by=by, now=NOW), acting(file, undo_import)
    first, second = (inviting, undoing) if invited_first else (undoing, inviting)
    outcomes = second_while_first_is_uncommitted(lambda hook: first(still_fresh=hook), second)
    assert [isinstance(one, dict) for one in outcomes] == [True, True]
    assert [row.user.email for row in Notification.objects.all() if row.user] == ["tessa@clients.example"]
