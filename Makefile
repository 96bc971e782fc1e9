# The commands of this project. Each makes its own environment when it is missing.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
RUN    := $(VENV)/.installed-run
DEV    := $(VENV)/.installed-dev

.PHONY: run backtest test lint types imports bench soak evidence docs clean help

help: ## list the commands
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(RUN): pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[portfolio]'
	@touch $@

$(DEV): pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[portfolio,dev]'
	@touch $@ $(RUN)

# Twenty minutes of a market in two of ours; the next run goes on where this one ends.
run: $(RUN) ## trade on paper for two minutes, watched, and write a report; Ctrl-C ends it
	$(BIN)/kedge run examples/paper.yaml --speed 10 --duration 120

backtest: $(RUN) store/universes.parquet ## backtest the offline sample and write a report
	$(BIN)/kedge backtest examples/sample.yaml --out out/sample

# The file that the sample writes last of all: an interrupted sample is made again.
store/universes.parquet: | $(RUN)
	$(BIN)/kedge data sample --store store

test: lint types imports ## lint, types, import rules and all tests
	$(BIN)/python -m pytest -n 2 --dist worksteal

lint: $(DEV) ## ruff: rules and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(DEV) ## mypy, strict
	$(BIN)/mypy

imports: $(DEV) ## imports point down only
	$(BIN)/lint-imports

bench: $(DEV) ## speed against peers, written to docs/benchmarks.md
	$(BIN)/python -m benchmarks.run

soak: $(DEV) ## kills, strace, fuzzing, simulated worlds, oracle, parity at full length, into docs/soak.md
	$(BIN)/python -m benchmarks.soak
	$(BIN)/python -m benchmarks.mutants.campaign

evidence: $(DEV) ## the statistical campaigns, written to docs/evidence.md
	$(BIN)/python -m benchmarks.evidence

docs: $(DEV) ## regenerate the reference pages and check every link
	$(BIN)/python -m benchmarks.docs

clean: ## remove the environment, outputs and caches
	rm -rf $(VENV) out .mypy_cache .ruff_cache .pytest_cache .hypothesis
