"""Phone numbers: what people write is kept as E.164 and shown as the reader writes it."""

from __future__ import annotations

import pytest

from raincheck.domain.clients.phones import (
    NumberHasExtension,
    NumberNeedsAreaCode,
    NumberNeedsCountry,
    read_phone,
    region_of,
    shown_phone,
)
from raincheck.domain.people import NotAPhoneNumber
from raincheck.domain.refusals import Refusal


@pytest.mark.parametrize(
    ("written", "region", "kept"),
    [
        ("", "US", ""),
        ("  ", None, ""),
        ("(212) 555-0142", "US", "+12125550142"),
        (" 212.555.0142 ", "US", "+12125550142"),
        ("1-212-555-0142", "US", "+12125550142"),
        ("+1 212 555 0142", None, "+12125550142"),
        ("+1 212 555 0142", "DE", "+12125550142"),
        ("011 49 30 901820", "US", "+4930901820"),
        ("030 / 90 18 20", "DE", "+4930901820"),
        ("0049 30 901820", "DE", "+4930901820"),
        ("+44 (0)20 7946 0958", "US", "+442079460958"),
        ("020 7946 0958", "GB", "+442079460958"),
        ("٢١٢ ٥٥٥ ٠١٤٢", "US", "+12125550142"),
        ("212–555–0142", "CA", "+12125550142"),
    ],
)
def test_a_number_is_read_by_the_plan_of_its_country(written: str, region: str | None, kept: str) -> None:
    assert read_phone(written, region=region) == kept


@pytest.mark.parametrize(
    ("written", "region", "refusal", "sentence"),
    [
        ("12", "US", NotAPhoneNumber, "“{value}” does not look like a phone number. Nothing was changed; please write it like +1 212 555 0100."),
        ("call 212 555 0100", "US", NotAPhoneNumber, None),
        ("1-800-FLOWERS", "US", NotAPhoneNumber, None),
        ("riley@clients.example", "US", NotAPhoneNumber, None),
        ("+", "US", NotAPhoneNumber, None),
        ("+12 3", "US", NotAPhoneNumber, None),
        ("+999 212 555 0142", None, NotAPhoneNumber, None),
        ("212 555 0100 / 212 555 0101", "US", NotAPhoneNumber, None),
        ("212 555 01422", "US", NotAPhoneNumber, None),
        ("2" * 4000, "US", NotAPhoneNumber, None),
        ("555 0142", "US", NumberNeedsAreaCode, "“{value}” has no area code. Nothing was changed; please write the whole number, like 212 555 0100."),
        ("212 555 0142", None, NumberNeedsCountry, "We can't tell which country “{value}” is from. Nothing was changed; please begin it with the country's code, like +1 212 555 0100."),
        ("212 555 0142 x5", "US", NumberHasExtension, "“{value}” ends in an extension, which can't be kept here. Nothing was changed; please write the number without it."),
        ("+1 212 555 0142, ext. 5", "US", NumberHasExtension, None),
    ],
)  # fmt: skip
def test_what_is_no_whole_number_is_refused_at_its_field(
    written: str, region: str | None, refusal: type[Refusal], sentence: str | None
) -> None:
    with pytest.raises(Refusal) as refused:
        read_phone(written, region=region)
    said = refused.value
    assert (type(said), said.field, said.values) == (refusal, "phone", {"value": written[:60]})
    assert sentence in (None, said.sentence)


@pytest.mark.parametrize(
    ("kept", "region", "shown"),
    [
        ("", "US", ""),
        ("+12125550142", "US", "(212) 555-0142"),
        ("+12125550142", "CA", "(212) 555-0142"),
        ("+12125550142", "DE", "+1 212-555-0142"),
        ("+12125550142", None, "+1 212-555-0142"),
        ("+4930901820", "US", "+49 30 901820"),
        ("+4930901820", "DE", "030 901820"),
        ("555 0142", "US", "555 0142"),
        ("+ask Sam", "US", "+ask Sam"),
    ],
)
def test_a_number_is_shown_as_the_reader_writes_it(kept: str, region: str | None, shown: str) -> None:
    assert shown_phone(kept, region=region) == shown


@pytest.mark.parametrize(
    ("zone", "phone", "region"),
    [
        ("America/New_York", "+49 30 901820", "US"),
        ("Europe/Berlin", "", "DE"),
        ("America/Puerto_Rico", "", "PR"),
        ("US/Pacific", "", "US"),
        ("UTC", "+49 30 901820", "DE"),
        ("UTC", "212 555 0100", None),
        ("UTC", "", None),
    ],
)
def test_the_country_of_a_practice_is_that_of_its_zone_else_of_its_number(
    zone: str, phone: str, region: str | None
) -> None:
    assert region_of(zone=zone, phone=phone) == region
