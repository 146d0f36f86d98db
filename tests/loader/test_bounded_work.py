"""Files whose headers claim much more than they hold: what a load reads, decodes, takes and says is bounded by their size.

Counted by the source, by the host's own account of memory, and by calls; never by time.
"""

import struct
import sys
import tracemalloc

import pytest
from raw_elf import ALLOC, CODE, RawElf, entries

from llext import Board, ElfError, HeapError, LinkError, LoadError
from llext.arch.arm_attributes import attributes
from llext.elf import ElfFile, packed
from llext.elf import constants as c
from llext.elf.reader import Section
from llext.link import exported_names, plan, stock_notes, stock_rules
from llext.link import refused as refused_files
from llext.loader import BufferSource

FUNC, OBJECT = c.STB_GLOBAL << 4 | c.STT_FUNC, c.STB_GLOBAL << 4 | c.STT_OBJECT
UNDEFINED = c.STB_GLOBAL << 4
ABS32, CALL = 2, 10


class Counting(BufferSource):
    """Counts what it gives; shows nothing in place, so that all is read."""

    def __init__(self, data):
        super().__init__(data, "hostile")
        self.size = len(data)
        self.given = 0

    def read(self, size):
        data = super().read(size)
        self.given += len(data)
        return data

    def peek(self, offset, size):
        return None


def host_memory(work):
    """Most bytes of host memory that something held at once; what it imports when it is first done is not counted."""
    work()
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def calls(work):
    """Calls of functions, Python's own among them, that something took."""
    count = 0

    def note(_frame, event, _arg):
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


def refused(board, data, error, text):
    """The error of a file that is refused; bytes read are counted."""
    source = Counting(data)
    free = board.heap.free_chunks()
    with pytest.raises(error, match=text) as caught:
        board.load(source, "hostile")
    assert source.given == board._loader.cost.bytes_read <= 4 * len(data)
    assert board.heap.free_chunks() == free
    assert len(str(caught.value)) < 20_000
    return caught.value


def test_thousands_of_relocation_sections_over_one_range_are_not_read_one_by_one(board):
    raw = RawElf()
    text = raw.section(".text", c.SHT_PROGBITS, raw.put(bytes(4)), flags=CODE)
    symbols = raw.symbols([(0, 1, 0, FUNC, text)])
    table = raw.put(entries(*[(0, ABS32, 1)] * 10_000))
    name = raw.name(".rel.text")
    for _ in range(3000):
        raw.section(name, c.SHT_REL, table, link=symbols, info=text, entry_size=8)
    refused(board, raw.build(), ElfError, "its sections overlap|relocation sections overlap")
    assert board._loader.cost.relocations == 0


def test_thousands_of_symbol_tables_over_one_range_are_not_read_one_by_one(board):
    raw = RawElf()
    text = raw.section(".text", c.SHT_PROGBITS, raw.put(bytes(4)), flags=CODE)
    raw.symbols([(0, 1, 0, FUNC, text)])
    table, name = raw.put(bytes(100_000)), raw.name(".symtab")
    for _ in range(3000):
        raw.section(name, c.SHT_SYMTAB, table, link=0, entry_size=16)
    refused(board, raw.build(), ElfError, "its sections overlap")


def test_the_last_byte_that_a_header_names_does_not_make_the_file_longer(board):
    raw = RawElf()
    text = raw.section(".text", c.SHT_PROGBITS, raw.put(bytes(4)), flags=CODE)
    symbols = raw.symbols([(0, 1, 0, FUNC, text)])
    table, name = raw.put(entries(*[(0, ABS32, 1)] * 10_000)), raw.name(".rel.text")
    for _ in range(1000):
        raw.section(name, c.SHT_REL, table, link=symbols, info=text, entry_size=8)
    raw.section(name, c.SHT_REL, (0x7FFFFFF0, 0x7FFFFFF0), link=symbols, info=text, entry_size=8)
    refused(board, raw.build(), ElfError, "its sections overlap")


def test_fields_of_branches_are_not_read_again_for_each_of_thousands_of_tables(board):
    raw = RawElf()
    text = raw.section(".text", c.SHT_PROGBITS, raw.put(bytes.fromhex("fff7feff") * 10_000), flags=CODE)
    symbols = raw.symbols([(1, 0, 0, UNDEFINED, 0)], b"\0far\0")
    name = raw.name(".rel.text")
    for _ in range(3000):
        table = raw.put(entries((0, CALL, 1), (39_996, CALL, 1)))
        raw.section(name, c.SHT_REL, table, link=symbols, info=text, entry_size=8)
    refused(board, raw.build(), ElfError, "its sections overlap")


def test_symbols_that_share_one_endless_name_are_refused_before_the_names_are_made(board):
    raw = RawElf()
    text = raw.section(".text", c.SHT_PROGBITS, raw.put(bytes(4)), flags=CODE)
    raw.symbols([(at, 1, 0, FUNC, text) for at in range(20_000)], b"\0" + b"x" * 300_000)
    data = raw.build()
    assert host_memory(lambda: refused(board, data, ElfError, "names overlap")) < 40 * len(data)


def test_sections_that_share_one_endless_name_are_refused_before_the_names_are_made(board):
    raw = RawElf()
    place = raw.put(bytes(4))
    for at in range(20_000):
        raw.section(1 + at, c.SHT_PROGBITS, place)
    raw.names += b"x" * 300_000
    data = raw.build()
    assert host_memory(lambda: refused(board, data, ElfError, "names overlap")) < 40 * len(data)


def many_exports(size):
    """A file with 4,000 exports, each named by so much of a string as is left from its place on, and an entry each."""
    raw = RawElf()
    text = raw.section(".text", c.SHT_PROGBITS, raw.put(bytes(4)), flags=CODE)
    rodata = raw.section(".rodata", c.SHT_PROGBITS, raw.put(b"x" * size), flags=ALLOC)
    table = b"".join(struct.pack("<II", at, 0) for at in range(4000))
    exported = raw.section(".exported_sym", c.SHT_PROGBITS, raw.put(table), flags=ALLOC)
    symbols = raw.symbols([(0, 1, 0, FUNC, text), (0, 0, 0, OBJECT, rodata)])
    names = raw.put(entries(*[(8 * at, ABS32, 2) for at in range(4000)]))
    raw.section(".rel.exported_sym", c.SHT_REL, names, link=symbols, info=exported, entry_size=8)
    return raw.build()


def test_exports_that_share_one_long_name_are_refused_before_the_names_are_made():
    data = many_exports(9000)
    with Board(heap_size=512 * 1024) as board:
        used = host_memory(lambda: refused(board, data, LoadError, "the names of its 4000 entries overlap"))
    assert used < 40 * len(data)


def test_inspect_refuses_them_before_the_names_are_made_too():
    data = many_exports(200_000)

    def names():
        with pytest.raises(ElfError, match="names overlap"):
            exported_names(ElfFile.parse(data))

    assert host_memory(names) < 100 * len(data)


def test_inspect_bounds_the_names_of_many_sections_together():
    raw = RawElf()
    homes = [raw.section(".rodata", c.SHT_PROGBITS, raw.put(b"x" * 2000), flags=ALLOC) for _ in range(50)]
    exported = raw.section(".exported_sym", c.SHT_PROGBITS, raw.put(bytes(8 * 5000)), flags=ALLOC)
    symbols = raw.symbols([(0, 0, 0, OBJECT, home) for home in homes])
    names = raw.put(entries(*[(8 * at, ABS32, 1 + at % 50) for at in range(5000)]))
    raw.section(".rel.exported_sym", c.SHT_REL, names, link=symbols, info=exported, entry_size=8)
    with pytest.raises(ElfError, match="names overlap"):
        exported_names(ElfFile.parse(raw.build()))


def test_inspect_does_not_read_one_range_for_each_of_thousands_of_sections_with_names():
    raw = RawElf()
    place, name = raw.put(b"x" * 100_000), raw.name(".rodata")
    homes = [raw.section(name, c.SHT_PROGBITS, place, flags=ALLOC) for _ in range(3000)]
    exported = raw.section(".exported_sym", c.SHT_PROGBITS, raw.put(bytes(8 * len(homes))), flags=ALLOC)
    symbols = raw.symbols([(0, 0, 0, OBJECT, home) for home in homes])
    names = raw.put(entries(*[(8 * at, ABS32, 1 + at) for at in range(len(homes))]))
    raw.section(".rel.exported_sym", c.SHT_REL, names, link=symbols, info=exported, entry_size=8)
    data = raw.build()

    def look():
        with pytest.raises(ElfError, match="the file ranges of its 3000 sections with names of exports overlap"):
            exported_names(ElfFile.parse(data))

    assert host_memory(look) < 40 * len(data)


def test_one_name_of_a_megabyte_is_shortened_in_messages(board):
    raw = RawElf()
    text = raw.section(".text", c.SHT_PROGBITS, raw.put(bytes(4)), flags=CODE)
    symbols = raw.symbols([(1, 0, 0, UNDEFINED, 0)], b"\0" + b"long" * 250_000)
    raw.section(".rel.text", c.SHT_REL, raw.put(entries((0, ABS32, 1))), link=symbols, info=text, entry_size=8)
    with Board(heap_size=2 << 20) as roomy:
        error = refused(roomy, raw.build(), LinkError, r"nothing provides 'longlong.*\.\.\.\(\d+ more\)\.\.\..*longlong'")
    assert "Somebody must provide it" in error.hint
    assert len(error.hint) < 5000


@pytest.mark.parametrize("size", [0x7FFFFFFF, 0xFFFFFFFF])
@pytest.mark.parametrize("heap_size", [None, 1 << 20])
def test_memory_that_a_header_asks_for_and_the_heap_has_not_is_taken_nowhere(size, heap_size):
    raw = RawElf()
    text = raw.section(".text", c.SHT_PROGBITS, raw.put(bytes(4)), flags=CODE)
    raw.section(".bss", c.SHT_NOBITS, (52, size), flags=ALLOC | c.SHF_WRITE, alignment=1 << 31)
    raw.symbols([(0, 1, 0, FUNC, text)])
    data = raw.build()
    with Board(heap_size=heap_size) as board:
        used = host_memory(lambda: refused(board, data, HeapError, "has no room for its region bss"))
        assert board._loader.cost.bytes_allocated <= board.layout.heap_size
    assert used < 1 << 20


@pytest.mark.parametrize(("value", "size"), [(1 << 31, 4), (4, 0xFFFFFFFF)])
def test_a_huge_common_symbol_is_refused_by_the_heap(board, value, size):
    raw = RawElf()
    raw.section(".text", c.SHT_PROGBITS, raw.put(bytes(4)), flags=CODE)
    raw.symbols([(0, value, size, OBJECT, c.SHN_COMMON)])
    data = raw.build()
    assert host_memory(lambda: refused(board, data, HeapError, "has no room for its region bss")) < 1 << 20


def test_a_table_of_four_gigabytes_is_not_given_room_before_it_is_read_from_a_file(board, tmp_path):
    raw = RawElf()
    text = raw.section(".text", c.SHT_PROGBITS, raw.put(bytes(4)), flags=CODE)
    raw.symbols([(0, 1, 0, FUNC, text)])
    raw.section(".rel.text", c.SHT_REL, (52, 0xFFFFFFF8), link=3, info=text, entry_size=8)
    path = tmp_path / "huge.llext"
    path.write_bytes(raw.build())

    def load():
        with pytest.raises(ElfError, match="truncated: 4294967288 bytes at offset 0x34 lie behind the end"):
            board.load(path)

    assert host_memory(load) < 1 << 20


def test_offsets_that_no_file_has_are_behind_its_end_from_a_file_too(board, tmp_path):
    ident = b"\x7fELF\2\1\1" + bytes(9)
    head = struct.pack("<HHIQQQIHHHHHH", c.ET_REL, c.EM_ARM, 1, 0, 0, (1 << 64) - 64, 0, 64, 0, 0, 64, 3, 1)
    path = tmp_path / "far.llext"
    path.write_bytes(ident + head)
    with pytest.raises(ElfError, match="truncated: the section header table ends at offset"):
        board.load(path)


def test_a_number_without_end_in_the_build_attributes_is_no_larger_than_any_other():
    raw = RawElf()
    vendor = b"aeabi\0" + b"\1" + struct.pack("<I", 100_006) + b"\6" + b"\xff" * 100_000
    raw.section(".ARM.attributes", c.SHT_ARM_ATTRIBUTES, raw.put(b"A" + struct.pack("<I", len(vendor)) + vendor), alignment=1)
    found = attributes(ElfFile.parse(raw.build()))
    assert max(value.bit_length() for value in found.values()) < 80


def test_a_uleb128_field_that_does_not_end_is_not_looked_through():
    raw = RawElf(c.EM_RISCV)
    raw.section(".text", c.SHT_PROGBITS, raw.put(b"\x80" * 4000), flags=CODE)
    symbols = raw.symbols([(0, 0, 0, FUNC, 1)])
    table = b"".join(struct.pack("<IIi", 0, 1 << 8 | 60, 0) for _ in range(4))
    raw.section(".rela.text", c.SHT_RELA, raw.put(table), link=symbols, info=1, entry_size=12)
    with Board("qemu_riscv32") as board:
        refused(board, raw.build(), LinkError, "R_RISCV_SET_ULEB128 at .text")


def many_texts(count, machine=c.EM_RISCV, size=0x40000):
    """So many sections of code that claim one range of a small file, and branches from each to one undefined symbol."""
    raw = RawElf(machine)
    place, name, rela = raw.put(bytes(64)), raw.name(".text"), raw.name(".rela.text")
    symbols = raw.symbols([(1, 0, 0, UNDEFINED, 0)], b"\0far\0")
    for _ in range(count):
        text = raw.section(name, c.SHT_PROGBITS, (place[0], size), flags=CODE)
        table = raw.put(struct.pack("<IIi", 0, 1 << 8 | 17, 0))
        raw.section(rela, c.SHT_RELA, table, link=symbols, info=text, entry_size=12)
    return raw.build()


@pytest.fixture(params=["arrays", "one by one"])
def _both_ways(request, monkeypatch):
    """Relocations as arrays or one by one, whatever their number."""
    if request.param == "arrays":
        pytest.importorskip("numpy")
    monkeypatch.setattr(packed, "WORTHWHILE", 1 if request.param == "arrays" else 1 << 30)


@pytest.mark.usefixtures("_both_ways")
def test_four_times_the_sections_take_four_times_the_calls_even_where_each_has_its_veneers():
    with Board("qemu_riscv32") as board:

        def load(data):
            with pytest.raises((ElfError, HeapError)):
                board.load(BufferSource(data), "many")

        small, large = many_texts(200), many_texts(800)
        load(small)
        one, four = calls(lambda: load(small)), calls(lambda: load(large))
    assert four < 4.5 * one


@pytest.mark.usefixtures("_both_ways")
def test_calls_grow_as_the_file_does_where_all_is_loaded():
    def file(count):
        raw = RawElf()
        name, rel = raw.name(".text"), raw.name(".rel.text")
        symbols = raw.symbols([(1, 0, 0, UNDEFINED, 0)], b"\0printk\0")
        for _ in range(count):
            text = raw.section(name, c.SHT_PROGBITS, raw.put(bytes.fromhex("fff7feff")), flags=CODE)
            table = raw.put(entries((0, CALL, 1)))
            raw.section(rel, c.SHT_REL, table, link=symbols, info=text, entry_size=8)
        return raw.build()

    with Board(heap_size=1 << 20) as board:

        def load(data):
            extension = board.load(BufferSource(data), "many")
            assert extension.relocations * 8 < len(data)
            board.unload(extension)

        small, large = file(100), file(400)
        load(small)
        assert calls(lambda: load(large)) < 4.5 * calls(lambda: load(small))


def texts(count):
    raw = RawElf()
    name = raw.name(".text")
    for _ in range(count):
        raw.section(name, c.SHT_PROGBITS, raw.put(bytes(4)), flags=CODE)
    raw.symbols([(0, 1, 0, FUNC, 1)])
    return raw


def arrays(count):
    raw = RawElf()
    name, rel = raw.name(".init_array"), raw.name(".rel.init_array")
    raw.section(".text", c.SHT_PROGBITS, raw.put(bytes(4)), flags=CODE)
    symbols = raw.symbols([(0, 1, 0, FUNC, 1)])
    for _ in range(count):
        array = raw.section(name, c.SHT_INIT_ARRAY, raw.put(bytes(4)), flags=ALLOC | c.SHF_WRITE, entry_size=4)
        raw.section(rel, c.SHT_REL, raw.put(entries((0, ABS32, 1))), link=symbols, info=array, entry_size=8)
    return raw


@pytest.mark.parametrize("file", [texts, arrays])
def test_looks_at_sections_grow_as_their_number_does(monkeypatch, file):
    """Comparing one and reading its sh_info are made calls, to be counted."""
    monkeypatch.setattr(Section, "__eq__", lambda self, other: tuple(self) == tuple(other))
    monkeypatch.setattr(Section, "info", property(lambda self: tuple(self)[Section._fields.index("info")]))
    small, large = file(200).build(), file(800).build()  # both enough for arrays, if numpy is there
    plan(ElfFile.parse(small), stock_rules())
    one, four = (calls(lambda data=data: plan(ElfFile.parse(data), stock_rules())) for data in (small, large))
    assert four < 4.5 * one


def test_looks_at_sections_of_a_file_that_we_refuse_grow_as_their_number_does(monkeypatch):
    def look(row, name):
        return object.__getattribute__(row, name)

    monkeypatch.setattr(refused_files._Row, "__getattribute__", look)

    def file(count):
        raw = RawElf()
        name, rel = raw.name(".comment"), raw.name(".rel.comment")
        raw.section(".text", c.SHT_PROGBITS, raw.put(bytes(4)), flags=CODE, alignment=3)
        for _ in range(count):
            comment = raw.section(name, c.SHT_PROGBITS, raw.put(bytes(4)))
            raw.section(rel, c.SHT_REL, raw.put(entries((0, ABS32, 1))), info=comment, entry_size=8)
        raw.symbols([(0, 1, 0, FUNC, 1)])
        return raw.build()

    small, large = file(100), file(400)
    with pytest.raises(LoadError, match="alignment 3 is not a power of two"):
        plan(ElfFile.parse(small), stock_rules())
    assert calls(lambda: stock_notes(large, stock_rules())) < 4.5 * calls(lambda: stock_notes(small, stock_rules()))
