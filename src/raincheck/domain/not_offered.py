"""Not offered: every reason why a start is no slot, with the sentence that says so."""

from __future__ import annotations

from enum import StrEnum

from raincheck.domain.sentences import _


class NotOffered(StrEnum):
    """Why a start is not offered."""

    OUTSIDE_RANGE = "outside_range"
    NOTICE = "notice"
    HORIZON = "horizon"
    SKIPPED = "skipped"
    REPEATED = "repeated"
    OFF_GRID = "off_grid"
    OUTSIDE_HOURS = "outside_hours"
    OTHER_PLACE = "other_place"
    OUT_OF_OFFICE = "out_of_office"
    ASKED_TIME = "asked_time"
    APPOINTMENT = "appointment"
    HOLD = "hold"
    BUSY = "busy"
    CLIENT_APPOINTMENT = "client_appointment"
    BUFFER = "buffer"


SENTENCES = {
    NotOffered.OUTSIDE_RANGE: _("This start lies outside the dates that were looked at."),
    NotOffered.NOTICE: _("This start is too soon: the notice is longer."),
    NotOffered.HORIZON: _("This start is too far ahead."),
    NotOffered.SKIPPED: _("The clocks jump over this time on that day, so it never comes."),
    NotOffered.REPEATED: _("The clocks show this time twice on that day; only the first one is offered."),
    NotOffered.OFF_GRID: _("Sessions don't start at this minute."),
    NotOffered.OUTSIDE_HOURS: _("The session does not fit inside the working hours."),
    NotOffered.OTHER_PLACE: _("The session does not fit inside the working hours at this place."),
    NotOffered.OUT_OF_OFFICE: _("The provider is out of office."),
    NotOffered.ASKED_TIME: _("This start overlaps the time the appointment had when it was asked about."),
    NotOffered.APPOINTMENT: _("There is another appointment at this time."),
    NotOffered.HOLD: _("This time is held for someone else."),
    NotOffered.BUSY: _("The provider's calendar is busy at this time."),
    NotOffered.CLIENT_APPOINTMENT: _("The client has another appointment at this time."),
    NotOffered.BUFFER: _(
        "There would be too little time between this session and the one before or after it."
    ),
}

JUST_TAKEN = frozenset({NotOffered.APPOINTMENT, NotOffered.HOLD, NotOffered.BUFFER})
"""Reasons that come from somebody else having been first."""
