"""After the session: what became of it is said by somebody, and by whom stands with the appointment."""

from django.db import migrations, models

# What was said before is in the history; what was only brought in counts as said by the system.
WHO_SAID_IT = """
UPDATE raincheck_appointment a SET
    outcome_at = greatest(coalesce(said.at, a.ends_at), a.starts_at),
    outcome_by_kind = coalesce(said.actor_kind, 'system'),
    outcome_by = said.actor
FROM raincheck_appointment b
LEFT JOIN LATERAL (
    SELECT at, actor_kind, actor FROM raincheck_appointmenthistory h
    WHERE h.appointment_id = b.id AND h.event IN ('completed', 'client_no_show', 'provider_no_show') ORDER BY h.id DESC LIMIT 1
) said ON true
WHERE a.id = b.id AND a.status IN ('completed', 'client_no_show', 'provider_no_show');
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
"""

# A request is void when its start came first. What became of the session may be said in the same instant.
ENDINGS = """
CREATE OR REPLACE FUNCTION an_ending_is_what_it_says() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    booked raincheck_appointment%%ROWTYPE;
    true_ending boolean;
BEGIN
    SELECT * INTO booked FROM raincheck_appointment WHERE id = NEW.appointment_id;
    true_ending := CASE NEW.state
        WHEN 'moved' THEN booked.status = 'scheduled' AND booked.starts_at = NEW.moved_to
        WHEN 'withdrawn' THEN booked.status = 'scheduled' AND booked.starts_at = NEW.asked_starts_at AND booked.ends_at = NEW.asked_ends_at
        WHEN 'void' THEN {void} AND booked.starts_at = NEW.asked_starts_at AND booked.ends_at = NEW.asked_ends_at
        WHEN 'declined' THEN booked.status = 'cancelled' AND booked.cancelled_why = 'reschedule_declined'
        WHEN 'lapsed' THEN booked.status = 'cancelled' AND booked.cancelled_why IN ('reschedule_unanswered', 'reschedule_no_time')
        WHEN 'superseded' THEN EXISTS (
            SELECT 1 FROM raincheck_appointmenthistory
            WHERE appointment_id = NEW.appointment_id AND event IN ('cancelled', 'details_changed') AND at = NEW.settled_at)
    END;
    IF true_ending IS NOT TRUE THEN
        RAISE EXCEPTION 'an ending is what it says'
            USING ERRCODE = '23514', CONSTRAINT = 'an_ending_is_what_it_says', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
"""
AND_WHAT_HAPPENED = ENDINGS.format(
    void="(booked.status = 'scheduled' OR booked.outcome_at IS NOT NULL)"
).replace("%%", "%")
ONLY_SCHEDULED = ENDINGS.format(void="booked.status = 'scheduled'").replace("%%", "%")


class Migration(migrations.Migration):
    dependencies = [
        ("raincheck", "0058_who_took_an_invitation_back"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="message",
            name="a_card_has_a_known_kind",
        ),
        migrations.AddField(
            model_name="appointment",
            name="outcome_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="appointment",
            name="outcome_by",
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="appointment",
            name="outcome_by_kind",
            field=models.TextField(blank=True, null=True),
        ),
        migrations.RunSQL(WHO_SAID_IT, migrations.RunSQL.noop),
        migrations.RunSQL(AND_WHAT_HAPPENED, ONLY_SCHEDULED),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "outcome_by_kind__in",
                        [
                            "client_by_link",
                            "client",
                            "provider",
                            "manager",
                            "scheduler",
                            "system",
                            "operator",
                        ],
                    )
                ),
                name="an_outcome_names_a_known_actor",
            ),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("outcome_at__gte", models.F("starts_at")),
                        ("outcome_at__isnull", False),
                        ("outcome_by_kind__isnull", False),
                        ("status__in", ["completed", "client_no_show", "provider_no_show", "cancelled"]),
                    ),
                    models.Q(
                        ("outcome_at__isnull", True),
                        ("outcome_by__isnull", True),
                        ("outcome_by_kind__isnull", True),
                        ("status__in", ["scheduled", "cancelled"]),
                    ),
                    _connector="OR",
                ),
                name="what_became_of_a_session_was_said_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "card__in",
                        [
                            "asked",
                            "moved",
                            "declined",
                            "lapsed",
                            "no_time_found",
                            "withdrawn",
                            "superseded",
                            "void",
                            "none_work",
                            "cancelled",
                            "not_cancelled",
                            "booked",
                        ],
                    )
                ),
                name="a_card_has_a_known_kind",
            ),
        ),
    ]
