"""Files of separated text and workbooks become rows of text, in whatever encoding and however they part their cells."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from tests.integrations.spreadsheets import csv_of, xlsx_of

from raincheck.integrations.imports.child_process import answer_to, sheets_from, sheets_of
from raincheck.integrations.imports.delimited import rows_in
from raincheck.integrations.imports.encodings import decoded
from raincheck.integrations.imports.files import read_sheets_safely

# A spreadsheet knows no zones.
MIDNIGHT = datetime.fromisoformat("2027-01-04")
NINE = MIDNIGHT + timedelta(hours=9)
NAMES = {
    "cp1252": "Name;Ort\nJürgen Großmann;Köln\nRenée d’Hondt;Besançon\nŽaneta Šimek;Montréal\n",
    "mac_roman": "Name,Ville\nÉloïse Lévesque-Côté,Montréal\nFrançois,Besançon\nNoël,Orléans\n",
    "cp1250": "Imię;Miasto\nŁukasz Wiśniewski;Łódź\nStanisław Dąbrowski;Kraków\nZażółć Gęślą;Poznań\n",
    "cp1251": "Имя;Город\nДмитро Шевченко;Київ\nИван Петров;Москва\nОльга Смирнова;Казань\n",
    "cp1253": "Όνομα;Πόλη\nΕλένη Παπαδοπούλου;Αθήνα\nΓιώργος;Πάτρα\nΜαρία Κωνσταντίνου;Βόλος\n",
    "cp1254": "Ad;Şehir\nAyşe Yılmaz;İzmir\nMehmet Öztürk;Muğla\nGülşen Çağlar;Ağrı\n",
    "cp932": "氏名,住所\n山田花子,東京都千代田区\n佐藤美咲,大阪府大阪市\n鈴木一郎,北海道札幌市\n",
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_is_read_with_and_without_a_mark(encoding: str) -> None:
    text = "Name\tE-mail\nSiobhán 山田\tsiobhan@example.com\nمحمد\tm@example.org\n"
    assert decoded(text.encode(encoding)).removeprefix("\ufeff") == text


@pytest.mark.parametrize("encoding", NAMES)
def test_older_encodings_are_found_by_what_makes_words(encoding: str) -> None:
    assert decoded(NAMES[encoding].encode(encoding)) == NAMES[encoding]


def test_ascii_needs_no_guess_and_a_wrong_byte_never_fails() -> None:
    assert decoded(b"Name,Phone\nRiley,212") == "Name,Phone\nRiley,212"
    assert decoded(b"Name\nCaf\x81\xe9\n").startswith("Name\nCaf")


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separators_are_found(separator: str) -> None:
    lines = [
        ["Name", "Notes", "Date"],
        ["Brooks, Riley", "a; b | c", "1.2.2027"],
        ["Chen\nMaya", 'says "hi"', ""],
    ]
    quoted = (
        "\r\n".join(separator.join('"' + cell.replace('"', '""') + '"' for cell in row) for row in lines)
    ).encode()
    assert rows_in(quoted) == lines


def test_a_line_that_names_the_separator_is_no_row() -> None:
    assert rows_in(b"sep=;\r\nName;Phone\r\nRiley;1,5\r\n") == [["Name", "Phone"], ["Riley", "1,5"]]


def test_blank_rows_count_and_old_line_ends_are_read() -> None:
    assert rows_in(csv_of("Name,Phone", "", "Riley,1")) == [["Name", "Phone"], [], ["Riley", "1"]]
    assert rows_in(b"Name,Phone\rRiley,1\rMaya,2") == [["Name", "Phone"], ["Riley", "1"], ["Maya", "2"]]


def test_one_column_is_a_table_too() -> None:
    assert rows_in(b"E-mail\nriley@example.com\n") == [["E-mail"], ["riley@example.com"]]


def test_cells_of_a_workbook_become_text_times_in_one_way() -> None:
    data = xlsx_of(
        ["Text", 2125550101, 0.5, 2125550101.0, True, None, date(2027, 1, 4), NINE],
        [
            time(9, 50),
            timedelta(minutes=50),
            "=A1+1",
            MIDNIGHT,
            NINE - timedelta(microseconds=1),
        ],
        formats={
            "G1": "d.m.yyyy",
            "H1": "mmm d, yyyy h:mm AM/PM",
            "D2": "d/m/yy",
            "B2": "[h]:mm",
            "E2": "yyyy-mm-dd hh:mm",
        },
    )
    assert sheets_of(data)[0].rows == [
        ["Text", "2125550101", "0.5", "2125550101", "TRUE", "", "2027-01-04", "2027-01-04 09:00:00"],
        ["09:50:00", "0:50", "=A1+1", "2027-01-04", "2027-01-04 09:00:00"],
    ]


def test_a_workbook_of_an_old_macintosh_says_so_and_its_dates_are_right() -> None:
    sheet = sheets_of(xlsx_of([NINE], mac=True))[0]
    assert (sheet.from_1904, sheet.rows) == (True, [["2027-01-04 09:00:00"]])


def test_the_process_hands_over_what_it_read_and_how_it_refuses() -> None:
    data = xlsx_of(["Name", "Phone"], ["Riley", 2125550101])
    assert read_sheets_safely(data) == sheets_from(answer_to(data)) == sheets_of(data)
