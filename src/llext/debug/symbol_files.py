"""The debug files of extensions that there are, and which one is that of an extension of a log."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path

from llext.arch import arch_of_machine
from llext.debug.code import Code
from llext.elf import constants as c
from llext.errors import LlextError

_SUFFIXES = ("_ext_debug", "_debug", "_ext")
_BEST_FIRST = ("_debug", "_ext_debug", "", "_ext")
LONGEST_NAME = 15
"""Characters of a name that Zephyr keeps."""
_HEAD = struct.Struct("<18xH")
"""Of an ELF file's header what leads to e_machine, and that."""


class SymbolFiles:
    """Debug files of extensions.

    Args:
        files: Their paths.
        machine: e_machine of the firmware: files for another one are left out; 0 if there is no firmware.
    """

    def __init__(self, files: Iterable[Path], machine: int = 0) -> None:
        every = list(files)
        self.foreign = [path for path in every if machine and _machine(path) not in (0, machine)]
        """Files for another instruction set than the firmware's."""
        self.paths = [path for path in every if path not in self.foreign]

    @property
    def names(self) -> set[str]:
        """What extensions may be called by their files."""
        return {bare(path.stem) for path in self.paths}

    def best(self, name: str, places: Mapping[str, int]) -> tuple[Path | None, str]:
        """The file of an extension: by its name, with and without what builds append; the only one there is, failing that.

        Args:
            name: What the log calls it.
            places: Section -> address, as far as the log tells.

        Returns:
            The file, and what is to say of it; None if there is none.
        """
        found = self._of_name(name)
        if found:
            return _fitting(name, found, places)
        twins = [path for path in self.paths if path.stem.endswith("_debug")] or self.paths
        return (twins[0] if len(twins) == 1 else None), self._left_out(name)

    def _of_name(self, name: str) -> list[Path]:
        for suffix in _BEST_FIRST:
            found = [path for path in self.paths if path.stem == name + suffix]
            if found:
                return found
        return [path for path in self.paths if path.stem.startswith(name)] if len(name) == LONGEST_NAME else []

    def _left_out(self, name: str) -> str:
        path = next((path for path in self.foreign if bare(path.stem) == name), None)
        arch = arch_of_machine(_machine(path)) if path else None
        return f"extension {name}: {path} is for {arch.name if arch else 'another CPU'}, the firmware is not" if path else ""


def _fitting(name: str, files: list[Path], places: Mapping[str, int]) -> tuple[Path, str]:
    """One of several files of a name: the same ones count once, and those that cannot lie where the log says do not."""
    different = list({_contents(path): path for path in reversed(files)}.values())[::-1]
    fitting = different
    if len(different) > 1:
        fitting = [path for path in different if _fits(path, places)] or different
    if len(fitting) == 1:
        return fitting[0], ""
    others = ", ".join(map(str, fitting[1:]))
    doubt = (
        f"extension {name}: taken for {fitting[0]}, one of {len(fitting)} files of that name that differ, the others: {others}"
    )
    return fitting[0], f"{doubt}; to settle it, give --symbols the folder of this firmware's build only"


def _fits(path: Path, places: Mapping[str, int]) -> bool:
    """Whether a file has the sections that the log tells of, and they do not lie upon each other there."""
    try:
        code = Code(path.stem, path, places)
    except (LlextError, OSError):
        return False
    extents = sorted(code.extents)
    apart = all(end <= start for (_, end), (start, _) in pairwise(extents))
    return apart and places.keys() <= code.sections.keys()


def _contents(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return str(path).encode()


def _machine(path: Path) -> int:
    """e_machine; 0 of what cannot be read or is no such file, which is told where it is used."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD.size)
    except OSError:
        return 0
    is_elf = len(head) == _HEAD.size and head.startswith(c.MAGIC)
    return int(_HEAD.unpack(head)[0]) if is_elf else 0


def bare(stem: str) -> str:
    """A file's name without what builds append."""
    return next((stem.removesuffix(suffix) for suffix in _SUFFIXES if stem.endswith(suffix)), stem)


def symbol_files(symbols: Iterable[Path]) -> Iterator[Path]:
    """The files that a user names, and those in the folders among them; a FIFO there would never end."""
    for path in symbols:
        if path.is_dir():
            for pattern in ("*_debug.elf", "*.llext"):
                yield from sorted(each for each in path.rglob(pattern) if each.is_file())
        else:
            yield path
