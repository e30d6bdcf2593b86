"""Who of a practice a signed-in user is: asked before every page of the practice."""

from __future__ import annotations

from django.db import connection

from raincheck.data.people import Membership, Practice, Provider
from raincheck.data.rows import columns, row_of

AT_WORK = f"""
SELECT {columns(Membership, "membership")}, {columns(Practice, "practice")}, {columns(Provider, "provider")}
FROM raincheck_membership membership
JOIN raincheck_practice practice ON practice.id = membership.practice_id
LEFT JOIN raincheck_provider provider ON provider.id = membership.provider_id
WHERE membership.user_id = %s AND membership.role IN ('provider', 'manager')
ORDER BY membership.id LIMIT 1
"""  # made of the tables' own column names
ENDS_AT = len(Membership._meta.concrete_fields)
PRACTICE_ENDS_AT = ENDS_AT + len(Practice._meta.concrete_fields)


def at_work(user_id: int) -> Membership | None:
    """Return a user's first membership as provider or manager with its practice and provider, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(AT_WORK, [user_id])
        found = cursor.fetchone()
    if found is None:
        return None
    membership = row_of(Membership, found[:ENDS_AT])
    membership.practice = row_of(Practice, found[ENDS_AT:PRACTICE_ENDS_AT])
    if membership.provider_id is not None:
        membership.provider = row_of(Provider, found[PRACTICE_ENDS_AT:])
        membership.provider.practice = membership.practice
    return membership
