"""The form of what `raincheck check` finds: one line for each thing it looks at."""

import re
from dataclasses import dataclass
from enum import StrEnum

IS_IT_RUNNING = re.compile(r" Is the server running[^?]*\?")


class Verdict(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """How one thing stands, in a whole sentence that also says what to do about it."""

    name: str
    verdict: Verdict
    sentence: str


def ok(name: str, sentence: str) -> Finding:
    return Finding(name, Verdict.OK, sentence)


def warn(name: str, sentence: str) -> Finding:
    return Finding(name, Verdict.WARN, sentence)


def fail(name: str, sentence: str) -> Finding:
    return Finding(name, Verdict.FAIL, sentence)


def reason(error: BaseException) -> str:
    """Return what an error says, on one line, without its last full stop and the question that libpq ends with."""
    said = IS_IT_RUNNING.sub("", " ".join(str(error).split()))
    return said.rstrip(".") or type(error).__name__
