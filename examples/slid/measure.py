# SPDX-License-Identifier: Apache-2.0
"""Builds the example by names and by SLIDs, and compares what the hub's exports take.

``python examples/slid/measure.py --all`` counts every export of the firmware, and its whole flash.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from llext.elf import ElfFile

HERE = Path(__file__).parent
TABLE, NAMES = "llext_const_symbol_area", "llext_exports_strtab"
ALLOC, NOBITS = 2, 8
ENTRY = 8
"""Bytes of an export in the table: an address, and a pointer to the name or the number."""


def built(folder: Path, board: str, *options: str) -> tuple[ElfFile, int]:
    """The firmware, and the size of the extension's file."""
    command = [sys.executable, "-m", "llext", "app", "build", HERE, "-d", folder, "--board", board, *options]
    subprocess.run([str(word) for word in command], check=True, capture_output=True)
    elf = ElfFile.parse((folder / "zephyr" / "zephyr.elf").read_bytes(), "zephyr.elf")
    return elf, (folder / "llext" / "comfort_ext.llext").stat().st_size


def flash(elf: ElfFile) -> int:
    """Bytes that are programmed into the flash."""
    return sum(each.size for each in elf.sections if each.flags & ALLOC and each.type != NOBITS)


def names(elf: ElfFile) -> list[bytes]:
    """Of a firmware with SLIDs, the names of all exports; they are kept in a section that is not programmed."""
    return bytes(elf.contents(elf.section(NAMES))).split(b"\0")[:-1]


def main() -> None:
    """Prints a table for each board."""
    everything = "--all" in sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        for board in ("mps2/an385", "qemu_riscv32"):
            place = Path(folder) / board.replace("/", "_")
            by_name, plain = built(place, board)
            by_slid, injected = built(place.with_suffix(".slid"), board, "--", "-DCONFIG_LLEXT_EXPORT_BUILTINS_BY_SLID=y")
            listed = [name for name in names(by_slid) if everything or name.startswith(b"hub_")]
            entries = by_name.section(TABLE).size, by_slid.section(TABLE).size
            if entries != (len(names(by_slid)) * ENTRY,) * 2:
                raise SystemExit(f"the tables of exports have {entries} bytes")
            rows = [
                ("all exports" if everything else "the hub's exports", len(listed), len(listed)),
                ("their entries", len(listed) * ENTRY, len(listed) * ENTRY),
                ("their names, in flash", sum(len(name) + 1 for name in listed), 0),
                ("the extension's file", plain, injected),
            ]
            if everything:
                rows.append(("flash in all", flash(by_name), flash(by_slid)))
            print(f"{board:24}{'names':>8}{'SLIDs':>8}{'saved':>8}")
            for what, before, after in rows:
                print(f"{what:24}{before:8}{after:8}{before - after:8}")


if __name__ == "__main__":
    main()
