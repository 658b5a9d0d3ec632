# Every target sets up what it needs; a second call costs nothing. docs/testing.md says how to run one test alone.
.PHONY: setup setup-dev demo demo-reset serve test gate test-sqlite test-postgres journeys soak bench bench-match format lock clean help
.DEFAULT_GOAL := help

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 16

setup: ## the virtual environment .venv and the command .venv/bin/miaoce
	@ops/system.sh --fonts || true
	@ops/setup.sh

setup-dev: ## the same, with what the tests need (also PostgreSQL, Chromium and fonts where they are missing)
	@ops/system.sh
	@ops/setup.sh --dev

demo: setup ## a demonstration register on http://127.0.0.1:8000
	@.venv/bin/miaoce demo

demo-reset: setup ## the same, from the beginning
	@.venv/bin/miaoce demo --reset

serve: setup ## web and worker on the data of MIAOCE_DATA (var/)
	@.venv/bin/miaoce serve

test: setup-dev ## the gate, every test on SQLite and on PostgreSQL, the browser journeys
	@.venv/bin/python ops/check.py

gate: setup-dev ## only what needs no database: lint, types, contracts, templates, migrations
	@.venv/bin/python ops/check.py gate

test-sqlite test-postgres journeys: setup-dev ## one stage of the tests
	@.venv/bin/python ops/check.py $(subst test-,,$@)

soak: setup-dev ## the tests that take minutes, on both databases
	@.venv/bin/python ops/check.py soak

bench: setup-dev ## every measurement of docs/performance.md
	@ops/with-postgres --durable .venv/bin/python -m bench

bench-match: setup-dev ## how good and how fast `miaoce match` is, beside Splink; writes docs/matching.md
	@ops/setup-bench.sh
	@.venv/bin/python -m bench.matching --rolls $(or $(ROLLS),../shared/rolls)

format: setup-dev ## put the code in its one form
	@.venv/bin/ruff check --fix-only --quiet .
	@.venv/bin/ruff format .
	@.venv/bin/djlint miaoce --reformat --quiet

lock: setup-dev ## pin requirements.in anew (ops/lock.sh --upgrade takes newer versions)
	@ops/lock.sh

clean: ## remove what can be made again; the data in var/ stays
	rm -rf .venv .venv-bench .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
