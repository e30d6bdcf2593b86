"""The process in which strangers' photos are read: it limits itself, answers one photo and ends.

Run as `python -m raincheck.integrations.photos.child_process`: the file on standard input, a small JPEG or the code of a
refusal on standard output. It starts no framework, writes no file and opens no connection.
"""

import sys
from io import BytesIO

from raincheck.domain.access.appearance import MOST_PIXELS, NotAPhoto, PhotoHasTooManyPixels
from raincheck.domain.refusals import Refusal
from raincheck.integrations.limited_process import limit_this_process
from raincheck.integrations.photos.files import SECONDS

# Bytes of address space for the whole process: the largest photo three times over, and the libraries.
MEMORY = 640 * 1024 * 1024
FORMATS = ("PNG", "JPEG", "WEBP")
SIDE = 256
"""Pixels of what is kept: enough for the largest avatar on the sharpest screen."""
QUALITY = 85


def portrait(data: bytes) -> bytes:
    """Return the middle square of a photo as a JPEG of our own: upright, on white, without a word of what else the file holds.

    Raises NotAPhoto, PhotoHasTooManyPixels, or whatever the library says of a damaged file.
    """
    # Here, so that everything else starts without it: only this process reads pictures.
    from PIL import Image, ImageOps, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    try:
        photo = Image.open(BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError as unknown:
        raise NotAPhoto from unknown
    except Image.DecompressionBombError as bomb:
        raise PhotoHasTooManyPixels from bomb
    if photo.width * photo.height > MOST_PIXELS:
        raise PhotoHasTooManyPixels
    # A JPEG is decoded at a fraction of its size, where it has one.
    photo.draft("RGB", (2 * SIDE, 2 * SIDE))
    pixels: Image.Image = photo
    if photo.mode.startswith("I"):
        # Sixteen bits of gray would all come out white.
        pixels = photo.point(lambda value: value * (1 / 256)).convert("L")
    pixels = pixels.convert("RGBA")
    # First by whole pixels, several times quicker.
    pixels = pixels.reduce(max(min(pixels.size) // (2 * SIDE), 1))
    upright = ImageOps.exif_transpose(ImageOps.fit(pixels, (SIDE, SIDE)))
    # A new picture has pixels alone: no place, no camera, no comment, and no color profile that could hold something.
    ours = Image.new("RGB", (SIDE, SIDE), "white")
    ours.paste(upright, mask=upright.getchannel("A"))
    # By a name of its own: this saves a file, and what is looked for by the word "save" are rows.
    written, encode = BytesIO(), ours.save
    encode(written, "JPEG", quality=QUALITY, optimize=True)
    return written.getvalue()


def main() -> None:
    # Before the first byte of the file is read.
    limit_this_process(memory=MEMORY, seconds=SECONDS)
    try:
        answer = portrait(sys.stdin.buffer.read())
    except Refusal as refusal:
        answer = refusal.code.encode()
    except MemoryError:
        answer = PhotoHasTooManyPixels.code.encode()
    sys.stdout.buffer.write(answer)


if __name__ == "__main__":
    main()
