"""What Django cannot say about tables: keys that stay in a practice, an append-only history, and promises over several rows.

Every refusal raised here carries the name of a sentence as its constraint, as the tables' own constraints do.
"""

from django.db import migrations

# child: {column: parent}
KEYS = {
    "recipient": {"client": "client"},
    "membership": {"provider": "provider", "client": "client"},
    "series": {"provider": "provider", "client": "client"},
    "appointment": {
        "provider": "provider",
        "client": "client",
        "type": "appointmenttype",
        "place": "place",
        "series": "series",
    },
    "hold": {"provider": "provider", "client": "client", "request": "reschedulerequest"},
    "claim": {"provider": "provider", "client": "client", "appointment": "appointment", "hold": "hold"},
    "appointmenthistory": {"appointment": "appointment", "request": "reschedulerequest"},
    "reschedulebatch": {"provider": "provider", "client": "client"},
    "reschedulerequest": {
        "batch": "reschedulebatch",
        "appointment": "appointment",
        "provider": "provider",
        "client": "client",
    },
    "rebookoffer": {
        "appointment": "appointment",
        "provider": "provider",
        "client": "client",
        "type": "appointmenttype",
        "place": "place",
        "booked": "appointment",
    },
    "outofoffice": {"provider": "provider", "batch": "reschedulebatch"},
    "busycalendar": {"provider": "provider"},
    "busytime": {"calendar": "busycalendar", "provider": "provider"},
    "conversation": {"provider": "provider", "client": "client"},
    "message": {"conversation": "conversation", "batch": "reschedulebatch", "appointment": "appointment"},
    "notification": {
        "recipient": "recipient",
        "provider": "provider",
        "batch": "reschedulebatch",
        "rebook_offer": "rebookoffer",
    },
    "notificationappointment": {
        "notification": "notification",
        "appointment": "appointment",
        "request": "reschedulerequest",
    },
    "deliveryattempt": {"notification": "notification"},
    "link": {
        "recipient": "recipient",
        "client": "client",
        "batch": "reschedulebatch",
        "rebook_offer": "rebookoffer",
        "attempt": "deliveryattempt",
    },
    "task": {
        "provider": "provider",
        "client": "client",
        "appointment": "appointment",
        "request": "reschedulerequest",
        "notification": "notification",
    },
    "readlog": {"client": "client"},
}


def key_name(child: str, column: str) -> str:
    return f"{child}_{column}_stays_in_its_practice"


def add_keys() -> str:
    return "\n".join(
        f"ALTER TABLE raincheck_{child} ADD CONSTRAINT {key_name(child, column)} FOREIGN KEY (practice_id, {column}_id)"
        f" REFERENCES raincheck_{parent} (practice_id, id) DEFERRABLE INITIALLY IMMEDIATE;"
        for child, columns in KEYS.items()
        for column, parent in columns.items()
    )


def drop_keys() -> str:
    return "\n".join(
        f"ALTER TABLE raincheck_{child} DROP CONSTRAINT {key_name(child, column)};"
        for child, columns in KEYS.items()
        for column in columns
    )


WALL_TIME = "ALTER TABLE raincheck_appointment ALTER COLUMN starts_wall TYPE timestamp USING starts_wall AT TIME ZONE 'UTC';"
INSTANT = "ALTER TABLE raincheck_appointment ALTER COLUMN starts_wall TYPE timestamptz USING starts_wall AT TIME ZONE 'UTC';"

HISTORY = """
CREATE FUNCTION the_history_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the history is append-only' USING ERRCODE = '23514', CONSTRAINT = 'the_history_is_append_only', TABLE = TG_TABLE_NAME;
END $$;
CREATE TRIGGER the_history_is_append_only BEFORE UPDATE OR DELETE ON raincheck_appointmenthistory
    FOR EACH ROW EXECUTE FUNCTION the_history_is_append_only();
CREATE TRIGGER the_history_is_never_emptied BEFORE TRUNCATE ON raincheck_appointmenthistory
    FOR EACH STATEMENT EXECUTE FUNCTION the_history_is_append_only();
"""

SETTLED = """
CREATE FUNCTION a_settled_request_stays_as_it_is() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'open' OR TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a settled request stays as it is'
            USING ERRCODE = '23514', CONSTRAINT = 'a_settled_request_stays_as_it_is', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER a_settled_request_stays_as_it_is BEFORE UPDATE OR DELETE ON raincheck_reschedulerequest
    FOR EACH ROW EXECUTE FUNCTION a_settled_request_stays_as_it_is();
"""

# A claim's shape: the lane of a session is open to everybody, that of a buffered part is its client's own.
LANES = """
ALTER TABLE raincheck_claim ADD CONSTRAINT a_claim_lies_in_its_lane CHECK (
    CASE part WHEN 'session' THEN lane = int8range(NULL, NULL) ELSE lane = int8range(client_id, client_id + 1) END);
"""

# Looks at the rows as they are when the transaction ends, whoever wrote them last.
CLAIMS = """
CREATE FUNCTION a_live_appointment_has_exactly_its_claim() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wanted bigint;
    booked raincheck_appointment%ROWTYPE;
    fitting integer;
    present integer;
BEGIN
    IF TG_TABLE_NAME = 'raincheck_appointment' THEN
        wanted := NEW.id;
    ELSIF TG_OP = 'DELETE' THEN
        wanted := OLD.appointment_id;
    ELSE
        wanted := NEW.appointment_id;
    END IF;
    SELECT * INTO booked FROM raincheck_appointment WHERE id = wanted;
    IF NOT FOUND OR booked.claims_pruned_at IS NOT NULL THEN
        RETURN NULL;
    END IF;
    SELECT count(*), count(*) FILTER (WHERE provider_id = booked.provider_id AND client_id = booked.client_id AND span = CASE part
        WHEN 'session' THEN tstzrange(booked.starts_at, booked.ends_at)
        ELSE tstzrange(booked.starts_at - booked.buffer_before, booked.ends_at + booked.buffer_after) END)
        INTO present, fitting FROM raincheck_claim WHERE appointment_id = wanted;
    IF (booked.status = 'cancelled' AND present > 0) OR (booked.status <> 'cancelled' AND (present <> 2 OR fitting <> 2)) THEN
        RAISE EXCEPTION 'a live appointment has exactly its claim'
            USING ERRCODE = '23514', CONSTRAINT = 'a_live_appointment_has_exactly_its_claim', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER a_live_appointment_has_exactly_its_claim AFTER INSERT OR UPDATE ON raincheck_appointment
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION a_live_appointment_has_exactly_its_claim();
CREATE CONSTRAINT TRIGGER a_claim_belongs_to_its_live_appointment AFTER INSERT OR UPDATE OR DELETE ON raincheck_claim
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION a_live_appointment_has_exactly_its_claim();
"""

REQUESTS = """
CREATE FUNCTION an_open_request_is_about_a_live_appointment() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wanted bigint;
BEGIN
    IF TG_TABLE_NAME = 'raincheck_appointment' THEN
        wanted := NEW.id;
    ELSE
        wanted := NEW.appointment_id;
    END IF;
    IF EXISTS (
        SELECT 1 FROM raincheck_reschedulerequest r JOIN raincheck_appointment a ON a.id = r.appointment_id
        WHERE r.appointment_id = wanted AND r.state = 'open' AND (a.status, a.starts_at, a.ends_at, a.provider_id, a.client_id)
            IS DISTINCT FROM ('scheduled', r.asked_starts_at, r.asked_ends_at, r.provider_id, r.client_id)
    ) THEN
        RAISE EXCEPTION 'an open request is about a live appointment'
            USING ERRCODE = '23514', CONSTRAINT = 'an_open_request_is_about_a_live_appointment', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER an_asked_appointment_stays_until_the_ending
    AFTER UPDATE OF status, starts_at, ends_at, provider_id, client_id ON raincheck_appointment
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION an_open_request_is_about_a_live_appointment();
CREATE CONSTRAINT TRIGGER an_open_request_is_about_a_live_appointment AFTER INSERT OR UPDATE ON raincheck_reschedulerequest
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION an_open_request_is_about_a_live_appointment();

CREATE FUNCTION an_ending_is_what_it_says() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    booked raincheck_appointment%ROWTYPE;
    true_ending boolean;
BEGIN
    SELECT * INTO booked FROM raincheck_appointment WHERE id = NEW.appointment_id;
    true_ending := CASE NEW.state
        WHEN 'moved' THEN booked.status = 'scheduled' AND booked.starts_at = NEW.moved_to
        WHEN 'withdrawn' THEN booked.status = 'scheduled' AND booked.starts_at = NEW.asked_starts_at AND booked.ends_at = NEW.asked_ends_at
        WHEN 'void' THEN booked.status = 'scheduled' AND booked.starts_at = NEW.asked_starts_at AND booked.ends_at = NEW.asked_ends_at
        WHEN 'declined' THEN booked.status = 'cancelled' AND booked.cancelled_why = 'reschedule_declined'
        WHEN 'lapsed' THEN booked.status = 'cancelled' AND booked.cancelled_why IN ('reschedule_unanswered', 'reschedule_no_time')
        WHEN 'superseded' THEN EXISTS (
            SELECT 1 FROM raincheck_appointmenthistory
            WHERE appointment_id = NEW.appointment_id AND event IN ('cancelled', 'details_changed') AND at = NEW.settled_at)
    END;
    IF true_ending IS NOT TRUE THEN
        RAISE EXCEPTION 'an ending is what it says'
            USING ERRCODE = '23514', CONSTRAINT = 'an_ending_is_what_it_says', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER an_ending_is_what_it_says AFTER INSERT OR UPDATE ON raincheck_reschedulerequest
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.state <> 'open') EXECUTE FUNCTION an_ending_is_what_it_says();
"""

LEAVING = """
CREATE FUNCTION nothing_leaves_the_calendar_untold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.ical_sequence <= OLD.ical_sequence
        OR NOT EXISTS (
            SELECT 1 FROM raincheck_appointmenthistory WHERE appointment_id = NEW.id AND sequence = NEW.ical_sequence
                AND event IN ('moved', 'declined', 'lapsed', 'cancelled', 'details_changed'))
        OR NOT EXISTS (
            SELECT 1 FROM raincheck_notificationappointment l JOIN raincheck_notification n ON n.id = l.notification_id
            WHERE l.appointment_id = NEW.id AND l.sequence = NEW.ical_sequence AND n.recipient_id IS NOT NULL)
        OR NOT EXISTS (
            SELECT 1 FROM raincheck_notificationappointment l JOIN raincheck_notification n ON n.id = l.notification_id
            WHERE l.appointment_id = NEW.id AND l.sequence = NEW.ical_sequence AND n.provider_id IS NOT NULL)
    THEN
        RAISE EXCEPTION 'nothing leaves the calendar untold'
            USING ERRCODE = '23514', CONSTRAINT = 'nothing_leaves_the_calendar_untold', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER nothing_leaves_the_calendar_untold AFTER UPDATE ON raincheck_appointment
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.status = 'scheduled' AND (NEW.status = 'cancelled' OR (NEW.starts_at, NEW.provider_id) IS DISTINCT FROM (OLD.starts_at, OLD.provider_id)))
    EXECUTE FUNCTION nothing_leaves_the_calendar_untold();

CREATE FUNCTION an_appointment_is_never_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an appointment is never deleted' USING ERRCODE = '23514', CONSTRAINT = 'an_appointment_is_never_deleted', TABLE = TG_TABLE_NAME;
END $$;
CREATE TRIGGER an_appointment_is_never_deleted BEFORE DELETE ON raincheck_appointment
    FOR EACH ROW EXECUTE FUNCTION an_appointment_is_never_deleted();
"""

# These tables change all day while the rows that count stay few: vacuum by the number of dead rows, not by their share.
VACUUM = "\n".join(
    f"ALTER TABLE raincheck_{table} SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);"
    for table in ("reschedulerequest", "claim", "hold", "notification", "act")
)

FUNCTIONS = """
DROP FUNCTION the_history_is_append_only() CASCADE;
DROP FUNCTION a_settled_request_stays_as_it_is() CASCADE;
DROP FUNCTION a_live_appointment_has_exactly_its_claim() CASCADE;
DROP FUNCTION an_open_request_is_about_a_live_appointment() CASCADE;
DROP FUNCTION an_ending_is_what_it_says() CASCADE;
DROP FUNCTION nothing_leaves_the_calendar_untold() CASCADE;
DROP FUNCTION an_appointment_is_never_deleted() CASCADE;
ALTER TABLE raincheck_claim DROP CONSTRAINT a_claim_lies_in_its_lane;
"""


class Migration(migrations.Migration):
    dependencies = [("raincheck", "0001_tables")]

    operations = [
        migrations.RunSQL(WALL_TIME, INSTANT),
        migrations.RunSQL(add_keys(), drop_keys()),
        migrations.RunSQL(LANES + HISTORY + SETTLED + CLAIMS + REQUESTS + LEAVING, FUNCTIONS),
        migrations.RunSQL(VACUUM, migrations.RunSQL.noop),
    ]
