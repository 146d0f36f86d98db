"""The command line: output, JSON, exit codes, and one clear message for each mistake."""

import json
import os
import re
import subprocess
import sys

import pytest
from conftest import ROOT

from llext import Board, HeapError
from llext.cli.app import run
from llext.cli.call import parse_call

HELLO = str(ROOT / "examples" / "hello_world" / "hello_world.c")
MATHS = """#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>
int add(int a, int b) { return a + b; }
float mix(float a, int b) { return a * b; }
double big(double a) { return a * 1e200; }
int length(const char *s) { int n = 0; while (s[n]) n++; return n; }
unsigned long long wide(unsigned long long x) { return x + 1; }
void note(void) { printk("noted\\n"); }
void crash(void) { *(volatile int *)0 = 1; }
void spin(void) { for (;;) { } }
EXPORT_SYMBOL(add); EXPORT_SYMBOL(mix); EXPORT_SYMBOL(big); EXPORT_SYMBOL(length); EXPORT_SYMBOL(wide);
EXPORT_SYMBOL(note); EXPORT_SYMBOL(crash); EXPORT_SYMBOL(spin);
"""


@pytest.fixture
def maths(tmp_path):
    path = tmp_path / "maths.c"
    path.write_text(MATHS)
    return str(path)


@pytest.fixture
def call(capfdbinary):
    """Runs the command line in this process: (exit code, standard output, standard error)."""

    def go(*words):
        code = run([str(word) for word in words])
        out, err = capfdbinary.readouterr()
        assert b"Traceback" not in out + err
        return code, out.decode(), err.decode()

    return go


def test_hello_world_prints_its_two_lines(call):
    assert call("run", HELLO) == (0, "hello world\nA number is 42\n", "")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("add(2, 3)", "add(2, 3) = 5"),
        ("add(-2, 0x10)", "add(-2, 16) = 14"),
        ("mix(1.5, 3)", "mix(1.5, 3) = 4.5"),
        ("big(2)", "big(2) = 2e+200"),
        ('length("hel, lo(")', 'length("hel, lo(") = 8'),
        ("wide(0xffffffff)", "wide(4294967295) = 4294967296"),
        ("short add(short, short)(40000, 30000)", None),
        ("int add(int, int)(1, 2)", "add(1, 2) = 3"),
    ],
)
def test_calls_are_typed_and_their_results_shown(call, maths, text, shown):
    code, out, _ = call("run", maths, "--call", text)
    assert code == 0
    if shown is not None:
        assert out == shown + "\n"


def test_void_prints_no_result(call, maths):
    assert call("run", maths, "--call", "note()")[:2] == (0, "noted\n")


def test_calls_run_in_order_on_one_board(call, maths):
    assert (
        call("run", maths, "--call", "add(1, 1)", "--call", "note", "--call", "add(2, 2)")[1]
        == "add(1, 1) = 2\nnoted\nadd(2, 2) = 4\n"
    )


def test_without_debug_information_results_are_said_to_be_taken_as_int(call, maths, tmp_path):
    assert call("build", maths, "-o", tmp_path / "m.llext")[0] == 0
    (tmp_path / "m_debug.elf").unlink()
    code, out, _ = call("run", tmp_path / "m.llext", "--call", "add(2, 3)")
    assert (code, out) == (0, "add(2, 3) = 5  (type not known, taken as int)\n")


def test_json_has_the_documented_shape(call, maths):
    code, out, _ = call("run", maths, "--call", "add(2, 3)", "--call", "note()", "--json")
    shown = json.loads(out)
    assert code == 0
    assert shown.keys() == {"extension", "calls", "console", "portability"}
    assert shown["extension"].keys() == {"name", "regions", "exports", "imports", "heap_used"}
    assert shown["calls"] == [{"name": "add", "args": [2, 3], "result": 5}, {"name": "note", "args": [], "result": None}]
    assert shown["console"] == "noted\n"
    assert shown["extension"]["imports"] == {"printk": "kernel"}


def test_a_failure_in_json_is_on_standard_output(call, tmp_path):
    code, out, err = call("run", tmp_path / "absent.llext", "--json")
    shown = json.loads(out)["error"]
    assert (code, err) == (1, "")
    assert (shown["kind"], shown["errno"], shown["errno_name"]) == ("load", -2, "ENOENT")
    assert "no such file" in shown["message"]


def test_verbose_shows_regions_imports_and_costs(call):
    code, out, _ = call("run", HELLO, "-v")
    assert code == 0
    for part in (
        "text     0x",
        "rodata   0x",
        "exports  hello_world at 0x",
        "imports  printk: provided by kernel",
        "LLEXT heap",
        "stack",
    ):
        assert part in out


def test_one_extension_calls_another_that_was_loaded_first(call, tmp_path):
    (tmp_path / "lib.c").write_text(
        "#include <zephyr/llext/symbol.h>\nint twice(int x) { return 2 * x; }\nEXPORT_SYMBOL(twice);\n"
    )
    (tmp_path / "user.c").write_text(
        "#include <zephyr/llext/symbol.h>\nextern int twice(int);\nint go(int x) { return twice(x); }\nEXPORT_SYMBOL(go);\n"
    )
    assert call("run", tmp_path / "user.c", "--load", tmp_path / "lib.c", "--call", "go(4)")[:2] == (0, "go(4) = 8\n")


def test_without_a_call_several_choices_are_listed(call, maths):
    code, _, err = call("run", maths)
    assert code == 2
    assert "more than one exported function takes nothing" in err
    assert "int add(int a, int b)" in err


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (["--call", "ad(1, 2)"], 2, "did you mean add"),
        (["--call", "add(1)"], 2, "add takes 2 arguments (int a, int b), 1 given"),
        (["--call", "add(1.5, 2)"], 2, "argument 1 (int a)"),
        (["--call", "add(99999999999, 2)"], 2, "99999999999 does not fit argument 1 (int a)"),
        (["--call", "int add(in)(1)"], 2, "cannot read a C prototype"),
        (["--call", "add(1, 2"], 2, "a call is a name and arguments in parentheses"),
        (["--call", "foo bar(1)(2)"], 2, "does not export 'bar'"),
        (["--board", "mps2/an384"], 2, "did you mean mps2/an38"),
        (["--zephyr", "9.9"], 2, "There are 3.7, 4.0, 4.2, 4.4"),
        (["--heap-size", "999999"], 2, "does not fit the board's memory"),
        (["--heap-size", "0"], 2, "0 is not in the range"),
        (["--toolchain", "icc"], 2, "'icc' is not one of"),
        (["--nonsense"], 2, "No such option"),
        (["--call", "crash()"], 1, "guest fault: store to 0x00000000 (NULL), at pc"),
        (["--call", "spin()", "--timeout", "0.05"], 1, "still running after 0.05 s"),
        (["--call", "note()", "-D", "printk=prinkt"], 1, "nothing provides 'prinkt'"),
    ],
)
def test_mistakes_get_one_clear_message(call, maths, words, code, text):
    got, _, err = call("run", maths, *words)
    assert got == code, err
    assert text in err


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", "empty file"),
        (b"just text\n", "this looks like text"),
        (b":10000000AABB\n", "this looks like Intel HEX"),
        (bytes(range(256)), "not an ELF file"),
        (b"\x7fELF\1\1\1", "truncated"),
    ],
)
@pytest.mark.parametrize("command", ["run", "inspect"])
def test_files_that_are_no_extension_are_named(call, tmp_path, command, data, text):
    path = tmp_path / "strange.bin"
    path.write_bytes(data)
    code, _, err = call(command, path)
    assert code == 1
    assert text in err


def test_folders_and_missing_files_are_named(call, tmp_path):
    for command in ("run", "inspect"):
        assert "is a folder" in call(command, tmp_path)[2]
        assert "no such file" in call(command, tmp_path / "x.llext")[2]
        assert call(command, tmp_path / "x.llext")[0] == 1


def test_a_program_of_this_pc_is_refused(call):
    code, _, err = call("run", sys.executable)
    assert code == 1
    assert "the board's cortex-m3 is Arm" in err


def test_a_compiler_error_is_shown_once_as_the_compiler_wrote_it(call, tmp_path):
    (tmp_path / "wrong.c").write_text("int f( { }\n")
    code, _, err = call("run", tmp_path / "wrong.c")
    assert code == 1
    assert err.count("expected parameter declarator") == 1
    assert f"{tmp_path / 'wrong.c'}:1:8: error:" in err


def test_build_says_sizes_and_what_dead_code_removal_saved(call, tmp_path):
    (tmp_path / "a.c").write_text(MATHS + "int unused(int x) { return x + 99; }\n")
    code, out, _ = call("build", tmp_path / "a.c", "-o", tmp_path / "a.llext")
    assert code == 0
    assert "text " in out
    assert "dead code removed: " in out
    assert (tmp_path / "a.llext").is_file()
    assert (tmp_path / "a_debug.elf").is_file()
    shown = json.loads(call("build", tmp_path / "a.c", "-o", tmp_path / "a.llext", "--json")[1])
    assert shown["cached"] is True


def test_inspect_names_what_is_missing_and_how_to_provide_it(call, tmp_path):
    (tmp_path / "a.c").write_text(
        "#include <zephyr/llext/symbol.h>\nextern int prinkt(int);\nint f(void) { return prinkt(1); }\nEXPORT_SYMBOL(f);\n"
    )
    assert call("build", tmp_path / "a.c", "-o", tmp_path / "a.llext")[0] == 0
    code, out, _ = call("inspect", tmp_path / "a.llext")
    assert code == 0
    assert "prinkt: missing. did you mean printk" in out
    assert "EXPORT_SYMBOL(prinkt);" in out
    shown = json.loads(call("inspect", tmp_path / "a.llext", "--json")[1])
    assert shown["imports"]["prinkt"]["provider"] is None
    assert shown["exports"] == ["f"]
    assert shown["heap"]["file"]["smallest"] >= shown["heap"]["file"]["used"]


@pytest.mark.parametrize("mpu", [True, False])
@pytest.mark.parametrize("version", ["4.0", "4.4"])
@pytest.mark.parametrize("origin", ["file", "buffer"])
def test_inspect_forecasts_the_heap_that_the_load_then_uses(call, tmp_path, origin, version, mpu):
    path = tmp_path / "h.llext"
    assert call("build", HELLO, "-o", path)[0] == 0
    words = ("inspect", path, "--json", "--zephyr", version, *([] if mpu else ["--no-mpu"]))
    forecast = json.loads(call(*words)[1])["heap"][origin]
    source = path if origin == "file" else path.read_bytes()
    with Board(zephyr=version, mpu=mpu) as board:
        before = board.heap.allocated_bytes
        extension = board.load(source, "h")
        assert board.heap.allocated_bytes == forecast["used"]
        assert extension.heap_used == forecast["used"] - before
    with Board(zephyr=version, mpu=mpu, heap_size=forecast["smallest"]) as board:
        board.load(source, "h")
    with Board(zephyr=version, mpu=mpu, heap_size=forecast["smallest"] - 4) as board, pytest.raises(HeapError):
        board.load(source, "h")


def test_inspect_and_strict_runs_say_the_same_of_an_undefined_weak_symbol(call, tmp_path):
    (tmp_path / "w.c").write_text(
        "#include <zephyr/llext/symbol.h>\nextern int maybe(void) __attribute__((weak));\n"
        "int f(void) { return maybe ? maybe() : 7; }\nEXPORT_SYMBOL(f);\n"
    )
    assert call("build", tmp_path / "w.c", "-o", tmp_path / "w.llext")[0] == 0
    for version, refused in (("4.0", True), ("4.4", False)):
        said = call("inspect", tmp_path / "w.llext", "--zephyr", version)[1]
        assert ("-ENODATA, the weak symbol maybe is undefined" in said) is refused
        assert call("run", tmp_path / "w.llext", "--strict", "--zephyr", version)[0] == int(refused)


def test_what_was_loaded_first_is_torn_down_last(call, tmp_path):
    up = "#include <zephyr/kernel.h>\n#include <zephyr/llext/symbol.h>\n"
    for name in ("lib", "user"):
        (tmp_path / f"{name}.c").write_text(
            f"{up}static int seen;\nint {name}(void) {{ return seen; }}\nEXPORT_SYMBOL({name});\n"
            f'__attribute__((constructor)) static void on(void) {{ seen = 1; printk("{name} up\\n"); }}\n'
            f'__attribute__((destructor)) static void off(void) {{ printk("{name} down\\n"); }}\n'
        )
    code, out, _ = call("run", tmp_path / "user.c", "--load", tmp_path / "lib.c", "--call", "user()")
    assert code == 0
    assert out.splitlines() == ["lib up", "user up", "user() = 1", "user down", "lib down"]


def test_a_string_is_no_integer(call, maths):
    code, _, err = call("run", maths, "--call", 'add("x", 2)')
    assert code == 2
    assert "does not fit argument 1 (int a)" in err


def test_a_float_does_not_go_to_a_function_of_unknown_type(call, maths, tmp_path):
    assert call("build", maths, "-o", tmp_path / "m.llext")[0] == 0
    (tmp_path / "m_debug.elf").unlink()
    code, _, err = call("run", tmp_path / "m.llext", "--call", "add(1.5, 2)")
    assert code == 2
    assert "the type of add is not known" in err
    shown = json.loads(call("run", tmp_path / "m.llext", "--call", "add(1, 2)", "--json")[1])
    assert shown["calls"] == [{"name": "add", "args": [1, 2], "result": 3, "typed_by": "int32"}]


def test_a_load_error_of_a_source_names_the_source(call, tmp_path):
    (tmp_path / "u.c").write_text(
        "#include <zephyr/llext/symbol.h>\nextern int twice(int);\nint f(void) { return twice(1); }\nEXPORT_SYMBOL(f);\n"
    )
    code, _, err = call("run", tmp_path / "u.c")
    assert code == 1
    assert f"error: {tmp_path / 'u.c'}: nothing provides 'twice'" in err


def test_boards_lists_cpu_isa_memories_and_rule(call):
    code, out, _ = call("boards")
    assert code == 0
    for part in ("mps2/an385", "cortex-m4", "v8-M.main", "0x38000000", "rule guarded: rights for each 512 bytes"):
        assert part in out
    names = [board["name"] for board in json.loads(call("boards", "--json")[1])]
    assert names == ["mps2/an385", "mps2/an386", "mps2/an521", "qemu_cortex_m0", "qemu_riscv32", "qemu_riscv32e"]


def test_the_log_goes_to_standard_error(call):
    code, out, err = call("run", HELLO, "--log-level", "dbg")
    assert code == 0
    assert out == "hello world\nA number is 42\n"
    assert "<dbg> llext: -s .text 0x" in err
    assert "<inf> llext: Loaded extension hello_world" in err
    assert "writing relocation type 2 at 0x" in err


def test_an_unknown_command_names_the_nearest(call):
    code, _, err = call("rum", HELLO)
    assert code == 2
    assert "Did you mean 'run'?" in err


def test_strict_mode_refuses_with_zephyrs_errno(call, tmp_path):
    (tmp_path / "c.c").write_text(MATHS)
    assert call("run", tmp_path / "c.c", "--strict", "--call", "add(1, 1)")[0] == 0


def test_a_closed_pipe_is_no_traceback(maths):
    words = [sys.executable, "-m", "llext", "run", maths, *(word for _ in range(200) for word in ("--call", "note()"))]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, env=os.environ)
    process.stdout.close()
    assert b"Traceback" not in process.stderr.read()
    process.stderr.close()
    process.wait()


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_ctrl_c_stops_an_endless_loop_at_once(maths):
    import signal

    words = [sys.executable, "-m", "llext", "run", maths, "--call", "note()", "--call", "spin()", "--timeout", "600"]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, env=os.environ)
    assert process.stdout.readline() == b"noted\n"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, b"")
    # Where the guest was is said if it ran just then, and not if the signal came between the two calls.
    assert re.fullmatch(rb"interrupted(, at pc 0x[0-9a-f]+ in .*)?", err.strip())


def test_help_imports_neither_emulator_nor_elf_reader():
    code = "import sys; from llext.cli.app import run; run(['--help']); print([m for m in sys.modules if m in ('unicorn', 'elftools', 'devicetree', 'pycparser', 'numpy')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    ("text", "name", "prototype", "values"),
    [
        ("f", "f", None, ()),
        ("f()", "f", None, ()),
        (" f( 1 , -0x2 ) ", "f", None, (1, -2)),
        ('f("a)\\"(b", 1.5)', "f", None, ('a)"(b', 1.5)),
        ("f(NULL, true)", "f", None, (None, 1)),
        ('void *g(const char *, int)("x", 2)', "g", "void *g(const char *, int)", ("x", 2)),
    ],
)
def test_call_texts_are_taken_apart(text, name, prototype, values):
    parsed = parse_call(text)
    assert (parsed.name, parsed.prototype, parsed.values) == (name, prototype, values)


def test_a_cache_that_cannot_be_written_is_named(call, maths, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("LLEXT_CACHE_DIR", str(tmp_path / "file" / "cache"))
    code, _, err = call("run", maths, "--call", "note()")
    assert code == 1
    assert "cannot write" in err
    assert "LLEXT_CACHE_DIR" in err
