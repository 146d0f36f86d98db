"""The verdict of stock Zephyr on a file, whether our own loader takes it or not."""

from __future__ import annotations

from llext.elf import ElfFile
from llext.elf import constants as c
from llext.elf.reader import Buffer
from llext.errors import LlextError
from llext.link.notes import Note
from llext.link.plan import plan
from llext.link.refused import refused_notes
from llext.link.rules import StockRules

_IDENTITY = c.MAGIC + bytes([c.ELFCLASS32, c.ELFDATA2LSB])


def stock_notes(data: Buffer, rules: StockRules) -> tuple[Note, ...]:
    """What a version would do with a file, the answer it gives first; empty if it loads it without more ado.

    Class and byte order that the file claims to have do not matter to a stock loader, and so not here.

    Args:
        data: The file's bytes; they may be anything.
        rules: The version.
    """
    seen = bytes(data)
    if seen.startswith(c.MAGIC):
        seen = _IDENTITY + seen[len(_IDENTITY) :]
    try:
        made = plan(ElfFile.parse(seen), rules)
    except LlextError:
        return refused_notes(seen, rules)
    complete = all(p.file_offset + p.size <= len(seen) for region in made.regions.values() for p in region.pieces)
    return made.notes if complete else (*made.notes, *refused_notes(seen, rules))
