"""A stock firmware: version, CPU, options, heap, exports; each with where it was read."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from llext.abi.structs import struct_llext
from llext.arch import Arch
from llext.dwarf.declarations import Declaration
from llext.elf import constants as c
from llext.errors import Errno, UsageError, expect
from llext.firmware.debug_index import DebugIndex, Progress
from llext.firmware.exports import ExportTable, read_exports
from llext.firmware.facts import Fact, assumed
from llext.firmware.heap_place import HeapPlace, Part, heap_kind, heap_options, heap_parts, heap_place
from llext.firmware.image import FirmwareImage, known_arch
from llext.firmware.overview import overview
from llext.heap.geometry import Options
from llext.link import NEWEST, VERSIONS, StockRules, stock_rules

if TYPE_CHECKING:
    from llext.build import BuildOptions, BuildResult
    from llext.firmware.execute import Call, Executed, Limits
    from llext.firmware.prelinked import Prelinked
    from llext.firmware.verdict import Verdict

_BANNER = re.compile(rb"(?:Booting|Using) Zephyr OS(?: build| version)? v?(\d+)\.(\d+)\.(\d+)([^\s\0*]*)")
_PAGE = 32
"""LLEXT_PAGE_SIZE without an MMU."""


class Firmware:
    """One stock firmware.

    Args:
        path: Its zephyr.elf.
        config: The .config that it was built with, if the ELF does not tell its values.
        heap: The LLEXT heap, if the ELF does not tell it.

    Raises:
        UsageError: it is no firmware, or one without LLEXT.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        config: str | os.PathLike[str] | None = None,
        heap: HeapPlace | None = None,
    ) -> None:
        expect("the LLEXT heap", heap, HeapPlace, type(None), hint="HeapPlace(0x20001000, 8192): address and bytes.")
        self._given_heap = heap
        self.image = FirmwareImage.read(path, config)
        self.arch: Arch = known_arch(self.image.elf, self.image.path)
        self.exports: ExportTable = read_exports(self.image)
        if not self.exports.source and not self.image.option("LLEXT").value:
            why = (
                "it has no table of exports"
                if self.image.elf.sections
                else "it has no section headers, which tell where its exports are"
            )
            hint = "build it with CONFIG_LLEXT=y." if self.image.elf.sections else "give the zephyr.elf as its build left it."
            raise UsageError(f"{path}: a firmware without LLEXT: {why}", hint=hint, errno=Errno.ENOSYS)

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
        return self._own_version() or self._version_by_shape() or assumed(f"{NEWEST}.0", "it has no boot banner")

    def _own_version(self) -> Fact[str] | None:
        """Firmware that was built here says which Zephyr its structures are of."""
        return Fact(f"{NEWEST}.0", "section .llext_board: built by llext") if self.image.elf.section(".llext_board") else None

    def _version_by_shape(self) -> Fact[str] | None:
        """Versions that were measured differ in their struct llext."""
        size = self.debug.structs.get("llext")
        name = next((each for each in VERSIONS if stock_rules(each).measured and stock_rules(each).struct_bytes == size), "")
        return Fact(f"{name}.0", f"the {size} bytes of its struct llext") if name else None

    @property
    def _between_releases(self) -> bool:
        """Whether its banner is that of a commit between two releases: v3.7.0-8117-g..., v4.0.99. Such a one may be like either."""
        patch = self.version.value.split(".")[-1]
        return "-" in patch or patch.startswith("99")

    @cached_property
    def _modelled(self) -> StockRules:
        """The rules of the modelled version before or at its own; of what lies between releases that with the same struct llext."""
        shape = self._version_by_shape() if self._between_releases else None
        numbers = [int(part) for part in re.findall(r"\d+", (shape or self.version).value)[:2]]
        older = [name for name in VERSIONS if [int(part) for part in name.split(".")] <= numbers]
        return replace(stock_rules(older[-1] if older else VERSIONS[0]), exact=True)

    @cached_property
    def rules(self) -> StockRules:
        """What its loader does, with the rounding of its options and its own struct llext."""
        return self._rounded(self.unprotected)

    @cached_property
    def unprotected(self) -> StockRules:
        """The same without options that round regions for an MPU."""
        return replace(self._modelled, told_bytes=self.struct_bytes.value)

    @property
    def has_no_rule(self) -> bool:
        """Whether it has user mode and none of the memory protections that its loader knows how to round for: -ENOTSUP from 4.1 on."""
        option = self.image.option
        return self.rules.prepad and bool(option("USERSPACE").value) and not any(option(each).value for each in _PROTECTIONS)

    @property
    def rounding_option(self) -> str:
        """What makes it round regions more than its version does."""
        if self.image.option("MMU").value:
            return "CONFIG_MMU"
        return "CONFIG_USERSPACE" if self.rules.prepad else "CONFIG_MPU_REQUIRES_POWER_OF_TWO_ALIGNMENT"

    def _rounded(self, rules: StockRules) -> StockRules:
        """Zephyr's table of alignment and rounding: measured up to 4.0, from source behind that."""
        on = {name: bool(self.image.option(name).value) for name in _ROUNDING_OPTIONS}
        if on["MMU"] and rules.prepad:
            return replace(rules, rounding=self.image.option("MMU_PAGE_SIZE", 4096).value or 4096)
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
        if not self.rules.measured or not self.arch.stock_measured or self.arch.built_for(self.image.elf) is None:
            return False
        if self._between_releases:
            return self._version_by_shape() is not None
        return ".".join(self.version.value.split(".")[:2]) == self.rules.version

    def check(self, *extensions: str | os.PathLike[str], storage: str = "") -> Verdict:
        """Whether it will load extensions, in this order.

        Args:
            extensions: Their files.
            storage: Where it has them: temporary, persistent, writable, file; what LLEXT_BUF_LOADER stands for unless given.

        Raises:
            OSError: a file cannot be read.
        """
        from llext.firmware.check import STORAGES, check

        if not extensions:
            raise UsageError("nothing to check", hint="give the paths of .llext files, in the order in which they are loaded.")
        if storage and storage not in STORAGES:
            raise UsageError(f"there is no storage {storage!r}", hint=f"there are {', '.join(STORAGES)}.")
        return check(self, [Path(os.fspath(path)) for path in extensions], storage)

    def build(
        self, sources: Sequence[str | os.PathLike[str]], output: str | os.PathLike[str], options: BuildOptions | None = None
    ) -> BuildResult:
        """Builds an extension for it: its CPU, float ABI and options, without the compiler helpers that it exports.

        Args:
            sources: C and assembler files.
            output: The file to write; ``NAME_debug.elf`` goes beside it.
            options: Further choices.

        Raises:
            BuildError: a tool refused.
            UsageError: nothing tells its CPU.
        """
        from llext.build import BuildOptions, build_extension
        from llext.firmware.building import options_for, processor_of, refuse_own

        refuse_own(self, Path(output))
        paths = [Path(source) for source in sources]
        return build_extension(paths, Path(output), processor_of(self), options_for(self, options or BuildOptions()))

    def link(
        self,
        extension: str | os.PathLike[str],
        *,
        at: int,
        ram: int | None = None,
        debug: str | os.PathLike[str] | None = None,
    ) -> Prelinked:
        """Links an extension for this firmware and one address, so that the device needs no loader.

        Args:
            extension: Its file.
            at: Address of the image on the device.
            ram: Address of data and bss, which lie behind the constants without it.
            debug: The file with its DWARF; ``NAME_debug.elf`` beside it or in build/llext, or itself, unless given.

        Raises:
            OSError: a file cannot be read.
            UsageError: an address that collides with the firmware, or cannot be.
            LoadError: it cannot run there, or the firmware does not export what it imports.
        """
        from llext.firmware.prelink import prelink

        expect("the address of the image", at, int)
        expect("the address of data and bss", ram, int, type(None))
        return prelink(self, Path(extension), at, ram, Path(debug) if debug else None)

    def execute(
        self, *extensions: str | os.PathLike[str], calls: Sequence[Call] = (), storage: str = "", limits: Limits | None = None
    ) -> Executed:
        """Loads extensions with its own loader, whose code is run without booting it, and unloads them again.

        Args:
            extensions: Their files, in order.
            calls: Of functions that they export, meanwhile; functions that need no hardware.
            storage: As for ``check``.
            limits: Of each call of its code.

        Raises:
            UsageError: its loader cannot be run here (ENOSYS), or a call cannot be made.
            OSError: a file cannot be read.
        """
        from llext.firmware.execute import execute

        return execute(self, [Path(os.fspath(path)) for path in extensions], calls, storage, limits)

    # What loads need ----------------------------------------------------------------------------------------------------

    @cached_property
    def debug(self) -> DebugIndex:
        """What its debug information tells."""
        return DebugIndex(self.image)

    def declarations(self, progress: Progress | None = None) -> Mapping[str, Declaration]:
        """Source and type of each export, as far as its debug information has them.

        Args:
            progress: Told while they are read for the first time.
        """
        return self.debug.declarations(self.exports.entries, progress)

    @cached_property
    def struct_bytes(self) -> Fact[int]:
        """Bytes of its struct llext."""
        told = self.debug.structs.get("llext")
        if told:
            return Fact(told, "its debug information")
        version, option = self._modelled.version, self.image.option
        sizes = {name: bool(option(key).value) for name, key in _SIZED.items()}
        size = struct_llext(version, **sizes).size
        if any(sizes.values()) and version != NEWEST:
            names = " and ".join(f"CONFIG_{_SIZED[name]}" for name, on in sizes.items() if on)
            return assumed(size, f"its size with {names} is not known for Zephyr {version}")
        if self._modelled.measured and option("ARM_MPU").value:
            return assumed(size, f"with an MPU, Zephyr {version} may have a memory domain in it")
        released = not self._between_releases and self.version.value.startswith(version)
        return Fact(size, f"that of Zephyr {version}", known=self._modelled.measured and released)

    @cached_property
    def storage_writable(self) -> Fact[int]:
        """Whether LLEXT_BUF_LOADER's memory may be changed: then regions stay in it."""
        return self.image.option("LLEXT_STORAGE_WRITABLE")

    @property
    def storage(self) -> str:
        """What LLEXT_BUF_LOADER stands for."""
        return "writable" if self.storage_writable.value else "persistent"

    @cached_property
    def heap_kind(self) -> Fact[str]:
        """Which of Zephyr's heaps the LLEXT heap is, in words."""
        return heap_kind(self.image)

    @cached_property
    def heap(self) -> Fact[HeapPlace] | None:
        """The LLEXT heap, None where the firmware has no single one of a fixed place."""
        if self._given_heap is not None:
            return Fact(self._given_heap, "--heap", known=bool(self._given_heap.address))
        return heap_place(self.image)

    @cached_property
    def heaps(self) -> tuple[Part, ...]:
        """The heaps that the LLEXT heap is made of: one, several, or none that is known."""
        if self.heap is not None:
            return (Part("LLEXT heap", "LLEXT_HEAP_SIZE", self.heap.value),)
        return heap_parts(self.image)

    @property
    def heap_options(self) -> Options:
        """How its sys_heap was built: where blocks lie depends on that, too."""
        return heap_options(self.image, clamp=self.rules.prepad)

    def facts(self) -> dict[str, Fact[object]]:
        """What matters for a load, by names for people."""
        return overview(self)


_ROUNDING_OPTIONS = ("MMU", "MPU_REQUIRES_POWER_OF_TWO_ALIGNMENT", "USERSPACE", "ARM_MPU", "ARC_MPU", "RISCV_PMP")
_PROTECTIONS = ("MMU", "MPU_REQUIRES_POWER_OF_TWO_ALIGNMENT", "ARM_MPU", "ARC_MPU", "RISCV_PMP")
_SIZED = {"userspace": "USERSPACE", "veneers": "LLEXT_VENEERS", "memblk": "LLEXT_HEAP_MEMBLK"}
"""What adds members to struct llext."""
