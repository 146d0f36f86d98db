"""A firmware and an extension, small and in C, for logs that are written by hand; addresses come from GNU's or LLVM's tools."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from conftest import need

from llext.build.toolchain import zig_program

FIRMWARE = """\
struct k_thread { int words[32]; } z_main_thread;
char kheap_llext_heap[8192] __attribute__((section("noinit")));
int (*volatile entry)(int *);
__attribute__((noinline)) int call_it(int *p)
{
	return entry(p) + 1;
}
int main(void)
{
	z_main_thread.words[0] = 1;
	return call_it((int *)8) + z_main_thread.words[1];
}
"""
EXTENSION = """\
extern int printk(const char *, ...);
static inline __attribute__((always_inline)) int member(int *p)
{
	return p[2];
}
int bad(int *p)
{
	return member(p) + 1;
}
int talk(int a)
{
	printk("%d", a);
	return a * 3;
}
"""
TRIPLES = {"arm": ("--target=arm-none-eabi", "-mcpu=cortex-m4", "-mthumb"),
           "riscv": ("--target=riscv32-unknown-elf", "-march=rv32imac", "-mabi=ilp32", "-mno-relax")}  # fmt: skip
TEXT, DATA = {"arm": 0x08000400, "riscv": 0x20000400}, {"arm": 0x20000000, "riscv": 0x80000000}


@dataclass
class Device:
    firmware: Path
    symbols: Path
    addresses: dict[str, int]  # of the firmware's symbols, as nm says
    return_address: int  # behind the call of call_it in main
    bad: int  # offset of bad in the extension's .text
    load: int  # offset of the load in it

    @property
    def heap(self) -> int:
        return self.addresses["kheap_llext_heap"]


def device(folder: Path, isa: str) -> Device:
    prefix = {"arm": "arm-none-eabi", "riscv": "riscv64-unknown-elf"}[isa]
    need(f"{prefix}-nm", f"{prefix}-objdump")
    zig, flags = str(zig_program()), [*TRIPLES[isa], "-g", "-Os", "-fno-common", "-fomit-frame-pointer", "-c"]
    (folder / "llext").mkdir()
    (folder / "main.c").write_text(FIRMWARE)
    (folder / "bad.c").write_text(EXTENSION)
    subprocess.run([zig, "clang", *flags, "main.c", "-o", "main.o"], check=True, cwd=folder)
    subprocess.run([zig, "clang", *flags, "bad.c", "-o", "llext/bad_ext_debug.elf"], check=True, cwd=folder)
    places = [f"-Ttext={TEXT[isa]:#x}", f"-Tbss={DATA[isa]:#x}", f"--section-start=noinit={DATA[isa] + 0x1000:#x}"]
    subprocess.run([zig, "ld.lld", *places, "-e", "main", "main.o", "-o", "zephyr.elf"], check=True, cwd=folder)
    names = subprocess.run([f"{prefix}-nm", "zephyr.elf"], cwd=folder, capture_output=True, text=True, check=True).stdout
    addresses = {name: int(value, 16) for value, _, name in (line.split() for line in names.splitlines())}
    code = listing(folder / "zephyr.elf", prefix, "main")
    at = next(number for number, row in enumerate(code) if "call_it" in row[1])
    extension = folder / "llext" / "bad_ext_debug.elf"
    bad = listing(extension, prefix, "bad")
    load = next(address for address, text in bad if re.search(r"\bl(dr|w)\b", text) and ("#8]" in text or "8(a0)" in text))
    return Device(folder / "zephyr.elf", folder / "llext", addresses, code[at + 1][0], bad[0][0], load)


def listing(file: Path, prefix: str, function: str) -> list[tuple[int, str]]:
    """Addresses and instructions."""
    command = [f"{prefix}-objdump", "-d", f"--disassemble={function}", str(file)]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return [(int(found[1], 16), found[2]) for found in re.finditer(r"^ *([0-9a-f]+):\t(.*)$", text, re.MULTILINE)]


def damaged(lines, dice):
    """Lines with a few of them cut, swapped, doubled, mixed into each other or changed; and which are as they were."""
    lines = list(lines)
    for _ in range(dice.randrange(1, 5)):
        at, other = dice.randrange(len(lines)), dice.randrange(len(lines))
        text = lines[at]
        cut = dice.randrange(len(text) + 1)
        kind = dice.randrange(6)
        if kind == 0:
            lines[at] = text[:cut]
        elif kind == 1:
            lines[at], lines[other] = lines[other], text
        elif kind == 2:
            lines[at] = text[:cut] + lines[other] + text[cut:]
        elif kind == 3:
            lines[at] = text[:cut] + chr(dice.randrange(1, 256)) + text[cut + 1 :]
        elif kind == 4:
            lines[at : at + 1] = [text[:cut], text[cut:]]
        else:
            lines.insert(at, lines[other])
    return lines
