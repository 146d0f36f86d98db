"""What a hostile or unlucky user types: a clear word each, never a traceback, never a wrong answer."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import ROOT

from llext.cli.app import run
from llext.cli.call import parse_call

UP = "#include <zephyr/kernel.h>\n#include <zephyr/llext/symbol.h>\n"
ODD = (
    UP
    + """
int add(int a, int b) { return a + b; }
int slen(const char *s) { int n = 0; while (s[n]) n++; return n; }
double d1(void) { return 0.20000000298023224; }
float f1(void) { return 0.2f; }
float f9(void) { return 16777216.0f / 3; }
double same(double x) { return x; }
float single(float x) { return x; }
int ch(char c) { return c; }
int yes(_Bool b) { return b ? 10 : 20; }
struct big { int a; double b; char c[5]; };
struct big make(int a, double b) { struct big r = {a, b, "abcd"}; return r; }
EXPORT_SYMBOL(add); EXPORT_SYMBOL(slen); EXPORT_SYMBOL(d1); EXPORT_SYMBOL(f1); EXPORT_SYMBOL(f9); EXPORT_SYMBOL(same);
EXPORT_SYMBOL(single); EXPORT_SYMBOL(ch); EXPORT_SYMBOL(yes); EXPORT_SYMBOL(make);
"""
)
COUNTED = (
    UP
    + """
static int ups;
__attribute__((constructor)) static void on(void) { ups++; printk("up\\n"); }
__attribute__((destructor)) static void off(void) { printk("down\\n"); }
int g(void) { return ups; }
EXPORT_SYMBOL(g);
"""
)


@pytest.fixture
def odd(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "odd.c").write_text(ODD)
    return "odd.c"


@pytest.fixture
def call(capfdbinary):
    def go(*words):
        code = run([str(word) for word in words])
        out, err = capfdbinary.readouterr()
        assert b"Traceback" not in out + err
        return code, out.decode(), err.decode()

    return go


def shell(line, folder):
    """Runs a line of shell in which $L is the command: (exit code, standard output, standard error)."""
    environment = {**os.environ, "L": f"{sys.executable} -m llext", "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, timeout=60, cwd=folder, env=environment)
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("d1()", "d1() = 0.20000000298023224"),
        ("f1()", "f1() = 0.2"),
        ("f9()", "f9() = 5592405.5"),
        ("same(0.1)", "same(0.1) = 0.1"),
        ("same(nan)", "same(nan) = nan"),
        ("same(-inf)", "same(-inf) = -inf"),
        ("single(inf)", "single(inf) = inf"),
        ("yes(True)", "yes(1) = 10"),
        ("yes(false)", "yes(0) = 20"),
        ("add(+1, 2)", "add(1, 2) = 3"),
        ("ch(97)", "ch(97) = 97"),
        ("make(5, 2.5)", "make(5, 2.5) = 050000000000000000000000000004406162636400000000"),
    ],
)
def test_results_are_shown_as_their_type_says(call, odd, text, shown):
    assert call("run", odd, "--call", text) == (0, shown + "\n", "")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('slen("\\ud800")', "has no form in UTF-8"),
        ("add(" + "-" * 5000 + "1,2)", "--call 'add(---"),
        ("add(" + "-" * 900 + "1,2)", "is no value"),
        ("add(0x" + "f" * 6000 + ",2)", "--call 'add(0xfff"),
        ("add(" + "9" * 6000 + ",2)", "--call 'add(999"),
        ("add(1 + 1, 2)", "1 + 1 is no value"),
        ("add(None, 2)", "None is no value"),
        ('ch("a")', "ch: 'a' does not fit argument 1 (char c): an integer from -128 to 255 is wanted"),
        ("nosuch(1)", "it exports add, slen, d1"),
        ("ad(1)", "did you mean add?"),
    ],
)
def test_calls_that_cannot_be_are_wrong_usage(call, odd, text, message):
    code, _, err = call("run", odd, "--call", text)
    assert code == 2
    assert message in err


def test_a_name_that_resembles_no_export_suggests_none(call, odd):
    assert "did you mean" not in call("run", odd, "--call", "nosuch(1)")[2]


def test_json_has_words_for_numbers_that_it_cannot_write(call, odd):
    out = call("run", odd, "--call", "same(nan)", "--call", "same(-inf)", "--call", "single(inf)", "--json")[1]

    def refuse(constant):
        raise AssertionError(constant)

    shown = json.loads(out, parse_constant=refuse)
    assert [(each["args"], each["result"]) for each in shown["calls"]] == [
        (["nan"], "nan"), (["-inf"], "-inf"), (["inf"], "inf"),
    ]  # fmt: skip


def test_json_of_an_error_has_the_calls_that_went_before(call, odd):
    code, out, _ = call("run", odd, "--call", "add(1, 2)", "--call", "slen(4)", "--json")
    error = json.loads(out)["error"]
    assert code == 1
    assert [(each["name"], each["result"]) for each in error["calls"]] == [("add", 3)]


def test_a_trace_takes_no_place_of_what_the_run_reads(call, odd):
    before = Path(odd).read_bytes()
    code, out, err = call("run", odd, "--call", "add(1, 2)", "--trace", odd)
    assert (code, out) == (2, "")
    assert "would be overwritten, and the run reads it" in err
    assert Path(odd).read_bytes() == before


def test_a_trace_that_has_no_folder_is_refused_before_the_run(call, odd, tmp_path):
    code, out, err = call("run", odd, "--call", "add(1, 2)", "--trace", str(tmp_path / "absent" / "trace.json"))
    assert (code, out) == (2, "")
    assert "there is no folder" in err
    assert "give a file in a folder that is there: --trace FILE" in err


@pytest.mark.skipif(os.name == "nt", reason="a shell")
@pytest.mark.parametrize(
    ("line", "code", "err"),
    [
        ("$L run odd.c --call 'add(1, 2)' >&-", 0, ""),
        ("$L boards >&-", 0, ""),
        ("$L boards >&- 2>&- <&-", 0, ""),
        ("$L run absent.c >&- 2>&-", 1, ""),
        ("$L boards >/dev/full", 1, "error: output: No space left on device\n"),
        ("$L run odd.c --call 'add(1, 2)' --json >/dev/full", 1, "error: output: No space left on device\n"),
        ("$L run odd.c --call 'add(1)' --json >/dev/full", 1, "error: output: No space left on device\n"),
    ],
)
def test_an_output_that_is_closed_or_full_is_no_traceback(odd, tmp_path, line, code, err):
    if "/dev/full" in line and not Path("/dev/full").exists():
        pytest.skip("no /dev/full")
    assert shell(line, tmp_path) == (code, "", err)


@pytest.mark.skipif(sys.platform != "linux", reason="names of bytes")
def test_a_name_that_is_not_utf_8_is_shown_escaped(odd, tmp_path):
    (tmp_path / os.fsdecode(b"b\xff.c")).write_text(ODD)
    code, out, err = shell("$L build $(printf 'b\\377.c') && $L run $(printf 'b\\377.c') -v --call 'add(1, 2)'", tmp_path)
    assert (code, err) == (0, "")
    assert "b\\udcff.llext (" in out
    assert out.count("add(1, 2) = 3\n") == 1


def test_a_source_as_output_is_wrong_usage(call, odd):
    code, _, err = call("build", odd, "-o", odd)
    assert code == 2
    assert "would be overwritten" in err


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (["run", "."], 2, ".: is a folder"),
        (["build", "."], 1, ".: is a folder"),
        (["inspect", "."], 1, ".: is a folder"),
        (["run", "UP.C"], 2, "UP.C: C++ (.C) is not compiled here"),
        (["run", "a.rs"], 2, "a.rs: Rust is not compiled here"),
        (["run", "odd.c", "--cflag=-flto"], 1, "the compiler wrote code for link-time optimisation"),
        (["inspect", "/dev/zero"], 1, "/dev/zero: is no regular file"),
        (["run", "/dev/zero"], 1, "/dev/zero: is no regular file"),
    ],
)
def test_inputs_that_cannot_be_are_named_for_what_they_are(call, odd, words, code, text):
    got, _, err = call(*words)
    assert got == code
    assert text in err


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="FIFOs")
def test_a_fifo_is_not_waited_for(call, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert "is no regular file" in call("inspect", tmp_path / "pipe")[2]


def test_a_file_that_is_named_twice_is_brought_up_once(call, odd, tmp_path):
    (tmp_path / "up.c").write_text(COUNTED)
    assert call("run", odd, "--load", "up.c", "--load", "up.c", "--call", "add(1, 2)")[1] == "up\nadd(1, 2) = 3\ndown\n"
    assert call("run", "up.c", "--load", "up.c", "--call", "g()")[1] == "up\ng() = 1\ndown\n"


def test_two_files_of_one_name_are_an_error_that_names_both(call, odd, tmp_path):
    (tmp_path / "sub").mkdir()
    for folder in (".", "sub"):
        (tmp_path / folder / "liba.c").write_text(COUNTED)
    code, _, err = call("run", "sub/liba.c", "--load", "liba.c", "--call", "g()")
    assert code == 1
    assert "sub/liba.c: an extension 'liba' is loaded already, from liba.c [-EEXIST]" in err


def test_call_texts_take_pythons_words_for_truth():
    assert parse_call("f(True, False, true, -inf)").values == (1, 0, 1, float("-inf"))


def test_a_large_alignment_is_inspected_at_once(call, odd, tmp_path):
    (tmp_path / "far.c").write_text(UP + "int far __attribute__((aligned(1 << 22)));\nEXPORT_SYMBOL(far);\n")
    assert call("build", "far.c")[0] == 0
    assert "smallest heap 41" in call("inspect", "far.llext")[1]


# Ctrl-C ---------------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(os.name == "nt", reason="signals")
@pytest.mark.parametrize("wait", [0, 0.05, 0.2])
@pytest.mark.parametrize(
    "body", ["for (;;) { }", 'char b[9]; for (;;) { snprintk(b, 9, "%d", 1); k_free(k_malloc(9)); }'], ids=["alone", "services"]
)  # fmt: skip
def test_ctrl_c_stops_a_constructor_of_a_loaded_file(odd, tmp_path, body, wait):
    (tmp_path / "spin.c").write_text(f'{UP}__attribute__((constructor)) static void on(void) {{ printk("up\\n"); {body} }}\n')
    words = [sys.executable, "-m", "llext", "run", odd, "--load", "spin.c", "--call", "add(1, 2)", "--timeout", "600"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)
    assert process.stdout.readline() == b"up\n"
    time.sleep(wait)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, b"")
    first, *callers = err.splitlines()
    assert first.startswith(b"interrupted, at pc 0x")
    assert all(line.startswith(b"  called from ") and b"<on+0x" in line for line in callers)


@pytest.mark.skipif(os.name == "nt", reason="signals")
@pytest.mark.parametrize("module", ["llext.cli.app", "click", "llext.board"])
def test_ctrl_c_while_modules_are_imported_is_no_traceback(odd, module):
    code = f"""if True:
        import os, signal, sys
        class Interrupt:
            def find_spec(self, name, *rest):
                if name == {module!r}:
                    os.kill(os.getpid(), signal.SIGINT)
        sys.meta_path.insert(0, Interrupt())
        from llext.cli import main
        sys.exit(main(["run", "odd.c", "--call", "add(1, 2)"]))
    """
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, env=environment)
    assert (done.returncode, done.stdout, done.stderr.strip()) == (130, "", "interrupted")


def test_an_extension_with_a_thread_that_goes_on_ends_with_the_board(tmp_path, capfd):
    (tmp_path / "goes_on.c").write_text(
        "#include <zephyr/kernel.h>\n#include <zephyr/llext/symbol.h>\n"
        "static void loop(void *a, void *b, void *c) { for (;;) k_msleep(100); }\n"
        "K_THREAD_DEFINE(background, 1024, loop, NULL, NULL, NULL, 5, 0, 0);\n"
        "int go(void) { k_msleep(250); return 3; }\nEXPORT_SYMBOL(go);\n"
    )
    assert run(["run", str(tmp_path / "goes_on.c")]) == 0
    told = capfd.readouterr()
    assert told.out == "go() = 3\n"
    assert re.fullmatch(r"note: extension 'goes_on' is in use: background is .*; it ends with the board\n", told.err)
