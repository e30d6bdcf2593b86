"""Single appointments whose reminder could not be written, to be tried again."""

import django.db.models.deletion
from django.db import migrations, models

ADD_KEY = (
    "ALTER TABLE raincheck_quarantined ADD CONSTRAINT quarantined_appointment_stays_in_its_practice"
    " FOREIGN KEY (practice_id, appointment_id) REFERENCES raincheck_appointment (practice_id, id)"
    " DEFERRABLE INITIALLY IMMEDIATE;"
)
DROP_KEY = "ALTER TABLE raincheck_quarantined DROP CONSTRAINT quarantined_appointment_stays_in_its_practice;"


class Migration(migrations.Migration):
    dependencies = [
        ("raincheck", "0068_series_set_aside"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="quarantined",
            name="a_step_quarantines_a_row_once",
        ),
        migrations.AddField(
            model_name="quarantined",
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
        migrations.AddConstraint(
            model_name="quarantined",
            constraint=models.UniqueConstraint(
                fields=("step", "provider", "request", "appointment"),
                name="a_step_quarantines_a_row_once",
                nulls_distinct=False,
            ),
        ),
        migrations.RunSQL(ADD_KEY, DROP_KEY),
    ]
