# Two commands do everything: `make run` and `make test`. The others are parts of them or slower suites.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip --disable-pip-version-check --quiet
NICE_PATHS := monitor dashboard models tests

.PHONY: run test install install-dev browser lint types imports unit test-servers test-office bench bench-export bench-dashboard screenshots lock clean

run: install
	@$(BIN)/mainevahti run

install: $(VENV)/.installed

test: install-dev browser lint types imports unit

lint: install-dev
	$(BIN)/ruff check $(NICE_PATHS)
	$(BIN)/ruff format --check $(NICE_PATHS)

types: install-dev
	$(BIN)/mypy

imports: install-dev
	$(BIN)/lint-imports

# Files go to two processes in their order: those that drive a browser come early, and small ones fill up the end.
unit: install-dev browser
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder --cov --cov-report=term:skip-covered

# Against real servers (mail, WordPress, Mastodon's API, a forum, Bluesky), each installed from packages, started,
# tested and stopped; on Debian 12, as root.
test-servers: install-dev
	$(BIN)/pytest tests/servers -m servers -rs --durations=0 --durations-min=5 $(AGAIN)

# Opens our exports in LibreOffice; as root it is fetched where it is missing.
test-office: install-dev
	$(BIN)/pytest tests/exports/test_office.py -m office -rs

bench: install-dev
	$(BIN)/python -m tests.bench.run

# A million mentions in every format; `make bench-export ROWS=20000` is a quick look.
bench-export: install-dev
	$(BIN)/python -m tests.bench.bench_export --rows $(or $(ROWS),1000000)

# A year of a million mentions: made once into build/, then every page against the limits of its users.
bench-dashboard: install-dev browser
	$(BIN)/python -m tests.bench.bench_dashboard

screenshots: install-dev browser
	$(BIN)/python -m tests.dashboard.screenshots
	$(BIN)/python -m tests.stories.pictures

# Debian keeps venv in a package of its own; as root it is fetched, else the message says what to do.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed."; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); .ci/apt python3-venv && $(PYTHON) -m venv $(VENV); }

$(VENV)/.installed: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing into $(VENV) (once; some minutes) ..."
	@$(PIP) install -c constraints.txt torch==2.13.0
	@$(PIP) install -c constraints.txt -e .
	@PATH="$$PATH:/sbin" ldconfig -p 2>/dev/null | grep -q libvoikko || .ci/apt libvoikko1 voikko-fi || \
		echo "Without libvoikko the built-in rules tell ordinary Finnish words from names (a little worse)."
	@touch $@

install-dev: $(VENV)/.installed-dev

$(VENV)/.installed-dev: $(VENV)/.installed
	@$(PIP) install -c constraints.txt -e '.[dev]'
	@touch $@

browser:
	@command -v chromium >/dev/null || .ci/apt chromium

# Writes what is installed now as the new lock; the local build tag of torch is no version pip can find.
lock: install-dev
	$(BIN)/pip freeze --exclude-editable | sed 's/+cpu$$//' > constraints.txt

clean:
	rm -rf $(VENV) var build *.egg-info
