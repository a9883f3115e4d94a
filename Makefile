# make demo   see the desk work, on a scratch copy of the example mails
# make test   format, lint, types and tests, as the CI does
#
# Both set up what they need: Debian packages (where this account may install any) and a virtual environment in .venv.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/installed
PACKAGES := module=ensurepip:python3-venv gpg:gnupg sudo:sudo strace:strace

.PHONY: demo test lint format venv clean help

help:
	@sed -n 's/^# \(make .*\)/\1/p' $(MAKEFILE_LIST)
	@echo "also: make venv lint format clean"

demo: venv
	@PATH="$(CURDIR)/$(BIN):$$PATH" examples/demo.sh

# The tests make thousands of desks, each write of which is synced: in memory that takes no time.
SCRATCH := $(shell test -w /dev/shm && echo PYTEST_DEBUG_TEMPROOT=/dev/shm)

test: lint
	$(SCRATCH) $(BIN)/pytest -n auto

lint: venv
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy

format: venv
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

venv: $(STAMP)

$(STAMP): pyproject.toml
	@PYTHON="$(PYTHON)" .ci/install-packages $(PACKAGES)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "supportctl needs Python 3.11 or newer: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@

clean:
	rm -rf $(VENV) build *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
