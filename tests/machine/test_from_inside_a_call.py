"""What Python does while guest code waits for it: load, unload, measure; and what other threads and forks may do."""

import os
import subprocess
import sys
import threading
import time

import pytest
from conftest import BOARDS, ROOT

from llext import Board, GuestFault, LoadError, UsageError

TWICE = "int twice(int x) { return 2 * x; }\nEXPORT_SYMBOL(twice);"
ASKING = "extern int ask(int x);\nint go(int x) { return ask(x) + 1; }\nEXPORT_SYMBOL(go);"


@pytest.mark.parametrize("mpu", [True, False])
@pytest.mark.parametrize("name", [*BOARDS, "qemu_riscv32"])
def test_a_python_export_loads_calls_and_unloads_an_extension(build, name, mpu):
    library, user = build(TWICE, "lib", board=name), build(ASKING, "user", board=name)
    with Board(name, mpu=mpu) as board:

        @board.export
        def ask(x: int) -> int:
            extension = board.load(library)
            answer = extension.fn("twice")(x)
            board.unload(extension)
            return answer

        go = board.load(user).fn("go")
        assert [go(x) for x in (4, 5)] == [9, 11]


def test_a_python_export_loads_other_code_to_the_same_place_and_the_new_code_runs(build, board):
    paths = [build(f"int f(void) {{ return {n}; }}\nEXPORT_SYMBOL(f);", f"lib{n}") for n in (1, 2)]

    @board.export
    def ask(x: int) -> int:
        answers, addresses = [], set()
        for path in paths:
            extension = board.load(path)
            addresses.add(extension.find_sym("f"))
            answers.append(extension.fn("f")())
            board.unload(extension)
        assert len(addresses) == 1
        return answers[0] * 10 + answers[1]

    assert board.load(build(ASKING, "user")).fn("go")(0) == 13


def test_what_was_code_once_is_not_executable_after_an_unload_inside_a_call(build, board):
    library = build(TWICE, "lib")

    @board.export
    def ask(x: int) -> int:
        extension = board.load(library)
        extension.fn("twice")(1)
        board.unload(extension)
        return extension.find_sym("twice")

    jump = "extern int ask(int x);\nint go(int x) { return ((int (*)(int))ask(x))(x); }\nEXPORT_SYMBOL(go);"
    go = board.load(build(jump, "user")).fn("go")
    for _ in range(2):
        with pytest.raises(GuestFault, match="jump to"):
            go(1)


def test_an_extension_that_is_running_cannot_be_unloaded(build, board):
    refused = []

    @board.export
    def ask(x: int) -> int:
        with pytest.raises(LoadError, match="extension 'user' is running") as caught:
            board.unload(board.by_name("user"))
        refused.append(caught.value.errno.name)
        return x

    user = board.load(build(ASKING, "user"))
    assert user.fn("go")(7) == 8
    assert refused == ["EBUSY"]
    assert board.unload(user) == 0


def test_a_library_cannot_go_with_its_user_while_it_is_running(build, board):
    @board.export
    def ask(x: int) -> int:
        with pytest.raises(LoadError, match="'lib' is running"):
            board.unload(board.by_name("user"))
        return x

    library = board.load(build("extern int ask(int x);\nint deep(int x) { return ask(x) + 1; }\nEXPORT_SYMBOL(deep);", "lib"))
    user = board.load(build("extern int deep(int x);\nint go(int x) { return deep(x); }\nEXPORT_SYMBOL(go);", "user"))
    board.unload(library)
    assert library.fn("deep")(3) == 4
    assert (user.loaded, library.loaded) == (True, True)
    board.unload(user)
    assert not library.loaded


def test_a_call_cannot_be_measured_from_inside(load, board):
    @board.export
    def ask(x: int) -> int:
        with board.measure():
            return x

    go = load(ASKING).fn("go")
    with pytest.raises(UsageError, match="cannot be measured from inside"):
        go(1)
    with board.measure() as cost, pytest.raises(UsageError):
        go(1)
    assert cost.stack > 0


def test_a_second_thread_is_told_that_the_board_is_in_use(build, load, board):
    path = build(TWICE, "lib")
    told = []

    def other():
        for use in (lambda: ext.fn("go")(1), lambda: board.load(path), lambda: board.unload(ext)):
            try:
                use()
            except UsageError as error:
                told.append(error.message)

    @board.export
    def ask(x: int) -> int:
        thread = threading.Thread(target=other)
        thread.start()
        thread.join(60)
        return x

    ext = load(ASKING)
    assert ext.fn("go")(5) == 6
    assert told == ["another thread uses this board just now"] * 3
    assert ext.fn("go")(6) == 7


def test_two_threads_that_call_at_will_get_results_or_that_error(load):
    ext = load("int add(int a, int b) { for (volatile int i = 0; i < 200; i++) { } return a + b; }\nEXPORT_SYMBOL(add);")
    add, seen = ext.fn("add"), []

    def use():
        for number in range(300):
            try:
                seen.append(add(number, 1) == number + 1)
            except UsageError as error:
                seen.append("another thread" in error.message)

    threads = [threading.Thread(target=use) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert seen == [True] * 900


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
def test_a_forked_process_has_a_watchdog_and_memory_of_its_own():
    code = """if True:
        import os, sys
        from pathlib import Path
        from llext import Board, GuestFault
        from llext.build import build_extension
        from llext.target import load_target
        source = Path(sys.argv[1]) / "f.c"
        source.write_text('#include <zephyr/llext/symbol.h>\\nint n; int count(void) { return ++n; } void spin(void) { for (;;) { } }\\n'
                          'EXPORT_SYMBOL(count); EXPORT_SYMBOL(spin);')
        board = Board(timeout=0.1)
        ext = board.load(build_extension([source], source.with_suffix(".llext"), load_target(board.target.name)).output)
        count = ext.fn("count")
        assert count() == 1
        child = os.fork()
        if not child:
            count()
            try:
                ext.call("spin")
            except GuestFault as fault:
                os._exit(3 if fault.reason == "timeout" and count() == 3 else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 3
        assert count() == 2
        print("both")
    """
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([sys.executable, "-c", code, folder], capture_output=True, text=True, timeout=60, cwd=ROOT)
    assert done.stdout == "both\n", done.stderr


def test_an_interrupt_is_not_lost_however_early_it_comes(load, board):
    ext = load("void spin(void) { for (;;) { } }\nEXPORT_SYMBOL(spin);")
    run = board.machine._run

    def late(*words):
        board.interrupt()  # before the emulator starts, which forgets it
        return run(*words)

    board.machine._run = late
    started = time.monotonic()
    with pytest.raises(GuestFault, match="interrupted"):
        ext.call("spin")
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("callback", ["_fill", "_on_interrupt", "_on_invalid"])
def test_an_exception_in_any_callback_comes_out_of_the_call(build, monkeypatch, callback, capfd):
    from llext.machine import Machine

    def broken(*_words):
        raise KeyboardInterrupt

    body = {"_fill": "", "_on_interrupt": '__asm__ volatile("svc #9");', "_on_invalid": "*(volatile int *)0xa0000000 = 1;"}
    path = build(f"void f(void) {{ {body[callback]} }}\nEXPORT_SYMBOL(f);")
    monkeypatch.setattr(Machine, callback, broken)
    board = Board(mpu=callback != "_on_invalid")
    with pytest.raises(KeyboardInterrupt):
        board.load(path).call("f")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("instruction", "words"),
    [
        ("wfi", "wait for an interrupt that never comes"),
        ("svc #9", "supervisor call 9, which nobody serves"),
        ("bkpt #1", "breakpoint"),
    ],
)
def test_an_instruction_that_stops_the_cpu_is_named(load, instruction, words):
    ext = load(f'void f(void) {{ __asm__ volatile("{instruction}"); }}\nEXPORT_SYMBOL(f);')
    with pytest.raises(GuestFault, match=rf"guest fault: {words}, at pc 0x[0-9a-f]+ in ext .text\+0x[0-9a-f]+ <f"):
        ext.call("f")


@pytest.mark.parametrize("mpu", [True, False])
@pytest.mark.parametrize(
    "body",
    [
        "*(volatile int *)0 = 1;",
        "((void (*)(void))0x20000001)();",
        '__asm__ volatile("udf #1");',
        '__asm__ volatile("wfi");',
        "k_panic();",
    ],
)
def test_a_fault_of_a_nested_call_that_python_catches_leaves_the_outer_call_whole(build, body, mpu):
    wrong, user = build(f"void f(void) {{ {body} }}\nEXPORT_SYMBOL(f);", "wrong"), build(ASKING, "user")
    with Board(mpu=mpu) as board:
        extension = board.load(wrong)

        @board.export
        def ask(x: int) -> int:
            with pytest.raises(GuestFault):
                extension.call("f")
            return x

        go = board.load(user).fn("go")
        assert [go(x) for x in (1, 2)] == [2, 3]
