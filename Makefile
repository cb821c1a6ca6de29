# One verb a line; each installs first what it needs. Options of a command go into ARGS: make test ARGS="-n 0 -k cadence"

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
LOCKED := requirements/dev.txt
PYTHONS := $(or $(PYTHON),python3 python3.13 python3.12 python3.11)

.DEFAULT_GOAL := help
.PHONY: help install demo run test torture check bench migrate lock image image-proof stop

help: ## List the verbs
	@awk -F ': .*## |: ## ' '/^[a-z-]+:.* ## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile

install: $(STAMP) ## Create .venv and install the locked requirements (PYTHON=... picks the interpreter)

demo: $(STAMP) ## Try Rung in the browser: a local stand-in for Slack and the real bot
	@$(BIN)/python -m bot demo $(ARGS)

run: $(STAMP) ## Serve a Slack workspace, with the settings of the environment
	@$(BIN)/python -m bot run $(ARGS)

# A run begins Python dozens of times: what it compiles is kept, whatever the environment says.
test: export PYTHONDONTWRITEBYTECODE =
test: $(STAMP) ## Run the tests
	@$(BIN)/python -m pytest -n 3 --dist worksteal $(ARGS)

torture: $(STAMP) ## Kill Rung, Postgres and connections while messages go out and change, and compare (ARGS="--seeds 1")
	@$(BIN)/python -W error -m tests.torture $(ARGS)
	@$(BIN)/python -W error -m tests.torture --what refreshes --members 60 $(ARGS)
	@$(BIN)/python -m pytest -n 2 -m torture

check: $(STAMP) ## Lint, format, types, import rules, the ladder's content, and known vulnerabilities
	$(BIN)/python -m ruff check
	$(BIN)/python -m ruff format --check
	$(BIN)/python -m mypy
	$(BIN)/lint-imports
	$(BIN)/python -m bot content check
	$(BIN)/python .ci/audit.py requirements/run.txt $(LOCKED)

bench: $(STAMP) ## Measure commands, the planner and searches beside what is bare
	@$(BIN)/python -m benchmarks $(ARGS)

migrate: $(STAMP) ## Bring the database to the newest tables
	@$(BIN)/python -m bot migrate $(ARGS)

PIP_COMPILE = $(BIN)/python -m uv pip compile pyproject.toml --quiet --no-header \
	--generate-hashes --universal --python-version 3.11 $(ARGS)

lock: $(STAMP) ## Compile requirements/*.txt from pyproject.toml (ARGS=--upgrade for newer versions)
	$(PIP_COMPILE) -o requirements/run.txt
	$(PIP_COMPILE) --group dev -c requirements/run.txt -o requirements/dev.txt

image-proof: $(STAMP) ## Prove the steps of the image without Docker, as a user without rights (needs the network)
	@$(BIN)/python -m tests.image $(ARGS)

image: ## Build the Docker image rung
	docker build --tag rung .

stop: $(STAMP) ## Stop the embedded Postgres
	@$(BIN)/python -m bot postgres stop

# An interpreter that is gone (upgraded, removed) makes the stamp worthless.
ifneq ($(shell $(BIN)/python -c '' 2>/dev/null && echo works),works)
.PHONY: $(STAMP)
endif

# No stamp means half made: start over. pip's own output is too much, silence too little.
$(STAMP): $(LOCKED)
	@test -f $@ && $(BIN)/python -m pip --version >/dev/null 2>&1 || { \
	  for python in $(PYTHONS) none; do \
	    "$$python" -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; \
	  done; \
	  test "$$python" != none || { \
	    echo "Rung needs Python 3.11 or newer with its venv module (on Debian: apt install python3-venv);" \
	      "looked at: $(PYTHONS). Name yours with PYTHON=/path/to/python3." >&2; exit 1; }; \
	  echo "Creating $(VENV) with $$("$$python" --version)"; \
	  "$$python" -m venv --clear $(VENV); }
	@rm -f $@
	@echo "Installing the locked requirements into $(VENV): a minute or two the first time"
	@{ $(BIN)/python -m pip install --disable-pip-version-check --no-input --progress-bar off \
	    --require-hashes -r $(LOCKED) && touch $@; } | \
	  while read -r word rest; do case $$word in \
	    Collecting) n=$$((n + 1)); test $$((n % 10)) -ne 0 || echo "  $$n of $$(grep -c '^[a-z].*==' $(LOCKED)) packages" ;; \
	    Installing) echo "  unpacking" ;; \
	  esac; done
	@test -f $@
