"""Phone numbers: kept as E.164 (+12125550100), read and written as people do in the country of their practice."""

import re
from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, ValidationResult

from raincheck.domain.people import NotAPhoneNumber
from raincheck.domain.refusals import Kind, Refusal
from raincheck.domain.sentences import _
from raincheck.domain.urgent_help import country_of

# No letters: the library would read "call 212 555 0100" and numbers spelled in words, which nobody meant to be kept.
WRITTEN = re.compile(r"[+＋]?[\d\s().·/‐-―-]+")
EXTENSION = re.compile(r"[\s,;]*(?:[,;#x]|ext(?:ension)?\.?)\s*\d{1,7}$", re.IGNORECASE)


class NumberNeedsCountry(Refusal):
    kind = Kind.BAD_INPUT
    code = "number_needs_country"
    sentence = _(
        "We can't tell which country “{value}” is from. Nothing was changed; please begin it with the country's code, "
        "like +1 212 555 0100."
    )
    field = "phone"


class NumberNeedsAreaCode(Refusal):
    kind = Kind.BAD_INPUT
    code = "number_needs_area_code"
    sentence = _(
        "“{value}” has no area code. Nothing was changed; please write the whole number, like 212 555 0100."
    )
    field = "phone"


class NumberHasExtension(Refusal):
    kind = Kind.BAD_INPUT
    code = "number_has_extension"
    sentence = _(
        "“{value}” ends in an extension, which can't be kept here. Nothing was changed; please write the number without it."
    )
    field = "phone"


def region_of(*, zone: str, phone: str) -> str | None:
    """Return the country (ISO 3166) by whose plan a practice writes numbers: that of its zone, else of its own number.

    None where neither tells: numbers then need their country's code.
    """
    if country := country_of(zone):
        return country
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(phone))
    except NumberParseException:
        return None


def read_phone(written: str, *, region: str | None) -> str:
    """Return a number as E.164, empty for none. Without its country's code it is read by the plan of `region`.

    Raises the refusal that says what is missing.
    """
    written = written.strip()
    if not written:
        return ""
    said = written[:60]  # quoted in a sentence, and something pasted by mistake may be a page long
    if WRITTEN.fullmatch(number := EXTENSION.sub("", written)) is None:
        raise NotAPhoneNumber(value=said)
    try:
        parsed = phonenumbers.parse(number, region)
    except NumberParseException as unread:
        if region is None and not number.startswith(("+", "＋")):
            raise NumberNeedsCountry(value=said) from unread
        raise NotAPhoneNumber(value=said) from unread
    if phonenumbers.is_possible_number_with_reason(parsed) == ValidationResult.IS_POSSIBLE_LOCAL_ONLY:
        raise NumberNeedsAreaCode(value=said)
    if not phonenumbers.is_valid_number(parsed):
        raise NotAPhoneNumber(value=said)
    if number != written:
        raise NumberHasExtension(value=said)
    return phonenumbers.format_number(parsed, PhoneNumberFormat.E164)


@lru_cache(maxsize=2_000)  # lists of a practice's day name the same few numbers again and again
def shown_phone(kept: str, *, region: str | None) -> str:
    """Return a kept number as people write it: as at home inside `region`, with its country's code outside.

    What was kept before numbers were read, and can't be read, stays as somebody typed it.
    """
    if not kept.startswith("+"):
        return kept
    try:
        parsed = phonenumbers.parse(kept)
    except NumberParseException:
        return kept
    # One code is shared by several countries, and all of them dial each other as at home.
    home = region is not None and phonenumbers.country_code_for_region(region) == parsed.country_code
    written = PhoneNumberFormat.NATIONAL if home else PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(parsed, written)
