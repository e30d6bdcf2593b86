"""An import of appointments is taken back untouched, within a day; whatever somebody has worked with stands in the way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from tests.app.cast import FRIDAY_AT_NINE, NOW, TUESDAY_AT_ELEVEN, Cast
from tests.app.engine.test_promises import refused, sql
from tests.app.imports.staged_files import acted, brought_in, by_manager, staged, undone
from tests.app.imports.test_pages import text
from tests.app.queued_looks import look_as_queued
from tests.app.staff_browser import StaffBrowser, manager, okafor

from raincheck.actions.access.invitations import invite_by_mail
from raincheck.actions.appointments.booking import Cancellation, cancel_appointment
from raincheck.actions.calendars.feeds import make_feed
from raincheck.actions.clients.merging import tell_apart
from raincheck.actions.engine.runner import run_command
from raincheck.actions.imports.undoing import undo_import
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.claims import Claim
from raincheck.data.appointments.history import AppointmentHistory
from raincheck.data.imports.touched import rows_in_the_way
from raincheck.data.models import CalendarFeed, Client, Import, Notification, Recipient, Task, User
from raincheck.domain.access.invitations import Invitee
from raincheck.domain.appointments.lifecycle import CancelReason
from raincheck.domain.calendars.feeds import Titles
from raincheck.domain.imports.columns import Kind
from raincheck.domain.imports.importing import ImportGone, ImportNotOpen, TooLateToUndo, WorkedWithSince
from raincheck.domain.notifications import NotificationType
from raincheck.domain.people import Role
from raincheck.notifications.notify import notify
from raincheck.notifications.subjects import NoticeSubject
from raincheck.queries.calendars.feeds import entries_of

DAY, INSTANT = timedelta(days=1), timedelta(microseconds=1)
LINES = (
    "Client|Provider|Start|End|Type|Place",
    "Riley Brooks|Dr. Jo Okafor|11/24/2026 11:00 AM|11/24/2026 11:50 AM|Follow-up|Telehealth",
    "Maya Chen|Dr. Jo Okafor|11/27/2026 9:00 AM|11/27/2026 9:50 AM|Follow-up|Telehealth",
)


def came_in(cast: Cast) -> Import:
    file = staged(cast, *LINES, kind=Kind.APPOINTMENTS)
    brought_in(file)
    return file


def of_riley() -> Appointment:
    return Appointment.objects.get(starts_at=TUESDAY_AT_ELEVEN, booked_at=NOW)


def test_p9_untold_appointments_leave_as_never_real_and_nobody_is_written_to(cast: Cast) -> None:
    file = came_in(cast)
    assert undone(file, now=NOW + DAY)["rows"] == "2"
    rows = Appointment.objects.order_by("starts_at")
    assert [(row.status, row.cancelled_by, row.cancelled_why, row.fee_allowed) for row in rows] == [
        ("cancelled", "manager", "import_undone", False)
    ] * 2
    history = AppointmentHistory.objects.filter(appointment=rows[0]).order_by("pk")
    assert [(one.event, one.sequence, one.details) for one in history] == [
        ("booked", 0, {}),
        ("import_undone", 1, {"import": str(file.ref)}),
    ]
    assert (Claim.objects.count(), Notification.objects.count()) == (0, 0)
    # What came in with which file stays in the import's record.
    assert file.rows.filter(appointment__in=rows).count() == 2


def test_the_same_file_comes_in_again_once_it_was_undone(cast: Cast) -> None:
    undone(came_in(cast))
    again = came_in(cast)
    assert list(again.rows.values_list("appointment__status", flat=True)) == ["scheduled"] * 2


def test_who_was_told_that_it_came_in_is_told_that_it_is_off(cast: Cast) -> None:
    file = came_in(cast)
    with transaction.atomic():
        notify(NotificationType.BOOKED, NoticeSubject(of_riley()), by=by_manager(cast.practice), now=NOW)
    undone(file)
    told = Notification.objects.exclude(kind="booked").values_list("kind", "recipient__client", "provider")
    assert sorted(told, key=str) == sorted(
        [
            ("cancelled", cast.riley.pk, None),
            ("cancelled", None, cast.okafor.pk),
            ("cancelled", None, cast.okafor.pk),
        ],
        key=str,
    )


def test_an_import_is_undone_for_a_day_and_once(cast: Cast) -> None:
    file = came_in(cast)
    with pytest.raises(TooLateToUndo):
        undone(file, now=NOW + DAY + INSTANT)
    key, by = uuid4(), by_manager(cast.practice)
    verb = partial(undo_import, file.ref, practice_id=cast.practice.pk, by=by, now=NOW)
    first, again = (run_command(verb, key=key, body={}, by=by, now=NOW) for _press in range(2))
    assert first == again
    with pytest.raises(ImportNotOpen):
        undone(file)
    assert AppointmentHistory.objects.filter(event="import_undone").count() == 2


def test_another_practice_undoes_no_import_of_this_one(cast: Cast) -> None:
    file = came_in(cast)
    with pytest.raises(ImportGone):
        acted(undo_import, file.ref, practice=cast.elsewhere, practice_id=cast.elsewhere.pk)
    assert set(Appointment.objects.values_list("status", flat=True)) == {"scheduled"}


def asked(cast: Cast) -> None:
    cast.asked(of_riley())


def asked_and_withdrawn(cast: Cast) -> None:
    cast.withdraw(cast.asked(of_riley()))


def picked(cast: Cast) -> None:
    cast.pick(cast.asked(of_riley()), FRIDAY_AT_NINE + timedelta(hours=1))


def canceled(cast: Cast) -> None:
    wanted = Cancellation(CancelReason.OTHER)
    verb = partial(cancel_appointment, of_riley().ref, cancellation=wanted, by=cast.by_okafor, now=NOW)
    run_command(verb, key=None, body={}, by=cast.by_okafor, now=NOW)


def messaged_about(cast: Cast) -> None:
    with transaction.atomic():
        notify(NotificationType.DETAILS_CHANGED, NoticeSubject(of_riley()), by=cast.by_okafor, now=NOW)


@pytest.mark.parametrize(
    ("touch", "why"),
    [
        (asked, "changed"),
        (asked_and_withdrawn, "changed"),
        (picked, "changed"),
        (canceled, "changed"),
        (messaged_about, "told"),
    ],
)
def test_one_row_that_somebody_worked_with_keeps_all_of_it(
    cast: Cast, touch: Callable[[Cast], None], why: str
) -> None:
    file = came_in(cast)
    touch(cast)
    with pytest.raises(WorkedWithSince) as refusal:
        undone(file)
    assert refusal.value.values == {"count": "1"}
    in_the_way = rows_in_the_way(file, now=NOW)
    assert [(row.number, row.in_the_way) for row in in_the_way] == [(2, why)]  # type: ignore[attr-defined]
    assert not AppointmentHistory.objects.filter(event="import_undone").exists()
    page = manager(cast).get(f"/import/{file.ref}/")
    assert "This import can’t be undone: somebody has worked with 1 row of it." in text(page)
    assert "Row 2 Riley Brooks" in text(page)
    assert "Undo this import" not in text(page)


def test_a_session_whose_time_has_come_keeps_its_import(cast: Cast) -> None:
    start = NOW + timedelta(hours=3)
    line = "Riley Brooks|Dr. Jo Okafor|11/16/2026 1:00 PM|11/16/2026 1:50 PM|Follow-up|Telehealth"
    file = staged(cast, LINES[0], line, kind=Kind.APPOINTMENTS)
    brought_in(file)
    assert Appointment.objects.get().starts_at == start
    with pytest.raises(WorkedWithSince):
        undone(file, now=start)
    assert undone(file, now=start - INSTANT)["rows"] == "1"


def test_clients_with_appointments_since_keep_their_import_and_are_named(cast: Cast) -> None:
    file = staged(
        cast, "Name|E-mail", "Tessa Lindgren|tessa@clients.example", "Zoë Merwe|zoe@clients.example"
    )
    brought_in(file)
    cast.booked(client=Client.objects.get(first_name="Tessa"))
    with pytest.raises(WorkedWithSince):
        undone(file)
    said = text(manager(cast).get(f"/import/{file.ref}/"))
    assert "Row 2 Tessa Lindgren has appointments" in said
    assert ("Row 3" in said, Client.objects.filter(first_name="Zoë").exists()) == (False, True)


def tessa_came_in(cast: Cast) -> tuple[Import, Client]:
    file = staged(cast, "Name|E-mail", "Tessa Lindgren|tessa@clients.example")
    brought_in(file)
    return file, Client.objects.get(first_name="Tessa")


def told_apart(cast: Cast, tessa: Client) -> None:
    acted(tell_apart, tessa.pk, cast.riley.pk, practice=cast.practice)


def subscribed(cast: Cast, tessa: Client) -> None:
    by = by_manager(cast.practice)
    verb = partial(make_feed, tessa, digest=b"1" * 32, titles=Titles.NEUTRAL, now=NOW)
    run_command(verb, key=None, body={}, by=by, now=NOW)


@pytest.mark.parametrize(
    ("touch", "why"), [(told_apart, "changed since"), (subscribed, "has an address for their calendar")]
)
def test_a_client_with_whom_anything_was_done_keeps_the_import(
    cast: Cast, touch: Callable[[Cast, Client], None], why: str
) -> None:
    file, tessa = tessa_came_in(cast)
    touch(cast, tessa)
    browser = manager(cast)
    browser.post(f"/import/{file.ref}/undo/")
    assert f"Row 2 Tessa Lindgren {why}" in text(browser.get(f"/import/{file.ref}/"))
    assert Client.objects.filter(pk=tessa.pk).exists()


def test_every_table_that_names_a_client_is_known_to_the_undoing() -> None:
    naming = {
        f"{model.__name__}.{field.name}"
        for model in apps.get_app_config("raincheck").get_models()
        for field in model._meta.concrete_fields
        if field.related_model in (Client, Recipient)
    }
    in_the_way = {
        "Appointment.client",
        "Conversation.client",
        "ClientHistory.client",
        "CalendarFeed.client",
        "DifferentPeople.one",
        "DifferentPeople.other",
    }
    goes_along = {"Recipient.client", "Membership.client", "ImportRow.client"}
    # None of these is there without an appointment, a conversation or a change of the record.
    comes_later = {
        "Claim.client",
        "Client.merged_into",
        "ClientMerge.gone",
        "ClientMerge.kept",
        "Hold.client",
        "Link.client",
        "Link.recipient",
        "Message.recipient",
        "Notification.recipient",
        "RebookOffer.client",
        "RescheduleBatch.client",
        "RescheduleRequest.client",
        "Series.client",
        "Task.client",
    }
    assert naming == in_the_way | goes_along | comes_later


def asked_for_a_code(_cast: Cast) -> None:
    assert Browser().post("/sign-in/code/", {"email": "tessa@clients.example"}).status_code == 302


def invited_elsewhere(cast: Cast) -> None:
    who = Invitee("Tessa Lindgren", "tessa@clients.example", (Role.PROVIDER,))
    acted(invite_by_mail, cast.elsewhere.pk, practice=cast.elsewhere, who=who, token="x" * 22)


@pytest.mark.parametrize("written", [asked_for_a_code, invited_elsewhere])
def test_p10_mail_that_is_on_its_way_stays_when_an_import_is_undone(
    cast: Cast, written: Callable[[Cast], None]
) -> None:
    file, _tessa = tessa_came_in(cast)
    written(cast)
    assert undone(file)["rows"] == "1"
    assert [(one.state, one.user_id) for one in Notification.objects.all()] == [
        ("waiting", User.objects.get(email="tessa@clients.example").pk)
    ]


def test_an_undone_appointment_is_shown_on_no_list_and_in_no_calendar(cast: Cast) -> None:
    came_in(cast)
    shown = [str(row.ref) for row in Appointment.objects.order_by("starts_at")]
    addresses = [
        "/home/",
        "/appointments/?view=list",
        "/appointments/?view=list&when=past",
        "/appointments/?view=calendar",
        f"/clients/{cast.riley.ref}/",
        "/clients/",
    ]
    feed = CalendarFeed(practice=cast.practice, provider=cast.okafor, titles=Titles.NEUTRAL.value)

    def found() -> dict[str, int]:
        # Whom only the import brought to Dr. Okafor is no client of hers then; managers still find Riley.
        pages = {at: page_of(manager(cast) if "/clients/" in at else okafor(), at) for at in addresses}
        entries = len(entries_of(feed, now=NOW))
        return {at: sum(ref in page for ref in shown) for at, page in pages.items()} | {"feed": entries}

    before = found()
    assert (before["/appointments/?view=list"], before[f"/clients/{cast.riley.ref}/"], before["feed"]) == (
        2,
        1,
        2,
    )
    undone(Import.objects.get())
    assert found() == dict.fromkeys(before, 0)


def page_of(browser: StaffBrowser, address: str) -> str:
    path, _mark, query = address.partition("?")
    page = browser.get(path, **dict(part.split("=") for part in query.split("&") if part))
    assert page.status_code == 200, address
    return page.content.decode()


def test_time_that_an_undone_import_frees_is_looked_at_for_who_waits(cast: Cast) -> None:
    file = came_in(cast)
    look_as_queued(now=NOW)
    assert look_as_queued(now=NOW) == []
    undone(file)
    assert look_as_queued(now=NOW) == [cast.okafor.pk]


def test_tasks_about_an_undone_appointment_are_taken_off_the_list(cast: Cast) -> None:
    file = came_in(cast)
    row = of_riley()
    Task.objects.create(
        practice=cast.practice, provider=cast.okafor, appointment=row, kind="zone_clash", made_at=NOW, for_managers_at=NOW
    )  # fmt: skip
    undone(file)
    assert Task.objects.get().done_at == NOW


TAKEN_OFF = """
DELETE FROM raincheck_claim WHERE appointment_id = %(appointment)s;
UPDATE raincheck_import SET state = %(state)s, undone_at = %(now)s, imported_at = %(imported_at)s WHERE id = %(file)s;
INSERT INTO raincheck_appointmenthistory (practice_id, appointment_id, event, at, sequence, actor_kind, trace_id, details)
SELECT practice_id, id, %(event)s, %(now)s, 1, 'manager', '', jsonb_build_object('import', %(import)s::text)
FROM raincheck_appointment WHERE id = %(appointment)s;
UPDATE raincheck_appointment SET status = 'cancelled', cancelled_by = 'manager', cancelled_why = %(why)s, cancelled_at = %(now)s,
    ical_sequence = 1, booked_at = %(imported_at)s WHERE id = %(appointment)s
"""


def taken_off(file: Import, appointment: Appointment, **said: object) -> None:
    """Take an appointment off the calendar as an undone import does, but for what is said."""
    sound = {
        "file": file.pk,
        "import": str(file.ref),
        "appointment": appointment.pk,
        "now": NOW,
        "imported_at": NOW,
        "state": "undone",
        "event": "import_undone",
        "why": "import_undone",
    }
    values = sound | said
    for statement in TAKEN_OFF.split(";"):
        sql(statement, **values)


@pytest.mark.parametrize(
    "lie",
    [
        {"state": "imported"},
        {"event": "cancelled"},
        {"import": "00000000-0000-0000-0000-000000000000"},
        {"imported_at": NOW - DAY - INSTANT},
        {"why": "provider_other"},
        {"now": TUESDAY_AT_ELEVEN, "imported_at": TUESDAY_AT_ELEVEN},
    ],
    ids=lambda lie: " ".join(lie),
)
def test_p9_nothing_leaves_untold_unless_its_import_was_undone(
    cast: Cast, lie: dict[str, datetime | str]
) -> None:
    file = came_in(cast)
    row = of_riley()
    with refused("nothing_leaves_the_calendar_untold"):
        taken_off(file, row, **lie)
    with transaction.atomic():
        taken_off(file, row)
    assert of_riley().status == "cancelled"


def test_p9_what_did_not_come_in_with_the_import_never_leaves_with_it(cast: Cast) -> None:
    file, other = came_in(cast), cast.booked(FRIDAY_AT_NINE + timedelta(hours=2))
    with refused("nothing_leaves_the_calendar_untold"):
        taken_off(file, other)


@pytest.mark.parametrize("touch", [asked_and_withdrawn, messaged_about])
def test_p9_what_somebody_heard_of_never_leaves_untold(cast: Cast, touch: Callable[[Cast], None]) -> None:
    file = came_in(cast)
    touch(cast)
    with refused("nothing_leaves_the_calendar_untold"):
        taken_off(file, of_riley())


def test_who_came_to_a_provider_by_mistake_is_not_their_client_once_undone(cast: Cast) -> None:
    line = "Maya Chen|Dr. Jo Okafor|11/27/2026 9:00 AM|11/27/2026 9:50 AM|Follow-up|Telehealth"
    file = staged(cast, LINES[0], line, kind=Kind.APPOINTMENTS)
    brought_in(file)
    address = f"/clients/{cast.maya.ref}/"
    assert (okafor().get(address).status_code, "Maya" in text(okafor().get("/clients/"))) == (200, True)
    undone(file)
    assert (okafor().get(address).status_code, "Maya" in text(okafor().get("/clients/"))) == (404, False)


def test_undoing_asks_the_database_as_often_for_many_rows_as_for_few(cast: Cast) -> None:
    def statements(day: int, *, count: int) -> int:
        lines = [
            f"{one}|Dr. Jo Okafor|11/{day}/2026 {hour}:00 AM|11/{day}/2026 {hour}:50 AM|||"
            for hour in range(6, 6 + count)
            for one in ["Riley Brooks", "Maya Chen"][hour % 2 :][:1]
        ]
        file = staged(cast, "Client|Provider|Start|End|Type|Place|Status", *lines, kind=Kind.APPOINTMENTS)
        brought_in(file)
        with CaptureQueriesContext(connection) as asked:
            assert undone(file)["rows"] == str(count)
        return len(asked)

    assert statements(24, count=2) == statements(25, count=5)
