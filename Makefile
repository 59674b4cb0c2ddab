# From git, make and Python 3.11 or newer to a running RAT. `make help` lists what there is.
# Nothing is installed outside .venv, except Chromium by `make test` where Debian's packages can be installed.

VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
PIP := $(PY) -m pip --disable-pip-version-check -qq
# A lock names every package. If pip resolved again, it would take an extra such as granian[reload] for unpinned and
# refuse the lock on the day that a newer release appears; `pip check` in lint shows that nothing is missing.
LOCKED := install --no-deps --require-hashes
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"
# make up ARGS="--port 3001"; make test ARGS="-k names"
ARGS ?=

export PIP_ROOT_USER_ACTION := ignore
export REFLEX_TELEMETRY_ENABLED := false

.DEFAULT_GOAL := help
.PHONY: help up install front-end dev test check lint bench build lock docs screenshots migration clean clean-all

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-18s %s\n", $$1, $$2 }'

up: install ## Install and build what is missing, then start RAT (Ctrl+C stops it)
	@exec $(BIN)/rat up $(ARGS)

install: $(VENV)/stamp-run front-end ## Virtual environment and front end, nothing started

front-end: $(VENV)/stamp-run
	@$(PY) tools/front_end.py

dev: $(VENV)/stamp-dev

test: lint front-end ## Every check and every test, browser tests included
	@$(PY) -m tests.chromium
	$(PY) -m pytest -n auto --maxprocesses 4 --dist loadfile $(ARGS)

check: lint ## Style, types, import direction, dead code, dependencies, shape
	$(PY) -m pytest -q tests/architecture $(ARGS)

lint: $(VENV)/stamp-dev
	$(PIP) check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/lint-imports --no-cache
	$(BIN)/vulture
	$(BIN)/deptry .

bench: dev front-end ## Measure RAT beside its peers (docs/performance.md)
	@$(PY) -m tests.chromium
	$(PY) -m benchmarks.launch $(ARGS)
	$(PY) -m benchmarks.pages $(ARGS)

build: dev front-end ## A wheel with front end, migrations and assets inside: dist/*.whl
	@rm -rf dist
	$(PY) -m build --wheel --no-isolation

lock: dev ## Resolve every dependency anew: requirements*.lock and reflex.lock
	$(COMPILE) --upgrade pyproject.toml --output-file requirements.lock
	$(COMPILE) --upgrade --group build --constraint requirements.lock --output-file requirements-build.lock
	$(COMPILE) --upgrade pyproject.toml --group build --group check --group test --group lock --constraint requirements.lock --constraint requirements-build.lock --output-file requirements-dev.lock
	$(COMPILE) --upgrade --no-annotate --no-strip-extras benchmarks/dbt.in --output-file benchmarks/dbt.lock
	$(PIP) $(LOCKED) --requirement requirements-dev.lock
	$(PY) tools/front_end.py --relock

docs: dev ## Write docs/reference anew from the program
	$(PY) -m tools.reference

screenshots: dev front-end ## Pictures of every page in both themes and two widths: build/screenshots
	@$(PY) -m tests.chromium
	$(PY) -m tools.screenshots

migration: dev ## Draft a migration from the tables: make migration m="what changes"
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && \
	$(BIN)/alembic -x scratch="$$folder/rat.db" upgrade head && \
	$(BIN)/alembic -x scratch="$$folder/rat.db" revision --autogenerate --message "$(m)"

clean: ## Remove what was built, keep the environment
	rm -rf .web build dist .pytest_cache .ruff_cache .hypothesis .import_linter_cache assets/external
	find . -path ./$(VENV) -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +

clean-all: clean ## Remove the environment too. Your data (.rat) stays
	rm -rf $(VENV)

# The stamps live in the environment, so that they go when it goes.
$(PY):
	@for python in $(or $(PYTHON),python3 python3.14 python3.13 python3.12 python3.11 python); do \
		if "$$python" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
			echo "Creating $(VENV) with $$("$$python" --version) …"; exec "$$python" -m venv --clear $(VENV); \
		fi; \
	done; \
	echo "RAT needs Python 3.11 or newer with its venv module (tried: $(or $(PYTHON),python3, python3.11 to python3.14))." >&2; \
	echo "Install one (Debian and Ubuntu: apt install python3 python3-venv), or name one: make $(MAKECMDGOALS) PYTHON=/path/to/python3" >&2; \
	exit 1

$(VENV)/stamp-run: requirements.lock requirements-build.lock pyproject.toml | $(PY)
	@echo "Installing the locked dependencies (about a minute) …"
	@$(PIP) $(LOCKED) --requirement requirements.lock --requirement requirements-build.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/stamp-dev: requirements-dev.lock $(VENV)/stamp-run
	@echo "Installing what checks and tests need …"
	@$(PIP) $(LOCKED) --requirement requirements-dev.lock
	@touch $@
