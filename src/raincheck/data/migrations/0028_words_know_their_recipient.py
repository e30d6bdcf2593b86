"""Messages know whose words they are, requests what was told of silence, and a card says that no time was found."""

import django.db.models.deletion
from django.db import migrations, models

CARDS = ["asked", "moved", "declined", "lapsed", "no_time_found", "withdrawn", "superseded", "void"]
CARDS += ["none_work", "cancelled", "booked"]
KEY = """
ALTER TABLE raincheck_message ADD CONSTRAINT message_recipient_stays_in_its_practice
    FOREIGN KEY (practice_id, recipient_id) REFERENCES raincheck_recipient (practice_id, id) DEFERRABLE INITIALLY IMMEDIATE
"""
# Words about requests that are open now: their page shows them again from here on.
WORDS = """
UPDATE raincheck_message m SET recipient_id = r.id
FROM raincheck_conversation c, raincheck_reschedulerequest q, raincheck_recipient r
WHERE m.conversation_id = c.id AND q.provider_id = c.provider_id AND q.client_id = c.client_id AND q.state = 'open'
    AND r.client_id = c.client_id AND r.is_client AND m.at >= q.asked_at
    AND m.author_kind IN ('client', 'client_by_link') AND (m.card IS NULL OR m.card = 'none_work')
"""


class Migration(migrations.Migration):
    dependencies = [("raincheck", "0027_unnamed_proxies")]

    operations = [
        migrations.AddField(
            "message",
            "recipient",
            models.ForeignKey(
                "raincheck.recipient",
                django.db.models.deletion.PROTECT,
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                related_name="+",
            ),
        ),
        migrations.RunSQL(WORDS, migrations.RunSQL.noop),
        migrations.RunSQL(
            KEY, "ALTER TABLE raincheck_message DROP CONSTRAINT message_recipient_stays_in_its_practice"
        ),
        migrations.RemoveConstraint("message", "a_card_has_a_known_kind"),
        migrations.AddConstraint(
            "message",
            models.CheckConstraint(condition=models.Q(("card__in", CARDS)), name="a_card_has_a_known_kind"),
        ),
        migrations.AddField(
            "reschedulerequest",
            "spared",
            models.BooleanField(
                db_default=False,
                default=False,
                help_text="the client was told at the ask that silence cancels nothing; later marks may only spare",
            ),
        ),
    ]
