"""Zephyr's loadable extensions (LLEXT) as a whole system: build, load, call and inspect them on a virtual board."""

from __future__ import annotations

from llext.version import __version__ as __version__

TYPE_CHECKING = False  # as typing's, whose import would be the slowest part of starting
if TYPE_CHECKING:
    from llext.board import Board
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
    from llext.kernel import LogOptions
    from llext.loader import BufferSource, Extension, FileSource


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
    "LogOptions",
    "TargetError",
    "UsageError",
]

_MODULES = {"Board": "llext.board", "BufferSource": "llext.loader", "Extension": "llext.loader", "FileSource": "llext.loader"}
_MODULES["LogOptions"] = "llext.kernel"


def __getattr__(name: str) -> object:
    """Imports a name's module when it is first asked for: the emulator and what stands on it only for a Board."""
    if name not in __all__:
        raise AttributeError(f"module 'llext' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_MODULES.get(name, "llext.errors")), name)
