"""ELF files put together from section headers that may say anything (System V gABI, figures 4-3, 4-8 and 4-15)."""

import struct

from llext.elf import constants as c

ALLOC, CODE = c.SHF_ALLOC, c.SHF_ALLOC | c.SHF_EXECINSTR


class RawElf:
    """A 32-bit little-endian file: pieces of contents, then a section table whose rows are given as they are."""

    def __init__(self, machine=c.EM_ARM):
        self.machine = machine
        self.body = bytearray(52)
        self.rows = [(0,) * 10]
        self.names = bytearray(b"\0")

    def put(self, data, alignment=4):
        """Adds bytes that belong to no section yet; returns their offset and size."""
        self.body += bytes(-len(self.body) % alignment)
        self.body += data
        return len(self.body) - len(data), len(data)

    def name(self, text):
        """Offset of a section's name."""
        self.names += text.encode() + b"\0"
        return len(self.names) - len(text) - 1

    def section(self, name, type_, place, *, flags=0, link=0, info=0, alignment=4, entry_size=0):
        """Adds a section header; ``name`` is a text or an offset, ``place`` an offset and a size."""
        at = name if isinstance(name, int) else self.name(name)
        self.rows.append((at, type_, flags, 0, *place, link, info, alignment, entry_size))
        return len(self.rows) - 1

    def symbols(self, rows, names=b"\0"):
        """Adds a symbol table of (name offset, value, size, info, section) and its string table."""
        table = struct.pack("<IIIBBH", 0, 0, 0, 0, 0, 0)
        table += b"".join(struct.pack("<IIIBBH", name, value, size, info, 0, at) for name, value, size, info, at in rows)
        strings = self.section(".strtab", c.SHT_STRTAB, self.put(names), alignment=1)
        return self.section(".symtab", c.SHT_SYMTAB, self.put(table), link=strings, info=1, entry_size=16)

    def build(self):
        """The file's bytes."""
        index = self.section(".shstrtab", c.SHT_STRTAB, (0, 0), alignment=1)
        offset, size = self.put(self.names)
        row = self.rows[index]
        self.rows[index] = (*row[:4], offset, size, *row[6:])
        start, _ = self.put(b"".join(struct.pack("<10I", *row) for row in self.rows))
        head = struct.pack("<HHIIIIIHHHHHH", c.ET_REL, self.machine, 1, 0, 0, start, 0, 52, 0, 0, 40, len(self.rows), index)
        self.body[:52] = b"\x7fELF\1\1\1" + bytes(9) + head
        return bytes(self.body)


def entries(*rows):
    """A SHT_REL table of (offset, type, symbol)."""
    return b"".join(struct.pack("<II", offset, symbol << 8 | type_) for offset, type_, symbol in rows)
