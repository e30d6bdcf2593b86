"""Writes allauth's rule that somebody has one app and one set of recovery codes so that a restored backup has the same words."""

from django.db import migrations

# As Django writes it, PostgreSQL tells it in one way when it is made and in another when it was dumped and read again.
STABLE = """
DROP INDEX unique_authenticator_type;
CREATE UNIQUE INDEX unique_authenticator_type ON mfa_authenticator (user_id, type)
    WHERE type::text = ANY (ARRAY['totp'::text, 'recovery_codes'::text]);
"""
AS_IT_WAS = """
DROP INDEX unique_authenticator_type;
CREATE UNIQUE INDEX unique_authenticator_type ON mfa_authenticator (user_id, type)
    WHERE type IN ('totp', 'recovery_codes');
"""


class Migration(migrations.Migration):
    dependencies = [
        ("raincheck", "0043_practices_being_set_up"),
        ("mfa", "0003_authenticator_type_uniq"),
    ]

    operations = [migrations.RunSQL(STABLE, AS_IT_WAS)]
