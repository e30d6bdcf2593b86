"""The first start from the command line: a practice is set up, practices are listed, and a manager gets a way in."""

import argparse
import json
import secrets
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import partial

from django.conf import settings

from raincheck import clock
from raincheck.actions.access.first_start import set_up_practice
from raincheck.actions.access.invitations import invite
from raincheck.actions.engine.runner import Answer, run_command
from raincheck.cli import addresses
from raincheck.cli.refusal import CommandRefused
from raincheck.data.access.invitations import manages
from raincheck.data.models import Practice
from raincheck.domain.access.invitations import OPERATORS_LIVE, Invitee, digest_of, sound_invitee
from raincheck.domain.people import OPERATOR, Role
from raincheck.domain.practice import PRACTICE_NAME_LIMIT, named
from raincheck.domain.refusals import Refusal
from raincheck.domain.zones import UnknownZone, zone_named, zone_names
from raincheck.notifications.links import TOKEN_BYTES, invitation_address
from raincheck.queries.access.invitations import account_of, listed_practices, practices_called
from raincheck.web.submission import sentence_of

NO_PRACTICE = "There is no practice yet; raincheck setup makes the first one."
SUGGESTED = 4
"""So many zones are named when one is not known."""


@dataclass(frozen=True, slots=True)
class Question:
    """What `raincheck setup` must know: the flag that says it, how it is asked for, and what makes it sound."""

    flag: str
    words: str
    sound: Callable[[str], str]


QUESTIONS = [
    Question(
        "--practice",
        "The practice's name",
        partial(named, limit=PRACTICE_NAME_LIMIT),
    ),
    Question("--zone", "Its time zone, like America/New_York", lambda said: zone_named(said.strip()).key),
    Question(
        "--manager-name",
        "The first manager's name",
        lambda said: sound_invitee(name=said, email="x@example.com", roles=[Role.MANAGER]).name,
    ),
    Question(
        "--manager-email",
        "The manager's e-mail address",
        lambda said: sound_invitee(name="x", email=said, roles=[Role.MANAGER]).email,
    ),
]


def answers_of(arguments: argparse.Namespace) -> dict[str, str]:
    """Return a sound answer to every question, by flag: what was given, else what is typed at the terminal.

    Raises CommandRefused for what was given and can't be, and when there is no terminal to ask at.
    """
    given = {one.flag: getattr(arguments, one.flag.strip("-").replace("-", "_")) for one in QUESTIONS}
    missing = [question.flag for question in QUESTIONS if given[question.flag] is None]
    answers = {
        question.flag: _sound(question, said)
        for question in QUESTIONS
        if (said := given[question.flag]) is not None
    }
    if missing and not sys.stdin.isatty():
        raise CommandRefused(
            f"There is no terminal to ask at, so these are needed: {', '.join(missing)}. Nothing was changed."
        )
    for question in QUESTIONS:
        if question.flag in missing:
            answers[question.flag] = _typed(question)
    return answers


def _typed(question: Question) -> str:
    """Ask until the answer is sound."""
    while True:
        # Not where the answer goes: that one line is for whoever calls us.
        print(f"{question.words}: ", end="", file=sys.stderr, flush=True)
        said = sys.stdin.readline()
        if not said:
            raise CommandRefused("Nothing was changed.")
        try:
            return _sound(question, said)
        except CommandRefused as refusal:
            print(refusal, file=sys.stderr)


def _sound(question: Question, said: str) -> str:
    try:
        return question.sound(said)
    except UnknownZone as refusal:
        words = said.strip().lower().replace(" ", "_")
        like = [name for name in sorted(zone_names()) if words and words in name.lower()]
        hint = f" Did you mean {' or '.join(like)}?" if 0 < len(like) <= SUGGESTED else ""
        raise CommandRefused(f"{question.flag}: {sentence_of(refusal)}{hint}") from refusal
    except Refusal as refusal:
        raise CommandRefused(f"{question.flag}: {sentence_of(refusal)}") from refusal


def set_up(answers: dict[str, str], *, as_json: bool) -> None:
    """Make a practice and print its first manager's link. Raises CommandRefused."""
    manager = sound_invitee(
        name=answers["--manager-name"], email=answers["--manager-email"], roles=[Role.MANAGER]
    )
    verb = partial(set_up_practice, name=answers["--practice"], zone=answers["--zone"], manager=manager)
    made, link = _with_link(verb)
    _tell(Practice.objects.get(ref=made["practice"]), manager, link, as_json=as_json)


def invite_manager(email: str, *, name: str | None, practice: str | None, as_json: bool) -> None:
    """Print a link that makes whoever signs in with this address a manager, or brings one back. Raises CommandRefused."""
    row = _practice(practice)
    known = account_of(email.strip().lower())
    called = name or (known.name if known else "") or email.strip().partition("@")[0]
    try:
        manager = sound_invitee(name=called, email=email, roles=[Role.MANAGER])
        _made, link = _with_link(partial(invite, row.pk, who=manager))
    except Refusal as refusal:
        raise CommandRefused(sentence_of(refusal)) from refusal
    _tell(row, manager, link, as_json=as_json)
    if manages(row.pk, manager.email):
        # Not where the answer goes.
        told = f"{manager.name} is a manager there already: the link gives them a new password and takes their second step away."
        print(told, file=sys.stderr)


def list_practices(*, as_json: bool) -> None:
    """Print every practice and how many people are in it; no client is named or counted."""
    rows = listed_practices(now=clock.now())
    if as_json:
        print(json.dumps([asdict(row) for row in rows], ensure_ascii=False))
        return
    if not rows:
        print(NO_PRACTICE)
        return
    table = [("practice", "zone", "managers", "providers", "invited", "ref")]
    table += [
        (row.name, row.zone, str(row.managers), str(row.providers), str(row.invited), row.ref) for row in rows
    ]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for cells in table:
        print("  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip())


def _with_link(verb: Callable[..., Answer]) -> tuple[Answer, str]:
    """Run a verb that makes an invitation, and return its answer with the link, which is known from here on to us alone."""
    token, now = secrets.token_urlsafe(TOKEN_BYTES), clock.now()
    invited = partial(verb, digest=digest_of(token), lives=OPERATORS_LIVE, by=OPERATOR, now=now)
    answer = run_command(invited, key=None, body={}, by=OPERATOR, now=now)
    return answer, invitation_address(token)


def _tell(practice: Practice, manager: Invitee, link: str, *, as_json: bool) -> None:
    if as_json:
        said = {
            "practice": {"ref": str(practice.ref), "name": practice.name, "zone": practice.zone},
            "manager": {"name": manager.name, "email": manager.email},
            "link": link,
            "minutes": OPERATORS_LIVE // timedelta(minutes=1),
        }
        print(json.dumps(said, ensure_ascii=False))
    else:
        print(f"{practice.name}: {manager.name} opens this link within an hour, once: {link}")
    if not addresses.answers(settings.HOST, settings.PORT, base_url=settings.BASE_URL):
        print("Nothing answers there yet: start raincheck serve before the hour is over.", file=sys.stderr)


def _practice(named: str | None) -> Practice:
    """Return the practice of a name or a ref; the only one when none is named. Raises CommandRefused."""
    found = practices_called(named)
    match found:
        case [one]:
            return one
        case []:
            there = (
                f"There is no practice called “{named}”; raincheck practices lists them."
                if named
                else NO_PRACTICE
            )
            raise CommandRefused(f"{there} Nothing was changed.")
    which = f"{len(found)} practices are called “{named}”" if named else f"There are {len(found)} practices"
    raise CommandRefused(
        f"{which}. Say which one by --practice and its ref; raincheck practices lists them. Nothing was changed."
    )
