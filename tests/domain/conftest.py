"""Lets the tests of the domain run without Django: `pytest tests/domain -p no:django`."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    if not pluginmanager.hasplugin("django"):
        parser.addini(
            "DJANGO_SETTINGS_MODULE", "For pytest-django; named here because unknown settings are errors."
        )
