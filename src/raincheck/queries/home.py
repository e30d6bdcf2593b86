"""What waits for a provider or manager: the counts beside the navigation."""

from __future__ import annotations

from typing import NamedTuple

from django.db import connection


class Counts(NamedTuple):
    """Open tasks, open requests and unread conversations."""

    tasks: int
    requests: int
    unread: int


COUNTS = """
SELECT
    (SELECT count(*) FROM raincheck_task WHERE practice_id = %(practice)s AND done_at IS NULL
        AND (%(provider)s::bigint IS NULL OR provider_id = %(provider)s)),
    (SELECT count(*) FROM raincheck_reschedulerequest WHERE practice_id = %(practice)s AND state = 'open'
        AND (%(provider)s::bigint IS NULL OR provider_id = %(provider)s)),
    (SELECT count(*) FROM raincheck_conversation c WHERE practice_id = %(practice)s AND provider_id = %(provider)s
        AND EXISTS (SELECT 1 FROM raincheck_message m WHERE m.conversation_id = c.id
            AND m.author_kind IN ('client', 'client_by_link') AND m.at > coalesce(c.provider_read_at, '-infinity')))
"""


def counts(*, practice_id: int, provider_id: int | None) -> Counts:
    """Return what waits for one provider, or for the managers of a practice when there is none; in one query."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTS, {"practice": practice_id, "provider": provider_id})
        return Counts(*cursor.fetchone())
