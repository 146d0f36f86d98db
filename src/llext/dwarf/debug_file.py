"""A file with DWARF, looked into where it is asked: a fault report must not wait for megabytes that it does not need.

A relocatable file has no addresses. Here one section of it lies at ``BASE`` and all others at 0, so that references
between debug sections are right and an address of ``BASE`` and more is an offset in that section. Relocations are applied
to the piece that is read, and to nothing else.
"""

from __future__ import annotations

import struct
from bisect import bisect_left
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from llext.arch import Arch, arch_of_machine, patch
from llext.dwarf.sections import BASE
from llext.elf import ElfFile, Relocation, Section, decompressed
from llext.elf import constants as c

_WORD = struct.Struct("<I")


class DebugFile:
    """One file with DWARF, relocatable or linked.

    Args:
        file: Its path, or its bytes.

    Raises:
        ElfError: it is no well-formed ELF file.
        OSError: it cannot be read.
    """

    def __init__(self, file: Path | bytes) -> None:
        self.data = decompressed(file if isinstance(file, bytes) else file.read_bytes())
        self.elf = ElfFile.parse(self.data, "debug information")
        self._pointers: dict[str, list[tuple[int, int, int]]] = {}

    @property
    def relocatable(self) -> bool:
        """Whether its sections have no addresses yet."""
        return self.elf.header.type == c.ET_REL

    @property
    def arch(self) -> Arch | None:
        """Its instruction set, if it is one of ours."""
        return arch_of_machine(self.elf.header.machine)

    def code(self, name: str) -> Section | None:
        """The section with code of this name."""
        return self.elf.section(name)

    def address(self, section: Section, offset: int) -> int:
        """The address of an instruction as ``read`` shows addresses."""
        return offset + (BASE if self.relocatable else section.address)

    def size(self, name: str) -> int:
        """Bytes of a debug section; 0 if it is not there."""
        section = self.elf.section(name)
        return section.size if section else 0

    def read(self, name: str, code: Section, start: int = 0, size: int | None = None) -> bytes:
        """Bytes of a debug section, relocated, ``code`` lying at ``BASE``.

        Args:
            name: ``.debug_line``; empty bytes if it is not there.
            code: The section whose code is looked for.
            start: Offset in bytes.
            size: Bytes; all that follow without it.
        """
        section = self.elf.section(name)
        if section is None:
            return b""
        end = section.size if size is None else min(section.size, start + size)
        piece = bytearray(self.elf.contents(section)[start:end])
        arch = self.arch
        if self.relocatable and arch is not None:
            for entry in self._entries(section, start, end):
                value, home = self._symbol(entry.symbol, arch)
                patch(arch, entry, value + (BASE if home == code.index else 0), piece, entry.offset - start)
        return bytes(piece)

    def starts(self, name: str, code: Section) -> list[tuple[int, int]]:
        """Addresses in a debug section of a relocatable file that lie in a section of code.

        Returns:
            Offset in the code and offset in the debug section of each, sorted.
        """
        return sorted((value, at) for home, value, at in self.pointers(name) if home == code.index)

    def pointers(self, name: str) -> list[tuple[int, int, int]]:
        """Addresses of code in a debug section of a relocatable file.

        Returns:
            Index of the section with the code, offset in that, and offset in the debug section of each, in the order of the last.
        """
        if name not in self._pointers:
            self._pointers[name] = sorted(self._read_pointers(name), key=lambda row: row[2])
        return self._pointers[name]

    def _read_pointers(self, name: str) -> Iterator[tuple[int, int, int]]:
        section, arch = self.elf.section(name), self.arch
        if section is None or arch is None:
            return
        contents, sections = self.elf.contents(section), self.elf.sections
        symbols: dict[int, tuple[int, int]] = {}
        for table in self._tables.get(section.index, ()):
            record = self.elf.check_entries(table)
            for offset, info, *addend in record.iter_unpack(self.elf.contents(table)):
                if info & 0xFF != arch.pointer_relocation or offset + 4 > section.size:
                    continue
                if info not in symbols:
                    symbols[info] = self._symbol(info >> 8, arch)
                value, home = symbols[info]
                if home < len(sections) and sections[home].flags & c.SHF_ALLOC:
                    at = addend[0] if addend else _WORD.unpack_from(contents, offset)[0]
                    yield home, value + at & 0xFFFFFFFF, offset

    def _symbol(self, index: int, arch: Arch) -> tuple[int, int]:
        """Address of a symbol in its section, without its code bit, and the section; its name is not wanted here."""
        table = self.elf.symbol_section
        if table is None or not 0 <= index < self.elf.symbol_count:
            return 0, 0
        record = self.elf.header.layout.symbol
        _name, value, _size, info, _other, home = record.unpack_from(self.elf.contents(table), index * record.size)
        return value & ~arch.code_symbol_bit if info & 15 == c.STT_FUNC else value, home

    def _entries(self, section: Section, start: int, end: int) -> Iterator[Relocation]:
        """Relocations of a range of a section; the tables are in the order of offsets, as assemblers write them."""
        for table in self._tables.get(section.index, ()):
            record = self.elf.check_entries(table)
            raw = memoryview(self.elf.contents(table))
            count = len(raw) // record.size
            first = bisect_left(range(count), start, key=lambda index: _WORD.unpack_from(raw, index * record.size)[0])
            for at in range(first * record.size, len(raw), record.size):
                offset, info, *addend = record.unpack_from(raw, at)
                if offset >= end:
                    break
                yield Relocation(offset, info & 0xFF, info >> 8, addend[0] if addend else None)

    @cached_property
    def _tables(self) -> dict[int, list[Section]]:
        """Section index -> the relocation sections for it."""
        found: dict[int, list[Section]] = {}
        for table in self.elf.relocation_sections:
            found.setdefault(table.info, []).append(table)
        return found
