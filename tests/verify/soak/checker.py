"""Holds what people were told and what arrived against what the database says in the end; each difference is a sentence."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from tests.verify.soak.found import Found, Notification, Request
from tests.verify.soak.history import Answer, Operation, Reply, Trouble
from tests.verify.soak.people import LET_GO
from tests.verify.soak.practice import HOLD
from tests.verify.soak.smtp_server import Arrival

GRACE = 60.0
"""A request lapses at the earliest this many seconds after its deadline."""
LATEST_LAPSE = 300.0
"""P8: this long after its deadline at the latest."""
ONLY_WHILE_OPEN = {"asked", "request_reminder", "deadline_moved", "suggested", "spared", "still_waiting"}
REMINDER = "appointment_reminder"
MOMENT = 2.0
"""Seconds between a commit and its answer, or a look and the hand-over, on a busy machine."""
COMMIT_LIMIT = 30.0
"""An answer is committed within this of its arrival; a refusal of the sending before it says nothing about longer ones."""
PUT_BACK, CHANGED = ("put back:", "reinstated:"), ("changed:", "cancelled:", "left:")
"""How the traces begin of what lets an appointment stand again as it was, and of what gives it another time, or none."""
HOLDING = ("hold a time", "hold it longer", LET_GO)
TOLD = {
    "moved": {"moved", "details_changed"},
    "kept": {"kept", "details_changed"},
    "declined": {"declined"},
    "lapsed": {"lapsed"},
    "withdrawn": {"withdrawn"},
}
"""What a client is told about each ending of a request."""
ENDED = {"moved", "kept", "declined", "lapsed", "withdrawn", "superseded", "void", "undone"}
AFTER_THE_END = "read after the end of access"
"""Whoever may enter no more is told so, and asked to sign in as anybody is."""
IMPORT = "import_rows"
"""The job that brings a file's rows in."""
STUCK = 150.0
"""Seconds after which a job that should run, or runs, is stuck."""


@dataclass
class Soak:
    """Everything the checker looks at. Times are real seconds; `before` is the database when the soak began."""

    began: float
    operations: Sequence[Operation]
    arrivals: Sequence[Arrival]
    troubles: Sequence[Trouble]
    before: Found
    after: Found
    complaints: Sequence[str] = field(default_factory=list)


def violations(soak: Soak) -> list[str]:
    """Return a sentence for everything that should not be."""
    return [
        *soak.complaints,
        *_effects(soak),
        *_answers(soak),
        *_mail(soak),
        *_told(soak),
        *_obsolete_mail(soak),
        *_obsolete_reminders(soak),
        *_deadlines(soak),
        *_records(soak),
        *_files(soak),
        *(f"P18: {what}" for what in soak.after.otherwise),
        *_series(soak),
        *(f"P17: {what}" for what in soak.after.stray),
        *_jobs(soak),
        *(f"{promise}: {list(rows)[:5]}" for promise, rows in soak.after.broken.items()),
    ]


def unknown(operations: Iterable[Operation]) -> list[Operation]:
    """Return what nobody ever answered."""
    return [operation for operation in operations if operation.answer is Answer.UNANSWERED]


# P13, P14: what was acknowledged is there once, what was refused is not there.


def _effects(soak: Soak) -> Iterator[str]:
    """Hold each trace's number of acknowledged operations against how often the database has it."""
    done: Counter[str] = Counter()
    possible: Counter[str] = Counter()
    for operation in soak.operations:
        for trace in _by_record(_traces_of(operation), soak):
            done[trace] += operation.answer is Answer.DONE
            possible[trace] += operation.may_be_so
    there, before = (_by_record(found.traces, soak) for found in (soak.after, soak.before))
    for trace in sorted(done.keys() | possible.keys()):
        new = there[trace] - before[trace]
        if new < done[trace]:
            yield f"P13 lost: {trace} was acknowledged {done[trace]} times and is there {new} times{_sent(trace, soak)}"
        elif new > done[trace] + possible[trace]:
            word = "P14 doubled" if done[trace] else "refused, and yet done"
            yield f"{word}: {trace} was acknowledged {done[trace]} times and is there {new} times{_sent(trace, soak)}"


def _sent(trace: str, soak: Soak) -> str:
    """Return who sent what should leave a trace, with each answer's status and when it came, to look for the fault with."""
    return "".join(
        f"; {operation.kind} of {operation.who}, lost {operation.lost}: "
        + ", ".join(f"{reply.status} at {reply.ended:.3f}" for reply in operation.replies)
        for operation in soak.operations
        if trace in _by_record(_traces_of(operation), soak)
    )


def _by_record(traces: Iterable[str], soak: Soak) -> Counter[str]:
    """Return traces with whatever was booked for a record that became part of another told of that one."""
    told: Counter[str] = Counter()
    counted = traces if isinstance(traces, Counter) else Counter(traces)
    for trace, times in counted.items():
        word, _colon, rest = trace.partition(":")
        ref, at, start = rest.partition("@")
        of_client = word in ("booked", "series")
        told[f"{word}:{_record_now(ref, soak)}{at}{start}" if of_client else trace] += times
    return told


def _record_now(ref: str, soak: Soak) -> str:
    while became := soak.after.clients.get(ref):
        ref = became
    return ref


def _traces_of(operation: Operation) -> list[str]:
    traces = [operation.trace] if operation.trace else []
    return traces + ([f"act:{operation.key}"] if operation.key and operation.trace else [])


# What people were answered.


def _answers(soak: Soak) -> Iterator[str]:
    for operation in soak.operations:
        for reply in operation.replies if operation.kind != AFTER_THE_END else []:
            if reply.status == 500:
                yield f"an error page at {_shape(reply.path)} for {operation.who} ({operation.kind})"
            elif reply.status >= 502 and not _excused(soak.troubles, reply.began, reply.ended):
                yield f"{reply.status} at {_shape(reply.path)} for {operation.who}, and nothing was broken"
            elif reply.status in (400, 403, 405, 413, 429):
                yield f"{reply.status} at {_shape(reply.path)} for {operation.who} ({operation.kind})"
            elif reply.asks_to_sign_in:
                yield f"{operation.who} was signed in and is asked to sign in again at {_shape(reply.path)}"
        if operation.key and (otherwise := operation.answered_otherwise):
            yield f"P14: {operation.kind} of {operation.who} was done, and sent again {[reply.status for reply in otherwise]}: {operation.trace}"


def _excused(troubles: Iterable[Trouble], began: float, ended: float) -> bool:
    """Whether something was broken shortly before or during a request."""
    return any(trouble.began <= ended and began <= trouble.ended + COMMIT_LIMIT for trouble in troubles)


def _shape(path: str) -> str:
    """Return a path without what is private in it."""
    return "/".join(part if len(part) < 20 else "…" for part in path.split("?")[0].split("/"))


# P10: whoever is to be told is told.


def _mail(soak: Soak) -> Iterator[str]:
    arrived: dict[str, list[Arrival]] = defaultdict(list)
    for arrival in soak.arrivals:
        arrived[arrival.ref].append(arrival)
    for ref, arrivals in arrived.items():
        notification = soak.after.notifications.get(ref)
        if notification is None:
            yield f"P13 lost: a message arrived for {arrivals[0].to}, and its notification {ref} is gone"
        elif len(arrivals) > notification.attempts:
            yield f"P10: {ref} ({notification.kind}) arrived {len(arrivals)} times in {notification.attempts} attempts"
    for ref, notification in soak.after.notifications.items():
        if ref not in soak.before.notifications or soak.before.notifications[ref].state == "waiting":
            yield from _of_one(notification, arrived.get(ref, []), now=soak.after.at)


NAMES_NO_APPOINTMENT = {"sign_in_code", "invitation"}
"""These end without a task: whoever waits for one asks again."""
ABOUT_SECOND_STEPS = {"second_factor_changed", "second_factor_reset"}
"""The same: that one could not be delivered stands on the page of people, and on their person's own."""


def _of_one(notification: Notification, arrivals: Sequence[Arrival], *, now: float) -> Iterator[str]:
    named = f"{notification.ref} ({notification.kind})"
    if notification.channel != "email":
        return
    if notification.state == "handed_over" and not arrivals:
        yield f"P10: {named} counts as handed over and never arrived"
    if (
        notification.state == "failed"
        and not notification.tasks
        and notification.kind not in NAMES_NO_APPOINTMENT | ABOUT_SECOND_STEPS
    ):
        yield f"P10: {named} failed and no task says so"
    may_be_overtaken = ONLY_WHILE_OPEN | NAMES_NO_APPOINTMENT | {REMINDER}
    overtaken = notification.kind in may_be_overtaken or notification.by_a_person or notification.undone
    if notification.state == "obsolete" and not overtaken:
        yield f"P10: {named} was dropped as obsolete, and it cannot be"
    if notification.state == "waiting" and now - notification.due_at > STUCK:
        yield f"P10: {named} has been due for {now - notification.due_at:.0f} s"


def _told(soak: Soak) -> Iterator[str]:
    """Each request was asked, and each of its endings told, in exactly one e-mail to the client."""
    told: Counter[tuple[str, str]] = Counter()
    for notification in soak.after.notifications.values():
        if notification.channel == "email" and notification.for_client:
            told.update((request, notification.kind) for request in notification.requests)
    for request in soak.after.requests.values():
        for moments in ({"asked"}, TOLD.get(request.state, set())):
            times = sum(told[request.ref, kind] for kind in moments)
            if moments and times != 1:
                yield f"P9: the client was told {times} times that request {request.ref} is {min(moments)}"


# P11: no prompt after the end.


def _obsolete_mail(soak: Soak) -> Iterator[str]:
    ended = _ends(soak)
    for arrival in soak.arrivals:
        notification = soak.after.notifications.get(arrival.ref)
        if notification is not None and notification.undone:
            yield f"P11: {arrival.ref} ({notification.kind}) was handed over, and what it tells of was undone"
        if notification is None or notification.kind not in ONLY_WHILE_OPEN or not notification.requests:
            continue
        over = [ended.get(ref, float("inf")) for ref in notification.requests]
        if arrival.began > max(over) + MOMENT and not _paused(soak.troubles, max(over), arrival.began):
            late = arrival.began - max(over)
            yield f"P11: {arrival.ref} ({notification.kind}) was handed over {late:.1f} s after the end of its requests"


def _obsolete_reminders(soak: Soak) -> Iterator[str]:
    """Nobody is reminded of an appointment once it was moved or canceled: of its new time they have only just heard."""
    overtaken = _overtaken(soak)
    for arrival in soak.arrivals:
        notification = soak.after.notifications.get(arrival.ref)
        if notification is None or notification.kind != REMINDER:
            continue
        changes = (at for ref in notification.appointments for at in overtaken[ref])
        late = _since_a_change(arrival.began, changes)
        if late > MOMENT and not _paused(soak.troubles, arrival.began - late, arrival.began):
            yield f"P11: {arrival.ref} ({REMINDER}) was handed over {late:.1f} s after its appointment had changed"


Stretch = tuple[float, float]


def _overtaken(soak: Soak) -> dict[str, list[Stretch]]:
    """Return from when until when appointments had surely another time, or none: until somebody may have put them back."""
    found: dict[str, list[Stretch]] = defaultdict(list)
    back = [
        (*_appointment_in(operation.trace), operation.began)
        for operation in soak.operations
        if operation.trace.startswith(PUT_BACK)
    ]
    for operation in soak.operations:
        if operation.trace.startswith(CHANGED) and operation.answer is Answer.DONE:
            ref, sequence = _appointment_in(operation.trace)
            # What puts it back counts its sequence on by one; of a client's own cancellation the trace names none.
            until = (
                at
                for one, after, at in back
                if one == ref and at > operation.began and (sequence is None or after == sequence + 1)
            )
            found[ref].append((operation.acknowledged_at, min(until, default=float("inf"))))
    return found


def _appointment_in(trace: str) -> tuple[str, int | None]:
    """Return which appointment a trace names, and its sequence where it has one."""
    ref, _slash, sequence = trace.partition(":")[2].partition("@")[0].partition("/")
    return ref, int(sequence) if sequence else None


def _since_a_change(at: float, changes: Iterable[Stretch]) -> float:
    """Return how many seconds ago an appointment had surely changed that nobody had put back; negative when none had."""
    return max((at - since for since, until in changes if at < until), default=-1.0)


def _series(soak: Soak) -> Iterator[str]:
    for ref, (told, there) in soak.after.series.items():
        if told != there:
            yield f"P18: a series of {told} was booked with {ref}, and {there} of them are there"


def _ends(soak: Soak) -> dict[str, float]:
    """Return when each request had surely ended: its ending was acknowledged, or the sweep had long committed it."""
    ends: dict[str, float] = {}
    for operation in soak.operations:
        if operation.answer is Answer.DONE:
            for ref in operation.ends:
                ends[ref] = min(ends.get(ref, float("inf")), operation.acknowledged_at)
    cancelled = _cancellations(soak)
    for request in soak.after.requests.values():
        if request.state == "superseded" and request.settled_at is not None:
            # By the one that was acknowledged after it: an appointment that was put back may have been cancelled before.
            its_own = (at for at in cancelled[request.appointment] if at > request.settled_at - MOMENT)
            ends[request.ref] = min(ends.get(request.ref, float("inf")), min(its_own, default=float("inf")))
        if request.state == "lapsed" and request.settled_at is not None:
            ends.setdefault(request.ref, request.settled_at + COMMIT_LIMIT)
    return ends


def _cancellations(soak: Soak) -> dict[str, list[float]]:
    """Return when appointments were surely cancelled, and with them whatever was asked about them."""
    found: dict[str, list[float]] = defaultdict(list)
    for operation in soak.operations:
        if operation.trace.startswith("cancelled:") and operation.answer is Answer.DONE:
            ref = operation.trace.removeprefix("cancelled:").split("/")[0]
            found[ref].append(operation.acknowledged_at)
    return found


def _paused(troubles: Iterable[Trouble], since: float, until: float) -> bool:
    """Whether a worker stood still in between: its look may be older than its hand-over."""
    return any(
        trouble.kind == "worker paused" and trouble.began <= until and since <= trouble.ended + MOMENT
        for trouble in troubles
    )


# P8: nothing lapses early, nothing stays open.


def _deadlines(soak: Soak) -> Iterator[str]:
    held = _held(soak)
    for request in soak.after.requests.values():
        if request.state == "lapsed" and request.settled_at is not None:
            began = [at for at, told_at in held[request.ref] if told_at < request.deadline_at]
            if any(at < request.settled_at < at + HOLD.total_seconds() for at in began):
                yield f"P8: request {request.ref} lapsed while a time was held that was chosen before its deadline"
            if request.settled_at < request.deadline_at + GRACE:
                yield f"P8: request {request.ref} lapsed {request.deadline_at + GRACE - request.settled_at:.0f} s early"
            if request.settled_at > soak.after.at:
                yield f"P8: request {request.ref} lapsed by a clock that was ahead"
        if _is_overdue(request, now=soak.after.at):
            yield f"P8: request {request.ref} is open {soak.after.at - request.deadline_at:.0f} s after its deadline"
        before = soak.before.requests.get(request.ref)
        if before is not None and before.state in ENDED and before != request:
            yield f"P3: request {request.ref} had ended and was changed"


def _held(soak: Soak) -> dict[str, list[Stretch]]:
    """Return of each request when times were held for it, as sent and as answered; none of one whose client let a time go.

    A server whose clock is wrong begins and ends a hold by that clock.
    """
    held: dict[str, list[Stretch]] = defaultdict(list)
    let_go = set()
    for operation in soak.operations:
        if operation.kind not in HOLDING:
            continue
        for reply in operation.replies:
            ref = reply.path.split("/")[3]
            if operation.kind == LET_GO:
                let_go.add(ref)
            elif operation.told and not _clock_is_wrong(soak.troubles, reply):
                held[ref].append((reply.began, reply.ended))
    for ref in let_go:
        held.pop(ref, None)
    return held


def _clock_is_wrong(troubles: Iterable[Trouble], reply: Reply) -> bool:
    return any(
        trouble.kind == "clock jumps"
        and trouble.began <= reply.ended
        and reply.began <= trouble.ended + MOMENT
        for trouble in troubles
    )


def _is_overdue(request: Request, *, now: float) -> bool:
    """Whether an open request should have ended by now."""
    over = max(request.deadline_at, request.held_until or 0.0) + LATEST_LAPSE
    return request.state == "open" and request.needs_provider is None and now > over


# Records and files: nobody is lost, and what came together stays together.


def _records(soak: Soak) -> Iterator[str]:
    for ref in sorted(soak.before.clients.keys() - soak.after.clients.keys()):
        yield f"P13 lost: the record {ref} was there when the soak began"
    for ref, became in soak.after.clients.items():
        if became is not None and became not in soak.after.clients:
            yield f"P13 lost: {ref} became part of {became}, which is not there"


def _files(soak: Soak) -> Iterator[str]:
    for file in soak.after.files:
        named = f"{file.name} ({file.ref})"
        expected = file.rows if file.state == "imported" else 0
        if file.there != expected:
            yield f"P18: {named} is {file.state} with {file.rows} rows, and {file.there} of what they name are there"
        if file.confirmed != (file.pairs if file.told else 0):
            yield f"P9: {file.confirmed} clients were told that {named} came in, of {file.pairs} it names, told: {file.told}"
        if file.called_off != (file.pairs if file.told and file.state == "undone" else 0):
            yield f"P9: {file.called_off} clients were told that {named} is off, of {file.pairs}; it is {file.state}"
        if file.state == "importing" and not any(job.task == IMPORT for job in soak.after.jobs):
            yield f"P13: {named} is to come in, and nothing brings it"


def _jobs(soak: Soak) -> Iterator[str]:
    for job in soak.after.jobs:
        if job.waits > STUCK:
            yield f"job {job.number} ({job.task}) is stuck: {job.status} for {job.waits:.0f} s"
