"""ELF files: bytes to tables, tables to bytes. Every offset is checked here, once."""

from llext.elf.reader import ElfFile, Header, Relocation, Section, SectionTable, Symbol, read_header
from llext.elf.writer import ElfWriter

__all__ = ["ElfFile", "ElfWriter", "Header", "Relocation", "Section", "SectionTable", "Symbol", "read_header"]
