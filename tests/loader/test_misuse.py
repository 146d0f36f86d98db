"""Misuse of the Python API: one clear error each."""

import pytest

from llext import Board, GuestFault, LoadError, TargetError, UsageError

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


@pytest.mark.parametrize("name", [None, "", "mps2"])
def test_a_board_that_is_not_there_is_named(name):
    with pytest.raises(TargetError, match="unknown board"):
        Board(name)
