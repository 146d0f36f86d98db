"""How long `llext symbolize` and `llext addr2line` take: whole processes, with a firmware of megabytes."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from large_firmware import large_firmware
from measuring import Rows, process, row

from llext.elf import ElfFile

LINES, CRASHES = 100_000, 5
WANTED = 2
"""Seconds for a log."""


def crash(address: int) -> list[str]:
    """What Zephyr's fault handler writes."""
    start = "[00:00:00.020,000] <err> os:"
    return [
        f"{start} ***** MPU FAULT *****",
        f"{start}   Data Access Violation",
        f"{start}   MMFAR Address: 0x8",
        f"{start} r0/a1:  0x00000000  r1/a2:  0x00000000  r2/a3:  0x20000100",
        f"{start} r3/a4:  0x00000000 r12/ip:  0x00000000 r14/lr:  0x{address + 9:08x}",
        f"{start}  xpsr:  0x61000000",
        f"{start} Faulting instruction address (r15/pc): 0x{address:08x}",
        f"{start} >>> ZEPHYR FATAL ERROR 19: Unknown error on CPU 0",
    ]


def logs(folder: Path, rows: Rows) -> None:
    """A log with a few crashes, one of nothing else, and single addresses."""
    elf = large_firmware(folder)
    symbols = {symbol.name: symbol.value & ~1 for symbol in ElfFile.parse(elf.read_bytes()).symbols}
    places = [symbols[f"use_part_{7 * number}_77"] + 4 for number in range(CRASHES)]
    ordinary = [f"[00:00:{n % 60:02}.000,000] <inf> app: sample {n}, temperature 21.5, state running" for n in range(LINES)]
    crashes = [line for place in places for line in crash(place)]
    (folder / "ordinary.log").write_text("\n".join([*ordinary[len(crashes) :], *crashes]))
    (folder / "crashes.log").write_text("\n".join((crashes * (LINES // len(crashes) + 1))[:LINES]))
    llext = [sys.executable, "-m", "llext"]
    size = f"firmware of {elf.stat().st_size / 1e6:.1f} MB"
    once = process([*llext, "symbolize", folder / "ordinary.log", "--firmware", elf], 5)
    rows.append(row(f"llext symbolize, 100,000 lines with {CRASHES} crashes, {size}, whole process", once, "s", WANTED))
    rows.append(
        row("the same, all lines of crashes", process([*llext, "symbolize", folder / "crashes.log", "--firmware", elf], 3), "s")
    )
    ours = process([*llext, "addr2line", elf, hex(places[1])], 5)
    rows.append(row(f"llext addr2line, one address, {size}, whole process", ours, "s", 1))
    if shutil.which("arm-none-eabi-addr2line"):
        theirs = process(["arm-none-eabi-addr2line", "-i", "-f", "-e", elf, hex(places[1])], 5)
        rows.append(row("GNU addr2line -i -f, the same", theirs, "s"))
