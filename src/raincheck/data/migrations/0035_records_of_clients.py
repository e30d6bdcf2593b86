"""Clients have a record that a practice writes: the name they go by, who agreed to texts before whom, and a history of it all."""

from django.db import migrations, models
from django.db.models.deletion import PROTECT

ACTORS = ["client_by_link", "client", "provider", "manager", "system", "operator"]
EVENTS = [
    "added",
    "changed",
    "imported",
    "merged",
    "merge_undone",
    "discharged",
    "archived",
    "brought_back",
]

ADD_KEYS = """
ALTER TABLE raincheck_clienthistory ADD CONSTRAINT clienthistory_client_stays_in_its_practice
    FOREIGN KEY (practice_id, client_id) REFERENCES raincheck_client (practice_id, id) DEFERRABLE INITIALLY IMMEDIATE;
ALTER TABLE raincheck_client ADD CONSTRAINT client_usual_provider_stays_in_its_practice
    FOREIGN KEY (practice_id, usual_provider_id) REFERENCES raincheck_provider (practice_id, id) DEFERRABLE INITIALLY IMMEDIATE;
"""
DROP_KEYS = """
ALTER TABLE raincheck_client DROP CONSTRAINT client_usual_provider_stays_in_its_practice;
ALTER TABLE raincheck_clienthistory DROP CONSTRAINT clienthistory_client_stays_in_its_practice;
"""

HISTORY = """
CREATE TRIGGER the_history_is_append_only BEFORE UPDATE OR DELETE ON raincheck_clienthistory
    FOR EACH ROW EXECUTE FUNCTION the_history_is_append_only();
CREATE TRIGGER the_history_is_never_emptied BEFORE TRUNCATE ON raincheck_clienthistory
    FOR EACH STATEMENT EXECUTE FUNCTION the_history_is_append_only();
"""
NO_HISTORY = """
DROP TRIGGER the_history_is_append_only ON raincheck_clienthistory;
DROP TRIGGER the_history_is_never_emptied ON raincheck_clienthistory;
"""


class Migration(migrations.Migration):
    dependencies = [("raincheck", "0034_told_of_waiting")]

    operations = [
        migrations.AlterField(
            "client",
            "first_name",
            models.TextField(help_text="as in papers; a name of one part stands here alone"),
        ),
        migrations.AlterField("client", "last_name", models.TextField(blank=True)),
        migrations.AddField(
            "client",
            "goes_by",
            models.TextField(
                blank=True,
                db_default="",
                default="",
                help_text="what they are called; empty: by their first name",
            ),
        ),
        migrations.AddField("client", "date_of_birth", models.DateField(blank=True, null=True)),
        migrations.AddField(
            "client",
            "usual_provider",
            models.ForeignKey(
                "raincheck.provider",
                PROTECT,
                blank=True,
                null=True,
                db_constraint=False,
                db_index=False,
                related_name="+",
            ),
        ),
        migrations.AddField("client", "discharged_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("client", "archived_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("recipient", "sms_agreed_by_kind", models.TextField(blank=True, null=True)),
        migrations.AddField("recipient", "sms_agreed_by", models.BigIntegerField(blank=True, null=True)),
        migrations.AddConstraint(
            "recipient",
            models.CheckConstraint(
                condition=models.Q(sms_agreed_by_kind__in=ACTORS),
                name="texts_were_agreed_to_before_a_known_actor",
            ),
        ),
        migrations.CreateModel(
            name="ClientHistory",
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
                    "client",
                    models.ForeignKey(
                        "raincheck.client", PROTECT, db_constraint=False, db_index=False, related_name="+"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["client", "id"], name="history_of_a_client")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(event__in=EVENTS), name="a_change_of_a_client_is_of_a_known_kind"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(actor_kind__in=ACTORS),
                        name="a_change_of_a_client_names_a_known_actor",
                    ),
                ],
            },
        ),
        migrations.RunSQL(ADD_KEYS, DROP_KEYS),
        migrations.RunSQL(HISTORY, NO_HISTORY),
    ]
