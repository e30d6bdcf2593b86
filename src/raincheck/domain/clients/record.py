"""A client's record: how they are reached, and what its history may tell of a change."""

from enum import StrEnum

from raincheck.domain.clients.phones import read_phone
from raincheck.domain.people import Contact, TextsNeedANumber, sound_email


class ClientEvent(StrEnum):
    """What became of a client's record; each is one row of its history."""

    ADDED = "added"
    CHANGED = "changed"
    IMPORTED = "imported"
    MERGED = "merged"
    MERGE_UNDONE = "merge_undone"
    DISCHARGED = "discharged"
    ARCHIVED = "archived"
    BROUGHT_BACK = "brought_back"


CODES = frozenset({"texts", "zone", "language", "neutral_wording", "do_not_auto_cancel", "usual_provider"})
"""Fields of which the history keeps what they were and are. Of all others it keeps only that they changed: it can't be erased."""


def contact_of(*, email: str, phone: str, texts: bool, region: str | None) -> Contact:
    """Return what was written down, with the number as E.164. Raises a refusal that names its field."""
    contact = Contact(sound_email(email), read_phone(phone, region=region), texts)
    if contact.texts and not contact.phone:
        raise TextsNeedANumber
    return contact
