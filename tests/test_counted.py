"""What tests compared is printed at the end of a run, whatever process compared it."""

import os
import subprocess
import sys

import pytest
from conftest import ROOT

COMPARING = """
from conftest import COUNTED

def test_{0}():
    COUNTED.append("compared by {0}: 1000")
"""


@pytest.mark.parametrize("processes", [(), ("-n", "2", "--dist", "loadfile")], ids=["alone", "xdist"])
def test_lines_of_all_processes_are_printed_in_order(tmp_path, processes):
    for name in ("one", "other"):
        (tmp_path / f"test_{name}.py").write_text(COMPARING.format(name))
    path = os.pathsep.join([str(ROOT / "tests"), str(ROOT / "src"), os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, "-m", "pytest", "-p", "conftest", "-p", "no:cacheprovider", *processes, "."]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env={**os.environ, "PYTHONPATH": path})
    assert not done.returncode, done.stdout
    assert "compared by one: 1000\ncompared by other: 1000\n" in done.stdout
