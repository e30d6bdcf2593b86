"""The membership of a signed-in user, asked before every page of a practice."""

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from raincheck.data.compiled import Compiled
from raincheck.data.people import Membership, Practice, Provider, User
from raincheck.data.postgresql.rows import columns, row_of
from raincheck.domain.access.appearance import Color, Look
from raincheck.domain.people import STAFF_ROLES, Role

# Plain SQL: Django takes about ten times as long to write it as the database to answer it, and every page waits for both.
WHO_ASKS = f"""
SELECT {columns(User, "account")}, {columns(Membership, "membership")}, {columns(Practice, "practice")},
    {columns(Provider, "provider")}, elsewhere.practices, held.roles, look.color, look.photo_hash
FROM raincheck_user account
LEFT JOIN LATERAL (
    SELECT * FROM raincheck_membership WHERE user_id = account.id AND role <> 'client' AND ended_at IS NULL
    ORDER BY practice_id = (SELECT id FROM raincheck_practice WHERE ref = %s) DESC NULLS LAST,
        min(id) OVER (PARTITION BY practice_id), provider_id IS NULL, id LIMIT 1
) membership ON true
LEFT JOIN LATERAL (
    SELECT json_agg(json_build_array(ref, name) ORDER BY name, id) AS practices FROM raincheck_practice WHERE id IN (
        SELECT practice_id FROM raincheck_membership
        WHERE user_id = account.id AND practice_id <> membership.practice_id AND role <> 'client' AND ended_at IS NULL)
) elsewhere ON true
LEFT JOIN LATERAL (
    SELECT json_object_agg(role, id) AS roles FROM raincheck_membership
    WHERE user_id = account.id AND practice_id = membership.practice_id AND role <> 'client' AND ended_at IS NULL
) held ON true
LEFT JOIN raincheck_practice practice ON practice.id = membership.practice_id
LEFT JOIN raincheck_provider provider ON provider.id = membership.provider_id
LEFT JOIN raincheck_appearance look ON look.practice_id = membership.practice_id AND look.user_id = account.id
WHERE account.id = %s
"""  # made of the tables' own column names
TABLES = (User, Membership, Practice, Provider)
ENDS_AT = list(accumulate(len(table._meta.concrete_fields) for table in TABLES))


class AtWork(NamedTuple):
    """What somebody is in a practice: one of their memberships there, a provider's before others, all of them by role, and how they are shown.

    `elsewhere` are the other practices they work in, as pairs of ref and name.
    """

    membership: Membership
    roles: Mapping[Role, int]
    look: Look | None
    elsewhere: Sequence[tuple[str, str]]


def who_asks(user_id: int, chosen: UUID | None = None) -> tuple[User, AtWork | None] | None:
    """Return a user and what they are in the practice they have chosen, else in the first that they work in; in one query.

    Practice and calendar come along. None without such a user. Says nothing about whether they may sign in. Memberships that ended are none.
    """
    with connection.cursor() as cursor:
        cursor.execute(WHO_ASKS, [chosen, user_id])
        found = cursor.fetchone()
    if found is None:
        return None
    own, member, practice, provider = (
        found[begins:ends] for begins, ends in zip([0, *ENDS_AT], ENDS_AT, strict=False)
    )
    elsewhere, roles, color, photo = found[-4:]
    user = row_of(User, own)
    if member[0] is None:
        return user, None
    membership = row_of(Membership, member)
    # At hand for the page, which would ask for each of them again.
    membership.user, membership.practice = user, row_of(Practice, practice)
    if membership.provider_id is not None:
        membership.provider = row_of(Provider, provider)
        membership.provider.practice = membership.practice
    look = Look(user.ref, Color(color), photo) if color else None
    return user, AtWork(
        membership,
        {Role(role): pk for role, pk in roles.items()},
        look,
        [(ref, name) for ref, name in elsewhere or []],
    )


def practice_left(user_id: int) -> Practice | None:
    """Return where somebody worked whose access has ended, the latest; None for who never worked anywhere."""
    return next((ended.practice for ended in _ended(user=user_id)), None)


@Compiled
def _ended(user: int) -> QuerySet[Membership]:
    ended = Membership.objects.filter(user=user, ended_at__isnull=False, role__in=STAFF_ROLES)
    return ended.select_related("practice").order_by("-ended_at", "-pk")


def at_work(user_id: int, chosen: UUID | None = None) -> AtWork | None:
    """Return what a user is in the practice they have chosen, else in the first that they work in; in one query."""
    found = who_asks(user_id, chosen)
    return found[1] if found else None
