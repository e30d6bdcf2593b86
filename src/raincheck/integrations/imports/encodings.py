"""The encoding of a text file is found from its first bytes, else from which reading makes words."""

import codecs
import re
import unicodedata
from itertools import pairwise

from charset_normalizer import from_bytes

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What spreadsheet programs write besides Unicode, the likeliest first: of two equally good readings the first counts.
ONE_BYTE = (
    "cp1252",
    "mac_roman",
    "cp850",
    "cp1250",
    "cp1254",
    "cp1251",
    "cp1253",
    "cp1255",
    "cp1256",
)
MANY_BYTES = ["cp932", "gb18030", "big5", "cp949"]
SAMPLE = 200_000
# Letters of western Europe, which cp1252 is for; a word with several others in a row is another script misread.
WESTERN = frozenset("ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜßàáâãäåæçèéêëìíîïñòóôõöøùúûüÿŒœŠšŽžŸ")
# Where cp1252 has letters of Iceland, of which there are fewer.
TURKISH = frozenset("ŞşĞğİı")
# Signs that stand in spreadsheets: quotes, dashes, currencies.
USUAL_SIGNS = frozenset("‘’“”„–—…€£°«»·•™®©\u00a0¿¡ºª´§½")
WORD = re.compile(r"[^\W\d_]+")
BAD = 4.0


def decoded(data: bytes) -> str:
    """Return the text of a file; never fails, since a wrong letter is seen in the preview and a refusal helps nobody."""
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    if half := _two_bytes(data):
        return data.decode(half, errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode(_likeliest(data[:SAMPLE]), errors="replace")


def _two_bytes(data: bytes) -> str | None:
    """Return which half of UTF-16 without a mark it is: Latin text has a zero in every second byte."""
    head = data[:2000]
    if len(head) < 4:
        return None
    even, odd = head[::2].count(0), head[1::2].count(0)
    if odd > len(head) * 0.3 and even < odd / 10:
        return "utf-16-le"
    return "utf-16-be" if even > len(head) * 0.3 and odd < even / 10 else None


def _likeliest(sample: bytes) -> str:
    scored = []
    for rank, encoding in enumerate(ONE_BYTE):
        try:
            text = sample.decode(encoding)
        except UnicodeDecodeError:
            continue
        scored.append((_strangeness(text), rank, encoding))
    best = min(scored, default=(BAD, 0, "cp1252"))
    if best[0] < 1:
        return best[2]
    # Nothing makes good words byte by byte: maybe a script of many signs.
    guess = from_bytes(sample, cp_isolation=MANY_BYTES).best()
    return guess.encoding if guess is not None else best[2]


def _strangeness(text: str) -> float:
    """Return how strange the letters beyond ASCII look, per letter: signs among them, capitals within words, mixed scripts."""
    high = [sign for sign in text if not sign.isascii()]
    if not high:
        return 0.0
    strange = 0.0
    for sign in high:
        category = unicodedata.category(sign)
        if category in ("Cc", "Cn", "Co", "So", "Sm", "Sk") and sign not in USUAL_SIGNS:
            strange += BAD
        elif category.startswith("L") and sign not in WESTERN:
            strange += 0.2 if sign in TURKISH else 0.3 if category in ("Lu", "Ll", "Lo") else BAD
        elif not category.startswith("L") and sign not in USUAL_SIGNS:
            strange += 2.0
    for word in WORD.findall(text):
        if word.isascii():
            continue
        scripts = {unicodedata.name(sign, "?").partition(" ")[0] for sign in word}
        strange += BAD * (len(scripts) - 1)
        # “MontrÈal”; “McKay” is nobody's mistake.
        strange += BAD * sum(
            before.islower() and sign.isupper() and not (before + sign).isascii()
            for before, sign in pairwise(word)
        )
        run = max((len(part) for part in re.findall(r"[^\x00-\x7f]+", word)), default=0)
        if run >= 3 and scripts == {"LATIN"}:
            strange += run
    return strange / len(high)
