"""A test without end ends the run, and the run says where it hung."""

import re
import subprocess
import sys

import pytest
from conftest import ROOT

ENDLESS = """
def test_without_end():
    while True:
        pass
"""


@pytest.mark.parametrize("processes", [(), ("-n", "1", "--max-worker-restart", "0")], ids=["alone", "xdist"])
def test_a_test_without_end_ends_the_run_and_is_named(tmp_path, processes):
    path = tmp_path / "test_endless.py"
    path.write_text(ENDLESS)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-c",
        ROOT / "pyproject.toml",
        "--rootdir",
        tmp_path,
        "-o",
        "faulthandler_timeout=1",
        *processes,
        path,
    ]
    run = subprocess.run(
        [*map(str, command), "-p", "no:cacheprovider"], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert run.returncode
    assert "Timeout (0:00:01)!" in run.stderr
    assert re.search(r'test_endless.py", line \d in test_without_end', run.stderr)


def test_the_guard_is_set(pytestconfig):
    assert 0 < float(pytestconfig.getini("faulthandler_timeout")) <= 3600
    assert pytestconfig.getini("faulthandler_exit_on_timeout")
