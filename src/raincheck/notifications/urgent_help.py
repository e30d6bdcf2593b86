"""The urgent-help line that clients read: the practice's own, else that of the country whose clock they live by."""

from django.utils.translation import gettext as _

from raincheck.data.people import Practice
from raincheck.domain.urgent_help import calls_988


def urgent_help(practice: Practice, *, zone: str) -> str:
    """Return whom to call for urgent help, for somebody whose times are shown in `zone`."""
    if practice.urgent_help:
        return practice.urgent_help
    if calls_988(zone, otherwise=practice.zone):
        return _(
            "If you are in danger or need help right now, call or text 988, or call 911. 988 answers by videophone, too."
        )
    return _("If you are in danger or need help right now, call your local emergency number.")
