"""Assign and grade as the README tells instructors to: generate, submit, autograde, export."""

import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

import exercises
from canonical import read
from test_exercises import cells_by_grade_id, solution_path, wrong_answers
from twins import ROOT

NAME = exercises.set_names()[0]


def nbgrader(course, *words):
    """Run nbgrader in a course; it looks for alembic on the PATH."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    command = [sys.executable, "-m", "nbgrader", *words]
    run = subprocess.run(command, cwd=course, env={**os.environ, "PATH": path}, capture_output=True)
    assert run.returncode == 0, run.stderr.decode()


def submit(course, student, answers):
    """Hand in the released exercises with some answer cells filled in."""
    notebook = read(exercises.exercise_path(NAME))
    for cell in notebook.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        cell.source = answers.get(grade_id, cell.source)
    folder = course / "submitted" / student / NAME
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / f"{NAME}.ipynb")


@pytest.fixture(scope="module")
def scores(tmp_path_factory):
    """Grade three students; return each one's points and the points there are."""
    course = tmp_path_factory.mktemp("course")
    shutil.copy(ROOT / "nbgrader_config.py", course)
    shutil.copytree(ROOT / "solutions" / NAME, course / "solutions" / NAME)
    nbgrader(course, "generate_assignment", NAME)
    solution = cells_by_grade_id(solution_path(NAME))
    right = {k: cell.source for k, cell in solution.items() if k.endswith("-answer")}
    wrong = next(entry for entry in wrong_answers(NAME) if entry[0] == "ex1")
    submit(course, "ann", right)
    submit(course, "bob", {**right, "ex1-answer": wrong[2]})
    submit(course, "cy", {})
    for student in ("ann", "bob", "cy"):
        nbgrader(course, "autograde", NAME, "--student", student)
    nbgrader(course, "export")
    with open(course / "grades.csv", newline="") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    return {name: (float(row["score"]), float(row["max_score"])) for name, row in rows.items()}


def points():
    cells = cells_by_grade_id(solution_path(NAME))
    return {k: c.metadata.nbgrader["points"] for k, c in cells.items() if k.endswith("-check")}


def test_solutions_get_every_point(scores):
    assert scores["ann"] == (sum(points().values()),) * 2


def test_one_wrong_answer_costs_its_own_points_only(scores):
    assert scores["bob"][0] == sum(points().values()) - points()["ex1-check"]


def test_an_untouched_set_gets_none(scores):
    assert scores["cy"][0] == 0
