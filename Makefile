# Thin names for real commands. `make` lists them.
.DEFAULT_GOAL := help
SHELL := /bin/bash
UV := .uv/bin/uv
PY := .venv/bin/python
RASA_PY := .venv-rasa/bin/python
# What Python compiles is kept, out of sight: to compile it anew took each start seconds.
export PYTHONDONTWRITEBYTECODE :=
export PYTHONPYCACHEPREFIX := $(CURDIR)/.cache/pycache
export UV_NO_PROGRESS := 1

.PHONY: help setup run test check audit bench bench-safety bench-console faults train golden tune lock lint clean

help:  ## list what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(UV): locks/uv.txt
	@echo "installing uv …"
	@python3 -m venv .uv
	@.uv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r locks/uv.txt
	@touch $(UV)

.venv/.made: $(UV) locks/app.txt pyproject.toml
	@echo "making the application's environment …"
	@test -x $(PY) || $(UV) venv --quiet --python python3 .venv
	@$(UV) pip sync --quiet --python .venv --require-hashes locks/app.txt
	@$(UV) pip install --quiet --python .venv --no-deps --build-constraints locks/uv.txt --editable .
	@touch .venv/.made

.venv-rasa/.made: $(UV) locks/rasa.txt
	@echo "making Rasa's environment (1.6 GB) …"
	@test -x $(RASA_PY) || $(UV) venv --quiet --python python3 .venv-rasa
	@$(UV) pip sync --quiet --python .venv-rasa --require-hashes locks/rasa.txt
	@touch .venv-rasa/.made

.venv/.dev: .venv/.made locks/dev.txt
	@echo "adding the tools for tests and checks …"
	@$(UV) pip install --quiet --python .venv --require-hashes -r locks/dev.txt
	@touch .venv/.dev

setup: .venv/.made .venv-rasa/.made  ## both environments

run: setup  ## start everything; Ctrl-C ends it
	@.venv/bin/evenday run

train: setup  ## train the dialogue model, if its files changed
	@.venv/bin/evenday train

check: setup .venv/.dev  ## format, lint, types, imports, content, fast tests (some minutes)
	@scripts/check

test: check train  ## everything, the slow tests too
	@$(PY) -m pytest -q -m slow tests

audit: setup .venv/.dev  ## known weaknesses of what the locks pin; needs an advisory service on the network
	@$(PY) scripts/audit

bench: setup .venv/.dev train  ## speed, beside a bare Rasa starter
	@$(PY) -m bench

bench-safety: setup .venv/.dev train  ## danger among 500 who chat, then while all fails (RISK, CHATTING, KILLS, SEED)
	@$(PY) -m bench.safety

bench-console: setup .venv/.dev  ## the console with 100,000 patients (PATIENTS, MESSAGES, ESCALATIONS, DATABASES)
	@$(PY) -m bench.console

faults: setup .venv/.dev train  ## kill -9 in the middle of conversations (KILLS=10)
	@$(PY) -m tests.faults

golden: setup .venv/.dev train  ## rewrite the golden transcripts; review the diff as prose
	@$(PY) -m pytest -q tests/conversations --golden

tune: setup  ## tune the screen's encoder on data/screen (an hour; TRIAL=1 tries it)
	@scripts/tune

lock: $(UV)  ## resolve both environments anew
	@scripts/lock

clean:  ## forget environments, models and caches, never var/
	@rm -rf .uv .venv .venv-rasa .cache models/*.tar.gz* .mypy_cache .ruff_cache .pytest_cache
