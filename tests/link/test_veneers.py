"""Branches that do not reach, and the global offset table: checked by running them, and by other people's disassemblers."""

import struct
import subprocess
from dataclasses import replace

import pytest
from conftest import BOARDS, GNU, PROLOGUE, TOOLCHAINS, need
from oracle import bytes_of

from llext import Board, LinkError
from llext.build import BuildOptions, build_extension
from llext.build.toolchain import find_toolchain, include_flags
from llext.elf import ElfFile, packed
from llext.link import Placed, RegionKind, Symbol, apply, branch_fields, plan, stock_rules
from llext.machine import Machine
from llext.target import MemoryArea, load_target

MIB = 1 << 20
BASE = 0x60000000
"""Where Arm's memory map has room for code, 1 GiB of it."""
TEXT = BASE + 512 * MIB
STACK = 0x20004000
CALLS = """
int far(int a, int b, int c, int d);
int call(int a, int b, int c, int d) { return far(a, b, c, d) + 1; }
int jump(int a, int b, int c, int d) { return far(d, c, b, a); }
int twice(int a, int b, int c, int d) { return far(a, b, c, d) + far(d, c, b, a); }
"""
ARM_FAR = bytes.fromhex("00b5 4018 8018 c018 00bd")  # push {lr}; r0 += r1, r2, r3; pop {pc}
RISCV_FAR = bytes.fromhex("33 05 b5 00 33 05 c5 00 33 05 d5 00 67 80 00 00")  # add a0, a0, a1; a2; a3; ret


def bytes_of_object(folder, text, board, toolchain="zig", suffix=".c"):
    target = load_target(board)
    if toolchain == "gcc":
        need(*GNU)
    tools = find_toolchain(toolchain, target.arch, target.cpu, "near")
    (folder / f"t{suffix}").write_text(text)
    output = folder / "t.o"
    command = [*tools.compiler, *tools.flags, "-Os", *include_flags(), "-c", folder / f"t{suffix}", "-o", output]
    subprocess.run([str(word) for word in command], check=True)
    return output.read_bytes()


def object_of(folder, text, board, toolchain, suffix=".c"):
    return ElfFile.parse(bytes_of_object(folder, text, board, toolchain, suffix), "t.o")


class Place:
    """A machine with a gigabyte of memory for code, mapped where it is used, and one file linked into it."""

    def __init__(self, board, elf, distance, room=0x4000):
        target = load_target(board)
        self.arch = target.arch
        far = TEXT + distance & ~1
        areas = [MemoryArea("ram", 0x20000000, 0x4000, "ram"), MemoryArea("text", TEXT & -4096, room, "ram")]
        if not areas[1].address <= far < areas[1].end - 64:
            areas.append(MemoryArea("far", far & -4096, 0x2000, "ram"))
        self.machine = Machine(replace(target, memories=tuple(areas), flash=areas[1], ram=areas[0]), guarded=False)
        self.machine.stack_top, self.machine.trap = STACK, 0x20000100
        self.machine.memory.write(far, ARM_FAR if self.arch.code_symbol_bit else RISCV_FAR)
        self.plan = plan(elf, stock_rules())
        self.symbol = Symbol("far", far | self.arch.code_symbol_bit, "test")
        self.placed = {}
        at = TEXT
        for kind, region in self.plan.regions.items():
            at = -(-at // max(8, region.alignment)) * max(8, region.alignment)
            self.placed[kind] = Placed(at, self.machine.memory.view(at, region.allocation))
            for piece in region.pieces:
                self.placed[kind].data[piece.offset : piece.offset + piece.size] = elf.contents_at(
                    piece.file_offset, piece.size
                )
            at += region.allocation
        apply(self.plan, self.arch, self.placed, lambda name, weak: self.symbol)

    def address(self, name):
        symbol = next(symbol for symbol in self.plan.elf.symbols if symbol.name == name)
        place = self.plan.places[symbol.section]
        return self.placed[place.kind].address + place.offset + symbol.value

    def call(self, name, *arguments):
        result = self.machine.call(self.address(name), arguments)[0]
        return (result + 0x80000000 & 0xFFFFFFFF) - 0x80000000

    @property
    def veneers(self):
        return bytes_of(self.placed, self.plan.veneers)


DISTANCES = [
    0x800, -2 * MIB, MIB - 0x100, MIB + 0x100, int(15.9 * MIB), -int(15.9 * MIB), int(16.1 * MIB), -int(16.1 * MIB),
    512 * MIB - 0x2000, -512 * MIB,
]  # fmt: skip


@pytest.mark.parametrize("distance", DISTANCES)
@pytest.mark.parametrize("toolchain", TOOLCHAINS)
@pytest.mark.parametrize("board", ["qemu_cortex_m0", "mps2/an385", "mps2/an521", "qemu_riscv32", "qemu_riscv32e"])
def test_a_call_gets_there_from_wherever_it_is(tmp_path, board, toolchain, distance):
    place = Place(board, object_of(tmp_path, CALLS, board, toolchain), distance)
    assert place.call("call", 1, 20, 300, 4000) == 4322
    assert place.call("jump", 1, 20, 300, 4000) == 4321
    assert place.call("twice", 1, -20, 300, 4000) == 8562


@pytest.mark.parametrize(("distance", "used"), [(int(15.9 * MIB), False), (int(16.1 * MIB), True), (-int(16.1 * MIB), True)])
@pytest.mark.parametrize("board", ["qemu_cortex_m0", "mps2/an385"])
def test_a_veneer_is_written_only_where_a_call_does_not_reach_and_once_for_each_target(tmp_path, board, distance, used):
    place = Place(board, object_of(tmp_path, CALLS, board, "zig"), distance)
    assert len(place.plan.veneers[0].slots) == 1
    assert any(place.veneers) is used


BRANCHES = {
    "mps2/an385": """
.syntax unified
.thumb
.global go
.type go, %function
.type far, %function
go:
	cmp r0, #0
	bmi.w far
	bx lr
""",
    "qemu_riscv32": """
.global go
.type go, @function
go:
	jal x0, far
""",
}


@pytest.mark.parametrize("distance", [-MIB + 0x200, MIB - 0x200, MIB + 0x200, -2 * MIB, 100 * MIB, -500 * MIB])
@pytest.mark.parametrize("board", BRANCHES)
def test_a_conditional_branch_and_a_short_jump_go_through_veneers_too(tmp_path, board, distance):
    place = Place(board, object_of(tmp_path, BRANCHES[board], board, "zig", ".S"), distance)
    assert place.call("go", -1, 20, 300, 4000) == 4319


def test_a_veneer_clobbers_nothing_that_a_call_must_keep(tmp_path):
    """Arguments arrive in r0 to r3 with the same flags aside, r4 to r11 and sp are as they were: only ip may change."""
    text = """
.syntax unified
.thumb
.global go
.type go, %function
.type far, %function
go:
	push {r4-r7, lr}
	movs r4, #4
	movs r5, #5
	movs r6, #6
	movs r7, #7
	bl far
	adds r0, r0, r4
	adds r0, r0, r5
	adds r0, r0, r6
	adds r0, r0, r7
	pop {r4-r7, pc}
"""
    for board in ("qemu_cortex_m0", "mps2/an385"):
        place = Place(board, object_of(tmp_path, text, board, "zig", ".S"), 300 * MIB)
        assert any(place.veneers)
        assert place.call("go", 1, 2, 3, 4) == 10 + 22


@pytest.mark.tools
@pytest.mark.parametrize(
    ("board", "program", "flags", "lines"),
    [
        ("mps2/an385", "arm-none-eabi-objdump", ("-marm", "-Mforce-thumb"), ["ldr.w\tpc, [pc]"]),
        (
            "qemu_cortex_m0",
            "arm-none-eabi-objdump",
            ("-marm", "-Mforce-thumb"),
            ["push\t{r0}", "ldr\tr0, [pc, #8]", "mov\tip, r0", "pop\t{r0}", "bx\tip"],
        ),
        ("qemu_riscv32", "riscv64-unknown-elf-objdump", ("-mriscv:rv32",), ["lui\tt1,", "(t1)"]),
    ],
)
def test_other_disassemblers_read_the_veneers_as_they_are_meant(tmp_path, board, program, flags, lines):
    need(program)
    arch = load_target(board).arch
    elf = object_of(tmp_path, "int far(void); int go(void) { return far() + 1; }", board, "zig")
    (tmp_path / "v.bin").write_bytes(arch.veneer(elf).code(0x9ABCD124 | arch.code_symbol_bit))
    command = [program, "-D", "-b", "binary", *flags, tmp_path / "v.bin"]
    shown = subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True).stdout
    for line in lines:
        assert line in shown


def test_code_among_the_data_has_its_veneers_in_the_text(tmp_path):
    text = """
.syntax unified
.thumb
.global go
.type go, %function
	bx lr
.section .data.go, "aw"
.balign 4
go:
	push {r4, lr}
	bl far
	adds r0, #1
	pop {r4, pc}
"""
    place = Place("mps2/an385", object_of(tmp_path, text, "mps2/an385", "zig", ".S"), 300 * MIB)
    assert place.plan.places[place.plan.elf.section(".data.go").index].kind is RegionKind.DATA
    assert place.call("go", 1, 20, 300, 4000) == 4322
    assert any(place.veneers)


OFFSETS = {
    "mps2/an385": ".thumb\n.type go, %function\ngo:\n\tpush {r4, lr}\n\tbl far\n\tbl far + 32\n\tbl far\n\tbl far+32\n\tpop {r4, pc}\n",
    "qemu_riscv32": ".type go, @function\ngo:\n\tmv s0, ra\n\tjal far\n\tjal far + 32\n\tjal far\n\tjal far + 32\n\tmv ra, s0\n\tret\n",
}
HALVE = {"mps2/an385": "40087047", "qemu_riscv32": "1355150067800000"}  # asrs/srai result, 1; return


@pytest.mark.parametrize("board", ["mps2/an385", "qemu_riscv32"])
def test_branches_of_two_relocation_sections_for_one_section_all_have_veneers(tmp_path, board):
    calls = "int far(int, int, int, int), farther(int, int, int, int);\nint two(int a) { return farther(a, 1, 1, 1) + far(a, 1, 1, 1); }"
    data = bytearray(bytes_of_object(tmp_path, calls, board))
    start, count = int.from_bytes(data[0x20:0x24], "little"), int.from_bytes(data[0x30:0x32], "little")
    headers = [list(struct.unpack_from("<10I", data, start + 40 * index)) for index in range(count)]
    table = next(row for row in headers if row[1] in {4, 9} and row[5] >= 2 * row[9])  # SHT_RELA or SHT_REL
    half = table[5] // table[9] // 2 * table[9]
    headers.append([*table[:4], table[4] + half, table[5] - half, *table[6:]])
    table[5] = half
    data[0x20:0x24], data[0x30:0x32] = len(data).to_bytes(4, "little"), (count + 1).to_bytes(2, "little")
    data += b"".join(struct.pack("<10I", *row) for row in headers)
    place = Place(board, ElfFile.parse(bytes(data), "t.o"), 512 * MIB - 0x2000)
    assert place.call("two", 1) == 8


@pytest.mark.parametrize("board", OFFSETS)
def test_each_offset_of_a_symbol_that_is_called_has_a_veneer_of_its_own(tmp_path, board):
    elf = object_of(tmp_path, ".global go\n" + OFFSETS[board], board, "zig", ".S")
    place = Place(board, elf, 300 * MIB)
    place.machine.memory.write((place.symbol.address & ~1) + 32, bytes.fromhex(HALVE[board]))
    assert place.call("go", 100, 20, 300, 4000) == ((100 + 4320) // 2 + 4320) // 2
    assert (
        sorted(addend for _, addend in place.plan.veneers[0].slots) == {"mps2/an385": [-4, 28], "qemu_riscv32": [0, 32]}[board]
    )


def test_a_source_that_shows_nothing_in_place_is_asked_for_the_fields_of_far_branches_only(tmp_path):
    """The addends of SHT_REL stand in the text, which is not read before the heap has room for it."""
    text = '.section .text.go, "ax"\n.thumb\n.global go\n.type go, %function\ngo:\n\tpush {r4, lr}\n\tbl z_impl_k_uptime_ticks\n\tpop {r4, pc}\n.space 64\n'
    elf = object_of(tmp_path, text, "mps2/an385", "zig", ".S")
    code = elf.section(".text.go")
    assert list(branch_fields(elf)) == [(code.offset + 2, 4)]
    with Board("mps2/an385") as board:
        assert board.load(tmp_path / "t.o").name == "t"


# Texts larger than a branch's reach -----------------------------------------------------------------------------------------

LARGE = {  # a branch to a symbol that keeps the state of the call; a function that adds a number to its first argument
    "mps2/an385": (".thumb\n.syntax unified\n", "cmp r0, r0\n\tbeq.w {}", "adds r0, #{}\n\tbx lr", "%function", ".zero"),
    "qemu_riscv32": ("", "jal x0, {}", "addi a0, a0, {}\n\tret", "@function", ".zero"),
}


def large(board, layout):
    """Assembler for a text: each word of a section is a size in KiB, ``name`` a function, ``name>other`` one that goes there."""
    head, branch, add, kind, zero = LARGE[board]
    lines, names = [head], []
    for number, section in enumerate(layout):
        lines.append(f'.section .text.{number}, "ax", {kind[0]}progbits')
        for word in section.split():
            if word.isdigit():
                lines.append(f"{zero} {word} * 1024")
                continue
            name, _, goal = word.partition(">")
            names.append(name)
            code = branch.format(goal) if goal else add.format(len(names))
            lines.append(f".balign 4\n.global {name}\n.type {name}, {kind}\n{name}:\n\t{code}")
    return "\n".join(lines) + "\n", names


LAYOUTS = {
    "one section, to its end": (["a>b 1100 b"], {"a": 2}, 2),
    "one section, to its start": (["b 1100 a>b"], {"a": 1}, 2),
    "one section, from its middle by way of its other end": (["a 1050 b>a 900"], {"b": 1}, 2),
    "out of the text, from both ends and the middle": (["a>far 700 b>far 700 c>far"], {"a": 1000, "b": 1000, "c": 1000}, 2),
    "many small sections": (
        ["a>d b>far 400", "c>far 400", "200 d", "e>a 600", "f>a 600", "g>d h>far"],
        {"a": 4, "b": 1000, "c": 1000, "e": 4, "f": 4, "g": 4, "h": 1000},
        3,
    ),
    "a section in the middle is too large": (
        ["a>f 100", "b>a 1500 c>f d>far", "200", "e>a f"],
        {"a": 6, "b": 6, "c": 6, "d": 1000, "e": 6},
        3,
    ),
}


@pytest.mark.parametrize("case", LAYOUTS)
@pytest.mark.parametrize("board", LARGE)
def test_a_branch_in_a_text_larger_than_its_reach_goes_through_a_veneer_between_sections(tmp_path, board, case):
    layout, expected, pools = LAYOUTS[case]
    text, _ = large(board, layout)
    place = Place(board, object_of(tmp_path, text, board, "zig", ".S"), 300 * MIB, room=4 * MIB)
    assert {name: place.call(name, 0, 0, 0, 1000) for name in expected} == expected
    assert len(place.plan.veneers) == pools


def test_a_branch_that_is_beyond_the_reach_of_both_ends_of_its_section_is_an_error_that_says_what_to_do(tmp_path):
    text, _ = large("mps2/an385", ["1100 a>b 1100 b"])
    with pytest.raises(LinkError, match="'b' is .* bytes away") as raised:
        Place("mps2/an385", object_of(tmp_path, text, "mps2/an385", "zig", ".S"), 300 * MIB, room=4 * MIB)
    assert "split the code into sections" in raised.value.hint


@pytest.mark.parametrize("board", LARGE)
def test_a_large_text_that_no_branch_crosses_is_laid_out_as_a_small_one(tmp_path, board):
    text, _ = large(board, ["a>b b 700", "c>d d 700", "e"])
    made = plan(object_of(tmp_path, text, board, "zig", ".S"), stock_rules())
    assert made.veneers == ()
    assert len(made.regions[RegionKind.TEXT].pieces) == 1


@pytest.mark.parametrize("board", LARGE)
def test_large_texts_are_planned_alike_one_by_one_and_as_arrays(tmp_path, board, monkeypatch):
    layout = ["a>d b>far 400", "c>far 400", "200 d", "e>a 600", "f>a 600", "g>d h>far"]
    path = object_of(tmp_path, large(board, layout)[0], board, "zig", ".S")
    data = (tmp_path / "t.o").read_bytes()
    plans = []
    for worthwhile in (0, 1 << 30):
        monkeypatch.setattr(packed, "WORTHWHILE", worthwhile)
        monkeypatch.setattr(packed, "WORTH_IMPORTING", worthwhile)
        made = plan(ElfFile.parse(data), stock_rules())
        plans.append((made.veneers, made.places, made.regions, list(branch_fields(made.elf))))
    assert plans[0] == plans[1]
    assert path.packed is None


@pytest.mark.parametrize("distance", [0x800, 100 * MIB])
def test_no_veneer_hides_that_a_target_is_misaligned(tmp_path, distance):
    text = ".global go\n.type go, @function\ngo:\n\tjal x0, far + 1\n"
    with pytest.raises(LinkError, match="'far' is .* bytes away, which is no multiple of 2"):
        Place("qemu_riscv32", object_of(tmp_path, text, "qemu_riscv32", "zig", ".S"), distance)


TABLES = """
extern int twice(int);
static int numbers[3] = {1, 20, 300};
int shared = 4000;
static const char *const names[] = {"one", "two"};
int *pointer = &numbers[1];
int (*function)(int) = twice;
static int helper(int x) { return x + shared; }
int go(int n) { int (*f)(int) = helper; printk("%s\\n", names[n]); return f(*pointer) + function(numbers[2]) + (twice == function); }
EXPORT_SYMBOL(go);
"""


@pytest.mark.parametrize("optimize", ["0", "s"])
@pytest.mark.parametrize("toolchain", TOOLCHAINS)
@pytest.mark.parametrize("name", BOARDS)
def test_position_independent_code_finds_everything_through_its_table(tmp_path, name, toolchain, optimize):
    if toolchain == "gcc":
        need(*GNU)
    (tmp_path / "t.c").write_text(PROLOGUE + TABLES)
    with Board(name) as board:

        @board.export
        def twice(number: int) -> int:
            return 2 * number

        options = BuildOptions(toolchain, optimize, model="pic")
        ext = board.load(build_extension([tmp_path / "t.c"], tmp_path / "t.llext", board.target, options).output)
        assert ext.fn("go")(1) == 20 + 4000 + 600 + 1
        assert board.console == "two\n"


@pytest.mark.tools
@pytest.mark.parametrize(("flags", "noted"), [((), False), (("-msingle-pic-base", "-mno-pic-data-is-text-relative"), True)])
def test_code_that_takes_the_table_from_a_register_that_nobody_sets_is_noted(tmp_path, flags, noted):
    need("arm-none-eabi-gcc")
    (tmp_path / "t.c").write_text("extern int shared; static int own; int go(void) { return shared + own++; }\n")
    words = ["arm-none-eabi-gcc", "-mcpu=cortex-m3", "-mthumb", "-fPIC", *flags, "-c"]
    subprocess.run([*words, tmp_path / "t.c", "-o", tmp_path / "t.o"], check=True)
    notes = plan(ElfFile.parse((tmp_path / "t.o").read_bytes()), stock_rules()).notes
    assert any("register that nobody sets" in note.reason for note in notes) is noted


def test_the_table_is_read_only_and_holds_addresses(tmp_path):
    (tmp_path / "t.c").write_text(PROLOGUE + "int shared = 5;\nint go(void) { return shared; }\nEXPORT_SYMBOL(go);\n")
    with Board("mps2/an385") as board:
        options = BuildOptions(optimize="0", model="pic")
        path = build_extension([tmp_path / "t.c"], tmp_path / "t.llext", board.target, options).output
        made = plan(ElfFile.parse(path.read_bytes()), stock_rules())
        ext = board.load(path)
        assert made.got.kind is RegionKind.RODATA
        assert ext.regions["rodata"].permission == "r"
        table = ext.regions["rodata"].address + made.got.offset
        assert board.memory.word(table) == ext.regions["data"].address


@pytest.mark.parametrize("distance", [900, 1100])
@pytest.mark.parametrize("kind", ["", ".global b\n"])
def test_a_label_that_is_not_said_to_be_a_function_is_thumb_code_to_a_thumb_branch(tmp_path, distance, kind):
    text = (
        ".syntax unified\n.thumb\n.global a\n.type a, %function\na:\n\tcmp r0, r0\n\tbeq.w b\n"
        f'.section .text.pad, "ax"\n.zero {distance} * 1024\n.section .text.b, "ax"\n{kind}b:\n\tadds r0, #8\n\tbx lr\n'
    )
    place = Place("mps2/an385", object_of(tmp_path, text, "mps2/an385", "zig", ".S"), 300 * MIB, room=4 * MIB)
    assert place.call("a", 0) == 8


@pytest.mark.parametrize("extent", [MIB - 0x210, MIB - 0x10, MIB - 8, MIB, MIB + 0xF0])
@pytest.mark.parametrize("board", LARGE)
def test_a_text_as_large_as_a_branchs_reach_has_room_for_its_veneers(tmp_path, board, extent):
    """The veneers at its end are farther away than its code is long."""
    head, branch, _, kind, _ = LARGE[board]
    text = f"{head}.global a\n.type a, {kind}\na:\n\t{branch.format('far')}\n\t.zero {extent} - 12\n"
    place = Place(board, object_of(tmp_path, text, board, "zig", ".S"), 300 * MIB, room=4 * MIB)
    assert place.call("a", 0, 0, 0, 1000) == 1000


@pytest.mark.parametrize("board", LARGE)
def test_what_stands_between_two_sections_in_the_file_counts_as_distance(tmp_path, board):
    head, branch, add, kind, _ = LARGE[board]
    text = (
        f'{head}.section .text.a, "ax"\n.global a\n.type a, {kind}\na:\n\t{branch.format("b")}\n'
        f'.section .note.much\n.zero 1200 * 1024\n.section .text.b, "ax"\n.global b\n.type b, {kind}\nb:\n\t{add.format(5)}\n'
    )
    place = Place(board, object_of(tmp_path, text, board, "zig", ".S"), 300 * MIB, room=4 * MIB)
    assert place.call("a", 0) == 5


@pytest.mark.parametrize(("link", "goes"), [("t0", True), ("ra", True), ("x0", True), ("t1", False)])
def test_a_jump_that_needs_the_register_of_a_veneer_takes_none(tmp_path, link, goes):
    text = f".global go\n.type go, @function\ngo:\n\tmv s0, ra\n\tjal {link}, far\n\tjr s0\n"
    elf = object_of(tmp_path, text, "qemu_riscv32", "zig", ".S")
    if goes:
        assert any(Place("qemu_riscv32", elf, 300 * MIB).veneers)
    else:
        with pytest.raises(LinkError, match="R_RISCV_JAL at .text.* is .* bytes away"):
            Place("qemu_riscv32", elf, 300 * MIB)


def test_stock_is_said_to_refuse_a_text_that_its_branches_do_not_cross(tmp_path):
    text, _ = large("mps2/an385", ["a>b 1100", "b"])
    notes = plan(object_of(tmp_path, text, "mps2/an385", "zig", ".S"), stock_rules()).notes
    assert any("-ENOEXEC, branches in its text do not reach" in str(note) for note in notes)
