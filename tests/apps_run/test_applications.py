"""Ten applications as Zephyr developers write them: each configures, builds and prints what it should, by both ways, twice."""

import pytest
from zephyr_apps import ENDS, NAMES, expected

from llext.cli.app import run

OTHER = "qemu_riscv32"


@pytest.fixture
def call(capfdbinary):
    """Runs the command line in this process: what it printed."""

    def go(*words):
        code = run([str(word) for word in words])
        out, err = capfdbinary.readouterr()
        assert (code, b"Traceback" in out + err) == (0, False), err.decode()
        return out.decode(), err.decode()

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
    assert (out, err) == (expected(name), "")
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
    return {each.name: bytes(elf.contents(each)) for each in elf.sections if each.flags & c.SHF_ALLOC and each.type != c.SHT_NOBITS}


def test_targets_of_plain_ninja_run_and_report(copies):
    build = copies.build("options", OTHER)
    assert expected("options") in build.ninja("run")
    assert "main_stack" in build.ninja("ram_report")


def test_a_build_with_warnings_as_errors_has_none(copies, call):
    app = copies.app("threads", "strict")
    call("app", "build", app, "--", "-DCONFIG_COMPILER_WARNINGS_AS_ERRORS=y")


@pytest.mark.parametrize("name", ["options", "libraries"])
def test_what_is_built_with_other_words_is_configured_by_them(copies, call, name):
    app = copies.app(name, "words")
    more = {"options": "-DCONFIG_METER_CODEC=y", "libraries": "-DCONFIG_APP_EXTRA=y"}[name]
    out, _ = call("run", app, "--", more, "-DEXTRA_CONF_FILE=")
    assert out
