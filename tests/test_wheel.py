"""The wheel works in an empty environment elsewhere, and its boards need no compiler."""

import os
import subprocess
import sys
import zipfile

import pytest
from conftest import BOARDS, ROOT

from llext.build.runtime import runtime_name
from llext.target import load_target

RUN = """
import sys
from llext import Board
import llext.build.toolchain
llext.build.toolchain.zig_program = lambda: None
for name in sys.argv[1:]:
    with Board(name) as board:
        print(name, board.scope.find("memcpy")[0].owner)
"""


@pytest.mark.skipif(not os.environ.get("LLEXT_REQUIRE_TOOLS"), reason="installs from the package index: --require-tools")
def test_the_wheel_installs_and_works_in_an_empty_environment(tmp_path):
    clean = {name: value for name, value in os.environ.items() if name not in ("LLEXT_CACHE_DIR", "PYTHONPATH")}
    python = [sys.executable, "-m"]
    subprocess.run([*python, "build", "--wheel", "--no-isolation", "--outdir", tmp_path, ROOT], check=True, capture_output=True)
    wheel = next(tmp_path.glob("*.whl"))
    names = zipfile.ZipFile(wheel).namelist()
    for board in BOARDS:
        assert f"llext/zephyr/ready/{runtime_name(load_target(board))}" in names
    assert not any("/build/test-cache" in name for name in names)
    subprocess.run([*python, "venv", tmp_path / "env"], check=True)
    program = tmp_path / "env" / ("Scripts" if os.name == "nt" else "bin")
    install = [
        program / "python",
        "-m",
        "pip",
        "install",
        "-q",
        "--disable-pip-version-check",
        "-c",
        ROOT / "requirements-dev.lock",
        wheel,
    ]
    subprocess.run(install, check=True, capture_output=True, env=clean)
    clean["LLEXT_CACHE_DIR"] = str(tmp_path / "cache")
    done = subprocess.run(
        [program / "python", "-c", RUN, *BOARDS], check=True, capture_output=True, text=True, env=clean, cwd=tmp_path
    )
    assert done.stdout.split() == [word for board in BOARDS for word in (board, "runtime")]
    hello = tmp_path / "hello.c"
    hello.write_text((ROOT / "examples" / "hello_world" / "hello_world.c").read_text())
    done = subprocess.run(
        [program / "llext", "run", "hello.c"], check=True, capture_output=True, text=True, env=clean, cwd=tmp_path
    )
    assert done.stdout == "hello world\nA number is 42\n"
