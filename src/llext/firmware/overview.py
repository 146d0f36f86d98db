"""What matters about a firmware for a load, for people: each fact with where it was read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llext.elf import constants as c
from llext.firmware.facts import Fact, assumed
from llext.firmware.image import FirmwareImage

if TYPE_CHECKING:
    from llext.firmware.firmware import Firmware

_TOLD = {
    "LLEXT_STORAGE_WRITABLE": "storage writable",
    "USERSPACE": "user mode",
    "MPU_REQUIRES_POWER_OF_TWO_ALIGNMENT": "regions are powers of two",
    "LLEXT_VENEERS": "veneers",
    "LLEXT_EXPORT_BUILTINS_BY_SLID": "exports by SLID",
    "LLEXT_IMPORT_ALL_GLOBALS": "all globals exported",
}
_LEVELS = {0: "none", 1: "err", 2: "wrn", 3: "inf", 4: "dbg"}
_TEXTS = ((b"Loading ELF data", 4), (b"Loaded extension", 3), (b"Undefined symbol", 1))
"""What only a loader of a log level, or of a higher one, has among its texts."""


def overview(firmware: Firmware) -> dict[str, Fact[object]]:
    """Facts by names for people."""
    image, heap, built = firmware.image, firmware.heap, firmware.arch.built_for(firmware.image.elf)
    facts: dict[str, Fact[object]] = {
        "Zephyr": _any(firmware.version),
        "ISA": Fact(firmware.arch.name, "ELF header"),
        "CPU": cpu(firmware),
        "float ABI": Fact(built.float_abi, built.source) if built else assumed("soft", "no attributes tell it"),
        "exports": Fact(len(firmware.exports.entries), firmware.exports.source or "none found"),
        "LLEXT heap": _any(heap) if heap is not None else _kind(firmware),
        "struct llext": _any(firmware.struct_bytes, " bytes"),
    }
    for name, label in _TOLD.items():
        found = image.option(name)
        facts[label] = Fact(bool(found.value), found.source, found.known)
    if firmware.exports.by_slid:
        facts["exports by SLID"] = Fact(True, firmware.exports.source)
    facts["log level"] = _log_level(image)
    facts["debug information"] = Fact(_debug(firmware), "sections .debug_*")
    return facts


def core(firmware: Firmware) -> Fact[str] | None:
    """The CPU as compilers name it, by the option that selects it; None if nothing tells it."""
    image = firmware.image
    symbols = (name.removeprefix("CONFIG_") for name, symbol in image.symbols.items() if symbol.section == c.SHN_ABS)
    for options, source in ((symbols, "symbol CONFIG_{}"), (image.settings, f"CONFIG_{{}} in {image.config}")):
        for option in options:
            for prefix, name in firmware.arch.cpu_options.items():
                model = option.removeprefix(prefix)
                if option.startswith(prefix) and model[:1].isdigit():
                    return Fact(f"{name}{model.lower()}", source.format(option))
    return None


def cpu(firmware: Firmware) -> Fact[object]:
    """The CPU, as sharply as anything tells it."""
    found = core(firmware)
    if found is not None:
        return Fact(found.value.title().replace("Plus", "+"), found.source)
    built = firmware.arch.built_for(firmware.image.elf)
    if built is not None:
        return Fact(built.words, built.source)
    return assumed(firmware.arch.name, "no symbol CONFIG_CPU_* and no attributes tell more")


def _debug(firmware: Firmware) -> str:
    debug = firmware.debug
    return "none" if not debug.present else "read" if debug.readable else "there, and cannot be read"


def _kind(firmware: Firmware) -> Fact[object]:
    """Of heaps that are not one of a fixed place."""
    kind = firmware.heap_kind
    sizes = ", ".join(
        f"{part.name} of {part.place.size} bytes" + (f", blocks of {part.block}" if part.block else "")
        for part in firmware.heaps
    )
    return Fact(f"{kind.value}: {sizes}" if sizes else kind.value, kind.source, kind.known)


def _any(fact: Fact[object], unit: str = "") -> Fact[object]:
    return Fact(f"{fact.value}{unit}", fact.source, fact.known)


def _log_level(image: FirmwareImage) -> Fact[object]:
    found = image.option("LLEXT_LOG_LEVEL")
    if found.known:
        return Fact(_LEVELS.get(found.value, found.value), found.source)
    for text, level in _TEXTS:
        if image.find(text):
            return Fact(_LEVELS[level], f"its text {text.decode()!r}")
    return assumed("none", "no text of the loader tells it")
