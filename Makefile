# Habitue's nine commands. They need Python 3.11 or later, pip and make; everything else is installed into .venv.

SHELL := /bin/sh
.DEFAULT_GOAL := setup
.PHONY: setup demo test test-long check bench docs fuzz hunt

# The first of these that is recent enough. `make PYTHON=/path/to/python3 …` chooses another.
PYTHON := $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
  "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$python" && break; done)

# The interpreter's own pip installs into .venv: where Debian's python3-venv is missing, a venv with pip cannot be made.
INSTALL = "$(PYTHON)" -m pip --python .venv/bin/python --disable-pip-version-check install --quiet --no-input

# How many times `make test-long` kills a process under load; fifty take about 80 seconds.
CRASH ?= 50
ARGS ?=

setup: .venv/setup

.venv/setup: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Habitue needs Python 3.11 or later: none found as python3. Try make PYTHON=/path/to/python3" >&2; exit 1; }
	@echo "Installing Habitue into .venv …"
	@"$(PYTHON)" -m venv --clear --without-pip .venv
	@$(INSTALL) --require-hashes -r requirements.lock
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/test: .venv/setup requirements-dev.lock
	@echo "Installing what tests and checks need into .venv …"
	@$(INSTALL) --require-hashes -r requirements-dev.lock
	@touch $@

demo: .venv/setup
	@.venv/bin/habitue demo $(ARGS)

# A file stays with one worker: several start a whole system, and their tests share it in order.
test: .venv/test
	@sh .ci/tools
	@.venv/bin/python -m pytest -m "not long" -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

# Minutes instead of seconds: kills under load, full disks, backups under load, a Spark cluster.
test-long: .venv/test
	@sh .ci/tools
	@HABITUE_CRASH=$(CRASH) .venv/bin/python -m pytest -m long -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

check: .venv/test
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy

bench: .venv/test
	@.venv/bin/python -m bench $(ARGS)

# Rubbish for every way in, an hour long unless told otherwise; see tests/fuzz.
FUZZ_SECONDS ?= 3600

fuzz: .venv/test
	@PYTHONPATH=src:. .venv/bin/python -W ignore -m tests.fuzz $(FUZZ_SECONDS) $(ARGS)

# Conditions and pasts at random: SQL, live evaluation and the whole history must say the same of them.
HUNT ?= 2000

hunt: .venv/test
	@PYTHONPATH=src:. .venv/bin/python -W ignore -m tests.analyze.hunt $(HUNT) $(ARGS)

# One page for each file of docs/, and the README, as HTML in build/docs; a link that leads nowhere is an error.
docs: .venv/setup
	@.venv/bin/python docs/build.py
