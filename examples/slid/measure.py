# SPDX-License-Identifier: Apache-2.0
"""Builds the example by names and by SLIDs, and compares what the exports take."""

import subprocess
import sys
import tempfile
from pathlib import Path

from llext.elf import ElfFile

HERE = Path(__file__).parent
TABLE, NAMES = "llext_const_symbol_area", "llext_exports_strtab"
ALLOC, NOBITS = 2, 8


def built(folder: Path, board: str, *options: str) -> tuple[ElfFile, int]:
    """The firmware, and the size of the extension's file."""
    command = [sys.executable, "-m", "llext", "app", "build", HERE, "-d", folder, "--board", board, *options]
    subprocess.run([str(word) for word in command], check=True, capture_output=True)
    elf = ElfFile.parse((folder / "zephyr" / "zephyr.elf").read_bytes(), "zephyr.elf")
    return elf, (folder / "llext" / "comfort_ext.llext").stat().st_size


def flash(elf: ElfFile) -> int:
    """Bytes that are programmed into the flash."""
    return sum(each.size for each in elf.sections if each.flags & ALLOC and each.type != NOBITS)


def names(elf: ElfFile) -> int:
    """Bytes of the names of all exports, each with its end."""
    listed = elf.section(NAMES)
    return 0 if listed is None else listed.size


def main() -> None:
    """Prints a table for each board."""
    with tempfile.TemporaryDirectory() as folder:
        for board in ("mps2/an385", "qemu_riscv32"):
            place = Path(folder) / board.replace("/", "_")
            by_name, plain = built(place, board)
            by_slid, injected = built(place.with_suffix(".slid"), board, "--", "-DCONFIG_LLEXT_EXPORT_BUILTINS_BY_SLID=y")
            rows = [
                ("exports", by_name.section(TABLE).size // 8, by_slid.section(TABLE).size // 8),
                ("their table", by_name.section(TABLE).size, by_slid.section(TABLE).size),
                ("their names, in flash", names(by_slid), 0),
                ("flash in all", flash(by_name), flash(by_slid)),
                ("the extension's file", plain, injected),
            ]
            print(f"{board:24}{'names':>8}{'SLIDs':>8}{'saved':>8}")
            for what, before, after in rows:
                print(f"{what:24}{before:8}{after:8}{before - after:8}")


if __name__ == "__main__":
    main()
