"""The command `raincheck`: each command is one module in `raincheck.cli.commands`."""

from raincheck.cli.main import main

__all__ = ["main"]
