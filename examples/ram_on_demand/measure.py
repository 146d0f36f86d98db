"""RAM that the three functions take in each way to build them, with the smallest LLEXT heap that they run with.

    python examples/ram_on_demand/measure.py [--board BOARD] [--no-rights] [--all] [--plot FILE.svg]

The firmware's own flash and RAM are nearly the same in all ways, and grow or shrink with the kernel's version; --all shows them too.

SPDX-License-Identifier: Apache-2.0
"""

import argparse
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from llext import Board
from llext.build.firmware import Project, build_application
from llext.build.firmware.memory_report import Node, memory_tree

APP = Path(__file__).resolve().parent
WAYS = {
    "HEAVY_STATIC": "static, memory for each",
    "HEAVY_SHARED": "static, shared memory",
    "HEAVY_ALL": "extensions, all at boot",
    "HEAVY_ONE": "extensions, one at a time",
}
NO_RIGHTS = {"mps2/an385": "-DCONFIG_ARM_MPU=n", "qemu_riscv32": "-DCONFIG_RISCV_PMP=n"}
HEAP = "kheap_llext_heap"


@dataclass
class Row:
    """What a way takes, in bytes.

    Attributes:
        way: Its name.
        own: What the functions have in the firmware.
        heap: The LLEXT heap.
        peak: In use there at most.
        after: In use there when main has ended.
        flash: Of the whole firmware, with the files of extensions.
        ram: Of the whole firmware, with the heap.
    """

    way: str
    own: int = 0
    heap: int = 0
    peak: int = 0
    after: int = 0
    flash: int = 0
    ram: int = 0

    @property
    def taken(self) -> int:
        """RAM because of the functions."""
        return self.own + self.heap


def sizes(node: Node) -> dict[str, int]:
    """Bytes of each symbol; those of one name are added."""
    found: dict[str, int] = {}
    for name, each in node.below.items():
        for inner, size in (sizes(each) if each.below else {name: each.size}).items():
            found[inner] = found.get(inner, 0) + size
    return found


def measured(folder: Path, board: str, way: str, defines: list[str]) -> Row | None:
    """Builds and runs one way; None if there is too little heap."""
    project = Project.of(APP, folder, board, [f"-DCONFIG_{way}=y", *defines])
    with Board(app=build_application(project)) as made:
        heap, target = made.heap, made.target
        before = heap.allocated_bytes
        made.boot()
        made.run()
        if "llext_load -12" in made.console:
            return None
        if "llext_load" in made.console:
            raise SystemExit(f"{way}: {made.console}")
        text = (folder / "zephyr" / "zephyr.map").read_text("utf-8")
        ram, flash = (
            memory_tree(text, range(max(area.address, 4096), area.end), loaded=loaded)
            for area, loaded in ((target.ram, False), (target.flash, True))
        )
        symbols = sizes(ram)
        own = symbols.get("memory", 0) + symbols.get("heavy_memory", 0)
        row = Row(WAYS[way], own, flash=flash.size, ram=ram.size)
        if HEAP in symbols:
            row.heap, row.peak, row.after = symbols[HEAP], heap.peak - before, heap.allocated_bytes - before
        return row


def smallest(folder: Path, board: str, way: str, defines: list[str]) -> Row:
    """One way, with no more LLEXT heap than it needs, in whole KiB."""
    found = measured(folder, board, way, defines)
    if found is None:
        raise SystemExit(f"{way}: CONFIG_LLEXT_HEAP_SIZE of Kconfig is too small")
    low, high = found.peak // 1024, found.heap // 1024
    while high - low > 1:  # low is too small, high is enough
        kib = (low + high) // 2
        row = measured(folder, board, way, [*defines, f"-DCONFIG_LLEXT_HEAP_SIZE={kib}"])
        low, high, found = (low, kib, row) if row else (kib, high, found)
    return found


def plot(rows: list[Row], board: str) -> str:
    """The rows as bars."""
    sys.path.insert(0, str(APP.parent.parent / "scripts"))
    try:
        from svg import Sheet
    except ImportError:
        raise SystemExit(
            "the plot is drawn by scripts/svg.py of the llext repository, which is not beside this folder"
        ) from None
    sheet = Sheet(
        f"RAM for three functions, built in four ways, {board}",
        100 + 48 * len(rows),
        "bytes; the LLEXT heap is the smallest that works",
    )
    left, scale = 210, 500 / max(row.taken for row in rows)
    parts = [
        ("bss", "the functions' memory"),
        ("text", "LLEXT heap, in use at most"),
        ("card", "not in use"),
    ]
    for number, (fill, words) in enumerate(parts):
        x = 20 + (0, 190, 420)[number]
        sheet.box(x, 66, 12, 12, fill, stroke="line")
        sheet.text(x + 18, 77, words, "small dim")
    for number, row in enumerate(rows):
        top, x = 96 + 48 * number, float(left)
        sheet.text(left - 10, top + 21, row.way, anchor="end")
        for size, (fill, _) in zip((row.own, row.peak, row.heap - row.peak), parts, strict=True):
            if size:
                sheet.box(x, top, size * scale, 32, fill, stroke="line")
            x += size * scale
        sheet.text(x + 8, top + 21, f"{row.taken:,}", "small ink")
    return sheet.svg()


def main() -> None:
    """Prints the table, and draws it if that is asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--board", default="mps2/an385", choices=list(NO_RIGHTS))
    parser.add_argument("--no-rights", action="store_true", help="as with CONFIG_ARM_MPU=n")
    parser.add_argument(
        "--all", action="store_true", help="also the firmware's flash, and its RAM beside that of the functions"
    )
    parser.add_argument("--plot", type=Path)
    given = parser.parse_args()
    defines = [NO_RIGHTS[given.board]] if given.no_rights else []
    with tempfile.TemporaryDirectory() as folder:
        rows = [smallest(Path(folder) / way, given.board, way, defines) for way in WAYS]
    more = f"{'firmware: flash':>18}{'other RAM':>12}" if given.all else ""
    print(f"{'':26}{'RAM =':>8}{'functions +':>13}{'LLEXT heap':>12}   in use at most, at the end{more}")
    for row in rows:
        more = f"{row.flash:18}{row.ram - row.taken:12}" if given.all else ""
        print(f"{row.way:26}{row.taken:6}{row.own:13}{row.heap:14}{row.peak:17}{row.after:12}{more}")
    if given.plot:
        given.plot.write_text(plot(rows, given.board), "utf-8")


if __name__ == "__main__":
    main()
