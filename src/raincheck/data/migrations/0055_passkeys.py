"""Passkeys: a way to begin a session, each added once, and nobody's last second factor goes while recovery codes stay."""

from django.db import migrations, models

ADDED_ONCE = """
CREATE UNIQUE INDEX a_passkey_is_added_once ON mfa_authenticator ((data ->> 'digest'::text)) WHERE type::text = 'webauthn'::text;
"""
# Recovery codes are made with the first second factor, and go only when all of them go. Two who take the last two away
# at once wait for each other at their person's row, and the second one sees what the first one did.
KEPT = """
CREATE FUNCTION whoever_has_a_second_factor_keeps_one() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM raincheck_user WHERE id = OLD.user_id FOR NO KEY UPDATE;
    IF EXISTS (SELECT 1 FROM mfa_authenticator WHERE user_id = OLD.user_id)
        AND NOT EXISTS (SELECT 1 FROM mfa_authenticator WHERE user_id = OLD.user_id AND type <> 'recovery_codes') THEN
        RAISE EXCEPTION 'whoever has a second factor keeps one'
            USING ERRCODE = '23514', CONSTRAINT = 'whoever_has_a_second_factor_keeps_one', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER whoever_has_a_second_factor_keeps_one AFTER UPDATE OF type, user_id OR DELETE ON mfa_authenticator
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION whoever_has_a_second_factor_keeps_one();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("raincheck", "0054_undone_imports"),
        ("mfa", "0003_authenticator_type_uniq"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="usersession",
            name="a_session_began_in_a_known_way",
        ),
        migrations.AddConstraint(
            model_name="usersession",
            constraint=models.CheckConstraint(
                condition=models.Q(("way__in", ["password", "code", "passkey", "demo"])),
                name="a_session_began_in_a_known_way",
            ),
        ),
        migrations.RunSQL(ADDED_ONCE, "DROP INDEX a_passkey_is_added_once;"),
        migrations.RunSQL(
            KEPT,
            "DROP TRIGGER whoever_has_a_second_factor_keeps_one ON mfa_authenticator;"
            " DROP FUNCTION whoever_has_a_second_factor_keeps_one();",
        ),
    ]
