CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA public;

CREATE TYPE public.procrastinate_job_event_type AS ENUM (
    'deferred',
    'started',
    'deferred_for_retry',
    'failed',
    'succeeded',
    'cancelled',
    'abort_requested',
    'aborted',
    'scheduled',
    'retried'
);

CREATE TYPE public.procrastinate_job_status AS ENUM (
    'todo',
    'doing',
    'succeeded',
    'failed',
    'cancelled',
    'aborting',
    'aborted'
);

CREATE TYPE public.procrastinate_job_to_defer_v1 AS (
	queue_name character varying,
	task_name character varying,
	priority integer,
	lock text,
	queueing_lock text,
	args jsonb,
	scheduled_at timestamp with time zone
);

CREATE FUNCTION public.a_cut_has_the_seal_of_its_place() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM raincheck_sealedrow sealed WHERE sealed.chain = NEW.chain AND sealed.place = NEW.place AND sealed.seal = NEW.seal) THEN
        RAISE EXCEPTION 'a cut has the seal of its place' USING ERRCODE = '23514', CONSTRAINT = 'a_cut_has_the_seal_of_its_place', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION public.a_live_appointment_has_exactly_its_claim() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    wanted bigint;
    booked raincheck_appointment%ROWTYPE;
    room bigint;
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
    SELECT id INTO room FROM raincheck_place WHERE id = booked.place_id AND one_at_a_time;
    SELECT count(*), count(*) FILTER (WHERE provider_id = booked.provider_id AND client_id = booked.client_id AND CASE part
        WHEN 'session' THEN span = tstzrange(booked.starts_at, booked.ends_at) AND room_id IS NOT DISTINCT FROM room
        ELSE span = tstzrange(booked.starts_at - booked.buffer_before, booked.ends_at + booked.buffer_after) END)
        INTO present, fitting FROM raincheck_claim WHERE appointment_id = wanted;
    IF (booked.status = 'cancelled' AND present > 0) OR (booked.status <> 'cancelled' AND (present <> 2 OR fitting <> 2)) THEN
        RAISE EXCEPTION 'a live appointment has exactly its claim'
            USING ERRCODE = '23514', CONSTRAINT = 'a_live_appointment_has_exactly_its_claim', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION public.a_practice_keeps_a_manager() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM 1 FROM raincheck_practice WHERE id = OLD.practice_id FOR NO KEY UPDATE;
    IF FOUND AND NOT EXISTS (
        SELECT 1 FROM raincheck_membership WHERE practice_id = OLD.practice_id AND role = 'manager' AND ended_at IS NULL
    ) THEN
        RAISE EXCEPTION 'a practice keeps a manager' USING ERRCODE = '23514', CONSTRAINT = 'a_practice_keeps_a_manager', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION public.a_reading_names_its_clients() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    NEW.clients := coalesce(NEW.clients, ARRAY[NEW.client_id]);
    RETURN NEW;
END $$;

CREATE FUNCTION public.a_settled_request_stays_as_it_is() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.client_id <> NEW.client_id
        AND to_jsonb(OLD) - 'client_id' - 'ends_at' = to_jsonb(NEW) - 'client_id' - 'ends_at'
        AND EXISTS (SELECT 1 FROM raincheck_client
            WHERE (id, merged_into_id) IN ((OLD.client_id, NEW.client_id), (NEW.client_id, OLD.client_id)))
    THEN
        RETURN NEW;
    END IF;
    IF OLD.state <> 'open' OR TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a settled request stays as it is'
            USING ERRCODE = '23514', CONSTRAINT = 'a_settled_request_stays_as_it_is', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION public.a_shared_room_is_announced() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM pg_notify('raincheck_times', id::text) FROM raincheck_provider
        WHERE practice_id IN (SELECT practice_id FROM announced WHERE room_id IS NOT NULL);
    RETURN NULL;
END $$;

CREATE FUNCTION public.an_appointment_is_never_deleted() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'an appointment is never deleted' USING ERRCODE = '23514', CONSTRAINT = 'an_appointment_is_never_deleted', TABLE = TG_TABLE_NAME;
END $$;

CREATE FUNCTION public.an_ending_is_what_it_says() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    booked raincheck_appointment%ROWTYPE;
    true_ending boolean;
BEGIN
    SELECT * INTO booked FROM raincheck_appointment WHERE id = NEW.appointment_id;
    true_ending := CASE NEW.state
        WHEN 'moved' THEN booked.status = 'scheduled' AND booked.starts_at = NEW.moved_to
        WHEN 'kept' THEN booked.status = 'scheduled' AND booked.starts_at = NEW.asked_starts_at AND booked.ends_at = NEW.asked_ends_at
            AND EXISTS (
                SELECT 1 FROM raincheck_appointmenthistory h JOIN raincheck_place p ON p.id = booked.place_id
                WHERE h.request_id = NEW.id AND h.event = 'kept' AND p.kind = 'telehealth'
                    AND h.details->'to_place' = to_jsonb(booked.place_id) AND h.details->'from_place' <> to_jsonb(booked.place_id))
        WHEN 'withdrawn' THEN booked.status = 'scheduled' AND booked.starts_at = NEW.asked_starts_at AND booked.ends_at = NEW.asked_ends_at
        WHEN 'void' THEN (booked.status = 'scheduled' OR booked.outcome_at IS NOT NULL) AND booked.starts_at = NEW.asked_starts_at AND booked.ends_at = NEW.asked_ends_at
        WHEN 'declined' THEN booked.status = 'cancelled' AND booked.cancelled_why = 'reschedule_declined'
        WHEN 'lapsed' THEN booked.status = 'cancelled' AND booked.cancelled_why IN ('reschedule_unanswered', 'reschedule_no_time')
        WHEN 'superseded' THEN EXISTS (
            SELECT 1 FROM raincheck_appointmenthistory
            WHERE appointment_id = NEW.appointment_id AND event IN ('cancelled', 'details_changed') AND at = NEW.settled_at)
        WHEN 'undone' THEN booked.status = 'scheduled' AND booked.starts_at = NEW.asked_starts_at AND booked.ends_at = NEW.asked_ends_at
            AND NEW.settled_at < NEW.asked_at AND NEW.handed_over_at IS NULL AND NOT EXISTS (
                SELECT 1 FROM raincheck_notification
                WHERE batch_id = NEW.batch_id AND recipient_id IS NOT NULL AND state <> 'obsolete')
    END;
    IF true_ending IS NOT TRUE THEN
        RAISE EXCEPTION 'an ending is what it says'
            USING ERRCODE = '23514', CONSTRAINT = 'an_ending_is_what_it_says', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION public.an_open_request_is_about_a_live_appointment() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.changed_hours_are_announced() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM pg_notify('raincheck_times', NEW.id::text);
    RETURN NULL;
END $$;

CREATE FUNCTION public.client_name_query(practice bigint, words text[]) RETURNS tsquery
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT string_agg(format('''%s:%s'':*', practice, replace(public.plain_letters(word), '\', '\\')), ' & ')::tsquery
    FROM unnest(words) word
$$;

CREATE FUNCTION public.client_name_terms(practice bigint, first_name text, last_name text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT coalesce(array_to_tsvector(array_agg(DISTINCT practice || ':' || substr(word, start, 80))), ''::tsvector)
    FROM regexp_split_to_table(public.plain_letters(first_name || ' ' || last_name), '\s+') word,
        generate_series(1, least(length(word), 200)) start
$$;

CREATE FUNCTION public.client_search_terms(practice bigint, first_name text, last_name text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT coalesce(array_to_tsvector(array_agg(DISTINCT practice || ':' || substr(lower(word), start, 80))), ''::tsvector)
    FROM regexp_split_to_table(first_name || ' ' || last_name, '\s+') word, generate_series(1, least(length(word), 200)) start
$$;

CREATE FUNCTION public.contact_terms(practice bigint, email text, phone text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT coalesce(array_to_tsvector(array_agg(DISTINCT practice || ':' || term)), ''::tsvector) FROM (
        SELECT substr(lower(email), start, 80) AS term FROM generate_series(1, position('@' IN email)) start
        UNION ALL
        SELECT substr(digits, start) FROM regexp_replace(phone, '[^0-9]', '', 'g') digits, generate_series(1, length(digits)) start
    ) terms
$$;

CREATE FUNCTION public.cuts_are_append_only() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'cuts are append-only' USING ERRCODE = '23514', CONSTRAINT = 'cuts_are_append_only', TABLE = TG_TABLE_NAME;
END $$;

CREATE FUNCTION public.nobody_is_booked_under_a_merged_record() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    booked boolean;
BEGIN
    -- Apart: one condition for both tables would read all appointments where nothing is known yet of merged records.
    IF TG_TABLE_NAME = 'raincheck_client' THEN
        booked := EXISTS (SELECT 1 FROM raincheck_client c JOIN raincheck_appointment a ON a.client_id = c.id
            WHERE c.id = NEW.id AND c.merged_into_id IS NOT NULL);
    ELSE
        booked := EXISTS (SELECT 1 FROM raincheck_appointment a JOIN raincheck_client c ON c.id = a.client_id
            WHERE a.id = NEW.id AND c.merged_into_id IS NOT NULL);
    END IF;
    IF booked THEN
        RAISE EXCEPTION 'nobody is booked under a merged record'
            USING ERRCODE = '23514', CONSTRAINT = 'nobody_is_booked_under_a_merged_record', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION public.nothing_leaves_the_calendar_untold() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF NEW.status = 'scheduled' AND NEW.ical_sequence = OLD.ical_sequence + 1 AND NEW.provider_id = OLD.provider_id
        AND EXISTS (
            SELECT 1 FROM raincheck_appointmenthistory
            WHERE appointment_id = NEW.id AND event = 'undone' AND sequence = NEW.ical_sequence AND at < OLD.release_at
                AND from_starts_at = OLD.starts_at AND to_starts_at = NEW.starts_at)
        AND NOT EXISTS (
            SELECT 1 FROM raincheck_notificationappointment l JOIN raincheck_notification n ON n.id = l.notification_id
            WHERE l.appointment_id = NEW.id AND l.sequence = OLD.ical_sequence AND n.kind = 'moved' AND n.state <> 'obsolete')
    THEN
        RETURN NULL;
    END IF;
    IF NEW.status = 'cancelled' AND NEW.cancelled_why = 'import_undone' THEN
        IF NEW.ical_sequence <> OLD.ical_sequence + 1
            OR NEW.starts_at IS DISTINCT FROM OLD.starts_at OR NEW.provider_id IS DISTINCT FROM OLD.provider_id
            OR NEW.starts_at <= NEW.cancelled_at
            OR NOT EXISTS (
                SELECT 1 FROM (SELECT file_id FROM raincheck_importrow WHERE appointment_id = NEW.id OFFSET 0) r
                JOIN raincheck_import i ON i.id = r.file_id
                JOIN raincheck_appointmenthistory h ON h.appointment_id = NEW.id AND h.details->>'import' = i.ref::text
                WHERE true
                    AND h.event = 'import_undone' AND h.sequence = NEW.ical_sequence
                    AND i.state = 'undone' AND i.undone_at = NEW.cancelled_at AND i.imported_at = NEW.booked_at
                    AND i.undone_at - i.imported_at <= interval '1 day')
            OR EXISTS (
                SELECT 1 FROM raincheck_appointmenthistory
                WHERE appointment_id = NEW.id AND event NOT IN ('booked', 'import_undone'))
        THEN
            RAISE EXCEPTION 'nothing leaves the calendar untold'
                USING ERRCODE = '23514', CONSTRAINT = 'nothing_leaves_the_calendar_untold', TABLE = TG_TABLE_NAME;
        END IF;
        IF NOT EXISTS (SELECT 1 FROM raincheck_notificationappointment WHERE appointment_id = NEW.id) THEN
            RETURN NULL;
        END IF;
    END IF;
    IF NEW.ical_sequence <= OLD.ical_sequence
        OR NOT EXISTS (
            SELECT 1 FROM raincheck_appointmenthistory WHERE appointment_id = NEW.id AND sequence = NEW.ical_sequence
                AND event IN ('moved', 'declined', 'lapsed', 'cancelled', 'details_changed', 'zone_corrected', 'import_undone'))
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

CREATE FUNCTION public.plain_letters(written text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$
    SELECT replace(replace(replace(replace(translate(
        regexp_replace(normalize(lower(normalize(written, NFKC)), NFD), '[\u0300-\u036f''`´’‘ʼʻ]', '', 'g'),
        'øłđðıħŧ', 'olddiht'), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th')
$$;

CREATE FUNCTION public.procrastinate_cancel_job_v1(job_id bigint, abort boolean, delete_job boolean) RETURNS bigint
    LANGUAGE plpgsql
    AS $$
DECLARE
    _job_id bigint;
BEGIN
    IF delete_job THEN
        DELETE FROM procrastinate_jobs
        WHERE id = job_id AND status = 'todo'
        RETURNING id INTO _job_id;
    END IF;
    IF _job_id IS NULL THEN
        IF abort THEN
            UPDATE procrastinate_jobs
            SET abort_requested = true,
                status = CASE status
                    WHEN 'todo' THEN 'cancelled'::procrastinate_job_status ELSE status
                END
            WHERE id = job_id AND status IN ('todo', 'doing')
            RETURNING id INTO _job_id;
        ELSE
            UPDATE procrastinate_jobs
            SET status = 'cancelled'::procrastinate_job_status
            WHERE id = job_id AND status = 'todo'
            RETURNING id INTO _job_id;
        END IF;
    END IF;
    RETURN _job_id;
END;
$$;

CREATE FUNCTION public.procrastinate_defer_jobs_v1(jobs public.procrastinate_job_to_defer_v1[]) RETURNS bigint[]
    LANGUAGE plpgsql
    AS $$
DECLARE
    job_ids bigint[];
BEGIN
    WITH inserted_jobs AS (
        INSERT INTO procrastinate_jobs (queue_name, task_name, priority, lock, queueing_lock, args, scheduled_at)
        SELECT (job).queue_name,
               (job).task_name,
               (job).priority,
               (job).lock,
               (job).queueing_lock,
               (job).args,
               (job).scheduled_at
        FROM unnest(jobs) AS job
        RETURNING id
    )
    SELECT array_agg(id) FROM inserted_jobs INTO job_ids;

    RETURN job_ids;
END;
$$;

CREATE FUNCTION public.procrastinate_defer_periodic_job_v2(_queue_name character varying, _lock character varying, _queueing_lock character varying, _task_name character varying, _priority integer, _periodic_id character varying, _defer_timestamp bigint, _args jsonb) RETURNS bigint
    LANGUAGE plpgsql
    AS $$
DECLARE
	_job_id bigint;
	_defer_id bigint;
BEGIN
    INSERT
        INTO procrastinate_periodic_defers (task_name, periodic_id, defer_timestamp)
        VALUES (_task_name, _periodic_id, _defer_timestamp)
        ON CONFLICT DO NOTHING
        RETURNING id into _defer_id;

    IF _defer_id IS NULL THEN
        RETURN NULL;
    END IF;

    UPDATE procrastinate_periodic_defers
        SET job_id = (
            SELECT COALESCE((
                SELECT unnest(procrastinate_defer_jobs_v1(
                    ARRAY[
                        ROW(
                            _queue_name,
                            _task_name,
                            _priority,
                            _lock,
                            _queueing_lock,
                            _args,
                            NULL::timestamptz
                        )
                    ]::procrastinate_job_to_defer_v1[]
                ))
            ), NULL)
        )
        WHERE id = _defer_id
        RETURNING job_id INTO _job_id;

    DELETE
        FROM procrastinate_periodic_defers
        USING (
            SELECT id
            FROM procrastinate_periodic_defers
            WHERE procrastinate_periodic_defers.task_name = _task_name
            AND procrastinate_periodic_defers.periodic_id = _periodic_id
            AND procrastinate_periodic_defers.defer_timestamp < _defer_timestamp
            ORDER BY id
            FOR UPDATE
        ) to_delete
        WHERE procrastinate_periodic_defers.id = to_delete.id;

    RETURN _job_id;
END;
$$;

CREATE TABLE public.procrastinate_jobs (
    id bigint NOT NULL,
    queue_name character varying(128) NOT NULL,
    task_name character varying(128) NOT NULL,
    lock text,
    args jsonb DEFAULT '{}'::jsonb NOT NULL,
    status public.procrastinate_job_status DEFAULT 'todo'::public.procrastinate_job_status NOT NULL,
    scheduled_at timestamp with time zone,
    attempts integer DEFAULT 0 NOT NULL,
    queueing_lock text,
    priority integer DEFAULT 0 NOT NULL,
    abort_requested boolean DEFAULT false NOT NULL,
    worker_id bigint,
    CONSTRAINT check_not_todo_abort_requested CHECK ((NOT ((status = 'todo'::public.procrastinate_job_status) AND (abort_requested = true))))
);

CREATE FUNCTION public.procrastinate_fetch_job_v2(target_queue_names character varying[], p_worker_id bigint) RETURNS public.procrastinate_jobs
    LANGUAGE plpgsql
    AS $$
DECLARE
	found_jobs procrastinate_jobs;
BEGIN
    WITH candidate AS (
        SELECT jobs.*
            FROM procrastinate_jobs AS jobs
            WHERE
                -- reject the job if its lock has earlier or higher priority jobs
                NOT EXISTS (
                    SELECT 1
                        FROM procrastinate_jobs AS other_jobs
                        WHERE
                            jobs.lock IS NOT NULL
                            AND other_jobs.lock = jobs.lock
                            AND (
                                -- job with same lock is already running
                                other_jobs.status = 'doing'
                                OR
                                -- job with same lock is waiting and has higher priority (or same priority but was queued first)
                                (
                                    other_jobs.status = 'todo'
                                    AND (
                                        other_jobs.priority > jobs.priority
                                        OR (
                                        other_jobs.priority = jobs.priority
                                        AND other_jobs.id < jobs.id
                                        )
                                    )
                                )
                            )
                )
                AND jobs.status = 'todo'
                AND (target_queue_names IS NULL OR jobs.queue_name = ANY( target_queue_names ))
                AND (jobs.scheduled_at IS NULL OR jobs.scheduled_at <= now())
            ORDER BY jobs.priority DESC, jobs.id ASC LIMIT 1
            FOR UPDATE OF jobs SKIP LOCKED
    )
    UPDATE procrastinate_jobs
        SET status = 'doing', worker_id = p_worker_id
        FROM candidate
        WHERE procrastinate_jobs.id = candidate.id
        RETURNING procrastinate_jobs.* INTO found_jobs;

 RETURN found_jobs;
END;
$$;

CREATE FUNCTION public.procrastinate_finish_job_v1(job_id bigint, end_status public.procrastinate_job_status, delete_job boolean) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    _job_id bigint;
BEGIN
    IF end_status NOT IN ('succeeded', 'failed', 'aborted') THEN
        RAISE 'End status should be either "succeeded", "failed" or "aborted" (job id: %)', job_id;
    END IF;
    IF delete_job THEN
        DELETE FROM procrastinate_jobs
        WHERE id = job_id AND status IN ('todo', 'doing')
        RETURNING id INTO _job_id;
    ELSE
        UPDATE procrastinate_jobs
        SET status = end_status,
            abort_requested = false,
            attempts = CASE status
                WHEN 'doing' THEN attempts + 1 ELSE attempts
            END
        WHERE id = job_id AND status IN ('todo', 'doing')
        RETURNING id INTO _job_id;
    END IF;
    IF _job_id IS NULL THEN
        RAISE 'Job was not found or not in "doing" or "todo" status (job id: %)', job_id;
    END IF;
END;
$$;

CREATE FUNCTION public.procrastinate_notify_queue_abort_job_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    payload TEXT;
BEGIN
    SELECT json_build_object('type', 'abort_job_requested', 'job_id', NEW.id)::text INTO payload;
	PERFORM pg_notify('procrastinate_queue_v1#' || NEW.queue_name, payload);
	PERFORM pg_notify('procrastinate_any_queue_v1', payload);
	RETURN NEW;
END;
$$;

CREATE FUNCTION public.procrastinate_notify_queue_job_inserted_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    payload TEXT;
BEGIN
    SELECT json_build_object('type', 'job_inserted', 'job_id', NEW.id)::text INTO payload;
	PERFORM pg_notify('procrastinate_queue_v1#' || NEW.queue_name, payload);
	PERFORM pg_notify('procrastinate_any_queue_v1', payload);
	RETURN NEW;
END;
$$;

CREATE FUNCTION public.procrastinate_prune_stalled_workers_v1(seconds_since_heartbeat double precision) RETURNS TABLE(worker_id bigint)
    LANGUAGE plpgsql
    AS $$
BEGIN
    RETURN QUERY
    DELETE FROM procrastinate_workers
    WHERE last_heartbeat < NOW() - (seconds_since_heartbeat || 'SECOND')::INTERVAL
    RETURNING procrastinate_workers.id;
END;
$$;

CREATE FUNCTION public.procrastinate_register_worker_v1() RETURNS TABLE(worker_id bigint)
    LANGUAGE plpgsql
    AS $$
BEGIN
    RETURN QUERY
    INSERT INTO procrastinate_workers DEFAULT VALUES
    RETURNING procrastinate_workers.id;
END;
$$;

CREATE FUNCTION public.procrastinate_retry_job_v1(job_id bigint, retry_at timestamp with time zone, new_priority integer, new_queue_name character varying, new_lock character varying) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    _job_id bigint;
    _abort_requested boolean;
BEGIN
    SELECT abort_requested FROM procrastinate_jobs
    WHERE id = job_id AND status = 'doing'
    FOR UPDATE
    INTO _abort_requested;
    IF _abort_requested THEN
        UPDATE procrastinate_jobs
        SET status = 'failed'::procrastinate_job_status
        WHERE id = job_id AND status = 'doing'
        RETURNING id INTO _job_id;
    ELSE
        UPDATE procrastinate_jobs
        SET status = 'todo'::procrastinate_job_status,
            attempts = attempts + 1,
            scheduled_at = retry_at,
            priority = COALESCE(new_priority, priority),
            queue_name = COALESCE(new_queue_name, queue_name),
            lock = COALESCE(new_lock, lock)
        WHERE id = job_id AND status = 'doing'
        RETURNING id INTO _job_id;
    END IF;

    IF _job_id IS NULL THEN
        RAISE 'Job was not found or not in "doing" status (job id: %)', job_id;
    END IF;
END;
$$;

CREATE FUNCTION public.procrastinate_retry_job_v2(job_id bigint, retry_at timestamp with time zone, new_priority integer, new_queue_name character varying, new_lock character varying) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    _job_id bigint;
    _abort_requested boolean;
    _current_status procrastinate_job_status;
BEGIN
    SELECT status, abort_requested FROM procrastinate_jobs
    WHERE id = job_id AND status IN ('doing', 'failed')
    FOR UPDATE
    INTO _current_status, _abort_requested;
    IF _current_status = 'doing' AND _abort_requested THEN
        UPDATE procrastinate_jobs
        SET status = 'failed'::procrastinate_job_status
        WHERE id = job_id AND status = 'doing'
        RETURNING id INTO _job_id;
    ELSE
        UPDATE procrastinate_jobs
        SET status = 'todo'::procrastinate_job_status,
            attempts = attempts + 1,
            scheduled_at = retry_at,
            priority = COALESCE(new_priority, priority),
            queue_name = COALESCE(new_queue_name, queue_name),
            lock = COALESCE(new_lock, lock)
        WHERE id = job_id AND status IN ('doing', 'failed')
        RETURNING id INTO _job_id;
    END IF;

    IF _job_id IS NULL THEN
        RAISE 'Job was not found or has an invalid status to retry (job id: %)', job_id;
    END IF;

END;
$$;

CREATE FUNCTION public.procrastinate_trigger_abort_requested_events_procedure_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO procrastinate_events(job_id, type)
        VALUES (NEW.id, 'abort_requested'::procrastinate_job_event_type);
    RETURN NEW;
END;
$$;

CREATE FUNCTION public.procrastinate_trigger_function_scheduled_events_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO procrastinate_events(job_id, type, at)
        VALUES (NEW.id, 'scheduled'::procrastinate_job_event_type, NEW.scheduled_at);

	RETURN NEW;
END;
$$;

CREATE FUNCTION public.procrastinate_trigger_function_status_events_insert_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO procrastinate_events(job_id, type)
        VALUES (NEW.id, 'deferred'::procrastinate_job_event_type);
	RETURN NEW;
END;
$$;

CREATE FUNCTION public.procrastinate_trigger_function_status_events_update_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    WITH t AS (
        SELECT CASE
            WHEN OLD.status = 'todo'::procrastinate_job_status
                AND NEW.status = 'doing'::procrastinate_job_status
                THEN 'started'::procrastinate_job_event_type
            WHEN OLD.status = 'doing'::procrastinate_job_status
                AND NEW.status = 'todo'::procrastinate_job_status
                THEN 'deferred_for_retry'::procrastinate_job_event_type
            WHEN OLD.status = 'doing'::procrastinate_job_status
                AND NEW.status = 'failed'::procrastinate_job_status
                THEN 'failed'::procrastinate_job_event_type
            WHEN OLD.status = 'doing'::procrastinate_job_status
                AND NEW.status = 'succeeded'::procrastinate_job_status
                THEN 'succeeded'::procrastinate_job_event_type
            WHEN OLD.status = 'todo'::procrastinate_job_status
                AND (
                    NEW.status = 'cancelled'::procrastinate_job_status
                    OR NEW.status = 'failed'::procrastinate_job_status
                    OR NEW.status = 'succeeded'::procrastinate_job_status
                )
                THEN 'cancelled'::procrastinate_job_event_type
            WHEN OLD.status = 'doing'::procrastinate_job_status
                AND NEW.status = 'aborted'::procrastinate_job_status
                THEN 'aborted'::procrastinate_job_event_type
            WHEN OLD.status = 'failed'::procrastinate_job_status
                AND NEW.status = 'todo'::procrastinate_job_status
                THEN 'retried'::procrastinate_job_event_type
            ELSE NULL
        END as event_type
    )
    INSERT INTO procrastinate_events(job_id, type)
        SELECT NEW.id, t.event_type
        FROM t
        WHERE t.event_type IS NOT NULL;
	RETURN NEW;
END;
$$;

CREATE FUNCTION public.procrastinate_unlink_periodic_defers_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    UPDATE procrastinate_periodic_defers
    SET job_id = NULL
    WHERE job_id = OLD.id;
    RETURN OLD;
END;
$$;

CREATE FUNCTION public.procrastinate_unregister_worker_v1(worker_id bigint) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    DELETE FROM procrastinate_workers
    WHERE id = worker_id;
END;
$$;

CREATE FUNCTION public.procrastinate_update_heartbeat_v1(worker_id bigint) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    UPDATE procrastinate_workers
    SET last_heartbeat = NOW()
    WHERE id = worker_id;
END;
$$;

CREATE FUNCTION public.reminders_follow_the_time() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF TG_OP = 'INSERT' OR NEW.starts_at IS DISTINCT FROM OLD.starts_at OR NEW.status IS DISTINCT FROM OLD.status THEN
        NEW.remind_at := CASE WHEN NEW.status = 'scheduled' THEN NEW.starts_at - interval '61 hours' END;
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION public.seals_are_append_only() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF EXISTS (SELECT FROM raincheck_logcut cut WHERE cut.chain = OLD.chain AND cut.place >= OLD.place)
                AND NOT EXISTS (SELECT FROM raincheck_readlog logged WHERE logged.id = OLD."row") THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'seals are append-only' USING ERRCODE = '23514', CONSTRAINT = 'seals_are_append_only', TABLE = TG_TABLE_NAME;
END $$;

CREATE FUNCTION public.suggested_times_follow_their_requests() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM raincheck_hold h JOIN raincheck_reschedulerequest r ON r.id = h.request_id
        WHERE r.batch_id = NEW.batch_id AND h.suggested)
    THEN
        RETURN NULL;
    END IF;
    PERFORM 1 FROM raincheck_reschedulebatch WHERE id = NEW.batch_id FOR NO KEY UPDATE;
    UPDATE raincheck_hold SET request_id = found.carrier, expires_at = found.until
    FROM (
        SELECT held.id, latest.id AS carrier, latest.ends_at + interval '1 minute' AS until
        FROM raincheck_hold held JOIN raincheck_reschedulerequest former ON former.id = held.request_id
        CROSS JOIN LATERAL (
            SELECT id, ends_at FROM raincheck_reschedulerequest
            WHERE batch_id = NEW.batch_id AND state = 'open'
                AND asked_ends_at - asked_starts_at <= held.ends_at - held.starts_at
            ORDER BY ends_at DESC, id DESC LIMIT 1
        ) latest
        WHERE former.batch_id = NEW.batch_id AND held.suggested
    ) found
    WHERE raincheck_hold.id = found.id
        AND (raincheck_hold.request_id, raincheck_hold.expires_at) IS DISTINCT FROM (found.carrier, found.until);
    UPDATE raincheck_claim SET room_id = NULL, room_lane = NULL
    FROM raincheck_hold held JOIN raincheck_reschedulerequest carrier ON carrier.id = held.request_id
        JOIN raincheck_appointment asked ON asked.id = carrier.appointment_id
    WHERE raincheck_claim.hold_id = held.id AND held.suggested AND carrier.batch_id = NEW.batch_id
        AND raincheck_claim.room_id <> asked.place_id;
    RETURN NULL;
END $$;

CREATE FUNCTION public.taken_time_is_announced() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM pg_notify('raincheck_times', provider_id::text) FROM (SELECT DISTINCT provider_id FROM announced) AS whose;
    RETURN NULL;
END $$;

CREATE FUNCTION public.the_history_is_append_only() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'the history is append-only' USING ERRCODE = '23514', CONSTRAINT = 'the_history_is_append_only', TABLE = TG_TABLE_NAME;
END $$;

CREATE FUNCTION public.the_read_log_is_append_only() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF EXISTS (SELECT FROM raincheck_sealedrow sealed JOIN raincheck_logcut cut ON cut.chain = sealed.chain
                AND cut.place >= sealed.place WHERE sealed."row" = OLD.id AND OLD.at < cut.before) THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'the read log is append-only' USING ERRCODE = '23514', CONSTRAINT = 'the_read_log_is_append_only', TABLE = TG_TABLE_NAME;
END $$;

CREATE FUNCTION public.the_sessions_of_a_room_claim_it() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM raincheck_place place
        JOIN raincheck_appointment booked ON booked.place_id = place.id AND booked.claims_pruned_at IS NULL
        JOIN raincheck_claim claim ON claim.appointment_id = booked.id AND claim.part = 'session'
        WHERE place.id = NEW.id AND claim.room_id IS DISTINCT FROM CASE WHEN place.one_at_a_time THEN place.id END
    ) THEN
        RAISE EXCEPTION 'the sessions of a room claim it'
            USING ERRCODE = '23514', CONSTRAINT = 'the_sessions_of_a_room_claim_it', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION public.what_is_logged_waits_for_its_seal() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO raincheck_unsealedrow ("row", chain) VALUES (NEW.id, coalesce(NEW.practice_id, 0));
    RETURN NULL;
END $$;

CREATE FUNCTION public.whoever_has_a_second_factor_keeps_one() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM 1 FROM raincheck_user WHERE id = OLD.user_id FOR NO KEY UPDATE;
    IF EXISTS (SELECT 1 FROM mfa_authenticator WHERE user_id = OLD.user_id)
        AND NOT EXISTS (SELECT 1 FROM mfa_authenticator WHERE user_id = OLD.user_id AND type <> 'recovery_codes') THEN
        RAISE EXCEPTION 'whoever has a second factor keeps one'
            USING ERRCODE = '23514', CONSTRAINT = 'whoever_has_a_second_factor_keeps_one', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;

CREATE TABLE public.account_emailaddress (
    id integer NOT NULL,
    email character varying(254) NOT NULL,
    verified boolean NOT NULL,
    "primary" boolean NOT NULL,
    user_id bigint NOT NULL
);

ALTER TABLE public.account_emailaddress ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.account_emailaddress_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.account_emailconfirmation (
    id integer NOT NULL,
    created timestamp with time zone NOT NULL,
    sent timestamp with time zone,
    key character varying(64) NOT NULL,
    email_address_id integer NOT NULL
);

ALTER TABLE public.account_emailconfirmation ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.account_emailconfirmation_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.auth_group (
    id integer NOT NULL,
    name character varying(150) NOT NULL
);

ALTER TABLE public.auth_group ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_group_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.auth_group_permissions (
    id bigint NOT NULL,
    group_id integer NOT NULL,
    permission_id integer NOT NULL
);

ALTER TABLE public.auth_group_permissions ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_group_permissions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.auth_permission (
    id integer NOT NULL,
    name character varying(255) NOT NULL,
    content_type_id integer NOT NULL,
    codename character varying(100) NOT NULL
);

ALTER TABLE public.auth_permission ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_permission_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.django_content_type (
    id integer NOT NULL,
    app_label character varying(100) NOT NULL,
    model character varying(100) NOT NULL
);

ALTER TABLE public.django_content_type ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.django_content_type_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.django_migrations (
    id bigint NOT NULL,
    app character varying(255) NOT NULL,
    name character varying(255) NOT NULL,
    applied timestamp with time zone NOT NULL
);

ALTER TABLE public.django_migrations ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.django_migrations_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.django_session (
    session_key character varying(40) NOT NULL,
    session_data text NOT NULL,
    expire_date timestamp with time zone NOT NULL
);

CREATE TABLE public.mfa_authenticator (
    id bigint NOT NULL,
    type character varying(20) NOT NULL,
    data jsonb NOT NULL,
    user_id bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    last_used_at timestamp with time zone
);

ALTER TABLE public.mfa_authenticator ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.mfa_authenticator_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.procrastinate_events (
    id bigint NOT NULL,
    job_id bigint NOT NULL,
    type public.procrastinate_job_event_type,
    at timestamp with time zone DEFAULT now()
);

CREATE SEQUENCE public.procrastinate_events_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.procrastinate_events_id_seq OWNED BY public.procrastinate_events.id;

CREATE SEQUENCE public.procrastinate_jobs_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.procrastinate_jobs_id_seq OWNED BY public.procrastinate_jobs.id;

CREATE TABLE public.procrastinate_periodic_defers (
    id bigint NOT NULL,
    task_name character varying(128) NOT NULL,
    defer_timestamp bigint,
    job_id bigint,
    periodic_id character varying(128) DEFAULT ''::character varying NOT NULL
);

CREATE SEQUENCE public.procrastinate_periodic_defers_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.procrastinate_periodic_defers_id_seq OWNED BY public.procrastinate_periodic_defers.id;

CREATE TABLE public.procrastinate_workers (
    id bigint NOT NULL,
    last_heartbeat timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE public.procrastinate_workers ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.procrastinate_workers_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.raincheck_idempotencykey (
    id bigint CONSTRAINT raincheck_act_id_not_null NOT NULL,
    actor text CONSTRAINT raincheck_act_actor_not_null NOT NULL,
    key uuid CONSTRAINT raincheck_act_key_not_null NOT NULL,
    body_hash bytea CONSTRAINT raincheck_act_body_hash_not_null NOT NULL,
    answer jsonb,
    acted_at timestamp with time zone CONSTRAINT raincheck_act_acted_at_not_null NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='2000');

ALTER TABLE public.raincheck_idempotencykey ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.raincheck_act_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.raincheck_appearance (
    id bigint NOT NULL,
    color text NOT NULL,
    photo bytea,
    photo_hash text NOT NULL,
    practice_id bigint NOT NULL,
    user_id bigint NOT NULL,
    CONSTRAINT a_photo_has_the_hash_of_its_content CHECK ((photo_hash =
CASE
    WHEN (photo IS NULL) THEN ''::text
    ELSE encode(sha256(photo), 'hex'::text)
END)),
    CONSTRAINT an_appearance_has_a_known_color CHECK ((color = ANY (ARRAY['blue'::text, 'rust'::text, 'teal'::text, 'plum'::text, 'olive'::text, 'violet'::text, 'rose'::text, 'slate'::text])))
);

ALTER TABLE public.raincheck_appearance ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.raincheck_appearance_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.raincheck_appointment (
    id bigint NOT NULL,
    ref uuid NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    starts_wall timestamp without time zone NOT NULL,
    utc_offset interval NOT NULL,
    zone text NOT NULL,
    buffer_before interval NOT NULL,
    buffer_after interval NOT NULL,
    join_url character varying(200) NOT NULL,
    ical_uid text NOT NULL,
    ical_sequence integer NOT NULL,
    status text NOT NULL,
    cancelled_by text,
    cancelled_why text,
    cancelled_at timestamp with time zone,
    cancel_note text NOT NULL,
    fee_allowed boolean NOT NULL,
    booked_at timestamp with time zone NOT NULL,
    claims_pruned_at timestamp with time zone,
    type_id bigint NOT NULL,
    client_id bigint NOT NULL,
    place_id bigint NOT NULL,
    practice_id bigint NOT NULL,
    provider_id bigint NOT NULL,
    series_id bigint,
    outcome_at timestamp with time zone,
    outcome_by bigint,
    outcome_by_kind text,
    remind_at timestamp with time zone,
    recurrence_id timestamp without time zone,
    needed_by date,
    needed_for text,
    before jsonb,
    release_at timestamp with time zone,
    CONSTRAINT a_cancellation_has_a_known_actor CHECK ((cancelled_by = ANY (ARRAY['client'::text, 'provider'::text, 'manager'::text, 'system'::text]))),
    CONSTRAINT a_cancellation_has_a_known_reason CHECK ((cancelled_why = ANY (ARRAY['client'::text, 'client_late'::text, 'provider_clinical'::text, 'provider_unavailable'::text, 'no_longer_needed'::text, 'provider_other'::text, 'discharged'::text, 'series_ended'::text, 'reschedule_unanswered'::text, 'reschedule_no_time'::text, 'reschedule_declined'::text, 'import_undone'::text]))),
    CONSTRAINT a_cancelled_appointment_says_who_and_why CHECK ((((cancelled_at IS NOT NULL) AND (cancelled_by IS NOT NULL) AND (cancelled_why IS NOT NULL) AND (status = 'cancelled'::text)) OR ((NOT (status = 'cancelled'::text)) AND (cancelled_at IS NULL) AND (cancelled_by IS NULL) AND (cancelled_why IS NULL)))),
    CONSTRAINT a_reason_of_need_has_its_day CHECK (((needed_for IS NULL) OR (needed_by IS NOT NULL))),
    CONSTRAINT an_appointment_ends_after_it_starts CHECK ((ends_at > starts_at)),
    CONSTRAINT an_appointment_has_a_known_status CHECK ((status = ANY (ARRAY['scheduled'::text, 'completed'::text, 'client_no_show'::text, 'provider_no_show'::text, 'cancelled'::text]))),
    CONSTRAINT an_appointment_is_needed_for_a_known_reason CHECK ((needed_for = ANY (ARRAY['refill'::text, 'after_hospital'::text, 'court'::text, 'authorization'::text, 'other'::text]))),
    CONSTRAINT an_occurrence_knows_its_first_start CHECK ((((recurrence_id IS NULL) AND (series_id IS NULL)) OR ((recurrence_id IS NOT NULL) AND (series_id IS NOT NULL)))),
    CONSTRAINT an_outcome_names_a_known_actor CHECK ((outcome_by_kind = ANY (ARRAY['client_by_link'::text, 'client'::text, 'provider'::text, 'manager'::text, 'scheduler'::text, 'system'::text, 'operator'::text]))),
    CONSTRAINT raincheck_appointment_ical_sequence_check CHECK ((ical_sequence >= 0)),
    CONSTRAINT what_became_of_a_session_was_said_by_somebody CHECK ((((outcome_at >= starts_at) AND (outcome_at IS NOT NULL) AND (outcome_by_kind IS NOT NULL) AND (status = ANY (ARRAY['completed'::text, 'client_no_show'::text, 'provider_no_show'::text, 'cancelled'::text]))) OR ((outcome_at IS NULL) AND (outcome_by IS NULL) AND (outcome_by_kind IS NULL) AND (status = ANY (ARRAY['scheduled'::text, 'cancelled'::text]))))),
    CONSTRAINT what_can_be_undone_says_until_when CHECK ((((before IS NULL) AND (release_at IS NULL)) OR ((before IS NOT NULL) AND (release_at IS NOT NULL))))
);

ALTER TABLE public.raincheck_appointment ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.raincheck_appointment_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.raincheck_appointmenthistory (
    id bigint NOT NULL,
    event text NOT NULL,
    at timestamp with time zone NOT NULL,
    sequence integer NOT NULL,
    actor_kind text NOT NULL,
    actor bigint,
    for_client bigint,
    trace_id text NOT NULL,
    from_starts_at timestamp with time zone,
    from_ends_at timestamp with time zone,
    to_starts_at timestamp with time zone,
    to_ends_at timestamp with time zone,
    details jsonb NOT NULL,
    appointment_id bigint NOT NULL,
    practice_id bigint NOT NULL,
    request_id bigint,
    CONSTRAINT a_history_row_has_a_known_event CHECK ((event = ANY (ARRAY['booked'::text, 'details_changed'::text, 'asked'::text, 'moved'::text, 'kept'::text, 'declined'::text, 'lapsed'::text, 'withdrawn'::text, 'superseded'::text, 'void'::text, 'cancelled'::text, 'none_work'::text, 'client_wrote'::text, 'needs_provider'::text, 'nobody_came'::text, 'deadline_moved'::text, 'outage'::text, 'reinstated'::text, 'completed'::text, 'client_no_show'::text, 'provider_no_show'::text, 'zone_corrected'::text, 'zone_clash'::text, 'import_undone'::text, 'rebook_link_sent'::text, 'needed_by'::text, 'reminded'::text, 'located'::text, 'undone'::text, 'suggested'::text, 'suggestion_taken_back'::text]))),
    CONSTRAINT a_history_row_names_a_known_actor CHECK ((actor_kind = ANY (ARRAY['client_by_link'::text, 'client'::text, 'provider'::text, 'manager'::text, 'scheduler'::text, 'system'::text, 'operator'::text]))),
    CONSTRAINT raincheck_appointmenthistory_sequence_check CHECK ((sequence >= 0))
);

ALTER TABLE public.raincheck_appointmenthistory ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.raincheck_appointmenthistory_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.raincheck_appointmenttype (
    id bigint NOT NULL,
    ref uuid NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    length interval NOT NULL,
    buffer_before interval NOT NULL,
    buffer_after interval NOT NULL,
    offered boolean NOT NULL,
    practice_id bigint NOT NULL,
    silence_cancels boolean,
    may_be_by_video boolean DEFAULT true NOT NULL,
    for_medicine boolean DEFAULT false NOT NULL,
    CONSTRAINT an_appointment_type_has_a_known_kind CHECK ((kind = ANY (ARRAY['intake'::text, 'follow_up'::text]))),
    CONSTRAINT an_appointment_type_is_as_long_as_allowed CHECK ((((buffer_after >= '00:00:00'::interval) AND (buffer_after <= '02:00:00'::interval)) AND ((buffer_before >= '00:00:00'::interval) AND (buffer_before <= '02:00:00'::interval)) AND ((length >= '00:05:00'::interval) AND (length <= '08:00:00'::interval))))
);

ALTER TABLE public.raincheck_appointmenttype ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.raincheck_appointmenttype_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.raincheck_availabilityhistory (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    actor_kind text NOT NULL,
    actor bigint,
    trace_id text NOT NULL,
    former_availability jsonb NOT NULL,
    former_grid_step interval NOT NULL,
    former_zone text NOT NULL,
    practice_id bigint NOT NULL,
    provider_id bigint NOT NULL,
    CONSTRAINT a_change_of_hours_names_a_known_actor CHECK ((actor_kind = ANY (ARRAY['client_by_link'::text, 'client'::text, 'provider'::text, 'manager'::text, 'scheduler'::text, 'system'::text, 'operator'::text])))
);

ALTER TABLE public.raincheck_availabilityhistory ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.raincheck_availabilityhistory_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.raincheck_backup (
    id bigint NOT NULL,
    made_at timestamp with time zone NOT NULL,
    size bigint NOT NULL
);

ALTER TABLE public.raincheck_backup ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.raincheck_backup_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.raincheck_busycalendar (
    id bigint NOT NULL,
    ref uuid NOT NULL,
    name text NOT NULL,
    read_at timestamp with time zone NOT NULL,
    read_until timestamp with time zone NOT NULL,
    problems jsonb NOT NULL,
    practice_id bigint NOT NULL,
    provider_id bigint NOT NULL,
    kind text NOT NULL,
    host text NOT NULL,
    sealed_address text NOT NULL,
    username text NOT NULL,
    sealed_password text NOT NULL,
    keeps_titles boolean NOT NULL,
    etag text NOT NULL,
    last_modified text NOT NULL,
    sync_token text NOT NULL,
    checked_at timestamp with time zone,
    failing_since timestamp with time zone,
    fault text NOT NULL,
    next_check_at timestamp with time zone,
    CONSTRAINT a_busy_calendar_has_a_known_kind CHECK ((kind = ANY (ARRAY['file'::text, 'subscription'::text, 'caldav'::text]))),
    CONSTRAINT a_failing_calendar_says_why CHECK ((((failing_since IS NULL) AND (fault = ''::text)) OR ((failing_since IS NOT NULL) AND (NOT (fault = ''::text))))),
    CONSTRAINT every_calendar_but_a_file_is_checked_again CHECK ((((kind = 'file'::text) AND (next_check_at IS NULL)) OR ((NOT (kind = 'file'::text)) AND (next_check_at IS NOT NULL))))
);

ALTER TABLE public.raincheck_busycalendar ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.raincheck_busycalendar_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.raincheck_busytime (
    id bigint NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    calendar_id bigint NOT NULL,
    practice_id bigint NOT NULL,
    provider_id bigint NOT NULL,
    title text NOT NULL,
    appeared_at timestamp with time zone NOT NULL,
    CONSTRAINT busy_time_ends_after_it_starts CHECK ((ends_at > starts_at))
);

ALTER TABLE public.raincheck_busytime ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.raincheck_busytime_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.raincheck_pushedevent (
    id bigint CONSTRAINT raincheck_calendarcopy_id_not_null NOT NULL,
    sequence integer,
    etag text CONSTRAINT raincheck_calendarcopy_etag_not_null NOT NULL,
    written_at timestamp with time zone,
    refused_since timestamp with time zone,
    due_at timestamp with time zone CONSTRAINT raincheck_calendarcopy_due_at_not_null NOT NULL,
    practice_id bigint CONSTRAINT raincheck_calendarcopy_practice_id_not_null NOT NULL,
    push_id bigint CONSTRAINT raincheck_calendarcopy_writing_id_not_null NOT NULL,
    appointment_id bigint CONSTRAINT raincheck_calendarcopy_appointment_id_not_null NOT NULL,
    CONSTRAINT a_pushed_event_says_when CHECK ((((sequence IS NULL) AND (written_at IS NULL)) OR ((sequence IS NOT NULL) AND (written_at IS NOT NULL)))),
    CONSTRAINT raincheck_calendarcopy_sequence_check CHECK ((sequence >= 0))
);

ALTER TABLE public.raincheck_pushedevent ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.raincheck_calendarcopy_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.raincheck_calendarfeed (
    id bigint NOT NULL,
    ref uuid NOT NULL,
    hash bytea NOT NULL,
    titles text NOT NULL,
    made_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    last_used_at timestamp with time zone,
    practice_id bigint NOT NULL,
    provider_id bigint,
    client_id bigint,
    CONSTRAINT a_calendar_feed_has_known_titles CHECK ((titles = ANY (ARRAY['neutral'::text, 'initials'::text]))),
    CONSTRAINT a_calendar_feed_is_of_one_person CHECK ((((client_id IS NULL) AND (provider_id IS NOT NULL)) OR ((client_id IS NOT NULL) AND (provider_id IS NULL)))),
    CONSTRAINT a_feed_of_a_client_names_nobody CHECK (((client_id IS NULL) OR (titles = 'neutral'::text)))
);

ALTER TABLE public.raincheck_calendarfeed ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.raincheck_calendarfeed_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.raincheck_calendarpush (
    id bigint CONSTRAINT raincheck_calendarwriting_id_not_null NOT NULL,
    ref uuid CONSTRAINT raincheck_calendarwriting_ref_not_null NOT NULL,
    removing boolean CONSTRAINT raincheck_calendarwriting_removing_not_null NOT NULL,
    begun_at timestamp with time zone CONSTRAINT raincheck_calendarwriting_begun_at_not_null NOT NULL,
    written_at timestamp with time zone,
    failing_since timestamp with time zone,
    fault text CONSTRAINT raincheck_calendarwriting_fault_not_null NOT NULL,
    next_try_at timestamp with time zone CONSTRAINT raincheck_calendarwriting_next_try_at_not_null NOT NULL,
    practice_id bigint CONSTRAINT raincheck_calendarwriting_practice_id_not_null NOT NULL,
    provider_id bigint CONSTRAINT raincheck_calendarwriting_provider_id_not_null NOT NULL,
    calendar_id bigint CONSTRAINT raincheck_calendarwriting_calendar_id_not_null NOT NULL,
    CONSTRAINT a_failing_push_says_why CHECK ((((failing_since IS NULL) AND (fault = ''::text)) OR ((failing_since IS NOT NULL) AND (NOT (fault = ''::text)))))
);

ALTER TABLE public.raincheck_calendarpush ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.raincheck_calendarwriting_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.raincheck_claim (
    id bigint NOT NULL,
    part text NOT NULL,
    span tstzrange NOT NULL,
    lane int8range NOT NULL,
    appointment_id bigint,
    client_id bigint NOT NULL,
    hold_id bigint,
    practice_id bigint NOT NULL,
    provider_id bigint NOT NULL,
    room_id bigint,
    room_lane int8range,
    CONSTRAINT a_claim_has_a_known_part CHECK ((part = ANY (ARRAY['session'::text, 'buffered'::text]))),
    CONSTRAINT a_claim_is_for_an_appointment_or_a_hold CHECK ((((appointment_id IS NOT NULL) AND (hold_id IS NULL)) OR ((appointment_id IS NULL) AND (hold_id IS NOT NULL)))),
    CONSTRAINT a_claim_lies_in_its_lane CHECK (
CASE part
    WHEN 'session'::text THEN (lane = int8range(NULL::bigint, NULL::bigint))
    ELSE (lane = int8range(client_id, (client_id + 1)))
END),
    CONSTRAINT a_room_is_claimed_by_a_session CHECK ((((room_id IS NULL) AND (room_lane IS NULL)) OR ((part = 'session'::text) AND (room_id IS NOT NULL) AND (room_lane IS NOT NULL))))
)
WITH (autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='2000');

ALTER TABLE public.raincheck_claim ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.raincheck_claim_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.raincheck_client (
    id bigint NOT NULL,
    ref uuid NOT NULL,
    first_name text NOT NULL,
    last_name text NOT NULL,
    pronouns text NOT NULL,
    phone text NOT NULL,
    zone text NOT NULL,
    confirmed_zone text NOT NULL,
    client_since date NOT NULL,
    do_not_auto_cancel boolean NOT NULL,
    neutral_wording boolean NOT NULL,
    practice_id bigint NOT NULL,
    goes_by text DEFAULT ''::text NOT NULL,
    date_of_birth date,
    usual_provider_id bigint,
    discharged_at timestamp with time zone,
    archived_at timestamp with time zone,
    merged_into_id bigint,
    rehearsal boolean DEFAULT false NOT NULL,
    payer_forbids_fees boolean DEFAULT false NOT NULL,
    never_works text DEFAULT ''::text NOT NULL,
    usual_region text DEFAULT ''::text NOT NULL,
    CONSTRAINT a_record_is_not_merged_into_itself CHECK ((NOT ((merged_into_id = id) AND (merged_into_id IS NOT NULL))))
);

ALTER TABLE public.raincheck_client ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.raincheck_client_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.raincheck_clienthistory (
    id bigint NOT NULL,
    event text NOT NULL,
    at timestamp with time zone NOT NULL,
    actor_kind text NOT NULL,
    actor bigint,
    trace_id text NOT NULL,
    details jsonb NOT NULL,
    practice_id bigint NOT NULL,
    client_id bigint NOT NULL,
    CONSTRAINT a_change_of_a_client_is_of_a_known_kind CHECK ((event = ANY (ARRAY['added'::text, 'changed'::text, 'imported'::text, 'merged'::text, 'merge_undone'::text, 'discharged'::text, 'archived'::text, 'brought_back'::text, 'opened_in_emergency'::text]))),
    CONSTRAINT a_change_of_a_client_names_a_known_actor CHECK ((actor_kind = ANY (ARRAY['client_by_link'::text, 'client'::text, 'provider'::text, 'manager'::text, 'scheduler'::text, 'system'::text, 'operator'::text])))
);

ALTER TABLE public.raincheck_clienthistory ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.raincheck_clienthistory_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.raincheck_clientmerge (
    id bigint NOT NULL,
    ref uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    actor_kind text NOT NULL,
    actor bigint,
    moved jsonb NOT NULL,
    former jsonb NOT NULL,
    undone_at timestamp with time zone,
    gone_id bigint NOT NULL,
    kept_id bigint NOT NULL,
    practice_id bigint NOT NULL,
    CONSTRAINT a_merge_names_a_known_actor CHECK ((actor_kind = ANY (ARRAY['client_by_link'::text, 'client'::text, 'provider'::text, 'manager'::text, 'scheduler'::text, 'system'::text, 'operator'::text])))
);

ALTER TABLE public.raincheck_clientmerge ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.raincheck_clientmerge_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.raincheck_conversation (
    id bigint NOT NULL,
    ref uuid NOT NULL,
    latest_at timestamp with time zone NOT NULL,
    provider_read_at timestamp with time zone,
    client_read_at timestamp with time zone,
    client_id bigint NOT NULL,
    practice_id bigint NOT NULL,
    provider_id bigint NOT NULL
);

ALTER TABLE public.raincheck_conversation ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.raincheck_conversation_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.raincheck_deliveryattempt (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    address text NOT NULL,
    outcome text,
    answer text NOT NULL,
    notification_id bigint NOT NULL,
    practice_id bigint NOT NULL,
    subject text NOT NULL,
    text text NOT NULL,
    html text NOT NULL,
    calendar text NOT NULL,
    CONSTRAINT an_attempt_has_a_known_outcome CHECK ((outcome = ANY (ARRAY['accepted'::text, 'deferred'::text, 'refused'::text, 'unknown'::text])))
);

ALTER TABLE public.raincheck_deliveryattempt ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.raincheck_deliveryattempt_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.raincheck_differentpeople (
    id bigint NOT NULL,
    said_at timestamp with time zone NOT NULL,
    actor_kind text NOT NULL,
    actor bigint,
    one_id bigint NOT NULL,
    other_id bigint NOT NULL,
    practice_id bigint NOT NULL,
    CONSTRAINT a_pair_names_a_known_actor CHECK ((actor_kind = ANY (ARRAY['client_by_link'::text, 'client'::text, 'provider'::text, 'manager'::text, 'scheduler'::text, 'system'::text, 'operator'::text]))),
    CONSTRAINT a_pair_of_people_is_written_in_one_order CHECK ((one_id < other_id))
);

ALTER TABLE public.raincheck_differentpeople ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.raincheck_differentpeople_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.raincheck_emergencyaccess (
    id bigint NOT NULL,
    ref uuid NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    conversation_id bigint NOT NULL,
    manager_id bigint NOT NULL,
    practice_id bigint NOT NULL,
    reason_id bigint NOT NULL,
    CONSTRAINT an_emergency_access_ends_after_it_began CHECK ((ends_at >= opened_at))
);

ALTER TABLE public.raincheck_emergencyaccess ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.raincheck_emergencyaccess_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.raincheck_emergencyreason (
    id bigint NOT NULL,
    ref uuid NOT NULL,
    body text NOT NULL,
    practice_id bigint NOT NULL
);

ALTER TABLE public.raincheck_emergencyreason ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.raincheck_emergencyreason_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.raincheck_heartbeat (
    id bigint NOT NULL,
    process uuid NOT NULL,
    kind text NOT NULL,
    started_at timestamp with time zone NOT NULL,
    beat_at timestamp with time zone NOT NULL,
    clock_fault text,
    unnamed_proxy_at timestamp with time zone,
    CONSTRAINT a_heartbeat_begins_before_it_ends CHECK ((beat_at >= started_at)),
    CONSTRAINT a_heartbeat_is_of_a_known_kind CHECK ((kind = ANY (ARRAY['web'::text, 'worker'::text, 'sweep'::text]))),
    CONSTRAINT a_heartbeat_knows_what_is_wrong_with_the_clock CHECK ((clock_fault = ANY (ARRAY['jumped'::text, 'differs'::text])))
);

ALTER TABLE public.raincheck_heartbeat ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.raincheck_heartbeat_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.raincheck_hold (
    id bigint NOT NULL,
    ref uuid NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    buffer_before interval NOT NULL,
    buffer_after interval NOT NULL,
    began_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    renewals smallint NOT NULL,
    suggested boolean NOT NULL,
    client_id bigint NOT NULL,
    practice_id bigint NOT NULL,
    provider_id bigint NOT NULL,
    request_id bigint,
    appointment_id bigint,
    offer_id bigint,
    CONSTRAINT a_held_slot_ends_after_it_starts CHECK ((ends_at > starts_at)),
    CONSTRAINT a_hold_expires_after_it_began CHECK ((expires_at > began_at)),
    CONSTRAINT a_hold_is_for_one_thing CHECK ((((appointment_id IS NULL) AND (request_id IS NULL)) OR ((offer_id IS NULL) AND (request_id IS NULL)) OR ((appointment_id IS NULL) AND (offer_id IS NULL)))),
    CONSTRAINT a_hold_is_renewed_ten_times_at_most CHECK ((renewals <= 10)),
    CONSTRAINT a_suggested_time_is_of_a_request CHECK (((NOT suggested) OR (request_id IS NOT NULL))),
    CONSTRAINT raincheck_hold_renewals_check CHECK ((renewals >= 0))
)
WITH (autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='2000');

ALTER TABLE public.raincheck_hold ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.raincheck_hold_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.raincheck_import (
    id bigint NOT NULL,
    ref uuid NOT NULL,
    file_name text NOT NULL,
    kind text NOT NULL,
    state text NOT NULL,
    zone text NOT NULL,
    header integer NOT NULL,
    from_1904 boolean NOT NULL,
    columns jsonb NOT NULL,
    chosen jsonb NOT NULL,
    mapping jsonb NOT NULL,
    order_said text,
    "order" text NOT NULL,
    assumed jsonb NOT NULL,
    done integer NOT NULL,
    fault text NOT NULL,
    made_at timestamp with time zone NOT NULL,
    actor_kind text NOT NULL,
    actor bigint,
    imported_at timestamp with time zone,
    undone_at timestamp with time zone,
    practice_id bigint NOT NULL,
    erased_at timestamp with time zone,
    clients_told boolean DEFAULT false NOT NULL,
    format text DEFAULT 'table'::text NOT NULL,
    found jsonb DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT an_import_has_a_known_date_order CHECK (("order" = ANY (ARRAY['mdy'::text, 'dmy'::text, 'ymd'::text]))),
    CONSTRAINT an_import_has_a_known_format CHECK ((format = ANY (ARRAY['table'::text, 'calendar'::text]))),
    CONSTRAINT an_import_has_a_known_kind CHECK ((kind = ANY (ARRAY['clients'::text, 'appointments'::text]))),
    CONSTRAINT an_import_has_a_known_state CHECK ((state = ANY (ARRAY['staged'::text, 'importing'::text, 'imported'::text, 'undone'::text, 'dropped'::text]))),
    CONSTRAINT an_import_names_a_known_actor CHECK ((actor_kind = ANY (ARRAY['client_by_link'::text, 'client'::text, 'provider'::text, 'manager'::text, 'scheduler'::text, 'system'::text, 'operator'::text]))),
    CONSTRAINT an_import_was_told_a_known_date_order CHECK ((order_said = ANY (ARRAY['mdy'::text, 'dmy'::text, 'ymd'::text]))),
    CONSTRAINT raincheck_import_done_check CHECK ((done >= 0)),
    CONSTRAINT raincheck_import_header_check CHECK ((header >= 0))
);

ALTER TABLE public.raincheck_import ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.raincheck_import_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.raincheck_importrow (
    id bigint NOT NULL,
    number integer NOT NULL,
    cells jsonb NOT NULL,
    left_out boolean NOT NULL,
    apart boolean NOT NULL,
    problem jsonb,
    read jsonb,
    appointment_id bigint,
    client_id bigint,
    file_id bigint NOT NULL,
    practice_id bigint NOT NULL,
    differs boolean DEFAULT false NOT NULL,
    earlier_id bigint,
    ends_at timestamp with time zone,
    event integer,
    event_fault text DEFAULT ''::text NOT NULL,
    recurrence_id text DEFAULT ''::text NOT NULL,
    starts_at timestamp with time zone,
    uid text DEFAULT ''::text NOT NULL,
    whose uuid,
    dates_out jsonb DEFAULT '[]'::jsonb NOT NULL,
    part_of integer,
    repeats jsonb,
    CONSTRAINT raincheck_importrow_event_check CHECK ((event >= 0)),
    CONSTRAINT raincheck_importrow_number_check CHECK ((number >= 0)),
    CONSTRAINT raincheck_importrow_part_of_check CHECK ((part_of >= 0))
);

ALTER TABLE public.raincheck_importrow ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.raincheck_importrow_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.raincheck_invitation (
    id bigint NOT NULL,
    ref uuid NOT NULL,
    name text NOT NULL,
    email character varying(254) NOT NULL,
    roles text[] NOT NULL,
    hash bytea NOT NULL,
    made_at timestamp with time zone NOT NULL,
    made_by_kind text NOT NULL,
    made_by bigint,
    ends_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    revoked_at timestamp with time zone,
    practice_id bigint NOT NULL,
    used_by_id bigint,
    revoked_by bigint,
    revoked_by_kind text DEFAULT ''::text NOT NULL,
    CONSTRAINT a_used_invitation_says_by_whom_and_stays_used CHECK ((((used_at IS NULL) AND (used_by_id IS NULL)) OR ((revoked_at IS NULL) AND (used_at IS NOT NULL) AND (used_by_id IS NOT NULL)))),
    CONSTRAINT an_invitation_ends_after_it_was_made CHECK ((ends_at > made_at)),
    CONSTRAINT an_invitation_is_for_known_roles CHECK (((roles <@ ARRAY['provider'::text, 'manager'::text, 'scheduler'::text]) AND (
CASE
    WHEN (roles IS NULL) THEN NULL::integer
    ELSE COALESCE(array_length(roles, 1), 0)
END > 0))),
    CONSTRAINT an_invitation_names_a_known_actor CHECK ((made_by_kind = ANY (ARRAY['client_by_link'::text, 'client'::text, 'provider'::text, 'manager'::text, 'scheduler'::text, 'system'::text, 'operator'::text])))
);

ALTER TABLE public.raincheck_invitation ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.raincheck_invitation_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.raincheck_keptpage (
    id bigint NOT NULL,
    ref uuid NOT NULL,
    owner character varying(64) NOT NULL,
    form_key uuid,
    sealed bytea NOT NULL,
    by_stranger boolean DEFAULT false NOT NULL,
    kept_until timestamp with time zone NOT NULL
);

ALTER TABLE public.raincheck_keptpage ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.raincheck_keptpage_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.raincheck_link (
    id bigint NOT NULL,
    ref uuid NOT NULL,
    hash bytea NOT NULL,
    channel text NOT NULL,
    address text NOT NULL,
    made_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    attempt_id bigint,
    client_id bigint NOT NULL,
    practice_id bigint NOT NULL,
    rebook_offer_id bigint,
    recipient_id bigint,
    batch_id bigint,
    conversation_id bigint,
    appointment_id bigint,
    CONSTRAINT a_link_opens_one_thing CHECK ((((appointment_id IS NULL) AND (batch_id IS NOT NULL) AND (conversation_id IS NULL) AND (rebook_offer_id IS NULL)) OR ((appointment_id IS NULL) AND (batch_id IS NULL) AND (conversation_id IS NULL) AND (rebook_offer_id IS NOT NULL)) OR ((appointment_id IS NOT NULL) AND (batch_id IS NULL) AND (conversation_id IS NULL) AND (rebook_offer_id IS NULL)) OR ((appointment_id IS NULL) AND (batch_id IS NULL) AND (conversation_id IS NOT NULL) AND (rebook_offer_id IS NULL)))),
    CONSTRAINT a_link_that_lets_in_is_a_recipients CHECK (((recipient_id IS NOT NULL) OR (conversation_id IS NOT NULL)))
);

ALTER TABLE public.raincheck_link ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.raincheck_link_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.raincheck_logchain (
    chain bigint NOT NULL,
    rows bigint NOT NULL,
    seal bytea NOT NULL
);

CREATE TABLE public.raincheck_logcut (
    id bigint NOT NULL,
    chain bigint NOT NULL,
    place bigint NOT NULL,
    seal bytea NOT NULL,
    before timestamp with time zone NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT what_is_cut_is_seven_years_old CHECK ((at >= (before + '2557 days'::interval)))
);

ALTER TABLE public.raincheck_logcut ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.raincheck_logcut_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.raincheck_membership (
    id bigint NOT NULL,
    role text NOT NULL,
    client_id bigint,
    user_id bigint NOT NULL,
    practice_id bigint NOT NULL,
    provider_id bigint,
    ended_at timestamp with time zone,
    CONSTRAINT a_membership_has_a_known_role CHECK ((role = ANY (ARRAY['provider'::text, 'manager'::text, 'scheduler'::text, 'client'::text]))),
    CONSTRAINT a_membership_points_at_what_its_role_says CHECK ((((client_id IS NULL) AND (provider_id IS NOT NULL) AND (role = 'provider'::text)) OR ((client_id IS NOT NULL) AND (provider_id IS NULL) AND (role = 'client'::text)) OR ((client_id IS NULL) AND (provider_id IS NULL) AND (role = 'manager'::text)) OR ((client_id IS NULL) AND (provider_id IS NULL) AND (role = 'scheduler'::text))))
);

ALTER TABLE public.raincheck_membership ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.raincheck_membership_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.raincheck_message (
    id bigint NOT NULL,
    ref uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    author_kind text NOT NULL,
    author bigint,
    body text NOT NULL,
    card text,
    starts_at timestamp with time zone,
    former_starts_at timestamp with time zone,
    appointment_id bigint,
    conversation_id bigint NOT NULL,
    practice_id bigint NOT NULL,
    batch_id bigint,
    recipient_id bigint,
    CONSTRAINT a_card_has_a_known_kind CHECK ((card = ANY (ARRAY['asked'::text, 'moved'::text, 'kept'::text, 'declined'::text, 'lapsed'::text, 'no_time_found'::text, 'withdrawn'::text, 'superseded'::text, 'void'::text, 'none_work'::text, 'cancelled'::text, 'not_cancelled'::text, 'reinstated'::text, 'booked'::text]))),
    CONSTRAINT a_message_names_a_known_author CHECK ((author_kind = ANY (ARRAY['client_by_link'::text, 'client'::text, 'provider'::text, 'manager'::text, 'scheduler'::text, 'system'::text, 'operator'::text])))
);

ALTER TABLE public.raincheck_message ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.raincheck_message_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.raincheck_notification (
    id bigint NOT NULL,
    ref uuid NOT NULL,
    channel text NOT NULL,
    kind text CONSTRAINT raincheck_notification_moment_not_null NOT NULL,
    made_at timestamp with time zone NOT NULL,
    due_at timestamp with time zone NOT NULL,
    give_up_at timestamp with time zone NOT NULL,
    state text NOT NULL,
    ended_at timestamp with time zone,
    attempts integer NOT NULL,
    seen_at timestamp with time zone,
    address text NOT NULL,
    subject text NOT NULL,
    text text NOT NULL,
    practice_id bigint NOT NULL,
    provider_id bigint,
    rebook_offer_id bigint,
    recipient_id bigint,
    batch_id bigint,
    user_id bigint,
    conversation_id bigint,
    facts jsonb NOT NULL,
    after_others boolean NOT NULL,
    appointment_id bigint,
    CONSTRAINT a_notification_has_a_known_channel CHECK ((channel = ANY (ARRAY['email'::text, 'sms'::text, 'in_app'::text]))),
    CONSTRAINT a_notification_has_a_known_state CHECK ((state = ANY (ARRAY['waiting'::text, 'handed_over'::text, 'failed'::text, 'obsolete'::text]))),
    CONSTRAINT a_notification_has_one_addressee CHECK ((((provider_id IS NULL) AND (recipient_id IS NOT NULL) AND (user_id IS NULL)) OR ((provider_id IS NOT NULL) AND (recipient_id IS NULL) AND (user_id IS NULL)) OR ((provider_id IS NULL) AND (recipient_id IS NULL) AND (user_id IS NOT NULL)))),
    CONSTRAINT a_notification_waits_or_has_its_end CHECK ((((ended_at IS NULL) AND (state = 'waiting'::text)) OR ((NOT (state = 'waiting'::text)) AND (ended_at IS NOT NULL)))),
    CONSTRAINT raincheck_notification_attempts_check CHECK ((attempts >= 0))
)
WITH (autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='2000');

ALTER TABLE public.raincheck_notification ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.raincheck_notification_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.raincheck_notificationappointment (
    id bigint NOT NULL,
    sequence integer NOT NULL,
    appointment_id bigint NOT NULL,
    notification_id bigint NOT NULL,
    practice_id bigint NOT NULL,
    request_id bigint,
    facts jsonb NOT NULL,
    CONSTRAINT raincheck_notificationappointment_sequence_check CHECK ((sequence >= 0))
);

ALTER TABLE public.raincheck_notificationappointment ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.raincheck_notificationappointment_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.raincheck_outage (
    id bigint NOT NULL,
    began_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone NOT NULL,
    ahead interval NOT NULL,
    credited_at timestamp with time zone,
    CONSTRAINT an_outage_ends_after_it_began CHECK ((ended_at > began_at))
);

ALTER TABLE public.raincheck_outage ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.raincheck_outage_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.raincheck_outofoffice (
    id bigint NOT NULL,
    ref uuid NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    all_day boolean NOT NULL,
    note text NOT NULL,
    made_at timestamp with time zone NOT NULL,
    edited_at timestamp with time zone,
    removed_at timestamp with time zone,
    practice_id bigint NOT NULL,
    provider_id bigint NOT NULL,
    batch_id bigint,
    starts_wall timestamp without time zone NOT NULL,
    ends_wall timestamp without time zone NOT NULL,
    zone text NOT NULL,
    CONSTRAINT a_block_ends_after_it_starts CHECK ((ends_at > starts_at))
);

ALTER TABLE public.raincheck_outofoffice ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.raincheck_outofoffice_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.raincheck_place (
    id bigint NOT NULL,
    ref uuid NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    zone text NOT NULL,
    address text NOT NULL,
    practice_id bigint NOT NULL,
    offered boolean NOT NULL,
    one_at_a_time boolean DEFAULT false NOT NULL,
    CONSTRAINT a_place_has_a_known_kind CHECK ((kind = ANY (ARRAY['telehealth'::text, 'room'::text]))),
    CONSTRAINT only_a_room_holds_one_session_at_a_time CHECK (((kind = 'room'::text) OR (NOT one_at_a_time)))
);

ALTER TABLE public.raincheck_place ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.raincheck_place_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.raincheck_practice (
    id bigint NOT NULL,
    ref uuid NOT NULL,
    name text NOT NULL,
    sender_name text NOT NULL,
    reply_to character varying(254) NOT NULL,
    phone text NOT NULL,
    zone text NOT NULL,
    urgent_help text NOT NULL,
    policy jsonb NOT NULL,
    look_again_at timestamp with time zone,
    greeting text DEFAULT ''::text NOT NULL,
    being_set_up boolean DEFAULT false NOT NULL,
    sender_tests jsonb DEFAULT '{}'::jsonb NOT NULL
);

ALTER TABLE public.raincheck_practice ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.raincheck_practice_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.raincheck_practicehistory (
    id bigint NOT NULL,
    event text NOT NULL,
    at timestamp with time zone NOT NULL,
    actor_kind text NOT NULL,
    actor bigint,
    trace_id text NOT NULL,
    details jsonb NOT NULL,
    practice_id bigint NOT NULL,
    type_id bigint,
    place_id bigint,
    CONSTRAINT a_change_of_a_practice_is_of_a_known_kind CHECK ((event = ANY (ARRAY['type_added'::text, 'type_changed'::text, 'place_added'::text, 'place_changed'::text, 'rules_changed'::text, 'details_changed'::text]))),
    CONSTRAINT a_change_of_a_practice_names_a_known_actor CHECK ((actor_kind = ANY (ARRAY['client_by_link'::text, 'client'::text, 'provider'::text, 'manager'::text, 'scheduler'::text, 'system'::text, 'operator'::text]))),
    CONSTRAINT a_change_of_a_practice_says_what_changed CHECK ((((event = ANY (ARRAY['type_added'::text, 'type_changed'::text])) AND (place_id IS NULL) AND (type_id IS NOT NULL)) OR ((event = ANY (ARRAY['place_added'::text, 'place_changed'::text])) AND (place_id IS NOT NULL) AND (type_id IS NULL)) OR ((event = ANY (ARRAY['rules_changed'::text, 'details_changed'::text])) AND (place_id IS NULL) AND (type_id IS NULL))))
);

ALTER TABLE public.raincheck_practicehistory ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.raincheck_practicehistory_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.raincheck_provider (
    id bigint NOT NULL,
    ref uuid NOT NULL,
    name text NOT NULL,
    short_name text NOT NULL,
    email character varying(254) NOT NULL,
    zone text NOT NULL,
    join_url character varying(200) NOT NULL,
    availability jsonb NOT NULL,
    availability_changed_at timestamp with time zone NOT NULL,
    grid_step interval NOT NULL,
    practice_id bigint NOT NULL,
    left_at timestamp with time zone,
    licensed_in jsonb DEFAULT '[]'::jsonb NOT NULL
);

ALTER TABLE public.raincheck_provider ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.raincheck_provider_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.raincheck_quarantined (
    id bigint CONSTRAINT raincheck_setaside_id_not_null NOT NULL,
    step text CONSTRAINT raincheck_setaside_step_not_null NOT NULL,
    failures integer CONSTRAINT raincheck_setaside_failures_not_null NOT NULL,
    since timestamp with time zone CONSTRAINT raincheck_setaside_since_not_null NOT NULL,
    try_again_at timestamp with time zone CONSTRAINT raincheck_setaside_try_again_at_not_null NOT NULL,
    practice_id bigint CONSTRAINT raincheck_setaside_practice_id_not_null NOT NULL,
    provider_id bigint CONSTRAINT raincheck_setaside_provider_id_not_null NOT NULL,
    request_id bigint,
    appointment_id bigint,
    CONSTRAINT a_quarantined_row_is_of_a_known_step CHECK ((step = ANY (ARRAY['credit'::text, 'settle'::text, 'remind'::text, 'remind_of_appointments'::text, 'tell_of_waiting'::text, 'tell_of_slow_hand_over'::text, 'go_on_with_series'::text, 'look_at_open_times'::text]))),
    CONSTRAINT raincheck_setaside_failures_check CHECK ((failures >= 0))
);

CREATE TABLE public.raincheck_ratelimit (
    key bytea NOT NULL,
    level double precision NOT NULL,
    last_at timestamp with time zone NOT NULL,
    forget_at timestamp with time zone NOT NULL
);

CREATE TABLE public.raincheck_readlog (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    actor_kind text NOT NULL,
    actor bigint,
    what text NOT NULL,
    trace_id text NOT NULL,
    client_id bigint,
    practice_id bigint,
    acting_for bigint,
    clients bigint[] NOT NULL,
    network text DEFAULT ''::text NOT NULL,
    detail jsonb DEFAULT '{}'::jsonb NOT NULL
);

ALTER TABLE public.raincheck_readlog ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.raincheck_readlog_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.raincheck_rebookoffer (
    id bigint NOT NULL,
    ref uuid NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    booked_at timestamp with time zone,
    appointment_id bigint NOT NULL,
    booked_id bigint,
    client_id bigint NOT NULL,
    place_id bigint NOT NULL,
    practice_id bigint NOT NULL,
    provider_id bigint NOT NULL,
    type_id bigint NOT NULL,
    CONSTRAINT a_used_rebook_offer_says_when CHECK ((((booked_id IS NULL) AND (booked_at IS NULL)) OR ((booked_id IS NOT NULL) AND (booked_at IS NOT NULL))))
);

ALTER TABLE public.raincheck_rebookoffer ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.raincheck_rebookoffer_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.raincheck_recipient (
    id bigint NOT NULL,
    ref uuid NOT NULL,
    is_client boolean NOT NULL,
    email character varying(254) NOT NULL,
    phone text NOT NULL,
    sms_agreed_at timestamp with time zone,
    language text NOT NULL,
    zone text NOT NULL,
    client_id bigint NOT NULL,
    practice_id bigint NOT NULL,
    sms_agreed_by_kind text,
    sms_agreed_by bigint,
    reminders_off_at timestamp with time zone,
    CONSTRAINT texts_were_agreed_to_before_a_known_actor CHECK ((sms_agreed_by_kind = ANY (ARRAY['client_by_link'::text, 'client'::text, 'provider'::text, 'manager'::text, 'scheduler'::text, 'system'::text, 'operator'::text])))
);

ALTER TABLE public.raincheck_recipient ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.raincheck_recipient_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.raincheck_recordkey (
    version bigint NOT NULL,
    sealed bytea NOT NULL,
    made_at timestamp with time zone NOT NULL,
    words_sealed_at timestamp with time zone
);

CREATE TABLE public.raincheck_reschedulebatch (
    id bigint NOT NULL,
    ref uuid NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    asked_by_kind text NOT NULL,
    asked_by bigint,
    reason text NOT NULL,
    note text NOT NULL,
    private_note text NOT NULL,
    opened_at timestamp with time zone,
    client_id bigint NOT NULL,
    practice_id bigint NOT NULL,
    provider_id bigint NOT NULL,
    CONSTRAINT a_batch_has_a_known_reason CHECK ((reason = ANY (ARRAY['scheduling_conflict'::text, 'training'::text, 'legal_duty'::text, 'travel'::text, 'holiday'::text, 'illness'::text, 'personal'::text, 'other'::text])))
);

ALTER TABLE public.raincheck_reschedulebatch ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.raincheck_reschedulebatch_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.raincheck_reschedulerequest (
    id bigint NOT NULL,
    ref uuid NOT NULL,
    state text NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    asked_starts_at timestamp with time zone NOT NULL,
    asked_ends_at timestamp with time zone NOT NULL,
    first_deadline_at timestamp with time zone NOT NULL,
    deadline_at timestamp with time zone NOT NULL,
    last_minute boolean NOT NULL,
    remind_at timestamp with time zone,
    reminders_sent smallint NOT NULL,
    handed_over_at timestamp with time zone,
    client_wrote_at timestamp with time zone,
    needs_provider text,
    needs_provider_at timestamp with time zone,
    settled_at timestamp with time zone,
    settled_by text,
    moved_to timestamp with time zone,
    appointment_id bigint NOT NULL,
    batch_id bigint NOT NULL,
    client_id bigint NOT NULL,
    practice_id bigint NOT NULL,
    provider_id bigint NOT NULL,
    looked_at timestamp with time zone,
    look_again_at timestamp with time zone,
    outage_reckoned bigint,
    time_given_back interval,
    time_lost interval,
    ends_at timestamp with time zone GENERATED ALWAYS AS (
CASE
    WHEN ((state = 'open'::text) AND (needs_provider IS NULL)) THEN deadline_at
    WHEN (state = 'open'::text) THEN asked_starts_at
    ELSE NULL::timestamp with time zone
END) STORED,
    spared boolean DEFAULT false NOT NULL,
    told_of_waiting_at timestamp with time zone,
    extended_at timestamp with time zone,
    reminded_by_hand smallint DEFAULT 0 NOT NULL,
    reminded_by_hand_at timestamp with time zone,
    video_offered boolean DEFAULT false NOT NULL,
    CONSTRAINT a_deadline_lies_after_the_ask CHECK ((deadline_at > asked_at)),
    CONSTRAINT a_deadline_lies_before_the_start CHECK ((deadline_at < asked_starts_at)),
    CONSTRAINT a_moved_request_says_where_to CHECK ((((moved_to IS NOT NULL) AND (state = 'moved'::text)) OR ((NOT (state = 'moved'::text)) AND (moved_to IS NULL)))),
    CONSTRAINT a_request_has_a_known_state CHECK ((state = ANY (ARRAY['open'::text, 'moved'::text, 'kept'::text, 'declined'::text, 'lapsed'::text, 'withdrawn'::text, 'superseded'::text, 'void'::text, 'undone'::text]))),
    CONSTRAINT a_request_is_open_or_has_its_ending CHECK ((((settled_at IS NULL) AND (settled_by IS NULL) AND (state = 'open'::text)) OR ((NOT (state = 'open'::text)) AND (settled_at IS NOT NULL) AND (settled_by IS NOT NULL)))),
    CONSTRAINT a_request_is_reminded_of_by_hand_twice_at_most CHECK ((((reminded_by_hand = 0) AND (reminded_by_hand_at IS NULL)) OR ((reminded_by_hand > 0) AND (reminded_by_hand <= 2) AND (reminded_by_hand_at IS NOT NULL)))),
    CONSTRAINT a_request_waits_for_a_known_reason CHECK ((needs_provider = ANY (ARRAY['not_handed_over'::text, 'do_not_auto_cancel'::text, 'spared'::text, 'outage'::text, 'swept_too_late'::text, 'no_room_after_zone_change'::text, 'restored'::text, 'provider_left'::text]))),
    CONSTRAINT only_what_was_offered_by_video_is_kept CHECK (((NOT (state = 'kept'::text)) OR video_offered)),
    CONSTRAINT raincheck_reschedulerequest_reminded_by_hand_check CHECK ((reminded_by_hand >= 0)),
    CONSTRAINT raincheck_reschedulerequest_reminders_sent_check CHECK ((reminders_sent >= 0))
)
WITH (autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='2000');

ALTER TABLE public.raincheck_reschedulerequest ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.raincheck_reschedulerequest_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.raincheck_rightshistory (
    id bigint NOT NULL,
    event text NOT NULL,
    at timestamp with time zone NOT NULL,
    actor_kind text NOT NULL,
    actor bigint,
    trace_id text NOT NULL,
    details jsonb NOT NULL,
    practice_id bigint NOT NULL,
    user_id bigint NOT NULL,
    CONSTRAINT a_change_of_rights_is_of_a_known_kind CHECK ((event = ANY (ARRAY['joined'::text, 'details_changed'::text, 'roles_changed'::text, 'ended'::text, 'given_back'::text, 'second_factor_reset'::text]))),
    CONSTRAINT a_change_of_rights_names_a_known_actor CHECK ((actor_kind = ANY (ARRAY['client_by_link'::text, 'client'::text, 'provider'::text, 'manager'::text, 'scheduler'::text, 'system'::text, 'operator'::text])))
);

ALTER TABLE public.raincheck_rightshistory ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.raincheck_rightshistory_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.raincheck_sealedrow (
    "row" bigint NOT NULL,
    chain bigint NOT NULL,
    place bigint NOT NULL,
    seal bytea NOT NULL
);

CREATE TABLE public.raincheck_series (
    id bigint NOT NULL,
    ref uuid NOT NULL,
    every_weeks smallint NOT NULL,
    begins_on date NOT NULL,
    ends_on date,
    client_id bigint NOT NULL,
    practice_id bigint NOT NULL,
    provider_id bigint NOT NULL,
    count smallint,
    ical_sequence integer NOT NULL,
    join_url character varying(200) NOT NULL,
    length interval NOT NULL,
    made_until date NOT NULL,
    place_id bigint NOT NULL,
    type_id bigint NOT NULL,
    wall_time time without time zone NOT NULL,
    zone text NOT NULL,
    CONSTRAINT a_series_has_as_many_times_as_allowed CHECK (((count >= 1) AND (count <= 104))),
    CONSTRAINT a_series_repeats_within_a_year CHECK (((every_weeks >= 1) AND (every_weeks <= 52))),
    CONSTRAINT raincheck_series_count_check CHECK ((count >= 0)),
    CONSTRAINT raincheck_series_every_weeks_check CHECK ((every_weeks >= 0)),
    CONSTRAINT raincheck_series_ical_sequence_check CHECK ((ical_sequence >= 0)),
    CONSTRAINT sessions_of_a_series_are_as_long_as_allowed CHECK (((length >= '00:05:00'::interval) AND (length <= '08:00:00'::interval)))
);

ALTER TABLE public.raincheck_series ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.raincheck_series_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.raincheck_quarantined ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.raincheck_setaside_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.raincheck_task (
    id bigint NOT NULL,
    ref uuid NOT NULL,
    kind text NOT NULL,
    made_at timestamp with time zone NOT NULL,
    for_managers_at timestamp with time zone NOT NULL,
    done_at timestamp with time zone,
    appointment_id bigint,
    client_id bigint,
    notification_id bigint,
    practice_id bigint NOT NULL,
    provider_id bigint NOT NULL,
    request_id bigint,
    calendar_id bigint,
    series_id bigint,
    starts_at timestamp with time zone,
    CONSTRAINT a_task_has_a_known_kind CHECK ((kind = ANY (ARRAY['not_delivered'::text, 'client_wrote'::text, 'needs_provider'::text, 'no_open_times'::text, 'intake_lapsed'::text, 'what_happened'::text, 'nobody_came'::text, 'link_not_theirs'::text, 'zone_clash'::text, 'calendar_failing'::text, 'calendar_not_written'::text, 'conflict'::text, 'not_done'::text, 'series_clash'::text, 'room_shared'::text, 'needed_by'::text, 'check_license'::text])))
);

ALTER TABLE public.raincheck_task ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.raincheck_task_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.raincheck_unsealedrow (
    "row" bigint NOT NULL,
    chain bigint NOT NULL
);

CREATE TABLE public.raincheck_user (
    id bigint NOT NULL,
    password character varying(128) NOT NULL,
    last_login timestamp with time zone,
    is_superuser boolean NOT NULL,
    ref uuid NOT NULL,
    email character varying(254) NOT NULL,
    name text NOT NULL,
    is_active boolean NOT NULL,
    CONSTRAINT an_email_is_kept_in_small_letters CHECK (((email)::text = lower((email)::text)))
);

CREATE TABLE public.raincheck_user_groups (
    id bigint NOT NULL,
    user_id bigint NOT NULL,
    group_id integer NOT NULL
);

ALTER TABLE public.raincheck_user_groups ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.raincheck_user_groups_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.raincheck_user ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.raincheck_user_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.raincheck_user_user_permissions (
    id bigint NOT NULL,
    user_id bigint NOT NULL,
    permission_id integer NOT NULL
);

ALTER TABLE public.raincheck_user_user_permissions ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.raincheck_user_user_permissions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.raincheck_usersession (
    id bigint NOT NULL,
    ref uuid NOT NULL,
    key character varying(40) NOT NULL,
    way text NOT NULL,
    device text NOT NULL,
    network text NOT NULL,
    made_at timestamp with time zone NOT NULL,
    last_seen_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    user_id bigint NOT NULL,
    CONSTRAINT a_session_began_in_a_known_way CHECK ((way = ANY (ARRAY['password'::text, 'code'::text, 'passkey'::text, 'demo'::text])))
);

ALTER TABLE public.raincheck_usersession ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.raincheck_usersession_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.raincheck_zonerules (
    id bigint NOT NULL,
    version text NOT NULL,
    applied_at timestamp with time zone NOT NULL
);

ALTER TABLE public.raincheck_zonerules ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.raincheck_zonerules_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE ONLY public.procrastinate_events ALTER COLUMN id SET DEFAULT nextval('public.procrastinate_events_id_seq'::regclass);

ALTER TABLE ONLY public.procrastinate_jobs ALTER COLUMN id SET DEFAULT nextval('public.procrastinate_jobs_id_seq'::regclass);

ALTER TABLE ONLY public.procrastinate_periodic_defers ALTER COLUMN id SET DEFAULT nextval('public.procrastinate_periodic_defers_id_seq'::regclass);

INSERT INTO public.auth_permission VALUES (1, 'Can add permission', 1, 'add_permission');
INSERT INTO public.auth_permission VALUES (2, 'Can change permission', 1, 'change_permission');
INSERT INTO public.auth_permission VALUES (3, 'Can delete permission', 1, 'delete_permission');
INSERT INTO public.auth_permission VALUES (4, 'Can view permission', 1, 'view_permission');
INSERT INTO public.auth_permission VALUES (5, 'Can add group', 2, 'add_group');
INSERT INTO public.auth_permission VALUES (6, 'Can change group', 2, 'change_group');
INSERT INTO public.auth_permission VALUES (7, 'Can delete group', 2, 'delete_group');
INSERT INTO public.auth_permission VALUES (8, 'Can view group', 2, 'view_group');
INSERT INTO public.auth_permission VALUES (9, 'Can add content type', 3, 'add_contenttype');
INSERT INTO public.auth_permission VALUES (10, 'Can change content type', 3, 'change_contenttype');
INSERT INTO public.auth_permission VALUES (11, 'Can delete content type', 3, 'delete_contenttype');
INSERT INTO public.auth_permission VALUES (12, 'Can view content type', 3, 'view_contenttype');
INSERT INTO public.auth_permission VALUES (13, 'Can add session', 4, 'add_session');
INSERT INTO public.auth_permission VALUES (14, 'Can change session', 4, 'change_session');
INSERT INTO public.auth_permission VALUES (15, 'Can delete session', 4, 'delete_session');
INSERT INTO public.auth_permission VALUES (16, 'Can view session', 4, 'view_session');
INSERT INTO public.auth_permission VALUES (17, 'Can add email address', 5, 'add_emailaddress');
INSERT INTO public.auth_permission VALUES (18, 'Can change email address', 5, 'change_emailaddress');
INSERT INTO public.auth_permission VALUES (19, 'Can delete email address', 5, 'delete_emailaddress');
INSERT INTO public.auth_permission VALUES (20, 'Can view email address', 5, 'view_emailaddress');
INSERT INTO public.auth_permission VALUES (21, 'Can add email confirmation', 6, 'add_emailconfirmation');
INSERT INTO public.auth_permission VALUES (22, 'Can change email confirmation', 6, 'change_emailconfirmation');
INSERT INTO public.auth_permission VALUES (23, 'Can delete email confirmation', 6, 'delete_emailconfirmation');
INSERT INTO public.auth_permission VALUES (24, 'Can view email confirmation', 6, 'view_emailconfirmation');
INSERT INTO public.auth_permission VALUES (25, 'Can add authenticator', 7, 'add_authenticator');
INSERT INTO public.auth_permission VALUES (26, 'Can change authenticator', 7, 'change_authenticator');
INSERT INTO public.auth_permission VALUES (27, 'Can delete authenticator', 7, 'delete_authenticator');
INSERT INTO public.auth_permission VALUES (28, 'Can view authenticator', 7, 'view_authenticator');
INSERT INTO public.auth_permission VALUES (29, 'Can add procrastinate event', 8, 'add_procrastinateevent');
INSERT INTO public.auth_permission VALUES (30, 'Can change procrastinate event', 8, 'change_procrastinateevent');
INSERT INTO public.auth_permission VALUES (31, 'Can delete procrastinate event', 8, 'delete_procrastinateevent');
INSERT INTO public.auth_permission VALUES (32, 'Can view procrastinate event', 8, 'view_procrastinateevent');
INSERT INTO public.auth_permission VALUES (33, 'Can add procrastinate job', 9, 'add_procrastinatejob');
INSERT INTO public.auth_permission VALUES (34, 'Can change procrastinate job', 9, 'change_procrastinatejob');
INSERT INTO public.auth_permission VALUES (35, 'Can delete procrastinate job', 9, 'delete_procrastinatejob');
INSERT INTO public.auth_permission VALUES (36, 'Can view procrastinate job', 9, 'view_procrastinatejob');
INSERT INTO public.auth_permission VALUES (37, 'Can add procrastinate periodic defer', 10, 'add_procrastinateperiodicdefer');
INSERT INTO public.auth_permission VALUES (38, 'Can change procrastinate periodic defer', 10, 'change_procrastinateperiodicdefer');
INSERT INTO public.auth_permission VALUES (39, 'Can delete procrastinate periodic defer', 10, 'delete_procrastinateperiodicdefer');
INSERT INTO public.auth_permission VALUES (40, 'Can view procrastinate periodic defer', 10, 'view_procrastinateperiodicdefer');
INSERT INTO public.auth_permission VALUES (41, 'Can add procrastinate worker', 11, 'add_procrastinateworker');
INSERT INTO public.auth_permission VALUES (42, 'Can change procrastinate worker', 11, 'change_procrastinateworker');
INSERT INTO public.auth_permission VALUES (43, 'Can delete procrastinate worker', 11, 'delete_procrastinateworker');
INSERT INTO public.auth_permission VALUES (44, 'Can view procrastinate worker', 11, 'view_procrastinateworker');
INSERT INTO public.auth_permission VALUES (45, 'Can add appointment type', 12, 'add_appointmenttype');
INSERT INTO public.auth_permission VALUES (46, 'Can change appointment type', 12, 'change_appointmenttype');
INSERT INTO public.auth_permission VALUES (47, 'Can delete appointment type', 12, 'delete_appointmenttype');
INSERT INTO public.auth_permission VALUES (48, 'Can view appointment type', 12, 'view_appointmenttype');
INSERT INTO public.auth_permission VALUES (49, 'Can add client', 13, 'add_client');
INSERT INTO public.auth_permission VALUES (50, 'Can change client', 13, 'change_client');
INSERT INTO public.auth_permission VALUES (51, 'Can delete client', 13, 'delete_client');
INSERT INTO public.auth_permission VALUES (52, 'Can view client', 13, 'view_client');
INSERT INTO public.auth_permission VALUES (53, 'Can add notification', 14, 'add_notification');
INSERT INTO public.auth_permission VALUES (54, 'Can change notification', 14, 'change_notification');
INSERT INTO public.auth_permission VALUES (55, 'Can delete notification', 14, 'delete_notification');
INSERT INTO public.auth_permission VALUES (56, 'Can view notification', 14, 'view_notification');
INSERT INTO public.auth_permission VALUES (57, 'Can add place', 15, 'add_place');
INSERT INTO public.auth_permission VALUES (58, 'Can change place', 15, 'change_place');
INSERT INTO public.auth_permission VALUES (59, 'Can delete place', 15, 'delete_place');
INSERT INTO public.auth_permission VALUES (60, 'Can view place', 15, 'view_place');
INSERT INTO public.auth_permission VALUES (61, 'Can add practice', 16, 'add_practice');
INSERT INTO public.auth_permission VALUES (62, 'Can change practice', 16, 'change_practice');
INSERT INTO public.auth_permission VALUES (63, 'Can delete practice', 16, 'delete_practice');
INSERT INTO public.auth_permission VALUES (64, 'Can view practice', 16, 'view_practice');
INSERT INTO public.auth_permission VALUES (65, 'Can add user', 17, 'add_user');
INSERT INTO public.auth_permission VALUES (66, 'Can change user', 17, 'change_user');
INSERT INTO public.auth_permission VALUES (67, 'Can delete user', 17, 'delete_user');
INSERT INTO public.auth_permission VALUES (68, 'Can view user', 17, 'view_user');
INSERT INTO public.auth_permission VALUES (69, 'Can add appointment', 18, 'add_appointment');
INSERT INTO public.auth_permission VALUES (70, 'Can change appointment', 18, 'change_appointment');
INSERT INTO public.auth_permission VALUES (71, 'Can delete appointment', 18, 'delete_appointment');
INSERT INTO public.auth_permission VALUES (72, 'Can view appointment', 18, 'view_appointment');
INSERT INTO public.auth_permission VALUES (73, 'Can add delivery attempt', 19, 'add_deliveryattempt');
INSERT INTO public.auth_permission VALUES (74, 'Can change delivery attempt', 19, 'change_deliveryattempt');
INSERT INTO public.auth_permission VALUES (75, 'Can delete delivery attempt', 19, 'delete_deliveryattempt');
INSERT INTO public.auth_permission VALUES (76, 'Can view delivery attempt', 19, 'view_deliveryattempt');
INSERT INTO public.auth_permission VALUES (77, 'Can add busy calendar', 20, 'add_busycalendar');
INSERT INTO public.auth_permission VALUES (78, 'Can change busy calendar', 20, 'change_busycalendar');
INSERT INTO public.auth_permission VALUES (79, 'Can delete busy calendar', 20, 'delete_busycalendar');
INSERT INTO public.auth_permission VALUES (80, 'Can view busy calendar', 20, 'view_busycalendar');
INSERT INTO public.auth_permission VALUES (81, 'Can add provider', 21, 'add_provider');
INSERT INTO public.auth_permission VALUES (82, 'Can change provider', 21, 'change_provider');
INSERT INTO public.auth_permission VALUES (83, 'Can delete provider', 21, 'delete_provider');
INSERT INTO public.auth_permission VALUES (84, 'Can view provider', 21, 'view_provider');
INSERT INTO public.auth_permission VALUES (85, 'Can add membership', 22, 'add_membership');
INSERT INTO public.auth_permission VALUES (86, 'Can change membership', 22, 'change_membership');
INSERT INTO public.auth_permission VALUES (87, 'Can delete membership', 22, 'delete_membership');
INSERT INTO public.auth_permission VALUES (88, 'Can view membership', 22, 'view_membership');
INSERT INTO public.auth_permission VALUES (89, 'Can add hold', 23, 'add_hold');
INSERT INTO public.auth_permission VALUES (90, 'Can change hold', 23, 'change_hold');
INSERT INTO public.auth_permission VALUES (91, 'Can delete hold', 23, 'delete_hold');
INSERT INTO public.auth_permission VALUES (92, 'Can view hold', 23, 'view_hold');
INSERT INTO public.auth_permission VALUES (93, 'Can add conversation', 24, 'add_conversation');
INSERT INTO public.auth_permission VALUES (94, 'Can change conversation', 24, 'change_conversation');
INSERT INTO public.auth_permission VALUES (95, 'Can delete conversation', 24, 'delete_conversation');
INSERT INTO public.auth_permission VALUES (96, 'Can view conversation', 24, 'view_conversation');
INSERT INTO public.auth_permission VALUES (97, 'Can add claim', 25, 'add_claim');
INSERT INTO public.auth_permission VALUES (98, 'Can change claim', 25, 'change_claim');
INSERT INTO public.auth_permission VALUES (99, 'Can delete claim', 25, 'delete_claim');
INSERT INTO public.auth_permission VALUES (100, 'Can view claim', 25, 'view_claim');
INSERT INTO public.auth_permission VALUES (101, 'Can add busy time', 26, 'add_busytime');
INSERT INTO public.auth_permission VALUES (102, 'Can change busy time', 26, 'change_busytime');
INSERT INTO public.auth_permission VALUES (103, 'Can delete busy time', 26, 'delete_busytime');
INSERT INTO public.auth_permission VALUES (104, 'Can view busy time', 26, 'view_busytime');
INSERT INTO public.auth_permission VALUES (105, 'Can add read log', 27, 'add_readlog');
INSERT INTO public.auth_permission VALUES (106, 'Can change read log', 27, 'change_readlog');
INSERT INTO public.auth_permission VALUES (107, 'Can delete read log', 27, 'delete_readlog');
INSERT INTO public.auth_permission VALUES (108, 'Can view read log', 27, 'view_readlog');
INSERT INTO public.auth_permission VALUES (109, 'Can add rebook offer', 28, 'add_rebookoffer');
INSERT INTO public.auth_permission VALUES (110, 'Can change rebook offer', 28, 'change_rebookoffer');
INSERT INTO public.auth_permission VALUES (111, 'Can delete rebook offer', 28, 'delete_rebookoffer');
INSERT INTO public.auth_permission VALUES (112, 'Can view rebook offer', 28, 'view_rebookoffer');
INSERT INTO public.auth_permission VALUES (113, 'Can add recipient', 29, 'add_recipient');
INSERT INTO public.auth_permission VALUES (114, 'Can change recipient', 29, 'change_recipient');
INSERT INTO public.auth_permission VALUES (115, 'Can delete recipient', 29, 'delete_recipient');
INSERT INTO public.auth_permission VALUES (116, 'Can view recipient', 29, 'view_recipient');
INSERT INTO public.auth_permission VALUES (117, 'Can add reschedule batch', 30, 'add_reschedulebatch');
INSERT INTO public.auth_permission VALUES (118, 'Can change reschedule batch', 30, 'change_reschedulebatch');
INSERT INTO public.auth_permission VALUES (119, 'Can delete reschedule batch', 30, 'delete_reschedulebatch');
INSERT INTO public.auth_permission VALUES (120, 'Can view reschedule batch', 30, 'view_reschedulebatch');
INSERT INTO public.auth_permission VALUES (121, 'Can add out of office', 31, 'add_outofoffice');
INSERT INTO public.auth_permission VALUES (122, 'Can change out of office', 31, 'change_outofoffice');
INSERT INTO public.auth_permission VALUES (123, 'Can delete out of office', 31, 'delete_outofoffice');
INSERT INTO public.auth_permission VALUES (124, 'Can view out of office', 31, 'view_outofoffice');
INSERT INTO public.auth_permission VALUES (125, 'Can add message', 32, 'add_message');
INSERT INTO public.auth_permission VALUES (126, 'Can change message', 32, 'change_message');
INSERT INTO public.auth_permission VALUES (127, 'Can delete message', 32, 'delete_message');
INSERT INTO public.auth_permission VALUES (128, 'Can view message', 32, 'view_message');
INSERT INTO public.auth_permission VALUES (129, 'Can add link', 33, 'add_link');
INSERT INTO public.auth_permission VALUES (130, 'Can change link', 33, 'change_link');
INSERT INTO public.auth_permission VALUES (131, 'Can delete link', 33, 'delete_link');
INSERT INTO public.auth_permission VALUES (132, 'Can view link', 33, 'view_link');
INSERT INTO public.auth_permission VALUES (133, 'Can add reschedule request', 34, 'add_reschedulerequest');
INSERT INTO public.auth_permission VALUES (134, 'Can change reschedule request', 34, 'change_reschedulerequest');
INSERT INTO public.auth_permission VALUES (135, 'Can delete reschedule request', 34, 'delete_reschedulerequest');
INSERT INTO public.auth_permission VALUES (136, 'Can view reschedule request', 34, 'view_reschedulerequest');
INSERT INTO public.auth_permission VALUES (137, 'Can add notification appointment', 35, 'add_notificationappointment');
INSERT INTO public.auth_permission VALUES (138, 'Can change notification appointment', 35, 'change_notificationappointment');
INSERT INTO public.auth_permission VALUES (139, 'Can delete notification appointment', 35, 'delete_notificationappointment');
INSERT INTO public.auth_permission VALUES (140, 'Can view notification appointment', 35, 'view_notificationappointment');
INSERT INTO public.auth_permission VALUES (141, 'Can add appointment history', 36, 'add_appointmenthistory');
INSERT INTO public.auth_permission VALUES (142, 'Can change appointment history', 36, 'change_appointmenthistory');
INSERT INTO public.auth_permission VALUES (143, 'Can delete appointment history', 36, 'delete_appointmenthistory');
INSERT INTO public.auth_permission VALUES (144, 'Can view appointment history', 36, 'view_appointmenthistory');
INSERT INTO public.auth_permission VALUES (145, 'Can add series', 37, 'add_series');
INSERT INTO public.auth_permission VALUES (146, 'Can change series', 37, 'change_series');
INSERT INTO public.auth_permission VALUES (147, 'Can delete series', 37, 'delete_series');
INSERT INTO public.auth_permission VALUES (148, 'Can view series', 37, 'view_series');
INSERT INTO public.auth_permission VALUES (149, 'Can add task', 38, 'add_task');
INSERT INTO public.auth_permission VALUES (150, 'Can change task', 38, 'change_task');
INSERT INTO public.auth_permission VALUES (151, 'Can delete task', 38, 'delete_task');
INSERT INTO public.auth_permission VALUES (152, 'Can view task', 38, 'view_task');
INSERT INTO public.auth_permission VALUES (153, 'Can add calendar feed', 39, 'add_calendarfeed');
INSERT INTO public.auth_permission VALUES (154, 'Can change calendar feed', 39, 'change_calendarfeed');
INSERT INTO public.auth_permission VALUES (155, 'Can delete calendar feed', 39, 'delete_calendarfeed');
INSERT INTO public.auth_permission VALUES (156, 'Can view calendar feed', 39, 'view_calendarfeed');
INSERT INTO public.auth_permission VALUES (157, 'Can add zone rules', 40, 'add_zonerules');
INSERT INTO public.auth_permission VALUES (158, 'Can change zone rules', 40, 'change_zonerules');
INSERT INTO public.auth_permission VALUES (159, 'Can delete zone rules', 40, 'delete_zonerules');
INSERT INTO public.auth_permission VALUES (160, 'Can view zone rules', 40, 'view_zonerules');
INSERT INTO public.auth_permission VALUES (161, 'Can add practice history', 41, 'add_practicehistory');
INSERT INTO public.auth_permission VALUES (162, 'Can change practice history', 41, 'change_practicehistory');
INSERT INTO public.auth_permission VALUES (163, 'Can delete practice history', 41, 'delete_practicehistory');
INSERT INTO public.auth_permission VALUES (164, 'Can view practice history', 41, 'view_practicehistory');
INSERT INTO public.auth_permission VALUES (165, 'Can add availability history', 42, 'add_availabilityhistory');
INSERT INTO public.auth_permission VALUES (166, 'Can change availability history', 42, 'change_availabilityhistory');
INSERT INTO public.auth_permission VALUES (167, 'Can delete availability history', 42, 'delete_availabilityhistory');
INSERT INTO public.auth_permission VALUES (168, 'Can view availability history', 42, 'view_availabilityhistory');
INSERT INTO public.auth_permission VALUES (169, 'Can add heartbeat', 43, 'add_heartbeat');
INSERT INTO public.auth_permission VALUES (170, 'Can change heartbeat', 43, 'change_heartbeat');
INSERT INTO public.auth_permission VALUES (171, 'Can delete heartbeat', 43, 'delete_heartbeat');
INSERT INTO public.auth_permission VALUES (172, 'Can view heartbeat', 43, 'view_heartbeat');
INSERT INTO public.auth_permission VALUES (173, 'Can add outage', 44, 'add_outage');
INSERT INTO public.auth_permission VALUES (174, 'Can change outage', 44, 'change_outage');
INSERT INTO public.auth_permission VALUES (175, 'Can delete outage', 44, 'delete_outage');
INSERT INTO public.auth_permission VALUES (176, 'Can view outage', 44, 'view_outage');
INSERT INTO public.auth_permission VALUES (177, 'Can add idempotency key', 45, 'add_idempotencykey');
INSERT INTO public.auth_permission VALUES (178, 'Can change idempotency key', 45, 'change_idempotencykey');
INSERT INTO public.auth_permission VALUES (179, 'Can delete idempotency key', 45, 'delete_idempotencykey');
INSERT INTO public.auth_permission VALUES (180, 'Can view idempotency key', 45, 'view_idempotencykey');
INSERT INTO public.auth_permission VALUES (181, 'Can add quarantined', 46, 'add_quarantined');
INSERT INTO public.auth_permission VALUES (182, 'Can change quarantined', 46, 'change_quarantined');
INSERT INTO public.auth_permission VALUES (183, 'Can delete quarantined', 46, 'delete_quarantined');
INSERT INTO public.auth_permission VALUES (184, 'Can view quarantined', 46, 'view_quarantined');
INSERT INTO public.auth_permission VALUES (185, 'Can add calendar push', 47, 'add_calendarpush');
INSERT INTO public.auth_permission VALUES (186, 'Can change calendar push', 47, 'change_calendarpush');
INSERT INTO public.auth_permission VALUES (187, 'Can delete calendar push', 47, 'delete_calendarpush');
INSERT INTO public.auth_permission VALUES (188, 'Can view calendar push', 47, 'view_calendarpush');
INSERT INTO public.auth_permission VALUES (189, 'Can add pushed event', 48, 'add_pushedevent');
INSERT INTO public.auth_permission VALUES (190, 'Can change pushed event', 48, 'change_pushedevent');
INSERT INTO public.auth_permission VALUES (191, 'Can delete pushed event', 48, 'delete_pushedevent');
INSERT INTO public.auth_permission VALUES (192, 'Can view pushed event', 48, 'view_pushedevent');
INSERT INTO public.auth_permission VALUES (193, 'Can add rate limit', 49, 'add_ratelimit');
INSERT INTO public.auth_permission VALUES (194, 'Can change rate limit', 49, 'change_ratelimit');
INSERT INTO public.auth_permission VALUES (195, 'Can delete rate limit', 49, 'delete_ratelimit');
INSERT INTO public.auth_permission VALUES (196, 'Can view rate limit', 49, 'view_ratelimit');
INSERT INTO public.auth_permission VALUES (197, 'Can add kept page', 50, 'add_keptpage');
INSERT INTO public.auth_permission VALUES (198, 'Can change kept page', 50, 'change_keptpage');
INSERT INTO public.auth_permission VALUES (199, 'Can delete kept page', 50, 'delete_keptpage');
INSERT INTO public.auth_permission VALUES (200, 'Can view kept page', 50, 'view_keptpage');
INSERT INTO public.auth_permission VALUES (201, 'Can add backup', 51, 'add_backup');
INSERT INTO public.auth_permission VALUES (202, 'Can change backup', 51, 'change_backup');
INSERT INTO public.auth_permission VALUES (203, 'Can delete backup', 51, 'delete_backup');
INSERT INTO public.auth_permission VALUES (204, 'Can view backup', 51, 'view_backup');
INSERT INTO public.auth_permission VALUES (205, 'Can add client history', 52, 'add_clienthistory');
INSERT INTO public.auth_permission VALUES (206, 'Can change client history', 52, 'change_clienthistory');
INSERT INTO public.auth_permission VALUES (207, 'Can delete client history', 52, 'delete_clienthistory');
INSERT INTO public.auth_permission VALUES (208, 'Can view client history', 52, 'view_clienthistory');
INSERT INTO public.auth_permission VALUES (209, 'Can add invitation', 53, 'add_invitation');
INSERT INTO public.auth_permission VALUES (210, 'Can change invitation', 53, 'change_invitation');
INSERT INTO public.auth_permission VALUES (211, 'Can delete invitation', 53, 'delete_invitation');
INSERT INTO public.auth_permission VALUES (212, 'Can view invitation', 53, 'view_invitation');
INSERT INTO public.auth_permission VALUES (213, 'Can add unsealed row', 54, 'add_unsealedrow');
INSERT INTO public.auth_permission VALUES (214, 'Can change unsealed row', 54, 'change_unsealedrow');
INSERT INTO public.auth_permission VALUES (215, 'Can delete unsealed row', 54, 'delete_unsealedrow');
INSERT INTO public.auth_permission VALUES (216, 'Can view unsealed row', 54, 'view_unsealedrow');
INSERT INTO public.auth_permission VALUES (217, 'Can add sealed row', 55, 'add_sealedrow');
INSERT INTO public.auth_permission VALUES (218, 'Can change sealed row', 55, 'change_sealedrow');
INSERT INTO public.auth_permission VALUES (219, 'Can delete sealed row', 55, 'delete_sealedrow');
INSERT INTO public.auth_permission VALUES (220, 'Can view sealed row', 55, 'view_sealedrow');
INSERT INTO public.auth_permission VALUES (221, 'Can add log chain', 56, 'add_logchain');
INSERT INTO public.auth_permission VALUES (222, 'Can change log chain', 56, 'change_logchain');
INSERT INTO public.auth_permission VALUES (223, 'Can delete log chain', 56, 'delete_logchain');
INSERT INTO public.auth_permission VALUES (224, 'Can view log chain', 56, 'view_logchain');
INSERT INTO public.auth_permission VALUES (225, 'Can add rights history', 57, 'add_rightshistory');
INSERT INTO public.auth_permission VALUES (226, 'Can change rights history', 57, 'change_rightshistory');
INSERT INTO public.auth_permission VALUES (227, 'Can delete rights history', 57, 'delete_rightshistory');
INSERT INTO public.auth_permission VALUES (228, 'Can view rights history', 57, 'view_rightshistory');
INSERT INTO public.auth_permission VALUES (229, 'Can add import', 58, 'add_import');
INSERT INTO public.auth_permission VALUES (230, 'Can change import', 58, 'change_import');
INSERT INTO public.auth_permission VALUES (231, 'Can delete import', 58, 'delete_import');
INSERT INTO public.auth_permission VALUES (232, 'Can view import', 58, 'view_import');
INSERT INTO public.auth_permission VALUES (233, 'Can add import row', 59, 'add_importrow');
INSERT INTO public.auth_permission VALUES (234, 'Can change import row', 59, 'change_importrow');
INSERT INTO public.auth_permission VALUES (235, 'Can delete import row', 59, 'delete_importrow');
INSERT INTO public.auth_permission VALUES (236, 'Can view import row', 59, 'view_importrow');
INSERT INTO public.auth_permission VALUES (237, 'Can add client merge', 60, 'add_clientmerge');
INSERT INTO public.auth_permission VALUES (238, 'Can change client merge', 60, 'change_clientmerge');
INSERT INTO public.auth_permission VALUES (239, 'Can delete client merge', 60, 'delete_clientmerge');
INSERT INTO public.auth_permission VALUES (240, 'Can view client merge', 60, 'view_clientmerge');
INSERT INTO public.auth_permission VALUES (241, 'Can add different people', 61, 'add_differentpeople');
INSERT INTO public.auth_permission VALUES (242, 'Can change different people', 61, 'change_differentpeople');
INSERT INTO public.auth_permission VALUES (243, 'Can delete different people', 61, 'delete_differentpeople');
INSERT INTO public.auth_permission VALUES (244, 'Can view different people', 61, 'view_differentpeople');
INSERT INTO public.auth_permission VALUES (245, 'Can add user session', 62, 'add_usersession');
INSERT INTO public.auth_permission VALUES (246, 'Can change user session', 62, 'change_usersession');
INSERT INTO public.auth_permission VALUES (247, 'Can delete user session', 62, 'delete_usersession');
INSERT INTO public.auth_permission VALUES (248, 'Can view user session', 62, 'view_usersession');
INSERT INTO public.auth_permission VALUES (249, 'Can add record key', 63, 'add_recordkey');
INSERT INTO public.auth_permission VALUES (250, 'Can change record key', 63, 'change_recordkey');
INSERT INTO public.auth_permission VALUES (251, 'Can delete record key', 63, 'delete_recordkey');
INSERT INTO public.auth_permission VALUES (252, 'Can view record key', 63, 'view_recordkey');
INSERT INTO public.auth_permission VALUES (253, 'Can add emergency access', 64, 'add_emergencyaccess');
INSERT INTO public.auth_permission VALUES (254, 'Can change emergency access', 64, 'change_emergencyaccess');
INSERT INTO public.auth_permission VALUES (255, 'Can delete emergency access', 64, 'delete_emergencyaccess');
INSERT INTO public.auth_permission VALUES (256, 'Can view emergency access', 64, 'view_emergencyaccess');
INSERT INTO public.auth_permission VALUES (257, 'Can add emergency reason', 65, 'add_emergencyreason');
INSERT INTO public.auth_permission VALUES (258, 'Can change emergency reason', 65, 'change_emergencyreason');
INSERT INTO public.auth_permission VALUES (259, 'Can delete emergency reason', 65, 'delete_emergencyreason');
INSERT INTO public.auth_permission VALUES (260, 'Can view emergency reason', 65, 'view_emergencyreason');
INSERT INTO public.auth_permission VALUES (261, 'Can add appearance', 66, 'add_appearance');
INSERT INTO public.auth_permission VALUES (262, 'Can change appearance', 66, 'change_appearance');
INSERT INTO public.auth_permission VALUES (263, 'Can delete appearance', 66, 'delete_appearance');
INSERT INTO public.auth_permission VALUES (264, 'Can view appearance', 66, 'view_appearance');
INSERT INTO public.auth_permission VALUES (265, 'Can add log cut', 67, 'add_logcut');
INSERT INTO public.auth_permission VALUES (266, 'Can change log cut', 67, 'change_logcut');
INSERT INTO public.auth_permission VALUES (267, 'Can delete log cut', 67, 'delete_logcut');
INSERT INTO public.auth_permission VALUES (268, 'Can view log cut', 67, 'view_logcut');

INSERT INTO public.django_content_type VALUES (1, 'auth', 'permission');
INSERT INTO public.django_content_type VALUES (2, 'auth', 'group');
INSERT INTO public.django_content_type VALUES (3, 'contenttypes', 'contenttype');
INSERT INTO public.django_content_type VALUES (4, 'sessions', 'session');
INSERT INTO public.django_content_type VALUES (5, 'account', 'emailaddress');
INSERT INTO public.django_content_type VALUES (6, 'account', 'emailconfirmation');
INSERT INTO public.django_content_type VALUES (7, 'mfa', 'authenticator');
INSERT INTO public.django_content_type VALUES (8, 'procrastinate', 'procrastinateevent');
INSERT INTO public.django_content_type VALUES (9, 'procrastinate', 'procrastinatejob');
INSERT INTO public.django_content_type VALUES (10, 'procrastinate', 'procrastinateperiodicdefer');
INSERT INTO public.django_content_type VALUES (11, 'procrastinate', 'procrastinateworker');
INSERT INTO public.django_content_type VALUES (12, 'raincheck', 'appointmenttype');
INSERT INTO public.django_content_type VALUES (13, 'raincheck', 'client');
INSERT INTO public.django_content_type VALUES (14, 'raincheck', 'notification');
INSERT INTO public.django_content_type VALUES (15, 'raincheck', 'place');
INSERT INTO public.django_content_type VALUES (16, 'raincheck', 'practice');
INSERT INTO public.django_content_type VALUES (17, 'raincheck', 'user');
INSERT INTO public.django_content_type VALUES (18, 'raincheck', 'appointment');
INSERT INTO public.django_content_type VALUES (19, 'raincheck', 'deliveryattempt');
INSERT INTO public.django_content_type VALUES (20, 'raincheck', 'busycalendar');
INSERT INTO public.django_content_type VALUES (21, 'raincheck', 'provider');
INSERT INTO public.django_content_type VALUES (22, 'raincheck', 'membership');
INSERT INTO public.django_content_type VALUES (23, 'raincheck', 'hold');
INSERT INTO public.django_content_type VALUES (24, 'raincheck', 'conversation');
INSERT INTO public.django_content_type VALUES (25, 'raincheck', 'claim');
INSERT INTO public.django_content_type VALUES (26, 'raincheck', 'busytime');
INSERT INTO public.django_content_type VALUES (27, 'raincheck', 'readlog');
INSERT INTO public.django_content_type VALUES (28, 'raincheck', 'rebookoffer');
INSERT INTO public.django_content_type VALUES (29, 'raincheck', 'recipient');
INSERT INTO public.django_content_type VALUES (30, 'raincheck', 'reschedulebatch');
INSERT INTO public.django_content_type VALUES (31, 'raincheck', 'outofoffice');
INSERT INTO public.django_content_type VALUES (32, 'raincheck', 'message');
INSERT INTO public.django_content_type VALUES (33, 'raincheck', 'link');
INSERT INTO public.django_content_type VALUES (34, 'raincheck', 'reschedulerequest');
INSERT INTO public.django_content_type VALUES (35, 'raincheck', 'notificationappointment');
INSERT INTO public.django_content_type VALUES (36, 'raincheck', 'appointmenthistory');
INSERT INTO public.django_content_type VALUES (37, 'raincheck', 'series');
INSERT INTO public.django_content_type VALUES (38, 'raincheck', 'task');
INSERT INTO public.django_content_type VALUES (39, 'raincheck', 'calendarfeed');
INSERT INTO public.django_content_type VALUES (40, 'raincheck', 'zonerules');
INSERT INTO public.django_content_type VALUES (41, 'raincheck', 'practicehistory');
INSERT INTO public.django_content_type VALUES (42, 'raincheck', 'availabilityhistory');
INSERT INTO public.django_content_type VALUES (43, 'raincheck', 'heartbeat');
INSERT INTO public.django_content_type VALUES (44, 'raincheck', 'outage');
INSERT INTO public.django_content_type VALUES (45, 'raincheck', 'idempotencykey');
INSERT INTO public.django_content_type VALUES (46, 'raincheck', 'quarantined');
INSERT INTO public.django_content_type VALUES (47, 'raincheck', 'calendarpush');
INSERT INTO public.django_content_type VALUES (48, 'raincheck', 'pushedevent');
INSERT INTO public.django_content_type VALUES (49, 'raincheck', 'ratelimit');
INSERT INTO public.django_content_type VALUES (50, 'raincheck', 'keptpage');
INSERT INTO public.django_content_type VALUES (51, 'raincheck', 'backup');
INSERT INTO public.django_content_type VALUES (52, 'raincheck', 'clienthistory');
INSERT INTO public.django_content_type VALUES (53, 'raincheck', 'invitation');
INSERT INTO public.django_content_type VALUES (54, 'raincheck', 'unsealedrow');
INSERT INTO public.django_content_type VALUES (55, 'raincheck', 'sealedrow');
INSERT INTO public.django_content_type VALUES (56, 'raincheck', 'logchain');
INSERT INTO public.django_content_type VALUES (57, 'raincheck', 'rightshistory');
INSERT INTO public.django_content_type VALUES (58, 'raincheck', 'import');
INSERT INTO public.django_content_type VALUES (59, 'raincheck', 'importrow');
INSERT INTO public.django_content_type VALUES (60, 'raincheck', 'clientmerge');
INSERT INTO public.django_content_type VALUES (61, 'raincheck', 'differentpeople');
INSERT INTO public.django_content_type VALUES (62, 'raincheck', 'usersession');
INSERT INTO public.django_content_type VALUES (63, 'raincheck', 'recordkey');
INSERT INTO public.django_content_type VALUES (64, 'raincheck', 'emergencyaccess');
INSERT INTO public.django_content_type VALUES (65, 'raincheck', 'emergencyreason');
INSERT INTO public.django_content_type VALUES (66, 'raincheck', 'appearance');
INSERT INTO public.django_content_type VALUES (67, 'raincheck', 'logcut');

INSERT INTO public.django_migrations VALUES (1, 'contenttypes', '0001_initial', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (2, 'contenttypes', '0002_remove_content_type_name', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (3, 'auth', '0001_initial', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (4, 'auth', '0002_alter_permission_name_max_length', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (5, 'auth', '0003_alter_user_email_max_length', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (6, 'auth', '0004_alter_user_username_opts', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (7, 'auth', '0005_alter_user_last_login_null', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (8, 'auth', '0006_require_contenttypes_0002', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (9, 'auth', '0007_alter_validators_add_error_messages', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (10, 'auth', '0008_alter_user_username_max_length', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (11, 'auth', '0009_alter_user_last_name_max_length', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (12, 'auth', '0010_alter_group_name_max_length', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (13, 'auth', '0011_update_proxy_permissions', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (14, 'auth', '0012_alter_user_first_name_max_length', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (15, 'raincheck', '0001_tables', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (16, 'account', '0001_initial', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (17, 'account', '0002_email_max_length', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (18, 'account', '0003_alter_emailaddress_create_unique_verified_email', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (19, 'account', '0004_alter_emailaddress_drop_unique_email', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (20, 'account', '0005_emailaddress_idx_upper_email', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (21, 'account', '0006_emailaddress_lower', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (22, 'account', '0007_emailaddress_idx_email', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (23, 'account', '0008_emailaddress_unique_primary_email_fixup', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (24, 'account', '0009_emailaddress_unique_primary_email', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (25, 'mfa', '0001_initial', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (26, 'mfa', '0002_authenticator_timestamps', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (27, 'mfa', '0003_authenticator_type_uniq', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (28, 'procrastinate', '0001_initial', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (29, 'procrastinate', '0002_drop_started_at_column', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (30, 'procrastinate', '0003_drop_started_at_column', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (31, 'procrastinate', '0004_drop_procrastinate_version_table', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (32, 'procrastinate', '0005_fix_procrastinate_fetch_job', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (33, 'procrastinate', '0006_fix_trigger_status_events_insert', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (34, 'procrastinate', '0007_add_queueing_lock_column', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (35, 'procrastinate', '0008_close_fetch_job_race_condition', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (36, 'procrastinate', '0009_add_defer_job_function', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (37, 'procrastinate', '0010_add_procrastinate_periodic_defers', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (38, 'procrastinate', '0011_add_foreign_key_index', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (39, 'procrastinate', '0012_add_locks_to_periodic_defer', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (40, 'procrastinate', '0013_fix_procrastinate_defer_periodic_job', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (41, 'procrastinate', '0014_add_finish_job_and_retry_job_functions', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (42, 'procrastinate', '0015_add_trigger_on_job_deletion', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (43, 'procrastinate', '0016_delete_finished_jobs', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (44, 'procrastinate', '0017_add_checks_to_finish_job', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (45, 'procrastinate', '0018_add_checks_to_retry_job', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (46, 'procrastinate', '0019_fix_finish_job_compat_issue', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (47, 'procrastinate', '0020_add_index_on_procrastinate_jobs', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (48, 'procrastinate', '0021_add_kwargs_to_defer_periodic_job', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (49, 'procrastinate', '0022_null_locks_excluded', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (50, 'procrastinate', '0023_remove_old_finish_job_function', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (51, 'procrastinate', '0024_job_id_bigint', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (52, 'procrastinate', '0025_add_models', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (53, 'procrastinate', '0026_add_job_priority', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (54, 'procrastinate', '0027_add_periodic_job_priority', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (55, 'procrastinate', '0028_add_cancel_states', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (56, 'procrastinate', '0029_add_additional_params_to_retry_job', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (57, 'procrastinate', '0030_alter_procrastinateevent_options', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (58, 'procrastinate', '0031_add_indexes_for_fetch_job', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (59, 'procrastinate', '0032_pre_cancel_notification', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (60, 'procrastinate', '0033_post_cancel_notification', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (61, 'procrastinate', '0034_pre_add_heartbeat', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (62, 'procrastinate', '0035_post_add_heartbeat', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (63, 'procrastinate', '0036_add_worker_model', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (64, 'procrastinate', '0037_pre_batch_defer_jobs', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (65, 'procrastinate', '0038_post_batch_defer_jobs', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (66, 'procrastinate', '0039_pre_priority_lock_fetch_job', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (67, 'procrastinate', '0040_pre_retry_failed_job', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (68, 'procrastinate', '0041_post_retry_failed_job', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (69, 'sessions', '0001_initial', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (70, 'raincheck', '0002_promises', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (71, 'raincheck', '0003_signing_in', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (72, 'raincheck', '0004_indexes_that_answer', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (73, 'raincheck', '0005_calendar_feeds', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (74, 'raincheck', '0006_zone_rules', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (75, 'raincheck', '0007_practice', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (76, 'raincheck', '0008_calendars_that_are_checked', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (77, 'raincheck', '0009_history_of_hours', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (78, 'raincheck', '0010_calendar_copies', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (79, 'raincheck', '0011_heartbeats', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (80, 'raincheck', '0012_set_aside', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (81, 'raincheck', '0013_outages', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (82, 'raincheck', '0014_figures_and_clocks', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (83, 'raincheck', '0015_messages_of_conversations', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (84, 'raincheck', '0016_field_words', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (85, 'raincheck', '0017_facts_of_notices', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (86, 'raincheck', '0018_calendar_pushes', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (87, 'raincheck', '0019_quick_lists', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (88, 'raincheck', '0020_kinds_of_notifications', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (89, 'raincheck', '0021_each_row_in_fewer_indexes', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (90, 'raincheck', '0022_rate_limits', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (91, 'raincheck', '0023_append_only_read_log', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (92, 'raincheck', '0024_gathered_notices', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (93, 'raincheck', '0025_pages_that_answered_forms', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (94, 'raincheck', '0026_restored_requests', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (95, 'raincheck', '0027_unnamed_proxies', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (96, 'raincheck', '0028_words_know_their_recipient', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (97, 'raincheck', '0029_search_by_any_letters', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (98, 'raincheck', '0030_practice_greeting', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (99, 'raincheck', '0031_links_to_conversations', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (100, 'raincheck', '0032_hashed_sessions', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (101, 'raincheck', '0033_backups_made', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (102, 'raincheck', '0034_told_of_waiting', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (103, 'raincheck', '0035_records_of_clients', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (104, 'raincheck', '0036_found_by_all_their_names', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (105, 'raincheck', '0037_numbers_of_clients', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (106, 'raincheck', '0038_no_cache', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (107, 'raincheck', '0039_schedulers', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (108, 'raincheck', '0040_whole_read_log', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (109, 'raincheck', '0041_invitations', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (110, 'raincheck', '0042_clients_by_usual_provider', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (111, 'raincheck', '0043_practices_being_set_up', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (112, 'raincheck', '0044_one_app_for_each_person', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (113, 'raincheck', '0045_chained_read_log', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (114, 'raincheck', '0046_peoples_rights', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (115, 'raincheck', '0047_files_brought_in', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (116, 'raincheck', '0048_merged_records', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (117, 'raincheck', '0049_rehearsals', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (118, 'raincheck', '0050_sessions_of_people', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (119, 'raincheck', '0051_keys_of_words', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (120, 'raincheck', '0052_reset_factors', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (121, 'raincheck', '0053_erased_files', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (122, 'raincheck', '0054_undone_imports', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (123, 'raincheck', '0055_passkeys', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (124, 'raincheck', '0056_calendars_brought_in', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (125, 'raincheck', '0057_emergency_access', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (126, 'raincheck', '0058_who_took_an_invitation_back', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (127, 'raincheck', '0059_after_the_session', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (128, 'raincheck', '0060_found_by_key', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (129, 'raincheck', '0061_payers_that_forbid_fees', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (130, 'raincheck', '0062_rebook_links_afterwards', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (131, 'raincheck', '0063_appointment_reminders', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (132, 'raincheck', '0064_appearances', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (133, 'raincheck', '0065_series', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (134, 'raincheck', '0066_series_that_go_on', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (135, 'raincheck', '0067_cuts_of_the_read_log', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (136, 'raincheck', '0068_series_set_aside', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (137, 'raincheck', '0069_appointments_set_aside', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (138, 'raincheck', '0070_more_time_and_reminders', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (139, 'raincheck', '0071_silence_by_policy', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (140, 'raincheck', '0072_series_of_files', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (141, 'raincheck', '0073_times_that_never_work', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (142, 'raincheck', '0074_kept_by_video', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (143, 'raincheck', '0075_time_to_undo', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (144, 'raincheck', '0076_rooms', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (145, 'raincheck', '0077_needed_by', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (146, 'raincheck', '0078_announced_times', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (147, 'raincheck', '0079_suggested_times', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (148, 'raincheck', '0080_visits_about_medicine', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (149, 'raincheck', '0081_undone_changes', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (150, 'raincheck', '0082_announced_rooms', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (151, 'raincheck', '0083_where_clients_will_be', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (152, 'raincheck', '0084_reinstated', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (153, 'raincheck', '0085_own_holds', '2000-01-01 00:00:00+00');
INSERT INTO public.django_migrations VALUES (154, 'raincheck', '0086_rooms_of_suggested_times', '2000-01-01 00:00:00+00');

INSERT INTO public.raincheck_recordkey VALUES (1, '\x', '2026-01-01 00:00:00+00', NULL);

SELECT pg_catalog.setval('public.account_emailaddress_id_seq', 1, false);

SELECT pg_catalog.setval('public.account_emailconfirmation_id_seq', 1, false);

SELECT pg_catalog.setval('public.auth_group_id_seq', 1, false);

SELECT pg_catalog.setval('public.auth_group_permissions_id_seq', 1, false);

SELECT pg_catalog.setval('public.auth_permission_id_seq', 268, true);

SELECT pg_catalog.setval('public.django_content_type_id_seq', 67, true);

SELECT pg_catalog.setval('public.django_migrations_id_seq', 154, true);

SELECT pg_catalog.setval('public.mfa_authenticator_id_seq', 1, false);

SELECT pg_catalog.setval('public.procrastinate_events_id_seq', 1, false);

SELECT pg_catalog.setval('public.procrastinate_jobs_id_seq', 1, false);

SELECT pg_catalog.setval('public.procrastinate_periodic_defers_id_seq', 1, false);

SELECT pg_catalog.setval('public.procrastinate_workers_id_seq', 1, false);

SELECT pg_catalog.setval('public.raincheck_act_id_seq', 1, false);

SELECT pg_catalog.setval('public.raincheck_appearance_id_seq', 1, false);

SELECT pg_catalog.setval('public.raincheck_appointment_id_seq', 1, false);

SELECT pg_catalog.setval('public.raincheck_appointmenthistory_id_seq', 1, false);

SELECT pg_catalog.setval('public.raincheck_appointmenttype_id_seq', 1, false);

SELECT pg_catalog.setval('public.raincheck_availabilityhistory_id_seq', 1, false);

SELECT pg_catalog.setval('public.raincheck_backup_id_seq', 1, false);

SELECT pg_catalog.setval('public.raincheck_busycalendar_id_seq', 1, false);

SELECT pg_catalog.setval('public.raincheck_busytime_id_seq', 1, false);

SELECT pg_catalog.setval('public.raincheck_calendarcopy_id_seq', 1, false);

SELECT pg_catalog.setval('public.raincheck_calendarfeed_id_seq', 1, false);

SELECT pg_catalog.setval('public.raincheck_calendarwriting_id_seq', 1, false);

SELECT pg_catalog.setval('public.raincheck_claim_id_seq', 1, false);

SELECT pg_catalog.setval('public.raincheck_client_id_seq', 1, false);

SELECT pg_catalog.setval('public.raincheck_clienthistory_id_seq', 1, false);

SELECT pg_catalog.setval('public.raincheck_clientmerge_id_seq', 1, false);

SELECT pg_catalog.setval('public.raincheck_conversation_id_seq', 1, false);

SELECT pg_catalog.setval('public.raincheck_deliveryattempt_id_seq', 1, false);

SELECT pg_catalog.setval('public.raincheck_differentpeople_id_seq', 1, false);

SELECT pg_catalog.setval('public.raincheck_emergencyaccess_id_seq', 1, false);

SELECT pg_catalog.setval('public.raincheck_emergencyreason_id_seq', 1, false);

SELECT pg_catalog.setval('public.raincheck_heartbeat_id_seq', 1, false);

SELECT pg_catalog.setval('public.raincheck_hold_id_seq', 1, false);

SELECT pg_catalog.setval('public.raincheck_import_id_seq', 1, false);

SELECT pg_catalog.setval('public.raincheck_importrow_id_seq', 1, false);

SELECT pg_catalog.setval('public.raincheck_invitation_id_seq', 1, false);

SELECT pg_catalog.setval('public.raincheck_keptpage_id_seq', 1, false);

SELECT pg_catalog.setval('public.raincheck_link_id_seq', 1, false);

SELECT pg_catalog.setval('public.raincheck_logcut_id_seq', 1, false);

SELECT pg_catalog.setval('public.raincheck_membership_id_seq', 1, false);

SELECT pg_catalog.setval('public.raincheck_message_id_seq', 1, false);

SELECT pg_catalog.setval('public.raincheck_notification_id_seq', 1, false);

SELECT pg_catalog.setval('public.raincheck_notificationappointment_id_seq', 1, false);

SELECT pg_catalog.setval('public.raincheck_outage_id_seq', 1, false);

SELECT pg_catalog.setval('public.raincheck_outofoffice_id_seq', 1, false);

SELECT pg_catalog.setval('public.raincheck_place_id_seq', 1, false);

SELECT pg_catalog.setval('public.raincheck_practice_id_seq', 1, false);

SELECT pg_catalog.setval('public.raincheck_practicehistory_id_seq', 1, false);

SELECT pg_catalog.setval('public.raincheck_provider_id_seq', 1, false);

SELECT pg_catalog.setval('public.raincheck_readlog_id_seq', 1, false);

SELECT pg_catalog.setval('public.raincheck_rebookoffer_id_seq', 1, false);

SELECT pg_catalog.setval('public.raincheck_recipient_id_seq', 1, false);

SELECT pg_catalog.setval('public.raincheck_reschedulebatch_id_seq', 1, false);

SELECT pg_catalog.setval('public.raincheck_reschedulerequest_id_seq', 1, false);

SELECT pg_catalog.setval('public.raincheck_rightshistory_id_seq', 1, false);

SELECT pg_catalog.setval('public.raincheck_series_id_seq', 1, false);

SELECT pg_catalog.setval('public.raincheck_setaside_id_seq', 1, false);

SELECT pg_catalog.setval('public.raincheck_task_id_seq', 1, false);

SELECT pg_catalog.setval('public.raincheck_user_groups_id_seq', 1, false);

SELECT pg_catalog.setval('public.raincheck_user_id_seq', 1, false);

SELECT pg_catalog.setval('public.raincheck_user_user_permissions_id_seq', 1, false);

SELECT pg_catalog.setval('public.raincheck_usersession_id_seq', 1, false);

SELECT pg_catalog.setval('public.raincheck_zonerules_id_seq', 1, false);

ALTER TABLE ONLY public.raincheck_reschedulebatch
    ADD CONSTRAINT a_batch_belongs_to_one_practice UNIQUE (practice_id, id);

ALTER TABLE ONLY public.raincheck_outofoffice
    ADD CONSTRAINT a_block_belongs_to_one_practice UNIQUE (practice_id, id);

ALTER TABLE ONLY public.raincheck_busycalendar
    ADD CONSTRAINT a_busy_calendar_belongs_to_one_practice UNIQUE (practice_id, id);

ALTER TABLE ONLY public.raincheck_calendarfeed
    ADD CONSTRAINT a_calendar_feed_belongs_to_one_practice UNIQUE (practice_id, id);

ALTER TABLE ONLY public.raincheck_calendarpush
    ADD CONSTRAINT a_calendar_push_belongs_to_one_practice UNIQUE (practice_id, id);

ALTER TABLE ONLY public.raincheck_rebookoffer
    ADD CONSTRAINT a_cancelled_appointment_has_one_rebook_offer UNIQUE (appointment_id);

ALTER TABLE ONLY public.raincheck_sealedrow
    ADD CONSTRAINT a_chain_has_one_row_in_each_place UNIQUE (chain, place);

ALTER TABLE ONLY public.raincheck_logcut
    ADD CONSTRAINT a_chain_is_cut_once_at_a_place UNIQUE (chain, place);

ALTER TABLE ONLY public.raincheck_client
    ADD CONSTRAINT a_client_belongs_to_one_practice UNIQUE (practice_id, id);

ALTER TABLE ONLY public.raincheck_claim
    ADD CONSTRAINT a_client_is_never_in_two_places EXCLUDE USING gist (client_id WITH =, span WITH &&) WHERE (((appointment_id IS NOT NULL) AND (part = 'session'::text)));

ALTER TABLE ONLY public.raincheck_conversation
    ADD CONSTRAINT a_conversation_belongs_to_one_practice UNIQUE (practice_id, id);

ALTER TABLE ONLY public.raincheck_hold
    ADD CONSTRAINT a_hold_belongs_to_one_practice UNIQUE (practice_id, id);

ALTER TABLE ONLY public.raincheck_claim
    ADD CONSTRAINT a_hold_claims_each_part_once UNIQUE (hold_id, part);

ALTER TABLE ONLY public.raincheck_idempotencykey
    ADD CONSTRAINT a_key_acts_once UNIQUE (actor, key);

ALTER TABLE ONLY public.raincheck_link
    ADD CONSTRAINT a_link_belongs_to_one_practice UNIQUE (practice_id, id);

ALTER TABLE ONLY public.raincheck_emergencyaccess
    ADD CONSTRAINT a_manager_opens_a_conversation_once_at_a_time EXCLUDE USING gist (conversation_id WITH =, manager_id WITH =, tstzrange(opened_at, ends_at) WITH &&);

ALTER TABLE ONLY public.raincheck_membership
    ADD CONSTRAINT a_membership_belongs_to_one_practice UNIQUE (practice_id, id);

ALTER TABLE ONLY public.raincheck_clientmerge
    ADD CONSTRAINT a_merge_belongs_to_one_practice UNIQUE (practice_id, id);

ALTER TABLE ONLY public.raincheck_message
    ADD CONSTRAINT a_message_belongs_to_one_practice UNIQUE (practice_id, id);

ALTER TABLE ONLY public.raincheck_notification
    ADD CONSTRAINT a_notification_belongs_to_one_practice UNIQUE (practice_id, id);

ALTER TABLE ONLY public.raincheck_notificationappointment
    ADD CONSTRAINT a_notification_lists_an_appointment_once UNIQUE (notification_id, appointment_id);

ALTER TABLE ONLY public.raincheck_differentpeople
    ADD CONSTRAINT a_pair_of_people_is_told_apart_once UNIQUE (one_id, other_id);

ALTER TABLE ONLY public.raincheck_place
    ADD CONSTRAINT a_place_belongs_to_one_practice UNIQUE (practice_id, id);

ALTER TABLE ONLY public.raincheck_conversation
    ADD CONSTRAINT a_provider_and_a_client_have_one_conversation UNIQUE (provider_id, client_id);

ALTER TABLE ONLY public.raincheck_provider
    ADD CONSTRAINT a_provider_belongs_to_one_practice UNIQUE (practice_id, id);

ALTER TABLE ONLY public.raincheck_claim
    ADD CONSTRAINT a_provider_is_never_double_booked EXCLUDE USING gist (provider_id WITH =, span WITH &&, client_id WITH <>, lane WITH &&);

ALTER TABLE ONLY public.raincheck_busycalendar
    ADD CONSTRAINT a_provider_names_a_calendar_once UNIQUE (provider_id, name);

ALTER TABLE ONLY public.raincheck_calendarpush
    ADD CONSTRAINT a_provider_pushes_into_one_calendar UNIQUE (provider_id);

ALTER TABLE ONLY public.raincheck_rebookoffer
    ADD CONSTRAINT a_rebook_offer_belongs_to_one_practice UNIQUE (practice_id, id);

ALTER TABLE ONLY public.raincheck_hold
    ADD CONSTRAINT a_rebook_offer_has_one_chosen_hold UNIQUE (offer_id);

ALTER TABLE ONLY public.raincheck_recipient
    ADD CONSTRAINT a_recipient_belongs_to_one_practice UNIQUE (practice_id, id);

ALTER TABLE ONLY public.raincheck_reschedulerequest
    ADD CONSTRAINT a_request_belongs_to_one_practice UNIQUE (practice_id, id);

ALTER TABLE ONLY public.raincheck_claim
    ADD CONSTRAINT a_room_holds_one_session_at_a_time EXCLUDE USING gist (room_id WITH =, span WITH &&, client_id WITH <>, room_lane WITH &&) WHERE ((room_id IS NOT NULL));

ALTER TABLE ONLY public.raincheck_importrow
    ADD CONSTRAINT a_row_is_staged_once UNIQUE (file_id, number);

ALTER TABLE ONLY public.raincheck_series
    ADD CONSTRAINT a_series_belongs_to_one_practice UNIQUE (practice_id, id);

ALTER TABLE ONLY public.raincheck_quarantined
    ADD CONSTRAINT a_step_quarantines_a_row_once UNIQUE NULLS NOT DISTINCT (step, provider_id, request_id, appointment_id);

ALTER TABLE ONLY public.raincheck_task
    ADD CONSTRAINT a_task_belongs_to_one_practice UNIQUE (practice_id, id);

ALTER TABLE ONLY public.raincheck_appointment
    ADD CONSTRAINT a_time_of_a_series_is_made_once UNIQUE (series_id, recurrence_id);

ALTER TABLE ONLY public.raincheck_membership
    ADD CONSTRAINT a_user_has_a_role_once_in_a_practice UNIQUE (user_id, practice_id, role);

ALTER TABLE ONLY public.raincheck_zonerules
    ADD CONSTRAINT a_version_of_zone_rules_is_kept_once UNIQUE (version);

ALTER TABLE ONLY public.account_emailaddress
    ADD CONSTRAINT account_emailaddress_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.account_emailaddress
    ADD CONSTRAINT account_emailaddress_user_id_email_987c8728_uniq UNIQUE (user_id, email);

ALTER TABLE ONLY public.account_emailconfirmation
    ADD CONSTRAINT account_emailconfirmation_key_key UNIQUE (key);

ALTER TABLE ONLY public.account_emailconfirmation
    ADD CONSTRAINT account_emailconfirmation_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.raincheck_appearance
    ADD CONSTRAINT an_appearance_belongs_to_one_practice UNIQUE (practice_id, id);

ALTER TABLE ONLY public.raincheck_appointment
    ADD CONSTRAINT an_appointment_belongs_to_one_practice UNIQUE (practice_id, id);

ALTER TABLE ONLY public.raincheck_claim
    ADD CONSTRAINT an_appointment_claims_each_part_once UNIQUE (appointment_id, part);

ALTER TABLE ONLY public.raincheck_hold
    ADD CONSTRAINT an_appointment_has_one_chosen_hold UNIQUE (appointment_id);

ALTER TABLE ONLY public.raincheck_pushedevent
    ADD CONSTRAINT an_appointment_is_pushed_once_into_a_calendar UNIQUE (push_id, appointment_id);

ALTER TABLE ONLY public.raincheck_appointmenttype
    ADD CONSTRAINT an_appointment_type_belongs_to_one_practice UNIQUE (practice_id, id);

ALTER TABLE ONLY public.raincheck_deliveryattempt
    ADD CONSTRAINT an_attempt_belongs_to_one_practice UNIQUE (practice_id, id);

ALTER TABLE ONLY public.raincheck_emergencyaccess
    ADD CONSTRAINT an_emergency_access_belongs_to_one_practice UNIQUE (practice_id, id);

ALTER TABLE ONLY public.raincheck_emergencyaccess
    ADD CONSTRAINT an_emergency_access_has_its_own_reason UNIQUE (reason_id);

ALTER TABLE ONLY public.raincheck_emergencyreason
    ADD CONSTRAINT an_emergency_reason_belongs_to_one_practice UNIQUE (practice_id, id);

ALTER TABLE ONLY public.raincheck_import
    ADD CONSTRAINT an_import_belongs_to_one_practice UNIQUE (practice_id, id);

ALTER TABLE ONLY public.raincheck_outage
    ADD CONSTRAINT an_outage_is_noted_once UNIQUE (began_at);

ALTER TABLE ONLY public.auth_group
    ADD CONSTRAINT auth_group_name_key UNIQUE (name);

ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissions_group_id_permission_id_0cd325b0_uniq UNIQUE (group_id, permission_id);

ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.auth_group
    ADD CONSTRAINT auth_group_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.auth_permission
    ADD CONSTRAINT auth_permission_content_type_id_codename_01ab375a_uniq UNIQUE (content_type_id, codename);

ALTER TABLE ONLY public.auth_permission
    ADD CONSTRAINT auth_permission_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.django_content_type
    ADD CONSTRAINT django_content_type_app_label_model_76bd3d3b_uniq UNIQUE (app_label, model);

ALTER TABLE ONLY public.django_content_type
    ADD CONSTRAINT django_content_type_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.django_migrations
    ADD CONSTRAINT django_migrations_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.django_session
    ADD CONSTRAINT django_session_pkey PRIMARY KEY (session_key);

ALTER TABLE ONLY public.mfa_authenticator
    ADD CONSTRAINT mfa_authenticator_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.procrastinate_events
    ADD CONSTRAINT procrastinate_events_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.procrastinate_jobs
    ADD CONSTRAINT procrastinate_jobs_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.procrastinate_periodic_defers
    ADD CONSTRAINT procrastinate_periodic_defers_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.procrastinate_periodic_defers
    ADD CONSTRAINT procrastinate_periodic_defers_unique UNIQUE (task_name, periodic_id, defer_timestamp);

ALTER TABLE ONLY public.procrastinate_workers
    ADD CONSTRAINT procrastinate_workers_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.raincheck_idempotencykey
    ADD CONSTRAINT raincheck_act_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.raincheck_appearance
    ADD CONSTRAINT raincheck_appearance_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.raincheck_appointment
    ADD CONSTRAINT raincheck_appointment_ical_uid_key UNIQUE (ical_uid);

ALTER TABLE ONLY public.raincheck_appointment
    ADD CONSTRAINT raincheck_appointment_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.raincheck_appointment
    ADD CONSTRAINT raincheck_appointment_ref_key UNIQUE (ref);

ALTER TABLE ONLY public.raincheck_appointmenthistory
    ADD CONSTRAINT raincheck_appointmenthistory_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.raincheck_appointmenttype
    ADD CONSTRAINT raincheck_appointmenttype_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.raincheck_appointmenttype
    ADD CONSTRAINT raincheck_appointmenttype_ref_key UNIQUE (ref);

ALTER TABLE ONLY public.raincheck_availabilityhistory
    ADD CONSTRAINT raincheck_availabilityhistory_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.raincheck_backup
    ADD CONSTRAINT raincheck_backup_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.raincheck_busycalendar
    ADD CONSTRAINT raincheck_busycalendar_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.raincheck_busycalendar
    ADD CONSTRAINT raincheck_busycalendar_ref_key UNIQUE (ref);

ALTER TABLE ONLY public.raincheck_busytime
    ADD CONSTRAINT raincheck_busytime_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.raincheck_pushedevent
    ADD CONSTRAINT raincheck_calendarcopy_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.raincheck_calendarfeed
    ADD CONSTRAINT raincheck_calendarfeed_hash_key UNIQUE (hash);

ALTER TABLE ONLY public.raincheck_calendarfeed
    ADD CONSTRAINT raincheck_calendarfeed_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.raincheck_calendarfeed
    ADD CONSTRAINT raincheck_calendarfeed_ref_key UNIQUE (ref);

ALTER TABLE ONLY public.raincheck_calendarpush
    ADD CONSTRAINT raincheck_calendarwriting_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.raincheck_calendarpush
    ADD CONSTRAINT raincheck_calendarwriting_ref_key UNIQUE (ref);

ALTER TABLE ONLY public.raincheck_claim
    ADD CONSTRAINT raincheck_claim_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.raincheck_client
    ADD CONSTRAINT raincheck_client_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.raincheck_client
    ADD CONSTRAINT raincheck_client_ref_key UNIQUE (ref);

ALTER TABLE ONLY public.raincheck_clienthistory
    ADD CONSTRAINT raincheck_clienthistory_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.raincheck_clientmerge
    ADD CONSTRAINT raincheck_clientmerge_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.raincheck_clientmerge
    ADD CONSTRAINT raincheck_clientmerge_ref_key UNIQUE (ref);

ALTER TABLE ONLY public.raincheck_conversation
    ADD CONSTRAINT raincheck_conversation_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.raincheck_conversation
    ADD CONSTRAINT raincheck_conversation_ref_key UNIQUE (ref);

ALTER TABLE ONLY public.raincheck_deliveryattempt
    ADD CONSTRAINT raincheck_deliveryattempt_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.raincheck_differentpeople
    ADD CONSTRAINT raincheck_differentpeople_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.raincheck_emergencyaccess
    ADD CONSTRAINT raincheck_emergencyaccess_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.raincheck_emergencyaccess
    ADD CONSTRAINT raincheck_emergencyaccess_ref_key UNIQUE (ref);

ALTER TABLE ONLY public.raincheck_emergencyreason
    ADD CONSTRAINT raincheck_emergencyreason_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.raincheck_emergencyreason
    ADD CONSTRAINT raincheck_emergencyreason_ref_key UNIQUE (ref);

ALTER TABLE ONLY public.raincheck_heartbeat
    ADD CONSTRAINT raincheck_heartbeat_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.raincheck_heartbeat
    ADD CONSTRAINT raincheck_heartbeat_process_key UNIQUE (process);

ALTER TABLE ONLY public.raincheck_hold
    ADD CONSTRAINT raincheck_hold_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.raincheck_hold
    ADD CONSTRAINT raincheck_hold_ref_key UNIQUE (ref);

ALTER TABLE ONLY public.raincheck_import
    ADD CONSTRAINT raincheck_import_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.raincheck_import
    ADD CONSTRAINT raincheck_import_ref_key UNIQUE (ref);

ALTER TABLE ONLY public.raincheck_importrow
    ADD CONSTRAINT raincheck_importrow_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.raincheck_invitation
    ADD CONSTRAINT raincheck_invitation_hash_key UNIQUE (hash);

ALTER TABLE ONLY public.raincheck_invitation
    ADD CONSTRAINT raincheck_invitation_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.raincheck_invitation
    ADD CONSTRAINT raincheck_invitation_ref_key UNIQUE (ref);

ALTER TABLE ONLY public.raincheck_keptpage
    ADD CONSTRAINT raincheck_keptpage_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.raincheck_keptpage
    ADD CONSTRAINT raincheck_keptpage_ref_key UNIQUE (ref);

ALTER TABLE ONLY public.raincheck_link
    ADD CONSTRAINT raincheck_link_hash_key UNIQUE (hash);

ALTER TABLE ONLY public.raincheck_link
    ADD CONSTRAINT raincheck_link_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.raincheck_link
    ADD CONSTRAINT raincheck_link_ref_key UNIQUE (ref);

ALTER TABLE ONLY public.raincheck_logchain
    ADD CONSTRAINT raincheck_logchain_pkey PRIMARY KEY (chain);

ALTER TABLE ONLY public.raincheck_logcut
    ADD CONSTRAINT raincheck_logcut_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.raincheck_membership
    ADD CONSTRAINT raincheck_membership_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.raincheck_message
    ADD CONSTRAINT raincheck_message_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.raincheck_message
    ADD CONSTRAINT raincheck_message_ref_key UNIQUE (ref);

ALTER TABLE ONLY public.raincheck_notification
    ADD CONSTRAINT raincheck_notification_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.raincheck_notification
    ADD CONSTRAINT raincheck_notification_ref_key UNIQUE (ref);

ALTER TABLE ONLY public.raincheck_notificationappointment
    ADD CONSTRAINT raincheck_notificationappointment_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.raincheck_outage
    ADD CONSTRAINT raincheck_outage_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.raincheck_outofoffice
    ADD CONSTRAINT raincheck_outofoffice_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.raincheck_outofoffice
    ADD CONSTRAINT raincheck_outofoffice_ref_key UNIQUE (ref);

ALTER TABLE ONLY public.raincheck_place
    ADD CONSTRAINT raincheck_place_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.raincheck_place
    ADD CONSTRAINT raincheck_place_ref_key UNIQUE (ref);

ALTER TABLE ONLY public.raincheck_practice
    ADD CONSTRAINT raincheck_practice_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.raincheck_practice
    ADD CONSTRAINT raincheck_practice_ref_key UNIQUE (ref);

ALTER TABLE ONLY public.raincheck_practicehistory
    ADD CONSTRAINT raincheck_practicehistory_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.raincheck_provider
    ADD CONSTRAINT raincheck_provider_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.raincheck_provider
    ADD CONSTRAINT raincheck_provider_ref_key UNIQUE (ref);

ALTER TABLE ONLY public.raincheck_ratelimit
    ADD CONSTRAINT raincheck_ratelimit_pkey PRIMARY KEY (key);

ALTER TABLE ONLY public.raincheck_readlog
    ADD CONSTRAINT raincheck_readlog_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.raincheck_rebookoffer
    ADD CONSTRAINT raincheck_rebookoffer_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.raincheck_rebookoffer
    ADD CONSTRAINT raincheck_rebookoffer_ref_key UNIQUE (ref);

ALTER TABLE ONLY public.raincheck_recipient
    ADD CONSTRAINT raincheck_recipient_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.raincheck_recipient
    ADD CONSTRAINT raincheck_recipient_ref_key UNIQUE (ref);

ALTER TABLE ONLY public.raincheck_recordkey
    ADD CONSTRAINT raincheck_recordkey_pkey PRIMARY KEY (version);

ALTER TABLE ONLY public.raincheck_reschedulebatch
    ADD CONSTRAINT raincheck_reschedulebatch_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.raincheck_reschedulebatch
    ADD CONSTRAINT raincheck_reschedulebatch_ref_key UNIQUE (ref);

ALTER TABLE ONLY public.raincheck_reschedulerequest
    ADD CONSTRAINT raincheck_reschedulerequest_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.raincheck_reschedulerequest
    ADD CONSTRAINT raincheck_reschedulerequest_ref_key UNIQUE (ref);

ALTER TABLE ONLY public.raincheck_rightshistory
    ADD CONSTRAINT raincheck_rightshistory_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.raincheck_sealedrow
    ADD CONSTRAINT raincheck_sealedrow_pkey PRIMARY KEY ("row");

ALTER TABLE ONLY public.raincheck_series
    ADD CONSTRAINT raincheck_series_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.raincheck_series
    ADD CONSTRAINT raincheck_series_ref_key UNIQUE (ref);

ALTER TABLE ONLY public.raincheck_quarantined
    ADD CONSTRAINT raincheck_setaside_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.raincheck_task
    ADD CONSTRAINT raincheck_task_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.raincheck_task
    ADD CONSTRAINT raincheck_task_ref_key UNIQUE (ref);

ALTER TABLE ONLY public.raincheck_unsealedrow
    ADD CONSTRAINT raincheck_unsealedrow_pkey PRIMARY KEY ("row");

ALTER TABLE ONLY public.raincheck_user
    ADD CONSTRAINT raincheck_user_email_key UNIQUE (email);

ALTER TABLE ONLY public.raincheck_user_groups
    ADD CONSTRAINT raincheck_user_groups_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.raincheck_user_groups
    ADD CONSTRAINT raincheck_user_groups_user_id_group_id_d015e44e_uniq UNIQUE (user_id, group_id);

ALTER TABLE ONLY public.raincheck_user
    ADD CONSTRAINT raincheck_user_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.raincheck_user
    ADD CONSTRAINT raincheck_user_ref_key UNIQUE (ref);

ALTER TABLE ONLY public.raincheck_user_user_permissions
    ADD CONSTRAINT raincheck_user_user_perm_user_id_permission_id_03b3b0d0_uniq UNIQUE (user_id, permission_id);

ALTER TABLE ONLY public.raincheck_user_user_permissions
    ADD CONSTRAINT raincheck_user_user_permissions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.raincheck_usersession
    ADD CONSTRAINT raincheck_usersession_key_key UNIQUE (key);

ALTER TABLE ONLY public.raincheck_usersession
    ADD CONSTRAINT raincheck_usersession_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.raincheck_usersession
    ADD CONSTRAINT raincheck_usersession_ref_key UNIQUE (ref);

ALTER TABLE ONLY public.raincheck_zonerules
    ADD CONSTRAINT raincheck_zonerules_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.raincheck_appearance
    ADD CONSTRAINT somebody_has_one_appearance_in_a_practice UNIQUE (practice_id, user_id);

CREATE UNIQUE INDEX a_client_is_one_recipient ON public.raincheck_recipient USING btree (client_id) WHERE is_client;

CREATE UNIQUE INDEX a_matter_has_one_open_task ON public.raincheck_task USING btree (kind, provider_id, client_id, appointment_id, request_id, notification_id, calendar_id, series_id, starts_at) NULLS NOT DISTINCT WHERE (done_at IS NULL);

CREATE UNIQUE INDEX a_passkey_is_added_once ON public.mfa_authenticator USING btree (((data ->> 'digest'::text))) WHERE ((type)::text = 'webauthn'::text);

CREATE UNIQUE INDEX a_person_has_one_live_calendar_feed ON public.raincheck_calendarfeed USING btree (provider_id, client_id) NULLS NOT DISTINCT WHERE (ended_at IS NULL);

CREATE UNIQUE INDEX a_place_has_a_name_of_its_own ON public.raincheck_place USING btree (lower(name), practice_id);

CREATE UNIQUE INDEX a_record_is_merged_once ON public.raincheck_clientmerge USING btree (gone_id) WHERE (undone_at IS NULL);

CREATE UNIQUE INDEX a_request_has_one_chosen_hold ON public.raincheck_hold USING btree (request_id) WHERE (NOT suggested);

CREATE INDEX accesses_of_a_manager ON public.raincheck_emergencyaccess USING btree (manager_id, ends_at);

CREATE INDEX accesses_to_a_conversation ON public.raincheck_emergencyaccess USING btree (conversation_id, id DESC);

CREATE INDEX account_emailaddress_email_03be32b2 ON public.account_emailaddress USING btree (email);

CREATE INDEX account_emailaddress_email_03be32b2_like ON public.account_emailaddress USING btree (email varchar_pattern_ops);

CREATE INDEX account_emailaddress_user_id_2c513194 ON public.account_emailaddress USING btree (user_id);

CREATE INDEX account_emailconfirmation_email_address_id_5b7f8c58 ON public.account_emailconfirmation USING btree (email_address_id);

CREATE INDEX account_emailconfirmation_key_f43612bd_like ON public.account_emailconfirmation USING btree (key varchar_pattern_ops);

CREATE INDEX acts_by_time ON public.raincheck_idempotencykey USING btree (acted_at);

CREATE UNIQUE INDEX an_appointment_has_one_open_request ON public.raincheck_reschedulerequest USING btree (appointment_id) WHERE (state = 'open'::text);

CREATE UNIQUE INDEX an_appointment_type_has_a_name_of_its_own ON public.raincheck_appointmenttype USING btree (lower(name), practice_id);

CREATE INDEX appointments_at_a_place ON public.raincheck_appointment USING btree (place_id, starts_at);

CREATE INDEX appointments_by_reminder ON public.raincheck_appointment USING btree (remind_at, id) WHERE (remind_at IS NOT NULL);

CREATE INDEX appointments_of_a_client ON public.raincheck_appointment USING btree (client_id, starts_at) INCLUDE (id, ends_at, status, buffer_before, buffer_after);

CREATE INDEX appointments_of_a_pair ON public.raincheck_appointment USING btree (provider_id, client_id, starts_at);

CREATE INDEX appointments_of_a_provider ON public.raincheck_appointment USING btree (provider_id, starts_at) INCLUDE (id, client_id, ends_at, status, buffer_before, buffer_after);

CREATE INDEX appointments_of_a_type ON public.raincheck_appointment USING btree (type_id, starts_at);

CREATE INDEX appointments_that_hold_claims ON public.raincheck_appointment USING btree (ends_at, id) WHERE (claims_pruned_at IS NULL);

CREATE INDEX attempts_of_a_notification ON public.raincheck_deliveryattempt USING btree (notification_id);

CREATE INDEX auth_group_name_a6ea08ec_like ON public.auth_group USING btree (name varchar_pattern_ops);

CREATE INDEX auth_group_permissions_group_id_b120cbf9 ON public.auth_group_permissions USING btree (group_id);

CREATE INDEX auth_group_permissions_permission_id_84c5c92e ON public.auth_group_permissions USING btree (permission_id);

CREATE INDEX auth_permission_content_type_id_2f476e4b ON public.auth_permission USING btree (content_type_id);

CREATE INDEX backups_by_time ON public.raincheck_backup USING btree (made_at DESC);

CREATE INDEX blocks_of_a_provider ON public.raincheck_outofoffice USING btree (provider_id, starts_at) INCLUDE (id, ends_at, removed_at);

CREATE INDEX busy_time_of_a_provider ON public.raincheck_busytime USING btree (provider_id, starts_at) INCLUDE (id, ends_at);

CREATE INDEX calendars_by_their_next_check ON public.raincheck_busycalendar USING btree (next_check_at);

CREATE INDEX clients_by_letters_of_all_their_names ON public.raincheck_client USING gin (public.client_name_terms(practice_id, ((first_name || ' '::text) || goes_by), last_name)) WITH (fastupdate=off);

CREATE INDEX clients_by_name ON public.raincheck_client USING btree (practice_id, last_name, first_name, id);

CREATE INDEX clients_by_parts_of_their_phone ON public.raincheck_client USING gin (public.contact_terms(practice_id, ''::text, phone)) WITH (fastupdate=off);

CREATE INDEX clients_by_usual_provider ON public.raincheck_client USING btree (usual_provider_id) WHERE (usual_provider_id IS NOT NULL);

CREATE INDEX conversations_of_a_client ON public.raincheck_conversation USING btree (client_id, latest_at DESC);

CREATE INDEX conversations_of_a_provider ON public.raincheck_conversation USING btree (provider_id, latest_at DESC);

CREATE INDEX django_session_expire_date_a5c62663 ON public.django_session USING btree (expire_date);

CREATE INDEX django_session_session_key_c0390e0f_like ON public.django_session USING btree (session_key varchar_pattern_ops);

CREATE INDEX events_that_came_in ON public.raincheck_importrow USING btree (practice_id, uid) WHERE ((appointment_id IS NOT NULL) AND (NOT (uid = ''::text)));

CREATE INDEX failed_notifications_by_time ON public.raincheck_notification USING btree (ended_at) WHERE (state = 'failed'::text);

CREATE INDEX heartbeats_by_time ON public.raincheck_heartbeat USING btree (kind, beat_at);

CREATE INDEX history_of_a_client ON public.raincheck_clienthistory USING btree (client_id, id);

CREATE INDEX history_of_a_practice ON public.raincheck_practicehistory USING btree (practice_id, id);

CREATE INDEX history_of_an_appointment ON public.raincheck_appointmenthistory USING btree (appointment_id, id);

CREATE INDEX history_of_hours ON public.raincheck_availabilityhistory USING btree (provider_id, id DESC);

CREATE INDEX history_of_somebodys_rights ON public.raincheck_rightshistory USING btree (practice_id, user_id, id);

CREATE INDEX holds_by_their_end ON public.raincheck_hold USING btree (expires_at);

CREATE INDEX holds_of_a_provider ON public.raincheck_hold USING btree (provider_id, starts_at);

CREATE INDEX idx_procrastinate_jobs_worker_not_null ON public.procrastinate_jobs USING btree (worker_id) WHERE ((worker_id IS NOT NULL) AND (status = 'doing'::public.procrastinate_job_status));

CREATE INDEX idx_procrastinate_workers_last_heartbeat ON public.procrastinate_workers USING btree (last_heartbeat);

CREATE INDEX imports_of_a_practice ON public.raincheck_import USING btree (practice_id, made_at DESC);

CREATE INDEX imports_to_erase ON public.raincheck_import USING btree (made_at, id) WHERE (erased_at IS NULL);

CREATE INDEX in_app_of_a_practice ON public.raincheck_notification USING btree (practice_id, made_at DESC, id DESC) WHERE (channel = 'in_app'::text);

CREATE INDEX kept_pages_by_time ON public.raincheck_keptpage USING btree (kept_until);

CREATE INDEX kept_pages_of_a_browser ON public.raincheck_keptpage USING btree (owner, kept_until);

CREATE INDEX kept_pages_of_strangers ON public.raincheck_keptpage USING btree (kept_until) WHERE by_stranger;

CREATE INDEX links_of_a_recipient ON public.raincheck_link USING btree (recipient_id, batch_id);

CREATE INDEX merges_into_a_record ON public.raincheck_clientmerge USING btree (kept_id, id DESC);

CREATE INDEX merges_that_can_be_undone ON public.raincheck_clientmerge USING btree (at) WHERE (NOT (former = '{}'::jsonb));

CREATE INDEX messages_by_time ON public.raincheck_message USING btree (conversation_id, at);

CREATE INDEX messages_of_a_conversation ON public.raincheck_message USING btree (conversation_id, id);

CREATE INDEX mfa_authenticator_user_id_0c3a50c0 ON public.mfa_authenticator USING btree (user_id);

CREATE INDEX notices_of_a_conversation ON public.raincheck_notification USING btree (conversation_id, give_up_at) WHERE (conversation_id IS NOT NULL);

CREATE INDEX notifications_by_appointment ON public.raincheck_notificationappointment USING btree (appointment_id, sequence);

CREATE INDEX notifications_of_a_batch ON public.raincheck_notification USING btree (batch_id);

CREATE INDEX notifications_of_a_recipient ON public.raincheck_notification USING btree (recipient_id, id DESC);

CREATE INDEX open_requests_by_deadline ON public.raincheck_reschedulerequest USING btree (deadline_at) WHERE (state = 'open'::text);

CREATE INDEX open_requests_by_latest_look ON public.raincheck_reschedulerequest USING btree (practice_id, looked_at) WHERE (state = 'open'::text);

CREATE INDEX open_requests_by_next_look ON public.raincheck_reschedulerequest USING btree (look_again_at) WHERE (state = 'open'::text);

CREATE INDEX open_requests_by_reminder ON public.raincheck_reschedulerequest USING btree (remind_at) WHERE (state = 'open'::text);

CREATE INDEX open_requests_by_start ON public.raincheck_reschedulerequest USING btree (asked_starts_at) WHERE (state = 'open'::text);

CREATE INDEX open_requests_by_their_end ON public.raincheck_reschedulerequest USING btree (ends_at) WHERE (ends_at IS NOT NULL);

CREATE INDEX open_requests_on_their_way ON public.raincheck_reschedulerequest USING btree (asked_at) WHERE ((state = 'open'::text) AND (handed_over_at IS NULL));

CREATE INDEX open_tasks_of_a_practice ON public.raincheck_task USING btree (practice_id, made_at, id) WHERE (done_at IS NULL);

CREATE INDEX open_tasks_of_a_provider ON public.raincheck_task USING btree (provider_id, made_at) WHERE (done_at IS NULL);

CREATE INDEX procrastinate_events_job_id_fkey_v1 ON public.procrastinate_events USING btree (job_id);

CREATE INDEX procrastinate_jobs_id_lock_idx_v1 ON public.procrastinate_jobs USING btree (id, lock) WHERE (status = ANY (ARRAY['todo'::public.procrastinate_job_status, 'doing'::public.procrastinate_job_status]));

CREATE UNIQUE INDEX procrastinate_jobs_lock_idx_v1 ON public.procrastinate_jobs USING btree (lock) WHERE (status = 'doing'::public.procrastinate_job_status);

CREATE INDEX procrastinate_jobs_priority_idx_v1 ON public.procrastinate_jobs USING btree (priority DESC, id) WHERE (status = 'todo'::public.procrastinate_job_status);

CREATE INDEX procrastinate_jobs_queue_name_idx_v1 ON public.procrastinate_jobs USING btree (queue_name);

CREATE UNIQUE INDEX procrastinate_jobs_queueing_lock_idx_v1 ON public.procrastinate_jobs USING btree (queueing_lock) WHERE (status = 'todo'::public.procrastinate_job_status);

CREATE INDEX procrastinate_periodic_defers_job_id_fkey_v1 ON public.procrastinate_periodic_defers USING btree (job_id);

CREATE INDEX providers_by_name ON public.raincheck_provider USING btree (practice_id, name, id);

CREATE INDEX raincheck_appointment_ical_uid_9139b6d0_like ON public.raincheck_appointment USING btree (ical_uid text_pattern_ops);

CREATE INDEX raincheck_appointmenthistory_request_id_2ccd188e ON public.raincheck_appointmenthistory USING btree (request_id);

CREATE INDEX raincheck_busytime_calendar_id_2d4e9295 ON public.raincheck_busytime USING btree (calendar_id);

CREATE INDEX raincheck_calendarcopy_appointment_id_ce1dffc7 ON public.raincheck_pushedevent USING btree (appointment_id);

CREATE INDEX raincheck_calendarfeed_client_id_38cf03e6 ON public.raincheck_calendarfeed USING btree (client_id);

CREATE INDEX raincheck_calendarwriting_calendar_id_5a6bff9c ON public.raincheck_calendarpush USING btree (calendar_id);

CREATE INDEX raincheck_calendarwriting_provider_id_0335e561 ON public.raincheck_calendarpush USING btree (provider_id);

CREATE INDEX raincheck_claim_client_id_77c23f25 ON public.raincheck_claim USING btree (client_id);

CREATE INDEX raincheck_claim_provider_id_1d14c8ce ON public.raincheck_claim USING btree (provider_id);

CREATE INDEX raincheck_deliveryattempt_notification_id_0ee13344 ON public.raincheck_deliveryattempt USING btree (notification_id);

CREATE INDEX raincheck_hold_client_id_5737f0cd ON public.raincheck_hold USING btree (client_id);

CREATE INDEX raincheck_hold_request_id_9879e22f ON public.raincheck_hold USING btree (request_id);

CREATE INDEX raincheck_importrow_appointment_id_1111944c ON public.raincheck_importrow USING btree (appointment_id);

CREATE INDEX raincheck_importrow_client_id_e40e3492 ON public.raincheck_importrow USING btree (client_id);

CREATE INDEX raincheck_link_attempt_id_a3fcfca8 ON public.raincheck_link USING btree (attempt_id);

CREATE INDEX raincheck_link_batch_id_2268ce74 ON public.raincheck_link USING btree (batch_id);

CREATE INDEX raincheck_link_client_id_7af40eab ON public.raincheck_link USING btree (client_id);

CREATE INDEX raincheck_link_rebook_offer_id_50f88d5c ON public.raincheck_link USING btree (rebook_offer_id);

CREATE INDEX raincheck_membership_client_id_056551eb ON public.raincheck_membership USING btree (client_id);

CREATE INDEX raincheck_membership_provider_id_d49e7a6f ON public.raincheck_membership USING btree (provider_id);

CREATE INDEX raincheck_message_appointment_id_db2b4916 ON public.raincheck_message USING btree (appointment_id);

CREATE INDEX raincheck_message_batch_id_806467ed ON public.raincheck_message USING btree (batch_id);

CREATE INDEX raincheck_notification_batch_id_000356e7 ON public.raincheck_notification USING btree (batch_id);

CREATE INDEX raincheck_notification_provider_id_5bc80423 ON public.raincheck_notification USING btree (provider_id);

CREATE INDEX raincheck_notification_rebook_offer_id_942f5669 ON public.raincheck_notification USING btree (rebook_offer_id);

CREATE INDEX raincheck_notification_user_id_ffa1ac67 ON public.raincheck_notification USING btree (user_id);

CREATE INDEX raincheck_notificationappointment_request_id_5d136017 ON public.raincheck_notificationappointment USING btree (request_id);

CREATE INDEX raincheck_outofoffice_batch_id_696bf756 ON public.raincheck_outofoffice USING btree (batch_id);

CREATE INDEX raincheck_practicehistory_place_id_529ded9d ON public.raincheck_practicehistory USING btree (place_id);

CREATE INDEX raincheck_practicehistory_type_id_da35d04a ON public.raincheck_practicehistory USING btree (type_id);

CREATE INDEX raincheck_rebookoffer_appointment_id_7a8618f5 ON public.raincheck_rebookoffer USING btree (appointment_id);

CREATE INDEX raincheck_rebookoffer_booked_id_9de2b2d0 ON public.raincheck_rebookoffer USING btree (booked_id);

CREATE INDEX raincheck_rebookoffer_client_id_2e432d44 ON public.raincheck_rebookoffer USING btree (client_id);

CREATE INDEX raincheck_rebookoffer_place_id_40ea1138 ON public.raincheck_rebookoffer USING btree (place_id);

CREATE INDEX raincheck_rebookoffer_provider_id_482a864e ON public.raincheck_rebookoffer USING btree (provider_id);

CREATE INDEX raincheck_rebookoffer_type_id_74ad4b0d ON public.raincheck_rebookoffer USING btree (type_id);

CREATE INDEX raincheck_recipient_client_id_a21aa3c9 ON public.raincheck_recipient USING btree (client_id);

CREATE INDEX raincheck_reschedulebatch_client_id_cc615d4f ON public.raincheck_reschedulebatch USING btree (client_id);

CREATE INDEX raincheck_reschedulebatch_provider_id_97a6fdc6 ON public.raincheck_reschedulebatch USING btree (provider_id);

CREATE INDEX raincheck_reschedulerequest_appointment_id_011f2417 ON public.raincheck_reschedulerequest USING btree (appointment_id);

CREATE INDEX raincheck_reschedulerequest_batch_id_40dd2951 ON public.raincheck_reschedulerequest USING btree (batch_id);

CREATE INDEX raincheck_series_client_id_a3750827 ON public.raincheck_series USING btree (client_id);

CREATE INDEX raincheck_series_provider_id_ab64e641 ON public.raincheck_series USING btree (provider_id);

CREATE INDEX raincheck_setaside_provider_id_1d153a5d ON public.raincheck_quarantined USING btree (provider_id);

CREATE INDEX raincheck_setaside_request_id_d455834d ON public.raincheck_quarantined USING btree (request_id);

CREATE INDEX raincheck_task_appointment_id_5085d60a ON public.raincheck_task USING btree (appointment_id);

CREATE INDEX raincheck_task_calendar_id_77887bf5 ON public.raincheck_task USING btree (calendar_id);

CREATE INDEX raincheck_task_client_id_4228f074 ON public.raincheck_task USING btree (client_id);

CREATE INDEX raincheck_task_notification_id_64c1dede ON public.raincheck_task USING btree (notification_id);

CREATE INDEX raincheck_task_provider_id_70b4c596 ON public.raincheck_task USING btree (provider_id);

CREATE INDEX raincheck_task_request_id_c6d2bac7 ON public.raincheck_task USING btree (request_id);

CREATE INDEX raincheck_user_email_38eb4c14_like ON public.raincheck_user USING btree (email varchar_pattern_ops);

CREATE INDEX raincheck_user_groups_group_id_101ec8b9 ON public.raincheck_user_groups USING btree (group_id);

CREATE INDEX raincheck_user_groups_user_id_4c1f42cf ON public.raincheck_user_groups USING btree (user_id);

CREATE INDEX raincheck_user_user_permissions_permission_id_f3ab611f ON public.raincheck_user_user_permissions USING btree (permission_id);

CREATE INDEX raincheck_user_user_permissions_user_id_65918acb ON public.raincheck_user_user_permissions USING btree (user_id);

CREATE INDEX raincheck_usersession_key_cc5c9b8e_like ON public.raincheck_usersession USING btree (key varchar_pattern_ops);

CREATE INDEX rate_limits_that_may_go ON public.raincheck_ratelimit USING btree (forget_at);

CREATE INDEX readings_of_a_practice ON public.raincheck_readlog USING btree (practice_id, at, id);

CREATE INDEX readings_of_clients ON public.raincheck_readlog USING gin (clients);

CREATE INDEX recipients_by_parts_of_their_contact ON public.raincheck_recipient USING gin (public.contact_terms(practice_id, (email)::text, phone)) WITH (fastupdate=off);

CREATE INDEX records_merged_into_another ON public.raincheck_client USING btree (merged_into_id) WHERE (merged_into_id IS NOT NULL);

CREATE INDEX requests_by_ending ON public.raincheck_reschedulerequest USING btree (provider_id, settled_at DESC, deadline_at, id);

CREATE INDEX requests_of_a_batch ON public.raincheck_reschedulerequest USING btree (batch_id);

CREATE INDEX requests_of_a_client ON public.raincheck_reschedulerequest USING btree (client_id, asked_at);

CREATE INDEX requests_of_a_practice ON public.raincheck_reschedulerequest USING btree (practice_id, settled_at DESC, deadline_at, id);

CREATE INDEX requests_of_an_appointment ON public.raincheck_reschedulerequest USING btree (appointment_id);

CREATE INDEX rows_with_a_problem ON public.raincheck_importrow USING btree (file_id, number) WHERE ((NOT left_out) AND (problem IS NOT NULL));

CREATE INDEX series_to_go_on_with ON public.raincheck_series USING btree (made_until, id) WHERE ((count IS NULL) AND (ends_on IS NULL));

CREATE INDEX sessions_by_last_sign ON public.raincheck_usersession USING btree (last_seen_at);

CREATE INDEX sessions_of_a_person ON public.raincheck_usersession USING btree (user_id, ended_at);

CREATE UNIQUE INDEX somebody_is_invited_once_at_a_time ON public.raincheck_invitation USING btree (practice_id, email) WHERE ((revoked_at IS NULL) AND (used_at IS NULL));

CREATE UNIQUE INDEX unique_authenticator_type ON public.mfa_authenticator USING btree (user_id, type) WHERE ((type)::text = ANY (ARRAY['totp'::text, 'recovery_codes'::text]));

CREATE UNIQUE INDEX unique_primary_email ON public.account_emailaddress USING btree (user_id, "primary") WHERE "primary";

CREATE UNIQUE INDEX unique_verified_email ON public.account_emailaddress USING btree (email) WHERE verified;

CREATE INDEX unsealed_rows_of_a_chain ON public.raincheck_unsealedrow USING btree (chain, "row");

CREATE INDEX unseen_of_a_provider ON public.raincheck_notification USING btree (provider_id, id DESC) WHERE ((channel = 'in_app'::text) AND (seen_at IS NULL));

CREATE INDEX waiting_notifications_by_time ON public.raincheck_notification USING btree (due_at) WHERE (state = 'waiting'::text);

CREATE INDEX waiting_notifications_by_turn ON public.raincheck_notification USING btree (channel, after_others, due_at, id) WHERE (state = 'waiting'::text);

CREATE CONSTRAINT TRIGGER a_claim_belongs_to_its_live_appointment AFTER INSERT OR DELETE OR UPDATE ON public.raincheck_claim DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.a_live_appointment_has_exactly_its_claim();

CREATE TRIGGER a_claimed_room_is_announced AFTER INSERT ON public.raincheck_claim REFERENCING NEW TABLE AS announced FOR EACH STATEMENT EXECUTE FUNCTION public.a_shared_room_is_announced();

CREATE TRIGGER a_cut_has_the_seal_of_its_place AFTER INSERT ON public.raincheck_logcut FOR EACH ROW EXECUTE FUNCTION public.a_cut_has_the_seal_of_its_place();

CREATE TRIGGER a_freed_room_is_announced AFTER DELETE ON public.raincheck_claim REFERENCING OLD TABLE AS announced FOR EACH STATEMENT EXECUTE FUNCTION public.a_shared_room_is_announced();

CREATE CONSTRAINT TRIGGER a_live_appointment_has_exactly_its_claim AFTER INSERT OR UPDATE ON public.raincheck_appointment DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.a_live_appointment_has_exactly_its_claim();

CREATE CONSTRAINT TRIGGER a_merged_record_has_no_appointments AFTER UPDATE OF merged_into_id ON public.raincheck_client DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((new.merged_into_id IS NOT NULL)) EXECUTE FUNCTION public.nobody_is_booked_under_a_merged_record();

CREATE TRIGGER a_practice_keeps_a_manager AFTER DELETE OR UPDATE ON public.raincheck_membership FOR EACH ROW WHEN (((old.role = 'manager'::text) AND (old.ended_at IS NULL))) EXECUTE FUNCTION public.a_practice_keeps_a_manager();

CREATE TRIGGER a_reading_names_its_clients BEFORE INSERT ON public.raincheck_readlog FOR EACH ROW WHEN ((new.client_id IS NOT NULL)) EXECUTE FUNCTION public.a_reading_names_its_clients();

CREATE TRIGGER a_room_given_back_is_announced AFTER UPDATE ON public.raincheck_claim REFERENCING OLD TABLE AS announced FOR EACH STATEMENT EXECUTE FUNCTION public.a_shared_room_is_announced();

CREATE TRIGGER a_settled_request_stays_as_it_is BEFORE DELETE OR UPDATE ON public.raincheck_reschedulerequest FOR EACH ROW EXECUTE FUNCTION public.a_settled_request_stays_as_it_is();

CREATE TRIGGER an_appointment_is_never_deleted BEFORE DELETE ON public.raincheck_appointment FOR EACH ROW EXECUTE FUNCTION public.an_appointment_is_never_deleted();

CREATE CONSTRAINT TRIGGER an_asked_appointment_stays_until_the_ending AFTER UPDATE OF status, starts_at, ends_at, provider_id, client_id ON public.raincheck_appointment DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.an_open_request_is_about_a_live_appointment();

CREATE CONSTRAINT TRIGGER an_ending_is_what_it_says AFTER INSERT OR UPDATE OF state, settled_at, moved_to, appointment_id, asked_starts_at, asked_ends_at ON public.raincheck_reschedulerequest DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((new.state <> 'open'::text)) EXECUTE FUNCTION public.an_ending_is_what_it_says();

CREATE CONSTRAINT TRIGGER an_open_request_is_about_a_live_appointment AFTER INSERT OR UPDATE ON public.raincheck_reschedulerequest DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.an_open_request_is_about_a_live_appointment();

CREATE TRIGGER busy_time_is_announced AFTER INSERT ON public.raincheck_busytime REFERENCING NEW TABLE AS announced FOR EACH STATEMENT EXECUTE FUNCTION public.taken_time_is_announced();

CREATE TRIGGER busy_time_that_ended_is_announced AFTER DELETE ON public.raincheck_busytime REFERENCING OLD TABLE AS announced FOR EACH STATEMENT EXECUTE FUNCTION public.taken_time_is_announced();

CREATE TRIGGER changed_hours_are_announced AFTER UPDATE ON public.raincheck_provider FOR EACH ROW WHEN (((old.availability IS DISTINCT FROM new.availability) OR (old.grid_step IS DISTINCT FROM new.grid_step) OR (old.zone IS DISTINCT FROM new.zone) OR (old.left_at IS DISTINCT FROM new.left_at))) EXECUTE FUNCTION public.changed_hours_are_announced();

CREATE TRIGGER changed_time_off_is_announced AFTER UPDATE ON public.raincheck_outofoffice REFERENCING NEW TABLE AS announced FOR EACH STATEMENT EXECUTE FUNCTION public.taken_time_is_announced();

CREATE TRIGGER claimed_time_is_announced AFTER INSERT ON public.raincheck_claim REFERENCING NEW TABLE AS announced FOR EACH STATEMENT EXECUTE FUNCTION public.taken_time_is_announced();

CREATE TRIGGER cuts_are_append_only BEFORE DELETE OR UPDATE ON public.raincheck_logcut FOR EACH ROW EXECUTE FUNCTION public.cuts_are_append_only();

CREATE TRIGGER cuts_are_never_emptied BEFORE TRUNCATE ON public.raincheck_logcut FOR EACH STATEMENT EXECUTE FUNCTION public.cuts_are_append_only();

CREATE TRIGGER freed_time_is_announced AFTER DELETE ON public.raincheck_claim REFERENCING OLD TABLE AS announced FOR EACH STATEMENT EXECUTE FUNCTION public.taken_time_is_announced();

CREATE CONSTRAINT TRIGGER nobody_is_booked_under_a_merged_record AFTER INSERT OR UPDATE OF client_id ON public.raincheck_appointment DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.nobody_is_booked_under_a_merged_record();

CREATE CONSTRAINT TRIGGER nothing_leaves_the_calendar_untold AFTER UPDATE ON public.raincheck_appointment DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (((old.status = 'scheduled'::text) AND ((new.status = 'cancelled'::text) OR ((new.starts_at IS DISTINCT FROM old.starts_at) OR (new.provider_id IS DISTINCT FROM old.provider_id))))) EXECUTE FUNCTION public.nothing_leaves_the_calendar_untold();

CREATE TRIGGER procrastinate_jobs_notify_queue_job_aborted_v1 AFTER UPDATE OF abort_requested ON public.procrastinate_jobs FOR EACH ROW WHEN (((old.abort_requested = false) AND (new.abort_requested = true) AND (new.status = 'doing'::public.procrastinate_job_status))) EXECUTE FUNCTION public.procrastinate_notify_queue_abort_job_v1();

CREATE TRIGGER procrastinate_jobs_notify_queue_job_inserted_v1 AFTER INSERT ON public.procrastinate_jobs FOR EACH ROW WHEN ((new.status = 'todo'::public.procrastinate_job_status)) EXECUTE FUNCTION public.procrastinate_notify_queue_job_inserted_v1();

CREATE TRIGGER procrastinate_trigger_abort_requested_events_v1 AFTER UPDATE OF abort_requested ON public.procrastinate_jobs FOR EACH ROW WHEN ((new.abort_requested = true)) EXECUTE FUNCTION public.procrastinate_trigger_abort_requested_events_procedure_v1();

CREATE TRIGGER procrastinate_trigger_delete_jobs_v1 BEFORE DELETE ON public.procrastinate_jobs FOR EACH ROW EXECUTE FUNCTION public.procrastinate_unlink_periodic_defers_v1();

CREATE TRIGGER procrastinate_trigger_scheduled_events_v1 AFTER INSERT OR UPDATE ON public.procrastinate_jobs FOR EACH ROW WHEN (((new.scheduled_at IS NOT NULL) AND (new.status = 'todo'::public.procrastinate_job_status))) EXECUTE FUNCTION public.procrastinate_trigger_function_scheduled_events_v1();

CREATE TRIGGER procrastinate_trigger_status_events_insert_v1 AFTER INSERT ON public.procrastinate_jobs FOR EACH ROW WHEN ((new.status = 'todo'::public.procrastinate_job_status)) EXECUTE FUNCTION public.procrastinate_trigger_function_status_events_insert_v1();

CREATE TRIGGER procrastinate_trigger_status_events_update_v1 AFTER UPDATE OF status ON public.procrastinate_jobs FOR EACH ROW EXECUTE FUNCTION public.procrastinate_trigger_function_status_events_update_v1();

CREATE TRIGGER reminders_follow_the_time BEFORE INSERT OR UPDATE OF starts_at, status ON public.raincheck_appointment FOR EACH ROW EXECUTE FUNCTION public.reminders_follow_the_time();

CREATE TRIGGER seals_are_append_only BEFORE DELETE OR UPDATE ON public.raincheck_sealedrow FOR EACH ROW EXECUTE FUNCTION public.seals_are_append_only();

CREATE TRIGGER seals_are_never_emptied BEFORE TRUNCATE ON public.raincheck_sealedrow FOR EACH STATEMENT EXECUTE FUNCTION public.seals_are_append_only();

CREATE TRIGGER suggested_times_follow_their_requests AFTER UPDATE ON public.raincheck_reschedulerequest FOR EACH ROW WHEN ((old.ends_at IS DISTINCT FROM new.ends_at)) EXECUTE FUNCTION public.suggested_times_follow_their_requests();

CREATE TRIGGER the_history_is_append_only BEFORE DELETE OR UPDATE ON public.raincheck_appointmenthistory FOR EACH ROW EXECUTE FUNCTION public.the_history_is_append_only();

CREATE TRIGGER the_history_is_append_only BEFORE DELETE OR UPDATE ON public.raincheck_availabilityhistory FOR EACH ROW EXECUTE FUNCTION public.the_history_is_append_only();

CREATE TRIGGER the_history_is_append_only BEFORE DELETE OR UPDATE ON public.raincheck_clienthistory FOR EACH ROW EXECUTE FUNCTION public.the_history_is_append_only();

CREATE TRIGGER the_history_is_append_only BEFORE DELETE OR UPDATE ON public.raincheck_practicehistory FOR EACH ROW EXECUTE FUNCTION public.the_history_is_append_only();

CREATE TRIGGER the_history_is_append_only BEFORE DELETE OR UPDATE ON public.raincheck_rightshistory FOR EACH ROW EXECUTE FUNCTION public.the_history_is_append_only();

CREATE TRIGGER the_history_is_never_emptied BEFORE TRUNCATE ON public.raincheck_appointmenthistory FOR EACH STATEMENT EXECUTE FUNCTION public.the_history_is_append_only();

CREATE TRIGGER the_history_is_never_emptied BEFORE TRUNCATE ON public.raincheck_availabilityhistory FOR EACH STATEMENT EXECUTE FUNCTION public.the_history_is_append_only();

CREATE TRIGGER the_history_is_never_emptied BEFORE TRUNCATE ON public.raincheck_clienthistory FOR EACH STATEMENT EXECUTE FUNCTION public.the_history_is_append_only();

CREATE TRIGGER the_history_is_never_emptied BEFORE TRUNCATE ON public.raincheck_practicehistory FOR EACH STATEMENT EXECUTE FUNCTION public.the_history_is_append_only();

CREATE TRIGGER the_history_is_never_emptied BEFORE TRUNCATE ON public.raincheck_rightshistory FOR EACH STATEMENT EXECUTE FUNCTION public.the_history_is_append_only();

CREATE TRIGGER the_read_log_is_append_only BEFORE DELETE OR UPDATE ON public.raincheck_readlog FOR EACH ROW EXECUTE FUNCTION public.the_read_log_is_append_only();

CREATE TRIGGER the_read_log_is_never_emptied BEFORE TRUNCATE ON public.raincheck_readlog FOR EACH STATEMENT EXECUTE FUNCTION public.the_read_log_is_append_only();

CREATE CONSTRAINT TRIGGER the_sessions_of_a_room_claim_it AFTER UPDATE OF one_at_a_time ON public.raincheck_place DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.one_at_a_time IS DISTINCT FROM new.one_at_a_time)) EXECUTE FUNCTION public.the_sessions_of_a_room_claim_it();

CREATE TRIGGER time_off_is_announced AFTER INSERT ON public.raincheck_outofoffice REFERENCING NEW TABLE AS announced FOR EACH STATEMENT EXECUTE FUNCTION public.taken_time_is_announced();

CREATE TRIGGER what_is_logged_waits_for_its_seal AFTER INSERT ON public.raincheck_readlog FOR EACH ROW EXECUTE FUNCTION public.what_is_logged_waits_for_its_seal();

CREATE CONSTRAINT TRIGGER whoever_has_a_second_factor_keeps_one AFTER DELETE OR UPDATE OF type, user_id ON public.mfa_authenticator DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.whoever_has_a_second_factor_keeps_one();

ALTER TABLE ONLY public.account_emailaddress
    ADD CONSTRAINT account_emailaddress_user_id_2c513194_fk_raincheck_user_id FOREIGN KEY (user_id) REFERENCES public.raincheck_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.account_emailconfirmation
    ADD CONSTRAINT account_emailconfirm_email_address_id_5b7f8c58_fk_account_e FOREIGN KEY (email_address_id) REFERENCES public.account_emailaddress(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.raincheck_appointment
    ADD CONSTRAINT appointment_client_stays_in_its_practice FOREIGN KEY (practice_id, client_id) REFERENCES public.raincheck_client(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_appointment
    ADD CONSTRAINT appointment_place_stays_in_its_practice FOREIGN KEY (practice_id, place_id) REFERENCES public.raincheck_place(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_appointment
    ADD CONSTRAINT appointment_provider_stays_in_its_practice FOREIGN KEY (practice_id, provider_id) REFERENCES public.raincheck_provider(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_appointment
    ADD CONSTRAINT appointment_series_stays_in_its_practice FOREIGN KEY (practice_id, series_id) REFERENCES public.raincheck_series(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_appointment
    ADD CONSTRAINT appointment_type_stays_in_its_practice FOREIGN KEY (practice_id, type_id) REFERENCES public.raincheck_appointmenttype(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_appointmenthistory
    ADD CONSTRAINT appointmenthistory_appointment_stays_in_its_practice FOREIGN KEY (practice_id, appointment_id) REFERENCES public.raincheck_appointment(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_appointmenthistory
    ADD CONSTRAINT appointmenthistory_request_stays_in_its_practice FOREIGN KEY (practice_id, request_id) REFERENCES public.raincheck_reschedulerequest(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissio_permission_id_84c5c92e_fk_auth_perm FOREIGN KEY (permission_id) REFERENCES public.auth_permission(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissions_group_id_b120cbf9_fk_auth_group_id FOREIGN KEY (group_id) REFERENCES public.auth_group(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.auth_permission
    ADD CONSTRAINT auth_permission_content_type_id_2f476e4b_fk_django_co FOREIGN KEY (content_type_id) REFERENCES public.django_content_type(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.raincheck_availabilityhistory
    ADD CONSTRAINT availabilityhistory_provider_stays_in_its_practice FOREIGN KEY (practice_id, provider_id) REFERENCES public.raincheck_provider(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_busycalendar
    ADD CONSTRAINT busycalendar_provider_stays_in_its_practice FOREIGN KEY (practice_id, provider_id) REFERENCES public.raincheck_provider(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_busytime
    ADD CONSTRAINT busytime_calendar_stays_in_its_practice FOREIGN KEY (practice_id, calendar_id) REFERENCES public.raincheck_busycalendar(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_busytime
    ADD CONSTRAINT busytime_provider_stays_in_its_practice FOREIGN KEY (practice_id, provider_id) REFERENCES public.raincheck_provider(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_calendarfeed
    ADD CONSTRAINT calendarfeed_client_stays_in_its_practice FOREIGN KEY (practice_id, client_id) REFERENCES public.raincheck_client(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_calendarfeed
    ADD CONSTRAINT calendarfeed_provider_stays_in_its_practice FOREIGN KEY (practice_id, provider_id) REFERENCES public.raincheck_provider(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_calendarpush
    ADD CONSTRAINT calendarpush_calendar_stays_in_its_practice FOREIGN KEY (practice_id, calendar_id) REFERENCES public.raincheck_busycalendar(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_calendarpush
    ADD CONSTRAINT calendarpush_provider_stays_in_its_practice FOREIGN KEY (practice_id, provider_id) REFERENCES public.raincheck_provider(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_claim
    ADD CONSTRAINT claim_appointment_stays_in_its_practice FOREIGN KEY (practice_id, appointment_id) REFERENCES public.raincheck_appointment(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_claim
    ADD CONSTRAINT claim_client_stays_in_its_practice FOREIGN KEY (practice_id, client_id) REFERENCES public.raincheck_client(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_claim
    ADD CONSTRAINT claim_hold_stays_in_its_practice FOREIGN KEY (practice_id, hold_id) REFERENCES public.raincheck_hold(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_claim
    ADD CONSTRAINT claim_provider_stays_in_its_practice FOREIGN KEY (practice_id, provider_id) REFERENCES public.raincheck_provider(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_claim
    ADD CONSTRAINT claim_room_stays_in_its_practice FOREIGN KEY (practice_id, room_id) REFERENCES public.raincheck_place(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_client
    ADD CONSTRAINT client_merged_into_stays_in_its_practice FOREIGN KEY (practice_id, merged_into_id) REFERENCES public.raincheck_client(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_client
    ADD CONSTRAINT client_usual_provider_stays_in_its_practice FOREIGN KEY (practice_id, usual_provider_id) REFERENCES public.raincheck_provider(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_clienthistory
    ADD CONSTRAINT clienthistory_client_stays_in_its_practice FOREIGN KEY (practice_id, client_id) REFERENCES public.raincheck_client(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_clientmerge
    ADD CONSTRAINT clientmerge_gone_stays_in_its_practice FOREIGN KEY (practice_id, gone_id) REFERENCES public.raincheck_client(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_clientmerge
    ADD CONSTRAINT clientmerge_kept_stays_in_its_practice FOREIGN KEY (practice_id, kept_id) REFERENCES public.raincheck_client(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_conversation
    ADD CONSTRAINT conversation_client_stays_in_its_practice FOREIGN KEY (practice_id, client_id) REFERENCES public.raincheck_client(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_conversation
    ADD CONSTRAINT conversation_provider_stays_in_its_practice FOREIGN KEY (practice_id, provider_id) REFERENCES public.raincheck_provider(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_deliveryattempt
    ADD CONSTRAINT deliveryattempt_notification_stays_in_its_practice FOREIGN KEY (practice_id, notification_id) REFERENCES public.raincheck_notification(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_differentpeople
    ADD CONSTRAINT differentpeople_one_stays_in_its_practice FOREIGN KEY (practice_id, one_id) REFERENCES public.raincheck_client(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_differentpeople
    ADD CONSTRAINT differentpeople_other_stays_in_its_practice FOREIGN KEY (practice_id, other_id) REFERENCES public.raincheck_client(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_emergencyaccess
    ADD CONSTRAINT emergencyaccess_conversation_stays_in_its_practice FOREIGN KEY (practice_id, conversation_id) REFERENCES public.raincheck_conversation(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_emergencyaccess
    ADD CONSTRAINT emergencyaccess_manager_stays_in_its_practice FOREIGN KEY (practice_id, manager_id) REFERENCES public.raincheck_membership(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_emergencyaccess
    ADD CONSTRAINT emergencyaccess_reason_stays_in_its_practice FOREIGN KEY (practice_id, reason_id) REFERENCES public.raincheck_emergencyreason(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_hold
    ADD CONSTRAINT hold_appointment_stays_in_its_practice FOREIGN KEY (practice_id, appointment_id) REFERENCES public.raincheck_appointment(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_hold
    ADD CONSTRAINT hold_client_stays_in_its_practice FOREIGN KEY (practice_id, client_id) REFERENCES public.raincheck_client(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_hold
    ADD CONSTRAINT hold_offer_stays_in_its_practice FOREIGN KEY (practice_id, offer_id) REFERENCES public.raincheck_rebookoffer(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_hold
    ADD CONSTRAINT hold_provider_stays_in_its_practice FOREIGN KEY (practice_id, provider_id) REFERENCES public.raincheck_provider(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_hold
    ADD CONSTRAINT hold_request_stays_in_its_practice FOREIGN KEY (practice_id, request_id) REFERENCES public.raincheck_reschedulerequest(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_importrow
    ADD CONSTRAINT importrow_appointment_stays_in_its_practice FOREIGN KEY (practice_id, appointment_id) REFERENCES public.raincheck_appointment(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_importrow
    ADD CONSTRAINT importrow_client_stays_in_its_practice FOREIGN KEY (practice_id, client_id) REFERENCES public.raincheck_client(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_importrow
    ADD CONSTRAINT importrow_earlier_stays_in_its_practice FOREIGN KEY (practice_id, earlier_id) REFERENCES public.raincheck_appointment(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_importrow
    ADD CONSTRAINT importrow_file_stays_in_its_practice FOREIGN KEY (practice_id, file_id) REFERENCES public.raincheck_import(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_link
    ADD CONSTRAINT link_appointment_stays_in_its_practice FOREIGN KEY (practice_id, appointment_id) REFERENCES public.raincheck_appointment(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_link
    ADD CONSTRAINT link_attempt_stays_in_its_practice FOREIGN KEY (practice_id, attempt_id) REFERENCES public.raincheck_deliveryattempt(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_link
    ADD CONSTRAINT link_batch_stays_in_its_practice FOREIGN KEY (practice_id, batch_id) REFERENCES public.raincheck_reschedulebatch(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_link
    ADD CONSTRAINT link_client_stays_in_its_practice FOREIGN KEY (practice_id, client_id) REFERENCES public.raincheck_client(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_link
    ADD CONSTRAINT link_conversation_stays_in_its_practice FOREIGN KEY (practice_id, conversation_id) REFERENCES public.raincheck_conversation(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_link
    ADD CONSTRAINT link_rebook_offer_stays_in_its_practice FOREIGN KEY (practice_id, rebook_offer_id) REFERENCES public.raincheck_rebookoffer(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_link
    ADD CONSTRAINT link_recipient_stays_in_its_practice FOREIGN KEY (practice_id, recipient_id) REFERENCES public.raincheck_recipient(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_membership
    ADD CONSTRAINT membership_client_stays_in_its_practice FOREIGN KEY (practice_id, client_id) REFERENCES public.raincheck_client(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_membership
    ADD CONSTRAINT membership_provider_stays_in_its_practice FOREIGN KEY (practice_id, provider_id) REFERENCES public.raincheck_provider(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_message
    ADD CONSTRAINT message_appointment_stays_in_its_practice FOREIGN KEY (practice_id, appointment_id) REFERENCES public.raincheck_appointment(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_message
    ADD CONSTRAINT message_batch_stays_in_its_practice FOREIGN KEY (practice_id, batch_id) REFERENCES public.raincheck_reschedulebatch(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_message
    ADD CONSTRAINT message_conversation_stays_in_its_practice FOREIGN KEY (practice_id, conversation_id) REFERENCES public.raincheck_conversation(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_message
    ADD CONSTRAINT message_recipient_stays_in_its_practice FOREIGN KEY (practice_id, recipient_id) REFERENCES public.raincheck_recipient(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.mfa_authenticator
    ADD CONSTRAINT mfa_authenticator_user_id_0c3a50c0_fk_raincheck_user_id FOREIGN KEY (user_id) REFERENCES public.raincheck_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.raincheck_notification
    ADD CONSTRAINT notification_appointment_stays_in_its_practice FOREIGN KEY (practice_id, appointment_id) REFERENCES public.raincheck_appointment(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_notification
    ADD CONSTRAINT notification_batch_stays_in_its_practice FOREIGN KEY (practice_id, batch_id) REFERENCES public.raincheck_reschedulebatch(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_notification
    ADD CONSTRAINT notification_conversation_stays_in_its_practice FOREIGN KEY (practice_id, conversation_id) REFERENCES public.raincheck_conversation(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_notification
    ADD CONSTRAINT notification_provider_stays_in_its_practice FOREIGN KEY (practice_id, provider_id) REFERENCES public.raincheck_provider(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_notification
    ADD CONSTRAINT notification_rebook_offer_stays_in_its_practice FOREIGN KEY (practice_id, rebook_offer_id) REFERENCES public.raincheck_rebookoffer(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_notification
    ADD CONSTRAINT notification_recipient_stays_in_its_practice FOREIGN KEY (practice_id, recipient_id) REFERENCES public.raincheck_recipient(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_notificationappointment
    ADD CONSTRAINT notificationappointment_appointment_stays_in_its_practice FOREIGN KEY (practice_id, appointment_id) REFERENCES public.raincheck_appointment(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_notificationappointment
    ADD CONSTRAINT notificationappointment_notification_stays_in_its_practice FOREIGN KEY (practice_id, notification_id) REFERENCES public.raincheck_notification(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_notificationappointment
    ADD CONSTRAINT notificationappointment_request_stays_in_its_practice FOREIGN KEY (practice_id, request_id) REFERENCES public.raincheck_reschedulerequest(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_outofoffice
    ADD CONSTRAINT outofoffice_batch_stays_in_its_practice FOREIGN KEY (practice_id, batch_id) REFERENCES public.raincheck_reschedulebatch(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_outofoffice
    ADD CONSTRAINT outofoffice_provider_stays_in_its_practice FOREIGN KEY (practice_id, provider_id) REFERENCES public.raincheck_provider(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_practicehistory
    ADD CONSTRAINT practicehistory_place_stays_in_its_practice FOREIGN KEY (practice_id, place_id) REFERENCES public.raincheck_place(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_practicehistory
    ADD CONSTRAINT practicehistory_type_stays_in_its_practice FOREIGN KEY (practice_id, type_id) REFERENCES public.raincheck_appointmenttype(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.procrastinate_events
    ADD CONSTRAINT procrastinate_events_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.procrastinate_jobs(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.procrastinate_jobs
    ADD CONSTRAINT procrastinate_jobs_worker_id_fkey FOREIGN KEY (worker_id) REFERENCES public.procrastinate_workers(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.procrastinate_periodic_defers
    ADD CONSTRAINT procrastinate_periodic_defers_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.procrastinate_jobs(id);

ALTER TABLE ONLY public.raincheck_pushedevent
    ADD CONSTRAINT pushedevent_appointment_stays_in_its_practice FOREIGN KEY (practice_id, appointment_id) REFERENCES public.raincheck_appointment(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_pushedevent
    ADD CONSTRAINT pushedevent_push_stays_in_its_practice FOREIGN KEY (practice_id, push_id) REFERENCES public.raincheck_calendarpush(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_quarantined
    ADD CONSTRAINT quarantined_appointment_stays_in_its_practice FOREIGN KEY (practice_id, appointment_id) REFERENCES public.raincheck_appointment(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_quarantined
    ADD CONSTRAINT quarantined_provider_stays_in_its_practice FOREIGN KEY (practice_id, provider_id) REFERENCES public.raincheck_provider(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_quarantined
    ADD CONSTRAINT quarantined_request_stays_in_its_practice FOREIGN KEY (practice_id, request_id) REFERENCES public.raincheck_reschedulerequest(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_appearance
    ADD CONSTRAINT raincheck_appearance_practice_id_8861d4dd_fk_raincheck FOREIGN KEY (practice_id) REFERENCES public.raincheck_practice(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.raincheck_appearance
    ADD CONSTRAINT raincheck_appearance_user_id_264f7ead_fk_raincheck_user_id FOREIGN KEY (user_id) REFERENCES public.raincheck_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.raincheck_appointment
    ADD CONSTRAINT raincheck_appointmen_practice_id_02d04b94_fk_raincheck FOREIGN KEY (practice_id) REFERENCES public.raincheck_practice(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.raincheck_appointmenthistory
    ADD CONSTRAINT raincheck_appointmen_practice_id_94c0c9ab_fk_raincheck FOREIGN KEY (practice_id) REFERENCES public.raincheck_practice(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.raincheck_appointmenttype
    ADD CONSTRAINT raincheck_appointmen_practice_id_b48bc8bc_fk_raincheck FOREIGN KEY (practice_id) REFERENCES public.raincheck_practice(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.raincheck_availabilityhistory
    ADD CONSTRAINT raincheck_availabili_practice_id_c948b25c_fk_raincheck FOREIGN KEY (practice_id) REFERENCES public.raincheck_practice(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.raincheck_busycalendar
    ADD CONSTRAINT raincheck_busycalend_practice_id_a6f93881_fk_raincheck FOREIGN KEY (practice_id) REFERENCES public.raincheck_practice(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.raincheck_busytime
    ADD CONSTRAINT raincheck_busytime_practice_id_25743a7a_fk_raincheck FOREIGN KEY (practice_id) REFERENCES public.raincheck_practice(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.raincheck_pushedevent
    ADD CONSTRAINT raincheck_calendarco_practice_id_dbea6049_fk_raincheck FOREIGN KEY (practice_id) REFERENCES public.raincheck_practice(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.raincheck_calendarfeed
    ADD CONSTRAINT raincheck_calendarfe_practice_id_3af79e7d_fk_raincheck FOREIGN KEY (practice_id) REFERENCES public.raincheck_practice(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.raincheck_calendarpush
    ADD CONSTRAINT raincheck_calendarwr_practice_id_0ed3101f_fk_raincheck FOREIGN KEY (practice_id) REFERENCES public.raincheck_practice(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.raincheck_claim
    ADD CONSTRAINT raincheck_claim_practice_id_558aa50c_fk_raincheck_practice_id FOREIGN KEY (practice_id) REFERENCES public.raincheck_practice(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.raincheck_client
    ADD CONSTRAINT raincheck_client_practice_id_66833098_fk_raincheck_practice_id FOREIGN KEY (practice_id) REFERENCES public.raincheck_practice(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.raincheck_clienthistory
    ADD CONSTRAINT raincheck_clienthist_practice_id_bbcbf6c5_fk_raincheck FOREIGN KEY (practice_id) REFERENCES public.raincheck_practice(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.raincheck_clientmerge
    ADD CONSTRAINT raincheck_clientmerg_practice_id_b9bf43c9_fk_raincheck FOREIGN KEY (practice_id) REFERENCES public.raincheck_practice(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.raincheck_conversation
    ADD CONSTRAINT raincheck_conversati_practice_id_4b8f6c55_fk_raincheck FOREIGN KEY (practice_id) REFERENCES public.raincheck_practice(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.raincheck_deliveryattempt
    ADD CONSTRAINT raincheck_deliveryat_practice_id_3221f73b_fk_raincheck FOREIGN KEY (practice_id) REFERENCES public.raincheck_practice(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.raincheck_differentpeople
    ADD CONSTRAINT raincheck_differentp_practice_id_c074e857_fk_raincheck FOREIGN KEY (practice_id) REFERENCES public.raincheck_practice(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.raincheck_emergencyaccess
    ADD CONSTRAINT raincheck_emergencya_practice_id_0b636da4_fk_raincheck FOREIGN KEY (practice_id) REFERENCES public.raincheck_practice(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.raincheck_emergencyreason
    ADD CONSTRAINT raincheck_emergencyr_practice_id_55119d1c_fk_raincheck FOREIGN KEY (practice_id) REFERENCES public.raincheck_practice(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.raincheck_hold
    ADD CONSTRAINT raincheck_hold_practice_id_93b793e8_fk_raincheck_practice_id FOREIGN KEY (practice_id) REFERENCES public.raincheck_practice(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.raincheck_import
    ADD CONSTRAINT raincheck_import_practice_id_0e01b938_fk_raincheck_practice_id FOREIGN KEY (practice_id) REFERENCES public.raincheck_practice(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.raincheck_importrow
    ADD CONSTRAINT raincheck_importrow_practice_id_261e6cae_fk_raincheck FOREIGN KEY (practice_id) REFERENCES public.raincheck_practice(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.raincheck_invitation
    ADD CONSTRAINT raincheck_invitation_practice_id_37291700_fk_raincheck FOREIGN KEY (practice_id) REFERENCES public.raincheck_practice(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.raincheck_invitation
    ADD CONSTRAINT raincheck_invitation_used_by_id_f7075848_fk_raincheck_user_id FOREIGN KEY (used_by_id) REFERENCES public.raincheck_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.raincheck_link
    ADD CONSTRAINT raincheck_link_practice_id_b4331803_fk_raincheck_practice_id FOREIGN KEY (practice_id) REFERENCES public.raincheck_practice(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.raincheck_membership
    ADD CONSTRAINT raincheck_membership_practice_id_e35e740f_fk_raincheck FOREIGN KEY (practice_id) REFERENCES public.raincheck_practice(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.raincheck_membership
    ADD CONSTRAINT raincheck_membership_user_id_13669f9b_fk_raincheck_user_id FOREIGN KEY (user_id) REFERENCES public.raincheck_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.raincheck_message
    ADD CONSTRAINT raincheck_message_practice_id_c6104750_fk_raincheck_practice_id FOREIGN KEY (practice_id) REFERENCES public.raincheck_practice(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.raincheck_notification
    ADD CONSTRAINT raincheck_notificati_practice_id_12820b95_fk_raincheck FOREIGN KEY (practice_id) REFERENCES public.raincheck_practice(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.raincheck_notificationappointment
    ADD CONSTRAINT raincheck_notificati_practice_id_72cba413_fk_raincheck FOREIGN KEY (practice_id) REFERENCES public.raincheck_practice(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.raincheck_notification
    ADD CONSTRAINT raincheck_notification_user_id_ffa1ac67_fk_raincheck_user_id FOREIGN KEY (user_id) REFERENCES public.raincheck_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.raincheck_outofoffice
    ADD CONSTRAINT raincheck_outofoffic_practice_id_c754fedb_fk_raincheck FOREIGN KEY (practice_id) REFERENCES public.raincheck_practice(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.raincheck_place
    ADD CONSTRAINT raincheck_place_practice_id_b7c1528d_fk_raincheck_practice_id FOREIGN KEY (practice_id) REFERENCES public.raincheck_practice(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.raincheck_practicehistory
    ADD CONSTRAINT raincheck_practicehi_practice_id_0478dc96_fk_raincheck FOREIGN KEY (practice_id) REFERENCES public.raincheck_practice(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.raincheck_provider
    ADD CONSTRAINT raincheck_provider_practice_id_dbb7c5ef_fk_raincheck FOREIGN KEY (practice_id) REFERENCES public.raincheck_practice(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.raincheck_readlog
    ADD CONSTRAINT raincheck_readlog_practice_id_02a602d8_fk_raincheck_practice_id FOREIGN KEY (practice_id) REFERENCES public.raincheck_practice(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.raincheck_rebookoffer
    ADD CONSTRAINT raincheck_rebookoffe_practice_id_8156bae8_fk_raincheck FOREIGN KEY (practice_id) REFERENCES public.raincheck_practice(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.raincheck_recipient
    ADD CONSTRAINT raincheck_recipient_practice_id_dae1156f_fk_raincheck FOREIGN KEY (practice_id) REFERENCES public.raincheck_practice(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.raincheck_reschedulebatch
    ADD CONSTRAINT raincheck_reschedule_practice_id_6baf0314_fk_raincheck FOREIGN KEY (practice_id) REFERENCES public.raincheck_practice(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.raincheck_reschedulerequest
    ADD CONSTRAINT raincheck_reschedule_practice_id_e91d3de6_fk_raincheck FOREIGN KEY (practice_id) REFERENCES public.raincheck_practice(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.raincheck_rightshistory
    ADD CONSTRAINT raincheck_rightshist_practice_id_95b2c73c_fk_raincheck FOREIGN KEY (practice_id) REFERENCES public.raincheck_practice(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.raincheck_rightshistory
    ADD CONSTRAINT raincheck_rightshistory_user_id_17270136_fk_raincheck_user_id FOREIGN KEY (user_id) REFERENCES public.raincheck_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.raincheck_series
    ADD CONSTRAINT raincheck_series_practice_id_852d4616_fk_raincheck_practice_id FOREIGN KEY (practice_id) REFERENCES public.raincheck_practice(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.raincheck_quarantined
    ADD CONSTRAINT raincheck_setaside_practice_id_cc28e49e_fk_raincheck FOREIGN KEY (practice_id) REFERENCES public.raincheck_practice(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.raincheck_task
    ADD CONSTRAINT raincheck_task_practice_id_a9dda2e6_fk_raincheck_practice_id FOREIGN KEY (practice_id) REFERENCES public.raincheck_practice(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.raincheck_user_groups
    ADD CONSTRAINT raincheck_user_groups_group_id_101ec8b9_fk_auth_group_id FOREIGN KEY (group_id) REFERENCES public.auth_group(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.raincheck_user_groups
    ADD CONSTRAINT raincheck_user_groups_user_id_4c1f42cf_fk_raincheck_user_id FOREIGN KEY (user_id) REFERENCES public.raincheck_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.raincheck_user_user_permissions
    ADD CONSTRAINT raincheck_user_user__permission_id_f3ab611f_fk_auth_perm FOREIGN KEY (permission_id) REFERENCES public.auth_permission(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.raincheck_user_user_permissions
    ADD CONSTRAINT raincheck_user_user__user_id_65918acb_fk_raincheck FOREIGN KEY (user_id) REFERENCES public.raincheck_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.raincheck_usersession
    ADD CONSTRAINT raincheck_usersession_user_id_5f99a06a_fk_raincheck_user_id FOREIGN KEY (user_id) REFERENCES public.raincheck_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.raincheck_rebookoffer
    ADD CONSTRAINT rebookoffer_appointment_stays_in_its_practice FOREIGN KEY (practice_id, appointment_id) REFERENCES public.raincheck_appointment(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_rebookoffer
    ADD CONSTRAINT rebookoffer_booked_stays_in_its_practice FOREIGN KEY (practice_id, booked_id) REFERENCES public.raincheck_appointment(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_rebookoffer
    ADD CONSTRAINT rebookoffer_client_stays_in_its_practice FOREIGN KEY (practice_id, client_id) REFERENCES public.raincheck_client(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_rebookoffer
    ADD CONSTRAINT rebookoffer_place_stays_in_its_practice FOREIGN KEY (practice_id, place_id) REFERENCES public.raincheck_place(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_rebookoffer
    ADD CONSTRAINT rebookoffer_provider_stays_in_its_practice FOREIGN KEY (practice_id, provider_id) REFERENCES public.raincheck_provider(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_rebookoffer
    ADD CONSTRAINT rebookoffer_type_stays_in_its_practice FOREIGN KEY (practice_id, type_id) REFERENCES public.raincheck_appointmenttype(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_recipient
    ADD CONSTRAINT recipient_client_stays_in_its_practice FOREIGN KEY (practice_id, client_id) REFERENCES public.raincheck_client(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_reschedulebatch
    ADD CONSTRAINT reschedulebatch_client_stays_in_its_practice FOREIGN KEY (practice_id, client_id) REFERENCES public.raincheck_client(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_reschedulebatch
    ADD CONSTRAINT reschedulebatch_provider_stays_in_its_practice FOREIGN KEY (practice_id, provider_id) REFERENCES public.raincheck_provider(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_reschedulerequest
    ADD CONSTRAINT reschedulerequest_appointment_stays_in_its_practice FOREIGN KEY (practice_id, appointment_id) REFERENCES public.raincheck_appointment(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_reschedulerequest
    ADD CONSTRAINT reschedulerequest_batch_stays_in_its_practice FOREIGN KEY (practice_id, batch_id) REFERENCES public.raincheck_reschedulebatch(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_reschedulerequest
    ADD CONSTRAINT reschedulerequest_client_stays_in_its_practice FOREIGN KEY (practice_id, client_id) REFERENCES public.raincheck_client(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_reschedulerequest
    ADD CONSTRAINT reschedulerequest_provider_stays_in_its_practice FOREIGN KEY (practice_id, provider_id) REFERENCES public.raincheck_provider(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_series
    ADD CONSTRAINT series_client_stays_in_its_practice FOREIGN KEY (practice_id, client_id) REFERENCES public.raincheck_client(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_series
    ADD CONSTRAINT series_place_stays_in_its_practice FOREIGN KEY (practice_id, place_id) REFERENCES public.raincheck_place(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_series
    ADD CONSTRAINT series_provider_stays_in_its_practice FOREIGN KEY (practice_id, provider_id) REFERENCES public.raincheck_provider(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_series
    ADD CONSTRAINT series_type_stays_in_its_practice FOREIGN KEY (practice_id, type_id) REFERENCES public.raincheck_appointmenttype(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_task
    ADD CONSTRAINT task_appointment_stays_in_its_practice FOREIGN KEY (practice_id, appointment_id) REFERENCES public.raincheck_appointment(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_task
    ADD CONSTRAINT task_calendar_stays_in_its_practice FOREIGN KEY (practice_id, calendar_id) REFERENCES public.raincheck_busycalendar(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_task
    ADD CONSTRAINT task_client_stays_in_its_practice FOREIGN KEY (practice_id, client_id) REFERENCES public.raincheck_client(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_task
    ADD CONSTRAINT task_notification_stays_in_its_practice FOREIGN KEY (practice_id, notification_id) REFERENCES public.raincheck_notification(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_task
    ADD CONSTRAINT task_provider_stays_in_its_practice FOREIGN KEY (practice_id, provider_id) REFERENCES public.raincheck_provider(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_task
    ADD CONSTRAINT task_request_stays_in_its_practice FOREIGN KEY (practice_id, request_id) REFERENCES public.raincheck_reschedulerequest(practice_id, id) DEFERRABLE;

ALTER TABLE ONLY public.raincheck_task
    ADD CONSTRAINT task_series_stays_in_its_practice FOREIGN KEY (practice_id, series_id) REFERENCES public.raincheck_series(practice_id, id) DEFERRABLE;
