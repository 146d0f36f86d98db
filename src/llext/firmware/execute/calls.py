"""Calls of exported functions on an emulated firmware: arguments to registers, strings to memory, the result back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from llext.abi import Float, Pointer, Prototype, layout, parse_prototype
from llext.elf import ElfFile
from llext.errors import ElfError, LlextError, UsageError
from llext.firmware.execute.emulated import Emulated, StoppedError
from llext.firmware.execute.results import Called, Load, Stop
from llext.firmware.execute.texts import base_convention
from llext.firmware.firmware import Firmware
from llext.loader.extension import untyped

Value = int | float | str | bytes | None


@dataclass(frozen=True)
class Call:
    """A call that is wanted: function, arguments, and its C prototype if DWARF beside the file does not tell it."""

    name: str
    values: tuple[Value, ...] = ()
    prototype: str | None = None

    @property
    def shown(self) -> str:
        """Without its prototype."""
        return f"{self.name}({', '.join(map(_shown, self.values))})"


def _shown(value: Value) -> str:
    return "NULL" if value is None else repr(value)


def perform(cpu: Emulated, wanted: Call, loads: Sequence[Load], log: list[str]) -> Called:
    """Calls a function that one of the loaded extensions exports, the latest first.

    Raises:
        UsageError: none does, or the arguments do not fit it.
    """
    load, address = _exporter(wanted.name, loads)
    prototype, typed = _type(cpu.firmware, wanted, load.path)
    elf = _attributes_of(cpu.firmware, load.path)
    _check_floats(cpu.firmware, elf, prototype)
    plan = layout(prototype, base_convention(cpu.firmware, elf))
    place = cpu.reserve(plan.memory_result, "the result") if plan.memory_result else 0
    frame = plan.encode(_in_memory(cpu, wanted.values, prototype), place, lambda: cpu.stack_top)
    before = len(log)
    try:
        words = cpu.call(address, frame.core, frame.fp, frame.stack)
    except StoppedError as stopped:
        return Called(wanted.shown, None, typed, _placed(stopped.stop, loads), tuple(log[before:]))
    memory = cpu.memory.read(place, plan.memory_result) if place else b""
    result = plan.decode_result(words, cpu.float_words(plan.float_result), memory)
    return Called(wanted.shown, result, typed, None, tuple(log[before:]))


def _placed(stop: Stop, loads: Sequence[Load]) -> Stop:
    """A stop with the region of the extension that it is in."""
    for load in loads:
        for region in load.regions:
            if region.address <= stop.pc < region.address + region.size:
                return replace(stop, where=f"region {region.name} of {load.name}, {stop.pc - region.address:#x}")
    return stop


def _exporter(name: str, loads: Sequence[Load]) -> tuple[Load, int]:
    for load in reversed(loads):
        for exported, address in load.exports:
            if exported == name:
                return load, address
    there = [exported for load in loads for exported, _ in load.exports]
    raise UsageError(
        f"no loaded extension exports {name!r}",
        hint=f"there are {', '.join(there)}." if there else "EXPORT_SYMBOL(name); in its source exports a function.",
    )


def _type(firmware: Firmware, wanted: Call, path: Path) -> tuple[Prototype, bool]:
    """The function's type, and whether it is known."""
    if wanted.prototype is not None:
        return parse_prototype(wanted.prototype, wanted.name, firmware.arch.data_model), True
    from llext.dwarf import read_prototypes
    from llext.dwarf.twins import debug_files

    for file in debug_files(path):
        try:
            found = read_prototypes(file, [wanted.name])
        except LlextError:
            found = {}
        if wanted.name in found:
            return found[wanted.name], True
    return untyped(wanted.name), False


def _attributes_of(firmware: Firmware, path: Path) -> ElfFile:
    """The file that tells how an extension's functions pass numbers: its own, or the firmware's if it is damaged and loads."""
    try:
        return ElfFile.parse(path.read_bytes(), str(path))
    except ElfError:
        return firmware.image.elf


def _check_floats(firmware: Firmware, elf: ElfFile, prototype: Prototype) -> None:
    name = firmware.arch.powered_off.float_abi(elf)
    types = [prototype.result, *(parameter.type for parameter in prototype.parameters)]
    if name not in firmware.arch.conventions and any(isinstance(each, Float) for each in types):
        raise UsageError(
            f"{prototype}: the calling convention {name} passes floats in registers that are not known here",
            hint="call a function without floats, or one that takes their bits as integers.",
        )


def _in_memory(cpu: Emulated, values: Sequence[Value], prototype: Prototype) -> list[int | float | bytes | None]:
    """Values with the addresses of strings and bytes that a pointer stands for."""
    words: list[int | float | bytes | None] = []
    for index, value in enumerate(values):
        by_value = index < len(prototype.parameters) and not isinstance(prototype.parameters[index].type, Pointer)
        if by_value or not isinstance(value, (str, bytes)):
            words.append(value)  # type: ignore[arg-type]  # a string for a number: the layout says so
            continue
        data = value.encode() if isinstance(value, str) else value
        address = cpu.reserve(len(data) + 1, "an argument")
        cpu.memory.write(address, data)
        words.append(address)
    return words
