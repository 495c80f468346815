# `make demo` and `make test` do all the set-up on a fresh Debian or Ubuntu with Python and make.
PYTHON ?= python3
BIN := .venv/bin
export DEBIAN_FRONTEND = noninteractive

.PHONY: help demo test lint types unit qgis bench clean

help: ## Show the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

demo: .venv/installed ## Render a place at two dates, find its new and demolished buildings
	$(BIN)/mtrs-geo demo --output build/demo

test: .venv/installed-test qgis lint types unit ## Lint, types and tests, with what they need

lint: .venv/installed-test ## Check style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/installed-test ## Check types
	$(BIN)/mypy

unit: .venv/installed-test ## Run the tests
	$(BIN)/pytest

qgis: ## Install QGIS for the tests that open results in it, where apt and root allow
	@if /usr/bin/python3 -c 'import qgis.core' 2>/dev/null; then \
	  echo "QGIS is installed"; \
	elif command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
	  apt-get update -qq && \
	  apt-get install -y -qq --no-install-recommends qgis python3-qgis >/dev/null || \
	  echo "!! QGIS could not be installed: its tests will be SKIPPED"; \
	else \
	  echo "!! no apt or no root: QGIS tests will be SKIPPED"; \
	fi

bench: .venv/installed-test ## Measure the promises: memory, corridor cost, tiling
	$(BIN)/python benchmarks/corridor_memory.py
	$(BIN)/python benchmarks/corridor_cost.py
	$(BIN)/python benchmarks/tiling.py

clean: ## Remove what the targets made
	rm -rf .venv build dist runs .pytest_cache .mypy_cache .ruff_cache .hypothesis

.venv/bin/python:
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --upgrade pip

.venv/installed: pyproject.toml | .venv/bin/python
	$(BIN)/pip install --quiet -e .
	touch $@

.venv/installed-test: pyproject.toml | .venv/bin/python
	$(BIN)/pip install --quiet -e '.[test]'
	touch $@ .venv/installed
