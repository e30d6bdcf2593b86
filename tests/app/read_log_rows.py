"""Rows of the read log as tests compare them, and the names of clients in an answer."""

from __future__ import annotations

import re
from datetime import datetime

from django.http import HttpResponse

from raincheck.data.access.read_log import ReadLog
from raincheck.data.people import Client

Row = tuple[str, int | None, str, list[int], int | None, str, datetime]
"""Kind of reader, who, page, clients, practice, network, when."""
HERE = "127.0.0.1"


def rows(*, after: int = 0) -> list[Row]:
    found = ReadLog.objects.filter(pk__gt=after).exclude(what__startswith="event:").order_by("pk")
    return list(found.values_list("actor_kind", "actor", "what", "clients", "practice", "network", "at"))


def newest() -> int:
    return ReadLog.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def written(response: HttpResponse) -> str:
    streamed = getattr(response, "streaming_content", None)
    return (b"".join(streamed) if streamed is not None else response.content).decode(errors="replace")


def named_in(text: str) -> list[int]:
    """Return the clients of any practice whose first or last name an answer says."""
    return sorted(
        client.pk
        for client in Client.objects.all()
        if re.search(rf"\b({client.first_name}|{client.last_name})\b", text)
    )
