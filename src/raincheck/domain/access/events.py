"""Acts around coming in that stand in the read log beside the readings: sign-ins, changes of rights and settings, exports."""

from enum import StrEnum


class Event(StrEnum):
    """What was done. As codes of rows they never meet the name of an address."""

    SIGNED_IN = "event:signed_in"
    SIGN_IN_FAILED = "event:sign_in_failed"
    SIGN_IN_REFUSED = "event:sign_in_refused"
    """Too many tries: nobody looked whether the password was right."""
    SIGNED_OUT = "event:signed_out"
    SECOND_FACTOR_CHANGED = "event:second_factor_changed"
    SESSIONS_ENDED = "event:sessions_ended"
    INVITED = "event:invited"
    RIGHTS_CHANGED = "event:rights_changed"
    ACCESS_ENDED = "event:access_ended"
    SETTINGS_CHANGED = "event:settings_changed"
    LOG_EXPORTED = "event:log_exported"
    EMERGENCY_ACCESS = "event:emergency_access"
