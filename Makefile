# Everything a person or a machine does with this project. `make help` lists it.

SHELL       := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help demo test check services services-stop bench soak lock clean

VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
DEMO_ARGS  ?=
BENCH_ARGS ?=
BENCH_API_ARGS ?=
BENCH_ASSETS_ARGS ?=
BENCH_MONEY_ARGS ?=
BENCH_ALERTS_ARGS ?=
TEST_ARGS  ?=
WORKERS    ?= logical

# Else each of the workers, and of the processes that tests start, compiles all of it anew.
unexport PYTHONDONTWRITEBYTECODE

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(STAMP) ## a running system with simulated vehicles; no root, no Docker (DEMO_ARGS="--seconds 30 --vehicles 50 --json")
	$(BIN)/guanche demo $(DEMO_ARGS)

test: $(STAMP) ## the whole suite with the services found; REQUIRE=timescaledb,mosquitto forbids skipping (TEST_ARGS="-k bindings")
	@missed=0; \
	run() { echo "pytest $$*"; $(BIN)/pytest "$$@" $(TEST_ARGS) && return; code=$$?; \
	    [ $$code -eq 5 ] || exit $$code; missed=$$((missed + 1)); }; \
	run -n $(WORKERS) --maxprocesses 8 --dist loadgroup --no-loadscope-reorder -m "not soak and not alone"; \
	run -m "alone and not soak"; \
	[ $$missed -lt 2 ] || { echo 'no test is called so' >&2; exit 5; }

check: $(STAMP) ## what must hold before the tests: style, types, architecture
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -q tests/test_architecture.py

services: ## install TimescaleDB and mosquitto for the tests (Debian/Ubuntu, root)
	@deploy/services/up.sh

services-stop: ## end what tests left running in the private tree of `services`
	@deploy/services/down.sh

bench: $(STAMP) ## measure ingest, the API, assets, money, alerts (BENCH_ARGS=..., BENCH_API_ARGS="--samples 2000000", BENCH_ASSETS_ARGS=...)
	$(BIN)/guanche bench $(BENCH_ARGS)
	$(BIN)/guanche bench api $(BENCH_API_ARGS)
	$(BIN)/guanche bench assets $(BENCH_ASSETS_ARGS)
	$(BIN)/guanche bench money $(BENCH_MONEY_ARGS)
	$(BIN)/guanche bench alerts $(BENCH_ALERTS_ARGS)

soak: $(STAMP) ## the reliability tests in their long form
	$(BIN)/pytest -m soak $(TEST_ARGS)

lock: $(STAMP) ## rewrite requirements.lock from pyproject.toml
	$(BIN)/uv pip compile pyproject.toml --extra dev --extra embedded --universal \
	    --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet \
	    --output-file requirements.lock

clean: ## delete what was made here: environment, demo data, caches, the private tree
	@deploy/services/down.sh --delete-tree
	rm -rf $(VENV) .demo .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A failed installation leaves no stamp and is begun anew. The lock names every package there is to
# install, so none is looked for beside it.
$(STAMP): requirements.lock pyproject.toml
	@python=; for each in python3.13 python3.12 python3.11 python3; do \
	    if $$each -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; \
	    then python=$$each; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
	    echo 'Guanche needs Python 3.11 or newer with its venv module' \
	        '(on Debian and Ubuntu: apt install python3-venv).' >&2; exit 1; \
	fi; \
	echo "installing into $(VENV) with $$($$python --version)"; \
	$$python -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
