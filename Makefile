# Two commands do all set-up on a fresh machine with Python 3.11 and the package registries: make demo, make test.
.DEFAULT_GOAL := help
SHELL := /bin/sh
MAKEFLAGS += --no-print-directory
BIN := .venv/bin
FORGE := contracts/tools/forge
# Three for two cores: who waits for a block leaves its core to others. The longest files first, so that none is last.
PYTEST := $(BIN)/pytest tests/e2e tests/integration tests/api tests/unit -n 3 --dist loadfile --no-loadscope-reorder
RUNTIME := .venv/runtime.stamp
DEV := .venv/dev.stamp
CHAIN := contracts/node_modules/.setup.stamp
AUDIT := .venv/audit/.setup.stamp
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	--no-emit-index-url --custom-compile-command "make lock"

.PHONY: help setup contracts generated migration format lint check test servers-test test-all contracts-test contracts-coverage contracts-mutants run demo lock clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' Makefile | expand -t 18

setup: $(RUNTIME) $(DEV) $(CHAIN) ## install everything that needs no root

demo: $(RUNTIME) $(CHAIN) ## play one receivable's story and open the console (EXIT=1: end after the story)
	@$(BIN)/chainfin demo $(if $(EXIT),--exit)

run: $(RUNTIME) $(CHAIN) ## the embedded network, worker, API and console; data stay in .chainfin
	@$(BIN)/chainfin up

contracts: setup ## compile the contracts into the artifacts the product ships
	$(BIN)/python -m scripts.compile_contracts

generated: contracts ## everything that follows from the contracts and the errors: artifacts, vectors, docs/problems.md, docs/openapi.json
	FORGE_SNAPSHOT_EMIT=true $(FORGE) test --match-path 'test/gas/*'
	$(BIN)/python -m tests.vectors.evidence.record
	$(BIN)/python -m tests.vectors.evidence.qbft
	$(BIN)/python -m chainfin.evidence.schema evidence > docs/evidence.schema.json
	$(BIN)/python -m chainfin.evidence.schema trust > docs/trust.schema.json
	$(BIN)/python -m api.errors > docs/problems.md
	$(BIN)/python -m scripts.describe_api > docs/openapi.json

migration: setup ## write a revision for what changed in the private tables (NAME="...")
	$(BIN)/python -m scripts.make_migration "$(NAME)"

format: setup ## let the formatters write
	$(FORGE) fmt
	$(FORGE) fmt proof
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

lint: setup ## formats, lint, types, import contracts
	$(FORGE) fmt --check
	$(FORGE) fmt --check proof
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

check: lint ## make lint and the unit tests
	$(BIN)/pytest tests/unit

test: setup ## all tests that need no server and no browser of the machine
	$(PYTEST) -m "not postgresql and not browser"
	$(FORGE) test

contracts-test: setup $(AUDIT) ## the contracts: tests, long fuzzing, snapshots, Slither, proofs
	$(BIN)/python -m scripts.test_contracts

contracts-coverage: setup ## which lines and branches of the contracts their tests reach
	FOUNDRY_PROFILE=coverage $(FORGE) coverage --ir-minimum --report summary --no-match-path 'test/{gas,invariant}/**' --no-match-coverage '^(test|node_modules)'

contracts-mutants: setup ## whether the contracts' tests notice small wrong changes (a sample of 150)
	$(BIN)/python -m scripts.mutate_contracts

servers-test: setup ## the tests that need a server or a browser of the machine
	$(PYTEST) -n 2 -m "postgresql or browser"

test-all: setup ## everything, also on PostgreSQL, in Chromium, with a token; installs them when root
	scripts/setup_tools system
	CHAINFIN_REQUIRE_ALL=1 PYTEST_ADDOPTS=--cache-clear $(MAKE) test
	$(MAKE) lint
	CHAINFIN_REQUIRE_ALL=1 $(MAKE) --jobs=2 --output-sync=target contracts-test servers-test

lock: $(RUNTIME) ## resolve the newest versions that fit pyproject.toml and contracts/package.json
	$(LOCK) --upgrade pyproject.toml --output-file requirements/runtime.lock
	$(LOCK) --upgrade --group dev --constraint requirements/runtime.lock --output-file requirements/dev.lock
	$(LOCK) --upgrade --group audit --output-file requirements/audit.lock
	$(LOCK) --upgrade --group node --output-file requirements/node.lock
	$(LOCK) --upgrade --group installer --output-file requirements/installer.lock
	contracts/tools/node npm install --prefix contracts --package-lock-only

clean: ## remove what the targets made, but not the data in .chainfin
	rm -rf .venv contracts/node_modules contracts/out contracts/cache .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

$(RUNTIME): pyproject.toml requirements/installer.lock requirements/runtime.lock
	@scripts/setup_tools runtime
	@touch $@

$(DEV): requirements/dev.lock $(RUNTIME)
	@scripts/setup_tools dev
	@touch $@

$(CHAIN): contracts/package.json contracts/package-lock.json requirements/node.lock | $(RUNTIME)
	@scripts/setup_tools chain
	@touch $@

$(AUDIT): requirements/audit.lock $(DEV)
	@scripts/setup_tools audit
	@touch $@
