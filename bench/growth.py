"""How the question of open times fares while the number of appointments grows from ten thousand to a million, or ten million."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import psycopg

from bench.home import ROOT, Home, product, settings_for
from bench.load import Target, burst, percentile
from bench.practice import DAYS, Measured
from bench.report import Report, milliseconds

SIZES = (10_000, 100_000, 1_000_000)
FULL_SIZE = 10_000_000
PROVIDERS = 25_000
IN_A_PRACTICE = 50
CLIENTS_OF_ONE = 10
YEARS_BACK, YEARS_AHEAD = 7, 1
PAST_KEPT, AHEAD_KEPT = timedelta(days=30), timedelta(days=90)
"""Claims of a real practice go 30 days after their end; most people book no further than three months ahead."""
ROUNDS, PASSES, SECONDS = 15, 20, 1.5
PICTURE = Path("pictures") / "growth.svg"
MOST = 1.5

LENGTH = timedelta(minutes=50)
EVENING = 18
"""The measured provider's other appointments lie after their hours, so that the answer stays the same at every size."""


class Probe:
    """A process of its own that puts the question to one database and takes the time."""

    def __init__(self, home: Home, database: str, measured: Measured) -> None:
        environment = settings_for(home.url(database), home)
        task = json.dumps([measured.provider_id, measured.type_ref, measured.place_ref, str(measured.first)])
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.growth_probe", task],
            env=environment,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, passes: int) -> dict[str, list[float] | int]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{passes}\n")
        self._process.stdin.flush()
        said: dict[str, list[float] | int] = json.loads(self._process.stdout.readline())
        return said

    def __enter__(self) -> Probe:
        return self

    def __exit__(self, *_ending: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(20)


def measure(home: Home, measured: Measured, report: Report, *, full: bool, now: datetime) -> list[int]:
    """Fill one database of each size, ask all of them in turns, and draw it. Return the sizes."""
    sizes = [*SIZES, FULL_SIZE] if full else list(SIZES)
    names = _filled(home, measured, sizes, now=now)
    direct: dict[int, list[float]] = {size: [] for size in sizes}
    through: dict[int, list[float]] = {size: [] for size in sizes}
    offered = set()
    with ExitStack() as stack:
        probes = {size: stack.enter_context(Probe(home, names[size], measured)) for size in sizes}
        servers = {size: stack.enter_context(product(home, names[size])) for size in sizes}
        cookie = {"Cookie": measured.cookie}
        targets = {size: Target(f"{size:,}", servers[size], [measured.question], cookie) for size in sizes}
        for size in sizes:
            probes[size].ask(3 * PASSES)  # to warm up
            burst(targets[size], visitors=1, seconds=0.5)
        for _round in range(ROUNDS):
            for size in sizes:
                said = probes[size].ask(PASSES)
                offered.add(said["starts"])
                direct[size].append(statistics.median(said["seconds"]))  # type: ignore[arg-type]
        for _round in range(ROUNDS // 3):
            for size in sizes:
                took = burst(targets[size], visitors=1, seconds=SECONDS).took
                through[size].append(percentile(took, 0.5))
    if len(offered) != 1:
        raise SystemExit(f"The sizes do not offer the same starts: {offered}")
    _note(report, home, measured, names, direct, through)
    _draw(direct, through)
    return sizes


def _filled(home: Home, measured: Measured, sizes: Sequence[int], *, now: datetime) -> dict[int, str]:
    """Make a database for each size, each a copy of the one before with more appointments in it."""
    names, before, have = {}, "raincheck", 0
    for size in sizes:
        name = f"grown_{size}"
        home.copy(name, of=before)
        with home.as_superuser(name) as connection:
            # As a restore does: no trigger looks at each row, what a constraint or an index holds still counts.
            connection.execute("SET session_replication_role = replica")
            connection.execute("SET statement_timeout = 0")
            if not have:
                _people(connection, now=now)
            _appointments(connection, measured, range(have, size), now=now)
        with psycopg.connect(
            home.superuser_url.replace("/postgres?", f"/{name}?"), autocommit=True
        ) as connection:
            connection.execute("VACUUM (ANALYZE)")
        names[size], before, have = name, name, size
    return names


FIRST_PRACTICE, FIRST_PROVIDER, FIRST_CLIENT = 1_000, 1_000, 1_000
"""Ids below belong to the measured practice."""


def _ref(kind: int, number: int) -> str:
    return f"{kind:08x}-0000-4000-8000-{number:012x}"


def _people(connection: psycopg.Connection, *, now: datetime) -> None:
    practices = range(PROVIDERS // IN_A_PRACTICE)
    columns = "id, ref, name, sender_name, reply_to, phone, zone, urgent_help, policy"
    _copy(
        connection,
        f"raincheck_practice ({columns})",
        ((FIRST_PRACTICE + n, _ref(1, n), "P", "P", "p@p.example", "", "UTC", "", "{}") for n in practices),
    )
    columns = "id, ref, practice_id, name, kind, length, buffer_before, buffer_after, offered"
    _copy(
        connection,
        f"raincheck_appointmenttype ({columns})",
        (
            (FIRST_PRACTICE + n, _ref(2, n), FIRST_PRACTICE + n, "S", "follow_up", LENGTH, "0", "0", True)
            for n in practices
        ),
    )
    _copy(
        connection,
        "raincheck_place (id, ref, practice_id, name, kind, zone, address)",
        ((FIRST_PRACTICE + n, _ref(3, n), FIRST_PRACTICE + n, "T", "telehealth", "", "") for n in practices),
    )
    columns = "id, ref, practice_id, name, short_name, email, zone, join_url, availability, availability_changed_at, grid_step"
    _copy(
        connection,
        f"raincheck_provider ({columns})",
        (
            (
                FIRST_PROVIDER + n,
                _ref(4, n),
                _practice(n),
                "D",
                "D",
                "d@p.example",
                "UTC",
                "",
                "{}",
                now,
                "900 s",
            )
            for n in range(PROVIDERS)
        ),
    )
    columns = (
        "id, ref, practice_id, first_name, last_name, pronouns, phone, zone, confirmed_zone, client_since, "
        "do_not_auto_cancel, neutral_wording"
    )
    today = now.date()
    _copy(
        connection,
        f"raincheck_client ({columns})",
        (
            (
                FIRST_CLIENT + n,
                _ref(5, n),
                _practice(n // CLIENTS_OF_ONE),
                "C",
                "C",
                "",
                "",
                "",
                "",
                today,
                False,
                False,
            )
            for n in range(PROVIDERS * CLIENTS_OF_ONE)
        ),
    )


def _practice(provider: int) -> int:
    return FIRST_PRACTICE + provider // IN_A_PRACTICE


def _appointments(
    connection: psycopg.Connection, measured: Measured, numbers: range, *, now: datetime
) -> None:
    """Spread appointments over providers and years, at most one a day for each, and give the near ones their claims."""
    own = _own_ids(connection, measured)
    columns = (
        "id, ref, practice_id, provider_id, client_id, type_id, place_id, starts_at, ends_at, starts_wall, utc_offset, zone, "
        "buffer_before, buffer_after, join_url, ical_uid, ical_sequence, status, cancelled_by, cancelled_why, cancelled_at, "
        "cancel_note, fee_allowed, booked_at"
    )
    rows = (_appointment(number, own, now=now) for number in numbers)
    _copy(connection, f"raincheck_appointment ({columns})", rows)
    for part, lane in (
        ("session", "int8range(NULL, NULL)"),
        ("buffered", "int8range(client_id, client_id + 1)"),
    ):
        connection.execute(
            f"""INSERT INTO raincheck_claim (practice_id, provider_id, client_id, appointment_id, part, span, lane)
                SELECT practice_id, provider_id, client_id, id, %s, tstzrange(starts_at, ends_at), {lane}
                FROM raincheck_appointment WHERE id BETWEEN %s AND %s AND starts_at BETWEEN %s AND %s
                AND status <> 'cancelled'""",  # the lanes are two texts from above
            [part, FIRST_ID + numbers.start, FIRST_ID + numbers.stop - 1, now - PAST_KEPT, now + AHEAD_KEPT],
        )


FIRST_ID = 1_000_000
DAYS_SPREAD = (YEARS_BACK + YEARS_AHEAD) * 365
STRIDE = 1_009
"""Coprime to the days, so that a provider's appointments fall on days all over the years, each day once."""


def _appointment(number: int, own: tuple[int, ...], *, now: datetime) -> tuple[object, ...]:
    provider, turn = number % PROVIDERS, number // PROVIDERS
    day = now.date() + timedelta(days=(turn * STRIDE + provider * 7) % DAYS_SPREAD - YEARS_BACK * 365)
    measured = provider == 0
    hour = EVENING if measured else 9 + provider % 8
    start = datetime.combine(day, time(hour + 5 if measured else hour), tzinfo=UTC)
    gone = number % 10 == 0
    status = "cancelled" if gone else "completed" if start < now else "scheduled"
    ended: tuple[object, ...] = ("provider", "provider_other", start) if gone else (None, None, None)
    if measured:
        practice, whose, client, kind, place = own
    else:
        practice, whose, kind, place = (
            _practice(provider),
            FIRST_PROVIDER + provider,
            _practice(provider),
            _practice(provider),
        )
        client = FIRST_CLIENT + provider * CLIENTS_OF_ONE + turn % CLIENTS_OF_ONE
    return (
        FIRST_ID + number, _ref(6, number), practice, whose, client, kind, place, start, start + LENGTH,
        start.replace(tzinfo=None), "0", "UTC", "0", "0", "", f"u{number}", 0, status, *ended, "", False, start,
    )  # fmt: skip


def _own_ids(connection: psycopg.Connection, measured: Measured) -> tuple[int, ...]:
    """Return practice, provider, a client, type and place of the measured provider."""
    found = connection.execute(
        """SELECT t.practice_id, %s, (SELECT min(id) FROM raincheck_client c WHERE c.practice_id = t.practice_id), t.id,
           (SELECT id FROM raincheck_place p WHERE p.practice_id = t.practice_id)
           FROM raincheck_appointmenttype t WHERE t.ref = %s""",
        [measured.provider_id, measured.type_ref],
    ).fetchone()
    assert found is not None
    return tuple(found)


def _copy(connection: psycopg.Connection, into: str, rows: Iterator[tuple[object, ...]]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY {into} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


HOW = """\
The same question as above, one provider's {days} days with the same 80 bookings and the same answer, in databases of growing size: appointments of
{providers:,} providers in {practices:,} practices with {clients:,} clients, spread over {years} years, one in ten canceled, loaded by COPY; claims for the last
30 and the next 90 days only, as a practice has them; VACUUM and ANALYZE once. Every size is a database of its own on one server, and all are asked in
turns. "Query and engine" is the product's own question in a process with one connection, "through HTTP" the latency of one visitor (medians of {rounds}
and {less} rounds). The plan is what PostgreSQL says it does for the appointments of the provider."""


def _note(
    report: Report,
    home: Home,
    measured: Measured,
    names: dict[int, str],
    direct: dict[int, list[float]],
    through: dict[int, list[float]],
) -> None:
    smallest = min(names)
    rows: list[Sequence[str]] = [
        (
            "appointments",
            "query and engine",
            "beside the smallest",
            "through HTTP",
            "beside the smallest",
            "plan",
            "pages read",
        )
    ]
    for size, name in names.items():
        plan, pages = _plan(home, name, measured)
        rows.append(
            (
                f"{size:,}",
                milliseconds(statistics.median(direct[size])),
                f"{_growth(direct, size, smallest):.2f} ×",
                milliseconds(statistics.median(through[size])),
                f"{_growth(through, size, smallest):.2f} ×",
                plan,
                f"{pages}",
            )
        )
    how = HOW.format(
        days=DAYS,
        providers=PROVIDERS,
        practices=PROVIDERS // IN_A_PRACTICE,
        clients=PROVIDERS * CLIENTS_OF_ONE,
        years=YEARS_BACK + YEARS_AHEAD,
        rounds=ROUNDS,
        less=ROUNDS // 3,
    )
    after = f"![Latency over the number of appointments]({PICTURE})"
    report.section("Growth", how, rows, after=after)
    for size in names:
        if size in (1_000_000, FULL_SIZE):
            worst = max(_growth(direct, size, smallest), _growth(through, size, smallest))
            what = f"latency with {size:,} appointments beside {smallest:,}"
            report.goal(what, f"≤ {MOST:g} ×", f"{worst:.2f} ×", kept=worst <= MOST)


def _growth(found: dict[int, list[float]], size: int, smallest: int) -> float:
    return statistics.median(one / first for one, first in zip(found[size], found[smallest], strict=True))


def _plan(home: Home, name: str, measured: Measured) -> tuple[str, int]:
    """Return how the provider's appointments are read, and how many pages all of the question's reading touches."""
    from bench.growth_probe import plan

    with home.as_superuser(name) as connection:
        return plan(connection, measured.provider_id)


def _draw(direct: dict[int, list[float]], through: dict[int, list[float]]) -> None:
    from bench.open_times import RIVAL_PYTHON

    lines = {
        "query and engine": {size: statistics.median(took) * 1000 for size, took in direct.items()},
        "through HTTP": {size: statistics.median(took) * 1000 for size, took in through.items()},
    }
    picture = ROOT / "docs" / PICTURE
    subprocess.run(
        [RIVAL_PYTHON, "-m", "bench.plot", str(picture)],
        input=json.dumps(lines),
        text=True,
        check=True,
        cwd=ROOT,
    )
