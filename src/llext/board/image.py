"""A built zephyr.elf: for which board it is, which services its stubs are for, and its symbols."""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from unicorn import UcError

from llext.elf import ElfFile, ElfSymbol
from llext.elf import constants as c
from llext.errors import ElfError, HeapError, LlextError, UsageError
from llext.machine import MachineFault
from llext.target import MemoryArea, Target, load_target

_BOARD, _SERVICES = ".llext_board", ".llext_services"
_IMPOSSIBLE = (
    MachineFault, UcError, UsageError, HeapError, TypeError, ValueError, AttributeError, LookupError, ArithmeticError, struct.error,
    MemoryError, OSError,
)  # fmt: skip
"""What numbers and texts end in that no build writes."""


@contextmanager
def intact(path: str | os.PathLike[str]) -> Iterator[None]:
    """In which what cannot be in a file is told as damage of that file.

    Raises:
        ElfError: it is damaged.
    """
    try:
        yield
    except _IMPOSSIBLE as error:
        words = error.message if isinstance(error, LlextError) else f"{type(error).__name__}: {error}"
        raise ElfError(
            f"{path}: is damaged: {words}",
            hint="remove the file and build the application again: 'llext app build APP', or ninja.",
        ) from error


@dataclass(frozen=True)
class Image:
    """One zephyr.elf.

    Attributes:
        path: Where it is.
        elf: Its contents.
        facts: What it says of its board: name, and memories as devicetree has them.
        services: The services of its stubs, by their numbers.
    """

    path: Path
    elf: ElfFile
    facts: dict[str, Any]
    services: tuple[str, ...]

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Image:
        """Reads a file.

        Raises:
            UsageError: it is no firmware that llext has built.
            ElfError: it is malformed.
        """
        try:
            data = Path(path).read_bytes()
        except OSError as error:
            raise UsageError(f"{path}: {error.strerror or error}", hint="may it be read?") from None
        elf = ElfFile.parse(data, str(path))
        board, services = elf.section(_BOARD), elf.section(_SERVICES)
        if elf.header.type != c.ET_EXEC or board is None or services is None:
            raise UsageError(
                f"{path}: is no firmware that boots here", hint="'llext run' boots the zephyr.elf that 'llext app build' makes."
            )
        with intact(path):
            facts = json.loads(bytes(elf.contents(board)).rstrip(b"\0"))
            names = bytes(elf.contents(services)).decode().split("\0")[:-1]
            return cls(Path(path), elf, {**facts, "board": str(facts["board"])}, tuple(names))

    def target(self) -> Target:
        """The board that it is built for, with the memories that its devicetree has."""
        target = load_target(self.facts["board"])
        areas = {name: MemoryArea(name, *rest) for name, *rest in self.facts["memories"]}
        return replace(
            target,
            memories=tuple(areas.values()),
            flash=areas.get(target.flash.name, target.flash),
            ram=areas.get(target.ram.name, target.ram),
        )

    @cached_property
    def symbols(self) -> dict[str, ElfSymbol]:
        """Its global symbols by name."""
        return {symbol.name: symbol for symbol in self.elf.symbols if symbol.binding != c.STB_LOCAL and not symbol.undefined}

    def address(self, name: str) -> int:
        """Value of a symbol, with the bit of its instruction set; 0 if there is none."""
        symbol = self.symbols.get(name)
        return symbol.value if symbol else 0

    def value(self, name: str, default: int) -> int:
        """A Kconfig value; the default for one that is not set."""
        symbol = self.symbols.get(f"CONFIG_{name}")
        return symbol.value if symbol else default
