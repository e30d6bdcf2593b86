"""The look of somebody of a practice beside their name: a color among a few, and a photo if they have one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from raincheck.domain.refusals import Kind, Refusal
from raincheck.domain.sentences import _

LARGEST_PHOTO = 6 * 1024 * 1024
"""Bytes of a file that is taken; what is kept of it is a few kilobytes."""
MOST_PIXELS = 25_000_000
"""More than the cameras of telephones make, unless they are told to."""


class Color(StrEnum):
    """The colors of people, in the order in which they are given out: neighbors are told apart most easily.

    Green, amber and red are not among them: those say that something acts, waits or stops.
    """

    BLUE = "blue"
    RUST = "rust"
    TEAL = "teal"
    PLUM = "plum"
    OLIVE = "olive"
    VIOLET = "violet"
    ROSE = "rose"
    SLATE = "slate"


@dataclass(frozen=True, slots=True)
class Look:
    """How somebody is shown: whose it is, by ref, their color, and the hash of their photo; empty without one."""

    ref: UUID
    color: Color
    photo: str = ""


class UnknownColor(Refusal):
    kind = Kind.BAD_INPUT
    code = "unknown_color"
    sentence = _("Please choose one of these colors. Nothing was changed.")
    field = "color"


class NotAPhoto(Refusal):
    kind = Kind.BAD_INPUT
    code = "not_a_photo"
    sentence = _(
        "This is not a photo that we can read. Nothing was changed; please choose a PNG, JPEG or WebP file."
    )
    field = "photo"


class PhotoDamaged(Refusal):
    kind = Kind.BAD_INPUT
    code = "photo_damaged"
    sentence = _(
        "This photo is damaged or cut off. Nothing was changed; please save it once more, or choose another one."
    )
    field = "photo"


class PhotoTooLarge(Refusal):
    kind = Kind.BAD_INPUT
    code = "photo_too_large"
    sentence = _("This file is too large. Nothing was changed; please choose a photo of at most 6 MB.")
    field = "photo"


class PhotoHasTooManyPixels(Refusal):
    kind = Kind.BAD_INPUT
    code = "photo_has_too_many_pixels"
    sentence = _(
        "This photo has more pixels than we can read. Nothing was changed; please choose one of at most 25 megapixels."
    )
    field = "photo"


PHOTO_FAULTS = (NotAPhoto, PhotoDamaged, PhotoTooLarge, PhotoHasTooManyPixels)
"""Why a photo is not taken."""


def next_color(taken: Iterable[str]) -> Color:
    """Return the first color that nobody has; when all are taken, the first of those that the fewest have."""
    by_color = Counter(taken)
    return min(Color, key=lambda color: by_color[color])
