"""A stock firmware: version, CPU, options, heap, exports; each with where it was read."""

from __future__ import annotations

import os
import re
import struct
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from llext.abi.structs import struct_llext
from llext.arch import Arch, arch_of_machine
from llext.elf import constants as c
from llext.errors import Errno, UsageError
from llext.firmware.exports import ExportTable, read_exports
from llext.firmware.facts import Fact, assumed
from llext.firmware.image import FirmwareImage
from llext.link import NEWEST, VERSIONS, StockRules, stock_rules

if TYPE_CHECKING:
    from llext.firmware.check import Verdict

_BANNER = re.compile(rb"Booting Zephyr OS(?: build| version)? v?(\d+)\.(\d+)\.(\d+)([^\s\0*]*)")
_K_HEAP = struct.Struct("<3I")
"""Of struct k_heap: heap, init_mem, init_bytes (measured, 3.7 and 4.0)."""
_PAGE = 32
"""LLEXT_PAGE_SIZE without an MMU."""


@dataclass(frozen=True)
class HeapPlace:
    """The LLEXT heap. Address and size in bytes; where blocks lie depends on both."""

    address: int
    size: int


class Firmware:
    """One stock firmware.

    Args:
        path: Its zephyr.elf.
        config: The .config that it was built with, if the ELF does not tell its values.

    Raises:
        UsageError: it is no firmware, or one without LLEXT.
    """

    def __init__(self, path: str | os.PathLike[str], *, config: str | os.PathLike[str] | None = None) -> None:
        self.image = FirmwareImage.read(path, config)
        machine = self.image.elf.header.machine
        found = arch_of_machine(machine)
        if found is None or self.image.elf.header.bits != found.bits:
            name = c.MACHINE_NAMES.get(machine, f"machine {machine}")
            raise UsageError(
                f"{path}: firmware for {name}: that ISA is not known here",
                hint="32-bit Arm and RISC-V are.",
                errno=Errno.ENOEXEC,
            )
        self.arch: Arch = found
        self.exports: ExportTable = read_exports(self.image)
        if not self.exports.source and not self.image.option("LLEXT").value:
            raise UsageError(
                f"{path}: a firmware without LLEXT: it has no table of exports",
                hint="build it with CONFIG_LLEXT=y.",
                errno=Errno.ENOSYS,
            )

    # Version ------------------------------------------------------------------------------------------------------------

    @cached_property
    def version(self) -> Fact[str]:
        """Zephyr's version as far as it is told: 4.0.0."""
        for section in self.image.elf.sections:
            if section.type == c.SHT_PROGBITS and section.flags & c.SHF_ALLOC and not section.flags & c.SHF_EXECINSTR:
                match = _BANNER.search(bytes(self.image.elf.contents(section)))
                if match:
                    numbers = ".".join(part.decode() for part in match.groups()[:3])
                    return Fact(numbers + match[4].decode("ascii", "replace"), f"its boot banner, in section {section.name}")
        return self._own_version() or assumed(f"{NEWEST}.0", "it has no boot banner")

    def _own_version(self) -> Fact[str] | None:
        """Firmware that was built here says which Zephyr its structures are of."""
        return Fact(f"{NEWEST}.0", "section .llext_board: built by llext") if self.image.elf.section(".llext_board") else None

    @cached_property
    def rules(self) -> StockRules:
        """What its loader does: that of the modelled version before or at its own, with the rounding of its options."""
        numbers = [int(part) for part in re.findall(r"\d+", self.version.value)[:2]]
        older = [name for name in VERSIONS if [int(part) for part in name.split(".")] <= numbers]
        return self._rounded(replace(stock_rules(older[-1] if older else VERSIONS[0]), exact=True))

    def _rounded(self, rules: StockRules) -> StockRules:
        """Zephyr's table of alignment and rounding (reference zephyr-llext.md 2.9; firmware.md 3 for those up to 4.0)."""
        on = {name: bool(self.image.option(name).value) for name in _ROUNDING_OPTIONS}
        if not rules.prepad:
            return replace(rules, power_of_two=on["MPU_REQUIRES_POWER_OF_TWO_ALIGNMENT"])
        if on["USERSPACE"] and on["MPU_REQUIRES_POWER_OF_TWO_ALIGNMENT"]:
            return replace(rules, power_of_two=True, rounding=_PAGE)
        if on["USERSPACE"] and (on["ARM_MPU"] or on["ARC_MPU"]):
            return replace(rules, rounding=_PAGE)
        if on["USERSPACE"] and on["RISCV_PMP"]:
            return replace(rules, rounding=self.image.option("PMP_GRANULARITY", 4).value or 4)
        return rules

    @cached_property
    def measured(self) -> bool:
        """Whether firmware of this version and ISA was ever measured; else what is said of it is from Zephyr's source."""
        numbers = self.version.value.split(".")[:2]
        return self.rules.measured and self.arch.stock_measured and ".".join(numbers) == self.rules.version

    def check(self, *extensions: str | os.PathLike[str], storage: str = "") -> Verdict:
        """Whether it will load extensions, in this order.

        Args:
            extensions: Their files.
            storage: Where it has them: temporary, persistent, writable, file; what LLEXT_BUF_LOADER stands for unless given.

        Raises:
            OSError: a file cannot be read.
        """
        from llext.firmware.check import check

        return check(self, [Path(os.fspath(path)) for path in extensions], storage)

    # What loads need ----------------------------------------------------------------------------------------------------

    @cached_property
    def struct_bytes(self) -> Fact[int]:
        """Bytes of its struct llext."""
        if self.image.option("USERSPACE").value:
            return assumed(struct_llext(self.rules.version).size, "its own size depends on USERSPACE, and nothing tells it")
        return Fact(struct_llext(self.rules.version).size, f"that of Zephyr {self.rules.version}", known=self.rules.measured)

    @cached_property
    def storage_writable(self) -> Fact[int]:
        """Whether LLEXT_BUF_LOADER's memory may be changed: then regions stay in it."""
        return self.image.option("LLEXT_STORAGE_WRITABLE")

    @property
    def storage(self) -> str:
        """What LLEXT_BUF_LOADER stands for."""
        return "writable" if self.storage_writable.value else "persistent"

    @cached_property
    def heap(self) -> Fact[HeapPlace] | None:
        """The LLEXT heap, None where the firmware has none of a fixed size."""
        found = self._heap_object()
        if found is not None:
            return found
        buffer, size = self.image.symbols.get("kheap_llext_heap"), self.image.option("LLEXT_HEAP_SIZE")
        if buffer is not None and buffer.size:
            return Fact(HeapPlace(buffer.value, buffer.size), "symbol kheap_llext_heap")
        if buffer is not None and size.known and size.value:
            return Fact(HeapPlace(buffer.value, size.value * 1024), f"symbol kheap_llext_heap, {size.source}")
        if size.known and size.value:
            return assumed(HeapPlace(0, size.value * 1024), f"its size is that of {size.source}, and its address is not known")
        return None

    def _heap_object(self) -> Fact[HeapPlace] | None:
        symbol = self.image.symbols.get("llext_heap")
        data = self.image.contents(symbol.value, _K_HEAP.size) if symbol is not None else None
        if data is None:
            return None
        _, address, size = _K_HEAP.unpack(data)
        return Fact(HeapPlace(address, size), "symbol llext_heap, its init_mem and init_bytes") if address and size else None

    def facts(self) -> dict[str, Fact[object]]:
        """What matters for a load, by names for people."""
        option, heap = self.image.option, self.heap
        kind = next((name for name in ("HEAP_DYNAMIC", "HEAP_MEMBLK") if option(f"LLEXT_{name}").value), "")
        facts: dict[str, Fact[object]] = {
            "Zephyr": Fact(self.version.value, self.version.source, self.version.known),
            "ISA": Fact(self.arch.name, "ELF header"),
            "CPU": self._cpu(),
            "exports": Fact(len(self.exports.entries), self.exports.source or "none found"),
        }
        if heap is not None:
            shown = f"{heap.value.size} bytes" + (f" at {heap.value.address:#010x}" if heap.value.address else "")
            facts["LLEXT heap"] = Fact(shown, heap.source, heap.known)
        else:
            facts["LLEXT heap"] = (
                Fact("given by the application", f"symbol CONFIG_LLEXT_{kind}")
                if kind
                else assumed("none", "nothing tells where it is")
            )
        for name, label in _TOLD.items():
            found = option(name)
            value: object = bool(found.value) if name != "LLEXT_LOG_LEVEL" else _LEVELS.get(found.value, found.value)
            facts[label] = Fact(value, found.source, found.known)
        return facts

    def _cpu(self) -> Fact[object]:
        for name in sorted(self.image.symbols):
            if name.startswith("CONFIG_CPU_CORTEX_M") and name.removeprefix("CONFIG_CPU_CORTEX_M")[:1].isdigit():
                return Fact("Cortex-M" + name.removeprefix("CONFIG_CPU_CORTEX_M"), f"symbol {name}")
        return assumed(self.arch.name, "no symbol CONFIG_CPU_* tells more")


_ROUNDING_OPTIONS = ("MPU_REQUIRES_POWER_OF_TWO_ALIGNMENT", "USERSPACE", "ARM_MPU", "ARC_MPU", "RISCV_PMP")
_TOLD = {
    "LLEXT_STORAGE_WRITABLE": "storage writable",
    "USERSPACE": "user mode",
    "MPU_REQUIRES_POWER_OF_TWO_ALIGNMENT": "regions are powers of two",
    "LLEXT_VENEERS": "veneers",
    "LLEXT_EXPORT_BUILTINS_BY_SLID": "exports by SLID",
    "LLEXT_IMPORT_ALL_GLOBALS": "all globals exported",
    "LLEXT_LOG_LEVEL": "log level",
}
_LEVELS = {0: "none", 1: "err", 2: "wrn", 3: "inf", 4: "dbg"}
