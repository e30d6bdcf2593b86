"""What the client's page costs: bytes on the way, and questions to the database."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.app.cast import Cast, new_york
from tests.app.client_browser import Visitor

import raincheck
from raincheck.data.reschedule.request import RescheduleRequest


def queries_of(address: str, visitor: Visitor) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert visitor.get(address).status_code == 200
    return len(captured)


@pytest.mark.parametrize("settled", [False, True])
def test_a_page_of_30_appointments_takes_as_many_queries_as_one(cast: Cast, settled: bool) -> None:
    hours = [(day, hour) for day in (1, 2, 3, 4) for hour in range(9, 17)][:30]
    one = cast.asked(cast.booked())
    thirty = cast.asked(*(cast.booked(new_york(*at, month=12), client=cast.maya) for at in hours))
    if settled:
        for request in RescheduleRequest.objects.all():
            cast.decline(request)
    counts = [
        queries_of(f"/choose/{request.batch.ref}/", Visitor(request.batch)) for request in (one, thirty)
    ]
    assert counts[0] == counts[1]


def test_the_first_view_is_light(cast: Cast) -> None:
    bundle = Path(raincheck.__file__).parent / "static" / "raincheck" / "bundle"
    request = cast.asked(cast.booked(), note="x" * 500)
    html = Visitor(request.batch).get(f"/choose/{request.batch.ref}/").content
    icons = (bundle.parent / "icons.svg").read_bytes()
    code = [html, icons, *((bundle / name).read_bytes() for name in ("client.css", "client.js", "slots.js"))]
    fonts = sorted(bundle.glob("*.woff2"))
    weight = sum(len(gzip.compress(part, 6)) for part in code)
    assert weight < 20_000
    assert weight + sum(font.stat().st_size for font in fonts) < 62_000
    assert [font.name for font in fonts] == [
        "inter-latin-wght-normal.woff2",
        "source-serif-4-latin-wght-normal.woff2",
    ]
