"""Whether a stock firmware will load extensions, one after the other, and why not.

The verdict is a stock loader's: the first thing that it objects to, in its order, with its errno. What nobody measured, or nothing told,
makes it "probably".
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from llext.abi.names import cut_name
from llext.elf import ElfFile, Section
from llext.elf import constants as c
from llext.errors import ElfError, Errno, LinkError, LlextError
from llext.firmware.exports import Export
from llext.firmware.firmware import Firmware
from llext.firmware.heap_place import part_of
from llext.firmware.importing import imports_of
from llext.firmware.memory import HeapModel, HeapUse, smallest
from llext.firmware.savings import local_symbols, with_veneers
from llext.firmware.unknown import unknown
from llext.firmware.verdict import Import, Result, Saving, Verdict
from llext.heap.geometry import Options
from llext.link import (
    Allocation,
    Check,
    Home,
    Note,
    Placed,
    Plan,
    RegionKind,
    StockRules,
    Symbol,
    allocations,
    apply,
    exported_names,
    note_exports,
    note_name,
    note_weak,
    plan,
    stock_notes,
)

_HALF = 1 << 31
"""Bytes; no power of two of 32 bits is larger."""
_UNPLACED = 0x10000000
"""Where regions are taken to lie whose place is not known: RAM is far from flash on every board that was measured."""
STORAGES = ("temporary", "persistent", "writable", "file")
"""Where the firmware has the files: in memory that is copied, lasts, or may be changed; or in a file system, which shows nothing in place."""


def check(firmware: Firmware, paths: Sequence[Path | str], storage: str = "") -> Verdict:
    """Whether a firmware will load extensions, in this order.

    Args:
        firmware: It.
        paths: Their files.
        storage: One of STORAGES; what its LLEXT_BUF_LOADER stands for unless given.

    Raises:
        OSError: a file cannot be read.
    """
    files = [Path(path) for path in paths]
    work = _Check(firmware, storage or firmware.storage, firmware.rules)
    results = tuple(work.one(path, files[number + 1 :]) for number, path in enumerate(files))
    return Verdict(firmware, results, dict(_smallest(work)), work.unknown, tuple(_savings(work, files, results)))


def check_one(firmware: Firmware, path: Path) -> Result:
    """What a firmware does with one extension alone, without what would save memory.

    Raises:
        OSError: the file cannot be read.
    """
    return _Check(firmware, firmware.storage, firmware.rules).one(path)


def _smallest(work: _Check) -> Iterator[tuple[str, int]]:
    """Options of the heaps' sizes, and the least bytes of each in which all that loads has room."""
    parts, options = work.firmware.heaps, Options(**work.firmware.heap_options | {"clamp": True})
    for number, part in enumerate(parts if work.loads else ()):
        own = [[wanted for wanted in wants if part_of(parts, wanted) == number] for wants in work.loads]
        found = smallest(own, partial(part.made, options=options))
        if found is not None:
            yield f"CONFIG_{part.option}", found


def _savings(work: _Check, files: Sequence[Path], results: Sequence[Result]) -> Iterator[Saving]:
    """What other ways would leave in use, by the same simulation."""
    if not all(result.loads and result.heap is not None for result in results):
        return
    firmware = work.firmware
    others = [
        ("in place: CONFIG_LLEXT_STORAGE_WRITABLE=y, the files in RAM that the loader may change", "writable", firmware.rules)
    ]
    if firmware.unprotected != firmware.rules:
        others.append((f"without {firmware.rounding_option}, which rounds regions", work.storage, firmware.unprotected))
    for what, storage, rules in others:
        other = _Check(firmware, storage, rules)
        used = [other.one(path).heap for path in files][-1]
        now = results[-1].heap
        if used is not None and now is not None and used.used < now.used:
            yield Saving(what, now.used - used.used)
    names = sum(map(local_symbols, files))
    if names and work.storage != "writable":
        yield Saving("no local symbols in the files: ld -x, as 'llext build' does", names)


@dataclass
class _Check:
    """One check in the making: what is loaded so far."""

    firmware: Firmware
    storage: str
    rules: StockRules
    model: HeapModel | None = field(init=False)
    loaded: dict[str, str] = field(default_factory=dict)
    later: dict[str, Path] = field(default_factory=dict)
    """What files export that were not looked at yet."""
    users: dict[str, int] = field(default_factory=dict)
    """How often each name is loaded."""
    loads: list[list[Allocation]] = field(default_factory=list)

    def __post_init__(self) -> None:
        parts, options = self.firmware.heaps, self.firmware.heap_options
        pools = [part.made(part.place.size, options) for part in parts]
        self.model = HeapModel(pools, lambda wanted: part_of(parts, wanted)) if pools else None
        self.unknown = unknown(self.firmware)

    def one(self, path: Path, behind: Sequence[Path] = ()) -> Result:
        """What happens to the next one, in front of others."""
        self.later = {name: each for each in reversed(behind) for name in _exported_by(each)}
        data = path.read_bytes()
        base = Result(path, cut_name(_name_of(path)), certain=not self.unknown)
        if base.name in self.users:
            self.users[base.name] += 1
            return replace(base, again=self.users[base.name] - 1)
        try:
            result = self._new(base, ElfFile.parse(data, str(path)))
        except LlextError as error:
            return self._unreadable(base, data, error)
        if result.loads:
            self.users[base.name] = 1
        return result

    def _new(self, base: Result, elf: ElfFile) -> Result:
        """One whose name is not loaded yet."""
        made = plan(elf, self.rules, detours=False)
        imports, exports = tuple(imports_of(made, self.firmware, self.loaded, self.later)), tuple(_exports(elf))
        base = replace(base, imports=imports, notes=_notes(made, _name_of(base.path), imports, exports), exports=exports)
        foreign, warnings = self._foreign(elf)
        base = replace(base, warnings=warnings)
        if foreign:
            return replace(base, may_crash=True, reason=foreign, hint="build it for this firmware: llext build --firmware.")
        return self._load(base, made, imports)

    def _unreadable(self, base: Result, data: bytes, error: LlextError) -> Result:
        """A file that our own reader refuses: what a stock loader answers, as far as that is known."""
        note = next((note for note in stock_notes(data, self.rules) if note.refuses), None)
        if note is None:
            return replace(base, errno=int(error.errno or Errno.ENOEXEC), reason=error.message, hint=error.hint, certain=False)
        return replace(base, errno=int(note.errno or 0), may_crash=note.crash, reason=note.reason, hint=note.hint)

    def _foreign(self, elf: ElfFile) -> tuple[str, tuple[str, ...]]:
        """Why the firmware's CPU cannot run a file, and what both understand differently; no stock loader looks at that."""
        machine, ours = elf.header.machine, self.firmware.arch.machine
        if machine != ours:
            built = c.MACHINE_NAMES.get(machine, f"machine {machine}")
            return (
                f"it is built for {built}, the firmware for {self.firmware.arch.name}: no loader looks at that, and its code is nonsense there",
                (),
            )
        found = list(self.firmware.arch.misfits(elf, self.firmware.image.elf))
        fatal = next((f"{each.text}: no loader looks at that" for each in found if each.fatal), "")
        return fatal, tuple(f"{each.text}: no loader looks at that, and values go wrong" for each in found if not each.fatal)

    def _load(self, base: Result, made: Plan, imports: tuple[Import, ...]) -> Result:
        early = self._refused_early(base, made)
        if early is not None:
            return early
        wants = self._wants(made)
        lost = {want.purpose: want.size - made.regions[want.kind].size for want in wants if want.kind is not None}
        base = replace(base, wants=tuple(wants), lost={purpose: count for purpose, count in lost.items() if count})
        self.loads.append(wants)

        def linked(places: list[int]) -> Result | None:
            return self._link(base, made, wants, places, imports)

        use, refused = self.model.load(wants, linked) if self.model is not None else (None, linked([]))
        base = replace(base, heap=use)
        if refused is not None:
            self.loads.pop()
            return replace(refused, heap=use)
        if use is not None and use.failed is not None:
            return self._full(base, use)
        for name in base.exports:
            self.loaded.setdefault(name, base.name)
        return _without_calls_of_data(base)

    def _refused_early(self, base: Result, made: Plan) -> Result | None:
        """Why it comes to no request to the heap, None if it does."""
        refusal = next((note for note in base.notes if note.refuses and not _about_linking(note)), None)
        if refusal is not None:
            return replace(
                base, errno=int(refusal.errno or 0), may_crash=refusal.crash, reason=refusal.reason, hint=refusal.hint
            )
        if self.firmware.has_no_rule:
            reason = "no memory protection alignment rule: CONFIG_USERSPACE without an MPU, PMP or MMU that its loader knows"
            return replace(
                base, errno=int(Errno.ENOTSUP), reason=reason, hint="CONFIG_USERSPACE=n, or the option of the CPU's MPU."
            )
        endless = next((kind for kind, region in made.regions.items() if self.rules.power_of_two and region.size > _HALF), None)
        if endless is not None:
            reason = f"its loader looks for ever for a power of two that holds region {endless.name.lower()}, {made.regions[endless].size} bytes"
            return replace(base, may_crash=True, reason=reason, hint="no device has such memory: is the file damaged?")
        return None

    def _wants(self, made: Plan) -> list[Allocation]:
        """What the loader asks the heap for, in its order."""
        option = self.firmware.image.option
        wants = allocations(
            made,
            peek=self.storage != "file",
            in_place=self._staying(made),
            all_globals=bool(option("LLEXT_IMPORT_ALL_GLOBALS").value),
        )
        return with_veneers(list(wants), made) if option("LLEXT_VENEERS").value else list(wants)

    def _link(
        self, base: Result, made: Plan, wants: list[Allocation], places: list[int], imports: tuple[Import, ...]
    ) -> Result | None:
        """Why it is refused where the loader links it, None if it is not."""
        missing = next((each for each in imports if each.provider is None and not each.weak), None)
        if missing is not None:
            return replace(base, errno=int(Errno.ENODATA), reason=f"nothing provides {missing.name!r}", hint=missing.hint)
        late = next((note for note in base.notes if note.refuses), None)
        if late is not None:
            return replace(base, errno=int(late.errno or 0), may_crash=late.crash, reason=late.reason, hint=late.hint)
        broken = self._linked(made, wants, places, imports)
        if broken is not None:
            return replace(base, errno=int(broken.errno or Errno.ENOEXEC), reason=broken.message, hint=broken.hint)
        return None

    def _full(self, base: Result, use: HeapUse) -> Result:
        assert use.failed is not None
        if use.may_crash:
            return replace(base, may_crash=True, reason=use.may_crash, hint="give the heap another size.")
        part = self.firmware.heaps[part_of(self.firmware.heaps, use.failed)]
        what = f"region {use.failed.purpose}" if use.failed.kind is not None else use.failed.purpose
        room = (
            f"{use.failed.size} bytes, {use.failed.alignment}-byte aligned"
            if use.failed.alignment > 1
            else f"{use.failed.size} bytes"
        )
        return replace(
            base, errno=int(Errno.ENOMEM), reason=f"the {part.name} has no room for its {what}: {room}",
            hint=f"CONFIG_{part.option} gives it more.",
        )  # fmt: skip

    def _staying(self, made: Plan) -> frozenset[RegionKind]:
        """Regions that stay in the buffer: all but zeroed ones where it may be changed; from 4.1 on constants that nobody relocates."""
        if self.storage == "writable":
            return frozenset(made.regions) - {RegionKind.BSS}
        if self.storage != "persistent" or not self.rules.prepad:
            return frozenset()
        changed = {made.places[target.index].kind for target in _relocated(made)}
        constant = (
            RegionKind.TEXT,
            RegionKind.RODATA,
            RegionKind.EXPORT,
            RegionKind.SYMTAB,
            RegionKind.STRTAB,
            RegionKind.SHSTRTAB,
        )
        return frozenset(kind for kind in made.regions if kind in constant and kind not in changed)

    def _linked(self, made: Plan, wants: list[Allocation], places: list[int], imports: tuple[Import, ...]) -> LinkError | None:
        """Relocates it where it lands, as far as that is known: what does not reach, or is not supported."""
        at = dict(zip((want.kind for want in wants if want.kind is not None), self._regions_at(wants, places), strict=True))
        made = self._linkable(made)
        regions: dict[Home, Placed] = {}
        for kind in made.regions:
            regions[kind] = Placed(at.get(kind, _UNPLACED), memoryview(made.contents(kind)))
        known: Mapping[str, Import] = {each.name: each for each in imports}

        def resolve(name: str, _weak: bool) -> Symbol | None:
            provider = known[name].provider
            if isinstance(provider, Export):
                code = bool(provider.address & self.firmware.arch.code_symbol_bit)
                return Symbol(name, provider.address, "firmware", code)
            return Symbol(name, _UNPLACED | self.firmware.arch.code_symbol_bit, str(provider), True) if provider else None

        try:
            apply(made, self.firmware.arch, regions, resolve)
        except LinkError as error:
            return error
        return None

    def _linkable(self, made: Plan) -> Plan:
        """The plan to link by: with veneers where the firmware makes some, which are then in reach."""
        return plan(made.elf, self.rules) if self.firmware.image.option("LLEXT_VENEERS").value else made

    def _regions_at(self, wants: list[Allocation], places: list[int]) -> Iterator[int]:
        known = places or [_UNPLACED] * len(wants)
        return (place for place, want in zip(known, wants, strict=False) if want.kind is not None)


def _name_of(path: Path) -> str:
    """The name that a file is loaded under here: its own."""
    return os.fsencode(path.stem).decode("utf-8", "replace")


def _without_calls_of_data(loaded: Result) -> Result:
    """What loads, and may crash when it is called: 3.7's table has an address for system calls that nobody implements."""
    stub = next((each for each in loaded.imports if isinstance(each.provider, Export) and not each.provider.implemented), None)
    if stub is None:
        return loaded
    reason = f"it loads, and a call of {stub.name!r} runs data: a system call that nobody implements"
    return replace(loaded, may_crash=True, reason=reason, hint=stub.hint)


def _about_linking(note: Note) -> bool:
    """Whether a stock loader comes to it only when it links: behind all of its allocations."""
    return note.check >= Check.RELOCATION_ENTRY


def _notes(made: Plan, name: str, imports: tuple[Import, ...], exports: tuple[str, ...]) -> tuple[Note, ...]:
    """What a stock loader would do with the file, that which only shows with its firmware and name included."""
    late = made.notes_to_come()
    for each in imports:
        if each.weak and each.provider is None:
            note_weak(late, each.name)
    note_exports(late, exports)
    note_name(late, name, cut_name(name))
    return (*made.notes, *late.in_order())


def _relocated(made: Plan) -> Iterator[Section]:
    for section in made.elf.relocation_sections:
        target = made.elf.relocation_target(section)
        if made.relocates(target):
            yield target


def _exported_by(path: Path) -> list[str]:
    try:
        return list(_exports(ElfFile.parse(path.read_bytes(), str(path))))
    except (ElfError, OSError):
        return []


def _exports(elf: ElfFile) -> Iterator[str]:
    try:
        yield from exported_names(elf)
    except ElfError:
        return
