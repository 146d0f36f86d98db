"""Draws what docs/how-the-loader-works.md shows: sections to memory, the heap, two relocations, the life of a load.

Every address, size and bit comes from a load that is made here; see ``observe``.
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
from dataclasses import dataclass
from pathlib import Path

from observe import Observed, Step, observe, program
from svg import Sheet

from llext.elf import Section
from llext.link import RegionKind

DOCS = Path(__file__).resolve().parent.parent / "docs"
ESSAY = DOCS / "how-the-loader-works.md"
FILLS = {
    "text": "text", "rodata": "rodata", "data": "data", "bss": "bss", "export": "export", "init": "init", "symtab": "table",
    "strtab": "table", "shstrtab": "table",
}  # fmt: skip


def pictures(folder: Path) -> dict[str, str]:
    """Name of each picture -> its SVG. Builds and loads in a folder."""
    text = program(ESSAY)
    arm, riscv = observe(text, "mps2/an385", folder), observe(text, "qemu_riscv32", folder)
    return {
        "loader-life.svg": life(),
        "loader-memory.svg": memory(arm),
        "loader-heap.svg": heap(arm),
        "loader-arm.svg": arm_relocation(arm),
        "loader-riscv.svg": riscv_relocation(riscv),
    }


# The life of a load ---------------------------------------------------------------------------------------------------

_LIFE = (
    ("build", "compile, join, one section a region", "on the host: your compiler's part", ""),
    ("read", "header, section headers, symbols, names, relocations", "nothing is taken yet", "the file is understood"),
    ("plan", "regions, places, veneers, GOT, notes", "no address yet; strict refuses here", "what is needed is known"),
    ("allocate", "every block, in Zephyr's order", "from the LLEXT heap", "every address is final"),
    ("copy", "bytes of the file to their regions, zeros elsewhere", "read from the source only now", ""),
    ("link", "each relocation, in place", "names from the Scope", "code and data are linked"),
    ("finish", "export table, rights, blocks back, struct llext", "text becomes r-x, rodata r--", ""),
    ("commit", "use counts, list of extensions, Scope", "nothing here can fail", "others see it"),
    ("live", "bringup, calls, teardown", "only if somebody asks", ""),
    ("unload", "rights back, blocks freed", "when the last holder goes", ""),
)


def life() -> str:
    """The steps, the walls between them, and how far a failure rolls back."""
    sheet = Sheet(
        "The life of a load", 640, "steps from top to bottom; dashed lines are walls: what is said there holds from there on"
    )
    top, pitch, tall = 72, 56, 40
    for number, (name, what, remark, wall) in enumerate(_LIFE):
        y = top + pitch * number
        loading = 1 <= number <= 7
        sheet.box(70, y, 470, tall, "text" if loading else "plain", stroke="line", radius=5)
        sheet.text(84, y + 25, name, "bold ink")
        sheet.text(160, y + 25, what)
        sheet.text(556, y + 25, remark, "small dim")
        if number < len(_LIFE) - 1:
            sheet.arrow(305, y + tall, 305, y + pitch - 2)
        if wall:
            sheet.line(70, y + tall + 8, 545, y + tall + 8, "wall", dashed=True, width=1.5)
            sheet.text(556, y + tall + 12, wall, "small wall")
    first, last = top + pitch, top + pitch * 6 + tall
    for y in (first, last):
        sheet.line(50, y, 62, y, "dim", width=1.5)
    sheet.line(50, first, 50, last, "dim", width=1.5)
    sheet.upright(40, (first + last) / 2, "a failure here gives everything back", "small dim")
    return sheet.svg()


# Sections, regions, memory ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Row:
    """One box of a column: its words, its fill, and the name by which bands find it."""

    name: str
    words: str
    note: str
    fill: str


def memory(load: Observed) -> str:
    """Three columns: the file in its order, the regions of the plan, the heap in the order of addresses."""
    files, regions, places = _file_rows(load), _region_rows(load), _memory_rows(load)
    pitch = 32
    height = 118 + pitch * max(len(files), len(regions), len(places))
    title = f"hello.llext on {load.board}: from the file to memory"
    sheet = Sheet(title, height, "sizes are not to scale; dim boxes are read and not kept")
    columns = (
        (20, 226, ("file", "offset, bytes"), files),
        (318, 182, ("regions", "bytes"), regions),
        (566, 214, ("LLEXT heap", "address"), places),
    )
    edges: list[dict[str, tuple[float, float, float, float]]] = []
    for x, width, head, rows in columns:
        sheet.text(x, 82, head[0], "bold ink")
        sheet.text(x + width - 8, 82, head[1], "small dim", anchor="end")
        top = 94 + (height - 118 - pitch * len(rows)) / 2
        edges.append({row.name: (x, x + width, top + pitch * n, top + pitch * n + pitch - 6) for n, row in enumerate(rows)})
    for left, right in itertools.pairwise(edges):
        for name in (name for name in left if name in right):
            (_, x1, top1, end1), (x2, _, top2, end2) = left[name], right[name]
            sheet.band((x1, top1, end1), (x2, top2, end2), FILLS.get(name, "own"))
    for (x, width, _, rows), known in zip(columns, edges, strict=True):
        for row in rows:
            top = known[row.name][2]
            sheet.box(x, top, width, pitch - 6, row.fill, stroke="line", radius=3)
            sheet.text(x + 8, top + 18, row.words, "ink" if row.fill != "plain" else "dim")
            sheet.text(
                x + width - 8, top + 18, row.note, "small mono " + ("ink" if row.fill != "plain" else "dim"), anchor="end"
            )
    return sheet.svg()


def _file_rows(load: Observed) -> list[_Row]:
    header = load.plan.elf.header
    rows = [(0, _Row("header", "ELF header", "0x0  52", "plain"))]
    for section in load.plan.elf.sections[1:]:
        name = _region_of(load, section)
        note = f"{section.offset:#x}  {section.size}"
        rows.append((section.offset, _Row(name or section.name, section.name, note, FILLS[name] if name else "plain")))
    note = f"{header.section_offset:#x}  {header.section_table_bytes}"
    rows.append((header.section_offset, _Row("section headers", "section headers", note, "own")))
    return [row for _, row in sorted(rows, key=lambda pair: pair[0])]


def _region_of(load: Observed, section: Section) -> str:
    place = load.plan.places.get(section.index)
    return place.kind.name.lower() if place else ""


def _region_rows(load: Observed) -> list[_Row]:
    return [
        _Row(kind.name.lower(), kind.name, f"{region.size}{f' in {region.allocation}' if region.allocation != region.size else ''}",
             FILLS[kind.name.lower()])
        for kind, region in load.plan.regions.items()
    ]  # fmt: skip


def _memory_rows(load: Observed) -> list[_Row]:
    gone = {step.address for step in load.steps if step.freed}
    kept = sorted((step for step in load.steps if step.address not in gone), key=lambda step: step.address)
    rights = {kind.name.lower(): region.permission for kind, region in load.plan.regions.items() if kind < RegionKind.EXPORT}
    return [
        _Row(
            step.purpose,
            _spaced(step.purpose, rights.get(step.purpose, "")),
            f"{step.address:#x}",
            FILLS.get(step.purpose, "own"),
        )
        for step in kept
    ]


def _spaced(purpose: str, rights: str) -> str:
    words = {"rx": "r-x", "r": "r--", "rw": "rw-"}.get(rights, "")
    return f"{purpose}  {words}" if words else purpose


# The heap, step by step -------------------------------------------------------------------------------------------------


def heap(load: Observed) -> str:
    """One row a request: the heap's chunks after it, the new one outlined."""
    pitch, left, right, top = 30, 212, 780, 98
    end = -(-max(step.address + step.size for step in load.steps) // 512) * 512
    height = top + pitch * len(load.steps) + 44
    title = f"The LLEXT heap while hello.llext is loaded on {load.board}"
    sheet = Sheet(title, height, "each row is the heap after one request; empty is free; from left to right by address")

    def x(address: float) -> float:
        return left + (address - load.heap) / (end - load.heap) * (right - left)

    bottom = top + pitch * len(load.steps)
    for mark in range(load.heap, end + 1, 512):
        sheet.line(x(mark), top - 6, x(mark), bottom, "line")
        if not (mark - load.heap) % 1024:
            anchor = "start" if mark == load.heap else "end" if mark == end else "middle"
            sheet.text(x(mark), top - 12, f"{mark:#x}", "small mono dim", anchor=anchor)
    live: dict[int, str] = {}
    record = load.steps[0].chunks[0][0] - load.heap
    for number, step in enumerate(load.steps):
        y = top + pitch * number + 4
        _heap_label(sheet, step, number, y)
        live[step.address] = step.purpose
        if step.freed:
            del live[step.address]
        sheet.box(x(load.heap), y, x(load.heap + record) - x(load.heap), pitch - 8, "line")
        _heap_row(sheet, step, live, (x, y, pitch - 8, end))
    note = f"grey at the left: the heap's own record, {record} bytes; dashed: given back. The heap goes on to the right."
    sheet.text(20, bottom + 26, note, "small dim")
    return sheet.svg()


def _heap_label(sheet: Sheet, step: Step, number: int, y: float) -> None:
    sheet.text(20, y + 16, "free" if step.freed else f"{number + 1}.", "small dim")
    sheet.text(50, y + 16, step.purpose)
    aligned = f" @{step.alignment}" if step.alignment > 8 else ""
    sheet.text(200, y + 16, f"{step.size}{aligned}", "small mono ink", anchor="end")


def _heap_row(sheet: Sheet, step: Step, live: dict[int, str], frame: tuple) -> None:
    x, y, tall, end = frame
    for address, size, used in step.chunks:
        new = address < step.address <= address + 8
        if used:
            owner = next(name for start, name in live.items() if address < start <= address + 8)
            width = max(1.5, x(address + size) - x(address) - 0.5)
            sheet.box(x(address), y, width, tall, FILLS.get(owner, "own"), stroke="ink" if new else "")
        elif new:
            width = x(min(end, address + -(-(step.size + 4) // 8) * 8)) - x(address)
            sheet.box(x(address), y, width, tall, "card", stroke="dim", dashed=True)


# Relocations, bit by bit ------------------------------------------------------------------------------------------------

_CELL, _LEFT = 20, 128


def _cells(sheet: Sheet, y: float, value: int, fills: dict[int, str], *, gap: bool = False) -> None:
    """32 bits from 31 down to 0; ``fills`` colours some of them."""
    for bit in range(31, -1, -1):
        sheet.box(_x(bit, gap=gap), y, _CELL, 26, fills.get(bit, "plain"), stroke="line")
        sheet.text(_x(bit, gap=gap) + _CELL / 2, y + 18, str(value >> bit & 1), "mono ink", anchor="middle")


def _x(bit: int, *, gap: bool = False) -> float:
    return _LEFT + _CELL * (31 - bit) + (12 if gap and bit < 16 else 0)


@dataclass(frozen=True)
class _Group:
    """Bits that go together: name, highest and lowest bit in the value, highest bit in the instruction, fill."""

    name: str
    high: int
    low: int
    to: int
    fill: str

    def fills(self) -> dict[int, str]:
        return dict.fromkeys(range(self.low, self.high + 1), self.fill)

    def landed(self) -> dict[int, str]:
        return {self.to - number: self.fill for number in range(self.high - self.low + 1)}


def _lead(sheet: Sheet, group: _Group, rows: tuple[float, float], *, gap: bool) -> None:
    width = _CELL * (group.high - group.low + 1)
    (start, end), value, field = rows, _x(group.high), _x(group.to, gap=gap)
    sheet.drop((start, value, value + width), (end, field, field + width), group.fill)


_HALF = (("imm4", 15, 12, 19, "text"), ("i", 11, 11, 26, "init"), ("imm3", 10, 8, 14, "export"), ("imm8", 7, 0, 7, "data"))
"""imm16 of MOVW and MOVT (Armv7-M A7.7.76), bits counted with the first halfword on top, as manuals print it."""


def _swapped(word: int) -> int:
    """A Thumb instruction as manuals print it: first halfword on top."""
    return word >> 16 | (word & 0xFFFF) << 16


def _bytes(word: int) -> str:
    return word.to_bytes(4, "little").hex(" ")


def arm_relocation(load: Observed) -> str:
    """R_ARM_THM_MOVT_ABS and R_ARM_THM_MOVW_ABS_NC: one address into two instructions."""
    words = {name: (load.given(".text", at), load.word("text", at)) for name, at in (("MOVW", 0), ("MOVT", 6))}
    low, top = (_imm16(words[name][1]) for name in ("MOVW", "MOVT"))
    value, text = top << 16 | low, load.extension.regions["text"].address
    subtitle = "R_ARM_THM_MOVT_ABS at .text+0x6 and R_ARM_THM_MOVW_ABS_NC at .text+0x0, symbol .L.str.1"
    sheet = Sheet("One address into two Thumb instructions", 410, subtitle)
    upper = [_Group(name, high + 16, low + 16, to, fill) for name, high, low, to, fill in _HALF]
    lower = [_Group(*group) for group in _HALF]
    for group in upper:
        _lead(sheet, group, (204, 126), gap=True)
    for group in lower:
        _lead(sheet, group, (230, 316), gap=True)
    _cells(sheet, 204, value, {bit: fill for group in (*upper, *lower) for bit, fill in group.fills().items()})
    for group in (*upper, *lower):
        middle = (_x(group.high) + _x(group.low) + _CELL) / 2
        sheet.text(middle, 198 if group.low > 15 else 246, group.name, "small ink", anchor="middle")
    sheet.text(20, 216, "S + A", "bold ink")
    sheet.text(20, 234, f"{value:#010x}", "small mono dim")
    _thumb_row(sheet, "MOVT", (100, 92), words["MOVT"], text + 6, upper)
    _thumb_row(sheet, "MOVW", (316, 362), words["MOVW"], text, lower)
    return sheet.svg()


def _thumb_row(
    sheet: Sheet, name: str, rows: tuple[float, float], words: tuple[int, int], place: int, groups: list[_Group]
) -> None:
    (y, remark), (before, after) = rows, words
    landed = {bit: fill for group in groups for bit, fill in group.landed().items()}
    _cells(sheet, y, _swapped(after), landed, gap=True)
    sheet.text(20, y + 12, name, "bold ink")
    sheet.text(20, y + 30, f"{place:#x}", "small mono dim")
    told = f"bytes in the file {_bytes(before)}, linked {_bytes(after)} (low byte first, left halfword first)"
    sheet.text(_LEFT, remark, told, "small dim")


def _imm16(word: int) -> int:
    word = _swapped(word)
    return (word >> 16 & 0xF) << 12 | (word >> 26 & 1) << 11 | (word >> 12 & 7) << 8 | word & 0xFF


def riscv_relocation(load: Observed) -> str:
    """R_RISCV_CALL_PLT: a distance into AUIPC and JALR, the upper part rounded for the sign of the lower."""
    place = load.extension.regions["text"].address + 8
    target = next(each.symbol.address for each in load.extension.imports if each.name == "printk")
    value = target - place & 0xFFFFFFFF
    rounded = value + 0x800 & 0xFFFFFFFF
    pair = [(load.given(".text", at), load.word("text", at)) for at in (8, 12)]
    low = (value & 0xFFF ^ 0x800) - 0x800
    sheet = Sheet("One distance into two RISC-V instructions", 452, "R_RISCV_CALL_PLT at .text+0x8, symbol printk")
    upper, lower = _Group("upper 20", 31, 12, 31, "text"), _Group("lower 12", 11, 0, 31, "data")
    _lead(sheet, upper, (182, 126), gap=False)
    _lead(sheet, lower, (270, 338), gap=False)
    for name, note, y, bits, group in (
        ("+ 0x800", f"{rounded:#010x}", 182, rounded, upper),
        ("S + A - P", f"{value:#010x}", 244, value, lower),
    ):
        _cells(sheet, y, bits, group.fills())
        sheet.text(20, y + 12, name, "bold ink")
        sheet.text(20, y + 30, note, "small mono dim")
    sheet.text(
        _LEFT, 226, f"the lower 12 bits are signed, here {low}: half of their range is added before the cut", "small ink"
    )
    for name, (y, remark), (before, after), at, group in (
        ("AUIPC t1", (100, 92), pair[0], place, upper),
        ("JALR x0, t1", (338, 384), pair[1], place + 4, lower),
    ):
        _cells(sheet, y, after, group.landed())
        sheet.text(20, y + 12, name, "bold ink")
        sheet.text(20, y + 30, f"{at:#x}", "small mono dim")
        sheet.text(_LEFT, remark, f"bytes in the file {_bytes(before)}, linked {_bytes(after)} (low byte first)", "small dim")
    sums = f"{place:#x} + {rounded & 0xFFFFF000:#x} {'-' if low < 0 else '+'} {abs(low)} = {target:#x} modulo 2^32, which is printk"
    sheet.text(_LEFT, 424, sums, "ink")
    return sheet.svg()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, default=DOCS, metavar="FOLDER", help="where to write; by default docs/")
    chosen = parser.parse_args().into
    with tempfile.TemporaryDirectory() as scratch:
        for name, drawing in pictures(Path(scratch)).items():
            (chosen / name).write_text(drawing, "utf-8")
            print(chosen / name)
