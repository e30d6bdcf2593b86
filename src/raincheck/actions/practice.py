"""Changing what a practice offers and by which rules. Existing appointments and open requests stay as they are."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from raincheck.actions.access.read_log import record_event
from raincheck.actions.appointments.claims import claim_room
from raincheck.actions.appointments.shared_rooms import tell_of_shared_room
from raincheck.actions.engine.locks import lock
from raincheck.actions.engine.runner import Answer
from raincheck.data.models import Appointment, AppointmentType, Place, Practice, PracticeHistory, Provider
from raincheck.data.practice import changes_at_place, changes_of_practice, changes_of_type
from raincheck.domain.access.events import Event
from raincheck.domain.appointments.lifecycle import PlaceKind
from raincheck.domain.people import Actor
from raincheck.domain.policy import (
    ANSWER_COMMIT_LIMIT,
    RANGES,
    SWITCHES,
    OneADay,
    chosen_in,
    latest_ask,
    refuse_unless_sound,
    with_lengths,
    with_switches,
)
from raincheck.domain.practice import (
    KindIsFixed,
    PlaceDetails,
    PlaceGone,
    PracticeDetails,
    PracticeEvent,
    SettingsChangedMeanwhile,
    TypeDetails,
    TypeGone,
    sound_details,
    sound_place,
    sound_type,
)
from raincheck.domain.refusals import Refusal
from raincheck.notifications.formats import duration

Change = dict[str, list[int | str]]
"""By field what it was and what it is; under `words` the fields whose words changed."""
WORDS = {"name", "address", "sender_name", "reply_to", "phone", "urgent_help", "greeting"}
"""What people wrote: the history says that it changed, never what it was."""
RULES_OF_OPEN_TIMES = {"pick_notice", "horizon", "one_a_day"}
"""The rules by which the times of open requests are found."""


def add_type(practice_id: int, *, details: TypeDetails, by: Actor, now: datetime) -> Answer:
    """Offer another appointment type. No two of a practice have one name."""
    practice = _locked(practice_id)
    kind = AppointmentType(practice=practice)
    change = _take_on(kind, sound_type(details))
    kind.save(force_insert=True)
    _record(practice, PracticeEvent.TYPE_ADDED, change, by=by, now=now, type=kind)
    return {"type": str(kind.ref)}


def change_type(
    ref: UUID, *, practice_id: int, details: TypeDetails, seen: int, by: Actor, now: datetime
) -> Answer:
    """Change an appointment type for new bookings; what is booked keeps its length and buffers.

    `seen` is how many changes of this type there were when the form was made: SettingsChangedMeanwhile when there are more
    by now. Its kind stays once something was booked as it.
    """
    practice = _locked(practice_id)
    kind = AppointmentType.objects.filter(practice=practice_id, ref=ref).first()
    if kind is None:
        raise TypeGone
    _refuse_unless_seen(seen, changes_of_type(kind))
    if details.kind != kind.kind and Appointment.objects.filter(type=kind).exists():
        raise KindIsFixed
    change = _take_on(kind, sound_type(details))
    if change:
        kind.save(
            update_fields=[
                "name",
                "kind",
                "length",
                "buffer_before",
                "buffer_after",
                "offered",
                "silence_cancels",
                "for_medicine",
                "may_be_by_video",
            ]
        )
        _record(practice, PracticeEvent.TYPE_CHANGED, change, by=by, now=now, type=kind)
    return {"type": str(kind.ref)}


def add_place(practice_id: int, *, details: PlaceDetails, by: Actor, now: datetime) -> Answer:
    """Offer another place. No two of a practice have one name."""
    practice = _locked(practice_id)
    place = Place(practice=practice)
    change = _take_on(place, sound_place(details))
    place.save(force_insert=True)
    _record(practice, PracticeEvent.PLACE_ADDED, change, by=by, now=now, place=place)
    return {"place": str(place.ref)}


def change_place(
    ref: UUID, *, practice_id: int, details: PlaceDetails, seen: int, by: Actor, now: datetime
) -> Answer:
    """Change a place, or offer it no more; `seen` as in `change_type`.

    Its kind stays: sessions booked there are on a screen, or in a room. Where it holds one session at a time from now on,
    those that overlap stand, and each is a task.
    """
    practice = _locked(practice_id)
    place = Place.objects.filter(practice=practice_id, ref=ref).first()
    if place is None:
        raise PlaceGone
    _refuse_unless_seen(seen, changes_at_place(place))
    # The kind of the row, whatever the form says.
    sound = sound_place(replace(details, kind=PlaceKind(place.kind)))
    if sound.one_at_a_time != place.one_at_a_time:
        # Nobody books anywhere in the practice meanwhile, so that no claim is written by what the place was before.
        lock(providers=Provider.objects.filter(practice=practice).values_list("pk", flat=True))
    change = _take_on(place, sound)
    if change:
        place.save(update_fields=["name", "zone", "address", "offered", "one_at_a_time"])
        if "one_at_a_time" in change:
            claim_room(place, now=now)
            tell_of_shared_room(place, now=now)
            practice.look_again_at = now + ANSWER_COMMIT_LIMIT
            practice.save(update_fields=["look_again_at"])
        _record(practice, PracticeEvent.PLACE_CHANGED, change, by=by, now=now, place=place)
    return {"place": str(place.ref)}


def set_rules(
    practice_id: int,
    *,
    rules: Mapping[str, timedelta],
    switches: Mapping[str, bool] | None = None,
    one_a_day: OneADay | None = None,
    seen: int,
    by: Actor,
    now: datetime,
) -> Answer:
    """Give a practice other booking rules and switches, by name; what is not named stays. No open deadline moves.

    The times that open requests can choose from are looked at again by the sweep, a few providers at a time. A refusal
    says the lengths that are allowed in words.
    """
    practice = _locked(practice_id)
    _refuse_unless_seen(seen, changes_of_practice(practice_id))
    former = practice.rules
    policy = with_switches(with_lengths(former, rules), switches or {})
    policy = replace(policy, one_a_day=one_a_day or former.one_a_day)
    try:
        refuse_unless_sound(policy)
    except Refusal as refusal:
        # The rule compares lengths; how they are said in words is no business of the domain.
        refusal.values |= {name: duration(getattr(policy, name)) for name in RANGES}
        refusal.values["latest_ask"] = duration(latest_ask(policy))
        allowed = RANGES[refusal.field or ""]
        refusal.values |= {"least": duration(allowed.least), "most": duration(allowed.most)}
        raise
    change: Change = {
        name: [_code(getattr(former, name)), _code(getattr(policy, name))]
        for name in (*RANGES, *SWITCHES, "one_a_day")
        if getattr(former, name) != getattr(policy, name)
    }
    if not change:
        return {"practice": str(practice.ref)}
    # Only what differs: who never chose goes along when a default changes.
    practice.policy = chosen_in(policy)
    if change.keys() & RULES_OF_OPEN_TIMES:
        # Whoever looks later than this must see the new rules: by then they are committed, or refused as too late.
        practice.look_again_at = now + ANSWER_COMMIT_LIMIT
    practice.save(update_fields=["policy", "look_again_at"])
    _record(practice, PracticeEvent.RULES_CHANGED, change, by=by, now=now)
    return {"practice": str(practice.ref)}


def set_details(practice_id: int, *, details: PracticeDetails, seen: int, by: Actor, now: datetime) -> Answer:
    """Change what messages carry of a practice; `seen` as in `change_type`, of the practice's own changes."""
    practice = _locked(practice_id)
    _refuse_unless_seen(seen, changes_of_practice(practice_id))
    change = _take_on(practice, sound_details(details))
    if change:
        practice.save(
            update_fields=["name", "sender_name", "reply_to", "phone", "urgent_help", "greeting", "zone"]
        )
        _record(practice, PracticeEvent.DETAILS_CHANGED, change, by=by, now=now)
    return {"practice": str(practice.ref)}


def _locked(practice_id: int) -> Practice:
    return lock(practices=[practice_id]).practices[practice_id]


def _refuse_unless_seen(seen: int, changes: int) -> None:
    if seen != changes:
        raise SettingsChangedMeanwhile


def _take_on(
    row: AppointmentType | Place | Practice, details: TypeDetails | PlaceDetails | PracticeDetails
) -> Change:
    """Write the details into the row and return what that changed."""
    change: Change = {}
    words: list[int | str] = []
    for name in details.__dataclass_fields__:
        former, said = getattr(row, name), getattr(details, name)
        if former == said:
            continue
        setattr(row, name, said)
        if name in WORDS:
            words.append(name)
        else:
            change[name] = [_code(former), _code(said)]
    return change | {"words": words} if words else change


def _code(value: timedelta | str | bool | None) -> int | str:
    if isinstance(value, timedelta):
        return int(value.total_seconds())
    return "" if value is None else value


def _record(
    practice: Practice,
    event: PracticeEvent,
    change: Change,
    *,
    by: Actor,
    now: datetime,
    type: AppointmentType | None = None,
    place: Place | None = None,
) -> None:
    PracticeHistory(
        practice=practice,
        event=event,
        at=now,
        actor_kind=by.kind,
        actor=by.who,
        trace_id=by.request_id,
        type=type,
        place=place,
        details=change,
    ).save(force_insert=True)
    acting = replace(by, practice=practice.pk)
    record_event(Event.SETTINGS_CHANGED, by=acting, now=now, detail={"event": str(event)})
