# `make demo` and `make test` do all the set-up on a fresh Debian or Ubuntu with Python and make.
PYTHON ?= python3
BIN := .venv/bin
export DEBIAN_FRONTEND = noninteractive
SUDO := $(if $(filter-out 0,$(shell id -u)),sudo -n)
APT := $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get
MAY_APT := command -v apt-get >/dev/null && $(SUDO) true 2>/dev/null

.PHONY: help demo test test-qgis-new plugin lint types unit qgis bench validation clean

help: ## Show the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

demo: .venv/installed ## Render a place at two dates, find its new and demolished buildings
	$(BIN)/mtrs-geo demo --output build/demo --overwrite

# The two installations download side by side; only what comes before them may call apt as well.
test: .venv/bin/python ## Lint, types and tests, with what they need
	@$(MAKE) --no-print-directory -j2 .venv/installed-test qgis
	@$(MAKE) --no-print-directory lint
	@$(MAKE) --no-print-directory unit PARTS="$(PARTS) types"

lint: .venv/installed-test ## Check style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/installed-test ## Check types
	$(BIN)/mypy

# Two at a time, the longest first, so that both end together.  Threads that wait must not spin, as
# there are more than cores.
PARTS := unit-package unit-training unit-io unit-understanding unit-plugin
unit: .venv/installed-test ## Run the tests
	@echo "Running the tests in parts, two at a time: each reports at its end"
	@OMP_WAIT_POLICY=PASSIVE $(MAKE) --no-print-directory -j2 -O $(PARTS)

.PHONY: $(PARTS)
unit-package:
	$(BIN)/pytest --ignore tests/qgis --ignore tests/training --ignore tests/test_notebooks.py --ignore tests/io \
	  --ignore tests/cluster --ignore tests/craft --ignore tests/understanding

unit-training:
	$(BIN)/pytest tests/training tests/test_notebooks.py

unit-plugin:
	$(BIN)/pytest tests/qgis

unit-io:
	$(BIN)/pytest tests/io tests/cluster tests/craft

unit-understanding:
	$(BIN)/pytest tests/understanding

qgis: ## Install QGIS, lrelease and Chromium for the tests, where apt and root allow
	@if /usr/bin/python3 -c 'import qgis.core' 2>/dev/null && \
	    command -v xvfb-run >/dev/null && command -v lrelease >/dev/null; then \
	  echo "QGIS is installed"; \
	elif ! { $(MAY_APT); }; then \
	  echo "!! no apt, or neither root nor passwordless sudo: QGIS tests will be SKIPPED"; \
	else \
	  echo "Installing QGIS for its tests (a minute or two)"; \
	  { $(APT) update -qq && \
	    $(APT) install -y -qq --no-install-recommends qgis python3-qgis xvfb xauth qttools5-dev-tools >/dev/null; } || \
	  echo "!! QGIS could not be installed: its tests will be SKIPPED"; \
	fi
	@if command -v chromium chromium-browser google-chrome >/dev/null; then \
	  echo "A Chromium is installed"; \
	elif ! { $(MAY_APT) && $(APT) install -y -qq --no-install-recommends chromium >/dev/null; }; then \
	  echo "!! Chromium could not be installed: the test of the audit in a browser will be SKIPPED"; \
	fi

test-qgis-new: .venv/installed-test ## Run the plugin's tests on QGIS 3.40, Debian trixie in build/ (root; 2 minutes, 2 GB)
	@command -v debootstrap >/dev/null || $(APT) install -y -qq debootstrap >/dev/null
	$(SUDO) tests/qgis/new_qgis.sh "$(CURDIR)/build/qgis-new" "$(CURDIR)/build/qgis-new-bin"
	MTRS_GEO_QGIS_BIN="$(CURDIR)/build/qgis-new-bin" $(BIN)/pytest tests/qgis

plugin: .venv/bin/python ## Build the plugin's zip into dist/
	$(BIN)/python -m qgis_plugin.package dist

bench: .venv/installed-test ## Run the benchmarks on rendered scenes (benchmarks/README.md lists all)
	@broken=; for name in detect_memory detect_overhead tiling throughput sentences gpu; do \
	  echo "== $$name"; $(BIN)/python benchmarks/$$name.py || broken="$$broken $$name"; \
	done; test -z "$$broken" || { echo "broken:$$broken"; exit 1; }

DATA ?= ../shared/data
validation: .venv/installed-test ## Measure the bundled model on held-out data (DATA=../shared/data)
	$(BIN)/python benchmarks/validation.py --root "$(DATA)"

clean: ## Remove what the targets made
	rm -rf .venv build dist runs .pytest_cache .mypy_cache .ruff_cache .hypothesis

# Debian and Ubuntu split ensurepip off Python; a half-made .venv would pass for a whole one.
.venv/bin/python:
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || \
	  { { $(MAY_APT); } && $(APT) update -qq && $(APT) install -y -qq python3-venv >/dev/null; } || \
	  { echo "$(PYTHON) has no ensurepip: install python3-venv, then call make again"; exit 1; }
	$(PYTHON) -m venv .venv || { rm -rf .venv; exit 1; }
	$(BIN)/pip install --quiet --upgrade pip

.venv/installed: pyproject.toml | .venv/bin/python
	@echo "Installing mtrs-geo into .venv (the first time downloads PyTorch: some minutes)"
	$(BIN)/pip install --quiet -e .
	touch $@

.venv/installed-test: pyproject.toml | .venv/bin/python
	@echo "Installing mtrs-geo and its tests' needs into .venv (some minutes the first time)"
	$(BIN)/pip install --quiet -e '.[test]'
	$(BIN)/pip install --quiet --no-deps --target .venv/label-studio -r tests/craft/export/label_studio.txt || \
	  echo "!! label-studio-sdk could not be installed: its test will be SKIPPED"
	touch $@ .venv/installed
