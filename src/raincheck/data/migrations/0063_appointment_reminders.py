"""Reminders of appointments: when each is due, who wants none, and links that open one appointment."""

import django.db.models.deletion
from django.db import migrations, models

# An instant alone: what lies 61 hours before a start is no question of any zone. Quiet hours are, and no business of SQL.
REMINDERS = """
CREATE FUNCTION reminders_follow_the_time() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' OR NEW.starts_at IS DISTINCT FROM OLD.starts_at OR NEW.status IS DISTINCT FROM OLD.status THEN
        NEW.remind_at := CASE WHEN NEW.status = 'scheduled' THEN NEW.starts_at - interval '61 hours' END;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER reminders_follow_the_time BEFORE INSERT OR UPDATE OF starts_at, status ON raincheck_appointment
    FOR EACH ROW EXECUTE FUNCTION reminders_follow_the_time();
"""
NO_REMINDERS = "DROP FUNCTION reminders_follow_the_time() CASCADE;"
# Whose claims are gone is long over. What was due before anybody was reminded of anything is not told late.
WHAT_IS_BOOKED = """
UPDATE raincheck_appointment SET remind_at = greatest(starts_at - interval '61 hours', now())
WHERE status = 'scheduled' AND claims_pruned_at IS NULL;
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
"""
TABLES = ("link", "notification")
ADD_KEYS = "".join(
    f"ALTER TABLE raincheck_{table} ADD CONSTRAINT {table}_appointment_stays_in_its_practice"
    " FOREIGN KEY (practice_id, appointment_id) REFERENCES raincheck_appointment (practice_id, id)"
    " DEFERRABLE INITIALLY IMMEDIATE;"
    for table in TABLES
)
DROP_KEYS = "".join(
    f"ALTER TABLE raincheck_{table} DROP CONSTRAINT {table}_appointment_stays_in_its_practice;"
    for table in TABLES
)


class Migration(migrations.Migration):
    dependencies = [
        ("raincheck", "0062_rebook_links_afterwards"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="link",
            name="a_link_opens_one_thing",
        ),
        migrations.RemoveConstraint(
            model_name="quarantined",
            name="a_quarantined_row_is_of_a_known_step",
        ),
        migrations.AddField(
            model_name="appointment",
            name="remind_at",
            field=models.DateTimeField(
                blank=True, help_text="when it is looked at next for a reminder; empty: no more", null=True
            ),
        ),
        migrations.AddField(
            model_name="link",
            name="appointment",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="raincheck.appointment",
            ),
        ),
        migrations.AddField(
            model_name="notification",
            name="appointment",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="raincheck.appointment",
            ),
        ),
        migrations.AddField(
            model_name="recipient",
            name="reminders_off_at",
            field=models.DateTimeField(
                blank=True,
                help_text="since then they want no reminders of appointments; empty: they get them",
                null=True,
            ),
        ),
        migrations.AddIndex(
            model_name="appointment",
            index=models.Index(
                condition=models.Q(("remind_at__isnull", False)),
                fields=["remind_at", "id"],
                name="appointments_by_reminder",
            ),
        ),
        migrations.AddConstraint(
            model_name="link",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("appointment__isnull", True),
                        ("batch__isnull", False),
                        ("conversation__isnull", True),
                        ("rebook_offer__isnull", True),
                    ),
                    models.Q(
                        ("appointment__isnull", True),
                        ("batch__isnull", True),
                        ("conversation__isnull", True),
                        ("rebook_offer__isnull", False),
                    ),
                    models.Q(
                        ("appointment__isnull", False),
                        ("batch__isnull", True),
                        ("conversation__isnull", True),
                        ("rebook_offer__isnull", True),
                    ),
                    models.Q(
                        ("appointment__isnull", True),
                        ("batch__isnull", True),
                        ("conversation__isnull", False),
                        ("rebook_offer__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="a_link_opens_one_thing",
            ),
        ),
        migrations.AddConstraint(
            model_name="quarantined",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "step__in",
                        [
                            "credit",
                            "settle",
                            "remind",
                            "remind_of_appointments",
                            "tell_of_waiting",
                            "tell_of_slow_hand_over",
                            "look_at_open_times",
                        ],
                    )
                ),
                name="a_quarantined_row_is_of_a_known_step",
            ),
        ),
        migrations.RunSQL(ADD_KEYS, DROP_KEYS),
        migrations.RunSQL(WHAT_IS_BOOKED, migrations.RunSQL.noop),
        migrations.RunSQL(REMINDERS, NO_REMINDERS),
    ]
