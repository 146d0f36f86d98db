"""Ctrl-C while an application is configured, built or runs, and readers that go: no traceback, and the next build works."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from refused import CMAKE, MAIN, write_app

FOREVER = MAIN.replace("return 0;", "while (1) {\n\t\tk_msleep(1000);\n\t}")
MANY = {"CMakeLists.txt": CMAKE + "file(GLOB more src/m_*.c)\ntarget_sources(app PRIVATE ${more})\n"} | {
    f"src/m_{number}.c": f"#include <zephyr/kernel.h>\nint f{number}(void) {{ return 1; }}\n" for number in range(12)
}


def start(*words):
    command = [sys.executable, "-m", "llext", *map(str, words)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)


def stop(process):
    """As a terminal does for Ctrl-C: the whole group gets it."""
    os.killpg(process.pid, signal.SIGINT)
    return process.communicate(timeout=60)


def wait_for(path, process):
    """Until a build has come so far."""
    while not any(path.parent.glob(path.name)) and process.poll() is None:
        time.sleep(0.005)
    assert process.poll() is None


@pytest.mark.parametrize(
    "reached", [".llext-lock", "CMakeCache.txt", "zephyr/.config", "build.ninja", "CMakeFiles/app.dir/src/m_1*.obj"]
)
def test_ctrl_c_ends_a_build_and_the_next_one_works(tmp_path, reached):
    app = write_app(tmp_path, MANY)
    process = start("run", app)
    wait_for(app / "build" / reached, process)
    out, err = stop(process)
    assert (process.returncode, out, err.strip()) == (130, "", "interrupted")
    done = subprocess.run([sys.executable, "-m", "llext", "run", app], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "hello\n")


@pytest.mark.parametrize("text", [FOREVER, MAIN.replace("return 0;", "while (1) {\n\t}")])
def test_ctrl_c_ends_a_run(tmp_path, text):
    process = start("run", write_app(tmp_path, {"src/main.c": text}))
    assert process.stdout.readline() == "hello\n"
    _, err = stop(process)
    assert process.returncode == 130
    assert "interrupted, at pc " in err
    assert "Traceback" not in err


def test_a_reader_that_goes_ends_a_run(tmp_path):
    text = MAIN.replace("return 0;", 'while (1) {\n\t\tk_msleep(1000);\n\t\tprintk("on\\n");\n\t}')
    process = start("run", write_app(tmp_path, {"src/main.c": text}))
    assert process.stdout.readline() == "hello\n"
    process.stdout.close()
    err = process.stderr.read()
    assert process.wait(timeout=60) == 1
    assert "Traceback" not in err
    process.stderr.close()


def test_an_output_that_is_full_is_told(tmp_path):
    app = write_app(tmp_path)
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([sys.executable, "-m", "llext", "run", app], stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1
    assert done.stderr.endswith("error: output: No space left on device\n")


def left(mark):
    """Processes with a word in their environment that are not ended."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (folder / "environ").read_bytes():
                found.append((folder / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
@pytest.mark.parametrize("end", [os.kill, os.killpg], ids=["process", "group"])
def test_ctrl_c_in_the_very_first_build_leaves_no_compiler_behind(tmp_path, monkeypatch, end):
    mark = f"LLEXT_TEST_{tmp_path.name}_{end.__name__}"
    monkeypatch.setenv("LLEXT_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("LLEXT_TEST_MARK", mark)
    process = start("run", write_app(tmp_path / "app"))
    while not any("libm.zig" in each for each in left(mark)) and process.poll() is None:
        time.sleep(0.01)
    end(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err.strip(), left(mark)) == (130, "", "interrupted", [])
