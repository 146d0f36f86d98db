"""What tests share: boards, small builds, and tools that pip does not bring."""

import os
import shutil
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
os.environ["LLEXT_CACHE_DIR"] = str(ROOT / "build" / "test-cache")

from llext import Board  # noqa: E402 - the cache folder is chosen first
from llext.build import BuildOptions, build_extension  # noqa: E402
from llext.build.firmware import Project, build_application  # noqa: E402
from llext.build.toolchain import HEADERS  # noqa: E402
from llext.target import board_names, load_target  # noqa: E402
from llext.target.kconfig import board_values, configure  # noqa: E402

HEADERS_THAT_ARE_NOT_THERE = {
    path.relative_to(HEADERS).as_posix() for path in HEADERS.rglob("*.h") if '\n\n#error "CONFIG_' in path.read_text("utf-8")
}
"""Headers of parts of Zephyr that are not there yet; they say so, and nothing else."""
BOARDS = board_names()
GNU = ("arm-none-eabi-gcc", "arm-none-eabi-ld", "riscv64-unknown-elf-gcc", "riscv64-unknown-elf-ld")
PROLOGUE = "#include <zephyr/kernel.h>\n#include <zephyr/llext/symbol.h>\n"


def need(*programs):
    """Skips a test whose tools are missing; fails it under --require-tools."""
    missing = [name for name in programs if shutil.which(name) is None]
    if missing and os.environ.get("LLEXT_REQUIRE_TOOLS"):
        pytest.fail(f"missing: {', '.join(missing)}")
    if missing:
        pytest.skip(f"needs {', '.join(missing)}")


COUNTED: list[str] = []
"""What tests compared, in words and numbers; printed at the end."""


def pytest_sessionfinish(session):
    if hasattr(session.config, "workeroutput"):  # in a process of pytest-xdist
        session.config.workeroutput["counted"] = COUNTED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node, error):
    COUNTED.extend(getattr(node, "workeroutput", {}).get("counted", []))


def pytest_terminal_summary(terminalreporter):
    for line in sorted(COUNTED):
        terminalreporter.write_line(line)


SLOW_FILES = (
    "tests/link/test_identity_sources.py",
    "tests/examples/test_pages.py",
    "tests/kernel/test_schedule_model.py",
    "tests/fuzz/test_fuzz.py",
    "tests/fuzz/test_odd_files.py",
)
"""Few tests of minutes, the longest first. Of these, one that were begun last would run alone."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    """The order in which processes of pytest-xdist get files: those that take longest, then those with most tests.

    All of them must come to the same order. They do, as pytest-randomly, which was here before, shuffled by one seed, and files
    that are alike stay as they were. In a single process files are in the order that it chose.
    """
    if not hasattr(config, "workerinput"):
        return
    files = {id(item): item.nodeid.partition("::")[0] for item in items}
    tests = Counter(files.values())

    def place(item):
        file = files[id(item)]
        return SLOW_FILES.index(file) if file in SLOW_FILES else len(SLOW_FILES), -tests[file]

    items.sort(key=place)


TOOLCHAINS = ["zig", pytest.param("gcc", marks=pytest.mark.tools)]


@pytest.fixture
def board():
    """A powered-on default board."""
    with Board() as powered:
        yield powered


@pytest.fixture
def build(tmp_path):
    """Builds C text into an extension and returns its path."""

    def make(
        text, name="ext", *, board="mps2/an385", prologue=PROLOGUE, toolchain="zig", optimize="s", cflags=(), helpers="link"
    ):
        if toolchain == "gcc":
            need(*GNU)
        source = tmp_path / f"{name}.c"
        source.write_text(prologue + text)
        options = BuildOptions(toolchain, optimize, tuple(cflags), helpers)
        return build_extension([source], tmp_path / f"{name}.llext", load_target(board), options).output

    return make


@pytest.fixture
def load(build, board):
    """Builds C text and loads it on the default board."""

    def make(text, name="ext", **options):
        return board.load(build(text, name, **options))

    return make


@pytest.fixture
def app(tmp_path):
    """An application's folder, in a path with a space and letters that are not ASCII."""
    folder = tmp_path / "meine Prüfung"
    folder.mkdir()
    return folder


@pytest.fixture
def configured(app):
    """Configures an application from the text of its prj.conf, and of its Kconfig if it has one."""

    def go(prj="", kconfig=None, *, board="mps2/an385", more=(), **choices):
        path = app / "prj.conf"
        path.write_bytes(prj if isinstance(prj, bytes) else prj.encode())
        if kconfig is not None:
            (app / "Kconfig").write_text(kconfig, encoding="utf-8")
        return configure(app, board=board_values(load_target(board)), conf_files=(path, *more), **choices)

    return go


@pytest.fixture
def told(configured, app):
    """What is told of a prj.conf: (severity, line, text, hint) of each."""

    def go(prj, kconfig=None, **choices):
        found = configured(prj, kconfig, **choices).diagnostics
        assert all(each.place is None or each.place.file.startswith((str(app), "-D")) for each in found)
        return [(each.severity, each.place.line if each.place else 0, each.text, each.hint) for each in found]

    return go


CMAKE = """cmake_minimum_required(VERSION 3.20)
find_package(Zephyr REQUIRED HINTS $ENV{ZEPHYR_BASE})
project(tiny)
target_sources(app PRIVATE src/main.c)
"""
EXTENSION = """add_llext_target(%(name)s OUTPUT ${ZEPHYR_BINARY_DIR}/%(name)s.llext SOURCES src/%(name)s.c)
generate_inc_file_for_target(app ${ZEPHYR_BINARY_DIR}/%(name)s.llext ${ZEPHYR_BINARY_DIR}/include/generated/%(name)s.inc)
"""


@pytest.fixture(scope="module")
def application(tmp_path_factory):
    """Builds an application from texts: main.c, prj.conf, extensions by name, further files; returns its zephyr.elf."""

    def make(main, conf="", extensions=None, files=None, board="mps2/an385", cmake=""):
        folder = tmp_path_factory.mktemp("app") / "tiny app"
        (folder / "src").mkdir(parents=True)
        (folder / "src" / "main.c").write_text(main)
        (folder / "prj.conf").write_text(conf)
        text = CMAKE + cmake
        for name, source in (extensions or {}).items():
            (folder / "src" / f"{name}.c").write_text(source)
            text += EXTENSION % {"name": name}
        (folder / "CMakeLists.txt").write_text(text)
        for name, contents in (files or {}).items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(contents)
        return build_application(Project.of(folder, board=board))

    return make


@pytest.fixture(scope="session")
def copies(tmp_path_factory):
    """Copies of the applications in tests/apps, built once each, for tests/apps_run."""
    from zephyr_apps import Copies

    return Copies(tmp_path_factory.mktemp("Prüf äpps "))


EMBEDDED = """#include <zephyr/llext/buf_loader.h>
#include <zephyr/llext/llext.h>
static %s uint8_t blob[] __aligned(4096) = {
#include "ext.inc"
};
"""


@pytest.fixture
def powered(application):
    """An application on a board that is powered on. Of the text of an extension, main.c has the file in an array, blob."""
    with ExitStack() as stack:

        def make(conf, main, ext="", *, const="const", prologue=PROLOGUE, **more):
            embedded = EMBEDDED % const if ext else ""
            conf = ("CONFIG_LLEXT=y\n" if ext else "") + conf
            extensions = {"ext": prologue + ext} if ext else None
            elf = application(PROLOGUE + embedded + main, conf, extensions, **more)
            return stack.enter_context(Board(app=elf))

        yield make


@pytest.fixture
def ran(powered):
    """What an application printed until nothing could happen any more."""

    def go(conf, main, ext="", **more):
        board = powered(conf, main, ext, **more)
        board.boot()
        board.run()
        return board.console

    return go
