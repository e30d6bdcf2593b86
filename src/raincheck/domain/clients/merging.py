"""Two records of one person become one: what of each is kept, and how long it can be undone."""

from datetime import datetime, timedelta
from enum import StrEnum

from raincheck.domain.refusals import Kind, Refusal
from raincheck.domain.sentences import _

UNDONE_WITHIN = timedelta(days=1)


class Part(StrEnum):
    """A part of a record that is taken from one of the two as a whole."""

    NAME = "name"
    PRONOUNS = "pronouns"
    DATE_OF_BIRTH = "date_of_birth"
    EMAIL = "email"
    PHONE = "phone"
    ZONE = "zone"
    LANGUAGE = "language"
    USUAL_PROVIDER = "usual_provider"
    NEUTRAL_WORDING = "neutral_wording"
    DO_NOT_AUTO_CANCEL = "do_not_auto_cancel"
    PAYER_FORBIDS_FEES = "payer_forbids_fees"
    NEVER_WORKS = "never_works"
    USUAL_REGION = "usual_region"


FIELDS: dict[Part, tuple[str, ...]] = {
    Part.NAME: ("first_name", "last_name", "goes_by"),
    Part.PRONOUNS: ("pronouns",),
    Part.DATE_OF_BIRTH: ("date_of_birth",),
    Part.PHONE: ("phone",),
    Part.ZONE: ("zone", "confirmed_zone"),
    Part.USUAL_PROVIDER: ("usual_provider_id",),
    Part.NEUTRAL_WORDING: ("neutral_wording",),
    Part.DO_NOT_AUTO_CANCEL: ("do_not_auto_cancel",),
    Part.PAYER_FORBIDS_FEES: ("payer_forbids_fees",),
    Part.NEVER_WORKS: ("never_works",),
    Part.USUAL_REGION: ("usual_region",),
}
"""The columns of the client's own row that belong to each part."""
ADDRESS_FIELDS: dict[Part, tuple[str, ...]] = {
    Part.EMAIL: ("email",),
    Part.PHONE: ("phone", "sms_agreed_at", "sms_agreed_by_kind", "sms_agreed_by"),
    Part.ZONE: ("zone",),
    Part.LANGUAGE: ("language",),
}
"""The columns of the row that says how they are reached. A consent to texts goes with the number that it was given for."""


class RecordMerged(Refusal):
    kind = Kind.CONFLICT
    code = "record_merged"
    sentence = _(
        "This record has become part of another one in the meantime, so nothing was changed now. "
        "Please open the client's page again."
    )


class SameRecord(Refusal):
    kind = Kind.BAD_INPUT
    code = "same_record"
    sentence = _("These are the same record. Nothing was changed; please choose two records.")


class MergeMeets(Refusal):
    kind = Kind.CONFLICT
    code = "merge_meets"
    sentence = _(
        "These two records have appointments at the same time: {first} and {second}. Nothing was changed. "
        "One person can't be in two places at once, so please move or cancel one of them first."
    )


class RecordsChangedMeanwhile(Refusal):
    kind = Kind.CONFLICT
    code = "records_changed_meanwhile"
    sentence = _(
        "One of these records has changed since you opened this page, so nothing was merged. "
        "It is shown below as it stands now. Please look at it and merge again if you still want to."
    )


class UndoneAlready(Refusal):
    kind = Kind.CONFLICT
    code = "undone_already"
    sentence = _("This merge was undone already. Nothing was changed now.")


class TooLateToUndo(Refusal):
    kind = Kind.CONFLICT
    code = "too_late_to_undo"
    sentence = _(
        "A merge can be undone for a day, and that is over. Nothing was changed. "
        "You can add the other person as a client again."
    )


class RecordTouched(Refusal):
    kind = Kind.CONFLICT
    code = "record_touched"
    sentence = _(
        "The record was changed since the merge, so nobody can tell what belongs to whom. Nothing was undone."
    )


class AppointmentTouched(Refusal):
    kind = Kind.CONFLICT
    code = "appointment_touched"
    sentence = _(
        "Something was done with an appointment since the merge: {when}. "
        "Nobody can tell any more what belongs to whom, so nothing was undone."
    )


class ConversationTouched(Refusal):
    kind = Kind.CONFLICT
    code = "conversation_touched"
    sentence = _(
        "Something was written in a conversation with {provider} since the merge. "
        "Nobody can tell any more what belongs to whom, so nothing was undone."
    )


def undone_until(merged_at: datetime) -> datetime:
    """Return until when a merge can be undone."""
    return merged_at + UNDONE_WITHIN


def better_from_gone(kept: object, gone: object) -> bool:
    """Return whether a part is best taken from the record that goes: where the other says nothing, or has no mark."""
    return not kept and bool(gone)
