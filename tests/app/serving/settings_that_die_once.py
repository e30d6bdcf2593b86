"""Settings of a web server that dies once, right after the commit of an act and before its answer; for a test only."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from tests.settings import *  # noqa: F403  # a settings module is the sum of another one
from tests.settings import MIDDLEWARE as WHOLE


class DiesBeforeItAnswers:
    """Kills its process when a form has been acted on, once: the file named by DIES_WHILE is gone afterwards."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        order = Path(os.environ["DIES_WHILE"])
        if request.method == "POST" and order.exists():
            order.unlink()
            os.kill(os.getpid(), signal.SIGKILL)
        return response


MIDDLEWARE = ["tests.app.serving.settings_that_die_once.DiesBeforeItAnswers", *WHOLE]
