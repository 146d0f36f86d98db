"""Sources to extensions: caching, errors in the compiler's words, what is saved, odd paths."""

import subprocess

import pytest

from conftest import GNU, TOOLCHAINS, need
from llext import Board, BuildError
from llext.build import BuildOptions, build_extension
from llext.build import compile as compiling
from llext.build import join as joining
from llext.elf import ElfFile
from llext.link import VERSIONS, plan, stock_rules
from llext.target import load_target

TARGET = load_target("mps2/an385")
SOURCE = '#include <zephyr/llext/symbol.h>\n#include "h.h"\nint f(void) { return VALUE; }\nEXPORT_SYMBOL(f);\n'


@pytest.fixture
def project(tmp_path):
    (tmp_path / "h.h").write_text(f"#define VALUE 1 /* {tmp_path} */\n")
    (tmp_path / "a.c").write_text(SOURCE)
    return tmp_path


def make(project, *names, **options):
    sources = [project / name for name in names or ("a.c",)]
    return build_extension(sources, project / "out.llext", TARGET, BuildOptions(**options))


def value_of(result):
    with Board() as board:
        return board.load(result.output).fn("f")()


@pytest.mark.parametrize("toolchain", TOOLCHAINS)
def test_a_second_build_starts_no_program(project, monkeypatch, toolchain):
    if toolchain == "gcc":
        need(*GNU)
    assert not make(project, toolchain=toolchain).cached

    def started(*words, **options):
        raise AssertionError(f"a program was started: {words}")

    monkeypatch.setattr(subprocess, "Popen", started)
    monkeypatch.setattr(subprocess, "run", started)
    assert make(project, toolchain=toolchain).cached


def test_a_changed_header_is_noticed(project):
    assert value_of(make(project)) == 1
    (project / "h.h").write_text("#define VALUE 2\n")
    result = make(project)
    assert not result.cached
    assert value_of(result) == 2
    (project / "h.h").write_text(f"#define VALUE 1 /* {project} */\n")
    assert value_of(make(project)) == 1


def test_a_header_that_appears_earlier_in_the_search_path_is_noticed(project):
    for folder, value in (("first", None), ("second", 5)):
        (project / folder).mkdir()
        if value:
            (project / folder / "v.h").write_text(f"#define VALUE {value}\n")
    (project / "a.c").write_text(SOURCE.replace('"h.h"', "<v.h>"))
    flags = (f"-I{project / 'first'}", f"-I{project / 'second'}")
    assert value_of(make(project, cflags=flags)) == 5
    assert make(project, cflags=flags).cached
    (project / "first" / "v.h").write_text("#define VALUE 6\n")
    assert value_of(make(project, cflags=flags)) == 6


def test_a_header_that_has_include_asks_for_is_noticed_when_it_appears(project):
    (project / "a.c").write_text(
        '#if __has_include("option.h")\n#include "option.h"\n#endif\n#ifndef ADDED\n#define ADDED 0\n#endif\n'
        + SOURCE.replace("VALUE;", "VALUE + ADDED;")
    )
    assert value_of(make(project)) == 1
    assert make(project).cached
    (project / "option.h").write_text("#define ADDED 30\n")
    assert value_of(make(project)) == 31


@pytest.mark.parametrize("toolchain", TOOLCHAINS)
def test_arrays_of_constructors_say_the_size_of_their_entries(project, toolchain):
    if toolchain == "gcc":
        need(*GNU)
    (project / "a.c").write_text(
        SOURCE + "volatile int n; __attribute__((constructor)) void up(void) { n = f() + n; }\n"
        "__attribute__((destructor)) void down(void) { n = 0; }\n"
    )
    elf = ElfFile.parse(make(project, toolchain=toolchain).output.read_bytes())
    for name in (".init_array", ".fini_array"):
        assert elf.section(name).entry_size == 4
    assert [plan(elf, stock_rules(version)).notes for version in VERSIONS] == [()] * len(VERSIONS)


@pytest.mark.parametrize("toolchain", TOOLCHAINS)
def test_sections_of_ones_own_keep_their_names_and_load_on_stock(project, toolchain):
    if toolchain == "gcc":
        need(*GNU)
    (project / "a.c").write_text(
        SOURCE.replace("{ return VALUE; }", "{ return VALUE + numbers[1] + limits[1] + pool[0] + helper(); }").replace(
            "int f", 'int numbers[2] __attribute__((section("my_data"))) = {1, 2};\n'
            'const int limits[2] __attribute__((section("my_consts"))) = {3, 40};\n'
            'int pool[9] __attribute__((section(".bss.my_pool"), aligned(16)));\n'
            'int other[9] __attribute__((aligned(8)));\n'
            '__attribute__((section("my_text"), noinline)) int helper(void) { return other[2] + 500; }\n'
            "int f",
        )
    )  # fmt: skip
    result = make(project, toolchain=toolchain)
    elf = ElfFile.parse(result.output.read_bytes())
    assert {"my_data", "my_consts", "my_text"} <= {section.name for section in elf.sections}
    assert [plan(elf, stock_rules(version)).notes for version in VERSIONS] == [()] * len(VERSIONS)
    with Board() as board:
        assert board.load(result.output, strict=True).fn("f")() == 1 + 2 + 40 + 500


def test_a_changed_flag_is_noticed(project):
    (project / "h.h").write_text("#ifndef VALUE\n#define VALUE 1\n#endif\n")
    assert value_of(make(project)) == 1
    assert value_of(make(project, cflags=("-DVALUE=7",))) == 7


def test_only_the_changed_source_is_compiled(project, monkeypatch):
    (project / "b.c").write_text("int other(void) { return 3; }\n")
    make(project, "a.c", "b.c")
    compiled = []
    original = compiling._compile
    monkeypatch.setattr(compiling, "_compile", lambda source, *rest: compiled.append(source.name) or original(source, *rest))
    (project / "b.c").write_text("int other(void) { return 4; }\n")
    make(project, "a.c", "b.c")
    assert compiled == ["b.c"]


@pytest.mark.parametrize("toolchain", TOOLCHAINS)
def test_dead_code_is_dropped_and_counted(project, toolchain):
    if toolchain == "gcc":
        need(*GNU)
    (project / "h.h").write_text("#define VALUE 1\n")
    small = make(project, toolchain=toolchain)
    (project / "a.c").write_text(SOURCE + "int unused(int x) { return x * x + 12345; }\nconst int table[100] = {1};\n")
    result = make(project, toolchain=toolchain)
    assert result.sizes == small.sizes
    assert result.removed >= 400 + 6


def test_without_exports_every_global_function_stays(project):
    (project / "a.c").write_text("int f(void) { return 1; }\nint g(void) { return 2; }\nstatic int h(void) { return 3; }\n")
    elf = ElfFile.parse(make(project).output.read_bytes())
    assert {symbol.name for symbol in elf.symbols} >= {"f", "g"}


def test_an_error_is_in_the_compilers_own_words(project):
    (project / "a.c").write_text("int f(void) { return nothing; }\n")
    with pytest.raises(BuildError, match="a.c does not compile") as caught:
        make(project)
    assert "use of undeclared identifier 'nothing'" in caught.value.diagnostics
    assert caught.value.diagnostics.count("error:") == 1


def test_warnings_are_shown_again_when_nothing_is_compiled(project):
    (project / "a.c").write_text(f"/* {project} */ int f(void) {{ int x = 5; }}\n")
    first = make(project, cflags=("-Wall",))
    second = make(project, cflags=("-Wall",))
    assert second.cached
    assert first.warnings == second.warnings != ""


@pytest.mark.parametrize(
    ("name", "text"),
    [("absent.c", "no such file"), ("a.xyz", "do not know how to compile"), ("folder.c", "is a folder")],
)
def test_a_wrong_source_is_named(project, name, text):
    (project / "a.xyz").write_text("")
    (project / "folder.c").mkdir()
    with pytest.raises(BuildError, match=text):
        make(project, name)


def test_a_path_with_spaces_and_umlauts_works(tmp_path):
    folder = tmp_path / "mein Ordner mit Ü$ (1)"
    folder.mkdir()
    (folder / "h.h").write_text("#define VALUE 5\n")
    (folder / "a.c").write_text(SOURCE)
    assert value_of(make(folder)) == 5
    assert make(folder).cached
    (folder / "h.h").write_text("#define VALUE 6\n")
    assert value_of(make(folder)) == 6


def test_windows_line_ends_are_fine(project):
    (project / "a.c").write_bytes(SOURCE.replace("\n", "\r\n").encode())
    assert value_of(make(project)) == 1


def test_assembler_sources_are_built(project):
    (project / "b.S").write_text(
        ".syntax unified\n.thumb\n.text\n.global seven\n.type seven, %function\n.thumb_func\nseven:\n\tmovs r0, #7\n\tbx lr\n"
    )
    (project / "a.c").write_text("#include <zephyr/llext/symbol.h>\nint seven(void);\nint f(void) { return seven(); }\nEXPORT_SYMBOL(f);\n")
    assert value_of(make(project, "a.c", "b.S")) == 7


HELPED = "#include <zephyr/llext/symbol.h>\n#include <string.h>\nlong long f(long long a, long long b) { char c[40]; memset(c, (int)a, 40); return a / b + c[7] * 0; }\nEXPORT_SYMBOL(f);\n"


@pytest.mark.parametrize("toolchain", TOOLCHAINS)
def test_compiler_helpers_are_linked_in_and_the_c_library_is_not(project, toolchain):
    if toolchain == "gcc":
        need(*GNU)
    (project / "a.c").write_text(HELPED)
    result = make(project, toolchain=toolchain)
    with Board() as board:
        ext = board.load(result.output)
        assert ext.fn("f", "long long f(long long, long long)")(-(10**12), 7) == -142857142857
        assert [wanted.name for wanted in ext.imports] == ["memset"]


def test_helpers_can_be_left_to_the_firmware(project):
    (project / "a.c").write_text(HELPED)
    elf = ElfFile.parse(make(project, helpers="import").output.read_bytes())
    assert any(symbol.undefined and symbol.name == "__aeabi_ldivmod" for symbol in elf.symbols)


def test_the_debug_twin_has_dwarf_and_the_same_code(project):
    result = make(project)
    plain, debug = (ElfFile.parse(path.read_bytes()) for path in (result.output, result.debug))
    assert debug.section(".debug_info") is not None
    assert plain.section(".debug_info") is None
    assert bytes(plain.contents(plain.section(".text"))) == bytes(debug.contents(debug.section(".text")))


def test_a_missing_gcc_says_what_to_install(project, monkeypatch):
    from llext.build import toolchain

    monkeypatch.setattr(toolchain.shutil, "which", lambda name: None)
    toolchain._gcc.cache_clear()
    with pytest.raises(BuildError, match="no arm-none-eabi-gcc on the PATH") as caught:
        make(project, toolchain="gcc")
    toolchain._gcc.cache_clear()
    assert "gcc-arm-none-eabi" in caught.value.hint


def test_a_missing_zig_says_what_to_install(project, monkeypatch):
    from llext.build import toolchain

    monkeypatch.setattr(toolchain, "zig_program", lambda: None)
    toolchain._zig.cache_clear()
    with pytest.raises(BuildError, match="'ziglang' is not installed"):
        make(project)
    toolchain._zig.cache_clear()


def test_an_output_that_cannot_be_written_is_an_error_and_leaves_nothing(project):
    (project / "out.llext").mkdir()
    with pytest.raises(BuildError, match="it is a folder"):
        make(project)
    assert not list(project.glob(".tmp-*"))


def test_an_undefined_root_is_the_linkers_error(project, monkeypatch):
    (project / "b.c").write_text("int f(void) { return 2; }\n")
    with pytest.raises(BuildError, match="do not link") as caught:
        make(project, "a.c", "b.c")
    assert "duplicate symbol" in caught.value.diagnostics
    assert joining.join
