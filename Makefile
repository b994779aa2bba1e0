# What a developer types. Needs make and Python 3.11+; uses uv where it is on the PATH, pip otherwise.
#
#   make run PYTHON=python3.13     another Python
#   make test ARGS="-k wheel"      further arguments for the command behind a target
#   make test UV=                  pip although uv is there

PYTHON ?= python3
UV ?= $(shell command -v uv 2>/dev/null)
ARGS ?=
BENCH ?=

# Each worker of the tests has a Neo4j of its own; a given server cannot be shared.
WORKERS ?= $(if $(NEO4J_URI),0,2)

VENV := .venv
BIN := $(VENV)/bin

# Scripts of a moved or copied .venv would run the checkout they came from, so its mark names this place.
MADE := $(VENV)/made-for-$(shell pwd -P | cksum | cut -d ' ' -f 1)
RUN_READY := $(VENV)/ready-to-run
DEV_READY := $(VENV)/ready-to-develop

PEER := benchmarks/peers/apollo/node_modules/.ready

INSTALL = $(if $(UV),$(UV) pip install --python $(BIN)/python,$(BIN)/python -m pip install)
PINNED := --require-hashes --only-binary :all: --no-deps
EDITABLE := --no-deps --no-build-isolation --editable .

# Where util-linux can do it, the server ends also when make is killed with a signal it cannot pass on.
FOLLOW = $(shell setpriv --pdeathsig TERM true 2>/dev/null && echo setpriv --pdeathsig TERM)

COMPILE := pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--custom-compile-command "make lock"

AUDITOR := pip-audit==2.10.1
SHOW := import json, sys; \
	[print(each["name"], each["version"], one["id"], *one["aliases"], "fixed in", *(one["fix_versions"] or ["none"])) \
	for each in json.load(open(sys.argv[1]))["dependencies"] for one in each.get("vulns", [])]
LOCKS := requirements-dev.lock requirements-server.lock requirements-build.lock

export PIP_DISABLE_PIP_VERSION_CHECK := 1
MAKEFLAGS += --no-builtin-rules --no-print-directory
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test soak check audit lock web bench clean rebuild

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-6s %s\n", $$1, $$2 }' Makefile

run: $(RUN_READY) ## install, start a local Neo4j, load seed/ and serve; Ctrl-C ends it all
	@exec $(FOLLOW) $(BIN)/graph-api serve --seed seed $(ARGS)

test: $(DEV_READY) ## run the tests
	@exec $(BIN)/pytest --numprocesses $(WORKERS) --dist loadfile $(ARGS)

soak: $(DEV_READY) ## run for long what the tests run briefly: faults of the database, too much load, a fuzzer, slow clients
	@CHAOS_SECONDS=60 PAUSE_SECONDS=30 SLOW_SECONDS=60 LOAD_SECONDS=600 FUZZ_EXAMPLES=7000 SLOW_CLIENTS=900 \
	  exec $(BIN)/pytest -s tests/chaos tests/endpoint/test_fuzz.py tests/endpoint/test_slow_clients.py $(ARGS)

check: $(DEV_READY) ## lint, check types and import rules, compare the committed schema with the code
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/graph-api schema --check

audit: ## look the pinned dependencies up among known vulnerabilities; says so where it cannot
	@dir=$$(mktemp -d); trap 'rm -rf "$$dir"' EXIT; $(PYTHON) -m venv "$$dir"; \
	if "$$dir/bin/pip" install --quiet --retries 1 --timeout 15 $(AUDITOR) 2> "$$dir/why"; then \
	  "$$dir/bin/pip-audit" --strict --progress-spinner off --disable-pip --require-hashes --timeout 15 --format json \
	    --output "$$dir/found" $(foreach lock,$(LOCKS),--requirement $(lock)) $(ARGS) 2>> "$$dir/why"; found=$$?; \
	  if [ -s "$$dir/found" ]; then tail -n 1 "$$dir/why"; [ $$found = 0 ] || $(PYTHON) -c '$(SHOW)' "$$dir/found"; exit $$found; fi; \
	fi; echo "Not audited, offline perhaps: $$(tail -n 1 "$$dir/why")"

web: ## rebuild the browser assets in graph_api/web (needs Node 20 and npm)
	cd web && npm ci && npm run build

bench: $(DEV_READY) $(if $(BENCH),,$(PEER)) ## measure ours beside its peers; BENCH names a script in benchmarks/ instead
	@exec $(BIN)/python $(if $(BENCH),benchmarks/$(BENCH).py,-m benchmarks) $(ARGS)

$(PEER): benchmarks/peers/apollo/package-lock.json
	npm ci --ignore-scripts --prefix benchmarks/peers/apollo
	@touch $@

lock: ## pin the newest dependencies that fit what is pinned; ARGS=--upgrade for the newest
	@set -e; uv='$(UV)'; if [ -z "$$uv" ]; then \
	  dir=$$(mktemp -d); trap 'rm -rf "$$dir"' EXIT; \
	  $(PYTHON) -m venv "$$dir"; "$$dir/bin/pip" install --quiet uv; uv=$$dir/bin/uv; \
	fi; set -x; \
	"$$uv" $(COMPILE) $(ARGS) pyproject.toml --extra local --group build -o requirements.lock; \
	"$$uv" $(COMPILE) $(ARGS) pyproject.toml --extra local --group build --group dev -c requirements.lock -o requirements-dev.lock; \
	"$$uv" $(COMPILE) $(ARGS) pyproject.toml --extra otel --extra redis -c requirements-dev.lock -o requirements-server.lock; \
	"$$uv" $(COMPILE) $(ARGS) --group build -c requirements.lock -o requirements-build.lock

clean: ## delete what was installed and cached here; the database in .neo4j stays
	rm -rf $(VENV) dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache web/node_modules
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A .venv whose Python has gone is made again.
$(MADE): $(if $(shell test -x $(BIN)/python && echo works),,rebuild)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Python 3.11 or newer is needed, and $(PYTHON) is: $$($(PYTHON) --version 2>&1);" \
	    "name another, as in: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@$(if $(UV),,$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "$(PYTHON) comes without venv; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; })
	$(if $(UV),$(UV) venv --quiet --clear --python $(PYTHON) $(VENV),$(PYTHON) -m venv --clear $(VENV))
	@touch $@

$(RUN_READY): requirements.lock pyproject.toml $(MADE)
	$(INSTALL) $(PINNED) -r requirements.lock
	$(INSTALL) $(EDITABLE)
	@touch $@

$(DEV_READY): requirements-dev.lock pyproject.toml $(MADE)
	$(INSTALL) $(PINNED) -r requirements-dev.lock
	$(INSTALL) $(EDITABLE)
	@touch $@ $(RUN_READY)
