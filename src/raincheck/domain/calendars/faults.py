"""Faults: why a calendar could not be fetched or read, one row each; a new fault is one more row.

The whole sentence stands at a form. The half one, `why`, follows "Could not read since Tuesday: " in the list.
"""

from typing import cast

from raincheck.domain.calendars.busy import Problem
from raincheck.domain.refusals import Kind, Refusal
from raincheck.domain.sentences import _


class CalendarFault(Refusal):
    """A calendar could not be fetched. What was read of it before is still true as far as anybody knows.

    `statuses` are the answers (RFC 9110) by which a server says it. With `needs_credentials` no further try helps
    until its owner has entered an address or a password again.
    """

    kind = Kind.BAD_INPUT
    field: str | None = "address"
    code = "calendar_fault"
    sentence = _("This calendar could not be read. Nothing has changed; please check its address.")
    why = _("something went wrong")
    statuses: tuple[int, ...] = ()
    needs_credentials = False


def _fault(
    code: str,
    sentence: str,
    *,
    why: str,
    statuses: tuple[int, ...] = (),
    needs_credentials: bool = False,
    field: str | None = "address",
    kind: Kind = Kind.BAD_INPUT,
) -> type[CalendarFault]:
    """Return the refusal that a row of the table stands for."""
    row = {
        "code": code,
        "sentence": sentence,
        "why": why,
        "statuses": statuses,
        "needs_credentials": needs_credentials,
        "field": field,
        "kind": kind,
        "__module__": __name__,
    }
    # Named as the class that it is: tests over all refusals, and whoever reads a traceback, go by it.
    name = "".join(word.capitalize() for word in code.split("_"))
    return cast("type[CalendarFault]", type(name, (CalendarFault,), row))


CalendarAddressWrong = _fault(
    "calendar_address_wrong",
    _(
        "This is not an address we can read. Please copy the whole link; it starts with https://. Nothing was read yet."
    ),
    why=_("its address is not one we can read"),
)
# Nothing more is said about what is there: the answer must not help to look around in the operator's network.
CalendarAddressPrivate = _fault(
    "calendar_address_private",
    _(
        "This address leads into a private network, so it was not opened. Please use one that can be opened from anywhere."
    ),
    why=_("its address leads into a private network"),
)
CalendarHostUnknown = _fault(
    "calendar_host_unknown",
    _(
        "No server with the name in this address could be found. Nothing was read yet; please check the spelling."
    ),
    why=_("its server could not be found"),
)
CalendarUnreachable = _fault(
    "calendar_unreachable",
    _("The server of this calendar does not answer. Nothing was read; please try again in a while."),
    why=_("its server does not answer"),
)
CalendarTooSlow = _fault(
    "calendar_too_slow",
    _("The server of this calendar took too long to answer. Nothing was read; please try again in a while."),
    why=_("its server took too long to answer"),
)
CalendarLineUnsafe = _fault(
    "calendar_line_unsafe",
    _(
        "The connection to the server of this calendar is not safe: its certificate could not be checked. No password was sent, and nothing was read."
    ),
    why=_("the connection to its server is not safe"),
)
CalendarWantsPassword = _fault(
    "calendar_wants_password",
    _(
        "The server of this calendar wants a user name and a password, or other ones than these. Nothing was read; many services want an app password made for this purpose."
    ),
    why=_("the address wants a password"),
    statuses=(401,),
    needs_credentials=True,
)
CalendarWantsOtherSignIn = _fault(
    "calendar_wants_other_sign_in",
    _(
        "The server of this calendar lets programs in only in a way that Raincheck can't use, so a user name and a password are not enough. Nothing was read; please use the calendar's link for subscribing instead."
    ),
    why=_("its server lets programs in only in a way that we can't use"),
)
CalendarForbidden = _fault(
    "calendar_forbidden",
    _(
        "The server does not let us read this calendar. Nothing was read; please check in your calendar program that it may be read from outside."
    ),
    why=_("its server does not let us read it"),
    statuses=(403,),
)
# Permission to read is another than to write: here nothing is wrong with what was read.
CalendarNotWritable = _fault(
    "calendar_not_writable",
    _(
        "The server does not let us write into this calendar. Nothing was written; please check in your calendar program that others may change it."
    ),
    why=_("its server does not let us write into it"),
)
CalendarNotThere = _fault(
    "calendar_not_there",
    _(
        "There is no calendar at this address. Nothing was read; please copy the address from your calendar program again."
    ),
    why=_("there is no calendar at its address any more"),
    statuses=(404, 410),
)
# "Timed out", "too early", "too many": a try a little later may well do (RFC 9110, 15.5.9; RFC 8470; RFC 6585).
CalendarServerTrouble = _fault(
    "calendar_server_trouble",
    _(
        "The server of this calendar has trouble of its own right now. Nothing was read; please try again in a while."
    ),
    why=_("its server has trouble of its own"),
    statuses=(408, 425, 429),
)
# Since 2025, for some organizations, with a header of its own that says so.
CalendarOutlookRefuses = _fault(
    "calendar_outlook_refuses",
    _(
        "Outlook does not give this calendar to programs, though the link may open in a browser. Nothing was read; please publish the calendar again in Outlook and paste the new ICS link, or ask whoever runs your Outlook to allow it."
    ),
    why=_("its server, Outlook, does not give it to programs"),
)
CalendarAnswerStrange = _fault(
    "calendar_answer_strange",
    _(
        "The server of this calendar answered in a way that we do not understand. Nothing was read; please check the address."
    ),
    why=_("its server answered in a way that we do not understand"),
)
CalendarDetour = _fault(
    "calendar_detour",
    _(
        "This address leads on to others without end, or to one that is not safe. Nothing was read; please copy the final address."
    ),
    why=_("its address leads on to another that we may not open"),
)
CalendarIsAPage = _fault(
    "calendar_is_a_page",
    _(
        "This address shows a web page, maybe one to sign in, and no calendar. Nothing was read; please use the address for subscribing, which often ends with .ics."
    ),
    why=_("a web page came instead of it, maybe one to sign in"),
)
CalendarIsASignIn = _fault(
    "calendar_is_a_sign_in",
    _(
        "This address leads to a page where people sign in, which Raincheck can't do for you. Nothing was read; please use the calendar's link for subscribing, which often ends with .ics, or the server address meant for programs."
    ),
    why=_("a page to sign in came instead of it"),
)
CalendarIsAMessage = _fault(
    "calendar_is_a_message",
    _("The server sent a message for programs and no calendar. Nothing was read; please check the address."),
    why=_("a message for programs came instead of it"),
)
CalendarIsNothing = _fault(
    "calendar_is_nothing",
    _(
        "The server sent nothing at all, not even an empty calendar. Nothing was read; please try again in a while."
    ),
    why=_("nothing at all came instead of it"),
)
# After the secret key was changed without keeping the former one: no server has a part in this.
CalendarSecretLost = _fault(
    "calendar_secret_lost",
    _(
        "The address or password of this calendar can no longer be read here. Please enter it again; times read before are still kept busy."
    ),
    why=_("its address or password has to be entered again"),
    needs_credentials=True,
)
# An event that is left out would look like free time.
CalendarEventMissing = _fault(
    "calendar_event_missing",
    _(
        "The server names an event of this calendar but does not give it to us. Nothing was read, since the time of that event would look free; please look for a damaged event in your calendar program."
    ),
    why=_("its server keeps one of its events back"),
)
NoCalendarServer = _fault(
    "no_calendar_server",
    _(
        "This server does not offer calendars by CalDAV at this address. Nothing was read; please check the server address."
    ),
    why=_("its server does not offer calendars any more"),
)
NoCalendarsInAccount = _fault(
    "no_calendars_in_account",
    _("There is no calendar in this account. Nothing was read; please check the user name."),
    why=_("there is no calendar in the account any more"),
)
# From here on: said at the forms, before anything was asked of a server.
CalendarAddressMissing = _fault(
    "calendar_address_missing",
    _("Please paste the address of the calendar. Nothing was read yet."),
    why=_("it has no address"),
)
AccountIncomplete = _fault(
    "account_incomplete",
    _("Please fill in the server address, the user name and the password. Nothing was read yet."),
    why=_("its account is not complete"),
    field=None,
)
NoCalendarChosen = _fault(
    "no_calendar_chosen",
    _("Please tick at least one calendar. Nothing was read yet."),
    why=_("it was not chosen"),
    field="calendars",
)
TooManyCalendarsAtOnce = _fault(
    "too_many_calendars_at_once",
    _(
        "Reading so many calendars at once takes too long, so none was connected. Please tick fewer; the others can follow."
    ),
    why=_("too many were read at once"),
    field="calendars",
)
AccountForgotten = _fault(
    "account_forgotten",
    _("That took too long, so the account was forgotten. Nothing was read; please enter it again."),
    why=_("its account was forgotten"),
    field=None,
)

# From here on: what came could be fetched, and is refused by the reader. The form points at the file or the address.
# Something else, often a sign-in page, is never to be taken for an empty calendar.
NotACalendar = _fault(
    "not_a_calendar",
    _(
        "This is not a calendar file. It may be a web page or a sign-in page. Nothing has changed; export the calendar as an .ics file and try again."
    ),
    why=_("what came instead is no calendar"),
    field=None,
)
# The missing part could hold busy time.
CalendarCutOff = _fault(
    "calendar_cut_off",
    _("This calendar file stops in the middle. Nothing has changed; please export it again."),
    why=_("it stops in the middle"),
    field=None,
)
CalendarTooLarge = _fault(
    "calendar_too_large",
    _(
        "This calendar holds more than Raincheck can read at once. Nothing has changed; export only the coming months and try again."
    ),
    why=_("it holds more than can be read at once"),
    field=None,
)
CalendarTakesTooLong = _fault(
    "calendar_takes_too_long",
    _(
        "Reading this calendar took too long, so it was stopped. Nothing has changed; look for an event that repeats without end and try again."
    ),
    why=_("reading it took too long"),
    field=None,
)


class CalendarUnreadable(CalendarFault):
    """The file is a calendar, but nothing in it was understood. `problems` says what was wrong with each entry."""

    code = "calendar_unreadable"
    sentence = _("Nothing in this calendar could be read, so nothing has changed.")
    why = _("nothing in it could be read")
    field = None

    def __init__(self, *, field: str | None = None, problems: tuple[Problem, ...] = ()) -> None:
        self.problems = problems
        super().__init__(field=field)


BY_CODE = {fault.code: fault for fault in CalendarFault.__subclasses__()}
NEEDING_CREDENTIALS = frozenset(code for code, fault in BY_CODE.items() if fault.needs_credentials)
BY_STATUS = {status: fault for fault in BY_CODE.values() for status in fault.statuses}
# Only these may come from the process that reads files; every other fault arises before there is a file.
READING_FAULTS = (NotACalendar, CalendarCutOff, CalendarTooLarge, CalendarTakesTooLong, CalendarUnreadable)


def why(code: str) -> str:
    """Return half a sentence, still to be translated, for the code of a fault; a code of former times has none of its own."""
    return BY_CODE.get(code, CalendarFault).why


def fault_of_status(status: int) -> type[CalendarFault]:
    """Return what a status other than success means."""
    # Servers make up statuses of their own: only the class of one is sure to mean something (RFC 9110, 15).
    return BY_STATUS.get(status) or (CalendarServerTrouble if status >= 500 else CalendarAnswerStrange)
