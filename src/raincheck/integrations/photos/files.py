"""Photos are read in a process of their own that cannot take much time or memory."""

from raincheck.domain.access.appearance import LARGEST_PHOTO, PHOTO_FAULTS, PhotoDamaged, PhotoTooLarge
from raincheck.integrations.limited_process import EndedBadly, TookTooLong, answer_of

READER = "raincheck.integrations.photos.child_process"
SECONDS = 10
"""Of processor time: the largest PNG that is taken needs a few."""
JPEG = b"\xff\xd8\xff"


def portrait_of(data: bytes) -> bytes:
    """Return a square JPEG made of a stranger's photo. Raises a fault of the photo; then nothing was learned of it."""
    if len(data) > LARGEST_PHOTO:
        raise PhotoTooLarge
    try:
        answer = answer_of(READER, data, seconds=SECONDS)
    except (TookTooLong, EndedBadly) as ended:
        # Whatever a library stumbled over, the file is not as such files are.
        raise PhotoDamaged from ended
    return photo_in(answer)


def photo_in(answer: bytes) -> bytes:
    """Return the picture that the process made. Raises the fault that it wrote instead, if so."""
    if answer.startswith(JPEG):
        return answer
    # Only a fault of a photo: the process has read a stranger's file and is not believed anything else.
    raise next((one for one in PHOTO_FAULTS if one.code.encode() == answer), PhotoDamaged)
