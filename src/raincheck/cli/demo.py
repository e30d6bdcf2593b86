"""The demo's practice, from the command line: filling an empty database with it."""

from django.conf import settings
from django.db import connections

from raincheck import clock
from raincheck.cli.refusal import CommandRefused
from raincheck.demo.large import Size, add_large
from raincheck.demo.seeding import seed_when_empty


def fill_demo() -> bool:
    """Fill the database with the demo's practice when it is empty; return whether it was."""
    try:
        return seed_when_empty(now=clock.now())
    finally:
        connections.close_all()
        connections["default"].close_pool()  # type: ignore[attr-defined]  # PostgreSQL's wrapper has one


def add_large_practice() -> Size | None:
    """Add the large practice beside the other; return its size, or None when it is there already."""
    size = Size()
    return size if add_large(now=clock.now(), size=size) else None


def must_be_demo() -> None:
    """Raise CommandRefused outside the demo."""
    if not settings.RAINCHECK_DEMO:
        raise CommandRefused(
            "This is for the demo only, and RAINCHECK_DEMO is not set to 1. Nothing was changed."
        )
