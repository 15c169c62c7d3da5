# Everything that is typed here works on a machine that has only Python (3.11 or newer, with venv), make and git.
# Options by environment or argument: PORT, DATABASE_URL, REDIS_URL, QUARTERDECK_DEMO; see .env.example.

SHELL := /bin/sh
.DEFAULT_GOAL := help

# Some containers forbid bytecode; every start would then compile everything anew, which takes longer than the start itself.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
ARGS ?=

# A stamp carries the checksum of its requirements: changed requirements are installed by the next command.
checksum = $(firstword $(shell cksum requirements/$(1).txt 2>/dev/null))
RUN_STAMP := $(VENV)/stamps/base-$(call checksum,base)
DEV_STAMP := $(VENV)/stamps/dev-$(call checksum,dev)

# -qq leaves real errors only: machines with several package sources warn about each one that is not there.
INSTALL = $(BIN)/python -m pip install -qq --disable-pip-version-check --no-input --require-hashes -r

# The environment of a real installation, for checks; the values are nobody's.
PRODUCTION = env -u DEBUG -u QUARTERDECK_INSECURE_HTTP QUARTERDECK_DEMO=0 QUARTERDECK_ENV_FILE=/dev/null \
	QUARTERDECK_DATA_DIR=$(VENV)/check SECRET_KEY=for-checks-only-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGH \
	QUARTERDECK_KEYS=check:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY= ALLOWED_HOSTS=deck.example.com \
	DATABASE_URL=postgres://quarterdeck@localhost/quarterdeck REDIS_URL=redis://localhost:6379/0

.PHONY: help run test check lint types lock bench-lane bench-steps bench-kill bench-bulk bench-soak bench-truth bench-edits bench-writes bench-editor bench-pages bench-search clean

help: ## Show what can be typed
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{printf "%-20s %s\n", $$1, $$2}'

run: $(RUN_STAMP) ## Start the whole product with a demo world (QUARTERDECK_DEMO=0: without) on http://localhost:8000 (PORT=…)
	@exec $(BIN)/python -m config.launcher

test: $(DEV_STAMP) ## Run all tests, on SQLite and, where its programs are, on PostgreSQL (ARGS="-k words")
	@$(BIN)/python -m tests.support.chromium
	@env -u DATABASE_URL $(BIN)/python -m pytest -n auto $(ARGS)
	@$(BIN)/python -m tests.support.postgres $(BIN)/python -m pytest -n auto --database-tests $(ARGS)

check: $(DEV_STAMP) lint types ## Lint, types, floors, migrations, deployment settings, templates, vendored files, known vulnerabilities
	$(BIN)/lint-imports --no-logo
	$(BIN)/python manage.py makemigrations --check --dry-run --settings tests.settings
	@mkdir -p $(VENV)/check
	$(PRODUCTION) $(BIN)/python manage.py check --deploy --fail-level WARNING
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/python -m tests.support.vendored
	@$(BIN)/python -m tests.support.vulnerabilities

lint: $(DEV_STAMP)
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(DEV_STAMP)
	$(BIN)/mypy .

lock: ## Compile requirements/*.txt from pyproject.toml (UPGRADE=1: to the newest versions)
	@rm -rf $(VENV)-lock && $(PYTHON) -m venv $(VENV)-lock && $(VENV)-lock/bin/python -m pip install -qq --disable-pip-version-check uv
	@for name in base dev; do \
		groups=; [ $$name = base ] || groups="--group dev"; \
		$(VENV)-lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
			--no-emit-index-url --no-emit-find-links $(if $(UPGRADE),--upgrade) $$groups pyproject.toml -o requirements/$$name.txt \
			|| exit 1; \
	done; rm -rf $(VENV)-lock
	@! grep -nE 'https?://|file:' requirements/*.txt

bench-lane: $(DEV_STAMP) ## Measure the lane against a strict server (about a minute)
	@$(BIN)/python -m bench.lane $(ARGS)

bench-steps: $(DEV_STAMP) ## Measure first syncs of 20 connections against what their limits allow (a minute)
	@$(BIN)/python -m bench.steps $(ARGS)

bench-kill: $(DEV_STAMP) ## Kill worker, beat, web and Redis in the middle of their work, and see what is lost (four minutes)
	@$(BIN)/python -m bench.kill $(ARGS)

bench-bulk: $(DEV_STAMP) ## Pause 200 campaigns of 20 keys by one job and undo it: left alone, with a killed worker, with faults and a revoked key (four minutes)
	@$(BIN)/python -m bench.bulk $(ARGS)

bench-soak: $(DEV_STAMP) ## 10,000 calls with every fault and moved time, then compare with the provider's truth (four minutes)
	@$(BIN)/python -m bench.soak $(ARGS)

bench-truth: $(DEV_STAMP) ## Compare the database with the provider's truth, field by field (three minutes)
	@$(BIN)/python -m bench.truth $(ARGS)

bench-edits: $(DEV_STAMP) ## Edit running campaigns while something goes wrong at every stage, in both forms of the API: tables of outcomes (ten minutes)
	@$(BIN)/python -m bench.edits $(ARGS)

bench-writes: $(DEV_STAMP) ## Make every kind of change of a campaign and compare the provider field by field afterwards (two minutes)
	@$(BIN)/python -m bench.writes $(ARGS)

bench-editor: $(DEV_STAMP) ## Measure how soon a sequence of 5 and of 20 steps can be written in, in Chromium (a minute)
	@$(BIN)/python -m bench.editor $(ARGS)

bench-pages: $(DEV_STAMP) ## Measure the server time of all pages with 3,000 campaigns and 1,000,000 day rows (ten minutes)
	@$(BIN)/python -m bench.pages $(ARGS)

bench-search: $(DEV_STAMP) ## Measure a search over 500 clients and 3,000 campaigns (half a minute)
	@$(BIN)/python -m bench.search $(ARGS)

clean: ## Remove the virtual environment and caches; the data in var/ stays
	rm -rf $(VENV) $(VENV)-lock .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(RUN_STAMP): | $(BIN)/python
	@echo "Installing the parts (once) …"
	@$(INSTALL) requirements/base.txt
	@mkdir -p $(@D) && rm -f $(VENV)/stamps/base-* && touch $@

$(DEV_STAMP): | $(BIN)/python
	@echo "Installing the parts and the tools of the tests (once) …"
	@$(INSTALL) requirements/dev.txt
	@mkdir -p $(@D) && rm -f $(VENV)/stamps/dev-* $(VENV)/stamps/base-* && touch $@ $(RUN_STAMP)

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Quarterdeck needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) --version 2>&1 || true)." >&2; \
		echo "Name another one:  make run PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { \
		rm -rf $(VENV); echo "No virtual environment could be made; on Debian and Ubuntu:  apt-get install python3-venv" >&2; exit 1; }
