"""The pictures of docs/examples are what their scripts draw."""

import re
import subprocess
import sys
from importlib.metadata import version

import pytest
from conftest import ROOT


@pytest.mark.parametrize(("script", "picture"), [("draw_several.py", "several-heap.svg")])
def test_a_picture_is_what_its_script_draws(tmp_path, script, picture):
    if version("ziglang") not in re.findall(r"^ziglang==(\S+)", (ROOT / "requirements-dev.lock").read_text(), re.MULTILINE):
        pytest.skip("another compiler than that of the pictures")
    command = [sys.executable, str(ROOT / "scripts" / script), "--into", str(tmp_path)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    assert (tmp_path / picture).read_text("utf-8") == (ROOT / "docs" / "examples" / picture).read_text("utf-8")
