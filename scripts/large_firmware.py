"""A firmware of ten megabytes, most of them debug information: what `llext check`, `symbolize` and `addr2line` are measured with."""

from __future__ import annotations

import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from llext.build.toolchain import zig_program

FILES, EACH = 150, 150
TARGET = ("--target=arm-none-eabi", "-mcpu=cortex-m4", "-mthumb")


def source(number: int) -> str:
    """One file: structures, functions that use them, and one that is inlined into all of them."""
    lines = [
        f"static inline __attribute__((always_inline)) int help(int a, int b) {{ return a > b ? a * b + {number} : a - b; }}"
    ]
    for each in range(EACH):
        name = f"part_{number}_{each}"
        lines += [
            f"struct {name} {{ int first, second; long long third; struct {name} *next; char text[{each % 7 + 1}]; }};",
            f"int use_{name}(struct {name} *p) {{ int sum = 0; for (struct {name} *q = p; q; q = q->next) {{",
            f"\tsum += help(q->first, {each}) + q->second; sum ^= (int)q->third; }} return sum; }}",
        ]
    return "\n".join(lines) + "\n"


def exports() -> list[str]:
    """320 functions of all files, as many as a firmware of Zephyr exports."""
    return [f"use_part_{number % FILES}_{7 * number % EACH}" for number in range(320)]


def tables() -> str:
    """Export table, LLEXT heap, configuration and boot banner, in assembler."""
    lines = ['.section rodata,"a",%progbits', '.asciz "*** Booting Zephyr OS build v4.0.0 ***"']
    lines += [f'name{index}: .asciz "{name}"' for index, name in enumerate(exports())]
    lines += ['.section llext_const_symbol_area,"a",%progbits', *(f".word name{n}, {name}" for n, name in enumerate(exports()))]
    lines += ['.section k_heap_area,"aw",%progbits', ".globl llext_heap", "llext_heap: .word 0, kheap_llext_heap, 8192, 0, 0"]
    lines += ['.section noinit,"aw",%nobits', ".globl kheap_llext_heap", "kheap_llext_heap: .skip 8192"]
    for option in ("LLEXT", "CPU_CORTEX_M4"):
        lines += [f".globl CONFIG_{option}", f".set CONFIG_{option}, 1"]
    return "\n".join(lines) + "\n"


def large_firmware(folder: Path) -> Path:
    """The linked file; made once in a folder."""
    elf = folder / "zephyr.elf"
    if elf.exists():
        return elf
    zig = str(zig_program())

    def compiled(name: str, text: str) -> Path:
        (folder / name).write_text(text)
        made = (folder / name).with_suffix(".o")
        subprocess.run([zig, "clang", *TARGET, "-g", "-Os", "-c", name, "-o", made], check=True, cwd=folder)
        return made

    with ThreadPoolExecutor(2) as pool:
        objects = list(pool.map(lambda number: compiled(f"unit{number}.c", source(number)), range(FILES)))
    objects.append(compiled("tables.s", tables()))
    places = ("-Ttext=0x08000400", "--section-start=k_heap_area=0x20000000", "--section-start=noinit=0x20001000")
    subprocess.run([zig, "ld.lld", *places, "-e", "0", "--no-gc-sections", *objects, "-o", elf], check=True)
    return elf
