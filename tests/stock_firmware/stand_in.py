"""Firmware ELFs that have of a stock firmware what its loader's ELF has: exports, heap, configuration, banner. Written in assembler."""

import subprocess

from llext.build.toolchain import zig_program

TRIPLES = {
    "arm": ("--target=arm-none-eabi", "-mcpu=cortex-m4", "-mthumb"),
    "riscv": ("--target=riscv32-unknown-elf", "-march=rv32imac", "-mabi=ilp32"),
}
GNU = {"arm": "arm-none-eabi", "riscv": "riscv64-unknown-elf"}
FLASH = {"arm": 0x08000000, "riscv": 0x20000000}
RAM = {"arm": 0x20000000, "riscv": 0x80000000}


def stand_in(
    folder, *, isa="arm", version="4.0.0", exports=("printk", "k_malloc"), missing=(), config=(), heap=8192, heap_at=0x40,
    slids=None, name="zephyr", table="llext_const_symbol_area", sources=None, flags=(), heaps=(), link=(), gnu=False, named=None, cpu=(),
):  # fmt: skip
    """Writes a firmware and returns its path.

    exports: Names with code behind them. missing: names whose address is 0. config: NAME or NAME=number. heap_at: bytes of RAM in front
    of the heap's memory. slids: name -> number, instead of names. sources: file name -> C text that defines some of the exports, compiled
    with debug information and flags. heaps: bytes of heaps in front of the LLEXT heap in k_heap_area.
    link: words for the linker: -S leaves debug information out, -s symbols too. gnu: whether gcc compiles the
    sources. named: export -> its name in the firmware, where that is another. cpu: flags that say another
    CPU.
    """
    compiled = [_compiled(folder, file, text, isa, (*cpu, *flags), gnu) for file, text in (sources or {}).items()]
    lines = ['.section .text,"ax",%progbits', ".thumb" if isa == "arm" else ""]
    for export in exports:
        if any(f" {(named or {}).get(export, export)}" in text for text in (sources or {}).values()):
            continue
        lines += [
            f".globl {export}",
            f".type {export},%function",
            *([".thumb_func"] if isa == "arm" else []),
            f"{export}:",
            "  nop",
            "  nop",
        ]
    lines += ['.section rodata,"a",%progbits', f'.asciz "*** Booting Zephyr OS build v{version} ***"' if version else ""]
    for index, export in enumerate((*exports, *missing)):
        lines += [f"name{index}:", f'.asciz "{export}"']
    if exports or missing:
        lines += [f'.section {table},"a",%progbits', ".globl _llext_const_symbol_list_start", "_llext_const_symbol_list_start:"]
        for index, export in enumerate((*exports, *missing)):
            first = slids[export] if slids else f"name{index}"
            lines += [f".word {first}", f".word {(named or {}).get(export, export) if export in exports else 0}"]
        lines += [".globl _llext_const_symbol_list_end", "_llext_const_symbol_list_end:"]
    if slids:
        lines += ['.section llext_exports_strtab,"",%progbits', *(f'.asciz "{each}"' for each in slids)]
    if heap:
        lines += ['.section k_heap_area,"aw",%progbits', ".globl llext_heap", ".type llext_heap,%object", ".size llext_heap,20", *(f".word 0, 0x20003000, {each}, 0, 0" for each in heaps), "llext_heap:",
                  f".word 0, kheap_llext_heap, {heap}, 0, 0", '.section noinit,"aw",%nobits', f".skip {heap_at}",
                  ".globl kheap_llext_heap", ".type kheap_llext_heap,%object", f".size kheap_llext_heap,{heap}", "kheap_llext_heap:", f".skip {heap}"]  # fmt: skip
    for setting in config:
        option, _, value = setting.partition("=")
        lines += [f".globl CONFIG_{option}", f".type CONFIG_{option},%object", f".set CONFIG_{option}, {value or 1}"]
    source, made, elf = folder / f"{name}.s", folder / f"{name}.o", folder / f"{name}.elf"
    source.write_text("\n".join(lines) + "\n")
    zig = str(zig_program())
    subprocess.run([zig, "clang", *TRIPLES[isa], *cpu, "-c", source, "-o", made], check=True)
    places = [
        f"-Ttext={FLASH[isa]:#x}",
        f"--section-start=k_heap_area={RAM[isa]:#x}",
        f"--section-start=noinit={RAM[isa] + 0x1000:#x}",
    ]
    subprocess.run([zig, "ld.lld", *places, "-e", "0", "--no-gc-sections", *link, *compiled, made, "-o", elf], check=True)
    return elf


def _compiled(folder, file, text, isa, flags, gnu):
    source = folder / file
    source.write_text(text)
    made = source.with_suffix(".o")
    zig = str(zig_program())
    options = ("-Os", "-g", "-ffreestanding", "-fno-unwind-tables", "-fno-asynchronous-unwind-tables", *flags)
    compiler = [f"{GNU[isa]}-gcc", *TRIPLES[isa][1:]] if gnu else [zig, "clang", *TRIPLES[isa]]
    subprocess.run([*compiler, *options, "-c", source, "-o", made], check=True)
    return made
