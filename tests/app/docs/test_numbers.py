"""Numbers that the docs name are those of the product: rules of a practice, settings, and what is promised in days or bytes."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.conf import settings
from tests.app.docs.pages import ROOT, SOURCE

from raincheck.domain import health, notifications, policy
from raincheck.domain.access import sessions
from raincheck.domain.limits import ENTRIES, REFUSALS, WORDS, Entry, Limit
from raincheck.domain.timing import quarantine
from raincheck.domain.timing.clock_sanity import TOLERANCE
from raincheck.integrations.ics.text import LARGEST_FILE
from raincheck.web.access.known_devices import REMEMBERED

HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)
RULES = [
    "answer_window", "lead", "shortest_window", "last_minute", "pick_notice", "booking_notice", "horizon", "self_service_cut_off",
    "idle",
]  # fmt: skip
"""The booking rules, in the order of the guide."""


def text(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def test_the_guide_has_each_booking_rule_with_its_default_and_its_range() -> None:
    _before, _heading, table = text("docs/how-to/how-do-i-set-up-my-practice.md").partition(
        "## Booking rules"
    )
    rows = re.findall(
        r"^\| [^|]+ \| (\d+) (hours|days|minutes) \| (\d+) to (\d+) (?:hours|days|minutes) \|",
        table,
        re.MULTILINE,
    )
    units = {"hours": HOUR, "days": DAY, "minutes": MINUTE}
    told = [
        tuple(int(number) * units[unit] for number in (usual, least, most))
        for usual, unit, least, most in rows
    ]
    default = policy.Policy()
    assert told == [
        (getattr(default, rule), policy.RANGES[rule].least, policy.RANGES[rule].most) for rule in RULES
    ]


def test_settings_that_are_numbers_are_told_with_their_default_and_range() -> None:
    read = re.findall(
        r'\bnumber\("(\w+)", (\d+), least=(\d+), most=(\d+)\)', (SOURCE / "settings.py").read_text("utf-8")
    )
    rows = [
        row.split("|") for row in text("docs/reference/settings.md").splitlines() if row.startswith("| `")
    ]
    told = {name: (cells[2], cells[3]) for cells in rows for name in re.findall(r"`(\w+)`", cells[1])}
    assert read
    for name, default, least, most in read:
        usual, meaning = told[name]
        assert default in usual, name
        assert name == "PORT" or f"{least} to {most}" in meaning or f"at most {most}" in meaning, name


SECOND, MIB = timedelta(seconds=1), 2**20
OUTAGES = "docs/how-to/what-happens-after-an-outage.md"
MAIL = "docs/how-to/how-do-i-send-mail-and-texts.md"
PASSWORDS, CODES, STEPS = ENTRIES[Entry.PASSWORD], ENTRIES[Entry.CODE], ENTRIES[Entry.SECOND_FACTOR]
SIGNING_IN = "docs/how-to/how-do-people-sign-in.md"
COMMANDS = "docs/internals/commands.md"
QUARANTINE = "docs/internals/sweep-and-quarantine.md"
FACTS = [
    ("SECURITY.md", "It ends 30 days after everything it opens", policy.LINK_LIVES_AFTER_SETTLING, 30 * DAY),
    ("SECURITY.md", "end after 15 minutes without them", policy.Policy().idle, 15 * MINUTE),
    ("SECURITY.md", "after 12 hours in any case", sessions.LASTS, 12 * HOUR),
    ("SECURITY.md", "A client's session lives 14 days", settings.SESSION_COOKIE_AGE * SECOND, 14 * DAY),
    ("SECURITY.md", "at most 5 MiB", LARGEST_FILE, 5 * MIB),
    ("SECURITY.md", "Forms of at most 6 MiB", settings.DATA_UPLOAD_MAX_MEMORY_SIZE, 6 * MIB),
    ("docs/glossary.md", "one new booking after a cancellation, for 30 days", policy.REBOOK_LINK_LIVES, 30 * DAY),
    ("docs/glossary.md", "the minute after a deadline", policy.LAPSE_GRACE, MINUTE),
    ("docs/internals/claims.md", "pruned 30 days after their end", policy.CLAIMS_KEPT_AFTER_END, 30 * DAY),
    (COMMANDS, "remembered for a week", policy.KEYS_KEPT, 7 * DAY),
    (COMMANDS, "30 seconds after its arrival it is refused", policy.ANSWER_COMMIT_LIMIT, 30 * SECOND),
    (COMMANDS, "or after an hour", policy.REFUSED_FORMS_KEPT, HOUR),
    (COMMANDS, "ten minutes for who is neither signed in", policy.STRANGERS_FORMS_KEPT, 10 * MINUTE),
    (COMMANDS, "Nothing waits longer than 12 hours", policy.UNSENT_WORDS_KEPT, 12 * HOUR),
    (SIGNING_IN, "for that person alone, at most 12 hours", policy.UNSENT_WORDS_KEPT, 12 * HOUR),
    ("docs/internals/read-log.md", "20 at once and then one a minute", REFUSALS.free * REFUSALS.refill, 20 * MINUTE),
    (QUARANTINE, "after 1, 2, 4 … minutes", quarantine.FIRST_PAUSE, MINUTE),
    (QUARANTINE, "at most an hour apart", quarantine.LONGEST_PAUSE, HOUR),
    (OUTAGES, "gives a sign of life every 30 seconds", health.BEAT_EVERY, 30 * SECOND),
    (OUTAGES, "More than five minutes without one", health.OUTAGE_AFTER, 5 * MINUTE),
    (OUTAGES, "differ by more than five seconds", TOLERANCE, 5 * SECOND),
    (MAIL, "tried again after 1, 2, 4 … minutes", notifications.FIRST_PAUSE, MINUTE),
    (MAIL, "two hours at most, for a day", notifications.LONGEST_PAUSE, 2 * HOUR),
    (MAIL, "for a day.", notifications.RETRIED_FOR, DAY),
    (MAIL, "more than five minutes after the ask", policy.HAND_OVER_SLACK, 5 * MINUTE),
    (MAIL, "within a quarter of an hour", policy.HAND_OVER_LIMIT, 15 * MINUTE),
    (SIGNING_IN, "A code has eight digits", settings.ALLAUTH_USER_CODE_FORMAT["length"], 8),
    (SIGNING_IN, "for ten minutes", settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT * SECOND, 10 * MINUTE),
    (SIGNING_IN, "wrong passwords for one account from one network | 5 | 30 s to 15 min | 30 min", PASSWORDS.here, Limit(5, 30 * MINUTE, 30 * SECOND, 15 * MINUTE)),
    (SIGNING_IN, "wrong passwords from one network | 30 | 5 s to 15 min | 20 s", PASSWORDS.network, Limit(30, 20 * SECOND, 5 * SECOND, 15 * MINUTE)),
    (SIGNING_IN, "codes for one account from one network | 3 | 1 min to 30 min | 20 min", CODES.here, Limit(3, 20 * MINUTE, MINUTE, 30 * MINUTE)),
    (SIGNING_IN, "codes from one network | 20 | 1 min to 30 min | 3 min", CODES.network, Limit(20, 3 * MINUTE, MINUTE, 30 * MINUTE)),
    (SIGNING_IN, "wrong second steps for one account from one network | 5 | 30 s to 15 min | 30 min", STEPS.here, Limit(5, 30 * MINUTE, 30 * SECOND, 15 * MINUTE)),
    (SIGNING_IN, "wrong second steps from one network | 30 | 5 s to 15 min | 20 s", STEPS.network, Limit(30, 20 * SECOND, 5 * SECOND, 15 * MINUTE)),
    (SIGNING_IN, "and 10 wrong second steps", STEPS.device.free, 10),
    (SIGNING_IN, "10 wrong passwords or 5 codes are free there", (PASSWORDS.device.free, CODES.device.free), (10, 5)),
    (SIGNING_IN, "remembers it for 180 days", REMEMBERED, 180 * DAY),
    (SIGNING_IN, "after 30 wrong passwords or 10 codes from everywhere", (PASSWORDS.everywhere.free, CODES.everywhere.free), (30, 10)),
    (SIGNING_IN, "waits for 5 or 30 minutes, later for up to six hours", (PASSWORDS.beset, CODES.beset), (Limit(1, HOUR, 5 * MINUTE, 6 * HOUR), Limit(1, HOUR, 30 * MINUTE, 6 * HOUR))),
    (SIGNING_IN, "20 messages to a provider at once, and then 20 an hour", WORDS, Limit(20, 3 * MINUTE, 3 * MINUTE, HOUR)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("page", "words", "value", "told"), FACTS, ids=[f"{fact[0]}: {fact[1]}" for fact in FACTS]
)
def test_what_a_page_promises_in_numbers_holds(page: str, words: str, value: object, told: object) -> None:
    assert words in " ".join(text(page).split())
    assert value == told
