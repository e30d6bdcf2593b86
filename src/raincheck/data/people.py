"""Practices and the people in them: users, memberships, providers, clients and whoever gets a client's messages."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower

from raincheck.data.access.shown import shows
from raincheck.data.tenancy import InPractice, NamedRow, PracticeRow, inside_its_practice, one_of
from raincheck.domain.availability.hours import availability_from
from raincheck.domain.clients.phones import region_of
from raincheck.domain.people import ActorKind, Role
from raincheck.domain.policy import Policy, policy_from


class Users(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        # In small letters, as the constraint wants it: people type their address in both ways.
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db, force_insert=True)
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """Somebody who can sign in. A user is no one's row: memberships link it to providers, managers and clients."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # 254 is the longest address that fits the 256 bytes of a path in RFC 5321, its two brackets included.
    email = models.EmailField(max_length=254, unique=True)
    name = models.TextField(blank=True)
    is_active = models.BooleanField(default=True)

    objects: ClassVar[Users] = Users()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")), name="an_email_is_kept_in_small_letters"
            )
        ]

    def __str__(self) -> str:
        return str(self.ref)


class Practice(models.Model):
    """The organisation. `policy` holds only what differs from the defaults, in seconds by name."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.TextField()
    sender_name = models.TextField(help_text="the discreet name that messages are sent under")
    reply_to = models.EmailField(max_length=254)
    phone = models.TextField()
    zone = models.TextField()
    urgent_help = models.TextField(blank=True, help_text="empty: the line for the United States")
    greeting = models.TextField(
        blank=True, default="", db_default="", help_text="a warm line for clients who are asked; empty: none"
    )
    policy = models.JSONField(default=dict, blank=True)
    being_set_up = models.BooleanField(
        default=False,
        db_default=False,
        help_text="managers find the list of what is still to be done on Home",
    )
    sender_tests = models.JSONField(
        default=dict,
        db_default={},
        blank=True,
        help_text="by channel the latest test message: to whom, when, and what the server made of it",
    )
    look_again_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="from then on the sweep looks again at open requests that nobody looked at since",
    )

    def __str__(self) -> str:
        return str(self.ref)

    @property
    def can_ask(self) -> bool:
        """Whether somebody has said in whose name messages go out, whom to call, and what to do in an emergency."""
        # One form says all three, and refuses to be without a sender.
        return bool(self.sender_name)

    @property
    def sender(self) -> str:
        """The name that messages are sent under; until the practice has one, the product's, which tells nobody anything."""
        return self.sender_name or "Raincheck"

    @property
    def rules(self) -> Policy:
        """The practice's policy: the product's defaults with what this practice chose instead."""
        return policy_from(self.policy)

    @property
    def region(self) -> str | None:
        """The country by whose plan phone numbers are read and written here."""
        return region_of(zone=self.zone, phone=self.phone)


class Provider(NamedRow):
    """A clinician with a calendar. `short_name` is what clients read: "Dr. Okafor"."""

    name = models.TextField()
    short_name = models.TextField()
    email = models.EmailField(max_length=254)
    zone = models.TextField()
    join_url = models.URLField(blank=True)
    availability = models.JSONField(
        default=dict,
        help_text="weekly windows and date overrides, as domain/availability/hours.py reads them",
    )
    availability_changed_at = models.DateTimeField()
    grid_step = models.DurationField()
    licensed_in = models.JSONField(
        default=list,
        db_default=[],
        blank=True,
        help_text="states and countries they may practice in (ISO 3166); empty: nothing is known, nothing asked",
    )
    left_at = models.DateTimeField(
        null=True, blank=True, help_text="since then they have no calendar here; empty: they work here"
    )

    class Meta:
        constraints = [inside_its_practice("a_provider_belongs_to_one_practice")]
        indexes = [models.Index(fields=["practice", "name", "id"], name="providers_by_name")]

    def __str__(self) -> str:
        return str(self.ref)

    @property
    def has_hours(self) -> bool:
        """Whether anybody could find a time of theirs."""
        hours = availability_from(self.availability)
        return any(hours.weekly) or any(windows for _day, windows in hours.overrides)


def first_letter(name: str) -> str:
    """Return the letter that stands for a name: its first, past apostrophes and brackets."""
    return next((character for character in name if character.isalpha()), "")


class Client(NamedRow):
    """The person in care; may have no account."""

    first_name = models.TextField(help_text="as in papers; a name of one part stands here alone")
    last_name = models.TextField(blank=True)
    goes_by = models.TextField(
        blank=True, default="", db_default="", help_text="what they are called; empty: by their first name"
    )
    pronouns = models.TextField(blank=True)
    phone = models.TextField(blank=True)
    zone = models.TextField(blank=True, help_text="the profile's zone; empty when nobody chose one")
    confirmed_zone = models.TextField(blank=True, help_text="the zone the client last confirmed on a page")
    usual_region = models.TextField(
        blank=True, default="", db_default="", help_text="where they usually are (ISO 3166); empty: unknown"
    )
    client_since = models.DateField()
    date_of_birth = models.DateField(null=True, blank=True)
    usual_provider = InPractice(Provider, null=True, blank=True, db_index=False)
    do_not_auto_cancel = models.BooleanField(default=False)
    never_works = models.TextField(
        blank=True,
        default="",
        db_default="",
        help_text="times of the week that never work for them, as domain/clients/never_works.py reads them",
    )
    neutral_wording = models.BooleanField(default=False)
    payer_forbids_fees = models.BooleanField(
        default=False,
        db_default=False,
        help_text="whoever pays for their care lets nobody charge them for a missed session",
    )
    rehearsal = models.BooleanField(
        default=False,
        db_default=False,
        help_text="somebody of the practice plays this client; no figure counts them",
    )
    discharged_at = models.DateTimeField(null=True, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    merged_into = InPractice(
        "raincheck.Client",
        null=True,
        blank=True,
        db_index=False,
        help_text="the record that this one became part of; nothing is written under it any more",
    )

    class Meta:
        constraints = [
            inside_its_practice("a_client_belongs_to_one_practice"),
            models.CheckConstraint(
                condition=~models.Q(merged_into=models.F("id")), name="a_record_is_not_merged_into_itself"
            ),
        ]
        # And `clients_by_letters_of_all_their_names`, which searches read: Django has no word for an index over a function of ours.
        indexes = [
            models.Index(fields=["practice", "last_name", "first_name", "id"], name="clients_by_name"),
            models.Index(
                fields=["usual_provider"],
                condition=models.Q(usual_provider__isnull=False),
                name="clients_by_usual_provider",
            ),
            models.Index(
                fields=["merged_into"],
                condition=models.Q(merged_into__isnull=False),
                name="records_merged_into_another",
            ),
        ]

    def __str__(self) -> str:
        return str(self.ref)

    @classmethod
    def from_db(cls, *row: Any, **how: Any) -> Self:
        client = super().from_db(*row, **how)
        # Whatever page reads a client counts as showing them, so that no page can forget the read log.
        shows(client.pk)
        return client

    @property
    def known_as(self) -> str:
        """What they are called, in greetings and wherever a first name stands: the name they go by, else their first."""
        return self.goes_by or self.first_name

    @property
    def name(self) -> str:
        """Who they are to the practice: by the name they go by and the last name."""
        return f"{self.known_as} {self.last_name}".strip()

    @property
    def full_name(self) -> str:
        """Their name as it stands in papers."""
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def short_name(self) -> str:
        """Who they are where a stranger may read along: the name they go by, and one letter of the last."""
        # A rehearsal's last name is the word that marks it, which has to stay whole.
        letter = first_letter(self.last_name)
        return f"{self.known_as} {letter}." if letter and not self.rehearsal else self.name

    def zone_in(self, practice: Practice) -> str:
        """Return the zone to show this client's times in: profile, else last confirmed, else the practice's."""
        # The product's order (section 5); what a browser says is never taken without being asked.
        return self.zone or self.confirmed_zone or practice.zone

    @property
    def initials(self) -> str:
        return (first_letter(self.known_as) + first_letter(self.last_name)).upper()


class Recipient(NamedRow):
    """Whoever gets messages for a client: the client, later also contacts with their own address, language and link."""

    client = InPractice(Client, related_name="recipients")
    is_client = models.BooleanField(default=True)
    email = models.EmailField(max_length=254, blank=True)
    phone = models.TextField(blank=True)
    sms_agreed_at = models.DateTimeField(null=True, blank=True)
    # Who wrote down that they agreed; unknown of those who agreed before this was kept.
    sms_agreed_by_kind = models.TextField(null=True, blank=True)
    sms_agreed_by = models.BigIntegerField(null=True, blank=True)
    language = models.TextField(default="en")
    zone = models.TextField(blank=True)
    reminders_off_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="since then they want no reminders of appointments; empty: they get them",
    )

    class Meta:
        constraints = [
            inside_its_practice("a_recipient_belongs_to_one_practice"),
            # Contacts may be many; only the client themselves is one.
            models.UniqueConstraint(
                fields=["client"], condition=models.Q(is_client=True), name="a_client_is_one_recipient"
            ),
            one_of("sms_agreed_by_kind", ActorKind, name="texts_were_agreed_to_before_a_known_actor"),
        ]

    def __str__(self) -> str:
        return str(self.ref)

    @property
    def gets_sms(self) -> bool:
        # A number alone is no consent: texts go to who agreed to them.
        return bool(self.phone) and self.sms_agreed_at is not None

    @property
    def reachable(self) -> bool:
        return bool(self.email) or self.gets_sms

    @property
    def gets_reminders(self) -> bool:
        # Nobody is shown as failed what nobody asked for: who can't be reached gets none.
        return self.reminders_off_at is None and self.reachable


class Membership(PracticeRow):
    """What a user is in one practice: a provider, a manager, a scheduler or a client. Staff may be several, each a row."""

    # A plain key: one person may be a client here and a provider elsewhere.
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships", db_index=False)
    role = models.TextField()
    provider = InPractice(Provider, null=True, blank=True)
    client = InPractice(Client, null=True, blank=True)
    ended_at = models.DateTimeField(
        null=True, blank=True, help_text="since then they may not enter as this; empty: they may"
    )

    class Meta:
        constraints = [
            inside_its_practice("a_membership_belongs_to_one_practice"),
            one_of("role", Role, name="a_membership_has_a_known_role"),
            models.CheckConstraint(
                condition=models.Q(role=Role.PROVIDER.value, provider__isnull=False, client__isnull=True)
                | models.Q(role=Role.CLIENT.value, client__isnull=False, provider__isnull=True)
                | models.Q(role=Role.MANAGER.value, client__isnull=True, provider__isnull=True)
                | models.Q(role=Role.SCHEDULER.value, client__isnull=True, provider__isnull=True),
                name="a_membership_points_at_what_its_role_says",
            ),
            models.UniqueConstraint(
                fields=["user", "practice", "role"], name="a_user_has_a_role_once_in_a_practice"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.pk}"
