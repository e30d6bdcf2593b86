"""The checker sees what it is there for: each made-up soak has one thing wrong, and the sound one has none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.verify.soak.checker import LATEST_LAPSE, Soak, unknown, violations
from tests.verify.soak.found import File, Found, Job, Notification, Request
from tests.verify.soak.history import Operation, Reply, Trouble
from tests.verify.soak.people import LET_GO
from tests.verify.soak.smtp_server import Arrival

BEGAN = 1_000_000.0
PICKED = "moved:request@2026-12-01T15:00Z"


def answered(
    status: int, *, at: float = BEGAN + 10, path: str = "/choose/…/", location: str = "/done/"
) -> Reply:
    return Reply(status, at - 1, at, path, location if status == 302 else "")


def pick(*replies: Reply, lost: int = 0) -> Operation:
    return Operation("pick", "riley", BEGAN, "key", PICKED, ("request",), list(replies), lost)


def prompt(**differs: object) -> Notification:
    sound = Notification(
        "prompt", "email", "asked", "handed_over", 1, BEGAN, BEGAN, BEGAN + 2, 0, ("request",)
    )
    return replace(sound, **differs)  # type: ignore[arg-type]  # what differs differs


def request(**differs: object) -> Request:
    sound = Request(
        "request", "moved", BEGAN - 100, BEGAN + 9000, BEGAN + 10, BEGAN + 20_000, settled_by="client"
    )
    return replace(sound, **differs)  # type: ignore[arg-type]  # as above


def arrived(ref: str = "prompt", *, at: float = BEGAN + 1) -> Arrival:
    return Arrival(ref, "riley@clients.example", at, at + 0.1, taken=True)


def a_soak() -> Soak:
    """Riley got the prompt, picked, was told so, and it is so."""
    before = Found(BEGAN, requests={"request": request(state="open", settled_at=None, settled_by=None)})
    after = Found(
        BEGAN + 600,
        traces=Counter([PICKED, "act:key"]),
        notifications={"prompt": prompt(), "told": prompt(ref="told", kind="moved")},
        requests={"request": request()},
    )
    before.clients |= {"kept": None, "gone": None}
    after.clients |= {"kept": None, "gone": "kept"}
    after.files = [
        File("file", "rows1.csv", "imported", 12, 12),
        File("back", "rows2.csv", "undone", 12, 0),
        File("told", "times1.csv", "imported", 12, 12, told=True, pairs=9, confirmed=9),
        File("off", "times2.csv", "undone", 12, 0, told=True, pairs=9, confirmed=9, called_off=9),
        File("dropped", "times3.csv", "dropped", 0, 0, told=True),
    ]
    return Soak(BEGAN, [pick(answered(302))], [arrived(), arrived("told", at=BEGAN + 12)], [], before, after)


def test_a_sound_soak_has_no_violations() -> None:
    soak = a_soak()
    assert violations(soak) == []
    silent(soak, deadline_at=BEGAN + 100, settled_at=BEGAN + 170)
    assert violations(soak) == []


def lose_an_acknowledged_write(soak: Soak) -> None:
    soak.after.traces.clear()


def lose_only_the_effect(soak: Soak) -> None:
    del soak.after.traces[PICKED]


def double_an_effect(soak: Soak) -> None:
    soak.after.traces[PICKED] += 1


def do_what_was_refused(soak: Soak) -> None:
    soak.operations = [pick(answered(409))]


def answer_the_same_form_in_two_ways(soak: Soak) -> None:
    soak.operations = [pick(answered(302), answered(409, at=BEGAN + 12))]


def show_an_error_page(soak: Soak) -> None:
    soak.operations = [*soak.operations, Operation("read home", "okafor", BEGAN, replies=[answered(500)])]


def be_unavailable_for_no_reason(soak: Soak) -> None:
    soak.operations = [pick(answered(503, at=BEGAN + 5), answered(302))]


def forget_who_is_signed_in(soak: Soak) -> None:
    reply = answered(302, path="/home/", location="/sign-in/?next=/home/")
    soak.operations = [*soak.operations, Operation("read home", "okafor", BEGAN, replies=[reply])]


def send_no_mail(soak: Soak) -> None:
    soak.arrivals = [arrived()]


def never_tell_the_client(soak: Soak) -> None:
    del soak.after.notifications["told"]
    soak.arrivals = [arrived()]


def tell_the_client_twice(soak: Soak) -> None:
    soak.after.notifications["again"] = prompt(ref="again", kind="moved")
    soak.arrivals = [*soak.arrivals, arrived("again")]


def fail_a_mail_in_silence(soak: Soak) -> None:
    soak.after.notifications["prompt"] = prompt(state="failed")


def drop_a_mail_that_cannot_be_obsolete(soak: Soak) -> None:
    soak.after.notifications["told"] = prompt(ref="told", kind="moved", state="obsolete")


def leave_a_mail_lying(soak: Soak) -> None:
    soak.after.notifications["told"] = prompt(ref="told", kind="moved", state="waiting", ended_at=None)
    soak.arrivals = [arrived()]


def lose_the_notification_of_a_mail_that_arrived(soak: Soak) -> None:
    soak.arrivals = [*soak.arrivals, arrived("gone")]


def send_a_mail_more_often_than_it_was_tried(soak: Soak) -> None:
    soak.arrivals = [*soak.arrivals, arrived()]


def remind_after_the_end(soak: Soak) -> None:
    soak.after.notifications["reminder"] = prompt(ref="reminder", kind="request_reminder")
    soak.arrivals = [*soak.arrivals, arrived("reminder", at=BEGAN + 15)]


def remind_of_what_was_cancelled(soak: Soak) -> None:
    cancelled_by_their_own(soak)
    soak.after.notifications["late"] = prompt(
        ref="late", kind="appointment_reminder", requests=(), appointments=("appointment",)
    )
    soak.arrivals = [*soak.arrivals, arrived("late", at=BEGAN + 15)]


def cancelled_by_their_own(soak: Soak) -> None:
    trace = "left:appointment"
    soak.operations = [
        *soak.operations,
        Operation("cancel one's own", "riley", BEGAN, "other", trace, replies=[answered(302)]),
    ]
    soak.after.traces.update([trace, "act:other"])


def book_half_a_series(soak: Soak) -> None:
    soak.after.series = {"first": (4, 3)}


def silent(soak: Soak, **differs: object) -> None:
    """Add a request that nobody answered."""
    asked = prompt(ref="asked", requests=("silent",))
    lapsed = prompt(ref="lapsed", kind="lapsed", requests=("silent",))
    soak.after.notifications |= {"asked": asked, "lapsed": lapsed}
    soak.arrivals = [*soak.arrivals, arrived("asked"), arrived("lapsed")]
    soak.after.requests["silent"] = request(ref="silent", state="lapsed", settled_by="system", **differs)


def prompt_about_what_was_cancelled(soak: Soak) -> None:
    trace = "cancelled:appointment/1"
    soak.operations = [
        *soak.operations,
        Operation("cancel", "okafor", BEGAN, "other", trace, replies=[answered(302)]),
    ]
    soak.after.traces.update([trace, "act:other"])
    soak.after.requests["cancelled"] = request(ref="cancelled", state="superseded", appointment="appointment")
    soak.after.notifications["late"] = prompt(ref="late", requests=("cancelled",))
    soak.arrivals = [*soak.arrivals, arrived("late", at=BEGAN + 15)]


def hand_over_what_was_undone(soak: Soak) -> None:
    soak.after.notifications["back"] = prompt(ref="back", kind="moved", requests=(), undone=True)
    soak.arrivals = [*soak.arrivals, arrived("back")]


def lapse_while_a_time_is_held(soak: Soak) -> None:
    silent(soak, deadline_at=BEGAN + 30, settled_at=BEGAN + 100)
    soak.operations = [*soak.operations, held(answered(200, path="/choose/batch/silent/hold/"))]


def held(*replies: Reply, told: bool = True) -> Operation:
    return Operation("hold a time", "riley", BEGAN, "held", replies=list(replies), told=told)


def lapse_early(soak: Soak) -> None:
    silent(soak, deadline_at=BEGAN + 100, settled_at=BEGAN + 130)


def lapse_by_a_clock_that_is_ahead(soak: Soak) -> None:
    silent(soak, deadline_at=BEGAN + 9000, settled_at=BEGAN + 9100)


def never_lapse(soak: Soak) -> None:
    late = soak.after.at - LATEST_LAPSE - 1
    silent(soak, deadline_at=late, settled_at=None)
    soak.after.requests["silent"] = replace(soak.after.requests["silent"], state="open")


def end_twice(soak: Soak) -> None:
    soak.before.requests["request"] = request(state="declined")


def leave_a_job_stuck(soak: Soak) -> None:
    soak.after.jobs.append(Job(7, "deliver", "doing", 600.0))


def break_a_promise(soak: Soak) -> None:
    soak.after.broken["P1 no provider is double-booked"] = [(1,)]


def lose_a_record(soak: Soak) -> None:
    del soak.after.clients["kept"]
    soak.after.clients["gone"] = None


def lose_the_record_that_took_another_in(soak: Soak) -> None:
    soak.before.clients.clear()
    del soak.after.clients["kept"]


def bring_half_a_file_in(soak: Soak) -> None:
    soak.after.files = [File("file", "rows1.csv", "imported", 12, 11)]


def leave_a_row_of_what_was_taken_back(soak: Soak) -> None:
    soak.after.files = [File("file", "rows1.csv", "undone", 12, 1)]


def forget_a_file_that_was_started(soak: Soak) -> None:
    soak.after.files = [File("file", "rows1.csv", "importing", 12, 0)]


def leave_an_appointment_of_what_was_taken_back(soak: Soak) -> None:
    off = File("off", "times2.csv", "undone", 12, 1, told=True, pairs=9, confirmed=9, called_off=9)
    soak.after.files = [off]


def tell_of_a_file_where_nobody_asked_for_it(soak: Soak) -> None:
    soak.after.files = [File("told", "times1.csv", "imported", 12, 12, pairs=9, confirmed=1)]


def forget_a_client_of_a_file_that_is_told(soak: Soak) -> None:
    soak.after.files = [File("told", "times1.csv", "imported", 12, 12, told=True, pairs=9, confirmed=8)]


def take_a_file_back_and_tell_nobody(soak: Soak) -> None:
    soak.after.files = [File("off", "times2.csv", "undone", 12, 0, told=True, pairs=9, confirmed=9)]


def bring_a_row_in_otherwise(soak: Soak) -> None:
    soak.after.otherwise = ["times1.csv, row 2 came in for Client1 Harbor"]


def cross_into_the_other_practice(soak: Soak) -> None:
    soak.after.stray = ["Added1 Harbor stands in Lakeside Practice"]


def part_what_nobody_was_told_of(soak: Soak) -> None:
    """Twice, by one button: the page behind it said that it was done once."""
    pressed = Operation(
        "undo a merge", "okafor", BEGAN, "third", "parted:merge", replies=[answered(302)], told=True
    )
    soak.operations = [*soak.operations, pressed]
    soak.after.traces.update(["parted:merge", "parted:merge", "act:third"])


def stumble(soak: Soak) -> None:
    soak.complaints = ["okafor stumbled"]


WRONG: dict[Callable[[Soak], None], list[str]] = {
    lose_an_acknowledged_write: ["P13 lost", "P13 lost"],
    lose_only_the_effect: ["P13 lost"],
    double_an_effect: ["P14 doubled"],
    do_what_was_refused: ["refused, and yet done", "refused, and yet done"],
    answer_the_same_form_in_two_ways: ["P14"],
    show_an_error_page: ["an error page"],
    be_unavailable_for_no_reason: ["503"],
    forget_who_is_signed_in: ["okafor was signed in"],
    send_no_mail: ["P10"],
    never_tell_the_client: ["P9"],
    tell_the_client_twice: ["P9"],
    fail_a_mail_in_silence: ["P10"],
    drop_a_mail_that_cannot_be_obsolete: ["P10"],
    leave_a_mail_lying: ["P10"],
    lose_the_notification_of_a_mail_that_arrived: ["P13 lost"],
    send_a_mail_more_often_than_it_was_tried: ["P10"],
    remind_after_the_end: ["P11"],
    prompt_about_what_was_cancelled: ["P11"],
    remind_of_what_was_cancelled: ["P11"],
    book_half_a_series: ["P18"],
    hand_over_what_was_undone: ["P11"],
    lapse_while_a_time_is_held: ["P8"],
    lapse_early: ["P8"],
    lapse_by_a_clock_that_is_ahead: ["P8"],
    never_lapse: ["P8"],
    end_twice: ["P3"],
    leave_a_job_stuck: ["job 7"],
    break_a_promise: ["P1"],
    lose_a_record: ["P13 lost"],
    lose_the_record_that_took_another_in: ["P13 lost"],
    bring_half_a_file_in: ["P18"],
    leave_a_row_of_what_was_taken_back: ["P18"],
    forget_a_file_that_was_started: ["P13"],
    leave_an_appointment_of_what_was_taken_back: ["P18"],
    tell_of_a_file_where_nobody_asked_for_it: ["P9"],
    forget_a_client_of_a_file_that_is_told: ["P9"],
    take_a_file_back_and_tell_nobody: ["P9"],
    bring_a_row_in_otherwise: ["P18"],
    cross_into_the_other_practice: ["P17"],
    part_what_nobody_was_told_of: ["P14 doubled"],
    stumble: ["okafor stumbled"],
}


@pytest.mark.parametrize("make_wrong", WRONG, ids=lambda make_wrong: make_wrong.__name__)
def test_each_wrong_is_seen(make_wrong: Callable[[Soak], None]) -> None:
    soak = a_soak()
    make_wrong(soak)
    found = violations(soak)
    assert [sentence.startswith(word) for sentence, word in zip(found, WRONG[make_wrong], strict=True)] == [
        True for _sentence in found
    ], found


def test_what_nobody_answered_may_be_so_or_not() -> None:
    """A sending whose answer was lost may have been carried out; more than that it may not."""
    soak = a_soak()
    soak.operations = [pick(answered(503), lost=1)]
    soak.troubles = [Trouble("database killed", "1", BEGAN, BEGAN + 10)]
    for times, wrong in ((0, 0), (1, 0), (2, 1)):
        soak.after.traces = Counter({PICKED: times})
        assert len(violations(soak)) == wrong
    assert unknown(soak.operations) == soak.operations


def test_what_was_booked_for_a_record_is_found_under_the_one_it_became() -> None:
    soak = a_soak()
    booked = Operation(
        "book", "okafor", BEGAN, "other", "booked:gone@2026-12-01T15:00Z", replies=[answered(302)]
    )
    soak.operations = [*soak.operations, booked]
    soak.after.traces.update(["booked:kept@2026-12-01T15:00Z", "act:other"])
    assert violations(soak) == []


@pytest.mark.parametrize(("said", "wrong"), [(True, 1), (False, 0)])
def test_a_button_is_believed_when_the_page_behind_it_says_so(said: bool, wrong: int) -> None:
    """It leads on whatever came of it; where the page said nothing, it may be so or not."""
    soak = a_soak()
    pressed = Operation("undo", "okafor", BEGAN, "", "undone:file", replies=[answered(302)], told=said)
    soak.operations = [*soak.operations, pressed]
    assert len(violations(soak)) == wrong


def test_whoever_was_let_out_is_asked_to_sign_in() -> None:
    soak = a_soak()
    reply = answered(302, path="/home/", location="/sign-in/?next=/home/")
    kind = "read after the end of access"
    soak.operations = [*soak.operations, Operation(kind, "ada", BEGAN, replies=[reply])]
    assert violations(soak) == []


def test_a_file_that_a_job_still_brings_in_is_under_way() -> None:
    soak = a_soak()
    soak.after.files = [File("file", "rows1.csv", "importing", 12, 0)]
    soak.after.jobs = [Job(7, "import_rows", "doing", 20.0)]
    assert violations(soak) == []


def test_a_prompt_from_a_worker_that_was_paused_is_forgiven() -> None:
    """Its look was in time; then the process stood still, which no program can notice."""
    soak = a_soak()
    soak.arrivals = [arrived(at=BEGAN + 15), arrived("told")]
    soak.troubles = [Trouble("worker paused", "1", BEGAN + 9, BEGAN + 14)]
    assert violations(soak) == []


def test_a_reminder_that_was_overtaken_may_be_dropped() -> None:
    soak = a_soak()
    cancelled_by_their_own(soak)
    soak.after.series = {"first": (4, 4)}
    soak.after.notifications["reminder"] = prompt(
        ref="reminder",
        kind="appointment_reminder",
        state="obsolete",
        requests=(),
        appointments=("appointment",),
    )
    assert violations(soak) == []


def test_a_form_that_was_refused_at_first_may_be_done_when_it_is_sent_again() -> None:
    soak = a_soak()
    for refused_at in (BEGAN + 5, BEGAN + 10):  # before the other, or beside it
        soak.operations = [pick(answered(409, at=refused_at), answered(302))]
        assert violations(soak) == []


def test_a_hold_that_ended_was_let_go_or_begun_by_a_wrong_clock_keeps_no_request() -> None:
    path = "/choose/batch/silent/hold/"
    for settled_at, operations, troubles in (
        (BEGAN + 131, [held(answered(200, path=path))], []),
        (BEGAN + 100, [held(answered(200, path=path), told=False)], []),
        (BEGAN + 100, [held(answered(200, at=BEGAN + 40, path=path))], []),
        (BEGAN + 100, [held(answered(200, path=path))], [Trouble("clock jumps", "-30 s", BEGAN + 5, BEGAN + 9)]),
        (BEGAN + 100, [held(answered(200, path=path)), Operation(LET_GO, "riley", BEGAN, replies=[answered(204, path=path)])], []),
    ):  # fmt: skip
        soak = a_soak()
        silent(soak, deadline_at=BEGAN + 30, settled_at=settled_at)
        soak.operations, soak.troubles = [*soak.operations, *operations], troubles
        assert violations(soak) == []


@pytest.mark.parametrize(
    ("trace", "late"),
    [("put back:appointment/3", 0), ("reinstated:appointment/3", 0), ("reinstated:appointment/4", 1)],
)
def test_an_appointment_that_was_put_back_may_be_reminded_of(trace: str, late: int) -> None:
    soak = a_soak()
    done = [
        Operation("any", "okafor", BEGAN + at, f"key {at}", said, replies=[answered(302, at=BEGAN + 2 + at)])
        for at, said in ((0, "cancelled:appointment/2"), (5, trace))
    ]
    soak.operations = [*soak.operations, *done]
    soak.after.traces.update([one.trace for one in done] + [f"act:{one.key}" for one in done])
    soak.after.notifications["reminder"] = prompt(
        ref="reminder", kind="appointment_reminder", requests=(), appointments=("appointment",)
    )
    soak.arrivals = [*soak.arrivals, arrived("reminder", at=BEGAN + 15)]
    assert len(violations(soak)) == late


def test_unavailable_is_no_violation_while_something_is_broken() -> None:
    soak = a_soak()
    soak.operations = [pick(answered(503, at=BEGAN + 5), answered(302))]
    soak.troubles = [Trouble("database killed", "1", BEGAN + 3, BEGAN + 4)]
    assert violations(soak) == []
