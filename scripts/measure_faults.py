"""How long a fault's report takes where the extension has megabytes of debug information."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from measuring import Rows, row

from llext import Board, GuestFault
from llext.build import BuildOptions, build_extension
from llext.debug import fault_text

FILES, EACH = 60, 150
WANTED = 100
"""Milliseconds for a report."""


def source(number: int) -> str:
    """One file: structures, and functions that use them."""
    lines = ["#include <stdint.h>", "#include <zephyr/llext/symbol.h>"]
    for each in range(EACH):
        name = f"part_{number}_{each}"
        lines += [
            f"struct {name} {{ int first, second; uint64_t third; struct {name} *next; char text[{each % 7 + 1}]; }};",
            f"int use_{name}(struct {name} *p) {{ int sum = 0; for (struct {name} *q = p; q; q = q->next) {{",
            f"\tsum += q->first * {each} + q->second; sum ^= (int)q->third; }} return sum; }}",
            f"EXPORT_SYMBOL(use_{name});",
        ]
    return "\n".join(lines) + "\n"


def reports(folder: Path, rows: Rows) -> None:
    """The first report of a fault of a fresh board, by each compiler."""
    sources = []
    for number in range(FILES):
        sources.append(folder / f"large{number}.c")
        sources[-1].write_text(source(number))
    for toolchain in ("zig", *(["gcc"] if shutil.which("arm-none-eabi-gcc") else [])):
        with Board(heap_size=3 << 20) as board:
            made = build_extension(sources, folder / f"large-{toolchain}.llext", board.target, BuildOptions(toolchain, "0"))
        size = made.debug.stat().st_size
        times = sorted(one_report(made.output, f"use_part_{number}_77") for number in (3, 17, 29, 41, 58))
        what = f"first report of a fault, debug file of {size / 1e6:.1f} MB by {toolchain}"
        rows.append(row(what, times[2] * 1e3, "ms", WANTED))
        rows.append(row("the slowest of five", times[-1] * 1e3, "ms", WANTED))


def one_report(path: Path, function: str) -> float:
    """Seconds from the call of a function that faults to the text of the report."""
    with Board(heap_size=3 << 20) as board:
        call = board.load(path).fn(function, f"int {function}(void *p)")
        start = time.perf_counter()
        try:
            call(0x40000000)
        except GuestFault as fault:
            text = fault_text(fault)
        seconds = time.perf_counter() - start
    assert f"{function}+" in text, text
    assert "large" in text, text
    return seconds
