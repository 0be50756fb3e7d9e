# Everything a fresh checkout needs: `make example` solves a shipped data set, `make test` runs the tests.
# Both make a virtual environment in .venv first. PYTHON chooses the interpreter (3.11 or newer).

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: example test check full fuzz bench browser setup clean

example: $(READY)
	$(BIN)/qnnt solve examples/breast_cancer.json --proof breast_cancer.drup -o breast_cancer.result.json
	$(BIN)/qnnt verify examples/breast_cancer.json breast_cancer.result.json --proof breast_cancer.drup
	$(BIN)/qnnt predict breast_cancer.result.json examples/breast_cancer.test.csv > breast_cancer.predictions.csv

test: $(READY)
	$(BIN)/python -m pytest -q -n 2

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# the random suites in full: 2,000 instances for every solver and encoding
full: $(READY)
	$(BIN)/python -m pytest -q -n 2 --full

# 2,000 random instances through several solvers each; from a fresh seed, which is printed, or SEED=N
fuzz: $(READY)
	$(BIN)/qnnt fuzz --count 2000 $(if $(SEED),--seed $(SEED))

# the suite `smoke`, a minute, and its report in the browser
bench: $(READY)
	$(BIN)/qnnt bench run smoke -o results
	$(BIN)/qnnt bench report results -o report.html --open

# the report's page in a headless Chromium; needs the packages chromium and chromium-driver of the system
browser: $(READY)
	$(BIN)/python -m pytest -q -n 2 --browser tests/browser

setup: $(READY)

$(READY): pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --quiet -e '.[dev]'
	touch $(READY)

clean:
	rm -rf .venv build dist results report.html *.egg-info
