"""A device's log with the places of its addresses: what was loaded where is learned from the log itself.

Zephyr's loader writes ``-s SECTION ADDRESS`` for each section at log level DBG, and then "Loaded extension NAME". A fatal error writes
registers as eight hex digits, in lines of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from llext.debug.code import Code, Spot
from llext.errors import LlextError

_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_FLAGS = re.compile(r"gdb add-symbol-file flags:")
_SECTION = re.compile(r"-s (\S+) (0x[0-9a-fA-F]+)")
_LOADED = re.compile(r"Loaded extension (\S.*?)\s*$")
_UNLOADED = re.compile(r"Unloaded extension (\S.*?)\s*$")
_FATAL = re.compile(r"\*{5} .+ \*{5}|ZEPHYR FATAL ERROR|\bmcause\b|Faulting instruction address")
_VALUE = re.compile(
    r"(?:(?P<name>[\w/()]+)\s*:\s*)?(?P<value>0x[0-9a-fA-F]{8})\b|(?P<register>[a-z]\w*)\s*:\s+(?P<plain>[0-9a-f]{8})\b"
)
"""Arm's dumps write 0x, RISC-V's do not."""
_WINDOW = 40
"""Lines behind the first one of a fatal error in which addresses are looked at."""
_RETURNS = ("lr", "ra")


class Symbolizer:
    """Reads a log line by line.

    Args:
        firmware: Its zephyr.elf, or None.
        symbols: Debug files of extensions, and folders that have them.

    Raises:
        ElfError: the firmware is malformed.
        OSError: it cannot be read.
    """

    def __init__(self, firmware: Path | None, symbols: Iterable[Path]) -> None:
        self.codes: dict[str, Code] = {}
        self.missing: dict[str, str] = {}
        """Extensions of which no debug file was found, and why."""
        if firmware is not None:
            self.codes[""] = Code(firmware.stem, firmware)
        self._files = list(_files(symbols))
        self._sections: dict[str, int] = {}
        self._left = 0

    def feed(self, line: str) -> Iterator[str]:
        """A line of the log, and behind it what its addresses are."""
        yield line
        plain = _COLOUR.sub("", line)
        self._learn(plain)
        if _FATAL.search(plain):
            self._left = _WINDOW
        elif not self._left:
            return
        self._left -= 1
        for found in _VALUE.finditer(plain):
            value = found["value"] or found["plain"]
            spot = self.spot(int(value, 16), returns=_is_return(found["name"] or found["register"] or ""))
            if spot is not None:
                yield f"    {value} = {spot}"

    def spot(self, address: int, *, returns: bool = False) -> Spot | None:
        """Where an address is; of one that a call returns to, the call."""
        at = (address & ~1) - (2 if returns else 0)
        return next((spot for code in self.codes.values() if (spot := code.at(at)) is not None), None)

    def _learn(self, line: str) -> None:
        if _FLAGS.search(line):
            self._sections = {}
        for name, address in _SECTION.findall(line):
            self._sections[name] = int(address, 16)
        loaded, unloaded = _LOADED.search(line), _UNLOADED.search(line)
        if loaded and self._sections:
            self._load(loaded[1])
        if unloaded:
            self.codes.pop(unloaded[1], None)

    def _load(self, name: str) -> None:
        self.codes.pop(name, None)
        path = _best(name, self._files)
        if path is None:
            self.missing[name] = "no debug file of that name: --symbols names it, or its folder"
            return
        try:
            self.codes[name] = Code(name, path, self._sections)
        except (LlextError, OSError) as error:
            self.missing[name] = f"{path}: {error}"


def _is_return(name: str) -> bool:
    return any(part in _RETURNS for part in re.split(r"\W+", name.lower()))


def _files(symbols: Iterable[Path]) -> Iterator[Path]:
    for path in symbols:
        if path.is_dir():
            yield from sorted(path.rglob("*_debug.elf"))
            yield from sorted(path.rglob("*.llext"))
        else:
            yield path


def _best(name: str, files: list[Path]) -> Path | None:
    """The file of an extension: by its name, with and without what builds append; the only one there is, failing that."""
    for suffix in ("_debug", "_ext_debug", "", "_ext"):
        found = next((path for path in files if path.stem == name + suffix), None)
        if found is not None:
            return found
    twins = [path for path in files if path.stem.endswith("_debug")] or files
    return twins[0] if len(twins) == 1 else None
