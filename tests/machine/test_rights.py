"""Memory rules: what guest code may touch, each time, and what it is told when it may not."""

import pytest
from conftest import BOARDS

from llext import Board, GuestFault
from llext.build import build_extension

SOURCE = """
#include <stdint.h>
#include <zephyr/llext/symbol.h>
static const volatile int constant[4] = {1, 2, 3, 4};
static volatile int variable = 5;
uintptr_t address_of(int what)
{
	return what == 0 ? (uintptr_t)&address_of & ~1u : what == 1 ? (uintptr_t)constant : (uintptr_t)&variable;
}
uint32_t load(uintptr_t address) { return *(volatile uint32_t *)address; }
uint32_t load_byte(uintptr_t address) { return *(volatile uint8_t *)address; }
void store(uintptr_t address) { *(volatile uint32_t *)address = 7; }
void store_byte(uintptr_t address) { *(volatile uint8_t *)address = 7; }
void store_many(uintptr_t address)
{
#ifdef __arm__
	__asm__ volatile("stmia %0!, {r4-r7}" : "+l"(address) : : "memory");
#else
	__asm__ volatile("sw s0, (%0)" : : "r"(address) : "memory");
#endif
}
int jump(uintptr_t address) { return ((int (*)(void))address)(); }
int deep(int n)
{
	volatile char frame[256];
	frame[0] = (char)n;
	return n == 0 ? frame[0] : deep(n - 1) + frame[0];
}
EXPORT_SYMBOL(address_of);
EXPORT_SYMBOL(load);
EXPORT_SYMBOL(load_byte);
EXPORT_SYMBOL(store);
EXPORT_SYMBOL(store_byte);
EXPORT_SYMBOL(store_many);
EXPORT_SYMBOL(jump);
EXPORT_SYMBOL(deep);
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rights")
    source = folder / "touch.c"
    source.write_text(SOURCE)
    files = {}
    for name in BOARDS:
        with Board(name) as board:
            files[name] = build_extension([source], folder / f"touch_{name.replace('/', '_')}.llext", board.target).output
    return files


@pytest.fixture(params=BOARDS)
def guarded(request, file):
    with Board(request.param) as board:
        yield board, board.load(file[request.param], "touch")


@pytest.fixture(params=BOARDS)
def open_board(request, file):
    with Board(request.param, mpu=False) as board:
        yield board, board.load(file[request.param], "touch")


def faults_twice(function, address, reason, *, shown=None):
    for _ in range(2):
        with pytest.raises(GuestFault) as caught:
            function(address)
        assert caught.value.reason == reason
        assert caught.value.address == (address & ~1 if reason == "execute" else address if shown is None else shown)


def code(board, address):
    """A pointer to code there."""
    return address | board.target.arch.code_symbol_bit


@pytest.mark.parametrize("what", ["store", "store_byte", "store_many"])
@pytest.mark.parametrize("region", ["text", "rodata"])
def test_a_store_to_text_or_rodata_faults_each_time(guarded, what, region):
    _, ext = guarded
    faults_twice(ext.fn(what), ext.regions[region].address + 4, "write")


@pytest.mark.parametrize("region", ["data", "export"])
def test_data_is_never_executed(guarded, region):
    board, ext = guarded
    faults_twice(ext.fn("jump"), code(board, ext.regions[region].address), "execute")


def test_the_stack_is_never_executed(guarded):
    board, ext = guarded
    faults_twice(ext.fn("jump"), code(board, board.layout.stack_top - 64), "execute")


@pytest.mark.parametrize("address", [0, 4, 0x100, 0xFFC])
@pytest.mark.parametrize("what", ["load", "store"])
def test_the_first_page_is_never_mapped(guarded, address, what):
    _, ext = guarded
    faults_twice(ext.fn(what), address, {"load": "read", "store": "write"}[what])


@pytest.mark.parametrize("what", ["load", "store"])
def test_without_rights_null_still_faults(open_board, what):
    _, ext = open_board
    faults_twice(ext.fn(what), 0, {"load": "read", "store": "write"}[what])


def test_without_rights_text_is_writable_and_data_executable(open_board):
    _, ext = open_board
    text = ext.regions["text"].address
    before = ext.fn("load")(text)
    ext.fn("store")(ext.regions["rodata"].address)
    assert ext.fn("load")(ext.regions["rodata"].address) == 7
    assert ext.fn("load")(text) == before


def test_the_firmware_cannot_be_overwritten(guarded):
    board, ext = guarded
    for address in (board.layout.stubs, board.layout.runtime):
        faults_twice(ext.fn("store"), address, "write")


def test_unmapped_memory_faults_at_the_exact_address(guarded):
    board, ext = guarded
    faults_twice(ext.fn("load"), 0x60000010, "read")
    faults_twice(ext.fn("store_byte"), board.target.ram.end + 3, "write")


def test_an_access_across_the_edge_of_what_is_allowed_faults(guarded):
    board, ext = guarded
    edge = board.layout.end
    if board.target.cpu.architecture == "v6-M":  # which takes no unaligned access
        with pytest.raises(GuestFault, match="unaligned access"):
            ext.fn("store")(edge - 2)
    else:
        faults_twice(ext.fn("store"), edge - 2, "write", shown=edge)


def test_data_may_be_read_and_written(guarded):
    _, ext = guarded
    address = ext.fn("address_of", "uint32_t (int)")(2)
    ext.fn("store")(address)
    assert ext.fn("load")(address) == 7


def test_a_stack_overflow_faults_below_the_stack(guarded):
    board, ext = guarded
    with pytest.raises(GuestFault, match=r"stack overflow at 0x[0-9a-f]+ \(below the call stack\)") as caught:
        ext.fn("deep")(100000)
    assert board.layout.stack - 65536 <= caught.value.address < board.layout.stack
    assert ext.fn("deep")(10) is not None


def test_at_least_64_kib_below_the_stack_are_unmapped(guarded):
    board, _ = guarded
    for address in range(board.layout.stack - 65536, board.layout.stack, 4096):
        assert board.machine.rights.of(address) is None


def test_the_board_works_on_after_a_fault(guarded):
    _, ext = guarded
    faults_twice(ext.fn("load"), 0, "read")
    assert ext.fn("deep")(0) == 0


def test_a_fault_names_extension_section_symbol_and_offset(guarded):
    _, ext = guarded
    with pytest.raises(
        GuestFault,
        match=r"guest fault: store to 0x00000000 \(NULL\), at pc 0x[0-9a-f]+ in touch .text\+0x[0-9a-f]+ <store\+0x[0-9a-f]+>",
    ):
        ext.fn("store")(0)


def test_a_jump_to_nowhere_names_its_caller(guarded):
    board, ext = guarded
    with pytest.raises(
        GuestFault, match=r"jump to 0x60000000 \(not mapped; the nearest memory is .*\), at pc 0x60000000 in nowhere"
    ):
        ext.fn("jump")(code(board, 0x60000000))


def test_rights_return_to_plain_memory_after_unload(guarded):
    board, ext = guarded
    text = ext.regions["text"].address
    board.unload(ext)
    assert str(board.machine.rights.of(text)) == str(board.machine.rights.of(board.layout.heap))
