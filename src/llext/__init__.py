"""Zephyr's loadable extensions (LLEXT) as a whole system: build, load, call and inspect them on a virtual board."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llext.errors import (
    BuildError,
    ElfError,
    Errno,
    GuestFault,
    HeapError,
    LinkError,
    LlextError,
    LoadError,
    TargetError,
    UsageError,
)

if TYPE_CHECKING:
    from llext.board import Board
    from llext.loader import BufferSource, Extension, FileSource

__version__ = "0.1.0"

__all__ = [
    "Board",
    "BufferSource",
    "BuildError",
    "ElfError",
    "Errno",
    "Extension",
    "FileSource",
    "GuestFault",
    "HeapError",
    "LinkError",
    "LlextError",
    "LoadError",
    "TargetError",
    "UsageError",
]

_LAZY = {"Board": "llext.board", "BufferSource": "llext.loader", "Extension": "llext.loader", "FileSource": "llext.loader"}


def __getattr__(name: str) -> object:
    """Imports the emulator and what stands on it only when somebody asks for it."""
    if name in _LAZY:
        from importlib import import_module

        return getattr(import_module(_LAZY[name]), name)
    raise AttributeError(f"module 'llext' has no attribute {name!r}")
