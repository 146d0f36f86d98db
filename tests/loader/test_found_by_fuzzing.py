"""Each way in which a damaged file once got past the checks: now one clear error, and nothing changed on the board."""

import struct

import pytest
from raw_elf import ALLOC, CODE, RawElf, entries

from llext import ElfError, LoadError
from llext.elf import constants as c
from llext.elf import packed

FUNC, OBJECT = c.STB_GLOBAL << 4 | c.STT_FUNC, c.STB_GLOBAL << 4 | c.STT_OBJECT


def refused(board, raw, error, text):
    free = board.heap.free_chunks()
    with pytest.raises(error, match=text) as caught:
        board.load(raw.build(), "bad")
    assert type(caught.value) is error
    assert (board.heap.free_chunks(), board.extensions) == (free, ())


@pytest.fixture(params=["arrays", "one by one"])
def _both_ways(request, monkeypatch):
    if request.param == "arrays":
        pytest.importorskip("numpy")
    monkeypatch.setattr(packed, "WORTHWHILE", 1 if request.param == "arrays" else 1 << 30)


def with_text(*symbols, machine=c.EM_ARM, contents=bytes(8)):
    """A file with a text and symbols, and the index of its symbol table."""
    raw = RawElf(machine)
    text = raw.section(".text", c.SHT_PROGBITS, raw.put(contents), flags=CODE)
    return raw, raw.symbols([(0, 1, 0, FUNC, text), *symbols])


@pytest.mark.usefixtures("_both_ways")
def test_a_symbol_table_that_ends_within_a_symbol_is_refused(board):
    raw, table = with_text()
    raw.section(".rel.text", c.SHT_REL, raw.put(entries((0, 2, 0))), link=table, info=1, entry_size=8)
    row = raw.rows[table]
    raw.rows[table] = (*row[:5], row[5] - 1, *row[6:])
    refused(board, raw, ElfError, r"\.symtab has entries of 16 bytes and 31 bytes in all")


@pytest.mark.usefixtures("_both_ways")
def test_a_symbol_in_a_section_that_is_not_there_is_refused_though_nobody_uses_it(board):
    raw, table = with_text((0, 0, 0, FUNC, 77))
    raw.section(".rel.text", c.SHT_REL, raw.put(entries((0, 2, 1))), link=table, info=1, entry_size=8)
    refused(board, raw, ElfError, "symbol 2 is in section 77")


@pytest.mark.usefixtures("_both_ways")
def test_a_symbol_whose_name_is_behind_its_table_is_refused_though_nobody_uses_it(board):
    raw, table = with_text((99, 0, 0, FUNC, 1))
    raw.section(".rel.text", c.SHT_REL, raw.put(entries((0, 2, 1))), link=table, info=1, entry_size=8)
    refused(board, raw, ElfError, "symbol 2: name at offset 0x63 of 0x1 bytes")


@pytest.mark.parametrize("alignment", [3, 12, 0x80000004])
def test_a_common_symbol_whose_alignment_is_none_is_refused_and_named(board, alignment):
    raw = RawElf()
    raw.section(".text", c.SHT_PROGBITS, raw.put(bytes(8)), flags=CODE)
    raw.symbols([(1, alignment, 4, OBJECT, c.SHN_COMMON)], b"\0loose\0")
    refused(board, raw, LoadError, f"COMMON symbol 'loose': alignment {alignment} is not a power of two")


@pytest.mark.usefixtures("_both_ways")
@pytest.mark.parametrize("number", [2, 10])
def test_relocations_of_a_file_without_any_symbol_table_are_refused(board, number):
    raw = RawElf()
    text = raw.section(".text", c.SHT_PROGBITS, raw.put(bytes(8)), flags=CODE)
    raw.section(".rel.text", c.SHT_REL, raw.put(entries((0, number, 0))), info=text, entry_size=8)
    refused(board, raw, LoadError, "no symbol table")


@pytest.mark.usefixtures("_both_ways")
@pytest.mark.parametrize("number", [2, 10])
def test_relocations_with_an_empty_symbol_table_are_refused(board, number):
    raw = RawElf()
    text = raw.section(".text", c.SHT_PROGBITS, raw.put(bytes(8)), flags=CODE)
    strings = raw.section(".strtab", c.SHT_STRTAB, raw.put(b"\0"), alignment=1)
    table = raw.section(".symtab", c.SHT_SYMTAB, (52, 0), link=strings, entry_size=16)
    raw.section(".rel.text", c.SHT_REL, raw.put(entries((0, number, 0))), link=table, info=text, entry_size=8)
    refused(board, raw, ElfError, "uses symbol 0; there are 0")


def test_an_export_table_without_contents_is_no_export_table(board):
    raw = RawElf()
    text = raw.section(".text", c.SHT_PROGBITS, raw.put(bytes(8)), flags=CODE)
    raw.section(".exported_sym", c.SHT_PROGBITS, raw.put(bytes(8)), flags=ALLOC)
    empty = raw.section(".exported_sym", c.SHT_NOBITS, (52, 64), flags=ALLOC)
    table = raw.symbols([(0, 1, 0, FUNC, text)])
    raw.section(".rel.exported_sym", c.SHT_REL, raw.put(entries((56, 2, 1))), link=table, info=empty, entry_size=8)
    with pytest.raises(LoadError, match="a name at 0x00000000, where there is no memory"):
        board.load(raw.build(), "bad")
    assert board.extensions == ()


def test_an_export_whose_name_has_no_end_is_refused_as_a_bad_file(board):
    block = board.memory.blocks[-1]
    board.memory.write(block.end - 8, b"\1" * 8)
    raw, table = with_text((0, block.end - 8, 0, OBJECT, c.SHN_ABS))
    exported = raw.section(".exported_sym", c.SHT_PROGBITS, raw.put(bytes(8)), flags=ALLOC)
    raw.section(".rel.exported_sym", c.SHT_REL, raw.put(entries((0, 2, 2))), link=table, info=exported, entry_size=8)
    refused(board, raw, LoadError, "where there is no memory or no end of it")


@pytest.mark.parametrize("profile", [b"\x80\x80\x80\x80\x08", b"\xff\xff\xff\xff\xff\xff\xff\x7f"])
def test_a_build_attribute_beyond_every_character_is_no_profile(board, profile):
    raw, _ = with_text()
    tags = b"\6\x0a" + b"\7" + profile + b"\x1c\0"
    vendor = b"aeabi\0" + b"\1" + struct.pack("<I", 5 + len(tags)) + tags
    body = b"A" + struct.pack("<I", 4 + len(vendor)) + vendor
    raw.section(".ARM.attributes", c.SHT_ARM_ATTRIBUTES, raw.put(body), alignment=1)
    board.unload(board.load(raw.build(), "odd"))
