"""A row that nobody can read: the sweep does all others, tells a person once, and tries the row again after growing pauses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta

import pytest
from django.db import OperationalError, connection, connections
from tests.app.cast import FRIDAY_AT_NINE, MINUTES, NOW, Cast, a_key, client_in, new_york
from tests.app.engine.test_acting_once import everything
from tests.app.heartbeats import pages_served_always
from tests.verify.races.promises import broken

from raincheck import clock
from raincheck.actions.timing import quarantine
from raincheck.actions.timing.sweep import SweepFailed, sweep
from raincheck.cli.refusal import CommandRefused
from raincheck.cli.time_travel import sweep_once
from raincheck.data.appointments.claims import Hold
from raincheck.data.idempotency import IdempotencyKey
from raincheck.data.people import Client, Provider, Recipient
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.data.tasks import Task
from raincheck.data.timing.quarantine import Quarantined
from raincheck.web.staff.home.tasks import todo

HOURS = timedelta(hours=1)
RIPE = NOW + 48 * HOURS + MINUTES
NAMES = ("Ada", "Ben", "Cleo", "Dan", "Ella", "Finn")


def handed_over(*requests: RescheduleRequest, at: datetime = NOW) -> None:
    """Have prompts taken over at once; reminders and looks at open times are not what these tests are about."""
    rows = RescheduleRequest.objects.filter(pk__in=[request.pk for request in requests])
    rows.update(handed_over_at=at, remind_at=None, look_again_at=RIPE + 48 * HOURS)


@pytest.fixture
def rileys(cast: Cast) -> RescheduleRequest:
    """Riley's request among those of six others, all silent; Riley's zone has become unknown, so no text knows when it is night."""
    others = [client_in(cast.practice, name, "Lane") for name in NAMES]
    requests = [
        cast.asked(cast.booked(new_york(24, 10 + number), client=client))
        for number, client in enumerate([*others[:3], cast.riley, *others[3:]])
    ]
    handed_over(*requests)
    Recipient.objects.update(phone="+13105550100", sms_agreed_at=NOW)
    Client.objects.filter(pk=cast.riley.pk).update(zone="Mars/Base")
    return requests[3]


def readable_again(cast: Cast) -> None:
    Client.objects.filter(pk=cast.riley.pk).update(zone="America/Los_Angeles")


def hold(cast: Cast, start: datetime) -> Hold:
    return Hold.objects.create(
        practice=cast.practice,
        provider=cast.okafor,
        client=cast.maya,
        starts_at=start,
        ends_at=start + 50 * MINUTES,
        buffer_before=0 * MINUTES,
        buffer_after=10 * MINUTES,
        began_at=NOW,
        expires_at=NOW + 5 * MINUTES,
    )


def states() -> str:
    return " ".join(RescheduleRequest.objects.order_by("pk").values_list("state", flat=True))


def tasks() -> list[tuple[str, int | None, bool]]:
    """Return kind, request and whether it is done."""
    rows = Task.objects.order_by("pk")
    return [(row.kind, row.request_id, row.done_at is not None) for row in rows]


def aside() -> list[tuple[str, int | None, int, datetime]]:
    rows = Quarantined.objects.order_by("pk")
    return list(rows.values_list("step", "request", "failures", "try_again_at"))


@contextmanager
def refused_by_the_tables(request: RescheduleRequest) -> Iterator[None]:
    """Let a constraint that nobody expects refuse to cancel one appointment."""
    with connections["owner"].cursor() as cursor:
        words = "ALTER TABLE raincheck_appointment ADD CONSTRAINT nobody_expects_this CHECK (id <> %s OR status <> 'cancelled')"
        cursor.execute(words, [request.appointment_id])
        try:
            yield
        finally:
            cursor.execute("ALTER TABLE raincheck_appointment DROP CONSTRAINT nobody_expects_this")


def test_what_the_tables_refuse_is_quarantined_as_well(cast: Cast, rileys: RescheduleRequest) -> None:
    readable_again(cast)
    with refused_by_the_tables(rileys):
        assert sweep(now=RIPE) == {"request lapsed": 6, "set aside for a person": 1}
    assert states() == "lapsed lapsed lapsed open lapsed lapsed lapsed"
    assert tasks() == [("not_done", rileys.pk, False)]


def test_p8_a_request_that_cannot_be_read_keeps_no_other_waiting(
    rileys: RescheduleRequest, caplog: pytest.LogCaptureFixture
) -> None:
    assert sweep(now=RIPE) == {"request lapsed": 6, "set aside for a person": 1}
    assert states() == "lapsed lapsed lapsed open lapsed lapsed lapsed"
    assert tasks() == [("not_done", rileys.pk, False)]
    assert aside() == [("settle", rileys.pk, 1, RIPE + MINUTES)]
    [line] = [record.getMessage() for record in caplog.records if record.name.endswith("quarantine")]
    assert line.startswith("the sweep sets one row aside at “settle”: UnknownZone at zones.py:")
    assert broken() == {}


def test_what_cannot_be_read_is_told_once_and_tried_after_growing_pauses(rileys: RescheduleRequest) -> None:
    sweep(now=RIPE)
    before = everything()
    assert (sweep(now=RIPE + MINUTES / 3), everything()) == ({}, before)
    at, tried = RIPE, []
    for _pause in range(8):
        at = Quarantined.objects.get().try_again_at
        assert sweep(now=at) == {}
        tried.append(Quarantined.objects.get().try_again_at - at)
    assert tried == [n * MINUTES for n in (2, 4, 8, 16, 32, 60, 60, 60)]
    assert tasks() == [("not_done", rileys.pk, False)]


def test_what_can_be_read_again_is_done_and_nobodys_task_any_more(
    cast: Cast, rileys: RescheduleRequest
) -> None:
    sweep(now=RIPE)
    readable_again(cast)
    assert sweep(now=RIPE + MINUTES) == {"request lapsed": 1}
    assert (aside(), tasks(), broken()) == ([], [("not_done", rileys.pk, True)], {})


def test_a_person_may_end_what_the_sweep_could_not(cast: Cast, rileys: RescheduleRequest) -> None:
    sweep(now=RIPE)
    [task] = Task.objects.all()
    told = todo(task, with_messages=True, with_calendars=True, region="US", now=RIPE)
    assert told.sentence == (
        "Something was due for the request to Riley, and we could not do it. We keep trying; please see to it."
    )
    assert (told.urgent, [link.label for link in told.links]) == (
        True,
        ["Pick with Riley", "Withdraw", "Check e-mail and phone", "Open more times"],
    )
    readable_again(cast)
    cast.withdraw(rileys, now=RIPE)
    assert tasks() == [("not_done", rileys.pk, True)]
    assert (sweep(now=RIPE + MINUTES), aside()) == ({}, [])


def test_hours_that_cannot_be_read_are_told_once_and_other_providers_looked_at(cast: Cast) -> None:
    """However many requests Dr. Okafor has open, the hours are one matter."""
    okafors = [cast.asked(cast.booked(new_york(24 + n, 11)), repeat_confirmed=True) for n in range(2)]
    fischers = cast.asked(cast.booked(client=cast.maya, provider=cast.fischer))
    handed_over(*okafors, fischers)
    RescheduleRequest.objects.update(looked_at=None, look_again_at=None)
    Provider.objects.filter(pk=cast.okafor.pk).update(availability={"weekly": "whenever"})
    assert sweep(now=NOW) == {"set aside for a person": 1}
    looked = RescheduleRequest.objects.filter(looked_at=NOW)
    assert list(looked) == [fischers]
    assert (aside(), tasks()) == (
        [("look_at_open_times", None, 1, NOW + MINUTES)],
        [("not_done", None, False)],
    )
    assert todo(
        Task.objects.get(), with_messages=True, with_calendars=True, region="US", now=NOW
    ).sentence == (
        "Something was due for the requests you have sent, and we could not do it. We keep trying; please look at them and at your hours."
    )


def test_a_reminder_that_cannot_be_written_keeps_no_other_of_its_provider(cast: Cast) -> None:
    """It becomes a task of its own, is tried again, and sent once it can be."""
    rows = [
        cast.booked(new_york(24, 10 + number), client=client_in(cast.practice, name, "Lane"))
        for number, name in enumerate(NAMES)
    ]
    Client.objects.update(zone="America/New_York")
    Client.objects.filter(pk=rows[2].client_id).update(zone="Mars/Base")
    due = new_york(22, 16)
    assert sweep(now=due) == {"appointment reminded of": 5, "set aside for a person": 1}
    [row] = Quarantined.objects.all()
    assert (row.step, row.appointment_id, row.request_id) == ("remind_of_appointments", rows[2].pk, None)
    [task] = Task.objects.all()
    told = todo(task, with_messages=True, with_calendars=True, region="US", now=due)
    assert told.sentence == (
        "A reminder of Cleo's appointment was due, and we could not send it. We keep trying; please see to it."
    )
    assert [link.label for link in told.links] == ["See the appointment", "Check e-mail and phone"]
    assert sweep(now=due + MINUTES / 3) == {}
    Client.objects.update(zone="America/New_York")
    assert sweep(now=due + MINUTES) == {"appointment reminded of": 1}
    assert (aside(), [done for _kind, _request, done in tasks()], broken()) == ([], [True], {})


def test_where_many_fail_it_is_not_theirs_to_fail(
    rileys: RescheduleRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody wants a task for each of a thousand requests because of one mistake of ours."""
    monkeypatch.setattr(quarantine, "AT_ONCE", 2)
    Client.objects.update(zone="Mars/Base")
    with pytest.raises(SweepFailed) as failed:
        sweep(now=RIPE)
    assert [type(error).__name__ for error in failed.value.exceptions] == ["UnknownZone"]
    assert (len(aside()), len(tasks())) == (2, 2)
    assert rileys.pk not in {row[1] for row in aside()}


@contextmanager
def refusing(table: str, *, event: str, code: str) -> Iterator[None]:
    """Let the database refuse every change of a kind to a table, as the owner can."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            f"CREATE FUNCTION refuse_for_a_test() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" RAISE EXCEPTION 'no' USING ERRCODE = '{code}'; END $$"
        )
        cursor.execute(
            f"CREATE TRIGGER refuse_for_a_test BEFORE {event} ON raincheck_{table} EXECUTE FUNCTION refuse_for_a_test()"
        )
    try:
        yield
    finally:
        with connections["owner"].cursor() as cursor:
            cursor.execute("DROP FUNCTION refuse_for_a_test CASCADE")


DISK_FULL, SOMETHING_ELSE = "53100", "P0001"


def test_a_full_disk_is_no_rows_fault(rileys: RescheduleRequest) -> None:
    with refusing("reschedulerequest", event="UPDATE", code=DISK_FULL), pytest.raises(SweepFailed) as failed:
        sweep(now=RIPE)
    assert [type(error) for error in failed.value.exceptions] == [OperationalError]
    assert (states(), aside(), tasks()) == (" ".join(["open"] * 7), [], [])
    assert sweep(now=RIPE) == {"request lapsed": 6, "set aside for a person": 1}
    assert rileys.is_open


def test_a_step_that_fails_stops_no_other(cast: Cast, rileys: RescheduleRequest) -> None:
    """Endings come first and holds later; the hold ends all the same."""
    hold(cast, FRIDAY_AT_NINE)
    with refusing("reschedulerequest", event="UPDATE", code=DISK_FULL), pytest.raises(SweepFailed) as failed:
        sweep(now=RIPE)
    assert failed.value.done == {"hold ended": 1}
    assert rileys.is_open


def test_the_command_says_what_failed_once_all_else_is_done(
    cast: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    now = clock.now()
    pages_served_always(around=now)
    request = cast.asked(
        cast.booked(now + timedelta(days=9), now=now - 3 * 24 * HOURS), now=now - 3 * 24 * HOURS
    )
    handed_over(request, at=now - 3 * 24 * HOURS)
    IdempotencyKey.objects.create(
        actor="provider:1", key=a_key(), body_hash=b"", acted_at=now - 8 * 24 * HOURS
    )
    with (
        refusing("idempotencykey", event="DELETE", code=SOMETHING_ELSE),
        pytest.raises(CommandRefused) as refused,
    ):
        sweep_once()
    assert "request lapsed: 1" in capsys.readouterr().out
    assert str(refused.value) == (
        "1 of what was due could not be done (ProgrammingError); what is printed above was. "
        "The log says more, and the next sweep tries again."
    )


def test_a_client_whom_somebody_works_with_is_left_for_the_next_sweep(
    cast: Cast, rileys: RescheduleRequest
) -> None:
    """A process that stands still with Riley's row in its hands keeps nobody else from an ending, and is nobody's task."""
    readable_again(cast)
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '100ms'")
    try:
        with closing(connection.copy()) as standing, standing.cursor() as cursor:
            standing.set_autocommit(False)
            cursor.execute("SELECT 1 FROM raincheck_client WHERE id = %s FOR UPDATE", [cast.riley.pk])
            assert sweep(now=RIPE) == {"request lapsed": 6}
    finally:
        connection.close()
    assert (aside(), tasks()) == ([], [])
    assert sweep(now=RIPE) == {"request lapsed": 1}
    rileys.refresh_from_db()
    assert rileys.state == "lapsed"
