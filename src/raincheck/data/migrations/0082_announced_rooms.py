"""What one provider takes or frees in a room that holds one session at a time is announced to the practice's other providers too."""

from django.db import migrations

ANNOUNCING = """
CREATE FUNCTION a_shared_room_is_announced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('raincheck_times', id::text) FROM raincheck_provider
        WHERE practice_id IN (SELECT practice_id FROM announced WHERE room_id IS NOT NULL);
    RETURN NULL;
END $$;
CREATE TRIGGER a_claimed_room_is_announced AFTER INSERT ON raincheck_claim
    REFERENCING NEW TABLE AS announced FOR EACH STATEMENT EXECUTE FUNCTION a_shared_room_is_announced();
CREATE TRIGGER a_freed_room_is_announced AFTER DELETE ON raincheck_claim
    REFERENCING OLD TABLE AS announced FOR EACH STATEMENT EXECUTE FUNCTION a_shared_room_is_announced();
CREATE TRIGGER a_room_given_back_is_announced AFTER UPDATE ON raincheck_claim
    REFERENCING OLD TABLE AS announced FOR EACH STATEMENT EXECUTE FUNCTION a_shared_room_is_announced();
"""
SILENT = "DROP FUNCTION a_shared_room_is_announced() CASCADE;"


class Migration(migrations.Migration):
    dependencies = [("raincheck", "0081_undone_changes")]

    operations = [migrations.RunSQL(ANNOUNCING, SILENT)]
