# `make demo` and `make test` do everything from an empty clone: Python 3.11 and make; the tests'
# Kafka broker also wants Java 17 and Maven (or VILLKOR_TEST_KAFKA=host:port of a running one), and
# exported journals and the console's pages want hledger and Chromium (Debian has both).

UV := $(or $(shell command -v uv),.uv/bin/uv)
PIP := $(UV) pip install --quiet --python .venv/bin/python
RUN := .venv/bin

.PHONY: help demo console screenshots test audit lint contract bench bench-pages bench-kafka replay chaos fuzz lock terms-close record

help: ## What there is to make
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: .venv/.runtime ## The demo data of six shops, and what is owed
	@$(RUN)/villkor demo

console: .venv/.runtime ## The console on the demo data: an address, and tokens to sign in with
	@$(RUN)/python -m deploy.demo.console

screenshots: .venv/.development ## The pictures of the console that README shows (Chromium)
	@$(RUN)/python -m tests.console.screenshots

test: .venv/.development ## All tests, on real Postgres and a real Kafka broker
	@$(RUN)/pytest -q -n 3 --dist loadfile --no-loadscope-reorder

audit: .venv/.runtime ## pyarrow beside it, for `villkor export parquet` and `export log`
	@$(PIP) --constraint requirements-dev.lock pyarrow

lint: .venv/.development ## Style, types, and the direction of imports
	@$(RUN)/ruff check .
	@$(RUN)/ruff format --check .
	@$(RUN)/mypy
	@$(RUN)/lint-imports

contract: .venv/.development ## The AsyncAPI document and real messages, by its own parser (Node)
	@cd tests/contract && npm ci --silent --ignore-scripts --no-audit --no-fund
	@$(RUN)/python -m tests.contract.messages tests/contract/messages.jsonl
	@node tests/contract/check.mjs deploy/asyncapi.yaml tests/contract/messages.jsonl

bench: .venv/.development ## What README's table says, measured: hours (QUICK=1: minutes)
	@$(RUN)/python -m tests.benchmarks $(if $(QUICK),--quick,--json tests/benchmarks/results.json)
	@$(MAKE) --no-print-directory bench-pages

bench-pages: .venv/.development ## Pages, API and first paint over a million orders (KEEP=folder)
	@$(RUN)/python -m tests.benchmarks.asked $(if $(KEEP),--keep $(KEEP)) \
		$(if $(QUICK),--quick,--json tests/benchmarks/results.json)
	@$(if $(QUICK),,$(RUN)/python -m tests.benchmarks --readme)

bench-kafka: .venv/.development ## The whole way, Kafka to Kafka, and the relay
	@$(RUN)/python tests/benchmarks/whole_way.py
	@$(RUN)/python tests/benchmarks/relay.py

replay: .venv/.development ## The log folded again on Ray, beside verify (EVENTS=1000000)
	@$(RUN)/python -m tests.benchmarks.beyond $(if $(EVENTS),--events $(EVENTS))

SEED := 1
SECONDS := 100
chaos: .venv/.development ## Everything that goes wrong, drawn from SEED, for SECONDS
	@$(RUN)/python -m tests.chaos $(SEED) $(SECONDS) $(if $(BREAK),--break $(BREAK))

COUNT ?= 100000
fuzz: .venv/.development ## So many mutated bodies of every carrier and shop: facts or a refusal
	@$(RUN)/python -m tests.adapters.carriers.fuzz $(COUNT)

lock: | $(UV) ## Resolve the dependencies anew, with hashes
	$(UV) pip compile pyproject.toml --group build --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --quiet -o requirements.lock
	$(UV) pip compile pyproject.toml --group build --group dev --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --quiet -c requirements.lock -o requirements-dev.lock
	$(UV) pip compile pyproject.toml --extra replay --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --quiet -c requirements-dev.lock \
		-o requirements-replay.lock

terms-close: .venv/.development ## Record the dated values of the terms as closed
	@$(RUN)/python -m tests.domain.terms.closed

record: .venv/.development ## Record what decides each clause, and the generated documents
	@$(RUN)/python -m tests.scenarios.coverage
	@for of in terms scenario; do \
		$(RUN)/villkor terms schema $$of > deploy/schemas/$$of.schema.json; done
	@$(RUN)/villkor schemas write

.uv/bin/uv:
	@python3 -m venv .uv && .uv/bin/python -m pip install --quiet --disable-pip-version-check uv

.venv/bin/python: | $(UV)
	@$(UV) venv --quiet --python python3 .venv

.venv/.runtime: requirements.lock pyproject.toml | .venv/bin/python
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

.venv/.development: requirements-dev.lock pyproject.toml | .venv/bin/python
	@$(PIP) --require-hashes -r requirements-dev.lock
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@ .venv/.runtime
