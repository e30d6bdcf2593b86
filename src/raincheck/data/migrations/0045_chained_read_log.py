"""Chains over the read log: what is logged waits for its seal from the moment it is written, what was logged before too."""

from django.db import migrations, models

# As the owner of the tables, since the application's role must have no other way to it than by logging.
GUARDS = """
CREATE FUNCTION what_is_logged_waits_for_its_seal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO raincheck_unsealedrow ("row", chain) VALUES (NEW.id, coalesce(NEW.practice_id, 0));
    RETURN NULL;
END $$;
CREATE TRIGGER what_is_logged_waits_for_its_seal AFTER INSERT ON raincheck_readlog
    FOR EACH ROW EXECUTE FUNCTION what_is_logged_waits_for_its_seal();
CREATE FUNCTION seals_are_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'seals are append-only' USING ERRCODE = '23514', CONSTRAINT = 'seals_are_append_only', TABLE = TG_TABLE_NAME;
END $$;
CREATE TRIGGER seals_are_append_only BEFORE UPDATE OR DELETE ON raincheck_sealedrow
    FOR EACH ROW EXECUTE FUNCTION seals_are_append_only();
CREATE TRIGGER seals_are_never_emptied BEFORE TRUNCATE ON raincheck_sealedrow
    FOR EACH STATEMENT EXECUTE FUNCTION seals_are_append_only();
INSERT INTO raincheck_unsealedrow ("row", chain) SELECT id, coalesce(practice_id, 0) FROM raincheck_readlog;
"""
NO_GUARDS = """
DROP FUNCTION what_is_logged_waits_for_its_seal() CASCADE;
DROP FUNCTION seals_are_append_only() CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("raincheck", "0044_one_app_for_each_person")]

    operations = [
        migrations.CreateModel(
            "UnsealedRow",
            [
                ("row", models.BigIntegerField(primary_key=True, serialize=False)),
                ("chain", models.BigIntegerField(help_text="the practice's number; 0: no practice")),
            ],
            options={"indexes": [models.Index(fields=["chain", "row"], name="unsealed_rows_of_a_chain")]},
        ),
        migrations.CreateModel(
            "SealedRow",
            [
                ("row", models.BigIntegerField(primary_key=True, serialize=False)),
                ("chain", models.BigIntegerField()),
                ("place", models.BigIntegerField()),
                ("seal", models.BinaryField(max_length=32)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("chain", "place"), name="a_chain_has_one_row_in_each_place"
                    )
                ]
            },
        ),
        migrations.CreateModel(
            "LogChain",
            [
                ("chain", models.BigIntegerField(primary_key=True, serialize=False)),
                ("rows", models.BigIntegerField(default=0)),
                ("seal", models.BinaryField(max_length=32)),
            ],
        ),
        migrations.RunSQL(GUARDS, NO_GUARDS),
    ]
