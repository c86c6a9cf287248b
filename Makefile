# For a newcomer: `make run`, `make demo`, `make test`. Everything lands in .venv; nothing is installed elsewhere.
PYTHON ?= python3
BIN := .venv/bin
RUN := $(BIN)/python -m

.PHONY: help run demo check format test test-fast clean

help:
	@echo "make run        opens the studio on http://127.0.0.1:7860"
	@echo "make demo       the whole way on the bundled story, about two minutes after installation"
	@echo "make test       everything the tests need, then all tests"
	@echo "make test-fast  the tests without real training runs and browsers"
	@echo "make check      lint and types"
	@echo "make format     set the code in the house style"

.venv/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Moxu needs Python 3.11 or newer, but $(PYTHON) is older; name another: make PYTHON=python3.12 demo"; exit 2; }
	$(PYTHON) -m venv .venv
	@touch $@

.venv/runtime: .venv/python requirements.txt
	$(RUN) pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/development: .venv/runtime requirements-dev.txt
	$(RUN) pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

run: .venv/runtime
	$(BIN)/python app.py

demo: .venv/runtime
	$(RUN) pipelines.demo

check: .venv/development
	$(RUN) ruff check .
	$(RUN) ruff format --check .
	@rm -f studio/*.pyi
	$(BIN)/ty check

format: .venv/development
	$(RUN) ruff check --fix-only .
	$(RUN) ruff format .

test: .venv/development
	$(RUN) tests.pages.browser --install
	$(RUN) pytest -q

test-fast: .venv/development
	$(RUN) pytest -q -m "not slow"

clean:
	rm -rf .venv .pytest_cache .ruff_cache .hypothesis
