"""The read log takes rows and gives none away: what was opened stays opened."""

from django.db import migrations

READ_LOG = """
CREATE FUNCTION the_read_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the read log is append-only' USING ERRCODE = '23514', CONSTRAINT = 'the_read_log_is_append_only', TABLE = TG_TABLE_NAME;
END $$;
CREATE TRIGGER the_read_log_is_append_only BEFORE UPDATE OR DELETE ON raincheck_readlog
    FOR EACH ROW EXECUTE FUNCTION the_read_log_is_append_only();
CREATE TRIGGER the_read_log_is_never_emptied BEFORE TRUNCATE ON raincheck_readlog
    FOR EACH STATEMENT EXECUTE FUNCTION the_read_log_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("raincheck", "0022_rate_limits")]

    operations = [
        migrations.RunSQL(READ_LOG, "DROP FUNCTION the_read_log_is_append_only() CASCADE"),
    ]
