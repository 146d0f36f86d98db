"""Calls between Python and guest code, nested ones included, and what ends them."""

import pytest

from llext import GuestFault


def test_an_endless_loop_ends_at_the_timeout_and_says_where(load, board):
    ext = load("void spin(void) { for (;;) { } }\nEXPORT_SYMBOL(spin);")
    board.timeout = 0.05
    with pytest.raises(GuestFault, match=r"still running after 0.05 s, at pc 0x[0-9a-f]+ in ext .text\+0x[0-9a-f]+ <spin"):
        ext.call("spin")


def test_a_loop_that_only_calls_services_ends_at_the_timeout_too(load, board):
    ext = load("void spin(void) { for (;;) { k_free(0); } }\nEXPORT_SYMBOL(spin);")
    board.timeout = 0.05
    with pytest.raises(GuestFault, match="still running"):
        ext.call("spin")


def test_an_undefined_instruction_is_named(load):
    ext = load('void wrong(void) { __asm__ volatile("udf #1"); }\nEXPORT_SYMBOL(wrong);')
    with pytest.raises(GuestFault, match="undefined instruction"):
        ext.call("wrong")


def test_k_panic_ends_the_call_and_says_so_on_the_console(load, board):
    ext = load("void die(void) { k_panic(); }\nEXPORT_SYMBOL(die);")
    with pytest.raises(GuestFault, match="kernel panic"):
        ext.call("die")
    assert "ZEPHYR FATAL ERROR 4: Kernel panic" in board.console


def test_python_calls_guest_calls_python_calls_guest(load, board):
    @board.export
    def ask(depth: int) -> int:
        return ext.fn("go")(depth - 1) + 1 if depth else 100

    ext = load("extern int ask(int depth);\nint go(int depth) { return ask(depth) * 2; }\nEXPORT_SYMBOL(go);")
    assert ext.fn("go")(0) == 200
    assert ext.fn("go")(2) == ((200 + 1) * 2 + 1) * 2


def test_endless_recursion_between_python_and_guest_is_an_error(load, board):
    @board.export
    def ask(depth: int) -> int:
        return ext.fn("go")(depth + 1)

    ext = load("extern int ask(int depth);\nint go(int depth) { return ask(depth); }\nEXPORT_SYMBOL(go);")
    with pytest.raises(GuestFault, match="Python and guest code call each other without end"):
        ext.fn("go")(0)
    assert board.machine.nesting == 0


def test_an_exception_in_python_comes_out_of_the_call_as_it_is(load, board):
    @board.export
    def fail(x: int) -> int:
        raise KeyError(x)

    ext = load("extern int fail(int x);\nint go(void) { return fail(7); }\nEXPORT_SYMBOL(go);")
    with pytest.raises(KeyError, match="7"):
        ext.fn("go")()
    with pytest.raises(KeyError):
        ext.fn("go")()


def test_bytes_are_copied_in_and_bytearrays_back(load):
    ext = load(
        "int sum(const unsigned char *p, int n) { int s = 0; while (n--) s += *p++; return s; }\n"
        "void raise(unsigned char *p, int n) { while (n--) (*p++)++; }\nEXPORT_SYMBOL(sum);\nEXPORT_SYMBOL(raise);"
    )
    assert ext.fn("sum")(bytes(range(100)), 100) == sum(range(100))
    data, fixed = bytearray(b"abc"), b"abc"
    ext.fn("raise")(data, 3)
    assert data == b"bcd"
    ext.fn("raise")(fixed, 3)
    assert fixed == b"abc"


def test_call_buffers_are_given_back(load, board):
    ext = load("int first(const char *text) { return text[0]; }\nEXPORT_SYMBOL(first);")
    for _ in range(3):
        assert ext.fn("first")("A") == 65
    assert board.caller.buffers.allocated_bytes == 0


def test_the_second_load_of_other_code_at_the_same_address_runs_the_new_code(build, board):
    one, two = (
        build("int f(void) { return 1; }\nEXPORT_SYMBOL(f);", "a"),
        build("int f(void) { return 2; }\nEXPORT_SYMBOL(f);", "b"),
    )
    first = board.load(one)
    address = first.find_sym("f")
    assert first.fn("f")() == 1
    board.unload(first)
    second = board.load(two)
    assert second.find_sym("f") == address
    assert second.fn("f")() == 2


def test_a_call_that_ends_in_a_conditional_block_does_not_make_the_next_one_conditional(load):
    ext = load(
        'void ends(int x) { __asm__ volatile("cmp %0, #2; ittt ls; movls r1, #0; movls r2, #0; movls r3, #0" : : "r"(x) : "r1", "r2", "r3", "cc"); }\n'
        "int plain(int a, int b) { return a * 3 + b; }\nEXPORT_SYMBOL(ends);\nEXPORT_SYMBOL(plain);"
    )
    for x in (1, 9, 2):
        ext.fn("ends")(x)
        assert ext.fn("plain")(4, 5) == 17


@pytest.mark.parametrize("mpu", [True, False])
def test_memory_is_read_and_written_in_place(board, load, mpu):
    ext = load("int value = 5;\nint get(void) { return value; }\nEXPORT_SYMBOL(value);\nEXPORT_SYMBOL(get);")
    address = ext.find_sym("value")
    assert board.memory[address : address + 4] == b"\x05\0\0\0"
    board.memory[address : address + 4] = b"\x09\0\0\0"
    assert ext.fn("get")() == 9


def test_a_board_that_is_gone_leaves_no_thread_behind(build):
    import gc

    from llext import Board

    powered = Board()
    powered.load(build("void f(void) { }\nEXPORT_SYMBOL(f);")).call("f")
    thread = powered.machine._watchdog._thread
    assert thread.is_alive()
    del powered
    gc.collect()
    thread.join(60)
    assert not thread.is_alive()
