"""The model's things: a practice in memory, as plain as it gets. Numbers and refs are those of the real rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from tests.verify.model.law import GRACE, REPEATS_WITHIN


class By(NamedTuple):
    """Who acts: provider, manager, client_by_link or system, and their number."""

    kind: str
    who: int | None = None


SYSTEM = By("system")


@dataclass(frozen=True)
class Person:
    """A client: how they are reached, and whether silence may cancel."""

    number: int
    name: str
    zone: ZoneInfo
    email: bool = True
    texts: bool = False
    never_cancelled_by_silence: bool = False
    wants_reminders: bool = True

    @property
    def channels(self) -> list[str]:
        """By e-mail as a rule, by text only where nothing else is known."""
        return ["sms"] if self.texts and not self.email else ["email"]


@dataclass(frozen=True)
class Kind:
    """An appointment type."""

    number: int
    intake: bool
    length: timedelta
    before: timedelta
    after: timedelta


@dataclass(eq=False)
class Series:
    """A repeating appointment: every so many weeks at a time on the practice's clock, `first` the first of them."""

    number: int
    ref: UUID
    provider: int
    client: int
    kind: Kind
    place: int
    every: int
    first: datetime
    length: timedelta
    count: int | None = None
    ends_on: date | None = None
    made_until: date = date.min
    link: str = ""
    sequence: int = 0


@dataclass(eq=False)
class Kept:
    """How an appointment was before staff moved or canceled it, as long as that can be undone."""

    sequence: int
    """The number that the appointment got by it."""
    until: datetime
    start: datetime
    end: datetime
    kind: Kind
    place: int
    link: str
    told_at: datetime | None
    next_look: datetime | None
    series: Series | None = None
    """The series that was ended before it, and how long that went on."""
    ends_on: date | None = None
    recurrence: datetime | None = None
    notes: list[Note] = field(default_factory=list)
    """What waits meanwhile."""
    together: list[Session] = field(default_factory=list)
    """All that the same act was about."""


@dataclass(eq=False)
class Session:
    """An appointment."""

    number: int
    ref: UUID
    provider: int
    client: int
    kind: Kind
    place: int
    start: datetime
    end: datetime
    link: str = ""
    status: str = "scheduled"
    cancelled: tuple[str, str, datetime] | None = None
    """By whom, why, when."""
    fee: bool = False
    sequence: int = 0
    events: list[str] = field(default_factory=list)
    told_at: datetime | None = None
    """When its client last heard of its time."""
    next_look: datetime | None = None
    """When it is looked at next for a reminder."""
    said: tuple[datetime, By] | None = None
    """When and by whom it was last said what became of it."""
    first_said_at: datetime | None = None
    pruned: bool = False
    """Whether its time is so long ago that it keeps nobody out any more."""
    series: Series | None = None
    recurrence: datetime | None = None
    """The time on the clock that its series gave it first."""
    kept: Kept | None = None
    undone: set[int] = field(default_factory=set)
    """The numbers it got by what was undone since."""
    needed_by: date | None = None
    needed_for: str | None = None


@dataclass(eq=False)
class Batch:
    number: int
    ref: UUID
    provider: int
    client: int
    asked_at: datetime
    by: By
    requests: list[Asked] = field(default_factory=list)
    block: Block | None = None
    opened_at: datetime | None = None


@dataclass(eq=False)
class Asked:
    """A reschedule request."""

    number: int
    ref: UUID
    session: Session
    batch: Batch
    asked_at: datetime
    """When it leaves the practice: until then it can be undone."""
    start: datetime
    """The asked time."""
    end: datetime
    deadline: datetime
    last_minute: bool
    by_video: bool = False
    """Whether its client may keep the time, by video."""
    spared: bool = False
    """Whether its client was told, with the ask or since, that silence cancels nothing."""
    state: str = "open"
    handed_over_at: datetime | None = None
    help_at: datetime | None = None
    waits_for: str | None = None
    waits_since: datetime | None = None
    told_of_waiting_at: datetime | None = None
    reminded_until: datetime | None = None
    reminders_sent: int = 0
    extended_at: datetime | None = None
    reminded_by_hand: int = 0
    reminded_by_hand_at: datetime | None = None
    given_back: timedelta | None = None
    lost: timedelta | None = None
    """What outages took: as far as it moved the deadline, and where there was no room for that."""

    settled: tuple[datetime, str] | None = None
    """When and by whom."""
    moved_to: datetime | None = None
    chosen_since: set[datetime] = field(default_factory=set)
    """What its client chose instead since."""
    times_since: tuple[bool, datetime] | None = None
    """Whether there are open times, and since when that is so."""

    @property
    def open(self) -> bool:
        return self.state == "open"

    @property
    def prompted_at(self) -> datetime:
        return self.handed_over_at or self.asked_at

    @property
    def kept_until(self) -> datetime:
        """When what is suggested for it ends, as long as it is open."""
        return (self.deadline if self.waits_for is None else self.start) + GRACE


@dataclass(eq=False)
class Held:
    """A time that is held for its client, who chose it: inside a request, to move an appointment, or to book anew. It ends by itself."""

    ref: UUID
    about: Asked | Session | Offer
    start: datetime
    end: datetime
    before: timedelta
    after: timedelta
    began_at: datetime
    expires_at: datetime
    renewals: int = 0

    @property
    def session(self) -> Session:
        return self.about if isinstance(self.about, Session) else self.about.session

    @property
    def client(self) -> int:
        return self.session.client

    @property
    def provider(self) -> int:
        return self.session.provider

    @property
    def place(self) -> int:
        return self.session.place

    def is_live(self, now: datetime) -> bool:
        return now < self.expires_at


@dataclass(eq=False)
class Suggested:
    """A time that a provider holds for the client of a batch, and for each of its requests that it suits."""

    ref: UUID
    batch: Batch
    start: datetime
    end: datetime
    before: timedelta
    after: timedelta
    place: int
    """Whose room it keeps: as long as the request that it follows is there."""
    began_at: datetime

    @property
    def client(self) -> int:
        return self.batch.requests[0].session.client

    @property
    def provider(self) -> int:
        return self.batch.provider

    def suits(self, asked: Asked) -> bool:
        return asked.end - asked.start <= self.end - self.start

    @property
    def carrier(self) -> Asked | None:
        """Which request it follows: the one that may stay open the longest."""
        suited = (one for one in self.batch.requests if one.open and self.suits(one))
        return max(suited, key=lambda one: (one.kept_until, one.number), default=None)

    @property
    def until(self) -> datetime | None:
        """When it ends."""
        return self.carrier.kept_until if self.carrier is not None else None

    def is_live(self, now: datetime) -> bool:
        return self.until is not None and now < self.until


@dataclass(eq=False)
class Block:
    number: int
    ref: UUID
    provider: int
    start: datetime
    end: datetime
    batch: Batch | None = None
    edited_at: datetime | None = None
    removed_at: datetime | None = None


@dataclass(eq=False)
class Offer:
    """A rebook offer after a cancellation."""

    ref: UUID | None
    session: Session
    expires_at: datetime
    booked: Session | None = None
    booked_at: datetime | None = None


@dataclass(eq=False)
class Note:
    """A notification. Its number is known once the real one was found."""

    kind: str
    to: tuple[str, int]
    channel: str
    made_at: datetime
    due_at: datetime
    give_up_at: datetime
    listed: list[tuple[Session, Asked | None]]
    state: str = "waiting"
    attempts: int = 0
    number: int = 0
    tries: list[Try] = field(default_factory=list)
    start: datetime | None = None
    """The time it was written to tell."""
    concerns: tuple[int, int] = (0, 0)
    """Provider and client, for whom a failure is a task."""

    @property
    def about(self) -> tuple[int, ...]:
        return tuple(sorted(session.number for session, _asked in self.listed))


@dataclass(eq=False)
class Try:
    """An attempt to hand a notification over."""

    note: Note
    at: datetime
    number: int = 0
    link: str = ""
    done: bool = False
    """It has its outcome, if only that somebody else took it over."""


@dataclass(eq=False)
class Record:
    """What a practice has written down of a client. `events` are the rows of its history."""

    number: int
    practice: int
    first_name: str
    email: str
    goes_by: str = ""
    discharged_at: datetime | None = None
    archived_at: datetime | None = None
    into: Record | None = None
    """The record it has become part of."""

    events: list[str] = field(default_factory=list)

    @property
    def in_care(self) -> bool:
        return self.discharged_at is None and self.archived_at is None


@dataclass(eq=False)
class Merge:
    """Two records that became one: what went over, how the kept one stood before and right after it."""

    ref: UUID
    kept: Record
    gone: Record
    at: datetime
    former: tuple[datetime | None, datetime | None]
    sessions: list[Session]
    notes: list[Note]
    tasks: list[Task]
    series: list[Series]
    after: tuple[object, ...] = ()
    undone: bool = False


@dataclass(eq=False)
class File:
    """A file of clients: the names in its rows, and the records that came with it."""

    ref: UUID
    practice: int
    names: list[str]
    made_at: datetime
    state: str = "staged"
    imported_at: datetime | None = None
    records: list[Record] = field(default_factory=list)


@dataclass(eq=False)
class Planned(File):
    """A file of one appointment ahead; its session once it came in."""

    provider: int = 0
    client: int = 0
    kind: Kind | None = None
    start: datetime | None = None
    session: Session | None = None


@dataclass(eq=False)
class Invited:
    ref: UUID
    practice: int
    email: str
    made_at: datetime
    state: str = "open"


class Task(NamedTuple):
    kind: str
    provider: int
    client: int | None
    request: int | None = None
    note: int | None = None
    session: int | None = None


@dataclass(eq=False)
class World:
    """Everything there is."""

    now: datetime
    practice: int
    providers: list[int]
    manager: int
    people: dict[int, Person]
    kinds: list[Kind]
    places: list[int]
    sessions: list[Session] = field(default_factory=list)
    series: list[Series] = field(default_factory=list)
    batches: list[Batch] = field(default_factory=list)
    requests: list[Asked] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    offers: list[Offer] = field(default_factory=list)
    holds: list[Held] = field(default_factory=list)
    suggested: list[Suggested] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    tasks: set[Task] = field(default_factory=set)
    told_as_slow: set[int] = field(default_factory=set)
    """Requests that ever had a task because nobody took the prompt over."""

    manages: dict[int, int] = field(default_factory=dict)
    """By practice, who manages it: the other one stands beside this, with the same names and addresses."""

    records: list[Record] = field(default_factory=list)
    merges: list[Merge] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    invited: list[Invited] = field(default_factory=list)
    works: dict[tuple[str, int], bool] = field(default_factory=dict)
    """By address and practice, whether who was let in may enter still."""

    has_password: set[str] = field(default_factory=set)
    undo: timedelta = timedelta(0)
    """How long what staff do can be undone."""

    words: Counter[int] = field(default_factory=Counter)
    """How often somebody wrote, by client."""

    looked_at: tuple[int | None, datetime] | None = None
    """Whose open times were looked at last, and when: a provider's by a verb, everybody's (None) by the sweep."""

    def record(self, client: int) -> Record:
        return next(record for record in self.records if record.number == client)

    def live(self) -> Iterator[Session]:
        return (session for session in self.sessions if session.status == "scheduled")

    def standing(self) -> Iterator[Session]:
        """What takes time: all that is not canceled, whatever became of it."""
        return (session for session in self.sessions if session.status != "cancelled")

    def type_of(self, session: Session) -> Kind:
        """What came from a file keeps no room around it, but its type does."""
        return next(kind for kind in self.kinds if kind.number == session.kind.number)

    def requests_about(self, session: Session) -> set[int | None]:
        return {asked.number for asked in self.requests if asked.session is session}

    def open_request(self, session: Session) -> Asked | None:
        return next((asked for asked in self.requests if asked.session is session and asked.open), None)

    def waiting(self) -> list[Asked]:
        return [asked for asked in self.requests if asked.open]

    def held_for(self, about: Asked | Session | Offer, *, now: datetime) -> Held | None:
        """Return the time that its client holds inside a request, to move an appointment, or to book anew."""
        return next((one for one in self.holds if one.about is about and one.is_live(now)), None)

    def let_go(self, about: Asked | Session | Offer) -> None:
        self.holds = [one for one in self.holds if one.about is not about]

    def suggested_in(self, batch: Batch) -> list[Suggested]:
        """Return what is suggested in a batch, soonest first."""
        return sorted((one for one in self.suggested if one.batch is batch), key=lambda one: one.start)

    def set_aside(self, now: datetime) -> list[Held | Suggested]:
        """Return all that keeps others out because it is held for somebody."""
        times: list[Held | Suggested] = [*self.holds, *self.suggested]
        return [one for one in times if one.is_live(now)]

    def waits_until(self, session: Session) -> datetime | None:
        """Return until when what was done last with an appointment can be undone; None where it can't."""
        kept = session.kept
        here = kept is not None and kept.sequence == session.sequence and kept.until > self.now
        return kept.until if kept is not None and here else None

    def was_asked_about(self, session: Session) -> bool:
        return any(
            asked.session is session and asked.start == session.start and asked.state != "undone"
            for asked in self.requests
        )

    def asked_lately(self, provider: int, client: int, now: datetime) -> bool:
        return any(
            (batch.provider, batch.client) == (provider, client)
            and batch.asked_at > now - REPEATS_WITHIN
            and not any(asked.state == "undone" for asked in batch.requests)
            for batch in self.batches
        )

    def due_notes(self, now: datetime) -> list[Note]:
        return [note for note in self.notes if note.state == "waiting" and note.due_at <= now]

    def close_tasks(self, asked: Asked) -> None:
        """A settled request needs nobody any more; a message that failed still does."""
        over = {"client_wrote", "needs_provider", "no_open_times", "not_delivered"}
        self.tasks = {
            task
            for task in self.tasks
            if not (task.request == asked.number and task.kind in over and task.note is None)
        }
