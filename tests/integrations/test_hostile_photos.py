"""Photos that people send: each becomes a small square of our own or one sentence, whatever is in the file."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from random import Random

import pytest
from PIL import Image
from tests.sampling import sample

from raincheck.domain.access.appearance import (
    PHOTO_FAULTS,
    NotAPhoto,
    PhotoDamaged,
    PhotoHasTooManyPixels,
    PhotoTooLarge,
)
from raincheck.integrations.photos.child_process import portrait
from raincheck.integrations.photos.files import photo_in, portrait_of

RED, BLUE = (200, 30, 30), (30, 30, 200)


def halves(mode: str = "RGB", size: tuple[int, int] = (400, 300)) -> Image.Image:
    """Return a picture that is red at its left and blue at its right."""
    picture = Image.new("RGB", size, RED)
    picture.paste(BLUE, (size[0] // 2, 0, *size))
    return picture.convert(mode)


def written(picture: Image.Image, file: str, **said: object) -> bytes:
    out = BytesIO()
    picture.save(out, file, **said)
    return out.getvalue()


def read(answer: bytes) -> Image.Image:
    picture = Image.open(BytesIO(answer))
    picture.load()
    return picture


def near(pixel: object, color: tuple[int, int, int]) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(one - other) < 12 for one, other in zip(pixel, color, strict=True))


def png(width: int, height: int, *, chunks: list[tuple[bytes, bytes]] | None = None) -> bytes:
    """Return a PNG that claims a size, with whatever chunks."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    inside = chunks if chunks is not None else [(b"IDAT", zlib.compress(bytes(1000)))]
    every = [(b"IHDR", head), *inside, (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*one) for one in every)


@pytest.mark.parametrize("file", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("mode", ["RGB", "L", "P", "RGBA", "LA", "CMYK", "1"])
def test_every_kind_becomes_a_square_of_256_pixels(file: str, mode: str) -> None:
    if (file, mode) in {("PNG", "CMYK"), ("JPEG", "P"), ("JPEG", "RGBA"), ("JPEG", "LA"), ("JPEG", "1")}:
        mode = "RGB"  # no such file
    picture = read(portrait(written(halves(mode), file)))
    assert (picture.format, picture.mode, picture.size) == ("JPEG", "RGB", (256, 256))
    if mode in ("RGB", "RGBA"):
        assert near(picture.getpixel((40, 128)), RED)
        assert near(picture.getpixel((216, 128)), BLUE)


@pytest.mark.parametrize("size", [(1, 1), (1, 40_000), (40_000, 1), (256, 256), (5000, 5000)])
def test_every_shape_becomes_a_square_of_256_pixels(size: tuple[int, int]) -> None:
    assert read(portrait_of(written(Image.new("L", size, 90), "PNG"))).size == (256, 256)


def test_sixteen_bits_of_gray_keep_their_gray() -> None:
    gray = Image.new("I;16", (300, 300), 0x5A00)
    assert near(read(portrait(written(gray, "PNG"))).getpixel((9, 9)), (0x5A, 0x5A, 0x5A))


def test_what_can_be_seen_through_stands_on_white() -> None:
    clear = Image.new("RGBA", (300, 300), (200, 30, 30, 0))
    assert near(read(portrait(written(clear, "PNG"))).getpixel((9, 9)), (255, 255, 255))


def test_a_telephone_that_was_held_sideways_makes_an_upright_photo() -> None:
    told = Image.Exif()
    told[0x0112] = 6  # turn by a quarter to the right
    picture = read(portrait(written(halves(), "JPEG", exif=told)))
    assert near(picture.getpixel((128, 40)), RED)
    assert near(picture.getpixel((128, 216)), BLUE)


@pytest.mark.parametrize("file", ["PNG", "JPEG", "WEBP"])
def test_nothing_of_a_file_is_kept_but_its_pixels(file: str) -> None:
    told = Image.Exif()
    told[0x010F] = "SecretCamera"
    told[0x8825] = {1: "N", 2: (40.0, 42.0, 46.0)}
    secrets = {
        "exif": told,
        "icc_profile": b"SecretProfile",
        "comment": b"SecretComment",
        "xmp": b"SecretXmp",
    }
    if file == "PNG":
        del secrets["xmp"]
    sent = written(halves(), file, **secrets) + b"PK\x03\x04<script>SecretTail</script>"
    assert b"Secret" in sent
    answer = portrait_of(sent)
    picture = read(answer)
    assert b"Secret" not in answer
    assert b"script" not in answer
    assert (
        dict(picture.getexif()),
        set(picture.info) - {"jfif", "jfif_version", "jfif_unit", "jfif_density"},
    ) == (
        {},
        set(),
    )


NO_PHOTOS = {
    "nothing": b"",
    "a drawing with a script": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "a page": b"<!doctype html><script>alert(1)</script>",
    "a GIF": written(halves(), "GIF"),
    "a TIFF": written(halves(), "TIFF"),
    "a BMP": written(halves(), "BMP"),
    "a PostScript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(%pipe%id) (r) file\n",
    "a PDF": b"%PDF-1.7\n",
    "a page that begins as a GIF": b"GIF89a/*<svg onload=alert(1)>*/",
    "a script behind a JPEG's first bytes": b"\xff\xd8\xff<script>alert(1)</script>",
}


@pytest.mark.parametrize("data", NO_PHOTOS.values(), ids=list(NO_PHOTOS))
def test_what_is_no_photo_is_refused(data: bytes) -> None:
    with pytest.raises((NotAPhoto, PhotoDamaged)):
        portrait_of(data)


# Made when their test runs: the largest take longer to make than to refuse.
BOMBS: dict[str, Callable[[], bytes]] = {
    "one pixel more than is taken": lambda: written(Image.new("1", (5001, 5000)), "PNG"),
    "twenty thousand by ten thousand": lambda: written(Image.new("1", (20_000, 10_000)), "PNG"),
    "the largest PNG there can be": lambda: png(2**31 - 1, 2**31 - 1),
    "the largest WebP there can be": lambda: written(
        Image.new("RGB", (16_383, 16_383)), "WEBP", lossless=True, method=0
    ),
    "the largest JPEG there can be": lambda: written(halves(), "JPEG").replace(
        struct.pack(">HH", 300, 400), struct.pack(">HH", 65_535, 65_535)
    ),
}
LIES: dict[str, Callable[[], bytes]] = {
    "too little": lambda: png(5000, 5000),
    "too much": lambda: png(300, 300, chunks=[(b"IDAT", zlib.compress(bytes(200_000_000), 9))]),
    "words": lambda: png(300, 300, chunks=[(b"zTXt", b"a\0\0" + zlib.compress(bytes(400_000_000), 9))]),
    "profile": lambda: png(300, 300, chunks=[(b"iCCP", b"a\0\0" + zlib.compress(bytes(400_000_000), 9))]),
    "none": lambda: png(300, 300, chunks=[]),
    "no size": lambda: png(0, 0),
}


@pytest.mark.parametrize("made", BOMBS.values(), ids=list(BOMBS))
def test_a_bomb_of_pixels_is_refused_before_it_goes_off(made: Callable[[], bytes]) -> None:
    bomb = made()
    with pytest.raises(PhotoHasTooManyPixels):
        portrait_of(bomb)


@pytest.mark.parametrize("made", LIES.values(), ids=list(LIES))
def test_a_png_that_lies_about_itself_takes_nobody_down(made: Callable[[], bytes]) -> None:
    lie = made()
    with suppress(*PHOTO_FAULTS):
        assert read(portrait_of(lie)).size == (256, 256)


def test_a_file_of_more_than_6_mb_is_refused() -> None:
    photo = written(halves(), "JPEG")
    padded = photo + bytes(6 * 1024 * 1024 - len(photo))
    assert read(portrait_of(padded)).size == (256, 256)
    with pytest.raises(PhotoTooLarge):
        portrait_of(padded + b"1")


@pytest.mark.parametrize("file", ["PNG", "JPEG", "WEBP"])
def test_a_photo_that_was_cut_off_is_refused(file: str) -> None:
    noise = Image.effect_noise((300, 300), 90).convert("RGB")
    whole = written(noise, file)
    for part in (0.05, 0.5, 0.9):
        with pytest.raises((PhotoDamaged, NotAPhoto)):
            portrait_of(whole[: int(len(whole) * part)])


@pytest.mark.parametrize("answer", [b"", b"<script>", b"person_gone", b"\xff\xfe"])
def test_a_reader_that_says_something_else_is_not_believed(answer: bytes) -> None:
    with pytest.raises(PhotoDamaged):
        photo_in(answer)


@pytest.mark.sampled
@pytest.mark.parametrize("seed", sample(range(300), every=15))
def test_a_damaged_photo_is_a_photo_or_one_sentence(seed: int) -> None:
    """Bytes are thrown about; whatever the library makes of it ends in the process that reads, and never hangs."""
    chance = Random(seed)
    file = chance.choice(["PNG", "JPEG", "WEBP"])
    data = bytearray(written(halves(chance.choice(["RGB", "L"])), file))
    for _hit in range(chance.randint(1, 12)):
        data[chance.randrange(len(data))] = chance.randrange(256)
    with suppress(*PHOTO_FAULTS):
        assert read(portrait_of(bytes(data))).size == (256, 256)
