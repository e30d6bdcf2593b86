"""Acts around coming in that stand in the read log beside the readings: sign-ins, changes of rights and settings, exports."""

from enum import StrEnum


class Event(StrEnum):
    """What was done. As codes of rows they never meet the name of an address."""

    SIGNED_IN = "event:signed_in"
    SIGN_IN_FAILED = "event:sign_in_failed"
    SIGN_IN_REFUSED = "event:sign_in_refused"
    """Too many tries: nobody looked whether the password was right."""
    SIGNED_OUT = "event:signed_out"
    PASSWORD_FAILED = "event:password_failed"  # noqa: S105  # its name, not one
    """Of somebody signed in, who was asked for it again."""
    CODE_FAILED = "event:code_failed"
    """A wrong code that was mailed: to sign in, or to choose a new password."""
    SESSION_ENDED = "event:session_ended"
    PAGE_REFUSED = "event:page_refused"
    """Somebody who is signed in asked for a page that is not there for them."""
    INVITED = "event:invited"
    INVITED_AGAIN = "event:invited_again"
    INVITATION_REVOKED = "event:invitation_revoked"
    INVITATION_USED = "event:invitation_used"
    SECOND_FACTOR_FAILED = "event:second_factor_failed"
    SECOND_FACTOR_SET_UP = "event:second_factor_set_up"
    PASSKEY_ADDED = "event:passkey_added"
    PASSKEY_RENAMED = "event:passkey_renamed"
    PASSKEY_REMOVED = "event:passkey_removed"
    AUTHENTICATOR_ADDED = "event:authenticator_added"
    AUTHENTICATOR_REPLACED = "event:authenticator_replaced"
    AUTHENTICATOR_REMOVED = "event:authenticator_removed"
    RECOVERY_CODES_MADE = "event:recovery_codes_made"
    RIGHTS_CHANGED = "event:rights_changed"
    SETTINGS_CHANGED = "event:settings_changed"
    EMERGENCY_BEGAN = "event:emergency_began"
    EMERGENCY_ENDED = "event:emergency_ended"
    LOG_EXPORTED = "event:log_exported"
    ROWS_EXPORTED = "event:rows_exported"
