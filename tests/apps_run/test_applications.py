"""Ten applications as Zephyr developers write them: each configures, builds and prints what it should, by both ways, twice."""

import re

import pytest
from zephyr_apps import ENDS, NAMES, edit, expected

from llext.cli.app import run

OTHER = "qemu_riscv32"
_OFFSET = re.compile(r", offset \d+,")


@pytest.fixture
def call(capfdbinary):
    """Runs the command line in this process: what it printed, with N for offsets of relocations, which differ by board."""

    def go(*words):
        code = run([str(word) for word in words])
        out, err = capfdbinary.readouterr()
        assert (code, b"Traceback" in out + err) == (0, False), err.decode()
        return _OFFSET.sub(", offset N,", out.decode()), err.decode()

    return go


def _log(app):
    """What ninja has done so far; that it looks at globs each time is CMake's way."""
    return [line for line in (app / "build" / ".ninja_log").read_text().splitlines() if "verify_globs" not in line]


@pytest.mark.parametrize("name", NAMES)
def test_llext_run_builds_and_boots_it_and_the_second_time_boots_only(copies, call, name):
    app = copies.app(name)
    assert call("run", app, *ENDS.get(name, ()))[0] == expected(name)
    before = _log(app)
    out, err = call("run", app, *ENDS.get(name, ()))
    assert out == expected(name)
    assert "Memory region" not in err
    assert "warning" not in err
    assert _log(app) == before


@pytest.mark.parametrize("name", NAMES)
def test_plain_cmake_and_ninja_build_it_for_another_board_and_the_second_build_does_nothing(copies, call, name):
    build = copies.build(name, OTHER)
    assert build.reasons() == []
    assert build.steps() == set()
    assert call("run", build.elf, *ENDS.get(name, ()))[0] == expected(name)


@pytest.mark.parametrize("name", ["libraries", "extensions"])
def test_both_ways_make_the_same_firmware(copies, call, name):
    app, build = copies.app(name), copies.build(name, OTHER)
    folder = app.parent / f"{name} by llext"
    call("app", "build", "--board", OTHER, "-d", folder, app)
    wanted, other = (_loaded(path) for path in (build.elf, folder / "zephyr" / "zephyr.elf"))
    assert wanted == other


def _loaded(path):
    from llext.elf import ElfFile
    from llext.elf import constants as c

    elf = ElfFile.parse(path.read_bytes(), str(path))
    return {
        each.name: bytes(elf.contents(each)) for each in elf.sections if each.flags & c.SHF_ALLOC and each.type != c.SHT_NOBITS
    }


def test_targets_of_plain_ninja_run_and_report(copies):
    build = copies.build("options", OTHER)
    assert expected("options") in build.ninja("run")
    assert "main_stack" in build.ninja("ram_report")


def test_a_build_with_warnings_as_errors_has_none(copies, call):
    app = copies.app("threads", "strict")
    call("app", "build", app, "--", "-DCONFIG_COMPILER_WARNINGS_AS_ERRORS=y")


def test_options_of_the_command_line_win_over_those_of_files(copies, call):
    app = copies.app("options", "words")
    (app / "conf" / "mine.conf").write_text('CONFIG_METER_CHANNELS=6\nCONFIG_METER_NAME="mine"\n')
    words = ("-DCONFIG_METER_CODEC=y", "-DEXTRA_CONF_FILE=conf/mine.conf", "-DCONFIG_METER_LOG_LEVEL_OFF=y")
    built_in = [line for line in expected("options").splitlines() if "llext" not in line and "meter" not in line]
    assert call("run", app, "--", *words)[0].splitlines() == [
        built_in[0].replace('bench "7"; left', "mine"), built_in[1].replace("576", str(0x24 << 8)),
    ]  # fmt: skip


def test_another_overlay_is_laid_over_by_the_command_line(copies, call):
    app = copies.app("threads", "overlay")
    (app / "less ram.overlay").write_text("&sram0 { reg = <0x20000000 0x8000>; };\n")
    _, err = call("app", "build", app, "--", "-DDTC_OVERLAY_FILE=less ram.overlay")
    assert "32 KB" in err


def test_flags_of_the_command_line_reach_compiler_and_linker(copies, call):
    app = copies.app("threads", "flags")
    edit(
        app / "src" / "main.c",
        "int main(void)\n{",
        'extern char PLACED[];\n\nint main(void)\n{\n\tprintk("%d %p\\n", EXTRA, PLACED);',
    )
    words = ("-DEXTRA_CFLAGS=-Wextra -DEXTRA=5", "-DEXTRA_LDFLAGS=-Wl,--defsym=PLACED=0x77", "-DOVERLAY_CONFIG=a.conf b.conf")
    (app / "a.conf").write_text("CONFIG_BOOT_BANNER=y\n")
    (app / "b.conf").write_text("CONFIG_THREAD_NAME=y\n")
    out, _ = call("run", app, "--", *words)
    assert out.splitlines()[:2] == ["*** Booting Zephyr OS build v4.4.0 ***", "5 0x77"]


def test_a_list_that_no_linker_script_knows_is_told_with_what_to_write(copies, capfd):
    app = copies.app("libraries", "unlisted")
    edit(app / "CMakeLists.txt", "zephyr_iterable_section(NAME tally", "#")
    assert run(["app", "build", str(app)]) == 1
    said = capfd.readouterr().err
    assert "nothing says where the objects of struct tally go (STRUCT_SECTION_ITERABLE)" in said
    assert "zephyr_iterable_section(NAME tally)" in said
