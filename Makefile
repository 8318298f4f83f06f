# Two commands are enough for a newcomer: `make demo` and `make test`. Each sets up everything it needs.
PYTHON ?= python3
BIN := .venv/bin
.DEFAULT_GOAL := help

.PHONY: help setup browser demo test bench-optimizer storm check fix serve pin shape screenshots states parts holes clean

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/'

setup: .venv/ready api/pages/static/vendor/icons.svg  ## create .venv and front-end files from pinned, hashed requirements

.venv/ready: requirements/bootstrap.txt requirements/dev.txt
	@echo "Setting up .venv from pinned, hashed requirements (about 20 seconds on a warm network, one minute cold)."
	@start=$$(date +%s); \
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Makegood needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.12")' && \
	$(PYTHON) -m venv --clear .venv && \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt && \
	UV_PYTHON_DOWNLOADS=never $(BIN)/uv pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes requirements/dev.txt && \
	echo "$(CURDIR)" > $$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/makegood.pth && \
	printf '#!/bin/sh\nexec "$$(dirname "$$0")/python" -m api.runtime.cli "$$@"\n' > $(BIN)/makegood && chmod +x $(BIN)/makegood && \
	touch $@ && echo "Set up in $$(( $$(date +%s) - start )) s."

# npm of this machine, else the one that comes as a Python package.
api/pages/static/vendor/icons.svg: .venv/ready package.json package-lock.json .npmrc api/pages/vendor.py
	@start=$$(date +%s); \
	if command -v npm > /dev/null; then npm=npm; else \
	  echo "No npm on this machine: installing Node.js into .venv (60 MB)."; \
	  UV_PYTHON_DOWNLOADS=never $(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/front.txt && npm=$(BIN)/npm; fi; \
	PATH="$(CURDIR)/$(BIN):$$PATH" $$npm ci --silent --legacy-peer-deps && $(BIN)/python -m api.pages.vendor && \
	echo "Front-end files in $$(( $$(date +%s) - start )) s."

browser: setup  ## Chromium for the browser tests, where this machine can install it
	@$(BIN)/python -m tests.browser.chromium

demo: setup  ## a fictional town, one living day at 60x, everything embedded
	@$(BIN)/makegood demo

test: setup browser check  ## what CI runs: the checks, then every test on SQLite and Postgres
	@echo "Compiling the search, once for all tests (about half a minute; a second where it was done before)."
	@$(BIN)/python -m optimizer.warm
	@start=$$(date +%s); $(BIN)/pytest -n 2 --dist worksteal && echo "Tests took $$(( $$(date +%s) - start )) s."

# The solvers it is compared with are nobody's dependency: they have an environment of their own.
.venv-bench/ready: .venv/ready requirements/bench.txt
	@$(BIN)/uv venv --quiet --allow-existing --python $(BIN)/python .venv-bench && \
	UV_PYTHON_DOWNLOADS=never $(BIN)/uv pip sync --quiet --compile-bytecode --python .venv-bench/bin/python --require-hashes requirements/bench.txt && \
	touch $@

bench-optimizer: .venv-bench/ready  ## the optimizer beside its peers; RUN="days --seconds 2", else everything (hours)
	@.venv-bench/bin/python -m tests.benchmarks.optimizer $(or $(RUN),all)

storm: setup  ## the slow suites whole: races, random days and requests, and who may what, in full doses
	@MAKEGOOD_STORM=1 $(BIN)/pytest -n 2 --dist worksteal tests/races tests/property tests/simulation tests/contract tests/browser tests/http/test_who_may.py

# Who lists and questions our parts is none of them: an environment of its own.
.venv-safety/ready: .venv/ready requirements/safety.txt
	@$(BIN)/uv venv --quiet --allow-existing --python $(BIN)/python .venv-safety && \
	UV_PYTHON_DOWNLOADS=never $(BIN)/uv pip sync --quiet --python .venv-safety/bin/python --require-hashes requirements/safety.txt && \
	touch $@

parts: .venv-safety/ready  ## what a running house is made of, as CycloneDX in parts.json
	@PYTHONWARNINGS=ignore .venv-safety/bin/cyclonedx-py requirements --pyproject pyproject.toml --output-reproducible --of JSON -o parts.json requirements/image.txt && \
	echo "parts.json lists $$(grep -c '"purl"' parts.json) parts, as requirements/image.txt pins them."

holes: .venv-safety/ready  ## known holes in what is pinned; asks an advisory service, so it needs a network
	@for group in image dev safety; do echo "requirements/$$group.txt:"; \
	  .venv-safety/bin/python -m tests.holes requirements/$$group.txt || exit $$?; done

check: setup  ## format, lint, types, import order
	@$(BIN)/ruff format --check --quiet . && $(BIN)/ruff check --quiet . && $(BIN)/mypy && $(BIN)/lint-imports --no-logo

fix: setup  ## format and mend what can be mended
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

serve: setup  ## the web process, with the jobs inside
	@$(BIN)/makegood serve

pin: setup  ## compile requirements/*.txt again from pyproject.toml
	@for group in run dev image front bench safety; do $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header --no-annotate $$( [ $$group = dev ] && echo --group dev -c requirements/run.txt ) \
	  $$( [ $$group = image ] && echo --all-extras -c requirements/dev.txt ) \
	  $$( [ $$group = bench ] && echo --group bench -c requirements/dev.txt ) \
	  $$( case $$group in (front|safety) echo --group $$group;; (*) echo pyproject.toml;; esac ) -o requirements/$$group.txt; done

screenshots: browser  ## every page of the story as a picture, into screenshots/
	@$(BIN)/python -m tests.browser.screenshots

states: browser  ## every state of the customer's pages, in two languages, into screenshots/customer/
	@$(BIN)/python -m tests.browser.states

shape: setup  ## sizes of functions and files, to see what grows
	@$(BIN)/python -m tests.shape

clean:  ## remove .venv, .venv-bench, .venv-safety and caches
	rm -rf .venv .venv-bench .venv-safety .pytest_cache .mypy_cache .ruff_cache .import_linter_cache data
