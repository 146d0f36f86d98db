"""What compilers and linkers say of an application that does not build, with what to do about it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from llext.abi.catalogue import SERVICES
from llext.elf import ElfFile
from llext.elf import constants as c
from llext.errors import LlextError, nearest

_OVERFLOW = re.compile(r"ld\.lld: error: section '(?P<section>[^']+)' will not fit in region '(?P<region>[^']+)': overflowed by (?P<bytes>\d+) bytes")
_UNDEFINED = re.compile(r"ld\.lld: error: undefined symbol: (?P<name>\S+)")
_DEVICE = re.compile(r"__device_dts_ord_(\d+)")
_SHOWN = 8
"""Symbols that are shown of what is too large."""


def said(text: str) -> Iterator[str]:
    """What compilers and linkers said, without ninja's own lines and the commands that failed."""
    skip = False
    for line in text.splitlines():
        if skip:
            skip = False
        elif line.startswith("FAILED: "):
            skip = True
        elif not re.match(r"\[\d+/\d+\] |ninja: |-- ", line):
            yield line


def reason(lines: Sequence[str], build: Path) -> tuple[str, str]:
    """The one thing that is wrong, and what to do, by what the linker said; empty for what compilers say well enough."""
    for line in lines:
        undefined, overflow = _UNDEFINED.search(line), _OVERFLOW.search(line)
        if undefined:
            return _undefined(undefined["name"])
        if overflow:
            most = max(
                (found for each in lines if (found := _OVERFLOW.search(each)) and found["region"] == overflow["region"]),
                key=lambda found: int(found["bytes"]),
            )
            return _too_large(most["region"], int(most["bytes"]), build)
    return "", ""


def _undefined(name: str) -> tuple[str, str]:
    """A name that nobody defines."""
    device = _DEVICE.fullmatch(name)
    if device:
        return (
            f"no driver defines the device of the devicetree node with ordinal {device[1]} ({name})",
            "DEVICE_DT_GET wants a driver that is built: one with DEVICE_DT_DEFINE for that node, or none: DEVICE_DT_GET_OR_NULL.",
        )
    known = [each for spec in SERVICES for each in spec.names if not each.startswith("z_")]
    near = nearest(name, known, 3)
    first = f"did you mean {' or '.join(near)}? " if near else ""
    return f"nothing defines {name}", first + "Else a source that defines it is missing in target_sources(app PRIVATE ...)."


def _too_large(region: str, excess: int, build: Path) -> tuple[str, str]:
    """A memory that is too small, and what takes most of it."""
    rows = sorted(_largest(build, writable=region != "FLASH"), reverse=True)[:_SHOWN]
    shown = "".join(f"\n    {size:>10} {name} ({file})" for size, name, file in rows)
    return (
        f"the firmware is too large for {region}: by {excess} bytes",
        f"the largest symbols that go there:{shown}" if rows else "make stacks, heaps and arrays smaller.",
    )


def _largest(build: Path, *, writable: bool) -> Iterator[tuple[int, str, str]]:
    """(bytes, name, object) of the application's symbols in one kind of memory."""
    for path in build.rglob("*.obj"):
        try:
            elf = ElfFile.parse(path.read_bytes(), path.name)
        except LlextError:
            continue
        for symbol in elf.symbols:
            if symbol.size and 0 < symbol.section < len(elf.sections):
                section = elf.sections[symbol.section]
                if section.flags & c.SHF_ALLOC and bool(section.flags & c.SHF_WRITE) == writable:
                    yield symbol.size, symbol.name, path.name.removesuffix(".obj")
