"""What every answer tells browsers to keep others out, and what they may tell us about it."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from django.http import HttpResponse
from django.test import Client as Browser
from tests.app.cast import Cast

SECRET = "eyJ0aGlzIjoiaXMgYSBzZWNyZXQifQ"  # noqa: S105  # made up


@pytest.fixture(autouse=True)
def none_reported(database: None) -> None:
    """Begin in a process that no browser has reported anything to."""


def report(rule: str, blocked: str, page: str, **more: str) -> HttpResponse:
    said = {"csp-report": {"effective-directive": rule, "blocked-uri": blocked, "document-uri": page} | more}
    return Browser().post(
        "/csp-report/", json.dumps(said), content_type="application/csp-report", REMOTE_ADDR="203.0.113.7"
    )


def logged(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [line.getMessage() for line in caplog.records if line.name == "raincheck.security"]


def test_every_answer_keeps_other_sites_out(cast: Cast) -> None:
    for path in ("/sign-in/", "/health/live", "/nowhere/"):
        answer = Browser().get(path)
        assert {
            name: answer[name]
            for name in ("Cross-Origin-Resource-Policy", "Cross-Origin-Opener-Policy", "X-Frame-Options")
        } == {
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            "X-Frame-Options": "DENY",
        }
        rules = answer["Content-Security-Policy"].split("; ")
        assert {
            "require-trusted-types-for 'script'",
            "trusted-types default",
            "report-uri /csp-report/",
        } <= set(rules)


def test_what_a_browser_reports_is_logged_without_what_is_private(
    cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    page = f"https://harbor.example/r/{SECRET}/?who=riley"
    assert (
        report("script-src-elem", f"https://evil.example/{SECRET}.js", page, sample="Riley").status_code
        == 204
    )
    report("style-src-attr", "inline", "https://harbor.example/appointments/")
    report("rain\nfake line", "data:text/html,Riley", "not an address")
    assert logged(caplog) == [
        "csp: script-src-elem kept evil.example from link",
        "csp: style-src-attr kept inline from appointments",
        "csp: ? kept ? from ?",
    ]


@pytest.mark.parametrize("body", ["", "[]", "null", "{}", '{"csp-report": 1}', "\x00", '{"csp-report": {}}'])
def test_a_report_that_is_none_is_taken_and_does_nothing(cast: Cast, body: str) -> None:
    answer = Browser().post("/csp-report/", body, content_type="application/csp-report")
    assert answer.status_code == 204


def test_one_network_cannot_fill_the_log_with_reports(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    for _time in range(50):
        report("img-src", "inline", "https://harbor.example/")
    assert len(logged(caplog)) == 20


def test_under_https_cookies_hold_for_this_very_host_only() -> None:
    names = subprocess.run(
        [
            sys.executable,
            "-c",
            "import django; django.setup(); from django.conf import settings as s;"
            "from raincheck.web.access import known_devices; from raincheck.web.client import link_cookie;"
            "print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, link_cookie.COOKIE, known_devices.COOKIE)",
        ],
        env=os.environ
        | {"BASE_URL": "https://harbor.example", "DJANGO_SETTINGS_MODULE": "raincheck.settings"},
        capture_output=True,
        text=True,
    )
    assert names.stdout.split() == [
        "__Host-raincheck_session",
        "__Host-raincheck_csrf",
        "__Host-raincheck_links",
        "__Host-raincheck_device",
    ], names.stderr
