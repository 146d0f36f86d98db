"""The CMake target of docs/check.md, in an application's own build."""

import os
import re
import subprocess
import sys
from pathlib import Path

from llext.build.firmware.project import cmake_program

PAGE = Path(__file__).parents[2] / "docs" / "check.md"
MAIN = "int main(void)\n{\n\treturn 0;\n}\n"
CMAKE = "add_llext_target(meter OUTPUT ${PROJECT_BINARY_DIR}/meter.llext SOURCES src/meter.c)\n"
METER = """#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>

int meter(int a)
{
	printk("metering\\n");
	return a%s;
}
EXPORT_SYMBOL(meter);
"""


def snippet():
    return re.search(r"```cmake\n(find_program\(LLEXT.*?)```", PAGE.read_text(), re.DOTALL)[1]


def test_the_target_of_the_page_checks_what_was_built(application, tmp_path, monkeypatch):
    shim = tmp_path / "bin" / "llext"
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\nexec {sys.executable} -m llext "$@"\n')
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", f"{shim.parent}:{os.environ['PATH']}")
    elf = application(MAIN, "CONFIG_LLEXT=y\n", files={"src/meter.c": METER % ""}, cmake=CMAKE + snippet())
    command = [cmake_program(), "--build", elf.parent.parent, "--target", "check-extensions"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "meter.llext: probably loads" in done.stdout
    source = elf.parent.parent.parent / "src" / "meter.c"
    source.write_text((METER % " + nobody()").replace("int meter", "int nobody(void);\nint meter"))
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "nothing provides 'nobody'" in done.stdout
