"""One configuration of an application: devicetree, then Kconfig, then what the compiler, linker and CMake need of both.

CMake runs this each time something that it read has changed. Every file that it writes is left alone if it would be the same, so
that a touched prj.conf compiles nothing.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from llext import cache
from llext.build.devicetree import read_devicetree
from llext.build.firmware.cmake_facts import cmake_facts
from llext.build.firmware.dt_cmake import devicetree_cmake
from llext.build.firmware.exports import GROUPS, exports_object
from llext.build.firmware.identity import board_object, configuration_object
from llext.build.firmware.project import ERROR_FILE
from llext.build.firmware.script import Sizes, check_regions, linker_script, own_names
from llext.build.firmware.services import OF_THE_SYSTEM_HEAP, services_object
from llext.build.firmware.versions import application_header, application_version, kernel_header, kernel_version
from llext.build.runtime import runtime_archive
from llext.errors import LlextError, UsageError
from llext.build.firmware.nodes import asked_by_kconfig
from llext.target import DEFAULT_BOARD, Target
from llext.target.kconfig import MENU_FILE, Configuration, Devicetree, Diagnostic, application_files, autoconf, board_values, dotconfig
from llext.target.kconfig import configure as configure_options
from llext.target.kconfig.saved import changed_by_hand, note_saved

WORDS_FILE = "configure.json"
"""How it was called last without a mistake, for whoever explains later what compilers say of devicetree macros, or options."""
LIBRARIES = ("m", "c", "gcc", "stdc++", "supc++")
"""What target_link_libraries(app PRIVATE m) names: all that there is of them is in libzephyr.a."""
EMPTY_ARCHIVE = b"!<arch>\n"
OBJECTS = ("services.o", "board.o", "configuration.o", "exports.o")


def configure(words: argparse.Namespace) -> list[str]:
    """Writes everything into the build folder, and returns what there is to tell.

    Raises:
        LlextError: a file of the application has a mistake.
    """
    out, app = Path(words.build), Path(words.app)
    (out / ERROR_FILE).unlink(missing_ok=True)
    devicetree = read_devicetree(app, words.board, ";".join(words.dtc_overlay_file), ";".join(words.extra_dtc_overlay_file))
    target, tree = devicetree.target, devicetree.tree
    configuration = _options(words, app, out, target, asked_by_kconfig(tree)).check()
    _check_capitals(words.small, configuration)
    _write(out / WORDS_FILE, json.dumps(vars(words)).encode())
    generated = out / "include" / "generated" / "zephyr"
    _write(generated / "devicetree_generated.h", devicetree.header.encode())
    _write(generated / "autoconf.h", autoconf(configuration).encode())
    _write(out / "devicetree.cmake", devicetree_cmake(tree).encode())
    _write(generated / "version.h", kernel_header(kernel_version()).encode())
    version = application_version(app)
    if version is not None:
        _write(generated / "app_version.h", application_header(version).encode())
    told = _save_dotconfig(out / ".config", dotconfig(configuration))
    check_regions(tree.regions, tree.place)
    script = linker_script(target, _sizes(configuration), tree.regions)
    _write(out / "linker.cmd", script.encode())
    _write(out / "services.o", services_object(target, _left_out(configuration)))
    _write(out / "board.o", board_object(target, configuration))
    _write(out / "configuration.o", configuration_object(target, configuration, own_names(script)))
    _write(out / "exports.o", exports_object(target, _exported(configuration), slids=configuration.on("LLEXT_EXPORT_BUILTINS_BY_SLID")))
    _write(out / "libzephyr.a", runtime_archive(target))
    for name in LIBRARIES:
        _write(out / f"lib{name}.a", EMPTY_ARCHIVE)
    _write(out / "config.cmake", cmake_facts(target, configuration, out, OBJECTS, (*devicetree.files, *_places(app), out / ".config"), version).encode())
    return [*devicetree.notes, *map(str, (*configuration.diagnostics, *told))]


def last_words(app: Path, out: Path) -> argparse.Namespace:
    """How an application was configured last in a folder, by whomever; as by itself if it was not."""
    words = parsed(["--app", str(app), "--build", str(out), "--board", DEFAULT_BOARD])
    with suppress(OSError, ValueError):
        known = json.loads((out / WORDS_FILE).read_text("utf-8"))
        vars(words).update({name: known[name] for name in _OF_THE_LAST if name in known})
    return words


_OF_THE_LAST = ("board", "conf_file", "extra_conf_file", "dtc_overlay_file", "extra_dtc_overlay_file", "set")


def options_of(words: argparse.Namespace) -> Configuration:
    """The options, as ``configure`` settles them; nothing is written.

    Raises:
        LlextError: a file of the application has a mistake; those of values are in the result's ``diagnostics``.
    """
    app, out = Path(words.app), Path(words.build)
    devicetree = read_devicetree(app, words.board, ";".join(words.dtc_overlay_file), ";".join(words.extra_dtc_overlay_file))
    return _options(words, app, out, devicetree.target, asked_by_kconfig(devicetree.tree))


def _save_dotconfig(path: Path, text: str) -> list[Diagnostic]:
    """Writes ``.config``; returns what there is to tell of the one that was there."""
    told = changed_by_hand(path, text)
    _write(path, text.encode())
    note_saved(path)
    return told


def _check_capitals(names: Sequence[str], configuration: Configuration) -> None:
    """Refuses options whose names were given in small letters, which CMake takes for variables of the application's.

    Raises:
        UsageError: there is one.
    """
    for name in names:
        if name.upper().removeprefix("CONFIG_") in configuration.values:
            raise UsageError(f"-D{name} sets no option: their names are in capitals", hint=f"did you mean -D{name.upper()}?")


def _places(app: Path) -> list[Path]:
    """VERSION, and folders in which a file may appear that would be read: boards/BOARD.conf and the like, bindings."""
    bindings = app / "dts" / "bindings"
    folders = filter(Path.is_dir, (app / "boards", bindings, *bindings.rglob("*")))
    return [app, *filter(Path.is_file, (app / "VERSION",)), *folders]


def _options(words: argparse.Namespace, app: Path, out: Path, target: Target, tree: Devicetree) -> Configuration:
    own = [_inside(app, name) for name in words.conf_file] or list(application_files(app, target.name))
    if not own:
        raise UsageError(f"{app} has no prj.conf", hint="an application has one, even if it is empty: CONFIG_X=y in each line.")
    further = [_inside(app, name) for name in words.extra_conf_file]
    return configure_options(
        app, board=board_values(target), conf_files=(*own, *further), assignments=words.set, devicetree=tree, menu=out / MENU_FILE,
        strict=words.kconfig_strict, lenient=words.kconfig_lenient,
    )  # fmt: skip


def _inside(app: Path, name: str) -> Path:
    """Names of files are relative to the application."""
    return app / name


def _sizes(configuration: Configuration) -> Sizes:
    llext = configuration.on("LLEXT") and not configuration.on("LLEXT_HEAP_DYNAMIC")
    return Sizes(
        main_stack=configuration.number("MAIN_STACK_SIZE"),
        isr_stack=configuration.number("ISR_STACK_SIZE"),
        work_stack=configuration.number("SYSTEM_WORKQUEUE_STACK_SIZE"),
        log_stack=configuration.number("LOG_PROCESS_THREAD_STACK_SIZE") if configuration.on("LOG_PROCESS_THREAD") else 0,
        heap_pool=max(_SMALLEST_POOL, configuration.number("HEAP_MEM_POOL_SIZE")),
        llext_heap=1024 * configuration.number("LLEXT_HEAP_SIZE") if llext else 0,
    )


def _left_out(configuration: Configuration) -> frozenset[str]:
    left_out = OF_THE_SYSTEM_HEAP if not configuration.number("HEAP_MEM_POOL_SIZE") else frozenset[str]()
    return left_out if configuration.on("REBOOT") else left_out | {"sys_reboot"}


_SMALLEST_POOL = 64
"""Bytes: the heap of the kernel's own threads has its records in any case."""


def _exported(configuration: Configuration) -> list[str]:
    if not configuration.on("LLEXT"):
        return []
    groups = [group for group in GROUPS if configuration.on(f"LLEXT_EXPORT_SYMBOL_GROUP_{group}")]
    return [name for group in groups for name in GROUPS[group] if name != "printk" or configuration.on("PRINTK")]


def _write(path: Path, data: bytes) -> None:
    with suppress(OSError):
        if path.read_bytes() == data:
            return
    cache.make_folder(path.parent)
    cache.write_file(path, data)


def parsed(words: Sequence[str]) -> argparse.Namespace:
    """The words of the helper."""
    parser = argparse.ArgumentParser(prog="configure")
    for name in ("--app", "--build", "--board"):
        parser.add_argument(name, required=True)
    for name in ("--conf-file", "--extra-conf-file", "--dtc-overlay-file", "--extra-dtc-overlay-file", "--set", "--small"):
        parser.add_argument(name, action="append", default=[])
    for name in ("--kconfig-strict", "--kconfig-lenient"):
        parser.add_argument(name, action="store_true")
    return parser.parse_args(words)


def main(words: Sequence[str]) -> int:
    """Configures; what is wrong are words on stderr, and in a file for whoever shows them without CMake's."""
    told = parsed(words)
    try:
        notes = configure(told)
    except LlextError as error:
        diagnostics = getattr(error, "diagnostics", "")
        print("\n".join(filter(None, (diagnostics, f"error: {error}"))), file=sys.stderr)
        facts = {"message": error.message, "hint": error.hint, "diagnostics": diagnostics}
        with suppress(OSError, LlextError):
            _write(Path(told.build) / ERROR_FILE, json.dumps(facts).encode())
        return 1
    for note in notes:
        print(note, file=sys.stderr)
    return 0
