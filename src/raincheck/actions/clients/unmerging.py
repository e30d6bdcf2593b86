"""A merge of two records is undone, exactly, within a day and while nobody has touched what went over."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Model, Q

from raincheck.actions.appointments.claims import free_holds
from raincheck.actions.clients.belongings import (
    SENT,
    TALKED,
    WHOSE,
    claimed_anew,
    give_back,
    own_rows,
)
from raincheck.actions.clients.history import record_change
from raincheck.actions.engine.locks import Locked, ReadAgain, lock
from raincheck.actions.engine.runner import Answer
from raincheck.data.idempotency import IdempotencyKey
from raincheck.data.models import (
    AppointmentHistory,
    CalendarFeed,
    Claim,
    Client,
    ClientHistory,
    ClientMerge,
    Conversation,
    Hold,
    Membership,
    Message,
    Notification,
    Recipient,
    Task,
)
from raincheck.domain.clients.merging import (
    UNDONE_WITHIN,
    AppointmentTouched,
    ConversationTouched,
    RecordMerged,
    RecordTouched,
    TooLateToUndo,
    UndoneAlready,
    undone_until,
)
from raincheck.domain.clients.record import ClientEvent
from raincheck.domain.people import Actor, ActorKind, NotInThisPractice, Role
from raincheck.notifications.formats import short_day_and_time


def undo_merge(ref: UUID, *, by: Actor, now: datetime) -> Answer:
    """Part two records again as they were. Raises a refusal that says what was touched, and then nothing has changed."""
    found = ClientMerge.objects.filter(ref=ref).first()
    if found is None:
        raise NotInThisPractice
    if Client.objects.filter(pk=found.kept_id, merged_into__isnull=False).exists():
        # What went over has gone on from there: that merge is to be undone first.
        raise RecordMerged
    locked = _locked(found)
    # Read under the clients' lock: somebody may have undone it, or forgotten what it needs.
    merge = ClientMerge.objects.select_for_update(no_key=True).get(pk=found.pk)
    kept, gone = locked.clients[merge.kept_id], locked.clients[merge.gone_id]
    if merge.undone_at is not None:
        raise UndoneAlready
    if now >= undone_until(merge.at) or not merge.former:
        raise TooLateToUndo
    if kept.merged_into_id is not None:
        raise RecordMerged
    moved = merge.moved
    _refuse_touched(merge, kept)
    claims = _claims(moved)
    _part_claims(claims, kept)
    _hand_back(moved, kept, gone)
    claimed_anew(claims, gone)
    _part_conversations(moved, gone)
    _restore(merge.former, kept, gone)
    for client, other in ((kept, gone), (gone, kept)):
        record_change(client, ClientEvent.MERGE_UNDONE, {"merged": [other.pk]}, by=by, now=now)
    merge.undone_at, merge.former, merge.moved = now, {}, {}
    merge.save(update_fields=["undone_at", "former", "moved"])
    return {"client": str(kept.ref), "other": str(gone.ref)}


def forget_merges(*, now: datetime, limit: int) -> Counter[str]:
    """Names and addresses of two records are kept beside them only as long as somebody can still part these again."""
    over = ClientMerge.objects.select_for_update(skip_locked=True, no_key=True).filter(
        at__lte=now - UNDONE_WITHIN
    )
    ids = list(over.exclude(former={}).order_by("at").values_list("pk", flat=True)[:limit])
    ClientMerge.objects.filter(pk__in=ids).update(former={}, moved={})
    return Counter({"merge forgotten": len(ids)} if ids else {})


def _locked(merge: ClientMerge) -> Locked:
    claims = _claims(merge.moved)
    locked = lock(
        providers={row.provider_id for row in claims},
        clients=[merge.kept_id, merge.gone_id],
        appointments=merge.moved.get("appointments", ()),
        requests=merge.moved.get("requests", ()),
        even_merged=True,
    )
    if {row.provider_id for row in _claims(merge.moved)} - set(locked.providers):
        raise ReadAgain
    return locked


def _claims(moved: dict[str, Any]) -> list[Claim]:
    """Return what the appointments and holds that went over claim now."""
    theirs = Q(appointment__in=moved.get("appointments", ())) | Q(hold__in=moved.get("holds", ()))
    return list(Claim.objects.filter(theirs).order_by("pk"))


def _part_claims(claims: Sequence[Claim], kept: Client) -> None:
    """Let nothing stand in the way of what goes back: as one client's, times could lie over each other since.

    What they hold by themselves gives way, since a choice needs no hold. Raises AppointmentTouched for anything else.
    """
    others = Claim.objects.filter(client=kept).exclude(pk__in=[row.pk for row in claims])
    parts = others.select_related("appointment", "hold", "provider")
    meeting = [
        row
        for row in parts
        for theirs in claims
        if row.provider_id == theirs.provider_id
        and "session" in (row.part, theirs.part)
        and row.span.lower < theirs.span.upper
        and theirs.span.lower < row.span.upper
    ]
    for row in meeting:
        about = row.appointment or row.hold
        if row.hold is None or row.hold.suggested:
            raise AppointmentTouched(when=short_day_and_time(about.starts_at, row.provider.zone))
    free_holds([row.hold_id for row in meeting if row.hold_id is not None])


def _refuse_touched(merge: ClientMerge, kept: Client) -> None:
    latest, moved = merge.moved["latest"], merge.moved
    changes = ClientHistory.objects.filter(client=kept, pk__gt=latest["record"])
    # A merge that came later and was undone has left nothing behind.
    merged_since = ClientMerge.objects.filter(kept=kept, pk__gt=merge.pk, undone_at__isnull=True)
    if (
        changes.exclude(event__in=(ClientEvent.MERGED, ClientEvent.MERGE_UNDONE)).exists()
        or merged_since.exists()
    ):
        raise RecordTouched
    done = AppointmentHistory.objects.filter(pk__gt=latest["appointments"], appointment__client=kept)
    # What was booked since may be meant for either of the two.
    since = Q(appointment__in=moved["appointments"]) | Q(appointment__booked_at__gte=merge.at, event="booked")
    if row := done.filter(since).select_related("appointment").order_by("pk").last():
        raise AppointmentTouched(when=short_day_and_time(row.appointment.starts_at, row.appointment.zone))
    threads = [*moved["conversations"], *(one["kept"] for one in moved["joined"])]
    said = Message.objects.filter(conversation__in=threads, pk__gt=latest["words"])
    if word := said.select_related("conversation__provider").first():
        raise ConversationTouched(provider=word.conversation.provider.short_name)


def _hand_back(moved: dict[str, Any], kept: Client, gone: Client) -> None:
    own, theirs = own_rows(kept, gone)
    # What was written about these since is for the other again. Links that have left stay with the address they went to,
    # which is somebody else's now: they open nothing more.
    about = (
        Q(batch__in=moved["batches"])
        | Q(rebook_offer__in=moved["offers"])
        | Q(appointment__in=moved["appointments"])
        | Q(conversation__in=moved["conversations"])
    )
    if theirs is not None:
        Notification.objects.filter(about, recipient=own).update(recipient=theirs)
        for word, model in SENT.items():
            give_back(model, "recipient", moved[word], to=theirs)
    theirs_to_choose = (
        Q(request__in=moved["requests"])
        | Q(appointment__in=moved["appointments"])
        | Q(offer__in=moved["offers"])
    )
    Hold.objects.filter(theirs_to_choose).update(client=gone)
    mine = Q(appointment__in=moved["appointments"]) | Q(request__in=moved["requests"])
    Task.objects.filter(mine, client=kept).update(client=gone)
    for word, (model, field) in WHOSE.items():
        give_back(model, field, moved[word], to=gone)
    give_back(Recipient, "client", moved["contacts"], to=gone)
    give_back(CalendarFeed, "client", moved["feeds"], to=gone)
    CalendarFeed.objects.filter(pk__in=moved["ended_feeds"]).update(ended_at=None)
    for kind in (ActorKind.CLIENT, ActorKind.CLIENT_BY_LINK):
        IdempotencyKey.objects.filter(pk__in=moved[f"keys_{kind}"]).update(actor=f"{kind}:{gone.pk}")


def _part_conversations(moved: dict[str, Any], gone: Client) -> None:
    Conversation.objects.filter(pk__in=moved["conversations"]).update(client=gone)
    for thread in moved["joined"]:
        for word, model in TALKED.items():
            model._default_manager.filter(pk__in=thread["rows"][word]).update(conversation=thread["gone"])
        marks = {name: thread[name] for name in ("latest_at", "provider_read_at", "client_read_at")}
        Conversation.objects.filter(pk=thread["kept"]).update(**marks)


def _restore(former: dict[str, Any], kept: Client, gone: Client) -> None:
    """Write back what stood in the record that was kept, and let the other one stand by itself again."""
    _written_back(kept, former["client"])
    own, _theirs = own_rows(kept, gone)
    _written_back(own, former["address"])
    gone.merged_into = None
    gone.save(update_fields=["merged_into"])
    Membership.objects.filter(client__in=[kept, gone], role=Role.CLIENT).delete()
    Membership.objects.bulk_create(
        [
            Membership(practice_id=kept.practice_id, user_id=user, client_id=client, role=Role.CLIENT)
            for user, client in former["memberships"]
        ],
        ignore_conflicts=True,
    )


def _written_back(row: Model, stored: dict[str, Any]) -> None:
    columns = {column.attname: column for column in row._meta.concrete_fields}
    for name, value in stored.items():
        setattr(row, name, columns[name].to_python(value))
    row.save(update_fields=list(stored))
