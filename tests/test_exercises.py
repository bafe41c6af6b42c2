"""Exercises: made from the solutions, byte for byte, and with checks that bite."""

import importlib

import matplotlib
import pytest

import exercises
from canonical import read
from twins import ROOT

SETS = exercises.set_names()
STUB_MESSAGE = "Replace this line"


def cells_by_grade_id(path):
    """Return the cells of a notebook that nbgrader knows, by their grade_id."""
    cells = [cell for cell in read(path).cells if "nbgrader" in cell.metadata]
    return {cell.metadata.nbgrader["grade_id"]: cell for cell in cells}


def solution_path(name):
    return ROOT / "solutions" / name / f"{name}.ipynb"


def wrong_answers(name):
    """Return the wrong answers of a set; none where their file is missing, which a test notices."""
    if not (ROOT / "tests" / "wrong_answers" / f"{name}.py").exists():
        return []
    return importlib.import_module(f"wrong_answers.{name}").WRONG


def exercise_ids(name):
    ids = cells_by_grade_id(solution_path(name))
    return [key.removesuffix("-check") for key in ids if key.endswith("-check")]


def situations(name):
    """Run the solutions; return the variables as they are before each exercise's answer cell."""
    before, variables = {}, {"__name__": "__main__"}
    for cell in read(solution_path(name)).cells:
        if cell.cell_type == "code":
            grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
            if grade_id.endswith("-answer"):
                before[grade_id.removesuffix("-answer")] = dict(variables)
            exec(compile(cell.source, f"{name}, {grade_id}", "exec"), variables)
    return before


def outcome(name, exercise, answer, before):
    """Run an answer and the student's check cell; return the error's message, or None."""
    variables = dict(before[exercise])
    check = cells_by_grade_id(exercises.exercise_path(name))[f"{exercise}-check"].source
    try:
        exec(compile(answer, "answer", "exec"), variables)
        exec(compile(check, "check", "exec"), variables)
    except (AssertionError, NotImplementedError) as error:
        return str(error) or "failed without a message"
    return None


@pytest.fixture(scope="module")
def prepared():
    """Return the variables before each answer of a set, run once for the whole module."""
    matplotlib.use("Agg")
    cache = {}

    def prepare(name):
        if name not in cache:
            cache[name] = situations(name)
        return cache[name]

    return prepare


@pytest.fixture(scope="module")
def fresh():
    return exercises.generate(SETS)


@pytest.mark.parametrize("name", SETS)
def test_exercises_are_a_fresh_generation(name, fresh):
    committed = exercises.exercise_path(name).read_text(encoding="utf-8")
    assert committed == fresh[name], "run make exercises; exercises are never edited by hand"


@pytest.mark.parametrize("name", SETS)
def test_students_see_no_solution_and_no_hidden_check(name):
    text = exercises.exercise_path(name).read_text(encoding="utf-8")
    assert "BEGIN SOLUTION" not in text
    assert "BEGIN HIDDEN" not in text
    answers = [k for k in cells_by_grade_id(solution_path(name)) if k.endswith("-answer")]
    assert [key.removesuffix("-answer") for key in answers] == exercise_ids(name)
    for cell in read(exercises.exercise_path(name)).cells:
        assert not cell.get("outputs")


@pytest.mark.parametrize("name", SETS)
def test_every_exercise_has_points_and_hidden_checks_and_a_wrong_answer(name):
    cells = cells_by_grade_id(solution_path(name))
    for exercise in exercise_ids(name):
        check = cells[f"{exercise}-check"]
        assert check.metadata.nbgrader["points"] >= 1
        assert "### BEGIN HIDDEN TESTS" in check.source
        assert any(entry[0] == exercise for entry in wrong_answers(name)), exercise
    assert 4 <= len(exercise_ids(name)) <= 6


STUBS = [(name, exercise) for name in SETS for exercise in exercise_ids(name)]


@pytest.mark.parametrize("name, exercise", STUBS)
def test_check_fails_on_the_stub(name, exercise, prepared):
    stub = cells_by_grade_id(exercises.exercise_path(name))[f"{exercise}-answer"].source
    assert STUB_MESSAGE in outcome(name, exercise, stub, prepared(name))


@pytest.mark.parametrize("name, exercise", STUBS)
def test_check_passes_on_the_solution(name, exercise, prepared):
    answer = cells_by_grade_id(solution_path(name))[f"{exercise}-answer"].source
    assert outcome(name, exercise, answer, prepared(name)) is None


WRONG = [(name, *entry) for name in SETS for entry in wrong_answers(name)]


@pytest.mark.parametrize(
    "name, exercise, mistake, answer, fragment", WRONG, ids=[f"{w[0]}-{w[1]}-{w[2]}" for w in WRONG]
)
def test_check_names_the_mistake(name, exercise, mistake, answer, fragment, prepared):
    message = outcome(name, exercise, answer, prepared(name))
    assert message is not None, f"the check passes although the answer {mistake}"
    assert fragment in message


@pytest.fixture
def set_in(tmp_path):
    """Return the path and the text of a freshly placed exercise set."""
    path = tmp_path / f"{SETS[0]}.ipynb"
    text = exercises.exercise_path(SETS[0]).read_text(encoding="utf-8")
    exercises.place(text, path)
    return path, text


def test_untouched_exercises_are_replaced_without_a_copy(set_in):
    path, text = set_in
    assert exercises.place(text, path) == "unchanged"
    exercises.place(text.replace('"nbformat_minor": 5', '"nbformat_minor": 5 '), path)
    assert [other.name for other in path.parent.iterdir()] == [path.name]


def test_work_of_a_student_is_kept(set_in, capsys):
    path, text = set_in
    for number in (1, 2):
        mine = text.replace("raise NotImplementedError", f"answer = {number}  # ")
        path.write_text(mine, encoding="utf-8")
        exercises.place(text, path)
        kept = path.with_name(f"{path.stem}-kept-{number}.ipynb")
        assert kept.read_text(encoding="utf-8") == mine
        assert path.read_text(encoding="utf-8") == text
        assert kept.name in capsys.readouterr().out
