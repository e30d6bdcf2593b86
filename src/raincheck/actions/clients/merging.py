"""Two records of one person become one, in one transaction, with all that belongs to either."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import Model

from raincheck.actions.clients.belongings import (
    claimed_anew,
    end_second_feed,
    hand_over,
    join_conversations,
    latest,
    own_rows,
)
from raincheck.actions.clients.contact import let_sign_in, spare
from raincheck.actions.clients.history import record_change
from raincheck.actions.engine.locks import ReadAgain, lock
from raincheck.actions.engine.runner import Answer
from raincheck.data.clients.history import changes_of_client
from raincheck.data.models import (
    Appointment,
    AppointmentHistory,
    Claim,
    Client,
    ClientHistory,
    ClientMerge,
    DifferentPeople,
    Membership,
    Message,
    Recipient,
    RescheduleRequest,
)
from raincheck.data.reschedule.request import OPEN
from raincheck.domain.clients.merging import (
    ADDRESS_FIELDS,
    FIELDS,
    MergeMeets,
    Part,
    RecordsChangedMeanwhile,
    SameRecord,
)
from raincheck.domain.clients.record import ClientEvent
from raincheck.domain.people import Actor, Role
from raincheck.notifications.formats import short_day_and_time

Seen = tuple[int, int]


def merge_clients(
    kept_id: int,
    gone_id: int,
    *,
    taken: Collection[Part],
    seen: Seen,
    by: Actor,
    now: datetime,
) -> Answer:
    """Make the record `gone_id` part of `kept_id`; nothing is sent to anybody by that.

    `taken` are the parts whose values come from the record that goes; `seen` is how often each of the two had been changed
    when somebody compared them. Raises MergeMeets when both have a session at one time.
    """
    if kept_id == gone_id:
        raise SameRecord
    claims = Claim.objects.filter(client__in=[kept_id, gone_id])
    theirs = Appointment.objects.filter(client=gone_id)
    asked = RescheduleRequest.objects.filter(client=gone_id)
    providers = set(claims.values_list("provider", flat=True))
    locked = lock(
        providers=providers,
        clients=[kept_id, gone_id],
        appointments=theirs.values_list("pk", flat=True),
        requests=asked.values_list("pk", flat=True),
    )
    # Booked or asked between the look-up and the lock: under the clients' lock nothing more comes.
    if set(theirs.values_list("pk", flat=True)) != set(locked.appointments) or set(
        asked.values_list("pk", flat=True)
    ) != set(locked.requests):
        raise ReadAgain
    if not set(claims.values_list("provider", flat=True)) <= providers:
        raise ReadAgain
    kept, gone = locked.clients[kept_id], locked.clients[gone_id]
    if seen != (changes_of_client(kept_id), changes_of_client(gone_id)):
        raise RecordsChangedMeanwhile
    _refuse_two_places(kept, gone, now=now)
    merge = ClientMerge(
        practice_id=kept.practice_id, kept=kept, gone=gone, at=now, actor_kind=by.kind, actor=by.who
    )
    merge.former = _take_over(kept, gone, frozenset(taken))
    merge.moved = _everything(kept, gone, now=now)
    _sign_in_by(kept, gone)
    DifferentPeople.objects.filter(one__in=[kept_id, gone_id], other__in=[kept_id, gone_id]).delete()
    if kept.do_not_auto_cancel:
        _spare_all(kept, by=by, now=now)
    for client, other in ((kept, gone), (gone, kept)):
        record_change(client, ClientEvent.MERGED, {"merged": [other.pk]}, by=by, now=now)
    merge.moved["latest"] = {
        "record": latest(ClientHistory, client=kept),
        "appointments": latest(AppointmentHistory, practice=kept.practice_id),
        "words": latest(Message, practice=kept.practice_id),
    }
    merge.save(force_insert=True)
    return {"client": str(kept.ref), "merge": str(merge.ref)}


def tell_apart(one_id: int, other_id: int, *, by: Actor, now: datetime) -> Answer:
    """Remember that two records that look alike are of two people, so that nobody is asked about them again."""
    if one_id == other_id:
        raise SameRecord
    clients = lock(clients=[one_id, other_id]).clients
    first, second = sorted(clients)
    pair = DifferentPeople(
        practice_id=clients[first].practice_id,
        one_id=first,
        other_id=second,
        said_at=now,
        actor_kind=by.kind,
        actor=by.who,
    )
    DifferentPeople.objects.bulk_create([pair], ignore_conflicts=True)
    return {"client": str(clients[one_id].ref)}


def _refuse_two_places(kept: Client, gone: Client, *, now: datetime) -> None:
    """One person can't be in two sessions at once (P2); the database has the last word, and this says which they are."""
    sessions = Claim.objects.filter(part="session", appointment__isnull=False)
    for one in sessions.filter(client=gone).select_related("appointment__provider"):
        other = sessions.filter(client=kept, span__overlap=one.span).select_related("appointment__provider")
        if found := other.first():
            first, second = (
                f"{short_day_and_time(row.starts_at, row.zone, now=now)}, {row.provider.short_name}"
                for row in (found.appointment, one.appointment)
            )
            raise MergeMeets(first=first, second=second)


def _take_over(kept: Client, gone: Client, taken: Collection[Part]) -> dict[str, Any]:
    """Write what was chosen into the record that is kept; return what stood there before, as JSON."""
    own, theirs = own_rows(kept, gone)
    former: dict[str, Any] = {
        "client": _stored(kept, [name for names in FIELDS.values() for name in names]),
        "address": _stored(own, [name for names in ADDRESS_FIELDS.values() for name in names]),
        "memberships": list(
            Membership.objects.filter(client__in=[kept, gone], role=Role.CLIENT)
            .order_by("pk")
            .values_list("user", "client")
        ),
    }
    for part in taken:
        for name in FIELDS.get(part, ()):
            setattr(kept, name, getattr(gone, name))
        for name in ADDRESS_FIELDS.get(part, ()):
            setattr(own, name, getattr(theirs or Recipient(), name))
    former["client"] |= _stored(kept, LIFE)
    kept.client_since = min(kept.client_since, gone.client_since)
    for name in ("discharged_at", "archived_at"):
        # Whoever is in care by one of the two records is in care.
        ends = getattr(kept, name), getattr(gone, name)
        setattr(kept, name, None if None in ends else max(ends))
    kept.save(update_fields=list(former["client"]))
    own.save(update_fields=list(former["address"]))
    gone.merged_into = kept
    gone.save(update_fields=["merged_into"])
    return former


LIFE = ("client_since", "discharged_at", "archived_at")


def _everything(kept: Client, gone: Client, *, now: datetime) -> dict[str, Any]:
    """Hand over all that belongs to the record that goes; return what has to be known to give it back."""
    claims = list(Claim.objects.filter(client=gone).order_by("pk"))
    moved: dict[str, Any] = dict(hand_over(kept, gone))
    claimed_anew(claims, kept)
    moved["conversations"], moved["joined"] = join_conversations(kept, gone)
    moved["feeds"], moved["ended_feeds"] = end_second_feed(kept, gone, now=now)
    return moved


def _sign_in_by(kept: Client, gone: Client) -> None:
    """Let who signs in by the address that was chosen come in as this client, and nobody by another."""
    own, _theirs = own_rows(kept, gone)
    ways = Membership.objects.filter(client__in=[kept, gone], role=Role.CLIENT)
    ways.exclude(user__email=own.email.lower()).delete()
    ways.update(client=kept)
    let_sign_in(kept, own.email)


def _spare_all(client: Client, *, by: Actor, now: datetime) -> None:
    requests = RescheduleRequest.objects.filter(OPEN, client=client, spared=False).select_related("batch")
    about = ("practice", "provider", "client", "type", "place")
    found = {row.pk: row for row in Appointment.objects.filter(requests__in=requests).select_related(*about)}
    rows = list(requests)
    for row in rows:
        row.appointment = found[row.appointment_id]
    spare(rows, by=by, now=now)


def _stored(row: Model, names: Collection[str]) -> dict[str, Any]:
    """Return what stands in some columns, as JSON can hold it."""
    columns = {column.attname: column for column in row._meta.concrete_fields}
    return {
        name: None if getattr(row, name) is None else columns[name].value_to_string(row) for name in names
    }
