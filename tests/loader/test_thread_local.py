"""Thread-local variables: the firmware's by local exec and initial exec, an extension's own emulated."""

import subprocess

import pytest
from conftest import GNU, PROLOGUE, need

from llext import Board, BuildError, LinkError, LoadError
from llext.build import BuildOptions, build_extension
from llext.build.toolchain import find_toolchain, include_flags
from llext.elf import ElfWriter
from llext.elf import constants as c
from llext.target import load_target

ARM_AND_RISCV = ["qemu_cortex_m0", "mps2/an385", "mps2/an386", "qemu_riscv32", "qemu_riscv32e"]
ERRNO = """
#include <zephyr/llext/symbol.h>
extern __thread int errno;
int get(void) { return errno; }
void set(int value) { errno = value; }
EXPORT_SYMBOL(get);
EXPORT_SYMBOL(set);
"""


def raw(folder, text, board, *flags, toolchain="zig"):
    """An object that uses thread-local sections and relocations, as other people's compilers write them."""
    target = load_target(board)
    tools = find_toolchain(toolchain, target.arch, target.cpu)
    (folder / "t.c").write_text(text)
    own = () if toolchain == "gcc" else ("-fno-emulated-tls",)
    command = [*tools.compiler, *tools.flags, *own, "-Os", "-DLL_EXTENSION_BUILD", *include_flags(), *flags, "-c"]
    subprocess.run([*map(str, command), folder / "t.c", "-o", folder / "t.o"], check=True)
    return folder / "t.o"


@pytest.mark.parametrize("toolchain", ["zig", pytest.param("gcc", marks=pytest.mark.tools)])
@pytest.mark.parametrize("model", ["local-exec", "initial-exec"])
@pytest.mark.parametrize("name", ARM_AND_RISCV)
def test_the_firmwares_errno_is_one_variable_for_all(tmp_path, name, model, toolchain):
    if toolchain == "gcc":
        need(*GNU)
    path = raw(tmp_path, ERRNO, name, f"-ftls-model={model}", toolchain=toolchain)
    (tmp_path / "u.c").write_text(
        PROLOGUE + "#include <errno.h>\nint read(void) { return errno; }\nvoid fail(void) { errno = ENOTSUP; }\n"
        "EXPORT_SYMBOL(read);\nEXPORT_SYMBOL(fail);\n"
    )
    with Board(name) as board:
        thread = board.load(path, "thread")
        call = board.load(build_extension([tmp_path / "u.c"], tmp_path / "u.llext", board.target).output)
        get, put = thread.fn("get", "int get(void)"), thread.fn("set", "void set(int)")
        assert get() == 0
        put(77)
        assert get() == call.fn("read")() == 77
        call.call("fail")
        assert get() == 134


@pytest.mark.parametrize("name", ARM_AND_RISCV)
def test_errno_is_reached_with_emulated_variables_too(tmp_path, name):
    (tmp_path / "e.c").write_text(ERRNO)
    with Board(name) as board:
        ext = board.load(build_extension([tmp_path / "e.c"], tmp_path / "e.llext", board.target).output)
        plain = board.load(raw(tmp_path, ERRNO, name, "-ftls-model=local-exec"), "plain")
        ext.fn("set")(55)
        assert ext.fn("get")() == plain.fn("get", "int get(void)")() == 55


@pytest.mark.parametrize("name", ["mps2/an385", "qemu_riscv32"])
def test_the_general_dynamic_model_is_refused_with_the_way_out(tmp_path, name):
    path = raw(tmp_path, ERRNO, name, "-fPIC")
    with Board(name) as board:
        board.export(name="__tls_get_addr", prototype="void *f(void *)")(lambda _: 0)
        with pytest.raises(LinkError, match="TLS_GD.* is not supported: there is no __tls_get_addr") as caught:
            board.load(path)
    assert "-ftls-model=local-exec" in caught.value.hint


OWN = """
static __thread int count = 5;
static __thread long long sums[3];
_Alignas(32) static __thread char wide[32];
int step(int x) { count += 2; sums[1] += count * x; return (int)sums[1] + count * 1000 + (int)((unsigned)wide & 31); }
EXPORT_SYMBOL(step);
"""


@pytest.mark.parametrize("name", ARM_AND_RISCV)
def test_variables_of_an_extensions_own_start_as_they_say_and_go_with_teardown(tmp_path, name):
    (tmp_path / "o.c").write_text(PROLOGUE + OWN)
    with Board(name) as board:
        path = build_extension([tmp_path / "o.c"], tmp_path / "o.llext", board.target).output
        before = board.kernel.system_heap.allocated_bytes
        for name_ in ("first", "second"):
            ext = board.load(path, name_)
            ext.bringup()
            assert [ext.fn("step")(10), ext.fn("step")(1)] == [7070, 9079]
            assert board.kernel.system_heap.allocated_bytes > before
            ext.teardown()
            assert board.kernel.system_heap.allocated_bytes == before


@pytest.mark.tools
def test_gcc_without_emulation_says_so_when_it_builds(tmp_path):
    need(*GNU)
    (tmp_path / "o.c").write_text(PROLOGUE + OWN)
    with pytest.raises(BuildError, match="o.c has thread-local variables, and this gcc cannot emulate them"):
        build_extension([tmp_path / "o.c"], tmp_path / "o.llext", load_target("mps2/an385"), BuildOptions("gcc"))


def test_thread_local_sections_are_refused_by_name(tmp_path, board):
    path = raw(tmp_path, PROLOGUE + OWN, "mps2/an385", "-ftls-model=local-exec")
    with pytest.raises(LoadError, match=r"\.t(data|bss).* holds thread-local variables") as caught:
        board.load(path)
    assert "-femulated-tls" in caught.value.hint


def test_a_plain_use_of_a_thread_local_name_is_an_error(tmp_path, board):
    path = raw(tmp_path, ERRNO.replace("__thread ", ""), "mps2/an385")
    with pytest.raises(LinkError, match="'errno' is thread-local and has no address of its own"):
        board.load(path)


def test_a_thread_local_use_of_a_plain_name_is_an_error(tmp_path, board):
    path = raw(tmp_path, ERRNO.replace("errno", "printk"), "mps2/an385", "-ftls-model=local-exec", "-w")
    with pytest.raises(LinkError, match="takes 'printk' for a thread-local variable, which it is not"):
        board.load(path)


def test_a_thread_local_use_of_a_variable_of_its_own_is_an_error(board):
    writer = ElfWriter(c.EM_ARM)
    text = writer.section(".text", bytes.fromhex("704700bf00000000"), flags=c.SHF_ALLOC | c.SHF_EXECINSTR)
    own = writer.symbol("own", text, 4, type_=c.STT_TLS, size=4)
    writer.relocate(text, [(4, 108, own)])  # R_ARM_TLS_LE32
    with pytest.raises(LinkError, match="uses 'own', a thread-local variable of the file's own"):
        board.load(writer.build(), "own")
