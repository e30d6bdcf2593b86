"""The message thread of a provider and a client, and the cards in it."""

from django.db import models

from raincheck.data.access.sealed_words import SealedText, SealsWords
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.people import Client, Provider, Recipient
from raincheck.data.reschedule.request import RescheduleBatch
from raincheck.data.tenancy import InPractice, NamedRow, inside_its_practice, one_of
from raincheck.domain.conversations import Card
from raincheck.domain.people import ActorKind


class Conversation(NamedRow):
    """One thread for each provider and client. A provider's clients are those they have a conversation with."""

    provider = InPractice(Provider, db_index=False)
    client = InPractice(Client, db_index=False)
    latest_at = models.DateTimeField()
    provider_read_at = models.DateTimeField(null=True, blank=True)
    client_read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            inside_its_practice("a_conversation_belongs_to_one_practice"),
            models.UniqueConstraint(
                fields=["provider", "client"], name="a_provider_and_a_client_have_one_conversation"
            ),
        ]
        indexes = [
            models.Index(fields=["provider", "-latest_at"], name="conversations_of_a_provider"),
            models.Index(fields=["client", "-latest_at"], name="conversations_of_a_client"),
        ]

    def __str__(self) -> str:
        return str(self.ref)


class Message(SealsWords):
    """A message somebody wrote, or a card. `body` can be erased; the row stays.

    A card keeps the times it speaks of, so that it goes on telling what was true when it appeared.
    """

    # No index of its own: both below begin with it.
    conversation = InPractice(Conversation, related_name="messages", db_index=False)
    at = models.DateTimeField()
    author_kind = models.TextField()
    # A number and no key: `author_kind` says which table it is of.
    author = models.BigIntegerField(null=True)
    # Whose words a client's are: nobody else who gets this client's messages reads them on their page.
    recipient = InPractice(Recipient, null=True, blank=True, db_index=False)
    body = SealedText(blank=True)
    card = models.TextField(null=True, blank=True)
    batch = InPractice(RescheduleBatch, null=True, blank=True)
    appointment = InPractice(Appointment, null=True, blank=True)
    starts_at = models.DateTimeField(null=True, blank=True)
    former_starts_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            inside_its_practice("a_message_belongs_to_one_practice"),
            one_of("card", Card, name="a_card_has_a_known_kind"),
            one_of("author_kind", ActorKind, name="a_message_names_a_known_author"),
        ]
        indexes = [
            models.Index(fields=["conversation", "id"], name="messages_of_a_conversation"),
            # What is unread is counted from an instant on.
            models.Index(fields=["conversation", "at"], name="messages_by_time"),
        ]

    def __str__(self) -> str:
        return str(self.ref)
