"""Reasons for rescheduling, as the practice calls them; clients never read which one it was."""

from django.utils.translation import gettext_lazy as _

from raincheck.domain.reschedule.lifecycle import Reason

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
