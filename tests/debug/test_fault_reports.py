"""What a fault report says: expectations are the marked lines of the sources; addr2line is asked too where it is."""

import json
import os
import subprocess
import sys

import pytest
from conftest import BOARDS, GNU, PROLOGUE, ROOT, TOOLCHAINS, need

from llext import Board, GuestFault
from llext.build import BuildOptions, build_extension
from llext.cli.app import run
from llext.debug import coloured, fault_facts, fault_text
from llext.elf import ElfWriter
from llext.elf import constants as c

CHAIN = (
    PROLOGUE
    + """
#ifdef __clang__
#define APART __attribute__((noinline))
#else
#define APART __attribute__((noipa))
#endif
static volatile int table[6];
static int (*volatile nowhere)(int);
static APART int fill(int *where)
{
	*where = 7; // fill
	return table[0];
}
static APART int deep(int n, int *where)
{
	volatile int room[5] = {n};
	if (n == 0) {
		return fill(where) + room[0]; // last
	}
	return deep(n - 1, where) + room[0]; // deep
}
int go(int n)
{
	return deep(n, (int *)0x10) + table[1]; // go
}
EXPORT_SYMBOL(go);
int jump(int n)
{
	return nowhere(n) + table[1]; // jump
}
EXPORT_SYMBOL(jump);
int print(char *text)
{
	printk("%s", text); // print
	return table[2];
}
EXPORT_SYMBOL(print);
extern int ask(int n) __attribute__((weak));
static APART int inner(int n)
{
	return ask(n) + table[3]; // inner
}
int outer(int n)
{
	return inner(n) + table[4]; // outer
}
EXPORT_SYMBOL(outer);
int again(int n)
{
	volatile char room[64];
	room[n & 63] = 1; // room
	return again(n + 1) + room[0]; // again
}
EXPORT_SYMBOL(again);
"""
)


def marked(mark):
    """Number of the line that ends with a mark."""
    return next(number for number, line in enumerate(CHAIN.split("\n"), 1) if line.endswith(f"// {mark}"))


@pytest.fixture(params=TOOLCHAINS)
def toolchain(request):
    if request.param == "gcc":
        need(*GNU)
    return request.param


def made(folder, board, toolchain="zig", optimize="s"):
    (folder / "chain.c").write_text(CHAIN)
    options = BuildOptions(toolchain, optimize, cflags=("-fno-optimize-sibling-calls",))
    return build_extension([folder / "chain.c"], folder / "chain.llext", board.target, options).output


def fault_of(function, *values):
    with pytest.raises(GuestFault) as caught:
        function(*values)
    return caught.value


def lines(fault):
    """The chain as pairs of function and line."""
    return [(frame.symbol, frame.line) for frame in fault.chain]


# The chain -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("optimize", ["0", "s", "2"])
@pytest.mark.parametrize("name", BOARDS)
def test_the_chain_names_every_call_with_its_line(tmp_path, name, toolchain, optimize):
    with Board(name) as board:
        fault = fault_of(board.load(made(tmp_path, board, toolchain, optimize)).fn("go"), 3)
    deep = [("deep", marked("deep"))] * 3
    assert lines(fault) == [("fill", marked("fill")), ("deep", marked("last")), *deep, ("go", marked("go"))]
    assert [frame.how for frame in fault.chain] == ["pc"] + ["frame information"] * 5
    assert (fault.file, fault.line) == (str(tmp_path / "chain.c"), marked("fill"))


@pytest.mark.tools
@pytest.mark.parametrize(("name", "prefix"), [("mps2/an385", "arm-none-eabi-"), ("qemu_riscv32", "riscv64-unknown-elf-")])
def test_addr2line_says_the_same_of_each_frame(tmp_path, name, prefix, toolchain):
    need(prefix + "addr2line")
    with Board(name) as board:
        fault = fault_of(board.load(made(tmp_path, board, toolchain)).fn("go"), 2)
    words = [prefix + "addr2line", "-j", ".text", "-e", tmp_path / "chain_debug.elf", *(hex(f.offset) for f in fault.chain)]
    said = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=True).stdout.split()
    places = [text for text in said if not text.startswith("(")]
    assert [f"{frame.path}:{frame.line}" for frame in fault.chain] == places


@pytest.mark.parametrize("name", BOARDS)
def test_without_debug_information_the_stack_is_scanned_and_the_report_says_maybe(tmp_path, name, toolchain):
    with Board(name) as board:
        path = made(tmp_path, board, toolchain)
        known = fault_of(board.load(path).fn("go"), 2).chain
        (tmp_path / "chain_debug.elf").rename(tmp_path / "away")
        fault = fault_of(board.load(path, "scanned").fn("go", "int (int)"), 2)
    first, *found = fault.chain
    assert (first.how, first.offset, first.certain) == ("pc", known[0].offset, True)
    assert {(frame.how, frame.certain) for frame in found} == {("scan", False)}
    callers = iter(frame.offset for frame in found)
    assert all(frame.offset in callers for frame in known[1:])  # in this order, others between them or not
    assert "maybe" in fault_text(fault)


@pytest.mark.parametrize("name", BOARDS)
def test_a_jump_through_null_is_told_from_the_link_register(tmp_path, name):
    with Board(name) as board:
        fault = fault_of(board.load(made(tmp_path, board)).fn("jump"), 2)
    assert [(frame.how, frame.where if frame.how == "pc" else frame.symbol) for frame in fault.chain] == [
        ("pc", "nowhere"),
        ("link register", "jump"),
    ]
    assert fault.line == marked("jump")


@pytest.mark.parametrize("name", BOARDS)
def test_a_bad_pointer_that_a_service_is_given_is_told_at_the_call(tmp_path, name):
    with Board(name) as board:
        fault = fault_of(board.load(made(tmp_path, board)).fn("print"), 0x10)
    assert fault.chain[0].where.startswith("the firmware <printk+")
    assert (fault.chain[1].symbol, fault.line) == ("print", marked("print"))


@pytest.mark.parametrize("name", BOARDS)
def test_a_chain_goes_on_beyond_python(tmp_path, name):
    with Board(name) as board:

        @board.export
        def ask(n: int) -> int:
            return ext.fn("go")(n)

        ext = board.load(made(tmp_path, board, optimize="0"))
        fault = fault_of(ext.fn("outer"), 0)
    assert [frame.symbol or frame.where for frame in fault.chain] == ["fill", "deep", "go", "Python", "inner", "outer"]
    assert [frame.line for frame in fault.chain[4:]] == [marked("inner"), marked("outer")]


def test_recursion_without_end_between_python_and_guest_code_is_told_call_by_call(tmp_path):
    with Board() as board:

        @board.export
        def ask(n: int) -> int:
            return ext.fn("outer")(n)

        ext = board.load(made(tmp_path, board))
        fault = fault_of(ext.fn("outer"), 1)
    assert fault.reason == "nesting"
    assert sum(frame.where == "Python" for frame in fault.chain) == 31  # of 32 calls that may be open


@pytest.mark.parametrize("name", BOARDS)
def test_calls_of_itself_are_told_in_one_line(tmp_path, name):
    with Board(name) as board:
        fault = fault_of(board.load(made(tmp_path, board, optimize="0")).fn("again"), 0)
    (row,) = [line for line in fault_text(fault).split("\n") if "<again+" in line and " times" in line]
    assert f"chain.c:{marked('again')}, {min(len(fault.chain), 1000) - 1} times" in row


def test_a_stack_pointer_that_was_lost_leaves_the_fault_alone(tmp_path):
    """There is no end of the call stack above it, and nothing that looks like a call either."""
    text = "static int room[64];\nint *place(void) { return room; }\nEXPORT_SYMBOL(place);\n__attribute__((naked)) void lost(int *stack) "
    text += '{ __asm__ volatile("mov sp, r0\\n\\tmovs r1, #0\\n\\tstr r1, [r1, #16]"); }\nEXPORT_SYMBOL(lost);\n'
    (tmp_path / "lost.c").write_text(PROLOGUE + text)
    with Board() as board:
        path = build_extension([tmp_path / "lost.c"], tmp_path / "lost.llext", board.target).output
        (tmp_path / "lost_debug.elf").unlink()
        ext = board.load(path)
        fault = fault_of(ext.fn("lost", "void (uint32_t)"), ext.fn("place", "uint32_t (void)")() + 128)
    assert (fault.address, [frame.symbol for frame in fault.chain]) == (16, ["lost"])


def test_a_chain_is_what_it_was_when_the_extension_has_gone(tmp_path):
    with Board() as board:
        ext = board.load(made(tmp_path, board))
        fault = fault_of(ext.fn("go"), 1)
        board.unload(ext)
        board.memory.write(board.layout.stack, bytes(board.layout.stack_top - board.layout.stack))
        assert [frame.symbol for frame in fault.chain] == ["fill", "deep", "deep", "go"]


@pytest.mark.parametrize("damage", [b"", b"\x7fELF", b"\x7fELF\1\1\1" + bytes(200)])
def test_a_damaged_debug_file_does_not_hide_the_fault(tmp_path, damage):
    with Board() as board:
        path = made(tmp_path, board)
        (tmp_path / "chain_debug.elf").write_bytes(damage)
        fault = fault_of(board.load(path).fn("go"), 1)
    assert fault.chain[0].symbol == "fill"
    assert "guest fault: store to 0x00000010 (near NULL)" in fault_text(fault)


@pytest.mark.parametrize("section", [".debug_line", ".debug_frame", ".debug_line_str"])
def test_damaged_debug_sections_do_not_hide_the_fault(tmp_path, section):
    from llext.elf import ElfFile

    with Board() as board:
        path = made(tmp_path, board)
        data = bytearray((tmp_path / "chain_debug.elf").read_bytes())
        place = ElfFile.parse(bytes(data)).section(section)
        for fill in (0, 0xFF, 0x41):
            data[place.offset : place.offset + place.size] = bytes([fill]) * place.size
            (tmp_path / "chain_debug.elf").write_bytes(data)
            ext = board.load(path)
            assert fault_of(ext.fn("go"), 1).chain[0].symbol == "fill"
            board.unload(ext)


# The source ----------------------------------------------------------------------------------------------------------------


def test_the_report_shows_the_line_between_two_before_and_two_behind(tmp_path):
    folder = tmp_path / "a folder with spaces"
    folder.mkdir()
    with Board() as board:
        text = fault_text(fault_of(board.load(made(folder, board)).fn("go"), 1))
    number = marked("fill")
    source = CHAIN.split("\n")
    rows = [f"{'>' if n == number else ' '} {n:6} | {source[n - 1].expandtabs(4)}" for n in range(number - 2, number + 3)]
    assert "\n".join(rows) in "\n".join(line.rstrip() for line in text.split("\n"))
    assert f"  at {folder / 'chain.c'}:{number}\n" in text


def test_a_source_that_is_not_there_is_named_only(tmp_path):
    with Board() as board:
        path = made(tmp_path, board)
        (tmp_path / "chain.c").unlink()
        fault = fault_of(board.load(path).fn("go"), 1)
    assert fault.line == marked("fill")
    assert " | " not in fault_text(fault)


def test_a_source_of_relative_name_is_found_from_another_folder(tmp_path, monkeypatch, toolchain):
    (tmp_path / "else").mkdir()
    (tmp_path / "chain.c").write_text(CHAIN)
    monkeypatch.chdir(tmp_path)
    assert run(["build", "chain.c", "--toolchain", toolchain, "-o", "chain.llext"]) == 0
    monkeypatch.chdir(tmp_path / "else")
    with Board() as board:
        fault = fault_of(board.load(tmp_path / "chain.llext").fn("go"), 0)
    assert fault.file == "chain.c"
    assert fault.chain[0].path == str(tmp_path / "chain.c")


# Words for addresses -------------------------------------------------------------------------------------------------------

WORDS = (
    PROLOGUE
    + """
const char name[8] = "constant";
int value[4] = {1, 2, 3, 4};
int zero[6];
EXPORT_SYMBOL(name);
EXPORT_SYMBOL(value);
EXPORT_SYMBOL(zero);
void store(volatile int *where) { *where = 1; }
EXPORT_SYMBOL(store);
"""
)


@pytest.mark.parametrize(
    ("region", "beyond", "said"),
    [
        ("rodata", 0, "in .rodata of 'words', read only <name+0x0>"),
        ("text", 0, "in .text of 'words', code <store+0x0>"),
    ],
)
def test_what_lies_at_the_address_is_told_in_words(tmp_path, region, beyond, said):
    (tmp_path / "words.c").write_text(WORDS)
    with Board() as board:
        ext = board.load(build_extension([tmp_path / "words.c"], tmp_path / "words.llext", board.target).output)
        fault = fault_of(ext.fn("store", "void (uint32_t)"), ext.regions[region].address + beyond)
    assert fault.lies == said
    assert f"({said})" in fault.message


def test_an_address_beside_a_region_is_told_by_its_distance(tmp_path):
    (tmp_path / "words.c").write_text(WORDS)
    with Board() as board:
        ext = board.load(build_extension([tmp_path / "words.c"], tmp_path / "words.llext", board.target).output)
        bss, text = ext.regions["bss"], ext.regions["text"]
        assert board.describe(bss.address + bss.size + 24) == "24 bytes past the end of .bss of 'words'"
        assert board.describe(bss.address + bss.size) == "at the end of .bss of 'words'"
        assert board.describe(text.address - 2) == "2 bytes before .text of 'words'"


def test_a_region_that_is_only_a_table_of_the_linkers_is_told_too():
    writer = ElfWriter(c.EM_ARM)
    text = writer.section(".text", bytes.fromhex("7047000000000000"), flags=c.SHF_ALLOC | c.SHF_EXECINSTR)
    symbol = writer.symbol("f", text, 1, type_=c.STT_FUNC)
    writer.relocate(text, [(4, 96, symbol)])  # R_ARM_GOT_PREL
    with Board() as board:
        table = board.load(writer.build(), "table").regions["rodata"]
        assert table.sections == {}
        assert board.describe(table.address + table.size + 4) == "4 bytes past the end of rodata of 'table'"


def test_an_address_where_nothing_is_names_the_nearest_memory(board):
    assert board.describe(0x60000000).startswith("not mapped; the nearest memory is ")


# Zephyr's words ------------------------------------------------------------------------------------------------------------

REGISTERS = r"""r0/a1:  0x[0-9a-f]{8}  r1/a2:  0x[0-9a-f]{8}  r2/a3:  0x[0-9a-f]{8}
r3/a4:  0x[0-9a-f]{8} r12/ip:  0x[0-9a-f]{8} r14/lr:  0x[0-9a-f]{8}
 xpsr:  0x[0-9a-f]{8}
Faulting instruction address \(r15/pc\): 0x[0-9a-f]{8}
"""
THREAD = r"Current thread: 0x[0-9a-f]+ \(main\)\n"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (
            "mps2/an385",
            r"\*{5} MPU FAULT \*{5}\n  Data Access Violation\n  MMFAR Address: 0x[0-9a-f]+\n" + REGISTERS
            + r">>> ZEPHYR FATAL ERROR 19: Unknown error on CPU 0\n" + THREAD,
        ),
        ("qemu_cortex_m0", r"\*{5} HARD FAULT \*{5}\n" + REGISTERS + r">>> ZEPHYR FATAL ERROR 0: CPU exception on CPU 0\n" + THREAD),
        (
            "qemu_riscv32",
            r"\n mcause: 7, Store/AMO access fault\n  mtval: [0-9a-f]+\n     a0: [0-9a-f]{8}    t0: [0-9a-f]{8}\n(?:.*\n)*"
            r"     ra: [0-9a-f]{8}\n   mepc: [0-9a-f]{8}\nmstatus: 00001880\n\n"
            r">>> ZEPHYR FATAL ERROR 0: CPU exception on CPU 0\n" + THREAD,
        ),
    ],
)  # fmt: skip
def test_the_console_has_zephyrs_words(tmp_path, name, words):
    """Zephyr's fault handlers log them in module ``os``; mstatus by the privileged ISA 3.1.6.1: from machine mode, interrupts let through."""
    import re

    (tmp_path / "words.c").write_text(WORDS)
    with Board(name) as board:
        ext = board.load(build_extension([tmp_path / "words.c"], tmp_path / "words.llext", board.target).output)
        fault_of(ext.fn("store", "void (uint32_t)"), ext.regions["rodata"].address)
        lines = re.sub(r"^\[00:00:00\.000,000\] <err> os: ", "", board.console, flags=re.MULTILINE)
        assert re.fullmatch(words, lines), board.console
        assert board.console.count("<err> os: ") == lines.count("\n")


def test_what_the_host_ends_is_no_fault_of_the_cpu(tmp_path):
    (tmp_path / "spin.c").write_text(PROLOGUE + "void spin(void) { for (;;) { } }\nEXPORT_SYMBOL(spin);\n")
    with Board(timeout=0.05) as board:
        ext = board.load(build_extension([tmp_path / "spin.c"], tmp_path / "spin.llext", board.target).output)
        assert fault_of(ext.fn("spin")).reason == "timeout"
        assert board.console == ""


# How it is shown -----------------------------------------------------------------------------------------------------------


def test_json_has_all_fields(tmp_path, capfdbinary):
    (tmp_path / "chain.c").write_text(CHAIN)
    assert run(["run", str(tmp_path / "chain.c"), "--call", "go(1)", "--json", "-O0"]) == 1
    error = json.loads(capfdbinary.readouterr().out)["error"]
    assert {"kind", "errno", "message", "hint", "reason", "address", "lies", "pc", "where", "registers", "file", "line", "source",
            "chain", "console"} <= error.keys()  # fmt: skip
    assert error["line"] == marked("fill")
    assert [row["line"] for row in error["source"]] == list(range(marked("fill") - 2, marked("fill") + 3))
    assert [(frame["symbol"], frame["certain"]) for frame in error["chain"]] == [
        ("fill", True), ("deep", True), ("deep", True), ("go", True)
    ]  # fmt: skip


def test_python_and_json_have_the_same_facts(tmp_path):
    with Board() as board:
        fault = fault_of(board.load(made(tmp_path, board)).fn("go"), 1)
    facts = fault_facts(fault)
    assert facts["address"] == fault.address == 0x10
    assert len(facts["chain"]) == len(fault.chain)
    assert f"at {fault.file}:{fault.line}" in str(fault)


def test_colour_is_only_colour(tmp_path):
    import re

    with Board() as board:
        fault = fault_of(board.load(made(tmp_path, board)).fn("go"), 1)
    bright = fault_text(fault, coloured)
    assert "\x1b[1;31mguest fault\x1b[0m: store to" in bright
    assert re.sub(r"\x1b\[[0-9;]*m", "", bright) == fault_text(fault)


@pytest.mark.skipif(os.name == "nt", reason="terminals")
@pytest.mark.parametrize(("environment", "bright"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)])
def test_a_terminal_gets_colour_unless_its_user_asks_for_none(tmp_path, environment, bright):
    import pty

    (tmp_path / "chain.c").write_text(CHAIN)
    main, terminal = pty.openpty()
    words = [sys.executable, "-m", "llext", "run", str(tmp_path / "chain.c"), "--call", "go(1)"]
    given = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "TERM": "xterm", **environment}
    given = {name: value for name, value in given.items() if name != "NO_COLOR" or "NO_COLOR" in environment}
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=terminal, env=given)
    os.close(terminal)
    shown = b""
    try:
        while piece := os.read(main, 4096):
            shown += piece
    except OSError:  # the terminal's other end was closed
        pass
    os.close(main)
    assert process.wait() == 1
    assert b"guest fault" in shown
    assert (b"\x1b[" in shown) is bright
