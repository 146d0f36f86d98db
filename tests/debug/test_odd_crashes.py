"""Reports of faults that leave little to go by: stacks that are gone, functions that never return, sources of any encoding."""

import json
import os
import signal
import subprocess
import sys
import threading

import pytest
from conftest import BOARDS, PROLOGUE, ROOT

from llext import Board, GuestFault, HeapError
from llext.build import BuildOptions, build_extension
from llext.cli.app import run
from llext.debug import fault_text
from llext.errors import LlextError
from llext.loader import GuestFunction


def crash(folder, text, board="mps2/an385", optimize="s", call="go()", toolchain="zig", **options):
    """What a call of ``go`` ends with."""
    (folder / "odd.c").write_text(PROLOGUE + text, encoding="latin-1")
    with Board(board, **options) as powered:
        made = build_extension([folder / "odd.c"], folder / "odd.llext", powered.target, BuildOptions(toolchain, optimize))
        name, _, arguments = call.partition("(")
        with pytest.raises(GuestFault) as caught:
            powered.load(made.output).fn(name)(*map(int, filter(None, arguments.rstrip(")").split(","))))
        return caught.value, fault_text(caught.value)


NO_STACK = """
int go(void)
{
#ifdef __arm__
	__asm volatile("movs r0, #0; mov sp, r0; mov lr, r0; ldr r1, [r0]" ::: "r0", "r1");
#else
	__asm volatile("li sp, 0; li ra, 0; lw a0, 0(sp)");
#endif
	return 0;
}
EXPORT_SYMBOL(go);
"""


@pytest.mark.parametrize("board", BOARDS)
def test_a_stack_pointer_that_is_nowhere_costs_no_more_than_the_stack(tmp_path, board):
    fault, _ = crash(tmp_path, NO_STACK, board)
    asked = []
    state = fault._state  # private: what the walk reads is counted
    real = state._word
    state._word = lambda at: asked.append(at) or real(at)
    assert fault.chain[0].symbol == "go"
    assert len(asked) <= len(state._stack) // 4


NEVER_BACK = """
static volatile int *volatile bad = (int *)0xdead0000;
static __attribute__((noinline)) void helper(int n) { *bad = n; printk("x"); }
static __attribute__((noreturn, noinline)) void die(int n) { helper(n); for (;;) { } }
static __attribute__((noinline)) int mid(int n) { if (n > 3) { die(n); } return n; }
int go(void) { return mid(7) + 1; }
EXPORT_SYMBOL(go);
"""


@pytest.mark.parametrize("optimize", ["0", "1", "2", "s"])
@pytest.mark.parametrize("board", BOARDS)
def test_a_function_that_never_returns_has_no_caller_that_is_certain_and_untrue(tmp_path, board, optimize):
    fault, _ = crash(tmp_path, NEVER_BACK, board, optimize)
    certain = [frame.symbol for frame in fault.chain if frame.certain]
    # Each function is called once: a certain chain is the true one, or its beginning.
    true = ["helper", "die", "mid", "go"]
    inlined = [name for name in true if name in certain]
    assert certain == inlined
    assert len(fault.chain) < 10


def test_a_damaged_line_table_is_none(tmp_path):
    (tmp_path / "odd.c").write_text(PROLOGUE + "int go(void) { return *(volatile int *)4; }\nEXPORT_SYMBOL(go);")
    with Board() as board:
        made = build_extension([tmp_path / "odd.c"], tmp_path / "odd.llext", board.target)
        data = bytearray(made.debug.read_bytes())
        elf_lines = section(data, ".debug_line")
        data[elf_lines + 16] = (
            0  # line_range of DWARF 5: unit_length 4, version 2, sizes 2, header_length 4, 3 bytes, line_base
        )
        made.debug.write_bytes(data)
        with pytest.raises(GuestFault) as caught:
            board.load(made.output).fn("go")()
    assert "go" in fault_text(caught.value)


def section(data, name):
    """File offset of a section."""
    from llext.elf import ElfFile

    return ElfFile.parse(bytes(data)).section(name).offset


def test_damage_of_the_system_heap_does_not_hide_the_fault_of_who_found_it(tmp_path):
    text = (
        "int go(void) { char *p = k_malloc(16); for (int i = 16; i < 64; i++) p[i] = 0x55;\n"
        "char *q = k_malloc(32); k_free(p); k_free(q); return 7; }\nEXPORT_SYMBOL(go);"
    )
    (tmp_path / "odd.c").write_text(PROLOGUE + text)
    with Board() as board:
        ext = board.load(build_extension([tmp_path / "odd.c"], tmp_path / "odd.llext", board.target).output)
        with pytest.raises(GuestFault, match="no block begins there"), board.measure():
            ext.fn("go")()
        with pytest.raises(HeapError, match="is damaged"):
            board.kernel.system_heap.allocated_bytes  # noqa: B018 - the property raises


def test_a_source_in_another_encoding_is_shown_and_says_nothing_to_a_terminal(tmp_path):
    text = "/* Gr\xfc\xdfe \x1b]0;title\x07 */\nint go(void) { return *(volatile int *)4; }\nEXPORT_SYMBOL(go);"
    fault, shown = crash(tmp_path, text)
    assert f">  {fault.line:5} | int go(void)" in shown.replace(">      ", ">  ").replace(
        f">  {fault.line} ", f">  {fault.line:5} "
    )
    assert "Gr\N{REPLACEMENT CHARACTER}" in shown
    assert "\x1b" not in shown
    assert "\x07" not in shown


@pytest.mark.parametrize("board", ["qemu_riscv32", "mps2/an385"])
def test_code_that_runs_off_its_end_is_said_to_be_there(tmp_path, board):
    fault, _ = crash(tmp_path, 'int go(void) { printk("hi\\n"); __builtin_unreachable(); }\nEXPORT_SYMBOL(go);', board)
    assert "the end of .text of 'odd', called from odd .text" in fault.where


@pytest.mark.parametrize("board", BOARDS)
def test_what_lies_below_the_stack_is_told_of_the_stack_however_near_an_extension_is(tmp_path, board):
    text = "int rec(int n) { volatile char p[64]; p[n & 63] = n; return rec(n + 1) + p[3]; }\nEXPORT_SYMBOL(rec);"
    fault, _ = crash(tmp_path, text, board, "0", "rec(0)")
    assert (fault.reason, fault.lies) == ("stack overflow", "below the call stack")
    text = "int big(int n) { volatile char p[1000000]; p[n] = n; return p[3]; }\nEXPORT_SYMBOL(big);"
    fault, _ = crash(tmp_path, text, board, "0", "big(0)")
    assert fault.reason == "stack overflow"
    assert fault.lies.endswith("bytes below the call stack")


@pytest.mark.parametrize("optimize", ["1", "s"])
@pytest.mark.parametrize("board", BOARDS)
def test_an_instruction_that_is_none_at_the_start_of_a_text_is_told_as_that(tmp_path, board, optimize):
    fault, _ = crash(tmp_path, "int go(void) { __builtin_trap(); return 0; }\nEXPORT_SYMBOL(go);", board, optimize)
    assert fault.reason in {"undefined instruction", "breakpoint"}
    assert fault.where.startswith("odd .text+0x0 <go+0x0>")
    assert fault.hint


def test_a_large_line_table_is_decoded_where_it_is_asked_only(tmp_path, monkeypatch):
    lines = "".join(f"int f{n}(int *p) {{ return *p + {n}; }}\nEXPORT_SYMBOL(f{n});\n" for n in range(400))
    from llext.dwarf import lines as decoder

    decoded = []
    real = decoder._rows
    monkeypatch.setattr(decoder, "_rows", lambda program: [decoded.append(row) or row for row in real(program)])
    fault, shown = crash(tmp_path, lines, heap_size=1 << 20, call="f7(4)")
    assert fault.line == len(PROLOGUE.splitlines()) + 15
    assert "return *p + 7;" in shown
    assert 0 < len(decoded) < 40  # of 400 functions those around f7


LOOPS = {
    "spin": "int go(void) { for (;;) { } }",
    "print": 'int go(void) { for (;;) { printk("x"); } }',
}


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("board", ["mps2/an385", "qemu_riscv32"])
def test_ctrl_c_ends_a_call_from_python_as_it_ends_python(tmp_path, board, loop):
    """No handler is installed: Python's own raises KeyboardInterrupt, wherever it comes to run."""
    (tmp_path / "loop.c").write_text(
        PROLOGUE + LOOPS[loop] + "\nEXPORT_SYMBOL(go);\nint f(void) { return 3; }\nEXPORT_SYMBOL(f);"
    )
    with Board(board, timeout=60) as powered:
        ext = powered.load(build_extension([tmp_path / "loop.c"], tmp_path / "loop.llext", powered.target).output)
        running = threading.Event()
        powered.timeout = 60

        def press():
            while not powered.machine.nesting:
                running.wait(0.01)
            os.kill(os.getpid(), signal.SIGINT)

        presser = threading.Thread(target=press)
        presser.start()
        with pytest.raises(KeyboardInterrupt):
            ext.fn("go")()
        presser.join()
        assert ext.fn("f")() == 3


def test_a_fault_is_told_although_nobody_reads_the_console(tmp_path):
    (tmp_path / "null.c").write_text(PROLOGUE + "int go(void) { *(volatile int *)8 = 1; return 0; }\nEXPORT_SYMBOL(go);")
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "llext", "run", str(tmp_path / "null.c")]
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, cwd=ROOT, text=True)
    os.close(writer)
    assert done.returncode == 1
    assert done.stderr.startswith("guest fault: store to 0x00000008")
    assert "Traceback" not in done.stderr


def test_a_file_beyond_all_memory_is_not_read(tmp_path):
    from llext.cli.facts import gather

    path = tmp_path / "vast.llext"
    with path.open("wb") as file:
        file.write(b"\x7fELF")
        file.truncate(1 << 33)
    with Board() as board, pytest.raises(LlextError, match="more than 256 MiB: no board has room for that") as caught:
        gather(path, board, "4.0")
    assert caught.value.hint


GIVES_UP = {
    "panic": "k_panic();",
    "oops": "k_oops();",
    "trap": "__builtin_trap();",
    "freed twice": "void *p = k_malloc(8); k_free(p); k_free(p);",
    "foreign pointer": "k_free((void *)0x20000100);",
    "heap that was not made": "static struct k_heap h; (void)k_heap_alloc(&h, 8, K_NO_WAIT);",
    "lock that is not held": "k_sched_unlock();",
    "priority": "k_thread_priority_set(k_current_get(), 99);",
    "nobody waits for it": "static struct k_sem s; k_sem_init(&s, 0, 1); k_sem_take(&s, K_FOREVER);",
}


@pytest.mark.parametrize("way", GIVES_UP)
@pytest.mark.parametrize("board", ["mps2/an385", "qemu_riscv32"])
def test_each_fault_says_what_to_do_next(tmp_path, board, way):
    fault, shown = crash(tmp_path, f"int go(void) {{ {GIVES_UP[way]} return 0; }}\nEXPORT_SYMBOL(go);", board, "0")
    assert fault.hint
    assert fault.hint in shown


def test_an_interrupted_run_with_json_leaves_the_report_and_the_console(tmp_path, monkeypatch, capfd):
    (tmp_path / "spin.c").write_text(PROLOGUE + 'int go(void) { printk("on\\n"); for (;;) { } }\nEXPORT_SYMBOL(go);')
    real = GuestFunction.__call__

    def called(self, *values):
        machine, moment = self.extension.caller.machine, threading.Event()

        def press():
            while not machine.nesting:
                moment.wait(0.01)
            machine.interrupt()

        threading.Thread(target=press).start()
        return real(self, *values)

    monkeypatch.setattr(GuestFunction, "__call__", called)
    assert run(["run", "--json", "--timeout", "60", str(tmp_path / "spin.c")]) == 130
    error = json.loads(capfd.readouterr().out)["error"]
    assert (error["reason"], error["file"][-6:]) == ("interrupted", "spin.c")
    assert "console" in error
