"""The package's shape: who may import whom, what stays free of torch, sizes and docstrings."""

import ast
import re
import subprocess
import sys

import pytest

from book import name_of
from twins import ROOT

MODULES = sorted((ROOT / "rnncourse").rglob("*.py"))
NAMES = {".".join(p.relative_to(ROOT).with_suffix("").parts): p for p in MODULES}

# Which modules of the package a module may import, anywhere in its text. A module that is not
# listed imports only what everybody may. Data know no model, models know no training, figures
# know arrays only.
EDGES = {
    "rnncourse.__main__": {
        "rnncourse.doctor",
        "rnncourse.ledger",
        "rnncourse.datasets.commands",
        "rnncourse.experiments.commands",
        "rnncourse.recipe_command",
    },
    "rnncourse.published": {"rnncourse.claims"},
    "rnncourse.ledger": {"rnncourse.claims"},
    "rnncourse.doctor": {
        "rnncourse.datasets.catalogue",
        "rnncourse.datasets.classics",
        "rnncourse.datasets.corpora",
        "rnncourse.datasets.series",
    },
    "rnncourse.datasets.classics": {"rnncourse.datasets.catalogue", "rnncourse.datasets.download"},
    "rnncourse.datasets.commands": {"rnncourse.datasets.catalogue", "rnncourse.datasets.classics"},
    "rnncourse.datasets.digits": {"rnncourse.datasets.series"},
    "rnncourse.autoregressive_fit": {"rnncourse.autocorrelation"},
    "rnncourse.autoregressive": {"rnncourse.autoregressive_fit", "rnncourse.forecasting"},
    "rnncourse.order_selection": {"rnncourse.autocorrelation", "rnncourse.autoregressive"},
    "rnncourse.datasets.synthetic": {"rnncourse.transitions"},
    "rnncourse.transitions": {"rnncourse.smoothing"},
    "rnncourse.markov": {"rnncourse.transitions"},
    "rnncourse.kneser_ney": {"rnncourse.ngram_counts", "rnncourse.smoothing"},
    "rnncourse.interpolation": {"rnncourse.ngram_counts", "rnncourse.smoothing"},
    "rnncourse.ngrams": {"rnncourse.ngram_counts", "rnncourse.smoothing"},
    "rnncourse.hmm": {
        "rnncourse.hmm_covariances",
        "rnncourse.hmm_emissions",
        "rnncourse.hmm_inference",
        "rnncourse.hmm_inputs",
        "rnncourse.hmm_model",
    },
    "rnncourse.hmm_emissions": {"rnncourse.hmm_log_space"},
    "rnncourse.hmm_fit": {
        "rnncourse.em",
        "rnncourse.hmm_emissions",
        "rnncourse.hmm_inference",
        "rnncourse.hmm_packing",
    },
    "rnncourse.hmm_inference": {
        "rnncourse.hmm_log_space",
        "rnncourse.hmm_packing",
        "rnncourse.hmm_scan",
    },
    "rnncourse.hmm_log_space": {"rnncourse.hmm_inputs"},
    "rnncourse.hmm_model": {
        "rnncourse.hmm_fit",
        "rnncourse.hmm_inference",
        "rnncourse.hmm_inputs",
        "rnncourse.hmm_packing",
    },
    "rnncourse.hmm_recursions": {"rnncourse.hmm_inputs"},
    "rnncourse.kalman": {
        "rnncourse.em",
        "rnncourse.kalman_em",
        "rnncourse.kalman_filter",
        "rnncourse.kalman_forecast",
        "rnncourse.kalman_input",
        "rnncourse.kalman_smoother",
        "rnncourse.kalman_steady",
    },
    "rnncourse.kalman_em": {"rnncourse.kalman_filter", "rnncourse.kalman_smoother"},
    "rnncourse.kalman_filter": {"rnncourse.kalman_steady"},
    "rnncourse.kalman_forecast": {"rnncourse.kalman_filter", "rnncourse.kalman_input"},
    "rnncourse.kalman_smoother": {"rnncourse.kalman_steady"},
    "rnncourse.cells.cell": {"rnncourse.cells.state"},
    "rnncourse.cells.elman": {"rnncourse.cells.cell", "rnncourse.cells.weights"},
    "rnncourse.cells.fused": {"rnncourse.cells.lstm", "rnncourse.cells.weights"},
    "rnncourse.cells.goru": {
        "rnncourse.cells.cell",
        "rnncourse.cells.orthogonal",
        "rnncourse.cells.unitary",
        "rnncourse.cells.weights",
    },
    "rnncourse.cells.gru": {"rnncourse.cells.cell", "rnncourse.cells.weights"},
    "rnncourse.cells.initialisation": {"rnncourse.tensors"},
    "rnncourse.cells.jordan": {"rnncourse.cells.cell", "rnncourse.cells.weights"},
    "rnncourse.cells.layer_norm_lstm": {"rnncourse.cells.cell", "rnncourse.cells.weights"},
    "rnncourse.cells.lstm": {"rnncourse.cells.cell", "rnncourse.cells.weights"},
    "rnncourse.cells.lstm_variants": {
        "rnncourse.cells.cell",
        "rnncourse.cells.lstm",
        "rnncourse.cells.weights",
    },
    "rnncourse.cells.mgu": {"rnncourse.cells.cell", "rnncourse.cells.weights"},
    "rnncourse.cells.multiplicative": {"rnncourse.cells.cell", "rnncourse.cells.weights"},
    "rnncourse.cells.orthogonal": {"rnncourse.cells.cell", "rnncourse.cells.weights"},
    "rnncourse.cells.peephole": {"rnncourse.cells.cell", "rnncourse.cells.weights"},
    "rnncourse.cells.phased_lstm": {"rnncourse.cells.cell", "rnncourse.cells.weights"},
    "rnncourse.cells.scrn": {"rnncourse.cells.cell", "rnncourse.cells.weights"},
    "rnncourse.cells.skip": {
        "rnncourse.cells.cell",
        "rnncourse.cells.weights",
        "rnncourse.cells.wrapped",
    },
    "rnncourse.cells.torch_cell": {"rnncourse.cells.cell", "rnncourse.cells.state"},
    "rnncourse.cells.unitary": {
        "rnncourse.cells.cell",
        "rnncourse.cells.orthogonal",
        "rnncourse.cells.unitary_dense",
        "rnncourse.cells.weights",
    },
    "rnncourse.cells.unroll": {"rnncourse.cells.state", "rnncourse.tensors"},
    "rnncourse.cells.wrapped": {"rnncourse.cells.cell", "rnncourse.cells.state"},
    "rnncourse.checkpoints": {"rnncourse.training"},
    "rnncourse.diagnostics": {
        "rnncourse.cells.state",
        "rnncourse.diagnostics_watch",
        "rnncourse.evaluation",
    },
    "rnncourse.diagnostics_jacobians": {"rnncourse.cells.state", "rnncourse.diagnostics_states"},
    "rnncourse.diagnostics_log": {"rnncourse.diagnostics_norms"},
    "rnncourse.diagnostics_plots": {"rnncourse.figures"},
    "rnncourse.diagnostics_watch": {"rnncourse.diagnostics_states"},
    "rnncourse.evaluation": {"rnncourse.cells.state", "rnncourse.tensors"},
    "rnncourse.experiments.commands": {"rnncourse.experiments.grid"},
    "rnncourse.experiments.grid": {"rnncourse.experiments.store"},
    "rnncourse.experiments.fast": {
        "rnncourse.cells.elman",
        "rnncourse.cells.gru",
        "rnncourse.cells.lstm",
        "rnncourse.cells.torch_cell",
        "rnncourse.cells.weights",
    },
    "rnncourse.experiments.gates": {"rnncourse.experiments.fast", "rnncourse.experiments.runs"},
    "rnncourse.experiments.gru_comparison": {
        "rnncourse.cells.mgu",
        "rnncourse.cells.multiplicative",
        "rnncourse.cells.scrn",
        "rnncourse.evaluation",
        "rnncourse.experiments.fast",
        "rnncourse.experiments.grid",
        "rnncourse.experiments.gru_tasks",
        "rnncourse.experiments.sizes",
    },
    "rnncourse.experiments.gru_relatives": {
        "rnncourse.cells.gru",
        "rnncourse.cells.mgu",
        "rnncourse.cells.phased_lstm",
        "rnncourse.datasets.events",
        "rnncourse.evaluation",
        "rnncourse.experiments.fast",
        "rnncourse.experiments.gates",
        "rnncourse.experiments.grid",
        "rnncourse.experiments.problems",
        "rnncourse.experiments.sizes",
        "rnncourse.models",
    },
    "rnncourse.experiments.gru_tasks": {
        "rnncourse.cells.unroll",
        "rnncourse.datasets.corpora",
        "rnncourse.datasets.polyphony",
        "rnncourse.evaluation",
        "rnncourse.models",
        "rnncourse.tasks",
        "rnncourse.text",
    },
    "rnncourse.experiments.lstm_biases": {
        "rnncourse.experiments.fast",
        "rnncourse.experiments.gates",
        "rnncourse.experiments.grid",
        "rnncourse.experiments.problems",
    },
    "rnncourse.experiments.lstm_lags": {
        "rnncourse.experiments.fast",
        "rnncourse.experiments.gates",
        "rnncourse.experiments.grid",
        "rnncourse.experiments.problems",
    },
    "rnncourse.experiments.gru_minutes": {
        "rnncourse.datasets.corpora",
        "rnncourse.experiments.grid",
        "rnncourse.kneser_ney",
        "rnncourse.ngrams",
        "rnncourse.recipe",
        "rnncourse.recipe_settings",
        "rnncourse.text",
    },
    "rnncourse.experiments.lstm_pronouns": {
        "rnncourse.datasets.pronouns",
        "rnncourse.evaluation",
        "rnncourse.experiments.fast",
        "rnncourse.experiments.grid",
        "rnncourse.experiments.lstm_stream",
        "rnncourse.models",
    },
    "rnncourse.experiments.lstm_reber": {
        "rnncourse.cells.lstm",
        "rnncourse.datasets.reber",
        "rnncourse.evaluation",
        "rnncourse.experiments.fast",
        "rnncourse.experiments.gates",
        "rnncourse.experiments.grid",
        "rnncourse.experiments.problems",
        "rnncourse.models",
    },
    "rnncourse.experiments.lstm_stream": {
        "rnncourse.cells.lstm",
        "rnncourse.cells.state",
        "rnncourse.datasets.reber",
        "rnncourse.evaluation",
        "rnncourse.experiments.fast",
        "rnncourse.experiments.grid",
        "rnncourse.experiments.lstm_reber",
        "rnncourse.models",
    },
    "rnncourse.experiments.lstm_timing": {
        "rnncourse.cells.peephole",
        "rnncourse.cells.unroll",
        "rnncourse.experiments.fast",
        "rnncourse.experiments.grid",
    },
    "rnncourse.experiments.lstm_variants": {
        "rnncourse.cells.lstm",
        "rnncourse.cells.lstm_variants",
        "rnncourse.cells.peephole",
        "rnncourse.experiments.gates",
        "rnncourse.experiments.grid",
        "rnncourse.experiments.lstm_reber",
        "rnncourse.experiments.problems",
    },
    "rnncourse.experiments.sizes": {"rnncourse.experiments.fast"},
    "rnncourse.experiments.orthogonal_cells": {
        "rnncourse.cells.elman",
        "rnncourse.cells.goru",
        "rnncourse.cells.initialisation",
        "rnncourse.cells.orthogonal",
        "rnncourse.cells.unitary",
        "rnncourse.evaluation",
        "rnncourse.experiments.fast",
        "rnncourse.experiments.runs",
        "rnncourse.regularizers",
        "rnncourse.training",
    },
    "rnncourse.experiments.orthogonal_copy": {
        "rnncourse.experiments.grid",
        "rnncourse.experiments.orthogonal_cells",
        "rnncourse.experiments.problems",
    },
    "rnncourse.experiments.orthogonal_denoise": {
        "rnncourse.evaluation",
        "rnncourse.experiments.grid",
        "rnncourse.experiments.orthogonal_cells",
        "rnncourse.experiments.problems",
        "rnncourse.models",
    },
    "rnncourse.experiments.orthogonal_digits": {
        "rnncourse.datasets.digits",
        "rnncourse.evaluation",
        "rnncourse.experiments.fast",
        "rnncourse.experiments.grid",
        "rnncourse.experiments.orthogonal_cells",
        "rnncourse.models",
    },
    "rnncourse.experiments.orthogonal_text": {
        "rnncourse.batches",
        "rnncourse.datasets.corpora",
        "rnncourse.evaluation",
        "rnncourse.experiments.fast",
        "rnncourse.experiments.grid",
        "rnncourse.experiments.orthogonal_cells",
        "rnncourse.models",
        "rnncourse.text",
    },
    "rnncourse.experiments.problems": {
        "rnncourse.evaluation",
        "rnncourse.models",
        "rnncourse.tasks",
    },
    "rnncourse.experiments.remedies": {
        "rnncourse.experiments.remedies_rates",
        "rnncourse.experiments.store",
    },
    "rnncourse.experiments.remedies_cells": {
        "rnncourse.cells.cell",
        "rnncourse.cells.elman",
        "rnncourse.cells.initialisation",
        "rnncourse.cells.skip",
        "rnncourse.cells.state",
        "rnncourse.cells.torch_cell",
        "rnncourse.cells.wrapped",
        "rnncourse.regularizers",
    },
    "rnncourse.experiments.remedies_rates": {
        "rnncourse.experiments.grid",
        "rnncourse.experiments.problems",
        "rnncourse.experiments.remedies_cells",
        "rnncourse.experiments.runs",
    },
    "rnncourse.experiments.runs": {"rnncourse.experiments.problems", "rnncourse.training"},
    "rnncourse.generation": {"rnncourse.evaluation", "rnncourse.tensors"},
    "rnncourse.models": {"rnncourse.cells.unroll", "rnncourse.tensors"},
    "rnncourse.recipe": {
        "rnncourse.checkpoints",
        "rnncourse.evaluation",
        "rnncourse.recipe_run",
        "rnncourse.recipe_settings",
        "rnncourse.text",
        "rnncourse.training",
    },
    "rnncourse.recipe_command": {
        "rnncourse.recipe",
        "rnncourse.recipe_model",
        "rnncourse.recipe_run",
        "rnncourse.recipe_settings",
    },
    "rnncourse.recipe_model": {
        "rnncourse.cells.state",
        "rnncourse.cells.torch_cell",
        "rnncourse.cells.unroll",
        "rnncourse.checkpoints",
        "rnncourse.generation",
        "rnncourse.models",
        "rnncourse.text",
    },
    "rnncourse.recipe_run": {
        "rnncourse.batches",
        "rnncourse.cells.state",
        "rnncourse.checkpoints",
        "rnncourse.evaluation",
        "rnncourse.recipe_model",
        "rnncourse.recipe_settings",
        "rnncourse.text",
        "rnncourse.training",
    },
    "rnncourse.recursive": {"rnncourse.cells.state", "rnncourse.models"},
    "rnncourse.training": {"rnncourse.evaluation"},
    "rnncourse.numpy_gates": {"rnncourse.numpy_rnn"},
    "rnncourse.numpy_gru": {
        "rnncourse.numpy_gates",
        "rnncourse.numpy_rnn_inputs",
        "rnncourse.numpy_rnn_lookup",
    },
    "rnncourse.numpy_lstm": {
        "rnncourse.numpy_gates",
        "rnncourse.numpy_rnn_inputs",
        "rnncourse.numpy_rnn_lookup",
    },
    "rnncourse.numpy_rnn": {"rnncourse.numpy_rnn_inputs", "rnncourse.numpy_rnn_lookup"},
    "rnncourse.numpy_rnn_sweep": {
        "rnncourse.numpy_rnn",
        "rnncourse.numpy_rnn_inputs",
        "rnncourse.numpy_rnn_lookup",
    },
    "rnncourse.numpy_rnn_gradients": {"rnncourse.numpy_rnn", "rnncourse.numpy_rnn_inputs"},
    "rnncourse.numpy_rnn_realtime": {"rnncourse.numpy_rnn", "rnncourse.numpy_rnn_inputs"},
    "rnncourse.numpy_rnn_numerical": {"rnncourse.parameter_trees"},
    "rnncourse.optimizers": {"rnncourse.parameter_trees"},
    "rnncourse.clipping": {"rnncourse.parameter_trees"},
    "rnncourse.checks": {"rnncourse.diagnosis"},
    "rnncourse.knob": {"rnncourse.figures"},
}
EVERYBODY_MAY = {"rnncourse", "rnncourse.datasets", "rnncourse.validate"}

# Modules that may import torch; every other one works where torch is not installed.
WITH_TORCH = {
    "rnncourse.cells.cell",
    "rnncourse.cells.elman",
    "rnncourse.cells.fused",
    "rnncourse.cells.goru",
    "rnncourse.cells.gru",
    "rnncourse.cells.initialisation",
    "rnncourse.cells.jordan",
    "rnncourse.cells.layer_norm_lstm",
    "rnncourse.cells.lstm",
    "rnncourse.cells.lstm_variants",
    "rnncourse.cells.mgu",
    "rnncourse.cells.multiplicative",
    "rnncourse.cells.orthogonal",
    "rnncourse.cells.peephole",
    "rnncourse.cells.phased_lstm",
    "rnncourse.cells.scrn",
    "rnncourse.cells.skip",
    "rnncourse.cells.state",
    "rnncourse.cells.torch_cell",
    "rnncourse.cells.unitary",
    "rnncourse.cells.unitary_dense",
    "rnncourse.cells.unroll",
    "rnncourse.cells.weights",
    "rnncourse.cells.wrapped",
    "rnncourse.checkpoints",
    "rnncourse.diagnostics",
    "rnncourse.diagnostics_jacobians",
    "rnncourse.diagnostics_log",
    "rnncourse.diagnostics_states",
    "rnncourse.diagnostics_watch",
    "rnncourse.doctor",
    "rnncourse.evaluation",
    "rnncourse.experiments.fast",
    "rnncourse.experiments.gates",
    "rnncourse.experiments.gru_comparison",
    "rnncourse.experiments.gru_relatives",
    "rnncourse.experiments.gru_tasks",
    "rnncourse.experiments.lstm_pronouns",
    "rnncourse.experiments.lstm_reber",
    "rnncourse.experiments.lstm_stream",
    "rnncourse.experiments.lstm_timing",
    "rnncourse.experiments.orthogonal_cells",
    "rnncourse.experiments.orthogonal_denoise",
    "rnncourse.experiments.orthogonal_digits",
    "rnncourse.experiments.orthogonal_text",
    "rnncourse.experiments.problems",
    "rnncourse.experiments.remedies_cells",
    "rnncourse.experiments.runs",
    "rnncourse.generation",
    "rnncourse.models",
    "rnncourse.recipe",
    "rnncourse.recipe_model",
    "rnncourse.recipe_run",
    "rnncourse.recipe_settings",
    "rnncourse.recursive",
    "rnncourse.regularizers",
    "rnncourse.tensors",
    "rnncourse.training",
}

# Modules that import no torch themselves, and modules that do.
NEED_TORCH = {
    "rnncourse.experiments.gru_minutes",
    "rnncourse.experiments.lstm_biases",
    "rnncourse.experiments.lstm_lags",
    "rnncourse.experiments.lstm_variants",
    "rnncourse.experiments.orthogonal_copy",
    "rnncourse.experiments.remedies",
    "rnncourse.experiments.remedies_rates",
    "rnncourse.experiments.sizes",
}

MAX_MODULE_LINES = 250
MAX_FUNCTION_LINES = 30


def imports(text):
    """Return the names of all modules that a text imports, inside functions too."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def forbidden_edges(name, text):
    found = {other for other in imports(text) if other in NAMES}
    return found - EDGES.get(name, set()) - EVERYBODY_MAY


@pytest.mark.parametrize("name", NAMES)
def test_module_imports_only_what_it_may(name):
    assert forbidden_edges(name, NAMES[name].read_text(encoding="utf-8")) == set()


def test_a_forbidden_edge_is_found():
    text = "def f():\n    from rnncourse import training\n"
    assert forbidden_edges("rnncourse.text", text) == {"rnncourse.training"}


def test_the_map_of_the_package_names_every_module():
    text = ast.get_docstring(ast.parse((ROOT / "rnncourse" / "__init__.py").read_text()))
    for name in NAMES:
        short = name.removeprefix("rnncourse.")
        assert short.endswith(("__init__", "__main__")) or short in text, name


def test_every_allowed_edge_is_used():
    for name, allowed in EDGES.items():
        assert allowed <= imports(NAMES[name].read_text(encoding="utf-8")), name


@pytest.mark.parametrize("name", NAMES)
def test_torch_is_imported_only_where_it_is_taught(name):
    uses = any(other.split(".")[0] == "torch" for other in imports(NAMES[name].read_text()))
    assert uses == (name in WITH_TORCH)


def test_numpy_modules_load_no_torch():
    names = [n for n in NAMES if n not in WITH_TORCH | NEED_TORCH and not n.endswith("__main__")]
    program = f"import sys, {', '.join(names)}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program]).returncode == 0


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_module_can_be_read_in_one_sitting(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MAX_MODULE_LINES
    for function in functions(ast.parse(text)):
        assert body_lines(function) <= MAX_FUNCTION_LINES, function.name


def functions(tree):
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [node for node in ast.walk(tree) if isinstance(node, kinds)]


def body_lines(function):
    first = function.body[1:2] if ast.get_docstring(function) else function.body[:1]
    return function.end_lineno - first[0].lineno + 1 if first else 0


# What every cell can do is described once, in rnncourse.cells.cell.Cell. A cell that defines it
# anew shows its equation and nothing else.
CELL_METHODS = {"forward", "initial_state", "project", "step"}


def public_definitions(tree):
    """Return public functions, classes and methods with their dotted names."""
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
            yield node.name, node
            if isinstance(node, ast.ClassDef):
                is_cell = any(getattr(base, "id", "").endswith("Cell") for base in node.bases)
                known = CELL_METHODS if is_cell else set()
                for child in (n for n in node.body if isinstance(n, ast.FunctionDef)):
                    if not child.name.startswith("_") and child.name not in known:
                        yield f"{node.name}.{child.name}", child


def docstring_faults(name, node):
    """Return what a public docstring lacks: itself, an argument, a shape, Returns, Raises."""
    text = ast.get_docstring(node) or ""
    if not text:
        return [f"{name}: no docstring"]
    if isinstance(node, ast.ClassDef):
        return []
    faults = []
    names = [a.arg for a in [*node.args.args, *node.args.kwonlyargs] if a.arg != "self"]
    for argument in names:
        if not re.search(rf"^\s+{argument}(, \w+)*: |^\s+(\w+, )+{argument}(, \w+)*: ", text, re.M):
            faults.append(f"{name}: argument {argument} is not described")
    is_property = any(getattr(d, "id", "") == "property" for d in node.decorator_list)
    if (
        gives_something(node)
        and not is_property
        and not re.search(r"^(Returns|Yields):$|^Returns? ", text, re.M)
    ):
        faults.append(f"{name}: what it returns is not described")
    if can_raise(node) and "Raises:" not in text:
        faults.append(f"{name}: its errors are not described")
    return faults


def gives_something(node):
    """Tell whether a function, apart from those defined inside it, returns a value."""
    inner = {n for function in functions(node)[1:] for n in ast.walk(function)}
    returns = [n for n in ast.walk(node) if isinstance(n, (ast.Return, ast.Yield))]
    return any(n.value is not None for n in returns if n not in inner)


def can_raise(node):
    """Tell whether a function raises by itself or through the validation of its arguments."""
    calls = [n.func for n in ast.walk(node) if isinstance(n, ast.Call)]
    called = {getattr(f, "id", getattr(f, "attr", "")) for f in calls}
    validates = any(name.startswith(("as_integer", "as_real", "as_array")) for name in called)
    return validates or any(isinstance(n, ast.Raise) for n in ast.walk(node))


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_public_docstrings(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree)
    faults = [f for name, node in public_definitions(tree) for f in docstring_faults(name, node)]
    assert faults == []


ARRAYS = re.compile(r"\b(array|arrays|numbers|series|values|ids|mask|tensor)\b")
SHAPE = re.compile(r"\((?:[A-Za-z]\w*|\d+|\.\.\.)(?:[,)]| [-+,])|\bshape\b|\bany shape\b|list of")


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_arrays_have_shapes(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for name, node in public_definitions(tree):
        text = ast.get_docstring(node) or ""
        if "numpy" in str(imports(path.read_text())) and re.search(r"^Args:$", text, re.M):
            block = text.partition("Args:")[2].partition("Raises:")[0]
            assert not ARRAYS.search(block) or SHAPE.search(block), f"{name} gives no shape"


POOR = {
    "no docstring": "def f(x):\n return x",
    "argument": "def f(x):\n 'Double. Returns a float.'\n return x",
    "result": "def f():\n 'Give one.'\n return 1",
    "error": "def f():\n 'Fail.'\n raise ValueError",
    "error by validation": "def f():\n 'Check.'\n as_integer(3, 'n')",
}


@pytest.mark.parametrize("source", POOR.values(), ids=POOR)
def test_a_poor_docstring_is_found(source):
    assert docstring_faults("f", ast.parse(source).body[0]) != []
