"""Regions that stay where the storage has them, by loads that a test drives: addresses that are wrong, and loads that fail."""

import pytest
from conftest import PROLOGUE

from llext.elf import ElfFile
from llext.errors import LinkError
from llext.loader import BufferSource, Locate
from llext.loader.in_place import Storage
from llext.machine import Permission

WHOLE = """#ifndef ABSENT
#define ABSENT
#endif
const unsigned char table[500] __attribute__((aligned(512))) = {7};
int absent(void);
int first(void) { return ABSENT ((volatile const unsigned char *)table)[0]; }
EXPORT_SYMBOL(first);
EXPORT_SYMBOL(table);
"""
"""With the two names of exports its constants are 512 bytes: a granule."""


def driven(board, data, answer):
    """Loads bytes from storage that lasts; what is asked for by its place is answered by a function of offset and size."""
    source = BufferSource(data)
    load = board._loader.load("it", origin="a test", storage=Storage.PERSISTENT)
    given = None
    try:
        while True:
            asked = load.send(given)
            if isinstance(asked, Locate):
                given = answer(asked.offset, asked.size)
            else:
                given = getattr(source, type(asked).__name__.lower())(*vars(asked).values())
    except StopIteration as done:
        return done.value


def table_of(data):
    """File offset of the section that holds the table alone."""
    elf = ElfFile.parse(data, "it")
    return next(section.offset for section in elf.sections if section.size == 512 and section.name.startswith(".rodata"))


def test_what_the_storage_has_nowhere_is_copied(board, build):
    data = build(PROLOGUE + WHOLE).read_bytes()
    extension = driven(board, data, lambda offset, size: None)
    assert extension.fn("first")() == 7


def test_what_lies_in_no_memory_is_copied_with_a_warning(board, build):
    data = build(PROLOGUE + WHOLE).read_bytes()
    said = []
    board._loader.log = lambda level, text: said.append((level, text))
    extension = driven(board, data, lambda offset, size: 0xF0000000)
    assert extension.fn("first")() == 7
    assert ("wrn", "Cannot reuse ELF buffer for region 5: there is no memory for all of it at 0xf0000000") in said


def test_constants_that_are_no_whole_granules_are_copied_and_the_warning_says_so(board, build):
    data = build(PROLOGUE + WHOLE.replace("[500]", "[400]")).read_bytes()
    said = []
    board._loader.log = lambda level, text: said.append(text) if level == "wrn" else None
    extension = driven(board, data, lambda offset, size: board.heap.aligned_alloc(512, 1024))
    assert extension.fn("first")() == 7
    assert (
        "Cannot reuse ELF buffer for region 2: its 412 bytes are no whole 512-byte pieces, which have rights of their own"
        in said
    )


@pytest.mark.parametrize("fails", [False, True], ids=["loads", "fails"])
def test_constants_in_place_have_no_rights_left_behind(board, build, fails):
    data = build(PROLOGUE + ("#define ABSENT absent() +\n" if fails else "") + WHOLE).read_bytes()
    offset = table_of(data)
    address = board.heap.aligned_alloc(512, 512)
    board.memory.write(address, data[offset : offset + 512])
    before = board.machine.rights.of(address)
    answer = lambda at, size: address if (at, size) == (offset, 512) else None  # noqa: E731 - one expression is clearer here
    if fails:
        with pytest.raises(LinkError, match="absent"):
            driven(board, data, answer)
    else:
        extension = driven(board, data, answer)
        assert extension.fn("first")() == 7
        assert board.machine.rights.of(address) == Permission.READ
        board.unload(extension)
    assert board.machine.rights.of(address) == before
    board.memory.write(address, bytes(512))


def test_rom_keeps_the_rights_that_it_has_when_a_load_fails(board, build):
    data = build(PROLOGUE + "#define ABSENT absent() +\n" + WHOLE).read_bytes()
    offset = table_of(data)
    rom = next(area for area in board.target.memories if area.kind != "ram")
    address = rom.end - 512
    before = board.machine.rights.of(address)
    with pytest.raises(LinkError, match="absent"):
        driven(board, data, lambda at, size: address if (at, size) == (offset, 512) else None)
    assert board.machine.rights.of(address) == before
