"""Cuts of the read log: what is older than seven years may go from the beginning of a chain, and nothing else."""

import datetime

import django.db.models.expressions
from django.db import migrations, models

GUARDS = """
CREATE OR REPLACE FUNCTION the_read_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF EXISTS (SELECT FROM raincheck_sealedrow sealed JOIN raincheck_logcut cut ON cut.chain = sealed.chain
                AND cut.place >= sealed.place WHERE sealed."row" = OLD.id AND OLD.at < cut.before) THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'the read log is append-only' USING ERRCODE = '23514', CONSTRAINT = 'the_read_log_is_append_only', TABLE = TG_TABLE_NAME;
END $$;
CREATE OR REPLACE FUNCTION seals_are_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF EXISTS (SELECT FROM raincheck_logcut cut WHERE cut.chain = OLD.chain AND cut.place >= OLD.place)
                AND NOT EXISTS (SELECT FROM raincheck_readlog logged WHERE logged.id = OLD."row") THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'seals are append-only' USING ERRCODE = '23514', CONSTRAINT = 'seals_are_append_only', TABLE = TG_TABLE_NAME;
END $$;
CREATE FUNCTION cuts_are_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'cuts are append-only' USING ERRCODE = '23514', CONSTRAINT = 'cuts_are_append_only', TABLE = TG_TABLE_NAME;
END $$;
CREATE TRIGGER cuts_are_append_only BEFORE UPDATE OR DELETE ON raincheck_logcut FOR EACH ROW EXECUTE FUNCTION cuts_are_append_only();
CREATE TRIGGER cuts_are_never_emptied BEFORE TRUNCATE ON raincheck_logcut FOR EACH STATEMENT EXECUTE FUNCTION cuts_are_append_only();
CREATE FUNCTION a_cut_has_the_seal_of_its_place() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM raincheck_sealedrow sealed WHERE sealed.chain = NEW.chain AND sealed.place = NEW.place AND sealed.seal = NEW.seal) THEN
        RAISE EXCEPTION 'a cut has the seal of its place' USING ERRCODE = '23514', CONSTRAINT = 'a_cut_has_the_seal_of_its_place', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER a_cut_has_the_seal_of_its_place AFTER INSERT ON raincheck_logcut
    FOR EACH ROW EXECUTE FUNCTION a_cut_has_the_seal_of_its_place();
"""
NO_GUARDS = """
DROP FUNCTION cuts_are_append_only() CASCADE;
DROP FUNCTION a_cut_has_the_seal_of_its_place() CASCADE;
CREATE OR REPLACE FUNCTION the_read_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the read log is append-only' USING ERRCODE = '23514', CONSTRAINT = 'the_read_log_is_append_only', TABLE = TG_TABLE_NAME;
END $$;
CREATE OR REPLACE FUNCTION seals_are_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'seals are append-only' USING ERRCODE = '23514', CONSTRAINT = 'seals_are_append_only', TABLE = TG_TABLE_NAME;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("raincheck", "0066_series_that_go_on"),
    ]

    operations = [
        migrations.CreateModel(
            name="LogCut",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("chain", models.BigIntegerField()),
                ("place", models.BigIntegerField()),
                (
                    "seal",
                    models.BinaryField(
                        help_text="of that place: the rest is reckoned from it", max_length=32
                    ),
                ),
                ("before", models.DateTimeField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("chain", "place"), name="a_chain_is_cut_once_at_a_place"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "at__gte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("before"), "+", models.Value(datetime.timedelta(days=2557))
                                ),
                            )
                        ),
                        name="what_is_cut_is_seven_years_old",
                    ),
                ],
            },
        ),
        migrations.RunSQL(GUARDS, NO_GUARDS),
    ]
