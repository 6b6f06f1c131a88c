# The only commands anyone needs. Python 3.11+, make and git are assumed; the rest is set up here.
PYTHON ?= python3
PORT   ?= 8000
BIN    := .venv/bin
DJADE  := $(BIN)/djade --target-version 5.2
PAGES   = $$(git ls-files 'templates/*.html')
# The type checker loads the settings; nothing is connected to.
NOWHERE := DATABASE_URL=postgres://nobody@/nothing SECRET_KEY=for-the-type-checker-only-it-signs-nothing-at-all

.PHONY: run test check bench faults hostile lives mutations faces attacks fuzz setup setup-dev lock format rooms topics verbs openapi personal-data

run: setup            ## everything, with demo data, on one port
	@$(BIN)/python manage.py up --port $(PORT)

test: setup-dev       ## the whole suite on a real PostgreSQL and Valkey
	$(BIN)/python -m pytest -n 2 --dist loadscope

check: setup-dev      ## linters, types, import ladder, migrations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(DJADE) --check $(PAGES)
	$(BIN)/lint-imports
	$(NOWHERE) $(BIN)/mypy .
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py check --fail-level WARNING

mutations: setup-dev  ## 20,000 messages of each notation, and of shops, with one field changed; MUTATIONS=1000 for fewer
	MUTATIONS=$(or $(MUTATIONS),20000) $(BIN)/python -m pytest tests/orders/intake/test_mutations.py tests/orders/intake/shops/test_mutations.py -n 0 -q

bench: setup-dev      ## the benchmarks; NAME=placing for one
	$(BIN)/python -m bench $(NAME)

faults: setup-dev     ## breaks the running product on purpose: NAME=postgres-killed for one, SECONDS= each, ORDERS= in all, OUT=table.md, RESUME=1, GUARD=all
	GUARD="$(GUARD)" LASTS="$(SECONDS)" ORDERS="$(ORDERS)" RESUME="$(RESUME)" OUT="$(OUT)" $(BIN)/python -m faults $(NAME)

hostile: setup-dev    ## files made to break readers, by page, API, mail, archive and job of a running product; NAME=list
	$(BIN)/python -m faults.hostile $(NAME)

lives: setup-dev      ## a thousand random lives of orders, and mixes of verbs under every law; LIVES=30 for fewer
	LIVES=$(or $(LIVES),1000) $(BIN)/python -m pytest tests/journeys/test_lives.py tests/journeys/test_state_machine.py tests/inventory/test_state_machine.py -n 2 --dist loadscope -q

faces: setup-dev      ## every page of the dashboard in each theme and language, in a browser
	FACES=full $(BIN)/python -m pytest tests/browser -n 2 -q -k test_every_page

attacks: setup-dev    ## hostile values in every place of every operation, page, form, file and webhook; DEPTH=4 for four times as many, ATTACKS_SEED for others
	ATTACKS=full DEPTH="$(DEPTH)" $(BIN)/python -m pytest tests/attacks -n 2 --dist worksteal -q

fuzz: setup-dev       ## changed files for every reader, SECONDS=600 each; NAME=xlsx for one
	$(BIN)/python -m tests.fuzzing --seconds $(or $(SECONDS),600) $(if $(NAME),--only $(NAME))

rooms: setup-dev      ## rewrite docs/rooms.md from the rooms and the contracts
	$(BIN)/python -m tests.architecture.rooms

topics: setup-dev      ## rewrite docs/events.md from the catalogue of event types
	$(BIN)/python manage.py topics > docs/events.md

personal-data: setup-dev  ## rewrite docs/personal-data.md from the declarations of the apps
	$(BIN)/python manage.py personal_data > docs/personal-data.md

openapi: setup-dev    ## rewrite erp/api/openapi.json from the endpoints
	$(BIN)/python manage.py openapi > .openapi.new && mv .openapi.new erp/api/openapi.json

verbs: setup-dev      ## rewrite docs/verbs.md from the declared verbs
	$(BIN)/python manage.py verbs > docs/verbs.md

setup: .venv/base.stamp
setup-dev: .venv/dev.stamp

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/base.stamp: requirements/base.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

.venv/dev.stamp: requirements/dev.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch .venv/base.stamp $@

lock: setup-dev       ## rewrite the lock files, hashes in, index addresses out
	$(BIN)/uv pip compile -q --generate-hashes --no-emit-index-url --no-header --no-annotate --python-version 3.11 requirements/base.in -o requirements/base.txt
	$(BIN)/uv pip compile -q --generate-hashes --no-emit-index-url --no-header --no-annotate --python-version 3.11 requirements/dev.in -o requirements/dev.txt

format: setup-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(DJADE) $(PAGES)
