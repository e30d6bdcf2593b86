"""Addresses and numbers as address books write them: labelled, several in a cell, or turned into a number by a spreadsheet."""

import re
from decimal import Decimal, InvalidOperation

import phonenumbers

from raincheck.domain.imports.cells import first_listed, says_nothing
from raincheck.domain.imports.problems import ProblemCode, Wrong

ADDRESS = re.compile(
    r"(?!\.)(?!.*\.\.)[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}(?<!\.)@"
    r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+(?:[^\W\d_]{2,63}|xn--[a-z0-9-]{2,59})"
)
LONGEST_ADDRESS = 254
IN_BRACKETS = re.compile(r"[^<>]*<([^<>\s]+)>")
LABEL = re.compile(r"^\W*(?P<label>[^\W\d_][^\d+(:=]{0,30}?)\s*[:=]?\s*(?=[+(\d])")
MOBILE = re.compile(r"mob|cell|handy|portable|móvil|movil|celular|natel|^\W*[cm]\b", re.IGNORECASE)
# Where another number begins: a new line, a stroke, or a label of its own.
SEVERAL = re.compile(r"\n|\s*[;|]\s*|\s+/\s+|,\s*(?=[^\d\s])|\s+(?=[^\W\d_]{1,10}:)")
EXTENSION = re.compile(
    r"[\s,;]*(?:\bext(?:ension|n)?\b\.?|\bx|#|poste|durchwahl)\s*:?\s*\d{1,7}\s*$", re.IGNORECASE
)
NOT_DIALLED = re.compile(r"[^\d+()\-./\s]")
AS_A_NUMBER = re.compile(r"\d(?:\d*)(?:\.\d+)?(?:e\+?\d+)?", re.IGNORECASE)


def email_address(text: str) -> str:
    """Return an address in small letters, empty for none. Raises Wrong for what is no address, or several by commas."""
    said = first_listed(text.partition("\n")[0].strip() or text)
    if not said or says_nothing(said):
        return ""
    named = IN_BRACKETS.fullmatch(said)
    bare = (named[1] if named else said).casefold().removeprefix("mailto:").rstrip(".;, ")
    if len(bare) > LONGEST_ADDRESS or ADDRESS.fullmatch(bare) is None:
        raise Wrong(ProblemCode.BAD_EMAIL)
    return bare


def phone_number(text: str, *, region: str | None) -> str | None:
    """Return a number as E.164, None for none; of several the mobile one counts, else the first. Raises Wrong."""
    said = first_listed(text).lstrip("'’").strip()
    if not said or says_nothing(said):
        return None
    several = [one for one in SEVERAL.split(_unscientific(said)) if re.search(r"\d", one)]
    if not several:
        raise Wrong(ProblemCode.BAD_PHONE)
    chosen = next((one for one in several if MOBILE.search(one)), several[0])
    number = _dialled(chosen)
    for spelled in (number, "+" + number[2:] if number.startswith("00") else number):
        try:
            parsed = phonenumbers.parse(spelled, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(parsed):
            return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    raise Wrong(ProblemCode.BAD_PHONE)


def _dialled(text: str) -> str:
    """Return what is dialled: without the label before it, the extension behind it, and signs that are none of a number."""
    bare = EXTENSION.sub("", LABEL.sub("", text))
    bare = re.sub(r"\([^()\d]*\)|[^\W\d_]+\.?\s*$", "", bare)  # "(cell)" behind it, or "212 555 0101 home"
    if re.search(r"[^\W\d_]", bare):
        raise Wrong(ProblemCode.BAD_PHONE)  # numbers spelled in words, or words
    return NOT_DIALLED.sub(" ", bare).strip()


def _unscientific(text: str) -> str:
    """Return what a spreadsheet made of a number, such as 2125550101.0 or 1.2125550101E+10, as its digits again.

    2.12556E+09 stays as it is: it has lost digits, and no number must be made up from it.
    """
    if not AS_A_NUMBER.fullmatch(text) or ("." not in text and "e" not in text.casefold()):
        return text
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    whole = number == number.to_integral_value() and int(number.as_tuple().exponent) <= 0
    return str(int(number)) if whole else text
