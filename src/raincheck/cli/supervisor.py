"""The supervisor of a few child processes: restarts the dead with growing pauses, stops all in order."""

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from raincheck.embedded_postgres import Account
from raincheck.subprocesses import ending_with_parent

FIRST_PAUSE = 0.5  # seconds before a dead child is started again; doubled each time
LONGEST_PAUSE = 30.0
STEADY = 60.0  # seconds after which a child counts as healthy and its next pause is the first again
PATIENCE = 20.0  # seconds a child has to end once it was asked to
TICK = 1.0  # seconds between looks at what sends no signal

# SIGHUP comes when the terminal is closed.
_ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass
class Child:
    """One process that must always run. It gets SIGTERM to stop, and when we die."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    account: Account | None = None
    """Whom it runs as; None: as we do."""
    deaths: int = 0
    _quick_deaths: int = 0
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    _started_at: float = 0.0
    _next_start_at: float = 0.0

    def start(self) -> None:
        self._started_at = time.monotonic()
        self._process = subprocess.Popen(
            self.command,
            **(self.account.identity() if self.account else {}),
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is ours to pass on, in order
            preexec_fn=ending_with_parent(signal.SIGTERM),
        )

    def look_after(self) -> None:
        """Notice a death, or start again when its pause is over."""
        if self._process is not None:
            if self._process.poll() is not None:
                self._mourn(self._process.returncode)
        elif time.monotonic() >= self._next_start_at:
            self.start()

    def exit_code(self) -> int | None:
        """Return how it ended, in the form of `subprocess`; None while it runs, or was never started."""
        return None if self._process is None else self._process.poll()

    def seconds_until_start(self) -> float:
        return TICK if self._process is not None else max(0.0, self._next_start_at - time.monotonic())

    def stop(self) -> None:
        """Ask the child to end, wait, and after a while insist."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def _mourn(self, code: int) -> None:
        now = time.monotonic()
        self.deaths += 1
        self._quick_deaths = 1 if now - self._started_at >= STEADY else self._quick_deaths + 1
        pause = pause_after(self._quick_deaths)
        say(f"The {self.name} ended ({ending(code)}); starting it again in {pause:g} s.")
        self._process = None
        self._next_start_at = now + pause


def pause_after(quick_deaths: int) -> float:
    """Return the seconds to wait before the next start, after so many deaths soon after a start."""
    # Ten doublings are far above the longest pause; without an end the power would overflow.
    return min(FIRST_PAUSE * 2.0 ** min(quick_deaths - 1, 10), LONGEST_PAUSE)


class Signals:
    """Turns the signals that concern a supervisor into something one can wait for."""

    def __init__(self) -> None:
        # Through a pipe, since a signal between a look and the wait would be missed.
        # It must not block: Python refuses a wake-up descriptor that does.
        self._reader, writer = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        signal.set_wakeup_fd(writer)
        for number in (*_ENDINGS, signal.SIGCHLD):
            signal.signal(number, lambda _number, _frame: None)  # the number is in the pipe already

    def told_to_stop(self, *, within: float) -> bool:
        """Wait for any signal, at most `within` seconds, and return whether one of them means stop."""
        ready, _, _ = select.select([self._reader], [], [], within)
        return bool(ready) and any(number in _ENDINGS for number in os.read(self._reader, 512))


def finished(child: Child, *, signals: Signals) -> int | None:
    """Run a child to its end and return its exit code; None when told to stop, and then it is stopped too."""
    child.start()
    while (code := child.exit_code()) is None:
        if signals.told_to_stop(within=TICK):
            child.stop()
            return None
    return code


def supervise(
    children: Sequence[Child],
    *,
    signals: Signals,
    between: Callable[[], float],
    on_stop: Callable[[], None],
) -> None:
    """Start the children and keep them running until told to stop, then call `on_stop` and stop them in the order given.

    `between` looks after whatever else needs it and returns the seconds until it wants to look again; it is
    also called whenever a child ended.
    """
    pause = 0.0
    try:
        while not signals.told_to_stop(within=pause):
            for child in children:
                child.look_after()
            pause = min(between(), *(child.seconds_until_start() for child in children))
    finally:
        on_stop()
        for child in children:
            child.stop()


def say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def ending(code: int) -> str:
    """Return how a process ended, from the code that `subprocess` gives it."""
    return f"signal {-code}" if code < 0 else f"exit code {code}"
