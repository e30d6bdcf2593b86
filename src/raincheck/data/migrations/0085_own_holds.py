"""A client's choice is held outside a request as well: to move an appointment at their wish, or to book by a rebook offer."""

import django.db.models.deletion
from django.db import migrations, models

ADD_KEYS = """
ALTER TABLE raincheck_hold ADD CONSTRAINT hold_appointment_stays_in_its_practice FOREIGN KEY (practice_id, appointment_id)
    REFERENCES raincheck_appointment (practice_id, id) DEFERRABLE INITIALLY IMMEDIATE;
ALTER TABLE raincheck_hold ADD CONSTRAINT hold_offer_stays_in_its_practice FOREIGN KEY (practice_id, offer_id)
    REFERENCES raincheck_rebookoffer (practice_id, id) DEFERRABLE INITIALLY IMMEDIATE;
"""
DROP_KEYS = """
ALTER TABLE raincheck_hold DROP CONSTRAINT hold_appointment_stays_in_its_practice;
ALTER TABLE raincheck_hold DROP CONSTRAINT hold_offer_stays_in_its_practice;
"""


def key(to: str) -> "models.ForeignKey[models.Model | None, models.Model | None]":
    return models.ForeignKey(
        to=to,
        on_delete=django.db.models.deletion.PROTECT,
        blank=True,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )


class Migration(migrations.Migration):
    dependencies = [("raincheck", "0084_reinstated")]

    operations = [
        migrations.AddField(model_name="hold", name="appointment", field=key("raincheck.appointment")),
        migrations.AddField(model_name="hold", name="offer", field=key("raincheck.rebookoffer")),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("appointment__isnull", True), ("request__isnull", True)),
                    models.Q(("offer__isnull", True), ("request__isnull", True)),
                    models.Q(("appointment__isnull", True), ("offer__isnull", True)),
                    _connector="OR",
                ),
                name="a_hold_is_for_one_thing",
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.UniqueConstraint(
                fields=("appointment",), name="an_appointment_has_one_chosen_hold"
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.UniqueConstraint(fields=("offer",), name="a_rebook_offer_has_one_chosen_hold"),
        ),
        migrations.RunSQL(ADD_KEYS, DROP_KEYS),
    ]
