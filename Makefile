# Two commands do everything on a fresh machine with Python 3.11 or newer and make: `make design` and `make test`.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?= --mah 20 --footprint 8x10

.PHONY: design test lint docs wheel-check lowest clean help

design: $(VENV)/installed  ## design the example device into build/
	$(BIN)/layoutgen design $(ARGS) --force

test: $(VENV)/installed-test  ## run every test, slow ones included
	$(BIN)/python -m pytest -n auto --dist worksteal

lint: $(VENV)/installed-test  ## formatting, lint and strict types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

docs: $(VENV)/installed-test  ## build the pages as a site into build/site; a broken link is an error
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict

wheel-check: $(VENV)/installed-test  ## build the wheel, install it elsewhere, run it from another folder
	$(BIN)/python scripts/check_wheel.py

$(VENV)/bin/python:
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'layoutgen needs Python 3.11 or newer; set PYTHON=')"
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: $(VENV)/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/installed-test: $(VENV)/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable '.[test,lint,docs,serve,browser,dask,parquet,lot,proof]'
	touch $@ $(VENV)/installed

lowest: $(VENV)/installed-test  ## install the lowest versions that are allowed elsewhere, and work with them
	$(BIN)/python scripts/lowest.py

clean:  ## remove the virtual environment and everything made
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

help:  ## show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/'
