"""What CMake says of an application that it does not configure: the first error, at the application's own line."""

from __future__ import annotations

import re
from pathlib import Path

from llext.build.firmware.versions import kernel_version

_ERROR = re.compile(
    r"^CMake Error(?: \(\w+\))?(?: (?:at|in) (?P<file>.+?)(?::(?P<line>\d+))?(?: \((?P<command>\w+)\))?)?:(?P<text>.*\n(?:(?:  .*)?\n)*)"
    r"(?:Call Stack \(most recent call first\):\n(?P<stack>(?:  .*\n)*))?",
    re.MULTILINE,
)
_CALL = re.compile(r"^  (?P<file>.+?):(?P<line>\d+) \(\w+\)$", re.MULTILINE)

_OURS = re.compile(r"^error: (?P<what>.*)(?:\n  (?P<hint>.*))?", re.MULTILINE)
_HELPER = "the reason stands above"
"""What our package says when the helper refused the configuration."""
_HINTS = (
    (r"Unknown CMake command", "a command of Zephyr's that is not there, or a slip of the pen; our package has those for sources, flags, libraries and extensions."),
    (r"Cannot find source file", "names are relative to the CMakeLists.txt that they stand in."),
    (r'compatible\s+with\s+requested\s+version "(?P<version>[^"]+)"', "Zephyr {ours} is modelled here, and every earlier one is accepted: ask for that, or for none."),
    (r'target "app" which is not built', "find_package(Zephyr REQUIRED) must stand before it; it makes the target app."),
    (r"CMake \S+ or higher is required", "a newer one comes with: pip install --upgrade cmake"),
    (r"Parse error in cache file", "the build folder is damaged; 'llext app clean' removes it."),
    (r"Run 'cmake --help'", "llext run APP -- -DNAME=value: behind the application come CMake's definitions."),
)  # fmt: skip


def one_error(said: str) -> bool:
    """Whether CMake said nothing but one error, which ``cmake_reason`` has all of."""
    found = _ERROR.match(said + "\n")
    return found is not None and not (said + "\n")[found.end() :].strip()


def cmake_reason(said: str, app: Path, package: Path) -> tuple[str, str]:
    """The first error with file and line, and what to do about it; empty if there is none.

    Args:
        said: What CMake printed.
        app: The application, to which CMake's names are relative.
        package: The folder of our own CMake files: errors that they report are the caller's.
    """
    found = _ERROR.search(said + "\n")
    if found is None:
        return "", ""
    if _HELPER in " ".join(found["text"].split()):
        return helpers_reason(said)
    text = " ".join(found["text"].split())
    hint = next((hint for pattern, hint in _HINTS if re.search(pattern, text)), "")
    place = _place(found, app, package)
    return f"{place}: {text}", hint.format(ours=kernel_version().text)


def helpers_reason(said: str) -> tuple[str, str]:
    """What a program of ours that CMake or ninja ran said is wrong, and its hint."""
    found = _OURS.search(said)
    return (found["what"], (found["hint"] or "").strip()) if found else ("", "")


def _place(found: re.Match[str], app: Path, package: Path) -> str:
    """Where the application's own files led to it."""
    places = [(found["file"], found["line"])] if found["file"] else []
    places += [(call["file"], call["line"]) for call in _CALL.finditer(found["stack"] or "")]
    for name, line in places:
        path = app / name
        if not path.is_relative_to(package) and path.name != "ZephyrConfig.cmake":
            return f"{path}:{line}" if line else str(path)
    return str(app / "CMakeLists.txt")
