"""One set of pins for every door, and a fresh environment in which the course runs."""

import re
import subprocess
import sys
import tomllib
import venv

import pytest
import yaml

import pins
from twins import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CONSTRAINTS = (ROOT / "constraints.txt").read_text(encoding="utf-8")
ENVIRONMENT = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
CORE = {"numpy", "matplotlib", "torch", "jupyterlab", "nbval", "ipywidgets"}
CORE |= {"statsmodels", "scikit-learn", "pooch", "tqdm"}


def name_of(requirement):
    return re.match(r"[\w.-]+", requirement)[0].lower().replace("_", "-")


def pinned(text):
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert all(re.match(r"[\w.-]+==[\w.]+( ; .+)?$", line) for line in lines)
    return {name_of(line) for line in lines}


def pip_lines():
    return next(item["pip"] for item in ENVIRONMENT["dependencies"] if isinstance(item, dict))


def test_core_dependencies():
    assert {name_of(requirement) for requirement in PROJECT["dependencies"]} == CORE
    assert set(PROJECT["optional-dependencies"]) == {"grading", "site", "dev"}


def test_every_direct_requirement_has_an_exact_pin():
    wanted = {name_of(requirement) for requirement in pins.direct_requirements()}
    assert CORE - {"torch"} <= wanted <= pinned(CONSTRAINTS)


def test_torch_is_pinned_by_itself_and_brings_no_gpu_libraries():
    assert "torch==2.13.0" in PROJECT["dependencies"]
    assert not re.search(r"^(torch|nvidia|triton|cuda)", CONSTRAINTS, re.MULTILINE)


def test_environment_takes_the_same_things_from_the_same_pins():
    conda = [name_of(item) for item in ENVIRONMENT["dependencies"] if isinstance(item, str)]
    assert conda == ["python", "pip"]
    # The course itself is what is installed, so its own list of dependencies is the only one.
    assert pip_lines() == ["--constraint constraints.txt", "--editable ."]


def test_makefile_and_readme_take_the_same_pins():
    for name in ("Makefile", "README.md", ".github/workflows/ci.yml"):
        text = (ROOT / name).read_text(encoding="utf-8")
        installs = [
            line for line in text.splitlines() if re.search(r"\binstall\b.*--editable", line)
        ]
        assert installs, name
        assert all("--constraint constraints.txt" in line for line in installs), name


def network_is_missing(folder):
    """Tell whether pip cannot reach its index, which may be a mirror or a folder."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--retries", "0"]
    try:
        run = subprocess.run([*command, "--dest", folder, "six"], capture_output=True, timeout=60)
        return run.returncode != 0
    except subprocess.TimeoutExpired:
        return True


@pytest.mark.install
def test_what_environment_yml_tells_pip_works_in_a_fresh_environment(tmp_path):
    if network_is_missing(tmp_path):
        pytest.skip("pip cannot reach its package index")
    venv.create(tmp_path / "env", with_pip=True)
    python = tmp_path / "env" / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    requirements = ROOT / ".rnncourse-environment.txt"  # beside environment.yml, as conda does it
    try:
        requirements.write_text("\n".join(pip_lines()) + "\n", encoding="utf-8")
        install = [python, "-m", "pip", "install", "--quiet", "--no-compile", "-r", requirements]
        subprocess.run(install, cwd=ROOT, check=True)
    finally:
        requirements.unlink()
    run = subprocess.run(
        [python, "-m", "rnncourse", "doctor"], cwd=tmp_path, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stdout + run.stderr
    listed = subprocess.run(
        [python, "-m", "pip", "list", "--format", "freeze"], capture_output=True
    )
    versions = dict(line.split("==") for line in listed.stdout.decode().lower().split())
    for line in CONSTRAINTS.splitlines():
        name, _, version = line.partition(" ; ")[0].partition("==")
        if name in CORE and " ; " not in line:
            assert versions[name] == version
