"""Builds that could destroy, hang or mislead: outputs, damaged caches, flags and names that tools misread."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from conftest import ROOT, TOOLCHAINS, need

from llext import Board, BuildError, UsageError
from llext.board import bare as board_module
from llext import cache
from llext.build import BuildOptions, build_extension, runtime
from llext.target import load_target

TARGET = load_target("mps2/an385")
SOURCE = "#include <zephyr/llext/symbol.h>\nint f(void) { return 41; }\nEXPORT_SYMBOL(f);\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.c").write_text(SOURCE + f"/* {tmp_path} */\n")
    return tmp_path


@pytest.fixture
def own_cache(folder, monkeypatch):
    """An empty cache, but for the runtime object that every board needs."""
    made = runtime.runtime_object(TARGET)
    monkeypatch.setattr(runtime, "READY", folder / "ready")
    (folder / "ready").mkdir()
    (folder / "ready" / runtime.runtime_name(TARGET)).write_bytes(made)
    monkeypatch.setenv("LLEXT_CACHE_DIR", str(folder / "cache"))
    return folder / "cache"


def make(*names, output="out.llext", **options):
    return build_extension([Path(name) for name in names or ("a.c",)], Path(output), TARGET, BuildOptions(**options))


def value_of(result):
    with Board() as board:
        return board.load(result.output).fn("f", "int f(void)")()


def test_a_source_is_never_overwritten(folder):
    text = (folder / "a.c").read_text()
    with pytest.raises(UsageError, match="would be overwritten, and the build reads it"):
        make(output="a.c")
    assert (folder / "a.c").read_text() == text


@pytest.mark.parametrize("link", [os.symlink, os.link])
def test_a_source_is_never_overwritten_through_a_link(folder, link):
    link(folder / "a.c", folder / "x.llext")
    with pytest.raises(UsageError, match="would be overwritten"):
        make(output="x.llext")


@pytest.mark.parametrize("name", ["h.llext", "h_debug.elf"])
def test_a_header_that_was_read_is_never_overwritten(folder, name):
    (folder / name).write_text("/* a header of an odd name */\n")
    (folder / "a.c").write_text(f'#include "{name}"\n{SOURCE}')
    for _ in range(2):  # compiled, and from the cache
        with pytest.raises(UsageError, match=rf"would be overwritten, and the build reads it: .*{name}"):
            make(output="h.llext")
    assert (folder / name).read_text().startswith("/* a header")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="FIFOs")
def test_an_output_that_is_no_regular_file_is_refused_and_not_opened(folder):
    os.mkfifo("pipe")
    for name in ("pipe", "/dev/null"):
        with pytest.raises(UsageError, match=f"cannot write {name}: it is no regular file"):
            make(output=name)


@pytest.mark.parametrize("name", [".", "..", "/"])
def test_an_output_that_is_a_folder_without_a_name_is_named(folder, name):
    with pytest.raises(BuildError, match="it is a folder"):
        make(output=name)


def test_an_output_that_is_a_link_is_written_through(folder):
    (folder / "real").write_text("old")
    for link, target in (("x.llext", "real"), ("y.llext", "absent")):
        os.symlink(target, link)
        assert value_of(make(output=link)) == 41
        assert os.readlink(link) == target
        assert (folder / target).read_bytes().startswith(b"\x7fELF")


@pytest.mark.parametrize("harm", [b"", b"[1]", b"{}", b"null", None])
def test_whatever_was_damaged_in_the_cache_is_made_again(own_cache, harm):
    assert value_of(make()) == 41
    good = Path("out.llext").read_bytes()
    for path in [path for path in own_cache.rglob("*") if path.is_file()]:
        path.write_bytes(path.read_bytes()[:-1] if harm is None else harm)
    assert value_of(make()) == 41
    assert make().cached
    assert Path("out.llext").read_bytes() == good


def test_a_damaged_runtime_object_is_made_again(own_cache, monkeypatch):
    good, makes = runtime.runtime_object(TARGET), []
    monkeypatch.setattr(runtime, "_make", lambda *_: makes.append("made") or good)  # which takes seconds
    for known in ("nothing", "a whole file"):
        runtime._made.clear()  # as in a new process
        assert (runtime.make_runtime(TARGET), len(makes)) == (good, 1), known
    (path,) = own_cache.rglob("*.o")
    path.write_bytes(b"")
    runtime._made.clear()
    assert (runtime.make_runtime(TARGET), len(makes)) == (good, 2)
    assert path.read_bytes() == good


def test_a_board_needs_no_cache_that_can_be_written(folder, monkeypatch):
    data = make().output.read_bytes()
    (folder / "file").write_text("")
    monkeypatch.setenv("LLEXT_CACHE_DIR", str(folder / "file" / "cache"))
    monkeypatch.setattr(runtime, "READY", folder / "none")
    for known in (runtime._made.clear, runtime.runtime_object.cache_clear, board_module._planned_runtime.cache_clear):
        known()  # as in a new process
    for _ in range(2):
        with Board() as board:
            assert board.load(data, "a").fn("f")() == 41
    assert len(runtime._made) == 1
    with pytest.raises(BuildError, match="cannot write"):
        make(cflags=("-DNEW",))


def test_a_source_named_like_an_option_is_compiled(folder):
    (folder / "-x.c").write_text(SOURCE)
    assert value_of(make("-x.c")) == 41


def test_a_source_with_a_name_that_is_not_utf_8_is_compiled(folder):
    name = os.fsdecode(b"b\xff.c")
    Path(name).write_text(SOURCE)
    result = make(name, output=os.fsdecode(b"b\xff.llext"))
    assert value_of(result) == 41
    with Board() as board:
        assert board.load(result.output).name == "b\ufffd"


@pytest.mark.parametrize("toolchain", TOOLCHAINS)
@pytest.mark.parametrize(("flag", "words"), [("-flto", "code for link-time optimisation"), ("-S", "no ELF object")])
def test_a_flag_that_keeps_the_compiler_from_writing_an_object_is_named(folder, toolchain, flag, words):
    if toolchain == "gcc":
        need("arm-none-eabi-gcc")
    with pytest.raises(BuildError, match=f"a.c: the compiler wrote {words}") as caught:
        make(toolchain=toolchain, cflags=(flag,))
    assert "-flto" in caught.value.hint


@pytest.mark.tools
def test_gnu_ld_says_what_is_wrong_and_not_what_it_drops(folder):
    need("arm-none-eabi-gcc", "arm-none-eabi-ld")
    (folder / "b.c").write_text("int f(void) { return 2; }\nint unused(int x) { return x * 3; }\n")
    with pytest.raises(BuildError, match="do not link") as caught:
        make("a.c", "b.c", toolchain="gcc")
    assert "multiple definition" in caught.value.diagnostics
    assert "removing unused" not in caught.value.diagnostics


@pytest.mark.parametrize("toolchain", TOOLCHAINS)
@pytest.mark.parametrize("text", ["", "static int x;\n", "__attribute__((constructor)) static void up(void) { __asm__ volatile(\"\"); }\n"])
def test_a_source_without_globals_is_built(folder, toolchain, text):
    if toolchain == "gcc":
        need("arm-none-eabi-gcc", "arm-none-eabi-ld")
    (folder / "a.c").write_text(text)
    result = make(toolchain=toolchain)
    assert ("init" in result.sizes) is ("constructor" in text)


def test_assembling_warns_of_no_flag_of_ours(folder):
    (folder / "b.s").write_text(".syntax unified\n.thumb\n.text\n.global g\n.type g, %function\n.thumb_func\ng: bx lr\n")
    assert make("a.c", "b.s").warnings == ""


@pytest.mark.skipif(os.name == "nt", reason="signals")
@pytest.mark.parametrize("toolchain", TOOLCHAINS)
def test_ctrl_c_ends_a_build_at_once_with_its_compilers(folder, toolchain):
    if toolchain == "gcc":
        need("arm-none-eabi-gcc")
    body = "{ int a[8] = {x}; for (int i = 0; i < x; i++) a[i & 7] += a[(i + 3) & 7] * x; return a[x & 7]; }\n"
    (folder / "slow.c").write_text("".join(f"int f{number}(int x) {body}" for number in range(20_000)))
    scratch = folder / "tmp"
    scratch.mkdir()
    words = [sys.executable, "-m", "llext", "build", "slow.c", "a.c", "--toolchain", toolchain]
    environment = {**os.environ, "TMPDIR": str(scratch), "LLEXT_CACHE_DIR": str(folder / "cache"), "PYTHONPATH": str(ROOT / "src")}
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)
    while not list(scratch.glob("llext-*")):
        time.sleep(0.02)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    started = time.monotonic()
    out, err = process.communicate(timeout=60)
    assert time.monotonic() - started < 5  # the compiler would take far longer
    assert (process.returncode, out, err.strip()) == (130, b"", b"interrupted")
    assert not list(scratch.iterdir())
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=False).stdout
    assert str(folder) not in listed.replace(str(scratch), "")


def test_the_first_error_ends_a_build_that_has_other_sources_at_work(folder):
    body = "{ int a[8] = {x}; for (int i = 0; i < x; i++) a[i & 7] += a[(i + 3) & 7] * x; return a[x & 7]; }\n"
    (folder / "slow.c").write_text("".join(f"int f{number}(int x) {body}" for number in range(20_000)))
    (folder / "wrong.c").write_text("int f( {\n")
    started = time.monotonic()
    with pytest.raises(BuildError, match="wrong.c does not compile"):
        make("wrong.c", "slow.c")
    assert time.monotonic() - started < 5
    assert not list(Path(tempfile.gettempdir()).glob(f"llext-*/{folder.name}"))


def test_the_kernel_header_brings_assertions(folder):
    (folder / "a.c").write_text("#include <zephyr/kernel.h>\nint f(int x) { __ASSERT(x, \"x\"); __ASSERT_NO_MSG(x); return x; }\n")
    assert make(cflags=("-Werror", "-Wall")).sizes["text"] > 0
