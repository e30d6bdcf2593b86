"""What the law says of the passing of time: endings by silence, reminders, and the way of each message to its reader."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

from tests.verify.model.answers_law import cancel, settle
from tests.verify.model.law import (
    ATTEMPT_TAKES,
    CLAIMS_KEPT,
    GRACE,
    HAND_OVER_LIMIT,
    HAND_OVER_SLACK,
    LEAD,
    OUTAGE_TOLD_ABOVE,
    REMINDERS_OF_APPOINTMENTS,
    TELL_AGAIN_AFTER,
    is_night,
    next_morning,
    no_later_than_the_lead,
    pause_after,
    reminders,
)
from tests.verify.model.notifications_law import (
    ONLY_UNTIL_THE_DEADLINE,
    ONLY_WHILE_OPEN,
    SMS,
    is_urgent,
    notify,
)
from tests.verify.model.records_law import forget_files
from tests.verify.model.series_law import go_on
from tests.verify.model.world import SYSTEM, Asked, Note, Task, Try, World

NOTHING = timedelta(0)


def sweep(world: World, *, now: datetime) -> None:
    lapsed: dict[int, list[Asked]] = defaultdict(list)
    for asked in world.waiting():
        ending = _brought(world, asked, now=now)
        if ending == "void":
            _void(world, asked, now=now)
        elif ending == "lapse":
            _lapse(world, asked, now=now)
            lapsed[asked.batch.number].append(asked)
        elif ending is not None:
            _wait(world, asked, ending, now=now)
    for together in lapsed.values():
        listed = [(asked.session, asked) for asked in together]
        notify(world, "lapsed", listed, by=SYSTEM, now=now, batch=together[0].batch)
    _remind(world, now=now)
    _tell_of_waiting(world, now=now)
    _tell_of_slow_hand_overs(world, now=now)
    _remind_of_appointments(world, now=now)
    go_on(world, now=now)
    _prune_claims(world, now=now)
    forget_files(world, now=now)


def sweep_while_away(world: World, *, now: datetime) -> None:
    """While no page can be opened nothing of a client's ends, and nobody is reminded of a deadline."""
    _tell_of_waiting(world, now=now)
    _tell_of_slow_hand_overs(world, now=now)
    _remind_of_appointments(world, now=now)
    go_on(world, now=now)
    _prune_claims(world, now=now)
    forget_files(world, now=now)


def _prune_claims(world: World, *, now: datetime) -> None:
    for session in world.sessions:
        session.pruned = session.pruned or session.end < now - CLAIMS_KEPT


def give_back(world: World, *, began: datetime, now: datetime) -> None:
    """Give everybody the time back that an outage until `now` took: as much is left as before it, as far as the start allows."""
    clients: dict[int, list[Asked]] = defaultdict(list)
    providers: dict[int, list[Asked]] = defaultdict(list)
    for asked in sorted(world.waiting(), key=lambda one: one.deadline):
        if (taken := _taken(asked, began=began, now=now)) > NOTHING:
            former = asked.deadline
            asked.deadline = no_later_than_the_lead(former, former + taken, start=asked.start)
            given = asked.deadline - former
            asked.session.events.append("outage")
            asked.given_back = (asked.given_back or NOTHING) + given if given else asked.given_back
            asked.lost = (asked.lost or NOTHING) + taken - given if taken > given else asked.lost
            if given and asked.waits_for is None:
                asked.reminded_until = now
            if given and taken > OUTAGE_TOLD_ABOVE:
                clients[asked.batch.number].append(asked)
                providers[asked.session.provider].append(asked)
    for together in clients.values():
        listed = [(asked.session, asked) for asked in together]
        batch = together[0].batch
        notify(world, "outage", listed, by=SYSTEM, now=now, batch=batch, provider_too=False)
    for together in providers.values():
        listed = [(asked.session, asked) for asked in together]
        notify(world, "outage", listed, by=SYSTEM, now=now, client_too=False)


def _taken(asked: Asked, *, began: datetime, now: datetime) -> timedelta:
    """Return the part of an outage in which the client's time was running: what came before the hand-over is given back with it."""
    if asked.handed_over_at is None or asked.deadline <= began:
        return NOTHING
    late = asked.handed_over_at - asked.asked_at > HAND_OVER_SLACK
    since = max(began, asked.handed_over_at if late else asked.asked_at)
    return max(now - since, NOTHING)


def _brought(world: World, asked: Asked, *, now: datetime) -> str | None:
    """Return what `now` brings: void, lapse, why it waits for the provider, or nothing yet."""
    if now >= asked.start:
        return "void"
    # A time that was held before the deadline keeps its request until it ends.
    kept = (one.expires_at for one in world.holds if one.about is asked and one.began_at < asked.deadline)
    if asked.waits_for is not None or now < max([asked.deadline, *kept]) + GRACE:
        return None
    if asked.handed_over_at is None or asked.handed_over_at >= asked.deadline:
        return "not_handed_over"
    if world.people[asked.session.client].never_cancelled_by_silence:
        return "do_not_auto_cancel"
    if asked.spared:
        return "spared"
    if asked.lost:
        return "outage"
    return "swept_too_late" if now >= asked.start - LEAD / 2 else "lapse"


def _void(world: World, asked: Asked, *, now: datetime) -> None:
    settle(world, asked, "void", by=SYSTEM, now=now)
    asked.session.events.append("void")
    world.tasks.add(Task("what_happened", asked.session.provider, asked.session.client, asked.number))


def _lapse(world: World, asked: Asked, *, now: datetime) -> None:
    why = "reschedule_no_time" if asked.help_at else "reschedule_unanswered"
    settle(world, asked, "lapsed", by=SYSTEM, now=now)
    cancel(world, asked.session, why, "lapsed", by=SYSTEM, now=now, offer=True)
    if asked.session.kind.intake:
        world.tasks.add(Task("intake_lapsed", asked.session.provider, asked.session.client, asked.number))


def _wait(world: World, asked: Asked, why: str, *, now: datetime) -> None:
    asked.waits_for, asked.waits_since = why, now
    asked.session.events.append("needs_provider")
    world.tasks.add(Task("needs_provider", asked.session.provider, asked.session.client, asked.number))


def _remind(world: World, *, now: datetime) -> None:
    groups: dict[tuple[int, bool, bool], list[Asked]] = defaultdict(list)
    for asked in world.waiting():
        zone = world.people[asked.session.client].zone
        planned = reminders(asked.deadline, prompted_at=asked.prompted_at, zone=zone)
        since, asked.reminded_until = asked.reminded_until or asked.asked_at, now
        due = [email_only for at, email_only in planned if since < at <= now]
        if due and asked.handed_over_at is not None and asked.waits_for is None and now < asked.deadline:
            asked.reminders_sent += 1
            last = not any(at > now for at, _email_only in planned)
            groups[asked.batch.number, due[-1], last].append(asked)
    for (_batch, email_only, last), together in groups.items():
        listed = [(asked.session, asked) for asked in together]
        notify(
            world,
            "request_reminder",
            listed,
            by=SYSTEM,
            now=now,
            batch=together[0].batch,
            email_only=email_only,
            provider_too=last,
        )


def _remind_of_appointments(world: World, *, now: datetime) -> None:
    """Two days and two hours before, by day; nobody of what is asked about, nor who can't be reached."""
    for session in world.live():
        look = session.next_look
        if look is None or look > now:
            continue
        assert session.told_at is not None
        person = world.people[session.client]
        planned = reminders(
            session.start, prompted_at=session.told_at, zone=person.zone, before=REMINDERS_OF_APPOINTMENTS
        )
        session.next_look = next((at for at, _email_only in planned if at > now), None)
        due = [email_only for at, email_only in planned if look <= at <= now]
        stands = now < session.start and world.open_request(session) is None
        if due and stands and person.wants_reminders and (person.email or person.texts):
            notify(world, "appointment_reminder", [(session, None)], by=SYSTEM, now=now, email_only=due[-1])


def _tell_of_slow_hand_overs(world: World, *, now: datetime) -> None:
    for asked in world.waiting():
        slow = asked.handed_over_at is None and now - asked.asked_at >= HAND_OVER_LIMIT
        slow = slow and not _waits_for_morning(world, asked, now=now)
        if slow and asked.number not in world.told_as_slow:
            world.told_as_slow.add(asked.number)
            world.tasks.add(Task("not_delivered", asked.session.provider, asked.session.client, asked.number))


def _waits_for_morning(world: World, asked: Asked, *, now: datetime) -> bool:
    """A text that may not go at night, to a client whom nothing else reaches, is late a quarter of an hour after it may."""
    prompts = [
        note
        for note in world.notes
        if note.kind == "asked" and note.to[0] == "client" and asked in [one for _row, one in note.listed]
    ]
    return bool(prompts) and all(
        note.state == "waiting" and not note.attempts and note.due_at > now - HAND_OVER_LIMIT
        for note in prompts
    )


def _tell_of_waiting(world: World, *, now: datetime) -> None:
    """From two hours before the start on, or since it waits, provider and managers are told each half hour until it begins."""
    told: dict[int, list[Asked]] = defaultdict(list)
    for asked in world.waiting():
        if asked.waits_for is None or asked.waits_since is None or now >= asked.start:
            continue
        first = max(asked.start - LEAD, asked.waits_since)
        moment = first + (now - first) // TELL_AGAIN_AFTER * TELL_AGAIN_AFTER
        if now >= first and (asked.told_of_waiting_at is None or asked.told_of_waiting_at < moment):
            asked.told_of_waiting_at = moment
            told[asked.batch.number].append(asked)
    for together in told.values():
        listed = [(asked.session, asked) for asked in together]
        notify(world, "still_waiting", listed, by=SYSTEM, now=now)


def is_obsolete(world: World, note: Note, *, now: datetime) -> bool:
    """A prompt or reminder has no point once what it asks for is settled, or its time is over; nor one of another time."""
    if note.kind == "appointment_reminder":
        [(session, _asked)] = note.listed
        stands = session.status == "scheduled" and now < session.start == note.start
        wanted = world.people[note.to[1]].wants_reminders
        return not stands or not wanted or world.open_request(session) is not None
    if note.kind not in ONLY_WHILE_OPEN:
        return False
    waiting = [asked for _session, asked in note.listed if asked is not None and asked.open]
    if note.kind in ONLY_UNTIL_THE_DEADLINE:
        waiting = [asked for asked in waiting if asked.deadline > now]
    if note.kind == "suggested":
        # All may have been taken back since: then there is nothing to tell of.
        waiting = [asked for asked in waiting if world.suggested_in(asked.batch)]
    if note.kind == "still_waiting":
        waiting = [asked for asked in waiting if asked.waits_for is not None]
    return not waiting


def begin_attempt(world: World, note: Note, *, now: datetime) -> Try | None:
    """Return the attempt when there is something to hand over; else the note has had its end, or waits for the morning."""
    if is_obsolete(world, note, now=now):
        note.state = "obsolete"
        return None
    if any(earlier.at > note.give_up_at for earlier in note.tries) or not _has_address(world, note):
        fail(world, note)
        return None
    may_go_at = _paused_until(note)
    if note.channel == SMS and not _may_go(world, note, now=now):
        may_go_at = max(may_go_at, next_morning(now, world.people[note.to[1]].zone))
    if may_go_at > now:
        note.due_at = may_go_at
        for earlier in note.tries:
            earlier.done = True
        return None
    note.attempts += 1
    note.due_at = now + ATTEMPT_TAKES
    for earlier in note.tries:
        earlier.done = True
    note.tries.append(Try(note, now))
    return note.tries[-1]


def _paused_until(note: Note) -> datetime:
    """A message of which more than one process died in the middle waits longer each time."""
    died = any(not earlier.done for earlier in note.tries)
    return note.due_at + pause_after(note.attempts - 1) if died and note.attempts > 1 else note.due_at


def may_still_go(world: World, attempt: Try, *, now: datetime) -> bool:
    """Return whether the words may leave: nobody took the attempt over, and they have a point."""
    return (
        not attempt.done and attempt.note.state == "waiting" and not is_obsolete(world, attempt.note, now=now)
    )


def drop_attempt(attempt: Try) -> None:
    """What may not go any more is at its end; one that somebody else took over is theirs to end."""
    if not attempt.done:
        attempt.note.tries.remove(attempt)
        attempt.note.state = "obsolete" if attempt.note.state == "waiting" else attempt.note.state


def _has_address(world: World, note: Note) -> bool:
    kind, who = note.to
    person = world.people.get(who)
    return kind != "client" or person is None or (person.texts if note.channel == SMS else person.email)


def _may_go(world: World, note: Note, *, now: datetime) -> bool:
    zone = world.people[note.to[1]].zone
    meant_for_the_night = is_night(note.made_at, zone) and note.due_at == note.made_at
    return not is_night(now, zone) or meant_for_the_night or is_urgent(note.kind, note.listed, now)


def end_attempt(world: World, attempt: Try, outcome: str, *, now: datetime) -> None:
    note, taken_over, attempt.done = attempt.note, attempt.done, True
    if outcome == "accepted" and note.kind == "asked":
        for _session, asked in note.listed:
            if asked is not None and asked.open and asked.handed_over_at is None:
                hand_over(world, asked, now=now)
    if note.state != "waiting" or (taken_over and outcome != "accepted"):
        return
    if outcome == "accepted":
        note.state = "handed_over"
    elif outcome == "refused":
        fail(world, note)
    else:
        again_at = now + pause_after(note.attempts)
        if again_at > note.give_up_at:
            fail(world, note)
        else:
            note.due_at = again_at


def hand_over(world: World, asked: Asked, *, now: datetime) -> None:
    """The client's time begins: a delay of more than five minutes is given back."""
    delay = now - asked.asked_at
    later = asked.deadline
    if delay > HAND_OVER_SLACK:
        later = no_later_than_the_lead(asked.deadline, asked.deadline + delay, start=asked.start)
    moved, asked.deadline, asked.handed_over_at = later != asked.deadline, later, now
    provider, client = asked.session.provider, asked.session.client
    world.tasks.discard(Task("not_delivered", provider, client, asked.number))
    if moved:
        asked.session.events.append("deadline_moved")
        if asked.waits_for == "not_handed_over" and asked.deadline > now:
            asked.waits_for = asked.waits_since = None
    if asked.waits_for is None:
        world.tasks.discard(Task("needs_provider", provider, client, asked.number))


def fail(world: World, note: Note) -> None:
    note.state = "failed"
    prompts = [asked for _session, asked in note.listed if asked is not None and note.kind == "asked"]
    provider, client = note.concerns
    client = note.listed[0][0].client if note.listed else client
    request = prompts[0].number if prompts else None
    world.tasks.add(Task("not_delivered", provider, client, request, note.number))
    if request is not None:
        world.told_as_slow.add(request)
