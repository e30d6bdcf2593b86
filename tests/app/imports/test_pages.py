"""The pages of an import: the file, its columns, rows corrected in place, and what came in."""

from __future__ import annotations

import re
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from tests.app.cast import NOW, Cast
from tests.app.staff_browser import StaffBrowser, manager, okafor, scheduler
from tests.integrations.spreadsheets import FILES

from raincheck.data.models import Client, Import
from raincheck.worker.imports import bring_in

LINES = (
    "Name,E-mail,Phone,Time zone\n"
    "Tessa Lindgren,tessa.lindgren@example,646 555 0144,\n"
    "Emeka Obi,emeka@obi.example,,Central\n"
    "Riley Brooks,riley@clients.example,,\n"
    "Zoë van der Merwe,zoe@example.net,929 555 0121,America/Denver\n"
)


def chosen(browser: StaffBrowser, content: str | bytes = LINES, name: str = "clients-2026.csv") -> Import:
    """Choose a file, as its page does."""
    data = content if isinstance(content, bytes) else content.encode()
    sent = browser.post(
        "/import/", kind="clients", zone="America/New_York", file=SimpleUploadedFile(name, data)
    )
    assert sent.status_code == 302, text(sent)
    return Import.objects.get(ref=UUID(sent["Location"].split("/")[2]))


def text(page: HttpResponse) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))


def as_shown(page: HttpResponse) -> dict[str, str]:
    """What the form of a page would send as it stands."""
    inputs = re.findall(r'<input id="(cell-[^"]+)" name="\1" value="([^"]*)"', page.content.decode())
    return dict(inputs)


def test_a_file_is_chosen_matched_corrected_and_brought_in(cast: Cast) -> None:
    sasha = manager(cast)
    file = chosen(sasha)
    columns = sasha.get(f"/import/{file.ref}/columns/")
    assert "Tessa Lindgren" in text(columns)
    matched = {"column-0": "name", "column-1": "email", "column-2": "phone", "column-3": "zone"}
    sent = sasha.post(f"/import/{file.ref}/columns/", **matched, zone="America/New_York", order="mdy")
    assert (sent.status_code, sent["Location"]) == (302, f"/import/{file.ref}/")
    check = sasha.get(f"/import/{file.ref}/")
    assert "1 of 4 rows are ready" in text(check)
    for sentence in (
        "“tessa.lindgren@example” is not an e-mail address we can write to.",
        "“Central” could be several zones. Chicago is likely; write America/Chicago.",
        "A client of this name with this address or number is already here: Riley Brooks.",
    ):
        assert sentence in text(check)
    cells = as_shown(check)
    assert cells["cell-2-1"] == "tessa.lindgren@example"
    cells["cell-2-1"] = "tessa.lindgren@example.com"
    sasha.post(f"/import/{file.ref}/", **cells, zone="3:America/Chicago")
    sasha.post(f"/import/{file.ref}/", **as_shown(sasha.get(f"/import/{file.ref}/")), leave="4")
    ready = sasha.get(f"/import/{file.ref}/")
    assert "3 of 3 rows are ready" in text(ready)
    assert "1 row is left out" in text(ready)
    assert "Import 3 clients" in text(ready)
    assert sasha.post(f"/import/{file.ref}/start/").status_code == 302
    going = sasha.get(f"/import/{file.ref}/")
    assert (going["Refresh"], "3 rows are coming in" in text(going)) == ("2", True)
    bring_in(file.pk, now=lambda: NOW)
    done = sasha.get(f"/import/{file.ref}/")
    assert "3 clients have come in" in text(done)
    assert Client.objects.get(first_name="Emeka").zone == "America/Chicago"
    assert sasha.post(f"/import/{file.ref}/undo/").status_code == 302
    assert "This import was undone" in text(sasha.get(f"/import/{file.ref}/"))
    assert Client.objects.filter(practice=cast.practice).count() == 2


def test_a_usual_provider_who_is_not_here_is_named_and_corrected_in_place(cast: Cast) -> None:
    sasha = manager(cast)
    lines = (
        "Name,E-mail,Usual provider\n"
        "Tessa Lindgren,tessa@clients.example,Dr. Okafer\n"
        "Emeka Obi,emeka@obi.example,Dr. Nobody\n"
    )
    file = chosen(sasha, lines)
    page = sasha.get(f"/import/{file.ref}/")
    assert "2 of 2 rows are ready" in text(page)
    assert "2 rows need a look at their usual provider, state or country." in text(page)
    assert "“Dr. Okafer” is no provider of this practice. The client comes in without" in text(page)
    cells = as_shown(page)
    assert (cells["cell-2-2"], cells["cell-3-2"]) == ("Dr. Okafer", "Dr. Nobody")
    sasha.post(f"/import/{file.ref}/", **(cells | {"cell-2-2": "Dr. Jo Okafor"}))
    assert "1 row needs a look at its usual provider, state or country." in text(
        sasha.get(f"/import/{file.ref}/")
    )
    sasha.post(f"/import/{file.ref}/start/")
    bring_in(file.pk, now=lambda: NOW)
    found = Client.objects.filter(first_name__in=["Tessa", "Emeka"]).order_by("pk")
    assert [(one.first_name, one.usual_provider) for one in found] == [
        ("Tessa", cast.okafor),
        ("Emeka", None),
    ]


def test_a_state_that_nobody_knows_is_named_and_corrected_in_place(cast: Cast) -> None:
    sasha = manager(cast)
    lines = (
        "Name,E-mail,State,Usual provider\n"
        "Tessa Lindgren,tessa@clients.example,United States,Dr. Okafer\n"
        "Emeka Obi,emeka@obi.example,nj,\n"
        "Noa Peled,noa@peled.example,Israel,\n"
    )
    file = chosen(sasha, lines)
    page = sasha.get(f"/import/{file.ref}/")
    assert "1 row needs a look at its usual provider, state or country." in text(page)
    assert (
        "“Dr. Okafer” is no provider of this practice. The client comes in without a usual provider, unless you write a"
        " name that stands under People. “United States” is no state, province or country that we can"
        " take over. The client comes in without one, unless you write it like New York, Ontario or Germany."
        in text(page)
    )
    cells = as_shown(page)
    sasha.post(f"/import/{file.ref}/", **(cells | {"cell-2-2": "New York", "cell-2-3": "Dr. Jo Okafor"}))
    assert "needs a look" not in text(sasha.get(f"/import/{file.ref}/"))
    sasha.post(f"/import/{file.ref}/start/")
    bring_in(file.pk, now=lambda: NOW)
    found = Client.objects.filter(first_name__in=["Tessa", "Emeka", "Noa"]).order_by("pk")
    assert [(one.first_name, one.usual_region) for one in found] == [
        ("Tessa", "US-NY"),
        ("Emeka", "US-NJ"),
        ("Noa", "IL"),
    ]


def test_a_usual_provider_who_left_is_said_at_the_row_that_names_them(cast: Cast) -> None:
    cast.okafor.left_at = NOW
    cast.okafor.save(update_fields=["left_at"])
    sasha = manager(cast)
    lines = (
        "Name,E-mail,Usual provider\n"
        "Tessa Lindgren,tessa@clients.example,Jo Okafor\n"
        "Emeka Obi,emeka@obi.example,Dr. Lena Fischer\n"
    )
    file = chosen(sasha, lines)
    page = sasha.get(f"/import/{file.ref}/")
    assert "2 of 2 rows are ready" in text(page)
    assert "1 row needs a look at its usual provider, state or country. It says how it comes in" in text(page)
    assert (
        "“Jo Okafor” does not work here any more. The client comes in with them as usual provider all the"
        " same, unless you write another name." in text(page)
    )
    assert as_shown(page)["cell-2-2"] == "Jo Okafor"
    sasha.post(f"/import/{file.ref}/start/")
    bring_in(file.pk, now=lambda: NOW)
    found = Client.objects.filter(first_name__in=["Tessa", "Emeka"]).order_by("pk")
    assert [one.usual_provider for one in found] == [cast.okafor, cast.fischer]


def test_of_two_of_one_name_the_one_who_works_here_is_meant(cast: Cast) -> None:
    name = cast.fischer.name
    cast.okafor.left_at, cast.okafor.name = NOW, name
    cast.okafor.save(update_fields=["left_at", "name"])
    sasha = manager(cast)
    file = chosen(sasha, f"Name,E-mail,Usual provider\nTessa Lindgren,tessa@clients.example,{name}\n")
    assert "needs a look" not in text(sasha.get(f"/import/{file.ref}/"))
    sasha.post(f"/import/{file.ref}/start/")
    bring_in(file.pk, now=lambda: NOW)
    assert Client.objects.get(first_name="Tessa").usual_provider == cast.fischer


def rows_on(page: HttpResponse, column: int) -> list[int]:
    """The numbers of the rows whose cells of a column are shown."""
    return [int(name.split("-")[1]) for name in as_shown(page) if name.endswith(f"-{column}")]


def test_every_row_with_a_remark_is_reached_and_corrected_page_by_page(cast: Cast) -> None:
    sasha = manager(cast)
    lines = "".join(f"Client{n},client{n}@clients.example,Dr. Nobody\n" for n in range(60))
    file = chosen(sasha, f"Name,E-mail,Usual provider\n{lines}")
    first = sasha.get(f"/import/{file.ref}/")
    assert "60 rows need a look at their usual provider, state or country." in text(first)
    assert "These are numbers 1 to 25 of them." in text(first)
    assert rows_on(first, 2) == [*range(2, 27)]
    assert 'href="?remarks=2#remarks"' in first.content.decode()
    last = sasha.get(f"/import/{file.ref}/?remarks=3")
    assert "These are numbers 51 to 60 of them." in text(last)
    assert rows_on(last, 2) == [*range(52, 62)]
    sasha.post(f"/import/{file.ref}/?remarks=3", **(as_shown(last) | {"cell-61-2": "Dr. Jo Okafor"}))
    assert "59 rows need a look at their usual provider, state or country." in text(
        sasha.get(f"/import/{file.ref}/")
    )


def test_every_row_that_was_left_out_can_be_taken_in_again(cast: Cast) -> None:
    sasha = manager(cast)
    file = chosen(sasha, "Name,E-mail\n" + "".join(f"Client{n},c{n}@clients.example\n" for n in range(60)))
    file.rows.update(left_out=True)
    first = sasha.get(f"/import/{file.ref}/").content.decode()
    assert (first.count('name="take"'), 'href="?out=2#left-out"' in first) == (25, True)
    last = sasha.get(f"/import/{file.ref}/?out=3").content.decode()
    assert (last.count('name="take"'), 'id="left-out" open' in last) == (10, True)
    sasha.post(f"/import/{file.ref}/?out=3", take="61")
    assert file.rows.get(left_out=False).number == 61


def test_nothing_typed_is_lost_while_a_row_stays_wrong(cast: Cast) -> None:
    sasha = manager(cast)
    file = chosen(sasha)
    cells = as_shown(sasha.get(f"/import/{file.ref}/"))
    sasha.post(f"/import/{file.ref}/", **(cells | {"cell-2-1": "still@wrong", "cell-2-0": "Tess Lindgren"}))
    again = as_shown(sasha.get(f"/import/{file.ref}/"))
    assert (again["cell-2-0"], again["cell-2-1"]) == ("Tess Lindgren", "still@wrong")


def test_a_file_that_cannot_be_read_says_so_at_its_field(cast: Cast) -> None:
    file = SimpleUploadedFile("clients.csv", b"%PDF-1.4")
    sent = manager(cast).post("/import/", kind="clients", zone="America/New_York", file=file)
    assert sent.status_code == 422
    assert "This is not a spreadsheet. Nothing was kept" in text(sent)
    none = manager(cast).post("/import/", kind="clients", zone="America/New_York")
    assert (none.status_code, "Please choose a file." in text(none)) == (422, True)


def test_rows_that_changed_meanwhile_come_back_to_be_looked_at(cast: Cast) -> None:
    sasha = manager(cast)
    lines = "Name,E-mail\nTessa Lindgren,tessa@example.com\n"
    first, second = chosen(sasha, lines), chosen(sasha, lines)
    for file in (first, second):
        sasha.post(f"/import/{file.ref}/start/")
    for file in (first, second):
        bring_in(file.pk, now=lambda: NOW)
    assert "1 client has come in" in text(sasha.get(f"/import/{first.ref}/"))
    assert "is already here: Tessa Lindgren." in text(sasha.get(f"/import/{second.ref}/"))
    bring_in(second.pk, now=lambda: NOW)  # a job that comes twice finds nothing to do
    assert Client.objects.filter(first_name="Tessa").count() == 1


def test_a_job_without_a_sound_file_gives_it_back(cast: Cast) -> None:
    sasha = manager(cast)
    file = chosen(sasha, "Called,Contact\nTessa,tessa@example.com\n")
    sent = sasha.post(f"/import/{file.ref}/start/")
    assert sent.status_code == 302
    assert "No column holds names." in text(sasha.get(f"/import/{file.ref}/"))


def test_a_provider_sees_no_file_of_a_managers_and_a_scheduler_no_import(cast: Cast) -> None:
    file = chosen(manager(cast))
    assert str(file.ref) not in okafor().get("/import/").content.decode()
    assert scheduler(cast).get("/import/").status_code == 404
    assert okafor().get(f"/import/{file.ref}/").status_code == 404
    assert okafor().post(f"/import/{file.ref}/start/").status_code == 404


def test_pages_ask_the_database_the_same_number_of_times(cast: Cast) -> None:
    sasha = manager(cast)
    small = chosen(sasha)
    large = chosen(sasha, LINES + "".join(f"Client{n},x@y,,\n" for n in range(60)))
    for page in ("", "columns/"):
        assert sasha.queries(f"/import/{small.ref}/{page}") == sasha.queries(f"/import/{large.ref}/{page}")


def test_a_real_export_goes_through_the_pages(cast: Cast) -> None:
    sasha = manager(cast)
    file = chosen(sasha, (FILES / "clients-simplepractice.csv").read_bytes())
    page = text(sasha.get(f"/import/{file.ref}/"))
    assert "25 of 32 rows are ready" in page


def test_a_row_that_overlaps_is_given_another_time_or_left_out_in_place(cast: Cast) -> None:
    lines = (
        "Client,Provider,Start,End\n"
        "Riley Brooks,Dr. Jo Okafor,11/24/2026 11:00 AM,11/24/2026 11:50 AM\n"
        "Maya Chen,Dr. Jo Okafor,11/24/2026 11:00 AM,11/24/2026 11:50 AM\n"
        "Maya Chen,Dr. Jo Okafor,11/24/2026 11:30 AM,11/24/2026 12:20 PM\n"
    )
    sasha = manager(cast)
    data = SimpleUploadedFile("appointments.csv", lines.encode())
    sent = sasha.post("/import/", kind="appointments", zone="America/New_York", file=data)
    file = Import.objects.get(ref=UUID(sent["Location"].split("/")[2]))
    page = sasha.get(f"/import/{file.ref}/")
    assert (
        text(page).count(
            "This overlaps the appointment in row 2. Write another time, or leave one of the two out."
        )
        == 2
    )
    assert "Two clients can’t share one session yet." in text(page)
    cells = as_shown(page) | {"cell-3-2": "11/25/2026 11:00 AM", "cell-3-3": "11/25/2026 11:50 AM"}
    sasha.post(f"/import/{file.ref}/", **cells, leave="4")
    ready = text(sasha.get(f"/import/{file.ref}/"))
    assert "2 of 2 rows are ready" in ready
    assert "1 row is left out" in ready
