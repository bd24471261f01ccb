# Two commands for a newcomer: `make run` and `make test`. Both do all the set-up themselves.
SHELL := /bin/bash
PORT ?= 8050
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python

.PHONY: run serve test check bench fuzz screens soak format region wheelhouse clean

run: $(VENV)/runtime.stamp          ## the cockpit with a live simulated county, on http://127.0.0.1:$(PORT)/wall
	@PORT=$(PORT) PY=$(PY) bash tests/environment/run.sh

serve: $(VENV)/runtime.stamp        ## the cockpit alone, without simulated reports
	@ONEMAP_PORT=$(PORT) $(PY) -m dashboard serve

test: $(VENV)/dev.stamp             ## everything: both databases, real browser, house
	@bash tests/environment/install.sh
	$(PY) -m pytest -m "not bench" -n auto --dist loadfile $(ARGS)

check: $(VENV)/dev.stamp            ## format, lint, types, house
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy
	$(PY) -m pytest -q tests/test_house.py

bench: $(VENV)/dev.stamp            ## figures beside their peers, in one run; never fails on time
	@bash tests/environment/install.sh
	$(PY) -m pytest -m bench -s -q tests/bench $(ARGS)

fuzz: $(VENV)/dev.stamp             ## 50,000 requests made from the description of the API: none may end in 5xx
	$(PY) -m pytest -m bench -s -q tests/security $(ARGS)

screens: $(VENV)/dev.stamp          ## every page at four sizes, dark and light, into docs/screens; starts its own server
	@bash tests/environment/install.sh
	$(PY) -m tests.browser.screens $(ARGS)

soak: $(VENV)/dev.stamp             ## a day at thirty times speed, watched for growth; ARGS="--minutes 12" for less
	$(PY) -m tests.bench.soak $(ARGS)

format: $(VENV)/dev.stamp
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

region: $(VENV)/runtime.stamp       ## rebuild the geometry of the Cixi region pack
	$(PY) -m data.regions.cixi.build

wheelhouse:                         ## everything that the product runs on, for a network without a package index
	@PYTHON=$(PYTHON) sh deploy/wheelhouse.sh

$(VENV)/bin/python:
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is missing: install Python 3.11 or newer, or name it: make PYTHON=/path/to/python3.12 ..."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$$($(PYTHON) --version) is too old: Python 3.11 or newer is needed; name one: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "The venv module does not work: on Debian and Ubuntu install python3-venv."; exit 1; }

$(VENV)/runtime.stamp: requirements.txt constraints.txt | $(VENV)/bin/python
	@echo "Installing what requirements.txt pins ..."
	@$(PY) -m pip install -q --disable-pip-version-check -r requirements.txt || { echo "Installation failed: is a package index within reach? (pip's own settings are used)"; exit 1; }
	@$(PY) -m geo.locator  # compiles the locator now, so that no start has to wait for it
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt requirements.txt constraints.txt | $(VENV)/bin/python
	@echo "Installing what requirements-dev.txt pins ..."
	@$(PY) -m pip install -q --disable-pip-version-check -r requirements-dev.txt || { echo "Installation failed: is a package index within reach? (pip's own settings are used)"; exit 1; }
	@$(PY) -m geo.locator
	@touch $@ $(VENV)/runtime.stamp

clean:                              ## forget the demo database (the virtual environment stays)
	rm -rf var
