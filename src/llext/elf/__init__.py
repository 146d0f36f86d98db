"""ELF files: bytes to tables, tables to bytes. Every offset is checked here, once."""

from llext.elf.append import with_sections
from llext.elf.compressed import decompressed
from llext.elf.reader import ElfFile, ElfSymbol, Header, Relocation, Section, SectionTable, read_header
from llext.elf.segments import Segment, physical_address, read_segments
from llext.elf.writer import ElfWriter

__all__ = [
    "ElfFile",
    "ElfSymbol",
    "ElfWriter",
    "Header",
    "Relocation",
    "Section",
    "SectionTable",
    "Segment",
    "decompressed",
    "physical_address",
    "read_header",
    "read_segments",
    "with_sections",
]
