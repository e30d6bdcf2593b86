"""20,000 requests whose time is over at once: how long until all have their ending, and how the pages fare meanwhile."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from subprocess import PIPE

import psycopg
from tests.verify.races.promises import broken_in

from bench import due_rows
from bench.due_rows import FIRST, REQUESTS, VISITORS
from bench.due_visits import CALENDAR, PAGE, PICK, Visits, visiting
from bench.home import Home, Served, leave_the_database, product, running, seconds_used, settings_for, working
from bench.practice import Measured
from bench.report import Report, milliseconds

LAPSING, REMINDING = "due", "reminded"
"""The databases: one in which everybody's time is over, and a copy of it in which everybody gets the last reminder."""
BEFORE, REMINDED_AFTER = timedelta(hours=5), timedelta(hours=1)
"""The deadlines lie this far ahead at first; the reminders are due so long after the start."""
LATER = timedelta(minutes=3)
"""More than the minute that deadlines are spread over and the minute of grace."""
SETTLING, QUIET, LEAVING = 5.0, 20.0, 20.0
"""Seconds until everything runs, of asking pages before anything is due, and of watching messages leave afterwards."""
LONGEST = 600.0
GOAL, TIMES = 18.0, 3.0

OPEN = f"SELECT count(*) FROM raincheck_reschedulerequest WHERE state = 'open' AND id < {FIRST + REQUESTS}"
UNREMINDED = (
    f"SELECT count(*) FROM raincheck_reschedulerequest WHERE reminders_sent = 1 AND id < {FIRST + REQUESTS}"
)
LAPSED_AND_TOLD = f"""
    SELECT count(*) FROM raincheck_reschedulerequest r WHERE r.state = 'lapsed' AND r.id < {FIRST + REQUESTS}
    AND 1 = (SELECT count(*) FROM raincheck_appointmenthistory h WHERE h.request_id = r.id AND h.event = 'lapsed')
    AND 2 = (SELECT count(DISTINCT n.recipient_id IS NULL) FROM raincheck_notificationappointment l
        JOIN raincheck_notification n ON n.id = l.notification_id WHERE l.request_id = r.id AND n.kind = 'lapsed')"""
LEFT = "SELECT count(*) FROM raincheck_notification WHERE state = 'handed_over' AND attempts > 0"
"""Messages that a mail server or gateway took; a message that only stands in the app was never tried."""
WAITING = "SELECT count(*) FROM raincheck_notification WHERE state = 'waiting'"


@dataclass(frozen=True, slots=True)
class Taken:
    """How long something took, and the processor time of the workers, the database and the web server meanwhile."""

    seconds: float
    workers: float
    database: float
    web: float

    @property
    def processor(self) -> float:
        return self.workers + self.database + self.web


def measure(home: Home, measured: Measured, report: Report, *, now: datetime) -> None:
    """Fill a database of its own, let everything become due, and note how long it took."""
    from raincheck.cli.static_files import collect_static_files

    collect_static_files()
    leave_the_database()
    home.copy(LAPSING, of="raincheck")
    with psycopg.connect(home.url(LAPSING), autocommit=True) as connection:
        tokens = due_rows.fill(connection, deadline=now + BEFORE, now=now)
    home.copy(REMINDING, of=LAPSING)
    with ExitStack() as stack:
        lapsing = _lapsing(home, measured, tokens, stack)
    with ExitStack() as stack:
        reminding = _reminding(home, stack)
    _note(report, *lapsing, reminding)


def _lapsing(
    home: Home, measured: Measured, tokens: Sequence[str], stack: ExitStack
) -> tuple[Taken, Visits, float, int]:
    set_clock(timedelta(0))
    connection = stack.enter_context(psycopg.connect(home.url(LAPSING), autocommit=True))
    settings = stack.enter_context(taking_everything(home))
    served = stack.enter_context(product(home, LAPSING, **settings))
    workers = [stack.enter_context(working(home, LAPSING, **settings)) for _worker in range(2)]
    visits = stack.enter_context(visiting(served, measured, tokens))
    time.sleep(SETTLING)
    visits.phase = "quiet"
    time.sleep(QUIET)
    visits.phase = "due"
    lapsing = until(connection, OPEN, home, workers, served, begin=lambda: set_clock(BEFORE + LATER))
    visits.phase = "leaving"
    _must_be_whole(connection)
    left, began = count(connection, LEFT), time.monotonic()
    time.sleep(LEAVING)
    a_second = (count(connection, LEFT) - left) / (time.monotonic() - began)
    return lapsing, visits, a_second, count(connection, WAITING)


def _reminding(home: Home, stack: ExitStack) -> Taken:
    set_clock(timedelta(0))
    connection = stack.enter_context(psycopg.connect(home.url(REMINDING), autocommit=True))
    settings = stack.enter_context(taking_everything(home))
    # While no web server serves anybody, a sweep ends nothing and reminds nobody.
    served = stack.enter_context(product(home, REMINDING, **settings))
    workers = [stack.enter_context(working(home, REMINDING, **settings)) for _worker in range(2)]
    time.sleep(SETTLING)
    return until(
        connection, UNREMINDED, home, workers, served, begin=lambda: set_clock(REMINDED_AFTER + LATER)
    )


def until(
    connection: psycopg.Connection,
    left: str,
    home: Home,
    workers: Sequence[int],
    served: Served,
    *,
    begin: Callable[[], None],
) -> Taken:
    """Begin, and wait until a question counts nothing that is left."""
    groups = (workers, (home.database_pid,), served.pids[:1])
    used = [seconds_used(group) for group in groups]
    began = time.monotonic()
    begin()
    while count(connection, left):
        if time.monotonic() - began > LONGEST:
            raise SystemExit(f"After {LONGEST:g} s {count(connection, left)} are left.")
        time.sleep(0.2)
    took = time.monotonic() - began
    taken = Taken(took, *(seconds_used(group) - before for group, before in zip(groups, used, strict=True)))
    print(f"… done after {taken.seconds:.1f} s, {taken.processor:.1f} s of processor time", file=sys.stderr)
    return taken


def count(connection: psycopg.Connection, question: str) -> int:
    found = connection.execute(question).fetchone()  # type: ignore[arg-type]  # one of those above
    assert found is not None
    return int(found[0])


def set_clock(offset: timedelta) -> None:
    from raincheck import clock

    clock.set_demo_offset(offset)


@contextmanager
def taking_everything(home: Home) -> Iterator[dict[str, str]]:
    """Run a mail server and a gateway, and yield the settings that lead to them: of the demo, whose clock can be moved."""
    command = [sys.executable, "-m", "bench.sink"]
    with running(command, settings_for(home.owner_url, home), output=PIPE) as process:
        assert process.stdout is not None
        mail, texts = json.loads(process.stdout.readline())
        yield {
            "RAINCHECK_DEMO": "1",
            "EMAIL_URL": f"smtp://127.0.0.1:{mail}",
            "SMS_URL": f"http://127.0.0.1:{texts}/",
        }


def _must_be_whole(connection: psycopg.Connection) -> None:
    """Stop the run unless each request ended once, with its history and a message to each side, and every promise holds."""
    whole = count(connection, LAPSED_AND_TOLD)
    if whole != REQUESTS:
        raise SystemExit(f"Only {whole} of {REQUESTS} requests lapsed with all that belongs to it.")
    with connection.cursor() as cursor:
        if broken := broken_in(cursor):
            raise SystemExit(f"Promises are broken: {', '.join(broken)}.")


HOW = """\
{requests:,} open requests of {providers} providers in {practices} practices and six zones, one third asked about alone, the others in batches of two and three, one in ten an intake,
one client in three with texts too. All prompts were taken over two days ago. Then the demo's clock goes on to three minutes after the last deadline, so all become due in the same
instant. The product's web server and two workers run beside it on this machine, a mail server and a gateway for texts that take everything too. The time counts from that instant,
the wait for the workers' next look included, until no request is open. Then each must have lapsed once, with its history and a message queued to each side.

Meanwhile three visitors ask one page each, one question after the other with a pause of a second: a client's page of open times, a provider's calendar of 28 days, and clients of
the very providers whose requests end, who choose a new time. "Quiet" is the same before. In the end the same requests, from a copy of the database, get their last reminder at once."""

AFTER = """\
Messages leave once a worker's sweep is through, {a_second:.0f} a second in the {leaving:g} s after it ({waiting:,} were still to go then).
A lapse takes about 2 ms of processor time, half of it Python and half the database (most of that the keys and triggers that are checked at the commit), so that two
processors have work for twenty seconds at least; what the pages and the first messages take meanwhile comes on top."""


def _note(
    report: Report, lapsing: Taken, visits: Visits, a_second: float, waiting: int, reminding: Taken
) -> None:
    def answers(page: str) -> tuple[str, ...]:
        quiet, due = visits.median(page, "quiet"), visits.median(page, "due")
        longest = milliseconds(visits.longest(page, "due"))
        return milliseconds(quiet), milliseconds(due), f"{due / quiet:.1f} ×", longest

    rows: list[Sequence[str]] = [
        ("page", "median, quiet", "median, meanwhile", "as a multiple", "longest, meanwhile"),
        *((page, *answers(page)) for page in (PAGE, CALENDAR, PICK)),
    ]
    how = HOW.format(
        requests=REQUESTS, providers=due_rows.PROVIDERS, practices=due_rows.PRACTICES, visitors=VISITORS
    )
    times = max(visits.median(page, "due") / visits.median(page, "quiet") for page in (PAGE, CALENDAR, PICK))
    done: list[Sequence[str]] = [
        ("what", "all done after", "processor time", "for each: workers", "database", "web"),
        *(
            (
                what,
                f"{taken.seconds:.1f} s",
                f"{taken.processor:.1f} s",
                *(milliseconds(part / REQUESTS) for part in (taken.workers, taken.database, taken.web)),
            )
            for what, taken in ((f"{REQUESTS:,} lapses", lapsing), (f"{REQUESTS:,} reminders", reminding))
        ),
    ]
    after = AFTER.format(a_second=a_second, leaving=LEAVING, waiting=waiting)
    report.section(TITLE, how, done)
    report.section("The pages meanwhile", "", rows, after=after)
    report.goal(
        f"{REQUESTS:,} lapses due at once",
        f"≤ {GOAL:g} s",
        f"{lapsing.seconds:.1f} s",
        kept=lapsing.seconds <= GOAL,
    )
    report.goal("pages meanwhile, median beside quiet", "≤ 3 ×", f"{times:.1f} ×", kept=times <= TIMES)


TITLE = "Due at once"
