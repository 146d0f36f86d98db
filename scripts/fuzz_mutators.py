"""Ways to damage an ELF file. Mutant i of seed S is a function of S, i and the files: what came before does not matter.

Offsets of tables are those of the undamaged file, so that a second damage still meets a table that the first one moved.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fuzz_seeds import Seed

from llext.elf import ElfFile, Section
from llext.elf import constants as c

Chance = random.Random
Damage = Callable[["Parts", bytearray, Chance, Sequence["Parts"]], None]

_HEADER_FIELDS = ((16, 2), (18, 2), (20, 4), (24, 4), (28, 4), (32, 4), (36, 4), (40, 2), (42, 2), (44, 2), (46, 2), (48, 2),
                  (50, 2), (4, 1), (5, 1), (6, 1), (0, 4))  # fmt: skip
"""Offset and size of the fields of an ELF32 header (gABI, "ELF Header")."""
_SYMBOL_FIELDS = ((0, 4), (4, 4), (8, 4), (12, 1), (13, 1), (14, 2))
_ODD = (0, 1, 2, 3, 4, 7, 8, 12, 15, 16, 31, 32, 0x7F, 0x80, 0xFF, 0x100, 0xFFF, 0x1000, 0x7FFF, 0x8000, 0xFEFF, 0xFF00, 0xFFF1,
        0xFFF2, 0xFFFE, 0xFFFF, 0x10000, 0x100000, 0x20000000, 0x7FFFFFFC, 0x7FFFFFFF, 0x80000000, 0xFFFFFF00, 0xFFFFFFFC,
        0xFFFFFFFE, 0xFFFFFFFF)  # fmt: skip
_TYPES = (*range(12), 14, 15, 16, 17, 18, 0x70000001, 0x70000003, 0x6FFFFFF6)
_FLAGS = (0, 1, 2, 3, 4, 6, 7, 0x10, 0x12, 0x20, 0x32, 0x40, 0x200, 0x400, 0x402, 0x403)


@dataclass(frozen=True)
class Parts:
    """A file and where the parts of it lie."""

    seed: Seed
    elf: ElfFile
    table: int
    relocations: tuple[Section, ...]
    symbols: Section
    strings: tuple[Section, ...]

    @property
    def count(self) -> int:
        """Number of section headers."""
        return len(self.elf.sections)

    def header(self, index: int) -> int:
        """File offset of a section header."""
        return self.table + 40 * index


def parts_of(seed: Seed) -> Parts:
    """The parts of an undamaged file."""
    elf = ElfFile.parse(seed.data, seed.name)
    relocations = tuple(section for section in elf.relocation_sections if section.size)
    strings = tuple(section for section in elf.sections if section.type == c.SHT_STRTAB)
    assert elf.symbol_section is not None
    return Parts(seed, elf, elf.header.section_offset, relocations, elf.symbol_section, strings)


def put(data: bytearray, at: int, size: int, value: int) -> None:
    """Stores a field where there is room for it."""
    if at >= 0 and at + size <= len(data):
        data[at : at + size] = (value & (1 << 8 * size) - 1).to_bytes(size, "little")


def get(data: bytearray, at: int, size: int) -> int:
    """The field there, or 0."""
    return int.from_bytes(data[at : at + size], "little")


def number(parts: Parts, data: bytearray, chance: Chance, old: int) -> int:
    """A number that somebody may not have thought of."""
    way = chance.randrange(8)
    if way < 3:
        return chance.choice(_ODD)
    if way == 3:
        return old + chance.choice((-8, -4, -2, -1, 1, 2, 4, 8))
    if way == 4:
        return old ^ 1 << chance.randrange(32)
    if way == 5:
        section = chance.choice(parts.elf.sections)
        return chance.choice((section.offset, section.size, section.offset + section.size)) + chance.randrange(-1, 2)
    if way == 6:
        return chance.choice((len(data), parts.count, len(parts.elf.symbols), parts.table)) + chance.randrange(-1, 2)
    return chance.getrandbits(32)


def odd_field(parts: Parts, data: bytearray, chance: Chance, at: int, size: int) -> None:
    """Another number in a field."""
    put(data, at, size, number(parts, data, chance, get(data, at, size)))


# The damages --------------------------------------------------------------------------------------------------------------


def file_header(parts: Parts, data: bytearray, chance: Chance, _others: Sequence[Parts]) -> None:
    odd_field(parts, data, chance, *chance.choice(_HEADER_FIELDS))


def section_header(parts: Parts, data: bytearray, chance: Chance, _others: Sequence[Parts]) -> None:
    index, field = chance.randrange(parts.count), chance.randrange(10)
    at = parts.header(index) + 4 * field
    if field == 1 and chance.random() < 0.7:
        put(data, at, 4, chance.choice(_TYPES))
    elif field == 2 and chance.random() < 0.7:
        put(data, at, 4, chance.choice(_FLAGS))
    elif field in (6, 7) and chance.random() < 0.7:
        put(data, at, 4, chance.randrange(parts.count + 1))
    elif field == 8 and chance.random() < 0.7:
        put(data, at, 4, 1 << chance.randrange(32))
    else:
        odd_field(parts, data, chance, at, 4)


def borrowed_header_field(parts: Parts, data: bytearray, chance: Chance, _others: Sequence[Parts]) -> None:
    """One field of another section's header: the same name, file range, target and so on."""
    field, one, two = chance.randrange(10), chance.randrange(parts.count), chance.randrange(parts.count)
    put(data, parts.header(one) + 4 * field, 4, get(data, parts.header(two) + 4 * field, 4))


def swapped_headers(parts: Parts, data: bytearray, chance: Chance, _others: Sequence[Parts]) -> None:
    one, two = (parts.header(chance.randrange(parts.count)) for _ in range(2))
    first, second = data[one : one + 40], data[two : two + 40]
    if len(first) == len(second) == 40:
        data[one : one + 40], data[two : two + 40] = second, first


def copied_header(parts: Parts, data: bytearray, chance: Chance, _others: Sequence[Parts]) -> None:
    one, two = (parts.header(chance.randrange(parts.count)) for _ in range(2))
    row = data[one : one + 40]
    if len(row) == 40 and two + 40 <= len(data):
        data[two : two + 40] = row


def more_headers(parts: Parts, data: bytearray, chance: Chance, _others: Sequence[Parts]) -> None:
    """The section table moved to the end of the file, longer by copies of its own rows."""
    rows = [data[parts.header(index) : parts.header(index) + 40] for index in range(parts.count)]
    for _ in range(chance.choice((1, 2, 5, 40))):
        rows.append(bytearray(chance.choice(rows)))
    put(data, 32, 4, len(data))
    put(data, 48, 2, len(rows))
    data += b"".join(rows)


def symbol(parts: Parts, data: bytearray, chance: Chance, _others: Sequence[Parts]) -> None:
    at = parts.symbols.offset + 16 * chance.randrange(len(parts.elf.symbols))
    offset, size = chance.choice(_SYMBOL_FIELDS)
    if offset == 14 and chance.random() < 0.7:
        put(data, at + 14, 2, chance.choice((0, 0xFFF1, 0xFFF2, chance.randrange(parts.count + 1))))
    elif offset == 12 and chance.random() < 0.7:
        put(data, at + 12, 1, chance.randrange(4) << 4 | chance.randrange(8))
    else:
        odd_field(parts, data, chance, at + offset, size)


def relocation(parts: Parts, data: bytearray, chance: Chance, _others: Sequence[Parts]) -> None:
    if not parts.relocations:
        return
    section = chance.choice(parts.relocations)
    width = section.entry_size
    at = section.offset + width * chance.randrange(section.size // width)
    way = chance.randrange(5)
    if way == 0:
        odd_field(parts, data, chance, at, 4)
    elif way == 1:
        put(data, at, 4, chance.randrange(max(1, parts.elf.sections[section.info].size)))
    elif way == 2:
        put(data, at + 4, 1, chance.randrange(110 if width == 8 else 66))
    elif way == 3:
        put(data, at + 5, 3, chance.randrange(len(parts.elf.symbols) + 1))
    else:  # the addend, in the table or in the field
        field = at + 8 if width == 12 else parts.elf.sections[section.info].offset + get(data, at, 4)
        odd_field(parts, data, chance, field, 4)


def swapped_relocations(parts: Parts, data: bytearray, chance: Chance, _others: Sequence[Parts]) -> None:
    if not parts.relocations:
        return
    section = chance.choice(parts.relocations)
    width = section.entry_size
    one, two = (section.offset + width * chance.randrange(section.size // width) for _ in range(2))
    first, second = data[one : one + width], data[two : two + width]
    if len(first) == len(second) == width:
        data[one : one + width], data[two : two + width] = second, first if chance.random() < 0.5 else second


def string(parts: Parts, data: bytearray, chance: Chance, _others: Sequence[Parts]) -> None:
    table = chance.choice(parts.strings)
    way = chance.randrange(3)
    if way == 0:
        put(data, table.offset + chance.randrange(max(1, table.size)), 1, chance.choice((0, 0xFF, 0x2E, chance.randrange(256))))
    elif way == 1:
        for at in range(table.offset, min(table.offset + table.size, len(data))):
            if not data[at]:
                data[at] = 0x41
    else:  # a section's or a symbol's name begins where another one's does, or in the middle of it
        at = chance.choice((parts.header(chance.randrange(parts.count)),
                            parts.symbols.offset + 16 * chance.randrange(len(parts.elf.symbols))))  # fmt: skip
        put(data, at, 4, chance.randrange(table.size + 2))


def cut(_parts: Parts, data: bytearray, chance: Chance, _others: Sequence[Parts]) -> None:
    del data[chance.choice((chance.randrange(len(data) + 1), max(0, len(data) - 1 - chance.randrange(64)))) :]


def longer(_parts: Parts, data: bytearray, chance: Chance, _others: Sequence[Parts]) -> None:
    size = chance.choice((1, 3, 4, 16, 1000))
    at = chance.choice((len(data), chance.randrange(len(data) + 1)))
    data[at:at] = chance.choice((bytes(size), chance.randbytes(size)))


def splice(_parts: Parts, data: bytearray, chance: Chance, others: Sequence[Parts]) -> None:
    """A piece of another file in the place of a piece of this one."""
    other = chance.choice(others).seed.data
    size = chance.choice((4, 16, 40, 200, 1000, len(data)))
    start, at = chance.randrange(len(other)), chance.randrange(len(data) + 1)
    data[at : at + size] = other[start : start + size]


def tail_of_another(_parts: Parts, data: bytearray, chance: Chance, others: Sequence[Parts]) -> None:
    other = chance.choice(others)
    at = chance.choice((52, other.table, chance.randrange(len(data) + 1)))
    data[at:] = other.seed.data[at:]


def some_bytes(_parts: Parts, data: bytearray, chance: Chance, _others: Sequence[Parts]) -> None:
    for _ in range(chance.choice((1, 1, 2, 8))):
        put(data, chance.randrange(len(data) + 1), 1, chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256))))


def some_word(parts: Parts, data: bytearray, chance: Chance, _others: Sequence[Parts]) -> None:
    odd_field(parts, data, chance, 4 * chance.randrange(len(data) // 4 + 1), 4)


def contents(parts: Parts, data: bytearray, chance: Chance, _others: Sequence[Parts]) -> None:
    """Bytes of one section: code, constants, the export table, attributes, arrays."""
    section = chance.choice(parts.elf.sections)
    if section.size:
        at = section.offset + chance.randrange(section.size)
        size = min(section.size, chance.choice((1, 2, 4, 16)))
        data[at : at + size] = chance.choice((bytes(size), b"\xff" * size, b"\x80" * size, chance.randbytes(size)))[: len(data)]


def code_for_another_machine(_parts: Parts, data: bytearray, chance: Chance, others: Sequence[Parts]) -> None:
    """The head of a file for the other instruction set, or its class or byte order."""
    other = chance.choice(others).seed.data
    data[: chance.choice((20, 52))] = other[: chance.choice((20, 52))]


DAMAGES: tuple[tuple[Damage, int], ...] = (
    (section_header, 20), (relocation, 20), (symbol, 14), (contents, 6), (string, 5), (borrowed_header_field, 5), (some_word, 4),
    (some_bytes, 4), (swapped_relocations, 3), (file_header, 3), (swapped_headers, 2), (copied_header, 2), (more_headers, 3),
    (cut, 2), (longer, 2), (splice, 3), (tail_of_another, 1), (code_for_another_machine, 1),
)  # fmt: skip
_CHOSEN, _WEIGHTS = zip(*DAMAGES, strict=True)
_SHARES = tuple(sum(_WEIGHTS[: end + 1]) for end in range(len(_WEIGHTS)))


@dataclass(frozen=True)
class Mutant:
    """A damaged file.

    Attributes:
        number: Its number in its series.
        seed: The undamaged file.
        damages: What was done to it.
        data: The result.
        chance: Random numbers for what else is to be chosen about it.
    """

    number: int
    seed: Seed
    damages: tuple[str, ...]
    data: bytes
    chance: Chance


class Series:
    """The mutants of one number, from some files; the small ones among them are taken more often."""

    def __init__(self, number: int, seeds: Sequence[Seed]) -> None:
        self.number = number
        self.parts = [parts_of(seed) for seed in seeds]
        self._often = [part for part in self.parts for _ in range(1 + (30000 // (1000 + len(part.seed.data))) ** 2 // 4)]

    def mutant(self, index: int) -> Mutant:
        """Number ``index``, always the same."""
        chance = random.Random(int.from_bytes(struct.pack("<QQ", self.number & (1 << 64) - 1, index), "little"))
        parts = chance.choice(self._often)
        data = bytearray(parts.seed.data)
        damages = chance.choices(_CHOSEN, cum_weights=_SHARES, k=chance.choice((1, 1, 1, 2, 2, 3, 5)))
        for damage in damages:
            damage(parts, data, chance, self.parts)
        return Mutant(index, parts.seed, tuple(damage.__name__ for damage in damages), bytes(data), chance)
