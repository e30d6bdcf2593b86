"""The limits under which strangers' files are read: in a process of its own that cannot take much time or memory."""

import logging
import resource
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import raincheck

log = logging.getLogger(__name__)

# How many times its processor time a reader may take by the clock, on a machine with other work to do.
PATIENCE = 5


class TookTooLong(Exception):
    """The process used up its time and was ended."""


class EndedBadly(Exception):
    """The process ended without an answer."""


def answer_of(module: str, question: bytes, *, seconds: int) -> bytes:
    """Return what a module of ours writes when it is run on its own with `question` on its standard input.

    It limits itself to `seconds` of processor time by `limit_this_process`. Raises TookTooLong or EndedBadly.
    """
    try:
        ended = subprocess.run(
            [sys.executable, "-P", "-W", "ignore", "-m", module],
            input=question,
            capture_output=True,
            timeout=seconds * PATIENCE,
            # Nothing else of ours: no settings, no secrets.
            env={"PYTHONPATH": str(Path(raincheck.__file__).parents[1])},
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        raise TookTooLong from late
    # Over its processor time: the soft limit sends the first signal and the hard one the second; here both are equal.
    if ended.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        raise TookTooLong
    if ended.returncode != 0:
        log.warning("%s ended with %s", module, ended.returncode)
        raise EndedBadly
    return ended.stdout


def limit_this_process(*, memory: int, seconds: int) -> None:
    """Allow this process so many bytes of address space and seconds, and no file. It cannot lift the limits again."""
    for kind, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        with suppress(ValueError):  # not every system knows every limit
            resource.setrlimit(kind, (most, most))
