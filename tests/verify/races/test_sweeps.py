"""Several workers sweep at once: they share what is due, wait for nobody, and leave nothing behind."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from tests.app.cast import FRIDAY_AT_NINE, MINUTES, NOW, TUESDAY_AT_ELEVEN, Cast, new_york
from tests.app.people.merged import edit
from tests.verify.races.overlapping import carried_out, second_while_first_is_uncommitted
from tests.verify.races.promises import broken
from tests.verify.races.statement_steps import END, Hook, Walkers

from raincheck.actions.appointments.claims import claim
from raincheck.actions.engine.locks import lock
from raincheck.actions.engine.runner import Answer, run_command
from raincheck.actions.reschedule.lapse import settle_due
from raincheck.actions.reschedule.waiting import tell_of_waiting
from raincheck.actions.timing import sweep as sweeping
from raincheck.actions.timing.sweep import sweep
from raincheck.data.appointments.claims import Hold
from raincheck.data.notifications import Notification
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.domain.people import SYSTEM

pytestmark = pytest.mark.sampled

HOURS = timedelta(hours=1)
RIPE = NOW + 48 * HOURS + timedelta(minutes=1)


def asked_by_two(cast: Cast) -> tuple[RescheduleRequest, RescheduleRequest]:
    """Ask Riley with Dr. Okafor and Maya with Dr. Fischer; both prompts were taken over at once."""
    rileys = cast.asked(cast.booked())
    mayas = cast.asked(cast.booked(client=cast.maya, provider=cast.fischer))
    RescheduleRequest.objects.update(handed_over_at=NOW)
    return rileys, mayas


def states() -> list[str]:
    return list(RescheduleRequest.objects.order_by("pk").values_list("state", flat=True))


def working_with(provider: int) -> Answer:
    lock(providers=[provider])
    return {}


def lapsing_one() -> Answer:
    return {word: str(count) for word, count in settle_due(now=RIPE, limit=1).items()}


def test_a_worker_takes_the_next_provider_when_somebody_works_with_the_first(cast: Cast) -> None:
    asked_by_two(cast)
    outcomes = second_while_first_is_uncommitted(
        lambda hook: carried_out(lapsing_one, by=SYSTEM, now=RIPE, still_fresh=hook),
        lambda: carried_out(lapsing_one, by=SYSTEM, now=RIPE),
    )
    assert outcomes == ({"request lapsed": "1"}, {"request lapsed": "1"})
    assert (states(), broken()) == (["lapsed", "lapsed"], {})


def test_a_sweep_passes_by_a_provider_whom_somebody_works_with(cast: Cast) -> None:
    asked_by_two(cast)
    done: list[Counter[str]] = []

    def swept() -> Answer:
        done.append(sweep(now=RIPE))
        return {}

    second_while_first_is_uncommitted(
        lambda hook: carried_out(
            lambda: working_with(cast.okafor.pk), by=cast.by_okafor, now=NOW, still_fresh=hook
        ),
        swept,
    )
    assert (done[0]["request lapsed"], states()) == (1, ["open", "lapsed"])
    assert sweep(now=RIPE)["request lapsed"] == 1


def test_a_sweep_goes_on_after_a_batch_that_was_not_full(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Riley's request is due and in the batch, but a hold keeps it: that is no sign that nothing else is due."""
    rileys, mayas = asked_by_two(cast)
    late = cast.asked(
        cast.booked(new_york(25, 14), client=cast.maya, provider=cast.fischer), repeat_confirmed=True
    )
    RescheduleRequest.objects.filter(pk=late.pk).update(handed_over_at=NOW)
    held(cast, rileys)
    monkeypatch.setattr(sweeping, "BATCH", 2)
    assert sweep(now=RIPE)["request lapsed"] == 2
    assert states() == ["open", "lapsed", "lapsed"]
    assert mayas.pk < late.pk


def held(cast: Cast, request: RescheduleRequest) -> Hold:
    """Let the client hold Friday at nine from a minute before the deadline on."""
    hold = Hold(
        practice=cast.practice,
        provider=cast.okafor,
        client=cast.riley,
        request=request,
        starts_at=FRIDAY_AT_NINE,
        ends_at=FRIDAY_AT_NINE + 50 * MINUTES,
        buffer_before=0 * MINUTES,
        buffer_after=10 * MINUTES,
        began_at=request.deadline_at - MINUTES,
        expires_at=request.deadline_at + 4 * MINUTES,
    )

    def verb() -> Answer:
        hold.save(force_insert=True)
        claim(hold, now=NOW)
        return {}

    carried_out(verb, by=cast.by_riley, now=NOW)
    return hold


def test_appointments_of_one_prompt_lapse_in_one_message_however_small_the_batches(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast.asked(cast.booked(), cast.booked(new_york(1, 11, month=12)))
    RescheduleRequest.objects.update(handed_over_at=NOW)
    monkeypatch.setattr(sweeping, "BATCH", 1)
    assert sweep(now=RIPE)["request lapsed"] == 2
    [mail] = Notification.objects.filter(kind="lapsed", recipient__isnull=False)
    assert mail.appointments.count() == 2


def test_a_hold_that_ends_waits_for_whoever_works_with_its_provider(cast: Cast) -> None:
    """A verb that claims time deletes ended holds under the provider's lock; the sweep goes the same way round."""
    request = cast.asked(cast.booked())
    hold = held(cast, request)
    over = hold.expires_at + MINUTES  # it kept the request, so its row stays for the grace
    second_while_first_is_uncommitted(
        lambda hook: carried_out(
            lambda: working_with(cast.okafor.pk), by=cast.by_okafor, now=NOW, still_fresh=hook
        ),
        lambda: {"ended": str(sweep(now=over)["hold ended"])},
    )
    assert Hold.objects.filter(pk=hold.pk).exists()
    assert sweep(now=over)["hold ended"] == 1
    assert (Hold.objects.count(), TUESDAY_AT_ELEVEN, broken()) == (0, request.asked_starts_at, {})


def test_a_prompt_taken_over_while_the_sweep_looks_is_nobodys_task(cast: Cast) -> None:
    """The hand-over is noted under the request's lock; the sweep reads it again under the same."""
    request = cast.asked(cast.booked())

    def noting() -> Answer:
        lock(requests=[request.pk])
        RescheduleRequest.objects.filter(pk=request.pk).update(handed_over_at=NOW + 15 * MINUTES)
        return {}

    outcomes = second_while_first_is_uncommitted(
        lambda hook: carried_out(noting, by=SYSTEM, now=NOW, still_fresh=hook),
        lambda: {"told": str(sweep(now=NOW + 15 * MINUTES)["prompt not handed over"])},
    )
    assert outcomes == ({}, {"told": "0"})


def test_of_two_who_sweep_at_once_one_tells_that_a_request_waits(cast: Cast) -> None:
    """One stops before each of its statements in turn, and the other tells meanwhile: each time it is told once."""
    request = asked_by_two(cast)[0]
    RescheduleRequest.objects.filter(pk=request.pk).update(
        needs_provider="outage", needs_provider_at=NOW, remind_at=None
    )
    at = TUESDAY_AT_ELEVEN - 2 * HOURS
    walkers = Walkers()

    def telling(hook: Hook) -> Answer:
        return run_command(
            lambda: {word: str(count) for word, count in tell_of_waiting(now=at, limit=9).items()},
            key=None,
            body={},
            by=SYSTEM,
            now=at,
            still_fresh=hook,
        )

    try:
        stop, statements = 1, 2
        while stop < statements:
            RescheduleRequest.objects.update(told_of_waiting_at=None)
            before = Notification.objects.filter(kind="still_waiting", channel="email").count()
            outcomes, (statements, _others) = walkers.walk([telling, telling], [(0, stop), (1, END)])
            told = Notification.objects.filter(kind="still_waiting", channel="email").count() - before
            assert (told, [one.kind for one in outcomes]) == (1, ["answered", "answered"]), f"before {stop}"
            stop += 1
    finally:
        walkers.leave()
    assert stop > 4  # it was stopped in the middle, too


def test_a_mark_that_came_before_the_lapse_spares_and_is_told(cast: Cast) -> None:
    """The sweep has found the request due, and waits for the client's row: it reads the mark before it cancels."""
    request = asked_by_two(cast)[0]
    marking = edit(cast.riley, by=cast.by_okafor, now=RIPE, do_not_auto_cancel=True)

    def swept() -> Answer:
        sweep(now=RIPE)
        return {}

    second_while_first_is_uncommitted(
        lambda hook: carried_out(marking, by=cast.by_okafor, now=RIPE, still_fresh=hook), swept
    )
    request.refresh_from_db()
    assert (request.state, request.needs_provider, request.spared) == ("open", "do_not_auto_cancel", True)
    assert broken() == {}


def test_a_lapse_that_came_before_the_mark_stands(cast: Cast) -> None:
    request = asked_by_two(cast)[0]
    marking = edit(cast.riley, by=cast.by_okafor, now=RIPE, do_not_auto_cancel=True)
    _lapsed, marked = second_while_first_is_uncommitted(
        lambda hook: carried_out(lapsing_one, by=SYSTEM, now=RIPE, still_fresh=hook),
        lambda: carried_out(marking, by=cast.by_okafor, now=RIPE),
    )
    request.refresh_from_db()
    assert (request.state, request.spared, marked) == (
        "lapsed",
        False,
        {"client": str(cast.riley.ref), "told": "0"},
    )
    assert (Notification.objects.filter(kind="spared").count(), broken()) == (0, {})
