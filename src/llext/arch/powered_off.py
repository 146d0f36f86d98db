"""How code of a firmware runs without the rest of its device: which CPU runs it, and what of the device it touches unharmed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from llext.elf import ElfFile


@dataclass(frozen=True)
class PoweredOff:
    """What an ISA needs for that. Registers and models are suffixes of the emulator's constants.

    Attributes:
        models: Configuration symbol without CONFIG_ -> the emulator's model that executes that CPU's code.
        model: The one that executes most, for firmware that does not tell its CPU.
        float_abi: (a file) -> the name among ``Arch.conventions`` of the calling convention that its code follows.
        newer: Of ``models``, CPUs with instructions that the model does not have: code that uses them ends as undefined.
        foreign: Beginnings of configuration symbols of CPUs whose code is not that of ``models``, and what they are.
        quiet: (address, bytes) of registers that code may read and write here without any effect.
        spare: (first, behind the last) address of ranges for memory of ours, from which code can be executed.
        global_pointer: Register and symbol of the address that it holds for good; empty without one.
    """

    models: Mapping[str, str]
    model: str
    spare: tuple[tuple[int, int], ...]
    float_abi: Callable[[ElfFile], str]
    newer: frozenset[str] = frozenset()
    foreign: tuple[tuple[str, str], ...] = ()
    quiet: tuple[tuple[int, int], ...] = ()
    global_pointer: tuple[str, str] = ("", "")
