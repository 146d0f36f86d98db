"""What a configuration is made of, besides the files: the board's own values, and what Kconfig asks of the devicetree."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llext.target import Target

Function = Callable[..., str]
"""A preprocessor function: the words between its parentheses, without its name -> what stands there instead."""

_NO_LETTERS = re.compile(r"[^A-Z0-9]+")


def macro_name(text: str) -> str:
    """A name as it stands in options: capital letters, everything else underscores."""
    return _NO_LETTERS.sub("_", text.upper())


@dataclass(frozen=True)
class Devicetree:
    """What Kconfig files can ask of the devicetree. Only what is enabled (status okay) is in the first five.

    Attributes:
        labels: Node labels.
        chosen: Properties of /chosen whose node is enabled.
        compatibles: Compatible strings of enabled nodes.
        aliases: Aliases of enabled nodes.
        paths: Paths of enabled nodes.
        known: Compatible strings that have DT_HAS_<NAME>_ENABLED at all, besides those of ``compatibles``.
        functions: Further functions by name (``dt_chosen_reg_size_hex``), which whoever has the tree provides.
    """

    labels: frozenset[str] = frozenset()
    chosen: frozenset[str] = frozenset()
    compatibles: frozenset[str] = frozenset()
    aliases: frozenset[str] = frozenset()
    paths: frozenset[str] = frozenset()
    known: frozenset[str] = frozenset()
    functions: Mapping[str, Function] = field(default_factory=dict, hash=False)

    def all_functions(self) -> dict[str, Function]:
        """The preprocessor functions by name."""
        enabled: dict[str, Iterable[str]] = {
            "dt_nodelabel_enabled": self.labels,
            "dt_chosen_enabled": self.chosen,
            "dt_compat_enabled": self.compatibles,
            "dt_alias_enabled": self.aliases,
            "dt_path_enabled": self.paths,
            "dt_has_compat": self.compatibles | self.known,
        }
        return {name: _membership(frozenset(members)) for name, members in enabled.items()} | dict(self.functions)

    def symbols(self) -> str:
        """Kconfig text that defines DT_HAS_<NAME>_ENABLED for each compatible string."""
        return "".join(
            f"config DT_HAS_{macro_name(name)}_ENABLED\n\tdef_bool {'y' if name in self.compatibles else 'n'}\n\n"
            for name in sorted(self.compatibles | self.known)
        )


def _membership(members: frozenset[str]) -> Function:
    """Whether something is among these. A comma in a name has made two words of it, unless it came from a variable."""
    return lambda word, *rest: "y" if ",".join((word, *rest)).strip() in members else "n"


def board_values(target: Target) -> dict[str, str]:
    """What a board says about itself: values of options that come before all defaults.

    The CPU is CPU_<NAME>, and all else about the instruction set follows from it in Kconfig.
    """
    name, _, qualifiers = target.name.partition("/")
    values = {
        "BOARD": name,
        "BOARD_QUALIFIERS": qualifiers,
        "BOARD_TARGET": target.name,
        f"BOARD_{macro_name(name)}": "y",
        f"BOARD_{macro_name(target.name)}": "y",
        "SOC": qualifiers or name,
        f"CPU_{macro_name(target.cpu.name)}": "y",
        "FLASH_BASE_ADDRESS": f"{target.flash.address:#x}",
        "FLASH_SIZE": str(target.flash.size // 1024),
        "SRAM_BASE_ADDRESS": f"{target.ram.address:#x}",
        "SRAM_SIZE": str(target.ram.size // 1024),
        "LLEXT_GRANULE": str(target.granule),
        "SYS_CLOCK_HW_CYCLES_PER_SEC": str(target.clock_hz),
    }
    return values | ({"CPU_HAS_FPU": "y", "FPU": "y"} if target.cpu.fpu else {})


def board_symbols(values: Mapping[str, str]) -> str:
    """Kconfig text that gives options their values as first defaults."""
    return "".join(f"config {name}\n\t{_kind(value)}\n\tdefault {_literal(value)}\n\n" for name, value in values.items())


def _kind(value: str) -> str:
    if value in {"y", "n"}:
        return "bool"
    if re.fullmatch(r"-?\d+", value):
        return "int"
    return "hex" if re.fullmatch(r"0x[0-9a-fA-F]+", value) else "string"


def _literal(value: str) -> str:
    if _kind(value) != "string":
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
