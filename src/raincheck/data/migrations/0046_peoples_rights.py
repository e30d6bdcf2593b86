"""People's access ends and comes back, on record; a practice keeps a manager; a provider may have left."""

from django.db import migrations, models
from django.db.models.deletion import PROTECT

ACTORS = ["client_by_link", "client", "provider", "manager", "scheduler", "system", "operator"]
EVENTS = ["joined", "details_changed", "roles_changed", "ended", "given_back"]
REASONS = ["not_handed_over", "do_not_auto_cancel", "outage", "swept_too_late", "no_room_after_zone_change"]
REASONS += ["restored", "provider_left"]

HISTORY = """
CREATE TRIGGER the_history_is_append_only BEFORE UPDATE OR DELETE ON raincheck_rightshistory
    FOR EACH ROW EXECUTE FUNCTION the_history_is_append_only();
CREATE TRIGGER the_history_is_never_emptied BEFORE TRUNCATE ON raincheck_rightshistory
    FOR EACH STATEMENT EXECUTE FUNCTION the_history_is_append_only();
"""
NO_HISTORY = """
DROP TRIGGER the_history_is_append_only ON raincheck_rightshistory;
DROP TRIGGER the_history_is_never_emptied ON raincheck_rightshistory;
"""
# Two managers may end each other at the same moment: the second waits for the practice's row, and then looks anew.
MANAGER = """
CREATE FUNCTION a_practice_keeps_a_manager() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM raincheck_practice WHERE id = OLD.practice_id FOR NO KEY UPDATE;
    IF FOUND AND NOT EXISTS (
        SELECT 1 FROM raincheck_membership WHERE practice_id = OLD.practice_id AND role = 'manager' AND ended_at IS NULL
    ) THEN
        RAISE EXCEPTION 'a practice keeps a manager' USING ERRCODE = '23514', CONSTRAINT = 'a_practice_keeps_a_manager', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER a_practice_keeps_a_manager AFTER UPDATE OR DELETE ON raincheck_membership
    FOR EACH ROW WHEN (OLD.role = 'manager' AND OLD.ended_at IS NULL) EXECUTE FUNCTION a_practice_keeps_a_manager();
"""


class Migration(migrations.Migration):
    dependencies = [("raincheck", "0045_chained_read_log")]

    operations = [
        migrations.AddField(
            "provider",
            "left_at",
            models.DateTimeField(
                blank=True,
                help_text="since then they have no calendar here; empty: they work here",
                null=True,
            ),
        ),
        migrations.RemoveConstraint("reschedulerequest", "a_request_waits_for_a_known_reason"),
        migrations.AddConstraint(
            "reschedulerequest",
            models.CheckConstraint(
                condition=models.Q(needs_provider__in=REASONS), name="a_request_waits_for_a_known_reason"
            ),
        ),
        migrations.CreateModel(
            name="RightsHistory",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("event", models.TextField()),
                ("at", models.DateTimeField()),
                ("actor_kind", models.TextField()),
                ("actor", models.BigIntegerField(null=True)),
                ("trace_id", models.TextField(blank=True)),
                ("details", models.JSONField(default=dict)),
                (
                    "practice",
                    models.ForeignKey("raincheck.practice", PROTECT, db_index=False, related_name="+"),
                ),
                (
                    "user",
                    models.ForeignKey("raincheck.user", PROTECT, db_index=False, related_name="+"),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["practice", "user", "id"], name="history_of_somebodys_rights")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(event__in=EVENTS), name="a_change_of_rights_is_of_a_known_kind"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(actor_kind__in=ACTORS),
                        name="a_change_of_rights_names_a_known_actor",
                    ),
                ],
            },
        ),
        migrations.RunSQL(HISTORY, NO_HISTORY),
        migrations.RunSQL(MANAGER, "DROP FUNCTION a_practice_keeps_a_manager() CASCADE"),
    ]
