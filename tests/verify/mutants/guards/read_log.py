"""Guards of what was read: nothing is shown that is written down nowhere, and nobody changes what was."""

from __future__ import annotations

from tests.verify.mutants.guard import Guard
from tests.verify.mutants.guards.suites import STEP_UP

LOG_CHAIN = "tests/app/access/test_log_chain.py"
SEALED_WORDS = "tests/app/access/test_sealed_words.py"
READ_LOG = "tests/app/access/test_read_log.py"
READ_LOG_WALK = "tests/app/access/test_read_log_walk.py"

GUARDS = (
    Guard(
        "who seals holds the chain's end",
        "P15",
        "actions/access/log_chain.py",
        "select_for_update(no_key=True, skip_locked=True).filter(chain=chain)",
        "filter(chain=chain)",
        (LOG_CHAIN,),
    ),
    Guard(
        "a row that comes late is sealed too",
        "P15",
        "actions/access/log_chain.py",
        "WHERE waiting.chain = %s ORDER BY",
        'WHERE waiting.chain = %s AND waiting."row" > (SELECT coalesce(max(s."row"), 0) FROM raincheck_sealedrow s) ORDER BY',
        (LOG_CHAIN,),
    ),
    Guard(
        "a seal covers the seal before it",
        "P15",
        "domain/access/log_chain.py",
        "hashlib.sha256(seal + said.encode())",
        "hashlib.sha256(said.encode())",
        (LOG_CHAIN,),
    ),
    Guard(
        "the end of a chain is held against what was written down elsewhere",
        "P15",
        "domain/access/log_chain.py",
        "        if former is not None and former.rows == place and former.seal != seal:",
        "        if False:",
        (LOG_CHAIN,),
    ),
    Guard(
        "one client's own list names nobody else",
        "P17",
        "web/staff/practice/read_log.py",
        "{about.pk} if about is not None else",
        "set() if about is None else",
        ("tests/app/practice/test_read_log_page.py",),
    ),
    Guard(
        "cells of a file are never formulas",
        "P15",
        "web/staff/practice/read_log.py",
        "if text.startswith(FORMULAS)",
        "if text.startswith('never')",
        ("tests/app/practice/test_read_log_page.py",),
    ),
    Guard(
        "words are bound to their row",
        "P17",
        "data/access/sealed_words.py",
        "words.sealed_for != (read.practice_id, read.ref)",
        "words.sealed_for is None",
        (SEALED_WORDS,),
    ),
    Guard(
        "a seal covers table, column, practice and row",
        "P17",
        "data/access/sealed_words.py",
        'return f"raincheck:{field.model._meta.db_table}:{field.column}:{practice}:{ref.hex}".encode()',
        'return b"raincheck"',
        (SEALED_WORDS,),
    ),
    Guard(
        "a rotation is not over while a process may believe in the former key",
        "P13",
        "actions/access/record_keys.py",
        "if now - key.made_at > timedelta(seconds=2 * BELIEVED) and not",
        "if not",
        (SEALED_WORDS,),
    ),
    Guard(
        "whoever a page reads counts as shown on it",
        "P15",
        "data/people.py",
        "        shows(client.pk)\n",
        "",
        (READ_LOG, READ_LOG_WALK),
    ),
    Guard(
        "names that are read without their client's row count as shown",
        "P15",
        "data/taken_names.py",
        "    shows(*(row[5] for row in rows if row[5] is not None))\n",
        "",
        (READ_LOG,),
    ),
    Guard(
        "nothing is shown that is written down nowhere",
        "P15",
        "web/access/read_log.py",
        "                return refuse(request, error)\n",
        "                pass\n",
        (READ_LOG,),
    ),
    Guard(
        "a kept page says whom it shows",
        "P15",
        "web/kept_pages.py",
        '    shows_only(contents.get("clients", []))\n',
        "    shows_only([])\n",
        ("tests/app/access/test_redirects_after_forms.py",),
    ),
    Guard(
        "a cut of the read log that its rows don't tell of is named",
        "P15",
        "domain/access/log_chain.py",
        "        if not cut.told and cut.at >= cuts[-1].before:\n",
        "        if not cut.told and cut.at > cuts[-1].at:\n",
        ("tests/app/access/test_log_retention.py",),
    ),
    Guard(
        "only what is seven years old is cut off the read log",
        "P15",
        "domain/access/log_chain.py",
        "    oldest = (now - RETENTION).astimezone(UTC)\n",
        "    oldest = (now - RETENTION / 7).astimezone(UTC)\n",
        ("tests/app/access/test_log_retention.py",),
    ),
    Guard(
        "nobody floods the read log with refused pages",
        "P20",
        "web/access/read_log.py",
        "    if refusals.count(request):\n        return\n",
        "",
        ("tests/app/access/test_rows_of_access.py",),
    ),
    Guard(
        "of two who rotate the keys at once the second finds the first one's",
        "P14",
        "actions/access/record_keys.py",
        "    newest_first.select_for_update(no_key=True).first()\n",
        "",
        ("tests/verify/races/test_rotations.py",),
    ),
    Guard(
        "a session that ends is a row of the read log",
        "P15",
        "actions/access/sessions.py",
        "            record_event(Event.SESSION_ENDED, by=replace(actor, practice=practice), now=at, detail=detail)\n",
        "            pass\n",
        ("tests/app/access/test_rows_of_access.py",),
    ),
    Guard(
        "what becomes of an invitation is a row of the read log",
        "P15",
        "actions/access/invitations.py",
        "    record_event(what, by=replace(by, practice=invitation.practice_id), now=now, detail=detail)\n",
        "    assert detail\n",
        ("tests/app/access/test_rows_of_access.py",),
    ),
    Guard(
        "a wrong second factor is a row of the read log",
        "P15",
        "web/access/second_factor.py",
        "            note_entry(self.request, Event.SECOND_FACTOR_FAILED, attempt.account)\n",
        "",
        ("tests/app/access/test_rows_of_access.py", STEP_UP),
    ),
)
