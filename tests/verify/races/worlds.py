"""One small world in which every verb has something to do, and as many copies of it as there are schedules."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import connection, connections, transaction
from django.db.backends.utils import CursorWrapper
from tests.app.cast import (
    FRIDAY_AT_NINE,
    MINUTES,
    NEW_YORK,
    NO_TIME_TO_UNDO,
    NOW,
    Cast,
    client_in,
    harbor,
    new_york,
    room_of,
)
from tests.app.database import GUARDED, leave_triggers_out
from tests.app.notification_rows import coming_to
from tests.verify.races.crews import Crew, come
from tests.verify.races.promises import KEYS

from raincheck.actions.appointments.booking import (
    Cancellation,
    Details,
    cancel_appointment,
    change_appointment_details,
)
from raincheck.actions.appointments.holding import hold_own_time, to_move
from raincheck.actions.appointments.outcomes import WhatHappened, say_what_happened
from raincheck.actions.appointments.series import SeriesBooking, book_series
from raincheck.actions.deliveries import begin_attempt
from raincheck.actions.engine.runner import run_command
from raincheck.actions.reschedule.answer import pick_new_time
from raincheck.actions.reschedule.hold import hold_time
from raincheck.data.access.sealed_words import SealedText
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.appointments.claims import Hold
from raincheck.data.notifications import Notification
from raincheck.data.reschedule.rebooking import RebookOffer
from raincheck.data.reschedule.request import RescheduleBatch, RescheduleRequest
from raincheck.domain.appointments.lifecycle import CancelReason, Status
from raincheck.domain.appointments.outcomes import Outcome as What
from raincheck.domain.notifications import Outcome
from raincheck.domain.people import SYSTEM, Actor, ActorKind
from raincheck.domain.spans import Span

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
ACTED_AT = NOW + 48 * HOUR - SECOND
"""When people act in a world: one second before the deadlines of its requests."""
SWEPT_AT = ACTED_AT + 61 * SECOND
"""When the sweep comes: as soon as these requests may lapse."""
THE_SLOT = FRIDAY_AT_NINE
ASKED, HERS, ASKED_TOO = new_york(24, 11), new_york(24, 13), new_york(24, 15)
PLAIN, NEXT_WEEK = new_york(25, 11), new_york(3, 11, month=12)
CANCELLED = new_york(30, 10)
JUST_ASKED = new_york(2, 15, month=12)
JUST_FREED = (new_york(2, 9, month=12), new_york(2, 11, month=12))
"""The times of what was just moved, and of what was just cancelled."""
CHOSEN_AT, CHOSEN = new_york(3, 9, month=12), new_york(3, 13, month=12)
"""The time of an appointment that was asked about, and the one that its client has chosen since."""
JUST_MOVED_TO = new_york(2, 13, month=12)
MISSED = new_york(12, 11)
SERIES_FROM = new_york(26, 14)
LONG_AGO = NOW - timedelta(days=8)
"""When the series without an end was booked: two of its times lie within a year of that, a third within a year of the sweep."""
HELD, HELD_AT = new_york(30, 15), ACTED_AT - 60 * SECOND
HELD_TO_MOVE = new_york(30, 12)
"""What Maya holds, and since when: it keeps her request when the sweep comes, unless she lets it go."""
REMINDED_AT = PLAIN - timedelta(hours=48)
"""When Riley is reminded of the plain appointment."""

KEPT_IN = "first_world"
"""The schema that keeps the rows all copies are made from, while the tables are emptied."""
STRIDE = 100_000
"""Between the numbers of a world's rows and those of its next copy."""
FAR = 1_000_000_000_000
"""New rows are numbered from here on, after all copies."""
KEPT_TIMES = (
    "starts_at",
    "ends_at",
    "from_",
    "to_",
    "moved_to",
    "asked_starts",
    "asked_ends",
    "former_",
    "day",
)
"""Times of sessions are the same in every copy; what happened and when it is due is a second later in each."""
SHIFTED = f"""
CREATE FUNCTION {KEPT_IN}.shifted(words jsonb, by bigint) RETURNS jsonb LANGUAGE sql AS $$ SELECT CASE jsonb_typeof(words)
    WHEN 'number' THEN to_jsonb(words::bigint + by)
    WHEN 'array' THEN (SELECT coalesce(jsonb_agg({KEPT_IN}.shifted(one, by) ORDER BY place), '[]')
        FROM jsonb_array_elements(words) WITH ORDINALITY AS said(one, place))
    WHEN 'object' THEN (SELECT coalesce(jsonb_object_agg(key, {KEPT_IN}.shifted(value, by)), '{{}}') FROM jsonb_each(words))
    ELSE words END $$
"""
"""What a merge remembers are numbers of rows, which are others in each copy."""
NOT_COPIED = {"calendarfeed", "emergencyaccess", "link"}
SEALED = {
    field.column
    for model in apps.get_models()
    for field in model._meta.fields
    if isinstance(field, SealedText)
}
COPIED = [
    "practice",
    "user",
    "usersession",
    "authenticator",
    *(table for table in KEYS if table not in NOT_COPIED),
    "appointmenttype",
    "place",
    "provider",
    "invitation",
    "import",
    "rightshistory",
    "appearance",
]
OF_OTHERS = ("procrastinate_jobs", "mfa_authenticator", "raincheck_user")
"""Tables that rows of libraries' tables point at, or their own."""
OF_APPOINTMENTS = (
    "just_moved",
    "just_cancelled",
    "asked",
    "plain",
    "next_week",
    "missed",
    "first_of_series",
    "last_of_series",
)
OF_USERS = {"user", "usersession", "authenticator"}
"""Tables whose rows are people's and no practice's: each world has all of them anew."""


@dataclass(frozen=True, slots=True)
class World:
    """One practice with Dr. Okafor, Dr. Fischer, Riley and Maya, and a room that holds one session at a time, where Riley's
    asked appointment is. Riley and Maya were each asked about an appointment, and Maya holds a time
    for hers; Riley has two more, holds a time to move one of them, and comes twice a year besides; Dr. Okafor missed one that Riley came for; Maya may book anew
    what was cancelled, and was asked half a minute ago about another one; two of hers were moved and canceled then. That can
    be undone for as long. An hour ago she chose a time for a fourth one, and may change that.

    `acted_at` is its present; `crew` is who manages it, and what they manage.
    """

    practice: int
    okafor: int
    fischer: int
    riley: int
    maya: int
    follow_up: int
    telehealth: int
    room: int
    room_ref: UUID
    just_moved: UUID
    just_cancelled: UUID
    asked: UUID
    plain: UUID
    next_week: UUID
    missed: UUID
    first_of_series: UUID
    last_of_series: UUID
    rileys: UUID
    mayas: UUID
    just_asked: UUID
    held: UUID
    held_to_move: UUID
    chosen: UUID
    batch: int
    offer: UUID
    crew: Crew
    acted_at: datetime = ACTED_AT
    swept_at: datetime = SWEPT_AT
    reminded_at: datetime = REMINDED_AT

    @property
    def by_okafor(self) -> Actor:
        return Actor(ActorKind.PROVIDER, self.okafor, practice=self.practice)

    @property
    def by_fischer(self) -> Actor:
        return Actor(ActorKind.PROVIDER, self.fischer, practice=self.practice)

    @property
    def by_riley(self) -> Actor:
        return Actor(ActorKind.CLIENT_BY_LINK, self.riley, practice=self.practice)

    @property
    def by_maya(self) -> Actor:
        return Actor(ActorKind.CLIENT_BY_LINK, self.maya, practice=self.practice)

    @property
    def by_sasha(self) -> Actor:
        return Actor(ActorKind.MANAGER, self.crew.sasha, practice=self.practice)


def live() -> World:
    """Let the first world happen, by the product's own verbs."""
    cast = harbor()
    cast.okafor.licensed_in = ["US-NY"]
    cast.okafor.save(update_fields=["licensed_in"])
    rilee = client_in(cast.practice, "Rilee", "Brooks")
    room = room_of(cast)
    room.one_at_a_time = True
    room.save(update_fields=["one_at_a_time"])
    asked, hers = cast.booked(ASKED, place=room), cast.booked(HERS, client=cast.maya)
    plain, next_week = cast.booked(PLAIN), cast.booked(NEXT_WEEK)
    cast.asked(cast.booked(ASKED_TOO, client=rilee))
    # Beside the asked time: what may be kept by video is not blocked.
    rileys = cast.asked(asked, by_video=True, block=Span(ASKED - 50 * MINUTES, ASKED))
    mayas = cast.asked(hers)
    _take_over_the_prompts()
    holding = partial(hold_time, mayas.ref, start=HELD, now=HELD_AT)
    run_command(holding, key=None, body={}, by=Actor(ActorKind.CLIENT_BY_LINK, cast.maya.pk), now=HELD_AT)
    holding = partial(hold_own_time, to_move(next_week.ref), start=HELD_TO_MOVE, now=HELD_AT)
    run_command(holding, key=None, body={}, by=cast.by_riley, now=HELD_AT)
    cancelled = cast.booked(CANCELLED, client=cast.maya)
    said = Cancellation(CancelReason.CLINICAL, rebook_link=True)
    cancelling = partial(cancel_appointment, cancelled.ref, cancellation=said, by=cast.by_okafor, now=NOW)
    run_command(cancelling, key=None, body={}, by=cast.by_okafor, now=NOW)
    missed, (first_of_series, last_of_series) = _missed(cast), _series(cast)
    just_asked = _just_asked(cast)
    just_moved, just_cancelled = _just_changed(cast)
    chosen = _chosen(cast)
    crew = come(cast, rilee)
    return _as_world(
        cast,
        crew,
        rileys,
        mayas,
        just_asked,
        chosen,
        just_moved=just_moved,
        just_cancelled=just_cancelled,
        asked=asked,
        plain=plain,
        next_week=next_week,
        missed=missed,
        first_of_series=first_of_series,
        last_of_series=last_of_series,
    )


def _just_asked(cast: Cast) -> RescheduleRequest:
    cast.choose()
    row = cast.booked(JUST_ASKED, client=cast.maya)
    asked = cast.asked(row, now=ACTED_AT - 30 * SECOND, repeat_confirmed=True)
    cast.choose(**NO_TIME_TO_UNDO)
    return asked


def _chosen(cast: Cast) -> RescheduleRequest:
    asked = cast.asked(
        cast.booked(CHOSEN_AT, client=cast.maya), now=ACTED_AT - 2 * HOUR, repeat_confirmed=True
    )
    by = Actor(ActorKind.CLIENT_BY_LINK, cast.maya.pk)
    picking = partial(pick_new_time, asked.ref, start=CHOSEN, by=by, now=ACTED_AT - HOUR)
    run_command(picking, key=None, body={}, by=by, now=ACTED_AT - HOUR)
    return asked


def _just_changed(cast: Cast) -> tuple[Appointment, Appointment]:
    moved, cancelled = (cast.booked(start, client=cast.maya) for start in JUST_FREED)
    cast.choose()
    at, by = ACTED_AT - 30 * SECOND, cast.by_okafor
    details = Details(JUST_MOVED_TO, moved.type_id, moved.place_id, moved.join_url)
    said = Cancellation(CancelReason.CLINICAL, rebook_link=True)
    for verb in (
        partial(change_appointment_details, moved.ref, details=details, by=by, now=at),
        partial(cancel_appointment, cancelled.ref, cancellation=said, by=by, now=at),
    ):
        run_command(verb, key=None, body={}, by=by, now=at)
    cast.choose(**NO_TIME_TO_UNDO)
    return moved, cancelled


def _missed(cast: Cast) -> Appointment:
    missed = cast.booked(MISSED, now=LONG_AGO)
    said = WhatHappened(What.PROVIDER_ABSENT, Status.SCHEDULED)
    saying = partial(say_what_happened, missed.ref, said=said, by=cast.by_okafor, now=NOW)
    run_command(saying, key=None, body={}, by=cast.by_okafor, now=NOW)
    return missed


def _series(cast: Cast) -> list[Appointment]:
    """Let Riley come every half year."""
    first = SERIES_FROM.astimezone(NEW_YORK).replace(tzinfo=None)
    said = SeriesBooking(
        cast.okafor.pk, cast.riley.pk, cast.follow_up.pk, cast.telehealth.pk, first, every_weeks=26
    )
    booking = partial(book_series, said, by=cast.by_okafor, now=LONG_AGO)
    run_command(booking, key=None, body={}, by=cast.by_okafor, now=LONG_AGO)
    return list(Appointment.objects.filter(series__isnull=False).order_by("recurrence_id"))


def _as_world(
    cast: Cast,
    crew: Crew,
    rileys: RescheduleRequest,
    mayas: RescheduleRequest,
    just_asked: RescheduleRequest,
    chosen: RescheduleRequest,
    **appointments: Appointment,
) -> World:
    return World(
        practice=cast.practice.pk,
        okafor=cast.okafor.pk,
        fischer=cast.fischer.pk,
        riley=cast.riley.pk,
        maya=cast.maya.pk,
        follow_up=cast.follow_up.pk,
        telehealth=cast.telehealth.pk,
        room=room_of(cast).pk,
        room_ref=room_of(cast).ref,
        rileys=rileys.ref,
        mayas=mayas.ref,
        just_asked=just_asked.ref,
        held=Hold.objects.get(request__isnull=False).ref,
        held_to_move=Hold.objects.get(request__isnull=True).ref,
        chosen=chosen.ref,
        batch=rileys.batch_id,
        offer=RebookOffer.objects.get(appointment__starts_at=CANCELLED).ref,
        crew=crew,
        **{name: row.ref for name, row in appointments.items()},  # type: ignore[arg-type]  # they are refs
    )


def _take_over_the_prompts() -> None:
    """Let the mail server accept what waits, at once."""
    for number in Notification.objects.filter(state="waiting").values_list("pk", flat=True):
        begun = run_command(partial(begin_attempt, number, now=NOW), key=None, body={}, by=SYSTEM, now=NOW)
        ending = coming_to(int(begun["attempt"]), Outcome.ACCEPTED, answer="", now=NOW)
        run_command(ending, key=None, body={}, by=SYSTEM, now=NOW)


def keep() -> None:
    """Put the first world's rows aside; the tables can be emptied then, and filled with copies."""
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {KEPT_IN} CASCADE; CREATE SCHEMA {KEPT_IN}")
        for table in COPIED:
            cursor.execute(f"CREATE TABLE {KEPT_IN}.{table} AS SELECT * FROM {_named(table)}")
        cursor.execute(SHIFTED)


def forget() -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {KEPT_IN} CASCADE")


def empty_tables(*, anew: bool = True) -> None:
    """Leave every table without a row.

    Anew, it is as if it had never had one: its indexes have one page. Else it takes a fiftieth of the time, and indexes keep
    pages of what was there.
    """
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        if anew or not leave_triggers_out(cursor):
            _truncate(cursor)
        else:
            cursor.execute("; ".join(f"DELETE FROM {table}" for table in _tables()))
        for table in OF_OTHERS:
            cursor.execute(f"DELETE FROM {table}")
        # The first key of people's words is there in every database.
        cursor.execute(
            "INSERT INTO raincheck_recordkey (version, sealed, made_at) VALUES (1, '', '2026-01-01')"
        )


def _truncate(cursor: CursorWrapper) -> None:
    for table in GUARDED:
        cursor.execute(f"ALTER TABLE raincheck_{table} DISABLE TRIGGER USER")
    cursor.execute(f"TRUNCATE {', '.join(_tables())}")
    for table in GUARDED:
        cursor.execute(f"ALTER TABLE raincheck_{table} ENABLE TRIGGER USER")


@cache
def _tables() -> tuple[str, ...]:
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT tablename FROM pg_tables WHERE tablename LIKE 'raincheck_%' ORDER BY tablename"
        )
        return tuple(name for (name,) in cursor.fetchall() if name not in OF_OTHERS)


def number_from(first: int) -> None:
    """Let new rows be numbered from here on: from FAR they come after all copies."""
    with connections["owner"].cursor() as cursor:
        for table in COPIED:
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{_named(table)}', 'id'), {first}, false)")


def copies(first: World, numbers: range, *, checked: bool = True) -> list[World]:
    """Write copies of a world, each a practice of its own and a second later than the one before.

    Checked, every key and trigger looks at every row; what held for some copies holds for all.
    """
    values = {"practice": first.practice, "from": numbers.start, "to": numbers.stop - 1}
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        if checked or not leave_triggers_out(cursor):
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        for table in COPIED:
            cursor.execute(_copying(table), values)
    return [_copy(first, number) for number in numbers]


def _copy(first: World, number: int) -> World:
    numbers = {
        name: getattr(first, name) + number * STRIDE
        for name in (
            "practice",
            "okafor",
            "fischer",
            "riley",
            "maya",
            "follow_up",
            "telehealth",
            "room",
            "batch",
        )
    }
    refs = {
        name: _copied_ref(getattr(first, name), number)
        for name in (
            *OF_APPOINTMENTS,
            "room_ref",
            "rileys",
            "mayas",
            "just_asked",
            "chosen",
            "held",
            "held_to_move",
            "offer",
        )
    }
    return replace(
        first,
        **numbers,
        **refs,  # type: ignore[arg-type]  # each is of its field's kind
        crew=first.crew.copied(lambda pk: pk + number * STRIDE, lambda ref: _copied_ref(ref, number)),
        acted_at=first.acted_at + number * SECOND,
        swept_at=first.swept_at + number * SECOND,
        reminded_at=first.reminded_at + number * SECOND,
    )


def _copied_ref(ref: UUID, number: int) -> UUID:
    """Return the ref of a copied row, as `_copying` writes it: the copy's number in its last twelve digits."""
    return UUID(str(ref)[:24] + f"{number:012d}")


def _named(table: str) -> str:
    return "mfa_authenticator" if table == "authenticator" else f"raincheck_{table}"


@cache
def _copying(table: str) -> str:
    """Return the statement that writes all copies of one table's rows."""
    columns = _columns(table)
    own = "r.id = %(practice)s" if table == "practice" else "r.practice_id = %(practice)s"
    own = "true" if table in OF_USERS else own
    return (
        f"INSERT INTO {_named(table)} ({', '.join(columns)}) SELECT {', '.join(columns.values())}"
        f" FROM {KEPT_IN}.{table} r, generate_series(%(from)s, %(to)s) AS copy WHERE {own} ORDER BY copy, r.id"
    )


@cache
def _columns(table: str) -> dict[str, str]:
    """Return what a copy has in each column, as SQL."""
    references = {"id", "practice_id", *(f"{column}_id" for column in KEYS.get(table, {}))}
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s AND table_schema = current_schema()"
            " AND is_generated = 'NEVER'",
            [_named(table)],
        )
        return {f'"{name}"': _value(table, name, kind, references) for name, kind in cursor.fetchall()}


PEOPLE = ("asked_by", "author", "actor", "for_client", "made_by", "user_id", "used_by_id")
"""Columns that name somebody, without a key between practices."""


def _value(table: str, name: str, kind: str, references: set[str]) -> str:
    if name in references or name in PEOPLE:
        return f"r.{name} + copy * {STRIDE}"
    if name == "ref":
        return "(left(r.ref::text, 24) || lpad(copy::text, 12, '0'))::uuid"
    if name == "ical_uid":
        return "r.ical_uid || copy"
    if name == "hash":
        return "sha256(r.hash || copy::text::bytea)"
    if (table, name) in (("user", "email"), ("usersession", "key")):
        return f"copy || r.{name}"
    if name in ("moved", "former"):
        return f"{KEPT_IN}.shifted(r.{name}, copy * {STRIDE})"
    if name == "before":
        numbers = (f"'{of}', (r.before->>'{of}')::bigint + copy * {STRIDE}" for of in ("type_id", "place_id"))
        return f"r.before || jsonb_build_object({', '.join(numbers)})"
    if name in SEALED:
        # The seal of another row opens nothing here; written open it is read as what was there before there were seals.
        return f"CASE r.{name} WHEN '' THEN '' ELSE 'some words' END"
    if name == "lane":
        return f"CASE r.part WHEN 'session' THEN r.lane ELSE int8range(r.client_id + copy * {STRIDE}, r.client_id + copy * {STRIDE} + 1) END"
    if kind == "timestamp with time zone" and not name.startswith(KEPT_TIMES):
        return f"r.{name} + copy * interval '1 second'"
    return f'r."{name}"'


AS_IT_STANDS = """
SELECT jsonb_build_object(
    'appointments', (SELECT jsonb_agg(jsonb_build_array(c.first_name, a.starts_at, a.ends_at, a.status, a.cancelled_by,
            a.cancelled_why, a.fee_allowed, a.ical_sequence, (
                SELECT jsonb_agg(jsonb_build_array(h.event, h.sequence, h.actor_kind, h.from_starts_at, h.to_starts_at, h.details->>'why') ORDER BY h.id)
                FROM raincheck_appointmenthistory h WHERE h.appointment_id = a.id))
        ORDER BY c.first_name, a.starts_at, a.ical_uid) FROM raincheck_appointment a JOIN raincheck_client c ON c.id = a.client_id WHERE a.practice_id = %(p)s),
    'series', (SELECT jsonb_agg(told ORDER BY told) FROM (SELECT jsonb_build_array(c.first_name, s.begins_on, s.wall_time, s.every_weeks, s.count,
            s.ends_on, s.made_until, s.ical_sequence, (SELECT jsonb_agg(jsonb_build_array(a.recurrence_id, a.starts_at, a.status) ORDER BY a.recurrence_id)
            FROM raincheck_appointment a WHERE a.series_id = s.id)) AS told
        FROM raincheck_series s JOIN raincheck_client c ON c.id = s.client_id WHERE s.practice_id = %(p)s) AS x),
    'requests', (SELECT jsonb_agg(jsonb_build_array(c.first_name, r.asked_starts_at, r.state, r.deadline_at - r.asked_at, r.settled_by, r.moved_to,
            r.client_wrote_at IS NULL, r.needs_provider, round(extract(epoch FROM r.remind_at - r.asked_at) / 3600)) ORDER BY c.first_name, r.asked_starts_at, r.state)
        FROM raincheck_reschedulerequest r JOIN raincheck_client c ON c.id = r.client_id WHERE r.practice_id = %(p)s),
    'rooms', (SELECT jsonb_agg(jsonb_build_array(p.name, p.one_at_a_time, (
            SELECT jsonb_agg(jsonb_build_array(c.span, lower_inf(c.room_lane)) ORDER BY c.span) FROM raincheck_claim c WHERE c.room_id = p.id)) ORDER BY p.name)
        FROM raincheck_place p WHERE p.practice_id = %(p)s),
    'holds', (SELECT jsonb_agg(jsonb_build_array(c.first_name, h.starts_at, h.suggested, h.renewals) ORDER BY c.first_name, h.starts_at)
        FROM raincheck_hold h JOIN raincheck_client c ON c.id = h.client_id WHERE h.practice_id = %(p)s),
    'blocks', (SELECT jsonb_agg(jsonb_build_array(starts_at, ends_at, removed_at IS NULL) ORDER BY starts_at, ends_at, removed_at)
        FROM raincheck_outofoffice WHERE practice_id = %(p)s),
    'offers', (SELECT jsonb_agg(jsonb_build_array(a.starts_at, o.booked_at IS NULL) ORDER BY a.starts_at)
        FROM raincheck_rebookoffer o JOIN raincheck_appointment a ON a.id = o.appointment_id WHERE o.practice_id = %(p)s),
    'messages', (SELECT jsonb_agg(told ORDER BY told) FROM (
        SELECT jsonb_build_array(coalesce(c.first_name, 'staff'), n.channel, n.kind, n.state, count(l.id)) AS told FROM raincheck_notification n
        LEFT JOIN raincheck_recipient r ON r.id = n.recipient_id LEFT JOIN raincheck_client c ON c.id = r.client_id
        LEFT JOIN raincheck_notificationappointment l ON l.notification_id = n.id WHERE n.practice_id = %(p)s GROUP BY n.id, c.first_name) AS x),
    'tasks', (SELECT jsonb_agg(jsonb_build_array(t.kind, c.first_name, t.done_at IS NULL) ORDER BY t.kind, c.first_name, t.done_at IS NULL)
        FROM raincheck_task t LEFT JOIN raincheck_client c ON c.id = t.client_id WHERE t.practice_id = %(p)s),
    'cards', (SELECT jsonb_agg(jsonb_build_array(c.first_name, m.card, m.author_kind, m.starts_at) ORDER BY c.first_name, m.card, m.author_kind, m.starts_at)
        FROM raincheck_message m JOIN raincheck_conversation t ON t.id = m.conversation_id JOIN raincheck_client c ON c.id = t.client_id
        WHERE m.practice_id = %(p)s),
    'clients', (SELECT jsonb_agg(told ORDER BY told) FROM (SELECT jsonb_build_array(c.first_name, c.goes_by, k.first_name, c.discharged_at IS NULL,
            c.archived_at IS NULL, regexp_replace(r.email, '[0-9]+', ''),
            (SELECT jsonb_agg(jsonb_build_array(h.event, h.actor_kind) ORDER BY h.id) FROM raincheck_clienthistory h WHERE h.client_id = c.id),
            (SELECT count(*) FROM raincheck_membership m WHERE m.client_id = c.id)) AS told
        FROM raincheck_client c LEFT JOIN raincheck_client k ON k.id = c.merged_into_id
        LEFT JOIN raincheck_recipient r ON r.client_id = c.id AND r.is_client WHERE c.practice_id = %(p)s) AS x),
    'merges', (SELECT jsonb_agg(jsonb_build_array(k.first_name, g.first_name, m.undone_at IS NULL) ORDER BY k.first_name, g.first_name, m.undone_at IS NULL)
        FROM raincheck_clientmerge m JOIN raincheck_client k ON k.id = m.kept_id JOIN raincheck_client g ON g.id = m.gone_id WHERE m.practice_id = %(p)s),
    'people', (SELECT jsonb_agg(jsonb_build_array(u.name, m.role, m.ended_at IS NULL, (
                SELECT count(*) FROM mfa_authenticator f WHERE f.user_id = u.id), (
                SELECT count(*) FROM raincheck_usersession s WHERE s.user_id = u.id AND s.ended_at IS NULL)) ORDER BY u.name, m.role)
        FROM raincheck_membership m JOIN raincheck_user u ON u.id = m.user_id WHERE m.practice_id = %(p)s AND m.role <> 'client'),
    'providers', (SELECT jsonb_agg(jsonb_build_array(name, left_at IS NULL) ORDER BY name) FROM raincheck_provider WHERE practice_id = %(p)s),
    'rights', (SELECT jsonb_agg(jsonb_build_array(u.name, h.event, h.actor_kind, h.details) ORDER BY u.name, h.id)
        FROM raincheck_rightshistory h JOIN raincheck_user u ON u.id = h.user_id WHERE h.practice_id = %(p)s),
    'looks', (SELECT jsonb_agg(jsonb_build_array(u.name, l.color, l.photo_hash) ORDER BY u.name)
        FROM raincheck_appearance l JOIN raincheck_user u ON u.id = l.user_id WHERE l.practice_id = %(p)s),
    'invitations', (SELECT jsonb_agg(told ORDER BY told) FROM (SELECT jsonb_build_array(name, roles, used_at IS NULL, revoked_at IS NULL) AS told
        FROM raincheck_invitation WHERE practice_id = %(p)s) AS x),
    'imports', (SELECT jsonb_agg(told ORDER BY told) FROM (SELECT jsonb_build_array(i.file_name, i.state, i.fault, (
            SELECT jsonb_agg(jsonb_build_array(r.number, r.left_out, r.problem->>'code', r.client_id IS NULL, r.appointment_id IS NULL) ORDER BY r.number)
            FROM raincheck_importrow r WHERE r.file_id = i.id)) AS told FROM raincheck_import i WHERE i.practice_id = %(p)s) AS x))
"""


def as_it_stands(world: World) -> dict[str, Any]:
    """Return everything a person could notice about a world, without the numbers that differ between copies."""
    with connection.cursor() as cursor:
        cursor.execute(AS_IT_STANDS, {"p": world.practice})
        [told] = cursor.fetchone()
    return dict(json.loads(told) if isinstance(told, str) else told)


def batch_of(world: World) -> RescheduleBatch:
    return RescheduleBatch.objects.get(pk=world.batch)


def pass_on(worlds: list[World]) -> None:
    """Let later sweeps find nothing in worlds that are over."""
    open_ones = RescheduleRequest.objects.filter(
        practice__in=[world.practice for world in worlds], state="open"
    )
    open_ones.update(needs_provider="outage")
