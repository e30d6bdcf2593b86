"""Reschedule requests: the ask, its batch, and the one open request an appointment may have."""

from datetime import datetime

from django.db import models

from raincheck.data.access.sealed_words import SealedText, SealsWords
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.people import Client, Provider
from raincheck.data.tenancy import InPractice, NamedRow, inside_its_practice, one_of
from raincheck.domain.reschedule.deadlines import clock_stands
from raincheck.domain.reschedule.lifecycle import NeedsProvider, Reason, State
from raincheck.domain.reschedule.silence import OpenRequest, silence_spares
from raincheck.domain.reschedule.urging import REMINDERS_BY_HAND, Urged
from raincheck.domain.spans import Span

# Also the condition of the indexes below: settled requests grow without end, and nothing ever becomes due of them.
OPEN = models.Q(state=State.OPEN.value)
COUNTED = models.Q(client__rehearsal=False)
"""What figures are made of: where somebody of the practice played the client, nothing is learned about clients."""


class RescheduleBatch(SealsWords):
    """Requests sent together: one reason, one note, one link. Its words live here, apart from the history, and can be erased."""

    provider = InPractice(Provider)
    client = InPractice(Client)
    asked_at = models.DateTimeField()
    asked_by_kind = models.TextField()
    # A number and no key: `asked_by_kind` says which table it is of.
    asked_by = models.BigIntegerField(null=True)
    reason = models.TextField()
    note = SealedText(blank=True)
    private_note = SealedText(blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            inside_its_practice("a_batch_belongs_to_one_practice"),
            one_of("reason", Reason, name="a_batch_has_a_known_reason"),
        ]

    def __str__(self) -> str:
        return str(self.ref)


class RescheduleRequest(NamedRow):
    """The ask about one appointment. `asked_starts_at` is the time it had when it was asked about.

    `asked_at` is when it leaves the practice: until then it can be undone, and all that counts from an ask counts from there.
    A settled request refuses every further change, by trigger. `remind_at` is when the next reminder is due.
    """

    batch = InPractice(RescheduleBatch, related_name="requests")
    appointment = InPractice(Appointment, related_name="requests")
    provider = InPractice(Provider, db_index=False)
    client = InPractice(Client, db_index=False)
    state = models.TextField(default=State.OPEN.value)
    asked_at = models.DateTimeField()
    asked_starts_at = models.DateTimeField()
    asked_ends_at = models.DateTimeField()
    first_deadline_at = models.DateTimeField()
    deadline_at = models.DateTimeField()
    last_minute = models.BooleanField(default=False)
    remind_at = models.DateTimeField(null=True, blank=True)
    reminders_sent = models.PositiveSmallIntegerField(default=0)
    reminded_by_hand = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="how often somebody of the practice reminded, beside the clock"
    )
    reminded_by_hand_at = models.DateTimeField(null=True, blank=True)
    extended_at = models.DateTimeField(
        null=True, blank=True, help_text="when somebody of the practice gave more time, which is done once"
    )
    # Until the first hand-over silence means nothing: the client may not know that they were asked.
    handed_over_at = models.DateTimeField(null=True, blank=True)
    client_wrote_at = models.DateTimeField(null=True, blank=True)
    spared = models.BooleanField(
        default=False,
        db_default=False,
        help_text="the client was told at the ask that silence cancels nothing; later marks may only spare",
    )
    video_offered = models.BooleanField(
        default=False,
        db_default=False,
        help_text="the client may keep the time, by video; only then can it end as kept",
    )
    needs_provider = models.TextField(null=True, blank=True)
    needs_provider_at = models.DateTimeField(null=True, blank=True)
    told_of_waiting_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="the latest moment at which the practice was told that it still waits",
    )
    outage_reckoned = models.BigIntegerField(
        null=True,
        blank=True,
        help_text="the latest outage whose time this request has back; each counts once",
    )
    time_given_back = models.DurationField(
        null=True, blank=True, help_text="by how much outages have moved the deadline"
    )
    time_lost = models.DurationField(
        null=True, blank=True, help_text="what outages took and the start left no room to give back"
    )
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.TextField(null=True, blank=True)
    moved_to = models.DateTimeField(null=True, blank=True)
    # When time may end it: at its deadline, or, while it waits for a person, when the session begins; nothing once it is settled.
    # A column of its own, so that the planner knows how few are due: of two instants and a state it expects a third of all.
    ends_at = models.GeneratedField(
        expression=models.Case(
            models.When(OPEN & models.Q(needs_provider__isnull=True), then=models.F("deadline_at")),
            models.When(OPEN, then=models.F("asked_starts_at")),
        ),
        output_field=models.DateTimeField(null=True),
        db_persist=True,
    )
    looked_at = models.DateTimeField(
        null=True, blank=True, help_text="when somebody last looked whether there are open times for it"
    )
    look_again_at = models.DateTimeField(
        null=True, blank=True, help_text="when the sweep looks again; empty: at once"
    )

    class Meta:
        constraints = [
            inside_its_practice("a_request_belongs_to_one_practice"),
            one_of("state", State, name="a_request_has_a_known_state"),
            one_of("needs_provider", NeedsProvider, name="a_request_waits_for_a_known_reason"),
            # Verbs look first; of two who ask in the same instant this lets one through (P4).
            models.UniqueConstraint(
                fields=["appointment"], condition=OPEN, name="an_appointment_has_one_open_request"
            ),
            models.CheckConstraint(
                condition=models.Q(state=State.OPEN.value, settled_at__isnull=True, settled_by__isnull=True)
                | (~OPEN & models.Q(settled_at__isnull=False, settled_by__isnull=False)),
                name="a_request_is_open_or_has_its_ending",
            ),
            models.CheckConstraint(
                condition=models.Q(state=State.MOVED.value, moved_to__isnull=False)
                | (~models.Q(state=State.MOVED.value) & models.Q(moved_to__isnull=True)),
                name="a_moved_request_says_where_to",
            ),
            models.CheckConstraint(
                # Whatever moves a deadline, a session that may have begun is never ended by it.
                condition=models.Q(deadline_at__lt=models.F("asked_starts_at")),
                name="a_deadline_lies_before_the_start",
            ),
            models.CheckConstraint(
                condition=models.Q(deadline_at__gt=models.F("asked_at")), name="a_deadline_lies_after_the_ask"
            ),
            models.CheckConstraint(
                condition=~models.Q(state=State.KEPT.value) | models.Q(video_offered=True),
                name="only_what_was_offered_by_video_is_kept",
            ),
            models.CheckConstraint(
                condition=models.Q(reminded_by_hand=0, reminded_by_hand_at__isnull=True)
                | models.Q(
                    reminded_by_hand__gt=0,
                    reminded_by_hand__lte=REMINDERS_BY_HAND,
                    reminded_by_hand_at__isnull=False,
                ),
                name="a_request_is_reminded_of_by_hand_twice_at_most",
            ),
        ]
        indexes = [
            models.Index(fields=["deadline_at"], condition=OPEN, name="open_requests_by_deadline"),
            models.Index(fields=["asked_starts_at"], condition=OPEN, name="open_requests_by_start"),
            models.Index(fields=["remind_at"], condition=OPEN, name="open_requests_by_reminder"),
            models.Index(
                fields=["ends_at"],
                condition=models.Q(ends_at__isnull=False),
                name="open_requests_by_their_end",
            ),
            models.Index(fields=["look_again_at"], condition=OPEN, name="open_requests_by_next_look"),
            models.Index(
                fields=["practice", "looked_at"], condition=OPEN, name="open_requests_by_latest_look"
            ),
            models.Index(
                fields=["asked_at"],
                condition=OPEN & models.Q(handed_over_at__isnull=True),
                name="open_requests_on_their_way",
            ),
            # Open ones have no ending and come first, the nearest deadline first: the order of every list of requests.
            models.Index(
                fields=["practice", "-settled_at", "deadline_at", "id"], name="requests_of_a_practice"
            ),
            models.Index(fields=["provider", "-settled_at", "deadline_at", "id"], name="requests_by_ending"),
            models.Index(fields=["client", "asked_at"], name="requests_of_a_client"),
            models.Index(fields=["appointment"], name="requests_of_an_appointment"),
            models.Index(fields=["batch"], name="requests_of_a_batch"),
        ]

    def __str__(self) -> str:
        return str(self.ref)

    @property
    def is_open(self) -> bool:
        return self.state == State.OPEN

    def is_undelivered(self, *, now: datetime) -> bool:
        """Return whether it is open and the client's time does not run, since it has not come to them."""
        return self.is_open and clock_stands(
            asked_at=self.asked_at,
            handed_over_at=self.handed_over_at,
            # Only rows read by `knowing_failures` know it.
            failed=getattr(self, "prompt_failed", False),
            now=now,
        )

    @property
    def prompted_at(self) -> datetime:
        """When the prompt came to the client: at its first hand-over; until then the ask stands for it."""
        return self.handed_over_at or self.asked_at

    @property
    def asked_span(self) -> Span:
        return Span(self.asked_starts_at, self.asked_ends_at)

    @property
    def ends_by_itself_at(self) -> datetime:
        """When time may end it while it is open, as `ends_at` has it: also of a row that is just being written."""
        return self.asked_starts_at if self.needs_provider else self.deadline_at

    @property
    def urged(self) -> Urged:
        """How it stands for whoever would give more time or remind."""
        return Urged(
            starts_at=self.asked_starts_at,
            deadline_at=self.deadline_at,
            handed_over_at=self.handed_over_at,
            needs_provider=NeedsProvider(self.needs_provider) if self.needs_provider else None,
            extended_at=self.extended_at,
            reminded_by_hand=self.reminded_by_hand,
            reminded_by_hand_at=self.reminded_by_hand_at,
        )


def sent() -> models.QuerySet[RescheduleBatch]:
    """Return the batches that count: one that was undone, always as a whole, was never sent."""
    undone = RescheduleRequest.objects.filter(batch=models.OuterRef("pk"), state=State.UNDONE)
    return RescheduleBatch.objects.filter(~models.Exists(undone))


def spared_at_the_ask(appointment: Appointment) -> bool:
    """Return whether a request about it that is sent now tells its client that silence cancels nothing."""
    return silence_spares(
        do_not_auto_cancel=appointment.client.do_not_auto_cancel,
        needed=appointment.needed_by is not None,
        of_its_type=appointment.type.silence_cancels,
        policy=appointment.practice.rules,
    )


def as_it_stands(
    request: RescheduleRequest, appointment: Appointment, *, kept_until: datetime | None = None
) -> OpenRequest:
    """Return what the rules of silence ask of an open request; its appointment needs its client at hand.

    `kept_until` is the end of a live hold that began before the deadline, when there is one.
    """
    handed_over_at = request.handed_over_at
    return OpenRequest(
        starts_at=appointment.starts_at,
        deadline_at=request.deadline_at,
        # Taken over after the deadline is too late to have been read in time.
        handed_over=handed_over_at is not None and handed_over_at < request.deadline_at,
        do_not_auto_cancel=appointment.client.do_not_auto_cancel,
        spared=request.spared,
        needs_provider=request.needs_provider is not None,
        hold_keeps_until=kept_until,
        time_lost=request.time_lost is not None,
    )
