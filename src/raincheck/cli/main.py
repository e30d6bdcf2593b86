"""The dispatcher of commands: finds the one asked for, and turns its refusals into one sentence and an exit code.

A command is a module in `raincheck.cli.commands`, named like the command, with `HELP`,
`add_arguments(parser)` and `run(arguments) -> int`. Only the module asked for is imported, so that
`raincheck slots` needs neither Django nor a database.
"""

import argparse
import importlib
import os
import pkgutil
import sys
from collections.abc import Sequence
from typing import Protocol, cast

import raincheck
from raincheck.cli import commands
from raincheck.cli.refusal import CommandRefused


class Command(Protocol):
    """What a module in `raincheck.cli.commands` offers."""

    HELP: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None: ...

    def run(self, arguments: argparse.Namespace) -> int: ...


def main(words: Sequence[str] | None = None) -> int:
    """Run the command that `words` name (default: the process's own arguments) and return its exit code."""
    words = sys.argv[1:] if words is None else words
    parser = argparse.ArgumentParser(prog="raincheck", description=raincheck.__doc__)
    parser.add_argument("--version", action="version", version=f"raincheck {raincheck.__version__}")
    choices = parser.add_subparsers(metavar="COMMAND", required=True)
    names = [module.name for module in pkgutil.iter_modules(commands.__path__)]
    asked = [name for name in names if words and _spoken(name) == words[0]]
    # All are loaded only where all are listed: for --help, or after a word that is no command.
    for name in asked or names:
        command = cast(Command, importlib.import_module(f"{commands.__name__}.{name}"))
        choice = choices.add_parser(_spoken(name), help=command.HELP, description=command.HELP)
        choice.set_defaults(command=command)
        command.add_arguments(choice)
    arguments = parser.parse_args(words)
    # Whatever the caller's: what other accounts must read stays readable, and what is private is made so where it is made.
    os.umask(0o022)
    if words:  # what the database's administrator sees beside our connections
        os.environ.setdefault("PGAPPNAME", f"raincheck {words[0]}")
    try:
        return cast(Command, arguments.command).run(arguments)
    except CommandRefused as refusal:
        print(f"raincheck: {refusal}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        # 128 and the number of SIGINT, as shells have it.
        return 130


def _spoken(module: str) -> str:
    return module.replace("_", "-")
