"""Whoever changes a provider's taken time or hours says so at the commit, so that open pages can look again."""

from django.db import migrations

# Of the provider nothing but the number: whoever listens may read no more than that.
# What changes is compared one by one: of a comparison of rows PostgreSQL keeps a form that it reads back as another.
ANNOUNCING = """
CREATE FUNCTION taken_time_is_announced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('raincheck_times', provider_id::text) FROM (SELECT DISTINCT provider_id FROM announced) AS whose;
    RETURN NULL;
END $$;
CREATE TRIGGER claimed_time_is_announced AFTER INSERT ON raincheck_claim
    REFERENCING NEW TABLE AS announced FOR EACH STATEMENT EXECUTE FUNCTION taken_time_is_announced();
CREATE TRIGGER freed_time_is_announced AFTER DELETE ON raincheck_claim
    REFERENCING OLD TABLE AS announced FOR EACH STATEMENT EXECUTE FUNCTION taken_time_is_announced();
CREATE TRIGGER time_off_is_announced AFTER INSERT ON raincheck_outofoffice
    REFERENCING NEW TABLE AS announced FOR EACH STATEMENT EXECUTE FUNCTION taken_time_is_announced();
CREATE TRIGGER changed_time_off_is_announced AFTER UPDATE ON raincheck_outofoffice
    REFERENCING NEW TABLE AS announced FOR EACH STATEMENT EXECUTE FUNCTION taken_time_is_announced();
CREATE TRIGGER busy_time_is_announced AFTER INSERT ON raincheck_busytime
    REFERENCING NEW TABLE AS announced FOR EACH STATEMENT EXECUTE FUNCTION taken_time_is_announced();
CREATE TRIGGER busy_time_that_ended_is_announced AFTER DELETE ON raincheck_busytime
    REFERENCING OLD TABLE AS announced FOR EACH STATEMENT EXECUTE FUNCTION taken_time_is_announced();
CREATE FUNCTION changed_hours_are_announced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('raincheck_times', NEW.id::text);
    RETURN NULL;
END $$;
CREATE TRIGGER changed_hours_are_announced AFTER UPDATE ON raincheck_provider FOR EACH ROW
    WHEN (OLD.availability IS DISTINCT FROM NEW.availability OR OLD.grid_step IS DISTINCT FROM NEW.grid_step
        OR OLD.zone IS DISTINCT FROM NEW.zone OR OLD.left_at IS DISTINCT FROM NEW.left_at)
    EXECUTE FUNCTION changed_hours_are_announced();
"""
SILENT = """
DROP FUNCTION taken_time_is_announced() CASCADE;
DROP FUNCTION changed_hours_are_announced() CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("raincheck", "0077_needed_by")]

    operations = [migrations.RunSQL(ANNOUNCING, SILENT)]
