"""Write constraints.txt: one exact pin for each package, for every system and Python version.

torch is pinned by itself, in pyproject.toml. A resolver that sees it on Linux adds gigabytes of
GPU libraries to the pins, so it is left out here and only the pure Python packages that it needs
are named. Needs uv on the PATH.
"""

import re
import subprocess
import sys
import tomllib

from twins import ROOT

TORCH_NEEDS = ["filelock", "fsspec", "jinja2", "networkx", "setuptools", "sympy"]
TORCH_NEEDS += ["typing-extensions"]
HEADER = "# Made by `make pins` from pyproject.toml; edit that and make this again.\n"


def direct_requirements():
    """Return what pyproject.toml asks for, extras included, torch and the course itself left out.

    Returns:
        list of str.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    names = [name for group in groups for name in group]
    return [name for name in names if not re.match(r"(torch|rnncourse)\b", name)]


def main():
    """Resolve the requirements and write the pins."""
    command = ["uv", "pip", "compile", "--universal", "--python-version", "3.11", "-"]
    command += ["--no-annotate", "--no-header", "--quiet"]
    wanted = "\n".join([*direct_requirements(), *TORCH_NEEDS])
    made = subprocess.run(command, input=wanted, text=True, capture_output=True, check=True)
    pins = [line for line in made.stdout.splitlines() if "==" in line]
    (ROOT / "constraints.txt").write_text(HEADER + "\n".join(pins) + "\n", encoding="utf-8")
    print(f"{len(pins)} pins written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
