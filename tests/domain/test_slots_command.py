"""The command `raincheck slots`: the written-down scenarios, and one clear sentence for every malformed file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from raincheck.cli import main

FILE = Path(__file__).parent / "data" / "scenarios.json"
SCENARIOS = json.loads(FILE.read_text())["scenarios"]


def scenario(**changed: object) -> dict[str, object]:
    """Tuesday, 2 March 2027, from 9 to 12 in New York, hours of 60 minutes on the hour."""
    return {
        "id": "tuesday",
        "timezone": "America/New_York",
        "weekly_hours": [{"weekday": 1, "start": "09:00", "end": "12:00"}],
        "date_overrides": [],
        "busy": [],
        "out_of_office": [],
        "duration_min": 60,
        "step_min": 60,
        "buffer_before_min": 0,
        "buffer_after_min": 0,
        "min_notice_min": 0,
        "now": "2027-02-28T12:00:00Z",
        "range": {"start": "2027-03-02T05:00:00Z", "end": "2027-03-03T05:00:00Z"},
    } | changed


def without(*names: str) -> dict[str, object]:
    return {name: value for name, value in scenario().items() if name not in names}


@pytest.fixture
def slots(tmp_path, capsys):
    """Run the command on content; return its exit code, the JSON it printed (or None) and its words on stderr."""

    def run(content: object, *words: str) -> tuple[int, object, str]:
        path = tmp_path / "file.json"
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        code = main(["slots", str(path), *words])
        printed = capsys.readouterr()
        return code, json.loads(printed.out) if printed.out else None, printed.err

    return run


THREE = ["2027-03-02T14:00:00Z", "2027-03-02T15:00:00Z", "2027-03-02T16:00:00Z"]


def test_the_written_down_scenarios_give_their_expected_slots(capsys):
    assert main(["slots", str(FILE)]) == 0

    assert json.loads(capsys.readouterr().out) == [
        {"id": expected["id"], "slots": expected["expected_slots_utc"]} for expected in SCENARIOS
    ]


def test_one_scenario_alone_gives_a_list_of_one(slots):
    assert slots(scenario()) == (0, [{"id": "tuesday", "slots": THREE}], "")


ONE_OF_THE_CLIENT = [{"start": "2027-03-02T14:30:00Z", "end": "2027-03-02T15:30:00Z"}]


@pytest.mark.parametrize(
    ("stated", "open_ones"),
    [
        ({"client_sessions": ONE_OF_THE_CLIENT}, THREE[2:]),
        ({"client_sessions": ONE_OF_THE_CLIENT, "one_session_a_day": False}, THREE[2:]),
        ({"client_sessions": ONE_OF_THE_CLIENT, "one_session_a_day": True}, []),
        ({"one_session_a_day": True}, THREE),
        ({"room_sessions": ONE_OF_THE_CLIENT}, THREE[2:]),
    ],
)
def test_rooms_and_one_session_a_day_count_where_a_scenario_states_them(slots, stated, open_ones):
    assert slots(scenario(**stated)) == (0, [{"id": "tuesday", "slots": open_ones}], "")


def test_a_start_on_the_day_of_another_session_says_so(slots):
    code, [told], _words = slots(
        scenario(client_sessions=ONE_OF_THE_CLIENT, one_session_a_day=True), "--explain", THREE[2]
    )

    assert (code, told["reason"], told["sentence"], told["taken_by"]["start"]) == (
        0,
        "same_day",
        "The client already has a session on this day, 9:30 AM–10:30 AM.",
        "2027-03-02T14:30:00Z",
    )


def test_what_has_a_plain_meaning_when_absent_may_be_absent(slots):
    sparse = without(
        "id",
        "date_overrides",
        "busy",
        "out_of_office",
        "buffer_before_min",
        "buffer_after_min",
        "min_notice_min",
    )

    assert slots(sparse) == (0, [{"id": None, "slots": THREE}], "")
    assert slots(without("weekly_hours")) == (0, [{"id": "tuesday", "slots": []}], "")


def test_a_byte_order_mark_is_no_harm(slots):
    assert slots(b"\xef\xbb\xbf" + json.dumps(scenario()).encode())[0] == 0


def test_busy_time_without_length_takes_no_time(slots):
    moment = {"start": "2027-03-02T15:30:00Z", "end": "2027-03-02T15:30:00Z"}

    assert slots(scenario(busy=[moment])) == (0, [{"id": "tuesday", "slots": THREE}], "")


def test_no_scenarios_give_an_empty_list(slots):
    assert slots({"scenarios": []}) == (0, [], "")


@pytest.mark.parametrize(
    ("start", "shown", "reason"),
    [
        ("2027-03-02T14:00:00Z", "2027-03-02T14:00:00Z", None),
        ("2027-03-02T09:00:00-05:00", "2027-03-02T14:00:00Z", None),
        ("2027-03-02T09:00", "2027-03-02T09:00:00", None),
        ("2027-03-02T08:00", "2027-03-02T08:00:00", "outside_hours"),
        ("2027-03-02T14:01:00Z", "2027-03-02T14:01:00Z", "off_grid"),
        ("1900-01-01T00:00:00+14:00", "1899-12-31T10:00:00Z", "outside_range"),
    ],
)
def test_explain_says_why_a_start_is_not_offered(slots, start, shown, reason):
    code, [answer], _ = slots(scenario(), "--explain", start)

    assert (code, answer["id"], answer["start"], answer["offered"], answer["reason"]) == (
        0,
        "tuesday",
        shown,
        reason is None,
        reason,
    )
    assert (answer["sentence"] is None) == (reason is None)


def test_explain_names_what_takes_a_start(slots):
    meeting = {"start": "2027-03-02T15:00:00Z", "end": "2027-03-02T16:00:00Z", "name": "Work"}
    met, near = (
        slots(scenario(busy=[meeting], buffer_before_min=15), "--explain", start)[1]
        for start in ("2027-03-02T10:00", "2027-03-02T11:00")
    )

    taken_by = {
        "kind": "busy",
        "start": "2027-03-02T15:00:00Z",
        "end": "2027-03-02T16:00:00Z",
        "label": "Work",
    }
    assert (met, near) == (
        [
            {
                "id": "tuesday",
                "start": "2027-03-02T10:00:00",
                "offered": False,
                "reason": "busy",
                "sentence": "Busy in the calendar “Work”, 10:00 AM–11:00 AM.",
                "taken_by": taken_by,
            }
        ],
        [
            {
                "id": "tuesday",
                "start": "2027-03-02T11:00:00",
                "offered": False,
                "reason": "buffer",
                "sentence": "Buffer of 15 minutes after busy time in the calendar “Work”, 10:00 AM–11:00 AM.",
                "taken_by": taken_by,
            }
        ],
    )


def test_busy_time_without_a_name_is_explained_without_one(slots):
    meeting = {"start": "2027-03-02T15:00:00Z", "end": "2027-03-02T16:00:00Z"}
    _, [answer], _ = slots(scenario(busy=[meeting]), "--explain", "2027-03-02T10:00")

    assert (answer["sentence"], answer["taken_by"]["label"]) == (
        "Busy in the provider's calendar, 10:00 AM–11:00 AM.",
        None,
    )


def test_busy_time_of_all_ages_is_explained(slots):
    ages = {"start": "0001-01-01T00:00:00Z", "end": "9999-12-31T23:59:59Z"}
    for zone in ("America/New_York", "Asia/Tokyo"):
        _, [answer], _ = slots(
            scenario(
                busy=[ages],
                timezone=zone,
                weekly_hours=[{"weekday": 1, "start": "00:00", "end": "24:00"}],
            ),
            "--explain",
            "2027-03-02T14:00:00Z",
        )
        assert answer["reason"] == "busy"


def test_explain_answers_for_every_scenario_of_a_file(capsys):
    assert main(["slots", str(FILE), "--explain", "2027-03-02T18:15:00Z"]) == 0

    answers = json.loads(capsys.readouterr().out)
    assert [answer["offered"] for answer in answers] == [
        "2027-03-02T18:15:00Z" in expected["expected_slots_utc"] for expected in SCENARIOS
    ]


@pytest.mark.parametrize(
    "start", ["", "tomorrow", "2027-03-02T25:00:00Z", "0001-01-01T00:00", "9999-12-31T23:59:59-10:00"]
)
def test_a_start_that_is_no_time_is_refused(slots, start):
    code, printed, words = slots(scenario(timezone="Asia/Tokyo"), "--explain", start)

    assert (code, printed) == (1, None)
    assert words.startswith("raincheck: “")
    assert words.count("\n") == 1


HUGE = "9" * 5000
MALFORMED = {
    "empty": b"",
    "not JSON": b"{",
    "not text": b"\xff\xfe\x00\x01",
    "deeply nested": b"[" * 100_000,
    "too many digits": b'{"duration_min": ' + HUGE.encode() + b"}",
    "a list": [],
    "a number": 5,
    "null": None,
    "nothing in it": {},
    "scenarios are no list": {"scenarios": {}},
    "a scenario is no object": {"scenarios": [5]},
    "an id that is a list": scenario(id=[]),
    "no zone": without("timezone"),
    "an unknown zone": scenario(timezone="Mars/Olympus"),
    "a path for a zone": scenario(timezone="../../etc/passwd"),
    "a zone that is a number": scenario(timezone=5),
    "hours that are no list": scenario(weekly_hours=5),
    "a window that is no object": scenario(weekly_hours=["09:00"]),
    "a weekday that is none": scenario(weekly_hours=[{"weekday": 7, "start": "09:00", "end": "10:00"}]),
    "a time that is none": scenario(weekly_hours=[{"weekday": 1, "start": "09:00", "end": "24:30"}]),
    "overrides that are no list": scenario(date_overrides={}),
    "an override without intervals": scenario(date_overrides=[{"date": "2027-03-02"}]),
    "an override without date": scenario(date_overrides=[{"intervals": []}]),
    "an override twice": scenario(date_overrides=[{"date": "2027-03-02", "intervals": []}] * 2),
    "an override on no date": scenario(date_overrides=[{"date": "2027-02-30", "intervals": []}]),
    "busy time that ends before it starts": scenario(
        busy=[{"start": "2027-03-02T16:00:00Z", "end": "2027-03-02T15:00:00Z"}]
    ),
    "busy time without end": scenario(busy=[{"start": "2027-03-02T16:00:00Z"}]),
    "busy time without offset": scenario(
        busy=[{"start": "2027-03-02T16:00:00", "end": "2027-03-02T17:00:00"}]
    ),
    "busy time before all years": scenario(
        busy=[{"start": "0001-01-01T00:00:00+14:00", "end": "2027-03-02T15:00:00Z"}]
    ),
    "busy time whose name is none": scenario(
        busy=[{"start": "2027-03-02T15:00:00Z", "end": "2027-03-02T16:00:00Z", "name": 5}]
    ),
    "busy time that is a number": scenario(busy=[{"start": 5, "end": 6}]),
    "out of office backwards": scenario(
        out_of_office=[{"start_date": "2027-03-03", "end_date": "2027-03-02"}]
    ),
    "out of office to the last day": scenario(
        out_of_office=[{"start_date": "2027-03-03", "end_date": "9999-12-31"}]
    ),
    "out of office on a skipped day": scenario(
        timezone="Pacific/Apia", out_of_office=[{"start_date": "2011-12-30", "end_date": "2011-12-30"}]
    ),
    "out of office on no date": scenario(out_of_office=[{"start_date": None, "end_date": "x"}]),
    "no length": without("duration_min"),
    "a length of nothing": scenario(duration_min=0),
    "a length in words": scenario(duration_min="60"),
    "a length that is true": scenario(duration_min=True),
    "half a minute": scenario(duration_min=0.5),
    "a length without end": scenario(duration_min=10**30),
    "no step": without("step_min"),
    "a step of nothing": scenario(step_min=0),
    "a negative buffer": scenario(buffer_before_min=-1),
    "a negative notice": scenario(min_notice_min=-1),
    "no now": without("now"),
    "a now that is none": scenario(now="now"),
    "a now at the end of time": scenario(now="9999-12-31T23:59:59Z", min_notice_min=60),
    "no range": without("range"),
    "a range that is a list": scenario(range=[]),
    "an empty range": scenario(range={"start": "2027-03-02T05:00:00Z", "end": "2027-03-02T05:00:00Z"}),
    "a range of centuries": scenario(range={"start": "1927-03-02T05:00:00Z", "end": "2127-03-02T05:00:00Z"}),
    "a range at the end of time": scenario(
        range={"start": "9999-12-30T05:00:00Z", "end": "9999-12-31T23:00:00Z"}
    ),
    "a range at the beginning": scenario(
        range={"start": "0001-01-01T00:00:00Z", "end": "0001-01-02T00:00:00Z"}
    ),
}


@pytest.mark.parametrize("content", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_file_gets_one_sentence_and_prints_nothing(slots, content):
    code, printed, words = slots(content)

    assert (code, printed) == (1, None)
    assert words.startswith("raincheck: ")
    assert words.endswith(".\n")
    assert words.count("\n") == 1


def test_one_malformed_scenario_holds_back_the_others(slots):
    code, printed, words = slots({"scenarios": [scenario(), scenario(id="second", step_min=0)]})

    assert (code, printed) == (1, None)
    assert (
        words == "raincheck: scenario “second”: step_min must be a whole number of minutes from 1 to 1440.\n"
    )


def test_a_file_that_is_not_there_is_named(tmp_path, capsys):
    for path in (tmp_path / "none.json", tmp_path):
        assert main(["slots", str(path)]) == 1
        assert capsys.readouterr().err.startswith(f"raincheck: {path} cannot be read: ")
