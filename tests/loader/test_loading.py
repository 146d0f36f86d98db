"""What loading means: names, use counts, symbols between extensions, init arrays. Zephyr's semantics."""

import io
import struct

import pytest

from llext import Board, BufferSource, ElfError, GuestFault, HeapError, LoadError, UsageError
from llext.abi.structs import struct_llext
from llext.elf import ElfWriter
from llext.elf import constants as c

COUNTER = "static int count;\nint next(void) { return ++count; }\nEXPORT_SYMBOL(next);"


def test_loading_runs_no_code_and_bringup_runs_the_init_array_in_order(load):
    ext = load(
        "static volatile int order;\n__attribute__((constructor)) static void a(void) { order = order * 10 + 1; }\n"
        "__attribute__((constructor)) static void b(void) { order = order * 10 + 2; }\n"
        "int seen(void) { return order; }\nEXPORT_SYMBOL(seen);"
    )
    assert ext.fn("seen")() == 0
    ext.bringup()
    assert ext.fn("seen")() == 12


def test_teardown_runs_the_fini_array(load, board):
    ext = load('__attribute__((destructor)) static void bye(void) { printk("bye\\n"); }\nvoid f(void) { }\nEXPORT_SYMBOL(f);')
    ext.bootstrap("f")
    assert board.console == "bye\n"


def test_an_init_pointer_outside_text_is_refused_with_efault(load, board):
    ext = load(
        '__attribute__((constructor)) static void a(void) { __asm__ volatile(""); }\nvoid f(void) { }\nEXPORT_SYMBOL(f);'
    )
    region = ext.regions["init"]
    board.memory[region.address : region.address + 4] = struct.pack("<I", board.layout.stack | 1)
    with pytest.raises(LoadError, match="outside its text") as caught:
        ext.bringup()
    assert caught.value.errno.name == "EFAULT"


def test_find_sym_wants_the_exact_name(load):
    ext = load(COUNTER)
    assert ext.find_sym("next") & 1
    assert ext.find_sym("nex") is None
    assert ext.find_sym("Next") is None


def test_only_what_is_exported_is_found(load):
    ext = load("int hidden(void) { return 1; }\nint shown(void) { return hidden(); }\nEXPORT_SYMBOL(shown);")
    assert list(ext.exports) == ["shown"]


def test_an_export_can_have_another_name(load):
    ext = load("int inner(void) { return 3; }\nEXPORT_SYMBOL_NAMED(inner, outer);")
    assert ext.fn("outer")() == 3


def test_a_function_is_shown_with_its_type_extension_and_address(load):
    ext = load(COUNTER)
    assert repr(ext.fn("next")) == f"<int next(void) of ext at {ext.find_sym('next'):#x}>"


@pytest.mark.parametrize(
    ("exports", "shown"), [("EXPORT_SYMBOL(f); EXPORT_SYMBOL_NAMED(f, g);", "exports f, g"), ("", "exports nothing")]
)
def test_an_extension_is_shown_with_its_name_and_exports(load, exports, shown):
    assert repr(load("int f(void) { return 4; }\n" + exports)) == f"<Extension 'ext', {shown}>"


def test_ll_extension_symbol_exports_too(load):
    assert load("int f(void) { return 4; }\nLL_EXTENSION_SYMBOL(f);").fn("f")() == 4


def test_a_loaded_name_is_loaded_once_and_counted(build, board):
    path = build(COUNTER)
    first = board.load(path)
    assert board.load(path) is first
    assert first.use_count == 2
    assert board.unload(first) == 1
    assert first.fn("next")() == 1
    assert board.unload(first) == 0
    with pytest.raises(LoadError, match="not loaded any more"):
        first.call("next")


def test_the_same_file_under_two_names_has_two_addresses_and_two_sets_of_data(build, board):
    path = build(COUNTER)
    one, two = board.load(path, "one"), board.load(path, "two")
    assert one.find_sym("next") != two.find_sym("next")
    assert [one.fn("next")(), one.fn("next")(), two.fn("next")()] == [1, 2, 1]


def test_names_are_cut_to_15_characters(build, board):
    ext = board.load(build(COUNTER), "a_name_of_twenty_chars")
    assert ext.name == "a_name_of_twent"
    assert board.by_name("a_name_of_twenty_chars") is ext


def test_long_names_that_collide_are_refused(build, board):
    path = build(COUNTER)
    board.load(path, "a_name_of_twenty_one")
    with pytest.raises(LoadError, match="same in their first 15 bytes") as caught:
        board.load(path, "a_name_of_twenty_two")
    assert caught.value.errno.name == "EEXIST"
    assert "board.load" not in caught.value.hint  # C code asks too


def test_in_strict_mode_they_are_taken_for_one_as_stock_does(build, board):
    path = build(COUNTER)
    first = board.load(path, "a_name_of_twenty_one")
    assert board.load(path, "a_name_of_twenty_two", strict=True) is first


def test_extensions_call_each_other_and_the_library_stays_while_it_is_used(build, board):
    library = board.load(build("int twice(int x) { return 2 * x; }\nEXPORT_SYMBOL(twice);", "library"))
    user = board.load(build("extern int twice(int);\nint go(int x) { return twice(x) + 1; }\nEXPORT_SYMBOL(go);", "user"))
    assert user.fn("go")(5) == 11
    assert user.dependencies == [library]
    assert board.unload(library) == 1
    assert user.fn("go")(6) == 13
    with pytest.raises(LoadError, match="was unloaded already and stays for 'user'") as caught:
        board.unload(library)
    assert caught.value.errno.name == "EBUSY"
    assert board.unload(user) == 0
    assert board.extensions == ()
    assert board.heap.allocated_bytes == 0


def test_more_than_eight_dependencies_are_counted(build, board):
    libraries = [board.load(build(f"int f{n}(void) {{ return {n}; }}\nEXPORT_SYMBOL(f{n});", f"lib{n}")) for n in range(10)]
    text = "\n".join(f"extern int f{n}(void);" for n in range(10))
    calls = " + ".join(f"f{n}()" for n in range(10))
    user = board.load(build(f"{text}\nint sum(void) {{ return {calls}; }}\nEXPORT_SYMBOL(sum);", "user"))
    assert user.fn("sum")() == 45
    assert all(library.use_count == 2 for library in libraries)


def test_the_firmware_comes_before_extensions_in_the_search(build, board):
    board.load(build("int puts(const char *s) { return 77; }\nEXPORT_SYMBOL(puts);", "fake"))
    ext = board.load(build('#include <stdio.h>\nint go(void) { return puts("x"); }\nEXPORT_SYMBOL(go);', "user"))
    assert ext.fn("go")() == 0
    assert board.console == "x\n"


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 1, 0], [1, 2, 0]])
def test_extensions_are_unloaded_in_any_order_and_every_byte_comes_back(build, board, order):
    before = board.heap.free_chunks()
    loaded = [board.load(build(COUNTER, f"e{n}")) for n in range(3)]
    assert [ext.fn("next")() for ext in loaded] == [1, 1, 1]
    for index in order:
        board.unload(loaded[index])
    assert board.heap.free_chunks() == before


def test_an_undefined_symbol_names_itself_the_nearest_and_what_to_do(build, board):
    path = build('extern void prinkt(const char *);\nvoid go(void) { prinkt("x"); }\nEXPORT_SYMBOL(go);')
    before = board.heap.free_chunks()
    with pytest.raises(LoadError, match="nothing provides 'prinkt'") as caught:
        board.load(path)
    assert caught.value.errno.name == "ENODATA"
    assert "did you mean printk" in caught.value.hint
    assert "EXPORT_SYMBOL(prinkt);" in caught.value.hint
    assert board.heap.free_chunks() == before


def test_a_missing_helper_of_the_compiler_is_taken_for_one(board):
    writer = ElfWriter(c.EM_ARM)
    text = writer.section(".text", bytes.fromhex("704700bf00000000"), flags=c.SHF_ALLOC | c.SHF_EXECINSTR)
    writer.relocate(text, [(4, 2, writer.symbol("__aeabi_fadd"))])
    with pytest.raises(LoadError, match="nothing provides '__aeabi_fadd'") as caught:
        board.load(writer.build(), "helper")
    assert "looks like a compiler helper: 'llext build' joins those in" in caught.value.hint


def test_an_undefined_weak_function_is_null(load):
    ext = load(
        "extern int maybe(void) __attribute__((weak));\nint go(void) { return maybe ? maybe() : -1; }\nEXPORT_SYMBOL(go);"
    )
    assert ext.fn("go")() == -1
    assert ext.imports[0].symbol is None


def test_an_undefined_weak_symbol_is_noted_for_versions_that_refuse_it(build):
    path = build(
        "extern int maybe(void) __attribute__((weak));\nint go(void) { return maybe ? maybe() : -1; }\nEXPORT_SYMBOL(go);"
    )
    with Board(zephyr="4.0") as board:
        assert "ENODATA" in str(board.load(path).portability[0])


def test_python_exports_are_called_with_their_types(load, board):
    @board.export
    def mix(a: int, b: float, text: str) -> float:
        return a + b + len(text)

    @board.export(prototype="uint32_t total(const uint8_t *data, size_t size)")
    def total(data, size):
        return sum(board.memory[data : data + size])

    ext = load(
        "extern double mix(int a, double b, const char *text);\nextern unsigned total(const unsigned char *, unsigned);\n"
        'int go(void) { return (int)(mix(-2, 0.5, "four") * 100); }\n'
        "static const unsigned char data[] = {1, 2, 250};\nunsigned sum(void) { return total(data, 3); }\n"
        "EXPORT_SYMBOL(go);\nEXPORT_SYMBOL(sum);"
    )
    assert ext.fn("go")() == 250
    assert ext.fn("sum")() == 253


def test_a_python_export_returns_a_struct_in_memory(load, board):
    @board.export(prototype="struct p { int a, b, c; }; struct p three(int first)")
    def three(first):
        return struct.pack("<iii", first, -2, 300)

    ext = load(
        "struct p { int a, b, c; };\nextern struct p three(int first);\n"
        "int go(void) { struct p p = three(1); return p.a + p.b + p.c; }\nEXPORT_SYMBOL(go);"
    )
    assert ext.fn("go")() == 299


def test_exporting_a_taken_name_is_refused(board):
    with pytest.raises(UsageError, match="'printk' is already provided by kernel"):

        @board.export
        def printk() -> None: ...


def test_an_annotation_without_a_c_type_is_refused(board):
    with pytest.raises(UsageError, match="annotation <class 'list'>, which is no C type"):

        @board.export
        def wrong(x: list) -> None: ...


def test_bytes_and_sources_load_as_files_do(build, board):
    data = build(COUNTER).read_bytes()
    assert board.load(data, "bytes").fn("next")() == 1
    assert board.load(BufferSource(data), "source").fn("next")() == 1


def test_a_source_of_ones_own_is_asked_and_always_closed(build, board):
    class Mine:
        name = "mine"
        closed = 0

        def __init__(self, data):
            self.file = io.BytesIO(data)

        def prepare(self): ...
        def seek(self, offset):
            self.file.seek(offset)

        def read(self, size):
            return self.file.read(size)

        def peek(self, offset, size):
            return None

        def finalize(self):
            self.closed += 1

    data = build(COUNTER).read_bytes()
    good, bad = Mine(data), Mine(data[: len(data) // 2])
    assert board.load(good, "good").fn("next")() == 1
    with pytest.raises(ElfError, match="truncated"):
        board.load(bad, "bad")
    assert (good.closed, bad.closed) == (1, 1)


def test_struct_llext_can_be_read_in_guest_memory(load, board):
    ext = load(COUNTER)
    layout = struct_llext("4.4")
    data = board.memory.read(ext.address, layout.size)
    assert data[layout.offsets["name"] :][:4] == b"ext\0"
    assert layout.read(data, "mem") == ext.regions["text"].address
    assert layout.read(data, "use_count") == 1
    count, table = struct.unpack_from("<II", data, layout.offsets["exp_tab"])
    name, address = struct.unpack("<II", board.memory.read(table, 8))
    assert (count, board.memory.string(name), address) == (1, b"next", ext.find_sym("next"))


@pytest.mark.parametrize("version", ["3.7", "4.0", "4.2", "4.4"])
@pytest.mark.parametrize("mpu", [True, False])
def test_every_version_and_rule_loads_and_gives_everything_back(build, version, mpu):
    with Board(zephyr=version, mpu=mpu) as board:
        before = board.heap.free_chunks()
        ext = board.load(build(COUNTER), strict=True)
        assert ext.fn("next")() == 1
        board.unload(ext)
        assert board.heap.free_chunks() == before


def test_a_heap_too_small_names_the_region_and_changes_nothing(build):
    path = build("static char big[9000];\nchar *get(void) { return big; }\nEXPORT_SYMBOL(get);")
    with Board(heap_size=8192) as board:
        before, rights = board.heap.free_chunks(), [bytes(t[2]) for t in board.machine.rights._tables]
        with pytest.raises(HeapError, match="the LLEXT heap has no room for its region bss: 9000 bytes") as caught:
            board.load(path)
        assert caught.value.errno.name == "ENOMEM"
        assert board.heap.free_chunks() == before
        assert [bytes(t[2]) for t in board.machine.rights._tables] == rights
        assert board.extensions == ()


def test_the_error_for_an_aligned_region_says_what_size_of_piece_is_looked_for(build):
    path = build("int add(int a, int b) { return a + b; }\nEXPORT_SYMBOL(add);")
    # sys_heap looks for 512 + 512 bytes less a header of 4 (sys_heap_aligned_alloc): a piece of 600 to 1019 bytes is not taken.
    with Board(heap_size=2048) as board, pytest.raises(HeapError, match="512 bytes, 512-byte aligned") as caught:
        board.load(path)
    assert "512-byte aligned: a free piece of 1020 is looked for; the largest free piece has" in caught.value.message


@pytest.mark.parametrize("peek", [True, False], ids=["buffer", "file"])
def test_struct_llext_has_the_section_headers_that_were_copied(build, peek):
    path = build(COUNTER)
    data = path.read_bytes()
    start, (size, count) = int.from_bytes(data[0x20:0x24], "little"), struct.unpack_from("<HH", data, 0x2E)
    with Board(zephyr="4.0") as board:  # sect_cnt, sect_hdrs, sect_hdrs_on_heap: the last words of its 188 bytes
        ext = board.load(data if peek else path)
        sections, headers, on_heap = struct.unpack("<IIB", board.memory.read(ext.address + 176, 9))
        assert sections == count
        assert (headers == 0, on_heap) == (peek, not peek)  # a buffer of the host has no address in the board
        if headers:
            assert board.memory.read(headers, size * count) == data[start : start + size * count]


def test_the_log_has_the_lines_that_gdb_users_copy(build):
    lines = []
    with Board(log=lambda level, text: lines.append((level, text))) as board:
        ext = board.load(build(COUNTER))
    assert ("dbg", f"-s .text {ext.regions['text'].address:#x}") in lines
    assert ("inf", "Loaded extension ext") in lines


def test_a_fault_in_a_library_is_located_in_the_library(build, board):
    board.load(build("void crash(void) { *(volatile int *)0 = 1; }\nEXPORT_SYMBOL(crash);", "library"))
    user = board.load(build("extern void crash(void);\nvoid go(void) { crash(); }\nEXPORT_SYMBOL(go);", "user"))
    with pytest.raises(GuestFault, match=r"in library .text\+0x[0-9a-f]+ <crash"):
        user.call("go")
