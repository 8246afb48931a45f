# `make demo` and `make test` do all their own set-up; they need Python 3.11 or newer, make and a C library.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PIP := $(BIN)/python -m pip --disable-pip-version-check
# Folders that hold Python: mypy refuses to be given one that holds none.
TYPED = $(shell find engine api scenarios benchmarks tests -name '*.py' 2>/dev/null | cut -d / -f 1 | sort -u)

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint types format bench serve schema clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## Make .venv with the pinned dependencies (every other target does this itself)

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  found="$$($(PYTHON) --version 2>/dev/null || echo not to be found)"; \
	  echo "Slotwright needs Python 3.11 or newer; $(PYTHON) is $$found." >&2; \
	  echo "Maybe name another interpreter: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(BIN)/python -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	  || $(PYTHON) -m venv --clear $(VENV)
	@echo "Installing the pinned dependencies into $(VENV); this happens once and takes a few minutes."
	@$(PIP) install --quiet --constraint constraints.txt hatchling
	@$(PIP) install --quiet --constraint constraints.txt --no-build-isolation --editable '.[dev]'
	@echo "Compiling the search; this happens once and takes about a minute."
	@$(BIN)/python -m engine.search.warm
	@touch $@

demo: $(STAMP) ## Run every job on one clinic; the report goes to demo-out/
	$(BIN)/slotwright demo --out demo-out

test: $(STAMP) ## Run the tests with coverage
	$(BIN)/python -m pytest -n auto --dist loadgroup --cov --cov-report term-missing:skip-covered

lint: $(STAMP) types ## Check style, types and allowed imports
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports --no-logo

types: $(STAMP)
	$(BIN)/mypy $(TYPED)

format: $(STAMP) ## Put the code into the agreed format and fix what can be fixed
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: $(STAMP) ## Run the benchmarks (one process; close other programs first)
	$(BIN)/python -m pytest -m benchmark benchmarks

serve: ## Start the scheduling service (there is none yet)
	@echo "There is no service yet: this version is the engine and its command. See README.md, What it does not do yet." >&2
	@exit 1

schema: $(STAMP) ## Write the JSON Schema of the scenario format anew from the model
	$(BIN)/python -m scenarios.schema

clean: ## Remove caches, builds and demo-out/ (the virtual environment stays)
	rm -rf build dist demo-out htmlcov .coverage .coverage.* coverage.xml .benchmarks .hypothesis \
	  .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find $(TYPED) -type d -name __pycache__ -prune -exec rm -rf {} +
