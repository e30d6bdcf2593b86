"""Clients from other programs: names, addresses, numbers and birth dates in the ways people write them."""

from __future__ import annotations

from datetime import date

import pytest
from tests.integrations.spreadsheets import ClientRow, DateOrder, Field, clients, codes, reading

from raincheck.domain.imports.cells import clean
from raincheck.domain.imports.dates import Dates, birth_date
from raincheck.domain.imports.names import Providers, in_order, in_two
from raincheck.domain.imports.problems import Remark, WarningCode, Wrong
from raincheck.domain.imports.reaching import email_address, phone_number
from raincheck.domain.imports.zones import zone_written


@pytest.mark.parametrize(
    ("header", "mapping"),
    [
        ("Nachname|Vorname|E-Mail-Adresse|Handynummer|Geburtsdatum", "last_name first_name email phone date_of_birth"),
        ("Name|Vorname|E-Mail|Telefon", "last_name first_name email phone"),
        ("Nom|Prénom|Courriel|Tél. portable|Date de naissance", "last_name first_name email phone date_of_birth"),
        ("Nombre|Apellidos|Correo electrónico|Móvil|Fecha de nacimiento", "first_name last_name email phone date_of_birth"),
        ("Nome|Cognome|Indirizzo e-mail|Cellulare|Data di nascita", "first_name last_name email phone date_of_birth"),
        ("Nome completo|E-mail|Celular|Data de nascimento", "name email phone date_of_birth"),
        ("Voornaam|Achternaam|E-mailadres|Mobiel|Geboortedatum", "first_name last_name email phone date_of_birth"),
        ("firstName|last_name|EMAIL ADDRESS*|Cell Phone (required)|DOB", "first_name last_name email phone date_of_birth"),
        ("Client Name|Client Email|Client Phone Number|Time Zone", "name email phone zone"),
        ("Given Name|Family Name|E-mail 1 - Value|Phone 1 - Value", "first_name last_name email phone"),
        ("Patient First Name|Patient Last Name|Mobile Phone|Email", "first_name last_name phone email"),
        ("First|Last|Goes by|Pronouns|Mail|Tel.", "first_name last_name goes_by pronouns email phone"),
    ],
)  # fmt: skip
def test_columns_are_matched_by_the_names_people_give_them(header: str, mapping: str) -> None:
    found = reading(header, "x|x|x@example.com").table.mapping
    assert [field.value for field in found.values()] == mapping.split()
    assert list(found) == header.split("|")


def test_a_number_at_work_counts_only_where_there_is_no_other() -> None:
    both = clients(
        "First name|Home Phone|Mobile Phone", "Riley|212 555 0101|", "Maya|212 555 0102|646 555 0103"
    )
    assert codes(both.problems) == [(2, "Mobile Phone", "unreachable")]
    assert [client.phone for client in both.good] == ["+16465550103"]
    assert [client.phone for client in clients("First name|Home Phone", "Riley|212 555 0101").good] == [
        "+12125550101"
    ]


def test_a_usual_provider_who_is_not_here_is_remarked_at_the_cell_that_names_them() -> None:
    found = clients(
        "Name|E-mail|Primary Clinician",
        "Riley Brooks|riley@example.com|Dr. Okafer",
        "Maya Chen|maya@example.com|Jo Okafor, PsyD",
        "Theo Alvarez||",
        providers=("Dr. Jo Okafor",),
    )
    assert found.warnings == (Remark(2, WarningCode.UNKNOWN_PROVIDER, "Primary Clinician", "Dr. Okafer"),)
    assert [(one.row, one.usual_provider, one.unknown_provider) for one in found.good] == [
        (2, "", "Dr. Okafer"),
        (3, "Dr. Jo Okafor", ""),
    ]
    assert codes(found.problems) == [(4, "E-mail", "unreachable")]


def test_a_state_is_read_as_it_is_written_and_remarked_where_nobody_knows_it() -> None:
    found = clients(
        "Name|E-mail|State",
        "Riley Brooks|riley@example.com|DE",
        "Maya Chen|maya@example.com|new  york",
        "Theo Alvarez|theo@example.com|Germany",
        "Emeka Obi|emeka@example.com|United States",
        "Ines Ortega|ines@example.com|",
    )
    assert found.warnings == (Remark(5, WarningCode.UNKNOWN_REGION, "State", "United States"),)
    assert [(one.row, one.usual_region, one.unknown_region) for one in found.good] == [
        (2, "US-DE", ""),
        (3, "US-NY", ""),
        (4, "DE", ""),
        (5, "", "United States"),
        (6, "", ""),
    ]


def test_what_a_person_chose_counts_before_the_name_of_a_column() -> None:
    rows = clients(
        "Called|Contact|Email",
        "Riley Brooks|riley@example.com|other@example.com",
        chosen={"Called": Field.NAME, "Contact": Field.EMAIL, "Email": None},
    )
    assert rows.good == (ClientRow(2, "Riley", "Brooks", email="riley@example.com"),)


@pytest.mark.parametrize(
    ("written", "first", "last"),
    [
        ("Riley Brooks", "Riley", "Brooks"),
        ("Brooks, Riley", "Riley", "Brooks"),
        ("Carter Jr., Robert", "Robert", "Carter Jr."),
        ("Carter, Robert, Jr.", "Robert", "Carter Jr."),
        ("Robert Carter, III", "Robert", "Carter III"),
        ("Robert Carter III", "Robert", "Carter III"),
        ("Zoë van der Merwe", "Zoë", "van der Merwe"),
        ("Anna Maria de la Cruz", "Anna Maria", "de la Cruz"),
        ("Wulandari", "Wulandari", ""),
        ("山田花子", "山田花子", ""),
        ("Jean-Luc  d'Aubigné ", "Jean-Luc", "d'Aubigné"),
        ("Lee, Bruce Jun Fan", "Bruce Jun Fan", "Lee"),
        (",", "", ""),
    ],
)
def test_names_in_one_cell(written: str, first: str, last: str) -> None:
    assert in_two(written) == (first, last)
    assert in_order("Brooks, Riley") == "Riley Brooks"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("home: 212-555-0101\nmobile: 646 555 0103", "+16465550103"),
        ("h: (212) 555-0101 m: (646) 555-0103", "+16465550103"),
        ("212 555 0101 ext. 5", "+12125550101"),
        ("212.555.0101 x12", "+12125550101"),
        ("📞 +1 (646) 555-0103", "+16465550103"),
        ("'+442079460030", "+442079460030"),
        ("0044 20 7946 0004", "+442079460004"),
        ("+44 (0)20 7946 0004", "+442079460004"),
        ("2125550101.0", "+12125550101"),
        ("1.2125550101E+10", "+12125550101"),
        ("(646) 555-0103 (cell)", "+16465550103"),
        ("212 555 0101; 646 555 0103", "+12125550101"),
        ("212 555 0101 / 646 555 0103", "+12125550101"),
        ("٢١٢٥٥٥٠١٠١", "+12125550101"),
        ("tel:+1-212-555-0101", "+12125550101"),
        ("n/a", None),
        ("", None),
    ],
)
def test_phones_as_address_books_write_them(written: str, kept: str | None) -> None:
    assert phone_number(clean(written), region="US") == kept


@pytest.mark.parametrize(
    "written", ["2.12556E+09", "ask at desk", "555-0152", "call 212 FLOWERS", "12", "x" * 5000, "1" * 400]
)
def test_phones_that_nobody_can_call(written: str) -> None:
    with pytest.raises(Wrong, match="bad_phone"):
        phone_number(written, region="US")


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (" RILEY@Example.com", "riley@example.com"),
        ("Riley Brooks <riley@example.com>", "riley@example.com"),
        ("mailto:riley@example.com", "riley@example.com"),
        ("riley@example.com;", "riley@example.com"),
        ("riley+therapy@mail.example", "riley+therapy@mail.example"),
        ("riley@müller.example", "riley@müller.example"),
        ("a@example.org ::: b@example.net", "a@example.org"),
        ("-", ""),
    ],
)
def test_addresses_as_address_books_write_them(written: str, kept: str) -> None:
    assert email_address(clean(written)) == kept


@pytest.mark.parametrize(
    "written",
    ["riley", "riley@example", "a@@example.com", "a@example.com, b@example.com", "a b@example.com", ".a@example.com", "a@-x.com",
     "a..b@example.com", "a@example..com", "@example.com", "a@example.c", "x" * 300 + "@example.com"],
)  # fmt: skip
def test_addresses_that_nobody_can_write_to(written: str) -> None:
    with pytest.raises(Wrong, match="bad_email"):
        email_address(written)


MDY = Dates(DateOrder.MDY, date(2026, 11, 30))


@pytest.mark.parametrize(
    ("written", "born"),
    [
        ("03/07/1988", date(1988, 3, 7)),
        ("3-7-88", date(1988, 3, 7)),
        ("11/30/26", date(2026, 11, 30)),
        ("12/1/26", date(1926, 12, 1)),
        ("1988-03-07 00:00:00", date(1988, 3, 7)),
        ("19880307", date(1988, 3, 7)),
        ("32209", date(1988, 3, 7)),
        ("32209.0", date(1988, 3, 7)),
        ("March 7, 1988", date(1988, 3, 7)),
        ("7. März 1988", date(1988, 3, 7)),
        ("7 mars 1988", date(1988, 3, 7)),
        ("1er août 1988", date(1988, 8, 1)),
        ("7 de marzo de 1988", date(1988, 3, 7)),
        ("07-Mar-88", date(1988, 3, 7)),
        ("Mon, Mar 7 1988", date(1988, 3, 7)),
        ("1988年3月7日", date(1988, 3, 7)),
        ("--03-07", None),
        ("3/7", None),
        ("March 7", None),
        ("0/0/00", None),
        ("0000-00-00", None),
        ("00.00.0000", None),
        ("unknown", None),
    ],
)
def test_birth_dates_in_many_hands(written: str, born: date | None) -> None:
    assert birth_date(written, MDY) == born


@pytest.mark.parametrize(
    "written",
    ["25/12/1988", "02/30/1990", "1987-13-02", "12/31/2026", "soon", "1/1/1066", "2/29/2023", "1988"],
)
def test_birth_dates_that_are_none(written: str) -> None:
    with pytest.raises(Wrong, match="bad_date"):
        birth_date(written, MDY)


@pytest.mark.parametrize(
    ("values", "order"),
    [
        (["25/12/1988", "03/04/1990"], DateOrder.DMY),
        (["12/25/1988", "03/04/1990"], DateOrder.MDY),
        (["1988-12-25", "1990-03-04"], DateOrder.YMD),
        (["31.12.1988"], DateOrder.DMY),
        (["12/25/1988", "25/12/1988"], DateOrder.DMY),  # they disagree: as in the country of the practice
    ],
)
def test_the_order_of_dates_is_found_in_the_file(values: list[str], order: DateOrder) -> None:
    lines = [f"Riley{number}|r{number}@example.com|{value}" for number, value in enumerate(values)]
    assert reading("First name|Email|Birthday", *lines, region="GB").dates.order is order


def test_marks_that_nobody_sees_do_not_count() -> None:
    rows = clients("First name|E-mail", "\u200fRiley\u00a0Ann\u200b|\ufeff riley@example.com\u202c")
    assert rows.good == (ClientRow(2, "Riley Ann", "", email="riley@example.com"),)


def test_rows_that_are_no_data_are_told_apart() -> None:
    table = reading(
        "Practice report", "", "First name|Last name|E-mail", "Riley|Brooks|riley@example.com", "",
        "First name|Last name|E-mail", "Maya|Chen|maya@example.com", "Total|2 clients", "", "", "",
    ).table  # fmt: skip
    assert table.header == 3
    assert [row.number for row in table.rows] == [4, 7]
    assert [(number, code.value) for number, code in table.skipped] == [
        (5, "blank"),
        (6, "header"),
        (8, "totals"),
    ]


def test_somebody_called_total_comes_in() -> None:
    assert [client.name for client in clients("Name|Email", "Total Anders|t@example.com").good] == [
        "Total Anders"
    ]


def test_a_relative_shares_an_address_and_a_namesake_a_name_but_not_both() -> None:
    rows = clients(
        "Name|Email|Phone",
        "Inês Duarte|familia@example.org|",
        "Rui Duarte|familia@example.org|",
        "Ines DUARTE|other@example.org|",
        "ines duarte|FAMILIA@example.org|",
        "Ana O’Neil||212 555 0101",
        "Ana O'Neil|ana@example.org|(212) 555-0101",
    )
    assert codes(rows.problems) == [(5, "Email", "duplicate"), (7, "Phone", "duplicate")]
    assert [problem.other for problem in rows.problems] == [2, 6]
    same = clients("Name|Email", "Ana|a@example.org", "Ana|a@example.org", apart=frozenset({3}))
    assert [client.row for client in same.good] == [2, 3]


def test_each_row_has_one_problem_and_a_formula_is_the_first() -> None:
    rows = clients("First name|Email|Phone|Notes", "=1+1|bad|12|=2", "|bad|12", "Riley|bad|12|=2")
    assert codes(rows.problems) == [
        (2, "First name", "formula"),
        (3, "First name", "missing_name"),
        (4, "Email", "bad_email"),
    ]


@pytest.mark.parametrize(
    ("written", "zone"),
    [
        ("America/New_York", "America/New_York"),
        ("america/new york", "America/New_York"),
        ("Chicago", "America/Chicago"),
        ("Central Time (US & Canada)", "America/Chicago"),
        ("Pacific Time - US & Canada", "America/Los_Angeles"),
        ("(UTC-05:00) Eastern Time (US & Canada)", "America/New_York"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("UTC", "UTC"),
        ("", ""),
    ],
)  # fmt: skip
def test_zones_as_people_and_programs_write_them(written: str, zone: str) -> None:
    assert zone_written(written) == zone


def test_a_zone_that_could_be_several_says_which_one_is_likely() -> None:
    problem = clients("Name|Email|Time zone", "Emeka Obi|emeka@obi.example|Central").problems[0]
    assert codes([problem]) == [(2, "Time zone", "several_zones")]
    assert problem.sentence.format(**problem.values) == (
        "“Central” could be several zones. Chicago is likely; write America/Chicago."
    )


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("DR. JO OKAFOR", "Dr. Jo Okafor"),
        ("jo  okafor", "Dr. Jo Okafor"),
        ("Jo Okafor, PsyD", "Dr. Jo Okafor"),
        ("Okafor, Jo", "Dr. Jo Okafor"),
        ("Okafor, Jo, PsyD", "Dr. Jo Okafor"),
        ("Ms. Marcus Bell", "Marcus Bell"),
        ("Dr. Okafor", None),
        ("Joe Okafor", None),
        ("", None),
    ],
)
def test_providers_are_found_by_how_files_write_them(written: str, found: str | None) -> None:
    assert Providers(["Dr. Jo Okafor", "Marcus Bell"]).found(written) == found
    assert Providers(None).found("Anybody") == "Anybody"
