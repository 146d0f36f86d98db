"""Lines of Kconfig files: of this package, of an application, and of what is generated for one reading."""

from __future__ import annotations

import os
from pathlib import Path

from llext.target.kconfig.model import Place

TREE = Path(__file__).parent.parent.parent / "zephyr" / "kconfig"
"""The Kconfig files of this package: what ``srctree`` and ``ZEPHYR_BASE`` are to an application's."""

TEMPORARY = "llext-kconfig-"
"""What the names of folders with generated files begin with."""

_GENERATED = {"Kconfig.board": "board", "Kconfig.dts": "devicetree"}


def absolute(name: str) -> Path:
    """Kconfiglib names files of its source tree relative to that."""
    return TREE / name


def generated_by(name: str) -> str:
    """Who is behind a Kconfig file that was generated: ``board`` or ``devicetree``; empty if it was not."""
    folder, _, file = name.replace(os.sep, "/").rpartition("/")
    return _GENERATED.get(file, "") if folder.rpartition("/")[2].startswith(TEMPORARY) else ""


def place_of(name: str, line: int) -> Place:
    """A line of a Kconfig file: those of this package by their full path, those of an application too."""
    return Place(os.path.join(TREE, name), line)  # noqa: PTH118 - for every option, and Path takes ten times as long
