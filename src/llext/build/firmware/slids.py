"""Exports by number: CONFIG_LLEXT_EXPORT_BUILTINS_BY_SLID, as Zephyr's build does it.

In the firmware each entry's name becomes its SLID once everything is linked, and the table is sorted by it; the names stay in a
section that is not loaded. In extensions each symbol that the firmware may provide has its SLID in st_value.
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Sequence
from pathlib import Path

from llext.abi.slid import slid
from llext import cache
from llext.elf import ElfFile
from llext.elf import constants as c
from llext.errors import BuildError, LlextError

TABLE, NAMES = "llext_const_symbol_area", "llext_exports_strtab"
DONE = 0x08000000
"""Flag of the table's section: its names are SLIDs."""
_ENTRY = struct.Struct("<II")
_FLAGS_AT, _VALUE_AT = 8, 4
"""In Elf32_Shdr and in Elf32_Sym."""


def prepare(data: bytes, origin: str) -> bytes:
    """A firmware whose table has SLIDs; itself if it has them already.

    Raises:
        BuildError: two names have the same SLID, or one name is exported twice.
        ElfError: the file is malformed.
    """
    elf = ElfFile.parse(data, origin)
    table, names = elf.section(TABLE), elf.section(NAMES)
    if table is None or table.flags & DONE or not table.size:
        return data
    strings = bytes(elf.contents(names)) if names is not None else b"\0"
    known: dict[int, tuple[str, int]] = {}
    for at, address in _ENTRY.iter_unpack(elf.contents(table)):
        name = strings[at : strings.index(b"\0", at)].decode()
        number = slid(name)
        if number in known:
            other = known[number][0]
            raise BuildError(
                f"{origin}: the exports {name!r} and {other!r} have the same SLID {number:#010x}" if name != other
                else f"{origin}: {name!r} is exported twice",
                hint="rename one of them: EXPORT_SYMBOL_NAMED(function, other_name)." if name != other else "export it once.",
            )  # fmt: skip
        known[number] = name, address
    changed = bytearray(data)
    changed[table.offset : table.offset + table.size] = b"".join(
        _ENTRY.pack(number, known[number][1]) for number in sorted(known)
    )
    at = elf.header.section_offset + table.index * elf.header.section_entry_size + _FLAGS_AT
    changed[at : at + 4] = (table.flags | DONE).to_bytes(4, "little")
    return bytes(changed)


def inject(data: bytes, origin: str) -> bytes:
    """An extension whose undefined symbols have their SLIDs.

    Raises:
        BuildError: one has a value already.
        ElfError: the file is malformed.
    """
    elf = ElfFile.parse(data, origin)
    table = elf.symbol_section
    changed = bytearray(data)
    for symbol in elf.symbols:
        if not symbol.undefined or symbol.type != c.STT_NOTYPE or symbol.binding != c.STB_GLOBAL:
            continue
        number = slid(symbol.name)
        if symbol.value not in (0, number):
            raise BuildError(f"{origin}: the undefined symbol {symbol.name!r} has the value {symbol.value:#x} already")
        assert table is not None
        at = table.offset + symbol.index * table.entry_size + _VALUE_AT
        changed[at : at + 4] = number.to_bytes(4, "little")
    return bytes(changed)


def main(words: Sequence[str]) -> int:
    """Prepares a firmware in place."""
    path = Path(words[0])
    try:
        data = path.read_bytes()
        changed = prepare(data, path.name)
    except LlextError as error:
        path.unlink(missing_ok=True)
        print(f"error: {error}", file=sys.stderr)
        return 1
    if changed != data:
        cache.write_file(path, changed)
    return 0
