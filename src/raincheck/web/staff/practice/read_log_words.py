"""Words for the rows of the read log: who read, on which page, and what else was done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _, gettext_lazy as later

from raincheck.domain.access.events import Event
from raincheck.domain.access.sessions import SessionEnd
from raincheck.domain.people import ActorKind

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

WHO: dict[str, StrOrPromise] = {
    ActorKind.CLIENT_BY_LINK: later("client, by link"),
    ActorKind.CLIENT: later("client"),
    ActorKind.PROVIDER: later("provider"),
    ActorKind.MANAGER: later("manager"),
    ActorKind.SCHEDULER: later("scheduler"),
    ActorKind.SYSTEM: later("nobody who is known"),
    ActorKind.OPERATOR: later("operator"),
}

WHAT: dict[str, StrOrPromise] = {
    "home": later("Home"),
    **dict.fromkeys(
        ("start", "news-seen", "setup-put-away", "rehearsal-start", "rehearsal-clear"), later("Home")
    ),
    **dict.fromkeys(("test-mail", "test-text"), later("A test message")),
    "appointments": later("Appointments"),
    "team-day": later("The team's day"),
    "calendar-feed": later("Calendar"),
    "open-times": later("Open times"),
    "appointment-new": later("New appointment"),
    "block-new": later("Block time off"),
    "block": later("Time off"),
    "appointment": later("Appointment details"),
    "appointment-change": later("Changing an appointment"),
    "appointment-ask": later("Asking to reschedule"),
    "appointment-cancel": later("Canceling an appointment"),
    "appointment-needed-by": later("The day by which an appointment is needed"),
    "appointment-reinstate": later("Putting an appointment back"),
    "appointment-undo": later("Undoing a change of an appointment"),
    "appointment-outcome": later("What became of an appointment"),
    "appointment-rebook-link": later("Link to book anew"),
    "took-place": later("What became of appointments"),
    "zone-rules": later("New clock rules"),
    "requests": later("Reschedule requests"),
    "request": later("A reschedule request"),
    "request-withdraw": later("Withdrawing a request"),
    "request-extend": later("Extending a request"),
    "request-suggest": later("Suggesting times to a client"),
    "request-take-back": later("Taking a suggested time back"),
    "request-pick": later("Picking a time for a client"),
    "request-undo": later("Undoing a request"),
    "request-remind": later("Reminding a client of a request"),
    "task-done": later("A task"),
    "search": later("Search"),
    "clients": later("Clients"),
    "client": later("Client's record"),
    "record": later("Client's record"),
    "client-edit": later("Editing a client's record"),
    "client-new": later("Adding a client"),
    "client-duplicates": later("Records that may be the same"),
    "client-merge": later("Merging two records"),
    "client-merge-undo": later("Undoing a merge"),
    "client-discharge": later("Discharging a client"),
    "client-archive": later("Archiving a client"),
    "client-bring-back": later("Bringing a client back"),
    "import": later("Import"),
    "import-file": later("Import, its rows"),
    "import-columns": later("Import, its columns"),
    "import-clients": later("Import, whose each event is"),
    "import-start": later("Starting an import"),
    "import-undo": later("Undoing an import"),
    "import-drop": later("Giving up an import"),
    "import-template": later("Import"),
    "export": later("Export"),
    "export-file": later("Export, as a file"),
    "emergency-open": later("Opening a conversation in an emergency"),
    "emergency-read": later("Conversation, in an emergency"),
    "emergency-end": later("Closing a conversation, opened in an emergency"),
    "messages": later("Messages"),
    "message-client": later("Conversation"),
    "conversation": later("Conversation"),
    "conversation-read": later("Conversation"),
    "availability": later("Availability"),
    "availability-preview": later("Open times beside the hours"),
    "calendars": later("Calendars"),
    **dict.fromkeys(("calendar-account", "calendar-check", "calendar-choose"), later("Calendars")),
    **dict.fromkeys(("calendar-link", "calendar-remove", "calendar-titles"), later("Calendars")),
    **dict.fromkeys(("push-start", "push-stop"), later("Calendars")),
    "people": later("People"),
    "person": later("Somebody's page, under People"),
    "person-end": later("Ending somebody's access"),
    "person-appointments": later("What is booked with who left"),
    "person-give-back": later("Giving access back"),
    "person-second-factor": later("Resetting a second step"),
    **dict.fromkeys(("person-appearance", "person-photo", "person-photo-remove"), later("Photo and color")),
    **dict.fromkeys(("invitation-resend", "invitation-revoke"), later("An invitation")),
    "practice": later("Practice"),
    **dict.fromkeys(("appointment-type", "appointment-type-new"), later("Appointment types")),
    **dict.fromkeys(("place", "place-new"), later("Places")),
    "booking-rules": later("Booking rules"),
    "practice-details": later("Details for messages"),
    "feed": later("Calendar address"),
    **dict.fromkeys(("feed-make", "feed-stop", "feed-titles"), later("Calendar address")),
    "read-log": later("Read log"),
    "read-log-file": later("Read log, as a file"),
    **dict.fromkeys(("account", "own-appearance", "own-photo-remove"), later("Own account")),
    **dict.fromkeys(("session-end", "sessions-end", "switch-practice"), later("Own account")),
    **dict.fromkeys(("authenticator", "authenticator-change", "authenticator-remove"), later("Own account")),
    **dict.fromkeys(("passkey-new", "passkey-new-options", "passkey-remove"), later("Own account")),
    **dict.fromkeys(("passkey-rename", "recovery-codes", "recovery-codes-file"), later("Own account")),
    **dict.fromkeys(("recovery-codes-new", "asked-again"), later("Own account")),
    "choose": later("Choosing a new time"),
    "choose-opened": later("Choosing a new time"),
    "choose-request": later("Choosing a new time"),
    **dict.fromkeys(
        ("choose-times", "choose-hold", "choose-hold-longer", "choose-let-go"), later("Choosing a new time")
    ),
    "choose-write": later("Writing to the practice"),
    "choose-zone": later("Choosing a time zone"),
    "choose-cancel": later("Canceling"),
    "choose-not-you": later("Not you?"),
    "choose-change": later("Changing a choice"),
    "choose-nobody-came": later("Nobody came"),
    "choose-where": later("Where the client will be"),
    "choose-calendar": later("File for a calendar"),
    "my-appointment": later("Own appointment"),
    "my-appointment-move": later("Choosing a new time"),
    "my-appointment-cancel": later("Canceling"),
    "my-appointment-reminders": later("Reminders"),
    "my-appointment-write": later("Writing to the practice"),
    "my-appointment-zone": later("Choosing a time zone"),
    "my-appointment-not-you": later("Not you?"),
    "my-appointment-calendar": later("File for a calendar"),
    "stop-reminders": later("Reminders"),
    "book": later("Booking a new time"),
    "book-write": later("Writing to the practice"),
    "book-zone": later("Choosing a time zone"),
    "book-not-you": later("Not you?"),
    "book-calendar": later("File for a calendar"),
    "portal": later("Own pages"),
    "portal-conversation": later("Conversation"),
    "portal-conversation-read": later("Conversation"),
    **dict.fromkeys(("portal-feed-make", "portal-feed-stop"), later("Calendar address")),
    Event.SIGNED_IN: later("Signed in"),
    Event.SIGN_IN_FAILED: later("Sign-in failed"),
    Event.SIGN_IN_REFUSED: later("Sign-in refused: too many tries"),
    Event.SIGNED_OUT: later("Signed out"),
    Event.PASSWORD_FAILED: later("Password refused, asked for again"),
    Event.CODE_FAILED: later("Wrong code from a mail"),
    Event.SESSION_ENDED: later("Session ended"),
    Event.PAGE_REFUSED: later("Page refused"),
    Event.INVITED: later("Somebody invited"),
    Event.INVITED_AGAIN: later("Invitation sent again"),
    Event.INVITATION_REVOKED: later("Invitation taken back"),
    Event.INVITATION_USED: later("Invitation used"),
    Event.SECOND_FACTOR_FAILED: later("Second factor refused"),
    Event.SECOND_FACTOR_SET_UP: later("Second factor set up"),
    Event.PASSKEY_ADDED: later("Passkey added"),
    Event.PASSKEY_RENAMED: later("Passkey renamed"),
    Event.PASSKEY_REMOVED: later("Passkey removed"),
    Event.AUTHENTICATOR_ADDED: later("Authenticator app added"),
    Event.AUTHENTICATOR_REPLACED: later("Authenticator app replaced"),
    Event.AUTHENTICATOR_REMOVED: later("Authenticator app removed"),
    Event.RECOVERY_CODES_MADE: later("New recovery codes made"),
    Event.RIGHTS_CHANGED: later("Rights changed"),
    Event.SETTINGS_CHANGED: later("Settings changed"),
    Event.EMERGENCY_BEGAN: later("Emergency access began"),
    Event.EMERGENCY_ENDED: later("Emergency access ended"),
    Event.LOG_EXPORTED: later("Read log exported"),
    Event.LOG_CUT: later("Oldest rows gone after seven years"),
    Event.ROWS_EXPORTED: later("Exported clients or appointments"),
}
"""By the name of the address, and by the act; of what has no words here the name itself is shown."""

ENDED: dict[str, StrOrPromise] = {
    SessionEnd.IDLE: later("Session ended: nobody was there"),
    SessionEnd.AGE: later("Session ended: it was too old"),
    SessionEnd.ONESELF: later("Session ended from another device"),
    SessionEnd.PASSWORD: later("Session ended: a new password"),
    SessionEnd.SECOND_FACTOR: later("Session ended: a second factor changed"),
    SessionEnd.ACCESS: later("Session ended: access has ended"),
}


def what_words(what: str, detail: Mapping[str, object]) -> str:
    """Return what a row is about, with what its detail adds."""
    if what == Event.SESSION_ENDED:
        return str(ENDED.get(str(detail.get("how")), WHAT[what]))
    if what == Event.PAGE_REFUSED:
        page = str(detail.get("page", ""))
        return _("Page refused: %(page)s") % {"page": WHAT.get(page, page)}
    return str(WHAT.get(what, what))
