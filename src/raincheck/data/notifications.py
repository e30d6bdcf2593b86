"""Notifications: one row for each message, recipient and channel, its delivery attempts and their links."""

from django.db import models

from raincheck.data.appointments.appointment import Appointment
from raincheck.data.conversations import Conversation
from raincheck.data.people import Client, Provider, Recipient, User
from raincheck.data.reschedule.rebooking import RebookOffer
from raincheck.data.reschedule.request import RescheduleBatch, RescheduleRequest
from raincheck.data.tenancy import InPractice, NamedRow, PracticeRow, inside_its_practice, one_of
from raincheck.domain.notifications import Channel, DeliveryState, NotificationType, Outcome


class Notification(NamedRow):
    """One message to one recipient by one channel, written in the transaction of what it reports.

    It goes to a client's recipient, to a provider, or to a user: about signing in, or to a manager who asked.

    `ref` is stable over every repeat (Message-ID, event id). `due_at` is when delivery may next be tried; while an attempt
    is under way, until when nobody else tries. `after_others` leaves when nothing else waits: what a sweep tells many
    people at once. `subject` and `text` are what stands in the app; every other message is put into words by each of its
    attempts. `conversation` is set when somebody wrote, so that a failure is shown to whom it concerns.
    """

    recipient = InPractice(Recipient, null=True, blank=True, db_index=False)
    provider = InPractice(Provider, null=True, blank=True)
    # A plain key: a user is no practice's row, so there is no pair to point at.
    user = models.ForeignKey(User, models.CASCADE, null=True, blank=True, related_name="+")
    channel = models.TextField()
    kind = models.TextField()
    batch = InPractice(RescheduleBatch, null=True, blank=True)
    rebook_offer = InPractice(RebookOffer, null=True, blank=True)
    # What a link of its own opens, as the two before; of which appointments it tells stands in the rows that it lists.
    appointment = InPractice(Appointment, null=True, blank=True, db_index=False)
    conversation = InPractice(Conversation, null=True, blank=True, db_index=False)
    made_at = models.DateTimeField()
    due_at = models.DateTimeField()
    give_up_at = models.DateTimeField()
    state = models.TextField(default=DeliveryState.WAITING.value)
    ended_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    seen_at = models.DateTimeField(null=True, blank=True)
    address = models.TextField(blank=True)
    subject = models.TextField(blank=True)
    text = models.TextField(blank=True)
    after_others = models.BooleanField(default=False)
    facts = models.JSONField(default=dict, help_text="what words can't be made without: a code to sign in")

    class Meta:
        constraints = [
            inside_its_practice("a_notification_belongs_to_one_practice"),
            one_of("channel", Channel, name="a_notification_has_a_known_channel"),
            one_of("state", DeliveryState, name="a_notification_has_a_known_state"),
            models.CheckConstraint(
                condition=models.Q(recipient__isnull=False, provider__isnull=True, user__isnull=True)
                | models.Q(recipient__isnull=True, provider__isnull=False, user__isnull=True)
                | models.Q(recipient__isnull=True, provider__isnull=True, user__isnull=False),
                name="a_notification_has_one_addressee",
            ),
            models.CheckConstraint(
                condition=models.Q(state=DeliveryState.WAITING.value, ended_at__isnull=True)
                | (~models.Q(state=DeliveryState.WAITING.value) & models.Q(ended_at__isnull=False)),
                name="a_notification_waits_or_has_its_end",
            ),
        ]
        indexes = [
            models.Index(
                # As lanes claim: one channel, first what somebody waits for, then what a sweep told, longest due first.
                fields=["channel", "after_others", "due_at", "id"],
                condition=models.Q(state=DeliveryState.WAITING.value),
                name="waiting_notifications_by_turn",
            ),
            models.Index(
                fields=["due_at"],
                condition=models.Q(state=DeliveryState.WAITING.value),
                name="waiting_notifications_by_time",
            ),
            models.Index(
                fields=["ended_at"],
                # The failures of a day are counted at every look at the figures; nearly all messages are no failures.
                condition=models.Q(state=DeliveryState.FAILED.value),
                name="failed_notifications_by_time",
            ),
            models.Index(
                fields=["provider", "-id"],
                condition=models.Q(channel=Channel.IN_APP.value, seen_at__isnull=True),
                name="unseen_of_a_provider",
            ),
            models.Index(
                # In the order of a manager's list, which reads the last day of a practice and stops.
                fields=["practice", "-made_at", "-id"],
                condition=models.Q(channel=Channel.IN_APP.value),
                name="in_app_of_a_practice",
            ),
            models.Index(fields=["batch"], name="notifications_of_a_batch"),
            models.Index(
                fields=["conversation", "give_up_at"],
                condition=models.Q(conversation__isnull=False),
                name="notices_of_a_conversation",
            ),
            models.Index(fields=["recipient", "-id"], name="notifications_of_a_recipient"),
        ]

    def __str__(self) -> str:
        return str(self.ref)


class NotificationAppointment(PracticeRow):
    """Which appointments a notification speaks of, each as the event left it and at the iCalendar sequence it reports."""

    notification = InPractice(Notification, related_name="appointments", db_index=False)
    appointment = InPractice(Appointment, db_index=False)
    request = InPractice(RescheduleRequest, null=True, blank=True)
    sequence = models.PositiveIntegerField()
    facts = models.JSONField(default=dict, help_text="as notifications/facts.py reads it")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["notification", "appointment"], name="a_notification_lists_an_appointment_once"
            )
        ]
        # A deferred trigger reads it when an appointment moves or is cancelled: was each side told of this version?
        indexes = [models.Index(fields=["appointment", "sequence"], name="notifications_by_appointment")]

    def __str__(self) -> str:
        return f"{self.notification_id} {self.appointment_id}"


class DeliveryAttempt(PracticeRow):
    """One try to hand a notification over: when, where to, in which words, and what the other side answered.

    The words are kept as sent, but with `{link}` for the attempt's own link and `{code}` for a code to sign in; they can be
    erased. Without an outcome it is under way, or its process died.
    """

    notification = InPractice(Notification, related_name="tries")
    at = models.DateTimeField()
    address = models.TextField(blank=True)
    outcome = models.TextField(null=True, blank=True)
    answer = models.TextField(blank=True)
    subject = models.TextField(blank=True)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    calendar = models.TextField(blank=True, help_text="iCalendar objects to attach, one after the other")

    class Meta:
        constraints = [
            inside_its_practice("an_attempt_belongs_to_one_practice"),
            one_of("outcome", Outcome, name="an_attempt_has_a_known_outcome"),
        ]
        indexes = [models.Index(fields=["notification"], name="attempts_of_a_notification")]

    def __str__(self) -> str:
        return f"{self.at} {self.outcome}"


OPENED = ("batch", "rebook_offer", "appointment", "conversation")
"""What a link can open."""


def _only(opened: str) -> models.Q:
    return models.Q(**{f"{name}__isnull": name != opened for name in OPENED})


class Link(NamedRow):
    """A way in for one recipient, minted for one delivery attempt: only the hash of its 128 random bits is kept.

    One to a conversation leads to the sign-in and lets nobody in by itself; without a recipient it went to the provider.
    """

    # Whoever reads a copy of the database can open no page with it.
    hash = models.BinaryField(unique=True)
    recipient = InPractice(Recipient, null=True, blank=True, db_index=False)
    client = InPractice(Client)
    batch = InPractice(RescheduleBatch, null=True, blank=True)
    rebook_offer = InPractice(RebookOffer, null=True, blank=True)
    appointment = InPractice(Appointment, null=True, blank=True, db_index=False)
    conversation = InPractice(Conversation, null=True, blank=True, db_index=False)
    attempt = InPractice(DeliveryAttempt, null=True, blank=True)
    channel = models.TextField()
    # Where it was sent: it opens nothing more once the recipient has another address.
    address = models.TextField(blank=True)
    made_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            inside_its_practice("a_link_belongs_to_one_practice"),
            models.CheckConstraint(
                condition=_only("batch")
                | _only("rebook_offer")
                | _only("appointment")
                | _only("conversation"),
                name="a_link_opens_one_thing",
            ),
            models.CheckConstraint(
                condition=models.Q(recipient__isnull=False) | models.Q(conversation__isnull=False),
                name="a_link_that_lets_in_is_a_recipients",
            ),
        ]
        indexes = [models.Index(fields=["recipient", "batch"], name="links_of_a_recipient")]

    def __str__(self) -> str:
        return str(self.ref)


def knowing_failures(requests: models.QuerySet[RescheduleRequest]) -> models.QuerySet[RescheduleRequest]:
    """Return requests that know whether each of their messages to the client has failed for good (`prompt_failed`)."""
    prompts = Notification.objects.filter(
        batch=models.OuterRef("batch"), kind=NotificationType.ASKED, recipient__isnull=False
    )
    failed = (
        models.Q(handed_over_at__isnull=True)
        & models.Q(models.Exists(prompts.filter(state=DeliveryState.FAILED)))
        & ~models.Q(models.Exists(prompts.exclude(state=DeliveryState.FAILED)))
    )
    return requests.annotate(prompt_failed=models.ExpressionWrapper(failed, models.BooleanField()))
