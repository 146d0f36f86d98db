"""What guest code does to heaps, and what becomes of the board then."""

import pytest

from llext import Board, GuestFault, HeapError

SMASH = """
static char mine[8];
void smash(unsigned *from, int words) { while (words--) *from++ = 0xffffffff; }
EXPORT_SYMBOL(smash);
int f(void) { return 3 + mine[0]; }
EXPORT_SYMBOL(f);
"""


def smash_headers(board, extension):
    """Overwrites the header in front of the extension's last block, as a guest's stray store would."""
    address = extension.allocations[-1] - 4
    board.memory[address : address + 4] = b"\xff" * 4


def test_an_extension_is_gone_though_its_heap_is_damaged_and_the_error_names_the_block(load, board):
    ext = load(SMASH)
    smash_headers(board, ext)
    with pytest.raises(
        HeapError, match=rf"'ext' is unloaded, and the LLEXT heap is damaged: {ext.allocations[-1]:#010x}"
    ) as caught:
        board.unload(ext)
    assert caught.value.errno.name == "EFAULT"
    assert (ext.loaded, board.extensions, board.scope.find("smash")) == (False, (), None)
    with pytest.raises(Exception, match="is not loaded any more"):
        ext.fn("f")
    board.export(name="smash")(lambda: 0)


def test_a_board_with_a_damaged_heap_says_so_at_the_next_load(build, board):
    path = build(SMASH)
    ext = board.load(path)
    smash_headers(board, ext)
    with pytest.raises(HeapError):
        board.unload(ext)

    def load_many():
        for number in range(40):
            board.load(path, f"again{number}")

    with pytest.raises(HeapError, match="is damaged"):
        load_many()


def test_leaving_a_board_hides_no_exception(build):
    path = build(SMASH)

    def use():
        with Board() as board:
            smash_headers(board, board.load(path))
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        use()


def test_leaving_a_board_tells_of_damage_if_nothing_else_went_wrong(build):
    path = build(SMASH)
    with pytest.raises(HeapError, match="is damaged"), Board() as board:
        smash_headers(board, board.load(path))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("static char b[64]; static struct k_heap h; k_heap_init(&h, b, 20);", "k_heap_init: 20 bytes at 0x"),
        (
            "static char b[512]; static struct k_heap h; k_heap_init(&h, b, 512); k_heap_aligned_alloc(&h, 3, 10, K_NO_WAIT);",
            "k_heap_aligned_alloc: 0x3 is no alignment",
        ),
        ("int *p = k_malloc(16); for (int i = -4; i < 40; i++) p[i] = -1; k_free(p);", "free of 0x"),
        (
            "int *p = k_malloc(16); for (int i = -2; i < 400; i++) p[i] = -1; k_malloc(100); k_malloc(2000);",
            "k_malloc: the heap at 0x",
        ),
    ],
)
def test_heap_misuse_is_a_fault_with_registers(load, body, words):
    ext = load(f"void f(void) {{ {body} }}\nEXPORT_SYMBOL(f);")
    with pytest.raises(GuestFault, match=f"guest fault: {words}") as caught:
        ext.call("f")
    assert caught.value.pc
    assert {"pc", "sp", "lr", "r0"} <= caught.value.registers.keys()


def test_guest_code_that_writes_beyond_an_argument_is_told_and_hides_no_fault(load):
    ext = load(
        "void over(char *p, int die) { for (int i = -4; i < 60; i++) p[i] = -1; if (die) *(volatile int *)0 = 1; }\n"
        "EXPORT_SYMBOL(over);"
    )
    with pytest.raises(GuestFault, match="store to"):
        ext.fn("over")(b"abc", 1)
    with Board() as board, pytest.raises(HeapError, match="guest code wrote beyond an argument"):
        board.load(ext.path).fn("over")(b"abc", 0)


def test_structures_come_back_by_value(load, board):
    ext = load(
        "struct big { int a; double b; char c[5]; };\n"
        "struct big make(int a, double b, const char *t) { struct big r = {a, b, {t[0], t[1]}}; return r; }\nEXPORT_SYMBOL(make);\n"
    )
    import struct

    data = ext.fn("make")(7, -2.5, "xy")
    assert struct.unpack("<i4xd5s3x", data) == (7, -2.5, b"xy\0\0\0")
    assert board.caller.buffers.allocated_bytes == 0


@pytest.mark.parametrize("name", ["mps2/an386", "qemu_riscv32"])
def test_structures_come_back_by_value_on_other_cpus(build, name):
    text = "struct big { int a[5]; };\nstruct big make(int x) { struct big r = {{x, 1, 2, 3, 4}}; return r; }\nEXPORT_SYMBOL(make);"
    path = build(text, board=name)
    with Board(name) as board:
        assert board.load(path).fn("make")(9)[::4] == bytes([9, 1, 2, 3, 4])
