"""How fast relocation is: a large file beside other linkers, a straight line over sizes, and the same on each ISA."""

from __future__ import annotations

import os
import random
import shutil
import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

from measuring import Rows, median, process, row

from llext import Board
from llext.arch import Arch, arch_of_machine
from llext.build import build_extension
from llext.build.toolchain import zig_program
from llext.elf import ElfFile, ElfWriter
from llext.elf import constants as c
from llext.link import Placed, Plan, Symbol, apply, plan, stock_rules
from llext.loader import Scope

BASE = 0x20000000
THM_CALL, ABS32 = 10, 2
OURS = """
import sys, time
from pathlib import Path
{numpy}
from llext.arch import arch_of_machine
from llext.elf import ElfFile
from llext.link import Placed, apply, plan, stock_rules
data = Path(sys.argv[1]).read_bytes()
made = plan(ElfFile.parse(data), stock_rules())
placed, at = {{}}, 0x20000000
for kind, region in made.regions.items():
    memory = bytearray(region.allocation)
    for piece in region.pieces:
        memory[piece.offset:piece.offset + piece.size] = made.elf.contents_at(piece.file_offset, piece.size)
    placed[kind] = Placed(at, memoryview(memory))
    at += -(-region.allocation // 64) * 64
apply(made, arch_of_machine(40), placed, None)
Path(sys.argv[2]).write_bytes(b"".join(part.data for part in placed.values()))
"""
CLE = """
import sys, logging, time
logging.disable(logging.CRITICAL)
import cle
best = 1e9
for _ in range(3):
    start = time.perf_counter()
    cle.Loader(sys.argv[1], auto_load_libs=False, perform_relocations=True)
    best = min(best, time.perf_counter() - start)
print(best)
"""


def many_calls(relocations: int, filler: int = 36) -> bytes:
    """An object with so many relocations, 15 calls to 21 words in 36, each in a function of its own."""
    chance = random.Random(1)
    writer = ElfWriter(c.EM_ARM)
    functions = max(1, relocations // 16)
    size = 4 + 8 * 4 + 8 * 4 + filler * 16
    body = bytes.fromhex("10b510bd") + bytes.fromhex("fff7feff") * 8 + bytes(8 * 4) + bytes.fromhex("00bf") * (filler * 8)
    text = writer.section(".text", body * functions, flags=c.SHF_ALLOC | c.SHF_EXECINSTR)
    symbols = [writer.symbol(f"f{number}", text, number * size + 1, size=size, type_=c.STT_FUNC) for number in range(functions)]
    rows = []
    for number in range(functions):
        for index in range(16):
            offset = number * size + 4 + 4 * index
            rows.append((offset, THM_CALL if index < 8 else ABS32, chance.choice(symbols)))
    writer.relocate(text, rows[:relocations])
    return writer.build()


def placed_regions(made: Plan) -> dict[object, Placed]:
    """Memory for a plan's regions, filled from the file."""
    placed, at = {}, BASE
    for kind, region in made.regions.items():
        memory = bytearray(region.allocation)
        for piece in region.pieces:
            memory[piece.offset : piece.offset + piece.size] = made.elf.contents_at(piece.file_offset, piece.size)
        placed[kind] = Placed(at, memoryview(memory))
        at += -(-region.allocation // 64) * 64
    return placed


def link(data: bytes, arch: Arch) -> int:
    """Parses, plans, copies and relocates: all that a linker does but write a file."""
    made = plan(ElfFile.parse(data), stock_rules())
    return apply(made, arch, placed_regions(made), lambda name, weak: Symbol(name, 1, "nobody"))  # noqa: ARG005


def linkers(folder: Path) -> list[tuple[str, list[object]]]:
    """Other linkers with what they need to place a file at the same address."""
    found: list[tuple[str, list[object]]] = [("ld.lld", [zig_program(), "ld.lld", "-O0"])]
    if shutil.which("arm-none-eabi-ld"):
        found.append(("GNU ld", ["arm-none-eabi-ld"]))
    return [(name, [*words, "-e", "0", f"-Ttext={BASE:#x}", "-o", folder / "linked.elf"]) for name, words in found]


def large(folder: Path, rows: Rows) -> None:
    """36,000 relocations in 1.3 MB of text, in process beside processes less their start, and process beside process."""
    import numpy as np  # noqa: F401 - what stands in the process already is used

    data = many_calls(36_000, 30)
    path, empty = folder / "large.o", folder / "empty.o"
    path.write_bytes(data)
    writer = ElfWriter(c.EM_ARM)
    writer.section(".text", b"\x70\x47", flags=c.SHF_ALLOC | c.SHF_EXECINSTR)
    writer.symbol("f", 1, 1, type_=c.STT_FUNC)
    empty.write_bytes(writer.build())
    arch = arch_of_machine(c.EM_ARM)
    assert arch is not None
    made = plan(ElfFile.parse(data), stock_rules())
    placed = placed_regions(made)
    size = next(iter(made.regions.values())).size / 1e6
    step = median(lambda: apply(made, arch, placed, None), 9) * 1e3
    ours = median(lambda: link(data, arch), 9) * 1e3
    rows.append(row(f"link step of 36,000 relocations, {size:.1f} MB text, numpy there", step, "ms"))
    rows.append(row("parse, plan, copy and link it", ours, "ms"))
    for name, words in linkers(folder):
        whole = process([*words, path], 9) * 1e3
        start = process([*words, empty], 9) * 1e3
        rows.append(row(f"{name} on it, less the same on an empty object ({start:.1f} ms)", whole - start, "ms"))
        rows.append(row(f"{name}: times as long as ours, all steps", (whole - start) / ours, "x", 1, more=True))
        rows.append(row(f"{name}, whole process", whole, "ms"))
    for title, numpy_line in (("numpy imported", "import numpy"), ("without numpy", "sys.modules['numpy'] = None")):
        (folder / "ours.py").write_text(OURS.format(numpy=numpy_line))
        seconds = process([sys.executable, folder / "ours.py", path, folder / "ours.bin"], 5)
        rows.append(row(f"ours, whole process, imports included, {title}", seconds * 1e3, "ms"))
    angr(folder, path, ours, rows)


def angr(folder: Path, path: Path, ours: float, rows: Rows) -> None:
    """angr's loader, if LLEXT_CLE_PYTHON names a Python that has it."""
    python = os.environ.get("LLEXT_CLE_PYTHON")
    if not python:
        rows.append({"what": "angr's cle on it", "note": "not measured: LLEXT_CLE_PYTHON names no Python with cle"})
        return
    (folder / "angr.py").write_text(CLE)
    done = subprocess.run([python, folder / "angr.py", path], capture_output=True, text=True, check=True)
    seconds = float(done.stdout)
    rows.append(row("angr's cle on it, in process", seconds * 1e3, "ms"))
    rows.append(row("angr's cle: times as long as ours, all steps", seconds * 1e3 / ours, "x", 100, more=True))


def straight_line(rows: Rows) -> list[tuple[int, float]]:
    """Time over relocations, from 10^2 to 10^6."""
    arch = arch_of_machine(c.EM_ARM)
    assert arch is not None
    points = []
    for exponent in range(4, 13):
        count = round(10 ** (exponent / 2))
        data = many_calls(count, 2)
        points.append((count, median(lambda data=data: link(data, arch), 5 if count < 200_000 else 3)))
    (first, low), (last, high) = points[4], points[-1]
    rows.append(row(f"time a relocation, {last} beside {first} of them", (high / last) / (low / first), "x", 1.5))
    return points


def lookups(rows: Rows) -> None:
    """Looking up a name among few and many."""
    seconds = {}
    for count in (10, 100_000):
        scope = Scope()
        scope.define_all(Symbol(f"symbol_{number}", number, "kernel") for number in range(count))
        name = f"symbol_{count // 2}"
        seconds[count] = median(lambda scope=scope, name=name: [scope.find(name) for _ in range(1000)], 9)
    rows.append(row("looking up a name, 100,000 symbols beside 10", seconds[100_000] / seconds[10], "x", 1.5))


def each_isa(folder: Path, rows: Rows) -> None:
    """Link rate and cost of a call on the other ISAs, in turns with mps2/an385."""
    sources = sorted((ROOT / "examples" / "audio_codec").glob("*.c"))
    boards = ("mps2/an385", "qemu_cortex_m0", "qemu_riscv32", "qemu_riscv32e")
    times: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in boards}
    works: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {}
    for name in boards:
        board = Board(name)
        path = build_extension(sources, folder / f"{name.replace('/', '_')}.llext", board.target).output
        made = plan(ElfFile.parse(path.read_bytes()), stock_rules())
        placed, arch = placed_regions(made), board.target.arch
        count = apply(made, arch, placed, lambda n, w: Symbol(n, 1, "nobody"))  # noqa: ARG005
        select = board.load(path).fn("codec_select")
        works[name] = (
            lambda made=made, arch=arch, placed=placed, count=count: _rate(made, arch, placed, count),
            lambda select=select: [select(1) for _ in range(200)],
        )
    for _ in range(9):
        for name in boards:
            link_work, call_work = works[name]
            times[name][0].append(link_work())
            times[name][1].append(median(call_work, 1) / 200)
    base = [statistics.median(found) for found in times["mps2/an385"]]
    for name in boards[1:]:
        linked, called = (statistics.median(found) for found in times[name])
        rows.append(row(f"{name}: time a relocation beside mps2/an385's", linked / base[0], "x", 1.5))
        rows.append(row(f"{name}: time of a call beside mps2/an385's", called / base[1], "x", 1.5))


def _rate(made: Plan, arch: Arch, placed: dict[object, Placed], count: int) -> float:
    """Seconds a relocation."""
    return median(lambda: apply(made, arch, placed, lambda n, w: Symbol(n, 1, "nobody")), 21) / count  # noqa: ARG005
