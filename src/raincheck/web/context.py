"""What every template may know without asking: nothing that needs the database."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def product(_request: HttpRequest) -> dict[str, object]:
    return {"demo": settings.RAINCHECK_DEMO}
