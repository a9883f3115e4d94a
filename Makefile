# make install      the program for all accounts: $(PREFIX)/bin/supportctl, where PREFIX is /usr/local if you name no other
# make uninstall    remove the program; desks stay as they are
# make demo         see the desk at work, on a scratch copy of the example messages
# make test         format, lint, types and all tests; then the unit tests on Debian's own Python, if that is another version
# make test-slow    the slow tests: real mail servers and clients, faults and mutated messages by the thousand, old desks
# make test-oldest  all tests with the oldest library versions that pyproject.toml allows
# make test-newest  all tests with the newest library versions
# make test-all     all of the above tests
#
# Each sets up what it needs: Debian packages (where this account may install any) and a virtual environment. The versions
# are those of constraints.txt, which were tested together; `make constraints` writes that file from the newest ones.

PREFIX ?= /usr/local
PYTHON ?= python3
SYSTEM_PYTHON := /usr/bin/python3
CONSTRAINTS := constraints.txt
UNIT_TESTS := tests/unit

# One environment for the program and, on top of it, the test tools: whoever works on it activates one and has both.
# `make demo` alone installs no test tools. A test checks that we declare what we import.
VENV := .venv
BIN := $(VENV)/bin
VERSION := $(shell $(PYTHON) -c 'import platform; print(platform.python_version())')
PROGRAM := $(VENV)/program-$(VERSION)
TOOLS := $(VENV)/tools-$(VERSION)

# The variables hold for what builds the program as well; of the second one older versions of pip know nothing.
CONSTRAINED = $(if $(CONSTRAINTS),PIP_CONSTRAINT=$(abspath $(CONSTRAINTS)) PIP_BUILD_CONSTRAINT=$(abspath $(CONSTRAINTS)))
PIP_INSTALL = -m pip install --quiet --disable-pip-version-check

# The tests make thousands of desks, each write of which is synced: in memory that takes no time.
SCRATCH := $(shell test -w /dev/shm && echo PYTEST_DEBUG_TEMPROOT=/dev/shm)

.PHONY: help install uninstall demo test suite unit test-system test-slow test-oldest test-newest test-all
.PHONY: constraints lint format venv python clean

help:
	@sed -n 's/^# \(make .*\)/\1/p' $(MAKEFILE_LIST)
	@echo "also: make venv lint format constraints clean"

demo: $(PROGRAM)
	@PATH="$(CURDIR)/$(BIN):$$PATH" examples/demo.sh

test: lint suite
	@$(MAKE) --no-print-directory test-system

suite: $(TOOLS)
	$(SCRATCH) $(BIN)/pytest -n auto

unit: $(TOOLS)
	$(SCRATCH) $(BIN)/pytest -n auto $(UNIT_TESTS)

test-system:
	@if ! [ -x $(SYSTEM_PYTHON) ] || ! $(SYSTEM_PYTHON) -c 'import platform, sys; \
	    sys.exit(sys.version_info < (3, 11) or platform.python_version() == "$(VERSION)")'; \
	then echo "$(SYSTEM_PYTHON) is not a second Python, 3.11 or newer: nothing more to test"; exit; fi; \
	PYTHON=$(SYSTEM_PYTHON) .ci/install-packages module=ensurepip:python3-venv; \
	if $(SYSTEM_PYTHON) -c 'import ensurepip' 2>/dev/null; \
	then $(MAKE) --no-print-directory unit PYTHON=$(SYSTEM_PYTHON) VENV=.venv-system; \
	else echo "SKIPPED: the unit tests on $(SYSTEM_PYTHON), which can't create virtual environments (python3-venv)"; fi

test-oldest: build/oldest.txt
	$(MAKE) --no-print-directory suite VENV=.venv-oldest CONSTRAINTS=build/oldest.txt

test-newest:
	rm -rf .venv-newest
	$(MAKE) --no-print-directory suite VENV=.venv-newest CONSTRAINTS=

# Real servers and clients: the tests start them by themselves, on the loopback interface, in folders of their own.
OTHERS := postfix:postfix dovecot:dovecot-imapd mutt:mutt maildrop:maildrop procmail:procmail fetchmail:fetchmail
OTHERS += getmail:getmail6 mbsync:isync notmuch:notmuch mu:maildir-utils openssl:openssl ip:iproute2 adduser:adduser

test-slow: $(TOOLS)
	@.ci/install-packages $(OTHERS)
	$(SCRATCH) $(BIN)/pytest -n auto -m slow -rs

test-all: test test-slow test-oldest test-newest

build/oldest.txt: pyproject.toml .ci/oldest-versions
	@mkdir -p build
	$(PYTHON) .ci/oldest-versions > $@

constraints: test-newest
	@mkdir -p build
	@sed '/^[^#]/,$$d' constraints.txt > build/newest.txt
	.venv-newest/bin/python -m pip freeze --all --exclude-editable --exclude pip >> build/newest.txt
	mv build/newest.txt constraints.txt

lint: $(TOOLS)
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy

format: $(TOOLS)
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

venv: $(TOOLS)

$(PROGRAM): pyproject.toml $(CONSTRAINTS) | python
	$(PYTHON) -m venv --clear $(VENV)
	$(CONSTRAINED) $(BIN)/python $(PIP_INSTALL) --editable .
	@touch $@

$(TOOLS): $(PROGRAM)
	@.ci/install-packages gpg:gnupg sudo:sudo strace:strace
	$(CONSTRAINED) $(BIN)/python $(PIP_INSTALL) --editable '.[test]'
	@touch $@

python:
	@PYTHON="$(PYTHON)" .ci/install-packages module=ensurepip:python3-venv
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "supportctl needs Python 3.11 or newer: make PYTHON=python3.12 …")'

# Each installation is an environment of its own, and the command is switched over to it in one step, so that mail can
# come in meanwhile. The one before stays until the next, for whoever is in the middle of it.
COMMAND := $(abspath $(PREFIX))/bin/supportctl
LIBRARY := $(abspath $(PREFIX))/lib/supportctl

install: python
	@set -e; umask 022; \
	new=$(LIBRARY)/$$(date -u +%Y%m%dT%H%M%SZ); old=$$(readlink $(COMMAND) || true); \
	source=$$(mktemp -d); trap 'rm -rf "$$source"' EXIT; \
	mkdir -p $(LIBRARY) $(dir $(COMMAND)); \
	cp -RL LICENSE README.md pyproject.toml queues.yaml supportctl "$$source"; \
	$(PYTHON) -m venv "$$new"; \
	$(CONSTRAINED) "$$new"/bin/python $(PIP_INSTALL) "$$source"; \
	ln -sf "$$new"/bin/supportctl $(COMMAND).new; mv -T $(COMMAND).new $(COMMAND); \
	for each in $(LIBRARY)/*; do \
	    case "$$each" in "$$new" | "$${old%/bin/supportctl}") ;; *) rm -rf "$$each" ;; esac; \
	done; \
	echo "$$($(COMMAND) --version) is $(COMMAND)"

uninstall:
	@case "$$(readlink $(COMMAND))" in $(LIBRARY)/*) rm $(COMMAND) ;; esac
	rm -rf $(LIBRARY)

clean:
	rm -rf .venv .venv-* build *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
