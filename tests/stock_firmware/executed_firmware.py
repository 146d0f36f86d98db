"""Firmware ELFs with a small loader of their own making (loader/*.c), which does what reference firmware.md says of Zephyr 3.7 and 4.0."""

import subprocess
from pathlib import Path

from stand_in import FLASH, RAM, TRIPLES

from llext.build.toolchain import zig_program

SOURCES = ("llext.c", "buf_loader.c", "heap.c", "relocate.c", "kernel.c")
SCRIPT = """
MEMORY {{ FLASH : ORIGIN = {flash:#x}, LENGTH = 8M
         RAM : ORIGIN = {ram:#x}, LENGTH = 4M }}
SECTIONS {{
  .text : {{ *(.text*) }} > FLASH
  rodata : {{ *(.rodata*) }} > FLASH
  llext_const_symbol_area : {{ _llext_const_symbol_list_start = .; KEEP(*(llext_const_symbol_area)) _llext_const_symbol_list_end = .; }} > FLASH
  k_heap_area : {{ KEEP(*(k_heap_area)) }} > RAM AT > FLASH
  datas : {{ __global_pointer$ = . + 0x800; *(.sdata*) *(.data*) }} > RAM AT > FLASH
  bss (NOLOAD) : {{ *(.sbss*) *(.bss*) *(COMMON) }} > RAM
  noinit {heap_at:#x} (NOLOAD) : {{ KEEP(*(noinit.kheap)) }} > RAM
  /DISCARD/ : {{ *(.ARM.exidx*) }}
}}
"""


FLAGS = ("-Os", "-std=gnu11", "-ffreestanding", "-fno-builtin", "-w", "-fno-unwind-tables", "-fno-asynchronous-unwind-tables")
GCC = {
    "arm": ("arm-none-eabi-gcc", "-mcpu=cortex-m4", "-mthumb"),
    "riscv": ("riscv64-unknown-elf-gcc", "-march=rv32imac_zicsr", "-mabi=ilp32"),
}


def executed_firmware(
    folder, *, isa="arm", version="4.0.0", heap=32768, heap_at=0x5F00, ram=None, defines=(), config=(), debug=True, strip=False,
    gcc=False, name="zephyr",
):  # fmt: skip
    """Builds a firmware and returns its path.

    heap, heap_at: bytes of the LLEXT heap, and its place above the start of RAM. defines: of the C code. config: as for stand_in.
    gcc: by GNU's compiler instead of clang.
    """
    home, zig = Path(__file__).parent / "loader", str(zig_program())
    if version.startswith("3.7"):
        defines = (*defines, "VERSION_37")
    if "STORAGE_WRITABLE" in defines:
        config = (*config, "LLEXT_STORAGE_WRITABLE")
    if "POWER_OF_TWO" in defines:
        config = (*config, "MPU_REQUIRES_POWER_OF_TWO_ALIGNMENT")
    words = [f"-D{each}" for each in (*defines, f'VERSION="{version}"', f"HEAP_BYTES={heap}")]
    compiler = (
        GCC[isa] if gcc else (zig, "clang", *TRIPLES[isa], "-nostdlibinc", "-resource-dir", str(zig_program().parent / "lib"))
    )
    flags = [*FLAGS, *(["-g"] if debug else [])]
    objects = []
    for source in SOURCES:
        objects.append(folder / f"{name}-{source}.o")
        subprocess.run([*compiler, *flags, *words, "-c", home / source, "-o", objects[-1]], check=True)
    objects.append(_settings(folder, name, zig, isa, config))
    base = RAM[isa] if ram is None else ram
    script = folder / f"{name}.ld"
    script.write_text(SCRIPT.format(flash=FLASH[isa], ram=base, heap_at=base + heap_at))
    elf = folder / f"{name}.elf"
    words = ["-s"] if strip else []
    subprocess.run([zig, "ld.lld", *words, "-T", script, "-e", "0", "--no-gc-sections", *objects, "-o", elf], check=True)
    return elf


def _settings(folder, name, zig, isa, config):
    """The values of a configuration, as absolute symbols."""
    lines = []
    for setting in ("LLEXT", *config):
        option, _, value = setting.partition("=")
        lines += [f".globl CONFIG_{option}", f".type CONFIG_{option},%object", f".set CONFIG_{option}, {value or 1}"]
    source, made = folder / f"{name}-config.s", folder / f"{name}-config.o"
    source.write_text("\n".join(lines) + "\n")
    subprocess.run([zig, "clang", *TRIPLES[isa], "-c", source, "-o", made], check=True)
    return made
