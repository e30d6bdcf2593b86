"""Lets these tests run without Django: `pytest tests/integrations -p no:django`."""

from __future__ import annotations

import contextlib

import pytest


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    if not pluginmanager.hasplugin("django"):
        with contextlib.suppress(ValueError):  # another folder's conftest has named it already
            parser.addini(
                "DJANGO_SETTINGS_MODULE", "For pytest-django; named here because unknown settings are errors."
            )
