"""Races use the same database and cast as the other tests of the application."""

from tests.app.conftest import cast, database, django_db_setup, mailroom, now

__all__ = ["cast", "database", "django_db_setup", "mailroom", "now"]
