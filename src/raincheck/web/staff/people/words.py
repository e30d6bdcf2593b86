"""Words for roles, colors and changes of rights, and the field in which roles are chosen."""

from django import forms
from django.utils.translation import gettext as _, gettext_lazy as later

from raincheck.data.models import RightsHistory
from raincheck.domain.access.appearance import Color
from raincheck.domain.access.people import RightsEvent
from raincheck.domain.people import STAFF_ROLES, Role

# Each: what it is called, and what it means.
ROLES = {
    Role.PROVIDER: (later("Provider"), later("has a calendar and clients")),
    Role.MANAGER: (later("Manager"), later("acts for every provider; people, settings")),
    Role.SCHEDULER: (later("Scheduler"), later("calendar, requests, clients; no conversations")),
}
EVENTS = {
    RightsEvent.JOINED: later("Joined"),
    RightsEvent.DETAILS_CHANGED: later("Details"),
    RightsEvent.ROLES_CHANGED: later("Roles"),
    RightsEvent.ENDED: later("Access ended"),
    RightsEvent.GIVEN_BACK: later("Access given back"),
    RightsEvent.SECOND_FACTOR_RESET: later("Second step reset"),
}
COLORS = {
    Color.BLUE: later("Blue"),
    Color.RUST: later("Rust"),
    Color.TEAL: later("Teal"),
    Color.PLUM: later("Plum"),
    Color.OLIVE: later("Olive"),
    Color.VIOLET: later("Violet"),
    Color.ROSE: later("Rose"),
    Color.SLATE: later("Slate"),
}
FIELDS = {
    "name": later("name"),
    "short_name": later("name that clients read"),
    "email": later("e-mail"),
    "join_url": later("join link"),
    "licensed_in": later("states and countries"),
    "color": later("color"),
    "photo": later("photo"),
}


def change_words(row: RightsHistory) -> str:
    """Return what changed: "Roles: Manager added, Scheduler taken away"."""
    parts = [_("%(role)s added") % {"role": ROLES[Role(role)][0]} for role in row.details.get("given", ())]
    parts += [
        _("%(role)s taken away") % {"role": ROLES[Role(role)][0]} for role in row.details.get("ended", ())
    ]
    parts += [
        _("%(field)s changed") % {"field": FIELDS[word]}
        for word in row.details.get("words", ())
        if word in FIELDS
    ]
    event = str(EVENTS[RightsEvent(row.event)])
    return f"{event}: {', '.join(parts)}" if parts else event


def role_choices() -> list[tuple[str, str]]:
    """Return the roles as a form offers them."""
    return [(role.value, str(ROLES[role][0])) for role in STAFF_ROLES]


def role_hints() -> list[tuple[str, str]]:
    """Return what each role means, by its value."""
    return [(role.value, str(ROLES[role][1])) for role in STAFF_ROLES]


class RolesField(forms.MultipleChoiceField):
    """What somebody may do; several at once. The verb says that there must be one."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self) -> None:
        unknown = later("Please choose among these roles.")
        super().__init__(
            label=later("Roles"),
            required=False,
            choices=role_choices,
            error_messages={"invalid_choice": unknown, "invalid_list": unknown},
        )
