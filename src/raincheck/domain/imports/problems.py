"""Problems of a row, each with a code for programs and a whole sentence for people."""

from dataclasses import dataclass
from enum import StrEnum

from raincheck.domain.sentences import _

DAYS_NAMED = 5
"""So many days are named in a sentence; the rest are counted."""


class ProblemCode(StrEnum):
    """Why a row can't come in as it stands; people correct it or leave the row out."""

    MISSING_NAME = "missing_name"
    UNREACHABLE = "unreachable"
    BAD_EMAIL = "bad_email"
    BAD_PHONE = "bad_phone"
    BAD_DATE = "bad_date"
    BAD_TIME = "bad_time"
    BAD_ZONE = "bad_zone"
    SEVERAL_ZONES = "several_zones"
    DUPLICATE = "duplicate"
    ALREADY_HERE = "already_here"
    FORMULA = "formula"
    MISSING_CLIENT = "missing_client"
    UNKNOWN_CLIENT = "unknown_client"
    SEVERAL_CLIENTS = "several_clients"
    UNKNOWN_PROVIDER = "unknown_provider"
    PROVIDER_LEFT = "provider_left"
    DISCHARGED = "discharged"
    END_BEFORE_START = "end_before_start"
    MISSING_END = "missing_end"
    SKIPPED_HOUR = "skipped_hour"
    OVERLAP = "overlap"
    TAKEN = "taken"
    DATES_TAKEN = "dates_taken"
    BAD_REPEATS = "bad_repeats"
    MISSING_REPEATS = "missing_repeats"
    MISSING_UNTIL = "missing_until"
    REPEATS_TOO_SHORT = "repeats_too_short"
    REPEATS_TOO_LONG = "repeats_too_long"
    REPEATS_LENGTH = "repeats_length"
    NOTHING_OFFERED = "nothing_offered"
    TEMPLATE_ROW = "template_row"
    WHOSE = "whose"
    ALL_DAY = "all_day"
    EVENT_START = "event_start"
    EVENT_END = "event_end"
    EVENT_REPEATS = "event_repeats"


class WarningCode(StrEnum):
    """What people should know of a row that comes in."""

    NO_EMAIL = "no_email"
    UNKNOWN_PROVIDER = "unknown_provider"
    PROVIDER_LEFT = "provider_left"
    UNKNOWN_REGION = "unknown_region"


class SkipCode(StrEnum):
    """Why a row is no row of data."""

    BLANK = "blank"
    TOTALS = "totals"
    HEADER = "header"


SENTENCES = {
    ProblemCode.MISSING_NAME: _("This row has no name. Write one, or leave the row out."),
    ProblemCode.UNREACHABLE: _("This person has no e-mail and no phone. Write one of them, or leave the row out."),
    ProblemCode.BAD_EMAIL: _("“{value}” is not an e-mail address we can write to. One address looks like name@example.com."),
    ProblemCode.BAD_PHONE: _("“{value}” is not a whole phone number. Write it with its area code, like 212 555 0100."),
    ProblemCode.BAD_DATE: _("“{value}” can't be the right date. Write it like 2026-12-31."),
    ProblemCode.BAD_TIME: _("“{value}” is not a time of day we can read. Write it like 9:00 AM or 14:30."),
    ProblemCode.BAD_ZONE: _("“{value}” is not a time zone we know. Write one like America/Chicago."),
    ProblemCode.SEVERAL_ZONES: _("“{value}” could be several zones. {likely} is likely; write {zone}."),
    ProblemCode.DUPLICATE: _("This is the same as row {other}. Leave one of the two out."),
    ProblemCode.ALREADY_HERE: _(
        "A client of this name with this address or number is already here: {value}."
    ),
    ProblemCode.FORMULA: _("This cell holds a formula, and formulas are never run here. Write what it should say."),
    ProblemCode.MISSING_CLIENT: _("This row names no client. Write the name, or leave the row out."),
    ProblemCode.UNKNOWN_CLIENT: _("No client here is called “{value}”. Write the name as it stands under Clients, or bring clients in first."),
    ProblemCode.SEVERAL_CLIENTS: _("Several clients here are called “{value}”. Write the e-mail of the one that is meant."),
    ProblemCode.TAKEN: _("This time is taken: by another appointment of the provider or the client, by the buffer around one, by a time held for somebody, or by another session in a room that holds one at a time. Write another time, or leave the row out. Two clients can’t share one session yet."),
    ProblemCode.DATES_TAKEN: _("Dates of this series are taken, here, by an earlier row, or by another of its own: {dates}. Leave these dates out, write another time, or leave the row out."),
    ProblemCode.BAD_REPEATS: _("“{value}” is not a way to repeat that we can follow. Write weekly, or every 2 weeks, or leave it empty for one appointment."),
    ProblemCode.MISSING_REPEATS: _("This row says until when it repeats, but not how often. Write weekly, or every 2 weeks, or empty this cell."),
    ProblemCode.MISSING_UNTIL: _("“{value}” does not say until when. Write a date after it, like 2027-03-01, or weekly alone for a series without an end."),
    ProblemCode.REPEATS_TOO_SHORT: _("This series ends before its second appointment. Write a later date, or leave out that it repeats."),
    ProblemCode.REPEATS_TOO_LONG: _("Until then there would be more than 104 appointments. Write an earlier date, or none for a series without an end."),
    ProblemCode.REPEATS_LENGTH: _("An appointment that repeats lasts 5 minutes to 8 hours. Correct its start or its end, or leave out that it repeats."),
    ProblemCode.NOTHING_OFFERED: _("The practice offers no appointment type or no place yet. Add one under Practice, then check again."),
    ProblemCode.TEMPLATE_ROW: _("This row is an example of the template. Write somebody real over it, the e-mail too, or leave the row out."),
    ProblemCode.WHOSE: _("We can't tell whose “{value}” is. Choose the client, or say that it is not an appointment."),
    ProblemCode.ALL_DAY: _("This event lasts all day and has no time. Leave it out, or give it a time in your calendar and choose the file again."),
    ProblemCode.EVENT_START: _("We can't read when this event starts. Leave it out, and enter it by hand."),
    ProblemCode.EVENT_END: _("We can't read when this event ends, so none of its times can come in. Leave it out, and enter them by hand."),
    ProblemCode.EVENT_REPEATS: _("We can't follow how this event repeats, so times of it may be missing. Leave this row out, and compare them with your calendar afterwards."),
    ProblemCode.UNKNOWN_PROVIDER: _("“{value}” is no provider of this practice. Write the name as it stands under People."),
    ProblemCode.PROVIDER_LEFT: _("“{value}” does not work here any more, so nobody can be booked with them. Write another provider, or leave the row out."),
    ProblemCode.DISCHARGED: _("“{value}” was discharged, so nothing can be booked for them. Bring them back on their page first, or leave the row out."),
    ProblemCode.END_BEFORE_START: _("This ends before it starts, or at the same time. Correct one of the two."),
    ProblemCode.MISSING_END: _("This row has no end and no length. Write one of them."),
    ProblemCode.SKIPPED_HOUR: _("The clock jumps over this time when summer time begins. Write another time."),
    ProblemCode.OVERLAP: _("This overlaps the appointment in row {other}. Write another time, or leave one of the two out. Two clients can’t share one session yet."),
}  # fmt: skip


WARNING_SENTENCES = {
    WarningCode.NO_EMAIL: _("This person has no e-mail. They come in with their phone alone."),
    WarningCode.UNKNOWN_PROVIDER: _("“{value}” is no provider of this practice. The client comes in without a usual provider, unless you write a name that stands under People."),
    WarningCode.PROVIDER_LEFT: _("“{value}” does not work here any more. The client comes in with them as usual provider all the same, unless you write another name."),
    WarningCode.UNKNOWN_REGION: _("“{value}” is no state, province or country that we can take over. The client comes in without one, unless you write it like New York, Ontario or Germany."),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Remark:
    """What people should know of a row that comes in, and of which cell; none where it is about the whole row."""

    row: int
    code: WarningCode
    column: str = ""
    value: str = ""

    @property
    def sentence(self) -> str:
        return WARNING_SENTENCES[self.code]

    @property
    def values(self) -> dict[str, str]:
        return {"value": self.value[:60]}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a row. `other` is the row it collides with; `value` is what stands in the cell, for the sentence."""

    row: int
    column: str
    code: ProblemCode
    value: str = ""
    other: int | None = None
    zone: str = ""

    @property
    def sentence(self) -> str:
        return SENTENCES[self.code]

    @property
    def values(self) -> dict[str, str]:
        city = self.zone.rpartition("/")[2].replace("_", " ")
        return {
            "value": self.value[:60],
            "other": str(self.other or ""),
            "zone": self.zone,
            "likely": city,
            "dates": _first_of(self.value),
        }


def _first_of(days: str) -> str:
    """Return the first few of a list of days, and how many more there are."""
    first, more = days.split(", ")[:DAYS_NAMED], len(days.split(", ")) - DAYS_NAMED
    return ", ".join(first) + (f" (+{more})" if more > 0 else "")


class Wrong(Exception):
    """A cell can't be read; whoever reads the row turns it into its problem. Never leaves the room of imports."""

    def __init__(
        self,
        code: ProblemCode,
        *,
        column: str = "",
        value: str = "",
        other: int | None = None,
        zone: str = "",
    ) -> None:
        super().__init__(code)
        self.code, self.column, self.value, self.other, self.zone = code, column, value, other, zone

    def at(self, row: int) -> Problem:
        return Problem(row, self.column, self.code, self.value, self.other, self.zone)
