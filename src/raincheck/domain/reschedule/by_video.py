"""Keeping the time by video: which sessions in a room a client may be offered it for, and why others not."""

from enum import StrEnum

from raincheck.domain.refusals import Kind, Refusal
from raincheck.domain.sentences import _


class NoVideo(StrEnum):
    """Why the time of a session can't be kept by video."""

    BY_VIDEO_ALREADY = "by_video_already"
    IN_PERSON_NEEDED = "in_person_needed"
    NO_PLACE = "no_place"
    NO_LINK = "no_link"
    NOT_LICENSED = "not_licensed"


class VideoNotPossible(Refusal):
    kind = Kind.CONFLICT
    code = "video_not_possible"
    sentence = _(
        "None of the ticked appointments can be kept by video, so nothing was sent yet. "
        "Please untick “Offer to keep the time by video”, or tick others."
    )
    field = "by_video"


class BlockedAndByVideo(Refusal):
    kind = Kind.CONFLICT
    code = "blocked_and_by_video"
    sentence = _(
        "A time that may be kept by video can't be blocked as out of office. Nothing was sent yet: "
        "the block is unticked now. Please look, and send again."
    )
    field = "by_video"


class VideoOfferEnded(Refusal):
    kind = Kind.CONFLICT
    code = "video_offer_ended"
    sentence = _(
        "Keeping the time by video isn't possible any more. Nothing was changed; please choose another time."
    )
    field = "start"


def why_no_video(
    *, in_room: bool, type_allows: bool, licensed: bool, has_place: bool, has_link: bool
) -> NoVideo | None:
    """Return why a session's time can't be kept by video; None where it can.

    What the session itself says comes before what the practice lacks: that can be put right.
    """
    if not in_room:
        return NoVideo.BY_VIDEO_ALREADY
    if not type_allows:
        return NoVideo.IN_PERSON_NEEDED
    if not licensed:
        return NoVideo.NOT_LICENSED
    if not has_place:
        return NoVideo.NO_PLACE
    return None if has_link else NoVideo.NO_LINK
