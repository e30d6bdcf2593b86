"""People: the clients of a provider or practice, how each is reached, and the names of managers."""

import re
from collections.abc import Iterable
from datetime import datetime

from django.db.models import BooleanField, ExpressionWrapper, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import RawSQL

from raincheck.data.clients.of_provider import CLEARED_AWAY
from raincheck.data.models import Appointment, Client, Membership, Recipient, Task
from raincheck.domain.appointments.lifecycle import Status
from raincheck.domain.people import BY_MEMBERSHIP
from raincheck.domain.tasks import TaskKind

AGREED_TO_TEXTS = Q(sms_agreed_at__isnull=False) & ~Q(phone="")


# Whom a provider usually sees, or has an appointment or a conversation with: one step along the index for each, however often they came.
# DISTINCT would read every appointment that they ever had.
SEEN = """
WITH RECURSIVE seen(client) AS (
    (SELECT client_id FROM raincheck_appointment WHERE provider_id = %(provider)s AND cancelled_why IS DISTINCT FROM 'import_undone' ORDER BY client_id LIMIT 1)
    UNION ALL
    SELECT (SELECT client_id FROM raincheck_appointment WHERE provider_id = %(provider)s AND cancelled_why IS DISTINCT FROM 'import_undone' AND client_id > seen.client
        ORDER BY client_id LIMIT 1) FROM seen WHERE seen.client IS NOT NULL
)
SELECT client FROM seen WHERE client IS NOT NULL UNION SELECT client_id FROM raincheck_conversation WHERE provider_id = %(provider)s
UNION SELECT id FROM raincheck_client WHERE usual_provider_id = %(provider)s
"""


def searched(
    words: str,
    *,
    practice_id: int,
    provider_id: int | None,
    now: datetime,
    archived: bool = False,
) -> QuerySet[Client]:
    """Return a provider's clients, or the practice's when there is none, who are found by these words, by last name.

    Those who were archived are found among the `archived` alone.

    Their name holds every word, whatever the accents; or their e-mail address or phone number holds all of it. `next_at` is their next appointment, a provider's with that provider.
    """
    clients = Client.objects.filter(~CLEARED_AWAY, practice=practice_id, merged_into__isnull=True)
    clients = clients.filter(archived_at__isnull=not archived)
    appointments = Appointment.objects.all()
    if provider_id is not None:
        appointments = appointments.filter(provider=provider_id)
        clients = clients.filter(pk__in=RawSQL(SEEN.replace("%(provider)s", "%s"), [provider_id] * 4))
    if words.split():
        clients = clients.filter(pk__in=found_by(words, practice_id=practice_id))
    ahead = appointments.filter(client=OuterRef("pk"), status=Status.SCHEDULED, starts_at__gt=now)
    own = Recipient.objects.filter(client=OuterRef("pk"), is_client=True)
    with_next = clients.annotate(
        next_at=Subquery(ahead.order_by("starts_at").values("starts_at")[:1]),
        email=Subquery(own.values("email")[:1]),
        # A value, not Exists: for that the database would gather all who ever agreed.
        texts=Subquery(own.values(agreed=ExpressionWrapper(AGREED_TO_TEXTS, BooleanField()))[:1]),
    )
    return with_next.order_by("last_name", "first_name", "pk")


# One question for each index, which knows the practice, so that others' clients are not read first.
FOUND_BY_NAME = """
SELECT id FROM raincheck_client
WHERE client_name_terms(practice_id, first_name || ' ' || goes_by, last_name) @@ client_name_query(%s, %s)
"""
FOUND_BY_CONTACT = """
UNION SELECT id FROM raincheck_client WHERE contact_terms(practice_id, '', phone) @@ %s::tsquery
UNION SELECT client_id FROM raincheck_recipient WHERE contact_terms(practice_id, email::text, phone) @@ %s::tsquery
"""
# So many signs of an address or a number tell one client from others.
TELLING = 3
# Whoever writes a number with its country finds it where it is kept without, and the other way around.
WITHOUT_COUNTRY = 10


def found_by(words: str, *, practice_id: int) -> RawSQL:
    """Return the clients' numbers of whom these words are part of the name, the e-mail address or the phone number."""
    found, values = FOUND_BY_NAME, [practice_id, words.split()]
    digits = re.sub(r"[\s+()./-]", "", words)
    if digits.isascii() and digits.isdigit():
        contact = digits.lstrip("0")[-WITHOUT_COUNTRY:]
    else:
        contact = "" if len(words.split()) > 1 else words.strip().lower()
    if len(contact) >= TELLING:
        # Quotes and backslashes are doubled, since a term in quotes is the only one that may hold whatever people type.
        term = f"{practice_id}:{contact}".replace("\\", "\\\\").replace("'", "''")
        found, values = found + FOUND_BY_CONTACT, [*values, *[f"'{term}':*"] * 2]
    return RawSQL(found, values)


def own_recipient(client: Client) -> Recipient | None:
    """Return the row that says how the client themselves is reached."""
    return Recipient.objects.filter(client=client, is_client=True).first()


def asked_to_stop(client: Client) -> bool:
    """Return whether somebody said "Not you?" at a link of theirs, and the practice has not yet asked whose address it is."""
    return Task.objects.filter(client=client, kind=TaskKind.LINK_NOT_THEIRS, done_at__isnull=True).exists()


def names_by_membership(acts: Iterable[tuple[str, int | None]]) -> dict[int, str]:
    """Return by membership what the managers and schedulers are called among those who acted; in one query.

    Each act is the kind and the number of who did it, as histories have it.
    """
    memberships = {who for kind, who in acts if kind in BY_MEMBERSHIP and who is not None}
    return dict(Membership.objects.filter(pk__in=memberships).values_list("pk", "user__name"))
