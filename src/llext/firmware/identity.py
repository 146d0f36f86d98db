"""Which firmware it is: by its GNU build id, or by a hash of what a device has of it."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from llext.elf import ElfFile
from llext.elf import constants as c

_GNU_BUILD_ID = 3
"""NT_GNU_BUILD_ID, of the owner "GNU"."""
NOTE_SECTION, NOTE_OWNER = ".note.llext.firmware", "llext"
BUILD_ID, HASH = 0x4C4C0001, 0x4C4C0002
"""Types of the notes that carry an identity: numbers to which tools give no name of others."""


@dataclass(frozen=True)
class Identity:
    """Which firmware it is.

    Attributes:
        value: The bytes that only this firmware has.
        source: What they are, in words.
        type: Type of the note that carries it: BUILD_ID or HASH.
    """

    value: bytes
    source: str
    type: int

    def __str__(self) -> str:
        return f"{self.value.hex()} ({self.source})"


def identity_of(elf: ElfFile) -> Identity:
    """The identity of a firmware. Debug information and symbols do not count.

    Raises:
        ElfError: a section of it leads outside the file.
    """
    for owner, number, contents in _notes(elf):
        if owner == b"GNU" and number == _GNU_BUILD_ID:
            return Identity(contents, "its GNU build id", BUILD_ID)
    digest = hashlib.sha256()
    for section in sorted(elf.sections, key=lambda each: (each.address, each.index)):
        if section.allocated and section.type != c.SHT_NOBITS and section.size:
            digest.update(struct.pack("<II", section.address, section.size))
            digest.update(elf.contents(section))
    return Identity(digest.digest(), "SHA-256 of its loaded sections: address, size, bytes of each", HASH)


def _notes(elf: ElfFile) -> Iterator[tuple[bytes, int, bytes]]:
    """Owner, type and contents of each note (gABI chapter 5, "Note Section")."""
    for section in elf.sections:
        if section.type != c.SHT_NOTE:
            continue
        data, at = bytes(elf.contents(section)), 0
        while at + 12 <= len(data):
            owner, size, number = struct.unpack_from("<3I", data, at)
            start = at + 12 + -(-owner // 4) * 4
            yield data[at + 12 : at + 12 + owner].rstrip(b"\0"), number, data[start : start + size]
            at = start + -(-size // 4) * 4
