"""A provider's working hours."""

from __future__ import annotations

from datetime import datetime

from raincheck.actions.locks import lock
from raincheck.actions.open_times import watch_open_times
from raincheck.actions.runner import Answer
from raincheck.domain.availability import Availability, as_stored


def set_availability(provider_id: int, *, availability: Availability, now: datetime) -> Answer:
    """Give a provider other working hours. Appointments outside them stay as they are."""
    provider = lock(providers=[provider_id]).providers[provider_id]
    provider.availability = as_stored(availability)
    provider.availability_changed_at = now
    provider.save(update_fields=["availability", "availability_changed_at"])
    watch_open_times(provider, now=now)
    return {"provider": str(provider.ref)}
