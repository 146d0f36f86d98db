"""What compilers and linkers say of an application that does not build, with what to do about it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

from llext.build.devicetree import read_devicetree
from llext.build.firmware.cmake_words import cmake_reason, helpers_reason
from llext.build.firmware.link_words import link_reason
from llext.build.firmware.noise import said
from llext.build.toolchain import HEADERS
from llext.errors import LlextError, nearest
from llext.target.explain import explain

_COMPILER = re.compile(r"^(?P<place>.+?:\d+):\d+: (?:fatal )?error: (?P<what>.*?)(?:; ISO C99 .*)?(?: \[-W.*\])?$")
_INCLUDED = re.compile(r"(?:In file included|\s+) from (?P<place>.+?:\d+)[:,]$")
_GUESS = re.compile(r"^.+?:\d+:\d+: note: did you mean '(?P<name>.+)'\?$")
_ABSENT = re.compile(r"'(?P<name>.*)' file not found")
_MACROS = re.compile(r"\bDT[LACFPIO]_|__device_dts_ord_|no_okay_node_of_compatible_")
_MISSING = re.compile(r"ninja: error: '(?P<file>.+)', needed by '(?P<by>.+)', missing")
_FAILED = re.compile(r"FAILED: (?:\[code=(?P<code>\d+)\] )?(?P<outputs>.*)")


def reason(text: str, app: Path, build: Path, package: Path) -> tuple[str, str]:
    """The first thing that is wrong, with its place, and what to do about it; empty where nobody said anything.

    Args:
        text: All that ninja printed.
        app: The application's folder.
        build: The build folder.
        package: The folder of our CMake files.
    """
    lines = list(said(text, failed=True))
    linked = link_reason(lines, app, build)
    for found in (
        _devicetree(lines, build, linked),
        linked,
        _compiler(lines, app),
        cmake_reason(text, app, package),
        helpers_reason("\n".join(lines)),
    ):
        if found[0]:
            return found
    return _ninja(text)


def _compiler(lines: Sequence[str], app: Path) -> tuple[str, str]:
    """The first error of a compiler."""
    index, found = next(((index, found) for index, line in enumerate(lines) if (found := _COMPILER.match(line))), (0, None))
    if found is None:
        return "", ""
    place = _asked_by(lines[:index], found["place"])
    what = found["what"].strip('"')  # #error has its words in quotes
    words = f"{place}: {what}"
    absent = _ABSENT.match(found["what"])
    if absent:
        return words, _header_hint(absent["name"], app)
    behind = next((line for line in lines[index + 1 :] if re.match(r".+?:\d+:\d+: ", line)), "")
    guess = _GUESS.match(behind)
    return words, f"did you mean {guess['name']}?" if guess else ""


def _asked_by(before: Sequence[str], place: str) -> str:
    """The application's own line that includes a header of ours, where the error is in that."""
    if not place.startswith(str(HEADERS)):
        return place
    for line in reversed(before):
        found = _INCLUDED.match(line)
        if found is None:
            return place
        if not found["place"].startswith(str(HEADERS)):
            return found["place"]
    return place


def _header_hint(name: str, app: Path) -> str:
    """Headers of nearly that name."""
    ours = [str(path.relative_to(folder)) for folder in (HEADERS, HEADERS / "libc") for path in folder.rglob("*.h")]
    if name in ours:
        return (
            "Zephyr's headers are for sources of app, and of targets that link zephyr_interface: "
            "target_link_libraries(TARGET PRIVATE zephyr_interface)."
        )
    own = [path.name for path in app.rglob("*.h") if "build" not in path.relative_to(app).parts]
    near = nearest(name, dict.fromkeys((*ours, *own)))
    if Path(name).name in own:
        return "the application has one; target_include_directories(app PRIVATE folder) says where."
    if near:
        return f"did you mean {' or '.join(near)}?"
    return "a header of Zephyr's that is not there yet, or one whose folder target_include_directories(app PRIVATE ...) leaves out?"


def _devicetree(lines: Sequence[str], build: Path, linked: tuple[str, str]) -> tuple[str, str]:
    """What of the devicetree is missing, where macros are what the tools complain of."""
    text = "\n".join(line for line in lines if _MACROS.search(line))
    if not text:
        return "", ""
    try:
        words = json.loads((build / "zephyr" / "configure.json").read_text("utf-8"))
        sources = (";".join(words["dtc_overlay_file"]), ";".join(words["extra_dtc_overlay_file"]))
        sentences = explain(text, read_devicetree(Path(words["app"]), words["board"], *sources).tree)
    except (OSError, ValueError, KeyError, LlextError):
        return "", ""
    if not sentences:
        return "", ""
    place = linked[0].partition(": ")[0] if linked[0] else _compiler(lines, build)[0].partition(": ")[0]
    device = "__device_dts_ord_" in text and "has no device" in sentences[0]
    hint = (
        "DEVICE_DT_GET wants a driver: a source with DEVICE_DT_DEFINE for that node; or ask by DEVICE_DT_GET_OR_NULL."
        if device
        else ""
    )
    return f"{place}: {'; '.join(sentences)}", hint


def _ninja(text: str) -> tuple[str, str]:
    """A file that nobody makes, or a command that failed without words."""
    missing = _MISSING.search(text)
    if missing:
        return (
            f"{missing['file']} is not there, and {missing['by']} is made from it",
            "is its name right in the CMakeLists.txt?",
        )
    twice = re.search(r"ninja: error: \S*\.ninja:\d+: multiple rules generate (?P<file>.+)", text)
    if twice:
        return f"two rules of the CMakeLists.txt make {twice['file'].rstrip()}", "give each its own name: OUTPUT, or the .inc file."
    damaged = re.search(r"ninja: error: (?P<what>\S*\.ninja:\d+: .*)", text)
    if damaged:
        return f"the build folder is damaged: {damaged['what']}", "'llext app clean' removes it."
    failed = _FAILED.search(text)
    if failed:
        command = text[failed.end() :].strip("\n").partition("\n")[0]
        code = f" with exit code {failed['code']}" if failed["code"] else ""
        return f"the command that makes {failed['outputs'].strip()} failed{code}", f"it is: {command}" if command else ""
    last = [line for line in text.splitlines() if line.startswith("ninja: ")]
    return (last[-1].removeprefix("ninja: ").removeprefix("error: ") if last else ""), ""
