"""Clients are found without accents, by phone and by e-mail address; each by an index that knows the practice."""

from django.db import migrations

# Letters without their marks: those that Unicode composes lose them by its own tables, the others are named here.
PLAIN_LETTERS = """
CREATE FUNCTION plain_letters(written text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
    SELECT replace(replace(replace(replace(translate(
        regexp_replace(normalize(lower(normalize(written, NFKC)), NFD), '[\\u0300-\\u036f''`´’‘ʼʻ]', '', 'g'),
        'øłđðıħŧ', 'olddiht'), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th')
$$
"""
NO_PLAIN_LETTERS = "DROP FUNCTION plain_letters"
# Every ending of every word of a name, behind the practice's number.
NAME_TERMS = """
CREATE FUNCTION client_name_terms(practice bigint, first_name text, last_name text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(array_to_tsvector(array_agg(DISTINCT practice || ':' || substr(word, start, 80))), ''::tsvector)
    FROM regexp_split_to_table(public.plain_letters(first_name || ' ' || last_name), '\\s+') word,
        generate_series(1, least(length(word), 200)) start
$$
"""
# What is searched for: names that hold a part beginning with each of the words.
NAME_QUERY = """
CREATE FUNCTION client_name_query(practice bigint, words text[]) RETURNS tsquery
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT string_agg(format('''%s:%s'':*', practice, replace(public.plain_letters(word), '\\', '\\\\')), ' & ')::tsquery
    FROM unnest(words) word
$$
"""
# Every ending of an address that begins before its host's name, and of a number's digits: numbers are told by their last ones.
CONTACT_TERMS = """
CREATE FUNCTION contact_terms(practice bigint, email text, phone text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(array_to_tsvector(array_agg(DISTINCT practice || ':' || term)), ''::tsvector) FROM (
        SELECT substr(lower(email), start, 80) AS term FROM generate_series(1, position('@' IN email)) start
        UNION ALL
        SELECT substr(digits, start) FROM regexp_replace(phone, '[^0-9]', '', 'g') digits, generate_series(1, length(digits)) start
    ) terms
$$
"""
INDEXES = {
    "clients_by_letters_of_their_name": "raincheck_client USING gin (client_name_terms(practice_id, first_name, last_name))",
    "clients_by_parts_of_their_phone": "raincheck_client USING gin (contact_terms(practice_id, '', phone))",
    "recipients_by_parts_of_their_contact": "raincheck_recipient USING gin (contact_terms(practice_id, email::text, phone))",
}
BEFORE = """
CREATE INDEX CONCURRENTLY clients_by_parts_of_their_name ON raincheck_client
USING gin (client_search_terms(practice_id, first_name, last_name)) WITH (fastupdate = off)
"""


class Migration(migrations.Migration):
    atomic = False  # an index that is made beside running work cannot be made in a transaction

    dependencies = [("raincheck", "0028_words_know_their_recipient")]

    operations = [
        migrations.RunSQL(PLAIN_LETTERS, NO_PLAIN_LETTERS),
        migrations.RunSQL(NAME_TERMS, "DROP FUNCTION client_name_terms"),
        migrations.RunSQL(NAME_QUERY, "DROP FUNCTION client_name_query"),
        migrations.RunSQL(CONTACT_TERMS, "DROP FUNCTION contact_terms"),
        *(
            migrations.RunSQL(
                # Without the list of pending entries: a search would read it from end to end.
                f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} ON {what} WITH (fastupdate = off)",
                f"DROP INDEX CONCURRENTLY {name}",
            )
            for name, what in INDEXES.items()
        ),
        # The version before searches by the function of this index, which stays; only no longer by the index.
        migrations.RunSQL("DROP INDEX CONCURRENTLY clients_by_parts_of_their_name", BEFORE),
    ]
