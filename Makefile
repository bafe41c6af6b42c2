# make lab    set up once, then open the book in JupyterLab; OPTIONS="--no-browser" passes options on
# make test   set up once, then check everything

PYTHON  ?= python3
VENV    := .venv
BIN     := $(VENV)/bin
PIP     := $(BIN)/python -m pip --disable-pip-version-check
PINS    := pyproject.toml constraints.txt
OPTIONS ?=
ONLY    ?=
PORT    ?= 8000

export PATH := $(abspath $(BIN)):$(PATH)
export OMP_NUM_THREADS := 1

.PHONY: lab test lint notebooks exercises experiments site serve pins bench clean

lab: $(VENV)/.ready-to-read
	jupyter lab --LabApp.default_url=/lab/tree/chapters/00_start_here.ipynb \
	    --LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate $(OPTIONS)

test: $(VENV)/.ready-to-edit lint
	pytest --quiet -n 2 --dist loadfile --nbval $(OPTIONS)

lint: $(VENV)/.ready-to-edit
	ruff check
	ruff format --check
	codespell

notebooks: $(VENV)/.ready-to-edit
	python tools/notebooks.py --only "$(ONLY)" $(OPTIONS)

exercises: $(VENV)/.ready-to-edit
	python tools/exercises.py --only "$(ONLY)"

# Long training whose results the chapters show; what is stored already is not run again.
experiments: $(VENV)/.ready-to-read
	python -m rnncourse experiments $(ONLY) $(OPTIONS)

# The book as a web site that needs no network; PORT=0 takes any free port.
site: $(VENV)/.ready-to-edit
	python tools/website.py

serve: $(VENV)/.ready-to-edit
	python tools/website.py --serve $(PORT)

pins: $(VENV)/.ready-to-edit
	python tools/pins.py

bench: $(VENV)/.ready-to-edit
	python -m benchmarks

clean:
	rm -rf $(VENV)

# The course for a reader. Byte code is made at first use, which halves the time of the set-up.
$(VENV)/.ready-to-read: $(PINS)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.12"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet --no-compile --constraint constraints.txt --editable .
	@touch $@

# The course with the tools of those who edit and grade it.
$(VENV)/.ready-to-edit: $(PINS)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.12"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet --no-compile --constraint constraints.txt --editable ".[dev]"
	@touch $@ $(VENV)/.ready-to-read
