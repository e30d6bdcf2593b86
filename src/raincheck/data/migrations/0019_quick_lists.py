"""Indexes in the order in which lists, Home and the sweep read, so that none reads many times what it shows."""

import django.db.models.deletion
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models

# Every ending of every word of a name, behind the practice's number: what begins with "7:ook" is in practice 7 and holds "ook".
SEARCH_TERMS = """
CREATE FUNCTION client_search_terms(practice bigint, first_name text, last_name text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(array_to_tsvector(array_agg(DISTINCT practice || ':' || substr(lower(word), start, 80))), ''::tsvector)
    FROM regexp_split_to_table(first_name || ' ' || last_name, '\\s+') word, generate_series(1, least(length(word), 200)) start
$$
"""
# Without the list of pending entries: a search would read it from end to end.
SEARCHED = """
CREATE INDEX CONCURRENTLY IF NOT EXISTS clients_by_parts_of_their_name ON raincheck_client
USING gin (client_search_terms(practice_id, first_name, last_name)) WITH (fastupdate = off)
"""
OPEN = models.Q(state="open")
OPEN_TASKS = models.Q(done_at__isnull=True)
INDEXES = {
    "appointment": [
        models.Index(
            fields=["ends_at", "id"],
            condition=models.Q(claims_pruned_at__isnull=True),
            name="appointments_that_hold_claims",
        ),
        models.Index(fields=["provider", "client", "starts_at"], name="appointments_of_a_pair"),
    ],
    "client": [models.Index(fields=["practice", "last_name", "first_name", "id"], name="clients_by_name")],
    "message": [models.Index(fields=["conversation", "at"], name="messages_by_time")],
    "notification": [
        models.Index(
            fields=["practice", "-made_at", "-id"],
            condition=models.Q(channel="in_app"),
            name="in_app_of_a_practice",
        ),
        models.Index(
            fields=["provider", "-id"],
            condition=models.Q(channel="in_app", seen_at__isnull=True),
            name="unseen_of_a_provider",
        ),
    ],
    "reschedulerequest": [
        models.Index(fields=["practice", "looked_at"], condition=OPEN, name="open_requests_by_latest_look"),
        models.Index(
            fields=["asked_at"],
            condition=OPEN & models.Q(handed_over_at__isnull=True),
            name="open_requests_on_their_way",
        ),
        models.Index(fields=["practice", "-settled_at", "deadline_at", "id"], name="requests_of_a_practice"),
        models.Index(fields=["provider", "-settled_at", "deadline_at", "id"], name="requests_by_ending"),
    ],
    "task": [models.Index(fields=["practice", "made_at", "id"], condition=OPEN_TASKS, name="open_tasks_of_a_practice")],
}  # fmt: skip


class Migration(migrations.Migration):
    atomic = False  # an index that is made beside running work cannot be made in a transaction

    dependencies = [("raincheck", "0018_calendar_pushes")]

    operations = [
        *(AddIndexConcurrently(model, index) for model, indexes in INDEXES.items() for index in indexes),
        RemoveIndexConcurrently("notification", "in_app_of_a_provider"),
        RemoveIndexConcurrently("reschedulerequest", "requests_of_a_provider"),
        # Two indexes begin with the conversation already, and lead to what is new or unread in it.
        migrations.AlterField(
            "message",
            "conversation",
            models.ForeignKey(
                "raincheck.conversation",
                django.db.models.deletion.PROTECT,
                db_constraint=False,
                db_index=False,
                related_name="messages",
            ),
        ),
        migrations.RunSQL(SEARCH_TERMS, "DROP FUNCTION client_search_terms"),
        migrations.RunSQL(SEARCHED, "DROP INDEX CONCURRENTLY clients_by_parts_of_their_name"),
    ]
