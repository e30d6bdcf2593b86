"""Clients from a file: staged, corrected, all in or none, compared with who is here, and taken back within a day."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from tests.app.cast import NOW, Cast
from tests.app.imports.staged_files import acted, brought_in, problems_of, staged, undone

from raincheck.actions.engine.runner import Answer, run_command
from raincheck.actions.imports.staging import (
    Correction,
    correct_rows,
    drop_import,
    forget_files,
    match_columns,
)
from raincheck.data.models import Client, Import, ImportRow, Membership, Notification, Recipient, User
from raincheck.domain.imports.columns import Field
from raincheck.domain.imports.dates import DateOrder
from raincheck.domain.imports.faults import NoNameColumn
from raincheck.domain.imports.importing import (
    ImportGone,
    ImportNotOpen,
    ImportState,
    NoRowsLeft,
    RowsNotReady,
    TooLateToUndo,
    WorkedWithSince,
)
from raincheck.domain.people import SYSTEM, NotInThisPractice

HEADER = "First name|Last name|E-mail|Phone|Date of birth|Usual provider"
THREE = (
    HEADER,
    "Tessa|Lindgren|tessa@clients.example|646 555 0144|06/15/1993|Dr. Jo Okafor",
    "Ines|Duarte|familia@clients.example||05/06/2014|",
    "Rui|Duarte|familia@clients.example||09/17/2016|Somebody",
)


def names(cast: Cast) -> list[str]:
    return sorted(client.full_name for client in Client.objects.filter(practice=cast.practice))


def test_all_rows_come_in_at_once_and_nobody_is_written_to(cast: Cast) -> None:
    file = staged(cast, *THREE)
    assert (problems_of(file), file.state, file.order, names(cast)) == (
        [],
        "staged",
        "mdy",
        ["Maya Chen", "Riley Brooks"],
    )
    assert brought_in(file) == {"import": str(file.ref), "rows": "3"}
    assert names(cast) == ["Ines Duarte", "Maya Chen", "Riley Brooks", "Rui Duarte", "Tessa Lindgren"]
    tessa = Client.objects.get(first_name="Tessa")
    assert (tessa.phone, tessa.date_of_birth, tessa.usual_provider, tessa.client_since) == (
        "+16465550144",
        date(1993, 6, 15),
        cast.okafor,
        date(2026, 11, 16),
    )
    reached = Recipient.objects.get(client=tessa)
    assert (reached.email, reached.phone, reached.is_client, reached.gets_sms) == (
        "tessa@clients.example", "+16465550144", True, False,
    )  # fmt: skip
    assert Notification.objects.count() == 0
    file.refresh_from_db()
    assert (file.state, file.imported_at, file.done) == (ImportState.IMPORTED, NOW, 3)
    assert list(file.rows.values_list("client__first_name", flat=True).order_by("number")) == [
        "Tessa",
        "Ines",
        "Rui",
    ]


def test_who_shares_an_address_has_one_account_between_them_the_first(cast: Cast) -> None:
    User.objects.create_user("tessa@clients.example", name="Tessa elsewhere")
    brought_in(staged(cast, *THREE))
    members = Membership.objects.filter(
        practice=cast.practice,
        role="client",
        user__email__in=["familia@clients.example", "tessa@clients.example"],
    )
    assert sorted(member.client.first_name for member in members) == ["Ines", "Tessa"]
    assert not User.objects.get(email="familia@clients.example").has_usable_password()


def test_a_row_with_a_problem_keeps_all_others_out(cast: Cast) -> None:
    file = staged(cast, *THREE, "Priya|Rao|priya@example||")
    assert problems_of(file) == [(5, "E-mail", "bad_email")]
    with pytest.raises(RowsNotReady) as refused:
        brought_in(file)
    assert (refused.value.values, len(names(cast))) == ({"count": "1"}, 2)
    correct(file, Correction(5, {"E-mail": " priya@clients.example "}))
    assert problems_of(file) == []
    assert brought_in(file)["rows"] == "4"


def correct(file: Import, *corrections: Correction) -> None:
    acted(
        correct_rows, file.ref, practice=file.practice, practice_id=file.practice_id, corrections=corrections
    )


def test_a_row_can_be_left_out_and_taken_in_again(cast: Cast) -> None:
    file = staged(cast, *THREE, "|||||")
    assert ImportRow.objects.filter(file=file).count() == 3  # a blank row is no row
    correct(file, Correction(2, {}, left_out=True))
    assert list(file.rows.filter(left_out=True).values_list("number", "read")) == [(2, None)]
    correct(file, Correction(2, {}), Correction(3, {}, left_out=True))
    brought_in(file)
    assert names(cast) == ["Maya Chen", "Riley Brooks", "Rui Duarte", "Tessa Lindgren"]


def test_who_is_here_already_is_asked_about_row_by_row(cast: Cast) -> None:
    Client.objects.filter(pk=cast.maya.pk).update(phone="+16465550109")
    file = staged(
        cast,
        HEADER,
        "Maya|Chen||646 555 0109||",
        "MAYA|Chen|other@clients.example|||",
        "Riley|Brooks|riley@clients.example|||",
    )
    assert problems_of(file) == [(2, "Phone", "already_here"), (4, "E-mail", "already_here")]
    correct(file, Correction(2, {}, left_out=True), Correction(4, {}, apart=True))
    brought_in(file)
    assert names(cast) == ["MAYA Chen", "Maya Chen", "Riley Brooks", "Riley Brooks"]


def test_a_client_of_another_practice_is_not_here(cast: Cast) -> None:
    file = staged(cast, HEADER, "Eve|Marlow|eve@clients.example|||")
    assert problems_of(file) == []
    brought_in(file)
    # One person may be a client of two practices: the account is one, the rows are two.
    eve = User.objects.get(email="eve@clients.example")
    assert sorted(eve.memberships.values_list("practice__name", flat=True)) == [
        "Elsewhere Clinic",
        "Harbor Counseling",
    ]


def test_the_same_file_twice_brings_nobody_twice(cast: Cast) -> None:
    first, second = staged(cast, *THREE), staged(cast, *THREE)
    brought_in(first)
    with pytest.raises(RowsNotReady):
        brought_in(second)
    with pytest.raises(ImportNotOpen):
        brought_in(first)
    assert len(names(cast)) == 5
    third = staged(cast, *THREE)
    assert problems_of(third) == [
        (2, "E-mail", "already_here"),
        (3, "E-mail", "already_here"),
        (4, "E-mail", "already_here"),
    ]


def test_columns_are_matched_by_hand_and_remembered_for_the_next_file(cast: Cast) -> None:
    lines = ("Called|Contact|Number", "Tessa Lindgren|tessa@clients.example|7/8/1990")
    file = staged(cast, *lines)
    assert (file.fault, problems_of(file)) == ("no_name_column", [])
    with pytest.raises(NoNameColumn):
        brought_in(file)
    chosen = {"Called": Field.NAME, "Contact": Field.EMAIL, "Number": Field.DATE_OF_BIRTH}
    acted(
        match_columns,
        file.ref,
        practice=cast.practice,
        practice_id=cast.practice.pk,
        chosen=chosen,
        zone="Europe/Berlin",
        order=DateOrder.DMY,
    )
    file.refresh_from_db()
    assert (file.fault, file.zone, file.order) == ("", "Europe/Berlin", "dmy")
    assert file.rows.get().read["date_of_birth"] == "1990-08-07"
    again = staged(cast, *lines)
    assert again.mapping == {"Called": "name", "Contact": "email", "Number": "date_of_birth"}
    assert staged(cast, *lines, practice=cast.elsewhere).fault == "no_name_column"


def test_a_file_without_rows_is_refused_and_one_given_up_is_erased(cast: Cast) -> None:
    with pytest.raises(NoRowsLeft):
        staged(cast, HEADER)
    file = staged(cast, *THREE)
    acted(drop_import, file.ref, practice=cast.practice, practice_id=cast.practice.pk)
    file.refresh_from_db()
    assert (file.state, file.rows.count()) == (ImportState.DROPPED, 0)
    with pytest.raises(ImportNotOpen):
        brought_in(file)


def test_an_import_is_undone_within_a_day_as_if_it_had_never_been(cast: Cast) -> None:
    before = [table.objects.count() for table in (Client, Recipient, Membership, User)]
    file = staged(cast, *THREE)
    brought_in(file)
    assert undone(file, now=NOW + timedelta(hours=23))["rows"] == "3"
    made_for_the_manager = 1
    assert [table.objects.count() for table in (Client, Recipient)] == before[:2]
    assert [table.objects.count() for table in (Membership, User)] == [
        number + made_for_the_manager for number in before[2:]
    ]
    with pytest.raises(ImportNotOpen):
        undone(file)
    assert problems_of(staged(cast, *THREE)) == []


def test_a_day_later_or_once_somebody_has_worked_with_it_an_import_stays(cast: Cast) -> None:
    file = staged(cast, *THREE)
    brought_in(file)
    with pytest.raises(TooLateToUndo):
        undone(file, now=NOW + timedelta(days=1, seconds=1))
    cast.booked(client=Client.objects.get(first_name="Tessa"))
    with pytest.raises(WorkedWithSince) as refused:
        undone(file)
    assert (refused.value.values, len(names(cast))) == ({"count": "1"}, 5)


def test_a_file_of_another_practice_is_not_here(cast: Cast) -> None:
    file = staged(cast, *THREE)
    with pytest.raises(ImportGone):
        acted(correct_rows, file.ref, practice=cast.elsewhere, practice_id=cast.elsewhere.pk, corrections=[])
    with pytest.raises(NotInThisPractice):
        acted(correct_rows, file.ref, practice=cast.elsewhere, practice_id=cast.practice.pk, corrections=[])
    with pytest.raises(ImportGone):
        acted(drop_import, file.ref, practice=cast.elsewhere, practice_id=cast.elsewhere.pk)


def test_what_a_file_said_is_erased_after_a_week(cast: Cast) -> None:
    came_in, waiting = staged(cast, *THREE), staged(cast, *THREE, "Priya|Rao|priya@example||")
    brought_in(came_in)
    for now, kept in ((NOW + timedelta(days=7), (3, 4)), (NOW + timedelta(days=7, seconds=1), (3, 0))):
        run_command(lambda now=now: _erased(now), key=None, body={}, by=SYSTEM, now=now)
        assert (came_in.rows.count(), waiting.rows.count()) == kept
    assert list(came_in.rows.values_list("cells", "read").distinct()) == [({}, None)]
    assert came_in.rows.filter(client__first_name="Tessa").exists()
    waiting.refresh_from_db()
    assert waiting.state == ImportState.DROPPED


def _erased(now: datetime) -> Answer:
    assert sum(forget_files(now=now, limit=10).values()) in (0, 2)
    return {}
