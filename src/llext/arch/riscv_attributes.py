"""RISC-V's e_flags and build attributes (psABI, "File Header" and "Attributes"), and what they say about where a file can run."""

from __future__ import annotations

import re
from collections.abc import Iterator

from llext.arch.built_for import BuiltFor, Misfit
from llext.arch.model import Cpu
from llext.elf import ElfFile

_FLOAT_ABI, RVE = 0x6, 0x8
"""e_flags (psABI, "File Header")."""
_IMPLIED = {"m": {"zmmul"}, "a": {"zaamo", "zalrsc"}, "c": {"zca"}}
_ALWAYS = {"i", "e", "zicsr", "zifencei", "zicntr"}
_EXTENSION = re.compile(r"([a-z][a-z0-9]{0,40}?)\d{1,4}p\d{1,4}")


_COMPRESSED_FLOATS = {"f": "zcf", "d": "zcd"}
"""What C has for floating point (ISA manual, "Zc"): older compilers do not name it."""


def _extensions(letters: str) -> set[str]:
    """What ``rv32imac`` stands for."""
    return _with_implied(set(letters.removeprefix("rv32")))


def _with_implied(found: set[str]) -> set[str]:
    """Extensions with those that they contain."""
    floats = {name for letter, name in _COMPRESSED_FLOATS.items() if {"c", letter} <= found}
    return found.union(floats, *(_IMPLIED.get(letter, set()) for letter in found))


def _arch_string(elf: ElfFile) -> str:
    """Tag_RISCV_arch of .riscv.attributes, for example rv32i2p1_m2p0_c2p0; empty if the file does not say."""
    section = elf.section(".riscv.attributes")
    data = bytes(elf.contents(section)) if section else b""
    found = re.search(rb"\x05(rv(?:32|64)[a-z0-9_]*)\0", data)
    return found[1].decode() if found else ""


def incompatibility(elf: ElfFile, cpu: Cpu) -> str | None:
    """Why a CPU cannot run a file or would misunderstand its calls; None if it can."""
    flags = elf.header.flags
    if flags & _FLOAT_ABI:
        return f"it passes floats in registers, and the board's {cpu.name} by the soft-float ABI"
    if bool(flags & RVE) != (cpu.float_abi == "ilp32e"):
        built = "RV32E (16 registers)" if flags & RVE else "RV32I (32 registers)"
        return f"it is built for {built}, and the board's {cpu.name} has the ABI {cpu.float_abi}"
    text = _arch_string(elf).removeprefix("rv32")
    missing = {match[1] for match in _EXTENSION.finditer(text)} - _extensions(cpu.architecture) - _ALWAYS
    if missing:
        return f"it uses the extensions {', '.join(sorted(missing))}, and the board's {cpu.name} executes {cpu.architecture}"
    return None


_ABIS = {0: "ilp32", 2: "ilp32f", 4: "ilp32d", 6: "ilp32q"}
_ORDER = "iemafdc"
"""Letters in the order of the ISA manual, chapter "ISA Extension Naming Conventions"."""


def abi_of(elf: ElfFile) -> str:
    """The ABI by e_flags."""
    return "ilp32e" if elf.header.flags & RVE else _ABIS[elf.header.flags & _FLOAT_ABI]


def built_for(elf: ElfFile) -> BuiltFor | None:
    """What a file says of the CPU that it is for; None if it says nothing."""
    found = {match[1] for match in _EXTENSION.finditer(_arch_string(elf).removeprefix("rv32"))}
    if not found:
        return None
    letters = "".join(letter for letter in _ORDER if letter in found)
    return BuiltFor(f"rv32{letters}", abi_of(elf), f"rv32{letters}, {abi_of(elf)}", ".riscv.attributes and e_flags")


def misfits(extension: ElfFile, firmware: ElfFile) -> Iterator[Misfit]:
    """Why a firmware's CPU cannot run an extension, and where both understand calls differently."""
    ours, theirs = abi_of(extension), abi_of(firmware)
    if (ours == "ilp32e") != (theirs == "ilp32e"):
        yield Misfit(f"it is built for {ours}, the firmware for {theirs}: they have another number of registers", fatal=True)
    elif ours != theirs:
        yield Misfit(f"it passes floats by {ours}, the firmware by {theirs}")
    has = {match[1] for match in _EXTENSION.finditer(_arch_string(firmware).removeprefix("rv32"))}
    wants = {match[1] for match in _EXTENSION.finditer(_arch_string(extension).removeprefix("rv32"))}
    missing = wants - _with_implied(has) - _ALWAYS
    if has and missing:
        yield Misfit(f"it uses the extensions {', '.join(sorted(missing))}, and the firmware is built without them", fatal=True)
