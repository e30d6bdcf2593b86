"""An outage must not eat the client's time: it is given back once, before anything lapses, and shown to both sides."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from tests.app.cast import MINUTES, NOW, TUESDAY_AT_ELEVEN, Cast, new_york
from tests.app.client_browser import Visitor, page_of, words
from tests.app.heartbeats import pages_served
from tests.app.reschedule.test_slow_prompts import handed_over, open_tasks
from tests.app.sent_notifications import latest, said_in, told

from raincheck.actions.engine.runner import Answer, run_command
from raincheck.actions.timing.outages import credit_outages, note_outages
from raincheck.actions.timing.sweep import sweep
from raincheck.data.appointments.history import AppointmentHistory
from raincheck.data.notifications import Notification
from raincheck.data.people import Client
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.data.timing.heartbeats import Heartbeat
from raincheck.data.timing.outages import Outage
from raincheck.domain.people import SYSTEM
from raincheck.queries.reschedule.requests import story
from raincheck.web.staff.shell.words import Names, told as line

HOURS = timedelta(hours=1)
SECOND = timedelta(seconds=1)
NONE = timedelta(0)
DEADLINE = NOW + 48 * HOURS
DOWN = NOW + 10 * HOURS
"""When the last web process gave its last sign of life."""


def asked(
    cast: Cast, *, client: Client | None = None, start: datetime = TUESDAY_AT_ELEVEN
) -> RescheduleRequest:
    """Return a request that was asked and handed over at NOW; pages were served all the time since."""
    return handed_over(cast.asked(cast.booked(start, client=client)), now=NOW)


def outage(length: timedelta, *, begin: datetime = DOWN, until: datetime | None = None) -> datetime:
    """Pages were served until `begin`, then not for `length`, then again until `until`; return when the outage ended."""
    end = begin + length
    pages_served(NOW - 30 * HOURS, begin)
    pages_served(end, until or end)
    return end


def swept(at: datetime) -> dict[str, int]:
    """Sweep as a worker does, whose business time is real time."""
    return dict(sweep(now=at, real_now=at))


def deadlines() -> list[datetime]:
    return list(RescheduleRequest.objects.order_by("pk").values_list("deadline_at", flat=True))


def history() -> list[dict[str, object]]:
    rows = AppointmentHistory.objects.filter(event="outage").order_by("pk")
    assert {row.actor_kind for row in rows} <= {"system"}
    return [row.details for row in rows]


def test_an_outage_moves_open_deadlines_by_its_length_before_anything_lapses(cast: Cast) -> None:
    request = asked(cast)
    end = outage(40 * MINUTES, begin=DEADLINE - 10 * MINUTES)
    assert swept(end) == {"request reckoned after an outage": 1}
    request.refresh_from_db()
    assert (request.state, request.deadline_at) == ("open", DEADLINE + 40 * MINUTES)
    assert history() == [
        {
            "began": (DEADLINE - 10 * MINUTES).isoformat(),
            "seconds": 2400,
            "lost": 0,
            "to": (DEADLINE + 40 * MINUTES).isoformat(),
        }
    ]


def test_after_it_the_client_has_exactly_as_long_as_before_it(cast: Cast) -> None:
    request = asked(cast)
    end = outage(40 * MINUTES, begin=DEADLINE - 10 * MINUTES, until=DEADLINE + 2 * HOURS)
    swept(end)
    lapses = end + 10 * MINUTES + MINUTES
    assert "request lapsed" not in swept(lapses - SECOND)
    assert swept(lapses)["request lapsed"] == 1
    request.refresh_from_db()
    assert request.state == "lapsed"


def test_five_minutes_of_silence_change_nothing(cast: Cast) -> None:
    request = asked(cast)
    end = outage(5 * MINUTES)
    assert swept(end) == {}
    request.refresh_from_db()
    assert (request.deadline_at, request.outage_reckoned, Outage.objects.count()) == (DEADLINE, None, 0)


def test_each_outage_is_given_back_once_however_often_the_sweep_comes(cast: Cast) -> None:
    request = asked(cast)
    end = outage(20 * MINUTES, until=NOW + 12 * HOURS)
    for _sweep in range(3):
        swept(end)
    pages_served(NOW + 12 * HOURS + 30 * MINUTES, NOW + 13 * HOURS)
    for _sweep in range(3):
        swept(NOW + 13 * HOURS)
    request.refresh_from_db()
    assert (request.deadline_at, request.time_given_back) == (DEADLINE + 50 * MINUTES, 50 * MINUTES)
    assert [row["seconds"] for row in history()] == [1200, 1800]
    assert set(Outage.objects.values_list("credited_at", flat=True)) == {end, NOW + 13 * HOURS}


def test_several_outages_in_a_row_are_all_given_back_at_once(cast: Cast) -> None:
    request = asked(cast)
    first = outage(20 * MINUTES)
    end = first + 7 * MINUTES
    pages_served(end, end)
    swept(end)
    request.refresh_from_db()
    assert request.deadline_at == DEADLINE + 27 * MINUTES
    assert [row["seconds"] for row in history()] == [1200, 420]


def credited(now: datetime, *, limit: int) -> None:
    """Carry out one batch of the credit and no more, like a worker that is killed after it."""

    def verb() -> Answer:
        credit_outages(now=now, limit=limit)
        return {}

    run_command(verb, key=None, body={}, by=SYSTEM, now=now)


def test_a_sweep_killed_half_way_leaves_the_rest_to_the_next_and_nothing_lapses(
    cast: Cast,
) -> None:
    """Dr. Okafor's requests have their time back, Dr. Fischer's do not yet."""
    first = asked(cast)
    second = handed_over(cast.asked(cast.booked(client=cast.maya, provider=cast.fischer)), now=NOW)
    end = outage(20 * MINUTES, begin=DEADLINE - MINUTES)
    note_outages(now=end, real_now=end)
    credited(end, limit=1)
    assert deadlines() == [DEADLINE + 20 * MINUTES, DEADLINE]
    assert Outage.objects.get().credited_at is None
    assert swept(end)["request reckoned after an outage"] == 1
    assert deadlines() == [DEADLINE + 20 * MINUTES] * 2
    assert {row.state for row in RescheduleRequest.objects.filter(pk__in=[first.pk, second.pk])} == {"open"}
    assert len(history()) == 2


def test_an_outage_before_all_have_the_first_ones_time_back_gives_nothing_twice(
    cast: Cast,
) -> None:
    """Dr. Okafor's requests have the first one's time back, Dr. Fischer's have none yet."""
    asked(cast)
    handed_over(cast.asked(cast.booked(client=cast.maya, provider=cast.fischer)), now=NOW)
    end = outage(20 * MINUTES)
    note_outages(now=end, real_now=end)
    credited(end, limit=1)
    again = end + 30 * MINUTES
    pages_served(again, again)
    swept(again)
    assert deadlines() == [DEADLINE + 50 * MINUTES] * 2
    assert len(history()) == 4


@pytest.mark.parametrize("late", [NONE, 5 * MINUTES, 6 * MINUTES, 60 * MINUTES])
@pytest.mark.parametrize("swept_first", [True, False])
def test_a_hand_over_that_came_late_because_of_the_outage_counts_once(
    cast: Cast, late: timedelta, *, swept_first: bool
) -> None:
    """Everything was down: the ask just before, its hand-over right after or later. Nobody loses time or gets it twice."""
    request = cast.asked(cast.booked())
    end = outage(30 * MINUTES, begin=NOW, until=NOW + 3 * HOURS)
    if swept_first:
        swept(end)
    request = handed_over(request, now=end + late)
    swept(end + late)
    request.refresh_from_db()
    assert request.deadline_at == end + late + 48 * HOURS
    assert history() == []


def test_an_outage_after_a_late_hand_over_counts_from_there(cast: Cast) -> None:
    """The worker went on while no page could be opened: 20 minutes until the hand-over, 40 after it."""
    request = handed_over(cast.asked(cast.booked()), now=NOW + 20 * MINUTES)
    end = outage(60 * MINUTES, begin=NOW)
    swept(end)
    request.refresh_from_db()
    assert request.deadline_at == end + 48 * HOURS


def test_reminders_move_along(cast: Cast) -> None:
    """The first one fell into Riley's night, and no longer does."""
    request = asked(cast)
    assert request.remind_at == new_york(16, 23)
    swept(outage(2 * HOURS, begin=request.remind_at - HOURS))
    request.refresh_from_db()
    assert (request.remind_at, request.reminders_sent) == (DEADLINE - 22 * HOURS, 0)


def test_up_to_an_hour_it_stands_on_the_pages_only(cast: Cast) -> None:
    request = asked(cast)
    before = latest()
    end = outage(60 * MINUTES)
    swept(end)
    assert told(before) == []
    page = Visitor(request.batch, now=end).get(page_of(request))
    assert "Our pages could not be opened for a while. You have 1 hour more because of that." in words(page)


def test_above_an_hour_people_are_written_to_once(cast: Cast) -> None:
    """Riley's two requests were sent together; Maya has one of her own. Dr. Okafor reads of all three at once."""
    cast.asked(cast.booked(), cast.booked(new_york(1, 11, month=12)))
    cast.asked(cast.booked(new_york(25, 11), client=cast.maya))
    RescheduleRequest.objects.update(handed_over_at=NOW)
    before = latest()
    end = outage(61 * MINUTES)
    for _sweep in range(2):
        swept(end)
    assert told(before) == [
        "outage to client by email: waiting",
        "outage to client by email: waiting",
        "outage to provider by email: waiting",
        "outage to provider by in_app: handed_over",
    ]
    assert list(Notification.objects.filter(pk__gt=before).order_by("pk", "appointments").values_list("appointments__appointment__client__first_name", flat=True)) == [
        "Riley", "Riley", "Maya", "Riley", "Riley", "Maya", "Riley", "Riley", "Maya",
    ]  # fmt: skip
    mail = Notification.objects.filter(pk__gt=before).order_by("pk")[0]
    words = said_in(mail, now=end).words
    assert words.subject == "You have more time to choose"
    assert "You have until Wednesday, November 18 at 8:01 AM (Los Angeles time)." in words.text
    assert mail.batch is not None


def test_without_room_the_deadline_stays_and_silence_cancels_nothing(cast: Cast) -> None:
    """The deadline lies right before the lead already."""
    asked_at = TUESDAY_AT_ELEVEN - 30 * HOURS
    request = handed_over(cast.asked(cast.booked(), now=asked_at), now=asked_at)
    deadline = TUESDAY_AT_ELEVEN - 2 * HOURS
    assert request.deadline_at == deadline
    before = latest()
    end = outage(2 * HOURS, begin=asked_at + HOURS, until=TUESDAY_AT_ELEVEN)
    swept(end)
    request.refresh_from_db()
    assert (request.deadline_at, request.time_lost, request.needs_provider) == (deadline, 2 * HOURS, None)
    assert (told(before), [row.get("to") for row in history()]) == ([], [None])
    page = Visitor(request.batch, now=end).get(page_of(request))
    assert "If you don't choose by then, Harbor Counseling will get in touch with you." in words(page)
    assert swept(deadline + MINUTES)["request waits for provider"] == 1
    request.refresh_from_db()
    assert (request.state, request.needs_provider, open_tasks()) == ("open", "outage", ["needs_provider"])


def test_what_can_be_given_back_is_and_the_rest_keeps_silence_from_canceling(cast: Cast) -> None:
    asked_at = TUESDAY_AT_ELEVEN - 51 * HOURS
    request = handed_over(cast.asked(cast.booked(), now=asked_at), now=asked_at)
    end = outage(3 * HOURS, begin=asked_at + HOURS, until=TUESDAY_AT_ELEVEN)
    swept(end)
    request.refresh_from_db()
    assert (request.time_given_back, request.time_lost) == (HOURS, 2 * HOURS)
    assert swept(request.deadline_at + MINUTES)["request waits for provider"] == 1


def test_while_no_page_can_be_opened_nothing_ends_and_nobody_is_reminded(cast: Cast) -> None:
    request = asked(cast)
    pages_served(NOW, request.remind_at - MINUTES)
    begun = asked(cast, client=cast.maya, start=NOW + 60 * HOURS)
    RescheduleRequest.objects.filter(pk=begun.pk).update(deadline_at=NOW + 47 * HOURS)
    assert swept(NOW + 70 * HOURS) == {}
    assert set(RescheduleRequest.objects.values_list("state", "reminders_sent")) == {("open", 0)}


def test_before_any_web_process_ever_ran_nothing_ends(cast: Cast) -> None:
    asked(cast)
    assert swept(DEADLINE + HOURS) == {}
    pages_served(DEADLINE + 2 * HOURS, DEADLINE + 2 * HOURS)
    assert swept(DEADLINE + 2 * HOURS) == {"request lapsed": 1}
    assert Outage.objects.count() == 0


def test_a_deadline_counts_once_a_sign_of_life_came_after_it(cast: Cast) -> None:
    """Silent for four minutes: perhaps the beginning of an outage, in which that deadline fell."""
    asked(cast)
    pages_served(NOW, DEADLINE - SECOND)
    assert "request lapsed" not in swept(DEADLINE + 4 * MINUTES)
    pages_served(DEADLINE + 4 * MINUTES, DEADLINE + 4 * MINUTES)
    assert swept(DEADLINE + 4 * MINUTES) == {"request lapsed": 1}


def test_moving_the_demos_clock_is_no_outage(cast: Cast) -> None:
    """Signs of life are in real time; business time was moved ahead by 48 hours meanwhile."""
    asked(cast)
    real = NOW + MINUTES
    pages_served(NOW - HOURS, real)
    assert sweep(now=real + 49 * HOURS, real_now=real)["request lapsed"] == 1
    assert (RescheduleRequest.objects.get().state, Outage.objects.count()) == ("lapsed", 0)


def test_an_outage_in_the_demo_is_given_back_on_its_own_clock(cast: Cast) -> None:
    request = asked(cast)
    ahead = 5 * 24 * HOURS
    end = DOWN - ahead + 30 * MINUTES
    pages_served(NOW - ahead, DOWN - ahead)
    pages_served(end, end)
    sweep(now=end + ahead, real_now=end)
    request.refresh_from_db()
    assert request.deadline_at == DEADLINE + 30 * MINUTES


def test_old_signs_of_life_are_forgotten_but_never_the_latest(cast: Cast) -> None:
    """Another silence may follow it, whose beginning only it tells."""
    week = timedelta(days=7)
    pages_served(NOW - HOURS, NOW - MINUTES)
    pages_served(NOW - HOURS, NOW)
    swept(NOW + week + 2 * MINUTES)
    assert Heartbeat.objects.count() == 1
    request = asked(cast, start=new_york(27, 11))
    pages_served(NOW + week + 3 * MINUTES, NOW + week + 3 * MINUTES)
    swept(NOW + week + 3 * MINUTES)
    assert [row.span.length for row in Outage.objects.all()] == [week + 3 * MINUTES]
    request.refresh_from_db()
    assert request.deadline_at == DEADLINE + week + 3 * MINUTES


def test_days_that_were_served_are_no_outage_once_their_signs_of_life_are_forgotten(cast: Cast) -> None:
    """A process served after an outage for days and was then replaced; a week later only the outage is remembered of it."""
    swept(outage(30 * MINUTES, until=DOWN + 96 * HOURS))
    cast.riley.do_not_auto_cancel = True
    cast.riley.save(update_fields=["do_not_auto_cancel"])
    request = cast.asked(cast.booked(new_york(30, 11)), now=DOWN + HOURS)
    handed_over(request, now=DOWN + HOURS)
    later = DOWN + 96 * HOURS + timedelta(days=8)
    pages_served(DOWN + 96 * HOURS + 20 * SECOND, later)
    for at in (later, later + 20 * SECOND):
        swept(at)
    request.refresh_from_db()
    assert [row.span.length for row in Outage.objects.all()] == [30 * MINUTES]
    assert request.time_given_back is None


def test_both_sides_read_why_the_deadline_moved(cast: Cast) -> None:
    request = asked(cast)
    end = outage(2 * HOURS)
    swept(end)
    request.refresh_from_db()
    names = Names(client="Riley", provider="You", members={})
    said = [line(one, names, zone="America/New_York", now=end) for one in story(request)]
    assert said[-1] == "Our pages were down for a while, so the deadline moved to Wed, Nov 18 · 12:00 PM."
    page = Visitor(request.batch, now=end).get(page_of(request))
    assert "You have 2 hours more because of that." in words(page)


def test_a_start_that_has_come_makes_a_request_void_without_its_time_back(
    cast: Cast,
) -> None:
    """As when giving back failed for another request of that provider: nobody is canceled, so nothing has to wait."""
    request = asked(cast)
    Outage.objects.create(began_at=DOWN, ended_at=DOWN + HOURS, ahead=NONE)
    before = TUESDAY_AT_ELEVEN - SECOND
    assert [sweep(now=at)["request void"] for at in (before, TUESDAY_AT_ELEVEN)] == [0, 1]
    request.refresh_from_db()
    assert request.state == "void"
