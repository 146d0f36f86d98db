"""The variables by which our CMake package knows the compiler, its flags, the linker's words and the configuration."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from llext import cache
from llext.build.processes import run
from llext.build.firmware.versions import Version, application_facts, kernel_facts, kernel_version
from llext.build.toolchain import HEADERS, Toolchain, find_toolchain
from llext.target import Target
from llext.target.kconfig import MENU_FILE, Configuration, cmake
from llext.target.kconfig.render import bracket

_MACHINE = ("--target", "-mcpu", "-march", "-mabi", "-mfloat-abi", "-mfpu", "-mthumb")
_WITH_ARGUMENT = ("-resource-dir", "-isystem", "-I")
_LEVELS = {
    "NO_OPTIMIZATIONS": "-O0", "DEBUG_OPTIMIZATIONS": "-Og", "SPEED_OPTIMIZATIONS": "-O2", "SIZE_OPTIMIZATIONS_AGGRESSIVE": "-Oz",
}  # fmt: skip
_CXX_STANDARDS = {"98": "c++98", "11": "c++11", "14": "c++14", "17": "c++17", "2A": "c++20", "20": "c++20", "2B": "c++23", "23": "c++23"}
_C_STANDARDS = ("90", "99", "11", "17", "23")
REMOVED = ("-fno-pic", "-fno-pie", "-ffunction-sections", "-fdata-sections", "-Os")
"""LLEXT_REMOVE_FLAGS of Arm and RISC-V: what extensions are not compiled with."""


def cmake_facts(
    target: Target, configuration: Configuration, out: Path, objects: Sequence[str], read: Sequence[Path], version: Version | None = None
) -> str:  # fmt: skip
    """The text of config.cmake; the version is the application's."""
    toolchain = find_toolchain("zig", target.arch, target.cpu, "near")
    machine = [flag for flag in toolchain.flags if flag.startswith(_MACHINE)]
    rest = [flag for flag in toolchain.flags if flag not in machine]
    level = next((flag for name, flag in _LEVELS.items() if configuration.on(name)), "-Os")
    kind = "object" if configuration.on("LLEXT_TYPE_ELF_OBJECT") else "relocatable"
    warnings = ("-Wall", "-Werror") if configuration.on("COMPILER_WARNINGS_AS_ERRORS") else ("-Wall",)
    further = configuration["COMPILER_OPT"].split()
    standard = next((flag for name, flag in _CXX_STANDARDS.items() if configuration.on(f"STD_CPP{name}")), "c++17")
    number = next((number for number in _C_STANDARDS if configuration.on(f"STD_C{number}")), "17")
    c = f"-std={'gnu' if configuration.on('GNU_C_EXTENSIONS') else 'c'}{number}"
    cxx = (f"-std={standard}", "-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics", f'SHELL:-isystem "{HEADERS / "cxx"}"')
    link = (
        f"-L{out}", f"-T{out / 'linker.cmd'}", "--gc-sections", "-znostart-stop-gc", "-zmax-page-size=4", "-znorelro", "--orphan-handling=error", "--print-memory-usage",
        f"-Map={out / 'zephyr.map'}",
    )  # fmt: skip
    facts = {
        "LLEXT_ZIG": toolchain.compiler[:1], "LLEXT_CLANG_VERSION": (_clang_version(toolchain),),
        "LLEXT_PROCESSOR": (target.cpu.name,), "LLEXT_TARGET_FLAGS": (" ".join(machine),),
        "LLEXT_OPTIONS": (*_paired(rest), level, "-g", *warnings, *further), "LLEXT_CXX_OPTIONS": cxx, "LLEXT_C_STANDARD": (c,),
        "LLEXT_OBJECTS": tuple(str(out / name) for name in objects), "LLEXT_ARCHIVE": (str(out / "libzephyr.a"),),
        "LLEXT_LINK_OPTIONS": link, "LLEXT_KIND": (kind,), "LLEXT_REMOVE_FLAGS": REMOVED,
        "LLEXT_APPEND_FLAGS": target.arch.compiler.models["far"], "Z_CMAKE": (str(HEADERS.parent / "cmake"),),
    }  # fmt: skip
    lines = [f"set({name} {' '.join(map(bracket, values))})\n" for name, values in facts.items()]
    versions = kernel_facts(kernel_version()) | (application_facts(version) if version is not None else {})
    lines += [f"set({name} {bracket(str(value).strip(chr(34)))})\n" for name, value in versions.items()]
    watched = " ".join(bracket(str(path)) for path in _watched([*configuration.files, *read]))
    depends = f"set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS {watched})\n"
    return cmake(configuration) + "".join(lines) + depends


def _watched(read: Sequence[Path]) -> list[Path]:
    """What was read, and the folders in which a further file may appear.

    What the menu keeps lies where each build writes: there ``.config``, which the menu saves too, stands for the folder.
    """
    folders = {path.parent for path in read if path.suffix in {".conf", ".overlay"} and path.name != MENU_FILE}
    return list(dict.fromkeys((*read, *sorted(folders))))


def _paired(flags: Sequence[str]) -> tuple[str, ...]:
    """Flags together with their arguments, which CMake must neither part nor drop because they stand there twice."""
    found, words = [], iter(flags)
    for word in words:
        found.append(f'SHELL:{word} "{next(words)}"' if word in _WITH_ARGUMENT else word)
    return tuple(found)


def _clang_version(toolchain: Toolchain) -> str:
    """By which CMake knows what the compiler can; asked once per compiler and remembered."""
    key = cache.digest("clang version", toolchain.identity)
    known = cache.load_json(key)
    if not isinstance(known, str):
        text = run([*toolchain.compiler, "--version"]).stdout
        words = text.split("version ", 1)
        known = words[1].split()[0] if len(words) > 1 else "20.0.0"
        cache.store_json(key, json.loads(json.dumps(known)))
    return known
