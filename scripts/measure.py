"""The measurements behind scripts/bench. Each is a median of several rounds; nothing here is a test."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
os.environ.setdefault("LLEXT_CACHE_DIR", str(ROOT / "build" / "bench-cache"))

from measure_application import application
from measure_checks import checks
from measure_extensions import extensions
from measure_faults import reports
from measure_kernel import kernel
from measure_links import each_isa, large, lookups, straight_line
from measure_logs import logs
from measuring import Rows, median, process, row
from plot import line_plot

from llext import Board
from llext.build import build_extension
from llext.build.toolchain import zig_program
from llext.elf import ElfFile
from llext.link import Placed, apply, plan, stock_rules
from llext.loader import BufferSource

WORK = """
#include <stdint.h>
#include <zephyr/llext/symbol.h>
static uint32_t table[256];
static int a[64][64], b[64][64], c[64][64];
uint32_t crc(int rounds)
{
	uint32_t sum = ~0u;
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t v = i;
		for (int k = 0; k < 8; k++) v = v & 1 ? v >> 1 ^ 0xedb88320u : v >> 1;
		table[i] = v;
	}
	for (int r = 0; r < rounds; r++)
		for (uint32_t i = 0; i < 4096; i++) sum = sum >> 8 ^ table[(sum ^ i) & 255];
	return sum;
}
int matrix(int rounds)
{
	for (int r = 0; r < rounds; r++)
		for (int i = 0; i < 64; i++)
			for (int j = 0; j < 64; j++) {
				int sum = r;
				for (int k = 0; k < 64; k++) sum += a[i][k] * b[k][j];
				c[i][j] = sum;
				a[j][i] ^= sum;
			}
	return c[3][5];
}
int nothing(int x) { return x; }
extern int from_python(int a, int b);
int loop(int n) { int s = 0; while (n--) s += from_python(n, 1); return s; }
EXPORT_SYMBOL(crc);
EXPORT_SYMBOL(matrix);
EXPORT_SYMBOL(nothing);
EXPORT_SYMBOL(loop);
"""
SMALL = """
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>
static int total = 5, history[8];
static const int weights[] = {3, 1, 4, 1, 5, 9, 2, 6};
int add(int x) { total += x; for (int i = 0; i < 8; i++) history[i] += weights[i] * x; return total; }
void report(void) { for (int i = 0; i < 8; i++) printk("history %d is %d, weight %d\\n", i, history[i], weights[i]); }
int choose(int n) { switch (n) { case 1: return 5; case 2: return 77; case 3: return -4; case 7: return add(n); default: return total; } }
const char *name(int n) { static const char *const names[] = {"one", "two", "three", "four"}; return names[n & 3]; }
EXPORT_SYMBOL(add);
EXPORT_SYMBOL(report);
EXPORT_SYMBOL(choose);
EXPORT_SYMBOL(name);
"""
QEMU_START = """
.syntax unified
.cpu cortex-m3
.thumb
.section .vectors, "a"
.word 0x20010000
.word start
.text
.global start
.type start, %function
start:
	ldr r0, =ROUNDS
	cmp r0, #0
	it ne
	blne WORK
	movs r0, #0x18
	ldr r1, =0x20026
	bkpt 0xab
	b .
"""


def build(folder: Path, name: str, text: str, target: object) -> Path:
    """Builds C text."""
    (folder / f"{name}.c").write_text(text)
    return build_extension([folder / f"{name}.c"], folder / f"{name}.llext", target).output


def linking(folder: Path, rows: Rows) -> None:
    """Linking and loading a small extension, beside GNU ld and ld.lld as processes."""
    with Board() as board:
        path = build(folder, "small", SMALL, board.target)
        data = path.read_bytes()
        rules, arch = stock_rules(), board.target.arch
        made = plan(ElfFile.parse(data), rules)
        placed = {
            kind: Placed(0x20010000 + 0x1000 * kind, memoryview(bytearray(region.allocation)))
            for kind, region in made.regions.items()
        }

        def resolve(name: str, weak: bool) -> object:  # noqa: ARG001 - the linker's signature
            return board.scope.find(name)[0]

        seconds = median(lambda: apply(made, arch, placed, resolve), 101)
        size = made.regions[0].size
        rows.append(row(f"link an extension of {size} bytes of text", seconds * 1e3, "ms", 0.2))
        rows.append(
            row(
                "parse, plan and link it",
                median(lambda: apply(plan(ElfFile.parse(data), rules), arch, placed, resolve), 101) * 1e3,
                "ms",
            )
        )

        def load() -> None:
            board.unload(board.load(BufferSource(data), "small"))

        load()
        rows.append(row("board.load of it (and unload)", median(load, 101) * 1e3, "ms", 1))
        for name, command in peers():
            (folder / "empty.s").write_text("")
            script = folder / "t.ld"
            script.write_text("SECTIONS { .text 0x20010000 : { *(.text*) } }")
            symbols = ["--defsym", "printk=0x2001"]
            full = process([*command, "-T", script, *symbols, path, "-o", folder / "out.elf"])
            empty = process([*command, "--version"])
            rows.append(
                row(f"{name} on it, whole process (less '--version': {max(0.0, full - empty) * 1e3:.1f} ms)", full * 1e3, "ms")
            )


def peers() -> list[tuple[str, list[object]]]:
    """Linkers to compare with."""
    found: list[tuple[str, list[object]]] = [("ld.lld", [zig_program(), "ld.lld"])]
    if shutil.which("arm-none-eabi-ld"):
        found.append(("GNU ld", ["arm-none-eabi-ld"]))
    return found


def crossing(folder: Path, rows: Rows) -> None:
    """Calls in both directions."""
    for mpu in (True, False):
        with Board(mpu=mpu) as board:

            @board.export
            def from_python(a: int, b: int) -> int:
                return a + b

            ext = board.load(build(folder, "work", WORK, board.target))
            nothing, loop = ext.fn("nothing"), ext.fn("loop")
            nothing(1)
            loop(10)
            count = 2000
            rule = "guarded" if mpu else "no-mpu"
            rows.append(
                row(
                    f"Python calls guest, {rule}",
                    median(lambda n=nothing: [n(5) for _ in range(count)]) / count * 1e6,
                    "us",
                    10,
                )
            )
            rows.append(row(f"guest calls a Python service, {rule}", median(lambda f=loop: f(20000)) / 20000 * 1e6, "us", 1))


def speed(folder: Path, rows: Rows) -> None:
    """Guest code beside the bare emulator, and beside QEMU where it is installed."""
    import unicorn

    work = {"crc": 2000, "matrix": 60}
    for mpu in (True, False):
        with Board(mpu=mpu) as board:
            board.export(name="from_python")(lambda: 0)
            ext = board.load(build(folder, "work", WORK, board.target))
            for name, rounds in work.items():
                function, address = ext.fn(name), ext.find_sym(name)
                bare = bare_emulator(unicorn, board)
                function(1)
                bare(address, 1)
                ours, theirs = [], []
                for _ in range(7):  # in turns, so that both see the same machine
                    ours.append(median(lambda f=function, n=rounds: f(n), 1))
                    theirs.append(median(lambda b=bare, a=address, n=rounds: b(a, n), 1))
                ratio = statistics.median(theirs) / statistics.median(ours)
                rule = "guarded" if mpu else "no-mpu"
                rows.append(row(f"{name}: speed of bare Unicorn reached, {rule}", ratio, "x", 0.95, more=True))
                if not mpu:
                    qemu(folder, rows, name, rounds, statistics.median(ours))


def bare_emulator(unicorn: object, board: Board) -> Callable[[int, int], None]:
    """The same memory contents in a plain emulator: (address, argument) runs a function."""
    from unicorn import arm_const as arm

    uc = unicorn.Uc(unicorn.UC_ARCH_ARM, unicorn.UC_MODE_THUMB, arm.UC_CPU_ARM_CORTEX_M3)
    for block in board.memory.blocks:
        uc.mem_map(block.start, block.end - block.start)
        uc.mem_write(block.start, bytes(block.host))
    trap = board.layout.trap

    def run(address: int, argument: int) -> None:
        uc.reg_write(arm.UC_ARM_REG_R0, argument)
        uc.reg_write(arm.UC_ARM_REG_SP, board.layout.stack_top)
        uc.reg_write(arm.UC_ARM_REG_LR, trap | 1)
        uc.emu_start(address, trap)

    return run


def qemu(folder: Path, rows: Rows, name: str, rounds: int, ours: float) -> None:
    """The same C on qemu-system-arm, less a run that does nothing."""
    program = shutil.which("qemu-system-arm")
    if program is None:
        rows.append({"what": f"{name}: qemu-system-arm", "note": "not installed"})
        return
    times = []
    for count in (rounds, 0):
        start = folder / "start.S"
        start.write_text(QEMU_START.replace("ROUNDS", str(count)).replace("WORK", name))
        zig = zig_program()
        flags = ["--target=arm-none-eabi", "-mcpu=cortex-m3", "-mthumb", "-Os", "-ffreestanding", "-fno-unwind-tables",
                 "-resource-dir", zig.parent / "lib", "-nostdlibinc"]  # fmt: skip
        (folder / "bare.c").write_text(
            WORK.replace("#include <zephyr/llext/symbol.h>", "#define EXPORT_SYMBOL(x)").partition("extern int")[0]
        )
        for source in (start, folder / "bare.c"):
            subprocess.run([str(w) for w in (zig, "clang", *flags, "-c", source, "-o", source.with_suffix(".o"))], check=True)
        script = folder / "q.ld"
        script.write_text(
            "SECTIONS { .v 0 : { *(.vectors) } .text : { *(.text*) *(.rodata*) } .bss 0x20000000 : { *(.bss*) *(.data*) } /DISCARD/ : { *(.ARM*) } }"
        )
        image = folder / "q.elf"
        subprocess.run(
            [
                str(w)
                for w in (zig, "ld.lld", "-e", "start", "-T", script, start.with_suffix(".o"), folder / "bare.o", "-o", image)
            ],
            check=True,
        )
        command = [program, "-M", "mps2-an385", "-nographic", "-semihosting", "-kernel", image]
        subprocess.run([str(word) for word in command], check=True, capture_output=True, timeout=60)
        times.append(process(command, 5))
    rows.append(row(f"{name}: time of qemu-system-arm to ours, no-mpu", (times[0] - times[1]) / ours, "x"))


def processes(rows: Rows) -> None:
    """Whole processes, imports included."""
    hello = ROOT / "examples" / "hello_world" / "hello_world.c"
    llext = [sys.executable, "-m", "llext"]
    process([*llext, "run", hello], 2)
    rows.append(row("llext run hello, nothing changed, whole process", process([*llext, "run", hello]), "s", 0.4))
    rows.append(row("llext --help, whole process", process([*llext, "--help"]), "s", 0.1))
    rows.append(row("python -c pass", process([sys.executable, "-c", "pass"]), "s"))


GROUPS = {
    "linking": linking,
    "crossing": crossing,
    "speed": speed,
    "processes": lambda _folder, rows: processes(rows),
    "reports": reports,
    "kernel": kernel,
    "application": application,
    "extensions": extensions,
    "checks": checks,
    "logs": logs,
    "large": lambda folder, rows: (large(folder, rows), plot(rows)),
    "lookups": lambda _folder, rows: lookups(rows),
    "isas": each_isa,
}


def plot(rows: Rows) -> None:
    """The picture of time over relocations, beside its rows."""
    (ROOT / "build" / "links.svg").write_text(line_plot(straight_line(rows)))


def told(found: dict[str, object]) -> str:
    """A row as a line."""
    if "value" not in found:
        return f"{'':10}  {found['what']}: {found['note']}"
    verdict = "" if "reach" not in found else f"  (reach {found['reach']}: {'yes' if found['reached'] else 'NO'})"
    return f"{found['value']:10.3f} {found['unit']:3} {found['what']}{verdict}"


def main() -> None:
    """Measures all groups, or those that were named, and writes it down."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__.splitlines()[0])
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=f"all of: {' '.join(GROUPS)}")
    chosen = parser.parse_args().groups
    unknown = [name for name in chosen if name not in GROUPS]
    if unknown:
        parser.error(f"there is no group {unknown[0]}; there are {' '.join(GROUPS)}")
    rows: Rows = []
    (ROOT / "build").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        for group in chosen or GROUPS:
            before = len(rows)
            GROUPS[group](Path(name), rows)
            for found in rows[before:]:
                print(told(found), flush=True)
    if not chosen:
        (ROOT / "build" / "bench.json").write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
