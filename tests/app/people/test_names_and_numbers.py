"""The name that clients go by greets them everywhere; their numbers are kept to be dialed and shown to be read."""

from __future__ import annotations

import importlib
from types import SimpleNamespace

from django.apps import apps
from django.db import connection
from tests.app.cast import NOW, Cast, client_in, new_york
from tests.app.client_browser import Visitor, page_of, words
from tests.app.people.test_clients import rows
from tests.app.staff_browser import links, okafor

from raincheck.data.notifications import Link
from raincheck.data.people import Client, Practice, Recipient
from raincheck.data.taken_names import known_of
from raincheck.domain.calendars.feeds import Titles
from raincheck.domain.slot_explanations.reasons import NotOffered
from raincheck.notifications.calendar_feeds import entry_for_provider
from raincheck.notifications.context import people


def test_the_name_they_go_by_stands_wherever_a_first_name_does(cast: Cast) -> None:
    Client.objects.filter(pk=cast.riley.pk).update(first_name="Margaret", goes_by="Riley")
    cast.riley.refresh_from_db()
    appointment = cast.booked()
    request = cast.asked(appointment)
    taken = known_of(cast.okafor.pk, within=appointment.span, policy=cast.practice.rules, now=NOW).names[
        NotOffered.APPOINTMENT, appointment.span
    ]
    entry = entry_for_provider(appointment, provider=cast.okafor, titles=Titles.INITIALS, changed_at=NOW)
    called = people(cast.practice, cast.okafor, cast.riley)
    asked = okafor().get(f"/requests/{request.ref}/")
    assert {
        "the page": "Hi Riley, please choose a new time"
        in words(Visitor(request.batch).get(page_of(request))),
        "messages": (called["first_name"], called["client"]),
        "who has a time": taken,
        "a calendar": entry.title,
        "the list": rows(okafor().get("/clients/")),
        "ways on": [label for label in links(asked) if "Riley" in label],
        "paper": (cast.riley.name, cast.riley.full_name, cast.riley.initials),
    } == {
        "the page": True,
        "messages": ("Riley", "Riley B."),
        "who has a time": "Riley Brooks",
        "a calendar": "R. B.",
        "the list": ["Riley Brooks they/them · Margaret Brooks Tue, Nov 24 · 11:00 AM E-mail"],
        "ways on": ["Pick with Riley", "See Riley's record"],
        "paper": ("Riley Brooks", "Margaret Brooks", "RB"),
    }


def test_a_client_is_found_by_each_of_their_names(cast: Cast) -> None:
    Client.objects.filter(pk=cast.riley.pk).update(first_name="Margaret", goes_by="Ríley")
    cast.booked()
    found = {
        searched: [row.split()[0] for row in rows(okafor().get("/clients/", q=searched))]
        for searched in ("riley", "margaret", "riley brooks", "margaret ril")
    }
    assert list(found.values()) == [["Ríley"]] * 4


def test_a_name_of_one_part_stands_alone(cast: Cast) -> None:
    suharto = client_in(cast.practice, "सुहार्तो", "")
    assert (suharto.name, suharto.full_name, suharto.known_as) == ("सुहार्तो",) * 3


def test_a_number_is_dialed_in_full_and_read_as_at_home(cast: Cast) -> None:
    Client.objects.filter(pk=cast.riley.pk).update(phone="+13105550142")
    Client.objects.filter(pk=cast.maya.pk).update(phone="+442079460958")
    pages = [
        okafor().get(f"/requests/{cast.asked(row).ref}/")
        for row in (cast.booked(), cast.booked(new_york(25, 9), client=cast.maya))
    ]
    assert [
        {label: address for label, address in links(page).items() if label.startswith("Call")}
        for page in pages
    ] == [{"Call (310) 555-0142": "tel:+13105550142"}, {"Call +44 20 7946 0958": "tel:+442079460958"}]


def test_what_was_typed_before_numbers_were_read_is_read_where_it_can_be(cast: Cast) -> None:
    """The change of the database: by the plan of the practice's country; what can't be read stays as it was."""
    Practice.objects.filter(pk=cast.elsewhere.pk).update(zone="Europe/Berlin")
    typed = {cast.riley: "(310) 555-0142", cast.maya: "555 0142, ask for Sam", cast.eve: "030 901820"}
    for client, phone in typed.items():
        Client.objects.filter(pk=client.pk).update(phone=phone)
        Recipient.objects.filter(client=client).update(phone=phone)
    to_riley = Link.objects.create(
        practice=cast.practice, hash=b"1", client=cast.riley, recipient=Recipient.objects.get(client=cast.riley),
        batch=cast.asked(cast.booked()).batch, channel="sms", address="(310) 555-0142", made_at=NOW,
    )  # fmt: skip
    change = importlib.import_module("raincheck.data.migrations.0037_numbers_of_clients")
    change.rewrite(apps, SimpleNamespace(connection=connection))
    kept = [(row.phone, Recipient.objects.get(client=row).phone) for row in Client.objects.order_by("pk")]
    to_riley.refresh_from_db()
    assert (kept, to_riley.address) == (
        [("+13105550142",) * 2, ("555 0142, ask for Sam",) * 2, ("+4930901820",) * 2],
        "+13105550142",
    )
