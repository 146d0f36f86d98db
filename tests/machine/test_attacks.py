"""The rule ``guarded`` under attack: each forbidden access is tried twice and is the same exact fault both times.

What is promised of a data access that is denied:

* The address is that of the first byte that is denied, counting from the lowest of the access that is denied. For an
  access across an edge whose first part is allowed that is the first byte behind the edge. Armv7-M leaves the choice to
  the CPU (MMFAR: any address of the access), RISC-V asks for exactly this (mtval: the portion that caused the fault).
* A single store changes no byte, on neither side of an edge. Armv7-M leaves an unaligned store to the CPU, which may
  make it in parts.
* Instructions with several words (STM, PUSH, STRD) store word by word, upward: the words below the denied one are
  stored, as hardware may do, and the base register is what it was.

What is expected is worked out here from the board's layout and the tables of ``attack_code``, not asked of the machine.
"""

import struct

import pytest
from attack_code import VALUES, build_attacks, operations, traps
from conftest import BOARDS, COUNTED

from llext import Board, GuestFault
from llext.build import build_extension
from llext.target import load_target

TIMES = 2
THUMB = [board for board in BOARDS if load_target(board).arch.code_symbol_bit]
CASES = [pytest.param(board, name, id=f"{board}-{name}") for board in BOARDS for name in operations(board)]
DATA = [case for case in CASES if operations(case.values[0])[case.values[1]].kind != "execute"]
JUMPS = [case for case in CASES if operations(case.values[0])[case.values[1]].kind == "execute"]
UNALIGNED = [
    case
    for case in DATA
    for op in [operations(case.values[0])[case.values[1]]]
    if op.size > 1 and (op.count == 1 or load_target(case.values[0]).cpu.architecture == "v6-M")
]
"""Bytes are always aligned; where v7-M and later ask for alignment of several words, the emulator does not."""
STOPS = [pytest.param(board, name, id=f"{board}-{name}") for board in BOARDS for name in traps(board)]
FOR_ALL = [0, 4, 0xF00, 0xFF0, 0x60000000, 0x40000000, 0x40004404, 0xE0000000, 0xE000E010, 0xE000ED00, 0xFFFFFE00, 0xFFFFFFF0]
"""NULL and near it; nothing; where Arm has peripherals and its system space; the last page."""
RISCV_DEVICES = [0x02000000, 0x0C000000, 0x10000000]
"""CLINT, PLIC and UART of QEMU's virt machine."""
attempts = dict.fromkeys(BOARDS, 0)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("attacks")
    yield {board: build_attacks(board, folder) for board in BOARDS}
    COUNTED.append(f"forbidden accesses, each tried twice: {sum(attempts.values()) // TIMES} on {len(BOARDS)} boards")


class Attacked:
    """A board with the attacking extension, and what its memory must look like."""

    def __init__(self, name, path):
        self.board = Board(name)
        self.extension = self.board.load(path, "attacks")
        self.layout, self.target = self.board.layout, self.board.target
        self.granule = self.target.granule
        self.bit = self.target.arch.code_symbol_bit
        self.strict = self.target.cpu.architecture == "v6-M"

    def region(self, name):
        region = self.extension.regions[name]
        return range(region.address, region.address + region.size)

    def allowed(self, kind, address):
        """Whether the rule lets guest code touch a byte, as the documentation of the layout tells."""
        layout, text, window = self.layout, self.region("text"), self.target.window
        firmware = layout.stubs <= address < layout.runtime_data
        ours = address // self.granule in (part // self.granule for part in text)
        if kind == "write":
            fixed = [self.region(name) for name in ("text", "rodata")]
            closed = any(address // self.granule in (part // self.granule for part in r) for r in fixed)
            own = layout.stack <= address < layout.stack_top or layout.thread <= address < layout.end
            return own and not closed
        if kind == "read":
            own = layout.stack <= address < layout.stack_top or layout.thread <= address < layout.end
            return own or firmware or window.address <= address < window.address + 8
        return firmware or ours

    def named(self, kind, address):
        """Around the stack an access has the stack's name."""
        layout = self.layout
        below = layout.stack - 65536 <= address < layout.stack
        return "stack overflow" if below else "stack underflow" if layout.stack_top <= address < layout.thread else kind

    def snapshot(self):
        """All memory that the attacks may not change: all but the stack."""
        layout, memory = self.layout, self.board.memory
        return [
            bytes(memory.view(start, end - start))
            for start, end in (
                (layout.stubs, layout.runtime_data),
                (layout.stack_top, layout.end),
                (layout.end, min(layout.end + 8192, self.target.ram.end)),
                (self.target.scratch.address, self.target.scratch.address + 2048),
            )
        ]

    def fault(self, name, address):
        """What one attempt was told: reason, address, pc, registers."""
        attempts[self.target.name] += 1
        with pytest.raises(GuestFault) as caught:
            self.extension.fn(name, "void (uint32_t, uint32_t, uint32_t, uint32_t)")(address, *VALUES)
        fault = caught.value
        return fault.reason, fault.address, fault.registers["pc"], fault.registers

    def start(self, name):
        return self.extension.find_sym(name) & ~1


@pytest.fixture(scope="module")
def attacked(files):
    boards = {}

    def of(name):
        if name not in boards:
            boards[name] = Attacked(name, files[name])
        return boards[name]

    return of


def _expected(it, op, address):
    """Reason, address, and the words stored before the denied one, as (address, bytes); None if nothing is denied."""
    first = address - op.below & 0xFFFFFFFF
    if (it.strict or op.aligned) and first % op.size:
        return "unaligned access", first, []
    stored = []
    for index in range(op.count):
        at = first + index * op.size
        denied = [byte for byte in range(at, at + op.size) if not it.allowed(op.kind, byte)]
        if denied:
            return it.named(op.kind, denied[0]), denied[0], stored
        stored.append((at, struct.pack("<I", VALUES[index])))
    return None


def _attack(it, name, address):
    """Makes one attempt twice and compares everything; False if the access is allowed."""
    op = operations(it.target.name)[name]
    expected = _expected(it, op, address)
    if expected is None:
        return False
    reason, denied, stored = expected
    for _ in range(TIMES):
        memory = it.board.memory
        kept = [(at, memory.read(at, 4)) for at, _ in stored] if op.kind == "write" else []
        before = it.snapshot()
        told = it.fault(name, address)
        assert told[:3] == (reason, denied, it.start(name) + op.ahead), f"{name} {address:#x}"
        if op.base:
            assert told[3][op.base] == address
        for (at, old), (_, new) in zip(kept, stored, strict=False):
            assert memory.read(at, 4) == new
            memory.write(at, old)
        assert it.snapshot() == before
    return True


def _edges(it, kind):
    """Where something allowed ends and something denied begins, and the other way round."""
    layout = it.layout
    edges = [layout.end, layout.stack, layout.stack_top, layout.thread]
    if kind == "write":
        edges += [at for name in ("text", "rodata") for at in _rounded(it, it.region(name))]
    return [at for at in edges if it.allowed(kind, at - 1) != it.allowed(kind, at)]


def _rounded(it, region):
    return region.start // it.granule * it.granule, -(-region.stop // it.granule) * it.granule


@pytest.mark.parametrize(("board", "name"), DATA)
def test_a_forbidden_load_or_store_is_the_same_exact_fault_twice(attacked, board, name):
    it = attacked(board)
    layout, window = it.layout, it.target.window
    places = [*FOR_ALL, *(RISCV_DEVICES if not it.bit else []), layout.end, layout.end + 4096, window.address + 0xF00]
    if operations(board)[name].kind == "write":
        own = [it.region(region).start // 4 * 4 + 16 for region in ("text", "rodata")]
        firmware = [layout.stubs, layout.runtime, layout.runtime_data - 64]
        places += [*own, *firmware, window.address]
    below = operations(board)[name].below
    assert all(_attack(it, name, place + below & 0xFFFFFFFF) for place in places)


@pytest.mark.parametrize(("board", "name"), DATA)
def test_an_access_across_an_edge_is_denied_as_a_whole_at_its_first_denied_byte(attacked, board, name):
    it = attacked(board)
    op = operations(board)[name]
    edges = _edges(it, op.kind)
    assert edges
    across = [edge + distance for edge in edges for distance in range(-op.size * op.count, op.size * op.count)]
    if op.count > 1 and not it.strict:  # unaligned, they are let through: see docs/where-it-runs.md
        across = [at for at in across if at % 4 == 0]
    tried = [_attack(it, name, at + op.below) for at in across]
    assert any(tried)


@pytest.mark.parametrize(("board", "name"), UNALIGNED)
def test_an_unaligned_access_to_forbidden_memory_is_exact_too(attacked, board, name):
    it = attacked(board)
    op = operations(board)[name]
    for place in (0x60000000, 0x40000000, 0xE000E010, 0, 0xFFFFFE00):
        for distance in range(1, op.size):
            assert _attack(it, name, place + distance + op.below)


@pytest.mark.parametrize(("board", "name"), JUMPS)
def test_only_text_is_executed(attacked, board, name):
    it = attacked(board)
    layout, window = it.layout, it.target.window
    back = b"\x70\x47" if it.bit else b"\x82\x80"  # bx lr, ret
    ours = [it.extension.find_sym("data"), it.extension.find_sym("bss"), layout.stack + 64, layout.heap + layout.heap_size - 64]
    ours += [layout.system_heap + layout.system_heap_size - 64, layout.buffers.end - 64, layout.end, layout.thread + 64]
    fixed = [it.region("rodata").start, it.region("export").start, it.target.scratch.address, window.address]
    everywhere = [*FOR_ALL, *(RISCV_DEVICES if not it.bit else []), 0xFFFFFFFC, 0xFFFFFFF8, 0xFEFFFFFC]
    for place in [*ours, *(at // 4 * 4 for at in fixed), *everywhere]:
        if place in ours and it.board.memory.block_of(place):
            it.board.memory.write(place, back)
        for _ in range(TIMES):
            before = it.snapshot()
            assert it.fault(name, place | it.bit)[:3] == ("execute", place, place)
            assert it.snapshot() == before


@pytest.mark.parametrize(("board", "name"), JUMPS)
def test_code_that_falls_off_its_end_faults_at_the_edge(attacked, board, name):
    it = attacked(board)
    end = _rounded(it, it.region("text"))[1]
    nop, wide = (b"\x00\xbf", b"\xaf\xf3") if it.bit else (b"\x01\x00", b"\x13\x00")  # the second: the first half of one
    for last, pc in ((nop, end), (wide, end - 2)):
        if it.strict and last is wide:
            continue  # v6-M has no such instruction
        it.board.memory.write(end - 2, last)
        it.board.machine.forget_code(end - 2, 2)
        for _ in range(TIMES):
            assert it.fault(name, end - 2 | it.bit)[:3] == ("execute", end, pc)


@pytest.mark.parametrize(("board", "name"), [case for case in JUMPS if case.values[0] in THUMB])
def test_a_jump_without_the_thumb_bit_is_an_invalid_state(attacked, board, name):
    it = attacked(board)
    for place in (it.start("twice"), it.layout.runtime, it.layout.stubs):
        for _ in range(TIMES):
            assert it.fault(name, place // 4 * 4)[:3] == ("invalid state", place // 4 * 4, place // 4 * 4)
    for _ in range(TIMES):  # what is not executable is denied first
        assert it.fault(name, it.region("rodata").start // 4 * 4)[0] == "execute"


@pytest.mark.parametrize("board", [board for board in BOARDS if board not in THUMB])
def test_riscv_jumps_clear_the_lowest_bit(attacked, board):
    it = attacked(board)
    for _ in range(TIMES):  # the ISA manual, 2.5.1: a misaligned fetch cannot be with compressed instructions
        assert it.fault("jr", 0x60000001)[:3] == ("execute", 0x60000000, 0x60000000)
    assert it.extension.fn("twice", "int (int)")(4) == 8
    it.extension.fn("jr", "void (uint32_t)")(it.start("twice") | 1)


@pytest.mark.parametrize(("board", "name"), STOPS)
def test_an_instruction_that_ends_a_call_is_named_at_its_own_address(attacked, board, name):
    it = attacked(board)
    _, reason, ahead = traps(board)[name]
    for _ in range(TIMES):
        assert it.fault(name, 0)[:3] == (reason, None, it.start(name) + ahead)


FILLED = """
#include <zephyr/llext/symbol.h>
__attribute__((naked)) void stores(void)
{
	__asm__ volatile(".rept 68\\n.balign 512\\nstr r1, [r0]\\nbx lr\\n.space 500\\n.endr");
}
__attribute__((naked)) void fills(void)
{
	__asm__ volatile("push {r4, lr}\\nmov r4, sp\\nsub sp, #16384\\nsub sp, #15360\\nmov r2, sp\\n"
		"1: str r1, [r2]\\nadds r2, #4\\ncmp r2, r4\\nbne 1b\\nblx r0\\nmov sp, r4\\npop {r4, pc}");
}
EXPORT_SYMBOL(stores);
EXPORT_SYMBOL(fills);
"""


@pytest.fixture(scope="module", params=[board for board in THUMB if load_target(board).ram.size > 1 << 20])
def filled(request, tmp_path_factory):
    """Code in 64 neighbouring pages of 512 bytes: one of them shares the emulator's entry with the last page."""
    source = tmp_path_factory.mktemp("filled") / "filled.c"
    source.write_text(FILLED)
    with Board(request.param) as board:
        yield board, board.load(build_extension([source], source.with_suffix(".llext"), board.target).output)


def test_a_store_to_the_last_page_faults_wherever_the_code_lies(filled):
    board, extension = filled
    first = -(-extension.regions["text"].address // 512) * 512
    code = [at for at in range(first, first + 64 * 512, 512) if board.memory.read(at, 4) == b"\x01\x60\x70\x47"]
    assert len(code) == 64
    for at in code:
        for address in (0xFFFFFE00, 0xFFFFFFFC):
            before = board.memory.read(first, 64 * 512)
            with pytest.raises(GuestFault) as caught:
                board.caller.run(at | 1, (address, 7))
            assert (caught.value.reason, caught.value.address, caught.value.registers["pc"]) == ("write", address, at)
            assert board.memory.read(first, 64 * 512) == before


def test_a_jump_to_the_last_page_executes_nothing_whatever_the_stack_holds(filled):
    _, extension = filled
    for address in (0xFFFFFE81, 0xFFFFFFFF):
        for _ in range(TIMES):
            with pytest.raises(GuestFault) as caught:
                extension.fn("fills", "void (uint32_t, uint32_t)")(address, 0x4770202A)  # movs r0, #42; bx lr
            assert (caught.value.reason, caught.value.address) == ("execute", address & ~1)


def test_a_fault_after_one_that_python_caught_is_told_as_itself(build, board):
    wrong = board.load(build("void f(void) { *(volatile int *)0 = 1; }\nEXPORT_SYMBOL(f);", "wrong"))

    @board.export
    def ask(x: int) -> int:
        with pytest.raises(GuestFault):
            wrong.call("f")
        return x

    text = 'extern int ask(int x);\nvoid go(void) { ask(1); __asm__ volatile("udf #1"); }\nEXPORT_SYMBOL(go);'
    with pytest.raises(GuestFault) as caught:
        board.load(build(text, "user")).call("go")
    assert (caught.value.reason, caught.value.address) == ("undefined instruction", None)


@pytest.mark.parametrize("name", [board for board in BOARDS if board not in THUMB])
def test_atomic_operations_are_denied_like_stores_and_where_nothing_may_be_read_like_loads(build, name):
    text = """
__attribute__((naked)) void add(void) { __asm__ volatile("amoadd.w a1, a1, (a0)\\nret"); }
__attribute__((naked)) void exchange(void) { __asm__ volatile("lr.w a2, (a0)\\nsc.w a2, a1, (a0)\\nret"); }
EXPORT_SYMBOL(add);
EXPORT_SYMBOL(exchange);
"""
    with Board(name) as board:
        extension = board.load(build(text, board=name))
        own = extension.regions["text"].address
        for attack, ahead in (("add", 0), ("exchange", 4)):
            function, start = extension.fn(attack, "void (uint32_t, uint32_t)"), extension.find_sym(attack)
            before = board.memory.read(own, 16)
            cases = [("write", own, ahead), ("write", board.layout.stubs, ahead), ("read", 0, 0), ("read", 0x60000000, 0)]
            for reason, address, offset in [*cases, ("unaligned access", own + 1, 0)]:
                for _ in range(TIMES):
                    with pytest.raises(GuestFault) as caught:
                        function(address, 0x55)
                    fault = caught.value
                    assert (fault.reason, fault.address, fault.registers["pc"]) == (reason, address, start + offset)
            assert board.memory.read(own, 16) == before
