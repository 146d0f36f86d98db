"""ELF files: bytes to tables, tables to bytes. Every offset is checked here, once."""

from llext.elf.append import with_sections
from llext.elf.reader import ElfFile, ElfSymbol, Header, Relocation, Section, SectionTable, read_header
from llext.elf.writer import ElfWriter

__all__ = [
    "ElfFile",
    "ElfSymbol",
    "ElfWriter",
    "Header",
    "Relocation",
    "Section",
    "SectionTable",
    "read_header",
    "with_sections",
]
