"""Reasons for rescheduling: what the practice calls them, and the one sentence a client reads instead."""

from django.utils.translation import gettext_lazy as _

from raincheck.domain.reschedule import Reason
from raincheck.notifications.formats import reason_sentence

NAMES = {
    Reason.SCHEDULING_CONFLICT: _("Scheduling conflict"),
    Reason.TRAINING: _("Training or conference"),
    Reason.LEGAL_DUTY: _("Court or legal duty"),
    Reason.TRAVEL: _("Travel"),
    Reason.HOLIDAY: _("Holiday"),
    Reason.ILLNESS: _("Illness"),
    Reason.PERSONAL: _("Personal or family matter"),
    Reason.OTHER: _("Other"),
}
"""Every reason by its name, in the order of the form."""


def reason_for_client(reason: Reason, *, provider: str) -> str:
    """Return the sentence a client reads; `provider` is what they call the provider: "Dr. Okafor"."""
    return reason_sentence(reason, provider)
