"""Names of taken time, for staff only: whose appointment or hold it is, which calendar is busy. They decide nothing."""

from datetime import datetime

from django.db import connection

from raincheck.data.access.shown import shows
from raincheck.data.slots import LONGEST_SESSION, MARGIN
from raincheck.domain.policy import Policy
from raincheck.domain.slot_explanations.reasons import Known, NotOffered
from raincheck.domain.spans import Span

# Apart from the query for taken time: pages for clients ask that one, and have no name that they could show.
NAMES = """
SELECT 'appointment', taken.starts_at, taken.ends_at, trim(coalesce(nullif(client.goes_by, ''), client.first_name) || ' ' || client.last_name), NULL::timestamptz, client.id
    FROM raincheck_appointment taken JOIN raincheck_client client ON client.id = taken.client_id
    WHERE taken.provider_id = %(provider)s AND taken.starts_at > %(since)s AND taken.starts_at < %(end)s AND taken.ends_at > %(start)s
        AND taken.status <> 'cancelled'
UNION ALL
SELECT 'hold', taken.starts_at, taken.ends_at, trim(coalesce(nullif(client.goes_by, ''), client.first_name) || ' ' || client.last_name), taken.expires_at, client.id
    FROM raincheck_hold taken JOIN raincheck_client client ON client.id = taken.client_id
    WHERE taken.provider_id = %(provider)s AND taken.starts_at > %(since)s AND taken.starts_at < %(end)s AND taken.ends_at > %(start)s
        AND taken.expires_at > %(now)s
UNION ALL
SELECT 'busy', taken.starts_at, taken.ends_at, calendar.name, NULL, NULL
    FROM raincheck_busytime taken JOIN raincheck_busycalendar calendar ON calendar.id = taken.calendar_id
    WHERE taken.provider_id = %(provider)s AND taken.starts_at < %(end)s AND taken.ends_at > %(start)s
"""


def known_of(provider_id: int, *, within: Span, policy: Policy, now: datetime) -> Known:
    """Return what staff may know of the stretches that `taken_time` finds around `within`, and of the policy; in one query.

    Where two calendars are busy over the very same stretch, the first by name is named.
    """
    start, end = within.start - MARGIN, within.end + MARGIN
    values: dict[str, int | datetime] = {
        "provider": provider_id,
        "start": start,
        "end": end,
        "since": start - LONGEST_SESSION,
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(NAMES, values)
        rows = cursor.fetchall()
    names, held_until = dict[tuple[NotOffered, Span], str](), dict[Span, datetime]()
    shows(*(row[5] for row in rows if row[5] is not None))
    for kind, starts_at, ends_at, name, until, _client in sorted(rows, key=lambda row: row[3]):
        span = Span(starts_at, ends_at)
        # Two calendars may be busy over one stretch; sorted by name, the same one is named at each look.
        names.setdefault((NotOffered(kind), span), name)
        if until is not None:
            held_until[span] = until
    return Known(names, held_until, notice=policy.booking_notice, horizon=policy.horizon)
