# Each target is one call. Another Python: make run PYTHON=python3.12. Another port: make run PORT=8001.
PYTHON ?= python3
VENV = .venv/bin/python
ifdef PORT
export VIRTAAMO_PORT = $(PORT)
endif

.PHONY: ready install run test check types format bench bench-scale bench-peers fuzz shots sbom clean

run:          ## start the demo county here and print the links
	@$(PYTHON) tools/run.py

install:      ## what a server needs, in this folder: see docs/admin.md
	@$(PYTHON) tools/install.py

test:         ## all tests
	@$(PYTHON) tools/test.py

check:        ## format, lint, types, layers, rules, duplicates, generated files, licences, known holes
	@$(PYTHON) tools/check.py

ready:
	@$(PYTHON) tools/bootstrap.py

types: ready  ## write what is generated: types, vectors, messages
	@$(VENV) tools/gen_types.py
	@$(VENV) tools/gen_vectors.py
	@$(VENV) tools/gen_messages.py

format: ready ## write both languages as the checks want them
	@$(VENV) -m ruff check -q --fix .
	@$(VENV) -m ruff format -q .
	@cd web && npm run --silent format

bench: ready  ## figures of docs/performance.md
	@$(VENV) tests/bench/bench.py

bench-scale: ready ## a county at the change of shifts
	@$(VENV) tests/bench/scale.py

bench-peers: ready ## the same board in other systems
	@$(VENV) tests/bench/bench_peers.py

fuzz: ready   ## the state machine at length: N=20000 SEED=… DB=sqlite|postgres|both MERGE=naive REPLAY=file
	@$(VENV) -m tests.fuzz.fuzz

shots: ready  ## pictures of every screen
	@$(VENV) tests/e2e/shots.py

sbom: ready   ## what the product is made of, as CycloneDX, in build/
	@$(VENV) tools/sbom.py

clean:        ## everything that can be made again; never the data folder
	@rm -rf build web/dist web/node_modules .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
