"""Looks of the people of a practice: colors and photos, for lists, calendars and the address of a photo."""

from uuid import UUID

from raincheck.data.models import Appearance, Practice
from raincheck.domain.access.appearance import Color, Look


def looks_of(practice: Practice) -> dict[int, Look]:
    """Return how each of a practice is shown, by user, in one query; photos themselves stay where they are."""
    rows = Appearance.objects.filter(practice=practice)
    return {
        user: Look(ref, Color(color), photo)
        for user, ref, color, photo in rows.values_list("user", "user__ref", "color", "photo_hash")
    }


def looks_of_providers(practice: Practice) -> dict[int, Look]:
    """Return how each provider of a practice is shown, by provider, in one query: what a calendar of several needs."""
    # Of two practices where somebody works, this one's calendar is meant.
    rows = Appearance.objects.filter(
        practice=practice, user__memberships__practice=practice, user__memberships__provider__isnull=False
    )
    found = rows.values_list("user__memberships__provider", "user__ref", "color", "photo_hash")
    return {provider: Look(ref, Color(color), photo) for provider, ref, color, photo in found}


def photo_of(practice: Practice, ref: UUID, *, photo_hash: str) -> bytes | None:
    """Return somebody's photo; None where there is none, or another one by now."""
    rows = Appearance.objects.filter(practice=practice, user__ref=ref, photo_hash=photo_hash)
    content = rows.values_list("photo", flat=True).first()
    return bytes(content) if content is not None else None
