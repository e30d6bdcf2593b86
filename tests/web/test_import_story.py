"""A calendar is brought in by a manager with the keyboard alone, from the list of clients to the appointments that have come in."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect
from tests.app.cast import NOW, Cast
from tests.app.imports.test_calendars import a_calendar, an_event, weekly
from tests.app.staff_browser import manager
from tests.web.site import Site
from tests.web.test_accessibility import findings

from raincheck.data.appointments.appointment import Appointment
from raincheck.data.models import Import
from raincheck.worker.imports import bring_in

pytestmark = pytest.mark.browser
ENDLESS = "with" + "averylong" * 30
PHONE, DESK = {"width": 320, "height": 640}, {"width": 1440, "height": 900}


def calendar() -> bytes:
    friday = {"start": "20261120T180000", "end": "20261120T185000"}
    sunday = {"start": "20261122T200000", "end": "20261122T220000"}
    return a_calendar(
        weekly("a", "Riley Brooks"),
        weekly("b", "Intake M.", **friday),
        weekly("c", f"Supper {ENDLESS}", **sunday),
        an_event("DTSTART;VALUE=DATE:20261221", "DTEND;VALUE=DATE:20261228", "SUMMARY:Vacation", uid="d"),
        an_event("DTSTART:20261117T143000Z", "DTEND:20261117T152000Z", "SUMMARY:Maya Chen", uid="e"),
    )


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until the focus is where it is wanted, forwards only, as somebody goes through a page."""
    expect(wanted).to_have_count(1)
    for _press in range(120):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"no Tab leads to {wanted}")


def press(page: Page, name: str) -> None:
    tab_to(page, page.get_by_role("button", name=name, exact=True))
    page.keyboard.press("Enter")


def looked_at(page: Page) -> None:
    """Fail where axe finds something, or where anything sticks out of a phone."""
    page.wait_for_load_state("networkidle")
    assert findings(page) == []
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.set_viewport_size(DESK)  # type: ignore[arg-type]


def test_a_manager_brings_a_calendar_in_with_the_keyboard_alone(
    site: Site, context: BrowserContext, page: Page, cast: Cast, tmp_path: Path
) -> None:
    file = tmp_path / "jo.ics"
    file.write_bytes(calendar())
    manager(cast)
    site.enter(context, "sasha@harbor.example")
    # Listened to from the beginning: a listener that comes with the press may come after it on a busy machine.
    page.on("filechooser", lambda _chooser: None)
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    page.goto(f"{site.url}/clients/")
    press(page, "Import")
    expect(page.get_by_role("heading", level=1, name="Import")).to_be_visible()
    looked_at(page)
    choose_file(page, file)
    press(page, "Read the file")
    # Whose calendar it is has to be said; the file has to be chosen once more, and the page says both.
    expect(page.get_by_role("link", name="Please choose whose calendar this is.")).to_be_visible()
    expect(page.get_by_role("link", name="File: Please choose the file again")).to_be_visible()
    looked_at(page)
    choose_file(page, file)
    tab_to(page, page.get_by_label("Whose calendar it is"))
    page.keyboard.type("Dr. Jo")
    press(page, "Read the file")

    expect(page.get_by_role("heading", name="108 times wait for their client")).to_be_visible()
    looked_at(page)
    tab_to(page, page.get_by_role("group", name="Supper").get_by_label("Not an appointment"))
    page.keyboard.press("Space")
    whose = page.get_by_role("group", name="Intake M.").get_by_label("Client")
    tab_to(page, whose)
    page.keyboard.type("Maja Chen")
    press(page, "Save and check")
    # The summary leads to the field, and what was typed and ticked is still there.
    tab_to(page, page.get_by_role("link", name="No client here is called “Maja Chen”."))
    page.keyboard.press("Enter")
    expect(whose).to_be_focused()
    expect(whose).to_have_value("Maja Chen")
    looked_at(page)
    whose.select_text()
    page.keyboard.type("maya chen")
    press(page, "Save and check")

    expect(page.get_by_role("heading", name="2 of 4 rows are ready")).to_be_visible()
    overlaps = page.get_by_role("group", name="Maya Chen, Tuesday, November 17 at 9:30 AM")
    expect(overlaps).to_contain_text("This overlaps “Riley Brooks · Every week on Tuesday at 9:00 AM")
    looked_at(page)
    tab_to(page, overlaps.get_by_role("button", name="Leave this row out"))
    page.keyboard.press("Enter")
    expect(overlaps).to_have_count(0)
    press(page, "Leave 1 event out that can’t come in")
    expect(page.get_by_role("heading", name="2 of 2 rows are ready")).to_be_visible()
    tab_to(page, page.locator("summary", has_text="3 rows are left out"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("Vacation", exact=True)).to_be_visible()
    expect(page.get_by_text("Maya Chen, Tuesday, November 17 at 9:30 AM")).to_be_visible()
    looked_at(page)
    press(page, "Import 108 appointments")
    expect(page.get_by_role("heading", name="2 rows are coming in")).to_be_visible()
    bring_in(Import.objects.get().pk, now=lambda: NOW)
    expect(page.get_by_role("heading", name="108 appointments have come in")).to_be_visible()
    looked_at(page)
    assert Appointment.objects.count() == 108


def choose_file(page: Page, file: Path) -> None:
    tab_to(page, page.get_by_label("File", exact=True))
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Space")
    chooser.value.set_files(file)
