"""An extension linked for one firmware and one place: an image that needs no loader, no symbols and no relocation on the device.

The plan and the linker are the board's own, what is missing is what ``check`` says. Here is what joins them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from llext.dwarf.twins import debug_files
from llext.elf import ElfFile, decompressed
from llext.elf import constants as c
from llext.errors import ElfError, Errno, LinkError, LoadError
from llext.firmware.address_map import AddressMap, address_map
from llext.firmware.check import check_one
from llext.firmware.exports import Export
from llext.firmware.firmware import Firmware
from llext.firmware.identity import NOTE_OWNER, NOTE_SECTION, Identity, identity_of
from llext.firmware.placement import VARIABLE, Layout, lay_out_image, place_warnings
from llext.firmware.prelinked import Copy, FunctionArray, LinkedRegion, Prelinked, Saved, Zeroed
from llext.firmware.verdict import Import, Result
from llext.link import TABLES, ElfNote, Home, Placed, Plan, RegionKind, Symbol, apply, linked_elf, matches, plan

_POINTER = 4
_NAMED = 4
"""Missing names that a message has."""


def prelink(firmware: Firmware, path: Path, at: int, ram: int | None = None, debug: Path | None = None) -> Prelinked:
    """Links a file for a firmware.

    Args:
        firmware: It.
        path: The extension.
        at: Address of the image on the device.
        ram: Address of data and bss; behind the constants without it.
        debug: The file with its DWARF; ``NAME_debug.elf`` beside it or in build/llext, or itself, without it.

    Raises:
        OSError: a file cannot be read.
        ElfError: it is malformed.
        UsageError: an address that cannot be; what would help is in the hint.
        LoadError: it cannot run there, or nothing provides what it imports.
    """
    data = path.read_bytes()
    elf = ElfFile.parse(data, str(path))
    _refuse_foreign(firmware, elf)
    verdict = check_one(firmware, path)
    linked = _Linker(firmware, elf, address_map(firmware), at, ram, verdict).run()
    donor, why = _debug_file(path, elf, debug)
    return _told(linked, donor, why, len(data))


def _refuse_foreign(firmware: Firmware, elf: ElfFile) -> None:
    """Code that the firmware's CPU cannot execute, as far as that CPU is told and known here."""
    hint = "build it for this firmware's CPU: llext build --firmware."
    arch = firmware.arch
    if elf.header.machine != arch.machine:
        built = c.MACHINE_NAMES.get(elf.header.machine, f"machine {elf.header.machine}")
        raise LoadError(
            f"{elf.name} is built for {built}, and the firmware {firmware.image.path} for {arch.name}", hint=hint
        )  # fmt: skip
    why = next((each.text for each in arch.misfits(elf, firmware.image.elf) if each.fatal), "")
    if why:
        raise LoadError(f"{elf.name}: {why}", hint=hint)


def _debug_file(path: Path, elf: ElfFile, given: Path | None) -> tuple[ElfFile | None, str]:
    """The file with the DWARF, or why there is none.

    Raises:
        ElfError: the one that was given is malformed.
        OSError: it cannot be read.
    """
    why = f"no DWARF in {given or path}{'' if given else ', and no debug file beside it'}: no lines in the ELF, symbols only"
    for each in [given] if given else debug_files(path):
        try:
            found = ElfFile.parse(decompressed(each.read_bytes()), str(each))
            has_lines = found.section(".debug_info") is not None
            if has_lines and matches(elf, found):
                return found, ""
        except ElfError:
            if given:
                raise
            continue
        if has_lines:
            why = f"{each} is of another build than {path}: no lines in the ELF"
    return None, why


# Linking ------------------------------------------------------------------------------------------------------------------


@dataclass
class _Linker:
    """One link: addresses, then bytes."""

    firmware: Firmware
    elf: ElfFile
    map: AddressMap
    at: int
    ram: int | None
    verdict: Result
    plan: Plan = field(init=False)
    layout: Layout = field(init=False)
    regions: dict[Home, Placed] = field(default_factory=dict)
    imports: dict[str, Symbol] = field(default_factory=dict)
    relocated: int = 0

    def run(self) -> _Linker:
        """Without veneers if every branch reaches, else with room for all that may need one."""
        self._plan(detours=False)
        self._resolve()
        try:
            self._place_and_apply()
        except LinkError as error:
            if "distance" not in error.details:
                raise
            self._plan(detours=True)
            if not self.plan.veneers:
                raise
            self._place_and_apply()
        return self

    def _plan(self, *, detours: bool) -> None:
        """Alignments are the file's: no heap rounds anything here."""
        rules = replace(self.firmware.rules, exact=False, prepad=False, power_of_two=False, rounding=1)
        self.plan = plan(self.elf, rules, detours=detours, packed=True)

    def _resolve(self) -> None:
        """Addresses of what it imports; only the firmware's own exports count.

        Raises:
            LinkError: the firmware does not have one of them.
        """
        known = {each.name: each for each in self.verdict.imports}
        missing = []
        for name, weak in self.plan.imports.items():
            each = known.get(name, Import(name, None, weak))
            if isinstance(each.provider, Export) and each.provider.implemented:
                self.imports[name] = self._symbol(each.provider)
            elif not weak:
                missing.append(each)
        if missing:
            raise self._missing(missing)

    def _symbol(self, export: Export) -> Symbol:
        """Whether it is code its symbol tells; where that was stripped, the bit of the instruction set."""
        own = self.firmware.image.symbols.get(export.name)
        told = own is not None and own.value == export.address
        code = own.type == c.STT_FUNC if told and own else bool(export.address & self.firmware.arch.code_symbol_bit)
        return Symbol(export.name, export.address, "firmware", code)

    def _missing(self, missing: list[Import]) -> LinkError:
        names = ", ".join(repr(each.name) for each in missing[:_NAMED])
        more = f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else ""
        return LinkError(
            f"{self.elf.name}: {self.firmware.image.path} does not provide {names}{more}",
            hint="\n  ".join(each.hint for each in missing[:_NAMED]),
            errno=Errno.ENODATA,
            details={"missing": [each.name for each in missing]},
        )

    def _place_and_apply(self) -> None:
        self.layout = lay_out_image(self.plan, self.map, self.at, self.ram)
        self.regions = {kind: Placed(0, memoryview(b"")) for kind in TABLES}  # nobody asks where those are
        for kind, address in self.layout.used.items():
            self.regions[kind] = Placed(address, memoryview(self.plan.contents(kind)))
        arch = self.firmware.arch
        self.relocated = apply(self.plan, arch, self.regions, lambda name, _weak: self.imports.get(name))

    # What it shows ----------------------------------------------------------------------------------------------------

    def image(self) -> bytes:
        """What goes to the device; what lies between regions is zero."""
        out = bytearray(self.layout.end - self.at)
        for kind, place in self.layout.stored.items():
            data = self.regions[kind].data
            out[place - self.at : place - self.at + data.nbytes] = data
        return bytes(out)

    def words(self, kind: RegionKind) -> list[int]:
        """A region's words."""
        data = self.regions[kind].data if kind in self.plan.regions else memoryview(b"")
        ends = range(_POINTER, data.nbytes + 1, _POINTER)
        return [int.from_bytes(data[end - _POINTER : end], "little") for end in ends]

    def text(self, address: int) -> str:
        """The text at an address in a region; empty if there is none."""
        for placed in self.regions.values():
            start = address - placed.address
            if 0 <= start < placed.data.nbytes:
                return bytes(placed.data[start:]).partition(b"\0")[0].decode("utf-8", "backslashreplace")
        return ""


# The answer ---------------------------------------------------------------------------------------------------------------


def _told(linked: _Linker, donor: ElfFile | None, why: str, size: int) -> Prelinked:
    identity = identity_of(linked.firmware.image.elf)
    warnings = [*place_warnings(linked.plan, linked.map, linked.layout, linked.at, linked.ram), *_of_calls(linked)]
    return Prelinked(
        path=Path(linked.elf.name),
        firmware=linked.firmware.image.path,
        identity=identity,
        image=linked.image(),
        load_address=linked.at,
        regions=tuple(_regions(linked)),
        imports={name: linked.imports[name].address if name in linked.imports else None for name in linked.plan.imports},
        exports=_exports(linked),
        copies=tuple(_copies(linked)),
        zeroed=tuple(Zeroed(each.address, each.data.nbytes) for kind, each in linked.regions.items() if kind is RegionKind.BSS),
        init=tuple(_arrays(linked, RegionKind.PREINIT, RegionKind.INIT)),
        fini=tuple(_arrays(linked, RegionKind.FINI)),
        elf=_elf(linked, donor, identity),
        debug=Path(donor.name) if donor is not None else None,
        veneers=sum(annex.size for annex in linked.plan.veneers),
        saved=_saved(linked, size),
        warnings=(*warnings, *([why] if why else [])),
    )


def _elf(linked: _Linker, donor: ElfFile | None, identity: Identity) -> bytes:
    note = ElfNote(NOTE_SECTION, NOTE_OWNER, identity.type, identity.value)
    stored: dict[Home, int] = dict(linked.layout.stored.items())
    arch = linked.firmware.arch
    return linked_elf(linked.plan, arch, linked.regions, linked.imports, debug=donor, stored=stored, notes=[note])


def _regions(linked: _Linker) -> Iterator[LinkedRegion]:
    for kind, address in sorted(linked.layout.used.items(), key=lambda row: row[1]):
        stored = linked.layout.stored.get(kind, address)
        permission = "rw" if kind in VARIABLE else "r" if kind is not RegionKind.TEXT else "rx"
        yield LinkedRegion(kind.name.lower(), address, stored, linked.plan.regions[kind].size, permission)


def _exports(linked: _Linker) -> dict[str, int]:
    """Its export table as linking left it: pairs of the address of a name and the address of what has it."""
    words = linked.words(RegionKind.EXPORT)
    pairs = zip(words[::2], words[1::2], strict=False)
    return {name: address for pointer, address in pairs if (name := linked.text(pointer))}


def _copies(linked: _Linker) -> Iterator[Copy]:
    for kind, place in linked.layout.stored.items():
        address = linked.layout.used[kind]
        if address != place:
            yield Copy(place, address, linked.plan.regions[kind].size)


def _arrays(linked: _Linker, *kinds: RegionKind) -> Iterator[FunctionArray]:
    for kind in kinds:
        if kind in linked.layout.used:
            yield FunctionArray(kind.name.lower(), linked.layout.used[kind], tuple(linked.words(kind)))


def _of_calls(linked: _Linker) -> Iterator[str]:
    """What both sides understand differently; few extensions meet it, so that it is told, not refused."""
    for each in linked.firmware.arch.misfits(linked.elf, linked.firmware.image.elf):
        if not each.fatal:
            yield f"{each.text}: such values go wrong between them"


def _saved(linked: _Linker, size: int) -> Saved:
    def total(*types: int) -> int:
        return sum(section.size for section in linked.elf.sections if section.type in types)

    use = linked.verdict.heap if linked.verdict.heap is not None and linked.verdict.heap.failed is None else None
    return Saved(
        file=size,
        symbols=total(c.SHT_SYMTAB),
        strings=total(c.SHT_STRTAB),
        relocations=total(c.SHT_REL, c.SHT_RELA),
        relocated=linked.relocated,
        heap=use.used if use is not None else None,
        peak=use.peak if use is not None else None,
    )
