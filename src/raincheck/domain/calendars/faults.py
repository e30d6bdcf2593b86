"""Why a calendar could not be fetched or read. Each fault is a refusal with its code, and says why in half a sentence too.

The whole sentence stands at a form. The half one, `why`, follows "Could not read since Tuesday: " in the list.
"""

from __future__ import annotations

from raincheck.domain.calendars.busy import (
    CalendarCutOff,
    CalendarTakesTooLong,
    CalendarTooLarge,
    CalendarUnreadable,
    NotACalendar,
)
from raincheck.domain.refusals import Kind, Refusal
from raincheck.domain.sentences import _


class CalendarFault(Refusal):
    """A calendar could not be fetched. What was read of it before is still true as far as anybody knows."""

    kind = Kind.BAD_INPUT
    field: str | None = "address"
    code = "calendar_fault"
    sentence = _("This calendar could not be read. Nothing has changed; please check its address.")
    why = _("something went wrong")


class CalendarAddressWrong(CalendarFault):
    code = "calendar_address_wrong"
    sentence = _(
        "This is not an address we can read. Please copy the whole link; it starts with https://. "
        "Nothing was read yet."
    )
    why = _("its address is not one we can read")


class CalendarAddressPrivate(CalendarFault):
    code = "calendar_address_private"
    sentence = _(
        "This address leads into a private network, so it was not opened. "
        "Please use one that can be opened from anywhere."
    )
    why = _("its address leads into a private network")


class CalendarHostUnknown(CalendarFault):
    code = "calendar_host_unknown"
    sentence = _(
        "No server with the name in this address could be found. Nothing was read yet; please check the spelling."
    )
    why = _("its server could not be found")


class CalendarUnreachable(CalendarFault):
    code = "calendar_unreachable"
    sentence = _(
        "The server of this calendar does not answer. Nothing was read; please try again in a while."
    )
    why = _("its server does not answer")


class CalendarTooSlow(CalendarFault):
    code = "calendar_too_slow"
    sentence = _(
        "The server of this calendar took too long to answer. Nothing was read; please try again in a while."
    )
    why = _("its server took too long to answer")


class CalendarLineUnsafe(CalendarFault):
    code = "calendar_line_unsafe"
    sentence = _(
        "The connection to the server of this calendar is not safe: its certificate could not be checked. "
        "No password was sent, and nothing was read."
    )
    why = _("the connection to its server is not safe")


class CalendarWantsPassword(CalendarFault):
    code = "calendar_wants_password"
    sentence = _(
        "The server of this calendar wants a user name and a password, or other ones than these. "
        "Nothing was read; many services want an app password made for this purpose."
    )
    why = _("the address wants a password")


class CalendarForbidden(CalendarFault):
    code = "calendar_forbidden"
    sentence = _(
        "The server does not let us read this calendar. Nothing was read; "
        "please check in your calendar program that it may be read from outside."
    )
    why = _("its server does not let us read it")


class CalendarNotWritable(CalendarFault):
    code = "calendar_not_writable"
    sentence = _(
        "The server does not let us write into this calendar. Nothing was written; "
        "please check in your calendar program that others may change it."
    )
    why = _("its server does not let us write into it")


class CalendarNotThere(CalendarFault):
    code = "calendar_not_there"
    sentence = _(
        "There is no calendar at this address. Nothing was read; please copy the address from your calendar program again."
    )
    why = _("there is no calendar at its address any more")


class CalendarServerTrouble(CalendarFault):
    code = "calendar_server_trouble"
    sentence = _(
        "The server of this calendar has trouble of its own right now. Nothing was read; please try again in a while."
    )
    why = _("its server has trouble of its own")


class CalendarAnswerStrange(CalendarFault):
    code = "calendar_answer_strange"
    sentence = _(
        "The server of this calendar answered in a way that we do not understand. Nothing was read; please check the address."
    )
    why = _("its server answered in a way that we do not understand")


class CalendarDetour(CalendarFault):
    code = "calendar_detour"
    sentence = _(
        "This address leads on to others without end, or to one that is not safe. "
        "Nothing was read; please copy the final address."
    )
    why = _("its address leads on to another that we may not open")


class CalendarIsAPage(CalendarFault):
    code = "calendar_is_a_page"
    sentence = _(
        "This address shows a web page, maybe one to sign in, and no calendar. Nothing was read; "
        "please use the address for subscribing, which often ends with .ics."
    )
    why = _("a web page came instead of it, maybe one to sign in")


class CalendarIsAMessage(CalendarFault):
    code = "calendar_is_a_message"
    sentence = _(
        "The server sent a message for programs and no calendar. Nothing was read; please check the address."
    )
    why = _("a message for programs came instead of it")


class CalendarIsNothing(CalendarFault):
    code = "calendar_is_nothing"
    sentence = _(
        "The server sent nothing at all, not even an empty calendar. Nothing was read; please try again in a while."
    )
    why = _("nothing at all came instead of it")


class CalendarSecretLost(CalendarFault):
    code = "calendar_secret_lost"
    sentence = _(
        "The address or password of this calendar can no longer be read here. Please enter it again; "
        "times read before are still kept busy."
    )
    why = _("its address or password has to be entered again")


class NoCalendarServer(CalendarFault):
    code = "no_calendar_server"
    sentence = _(
        "This server does not offer calendars by CalDAV. Nothing was read; please check the server address."
    )
    why = _("its server does not offer calendars any more")


class NoCalendarsInAccount(CalendarFault):
    code = "no_calendars_in_account"
    sentence = _("There is no calendar in this account. Nothing was read; please check the user name.")
    why = _("there is no calendar in the account any more")


class CalDavNotInstalled(CalendarFault):
    kind = Kind.UNAVAILABLE
    code = "caldav_not_installed"
    sentence = _(
        "Reading accounts needs a part that is not installed here. "
        "Nothing was read; whoever runs Raincheck can add it: pip install raincheck[caldav]."
    )
    why = _("a part of Raincheck that reads accounts is not installed")


class CalendarAddressMissing(CalendarFault):
    code = "calendar_address_missing"
    sentence = _("Please paste the address of the calendar. Nothing was read yet.")
    why = _("it has no address")


class AccountIncomplete(CalendarFault):
    code = "account_incomplete"
    sentence = _("Please fill in the server address, the user name and the password. Nothing was read yet.")
    why = _("its account is not complete")
    field = None


class NoCalendarChosen(CalendarFault):
    code = "no_calendar_chosen"
    sentence = _("Please tick at least one calendar. Nothing was read yet.")
    why = _("it was not chosen")
    field = "calendars"


class TooManyCalendarsAtOnce(CalendarFault):
    code = "too_many_calendars_at_once"
    sentence = _(
        "Reading so many calendars at once takes too long, so none was connected. Please tick fewer; the others can follow."
    )
    why = _("too many were read at once")
    field = "calendars"


class AccountForgotten(CalendarFault):
    code = "account_forgotten"
    sentence = _("That took too long, so the account was forgotten. Nothing was read; please enter it again.")
    why = _("its account was forgotten")
    field = None


WHY_UNREADABLE: dict[str, str] = {
    NotACalendar.code: _("what came instead is no calendar"),
    CalendarCutOff.code: _("it stops in the middle"),
    CalendarTooLarge.code: _("it holds more than can be read at once"),
    CalendarTakesTooLong.code: _("reading it took too long"),
    CalendarUnreadable.code: _("nothing in it could be read"),
}
"""The same for refusals of what was fetched."""


def why(code: str) -> str:
    """Return half a sentence, still to be translated, for the code of a fault or of a refused reading."""
    for fault in CalendarFault.__subclasses__():
        if fault.code == code:
            return fault.why
    return WHY_UNREADABLE.get(code, CalendarFault.why)
