"""How long `llext check` takes against a firmware of ten megabytes: whole processes, its debug information read or kept."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from large_firmware import large_firmware
from measuring import Rows, process, row

WANTED = 0.5
"""Seconds, once the firmware's debug information was read."""
EXTENSION = """#include <zephyr/llext/symbol.h>
struct part_3_21;
extern int use_part_3_21(struct part_3_21 *p);
int go(int a) { return use_part_3_21(0) + a; }
EXPORT_SYMBOL(go);
"""


def checks(folder: Path, rows: Rows) -> None:
    """The first check of a firmware, and those behind it."""
    elf = large_firmware(folder)
    (folder / "small.c").write_text(EXTENSION)
    llext = [sys.executable, "-m", "llext"]
    extension = folder / "small.llext"
    subprocess.run(
        [*llext, "build", folder / "small.c", "-o", extension, "--cpu", "cortex-m4"], check=True, capture_output=True
    )
    command = [*llext, "check", extension, "--firmware", elf]
    size = f"{extension.stat().st_size} bytes, firmware of {elf.stat().st_size / 1e6:.1f} MB"
    before = os.environ.get("LLEXT_CACHE_DIR")
    with tempfile.TemporaryDirectory() as cache:
        os.environ["LLEXT_CACHE_DIR"] = cache
        rows.append(row(f"llext check, {size}, whole process, for the first time", process(command, 1), "s"))
        rows.append(row("the same again", process(command, 10), "s", WANTED))
    if before is None:
        del os.environ["LLEXT_CACHE_DIR"]
    else:
        os.environ["LLEXT_CACHE_DIR"] = before
