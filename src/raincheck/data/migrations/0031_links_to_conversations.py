"""A link may lead to a conversation, by way of the sign-in; one of those may be a provider's."""

import django.db.models.deletion
from django.db import migrations, models

KEY = """
ALTER TABLE raincheck_link ADD CONSTRAINT link_conversation_stays_in_its_practice
    FOREIGN KEY (practice_id, conversation_id) REFERENCES raincheck_conversation (practice_id, id)
    DEFERRABLE INITIALLY IMMEDIATE
"""
OPENED = ("batch", "conversation", "rebook_offer")


def only(opened: str) -> models.Q:
    return models.Q(*((f"{one}__isnull", one != opened) for one in OPENED))


class Migration(migrations.Migration):
    dependencies = [("raincheck", "0030_practice_greeting")]

    operations = [
        migrations.AddField(
            "link",
            "conversation",
            models.ForeignKey(
                "raincheck.conversation",
                django.db.models.deletion.PROTECT,
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                related_name="+",
            ),
        ),
        migrations.RunSQL(
            KEY, "ALTER TABLE raincheck_link DROP CONSTRAINT link_conversation_stays_in_its_practice"
        ),
        migrations.AlterField(
            "link",
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
        migrations.RemoveConstraint("link", "a_link_opens_one_thing"),
        migrations.AddConstraint(
            "link",
            models.CheckConstraint(
                condition=only("batch") | only("rebook_offer") | only("conversation"),
                name="a_link_opens_one_thing",
            ),
        ),
        migrations.AddConstraint(
            "link",
            models.CheckConstraint(
                condition=models.Q(recipient__isnull=False) | models.Q(conversation__isnull=False),
                name="a_link_that_lets_in_is_a_recipients",
            ),
        ),
    ]
