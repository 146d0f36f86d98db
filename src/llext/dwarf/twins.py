"""Where the debug information of an extension may be: builds split it off, and leave it in a place of their own."""

from __future__ import annotations

from pathlib import Path

_SUFFIXES = ("_debug", "_ext_debug")
"""Of what ``llext build`` and applications write, and Zephyr's CMake."""


def debug_files(path: Path) -> list[Path]:
    """Files that may have it, the likeliest first: beside the extension, in an application's build/llext, the extension itself.

    Args:
        path: The extension. CMakeLists.txt says where it lies, mostly build/zephyr.

    Returns:
        Those that there are.
    """
    folders = (path.parent, path.parent.parent / "llext")
    twins = (folder / f"{path.stem}{suffix}.elf" for folder in folders for suffix in _SUFFIXES)
    return [each for each in (*twins, path) if each.is_file()]
