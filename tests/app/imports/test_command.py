"""`raincheck import --practice`: the same rules as the pages, from the command line."""

from __future__ import annotations

import json
import re
from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest
from tests.app.cast import NOW, Cast
from tests.integrations.spreadsheets import FILES, csv_of

from raincheck import clock
from raincheck.cli.imports.importing import import_file
from raincheck.cli.refusal import CommandRefused
from raincheck.data.models import Appointment, Client, Import, Notification, Place

SOUND = csv_of("Name,E-mail", "Tessa Lindgren,tessa@clients.example", "Zoë Merwe,zoe@clients.example")


def asked(file: Path, **said: Any) -> Namespace:
    fresh = {
        "kind": "clients",
        "practice": "harbor counseling",
        "zone": None,
        "date_order": None,
        "dry_run": False,
        "json": False,
        "provider": None,
        "type": None,
        "place": None,
        "leave_out_unknown": False,
        "tell_clients": False,
    }
    return Namespace(file=file, **(fresh | said))


def test_rows_come_in_all_or_none(cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "clients.csv"
    file.write_bytes(SOUND)
    assert import_file(asked(file)) == 0
    assert capsys.readouterr().out == ("2 rows have come in. Nobody was written to.\n")
    assert Client.objects.filter(practice=cast.practice).count() == 4
    assert import_file(asked(file, json=True)) == 1
    again = json.loads(capsys.readouterr().out)
    assert again["problems"] == [
        {"row": 2, "column": "E-mail", "code": "already_here"},
        {"row": 3, "column": "E-mail", "code": "already_here"},
    ]
    assert (Client.objects.filter(practice=cast.practice).count(), Import.objects.count()) == (4, 1)


def test_a_usual_provider_who_is_not_here_is_said_at_the_row_that_names_them(
    cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "clients.csv"
    file.write_bytes(csv_of("Name,E-mail,Usual provider", "Tessa Lindgren,tessa@clients.example,Dr. Okafer"))
    assert import_file(asked(file, dry_run=True, json=True)) == 0
    assert json.loads(capsys.readouterr().out)["warnings"] == [
        {"row": 2, "column": "Usual provider", "code": "unknown_provider"}
    ]
    assert import_file(asked(file)) == 0
    assert capsys.readouterr().out == (
        "1 rows have come in. Nobody was written to.\n"
        "Row 2, Usual provider: “Dr. Okafer” is no provider of this practice. The client comes in without a usual provider,"
        " unless you write a name that stands under People.\n"
    )
    assert Client.objects.get(first_name="Tessa").usual_provider is None


def test_a_look_keeps_nothing(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        import_file(
            asked(FILES / "clients-google-contacts.csv", dry_run=True, zone="Europe/London", json=True)
        )
        == 0
    )
    assert (
        len(json.loads(capsys.readouterr().out)["good"]) == 21
    )  # numbers are read as those of the practice's country
    assert (Client.objects.filter(practice=cast.practice).count(), Import.objects.count()) == (2, 0)


def test_a_practice_that_is_not_there_is_a_sentence(cast: Cast) -> None:
    with pytest.raises(CommandRefused, match=r"There is no practice called “Nowhere”\."):
        import_file(asked(FILES / "clients-outlook.csv", practice="Nowhere"))


CALENDAR = FILES / "calendar-google.ics"


def test_a_calendar_comes_in_without_what_is_nobodys_and_clients_are_told(
    cast: Cast, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    said: dict[str, Any] = {"kind": "appointments", "provider": ["Jo Okafor"]}
    assert import_file(asked(CALENDAR, **said, json=True)) == 1
    looked = json.loads(capsys.readouterr().out)
    assert (len(looked["good"]), looked["over"], looked["free"], Import.objects.count()) == (2, 312, 2, 0)
    assert [
        (one["starts_at"], one["repeats"]["until"], len(one["repeats"]["times"])) for one in looked["good"]
    ] == [
        ("2026-11-17T16:00:00Z", None, 52),
        ("2026-11-18T14:30:00Z", "2026-12-30", 4),
    ]
    assert looked["problems"][-1] == {
        "row": 24, "column": "DTSTART", "code": "all_day", "event": 6, "uid": "4training@google.com", "recurrence_id": "",
    }  # fmt: skip
    assert import_file(asked(CALENDAR, **said, leave_out_unknown=True, tell_clients=True)) == 0
    assert (
        capsys.readouterr().out
        == "56 appointments have come in. Clients who have an address get an e-mail.\n"
    )
    assert (Appointment.objects.count(), Notification.objects.count()) == (56, 2)


FORTY_MINUTES = b"""BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//x//EN
BEGIN:VEVENT
UID:forty@x
DTSTAMP:20261116T120000Z
DTSTART:20261124T160000Z
DTEND:20261124T164000Z
SUMMARY:Riley Brooks
END:VEVENT
END:VCALENDAR
"""


def test_a_calendar_comes_in_with_the_type_and_place_that_were_said(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    Place.objects.create(practice=cast.practice, name="Room 2", kind="room", zone="America/New_York")
    file = tmp_path / "office.ics"
    file.write_bytes(FORTY_MINUTES)
    said: dict[str, Any] = {"kind": "appointments", "provider": ["Jo Okafor"]}
    assert import_file(asked(file, **said, type="intake", place="ROOM 2")) == 0
    assert list(Appointment.objects.values_list("type__name", "place__name")) == [("Intake", "Room 2")]


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"type": "Massage"}, "The practice offers no appointment type called “Massage”."),
        ({"place": "Attic"}, "The practice offers no place called “Attic”."),
    ],
)
def test_a_type_or_place_that_is_not_offered_is_a_sentence(
    cast: Cast, said: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(CommandRefused, match=re.escape(sentence)):
        import_file(asked(CALENDAR, kind="appointments", provider=["Jo Okafor"], **said))
    assert not Import.objects.exists()


def test_a_spreadsheet_has_types_and_places_in_its_rows(cast: Cast) -> None:
    with pytest.raises(CommandRefused, match="for calendars"):
        import_file(asked(FILES / "clients-outlook.csv", zone="UTC", place="Telehealth"))


def test_a_calendar_wants_its_provider(cast: Cast) -> None:
    for named in (None, ["Nobody"], ["Mallory Vance"]):
        with pytest.raises(CommandRefused, match="provider"):
            import_file(asked(CALENDAR, kind="appointments", provider=named))
    with pytest.raises(CommandRefused, match="A calendar holds appointments"):
        import_file(asked(CALENDAR, provider=["Jo Okafor"]))
