"""Who provides what an extension imports, as a stock loader looks for it: the firmware's table, then extensions that were loaded before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from llext.abi.slid import slid
from llext.firmware.advice import advice, names_near
from llext.firmware.exports import Export
from llext.firmware.firmware import Firmware
from llext.firmware.verdict import Import
from llext.link import Check, Plan

_NUMBERLESS = (
    "The firmware exports it by number (SLID), and the file's symbol has none: 'llext build --firmware' puts it there, "
    "as Zephyr's build does with CONFIG_LLEXT_EXPORT_BUILTINS_BY_SLID."
)


def imports_of(made: Plan, firmware: Firmware, loaded: Mapping[str, str], later: Mapping[str, Path]) -> Iterator[Import]:
    """The imports of an extension, in the order in which relocations name them.

    Args:
        made: Its plan.
        firmware: The firmware.
        loaded: Names that extensions before it export, and whose they are.
        later: Names that files behind it export, and their paths.
    """
    numbers = {symbol.name: symbol.value for symbol in made.elf.symbols if symbol.undefined}
    exports = firmware.exports
    for name, weak in made.imports.items():
        export = exports.find(name)
        if export is not None and export.address and exports.by_slid and numbers.get(name) != slid(name):
            yield Import(name, None, weak, (), _NUMBERLESS)
        elif export is not None and export.address:
            hint = "" if export.implemented else advice(name, (), export, firmware.image)
            yield Import(name, export, weak, (), hint)
        elif name in loaded:
            yield Import(name, loaded[name], weak)
        else:
            near = tuple(names_near(name, (*exports.by_name(), *loaded)) if export is None else ())
            yield Import(name, None, weak, near, _missing(made, firmware, name, near, export, later, weak=weak))


def _missing(
    made: Plan, firmware: Firmware, name: str, near: tuple[str, ...], export: Export | None, later: Mapping[str, Path],
    *, weak: bool,
) -> str:  # fmt: skip
    """What to do about a name that nobody has."""
    if name in later:
        return f"{later[name]} exports it, and comes later: give it first."
    if weak and made.rules.answers.get(Check.WEAK) is None:
        return "it is weak, so that it is NULL."
    return advice(name, near, export, firmware.image)
