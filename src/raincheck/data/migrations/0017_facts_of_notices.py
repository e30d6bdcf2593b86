"""Facts of an event stand with its notification, words with each attempt; deliveries need no jobs of the queue any more."""

from django.db import migrations, models

KINDS = [
    "booked", "details_changed", "asked", "request_reminder", "moved", "declined", "cancelled", "none_work", "lapsed",
    "withdrawn", "deadline_moved", "outage", "message", "sign_in_code", "zone_corrected",
]  # fmt: skip

# What waits gets its facts: times from the history row that made its sequence, where there is one, else as they are now.
FACTS = """
WITH waiting AS (
    SELECT l.id, jsonb_strip_nulls(jsonb_build_object(
        'starts_at', coalesce(h.to_starts_at, a.starts_at), 'ends_at', coalesce(h.to_ends_at, a.ends_at),
        'former_starts_at', CASE WHEN n.moment IN ('moved', 'details_changed', 'zone_corrected') THEN h.from_starts_at END,
        'zone', a.zone, 'place', a.place_id, 'cancelled_by', nullif(a.cancelled_by, ''),
        'cancelled_why', nullif(a.cancelled_why, ''), 'fee_allowed', nullif(a.fee_allowed, false),
        'deadline_at', r.deadline_at, 'needs_provider', nullif(r.needs_provider, ''),
        'time_lost', CASE WHEN r.time_lost IS NOT NULL THEN true END)) AS facts
    FROM raincheck_notificationappointment l
    JOIN raincheck_notification n ON n.id = l.notification_id
    JOIN raincheck_appointment a ON a.id = l.appointment_id
    LEFT JOIN raincheck_reschedulerequest r ON r.id = l.request_id
    LEFT JOIN LATERAL (
        SELECT * FROM raincheck_appointmenthistory h
        WHERE h.appointment_id = l.appointment_id AND h.sequence = l.sequence AND h.at <= n.made_at
        ORDER BY h.id DESC LIMIT 1
    ) h ON true
    WHERE n.state = 'waiting'
)
UPDATE raincheck_notificationappointment l SET facts = waiting.facts FROM waiting WHERE waiting.id = l.id
"""
CODES = r"""
UPDATE raincheck_notification SET facts = jsonb_build_object(
    'code', substring(text FROM '\d{4}-\d{4}'), 'minutes', (extract(epoch FROM give_up_at - made_at) / 60)::int)
WHERE state = 'waiting' AND moment = 'sign_in_code'
"""
WORDS_OF_ATTEMPTS = """
UPDATE raincheck_deliveryattempt t SET subject = n.subject, text = n.text, html = n.html, calendar = n.calendar
FROM raincheck_notification n WHERE n.id = t.notification_id
"""
NO_WORDS_BESIDE = "UPDATE raincheck_notification SET subject = '', text = '' WHERE channel <> 'in_app'"
WORDS_BACK = """
UPDATE raincheck_notification n SET subject = t.subject, text = t.text, html = t.html, calendar = t.calendar
FROM raincheck_deliveryattempt t WHERE n.id = t.notification_id
"""
NO_JOBS = "DELETE FROM procrastinate_jobs WHERE task_name = 'deliver' AND status = 'todo'"


class Migration(migrations.Migration):
    dependencies = [("raincheck", "0016_field_words")]

    operations = [
        migrations.RemoveConstraint("notification", "a_notification_has_a_known_moment"),
        migrations.AddConstraint(
            "notification",
            models.CheckConstraint(
                condition=models.Q(("moment__in", KINDS)), name="a_notification_has_a_known_moment"
            ),
        ),
        migrations.AddField(
            "notification",
            "facts",
            models.JSONField(default=dict, help_text="what words can't be made without: a code to sign in"),
        ),
        migrations.AddField("notification", "after_others", models.BooleanField(default=False)),
        migrations.AddField(
            "notificationappointment",
            "facts",
            models.JSONField(default=dict, help_text="as notifications/facts.py reads it"),
        ),
        migrations.AddField(
            "deliveryattempt", "subject", models.TextField(blank=True, default=""), preserve_default=False
        ),
        migrations.AddField(
            "deliveryattempt", "text", models.TextField(blank=True, default=""), preserve_default=False
        ),
        migrations.AddField(
            "deliveryattempt", "html", models.TextField(blank=True, default=""), preserve_default=False
        ),
        migrations.AddField(
            "deliveryattempt",
            "calendar",
            models.TextField(
                blank=True, default="", help_text="iCalendar objects to attach, one after the other"
            ),
            preserve_default=False,
        ),
        migrations.RunSQL(FACTS, migrations.RunSQL.noop),
        migrations.RunSQL(CODES, migrations.RunSQL.noop),
        migrations.RunSQL(WORDS_OF_ATTEMPTS, WORDS_BACK),
        migrations.RunSQL(NO_WORDS_BESIDE, migrations.RunSQL.noop),
        migrations.RunSQL(NO_JOBS, migrations.RunSQL.noop),
        migrations.RemoveField("notification", "html"),
        migrations.RemoveField("notification", "calendar"),
        migrations.AddIndex(
            "notification",
            models.Index(
                fields=["channel", "after_others", "due_at", "id"],
                condition=models.Q(("state", "waiting")),
                name="waiting_notifications_by_turn",
            ),
        ),
    ]
