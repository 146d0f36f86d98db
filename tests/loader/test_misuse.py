"""Misuse of the Python API: one clear error each."""

import pytest

from llext import Board, FileSource, GuestFault, HeapError, LoadError, TargetError, UsageError
from llext.link import Symbol

ADD = "int add(int a, int b) { return a + b; }\nEXPORT_SYMBOL(add);"


@pytest.mark.parametrize("thing", [5, None, ["a"]])
def test_what_is_nothing_to_load_is_named(board, thing):
    with pytest.raises(UsageError, match="is nothing to load"):
        board.load(thing)


def test_an_empty_name_is_refused(build, board):
    with pytest.raises(UsageError, match="needs a name"):
        board.load(build(ADD), "")


@pytest.mark.parametrize("value", [b"xy", "text", 2.5, [1]])
def test_a_value_that_is_no_integer_is_refused_for_one(load, value):
    ext = load(ADD)
    with pytest.raises((UsageError, GuestFault)):
        ext.fn("add")(value)


def test_an_extension_of_another_board_cannot_be_unloaded_here(build, board):
    path = build(ADD)
    with Board() as other:
        theirs = other.load(path)
        with pytest.raises(UsageError, match="loaded on another board"):
            board.unload(theirs)


def test_a_source_that_fails_is_named(board):
    class Broken:
        name = "broken"

        def prepare(self):
            raise OSError("no power")

        def finalize(self): ...

    with pytest.raises(LoadError, match="broken: no power"):
        board.load(Broken(), "x")


@pytest.mark.parametrize("index", [5, slice(None, 5), slice(5, None), slice(16, 8), slice(0, 8, 2)])
def test_memory_is_taken_by_address_and_end(board, index):
    with pytest.raises(UsageError):
        board.memory[index]


@pytest.mark.parametrize(
    ("value", "text"), [("abc", "returned 'abc'"), (1 << 40, "returned 1099511627776"), (None, "returned None")]
)
def test_a_wrong_result_of_a_python_export_is_named(load, board, value, text):
    @board.export
    def give() -> int:
        return value

    ext = load("extern int give(void);\nint go(void) { return give(); }\nEXPORT_SYMBOL(go);")
    with pytest.raises(UsageError, match=text):
        ext.fn("go")()


def test_true_is_an_integer_as_in_python(load, board):
    @board.export
    def give() -> int:
        return True

    assert load("extern int give(void);\nint go(void) { return give(); }\nEXPORT_SYMBOL(go);").fn("go")() == 1


def test_only_functions_with_names_and_plain_parameters_are_exported(board):
    def keyword(*, x: int): ...

    for wrong in (5, lambda: 1, keyword):
        with pytest.raises(UsageError):
            board.export(wrong)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"heap_size": 0}, "too small"),
        ({"heap_size": 1e4}, "heap_size is 10000.0"),
        ({"heap_size": 1 << 30}, "does not fit the board's memory"),
        ({"heap_address": 16}, "not in the free part"),
        ({"timeout": -1}, "a timeout of -1 s"),
        ({"zephyr": "4"}, "no rules for Zephyr '4'"),
    ],
)
def test_a_board_that_cannot_be_says_why(options, text):
    with pytest.raises(UsageError, match=text):
        Board(**options)


@pytest.mark.parametrize("name", ["", "mps2"])
def test_a_board_that_is_not_there_is_named(name):
    with pytest.raises(TargetError, match="unknown board"):
        Board(name)


@pytest.mark.parametrize("name", ["\ud800", "a\0b", 5, b"x"])
def test_a_name_that_is_none_is_refused_and_leaves_nothing(build, board, name):
    path = build(ADD)
    before = board.heap.allocated_bytes
    with pytest.raises(UsageError, match="name"):
        board.load(path, name)
    assert (board.extensions, board.heap.allocated_bytes, board.scope.find("add")) == ((), before, None)


def test_a_long_name_is_cut_at_a_character_and_to_fifteen_bytes(build, board):
    ext = board.load(build(ADD), "größer_als_fünfzehn")
    assert ext.name == "größer_als_f"
    assert board.by_name("größer_als_fünfzehn") is ext


def test_a_log_that_fails_leaves_no_half_loaded_extension(build):
    path = build(ADD)

    def log(_level, text):
        if text.startswith("Loaded"):
            raise KeyError(text)

    with Board(log=log) as board:
        before = board.heap.allocated_bytes
        with pytest.raises(KeyError):
            board.load(path)
        assert (board.extensions, board.heap.allocated_bytes) == ((), before)


def test_a_source_that_fails_at_the_end_leaves_no_half_loaded_extension(build, board):
    class Broken(FileSource):
        def finalize(self):
            super().finalize()
            raise OSError("no power")

    before = board.heap.allocated_bytes
    with pytest.raises(LoadError, match="no power"):
        board.load(Broken(build(ADD)))
    assert (board.extensions, board.heap.allocated_bytes) == ((), before)


def test_bytes_without_a_name_are_not_taken_for_other_bytes(build, board):
    one, two = (build(f"int f(void) {{ return {n}; }}\nEXPORT_SYMBOL(f);", f"e{n}").read_bytes() for n in (1, 2))
    board.load(one)
    with pytest.raises(LoadError, match="is loaded already, from <bytes>"):
        board.load(two)
    assert board.load(two, "two").fn("f", "int f(void)")() == 2


@pytest.mark.parametrize(
    "use",
    [
        lambda board, ext: board.load("\0"),
        lambda board, ext: board.unload(None),
        lambda board, ext: board.by_name(None),
        lambda board, ext: ext.fn(None),
        lambda board, ext: ext.fn("add", 5),
        lambda board, ext: ext.find_sym(None) or ext.symbol(None),
        lambda board, ext: board.memory["a":"b"],
        lambda board, ext: board.memory.__setitem__(slice(0x20000000, 0x20000004), "abcd"),
        lambda board, ext: board.export(name=5)(lambda: 0),
        lambda board, ext: board.export(prototype=5)(lambda: 0),
        lambda board, ext: board.export(int),
        lambda board, ext: setattr(board, "timeout", "x"),
        lambda board, ext: Board(timeout="x"),
        lambda board, ext: Board(zephyr=None),
        lambda board, ext: Board(output=5),
        lambda board, ext: Board(log=5),
        lambda board, ext: Board(heap_address="x"),
    ],
)
def test_an_argument_of_another_kind_is_wrong_usage(load, board, use):
    with pytest.raises(UsageError):
        use(board, load(ADD))


def test_a_name_that_an_extension_exports_cannot_be_exported_by_python(load, board):
    load(ADD)
    for _ in range(2):
        with pytest.raises(UsageError, match="'add' is already provided by extension 'ext'"):
            board.export(name="add")(lambda: 0)
    assert board.scope.find("add")[1] is board.by_name("ext")


def test_a_name_of_the_firmware_cannot_be_defined_again(board):
    with pytest.raises(UsageError, match="'printk' is already provided by kernel"):
        board.scope.define(Symbol("printk", 0x100, "test"))


def test_a_path_that_no_file_can_have_is_refused(board):
    with pytest.raises(UsageError, match=r"'a\\x00b' is no path"):
        board.load("a\0b", "name")


@pytest.mark.parametrize("use", [lambda source: source.read(1), lambda source: source.seek(0)])
def test_a_file_is_not_read_before_it_is_opened_nor_once_it_is_closed(build, use):
    source = FileSource(build(ADD))
    with pytest.raises(LoadError, match="not open"):
        use(source)
    source.prepare()
    source.finalize()
    with pytest.raises(LoadError, match="not open") as caught:
        use(source)
    assert caught.value.errno.name == "EBADF"


def test_an_argument_larger_than_the_memory_for_arguments_is_refused_and_leaves_it_free(load):
    ext = load(ADD)
    free = ext.caller.buffers.free_chunks()
    with pytest.raises(HeapError, match=r"no room for an argument or result of 16777217 bytes; the largest free piece has \d+"):
        ext.fn("add", "int add(const char *, int)")(bytes(1 << 24), 1)
    assert ext.caller.buffers.free_chunks() == free
