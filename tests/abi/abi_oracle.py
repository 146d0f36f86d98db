"""Runs what C compilers make of a prototype, so that layouts are compared with theirs and not with our opinion.

A C file calls ``answer``, an address where Python takes over, and Python calls the functions in it. All globals are
read and written by their addresses in the linked file.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from abi_targets import ABIS, ZIG, Abi, compiler
from conftest import need
from elftools.elf.elffile import ELFFile
from unicorn import UC_HOOK_CODE, Uc

from llext.abi import Frame

CODE, STACK, ANSWER, RETURN, SCRATCH = 0x10000, 0x180000, 0x190000, 0x190100, 0x198000
RUBBISH = 0xDEADBEEF
FLAGS = ["-ffreestanding", "-fno-short-enums", "-fno-unwind-tables", "-fno-asynchronous-unwind-tables", "-w", "-Os"]

HEADER = """
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
extern char answer[];
"""
HELPERS = """
void *memcpy(void *to, const void *from, size_t n) { volatile char *t = to; const char *f = from; while (n--) *t++ = *f++; return to; }
void __aeabi_memcpy(void *t, const void *f, size_t n) { memcpy(t, f, n); }
void __aeabi_memcpy4(void *t, const void *f, size_t n) { memcpy(t, f, n); }
void __aeabi_memcpy8(void *t, const void *f, size_t n) { memcpy(t, f, n); }
void entry(void) {}
"""


@dataclass(frozen=True)
class Variant:
    """An ABI and the compiler that speaks for it."""

    compiler: str
    abi: str

    @property
    def facts(self) -> Abi:
        return ABIS[self.abi]

    def need(self) -> None:
        """Skips a test without its compiler, or fails it where tools are required; zig always is there."""
        need(compiler(self.compiler, self.facts)[0])


def compile_c(source: str, folder: Path, variant: Variant, *flags: str) -> Path:
    """Compiles and links a C file to an executable at CODE."""
    text, made, linked = (folder / f"{variant.compiler}-{variant.abi}.{suffix}" for suffix in ("c", "o", "elf"))
    text.write_text(HEADER + source + HELPERS)
    subprocess.run([*compiler(variant.compiler, variant.facts), *FLAGS, *flags, "-c", text, "-o", made], check=True)
    places = ["-Ttext", hex(CODE), f"--defsym=answer={ANSWER | variant.facts.code_bit}", "-e", "entry"]
    subprocess.run([str(ZIG), "ld.lld", *places, made, "-o", linked], check=True)
    return linked


@dataclass
class Call:
    """The state of the CPU where guest code has just called ``answer``."""

    core: tuple[int, ...]
    floats: list[int]
    sp: int


Answer = tuple[int, int, tuple[int, ...]]


class Guest:
    """A CPU with one linked file in its memory."""

    def __init__(self, linked: Path, abi: Abi) -> None:
        self.abi = abi
        self.uc = Uc(*abi.emulator)
        self.uc.mem_map(0, 0x200000)
        self.answer: Callable[[Call], Answer] | None = None
        with linked.open("rb") as file:
            elf = ELFFile(file)
            for segment in elf.iter_segments("PT_LOAD"):
                assert segment["p_paddr"] + segment["p_memsz"] < STACK - 0x10000
                self.uc.mem_write(segment["p_paddr"], segment.data())
            symbols = list(elf.get_section_by_name(".symtab").iter_symbols())
        self.addresses = {symbol.name: symbol["st_value"] for symbol in symbols}
        self.sizes = {symbol.name: symbol["st_size"] for symbol in symbols}
        self.uc.mem_write(ANSWER, abi.returns)
        self.uc.hook_add(UC_HOOK_CODE, self._answered, begin=ANSWER, end=ANSWER + 1)

    def write(self, name: str, data: bytes) -> None:
        """Sets a global."""
        self.uc.mem_write(self.addresses[name], data.ljust(self.sizes[name], b"\0"))

    def read(self, name: str) -> bytes:
        """A global's bytes."""
        return bytes(self.uc.mem_read(self.addresses[name], self.sizes[name]))

    def memory(self, address: int, size: int) -> bytes:
        """Any bytes."""
        return bytes(self.uc.mem_read(address, size))

    def call(self, name: str, frame: Frame = Frame((), (), b"")) -> tuple[tuple[int, ...], list[int]]:  # noqa: B008
        """Calls a function; every register that the frame does not set holds rubbish. Returns core and float registers."""
        abi = self.abi
        self._set(abi.core, frame.core)
        self._set(abi.floats, frame.fp)
        sp = STACK - len(frame.stack)
        assert sp % abi.convention.stack_alignment == 0
        self.uc.mem_write(sp, frame.stack + b"\xa5" * 64)
        self.uc.reg_write(abi.stack_pointer, sp)
        self.uc.reg_write(abi.link, RETURN | abi.code_bit)
        self.uc.emu_start(self.addresses[name] | abi.code_bit, RETURN)
        assert self.uc.reg_read(abi.pc) == RETURN
        assert self.uc.reg_read(abi.stack_pointer) == sp
        return self._core()[:2], self.floats()

    def floats(self) -> list[int]:
        """The floating-point argument registers."""
        return [self.uc.reg_read(register) for register in self.abi.floats]

    def _core(self) -> tuple[int, ...]:
        return tuple(self.uc.reg_read(register) for register in self.abi.core)

    def _set(self, registers: tuple[int, ...], words: tuple[int, ...]) -> None:
        for number, register in enumerate(registers):
            self.uc.reg_write(register, words[number] if number < len(words) else RUBBISH)

    def _answered(self, uc: Uc, *_: object) -> None:
        assert self.answer
        low, high, floats = self.answer(Call(self._core(), self.floats(), uc.reg_read(self.abi.stack_pointer)))
        self._set(self.abi.core, (low, high))
        self._set(self.abi.floats, floats)


class Guests(dict[Variant, Guest]):
    """One machine for each variant, with the same C source, made when it is asked for."""

    def __init__(self, folder: Path, source: str) -> None:
        self.folder, self.source = folder, source

    def __missing__(self, variant: Variant) -> Guest:
        self[variant] = Guest(compile_c(self.source, self.folder, variant), variant.facts)
        return self[variant]
