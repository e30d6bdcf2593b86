"""Guards of the installation: slow visitors, full disks, backups, and the rights of processes."""

from __future__ import annotations

from tests.verify.mutants.guard import Guard

GATE = "tests/app/serving/test_gate.py"
LIMITS = "tests/app/access/test_limits.py"
SLOW = "tests/app/serving/test_slow_visitors.py"
STREAMS = "tests/app/serving/test_streams.py"

GUARDS = (
    Guard(
        "a stream is opened by a token that lives",
        "P20",
        "web/streams.py",
        "        if ends_at <= clock.real_now():\n",
        "        if ends_at is None:\n",
        (STREAMS,),
    ),
    Guard(
        "one network opens so many streams",
        "P20",
        "web/streams.py",
        "        if self._networks[network] >= MOST_OF_A_NETWORK:\n",
        "        if self._networks[network] < 0:\n",
        (STREAMS,),
    ),
    Guard(
        "so much waits at most for a reader who reads nothing",
        "P20",
        "web/streams.py",
        "        if self._words >= MOST_WORDS:\n            self.end()\n",
        "        assert MOST_WORDS\n",
        (STREAMS,),
    ),
    Guard(
        "streams end when the process is told to end",
        "P20",
        "web/streams.py",
        "            signal.signal(number, lambda _number, _frame: loop.call_soon_threadsafe(self.close))\n",
        "            assert number\n",
        (STREAMS,),
    ),
    Guard(
        "the application's role may not empty tables",
        "P15",
        "embedded_postgres/roles.py",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES",
        "GRANT ALL ON TABLES",
        ("tests/app/operations/test_embedded_postgres.py",),
    ),
    Guard(
        "whom pages drop to is the application alone",
        "P15",
        "embedded_postgres/launching.py",
        "        admitted.append((guest.name, roles.APP))\n",
        "        admitted += [(guest.name, roles.APP), (guest.name, roles.OWNER)]\n",
        ("tests/app/serving/test_unprivileged.py",),
    ),
    Guard(
        "the superuser is closed once the server runs",
        "P15",
        "embedded_postgres/launching.py",
        "    _admit(cluster, superuser=False)\n",
        "    _admit(cluster, superuser=True)\n",
        ("tests/app/serving/test_unprivileged.py",),
    ),
    Guard(
        "a damaged backup is not restored",
        "P18",
        "cli/backups/backup_file.py",
        " or found.hexdigest() != checksum:",
        " or not checksum:",
        ("tests/app/operations/test_backup.py",),
    ),
    Guard(
        "a backup that is there is not overwritten",
        "P18",
        "cli/backups/backup_file.py",
        "    if not overwrite and path.exists():\n",
        "    if not overwrite and not path:\n",
        ("tests/app/operations/test_backup.py",),
    ),
    Guard(
        "what was open in a backup that is restored never lapses",
        "P7",
        "cli/backups/restored.py",
        "WHERE state = 'open' AND needs_provider IS NULL;\n",
        "WHERE state = 'none';\n",
        ("tests/app/operations/test_backup.py",),
    ),
    Guard(
        "a full disk is told from a database that is away",
        "P18",
        "data/postgresql/faults.py",
        '    "53100": DatabaseFault.FULL,\n',
        "",
        ("tests/app/serving/test_dead_database.py",),
    ),
    Guard(
        "what was saved is not said to be lost",
        "P18",
        "web/submission.py",
        "        self.request.META[STANDS] = True\n",
        "",
        ("tests/app/serving/test_dead_database.py", "tests/app/engine/test_uncertain_commits.py"),
    ),
    Guard(
        "a database that does not answer is one page that says so",
        "P18",
        "web/failures.py",
        "        return refuse(request, error) if is_unavailable(error) else None\n",
        "        return None\n",
        ("tests/app/serving/test_dead_database.py",),
    ),
    Guard(
        "an answer is stamped before it is read and before it waits",
        "P7",
        "web/gate.py",
        "        environment[ARRIVAL] = arrival\n",
        "",
        (GATE,),
    ),
    Guard(
        "a page that nobody waits for any more gives way to answers",
        "P7",
        "web/gate.py",
        "                    environment[REFUSED] = 503\n",
        "                    pass\n",
        (GATE,),
    ),
    Guard(
        "a body has its time altogether, not for each piece",
        "P20",
        "web/gate.py",
        "                async with asyncio.timeout(self._body_seconds):\n",
        "                async with asyncio.timeout(None):\n",
        (GATE,),
    ),
    Guard(
        "large bodies together have limited room",
        "P20",
        "web/gate.py",
        "        return 503 if size > ALWAYS_TAKEN and self._held + more > ROOM else None\n",
        "        return None\n",
        (GATE,),
    ),
    Guard(
        "nobody pretends to be a proxy by an underscore",
        "P20",
        "web/gate.py",
        '        if "_" in name:\n',
        '        if "_" in "":\n',
        (GATE, SLOW),
    ),
    Guard(
        "an account that is tried from everywhere leaves each network one try",
        "P20",
        "actions/limits.py",
        'ENTRIES[attempt.entry].beset if part == "here" and beset else limit, now=now)',
        "limit, now=now)",
        (LIMITS,),
    ),
    Guard(
        "on a device used before nobody else's tries count",
        "P20",
        "actions/limits.py",
        "        if self.device:\n",
        "        if not self.account:\n",
        (LIMITS,),
    ),
    Guard(
        "a try is counted before it is looked at",
        "P20",
        "web/accounts.py",
        "        count_try(request, attempt)\n        user:",
        "        user:",
        (LIMITS,),
    ),
    Guard(
        "the wait for the next try grows",
        "P20",
        "domain/limits.py",
        "limit.first_wait * (1 << over)",
        "limit.first_wait",
        (LIMITS, "tests/domain/test_limits.py"),
    ),
    Guard(
        "a visitor from outside makes up no network",
        "P20",
        "web/access/networks.py",
        "claimed is None or not is_near(peer)",
        "claimed is None",
        (LIMITS,),
    ),
    Guard(
        "a server keeps more lines open than a thousand silent ones",
        "P20",
        "cli/web.py",
        "        backpressure=CONNECTIONS,\n",
        "        backpressure=128,\n",
        (SLOW,),
    ),
    Guard(
        "no thread reads a body",
        "P20",
        "cli/web.py",
        "    return Gate(application, threads=THREADS)\n",
        "    import asyncio\n\n"
        "    one = asyncio.Lock()\n\n"
        "    async def reading_one_by_one(scope, exchange):\n"
        "        async with one:\n"
        "            await gate.__rsgi__(scope, exchange)\n\n"
        "    gate = Gate(application, threads=THREADS)\n"
        "    reading_one_by_one.__rsgi_init__ = gate.__rsgi_init__\n"
        "    reading_one_by_one.__rsgi__ = reading_one_by_one\n"
        "    return reading_one_by_one\n",
        (SLOW,),
    ),
)
